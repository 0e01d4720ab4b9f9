/* Files of cases, and the policies that they are about. */
#include "engine/policy_file.h"
#include "engine/policy_test.h"
#include "script/cases.h"

#define ENDING "_test.lua"

/* NAME.lua beside NAME_test.lua: true where there is such a file. */
static bool beside(struct str test, struct arena *a, struct str *out)
{
    struct policy_files files = {0};
    struct err e = {0};
    *out = str_fmt(a, "%.*s.lua", (int)(test.len - sizeof ENDING + 1), test.ptr);
    return policy_files_read(*out, a, &files, &e) || e.kind != ERR_NOT_FOUND;
}

static bool find_policy(struct test_suite *s, struct err *e)
{
    const struct catalogue *c = &s->catalogue;
    for (size_t i = 0; i < c->policy_count && !s->policy; i++)
        if (str_eq(c->policies[i]->id, s->cases->policy))
            s->policy = c->policies[i];
    if (s->policy)
        return true;
    return err_set(e, ERR_NOT_FOUND, 0,
                   STR_FMT ": no policy \"" STR_FMT "\" beside it, behind --policy or built in",
                   STR_ARG(s->cases->file), STR_ARG(s->cases->policy));
}

static bool load_suite(const struct engine_options *options, const struct policy_file *f,
                       struct arena *a, struct test_suite *out, struct err *e)
{
    struct script_source source = {f->path, f->text, false};
    struct engine_options own = *options;
    struct str policy;
    if (!script_load_cases(&source, NULL, &options->limits, a, &out->cases, e))
        return false;
    if (!own.policy_count && beside(f->path, a, &policy)) {
        own.policies = &policy;
        own.policy_count = 1;
    }
    return catalogue_load(&own, &out->catalogue, e) && find_policy(out, e);
}

bool policy_tests_load(const struct engine_options *options, const struct str *paths, size_t count,
                       struct test_suites *out, struct err *e)
{
    struct policy_files files = {0};
    *out = (struct test_suites){0};
    arena_init(&out->mem, ARENA_DEFAULT_CAP);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = policy_files_read(paths[i], &out->mem, &files, e);
    out->items = ok ? ARENA_ARRAY(&out->mem, files.count + 1, struct test_suite) : NULL;
    if (ok && !out->items)
        ok = err_set(e, ERR_NOMEM, 0, "no memory for the tests");
    for (size_t i = 0; i < files.count && ok; i++) {
        if (!files.items[i].tests)
            continue;
        ok = load_suite(options, &files.items[i], &out->mem, &out->items[out->count], e);
        out->count++;
    }
    if (ok && !out->count)
        ok = err_set(e, ERR_NOT_FOUND, 0, "no file named *" ENDING " among what was named");
    if (!ok)
        policy_tests_done(out);
    return ok;
}

void policy_tests_done(struct test_suites *s)
{
    for (size_t i = 0; i < s->count; i++)
        catalogue_done(&s->items[i].catalogue);
    arena_done(&s->mem);
    *s = (struct test_suites){0};
}
