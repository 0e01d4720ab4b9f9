/* Values of inputs that are not texts of the command line: typed, from profiles and JSON files. */
#include "base/text.h"
#include "base/version.h"
#include "engine/catalogue.h"
#include "model/value_json.h"

/* What a file says, in a message: escaped, and not all of it. */
static struct str shown(struct arena *a, struct str s)
{
    enum { MOST = 80 };
    struct sb b;
    sb_init(&b, 4096);
    sb_terminal(&b, s.len > MOST ? (struct str){s.ptr, MOST} : s);
    struct str text = str_dup(a, (struct str){b.ptr, b.ptr ? b.len : 0});
    sb_done(&b);
    return text;
}

/* The input name that is nearest to what was written, or NULL. */
static const struct str *nearest(const struct catalogue *c, struct str name)
{
    enum { NEAR = 3 };
    const struct str *best = NULL;
    size_t least = NEAR + 1;
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->input_count; k++) {
            const struct str *one = &c->policies[i]->inputs[k].name;
            size_t d = text_distance(*one, name);
            if (d < least)
                least = d, best = one;
        }
    return best;
}

static bool unknown(const struct catalogue *c, const struct giver *giver, struct str name,
                    struct err *e)
{
    const struct str *near = nearest(c, name);
    return err_set(e, giver->kind, 0, STR_FMT ": no policy has such an input%s" STR_FMT "%s",
                   STR_ARG(giver->text), near ? " (did you mean \"" : "",
                   STR_ARG(near ? *near : STR("")), near ? "\"?)" : "");
}

bool inputs_find(const struct catalogue *c, const struct giver *giver, struct str policy,
                 struct str name, struct input **out, struct err *e)
{
    const struct policy *owner = NULL;
    for (size_t i = 0; i < c->policy_count; i++) {
        const struct policy *p = c->policies[i];
        if (policy.len && !str_eq(p->id, policy))
            continue;
        for (size_t k = 0; k < p->input_count; k++) {
            if (!str_eq(p->inputs[k].name, name))
                continue;
            if (owner)
                return err_set(e, giver->kind, 0,
                               STR_FMT ": policies " STR_FMT " and " STR_FMT
                                       " have such an input, write POLICY." STR_FMT,
                               STR_ARG(giver->text), STR_ARG(owner->id), STR_ARG(p->id),
                               STR_ARG(p->inputs[k].name));
            owner = p;
            *out = &p->inputs[k];
        }
    }
    return owner || unknown(c, giver, name, e);
}

static double as_number(const struct value *v)
{
    return v->kind == VALUE_INT ? (double)v->integer : v->number;
}

static bool in_range(const struct input *in, const struct giver *giver, const struct value *v,
                     struct err *e)
{
    double n = as_number(v);
    bool low = in->minimum.kind != VALUE_NULL && n < as_number(&in->minimum);
    bool high = in->maximum.kind != VALUE_NULL && n > as_number(&in->maximum);
    if (low || high)
        return err_set(e, giver->kind, 0, STR_FMT ": %g is %s %g", STR_ARG(giver->text), n,
                       low ? "below" : "above", as_number(low ? &in->minimum : &in->maximum));
    return true;
}

static const char *kind_words(const struct value *v)
{
    static const char *const words[] = {"null", "true or false", "a whole number", "a number",
                                        "text", "a time",        "a list",         "an object"};
    return (size_t)v->kind < sizeof words / sizeof *words ? words[v->kind] : "something";
}

static bool fits(const struct input *in, const struct value *v)
{
    struct version version;
    switch (in->type) {
    case INPUT_TEXT:
        return v->kind == VALUE_TEXT;
    case INPUT_VERSION:
        return v->kind == VALUE_TEXT && version_parse(v->text, &version);
    case INPUT_INT:
        return v->kind == VALUE_INT;
    case INPUT_NUMBER:
        return v->kind == VALUE_INT || v->kind == VALUE_NUMBER;
    case INPUT_BOOL:
        return v->kind == VALUE_BOOL;
    case INPUT_LIST:
        for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
            if (v->list.items[i].kind != VALUE_TEXT)
                return false;
        return v->kind == VALUE_LIST;
    }
    return false;
}

