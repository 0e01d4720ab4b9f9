/* A world (trust_world.h) and a folder that is a source of lists and certificates. */
#pragma once

#include "actions/roots.h"
#include "cab.h"
#include "http_server.h"
#include "trust_world.h"

#define AUTHROOT "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\Certificates\\"

/* A world, and a folder that serves as source and as what the server serves. */
struct bench {
    struct world w;
    struct pki_cert other, withdrawn, disallowed_signer;
    char folder[64];
};

static inline void begin(struct bench *b)
{
    memset(b, 0, sizeof *b);
    world_begin_bare(&b->w);
    b->other = pki_make((struct pki_spec){.cn = "Other Root", .ca = true});
    b->withdrawn = pki_make((struct pki_spec){.cn = "Withdrawn Root", .ca = true});
    b->disallowed_signer = pki_make(
        (struct pki_spec){.cn = "D", .issuer = &b->w.list_root, .usages = PKI_DISALLOWED_LIST});
    snprintf(b->folder, sizeof b->folder, "/tmp/rectify-roots-XXXXXX");
    CHECK(temp_folder(b->folder));
}

static inline void end(struct bench *b)
{
    CHECK(remove_all(b->folder));
    world_end(&b->w);
}

static inline void put(const struct bench *b, const char *name, struct span bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len);
    if (f)
        fclose(f);
}

static inline void drop(const struct bench *b, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    CHECK(remove(path) == 0);
}

static inline struct span cab(struct span list)
{
    struct sb b;
    sb_init(&b, 1 << 24);
    cab_write(&b, "authroot.stl", list);
    struct span s = span_of(arena_copy(&pki_mem, b.ptr, b.len), b.len);
    sb_done(&b);
    return s;
}

static inline struct span filetime(const char *day)
{
    uint8_t *p = arena_alloc(&pki_mem, 8);
    for (size_t i = 0; i < 8; i++)
        p[i] = (uint8_t)(pki_day(day) >> 8 * i);
    return span_of(p, 8);
}

static inline struct span entry(const struct pki_cert *root, struct span more)
{
    struct span sha256 = pki_sha("sha256", pki_der(root->x));
    struct span name = span_of("N\0a\0m\0e\0\0", 10);
    return pki_root_entry(
        root, pki_join(pki_property(11, name), pki_join(pki_property(98, sha256), more)));
}

static inline struct span roots_list(const struct bench *b, unsigned number, const char *day,
                                     struct span entries)
{
    const struct pki_sign how = {.signer = &b->w.list_signer};
    return pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", day, number, entries, &how);
}

static inline struct span disallowed_list(const struct bench *b, unsigned number,
                                          const struct pki_cert *bad)
{
    const struct pki_sign how = {.signer = &b->disallowed_signer};
    struct span id = pki_sha("sha1", pki_der(bad->x));
    return pki_list_at(PKI_DISALLOWED_LIST, "1.3.6.1.4.1.311.10.11.15", "2016-01-01", number,
                       pki_entry(id, span_of(NULL, 0)), &how);
}

static const struct span nothing = {NULL, 0};

/* Both lists, and the certificates of the world's root and another one, under odd names. */
static inline void fill(const struct bench *b, unsigned number, const char *day)
{
    struct span entries = pki_join(entry(&b->w.root, nothing), entry(&b->other, nothing));
    put(b, "anything.bin", roots_list(b, number, day, entries));
    put(b, "disallowedcertstl.cab", cab(disallowed_list(b, number, &b->withdrawn)));
    put(b, "one", pki_der(b->w.root.x));
    put(b, "two.cer", pki_der(b->other.x));
}

static inline bool open_source(const struct bench *b, const char *from, struct roots_source **s,
                               struct err *e)
{
    static const struct fetch_limits limits = {
        .seconds = 20, .stall_seconds = 1, .tries = 2, .pause_ms = 10};
    const struct roots_options o = {.source = str_of(from),
                                    .list_roots = b->w.list_roots,
                                    .list_root_count = 1,
                                    .limits = &limits};
    return roots_source_open(&o, s, e);
}

static inline struct str thumb(const struct pki_cert *c)
{
    char *text = arena_alloc(&pki_mem, 41);
    struct span sha1 = pki_sha("sha1", pki_der(c->x));
    for (size_t i = 0; i < 20; i++)
        snprintf(text + 2 * i, 3, "%02x", sha1.ptr[i]);
    return str_of(text);
}

/* What a refresh changes; false with `e` when it cannot be. */
static inline bool refresh(struct bench *b, const char *from, const struct pki_cert *needed,
                           struct action *out, struct err *e)
{
    struct roots_source *s = NULL;
    struct str sha1 = needed ? thumb(needed) : (struct str){NULL, 0};
    memset(out, 0, sizeof *out);
    trust_close(b->w.t);
    b->w.t = NULL;
    CHECK(trust_open(b->w.h, &b->w.options, &b->w.t, NULL));
    bool ok = open_source(b, from, &s, e) && roots_refresh(s, b->w.t, b->w.h, &sha1, needed != NULL,
                                                           pki_day("2016-06-01"), &b->w.a, out, e);
    roots_source_close(s);
    return ok;
}

static inline const struct change *change_of(const struct action *a, const char *name)
{
    for (size_t i = 0; i < a->change_count; i++)
        if (str_eq(a->changes[i].name, str_of(name)))
            return &a->changes[i];
    return NULL;
}

/* As applying would; a value that goes is set to what no parser takes. */
static inline void apply(struct bench *b, const struct action *a)
{
    for (size_t i = 0; i < a->change_count; i++) {
        const struct change *c = &a->changes[i];
        CHECK(c->after.present);
        memory_set_value(b->w.h, c->key.ptr, c->name.ptr, c->after.type, c->after.data);
    }
}

static inline size_t listed(const struct action *a, const char *name)
{
    const struct value *v = value_get(&a->details, name);
    CHECK(v && v->kind == VALUE_LIST);
    return v ? v->list.count : 0;
}

static inline bool sequence_is(const struct action *a, const char *list, const char *want)
{
    const struct value *v = value_get(&a->details, list);
    const struct value *number = v ? value_get(v, "sequence") : NULL;
    return number && str_eq(number->text, str_of(want));
}
