/* --set NAME=VALUE and POLICY.NAME=VALUE. */
#include "base/text.h"
#include "base/version.h"
#include "engine/catalogue.h"

#include <errno.h>
#include <math.h>

static bool bad(const struct engine_setting *s, const char *want, struct err *e)
{
    return err_set(e, ERR_USAGE, 0, "--set " STR_FMT "=" STR_FMT ": want %s", STR_ARG(s->name),
                   STR_ARG(s->value), want);
}

static bool parse_int(struct arena *a, struct str text, int64_t *out)
{
    char *end = NULL;
    const char *s = arena_strdup(a, text.ptr, text.len);
    if (!s || !*s || *s == ' ' || strlen(s) != text.len)
        return false;
    errno = 0;
    long long n = strtoll(s, &end, 10);
    *out = n;
    return errno == 0 && *end == 0;
}

static bool parse_number(struct arena *a, struct str text, double *out)
{
    char *end = NULL;
    const char *s = arena_strdup(a, text.ptr, text.len);
    if (!s || !*s || *s == ' ' || strlen(s) != text.len)
        return false;
    *out = strtod(s, &end);
    return *end == 0 && isfinite(*out);
}

static bool parse_bool(struct str text, bool *out)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(text, str_of(words[i]))) {
            *out = i % 2 == 1;
            return true;
        }
    return false;
}

/* Texts between commas, without the spaces around them. */
static struct value parse_list(struct arena *a, struct str text)
{
    size_t count = text.len ? 1 : 0, n = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == ',';
    struct value list = value_list(a, count);
    size_t from = 0;
    for (size_t i = 0; i <= text.len && n < list.list.count; i++) {
        if (i < text.len && text.ptr[i] != ',')
            continue;
        size_t to = i;
        while (from < to && text.ptr[from] == ' ')
            from++;
        while (to > from && text.ptr[to - 1] == ' ')
            to--;
        list.list.items[n++] = value_text((struct str){text.ptr + from, to - from});
        from = i + 1;
    }
    return list;
}

static double as_number(const struct value *v)
{
    return v->kind == VALUE_INT ? (double)v->integer : v->number;
}

static bool in_range(const struct input *in, const struct value *v, struct err *e)
{
    double n = as_number(v);
    bool low = in->minimum.kind != VALUE_NULL && n < as_number(&in->minimum);
    bool high = in->maximum.kind != VALUE_NULL && n > as_number(&in->maximum);
    if (low || high)
        return err_set(e, ERR_USAGE, 0, "--set " STR_FMT ": %g is %s %g", STR_ARG(in->name), n,
                       low ? "below" : "above", as_number(low ? &in->minimum : &in->maximum));
    return true;
}

static bool parse_value(struct arena *a, const struct engine_setting *s, const struct input *in,
                        struct value *out, struct err *e)
{
    struct version version;
    *out = value_text(s->value);
    switch (in->type) {
    case INPUT_TEXT:
        return true;
    case INPUT_INT:
        *out = value_int(0);
        return parse_int(a, s->value, &out->integer) ? in_range(in, out, e)
                                                     : bad(s, "a whole number", e);
    case INPUT_NUMBER:
        *out = value_number(0);
        return parse_number(a, s->value, &out->number) ? in_range(in, out, e)
                                                       : bad(s, "a number", e);
    case INPUT_BOOL:
        *out = value_bool(false);
        return parse_bool(s->value, &out->boolean) || bad(s, "true or false", e);
    case INPUT_VERSION:
        return version_parse(s->value, &version) || bad(s, "a version such as 8.8.0.1982", e);
    case INPUT_LIST:
        *out = parse_list(a, s->value);
        return true;
    }
    return bad(s, "a known type of input", e);
}

static struct input *find_input(struct policy *p, struct str name)
{
    for (size_t i = 0; i < p->input_count; i++)
        if (str_eq(p->inputs[i].name, name))
            return &p->inputs[i];
    return NULL;
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

static bool unknown_input(const struct catalogue *c, const struct engine_setting *s, struct err *e)
{
    const struct str *near = nearest(c, s->name);
    return err_set(e, ERR_USAGE, 0,
                   "--set " STR_FMT "%s" STR_FMT ": no policy has such an input"
                   "%s" STR_FMT "%s",
                   STR_ARG(s->policy), s->policy.len ? "." : "", STR_ARG(s->name),
                   near ? " (did you mean \"" : "", STR_ARG(near ? *near : STR("")),
                   near ? "\"?)" : "");
}

static bool apply_one(const struct engine_setting *s, struct catalogue *c, struct err *e)
{
    struct input *in = NULL;
    struct policy *owner = NULL;
    for (size_t i = 0; i < c->policy_count; i++) {
        struct policy *p = c->policies[i];
        struct input *one = find_input(p, s->name);
        if (!one || (s->policy.len && !str_eq(p->id, s->policy)))
            continue;
        if (in)
            return err_set(e, ERR_USAGE, 0,
                           "--set " STR_FMT ": policies " STR_FMT " and " STR_FMT
                           " have such an input, write POLICY." STR_FMT,
                           STR_ARG(s->name), STR_ARG(owner->id), STR_ARG(p->id), STR_ARG(s->name));
        in = one, owner = p;
    }
    if (!in)
        return unknown_input(c, s, e);
    if (!parse_value(&c->mem, s, in, &in->value, e))
        return false;
    in->set = true;
    return true;
}

bool settings_apply(const struct engine_options *options, struct catalogue *c, struct err *e)
{
    for (size_t i = 0; i < options->setting_count; i++)
        if (!apply_one(&options->settings[i], c, e))
            return false;
    return true;
}
