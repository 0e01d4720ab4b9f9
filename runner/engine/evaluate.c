#include "engine/evaluate.h"

#include "base/random.h"
#include "base/wtime.h"
#include "engine/run.h"
#include "engine/waivers.h"

struct result result_new(const struct evaluation *v)
{
    struct result r = {.rule = v->rule, .verdict = VERDICT_UNKNOWN};
    r.evidence.mem = v->mem;
    return r;
}

/* Wants that have no parts. */
static void (*const simple[WANT_KINDS])(const struct evaluation *, const struct want *,
                                        struct result *) = {
    [WANT_REGISTRY_VALUE] = want_registry,
    [WANT_REGISTRY_ABSENT] = want_registry,
    [WANT_REGISTRY_KEY] = want_registry,
    [WANT_PRODUCT_VERSION] = want_product,
    [WANT_PRODUCT_INSTALLED] = want_product_there,
    [WANT_PRODUCT_ABSENT] = want_product_there,
    [WANT_SERVICE] = want_service,
    [WANT_SERVICE_START] = want_service,
    [WANT_SERVICE_ABSENT] = want_service,
    [WANT_EVENTS_NONE] = want_events,
    [WANT_EVENTS_COUNT] = want_events,
    [WANT_LOG_CAPACITY] = want_capacity,
    [WANT_LOG_SIZE] = want_log_size,
    [WANT_FILE_SIGNED] = want_file,
    [WANT_MODULE_SIGNED] = want_module,
    [WANT_FILE_PRESENT] = want_file_facts,
    [WANT_FILE_ABSENT] = want_file_facts,
    [WANT_FILE_VERSION] = want_file_facts,
    [WANT_FILE_SHA256] = want_file_facts,
    [WANT_SIGNATURE_SIGNER] = want_file_facts,
    [WANT_CERTIFICATE_PRESENT] = want_certificate,
    [WANT_CERTIFICATE_ABSENT] = want_certificate,
    [WANT_CERTIFICATE_STORED] = want_certificate,
    [WANT_CTL_FRESH] = want_ctl,
    [WANT_CTL_PRESENT] = want_ctl,
    [WANT_OS_VERSION] = want_os,
    [WANT_OS_ARCH] = want_os,
    [WANT_OS_TYPE] = want_os,
};

static void evaluate_want(const struct evaluation *v, const struct want *w, unsigned depth,
                          struct result *out)
{
    if (depth > WANT_DEPTH) {
        out->verdict = VERDICT_ERROR;
        out->message =
            str_fmt(v->mem, "line %d: wants are nested more than %d deep", w->line, WANT_DEPTH);
        return;
    }
    if ((size_t)w->kind < WANT_KINDS && simple[w->kind]) {
        simple[w->kind](v, w, out);
        return;
    }
    if (w->kind == WANT_ALL || w->kind == WANT_ANY || w->kind == WANT_NONE ||
        w->kind == WANT_WHEN) {
        want_combine(v, w, depth, out);
        return;
    }
    out->verdict = VERDICT_ERROR;
    out->message = str_fmt(v->mem, "line %d: a want of no known kind", w->line);
}

void want_evaluate(const struct evaluation *v, const struct want *w, unsigned depth,
                   struct result *out)
{
    evaluate_want(v, w, depth, out);
    if (v->catalogue->saw)
        v->catalogue->saw(v->catalogue->saw_context, w, out->verdict);
}

static struct trust *trust_for_checks(void *context, struct err *e)
{
    return judge_open(context, e);
}

static void run_function(const struct evaluation *v, struct result *out)
{
    const struct catalogue *c = v->catalogue;
    struct script_facts facts = {v->host, c->products, c->product_count, trust_for_checks,
                                 v->judge};
    struct err e = {0};
    if (!v->judge->checker)
        v->judge->checker = script_checker_new(NULL, &c->limits);
    if (script_checker_run(v->judge->checker, v->rule, &facts, v->mem, out, &e))
        return;
    *out = result_new(v);
    out->verdict = VERDICT_ERROR;
    out->message = str_fmt(v->mem, "%s", e.text);
}

/* What comes before (conflict) or in place of (unknown, error) the policy's remedies, which are
 * meant for a rule that failed.  Empty: nothing. */
static struct str own_remedy(const struct result *r)
{
    switch (r->verdict) {
    case VERDICT_CONFLICT:
        return STR("Find out which source is right; repair or reinstall what the others describe.");
    case VERDICT_ERROR:
        return STR("Correct the policy.");
    case VERDICT_UNKNOWN:
        if (r->coverage.known && !r->coverage.complete)
            return STR("Look for older copies of the log (archives, backups, a log server), or "
                       "check again once it covers the window.");
        return STR("Make readable, or collect, what is named here, and check again.");
    default:
        return STR("");
    }
}

