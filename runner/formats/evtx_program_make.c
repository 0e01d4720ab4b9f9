#include "formats/binxml_text.h"
#include "formats/evtx_program.h"
#include "formats/evtx_render.h"

enum { OPS_MAX = 4096, TEXT_MAX = 1 << 20, NAMES_MAX = 256 };

struct maker {
    struct arena *mem;
    enum evtx_format format;
    struct evtx_op *op;
    uint32_t count, cap, ids;
    struct sb text; /* fixed text that no operation has yet */
    bool failed;
};

static struct evtx_op *push(struct maker *k, uint8_t kind);

/* Kept with room behind it, so that short texts can be copied as one block. */
static struct str keep_text(struct maker *k, struct str s)
{
    char *p = arena_alloc(k->mem, s.len + EVTX_TEXT_ROOM);
    k->failed = k->failed || !p;
    if (p && s.len)
        memcpy(p, s.ptr, s.len);
    return (struct str){p, s.len};
}

static struct str take_text(struct maker *k)
{
    struct str s = keep_text(k, (struct str){k->text.ptr, k->text.len});
    k->failed = k->failed || k->text.bad;
    k->text.len = 0;
    return s;
}

/* Text before an operation that may be skipped must not go with it. */
static void settle(struct maker *k)
{
    if (k->text.len) {
        struct str s = take_text(k);
        struct evtx_op *op = push(k, EVTX_OP_TEXT);
        if (op)
            op->before = s;
    }
}

static struct evtx_op *push(struct maker *k, uint8_t kind)
{
    if (k->count == k->cap) {
        uint32_t cap = k->cap ? k->cap * 2 : 32;
        struct evtx_op *p = cap > OPS_MAX ? NULL : ARENA_ARRAY(k->mem, cap, struct evtx_op);
        if (!p) {
            k->failed = true;
            return NULL;
        }
        if (k->count)
            memcpy(p, k->op, k->count * sizeof *p);
        k->op = p;
        k->cap = cap;
    }
    struct evtx_op *op = &k->op[k->count++];
    *op = (struct evtx_op){.kind = kind, .depends = BX_NO_DEPENDENCY};
    return op;
}

static void use(struct maker *k, uint16_t id)
{
    if (id >= EVTX_PROGRAM_IDS)
        k->failed = true;
    else if (id >= k->ids)
        k->ids = id + 1u;
}

struct value {
    const struct bx_node *subst;
    uint16_t depends;
    uint8_t arrays;
    bool omit_null, number;
};

/* The text gathered so far comes before the value; returns NULL on failure. */
static void put_value(struct maker *k, const struct value *v, const char *after)
{
    struct str before = take_text(k);
    struct evtx_op *op = push(k, EVTX_OP_VALUE);
    if (!op)
        return;
    use(k, v->subst->id);
    op->id = v->subst->id;
    op->depends = v->depends;
    op->arrays = v->arrays;
    op->omit_null = v->omit_null;
    op->number = v->number;
    op->before = before;
    op->after = keep_text(k, str_of(after));
}

static bool lone(const struct bx_node *list, enum bx_kind kind)
{
    return list && !list->next && list->kind == kind;
}

static bool any_kind(const struct bx_node *list, enum bx_kind kind)
{
    while (list && list->kind != kind)
        list = list->next;
    return list != NULL;
}

/* Operations from here to end_skip() are skipped when the value is null. */
static uint32_t begin_skip(struct maker *k, uint16_t depends)
{
    settle(k);
    struct evtx_op *op = push(k, EVTX_OP_SKIP);
    if (op)
        op->depends = depends;
    return k->count;
}

static void end_skip(struct maker *k, uint32_t from)
{
    settle(k);
    if (!k->failed)
        k->op[from - 1].count = k->count - from;
}

/* ---- XML ---- */

