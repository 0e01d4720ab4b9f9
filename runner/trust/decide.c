/* Words for whole files: embedded signatures, then catalogs. */
#include <openssl/evp.h>

#include "trust/part.h"
#include "trust/words.h"

#define OID_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"

enum {
    ITEMS = AUTHENTICODE_ENTRIES + AUTHENTICODE_NESTED,
    DIGESTS = 4, /* at most, of one file */
    CATALOG_HITS = 8,
    TYPE_PKCS7 = 2,
    REVISION_2 = 0x0200,
    NT_NESTED = 602 /* Windows 8 is the first to look at nested signatures */
};

struct digest {
    const char *algorithm;
    uint8_t bytes[64];
    size_t len;
};

struct item {
    struct cms *message;
    struct spc_indirect spc;
    struct err e;
    bool nested, has_spc;
};

struct judging {
    struct trust *t;
    struct arena *a;
    struct span bytes;
    bool is_pe;
    struct pe pe;
    struct authenticode_table table;
    struct item items[ITEMS];
    size_t count;
    struct digest digests[DIGESTS];
    size_t digest_count;
};

/* ---- digests ----------------------------------------------------------------------------------
 */

static const char *known_algorithm(struct str name)
{
    static const char *const names[] = {"sha256", "sha1", "md5", "sha384", "sha512"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, str_of(names[i])))
            return names[i];
    return NULL;
}

static const struct digest *digest_of(const struct judging *j, const char *algorithm)
{
    for (size_t i = 0; algorithm && i < j->digest_count; i++)
        if (strcmp(j->digests[i].algorithm, algorithm) == 0)
            return &j->digests[i];
    return NULL;
}

static bool flat_digest(struct judging *j, const char *algorithm, struct digest *out)
{
    unsigned len = 0;
    const EVP_MD *md = EVP_get_digestbyname(algorithm);
    if (!md || EVP_Digest(j->bytes.ptr ? (const void *)j->bytes.ptr : "", j->bytes.len, out->bytes,
                          &len, md, NULL) != 1)
        return false;
    out->algorithm = algorithm;
    out->len = len;
    return true;
}

/* Computes those of `want` that are not there yet, in one pass over the file. */
static void need_digests(struct judging *j, const char *const *want, size_t count)
{
    const char *todo[DIGESTS];
    uint8_t out[DIGESTS][64];
    size_t len[DIGESTS], n = 0;
    for (size_t i = 0; i < count; i++) {
        bool twice = false;
        for (size_t k = 0; k < n; k++)
            twice = twice || strcmp(todo[k], want[i]) == 0;
        if (want[i] && !twice && !digest_of(j, want[i]) && j->digest_count + n < DIGESTS)
            todo[n++] = want[i];
    }
    if (n == 0)
        return;
    if (!j->is_pe) {
        for (size_t i = 0; i < n; i++)
            j->digest_count += flat_digest(j, todo[i], &j->digests[j->digest_count]);
        return;
    }
    if (!authenticode_digest(&j->pe, todo, n, out, len, NULL))
        return;
    for (size_t i = 0; i < n; i++) {
        struct digest *d = &j->digests[j->digest_count++];
        d->algorithm = todo[i];
        d->len = len[i];
        memcpy(d->bytes, out[i], len[i]);
    }
}

/* ---- embedded ---------------------------------------------------------------------------------
 */

static void add_item(struct judging *j, struct span der, bool nested)
{
    struct item *it = &j->items[j->count++];
    it->nested = nested;
    if (!cms_open_known(der, &j->t->known, &it->message, &it->e))
        return;
    if (!str_eq(cms_content_type(it->message), STR(OID_INDIRECT_DATA)))
        err_set(&it->e, ERR_FORMAT, 0, "the signature is not over a file");
    else
        it->has_spc = spc_indirect_parse(cms_content_element(it->message), j->a, &it->spc, &it->e);
}

static void read_items(struct judging *j)
{
    struct err e = {0};
    if (!authenticode_table(&j->pe, j->a, &j->table, &e)) {
        j->table.malformed = true;
        j->table.why = str_dup(j->a, str_of(e.text));
    }
    for (size_t i = 0; i < j->table.count; i++)
        if (j->table.entry[i].type == TYPE_PKCS7)
            add_item(j, j->table.entry[i].der, false);
    if (j->count == 0 || !j->items[0].message || cms_signer_count(j->items[0].message) == 0)
        return;
    const struct cms_signer *s = cms_signer(j->items[0].message, 0);
    for (size_t i = 0; i < s->nested_count && j->count < ITEMS; i++)
        add_item(j, s->nested[i], true);
}

