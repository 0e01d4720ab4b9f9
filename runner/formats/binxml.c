#include "formats/binxml.h"

#include "base/utf16.h"

/* What a run of tokens belongs to. */
struct frame {
    const struct bx_values *values; /* NULL: none, substitutions are errors or stay */
    bool in_template;               /* elements carry a dependency id */
    unsigned depth;                 /* of elements and nested documents */
    unsigned level;                 /* of elements below the record's root, for system_only */
    bool *had_elements;             /* of the element around it, or NULL */
};

struct walk {
    struct bx_parse *p;
    struct err *e;
    bool keep;   /* leave substitutions in place */
    bool stop;   /* the System element was read and nothing more is wanted */
    size_t base; /* template parse: start of the definition's data */
};

struct list {
    struct bx_node *first, **tail;
};

static bool content(struct walk *w, struct reader *r, const struct frame *f, bool in_element,
                    struct list *out);

static bool bad(struct walk *w, size_t at, const char *what)
{
    return err_set(w->e, ERR_FORMAT, at, "binary XML: %s", what);
}

static struct bx_node *add(struct walk *w, struct list *l, enum bx_kind kind)
{
    struct bx_node *n = ARENA_NEW(w->p->mem, struct bx_node);
    if (!n) {
        err_set(w->e, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    n->kind = kind;
    n->depends = BX_NO_DEPENDENCY;
    *l->tail = n;
    l->tail = &n->next;
    return n;
}

static bool spend(struct walk *w, size_t at)
{
    if (++w->p->tokens > BX_TOKENS)
        return err_set(w->e, ERR_LIMIT, at, "binary XML: more than %d tokens", BX_TOKENS);
    return true;
}

bool bx_name_at(struct span chunk, size_t at, struct span *name, size_t *size)
{
    struct span head;
    if (!span_sub(chunk, at, 8, &head))
        return false;
    size_t bytes = (size_t)load_u16(head.ptr + 6) * 2;
    *size = 8 + bytes + 2;
    return span_sub(chunk, (uint64_t)at + 8, bytes, name);
}

static bool note_slot(struct walk *w, size_t at, struct span name, size_t skip)
{
    struct bx_slots *s = w->p->slots;
    if (!s)
        return true;
    if (s->count == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 64;
        struct bx_slot *grown = ARENA_ARRAY(w->p->mem, cap, struct bx_slot);
        if (!grown)
            return err_set(w->e, ERR_NOMEM, 0, "out of memory");
        if (s->count)
            memcpy(grown, s->slot, s->count * sizeof *grown);
        s->slot = grown;
        s->cap = cap;
    }
    s->slot[s->count++] = (struct bx_slot){(uint32_t)(at - w->base), (uint32_t)skip, name};
    return true;
}

/* A name stands where it is first used and is referred to by its offset afterwards. */
static bool read_name(struct walk *w, struct reader *r, struct span *name)
{
    size_t at = r->pos, size = 0;
    uint32_t offset = rd_u32(r);
    if (r->bad || !bx_name_at(w->p->chunk, offset, name, &size))
        return bad(w, at, "name outside the chunk");
    bool inline_here = offset == r->pos;
    if (inline_here)
        rd_skip(r, size);
    if (r->bad)
        return bad(w, at, "name cut short");
    return note_slot(w, at, *name, inline_here ? size : 0);
}

static bool read_length(struct walk *w, struct reader *r)
{
    size_t at = r->pos;
    rd_skip(r, 4);
    if (r->bad)
        return bad(w, at, "length cut short");
    return note_slot(w, at, (struct span){NULL, 0}, 0);
}

bool bx_value_at(struct span chunk, const struct bx_values *v, uint32_t id, uint8_t *type,
                 struct span *raw)
{
    *type = BX_NULL;
    *raw = (struct span){NULL, 0};
    if (id >= v->count)
        return true;
    uint64_t at = v->data;
    for (uint32_t i = 0; i < id; i++)
        at += load_u16(v->spec + (size_t)i * 4);
    uint16_t size = load_u16(v->spec + (size_t)id * 4);
    if (at + size > v->end)
        return false;
    *type = v->spec[(size_t)id * 4 + 2];
    return span_sub(chunk, at, size, raw);
}

static size_t fixed_size(uint8_t type)
{
    switch (type) {
    case BX_INT8:
    case BX_UINT8:
        return 1;
    case BX_INT16:
    case BX_UINT16:
        return 2;
    case BX_INT32:
    case BX_UINT32:
    case BX_REAL32:
    case BX_BOOL:
    case BX_HEX32:
        return 4;
    case BX_INT64:
    case BX_UINT64:
    case BX_REAL64:
    case BX_FILETIME:
    case BX_HEX64:
        return 8;
    case BX_GUID:
    case BX_SYSTEMTIME:
        return 16;
    default:
        return 0;
    }
}

static size_t string_item(struct span rest, size_t unit, size_t *skip)
{
    size_t n = 0;
    while (rest.len - n >= unit && (rest.ptr[n] || (unit == 2 && rest.ptr[n + 1])))
        n += unit;
    *skip = rest.len - n >= unit ? n + unit : rest.len;
    return n;
}

bool bx_array_next(uint8_t type, struct span *rest, struct span *item)
{
    if (rest->len == 0)
        return false;
    type &= (uint8_t)~BX_ARRAY;
    size_t size = fixed_size(type), skip;
    if (type == BX_STRING || type == BX_ANSI) {
        size = string_item(*rest, type == BX_STRING ? 2 : 1, &skip);
    } else {
        if (type == BX_SID && rest->len >= 8)
            size = 8 + (size_t)rest->ptr[1] * 4;
        if (type == BX_SIZE)
            size = rest->len % 8 == 0 ? 8 : 4;
        if (size == 0 || size > rest->len)
            size = rest->len;
        skip = size;
    }
    *item = (struct span){rest->ptr, size};
    *rest = (struct span){rest->ptr + skip, rest->len - skip};
    return true;
}

/* ---- values ---- */

/* A document inside a value: its elements take the value's place. */
static bool nested(struct walk *w, const struct frame *f, struct span raw, struct list *out)
{
    if (f->depth >= BX_DEPTH)
        return err_set(w->e, ERR_LIMIT, 0, "binary XML: deeper than %d", BX_DEPTH);
    size_t at = (size_t)(raw.ptr - w->p->chunk.ptr);
    struct reader r = {{w->p->chunk.ptr, at + raw.len}, at, false};
    struct frame inner = {
        .depth = f->depth + 1, .level = f->level, .had_elements = f->had_elements};
    return content(w, &r, &inner, false, out);
}

static bool put_value(struct walk *w, const struct frame *f, uint8_t type, struct span raw,
                      struct list *out)
{
    if (type == BX_XML && raw.len)
        return nested(w, f, raw, out);
    struct bx_node *n = add(w, out, BX_VALUE);
    if (!n)
        return false;
    n->type = type;
    n->raw = raw;
    return true;
}

static bool substitution(struct walk *w, struct reader *r, const struct frame *f, bool optional,
                         struct list *out)
{
    size_t at = r->pos;
    uint16_t id = rd_u16(r);
    uint8_t type = rd_u8(r);
    if (r->bad)
        return bad(w, at, "substitution cut short");
    if (w->keep) {
        struct bx_node *n = add(w, out, BX_SUBST);
        if (!n)
            return false;
        n->id = id;
        n->type = type;
        n->optional = optional;
        return true;
    }
    struct span raw;
    if (!f->values)
        return bad(w, at, "substitution outside a template");
    if (!bx_value_at(w->p->chunk, f->values, id, &type, &raw))
        return bad(w, at, "value outside the record");
    return type == BX_NULL || put_value(w, f, type, raw, out);
}

/* Literal values of templates are strings; other types have no length of their own. */
static bool literal(struct walk *w, struct reader *r, struct list *out)
{
    size_t at = r->pos;
    uint8_t type = rd_u8(r);
    size_t len = fixed_size(type);
    if (type == BX_STRING)
        len = (size_t)rd_u16(r) * 2;
    else if (type == BX_ANSI || type == BX_BINARY)
        len = rd_u16(r);
    else if (len == 0 && type != BX_NULL)
        return bad(w, at, "literal of a type without length");
    struct span raw = rd_bytes(r, len);
    struct bx_node *n = r->bad ? NULL : add(w, out, BX_VALUE);
    if (!n)
        return bad(w, at, "literal cut short");
    n->type = type;
    n->raw = raw;
    return true;
}

/* One text part; `token` was read. */
static bool text_part(struct walk *w, struct reader *r, const struct frame *f, uint8_t token,
                      struct list *out)
{
    size_t at = r->pos;
    struct bx_node *n;
    switch (token & ~BX_MORE) {
    case BX_VALUE_TEXT:
        return literal(w, r, out);
    case BX_SUBSTITUTION:
        return substitution(w, r, f, false, out);
    case BX_OPTIONAL:
        return substitution(w, r, f, true, out);
    case BX_CHAR_REFERENCE:
        if (!(n = add(w, out, BX_CHAR)))
            return false;
        n->id = rd_u16(r);
        break;
    case BX_ENTITY_REFERENCE:
        return (n = add(w, out, BX_ENTITY)) && read_name(w, r, &n->name);
    case BX_CDATA_TEXT:
        if (!(n = add(w, out, BX_CDATA)))
            return false;
        n->raw = rd_bytes(r, (size_t)rd_u16(r) * 2);
        break;
    default:
        return bad(w, at, "unknown token");
    }
    return !r->bad || bad(w, at, "text cut short");
}

static bool is_text_token(uint8_t token)
{
    switch (token & ~BX_MORE) {
    case BX_VALUE_TEXT:
    case BX_SUBSTITUTION:
    case BX_OPTIONAL:
    case BX_CHAR_REFERENCE:
    case BX_ENTITY_REFERENCE:
        return true;
    default:
        return false;
    }
}

static uint8_t peek(const struct reader *r)
{
    return rd_left(r) ? r->s.ptr[r->pos] : BX_EOF;
}

/* ---- elements ---- */

/* An attribute whose only part is a null optional value is not written at all. */
static bool attribute(struct walk *w, struct reader *r, const struct frame *f,
                      struct bx_attr ***tail)
{
    struct bx_attr *a = ARENA_NEW(w->p->mem, struct bx_attr);
    if (!a)
        return err_set(w->e, ERR_NOMEM, 0, "out of memory");
    rd_skip(r, 1);
    if (!read_name(w, r, &a->name))
        return false;
    struct list parts = {NULL, &parts.first};
    bool optional_only = false;
    for (unsigned n = 0; is_text_token(peek(r)); n++) {
        uint8_t token = rd_u8(r);
        optional_only = (token & ~BX_MORE) == BX_OPTIONAL && n == 0;
        if (!spend(w, r->pos) || !text_part(w, r, f, token, &parts))
            return false;
    }
    a->value = parts.first;
    for (struct bx_node *n = parts.first; n; n = n->next)
        if (n->kind == BX_ELEMENT)
            return bad(w, r->pos, "element in an attribute");
    if (optional_only && !parts.first)
        return true;
    **tail = a;
    *tail = &a->next;
    return true;
}

static bool attributes(struct walk *w, struct reader *r, const struct frame *f,
                       struct bx_node *element)
{
    struct bx_attr **tail = &element->attr;
    if (!read_length(w, r))
        return false;
    while ((peek(r) & ~BX_MORE) == BX_ATTRIBUTE)
        if (!spend(w, r->pos) || !attribute(w, r, f, &tail))
            return false;
    return true;
}

/* Event itself depends on the record's payload; a record always has its Event. */
static bool dropped(struct walk *w, const struct frame *f, uint16_t depends)
{
    if (w->keep || f->level == 0 || !f->values || depends == BX_NO_DEPENDENCY)
        return false;
    return depends >= f->values->count || f->values->spec[(size_t)depends * 4 + 2] == BX_NULL;
}

/* An array in an element's content repeats the element, an item each. */
static bool repeat_array(struct walk *w, struct bx_node *element, struct list *out)
{
    struct bx_node *only = element->child;
    if (!only || only->next || only->kind != BX_VALUE || !(only->type & BX_ARRAY))
        return true;
    struct span rest = only->raw, item;
    uint8_t type = only->type & (uint8_t)~BX_ARRAY;
    bool first = true;
    element->item = true;
    while (bx_array_next(only->type, &rest, &item)) {
        struct list inner = {NULL, &inner.first};
        struct bx_node *e = first ? element : add(w, out, BX_ELEMENT);
        struct bx_node *v = e && spend(w, 0) ? add(w, &inner, BX_VALUE) : NULL;
        if (!v)
            return false;
        e->item = true;
        e->name = element->name;
        e->attr = element->attr;
        e->child = v;
        v->type = type;
        v->raw = item;
        first = false;
    }
    if (first)
        element->child = NULL;
    return true;
}

static bool element(struct walk *w, struct reader *r, const struct frame *f, uint8_t token,
                    struct list *out)
{
    size_t at = r->pos;
    if (f->depth >= BX_DEPTH)
        return err_set(w->e, ERR_LIMIT, at, "binary XML: deeper than %d", BX_DEPTH);
    if (f->had_elements)
        *f->had_elements = true;
    uint16_t depends = f->in_template ? rd_u16(r) : BX_NO_DEPENDENCY;
    struct list own = {NULL, &own.first};
    struct bx_node *n = add(w, &own, BX_ELEMENT);
    if (!n || !read_length(w, r) || !read_name(w, r, &n->name))
        return false;
    n->depends = depends;
    if ((token & BX_MORE) && !attributes(w, r, f, n))
        return false;
    uint8_t close = rd_u8(r);
    if (r->bad || (close != BX_CLOSE_EMPTY && close != BX_CLOSE_START))
        return bad(w, at, "element without end of its start tag");
    n->closed = close == BX_CLOSE_EMPTY;
    if (close == BX_CLOSE_START) {
        struct frame inner = *f;
        inner.depth++;
        inner.level++;
        struct list children = {NULL, &children.first};
        bool inner_elements = false;
        inner.had_elements = &inner_elements;
        if (!content(w, r, &inner, true, &children))
            return false;
        n->child = children.first;
        n->had_elements = inner_elements;
    }
    if (!w->keep && !repeat_array(w, n, &own))
        return false;
    if (!dropped(w, f, depends)) {
        *out->tail = own.first;
        out->tail = own.tail;
        if (w->p->system_only && f->level == 1 && bx_name_is(n->name, "System"))
            w->stop = true;
    }
    return true;
}

/* ---- documents ---- */

static bool template_range(struct walk *w, size_t at, size_t *data, size_t *len)
{
    struct span head, body;
    if (!span_sub(w->p->chunk, at, BX_TEMPLATE_HEADER, &head))
        return bad(w, at, "template outside the chunk");
    uint32_t size = load_u32(head.ptr + 20);
    if (!span_sub(w->p->chunk, (uint64_t)at + BX_TEMPLATE_HEADER, size, &body))
        return bad(w, at, "template cut short");
    *data = at + BX_TEMPLATE_HEADER;
    *len = size;
    return true;
}

/* Token 0x0C: unknown byte, id, offset of the definition (which follows inline on its first use in
 * a chunk), then the table of values and the values. */
static bool instance(struct walk *w, struct reader *r, const struct frame *f, struct list *out)
{
    size_t at = r->pos, data, len;
    rd_skip(r, 5);
    uint32_t definition = rd_u32(r);
    if (r->bad || !template_range(w, definition, &data, &len))
        return bad(w, at, "template instance cut short");
    if (definition == r->pos)
        rd_skip(r, BX_TEMPLATE_HEADER + (uint64_t)len);
    struct bx_values v = {.count = rd_u32(r)};
    struct span specs = rd_bytes(r, (uint64_t)v.count * 4);
    if (r->bad || f->depth >= BX_DEPTH)
        return bad(w, at, "values of a template cut short");
    v.spec = specs.ptr;
    v.data = r->pos;
    v.end = r->s.len;
    struct reader body = {{w->p->chunk.ptr, data + len}, data, false};
    struct frame inner = {&v, true, f->depth + 1, f->level, f->had_elements};
    if (!content(w, &body, &inner, false, out))
        return false;
    uint64_t total = 0;
    for (uint32_t i = 0; i < v.count; i++)
        total += load_u16(v.spec + (size_t)i * 4);
    if (total > rd_left(r))
        r->pos = r->s.len;
    else
        rd_skip(r, total);
    return true;
}

static bool instruction(struct walk *w, struct reader *r, struct list *out)
{
    struct bx_node *n = add(w, out, BX_PI);
    if (!n || !read_name(w, r, &n->name))
        return false;
    if (peek(r) == BX_PI_DATA) {
        rd_skip(r, 1);
        n->raw = rd_bytes(r, (size_t)rd_u16(r) * 2);
    }
    return !r->bad || bad(w, r->pos, "processing instruction cut short");
}

static bool content(struct walk *w, struct reader *r, const struct frame *f, bool in_element,
                    struct list *out)
{
    while (rd_left(r) && !w->stop) {
        size_t at = r->pos;
        uint8_t token = rd_u8(r);
        if (!spend(w, at))
            return false;
        switch (token & ~BX_MORE) {
        case BX_EOF:
            if (in_element)
                return bad(w, at, "end inside an element");
            w->p->saw_eof = true;
            return true;
        case BX_OPEN_ELEMENT:
            if (!element(w, r, f, token, out))
                return false;
            break;
        case BX_END_ELEMENT:
            return in_element || bad(w, at, "end of an element that was not begun");
        case BX_TEMPLATE:
            if (w->keep)
                return bad(w, at, "template instance in a template");
            if (!instance(w, r, f, out))
                return false;
            break;
        case BX_FRAGMENT:
            rd_skip(r, 3);
            break;
        case BX_PI_TARGET:
            if (!instruction(w, r, out))
                return false;
            break;
        default:
            if (!text_part(w, r, f, token, out))
                return false;
        }
    }
    return !r->bad && (!in_element || w->stop) ? true : bad(w, r->pos, "element without end");
}

bool bx_read(struct bx_parse *p, size_t at, size_t len, struct bx_node **out, struct err *e)
{
    struct span range;
    if (!span_sub(p->chunk, at, len, &range))
        return err_set(e, ERR_FORMAT, at, "record outside the chunk");
    struct walk w = {.p = p, .e = e};
    struct reader r = {{p->chunk.ptr, at + len}, at, false};
    struct frame f = {0};
    struct list nodes = {NULL, &nodes.first};
    p->tokens = 0;
    if (!content(&w, &r, &f, false, &nodes))
        return false;
    *out = nodes.first;
    return true;
}

bool bx_read_template(struct bx_parse *p, size_t at, struct bx_node **out, struct err *e)
{
    struct walk w = {.p = p, .e = e, .keep = true};
    size_t data, len;
    if (!template_range(&w, at, &data, &len))
        return false;
    w.base = data;
    struct reader r = {{p->chunk.ptr, data + len}, data, false};
    /* As deep as an instance of it stands in a record. */
    struct frame f = {.in_template = true, .depth = 1};
    struct list nodes = {NULL, &nodes.first};
    p->tokens = 0;
    p->saw_eof = false;
    if (!content(&w, &r, &f, false, &nodes))
        return false;
    p->end = (uint32_t)(r.pos - data);
    *out = nodes.first;
    return true;
}

/* ---- looking things up ---- */

bool bx_name_is(struct span name, const char *ascii)
{
    size_t i = 0;
    for (; i + 2 <= name.len && ascii[i / 2]; i += 2)
        if (name.ptr[i] != (uint8_t)ascii[i / 2] || name.ptr[i + 1])
            return false;
    return i == name.len && !ascii[i / 2];
}

const struct bx_node *bx_find(const struct bx_node *list, const char *name)
{
    for (; list; list = list->next)
        if (list->kind == BX_ELEMENT && bx_name_is(list->name, name))
            return list;
    return NULL;
}

const struct bx_attr *bx_attr_find(const struct bx_node *element, const char *name)
{
    for (const struct bx_attr *a = element ? element->attr : NULL; a; a = a->next)
        if (bx_name_is(a->name, name))
            return a;
    return NULL;
}
