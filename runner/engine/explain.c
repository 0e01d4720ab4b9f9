#include "engine/explain.h"

#include "base/utf16.h"
#include "engine/describe.h"
#include "engine/evaluate.h"
#include "host/traced.h"
#include "trust/words.h"

enum { DECISIONS_MAX = 1 << 16, BYTES_SHOWN = 32, TEXT_SHOWN = 512 };

/* ---- decisions ------------------------------------------------------------------------------ */

struct decisions {
    struct arena *mem;
    const struct host *host; /* traced */
    struct explain_decision *items;
    size_t count, cap;
};

static void decide(struct decisions *d, struct str subject, const char *word, struct str text,
                   struct str by)
{
    if (d->count == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 32;
        struct explain_decision *items =
            cap <= DECISIONS_MAX ? ARENA_ARRAY(d->mem, cap, struct explain_decision) : NULL;
        if (!items)
            return;
        if (d->count)
            memcpy(items, d->items, d->count * sizeof *items);
        d->items = items;
        d->cap = cap;
    }
    size_t after;
    (void)traced_reads(d->host, &after);
    d->items[d->count++] =
        (struct explain_decision){after, subject, word, str_dup(d->mem, text), str_dup(d->mem, by)};
}

static void file_decided(void *context, struct str path, enum fact_state state, struct str reason,
                         const struct trust_verdict *v)
{
    struct decisions *d = context;
    struct str subject = str_dup(d->mem, path);
    if (state != FACT_FOUND) {
        decide(d, subject, fact_state_name(state), reason, STR(""));
        return;
    }
    decide(d, subject, trust_word_name(v->word), trust_text(v, d->mem),
           v->decided ? v->decided->decided_by : STR(""));
}

static void root_decided(void *context, const char *sha1, enum trust_word word, struct str by)
{
    struct decisions *d = context;
    decide(d, str_fmt(d->mem, "root %s", sha1), trust_word_name(word), STR(""), by);
}

/* ---- facts ---------------------------------------------------------------------------------- */

static struct str number_text(struct arena *a, const struct host_read *r)
{
    uint64_t n = 0;
    bool big = r->type == REGF_DWORD_BIG_ENDIAN;
    for (size_t i = 0; i < r->data.len && i < 8; i++)
        n |= (uint64_t)r->data.ptr[i] << 8 * (big ? r->data.len - 1 - i : i);
    return str_fmt(a, "%s %llu", regf_type_name(r->type), (unsigned long long)n);
}

static struct str texts_text(struct arena *a, const struct host_read *r)
{
    struct str all = utf16_to_utf8(a, r->data);
    struct sb b;
    sb_init(&b, TEXT_SHOWN * 4);
    sb_printf(&b, "%s ", regf_type_name(r->type));
    while (all.len && all.ptr[all.len - 1] == 0)
        all.len--;
    for (size_t i = 0; i < all.len && i < TEXT_SHOWN; i++)
        if (all.ptr[i])
            sb_putc(&b, all.ptr[i]);
        else
            sb_puts(&b, ", ");
    if (all.len > TEXT_SHOWN)
        sb_puts(&b, " ...");
    struct str out = str_dup(a, (struct str){b.ptr, b.len});
    sb_done(&b);
    return out;
}

static struct str bytes_text(struct arena *a, const struct host_read *r)
{
    struct sb b;
    size_t shown = r->data.len > BYTES_SHOWN ? BYTES_SHOWN : r->data.len;
    sb_init(&b, 1024);
    sb_printf(&b, "%s, %llu bytes", regf_type_name(r->type), (unsigned long long)r->size);
    if (shown)
        sb_putc(&b, ' ');
    sb_hex(&b, r->data.ptr, shown);
    if (r->size > shown)
        sb_puts(&b, " ...");
    struct str out = str_dup(a, (struct str){b.ptr, b.len});
    sb_done(&b);
    return out;
}

static struct str value_data(struct arena *a, const struct host_read *r)
{
    switch (r->type) {
    case REGF_SZ:
    case REGF_EXPAND_SZ:
    case REGF_MULTI_SZ:
        return texts_text(a, r);
    case REGF_DWORD:
    case REGF_DWORD_BIG_ENDIAN:
        return r->data.len == 4 ? number_text(a, r) : bytes_text(a, r);
    case REGF_QWORD:
        return r->data.len == 8 ? number_text(a, r) : bytes_text(a, r);
    default:
        return bytes_text(a, r);
    }
}

static struct str data_text(struct arena *a, const struct host_read *r)
{
    unsigned long long n = r->size;
    if (r->state != FACT_FOUND)
        return STR("");
    switch (r->kind) {
    case READ_VALUE:
        return value_data(a, r);
    case READ_FILE:
    case READ_LOG:
        return str_fmt(a, "%llu bytes", n);
    case READ_LISTING:
        return str_fmt(a, n == 1 ? "%llu name" : "%llu names", n);
    case READ_KEY:
        return n ? str_fmt(a, n == 1 ? "%llu name" : "%llu names", n) : STR("");
    case READ_MODULES:
        return str_fmt(a, n == 1 ? "%llu module" : "%llu modules", n);
    case READ_FOLDER:
        break;
    }
    return STR("");
}

