#include "formats/evlog_strings.h"

#include <stdlib.h>

#include "formats/binxml_text.h"
#include "formats/evtx_template.h"

enum { VALUES = 256, NESTED_MAX = 16, TEXT_MAX = 1 << 18, PAYLOAD_CAP = 64 << 20 };

struct evlog_strings {
    const struct evlog *log;
    struct evtx_templates *templates;
    struct evtx_header header;
    struct evtx_chunk chunk;
    struct arena mem; /* of the general way */
    struct sb text;
    bool (*take)(void *ctx, struct str string);
    void *ctx;
};

/* What a walk says: OTHER is for the general way. */
enum walk { GO_ON, TAKEN, OTHER };

struct frame {
    const struct bx_values *v;
    uint32_t at[VALUES];
};

static enum walk payload(struct evlog_strings *s, const struct frame *f, const struct bx_node *list,
                         unsigned depth);

struct evlog_strings *evlog_strings_new(const struct evlog *log)
{
    struct evlog_strings *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->log = log;
    arena_init(&s->mem, PAYLOAD_CAP);
    sb_init(&s->text, TEXT_MAX);
    s->templates = log->kind == EVLOG_EVTX ? evtx_templates_new() : NULL;
    if (log->kind == EVLOG_EVTX &&
        (!s->templates || !evtx_header_read(log->bytes, &s->header, NULL))) {
        evlog_strings_free(s);
        return NULL;
    }
    return s;
}

void evlog_strings_free(struct evlog_strings *s)
{
    if (!s)
        return;
    evtx_templates_free(s->templates);
    arena_done(&s->mem);
    sb_done(&s->text);
    free(s);
}

static bool has_backslash(struct span utf16)
{
    for (size_t i = 0; i + 1 < utf16.len; i += 2)
        if (utf16.ptr[i] == '\\' && utf16.ptr[i + 1] == 0)
            return true;
    return false;
}

static enum walk give(struct evlog_strings *s, uint8_t type, struct span raw)
{
    if (type != BX_ANSI && !(type == BX_STRING && has_backslash(raw)))
        return GO_ON; /* numbers, identifiers and times hold none */
    s->text.len = 0;
    sb_bx_value(&s->text, type, raw);
    if (s->text.bad)
        return OTHER;
    return s->take(s->ctx, (struct str){s->text.ptr ? s->text.ptr : "", s->text.len}) ? TAKEN
                                                                                      : GO_ON;
}

static bool is_null(const struct frame *f, uint16_t id)
{
    return id >= f->v->count || f->v->spec[(size_t)id * 4 + 2] == BX_NULL;
}

static uint8_t value(const struct evlog_strings *s, const struct frame *f, uint16_t id,
                     struct span *raw)
{
    *raw = (struct span){NULL, 0};
    if (is_null(f, id))
        return BX_NULL;
    const uint8_t *spec = f->v->spec + (size_t)id * 4;
    *raw = (struct span){s->chunk.bytes.ptr + f->at[id], load_u16(spec)};
    return spec[2];
}

static bool load(struct frame *f, const struct bx_values *v)
{
    uint64_t at = v->data;
    f->v = v;
    if (v->count > VALUES)
        return false;
    for (uint32_t i = 0; i < v->count; i++) {
        f->at[i] = (uint32_t)at;
        at += load_u16(v->spec + (size_t)i * 4);
    }
    return at <= v->end;
}

/* A document inside a value. */
static enum walk nested(struct evlog_strings *s, struct span raw, unsigned depth,
                        enum walk (*into)(struct evlog_strings *, const struct frame *,
                                          const struct bx_node *, unsigned))
{
    struct evtx_instance in;
    struct frame f;
    size_t at = (size_t)(raw.ptr - s->chunk.bytes.ptr);
    if (depth >= NESTED_MAX ||
        !evtx_instance_open(s->templates, s->chunk.bytes, at, at + raw.len, &in) ||
        !load(&f, &in.values))
        return OTHER;
    return into(s, &f, evtx_template_tree(in.template), depth + 1);
}

static enum walk leaf(struct evlog_strings *s, const struct frame *f, const struct bx_node *n)
{
    struct span raw, item;
    if (!n)
        return GO_ON;
    if (n->next || (n->kind != BX_SUBST && n->kind != BX_VALUE))
        return OTHER;
    if (n->kind == BX_VALUE)
        return give(s, n->type, n->raw);
    uint8_t type = value(s, f, n->id, &raw);
    if (!(type & BX_ARRAY))
        return give(s, type, raw);
    enum walk w = GO_ON;
    while (w == GO_ON && bx_array_next(type, &raw, &item))
        w = give(s, type & (uint8_t)~BX_ARRAY, item);
    return w;
}

static enum walk leaves(struct evlog_strings *s, const struct frame *f, const struct bx_node *list,
                        unsigned depth);