/* What the general renderer writes of nodes without substitutions. */
static void xml_fixed(struct maker *k, const struct bx_node *n)
{
    struct bx_node alone = *n;
    alone.next = NULL;
    struct evtx_tree tree = {.root = &alone};
    evtx_render(&k->text, &tree, NULL, EVTX_XML);
}

static void xml_nodes(struct maker *k, const struct bx_node *list, bool record_root);

static void xml_parts(struct maker *k, const struct bx_node *list, uint8_t arrays)
{
    for (; list; list = list->next) {
        if (list->kind != BX_SUBST) {
            xml_fixed(k, list);
            continue;
        }
        settle(k);
        put_value(k, &(struct value){.subst = list, .depends = BX_NO_DEPENDENCY, .arrays = arrays},
                  "");
    }
}

static void xml_attr(struct maker *k, const struct bx_attr *a, bool *fixed)
{
    bool subst = any_kind(a->value, BX_SUBST);
    *fixed = *fixed && !subst;
    if (lone(a->value, BX_SUBST) && a->value->optional) {
        settle(k);
        sb_putc(&k->text, ' ');
        evtx_xml_name(&k->text, a->name);
        sb_puts(&k->text, "='");
        put_value(k,
                  &(struct value){.subst = a->value,
                                  .depends = BX_NO_DEPENDENCY,
                                  .arrays = EVTX_ARRAY_VALUE,
                                  .omit_null = true},
                  "'");
        return;
    }
    sb_putc(&k->text, ' ');
    evtx_xml_name(&k->text, a->name);
    sb_puts(&k->text, "='");
    xml_parts(k, a->value, EVTX_ARRAY_VALUE);
    sb_putc(&k->text, '\'');
}

static bool attrs_twice(const struct bx_node *n)
{
    unsigned count = 0;
    for (const struct bx_attr *a = n->attr; a; a = a->next) {
        if (++count > NAMES_MAX)
            return true;
        for (const struct bx_attr *b = a->next; b; b = b->next)
            if (span_eq(a->name, b->name))
                return true;
    }
    return false;
}

static void xml_start(struct maker *k, const struct bx_node *n, bool *fixed)
{
    k->failed = k->failed || attrs_twice(n);
    sb_putc(&k->text, '<');
    evtx_xml_name(&k->text, n->name);
    for (const struct bx_attr *a = n->attr; a && !k->failed; a = a->next)
        xml_attr(k, a, fixed);
    sb_puts(&k->text, n->closed ? "/>" : ">");
}

static void xml_element(struct maker *k, const struct bx_node *n)
{
    bool fixed = true;
    settle(k);
    xml_start(k, n, &fixed);
    if (n->closed)
        return;
    if (lone(n->child, BX_SUBST)) {
        struct sb end;
        sb_init(&end, TEXT_MAX);
        sb_puts(&end, "</");
        evtx_xml_name(&end, n->name);
        sb_putc(&end, '>');
        put_value(k,
                  &(struct value){.subst = n->child,
                                  .depends = BX_NO_DEPENDENCY,
                                  .arrays = fixed ? EVTX_ARRAY_REPEAT : EVTX_ARRAY_FAIL},
                  end.ptr ? end.ptr : "");
        sb_done(&end);
        return;
    }
    xml_nodes(k, n->child, false);
    sb_puts(&k->text, "</");
    evtx_xml_name(&k->text, n->name);
    sb_putc(&k->text, '>');
}

static void xml_nodes(struct maker *k, const struct bx_node *list, bool record_root)
{
    for (const struct bx_node *n = list; n && !k->failed; n = n->next) {
        if (n->kind == BX_ELEMENT) {
            bool may_drop = n->depends != BX_NO_DEPENDENCY && !record_root;
            uint32_t from = may_drop ? begin_skip(k, n->depends) : 0;
            xml_element(k, n);
            if (may_drop)
                end_skip(k, from);
        } else if (n->kind == BX_SUBST) {
            settle(k);
            put_value(k, &(struct value){.subst = n, .depends = BX_NO_DEPENDENCY}, "");
        } else {
            xml_fixed(k, n);
        }
    }
}

