/* --only, --skip, --severity: qualified ids, globs (of qualified or short ids), or short ids where
 * they are unique. */
#include "base/text.h"
#include "base/utf16.h"
#include "engine/catalogue.h"

static bool is_glob(struct str pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.ptr[i] == '*' || pattern.ptr[i] == '?')
            return true;
    return false;
}

static bool matches(struct str pattern, const struct rule *r)
{
    if (is_glob(pattern))
        return glob_imatch(pattern, r->qualified) || glob_imatch(pattern, r->id);
    return str_eq(pattern, r->qualified) || str_eq(pattern, r->id);
}

static const struct rule *nearest(const struct catalogue *c, struct str pattern, bool *qualified)
{
    enum { NEAR = 5 };
    const struct rule *best = NULL;
    size_t least = NEAR + 1;
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++) {
            const struct rule *r = &c->policies[i]->rules[k];
            size_t full = text_distance(r->qualified, pattern),
                   brief = text_distance(r->id, pattern);
            size_t d = full < brief ? full : brief;
            if (d < least)
                least = d, best = r, *qualified = full < brief;
        }
    return best;
}

static bool no_match(const struct catalogue *c, const char *option, struct str pattern,
                     struct err *e)
{
    bool qualified = false;
    const struct rule *near = is_glob(pattern) ? NULL : nearest(c, pattern, &qualified);
    struct str name = near ? (qualified ? near->qualified : near->id) : STR("");
    return err_set(e, ERR_USAGE, 0, "%s " STR_FMT ": matches no rule%s" STR_FMT "%s", option,
                   STR_ARG(pattern), near ? " (did you mean \"" : "", STR_ARG(name),
                   near ? "\"?)" : "");
}

/* A pattern must match a rule; a short id exactly one. */
static bool check_pattern(const struct catalogue *c, const char *option, struct str pattern,
                          struct err *e)
{
    const struct rule *found = NULL;
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++) {
            const struct rule *r = &c->policies[i]->rules[k];
            if (!matches(pattern, r))
                continue;
            if (is_glob(pattern) || str_eq(pattern, r->qualified))
                return true;
            if (found)
                return err_set(e, ERR_USAGE, 0, "%s " STR_FMT ": could be " STR_FMT " or " STR_FMT,
                               option, STR_ARG(pattern), STR_ARG(found->qualified),
                               STR_ARG(r->qualified));
            found = r;
        }
    return found || no_match(c, option, pattern, e);
}

static bool check_patterns(const struct catalogue *c, const char *option,
                           const struct str *patterns, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++)
        if (!check_pattern(c, option, patterns[i], e))
            return false;
    return true;
}

static bool any_matches(const struct str *patterns, size_t count, const struct rule *r)
{
    for (size_t i = 0; i < count; i++)
        if (matches(patterns[i], r))
            return true;
    return false;
}

static bool wanted(const struct engine_options *o, const struct rule *r)
{
    if (o->only_count && !any_matches(o->only, o->only_count, r))
        return false;
    if (any_matches(o->skip, o->skip_count, r))
        return false;
    return !o->has_severity || r->severity >= o->at_least;
}

bool selection_apply(const struct engine_options *o, struct catalogue *c, struct err *e)
{
    size_t most = 0;
    if (!check_patterns(c, "--only", o->only, o->only_count, e) ||
        !check_patterns(c, "--skip", o->skip, o->skip_count, e))
        return false;
    for (size_t i = 0; i < c->policy_count; i++)
        most += c->policies[i]->rule_count;
    c->selected = ARENA_ARRAY(&c->mem, most + 1, const struct rule *);
    if (!c->selected)
        return err_set(e, ERR_NOMEM, 0, "no memory for %zu rules", most);
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++)
            if (wanted(o, &c->policies[i]->rules[k]))
                c->selected[c->selected_count++] = &c->policies[i]->rules[k];
    if (!c->selected_count)
        return err_set(e, ERR_USAGE, 0, "no rule is left to check");
    return true;
}
