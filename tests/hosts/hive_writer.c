#include "hive_writer.h"
#include "base/utf16.h"
#include "out.h"

#include <stdarg.h>

enum {
    BASE_BLOCK = 4096,
    BIN_HEADER = 32,
    BIN_UNIT = 4096,
    NO_CELL = 0xFFFFFFFFu,
    NK_SIZE = 76,
    VK_SIZE = 20,
    RESIDENT = 4,          /* bytes of data that fit into the vk cell */
    DB_SEGMENT = 16344,    /* bytes of data in each segment of big data */
    LIST_MAX = 507,        /* hashed entries that fit into one 4 KiB bin */
    KEY_COMPRESSED = 0x20, /* name is Latin-1 */
    KEY_ROOT = 0x0C        /* KEY_HIVE_ENTRY | KEY_NO_DELETE */
};

static void *need(void *p)
{
    if (!p) {
        fprintf(stderr, "sample hosts: out of memory\n");
        abort();
    }
    return p;
}

/* ---- the tree ------------------------------------------------------------------------------ */

void hive_init(struct hive *h, const char *file_name, uint32_t minor, uint64_t written)
{
    *h = (struct hive){.file_name = file_name, .minor = minor, .written = written, .sequence = 1};
    h->list = minor >= 5 ? HIVE_LH : HIVE_LF;
    arena_init(&h->arena, (size_t)8 << 30);
    h->root = need(ARENA_NEW(&h->arena, struct hive_key));
    h->root->name = minor >= 5 ? STR("CMI-CreateHive{2A7FB991-7BBE-4F9D-B91E-7CB51D4737F5}")
                               : STR("$$$PROTO.HIV");
    h->root->written = written;
}

void hive_done(struct hive *h)
{
    arena_done(&h->arena);
    h->root = NULL;
}

struct hive_key *hive_new_key(struct hive *h, struct hive_key *at, struct str name)
{
    struct hive_key *k = need(ARENA_NEW(&h->arena, struct hive_key));
    if (!at)
        at = h->root;
    k->name = str_dup(&h->arena, name);
    k->parent = at;
    k->written = h->written;
    k->restricted = at->restricted;
    if (at->last_child)
        at->last_child->next = k;
    else
        at->first_child = k;
    at->last_child = k;
    at->subkeys++;
    return k;
}

static struct hive_key *child(struct hive *h, struct hive_key *at, struct str name)
{
    for (struct hive_key *k = at->first_child; k; k = k->next)
        if (str_ieq(k->name, name))
            return k;
    return hive_new_key(h, at, name);
}

struct hive_key *hive_key(struct hive *h, struct hive_key *at, const char *path)
{
    if (!at)
        at = h->root;
    while (*path) {
        const char *end = strchr(path, '\\');
        size_t len = end ? (size_t)(end - path) : strlen(path);
        at = child(h, at, (struct str){path, len});
        path += len + (end != NULL);
    }
    return at;
}

void hive_set(struct hive *h, struct hive_key *k, const char *name, uint32_t type, struct span data)
{
    struct hive_value *v = k->first_value;
    while (v && !str_ieq(v->name, str_of(name)))
        v = v->next;
    if (!v) {
        v = need(ARENA_NEW(&h->arena, struct hive_value));
        v->name = str_dup(&h->arena, str_of(name));
        if (k->last_value)
            k->last_value->next = v;
        else
            k->first_value = v;
        k->last_value = v;
        k->values++;
    }
    v->type = type;
    v->data = (struct span){NULL, 0};
    if (data.len)
        v->data = span_of(need(arena_copy(&h->arena, data.ptr, data.len)), data.len);
}

static void set_text(struct hive *h, struct hive_key *k, const char *name, uint32_t type,
                     struct str text)
{
    struct sb b;
    sb_init(&b, (size_t)1 << 24);
    out_utf16z(&b, text);
    hive_set(h, k, name, type, sb_span(&b));
    sb_done(&b);
}

void hive_sz(struct hive *h, struct hive_key *k, const char *name, const char *text)
{
    set_text(h, k, name, HIVE_SZ, str_of(text));
}

void hive_expand_sz(struct hive *h, struct hive_key *k, const char *name, const char *text)
{
    set_text(h, k, name, HIVE_EXPAND_SZ, str_of(text));
}

