#include "model/rule.h"

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};

const char *severity_name(enum severity s)
{
    return (size_t)s < sizeof severities / sizeof *severities ? severities[s] : "info";
}

bool severity_parse(struct str text, enum severity *out)
{
    for (size_t i = 0; i < sizeof severities / sizeof *severities; i++)
        if (str_eq(text, str_of(severities[i]))) {
            *out = (enum severity)i;
            return true;
        }
    return false;
}

const struct str *value_input(const struct value *v)
{
    if (!v || v->kind != VALUE_MAP || v->map.count != 1 ||
        !str_eq(v->map.members[0].name, STR("$input")))
        return NULL;
    return &v->map.members[0].value.text;
}

const struct input *policy_input(const struct policy *p, struct str name)
{
    for (size_t i = 0; i < p->input_count; i++)
        if (str_eq(p->inputs[i].name, name))
            return &p->inputs[i];
    return NULL;
}

const struct value *policy_value(const struct policy *p, const struct value *v)
{
    static const struct value none = {.kind = VALUE_NULL};
    const struct str *name = value_input(v);
    if (!name)
        return v;
    const struct input *in = policy_input(p, *name);
    return in ? &in->value : &none;
}

const char *input_type_name(enum input_type t)
{
    static const char *const names[] = {"text", "int", "number", "bool", "version", "list"};
    return (size_t)t < sizeof names / sizeof *names ? names[t] : "text";
}

bool rule_thumbprint(struct str text, char sha1[THUMBPRINT], struct str *name)
{
    const size_t digits = THUMBPRINT - 1;
    if (text.len < digits || (text.len > digits && text.ptr[digits] != ' '))
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c | 0x20);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        sha1[i] = c;
    }
    sha1[digits] = 0;
    *name = (struct str){text.ptr + digits, text.len - digits};
    while (name->len && name->ptr[0] == ' ')
        *name = (struct str){name->ptr + 1, name->len - 1};
    return true;
}
