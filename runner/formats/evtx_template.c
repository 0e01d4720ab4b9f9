#include "formats/evtx_template.h"

#include <stdlib.h>

#include "formats/binxml_text.h"
#include "formats/evtx_program.h"

enum {
    BUCKETS = 1024,
    CHAIN_MAX = 16,         /* definitions of one GUID that are tried */
    CACHE_BYTES = 48 << 20, /* then it starts afresh */
    IDS_MAX = 128           /* values up to the last System field */
};

enum place_kind { PLACE_NONE, PLACE_LITERAL, PLACE_VALUE };

/* Where a System field comes from. */
struct place {
    enum place_kind kind;
    uint16_t id;      /* PLACE_VALUE */
    uint16_t depends; /* of the element around it */
    uint16_t name;    /* the number met last (PLACE_LITERAL: the number) */
    struct span literal;
};

struct evtx_template {
    struct evtx_template *next; /* of the bucket */
    uint8_t guid[16];
    struct span data; /* the definition's bytes where it was met first */
    const struct bx_slot *slot;
    uint32_t slots;
    uint32_t end; /* of the tokens in `data` */
    bool saw_eof;
    bool plain;            /* the places are complete */
    uint32_t ids;          /* values of System lie below */
    uint8_t used[IDS_MAX]; /* the ids in System, whether the index wants them or not */
    uint32_t used_count;
    struct place provider, channel, event_id, level, time;
    const struct bx_node *tree;
    struct evtx_program program[EVTX_ROLES][2]; /* by role and format */
    bool tried[EVTX_ROLES][2], made[EVTX_ROLES][2];
};

struct entry {
    uint32_t stamp;                 /* of the chunk that set it */
    struct evtx_template *template; /* NULL: damaged */
};

struct evtx_templates {
    struct arena mem;
    struct evtx_template *bucket[BUCKETS];
    uint32_t stamp;
    struct entry by_offset[EVTX_CHUNK_SIZE];
};

struct evtx_templates *evtx_templates_new(void)
{
    struct evtx_templates *t = calloc(1, sizeof *t);
    if (t)
        arena_init(&t->mem, CACHE_BYTES);
    return t;
}

void evtx_templates_free(struct evtx_templates *t)
{
    if (t)
        arena_done(&t->mem);
    free(t);
}

static void flush(struct evtx_templates *t)
{
    arena_done(&t->mem);
    memset(t->bucket, 0, sizeof t->bucket);
}

void evtx_templates_chunk(struct evtx_templates *t)
{
    if (t->mem.full || t->mem.used > CACHE_BYTES / 2)
        flush(t);
    if (++t->stamp == 0) {
        memset(t->by_offset, 0, sizeof t->by_offset);
        t->stamp = 1;
    }
}

/* ---- compiling ---- */

static bool keep(struct arena *mem, struct span *s)
{
    if (!s->ptr)
        return true;
    s->ptr = arena_copy(mem, s->ptr, s->len);
    return s->ptr != NULL;
}

/* Names and literals still lie in the chunk they were read from. */
static bool keep_tree(struct arena *mem, struct bx_node *n)
{
    for (; n; n = n->next) {
        if (!keep(mem, &n->name) || !keep(mem, &n->raw))
            return false;
        for (struct bx_attr *a = n->attr; a; a = a->next)
            if (!keep(mem, &a->name) || !keep_tree(mem, a->value))
                return false;
        if (!keep_tree(mem, n->child))
            return false;
    }
    return true;
}

static bool place_of(const struct bx_node *value, uint16_t depends, struct place *out)
{
    *out = (struct place){.kind = PLACE_NONE, .depends = depends};
    if (!value)
        return true;
    if (value->next)
        return false;
    if (value->kind == BX_SUBST) {
        out->kind = PLACE_VALUE;
        out->id = value->id;
        return true;
    }
    out->kind = PLACE_LITERAL;
    out->literal = bx_trim(value->raw);
    return value->kind == BX_VALUE && value->type == BX_STRING;
}

/* The only element of that name; several are for the general decoder. */
static bool only_child(const struct bx_node *system, const char *name, const struct bx_node **out)
{
    *out = bx_find(system->child, name);
    return !*out || !bx_find((*out)->next, name);
}