/* What to do next; a rule that holds, or that does not concern the host, needs nothing. */
static void add_remedies(const struct evaluation *v, struct result *r)
{
    struct str own = own_remedy(r);
    bool policy = r->verdict == VERDICT_FAIL || r->verdict == VERDICT_CONFLICT;
    r->remedies = ARENA_ARRAY(v->mem, v->rule->remedy_count + 1, struct str);
    r->remedy_count = 0;
    if (!r->remedies)
        return;
    if (own.len)
        r->remedies[r->remedy_count++] = own;
    for (size_t i = 0; policy && i < v->rule->remedy_count; i++)
        r->remedies[r->remedy_count++] = remedy_text(v, &v->rule->remedies[i]);
}

static void evaluate_rule(const struct evaluation *v, struct result *r)
{
    struct result condition = result_new(v);
    *r = result_new(v);
    if (!rule_applies(v, &condition))
        *r = condition;
    else if (v->rule->want)
        want_evaluate(v, v->rule->want, 0, r);
    else
        run_function(v, r);
    for (size_t i = 0; i < condition.evidence.count; i++)
        evidence_add(&r->evidence, &condition.evidence.items[i]);
    r->rule = v->rule;
    add_remedies(v, r);
}

bool run_begin(struct host *host, struct arena *a, struct run_report *run, struct err *e)
{
    uint8_t id[16];
    if (!random_bytes(id, sizeof id, e))
        return false;
    struct sb hex;
    sb_init(&hex, 64);
    sb_hex(&hex, id, sizeof id);
    run->run_id = str_dup(a, (struct str){hex.ptr, hex.len});
    sb_done(&hex);
    run->tool_version = STR(RECTIFY_VERSION);
    run->started = wtime_now();
    const struct reference_time *reference = host_reference(host);
    run->reference_time = reference->time;
    run->reference_why = reference->why;
    run->target = *host_info(host);
    return true;
}

bool session_begin(const struct catalogue *c, struct host *host, struct arena *a,
                   struct session *out, struct err *e)
{
    *out = (struct session){.catalogue = c, .host = host, .mem = a};
    out->judge = (struct judge){.host = host, .options = &c->trust};
    out->products = ARENA_ARRAY(a, c->product_count + 1, struct product_fact);
    return out->products ||
           err_set(e, ERR_NOMEM, 0, "no memory for %zu products", c->product_count);
}

void session_end(struct session *s)
{
    judge_close(&s->judge);
}

struct evaluation session_evaluation(struct session *s, const struct rule *rule)
{
    return (struct evaluation){s->catalogue, s->host, rule, s->mem, s->products, &s->judge};
}

bool session_run(struct session *s, const struct rule *const *rules, size_t count,
                 engine_progress *progress, void *context, struct run_report *run, struct err *e)
{
    run->results = ARENA_ARRAY(s->mem, count, struct result);
    if (!run->results && count)
        return err_set(e, ERR_NOMEM, 0, "no memory for %zu results", count);
    for (size_t i = 0; i < count; i++) {
        const struct evaluation v = session_evaluation(s, rules[i]);
        if (progress)
            progress(context, i, count, v.rule);
        evaluate_rule(&v, &run->results[i]);
        run->result_count = i + 1;
        run->summary[run->results[i].verdict]++;
    }
    for (size_t i = 0; s->judge.trust && i < run->result_count; i++)
        result_keep(s->mem, &run->results[i]);
    if (s->mem->full)
        return err_set(e, ERR_NOMEM, 0, "the results need more than %zu MiB of memory",
                       s->mem->cap >> 20);
    return true;
}

bool engine_check(const struct catalogue *c, struct host *host, engine_progress *progress,
                  void *context, struct arena *a, struct run_report *run, struct err *e)
{
    struct session s;
    if (!run_begin(host, a, run, e) || !session_begin(c, host, a, &s, e))
        return false;
    bool ok = session_run(&s, c->selected, c->selected_count, progress, context, run, e);
    session_end(&s);
    if (!ok)
        return false;
    diagnose(c, a, run); /* before waivers: an accepted failure is a cause all the same */
    run->profile = c->profile;
    waivers_apply(c, run->started, a, run);
    /* Notes (logs replayed, times refused) may come while facts are read. */
    run->target = *host_info(host);
    run->unread_facts = host_unread(host);
    if (a->full)
        return err_set(e, ERR_NOMEM, 0, "the results need more than %zu MiB of memory",
                       a->cap >> 20);
    return true;
}

int engine_exit_code(const struct run_report *run)
{
    if (run->summary[VERDICT_FAIL])
        return 2;
    if (run->summary[VERDICT_UNKNOWN] || run->summary[VERDICT_CONFLICT] ||
        run->summary[VERDICT_ERROR])
        return 3;
    return 0;
}
