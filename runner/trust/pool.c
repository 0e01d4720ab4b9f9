/* Certificates seen so far, each once, with what chains need to know about it. */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "formats/der.h"
#include "trust/part.h"

enum { HASH_SLOTS = 1 << 13, SUBJECT_SLOTS = 1 << 12 };

bool pool_init(struct pool *p, struct err *e)
{
    p->by_hash = calloc(HASH_SLOTS, sizeof *p->by_hash);
    p->by_subject = calloc(SUBJECT_SLOTS, sizeof *p->by_subject);
    if (!p->by_hash || !p->by_subject || pthread_mutex_init(&p->lock, NULL) != 0)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    return true;
}

void pool_free(struct pooled *c)
{
    if (!c)
        return;
    X509_free(c->x);
    free(c);
}

void pool_done(struct pool *p)
{
    for (size_t i = 0; p->by_hash && i < HASH_SLOTS; i++)
        for (struct pooled *c = p->by_hash[i], *next; c; c = next) {
            next = c->next_hash;
            pool_free(c);
        }
    if (p->by_hash && p->by_subject)
        pthread_mutex_destroy(&p->lock);
    free(p->by_hash);
    free(p->by_subject);
    free(p->links);
}

static uint64_t time_of(const ASN1_TIME *time)
{
    struct der d = {.tag = (uint32_t)ASN1_STRING_type(time),
                    .content =
                        span_of(ASN1_STRING_get0_data(time), (size_t)ASN1_STRING_length(time))};
    uint64_t out = 0;
    return der_time(&d, &out) ? out : 0;
}

static void fill_usages(struct pooled *c)
{
    static const struct {
        const char *oid;
        enum usage bit;
    } known[] = {
        {"1.3.6.1.5.5.7.3.3", USAGE_CODE},
        {"1.3.6.1.5.5.7.3.8", USAGE_TIMESTAMP},
        {"1.3.6.1.4.1.311.10.3.9", USAGE_LIST},
        {"1.3.6.1.4.1.311.10.3.30", USAGE_DISALLOWED_LIST},
        {"1.3.6.1.4.1.311.10.3.13", USAGE_LIFETIME},
        {"2.5.29.37.0", USAGE_ANY},
    };
    int critical = 0;
    EXTENDED_KEY_USAGE *list = X509_get_ext_d2i(c->x, NID_ext_key_usage, &critical, NULL);
    /* An extension that is there but cannot be read (or twice there) allows nothing. */
    c->has_usages = list != NULL || critical != -1;
    for (int i = 0; i < sk_ASN1_OBJECT_num(list); i++) {
        char text[128] = "";
        OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(list, i), 1);
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            if (strcmp(text, known[k].oid) == 0)
                c->usages |= known[k].bit;
    }
    EXTENDED_KEY_USAGE_free(list);
}

static void fill(struct pooled *c)
{
    X509 *x = c->x;
    unsigned len = 0;
    uint32_t flags = X509_get_extension_flags(x); /* fills libcrypto's own cache */
    X509_digest(x, EVP_sha1(), c->sha1, &len);
    c->not_before = time_of(X509_get0_notBefore(x));
    c->not_after = time_of(X509_get0_notAfter(x));
    c->has_constraints = flags & EXFLAG_BCONS;
    c->is_ca = (flags & EXFLAG_CA) != 0;
    c->self_issued = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
    c->unknown_critical = flags & EXFLAG_CRITICAL;
    c->may_sign_certificates =
        !(flags & EXFLAG_KUSAGE) || (X509_get_key_usage(x) & KU_KEY_CERT_SIGN) != 0;
    c->path_length = (int)X509_get_pathlen(x);
    fill_usages(c);
    ERR_clear_error();
}

static size_t slot_of(const uint8_t sha256[32])
{
    return load_u32(sha256) % HASH_SLOTS;
}

static struct pooled *find(const struct pool *p, const uint8_t sha256[32])
{
    for (struct pooled *c = p->by_hash[slot_of(sha256)]; c; c = c->next_hash)
        if (memcmp(c->sha256, sha256, 32) == 0)
            return c;
    return NULL;
}

static struct pooled *make(struct trust *t, X509 *x, const uint8_t sha256[32])
{
    struct pooled *c = calloc(1, sizeof *c);
    if (!c || !X509_up_ref(x)) {
        free(c);
        return NULL;
    }
    c->x = x;
    c->transient = true;
    c->store = STR("message");
    memcpy(c->sha256, sha256, 32);
    fill(c);
    c->disallowed_by = lists_disallow(t, x, c->sha1);
    return c;
}

struct pooled *pool_get(struct trust *t, X509 *x)
{
    struct pool *p = &t->pool;
    uint8_t sha256[64];
    unsigned len = 0;
    if (X509_digest(x, EVP_sha256(), sha256, &len) != 1)
        return NULL;
    pthread_mutex_lock(&p->lock);
    struct pooled *c = find(p, sha256);
    pthread_mutex_unlock(&p->lock);
    if (c)
        return c;
    struct pooled *fresh = make(t, x, sha256);
    if (!fresh)
        return NULL;
    pthread_mutex_lock(&p->lock);
    c = find(p, sha256); /* another thread may have been faster */
    if (!c && p->count < POOL_CERTIFICATES) {
        c = fresh;
        c->transient = false;
        c->next_hash = p->by_hash[slot_of(sha256)];
        p->by_hash[slot_of(sha256)] = c;
        p->count++;
    }
    pthread_mutex_unlock(&p->lock);
    if (c && c != fresh)
        pool_free(fresh);
    return c ? c : fresh;
}