static bool child_place(const struct bx_node *system, const char *name, struct place *out)
{
    const struct bx_node *n;
    *out = (struct place){.kind = PLACE_NONE, .depends = BX_NO_DEPENDENCY};
    return only_child(system, name, &n) && (!n || place_of(n->child, n->depends, out));
}

static bool attr_place(const struct bx_node *system, const char *element, const char *name,
                       struct place *out)
{
    const struct bx_node *n;
    *out = (struct place){.kind = PLACE_NONE, .depends = BX_NO_DEPENDENCY};
    if (!only_child(system, element, &n))
        return false;
    const struct bx_attr *a = bx_attr_find(n, name);
    if (!a)
        return true;
    for (const struct bx_attr *b = a->next; b; b = b->next)
        if (bx_name_is(b->name, name))
            return false;
    return place_of(a->value, n->depends, out);
}

static bool any_subst(const struct bx_node *list)
{
    while (list && list->kind != BX_SUBST)
        list = list->next;
    return list != NULL;
}

/* System, where nothing that a record fills in comes before it: that could be another System. */
static const struct bx_node *plain_system(const struct bx_node *tree)
{
    const struct bx_node *root = tree;
    while (root && root->kind != BX_ELEMENT && root->kind != BX_SUBST)
        root = root->next;
    if (!root || root->kind == BX_SUBST)
        return NULL;
    for (const struct bx_attr *a = root->attr; a; a = a->next)
        if (any_subst(a->value))
            return NULL;
    const struct bx_node *n = root->child;
    while (n && n->kind != BX_ELEMENT && n->kind != BX_SUBST)
        n = n->next;
    if (!n || n->kind == BX_SUBST || !bx_name_is(n->name, "System") || any_subst(n->child))
        return NULL;
    return n->depends == BX_NO_DEPENDENCY ? n : NULL;
}

/* Every value in System: the general decoder reads them all, so each must be one it can read. */
static bool note_used(struct evtx_template *t, const struct bx_node *list)
{
    for (; list; list = list->next) {
        if (list->kind == BX_SUBST) {
            if (list->id >= IDS_MAX || t->used_count == IDS_MAX)
                return false;
            t->used[t->used_count++] = (uint8_t)list->id;
            if (list->id >= t->ids)
                t->ids = list->id + 1u;
        }
        for (const struct bx_attr *a = list->attr; a; a = a->next)
            if (!note_used(t, a->value))
                return false;
        if (!note_used(t, list->child))
            return false;
    }
    return true;
}

static bool places(struct evtx_template *t)
{
    const struct bx_node *system = plain_system(t->tree);
    if (!system || !attr_place(system, "Provider", "Name", &t->provider) ||
        !child_place(system, "Channel", &t->channel) ||
        !child_place(system, "EventID", &t->event_id) || !child_place(system, "Level", &t->level) ||
        !attr_place(system, "TimeCreated", "SystemTime", &t->time))
        return false;
    return note_used(t, system->child) && t->event_id.kind == PLACE_VALUE &&
           t->level.kind != PLACE_LITERAL && t->time.kind != PLACE_LITERAL;
}

/* The definition at `at`, read and kept; NULL when it is damaged or memory is short. */
static struct evtx_template *compile(struct evtx_templates *c, struct span chunk, uint32_t at)
{
    struct bx_slots slots = {0};
    struct bx_parse p = {.chunk = chunk, .mem = &c->mem, .slots = &slots};
    struct bx_node *tree = NULL;
    if (!bx_read_template(&p, at, &tree, NULL) || !keep_tree(&c->mem, tree))
        return NULL;
    for (uint32_t i = 0; i < slots.count; i++)
        if (!keep(&c->mem, &slots.slot[i].name))
            return NULL;
    struct evtx_template *t = ARENA_NEW(&c->mem, struct evtx_template);
    if (!t)
        return NULL;
    t->data = (struct span){chunk.ptr + at + BX_TEMPLATE_HEADER, p.end};
    if (!keep(&c->mem, &t->data))
        return NULL;
    memcpy(t->guid, chunk.ptr + at + 4, sizeof t->guid);
    t->slot = slots.slot;
    t->slots = slots.count;
    t->end = p.end;
    t->saw_eof = p.saw_eof;
    t->tree = tree;
    t->plain = places(t);
    return t;
}

