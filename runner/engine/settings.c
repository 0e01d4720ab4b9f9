/* --set NAME=VALUE and POLICY.NAME=VALUE, --inputs FILE, and the inputs of profiles. */
#include "base/version.h"
#include "engine/catalogue.h"
#include "engine/policy_file.h"
#include "model/value_json.h"

#include <errno.h>
#include <float.h>
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
    return *end == 0 && fabs(*out) <= DBL_MAX;
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
        return parse_int(a, s->value, &out->integer) || bad(s, "a whole number", e);
    case INPUT_NUMBER:
        *out = value_number(0);
        return parse_number(a, s->value, &out->number) || bad(s, "a number", e);
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

static bool apply_one(const struct engine_setting *s, struct catalogue *c, struct err *e)
{
    struct giver giver = {str_fmt(&c->mem, "--set " STR_FMT "%s" STR_FMT, STR_ARG(s->policy),
                                  s->policy.len ? "." : "", STR_ARG(s->name)),
                          ERR_USAGE};
    struct input *in = NULL;
    struct value v;
    return inputs_find(c, &giver, s->policy, s->name, &in, e) &&
           parse_value(&c->mem, s, in, &v, e) && inputs_assign(&c->mem, in, &giver, &v, e);
}

static bool apply_file(struct str path, struct catalogue *c, struct err *e)
{
    struct span text;
    struct value v;
    struct err why = {0};
    if (!policy_file_read(path, VALUE_JSON_SIZE, &c->mem, &text, e))
        return false;
    if (!value_from_json(text, &c->mem, &v, &why))
        return err_set(e, ERR_FORMAT, why.at, STR_FMT ":%s", STR_ARG(path), why.text);
    if (v.kind != VALUE_MAP)
        return err_set(e, ERR_FORMAT, 1,
                       STR_FMT ":1: want an object of inputs, as {\"kb71083.window_days\": 30}",
                       STR_ARG(path));
    return inputs_apply(c, &v, path, text, e);
}

bool settings_apply(const struct engine_options *options, const struct choice *choice,
                    struct catalogue *c, struct err *e)
{
    for (size_t i = 0; i < choice->layer_count; i++) {
        const struct profile *p = choice->layers[i];
        if (!inputs_apply(c, &p->inputs, p->file, span_of(p->source.ptr, p->source.len), e))
            return false;
    }
    for (size_t i = 0; i < options->input_count; i++)
        if (!apply_file(options->inputs[i], c, e))
            return false;
    for (size_t i = 0; i < options->setting_count; i++)
        if (!apply_one(&options->settings[i], c, e))
            return false;
    return true;
}