bool inputs_assign(struct arena *a, struct input *in, const struct giver *giver,
                   const struct value *v, struct err *e)
{
    static const char *const wanted[] = {"text",
                                         "a whole number",
                                         "a number",
                                         "true or false",
                                         "a version such as \"8.8.0.1982\"",
                                         "a list of texts"};
    if (!fits(in, v))
        return err_set(e, giver->kind, 0, STR_FMT ": %s%s" STR_FMT "%s, want %s",
                       STR_ARG(giver->text), kind_words(v), v->kind == VALUE_TEXT ? " \"" : "",
                       STR_ARG(v->kind == VALUE_TEXT ? shown(a, v->text) : STR("")),
                       v->kind == VALUE_TEXT ? "\"" : "", wanted[in->type]);
    if ((in->type == INPUT_INT || in->type == INPUT_NUMBER) && !in_range(in, giver, v, e))
        return false;
    in->value = in->type == INPUT_NUMBER ? value_number(as_number(v)) : *v;
    in->set = true;
    return true;
}

static struct giver place_of(struct catalogue *c, struct str file, int line, struct str policy,
                             struct str name)
{
    struct str text = str_fmt(&c->mem, STR_FMT ":%d: " STR_FMT "%s" STR_FMT, STR_ARG(file), line,
                              STR_ARG(shown(&c->mem, policy)), policy.len ? "." : "",
                              STR_ARG(shown(&c->mem, name)));
    return (struct giver){text, ERR_FORMAT};
}

static bool apply_one(struct catalogue *c, struct str file, int line, struct str policy,
                      const struct value_member *m, struct err *e)
{
    struct giver giver = place_of(c, file, line, policy, m->name);
    struct input *in = NULL;
    return inputs_find(c, &giver, policy, m->name, &in, e) &&
           inputs_assign(&c->mem, in, &giver, &m->value, e);
}

static bool has_policy(const struct catalogue *c, struct str id)
{
    for (size_t i = 0; i < c->policy_count; i++)
        if (str_eq(c->policies[i]->id, id))
            return true;
    return false;
}

static bool no_policy(struct catalogue *c, struct str file, int line, struct str id, struct err *e)
{
    const struct str *best = NULL;
    struct str name = shown(&c->mem, id);
    size_t least = 4;
    for (size_t i = 0; i < c->policy_count; i++) {
        size_t d = text_distance(c->policies[i]->id, id);
        if (d < least)
            least = d, best = &c->policies[i]->id;
    }
    return err_set(e, ERR_FORMAT, 0,
                   STR_FMT ":%d: no policy \"" STR_FMT "\" is loaded%s" STR_FMT "%s", STR_ARG(file),
                   line, STR_ARG(name), best ? " (did you mean \"" : "",
                   STR_ARG(best ? *best : STR("")), best ? "\"?)" : "");
}

static bool apply_member(struct catalogue *c, const struct value_member *m, struct str file,
                         struct span text, struct err *e)
{
    int line = value_word_line(text, 1, m->name);
    if (m->value.kind == VALUE_MAP) {
        if (!has_policy(c, m->name))
            return no_policy(c, file, line, m->name, e);
        for (size_t i = 0; i < m->value.map.count; i++) {
            const struct value_member *inner = &m->value.map.members[i];
            if (!apply_one(c, file, value_word_line(text, line, inner->name), m->name, inner, e))
                return false;
        }
        return true;
    }
    struct value_member split = *m;
    struct str policy = {NULL, 0};
    for (size_t i = m->name.len; i > 0 && !policy.ptr; i--)
        if (m->name.ptr[i - 1] == '.') {
            policy = (struct str){m->name.ptr, i - 1};
            split.name = (struct str){m->name.ptr + i, m->name.len - i};
        }
    return apply_one(c, file, line, policy, &split, e);
}

bool inputs_apply(struct catalogue *c, const struct value *map, struct str file, struct span text,
                  struct err *e)
{
    for (size_t i = 0; i < map->map.count; i++)
        if (!apply_member(c, &map->map.members[i], file, text, e))
            return false;
    return true;
}
