/* Wanted states with one mistake: a clause dropped, a predicate turned round, a limit shifted, an
 * argument left out or another one in its place. */
#include "engine/policy_mutants.h"

#include "base/version.h"
#include "engine/evaluate.h"

enum { CHANGES = 4, TEXT_MOST = 60 };

struct tree {
    struct mutants *out;
    const struct rule *rule;
    enum case_part part;
    const struct want *root;
};

const char *mutants_want_name(enum want_kind kind)
{
    static const char *const names[WANT_KINDS] = {
        [WANT_ALL] = "all",
        [WANT_ANY] = "any",
        [WANT_WHEN] = "when",
        [WANT_NONE] = "none",
        [WANT_REGISTRY_VALUE] = "registry.value",
        [WANT_REGISTRY_ABSENT] = "registry.absent",
        [WANT_REGISTRY_KEY] = "registry.key",
        [WANT_PRODUCT_VERSION] = "product.version",
        [WANT_PRODUCT_INSTALLED] = "product.installed",
        [WANT_PRODUCT_ABSENT] = "product.absent",
        [WANT_SERVICE] = "service.enabled",
        [WANT_SERVICE_START] = "service.start",
        [WANT_SERVICE_ABSENT] = "service.absent",
        [WANT_EVENTS_NONE] = "eventlog.none",
        [WANT_EVENTS_COUNT] = "eventlog count",
        [WANT_LOG_CAPACITY] = "eventlog.capacity",
        [WANT_LOG_SIZE] = "eventlog.size",
        [WANT_FILE_SIGNED] = "file.signed",
        [WANT_MODULE_SIGNED] = "module.signed",
        [WANT_FILE_PRESENT] = "file.present",
        [WANT_FILE_ABSENT] = "file.absent",
        [WANT_FILE_VERSION] = "file.version",
        [WANT_FILE_SHA256] = "file.sha256",
        [WANT_SIGNATURE_SIGNER] = "signature.signer",
        [WANT_CERTIFICATE_PRESENT] = "certificate.present",
        [WANT_CERTIFICATE_ABSENT] = "certificate.absent",
        [WANT_CERTIFICATE_STORED] = "certificate.stored",
        [WANT_CTL_FRESH] = "ctl.fresh",
        [WANT_CTL_PRESENT] = "ctl.present",
        [WANT_OS_VERSION] = "os.version",
        [WANT_OS_ARCH] = "os.arch",
        [WANT_OS_TYPE] = "os.type",
    };
    return (size_t)kind < WANT_KINDS && names[kind] ? names[kind] : "want";
}

struct str mutants_value_text(struct arena *a, const struct value *v)
{
    switch (v->kind) {
    case VALUE_BOOL:
        return v->boolean ? STR("true") : STR("false");
    case VALUE_INT:
        return str_fmt(a, "%lld", (long long)v->integer);
    case VALUE_NUMBER:
        return str_fmt(a, "%g", v->number);
    case VALUE_TEXT:
        return str_fmt(a, "\"%.*s%s\"", (int)(v->text.len > TEXT_MOST ? TEXT_MOST : v->text.len),
                       v->text.ptr ? v->text.ptr : "", v->text.len > TEXT_MOST ? "..." : "");
    case VALUE_LIST:
        return str_fmt(a, "a list of %zu", v->list.count);
    default:
        return STR("a value");
    }
}

/* ---- values -----------------------------------------------------------------------------------
 */

/* The version next to this one. */
static struct value next_version(struct arena *a, struct version v, bool up)
{
    char text[VERSION_TEXT];
    for (size_t i = 4; i-- > 0;) {
        bool can = up ? v.part[i] < UINT16_MAX : v.part[i] > 0;
        v.part[i] = (uint16_t)(can ? v.part[i] + (up ? 1 : -1) : up ? 0 : UINT16_MAX);
        if (can)
            break;
    }
    return value_text(str_dup(a, str_of(version_format(v, text))));
}

size_t mutants_of_value(struct mutants *m, const struct value *v, struct value *out, size_t most)
{
    struct version version;
    size_t n = 0;
    struct value made[2];
    switch (v->kind) {
    case VALUE_BOOL:
        made[n++] = value_bool(!v->boolean);
        break;
    case VALUE_INT:
        made[n++] = value_int(v->integer + 1);
        made[n++] = value_int(v->integer - 1);
        break;
    case VALUE_NUMBER:
        made[n++] = value_number(v->number * 1.01 + 0.01);
        made[n++] = value_number(v->number * 0.99 - 0.01);
        break;
    case VALUE_TEXT:
        if (version_parse(v->text, &version)) {
            made[n++] = next_version(m->mem, version, true);
            made[n++] = next_version(m->mem, version, false);
        } else {
            made[n++] = value_text(str_fmt(m->mem, STR_FMT "~", STR_ARG(v->text)));
        }
        break;
    default:
        break;
    }
    n = n < most ? n : most;
    memcpy(out, made, n * sizeof *out);
    return n;
}

