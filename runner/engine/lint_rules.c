/* The loaded policy: references, rules that nothing reaches or that can never pass, texts of one
 * language, inputs that nothing uses. */
#include "base/utf16.h"
#include "engine/lint_file.h"
#include "script/embedded.h"

/* ---- rules that are not in the policy ------------------------------------------------------- */

static bool in_policy(const struct policy *p, struct str id)
{
    for (size_t i = 0; i < p->rule_count; i++)
        if (str_eq(p->rules[i].id, id))
            return true;
    return false;
}

static void look_for_strays(struct lint_file *f)
{
    const struct tokens *t = &f->tokens;
    struct call c;
    struct table_field id;
    for (size_t i = 0; i < t->count; i++)
        if (lint_call(t, i, &c) && strcmp(c.name, "rule") == 0 &&
            lint_find_field(t, &c, "id", &id) && id.end == id.value + 1 &&
            t->items[id.value].kind == TOKEN_TEXT && !in_policy(f->policy, t->items[id.value].text))
            lint_say(f, t->items[i].line, LINT_WARNING, "unreachable",
                     "rule \"" STR_FMT "\" is in no policy: it is never evaluated",
                     STR_ARG(t->items[id.value].text));
}

/* ---- wants that contradict each other ------------------------------------------------------- */

/* What a predicate allows of whole numbers. */
struct bounds {
    bool numeric;
    int64_t least, most;
};

static struct bounds bounds_of(const struct predicate *p)
{
    struct bounds b = {p->a.kind == VALUE_INT, INT64_MIN, INT64_MAX};
    switch (p->kind) {
    case PRED_EQUALS:
        b.least = b.most = p->a.integer;
        break;
    case PRED_AT_LEAST:
        b.least = p->a.integer;
        break;
    case PRED_AT_MOST:
        b.most = p->a.integer;
        break;
    case PRED_BETWEEN:
        b.numeric = b.numeric && p->b.kind == VALUE_INT;
        b.least = p->a.integer;
        b.most = p->b.integer;
        break;
    default:
        b.numeric = false;
    }
    return b;
}

static bool fails_absent(const struct want *w)
{
    const struct value *v = value_get(&w->args, "if_absent");
    return w->kind == WANT_REGISTRY_VALUE && w->predicate.kind != PRED_ABSENT &&
           (!v || str_eq(v->text, STR("fail")));
}

static bool wants_absent(const struct want *w)
{
    return w->kind == WANT_REGISTRY_ABSENT || w->predicate.kind == PRED_ABSENT;
}

static bool same_argument(const struct want *a, const struct want *b, const char *name)
{
    const struct value *x = value_get(&a->args, name), *y = value_get(&b->args, name);
    if (!x || !y || x->kind != VALUE_TEXT || y->kind != VALUE_TEXT)
        return !x && !y;
    return glob_imatch(x->text, y->text);
}

static bool about_the_same(const struct want *a, const struct want *b)
{
    bool registry = (a->kind == WANT_REGISTRY_VALUE || a->kind == WANT_REGISTRY_ABSENT) &&
                    (b->kind == WANT_REGISTRY_VALUE || b->kind == WANT_REGISTRY_ABSENT);
    return registry && same_argument(a, b, "key") && same_argument(a, b, "name") &&
           same_argument(a, b, "view");
}

/* Both cannot hold at once. */
static bool contradict(const struct want *a, const struct want *b)
{
    if (!about_the_same(a, b))
        return false;
    if ((wants_absent(a) && fails_absent(b)) || (fails_absent(a) && wants_absent(b)))
        return true;
    if (!fails_absent(a) || !fails_absent(b))
        return false;
    struct bounds x = bounds_of(&a->predicate), y = bounds_of(&b->predicate);
    if (x.numeric && y.numeric)
        return x.least > y.most || y.least > x.most;
    bool texts = a->predicate.kind == PRED_EQUALS && b->predicate.kind == PRED_EQUALS &&
                 a->predicate.a.kind == VALUE_TEXT && b->predicate.a.kind == VALUE_TEXT;
    return texts && !glob_imatch(a->predicate.a.text, b->predicate.a.text);
}