void hive_sz_fmt(struct hive *h, struct hive_key *k, const char *name, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    BUG_ON(n < 0 || (size_t)n >= sizeof text);
    hive_sz(h, k, name, text);
}

void hive_dword(struct hive *h, struct hive_key *k, const char *name, uint32_t number)
{
    uint8_t p[4];
    store_u32(p, number);
    hive_set(h, k, name, HIVE_DWORD, span_of(p, sizeof p));
}

void hive_qword(struct hive *h, struct hive_key *k, const char *name, uint64_t number)
{
    uint8_t p[8];
    store_u64(p, number);
    hive_set(h, k, name, HIVE_QWORD, span_of(p, sizeof p));
}

void hive_multi_sz(struct hive *h, struct hive_key *k, const char *name, const char *const *texts,
                   size_t count)
{
    struct sb b;
    sb_init(&b, (size_t)1 << 24);
    for (size_t i = 0; i < count; i++)
        out_utf16z(&b, str_of(texts[i]));
    out_u16(&b, 0);
    hive_set(h, k, name, HIVE_MULTI_SZ, sb_span(&b));
    sb_done(&b);
}

/* ---- cells --------------------------------------------------------------------------------- */

/* Offsets of cells count from the first bin, 4096 bytes into the file. */
struct image {
    struct hive *h;
    struct sb *out;
    size_t bin_end; /* of the bin being filled */
    struct sb scratch;
    uint32_t security[2]; /* sk cells: open, restricted */
    uint32_t refs[2];
};

static uint32_t here(const struct image *im)
{
    return (uint32_t)(im->out->len - BASE_BLOCK);
}

static uint8_t *cell(const struct image *im, uint32_t at)
{
    return out_at(im->out, (size_t)at + BASE_BLOCK + 4);
}

/* The rest of the bin becomes one free cell (its size is positive). */
static void close_bin(struct image *im)
{
    size_t left = im->bin_end - im->out->len;
    if (left == 0)
        return;
    out_u32(im->out, (uint32_t)left);
    out_zero(im->out, left - 4);
}

static void open_bin(struct image *im, size_t payload)
{
    size_t size = (payload + BIN_HEADER + BIN_UNIT - 1) / BIN_UNIT * BIN_UNIT;
    bool first = im->out->len == BASE_BLOCK;
    uint32_t at = here(im);
    im->bin_end = im->out->len + size;
    sb_puts(im->out, "hbin");
    out_u32(im->out, at);
    out_u32(im->out, (uint32_t)size);
    out_u64(im->out, 0);
    out_u64(im->out, first ? im->h->written : 0); /* only the first bin carries a time */
    out_u32(im->out, 0);
}

static uint32_t alloc_cell(struct image *im, size_t payload)
{
    size_t size = (payload + 4 + 7) & ~(size_t)7;
    if (im->bin_end - im->out->len < size) {
        close_bin(im);
        open_bin(im, size);
    }
    uint32_t at = here(im);
    out_u32(im->out, (uint32_t)(0 - size));
    out_zero(im->out, size - 4);
    need(im->out->bad ? NULL : im->out);
    return at;
}

static uint32_t put_cell(struct image *im, struct span s)
{
    uint32_t at = alloc_cell(im, s.len);
    if (s.len)
        memcpy(cell(im, at), s.ptr, s.len);
    return at;
}

/* ---- names --------------------------------------------------------------------------------- */

/* As Latin-1 where every unit fits ("compressed"), else UTF-16; true when compressed. */
static bool encode_name(struct image *im, struct str name)
{
    struct sb *b = &im->scratch;
    b->len = 0;
    out_utf16(b, name);
    for (size_t i = 1; i < b->len; i += 2)
        if (b->ptr[i])
            return false;
    for (size_t i = 0; i < b->len / 2; i++)
        b->ptr[i] = b->ptr[2 * i];
    b->len /= 2;
    return true;
}

/* What a list keeps beside each subkey: lh a hash of the upcased name, lf its first four bytes. */
static uint32_t name_hint(struct image *im, struct str name)
{
    struct sb *b = &im->scratch;
    if (im->h->list == HIVE_LF) {
        uint8_t first[4] = {0};
        if (encode_name(im, name))
            memcpy(first, b->ptr, b->len < 4 ? b->len : 4);
        return load_u32(first);
    }
    uint32_t hash = 0;
    b->len = 0;
    out_utf16(b, name);
    for (size_t i = 0; i < b->len; i += 2)
        hash = hash * 37 + upcase16(load_u16(out_at(b, i)));
    return hash;
}