static void judge_digest(struct judging *j, const struct item *it, struct trust_signature *s)
{
    const char *algorithm = known_algorithm(it->spc.digest_algorithm);
    const struct digest *d = digest_of(j, algorithm);
    if (!it->spc.is_pe)
        signature_lower(s, TRUST_MALFORMED, STR("the signature is not over a PE file"));
    else if (!d)
        signature_lower(s, TRUST_CANNOT_TELL,
                        STR("the file's digest has an algorithm that is not understood"));
    else if (!span_eq(it->spc.digest, span_of(d->bytes, d->len)))
        signature_lower(s, TRUST_BAD_DIGEST, STR("the file is not the one that was signed"));
    if (it->spc.page_hashes.len)
        signature_note(s, j->a,
                       str_fmt(j->a,
                               "page hashes (" STR_FMT ") are there; they are not needed to "
                               "decide and were not checked",
                               STR_ARG(it->spc.page_hash_algorithm)));
}

static void judge_item(struct judging *j, const struct item *it, struct trust_signature *s)
{
    *s = (struct trust_signature){.word = TRUST_TRUSTED};
    if (it->message)
        signature_judge(j->t, it->message, j->a, s);
    s->nested = it->nested;
    if (!it->message && it->e.kind == ERR_LIMIT)
        signature_lower(s, TRUST_CANNOT_TELL, str_dup(j->a, str_of(it->e.text)));
    else if (!it->has_spc)
        signature_lower(s, TRUST_MALFORMED, str_dup(j->a, str_of(it->e.text)));
    else
        judge_digest(j, it, s);
}

/* What concerns the table as a whole is said of its first signature. */
static void judge_table(struct judging *j, struct trust_signature *s)
{
    if (j->table.malformed)
        signature_lower(s, TRUST_MALFORMED, j->table.why);
    for (size_t i = 0; i < j->table.count; i++)
        if (j->table.entry[i].revision != REVISION_2)
            signature_note(s, j->a, STR("an entry of the certificate table has an old revision"));
    if (j->table.extra == 0)
        return;
    struct str note = str_fmt(j->a, "%llu bytes behind the signature in the certificate table",
                              (unsigned long long)j->table.extra);
    if (j->t->padding_check)
        signature_lower(
            s, TRUST_MALFORMED,
            str_fmt(j->a, STR_FMT "; the host sets EnableCertPaddingCheck", STR_ARG(note)));
    else
        signature_note(s, j->a, note);
}

static void judge_embedded(struct judging *j, struct trust_verdict *out)
{
    const char *want[ITEMS];
    for (size_t i = 0; i < j->count; i++)
        want[i] = j->items[i].has_spc ? known_algorithm(j->items[i].spc.digest_algorithm) : NULL;
    size_t n = 0;
    for (size_t i = 0; i < j->count; i++)
        if (want[i])
            want[n++] = want[i];
    need_digests(j, want, n);
    for (size_t i = 0; i < j->count; i++)
        judge_item(j, &j->items[i], &out->signatures[out->signature_count++]);
    if (j->count == 0 && j->table.malformed)
        out->signatures[out->signature_count++] = (struct trust_signature){.word = TRUST_TRUSTED};
    if (out->signature_count)
        judge_table(j, &out->signatures[0]);
}

/* The signature that makes the file trusted, or NULL. */
static const struct trust_signature *trusted_embedded(const struct trust *t,
                                                      struct trust_verdict *v, struct arena *a)
{
    if (v->signature_count && v->signatures[0].word == TRUST_TRUSTED)
        return &v->signatures[0];
    for (size_t i = 0; i < v->signature_count; i++) {
        struct trust_signature *s = &v->signatures[i];
        if (!s->nested || s->word != TRUST_TRUSTED)
            continue;
        if (t->nt == 0 || t->nt >= NT_NESTED)
            return s;
        signature_note(s, a, STR("this Windows does not look at nested signatures"));
    }
    return NULL;
}

/* ---- catalogs ---------------------------------------------------------------------------------
 */

static size_t find_catalogs(struct judging *j, struct catalog_hit *hits)
{
    bool sha1, sha256;
    const char *want[2] = {NULL, NULL};
    struct span digests[2];
    size_t n = 0, found = 0;
    catalogs_sizes(j->t, &sha1, &sha256);
    if (sha256)
        want[n++] = "sha256";
    if (sha1)
        want[n++] = "sha1";
    need_digests(j, want, n);
    for (size_t i = 0; i < n; i++) {
        const struct digest *d = digest_of(j, want[i]);
        if (d)
            digests[found++] = span_of(d->bytes, d->len);
    }
    return catalogs_find(j->t, digests, found, j->a, hits, CATALOG_HITS);
}

static void settle(struct trust_verdict *out, const struct trust_signature *s)
{
    out->decided = s;
    out->word = s->word;
    out->reason = s->reason;
    out->source = s->from_catalog ? TRUST_SOURCE_CATALOG : TRUST_SOURCE_EMBEDDED;
}

/* No signature decides: is that an answer, or could the catalogs not be searched? */
static void settle_unsigned(struct judging *j, struct trust_verdict *out)
{
    struct str why;
    enum fact_state state = catalogs_state(j->t, &why);
    if (state == FACT_FOUND || state == FACT_ABSENT) {
        out->word = TRUST_UNSIGNED;
        out->reason = STR("no embedded signature, and in no catalog of this host");
        return;
    }
    out->word = TRUST_CANNOT_TELL;
    out->reason = str_fmt(j->a, "no embedded signature, and the catalogs are %s: " STR_FMT,
                          fact_state_name(state), STR_ARG(why));
}