/* ---- JSON ---- */

static void json_key(struct maker *k, const char *prefix, struct span name)
{
    sb_putc(&k->text, '"');
    sb_puts(&k->text, prefix);
    evtx_escape(&k->text, name, EVTX_JSON);
    sb_puts(&k->text, "\":");
}

/* A member whose key stands in k->text already. */
static void json_member(struct maker *k, const struct bx_node *content, const struct value *how)
{
    if (lone(content, BX_SUBST)) {
        struct value v = *how;
        v.subst = content;
        put_value(k, &v, ",");
        return;
    }
    if (any_kind(content, BX_SUBST) || any_kind(content, BX_ELEMENT)) {
        k->failed = true;
        return;
    }
    bool may_drop = how->depends != BX_NO_DEPENDENCY;
    if (may_drop) {
        /* The key must not be left behind: it becomes part of what is skipped. */
        struct str own = take_text(k);
        uint32_t from = begin_skip(k, how->depends);
        sb_str(&k->text, own);
        evtx_member_text(&k->text, content, how->number);
        sb_putc(&k->text, ',');
        end_skip(k, from);
        return;
    }
    evtx_member_text(&k->text, content, how->number);
    sb_putc(&k->text, ',');
}

static const struct bx_node *only(struct maker *k, const struct bx_node *list, const char *name)
{
    const struct bx_node *n = bx_find(list, name);
    if (n && bx_find(n->next, name))
        k->failed = true;
    return n;
}

static void json_system(struct maker *k, const struct bx_node *system)
{
    for (size_t i = 0; i < evtx_member_count && !k->failed; i++) {
        const struct evtx_member *m = &evtx_members[i];
        const struct bx_node *n = only(k, system->child, m->element);
        const struct bx_node *value = n ? n->child : NULL;
        if (n && m->attr) {
            const struct bx_attr *a = bx_attr_find(n, m->attr);
            k->failed = k->failed || attrs_twice(n);
            value = a ? a->value : NULL;
        }
        if (!value)
            continue;
        settle(k);
        sb_printf(&k->text, "\"%s\":", m->key);
        json_member(k, value,
                    &(struct value){.depends = n->depends, .omit_null = true, .number = m->number});
    }
}

static bool any_attr(const struct bx_node *n)
{
    for (const struct bx_attr *a = n->attr; a; a = a->next)
        if (!evtx_is_namespace(a->name))
            return true;
    return false;
}

static void json_element(struct maker *k, const struct bx_node *n);

/* A child of an element that is written as an object: key and value. */
static void json_child(struct maker *k, const struct bx_node *n)
{
    if (!any_kind(n->child, BX_ELEMENT) && !any_attr(n)) {
        settle(k);
        json_key(k, "", n->name);
        json_member(k, n->child,
                    &(struct value){.depends = n->depends, .arrays = EVTX_ARRAY_VALUE});
        return;
    }
    bool may_drop = n->depends != BX_NO_DEPENDENCY;
    uint32_t from = may_drop ? begin_skip(k, n->depends) : 0;
    json_key(k, "", n->name);
    json_element(k, n);
    sb_putc(&k->text, ',');
    if (may_drop)
        end_skip(k, from);
}

static bool names_twice(const struct bx_node *list)
{
    unsigned count = 0;
    for (; list; list = list->next) {
        if (++count > NAMES_MAX)
            return true;
        for (const struct bx_node *m = list->next; m; m = m->next)
            if (m->kind == BX_ELEMENT && list->kind == BX_ELEMENT && span_eq(m->name, list->name))
                return true;
    }
    return false;
}

