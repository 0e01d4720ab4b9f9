/* A host in memory and the certificates that tests of trust/ sign with.
 *
 * root -> ca -> leaf signs code, time_root -> stamper makes timestamps; both roots are in the
 * machine's ROOT until a test says otherwise.  The reference time is 2016-06-01. */
#pragma once

#include "pki.h"
#include "trust/trust.h"

struct world {
    struct host *h;
    struct trust *t;
    struct pki_cert root, ca, leaf, time_root, stamper;
    struct pki_cert list_root, list_signer;
    X509 *list_roots[1];
    struct trust_options options;
    struct arena a;
};

#define WORLD_FILE "C:\\Program Files\\x.dll"
#define WORLD_CATALOGS "C:\\Windows\\System32\\CatRoot\\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}\\"
#define WORLD_POLICY "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates"
#define WORLD_ENTERPRISE "HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates"
#define WORLD_UPDATE "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\AutoUpdate"

static inline void world_certificates(struct world *w)
{
    w->root = pki_make((struct pki_spec){.cn = "Test Root", .o = "Test", .ca = true});
    w->ca =
        pki_make((struct pki_spec){.cn = "Test CA", .o = "Test", .ca = true, .issuer = &w->root});
    w->leaf = pki_make((struct pki_spec){.cn = "Test Publisher",
                                         .o = "McAfee, Inc.",
                                         .issuer = &w->ca,
                                         .usages = PKI_CODE,
                                         .from = "2010-01-01",
                                         .to = "2020-01-01"});
    w->time_root = pki_make((struct pki_spec){.cn = "Time Root", .ca = true});
    w->stamper = pki_make(
        (struct pki_spec){.cn = "Time Stamper", .issuer = &w->time_root, .usages = PKI_TIME});
    w->list_root = pki_make((struct pki_spec){.cn = "List Root", .ca = true});
    w->list_signer = pki_make(
        (struct pki_spec){.cn = "List Signer", .issuer = &w->list_root, .usages = PKI_ROOT_LIST});
    w->list_roots[0] = w->list_root.x;
}

/* A world without a single root in its stores. */
static inline void world_begin_bare(struct world *w)
{
    struct host_options options = {.at = 0, .now = 0};
    struct err e = {0};
    memset(w, 0, sizeof *w);
    pki_begin();
    arena_init(&w->a, ARENA_DEFAULT_CAP);
    world_certificates(w);
    options.at = options.now = pki_day("2016-06-01");
    CHECK(host_memory(&options, &w->h, &e));
    memory_set_sz(w->h, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentVersion",
                  "6.1");
    memory_set_sz(w->h, "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\MY", "x", "");
    w->options.list_roots = w->list_roots;
    w->options.list_root_count = 1;
}

static inline void world_begin(struct world *w)
{
    world_begin_bare(w);
    pki_store(w->h, NULL, "ROOT", &w->root, span_of(NULL, 0));
    pki_store(w->h, NULL, "ROOT", &w->time_root, span_of(NULL, 0));
}

static inline void world_end(struct world *w)
{
    trust_close(w->t);
    host_close(w->h);
    arena_done(&w->a);
    pki_done();
}

/* Signed by the leaf; intermediates are in the message. */
static inline struct pki_sign world_how(const struct world *w)
{
    return (struct pki_sign){.signer = &w->leaf, .with = {&w->ca}};
}

static inline struct trust_verdict world_judge(struct world *w, struct span file)
{
    struct trust_verdict v = {0};
    struct str reason;
    struct err e = {0};
    memory_set_file(w->h, WORLD_FILE, file);
    trust_close(w->t);
    w->t = NULL;
    CHECK(trust_open(w->h, &w->options, &w->t, &e));
    CHECK(trust_file(w->t, STR(WORLD_FILE), VIEW_NATIVE, &w->a, &v, &reason) == FACT_FOUND);
    return v;
}

#define CHECK_WORD(verdict, want)                                                                  \
    do {                                                                                           \
        struct trust_verdict v_ = (verdict);                                                       \
        if (v_.word != (want)) {                                                                   \
            fprintf(stderr, "%s:%d: word is %s (%.*s), want %s\n", __FILE__, __LINE__,             \
                    trust_word_name(v_.word), (int)v_.reason.len,                                  \
                    v_.reason.ptr ? v_.reason.ptr : "", trust_word_name(want));                    \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)