static bool identical(const struct want *a, const struct want *b)
{
    return about_the_same(a, b) && a->kind == b->kind && value_eq(&a->args, &b->args) &&
           a->predicate.kind == b->predicate.kind && a->predicate.typed == b->predicate.typed &&
           value_eq(&a->predicate.a, &b->predicate.a) && value_eq(&a->predicate.b, &b->predicate.b);
}

static void never_passes(struct lint_file *f, const struct rule *r, const struct want *a,
                         const struct want *b)
{
    lint_say(f, b->line, LINT_WARNING, "unreachable",
             "rule \"" STR_FMT "\" can never pass: lines %d and %d want the same registry value to "
             "be two things at once",
             STR_ARG(r->id), a->line, b->line);
}

static void look_at_pair(struct lint_file *f, const struct rule *r, const struct want *parent,
                         const struct want *a, const struct want *b)
{
    bool when = parent->kind == WANT_WHEN;
    if (contradict(a, b))
        never_passes(f, r, a, b);
    else if (when && identical(a, b))
        lint_say(f, b->line, LINT_WARNING, "unreachable",
                 "rule \"" STR_FMT "\" can never fail: its condition is what it wants",
                 STR_ARG(r->id));
}

enum { PAIRS_MAX = 256 };

static void look_at_want(struct lint_file *f, const struct rule *r, const struct want *w,
                         unsigned depth)
{
    bool together = w->kind == WANT_ALL || w->kind == WANT_WHEN;
    struct bounds b = bounds_of(&w->predicate);
    if (w->kind == WANT_REGISTRY_VALUE && b.numeric && b.least > b.most)
        lint_say(f, w->line, LINT_WARNING, "unreachable",
                 "rule \"" STR_FMT "\" can never pass: between(%lld, %lld) holds no number",
                 STR_ARG(r->id), (long long)b.least, (long long)b.most);
    for (size_t i = 0; together && i < w->child_count && i < PAIRS_MAX; i++)
        for (size_t k = i + 1; k < w->child_count && k < PAIRS_MAX; k++)
            look_at_pair(f, r, w, w->children[i], w->children[k]);
    for (size_t i = 0; depth < WANT_DEPTH && i < w->child_count; i++)
        look_at_want(f, r, w->children[i], depth + 1);
}

/* ---- texts of one language ------------------------------------------------------------------ */

/* Registry values that setup programs write in the language of the installation. */
static const char *const localized_values[] = {
    "DisplayName", "Description",     "FriendlyName", "FriendlyTypeName",
    "InfoTip",     "LocalizedString", "Comments",     "DeviceDesc",
};

static bool has_letters(const struct value *v)
{
    for (size_t i = 0; v->kind == VALUE_TEXT && i < v->text.len; i++)
        if ((v->text.ptr[i] | 0x20) >= 'a' && (v->text.ptr[i] | 0x20) <= 'z')
            return true;
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
        if (v->list.items[i].kind == VALUE_TEXT && has_letters(&v->list.items[i]))
            return true;
    return false;
}

static bool beyond_ascii(const struct value *v)
{
    for (size_t i = 0; v->kind == VALUE_TEXT && i < v->text.len; i++)
        if ((unsigned char)v->text.ptr[i] >= 0x80)
            return true;
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
        if (v->list.items[i].kind == VALUE_TEXT && beyond_ascii(&v->list.items[i]))
            return true;
    return false;
}