/* ---- recognising ---- */

static bool same_run(const struct evtx_template *t, uint32_t *old, uint32_t until, struct reader *r)
{
    struct span mine = {t->data.ptr + *old, until - *old};
    *old = until;
    return span_eq(mine, rd_bytes(r, mine.len)) && !r->bad;
}

/* Whether the definition's data in [at, at + len) mean the same as `t`. */
static bool same(const struct evtx_template *t, struct span chunk, size_t at, size_t len)
{
    struct reader r = {{chunk.ptr, at + len}, at, false};
    uint32_t old = 0;
    for (uint32_t i = 0; i < t->slots; i++) {
        const struct bx_slot *s = &t->slot[i];
        if (!same_run(t, &old, s->at, &r))
            return false;
        uint32_t field = rd_u32(&r);
        old += 4 + s->skip;
        if (!s->name.ptr)
            continue;
        struct span name;
        size_t size;
        if (!bx_name_at(chunk, field, &name, &size) || !span_eq(name, s->name))
            return false;
        if (field == r.pos)
            rd_skip(&r, size);
    }
    return same_run(t, &old, t->end, &r) && (t->saw_eof || rd_left(&r) == 0);
}

static struct evtx_template *recognise(struct evtx_templates *c, struct span chunk, uint32_t at)
{
    struct span head, data;
    if (!span_sub(chunk, at, BX_TEMPLATE_HEADER, &head) ||
        !span_sub(chunk, (uint64_t)at + BX_TEMPLATE_HEADER, load_u32(head.ptr + 20), &data))
        return NULL;
    struct evtx_template **bucket = &c->bucket[load_u16(head.ptr + 4) % BUCKETS];
    unsigned tries = 0;
    for (struct evtx_template *t = *bucket; t && tries < CHAIN_MAX; t = t->next, tries++)
        if (memcmp(t->guid, head.ptr + 4, sizeof t->guid) == 0 &&
            same(t, chunk, at + BX_TEMPLATE_HEADER, data.len))
            return t;
    struct evtx_template *t = compile(c, chunk, at);
    if (t) {
        t->next = *bucket;
        *bucket = t;
    }
    return t;
}

static inline struct evtx_template *lookup(struct evtx_templates *c, struct span chunk, uint32_t at)
{
    if (at >= EVTX_CHUNK_SIZE)
        return NULL;
    struct entry *e = &c->by_offset[at];
    if (e->stamp != c->stamp) {
        e->template = recognise(c, chunk, at);
        e->stamp = c->stamp;
    }
    return e->template;
}

/* ---- records ---- */

bool evtx_instance_open(struct evtx_templates *t, struct span chunk, size_t at, size_t end,
                        struct evtx_instance *out)
{
    /* 0x0C, a byte, the id (4) and the definition's offset (4); a fragment header (4) comes first
     * in records, not in values. */
    enum { FRAGMENT = 4, HEAD = 10 };
    if (end > chunk.len || at >= end)
        return false;
    size_t pos = chunk.ptr[at] == BX_FRAGMENT ? at + FRAGMENT : at;
    if (pos > end || end - pos < HEAD + 4)
        return false;
    const uint8_t *p = chunk.ptr + pos;
    if (p[0] != BX_TEMPLATE)
        return false;
    uint32_t definition = load_u32(p + 6);
    out->template = lookup(t, chunk, definition);
    if (!out->template)
        return false;
    pos += HEAD;
    if (definition == pos)
        pos += BX_TEMPLATE_HEADER + (size_t)load_u32(chunk.ptr + pos + 20);
    if (pos > end || end - pos < 4)
        return false;
    uint32_t count = load_u32(chunk.ptr + pos);
    pos += 4;
    if (count > (end - pos) / 4)
        return false;
    out->values = (struct bx_values){count, chunk.ptr + pos, pos + (size_t)count * 4, end};
    return true;
}

const struct evtx_program *evtx_program_of(struct evtx_templates *t, struct evtx_template *m,
                                           enum evtx_role role, enum evtx_format format)
{
    if (!m->tried[role][format]) {
        m->tried[role][format] = true;
        m->made[role][format] =
            evtx_program_make(m->tree, role, format, &t->mem, &m->program[role][format]);
    }
    return m->made[role][format] ? &m->program[role][format] : NULL;
}