/* ---- security ------------------------------------------------------------------------------ */

static void put_ace(struct sb *b, uint32_t mask, struct span sid)
{
    out_u8(b, 0); /* ACCESS_ALLOWED_ACE_TYPE */
    out_u8(b, 2); /* CONTAINER_INHERIT_ACE */
    out_u16(b, (uint16_t)(8 + sid.len));
    out_u32(b, mask);
    sb_put(b, sid.ptr, sid.len);
}

/* A self-relative descriptor: owner and group, then who may do what. */
static uint32_t put_security(struct image *im, bool restricted)
{
    static const uint8_t system[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
    static const uint8_t admins[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0};
    static const uint8_t users[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x21, 2, 0, 0};
    struct sb *b = &im->scratch;
    uint32_t acl = (uint32_t)(8 + (8 + sizeof system) + (8 + sizeof admins));
    if (!restricted)
        acl += (uint32_t)(8 + sizeof users);
    b->len = 0;
    sb_put(b, "sk\0", 4);
    out_zero(b, 12); /* links and reference count come last */
    out_u32(b, 20 + acl + (uint32_t)(sizeof admins + sizeof system));
    out_u8(b, 1);
    out_u8(b, 0);
    out_u16(b, 0x8004); /* SE_SELF_RELATIVE | SE_DACL_PRESENT */
    out_u32(b, 20 + acl);
    out_u32(b, 20 + acl + (uint32_t)sizeof admins);
    out_u32(b, 0);
    out_u32(b, 20);
    out_u8(b, 2);
    out_u8(b, 0);
    out_u16(b, (uint16_t)acl);
    out_u32(b, restricted ? 2 : 3);
    put_ace(b, 0xF003F, span_of(system, sizeof system));
    put_ace(b, restricted ? 0x60000 : 0xF003F, span_of(admins, sizeof admins));
    if (!restricted)
        put_ace(b, 0x20019, span_of(users, sizeof users));
    sb_put(b, admins, sizeof admins);
    sb_put(b, system, sizeof system);
    return put_cell(im, sb_span(b));
}

static bool uses_security(const struct hive_key *k, bool restricted)
{
    if (k->restricted == restricted)
        return true;
    for (const struct hive_key *c = k->first_child; c; c = c->next)
        if (uses_security(c, restricted))
            return true;
    return false;
}

/* The cells form one ring; each counts the keys that name it. */
static void link_security(struct image *im)
{
    for (int i = 0; i < 2; i++) {
        int other = im->refs[!i] ? !i : i;
        if (!im->refs[i])
            continue;
        uint8_t *p = cell(im, im->security[i]);
        store_u32(p + 4, im->security[other]);
        store_u32(p + 8, im->security[other]);
        store_u32(p + 12, im->refs[i]);
    }
}

/* ---- values -------------------------------------------------------------------------------- */

static uint32_t put_big_data(struct image *im, struct span data)
{
    uint32_t count = (uint32_t)((data.len + DB_SEGMENT - 1) / DB_SEGMENT);
    uint8_t head[8] = {'d', 'b'};
    store_u16(head + 2, (uint16_t)count);
    uint32_t db = put_cell(im, span_of(head, sizeof head));
    uint32_t list = alloc_cell(im, 4 * (size_t)count);
    store_u32(cell(im, db) + 4, list);
    for (uint32_t i = 0; i < count; i++) {
        size_t from = (size_t)i * DB_SEGMENT, left = data.len - from;
        /* Four bytes at the end of every full segment are never used. */
        uint32_t at = alloc_cell(im, left < DB_SEGMENT ? left : DB_SEGMENT + 4);
        memcpy(cell(im, at), data.ptr + from, left < DB_SEGMENT ? left : DB_SEGMENT);
        store_u32(cell(im, list) + 4 * (size_t)i, at);
    }
    return db;
}

static uint32_t put_value(struct image *im, const struct hive_value *v)
{
    uint32_t size = (uint32_t)v->data.len, where = 0;
    uint8_t head[VK_SIZE] = {'v', 'k'};
    if (size <= RESIDENT) {
        uint8_t inside[RESIDENT] = {0};
        if (size)
            memcpy(inside, v->data.ptr, size);
        where = load_u32(inside);
        size |= 0x80000000u;
    } else if (size > DB_SEGMENT && im->h->minor >= 4) {
        where = put_big_data(im, v->data);
    } else {
        where = put_cell(im, v->data);
    }
    bool compressed = encode_name(im, v->name);
    store_u16(head + 2, (uint16_t)im->scratch.len);
    store_u32(head + 4, size);
    store_u32(head + 8, where);
    store_u32(head + 12, v->type);
    store_u16(head + 16, compressed && v->name.len);
    uint32_t at = alloc_cell(im, VK_SIZE + im->scratch.len);
    memcpy(cell(im, at), head, sizeof head);
    if (im->scratch.len)
        memcpy(cell(im, at) + VK_SIZE, im->scratch.ptr, im->scratch.len);
    return at;
}

static uint32_t put_values(struct image *im, const struct hive_key *k)
{
    if (!k->values)
        return NO_CELL;
    uint32_t list = alloc_cell(im, 4 * (size_t)k->values), i = 0;
    for (const struct hive_value *v = k->first_value; v; v = v->next) {
        uint32_t at = put_value(im, v);
        store_u32(cell(im, list) + 4 * (size_t)i++, at);
    }
    return list;
}

/* ---- keys ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const struct hive_key *const *x = a, *const *y = b;
    return str_icmp((*x)->name, (*y)->name);
}

static uint32_t put_leaf(struct image *im, struct hive_key **keys, uint32_t count)
{
    bool li = im->h->list == HIVE_LI;
    size_t width = li ? 4 : 8;
    uint32_t at = alloc_cell(im, 4 + width * count);
    memcpy(cell(im, at), li ? "li" : im->h->list == HIVE_LF ? "lf" : "lh", 2);
    store_u16(cell(im, at) + 2, (uint16_t)count);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *entry = cell(im, at) + 4 + width * i;
        store_u32(entry, keys[i]->cell);
        if (!li)
            store_u32(entry + 4, name_hint(im, keys[i]->name));
    }
    return at;
}

static uint32_t put_list(struct image *im, struct hive_key **keys, uint32_t count)
{
    if (count <= LIST_MAX)
        return put_leaf(im, keys, count);
    uint32_t leaves = (count + LIST_MAX - 1) / LIST_MAX;
    uint32_t at = alloc_cell(im, 4 + 4 * (size_t)leaves);
    memcpy(cell(im, at), "ri", 2);
    store_u16(cell(im, at) + 2, (uint16_t)leaves);
    for (uint32_t i = 0; i < leaves; i++) {
        uint32_t from = i * LIST_MAX, left = count - from;
        uint32_t leaf = put_leaf(im, keys + from, left < LIST_MAX ? left : LIST_MAX);
        store_u32(cell(im, at) + 4 + 4 * (size_t)i, leaf);
    }
    return at;
}

static size_t utf16_size(struct str s)
{
    size_t units = 0;
    for (size_t i = 0; i < s.len; i++) /* lead bytes; two units for four-byte sequences */
        units += (size_t)(((uint8_t)s.ptr[i] & 0xC0) != 0x80) + ((uint8_t)s.ptr[i] >= 0xF0);
    return 2 * units;
}

