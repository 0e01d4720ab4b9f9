/* Results outlive what they were read from: their texts move into the run's arena. */
#include "engine/evaluate.h"

static void keep_text(struct arena *a, struct str *s)
{
    if (s->len)
        *s = str_dup(a, *s);
}

static void keep_value(struct arena *a, struct value *v, unsigned depth)
{
    enum { DEEPEST = 64 };
    if (depth > DEEPEST)
        return;
    if (v->kind == VALUE_TEXT)
        keep_text(a, &v->text);
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
        keep_value(a, &v->list.items[i], depth + 1);
    for (size_t i = 0; v->kind == VALUE_MAP && i < v->map.count; i++) {
        keep_text(a, &v->map.members[i].name);
        keep_value(a, &v->map.members[i].value, depth + 1);
    }
}

void result_keep(struct arena *a, struct result *r)
{
    keep_text(a, &r->message);
    keep_text(a, &r->observed.text);
    keep_text(a, &r->expected.text);
    keep_text(a, &r->coverage.reason);
    keep_value(a, &r->observed.value, 0);
    for (size_t i = 0; i < r->evidence.count; i++) {
        keep_text(a, &r->evidence.items[i].artefact);
        keep_text(a, &r->evidence.items[i].where);
        keep_text(a, &r->evidence.items[i].note);
    }
}
