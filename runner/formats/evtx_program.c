#include "formats/evtx_program.h"

#include "formats/evtx_render.h"

enum {
    NESTED_MAX = 16,
    OPS_PER_RECORD = 1 << 16, /* a document in a document in ... can be named many times */
    RECORD_MAX = 16 << 20     /* bytes of output; records are below 64 KiB */
};

struct run {
    struct evtx_templates *templates;
    struct span chunk;
    enum evtx_format format;
    struct sb *b;
    uint32_t ops_left;
};

struct frame {
    const struct bx_values *v;
    uint32_t at[EVTX_PROGRAM_IDS];
    size_t end; /* behind the last value */
};

static bool instance(struct run *x, size_t at, size_t end, enum evtx_role role, unsigned depth);

/* Both ends have EVTX_TEXT_ROOM bytes to spare, so that short texts go as one block. */
static inline char *put(char *p, struct str s)
{
    memcpy(p, s.ptr, EVTX_TEXT_ROOM);
    if (s.len > EVTX_TEXT_ROOM)
        memcpy(p + EVTX_TEXT_ROOM, s.ptr + EVTX_TEXT_ROOM, s.len - EVTX_TEXT_ROOM);
    return p + s.len;
}

/* Room for the fixed text of an operation and `more` bytes; NULL when memory is short. */
static inline char *room(struct sb *b, const struct evtx_op *op, size_t more)
{
    more += op->before.len + op->after.len + 2 * EVTX_TEXT_ROOM;
    return more < b->cap - b->len || sb_reserve(b, more) ? b->ptr + b->len : NULL;
}

static inline void wrote(struct sb *b, const char *end)
{
    b->len = (size_t)(end - b->ptr);
}

/* Offsets of the values; false when they do not all lie inside the record (the general way then
 * tells which can be had). */
static bool load(struct frame *f, const struct bx_values *v, uint32_t ids)
{
    uint64_t at = v->data;
    uint32_t known = v->count < ids ? v->count : ids;
    f->v = v;
    for (uint32_t i = 0; i < known; i++) {
        f->at[i] = (uint32_t)at;
        at += load_u16(v->spec + (size_t)i * 4);
    }
    for (uint32_t i = known; i < v->count; i++)
        at += load_u16(v->spec + (size_t)i * 4);
    f->end = (size_t)at;
    return at <= v->end;
}

static inline bool is_null(const struct frame *f, uint16_t id)
{
    return id >= f->v->count || f->v->spec[(size_t)id * 4 + 2] == BX_NULL;
}

/* All values lie inside the record: load() has seen to it. */
static inline uint8_t value_of(const struct run *x, const struct frame *f, uint16_t id,
                               struct span *raw)
{
    *raw = (struct span){NULL, 0};
    if (is_null(f, id))
        return BX_NULL;
    const uint8_t *spec = f->v->spec + (size_t)id * 4;
    *raw = (struct span){x->chunk.ptr + f->at[id], load_u16(spec)};
    return spec[2];
}

static bool fixed(struct run *x, const struct evtx_op *op, struct str s)
{
    char *p = room(x->b, op, 0);
    if (p)
        wrote(x->b, put(p, s));
    return p != NULL;
}

/* Strings and unsigned integers are nine values of ten. */
static inline char *text_of(char *p, uint8_t type, struct span raw, enum evtx_format format)
{
    if (type == BX_STRING) {
        *p = '"';
        p = evtx_escape_to(p + (format == EVTX_JSON), bx_trim(raw), format);
        *p = '"';
        return p + (format == EVTX_JSON);
    }
    if (type == BX_UINT32 && raw.len == 4)
        return bx_decimal(p, load_u32(raw.ptr));
    if (type == BX_UINT16 && raw.len == 2)
        return bx_decimal(p, load_u16(raw.ptr));
    if (type == BX_UINT8 && raw.len == 1)
        return bx_decimal(p, raw.ptr[0]);
    return evtx_value_to(p, type, raw, format);
}

/* A value that is no array, with its text around it. */
static bool plain(struct run *x, const struct evtx_op *op, uint8_t type, struct span raw)
{
    char *p = room(x->b, op, evtx_value_room(raw));
    if (!p)
        return false;
    p = put(p, op->before);
    p = op->number && type == BX_STRING ? evtx_number_to(p, raw) : text_of(p, type, raw, x->format);
    wrote(x->b, put(p, op->after));
    return true;
}

static bool repeat(struct run *x, const struct evtx_op *op, uint8_t type, struct span raw)
{
    struct span item;
    bool none = true;
    for (; bx_array_next(type, &raw, &item); none = false)
        if (!plain(x, op, type & (uint8_t)~BX_ARRAY, item))
            return false;
    return !none || x->format != EVTX_XML || (fixed(x, op, op->before) && fixed(x, op, op->after));
}

static bool array(struct run *x, const struct evtx_op *op, uint8_t type, struct span raw)
{
    if (op->arrays == EVTX_ARRAY_REPEAT)
        return repeat(x, op, type, raw);
    if (op->arrays == EVTX_ARRAY_FAIL || !fixed(x, op, op->before))
        return false;
    evtx_value(x->b, type, raw, x->format);
    return fixed(x, op, op->after);
}