/* An element with attributes or elements in it: an object. */
static void json_element(struct maker *k, const struct bx_node *n)
{
    bool elements = any_kind(n->child, BX_ELEMENT);
    if (attrs_twice(n) || names_twice(n->child) || (elements && any_kind(n->child, BX_SUBST))) {
        k->failed = true;
        return;
    }
    sb_putc(&k->text, '{');
    settle(k);
    for (const struct bx_attr *a = n->attr; a; a = a->next) {
        if (evtx_is_namespace(a->name))
            continue;
        /* Without the attribute it might be no object at all. */
        if (!elements && any_kind(a->value, BX_SUBST))
            k->failed = true;
        settle(k);
        json_key(k, "@", a->name);
        json_member(k, a->value,
                    &(struct value){.depends = BX_NO_DEPENDENCY,
                                    .arrays = EVTX_ARRAY_VALUE,
                                    .omit_null = lone(a->value, BX_SUBST) && a->value->optional});
    }
    for (const struct bx_node *c = n->child; c && elements && !k->failed; c = c->next)
        if (c->kind == BX_ELEMENT)
            json_child(k, c);
    if (!elements && n->child) {
        settle(k);
        sb_puts(&k->text, "\"#text\":");
        json_member(k, n->child, &(struct value){.depends = BX_NO_DEPENDENCY, .omit_null = true});
    }
    settle(k);
    struct evtx_op *op = push(k, EVTX_OP_CLOSE);
    if (op)
        op->bracket = '}';
}

/* The literal Name of a Data that has no other attribute. */
static bool data_name(const struct bx_node *n, struct span *out, bool *named)
{
    *named = false;
    for (const struct bx_attr *a = n->attr; a; a = a->next) {
        if (evtx_is_namespace(a->name))
            continue;
        if (*named || !bx_name_is(a->name, "Name") || !lone(a->value, BX_VALUE) ||
            a->value->type != BX_STRING)
            return false;
        *named = true;
        *out = bx_trim(a->value->raw);
    }
    return true;
}

static bool data_shape(const struct bx_node *list, const struct bx_node *binary, bool *all_named)
{
    struct span name[NAMES_MAX];
    unsigned named = 0, count = 0;
    for (const struct bx_node *n = list; n; n = n->next) {
        bool has;
        if (n->kind == BX_SUBST)
            return false;
        if (n->kind != BX_ELEMENT || n == binary)
            continue;
        if (count == NAMES_MAX || !data_name(n, &name[count], &has) || n->had_elements)
            return false;
        for (unsigned i = 0; has && i < count; i++)
            if (span_eq(name[i], name[count]))
                return false;
        named += has;
        count++;
    }
    *all_named = named > 0;
    return named == 0 || named == count;
}

static void event_data(struct maker *k, const struct bx_node *e)
{
    bool named = false;
    const struct bx_node *binary = only(k, e->child, "Binary");
    if (k->failed || !data_shape(e->child, binary, &named)) {
        k->failed = true;
        return;
    }
    settle(k);
    struct evtx_op *op = push(k, EVTX_OP_OPEN);
    if (op)
        op->before = keep_text(k, named ? STR("\"event_data\":{") : STR("\"event_data\":["));
    for (const struct bx_node *n = e->child; n && !k->failed; n = n->next) {
        struct span name = {NULL, 0};
        bool has;
        if (n->kind != BX_ELEMENT || n == binary)
            continue;
        settle(k);
        data_name(n, &name, &has);
        if (named)
            json_key(k, "", name);
        json_member(k, n->child,
                    &(struct value){.depends = n->depends,
                                    .arrays = named ? EVTX_ARRAY_VALUE : EVTX_ARRAY_REPEAT});
    }
    settle(k);
    op = push(k, EVTX_OP_CLOSE);
    if (op)
        op->bracket = named ? '}' : ']', op->omit_null = true;
    if (binary && binary->child) {
        sb_puts(&k->text, "\"binary\":");
        json_member(k, binary->child,
                    &(struct value){.depends = binary->depends, .omit_null = true});
    }
}

static void nested(struct maker *k, const struct bx_node *subst, enum evtx_role role)
{
    settle(k);
    struct evtx_op *op = push(k, EVTX_OP_NESTED);
    if (op) {
        op->id = subst->id;
        op->role = (uint8_t)role;
        op->omit_null = role == EVTX_ROLE_PAYLOAD;
    }
    use(k, subst->id);
}

