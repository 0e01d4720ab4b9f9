/* Mistakes of all kinds in a policy, and whether its cases notice. */
#include "engine/policy_mutants.h"
#include "engine/workers.h"
#include "script/source_mutants.h"

#include <pthread.h>

struct mutant *mutants_add(struct mutants *m, struct str file, int line, struct str text)
{
    if (m->count == MUTANTS_MAX || !text.ptr) {
        m->full = true;
        return NULL;
    }
    struct mutant *one = &m->items[m->count++];
    *one = (struct mutant){.file = file, .line = line, .text = text};
    return one;
}

/* ---- inputs -----------------------------------------------------------------------------------
 */

/* The line on which the policy's text first speaks of the input. */
static int line_of(const struct policy *p, struct str name)
{
    int line = 1;
    for (size_t i = 0; i + name.len < p->source.len; i++) {
        char before = i ? p->source.ptr[i - 1] : ' ', behind = p->source.ptr[i + name.len];
        if (memcmp(p->source.ptr + i, name.ptr, name.len) == 0 && before == ' ' && behind == ' ')
            return line;
        line += p->source.ptr[i] == '\n';
    }
    return 0;
}

static void mutate_inputs(struct mutants *m, const struct policy *p)
{
    enum { WAYS = 4 };
    for (size_t i = 0; i < p->input_count; i++) {
        struct value made[WAYS];
        size_t n = mutants_of_value(m, &p->inputs[i].value, made, WAYS);
        for (size_t k = 0; k < n; k++) {
            struct input *in = ARENA_NEW(m->mem, struct input);
            struct str was = mutants_value_text(m->mem, &p->inputs[i].value);
            struct str is = mutants_value_text(m->mem, &made[k]);
            struct str text =
                str_fmt(m->mem, "input " STR_FMT ": default " STR_FMT " becomes " STR_FMT,
                        STR_ARG(p->inputs[i].name), STR_ARG(was), STR_ARG(is));
            struct mutant *one = mutants_add(m, p->file, line_of(p, p->inputs[i].name), text);
            if (!one || !in)
                return;
            *in = p->inputs[i];
            in->value = made[k];
            one->change.input = in;
        }
    }
}

/* ---- Lua --------------------------------------------------------------------------------------
 */

struct ran {
    const struct covered_file *file;
    const int *owner;
};

/* A line without code of its own continues the one before it in the same function. */
static bool has_run(void *context, int line)
{
    const struct ran *r = context;
    for (int at = line; at > 0 && r->owner[at] == r->owner[line]; at--)
        if (r->file->lines[at] & LINE_CODE)
            return r->file->lines[at] & LINE_RAN;
    return false;
}

static bool any_ran(const struct covered_file *f)
{
    for (size_t i = 1; i <= f->line_count; i++)
        if (f->lines[i] & LINE_RAN)
            return true;
    return false;
}

static struct str one_line(struct arena *a, struct str s)
{
    struct str copy = str_dup(a, s);
    for (size_t i = 0; i < copy.len; i++)
        if (copy.ptr[i] == '\n')
            ((char *)(uintptr_t)copy.ptr)[i] = ' ';
    return copy;
}

static bool add_source(struct mutants *m, const struct policy *p, const struct covered_file *f,
                       const struct source_mutant *s)
{
    bool own = str_eq(str_of(f->path), p->file);
    struct str was = one_line(m->mem, s->was), is = one_line(m->mem, s->is);
    struct str text = str_fmt(m->mem, "`" STR_FMT "` becomes `" STR_FMT "`", STR_ARG(was),
                              STR_ARG(is.len ? is : STR(" ")));
    if (str_eq(s->is, STR("~")))
        text =
            str_fmt(m->mem, "\"" STR_FMT "\" becomes \"" STR_FMT "~\"", STR_ARG(was), STR_ARG(was));
    struct script_replacement *replace = ARENA_NEW(m->mem, struct script_replacement);
    struct mutant *one = mutants_add(m, str_dup(m->mem, str_of(f->path)), s->line, text);
    if (!one || !replace)
        return false;
    one->checks = true;
    *replace = (struct script_replacement){one->file, s->text};
    if (own)
        one->change.source = (struct str){(const char *)s->text.ptr, s->text.len};
    else
        one->change.replace = replace;
    return true;
}

static bool mutate_file(struct mutants *m, const struct policy *p, const struct covered_file *f,
                        struct err *e)
{
    struct source_mutants found;
    int *owner = ARENA_ARRAY(m->mem, f->line_count + 1, int);
    bool *word = ARENA_ARRAY(m->mem, f->line_count + 1, bool);
    bool own = str_eq(str_of(f->path), p->file);
    if (!owner || !word)
        return err_set(e, ERR_NOMEM, 0, "no memory for the mutants");
    if (!any_ran(f))
        return true; /* names and numbers alone: no code of a check */
    source_function_lines(f->text, m->mem, owner, word, f->line_count);
    struct ran ran = {f, owner};
    if (!source_mutants(f->text, has_run, &ran, !own, m->mem, &found, e))
        return false;
    m->elsewhere += found.elsewhere;
    for (size_t i = 0; i < found.count; i++)
        if (!add_source(m, p, f, &found.items[i]))
            break;
    return true;
}

/* ---- a suite ----------------------------------------------------------------------------------
 */