/* Longest names and data below the key, in bytes, as RegQueryInfoKey tells them. */
static void put_maxima(uint8_t *nk, const struct hive_key *k)
{
    size_t name = 0, class_name = 0, value = 0, data = 0;
    for (const struct hive_key *c = k->first_child; c; c = c->next) {
        size_t n = utf16_size(c->name), m = utf16_size(c->class_name);
        name = n > name ? n : name;
        class_name = m > class_name ? m : class_name;
    }
    for (const struct hive_value *v = k->first_value; v; v = v->next) {
        size_t n = utf16_size(v->name);
        value = n > value ? n : value;
        data = v->data.len > data ? v->data.len : data;
    }
    store_u32(nk + 52, (uint32_t)name);
    store_u32(nk + 56, (uint32_t)class_name);
    store_u32(nk + 60, (uint32_t)value);
    store_u32(nk + 64, (uint32_t)data);
}

static void alloc_key(struct image *im, struct hive_key *k)
{
    bool compressed = encode_name(im, k->name);
    k->cell = alloc_cell(im, NK_SIZE + im->scratch.len);
    uint8_t *nk = cell(im, k->cell);
    memcpy(nk, "nk", 2);
    store_u16(nk + 2, (uint16_t)((compressed ? KEY_COMPRESSED : 0) | (k->parent ? 0 : KEY_ROOT)));
    store_u64(nk + 4, k->written);
    store_u32(nk + 16, k->parent ? k->parent->cell : NO_CELL);
    store_u32(nk + 20, k->subkeys);
    store_u32(nk + 28, NO_CELL);
    store_u32(nk + 32, NO_CELL);
    store_u32(nk + 36, k->values);
    store_u32(nk + 48, NO_CELL);
    put_maxima(nk, k);
    store_u16(nk + 72, (uint16_t)im->scratch.len);
    store_u16(nk + 74, (uint16_t)utf16_size(k->class_name));
    if (im->scratch.len)
        memcpy(nk + NK_SIZE, im->scratch.ptr, im->scratch.len);
}