/* As Windows writes UserData: a document in an element that has nothing else. */
static void json_document(struct maker *k, const struct bx_node *n)
{
    k->failed = k->failed || any_attr(n);
    sb_putc(&k->text, '{');
    nested(k, n->child, EVTX_ROLE_MEMBER);
    struct evtx_op *op = push(k, EVTX_OP_CLOSE);
    if (op)
        op->bracket = '}';
}

/* A child of Event other than System. */
static void json_payload(struct maker *k, const struct bx_node *n)
{
    bool may_drop = n->depends != BX_NO_DEPENDENCY;
    uint32_t from = may_drop ? begin_skip(k, n->depends) : 0;
    if (bx_name_is(n->name, "EventData")) {
        event_data(k, n);
    } else {
        if (bx_name_is(n->name, "UserData"))
            sb_puts(&k->text, "\"user_data\":");
        else
            json_key(k, "", n->name);
        if (lone(n->child, BX_SUBST))
            json_document(k, n);
        else if (n->had_elements || any_attr(n))
            json_element(k, n);
        else if (any_kind(n->child, BX_SUBST))
            k->failed = true;
        else
            evtx_text(&k->text, n->child, EVTX_JSON);
        sb_putc(&k->text, ',');
    }
    if (may_drop)
        end_skip(k, from);
}

static void json_record(struct maker *k, const struct bx_node *root)
{
    const struct bx_node *system = bx_find(root->child, "System");
    if (!system || system->depends != BX_NO_DEPENDENCY || any_kind(system->child, BX_SUBST)) {
        k->failed = true;
        return;
    }
    sb_putc(&k->text, '{');
    json_system(k, system);
    unsigned others = 0;
    for (const struct bx_node *n = root->child; n && !k->failed; n = n->next) {
        if (n == system || (n->kind != BX_ELEMENT && n->kind != BX_SUBST))
            continue;
        /* Two could share a name; in front of System, one could be another System. */
        if (others++ || (n->kind == BX_SUBST && bx_find(n, "System")))
            k->failed = true;
        settle(k);
        if (n->kind == BX_ELEMENT) {
            json_payload(k, n);
            continue;
        }
        nested(k, n, EVTX_ROLE_PAYLOAD);
    }
    settle(k);
    struct evtx_op *op = push(k, EVTX_OP_CLOSE);
    if (op)
        op->bracket = '}';
}

static const struct bx_node *only_element(const struct bx_node *list)
{
    const struct bx_node *found = NULL;
    for (; list; list = list->next) {
        if (list->kind == BX_SUBST || (list->kind == BX_ELEMENT && found))
            return NULL;
        if (list->kind == BX_ELEMENT)
            found = list;
    }
    return found;
}

bool evtx_program_make(const struct bx_node *tree, enum evtx_role role, enum evtx_format format,
                       struct arena *mem, struct evtx_program *out)
{
    struct maker k = {.mem = mem, .format = format};
    const struct bx_node *root = only_element(tree);
    sb_init(&k.text, TEXT_MAX);
    if (!root) {
        k.failed = true;
    } else if (format == EVTX_XML) {
        /* Of a record only its element counts, of a document in a value everything. */
        struct bx_node alone = *root;
        alone.next = NULL;
        bool record = role == EVTX_ROLE_RECORD;
        xml_nodes(&k, record ? &alone : tree, record);
    } else if (role == EVTX_ROLE_RECORD) {
        json_record(&k, root);
    } else if (role == EVTX_ROLE_PAYLOAD) {
        json_payload(&k, root);
    } else {
        json_child(&k, root);
    }
    if (!k.failed)
        settle(&k);
    bool ok = !k.failed && !k.text.bad;
    sb_done(&k.text);
    *out = (struct evtx_program){k.op, k.count, k.ids};
    return ok;
}