/* ---- putting a node into a copy of the tree ---------------------------------------------------
 */

static bool holds(const struct want *tree, const struct want *node)
{
    if (tree == node)
        return true;
    for (size_t i = 0; i < tree->child_count; i++)
        if (holds(tree->children[i], node))
            return true;
    return false;
}

static struct want *with_node(const struct tree *t, const struct want *at, const struct want *node,
                              struct want *by)
{
    if (at == node)
        return by;
    struct want *copy = ARENA_NEW(t->out->mem, struct want);
    struct want **children = ARENA_ARRAY(t->out->mem, at->child_count + 1, struct want *);
    if (!copy || !children)
        return NULL;
    *copy = *at;
    copy->children = children;
    for (size_t i = 0; i < at->child_count; i++)
        children[i] = holds(at->children[i], node) ? with_node(t, at->children[i], node, by)
                                                   : at->children[i];
    return copy;
}

/* The tree with `by` in the place of `node`. */
static void add(const struct tree *t, const struct want *node, const struct want *by,
                struct str text)
{
    struct want *own = ARENA_NEW(t->out->mem, struct want);
    struct str what =
        str_fmt(t->out->mem, "%s: " STR_FMT, mutants_want_name(node->kind), STR_ARG(text));
    struct mutant *m = mutants_add(t->out, t->rule->policy->file, node->line, what);
    if (!m || !own)
        return;
    *own = *by;
    m->rule = t->part == PART_POLICY_APPLIES ? NULL : t->rule;
    m->change.part = t->part;
    m->change.want = with_node(t, t->root, node, own);
}

/* ---- predicates -------------------------------------------------------------------------------
 */

static void with_predicate(const struct tree *t, const struct want *w, const struct predicate *p,
                           struct str text)
{
    struct want by = *w;
    by.predicate = *p;
    add(t, w, &by, text);
}

static void shift_operand(const struct tree *t, const struct want *w, bool second)
{
    struct value made[CHANGES];
    const struct value *v = second ? &w->predicate.b : &w->predicate.a;
    size_t n =
        value_input(v) || w->predicate.regex ? 0 : mutants_of_value(t->out, v, made, CHANGES);
    for (size_t i = 0; i < n; i++) {
        struct predicate p = w->predicate;
        *(second ? &p.b : &p.a) = made[i];
        struct str was = mutants_value_text(t->out->mem, v);
        struct str is = mutants_value_text(t->out->mem, &made[i]);
        with_predicate(
            t, w, &p, str_fmt(t->out->mem, STR_FMT " becomes " STR_FMT, STR_ARG(was), STR_ARG(is)));
    }
}

static struct value without(struct arena *a, const struct value *list, size_t drop)
{
    struct value v = value_list(a, list->list.count - 1);
    for (size_t i = 0, n = 0; i < list->list.count && n < v.list.count; i++)
        if (i != drop)
            v.list.items[n++] = list->list.items[i];
    return v;
}

static void mutate_predicate(const struct tree *t, const struct want *w)
{
    struct predicate *inner = ARENA_NEW(t->out->mem, struct predicate);
    struct predicate p = w->predicate;
    if (!inner || p.kind == PRED_NONE)
        return;
    *inner = p;
    if (p.kind == PRED_AT_LEAST || p.kind == PRED_AT_MOST) {
        p.kind = p.kind == PRED_AT_LEAST ? PRED_AT_MOST : PRED_AT_LEAST;
        with_predicate(t, w, &p, STR("at_least and at_most are exchanged"));
    } else if (p.kind != PRED_ABSENT) {
        p = (struct predicate){.kind = PRED_NOT, .inner = p.kind == PRED_NOT ? NULL : inner};
        with_predicate(t, w, p.inner ? &p : w->predicate.inner, STR("the predicate is negated"));
    }
    p = w->predicate;
    if (p.typed) {
        p.typed = false;
        with_predicate(t, w, &p, STR("any registry type will do"));
    }
    shift_operand(t, w, false);
    shift_operand(t, w, true);
    for (size_t i = 0; w->predicate.a.kind == VALUE_LIST && i < w->predicate.a.list.count; i++) {
        p = w->predicate;
        p.a = without(t->out->mem, &w->predicate.a, i);
        struct str gone = mutants_value_text(t->out->mem, &w->predicate.a.list.items[i]);
        with_predicate(t, w, &p, str_fmt(t->out->mem, STR_FMT " is left out", STR_ARG(gone)));
    }
}