static void look_at_texts(struct lint_file *f, const struct rule *r, const struct want *w,
                          unsigned depth)
{
    const struct value *name = value_get(&w->args, "name");
    const struct predicate *p = &w->predicate;
    bool binary = p->typed && p->reg_type == 3;
    for (size_t i = 0; w->kind == WANT_REGISTRY_VALUE && name && name->kind == VALUE_TEXT &&
                       i < sizeof localized_values / sizeof *localized_values;
         i++)
        if (glob_imatch(str_of(localized_values[i]), name->text) && has_letters(&p->a))
            lint_say(f, w->line, LINT_WARNING, "locale",
                     "rule \"" STR_FMT "\": %s is written in the language of the installation: "
                     "compare a value that is the same everywhere",
                     STR_ARG(r->id), localized_values[i]);
    if (!binary && (beyond_ascii(&p->a) || beyond_ascii(&p->b)))
        lint_say(f, w->line, LINT_WARNING, "locale",
                 "rule \"" STR_FMT "\": compares with a text beyond ASCII, which is likely that of "
                 "one language",
                 STR_ARG(r->id));
    for (size_t i = 0; depth < WANT_DEPTH && i < w->child_count; i++)
        look_at_texts(f, r, w->children[i], depth + 1);
}

void lint_rules(struct lint_file *f)
{
    const struct policy *p = f->policy;
    if (!p)
        return;
    look_for_strays(f);
    for (size_t i = 0; i < p->rule_count; i++) {
        const struct rule *r = &p->rules[i];
        if (!r->reference_count)
            lint_say(f, r->line, LINT_WARNING, "references",
                     "rule \"" STR_FMT "\" names no reference: say which article or control it "
                     "rests on",
                     STR_ARG(r->id));
        if (r->want) {
            look_at_want(f, r, r->want, 0);
            look_at_texts(f, r, r->want, 0);
        }
    }
}

/* ---- inputs --------------------------------------------------------------------------------- */

/* The name is used in the text: input "NAME", input("NAME"), inputs.NAME, inputs["NAME"]. */
static bool uses_input(const struct tokens *t, struct str name)
{
    for (size_t i = 1; i < t->count; i++) {
        if (!str_eq(t->items[i].text, name))
            continue;
        bool text = t->items[i].kind == TOKEN_TEXT;
        size_t before = i - 1;
        if (text && (token_is(t, before, "(") || token_is(t, before, "[")) && before)
            before--;
        if (text && (token_is(t, before, "input") || token_is(t, before, "inputs")))
            return true;
        if (!text && before && token_is(t, before, ".") && token_is(t, before - 1, "inputs"))
            return true;
    }
    return false;
}

/* Modules may read host.inputs for the policies that use them. */
static bool module_uses(struct lint_file *f, struct str name)
{
    for (size_t i = 0; i < embedded_file_count; i++) {
        struct tokens t;
        if (memcmp(embedded_files[i].path, "lua/", 4) != 0)
            continue;
        if (!tokens_read(span_of(embedded_files[i].bytes, embedded_files[i].len), f->lint->mem, &t))
            return true;
        if (uses_input(&t, name))
            return true;
    }
    return false;
}

void lint_inputs(struct lint_file *f)
{
    const struct policy *p = f->policy;
    struct call c;
    struct table_field inputs;
    size_t i = 0;
    while (p && i < f->tokens.count &&
           !(lint_call(&f->tokens, i, &c) && strcmp(c.name, "policy") == 0))
        i++;
    if (!p || i >= f->tokens.count || !lint_find_field(&f->tokens, &c, "inputs", &inputs) ||
        !token_is(&f->tokens, inputs.value, "{"))
        return;
    struct table_field in;
    size_t at = inputs.value + 1;
    while (lint_field(&f->tokens, f->tokens.items[inputs.value].partner, &at, &in))
        if (!uses_input(&f->tokens, in.name) && !module_uses(f, in.name))
            lint_say(f, in.line, LINT_WARNING, "unused-input",
                     "input \"" STR_FMT "\" is used by no rule", STR_ARG(in.name));
}
