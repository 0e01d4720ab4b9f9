/* The catalogs of a host: which of them hold a digest, and whether those are signed.
 *
 * Indexing walks each catalog's DER once without any cryptography; a catalog's signature is
 * verified when one of its members is first asked for, and then its members are taken again from
 * what was verified, so that a file that changes in between gains nothing. */
#include <pthread.h>

#include "formats/der.h"
#include "trust/part.h"

#define OID_CTL "1.3.6.1.4.1.311.10.1"
#define OID_CATALOG_LIST "1.3.6.1.4.1.311.12.1.1"
#define OID_CATALOG_V2 "1.3.6.1.4.1.311.12.1.3"

enum {
    CATALOGS_MOST = 1 << 17,
    MEMBERS_MOST = 1 << 24,
    CATALOG_FOLDERS = 256,
    CATALOG_ARENA = 4 << 20,
    DIGEST_MOST = 32
};

struct member {
    uint8_t digest[DIGEST_MOST];
    uint32_t catalog;
    uint8_t len;
    bool
        confirmed; /* under the catalog's lock: it is in the content whose signature was verified */
};

struct catalog {
    struct str path;
    size_t first, count; /* its members */
    pthread_mutex_t lock;
    bool judged;
    struct arena mem;
    struct trust_signature signature;
};

struct catalogs {
    enum fact_state state;
    struct str reason;
    struct catalog **items;
    size_t count, cap;
    struct member *members;
    size_t member_count, member_cap;
    uint32_t *slots; /* member + 1; 0 = free */
    size_t slot_count;
    size_t damaged, unread;
    bool limit, sha1, sha256;
    struct str first_unread;
};

void catalogs_close(struct catalogs *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->count; i++) {
        arena_done(&c->items[i]->mem);
        pthread_mutex_destroy(&c->items[i]->lock);
        free(c->items[i]);
    }
    free(c->items);
    free(c->members);
    free(c->slots);
    free(c);
}

/* ---- members of one catalog ------------------------------------------------------------------ */

/* SpcIndirectDataContent: SEQUENCE { data, SEQUENCE { algorithm, OCTET STRING } } */
static bool indirect_digest(struct span der, struct span *out)
{
    struct der whole, data, info, algorithm, digest;
    if (!der_expect(&der, DER_SEQUENCE, &whole) || !der_next(&whole.content, &data) ||
        !der_expect(&whole.content, DER_SEQUENCE, &info) ||
        !der_expect(&info.content, DER_SEQUENCE, &algorithm) ||
        !der_expect(&info.content, DER_OCTET_STRING, &digest))
        return false;
    *out = digest.content;
    return true;
}

/* The digest of a member: its indirect data; members of version 2 without it are named by it. */
static bool member_digest(const struct ctl_entry *entry, bool v2, struct span *out)
{
    static const uint8_t indirect[] = {0x2B, 0x06, 0x01, 0x04, 0x01,
                                       0x82, 0x37, 0x02, 0x01, 0x04}; /* 1.3.6.1.4.1.311.2.1.4 */
    struct span rest = entry->attributes;
    struct der attribute, oid, set;
    while (der_expect(&rest, DER_SEQUENCE, &attribute))
        if (der_expect(&attribute.content, DER_OID, &oid) &&
            span_eq(oid.content, span_of(indirect, sizeof indirect)) &&
            der_expect(&attribute.content, DER_SET, &set) && indirect_digest(set.content, out))
            return out->len == 20 || out->len == 32;
    *out = entry->id;
    return v2 && (out->len == 20 || out->len == 32);
}

static bool catalog_list(struct span element, struct arena *a, struct ctl *out, struct err *e)
{
    if (!ctl_parse(element, a, out, e))
        return false;
    return str_eq(out->usage, STR(OID_CATALOG_LIST)) || err_set(e, ERR_FORMAT, 0, "not a catalog");
}