static bool document(struct run *x, const struct evtx_op *op, struct span raw, unsigned depth)
{
    size_t at = (size_t)(raw.ptr - x->chunk.ptr);
    return x->format == EVTX_XML && op->arrays != EVTX_ARRAY_VALUE && fixed(x, op, op->before) &&
           instance(x, at, at + raw.len, EVTX_ROLE_PAYLOAD, depth + 1) && fixed(x, op, op->after);
}

static inline bool value(struct run *x, const struct frame *f, const struct evtx_op *op,
                         unsigned depth)
{
    struct span raw;
    if (op->depends != BX_NO_DEPENDENCY && is_null(f, op->depends))
        return true;
    uint8_t type = value_of(x, f, op->id, &raw);
    if (type == BX_NULL && op->omit_null)
        return true;
    if (type & BX_ARRAY)
        return array(x, op, type, raw);
    if (type == BX_XML && raw.len)
        return document(x, op, raw, depth);
    return plain(x, op, type, raw);
}

static bool nested(struct run *x, const struct frame *f, const struct evtx_op *op, unsigned depth)
{
    struct span raw;
    uint8_t type = value_of(x, f, op->id, &raw);
    if (type == BX_NULL)
        return op->omit_null;
    size_t at = (size_t)(raw.ptr - x->chunk.ptr);
    return type == BX_XML && raw.len &&
           instance(x, at, at + raw.len, (enum evtx_role)op->role, depth + 1);
}

static void close(struct run *x, char bracket, bool may_vanish, const size_t began[2])
{
    struct sb *b = x->b;
    if (may_vanish && b->len == began[1]) {
        b->len = began[0];
        return;
    }
    if (b->len && b->ptr[b->len - 1] == ',')
        b->ptr[b->len - 1] = bracket;
    else
        sb_add(b, &bracket, 1);
    if (may_vanish)
        sb_add(b, ",", 1);
}

static bool run(struct run *x, const struct evtx_program *p, const struct frame *f, unsigned depth)
{
    size_t began[2] = {0, 0};
    if (x->ops_left < p->count)
        return false;
    x->ops_left -= p->count;
    for (uint32_t i = 0; i < p->count; i++) {
        const struct evtx_op *op = &p->op[i];
        switch (op->kind) {
        case EVTX_OP_TEXT:
            if (!fixed(x, op, op->before))
                return false;
            break;
        case EVTX_OP_VALUE:
            if (!value(x, f, op, depth))
                return false;
            break;
        case EVTX_OP_SKIP:
            if (is_null(f, op->depends))
                i += op->count;
            break;
        case EVTX_OP_OPEN:
            began[0] = x->b->len;
            if (!fixed(x, op, op->before))
                return false;
            began[1] = x->b->len;
            break;
        case EVTX_OP_CLOSE:
            close(x, op->bracket, op->omit_null, began);
            break;
        default:
            if (!nested(x, f, op, depth))
                return false;
        }
    }
    return !x->b->bad;
}

/* One instance that fills [at, end), but for an end token. */
static bool instance(struct run *x, size_t at, size_t end, enum evtx_role role, unsigned depth)
{
    struct evtx_instance in;
    struct frame f;
    if (depth > NESTED_MAX || !evtx_instance_open(x->templates, x->chunk, at, end, &in))
        return false;
    const struct evtx_program *p = evtx_program_of(x->templates, in.template, role, x->format);
    if (!p || !load(&f, &in.values, p->ids))
        return false;
    if (f.end < end && x->chunk.ptr[f.end] != BX_EOF)
        return false;
    return run(x, p, &f, depth);
}

bool evtx_program_run(struct evtx_templates *t, const struct evtx_chunk *c,
                      const struct evtx_record *r, enum evtx_format format, struct sb *b)
{
    struct run x = {t, c->bytes, format, b, OPS_PER_RECORD};
    size_t start = b->len;
    if (sb_reserve(b, 4 * r->bytes.len) &&
        instance(&x, r->at + EVTX_RECORD_HEADER, r->at + r->bytes.len - 4, EVTX_ROLE_RECORD, 0))
        return true;
    b->len = start;
    return false;
}

/* ---- one record, one way or the other ---- */

static bool general(const struct evtx_chunk *c, const struct evtx_record *r, struct arena *scratch,
                    enum evtx_format format, struct sb *b, bool *partial)
{
    struct evtx_tree tree;
    struct err why = {0};
    size_t start = b->len, max = b->max;
    arena_reset(scratch);
    if (evtx_tree_read(c, r, scratch, &tree, &why)) {
        if (max - b->len > RECORD_MAX)
            b->max = b->len + RECORD_MAX;
        evtx_render(b, &tree, NULL, format);
        b->max = max;
        if (!b->bad)
            return true;
        b->bad = false;
        b->len = start;
        err_set(&why, ERR_LIMIT, 0, "more than %d bytes of text", RECORD_MAX);
    }
    struct evtx_system system;
    *partial = true;
    arena_reset(scratch);
    if (!evtx_system_read(c, r, scratch, &system, NULL) ||
        !evtx_system_tree(c, r, scratch, &tree, NULL))
        return false;
    evtx_render(b, &tree, why.text, format);
    return true;
}

bool evtx_render_record(struct evtx_templates *t, const struct evtx_chunk *c,
                        const struct evtx_record *r, struct arena *scratch, enum evtx_format format,
                        struct sb *b, bool *partial)
{
    *partial = false;
    if (!(t && evtx_program_run(t, c, r, format, b)) && !general(c, r, scratch, format, b, partial))
        return false;
    sb_add(b, "\n", 1);
    return true;
}
