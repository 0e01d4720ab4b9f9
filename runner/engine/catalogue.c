#include "engine/catalogue.h"

#include "engine/policy_file.h"
#include "engine/waivers.h"
#include "model/schema.h"
#include "script/embedded.h"

static bool starts_with(struct str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && memcmp(s.ptr, prefix, len) == 0;
}

/* A policy that does not load is no mistake on the command line: another exit code. */
static bool not_loaded(const struct err *script, struct err *e)
{
    return err_set(e, script->kind == ERR_USAGE ? ERR_FORMAT : script->kind, script->at, "%s",
                   script->text);
}

static bool add_policy(struct catalogue *c, const struct script_source *source, struct err *e)
{
    struct policy *p = NULL;
    struct err why = {0};
    if (!script_load_policy(source, NULL, &c->limits, &c->mem, &p, &why))
        return not_loaded(&why, e);
    for (size_t i = 0; i < c->policy_count; i++)
        if (str_eq(c->policies[i]->id, p->id))
            return err_set(e, ERR_FORMAT, 0,
                           STR_FMT ": policy \"" STR_FMT "\" is defined already in " STR_FMT,
                           STR_ARG(source->path), STR_ARG(p->id), STR_ARG(c->policies[i]->file));
    c->policies[c->policy_count++] = p;
    return true;
}

static bool make_room(struct catalogue *c, size_t most, struct err *e)
{
    c->policies = ARENA_ARRAY(&c->mem, most, struct policy *);
    return c->policies || err_set(e, ERR_NOMEM, 0, "no memory for %zu policies", most);
}

static bool load_builtin(struct catalogue *c, struct err *e)
{
    if (!make_room(c, embedded_file_count + 1, e))
        return false;
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *f = &embedded_files[i];
        struct script_source source = {str_of(f->path), span_of(f->bytes, f->len), true};
        if (starts_with(source.path, "policies/") &&
            !starts_with(source.path, "policies/profiles/") && !add_policy(c, &source, e))
            return false;
    }
    return true;
}

static bool load_named(struct catalogue *c, const struct policy_files *files, struct err *e)
{
    if (!make_room(c, files->count + 1, e))
        return false;
    for (size_t i = 0; i < files->count; i++) {
        const struct policy_file *f = &files->items[i];
        struct script_source source = {f->path, f->text, false};
        if (!f->products && !f->tests && !add_policy(c, &source, e))
            return false;
    }
    if (!c->policy_count)
        return err_set(e, ERR_NOT_FOUND, 0,
                       "the named files define products or test policies only, no policy");
    return true;
}

static bool load_products(struct catalogue *c, const struct policy_files *files, struct err *e)
{
    size_t count = 0;
    struct script_source *extra = ARENA_ARRAY(&c->mem, files->count + 1, struct script_source);
    if (!extra)
        return err_set(e, ERR_NOMEM, 0, "no memory for the product definitions");
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].products)
            extra[count++] =
                (struct script_source){files->items[i].path, files->items[i].text, false};
    struct err why = {0};
    return script_load_products(extra, count, &c->limits, &c->mem, &c->products, &c->product_count,
                                &why) ||
           not_loaded(&why, e);
}

static int by_id(const void *a, const void *b)
{
    const struct policy *x = *(struct policy *const *)a, *y = *(struct policy *const *)b;
    return str_cmp(x->id, y->id);
}

/* Every product that a rule names must be defined: a typo must not wait for evaluation. */
static bool check_product(const struct catalogue *c, const struct rule *r, struct str id,
                          struct err *e)
{
    struct nearest n = nearest_of(id);
    for (size_t i = 0; i < c->product_count; i++) {
        if (str_eq(c->products[i].id, id))
            return true;
        nearest_try(&n, c->products[i].id);
    }
    bool near = nearest_found(&n);
    return err_set(
        e, ERR_FORMAT, 0,
        STR_FMT ":%d: rule \"" STR_FMT "\": no product \"" STR_FMT "\" is defined%s" STR_FMT "%s",
        STR_ARG(r->policy->file), r->line, STR_ARG(r->id), STR_ARG(id),
        near ? " (did you mean \"" : "", STR_ARG(near ? n.best : STR("")), near ? "\"?)" : "");
}

static bool check_want(const struct catalogue *c, const struct rule *r, const struct want *w,
                       struct err *e)
{
    if (!w)
        return true;
    bool product = w->kind == WANT_PRODUCT_VERSION || w->kind == WANT_PRODUCT_INSTALLED ||
                   w->kind == WANT_PRODUCT_ABSENT;
    const struct value *id = value_get(&w->args, product ? "id" : "when_product");
    if (id && id->kind == VALUE_TEXT && !check_product(c, r, id->text, e))
        return false;
    for (size_t i = 0; i < w->child_count; i++)
        if (!check_want(c, r, w->children[i], e))
            return false;
    return true;
}

static bool check_rules(const struct catalogue *c, struct err *e)
{
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++) {
            const struct rule *r = &c->policies[i]->rules[k];
            if (!check_want(c, r, r->policy->applies, e) || !check_want(c, r, r->applies, e) ||
                !check_want(c, r, r->want, e))
                return false;
            for (size_t m = 0; m < r->remedy_count; m++)
                if (r->remedies[m].product.len && !check_product(c, r, r->remedies[m].product, e))
                    return false;
        }
    return true;
}

bool catalogue_load(const struct engine_options *options, struct catalogue *out, struct err *e)
{
    struct policy_files files = {0};
    *out = (struct catalogue){.limits = options->limits, .trust = options->trust};
    arena_init(&out->mem, ARENA_DEFAULT_CAP);
    bool ok = true;
    for (size_t i = 0; i < options->policy_count && ok; i++)
        ok = policy_files_read(options->policies[i], &out->mem, &files, e);
    ok = ok && (options->policy_count ? load_named(out, &files, e) : load_builtin(out, e));
    ok = ok && load_products(out, &files, e) && check_rules(out, e);
    if (ok && out->policy_count)
        qsort(out->policies, out->policy_count, sizeof *out->policies, by_id);
    struct choice choice;
    ok = ok && profiles_load(options, out, &choice, e) &&
         settings_apply(options, &choice, out, e) && waivers_load(options, out, e) &&
         selection_apply(options, &choice, out, e);
    if (!ok)
        catalogue_done(out);
    return ok;
}

void catalogue_done(struct catalogue *c)
{
    arena_done(&c->mem);
    *c = (struct catalogue){0};
}
