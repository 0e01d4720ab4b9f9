#include "base/wtime.h"
#include "report/waivers.h"

enum { EVIDENCE_SHOWN = 3 };

static const struct {
    const char *word;
    enum colour colour;
} marks[VERDICTS] = {
    [VERDICT_PASS] = {"PASS", GREEN},          [VERDICT_FAIL] = {"FAIL", RED},
    [VERDICT_CONFLICT] = {"CONFLICT", YELLOW}, [VERDICT_UNKNOWN] = {"UNKNOWN", YELLOW},
    [VERDICT_ERROR] = {"ERROR", RED},          [VERDICT_NOT_APPLICABLE] = {"N/A", DIM},
    [VERDICT_WAIVED] = {"WAIVED", CYAN},
};

static bool is_finding(const struct result *r)
{
    return r->verdict != VERDICT_PASS && r->verdict != VERDICT_NOT_APPLICABLE;
}

static void join(struct sb *b, struct str part, const char *before)
{
    if (part.len == 0)
        return;
    sb_puts(b, b->len ? before : "");
    sb_str(b, part);
}

static void header_line(const struct layout *l, const char *label, const struct sb *text)
{
    lay_colour(l, DIM, str_of(label));
    lay_pad(l, strlen(label), 11);
    lay_wrap(l, (struct str){text->ptr, text->len}, 11);
}

static void host_text(const struct target_info *t, struct sb *b)
{
    join(b, t->computer_name.len ? t->computer_name : STR("(name not known)"), "");
    join(b, t->os_product, ", ");
    if (t->os_version.len || t->os_build.len) {
        sb_puts(b, " (");
        size_t start = b->len;
        sb_str(b, t->os_version);
        if (t->os_build.len)
            sb_printf(b, "%sbuild " STR_FMT, b->len > start ? ", " : "", STR_ARG(t->os_build));
        sb_puts(b, ")");
    }
    join(b, t->os_arch, ", ");
    join(b, t->os_language, ", ");
    join(b, t->time_zone, ", ");
}

static void target_text(const struct target_info *t, struct sb *b)
{
    sb_puts(b, target_kind_name(t->kind));
    join(b, t->location, " ");
    join(b, t->volume, ", volume ");
    sb_puts(b, t->collection ? ", a collection" : ", a full volume");
    if (t->collection_why.len) {
        sb_puts(b, " (");
        sb_str(b, t->collection_why);
        sb_puts(b, ")");
    }
}

static void header(const struct layout *l, const struct run_report *run)
{
    char time[WTIME_TEXT];
    struct sb b;
    sb_init(&b, 1 << 20);
    host_text(&run->target, &b);
    header_line(l, "host", &b);
    b.len = 0;
    target_text(&run->target, &b);
    header_line(l, "target", &b);
    b.len = 0;
    sb_puts(&b, run->reference_time ? wtime_format(run->reference_time, time) : "not known");
    if (run->reference_why.len) {
        sb_puts(&b, ": ");
        sb_str(&b, run->reference_why);
    }
    header_line(l, "as of", &b);
    b.len = 0;
    sb_str(&b, run->profile);
    if (b.len)
        header_line(l, "profile", &b);
    if (run->target.unelevated && run->unread_facts) {
        b.len = 0;
        sb_printf(&b, "not elevated: run elevated for %zu more facts", run->unread_facts);
        header_line(l, "rights", &b);
    }
    for (size_t i = 0; i < run->target.note_count; i++) {
        b.len = 0;
        sb_str(&b, run->target.notes[i]);
        header_line(l, "note", &b);
    }
    sb_done(&b);
    sb_putc(l->out, '\n');
}

static void evidence(const struct layout *l, const struct result *r)
{
    size_t shown = l->style->verbose ? r->evidence.count : EVIDENCE_SHOWN;
    struct sb b;
    sb_init(&b, 1 << 20);
    for (size_t i = 0; i < r->evidence.count && i < shown; i++) {
        const struct evidence *ev = &r->evidence.items[i];
        b.len = 0;
        sb_str(&b, ev->artefact);
        join(&b, ev->where, ": ");
        if (ev->note.len) {
            sb_puts(&b, " (");
            sb_str(&b, ev->note);
            sb_puts(&b, ")");
        }
        if (l->style->verbose && ev->sha256[0])
            sb_printf(&b, " sha256 %s", ev->sha256);
        lay_field(l, i == 0 ? "evidence" : "", (struct str){b.ptr, b.len});
    }
    b.len = 0;
    if (r->evidence.count > shown) {
        sb_printf(&b, "and %zu more (--verbose, or --format json)", r->evidence.count - shown);
        lay_field(l, "", (struct str){b.ptr, b.len});
    }
    sb_done(&b);
}

