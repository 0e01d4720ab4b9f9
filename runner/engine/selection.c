/* --only, --skip, --severity and what profiles choose: qualified ids, globs (of qualified or short
 * ids), or short ids where they are unique. */
#include "base/text.h"
#include "base/utf16.h"
#include "engine/catalogue.h"
#include "model/value_json.h"

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

/* Who wrote a pattern: an option, or a profile. */
struct author {
    const char *option; /* "--only"; NULL: the profile */
    const struct profile *profile;
};

/* "--only x: " or "site.lua:3: x: " */
static struct str place(struct catalogue *c, const struct author *by, struct str pattern)
{
    if (by->option)
        return str_fmt(&c->mem, "%s " STR_FMT ": ", by->option, STR_ARG(pattern));
    struct span text = span_of(by->profile->source.ptr, by->profile->source.len);
    return str_fmt(&c->mem, STR_FMT ":%d: " STR_FMT ": ", STR_ARG(by->profile->file),
                   value_word_line(text, by->profile->line, pattern), STR_ARG(pattern));
}

static bool no_match(struct catalogue *c, const struct author *by, struct str pattern,
                     struct err *e)
{
    bool qualified = false;
    const struct rule *near = is_glob(pattern) ? NULL : nearest(c, pattern, &qualified);
    struct str name = near ? (qualified ? near->qualified : near->id) : STR("");
    return err_set(e, by->option ? ERR_USAGE : ERR_FORMAT, 0,
                   STR_FMT "matches no rule%s" STR_FMT "%s", STR_ARG(place(c, by, pattern)),
                   near ? " (did you mean \"" : "", STR_ARG(name), near ? "\"?)" : "");
}

/* A pattern must match a rule; a short id exactly one. */
static bool check_pattern(struct catalogue *c, const struct author *by, struct str pattern,
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
                return err_set(e, by->option ? ERR_USAGE : ERR_FORMAT, 0,
                               STR_FMT "could be " STR_FMT " or " STR_FMT,
                               STR_ARG(place(c, by, pattern)), STR_ARG(found->qualified),
                               STR_ARG(r->qualified));
            found = r;
        }
    return found || no_match(c, by, pattern, e);
}

static bool check_patterns(struct catalogue *c, const struct author *by, const struct str *patterns,
                           size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++)
        if (!check_pattern(c, by, patterns[i], e))
            return false;
    return true;
}

/* The policy that a qualified pattern names is loaded.  Built-in profiles name rules of built-in
 * packs, which --policy leaves out. */
static bool is_about(const struct catalogue *c, struct str pattern)
{
    for (size_t i = 0; i < c->policy_count; i++) {
        struct str id = c->policies[i]->id;
        if (pattern.len > id.len && pattern.ptr[id.len] == '.' &&
            memcmp(pattern.ptr, id.ptr, id.len) == 0)
            return true;
    }
    return false;
}

static bool check_profile(struct catalogue *c, const struct profile *p, const struct str *patterns,
                          size_t count, struct err *e)
{
    const struct author by = {NULL, p};
    for (size_t i = 0; i < count; i++)
        if (!(p->builtin && !is_about(c, patterns[i])) && !check_pattern(c, &by, patterns[i], e))
            return false;
    return true;
}

static bool check_all(struct catalogue *c, const struct engine_options *o,
                      const struct choice *choice, struct err *e)
{
    const struct author only = {"--only", NULL}, skip = {"--skip", NULL};
    for (size_t i = 0; i < choice->layer_count; i++) {
        const struct profile *p = choice->layers[i];
        if (!check_profile(c, p, p->only, p->only_count, e) ||
            !check_profile(c, p, p->skip, p->skip_count, e))
            return false;
    }
    return check_patterns(c, &only, o->only, o->only_count, e) &&
           check_patterns(c, &skip, o->skip, o->skip_count, e);
}

static bool any_matches(const struct str *patterns, size_t count, const struct rule *r)
{
    for (size_t i = 0; i < count; i++)
        if (matches(patterns[i], r))
            return true;
    return false;
}

/* A rule that is asked for by --only is not kept out by a profile. */
static bool chosen(const struct engine_options *o, const struct choice *choice,
                   const struct rule *r)
{
    if (o->only_count)
        return any_matches(o->only, o->only_count, r);
    if (choice->only && !any_matches(choice->only->only, choice->only->only_count, r))
        return false;
    for (size_t i = 0; i < choice->layer_count; i++)
        if (any_matches(choice->layers[i]->skip, choice->layers[i]->skip_count, r))
            return false;
    return o->has_severity || !choice->severity || r->severity >= choice->severity->severity;
}

static bool wanted(const struct engine_options *o, const struct choice *choice,
                   const struct rule *r)
{
    if (!chosen(o, choice, r) || any_matches(o->skip, o->skip_count, r))
        return false;
    return !o->has_severity || r->severity >= o->at_least;
}

bool selection_apply(const struct engine_options *o, const struct choice *choice,
                     struct catalogue *c, struct err *e)
{
    size_t most = 0;
    if (!check_all(c, o, choice, e))
        return false;
    for (size_t i = 0; i < c->policy_count; i++)
        most += c->policies[i]->rule_count;
    c->selected = ARENA_ARRAY(&c->mem, most + 1, const struct rule *);
    if (!c->selected)
        return err_set(e, ERR_NOMEM, 0, "no memory for %zu rules", most);
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++)
            if (wanted(o, choice, &c->policies[i]->rules[k]))
                c->selected[c->selected_count++] = &c->policies[i]->rules[k];
    if (!c->selected_count)
        return err_set(e, ERR_USAGE, 0, "no rule is left to check");
    return true;
}