static void judge_catalogs(struct judging *j, struct trust_verdict *out)
{
    struct catalog_hit hits[CATALOG_HITS];
    size_t embedded = out->signature_count, n = find_catalogs(j, hits);
    for (size_t i = 0; i < n; i++)
        out->signatures[out->signature_count++] = hits[i].signature;
    if (n && (embedded == 0 || hits[0].signature.word == TRUST_TRUSTED)) {
        settle(out, &out->signatures[embedded]);
        out->catalog = hits[0].path;
        out->catalog_digest =
            span_of(arena_copy(j->a, hits[0].digest.ptr, hits[0].digest.len), hits[0].digest.len);
    } else if (embedded) {
        settle(out, &out->signatures[0]);
    } else {
        settle_unsigned(j, out);
    }
}

/* ---- the file ---------------------------------------------------------------------------------
 */

static void decide(struct judging *j, struct trust_verdict *out)
{
    if (j->is_pe) {
        read_items(j);
        judge_embedded(j, out);
    }
    const struct trust_signature *s = trusted_embedded(j->t, out, j->a);
    if (s)
        settle(out, s);
    else
        judge_catalogs(j, out);
    out->code = trust_word_code(out->word);
    for (size_t i = 0; i < j->count; i++)
        cms_close(j->items[i].message);
}

bool trust_bytes(struct trust *t, struct span bytes, struct arena *a, struct trust_verdict *out,
                 struct err *e)
{
    struct judging *j = calloc(1, sizeof *j);
    memset(out, 0, sizeof *out);
    out->signatures = ARENA_ARRAY(a, ITEMS + CATALOG_HITS + 1, struct trust_signature);
    if (!j || !out->signatures) {
        free(j);
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    j->t = t;
    j->a = a;
    j->bytes = bytes;
    j->is_pe = pe_open(bytes, &j->pe, NULL);
    out->at = t->at;
    bool ok = t->options.no_file_hash || sha256_hex(bytes, out->sha256, e);
    if (ok)
        decide(j, out);
    free(j);
    return ok && (!a->full || err_set(e, ERR_NOMEM, 0, "out of memory"));
}

static void open_file(struct trust *t, struct str winpath, enum reg_view view, struct arena *a,
                      struct host_file *f)
{
    pthread_mutex_lock(&t->host_lock);
    host_open_view(t->host, winpath, view, a, f);
    pthread_mutex_unlock(&t->host_lock);
}

/* Of what cannot be told there is nothing that Windows could agree or disagree with. */
static void ask_windows(struct trust *t, struct str path, struct arena *a, struct trust_verdict *v)
{
    const struct opinion_query q = {path, v->catalog, v->catalog_digest};
    if (v->word != TRUST_CANNOT_TELL)
        v->windows.asked = host_opinion(t->host, &q, &v->windows.code);
    if (!trust_differs(v))
        return;
    pthread_mutex_lock(&t->host_lock);
    if (!t->differs_noted)
        host_note(t->host, str_fmt(a,
                                   "Windows itself judges signatures otherwise, see the "
                                   "evidence; the first: " STR_FMT ": " STR_FMT,
                                   STR_ARG(path), STR_ARG(trust_difference(v, a))));
    t->differs_noted = true;
    pthread_mutex_unlock(&t->host_lock);
}

static enum fact_state judge_file(struct trust *t, struct str winpath, enum reg_view view,
                                  struct arena *a, struct trust_verdict *out, struct str *reason)
{
    struct host_file f;
    struct err e = {0};
    memset(out, 0, sizeof *out);
    open_file(t, winpath, view, a, &f);
    enum fact_state state = f.state;
    *reason = f.reason;
    if (state != FACT_FOUND)
        return state;
    bool ok = f.told ? told_verdict(t, f.told, a, out, &e) : trust_bytes(t, f.bytes, a, out, &e);
    if (!ok || !host_file_intact(t->host, &f)) {
        state = FACT_UNREADABLE;
        *reason = str_fmt(a, STR_FMT ": %s", STR_ARG(winpath),
                          ok ? "a part of the file could not be read" : e.text);
    }
    pthread_mutex_lock(&t->host_lock);
    host_close_file(t->host, &f);
    pthread_mutex_unlock(&t->host_lock);
    if (state == FACT_FOUND)
        ask_windows(t, f.path, a, out);
    return state;
}

enum fact_state trust_file(struct trust *t, struct str winpath, enum reg_view view, struct arena *a,
                           struct trust_verdict *out, struct str *reason)
{
    enum fact_state state = judge_file(t, winpath, view, a, out, reason);
    const struct trust_observer *o = t->options.observer;
    if (o)
        o->file(o->context, winpath, state, *reason, out);
    return state;
}