static uint32_t put_class(struct image *im, const struct hive_key *k)
{
    if (!k->class_name.len)
        return NO_CELL;
    im->scratch.len = 0;
    out_utf16(&im->scratch, k->class_name);
    return put_cell(im, sb_span(&im->scratch));
}

/* Recursion is as deep as the tree the generator built. */
static void fill_key(struct image *im, struct hive_key *k)
{
    struct hive_key **keys = NULL;
    uint32_t values = put_values(im, k), class_name = put_class(im, k), list = NO_CELL, n = 0;
    if (k->subkeys) {
        keys = need(ARENA_ARRAY(&im->h->arena, k->subkeys, struct hive_key *));
        for (struct hive_key *c = k->first_child; c; c = c->next)
            keys[n++] = c;
        qsort(keys, n, sizeof *keys, by_name);
        for (uint32_t i = 0; i < n; i++)
            alloc_key(im, keys[i]);
        list = put_list(im, keys, n);
    }
    uint8_t *nk = cell(im, k->cell);
    store_u32(nk + 28, list);
    store_u32(nk + 40, values);
    store_u32(nk + 44, im->security[k->restricted]);
    store_u32(nk + 48, class_name);
    im->refs[k->restricted]++;
    for (uint32_t i = 0; i < n; i++)
        fill_key(im, keys[i]);
}

/* ---- base block ---------------------------------------------------------------------------- */

void hive_checksum(uint8_t base_block[512])
{
    uint32_t sum = 0;
    for (size_t i = 0; i < 508; i += 4)
        sum ^= load_u32(base_block + i);
    if (sum == 0 || sum == 0xFFFFFFFFu) /* neither value is ever stored */
        sum = sum ? 0xFFFFFFFEu : 1;
    store_u32(base_block + 508, sum);
}

static void put_base_block(struct image *im)
{
    struct sb name;
    uint8_t *p = out_at(im->out, 0);
    memcpy(p, "regf", 4);
    store_u32(p + 4, im->h->sequence);
    store_u32(p + 8, im->h->sequence);
    store_u64(p + 12, im->h->written);
    store_u32(p + 20, 1);
    store_u32(p + 24, im->h->minor);
    store_u32(p + 32, 1); /* format: direct memory load */
    store_u32(p + 36, im->h->root->cell);
    store_u32(p + 40, here(im));
    store_u32(p + 44, 1); /* clustering factor: sectors of 512 bytes */
    sb_init(&name, 4096);
    out_utf16(&name, str_of(im->h->file_name));
    size_t keep = name.len < 62 ? name.len : 62;
    memcpy(p + 48, name.ptr + name.len - keep, keep);
    sb_done(&name);
    hive_checksum(p);
}

void hive_image(struct hive *h, struct sb *out)
{
    struct image im = {.h = h, .out = out, .bin_end = BASE_BLOCK};
    BUG_ON(out->len != 0);
    sb_init(&im.scratch, (size_t)1 << 20);
    out_zero(out, BASE_BLOCK);
    alloc_key(&im, h->root);
    for (int i = 0; i < 2; i++)
        im.security[i] = uses_security(h->root, i) ? put_security(&im, i) : NO_CELL;
    fill_key(&im, h->root);
    link_security(&im);
    close_bin(&im);
    put_base_block(&im);
    sb_done(&im.scratch);
}