/* The values up to the last one a System field needs. */
struct loaded {
    const struct bx_values *v;
    struct span chunk;
    uint32_t at[IDS_MAX + 1];
};

/* False when a value of System is not plain or not all in the record. */
static bool load_values(struct loaded *l, const struct evtx_template *t)
{
    uint32_t n = t->ids < l->v->count ? t->ids : l->v->count, at = (uint32_t)l->v->data;
    const uint8_t *spec = l->v->spec;
    for (uint32_t i = 0; i < n; i++) {
        l->at[i] = at;
        at += load_u16(spec + (size_t)i * 4);
    }
    bool odd = at > l->v->end;
    for (uint32_t i = 0; i < t->used_count; i++) {
        if (t->used[i] >= n)
            continue;
        uint8_t type = spec[(size_t)t->used[i] * 4 + 2];
        odd |= (type & BX_ARRAY) || type == BX_XML;
    }
    return !odd;
}

static inline bool dropped(const struct bx_values *v, uint16_t depends)
{
    return depends != BX_NO_DEPENDENCY &&
           (depends >= v->count || v->spec[(size_t)depends * 4 + 2] == BX_NULL);
}

/* The value of a place that is no literal; type BX_NULL where there is none. */
static inline bool value_of(const struct loaded *l, const struct place *p, uint8_t *type,
                            struct span *raw)
{
    *type = BX_NULL;
    *raw = (struct span){NULL, 0};
    if (p->kind == PLACE_NONE || p->id >= l->v->count || dropped(l->v, p->depends))
        return true;
    const uint8_t *spec = l->v->spec + (size_t)p->id * 4;
    size_t at = l->at[p->id], size = load_u16(spec);
    if (at + size > l->v->end)
        return false;
    *type = spec[2];
    if (*type != BX_NULL) /* null values may keep room */
        *raw = (struct span){l->chunk.ptr + at, size};
    return true;
}

static inline bool name_of(const struct loaded *l, struct place *p, struct evtx_names *names,
                           uint16_t *out)
{
    struct span raw = p->literal;
    if (p->kind != PLACE_LITERAL) {
        uint8_t type;
        if (!value_of(l, p, &type, &raw) || (type != BX_STRING && type != BX_NULL))
            return false;
        raw = bx_trim(raw);
    } else if (dropped(l->v, p->depends)) {
        raw = (struct span){NULL, 0};
    }
    if (p->name >= names->count || !span_eq(names->key[p->name], raw)) {
        int32_t n = evtx_names_add(names, raw);
        if (n < 0)
            return false;
        p->name = (uint16_t)n;
    }
    *out = p->name;
    return true;
}

bool evtx_template_fields(struct evtx_templates *t, struct evtx_names *names,
                          const struct evtx_chunk *c, const struct evtx_record *r,
                          struct evtx_fields *out)
{
    struct evtx_instance in;
    size_t end = r->at + r->bytes.len - 4;
    if (!evtx_instance_open(t, c->bytes, r->at + EVTX_RECORD_HEADER, end, &in) ||
        !in.template->plain)
        return false;
    struct evtx_template *m = in.template;
    struct loaded l = {.v = &in.values, .chunk = c->bytes};
    if (!load_values(&l, m))
        return false;
    uint8_t type;
    struct span raw;
    if (!value_of(&l, &m->event_id, &type, &raw) || type != BX_UINT16 || raw.len != 2)
        return false;
    out->event_id = load_u16(raw.ptr);
    if (!value_of(&l, &m->level, &type, &raw) ||
        !(type == BX_NULL || (type == BX_UINT8 && raw.len == 1)))
        return false;
    out->level = type == BX_NULL ? 0 : raw.ptr[0];
    if (!value_of(&l, &m->time, &type, &raw) ||
        !(type == BX_NULL || (type == BX_FILETIME && raw.len == 8)))
        return false;
    uint64_t time = type == BX_NULL ? 0 : load_u64(raw.ptr);
    out->time = time ? time : r->written;
    return name_of(&l, &m->provider, names, &out->provider) &&
           name_of(&l, &m->channel, names, &out->channel);
}

const struct bx_node *evtx_template_tree(const struct evtx_template *t)
{
    return t->tree;
}