struct pooled *pool_find_sha1(const struct pool *p, const uint8_t sha1[20])
{
    for (size_t i = 0; i < SUBJECT_SLOTS; i++)
        for (struct pooled *c = p->by_subject[i]; c; c = c->next_subject)
            if (memcmp(c->sha1, sha1, 20) == 0)
                return c;
    return NULL;
}

X509 *pool_get_der(void *context, struct span der)
{
    struct trust *t = context;
    uint8_t hash[SHA256_SIZE];
    if (!sha256(der, hash, NULL))
        return NULL;
    pthread_mutex_lock(&t->pool.lock);
    struct pooled *c = find(&t->pool, hash);
    X509 *x = c && X509_up_ref(c->x) ? c->x : NULL;
    pthread_mutex_unlock(&t->pool.lock);
    if (x)
        return x;
    const unsigned char *p = der.ptr;
    x = d2i_X509(NULL, &p, (long)der.len);
    ERR_clear_error();
    if (x && (c = pool_get(t, x)) && c->transient)
        pool_free(c);
    return x;
}

void pool_rejudge(struct trust *t)
{
    for (size_t i = 0; i < HASH_SLOTS; i++)
        for (struct pooled *c = t->pool.by_hash[i]; c; c = c->next_hash)
            c->disallowed_by = lists_disallow(t, c->x, c->sha1);
}

static size_t subject_slot(const X509_NAME *name)
{
    int ok = 0;
    unsigned long h = X509_NAME_hash_ex(name, NULL, NULL, &ok);
    return ok ? h % SUBJECT_SLOTS : 0;
}

void pool_index_subject(struct pool *p, struct pooled *c)
{
    size_t slot = subject_slot(X509_get_subject_name(c->x));
    if (c->indexed)
        return;
    c->indexed = true;
    c->next_subject = p->by_subject[slot];
    p->by_subject[slot] = c;
}

struct pooled *pool_by_subject(const struct pool *p, const X509_NAME *name)
{
    return p->by_subject[subject_slot(name)];
}

/* ---- links ---------------------------------------------------------------------------------- */

static size_t link_slot(const struct pool *p, const struct pooled *child,
                        const struct pooled *issuer, bool *known)
{
    size_t at = (load_u32(child->sha256) ^ load_u32(issuer->sha256 + 4)) % POOL_LINKS;
    for (; p->links[at].child; at = (at + 1) % POOL_LINKS)
        if (p->links[at].child == child && p->links[at].issuer == issuer) {
            *known = true;
            return at;
        }
    *known = false;
    return at;
}

static bool recall(struct pool *p, const struct pooled *child, const struct pooled *issuer,
                   bool *verifies)
{
    bool known = false;
    pthread_mutex_lock(&p->lock);
    if (p->links) {
        size_t at = link_slot(p, child, issuer, &known);
        *verifies = known && p->links[at].verifies;
    }
    pthread_mutex_unlock(&p->lock);
    return known;
}

static void remember(struct pool *p, const struct pooled *child, const struct pooled *issuer,
                     bool verifies)
{
    bool known;
    if (child->transient || issuer->transient)
        return;
    pthread_mutex_lock(&p->lock);
    if (!p->links)
        p->links = calloc(POOL_LINKS, sizeof *p->links);
    if (p->links && p->link_count < POOL_LINKS / 2) {
        size_t at = link_slot(p, child, issuer, &known);
        p->link_count += !known;
        p->links[at] = (struct link){child, issuer, verifies};
    }
    pthread_mutex_unlock(&p->lock);
}

bool pool_link(struct trust *t, const struct pooled *child, const struct pooled *issuer,
               size_t *checks)
{
    bool verifies = false;
    if (recall(&t->pool, child, issuer, &verifies))
        return verifies;
    if (*checks == 0)
        return false;
    --*checks;
    EVP_PKEY *key = X509_get0_pubkey(issuer->x);
    verifies = key && X509_verify(child->x, key) == 1;
    ERR_clear_error();
    remember(&t->pool, child, issuer, verifies);
    return verifies;
}

static void hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = 0;
}

static void describe_key(X509 *x, struct trust_certificate *out)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    int bits = key ? EVP_PKEY_get_bits(key) : 0;
    int kind = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    out->key_bits = bits > 0 ? (unsigned)bits : 0;
    out->key_algorithm = kind == EVP_PKEY_RSA   ? "RSA"
                         : kind == EVP_PKEY_EC  ? "EC"
                         : kind == EVP_PKEY_DSA ? "DSA"
                                                : NULL;
}

void pool_describe(const struct pooled *c, struct arena *a, struct trust_certificate *out)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(c->x);
    size_t len = (size_t)ASN1_STRING_length(serial);
    char *text = arena_alloc(a, 2 * len + 1);
    memset(out, 0, sizeof *out);
    if (text) {
        hex(ASN1_STRING_get0_data(serial), len, text);
        out->serial = (struct str){text, 2 * len};
    }
    out->common_name = cert_common_name(c->x, a);
    out->organisation = cert_organisation(c->x, a);
    out->issuer = cert_issuer_name(c->x, a);
    hex(c->sha1, 20, out->sha1);
    hex(c->sha256, 32, out->sha256);
    out->not_before = c->not_before;
    out->not_after = c->not_after;
    out->store = c->store;
    describe_key(c->x, out);
}