static bool collect(const struct test_suite *suite, struct mutants *m, struct err *e)
{
    const struct policy *p = suite->policy;
    struct script_coverage coverage = {0};
    struct test_report unused = {0};
    bool ok = true;
    m->items = ARENA_ARRAY(m->mem, MUTANTS_MAX, struct mutant);
    if (!m->items)
        return err_set(e, ERR_NOMEM, 0, "no memory for the mutants");
    if (p->rule_count)
        mutants_of_want(m, &p->rules[0], PART_POLICY_APPLIES, p->applies);
    for (size_t i = 0; i < p->rule_count; i++) {
        mutants_of_want(m, &p->rules[i], PART_APPLIES, p->rules[i].applies);
        mutants_of_want(m, &p->rules[i], PART_WANT, p->rules[i].want);
    }
    mutate_inputs(m, p);
    ok = policy_coverage(suite, &coverage, m->mem, &unused, e);
    for (size_t i = 0; i < coverage.count && ok; i++)
        ok = mutate_file(m, p, &coverage.files[i], e);
    script_coverage_done(&coverage);
    return ok && (!m->full || err_set(e, ERR_LIMIT, 0, "more than %d mutants", MUTANTS_MAX));
}

struct hunt {
    const struct test_suite *suite;
    const struct mutants *mutants;
    const struct test_options *options;
    pthread_mutex_t lock;
    bool *noticed;
    size_t done;
};

static bool concerns(const struct mutant *m, const struct rule *r)
{
    return m->rule ? m->rule == r : !m->checks || r->has_check;
}

/* Facts are made unreadable only where that can turn something into a pass, and once for the cases
 * that one line of the file makes: it takes long. */
static bool shows_faults(const struct policy_cases *cases, size_t i)
{
    const struct policy_case *k = &cases->items[i];
    bool same = i && k->line && cases->items[i - 1].line == k->line;
    return !same && (k->expect == VERDICT_PASS || k->expect == VERDICT_NOT_APPLICABLE);
}

/* First by verdicts and messages alone: that is quick, and enough for most. */
static bool is_noticed(const struct hunt *h, const struct mutant *m)
{
    const struct policy_cases *cases = h->suite->cases;
    for (int faults = 0; faults <= 1; faults++)
        for (size_t i = 0; i < cases->count; i++) {
            const struct policy_case *k = &cases->items[i];
            const struct rule *r = policy_case_rule(h->suite->policy, k->rule);
            if (r && concerns(m, r) && (!faults || shows_faults(cases, i)) &&
                policy_case_notices(h->suite, r, k, &m->change, faults != 0))
                return true;
        }
    return false;
}

static void hunt_one(void *context, size_t item)
{
    struct hunt *h = context;
    const struct mutant *m = &h->mutants->items[item];
    pthread_mutex_lock(&h->lock);
    if (h->options->progress)
        h->options->progress(h->options->progress_context, h->done, h->mutants->count, m->text);
    h->done++;
    pthread_mutex_unlock(&h->lock);
    h->noticed[item] = is_noticed(h, m);
}

static bool keep_survivors(const struct hunt *h, struct arena *a, struct test_report *out)
{
    const struct mutants *m = h->mutants;
    size_t n = out->survivor_count;
    struct mutant_report *all = ARENA_ARRAY(a, n + m->count + 1, struct mutant_report);
    if (!all)
        return false;
    if (n)
        memcpy(all, out->survivors, n * sizeof *all);
    for (size_t i = 0; i < m->count; i++)
        if (!h->noticed[i])
            all[n++] = (struct mutant_report){str_dup(a, m->items[i].file),
                                              m->items[i].rule ? m->items[i].rule->id
                                                               : (struct str){"", 0},
                                              m->items[i].line, str_dup(a, m->items[i].text)};
    out->survivors = all;
    out->survivor_count = n;
    out->mutant_count += m->count;
    out->not_run += m->elsewhere;
    return true;
}

static bool mutate_suite(const struct test_suite *suite, const struct test_options *options,
                         struct arena *a, struct test_report *out, struct err *e)
{
    struct arena mem;
    struct mutants m = {.mem = &mem};
    struct hunt h = {.suite = suite, .mutants = &m, .options = options};
    arena_init(&mem, 4 * ARENA_DEFAULT_CAP);
    bool ok = collect(suite, &m, e);
    h.noticed = ok ? ARENA_ARRAY(&mem, m.count + 1, bool) : NULL;
    if (ok && (!h.noticed || pthread_mutex_init(&h.lock, NULL) != 0))
        ok = err_set(e, ERR_NOMEM, 0, "no memory for the mutants");
    if (ok) {
        workers_run(options->jobs, m.count, hunt_one, &h);
        pthread_mutex_destroy(&h.lock);
        ok = keep_survivors(&h, a, out) || err_set(e, ERR_NOMEM, 0, "no memory for the mutants");
    }
    arena_done(&mem);
    return ok;
}

bool policy_tests_mutate(const struct test_suites *suites, const struct test_options *options,
                         struct arena *a, struct test_report *out, struct err *e)
{
    out->has_mutants = true;
    for (size_t i = 0; i < suites->count; i++)
        if (!mutate_suite(&suites->items[i], options, a, out, e))
            return false;
    return true;
}