/* The list inside a SignedData, by its tags alone. */
static bool list_element(struct span file, struct span *out)
{
    struct der info, type, wrap, data, version, digests, content, inner;
    if (!der_expect(&file, DER_SEQUENCE, &info) || !der_expect(&info.content, DER_OID, &type) ||
        !der_expect(&info.content, DER_CONTEXT_0, &wrap) ||
        !der_expect(&wrap.content, DER_SEQUENCE, &data) ||
        !der_expect(&data.content, DER_INTEGER, &version) ||
        !der_expect(&data.content, DER_SET, &digests) ||
        !der_expect(&data.content, DER_SEQUENCE, &content) ||
        !der_expect(&content.content, DER_OID, &type) ||
        !der_expect(&content.content, DER_CONTEXT_0, &inner))
        return false;
    *out = inner.content;
    return true;
}

/* ---- the index --------------------------------------------------------------------------------
 */

static void *grow(void *items, size_t *cap, size_t most, size_t size)
{
    size_t next = *cap ? *cap * 2 : 1024;
    void *grown = next > most * 2 ? NULL : realloc(items, next * size);
    if (grown)
        *cap = next;
    return grown;
}

static bool add_member(struct catalogs *c, struct span digest)
{
    if (c->member_count == c->member_cap) {
        void *grown = c->member_count >= MEMBERS_MOST
                          ? NULL
                          : grow(c->members, &c->member_cap, MEMBERS_MOST, sizeof *c->members);
        if (!grown)
            return false;
        c->members = grown;
    }
    struct member *m = &c->members[c->member_count++];
    *m = (struct member){.catalog = (uint32_t)(c->count - 1), .len = (uint8_t)digest.len};
    memcpy(m->digest, digest.ptr, digest.len);
    c->sha1 = c->sha1 || digest.len == 20;
    c->sha256 = c->sha256 || digest.len == 32;
    return true;
}

static struct catalog *add_catalog(struct catalogs *c, struct str path)
{
    if (c->count == c->cap) {
        void *grown = c->count >= CATALOGS_MOST
                          ? NULL
                          : grow(c->items, &c->cap, CATALOGS_MOST, sizeof *c->items);
        if (!grown)
            return NULL;
        c->items = grown;
    }
    struct catalog *one = calloc(1, sizeof *one);
    if (!one || pthread_mutex_init(&one->lock, NULL) != 0) {
        free(one);
        return NULL;
    }
    arena_init(&one->mem, CATALOG_ARENA);
    one->path = path;
    one->first = c->member_count;
    c->items[c->count++] = one;
    return one;
}

static bool add_members(struct catalogs *c, struct catalog *one, struct span file, struct arena *a,
                        struct err *e)
{
    struct span element, digest;
    struct ctl list;
    struct ctl_entry entry;
    size_t cursor = 0;
    if (!list_element(file, &element))
        return err_set(e, ERR_FORMAT, 0, "not a signed list");
    if (!catalog_list(element, a, &list, e))
        return false;
    bool v2 = str_eq(list.subject_algorithm, STR(OID_CATALOG_V2));
    while (ctl_next(&list, &cursor, &entry, e))
        if (member_digest(&entry, v2, &digest) && !add_member(c, digest)) {
            c->limit = true;
            return true;
        }
    one->count = c->member_count - one->first;
    return true;
}

static void note_unread(struct trust *t, struct catalogs *c, struct str reason)
{
    if (c->unread++ == 0)
        c->first_unread = str_dup(&t->mem, reason);
}

static void add_file(struct trust *t, struct catalogs *c, struct str path, struct arena *a)
{
    struct host_file f;
    struct err e = {0};
    host_open_file(t->host, path, a, &f);
    if (f.state != FACT_FOUND) {
        note_unread(t, c, f.reason);
        return;
    }
    size_t before = c->member_count;
    struct catalog *one = add_catalog(c, str_dup(&t->mem, path));
    bool ok = one && add_members(c, one, f.bytes, a, &e);
    c->limit = c->limit || !one;
    if (!host_file_intact(t->host, &f)) {
        note_unread(t, c,
                    str_fmt(a, STR_FMT ": a part of the file could not be read", STR_ARG(path)));
        ok = false;
    } else if (!ok) {
        c->damaged++;
    }
    if (!ok && one) {
        c->member_count = before;
        one->count = 0;
    } else if (one) {
        one->count = c->member_count - one->first;
    }
    host_close_file(t->host, &f);
}