static void covered(const struct layout *l, const struct coverage *c)
{
    if (!c->known)
        return;
    char from[WTIME_TEXT], to[WTIME_TEXT];
    struct sb b;
    sb_init(&b, 1 << 16);
    if (c->from && c->to)
        sb_printf(&b, "%s to %s", wtime_format(c->from, from), wtime_format(c->to, to));
    else
        sb_puts(&b, "nothing");
    sb_puts(&b, c->complete ? ", the whole window" : ", not the whole window");
    join(&b, c->reason, ": ");
    lay_field(l, "covers", (struct str){b.ptr, b.len});
    sb_done(&b);
}

static void remedies(const struct layout *l, const struct result *r)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    for (size_t i = 0; i < r->remedy_count; i++) {
        b.len = 0;
        if (r->remedy_count > 1)
            sb_printf(&b, "%zu. ", i + 1);
        sb_str(&b, r->remedies[i]);
        lay_field(l, i == 0 ? "next" : "", (struct str){b.ptr, b.len});
    }
    sb_done(&b);
}

static void verdict_line(const struct layout *l, const struct result *r)
{
    const char *word = marks[r->verdict].word;
    lay_colour(l, marks[r->verdict].colour, str_of(word));
    lay_pad(l, strlen(word), 9);
    lay_colour(l, BOLD, r->rule->qualified);
    const char *severity = severity_name(r->rule->severity);
    size_t at = 9 + terminal_columns(r->rule->qualified), end = l->style->width - strlen(severity);
    if (is_finding(r) && at + 2 < end) {
        lay_pad(l, at, end);
        lay_colour(l, DIM, str_of(severity));
    }
    sb_putc(l->out, '\n');
}

static void finding(const struct layout *l, const struct result *r)
{
    verdict_line(l, r);
    if (l->style->quiet)
        return;
    sb_printf(l->out, "%*s", LABEL_INDENT, "");
    lay_wrap(l, r->rule->title, LABEL_INDENT);
    lay_field(l, "result", r->message);
    lay_field(l, "observed", r->observed.text);
    lay_field(l, "expected", r->expected.text);
    covered(l, &r->coverage);
    terminal_waiver(l, r);
    evidence(l, r);
    remedies(l, r);
    sb_putc(l->out, '\n');
}

void terminal_report_head(const struct layout *l, const struct run_report *run)
{
    header(l, run);
}

void terminal_report_result(const struct layout *l, const struct result *r)
{
    finding(l, r);
}

struct str terminal_verdict_word(enum verdict v)
{
    return str_of(marks[v].word);
}

enum colour terminal_verdict_colour(enum verdict v)
{
    return marks[v].colour;
}

static void brief(const struct layout *l, const struct result *r)
{
    if (l->style->verbose) {
        finding(l, r);
        return;
    }
    verdict_line(l, r);
    lay_field(l, r->verdict == VERDICT_PASS ? "observed" : "because",
              r->message.len ? r->message : r->observed.text);
}

static void diagnoses(const struct layout *l, const struct run_report *run)
{
    for (size_t i = 0; i < run->diagnosis_count; i++) {
        const struct diagnosis *d = &run->diagnosis[i];
        lay_colour(l, d->likely ? BOLD : DIM, d->cause);
        sb_putc(l->out, '\n');
        lay_field(l, "article", d->article);
        lay_field(l, "diagnosis", d->text);
    }
    if (run->diagnosis_count)
        sb_putc(l->out, '\n');
}

static void summary(const struct layout *l, const struct run_report *run)
{
    static const enum verdict order[] = {VERDICT_FAIL,  VERDICT_CONFLICT, VERDICT_UNKNOWN,
                                         VERDICT_ERROR, VERDICT_PASS,     VERDICT_NOT_APPLICABLE,
                                         VERDICT_WAIVED};
    static const char *const words[VERDICTS] = {
        [VERDICT_PASS] = "passed",          [VERDICT_FAIL] = "failed",
        [VERDICT_CONFLICT] = "in conflict", [VERDICT_UNKNOWN] = "unknown",
        [VERDICT_ERROR] = "broken",         [VERDICT_NOT_APPLICABLE] = "not applicable",
        [VERDICT_WAIVED] = "waived",
    };
    struct sb b;
    sb_init(&b, 4096);
    sb_printf(&b, "%zu rule%s: ", run->result_count, run->result_count == 1 ? "" : "s");
    lay_colour(l, BOLD, (struct str){b.ptr, b.len});
    bool first = true;
    for (size_t i = 0; i < VERDICTS; i++) {
        uint64_t n = run->summary[order[i]];
        if (!n)
            continue;
        b.len = 0;
        sb_printf(&b, "%s%llu %s", first ? "" : ", ", (unsigned long long)n, words[order[i]]);
        lay_colour(l, marks[order[i]].colour, (struct str){b.ptr, b.len});
        first = false;
    }
    sb_putc(l->out, '\n');
    sb_done(&b);
}