static enum walk element(struct evlog_strings *s, const struct frame *f, const struct bx_node *n,
                         unsigned depth)
{
    struct span raw;
    bool inner = false, text = false;
    for (const struct bx_node *c = n->child; c; c = c->next) {
        bool document = c->kind == BX_SUBST && (value(s, f, c->id, &raw) & ~BX_ARRAY) == BX_XML;
        inner = inner || c->kind == BX_ELEMENT || document;
        text = text || (c->kind != BX_ELEMENT && !document);
    }
    if (inner && text)
        return OTHER;
    return inner ? leaves(s, f, n->child, depth + 1) : leaf(s, f, n->child);
}

/* All elements of a list (BX_DEPTH bounds the template's tree). */
static enum walk leaves(struct evlog_strings *s, const struct frame *f, const struct bx_node *list,
                        unsigned depth)
{
    enum walk w = GO_ON;
    struct span raw;
    for (; list && w == GO_ON; list = list->next) {
        if (list->kind == BX_SUBST) {
            uint8_t type = value(s, f, list->id, &raw);
            if (type == BX_XML)
                w = nested(s, raw, depth, leaves);
            else if (type & BX_ARRAY)
                w = OTHER;
        } else if (list->kind == BX_ELEMENT &&
                   (list->depends == BX_NO_DEPENDENCY || !is_null(f, list->depends))) {
            w = element(s, f, list, depth);
        }
    }
    return w;
}

static enum walk event_data(struct evlog_strings *s, const struct frame *f,
                            const struct bx_node *list, unsigned depth)
{
    enum walk w = GO_ON;
    for (; list && w == GO_ON; list = list->next) {
        if (list->kind == BX_SUBST)
            return OTHER;
        if (list->kind == BX_ELEMENT && !bx_name_is(list->name, "Binary") &&
            (list->depends == BX_NO_DEPENDENCY || !is_null(f, list->depends)))
            w = element(s, f, list, depth);
    }
    return w;
}

/* What stands beside System. */
static enum walk payload(struct evlog_strings *s, const struct frame *f, const struct bx_node *list,
                         unsigned depth)
{
    enum walk w = GO_ON;
    struct span raw;
    for (; list && w == GO_ON; list = list->next) {
        if (list->kind == BX_SUBST) {
            uint8_t type = value(s, f, list->id, &raw);
            if (type == BX_XML)
                w = nested(s, raw, depth, payload);
            else if (type & BX_ARRAY)
                w = OTHER;
        } else if (list->kind == BX_ELEMENT && bx_name_is(list->name, "System")) {
            w = OTHER; /* a second one */
        } else if (list->kind == BX_ELEMENT && !bx_name_is(list->name, "RenderingInfo") &&
                   (list->depends == BX_NO_DEPENDENCY || !is_null(f, list->depends))) {
            w = bx_name_is(list->name, "EventData") ? event_data(s, f, list->child, depth)
                                                    : leaves(s, f, list->child, depth);
        }
    }
    return w;
}

static enum walk fast(struct evlog_strings *s, size_t row)
{
    struct evtx_record r;
    struct evtx_instance in;
    struct frame f;
    bool torn;
    uint64_t at = s->log->offset[row], first = s->header.first_chunk;
    if (at < first)
        return OTHER;
    uint64_t chunk = at - (at - first) % EVTX_CHUNK_SIZE;
    if (!s->chunk.bytes.ptr || s->chunk.at != chunk) {
        evtx_chunk_read(s->log->bytes, chunk, false, &s->chunk);
        evtx_templates_chunk(s->templates);
    }
    uint32_t pos = (uint32_t)(at - chunk);
    if (!s->chunk.found || !evtx_record_next(&s->chunk, &pos, &r, &torn) ||
        !evtx_instance_open(s->templates, s->chunk.bytes, r.at + EVTX_RECORD_HEADER,
                            r.at + r.bytes.len - 4, &in) ||
        !load(&f, &in.values))
        return OTHER;
    const struct bx_node *root = evtx_template_tree(in.template);
    while (root && root->kind == BX_VALUE)
        root = root->next;
    /* System comes first in all that Windows writes. */
    const struct bx_node *system = root && root->kind == BX_ELEMENT ? root->child : NULL;
    if (!system || system->kind != BX_ELEMENT || !bx_name_is(system->name, "System"))
        return OTHER;
    return payload(s, &f, system->next, 0);
}

bool evlog_strings_paths(struct evlog_strings *s, size_t row,
                         bool (*take)(void *ctx, struct str string), void *ctx)
{
    struct evlog_payload p;
    s->take = take;
    s->ctx = ctx;
    BUG_ON(row >= s->log->count);
    if (s->templates && fast(s, row) != OTHER)
        return true;
    arena_reset(&s->mem);
    s->text.bad = false;
    if (!evlog_payload(s->log, row, &s->mem, &p, NULL))
        return false;
    for (size_t i = 0; i < p.count; i++)
        if (take(ctx, p.string[i]))
            break;
    return true;
}