static void keep_read(struct arena *a, const struct host_read *from, struct explain_read *to)
{
    static const char *const kinds[] = {"value",   "key", "file",   "folder",
                                        "listing", "log", "modules"};
    *to = (struct explain_read){
        .kind = kinds[from->kind],
        .place = traced_text(from, a),
        .state = from->state,
        .reason = str_dup(a, from->reason),
        .data = data_text(a, from),
        .evidence = from->evidence,
        .times = from->times,
    };
    to->evidence.artefact = str_dup(a, from->evidence.artefact);
    to->evidence.where = str_dup(a, from->evidence.where);
    to->evidence.note = str_dup(a, from->evidence.note);
}

/* Facts that were there before the rule was looked at, and how often they had been used. */
struct before {
    size_t count;
    size_t *times;
};

static bool note_before(const struct host *traced, struct arena *a, struct before *out)
{
    const struct host_read *reads = traced_reads(traced, &out->count);
    out->times = ARENA_ARRAY(a, out->count + 1, size_t);
    for (size_t i = 0; out->times && i < out->count; i++)
        out->times[i] = reads[i].times;
    return out->times != NULL;
}

/* Logs tell the reference time and are then kept open: a rule that asks for events uses them
 * without another read. */
static bool reads_events(const struct rule_view *view)
{
    for (size_t i = 0; i < view->read_count; i++)
        if (strcmp(view->reads[i].space, "events") == 0)
            return true;
    return false;
}

static void keep_reads(const struct host *traced, const struct before *before, bool events,
                       struct arena *a, struct explanation *out)
{
    size_t count;
    const struct host_read *reads = traced_reads(traced, &count);
    out->reads = ARENA_ARRAY(a, count + 1, struct explain_read);
    for (size_t i = 0; out->reads && i < count; i++) {
        keep_read(a, &reads[i], &out->reads[i]);
        out->reads[i].by_rule = i >= before->count || reads[i].times > before->times[i] ||
                                (events && reads[i].kind == READ_LOG);
        out->read_count++;
    }
}

/* ---- steps ---------------------------------------------------------------------------------- */

struct stepping {
    const struct evaluation *v;
    const struct rule_view *view;
    struct explanation *out;
};

/* In the order of rule_view.wants: the want, then its children. */
static void step(struct stepping *s, const struct want *w, unsigned depth)
{
    struct explanation *o = s->out;
    struct result r = result_new(s->v);
    if (depth > WANT_DEPTH || o->step_count >= s->view->want_count)
        return;
    want_evaluate(s->v, w, 0, &r);
    result_keep(s->v->mem, &r);
    o->steps[o->step_count] = (struct explain_step){depth, s->view->wants[o->step_count].text,
                                                    w->line, r.verdict, r.message};
    o->step_count++;
    for (size_t i = 0; i < w->child_count; i++)
        step(s, w->children[i], depth + 1);
}

static bool keep_steps(const struct catalogue *c, struct host *traced, const struct rule_view *view,
                       struct arena *a, struct explanation *out, struct err *e)
{
    const struct rule *rule = c->selected[0];
    struct product_fact *products = ARENA_ARRAY(a, c->product_count + 1, struct product_fact);
    if (!rule->want)
        return true;
    out->steps = ARENA_ARRAY(a, view->want_count + 1, struct explain_step);
    if (!out->steps || !products)
        return err_set(e, ERR_NOMEM, 0, "no memory for the parts of the wanted state");
    struct judge judge = {.host = traced, .options = &c->trust};
    const struct evaluation v = {c, traced, rule, a, products, &judge};
    struct stepping s = {&v, view, out};
    step(&s, rule->want, 0);
    judge_close(&judge);
    return true;
}

/* ---- all together --------------------------------------------------------------------------- */

static bool explain(const struct catalogue *c, struct host *traced, struct arena *a,
                    struct run_report *run, struct explanation *out, struct err *e)
{
    struct decisions decisions = {.mem = a, .host = traced};
    const struct trust_observer observer = {file_decided, root_decided, &decisions};
    struct catalogue told = *c; /* shares everything; never closed */
    struct before before;
    struct rule_view view;
    told.trust.observer = &observer;
    (void)host_info(traced);
    (void)host_reference(traced);
    if (!note_before(traced, a, &before))
        return err_set(e, ERR_NOMEM, 0, "no memory for the facts of the host");
    if (!engine_check(&told, traced, NULL, NULL, a, run, e))
        return false;
    out->decisions = decisions.items;
    out->decision_count = decisions.count;
    if (!engine_describe(c, c->selected[0], a, &view, e))
        return false;
    keep_reads(traced, &before, reads_events(&view), a, out);
    return keep_steps(c, traced, &view, a, out, e);
}

bool engine_explain(const struct catalogue *c, struct host *host, struct arena *a,
                    struct run_report *run, struct explanation *out, struct err *e)
{
    struct host *traced = NULL;
    *out = (struct explanation){0};
    if (c->selected_count != 1)
        return err_set(e, ERR_USAGE, 0, "%zu rules match, one is wanted", c->selected_count);
    if (!host_traced(host, &traced, e))
        return false;
    bool ok = explain(c, traced, a, run, out, e);
    if (ok && a->full)
        ok = err_set(e, ERR_NOMEM, 0, "the explanation needs more than %zu MiB of memory",
                     a->cap >> 20);
    /* What the traced host holds goes with it. */
    for (size_t i = 0; ok && i < run->result_count; i++)
        result_keep(a, &run->results[i]);
    run->target = *host_info(host);
    run->reference_why = host_reference(host)->why;
    host_close(traced);
    return ok;
}
