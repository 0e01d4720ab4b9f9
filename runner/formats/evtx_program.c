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

static inline void put(struct sb *b, struct str s)
{
    if (s.len <= EVTX_TEXT_ROOM && b->cap - b->len > EVTX_TEXT_ROOM) {
        memcpy(b->ptr + b->len, s.ptr, EVTX_TEXT_ROOM);
        b->len += s.len;
        return;
    }
    sb_add(b, s.ptr, s.len);
}

/* Offsets of the values; false when they do not all lie inside the record (the general way then
 * tells which can be had). */
static bool load(struct frame *f, const struct bx_values *v, uint32_t ids)
{
    uint64_t at = v->data;
    f->v = v;
    for (uint32_t i = 0; i < v->count; i++) {
        if (i < ids)
            f->at[i] = (uint32_t)at;
        at += load_u16(v->spec + (size_t)i * 4);
        if (at > v->end)
            return false;
    }
    f->end = (size_t)at;
    return true;
}

static inline bool is_null(const struct frame *f, uint16_t id)
{
    return id >= f->v->count || f->v->spec[(size_t)id * 4 + 2] == BX_NULL;
}

static inline bool value_of(const struct run *x, const struct frame *f, uint16_t id, uint8_t *type,
                            struct span *raw)
{
    *type = BX_NULL;
    *raw = (struct span){NULL, 0};
    if (is_null(f, id))
        return true;
    const uint8_t *spec = f->v->spec + (size_t)id * 4;
    *type = spec[2];
    return span_sub(x->chunk, f->at[id], load_u16(spec), raw) && f->at[id] + raw->len <= f->v->end;
}

static void write_value(struct run *x, const struct evtx_op *op, uint8_t type, struct span raw)
{
    if (op->number)
        evtx_number(x->b, type, raw);
    else
        evtx_value(x->b, type, raw, x->format);
}

static bool repeat(struct run *x, const struct evtx_op *op, uint8_t type, struct span raw)
{
    struct span item;
    bool none = true;
    uint8_t plain = type & (uint8_t)~BX_ARRAY;
    for (; bx_array_next(type, &raw, &item); none = false) {
        put(x->b, op->before);
        write_value(x, op, plain, item);
        put(x->b, op->after);
    }
    if (none && x->format == EVTX_XML) {
        put(x->b, op->before);
        put(x->b, op->after);
    }
    return true;
}

static bool value(struct run *x, const struct frame *f, const struct evtx_op *op, unsigned depth)
{
    uint8_t type;
    struct span raw;
    if (op->depends != BX_NO_DEPENDENCY && is_null(f, op->depends))
        return true;
    if (!value_of(x, f, op->id, &type, &raw))
        return false;
    if (type == BX_NULL && op->omit_null)
        return true;
    if ((type & BX_ARRAY) && op->arrays == EVTX_ARRAY_REPEAT)
        return repeat(x, op, type, raw);
    if ((type & BX_ARRAY) && op->arrays == EVTX_ARRAY_FAIL)
        return false;
    put(x->b, op->before);
    if (type == BX_XML && raw.len) {
        size_t at = (size_t)(raw.ptr - x->chunk.ptr);
        if (x->format != EVTX_XML || op->arrays == EVTX_ARRAY_VALUE ||
            !instance(x, at, at + raw.len, EVTX_ROLE_PAYLOAD, depth + 1))
            return false;
    } else {
        write_value(x, op, type, raw);
    }
    put(x->b, op->after);
    return true;
}

static bool nested(struct run *x, const struct frame *f, const struct evtx_op *op, unsigned depth)
{
    uint8_t type;
    struct span raw;
    if (!value_of(x, f, op->id, &type, &raw))
        return false;
    if (type == BX_NULL)
        return true;
    size_t at = (size_t)(raw.ptr - x->chunk.ptr);
    return type == BX_XML && raw.len && instance(x, at, at + raw.len, EVTX_ROLE_PAYLOAD, depth + 1);
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
            put(x->b, op->before);
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
            put(x->b, op->before);
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
