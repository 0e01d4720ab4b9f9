#include "report/explain_report.h"

#include "report/parts.h"

enum { NUMBER = 5, STATE = 15, TEXT = NUMBER + STATE };

static const enum colour state_colours[] = {GREEN, DIM, YELLOW, YELLOW};

static void heading(const struct layout *l, const char *text)
{
    sb_putc(l->out, '\n');
    lay_colour(l, BOLD, str_of(text));
    sb_putc(l->out, '\n');
}

static void put_evidence(struct sb *b, const struct evidence *e)
{
    sb_str(b, e->artefact);
    if (e->where.len)
        sb_printf(b, "%s" STR_FMT, b->len ? ": " : "", STR_ARG(e->where));
    if (e->note.len)
        sb_printf(b, "%s(" STR_FMT ")", b->len ? " " : "", STR_ARG(e->note));
}

static void below(const struct layout *l, const struct sb *b)
{
    if (!b->len)
        return;
    sb_printf(l->out, "%*s", TEXT, "");
    lay_wrap(l, (struct str){b->ptr, b->len}, TEXT);
}

/* "    3  found          HKLM\...\X", then what it is and where it comes from. */
static void one_read(const struct layout *l, size_t number, const struct explain_read *r)
{
    const char *state = fact_state_name(r->state);
    struct sb b;
    sb_init(&b, 1 << 20);
    sb_printf(l->out, "%*zu  ", NUMBER - 2, number);
    lay_colour(l, state_colours[r->state], str_of(state));
    lay_pad(l, strlen(state), STATE);
    sb_str(&b, r->place);
    if (r->data.len)
        sb_printf(&b, " = " STR_FMT, STR_ARG(r->data));
    lay_wrap(l, (struct str){b.ptr, b.len}, TEXT);
    b.len = 0;
    sb_str(&b, r->reason);
    below(l, &b);
    b.len = 0;
    if (r->state == FACT_FOUND || r->kind[0] == 'v' || r->kind[0] == 'k')
        put_evidence(&b, &r->evidence);
    below(l, &b);
    sb_done(&b);
}

static void one_decision(const struct layout *l, const struct explain_decision *d)
{
    struct sb b;
    sb_init(&b, 1 << 20);
    sb_printf(l->out, "%*s", NUMBER, "");
    lay_colour(l, CYAN, STR("decided"));
    lay_pad(l, 7, STATE);
    sb_printf(&b, STR_FMT ": ", STR_ARG(d->subject));
    if (d->text.len)
        sb_str(&b, d->text); /* names the store, too */
    else if (d->decided_by.len)
        sb_printf(&b, "%s, by " STR_FMT, d->word, STR_ARG(d->decided_by));
    else
        sb_puts(&b, d->word);
    lay_wrap(l, (struct str){b.ptr, b.len}, TEXT);
    sb_done(&b);
}

static void one_step(const struct layout *l, const struct explain_step *s)
{
    enum { STEP = 2, DEEP = 10 };
    struct str word = terminal_verdict_word(s->verdict);
    unsigned indent = (s->depth < DEEP ? s->depth : DEEP) * STEP;
    struct sb b;
    sb_init(&b, 1 << 20);
    sb_printf(l->out, "%*s", NUMBER, "");
    lay_colour(l, terminal_verdict_colour(s->verdict), word);
    lay_pad(l, word.len, STATE);
    sb_printf(l->out, "%*s", (int)indent, "");
    lay_wrap(l, s->want, TEXT + indent);
    if (s->message.len) {
        sb_printf(l->out, "%*s", (int)(TEXT + indent), "");
        lay_wrap(l, s->message, TEXT + indent);
    }
    sb_done(&b);
}

static void trace(const struct layout *l, const struct explanation *x)
{
    size_t number = 0, told = 0, other = 0;
    heading(l, "facts, in the order in which they were read");
    for (size_t i = 0; i < x->read_count && !l->out->bad; i++) {
        for (; told < x->decision_count && x->decisions[told].after <= i; told++)
            one_decision(l, &x->decisions[told]);
        if (x->reads[i].by_rule)
            one_read(l, ++number, &x->reads[i]);
        else
            other++;
    }
    for (; told < x->decision_count; told++)
        one_decision(l, &x->decisions[told]);
    if (!number)
        sb_printf(l->out, "%*snone\n", NUMBER, "");
    if (other)
        sb_printf(l->out, "%*s%zu more tell which Windows this is (--format json)\n", NUMBER, "",
                  other);
}

void report_explain_terminal(const struct run_report *run, const struct explanation *x,
                             const struct report_style *style, struct sb *out)
{
    struct layout l = {out, style};
    terminal_report_head(&l, run);
    for (size_t i = 0; i < run->result_count; i++) {
        lay_colour(&l, BOLD, run->results[i].rule->qualified);
        sb_printf(out, "  %s\n", severity_name(run->results[i].rule->severity));
        lay_wrap(&l, run->results[i].rule->title, 0);
    }
    trace(&l, x);
    if (x->step_count)
        heading(&l, "the wanted state, part by part");
    for (size_t i = 0; i < x->step_count && !out->bad; i++)
        one_step(&l, &x->steps[i]);
    heading(&l, "verdict");
    for (size_t i = 0; i < run->result_count; i++)
        terminal_report_result(&l, &run->results[i]);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

static void number(struct json *j, const char *key, uint64_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

static void reads_json(struct json *j, const struct explanation *x)
{
    json_key(j, "reads");
    json_open_array(j);
    for (size_t i = 0; i < x->read_count; i++) {
        const struct explain_read *r = &x->reads[i];
        json_open_object(j);
        number(j, "number", i + 1);
        text(j, "kind", str_of(r->kind));
        text(j, "fact", r->place);
        text(j, "state", str_of(fact_state_name(r->state)));
        text(j, "reason", r->reason);
        text(j, "data", r->data);
        number(j, "times", r->times);
        text(j, "for", r->by_rule ? STR("rule") : STR("host"));
        json_key(j, "evidence");
        json_report_evidence(j, &r->evidence);
        json_close_object(j);
    }
    json_close_array(j);
}

static void decisions_json(struct json *j, const struct explanation *x)
{
    json_key(j, "decisions");
    json_open_array(j);
    for (size_t i = 0; i < x->decision_count; i++) {
        const struct explain_decision *d = &x->decisions[i];
        json_open_object(j);
        number(j, "after_read", d->after);
        text(j, "subject", d->subject);
        text(j, "word", str_of(d->word));
        text(j, "text", d->text);
        text(j, "decided_by", d->decided_by);
        json_close_object(j);
    }
    json_close_array(j);
}

static void steps_json(struct json *j, const struct explanation *x)
{
    json_key(j, "steps");
    json_open_array(j);
    for (size_t i = 0; i < x->step_count; i++) {
        const struct explain_step *s = &x->steps[i];
        json_open_object(j);
        number(j, "depth", s->depth);
        text(j, "want", s->want);
        json_key(j, "line");
        json_i64(j, s->line);
        text(j, "verdict", str_of(verdict_name(s->verdict)));
        text(j, "message", s->message);
        json_close_object(j);
    }
    json_close_array(j);
}

void report_explain_json(const struct run_report *run, const struct explanation *x, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    json_report_head(&j, "rectify.explain/1", run);
    reads_json(&j, x);
    decisions_json(&j, x);
    steps_json(&j, x);
    for (size_t i = 0; i < run->result_count && i < 1; i++) {
        json_key(&j, "result");
        json_report_result(&j, &run->results[i]);
    }
    json_close_object(&j);
    sb_putc(out, '\n');
}