static void add_folder(struct trust *t, struct catalogs *c, struct str folder)
{
    struct arena a, scratch;
    struct host_listing list;
    arena_init(&a, ARENA_DEFAULT_CAP);
    arena_init(&scratch, ARENA_DEFAULT_CAP);
    host_list(t->host, folder, STR("*.cat"), &a, &list);
    if (list.state == FACT_UNREADABLE)
        note_unread(t, c, list.reason);
    for (size_t i = 0; i < list.list.count && !c->limit; i++) {
        if (list.list.entries[i].directory)
            continue;
        arena_reset(&scratch);
        add_file(t, c,
                 str_fmt(&scratch, STR_FMT "\\" STR_FMT, STR_ARG(folder),
                         STR_ARG(list.list.entries[i].name)),
                 &scratch);
    }
    arena_done(&scratch);
    arena_done(&a);
}

static size_t slot_at(const struct catalogs *c, const uint8_t *digest)
{
    return (size_t)(load_u64(digest) % c->slot_count);
}

static bool make_slots(struct catalogs *c)
{
    c->slot_count = c->member_count * 2 + 1;
    c->slots = calloc(c->slot_count, sizeof *c->slots);
    if (!c->slots)
        return false;
    for (size_t i = 0; i < c->member_count; i++) {
        size_t at = slot_at(c, c->members[i].digest);
        while (c->slots[at])
            at = (at + 1) % c->slot_count;
        c->slots[at] = (uint32_t)(i + 1);
    }
    return true;
}

static void index_all(struct trust *t, struct catalogs *c)
{
    struct str root;
    struct host_listing list;
    struct err e = {0};
    if (!host_expand(t->host, STR("%SystemRoot%\\System32\\CatRoot"), VIEW_NATIVE, &t->mem, &root,
                     &e)) {
        c->state = FACT_UNREADABLE;
        c->reason = str_dup(&t->mem, str_of(e.text));
        return;
    }
    host_list(t->host, root, STR("*"), &t->mem, &list);
    c->state = list.state;
    c->reason = list.reason;
    if (list.state != FACT_FOUND)
        return;
    add_folder(t, c, root);
    for (size_t i = 0; i < list.list.count && i < CATALOG_FOLDERS; i++)
        if (list.list.entries[i].directory)
            add_folder(t, c,
                       str_fmt(&t->mem, STR_FMT "\\" STR_FMT, STR_ARG(root),
                               STR_ARG(list.list.entries[i].name)));
    if (c->limit || list.list.count > CATALOG_FOLDERS || !make_slots(c)) {
        c->state = FACT_UNREADABLE;
        c->reason = STR("more catalogs or members than the limit");
    } else if (c->unread) {
        c->state = FACT_UNREADABLE;
        c->reason = str_fmt(&t->mem, "%zu catalogs could not be read, the first: " STR_FMT,
                            c->unread, STR_ARG(c->first_unread));
    }
}

static struct catalogs *catalogs_get(struct trust *t)
{
    pthread_mutex_lock(&t->host_lock);
    if (!t->catalogs) {
        struct catalogs *c = calloc(1, sizeof *c);
        if (c)
            index_all(t, c);
        t->catalogs = c;
    }
    struct catalogs *c = t->catalogs;
    pthread_mutex_unlock(&t->host_lock);
    return c;
}

void catalogs_sizes(struct trust *t, bool *has_sha1, bool *has_sha256)
{
    const struct catalogs *c = catalogs_get(t);
    *has_sha1 = c && c->sha1;
    *has_sha256 = c && c->sha256;
}

enum fact_state catalogs_state(struct trust *t, struct str *reason)
{
    const struct catalogs *c = catalogs_get(t);
    *reason = c ? c->reason : STR("out of memory");
    return c ? c->state : FACT_UNREADABLE;
}

/* ---- looking up -------------------------------------------------------------------------------
 */