/* ---- arguments --------------------------------------------------------------------------------
 */

static void with_argument(const struct tree *t, const struct want *w, size_t at,
                          const struct value *v, struct str text)
{
    struct arena *a = t->out->mem;
    struct want by = *w;
    by.args = value_map(a, v ? w->args.map.count : w->args.map.count - 1);
    for (size_t i = 0, n = 0; i < w->args.map.count && n < by.args.map.count; i++)
        if (i != at || v) {
            by.args.map.members[n] = w->args.map.members[i];
            if (i == at)
                by.args.map.members[n].value = *v;
            n++;
        }
    add(t, w, &by, text);
}

/* Arguments that can be left out without another constructor being meant. */
static bool optional(struct str name)
{
    static const char *const names[] = {"view",       "if_absent", "when_product", "group_by",
                                        "signers",    "claims",    "roots",        "pin",
                                        "optional",   "partial",   "providers",    "ids",
                                        "obtainable", "otherwise", "needed_by",    "store"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, str_of(names[i])))
            return true;
    return false;
}

static void mutate_argument(const struct tree *t, const struct want *w, size_t at)
{
    struct arena *a = t->out->mem;
    const struct value_member *arg = &w->args.map.members[at];
    struct value made[CHANGES];
    if (optional(arg->name))
        with_argument(t, w, at, NULL, str_fmt(a, STR_FMT " is left out", STR_ARG(arg->name)));
    if (value_input(&arg->value))
        return;
    size_t n = str_eq(arg->name, STR("view")) || str_eq(arg->name, STR("group_by")) ||
                       str_eq(arg->name, STR("if_absent"))
                   ? 0
                   : mutants_of_value(t->out, &arg->value, made, CHANGES);
    for (size_t i = 0; i < n; i++) {
        struct str was = mutants_value_text(a, &arg->value), is = mutants_value_text(a, &made[i]);
        with_argument(t, w, at, &made[i],
                      str_fmt(a, STR_FMT " " STR_FMT " becomes " STR_FMT, STR_ARG(arg->name),
                              STR_ARG(was), STR_ARG(is)));
    }
    for (size_t i = 0; arg->value.kind == VALUE_LIST && i < arg->value.list.count; i++) {
        struct value list = without(a, &arg->value, i);
        struct str gone = mutants_value_text(a, &arg->value.list.items[i]);
        with_argument(
            t, w, at, &list,
            str_fmt(a, STR_FMT ": " STR_FMT " is left out", STR_ARG(arg->name), STR_ARG(gone)));
    }
}

/* ---- trees ------------------------------------------------------------------------------------
 */

static void drop_clauses(const struct tree *t, const struct want *w)
{
    for (size_t i = 0; w->child_count > 1 && i < w->child_count; i++) {
        struct want by = *w;
        by.children = ARENA_ARRAY(t->out->mem, w->child_count, struct want *);
        by.child_count = 0;
        for (size_t k = 0; by.children && k < w->child_count; k++)
            if (k != i)
                by.children[by.child_count++] = w->children[k];
        add(t, w, &by,
            str_fmt(t->out->mem, "clause %zu (%s) is left out", i + 1,
                    mutants_want_name(w->children[i]->kind)));
    }
}

static void mutate_node(const struct tree *t, const struct want *w, unsigned depth)
{
    if (depth > WANT_DEPTH)
        return;
    if (w->kind == WANT_WHEN && w->child_count == 2) {
        add(t, w, w->children[1], STR("the condition is left out"));
    } else if (w->kind == WANT_ALL || w->kind == WANT_ANY || w->kind == WANT_NONE) {
        struct want by = *w;
        drop_clauses(t, w);
        by.kind = w->kind == WANT_ALL ? WANT_ANY : WANT_ALL;
        if (w->child_count > 1 || w->kind == WANT_NONE)
            add(t, w, &by, str_fmt(t->out->mem, "becomes %s", mutants_want_name(by.kind)));
    }
    mutate_predicate(t, w);
    for (size_t i = 0; i < w->args.map.count; i++)
        mutate_argument(t, w, i);
    for (size_t i = 0; i < w->child_count; i++)
        mutate_node(t, w->children[i], depth + 1);
}

void mutants_of_want(struct mutants *m, const struct rule *rule, enum case_part part,
                     const struct want *root)
{
    const struct tree t = {m, rule, part, root};
    if (root)
        mutate_node(&t, root, 0);
}