void report_terminal(const struct run_report *run, const struct report_style *style, struct sb *out)
{
    struct layout l = {out, style};
    if (!style->quiet)
        header(&l, run);
    for (size_t i = 0; i < run->result_count; i++)
        if (is_finding(&run->results[i]))
            finding(&l, &run->results[i]);
    bool any = false;
    for (size_t i = 0; i < run->result_count && !style->quiet; i++)
        if (!is_finding(&run->results[i])) {
            brief(&l, &run->results[i]);
            any = true;
        }
    if (any)
        sb_putc(out, '\n');
    if (!style->quiet)
        diagnoses(&l, run);
    if (!style->quiet)
        terminal_waiver_notes(&l, run);
    summary(&l, run);
}

/* ---- facts --------------------------------------------------------------------------------- */

static void product(const struct layout *l, const struct product_fact *p)
{
    static const char *const states[] = {"", "not installed", "CONFLICT", "UNKNOWN"};
    char version[VERSION_TEXT];
    struct sb b;
    sb_init(&b, 1 << 16);
    lay_colour(l, BOLD, p->def->name);
    if (p->state == PRODUCT_INSTALLED || p->state == PRODUCT_CONFLICT) {
        sb_printf(&b, " %s", version_format(p->version, version));
        if (p->patch.len)
            sb_printf(&b, " (" STR_FMT ")", STR_ARG(p->patch));
    }
    if (p->state != PRODUCT_INSTALLED)
        sb_printf(&b, ": %s", states[p->state]);
    lay_colour(l,
               p->state == PRODUCT_INSTALLED ? GREEN
               : p->state == PRODUCT_ABSENT  ? DIM
                                             : YELLOW,
               (struct str){b.ptr, b.len});
    sb_putc(l->out, '\n');
    lay_field(l, "because", p->reason);
    for (size_t i = 0; i < p->reading_count; i++) {
        const struct product_reading *r = &p->readings[i];
        if (r->state == FACT_ABSENT)
            continue;
        b.len = 0;
        sb_str(&b, r->text.len ? r->text : str_of(fact_state_name(r->state)));
        sb_printf(&b, "  " STR_FMT, STR_ARG(r->source->label));
        join(&b, r->view, ", ");
        join(&b, r->evidence.where, ": ");
        if (r->state != FACT_FOUND)
            join(&b, r->evidence.note, ": ");
        lay_field(l, "source", (struct str){b.ptr, b.len});
    }
    sb_done(&b);
}

static void service(const struct layout *l, const struct service_fact *s)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    if (s->state == FACT_FOUND) {
        sb_puts(&b, s->has_start ? service_start_name(s->start) : "no start type");
        join(&b, s->image_path, "  ");
    } else {
        sb_puts(&b, fact_state_name(s->state));
        join(&b, s->reason, ": ");
    }
    sb_puts(l->out, "  ");
    lay_colour(l, PLAIN, s->name);
    lay_pad(l, 2 + terminal_columns(s->name), 24);
    lay_wrap(l, (struct str){b.ptr, b.len}, 24);
    sb_done(&b);
}

static void event_log(const struct layout *l, const struct log_fact *g)
{
    char from[WTIME_TEXT], to[WTIME_TEXT];
    struct sb b;
    sb_init(&b, 1 << 16);
    if (g->state != FACT_FOUND) {
        sb_puts(&b, fact_state_name(g->state));
        join(&b, g->reason, ": ");
    } else {
        sb_printf(&b, "%llu records, %llu bytes", (unsigned long long)g->records,
                  (unsigned long long)g->bytes);
        if (g->first && g->last)
            sb_printf(&b, ", %s to %s", wtime_format(g->first, from), wtime_format(g->last, to));
        if (g->configured_size)
            sb_printf(&b, ", limit %llu bytes", (unsigned long long)g->configured_size);
        if (g->dirty)
            sb_puts(&b, ", not closed cleanly");
        if (g->damaged)
            sb_printf(&b, ", %llu damaged places", (unsigned long long)g->damaged);
    }
    sb_puts(l->out, "  ");
    lay_colour(l, PLAIN, g->channel);
    lay_pad(l, 2 + terminal_columns(g->channel), 24);
    lay_wrap(l, (struct str){b.ptr, b.len}, 24);
    sb_done(&b);
}

void report_facts_terminal(const struct facts_report *facts, const struct report_style *style,
                           struct sb *out)
{
    struct layout l = {out, style};
    header(&l, &facts->run);
    for (size_t i = 0; i < facts->product_count; i++)
        product(&l, &facts->products[i]);
    sb_putc(out, '\n');
    lay_colour(&l, BOLD, STR("services"));
    sb_putc(out, '\n');
    for (size_t i = 0; i < facts->service_count; i++)
        service(&l, &facts->services[i]);
    sb_putc(out, '\n');
    lay_colour(&l, BOLD, STR("event logs"));
    sb_putc(out, '\n');
    for (size_t i = 0; i < facts->log_count; i++)
        event_log(&l, &facts->logs[i]);
}