/* Members come in the order in which they were indexed. */
static void confirm(struct catalogs *c, const struct catalog *one, const struct ctl *list)
{
    bool v2 = str_eq(list->subject_algorithm, STR(OID_CATALOG_V2));
    struct ctl_entry entry;
    struct span digest;
    size_t cursor = 0, i = one->first;
    while (i < one->first + one->count && ctl_next(list, &cursor, &entry, NULL)) {
        if (!member_digest(&entry, v2, &digest))
            continue;
        struct member *m = &c->members[i++];
        m->confirmed = span_eq(digest, span_of(m->digest, m->len));
    }
}

static void judge_bytes(struct trust *t, struct catalogs *c, struct catalog *one, struct span bytes)
{
    struct cms *message = NULL;
    struct ctl list;
    struct err e = {0};
    struct trust_signature *s = &one->signature;
    if (!cms_open_known(bytes, &t->known, &message, &e) ||
        !catalog_list(cms_content_element(message), &one->mem, &list, &e)) {
        signature_lower(s, TRUST_MALFORMED, str_dup(&one->mem, str_of(e.text)));
        cms_close(message);
        return;
    }
    signature_judge(t, message, &one->mem, s);
    if (!str_eq(cms_content_type(message), STR(OID_CTL)))
        signature_lower(s, TRUST_MALFORMED, STR("the catalog's content is not a list"));
    confirm(c, one, &list);
    cms_close(message);
}

/* With the catalog's lock held. */
static void judge(struct trust *t, struct catalogs *c, struct catalog *one)
{
    struct host_file f;
    pthread_mutex_lock(&t->host_lock);
    host_open_file(t->host, one->path, &one->mem, &f);
    pthread_mutex_unlock(&t->host_lock);
    if (f.state == FACT_FOUND)
        judge_bytes(t, c, one, f.bytes);
    if (f.state != FACT_FOUND || !host_file_intact(t->host, &f)) {
        one->signature.word = TRUST_CANNOT_TELL;
        one->signature.reason = STR("the catalog could not be read again");
    }
    one->signature.from_catalog = true;
    pthread_mutex_lock(&t->host_lock);
    host_close_file(t->host, &f);
    pthread_mutex_unlock(&t->host_lock);
}

static bool hit(struct trust *t, struct catalogs *c, const struct member *m,
                struct catalog_hit *out)
{
    struct catalog *one = c->items[m->catalog];
    pthread_mutex_lock(&one->lock);
    if (!one->judged)
        judge(t, c, one);
    one->judged = true;
    bool counts = m->confirmed || one->signature.word == TRUST_CANNOT_TELL ||
                  one->signature.word == TRUST_MALFORMED;
    *out = (struct catalog_hit){.path = one->path, .signature = one->signature};
    pthread_mutex_unlock(&one->lock);
    return counts;
}

static bool known(const struct catalog_hit *hits, size_t count, struct str path)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(hits[i].path, path))
            return true;
    return false;
}

size_t catalogs_find(struct trust *t, const struct span *digests, size_t count, struct arena *a,
                     struct catalog_hit *out, size_t max)
{
    struct catalogs *c = catalogs_get(t);
    size_t hits = 0;
    (void)a;
    for (size_t i = 0; c && c->slots && i < count; i++) {
        if (digests[i].len < 20 || digests[i].len > DIGEST_MOST)
            continue;
        size_t at = slot_at(c, digests[i].ptr);
        for (; c->slots[at] && hits < max; at = (at + 1) % c->slot_count) {
            const struct member *m = &c->members[c->slots[at] - 1];
            if (!span_eq(span_of(m->digest, m->len), digests[i]) ||
                known(out, hits, c->items[m->catalog]->path) || !hit(t, c, m, &out[hits]))
                continue;
            out[hits].digest = digests[i];
            struct catalog_hit one = out[hits++];
            if (one.signature.word != TRUST_TRUSTED)
                continue;
            out[hits - 1] = out[0]; /* the trusted one first; nothing better can come */
            out[0] = one;
            return hits;
        }
    }
    return hits;
}
