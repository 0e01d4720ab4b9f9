/* The lists that Windows Update left in the registry: roots of the programme, and what is
 * disallowed.  Whoever can write the hive can write a list, so one counts only when Microsoft
 * signed it. */
#include "trust/part.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/wtime.h"
#include "formats/der.h"

#define AUTO_UPDATE "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\AutoUpdate"
#define OID_CTL "1.3.6.1.4.1.311.10.1"

enum { LIST_DEPTH = 6, LIST_CHECKS = 64, PROP_SUBJECT_NAME_MD5 = 29 };

/* ---- who may sign a list -----------------------------------------------------------------------
 */

static bool key_verifies(X509 *x, struct span spki)
{
    const unsigned char *p = spki.ptr;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki.len);
    bool ok = key && X509_verify(x, key) == 1;
    EVP_PKEY_free(key);
    ERR_clear_error();
    return ok;
}

static bool is_key(X509 *x, struct span spki)
{
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    bool same = len > 0 && span_eq(span_of(der, (size_t)len), spki);
    OPENSSL_free(der);
    return same;
}

static bool issued_by(X509 *x, const char *root_name)
{
    char text[128] = "";
    X509_NAME_get_text_by_NID(X509_get_issuer_name(x), NID_commonName, text, sizeof text);
    return strcmp(text, root_name) == 0;
}

/* Is `c` one of the roots, or made by one that was valid at `at`? */
static bool reaches_root(struct trust *t, const struct pooled *c, uint64_t at)
{
    size_t count;
    const struct list_root *known = list_roots(&count);
    for (size_t i = 0; i < count; i++) {
        const struct list_root *r = &known[i];
        if (at >= r->not_before && at <= r->not_after &&
            (is_key(c->x, r->key) || (issued_by(c->x, r->name) && key_verifies(c->x, r->key))))
            return true;
    }
    for (size_t i = 0; i < t->options.list_root_count; i++) {
        X509 *root = t->options.list_roots[i];
        if (X509_cmp(root, c->x) == 0 ||
            (X509_NAME_cmp(X509_get_subject_name(root), X509_get_issuer_name(c->x)) == 0 &&
             X509_verify(c->x, X509_get0_pubkey(root)) == 1))
            return true;
    }
    ERR_clear_error();
    return false;
}

static bool may_issue(const struct pooled *ca, uint32_t usages)
{
    return ca->is_ca && ca->may_sign_certificates && !ca->unknown_critical &&
           (!ca->has_usages || (ca->usages & (usages | USAGE_ANY)) != 0);
}

static struct pooled *issuer_in(struct trust *t, const struct pooled *c,
                                struct pooled *const *message, size_t count, uint32_t usages,
                                size_t *checks)
{
    for (size_t i = 0; i < count; i++)
        if (message[i] != c && may_issue(message[i], usages) &&
            X509_NAME_cmp(X509_get_subject_name(message[i]->x), X509_get_issuer_name(c->x)) == 0 &&
            pool_link(t, c, message[i], checks))
            return message[i];
    return NULL;
}

static bool signer_chain(struct trust *t, const struct cms *message, const struct ctl *ctl,
                         uint32_t usages, struct err *e)
{
    struct pooled *known[CMS_CERTIFICATES];
    size_t count = 0, checks = LIST_CHECKS;
    for (size_t i = 0; i < cms_certificate_count(message); i++) {
        known[count] = pool_get(t, cms_certificate(message, i));
        if (!known[count] || known[count]->transient) {
            pool_free(known[count]);
            return err_set(e, ERR_LIMIT, 0, "too many certificates");
        }
        count++;
    }
    const struct pooled *c = pool_get(t, cms_signer(message, 0)->certificate);
    if (!c || c->transient || !c->has_usages || !(c->usages & usages))
        return err_set(e, ERR_FORMAT, 0, "its signer may not sign lists");
    for (size_t depth = 0; depth < LIST_DEPTH; depth++) {
        if (ctl->this_update < c->not_before || ctl->this_update > c->not_after)
            return err_set(e, ERR_FORMAT, 0, "a certificate of its signer was not valid then");
        if (reaches_root(t, c, ctl->this_update))
            return true;
        c = issuer_in(t, c, known, count, usages, &checks);
        if (!c)
            break;
    }
    return err_set(e, ERR_FORMAT, 0, "its signer's chain does not end in a Microsoft list root");
}

/* ---- reading ------------------------------------------------------------------------------------
 */

static int entry_order(const void *x, const void *y)
{
    const struct list_entry *a = x, *b = y;
    if (a->entry.id.len != b->entry.id.len)
        return a->entry.id.len < b->entry.id.len ? -1 : 1;
    return a->entry.id.len ? memcmp(a->entry.id.ptr, b->entry.id.ptr, a->entry.id.len) : 0;
}

static bool index_entries(struct trust *t, struct list *l, struct err *e)
{
    size_t cursor = 0;
    struct list_entry one = {0};
    l->entries = ARENA_ARRAY(&t->mem, l->ctl.entry_count + 1, struct list_entry);
    if (!l->entries)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    while (l->count < l->ctl.entry_count && ctl_next(&l->ctl, &cursor, &one.entry, e)) {
        struct list_entry *entry = &l->entries[l->count++];
        *entry = one;
        if (!ctl_property(&one.entry, PROP_SUBJECT_NAME_MD5, &entry->name_md5))
            entry->name_md5 = (struct span){NULL, 0};
        if (!ctl_property(&one.entry, PROP_KEY_IDENTIFIER, &entry->key_id))
            entry->key_id = (struct span){NULL, 0};
    }
    qsort(l->entries, l->count, sizeof *l->entries, entry_order);
    return true;
}

bool list_verify(struct trust *t, struct span der, const char *usage, uint32_t usages,
                 struct list *l, struct err *e)
{
    if (!cms_open(der, &l->message, e))
        return false;
    if (!str_eq(cms_content_type(l->message), str_of(OID_CTL)))
        return err_set(e, ERR_FORMAT, 0, "not a certificate trust list");
    if (!ctl_parse(cms_content_element(l->message), &t->mem, &l->ctl, e))
        return false;
    if (!str_eq(l->ctl.usage, str_of(usage)))
        return err_set(e, ERR_FORMAT, 0, "a list for another usage (" STR_FMT ")",
                       STR_ARG(l->ctl.usage));
    if (cms_signer_count(l->message) == 0)
        return err_set(e, ERR_FORMAT, 0, "nobody signed it");
    const struct cms_signer *s = cms_signer(l->message, 0);
    if (!s->certificate || !s->digest_ok || !s->signature_ok)
        return err_set(e, ERR_FORMAT, 0, "its signature does not verify: " STR_FMT,
                       STR_ARG(s->why));
    return signer_chain(t, l->message, &l->ctl, usages, e) && index_entries(t, l, e);
}

static struct str hex_text(struct span s, struct arena *a)
{
    struct sb b;
    sb_init(&b, 4096);
    sb_hex(&b, s.ptr, s.len > 64 ? 64 : s.len);
    struct str out = str_dup(a, (struct str){b.ptr, b.len});
    sb_done(&b);
    return out;
}

static void read_list(struct trust *t, const char *name, const char *sync, const char *usage,
                      uint32_t usages, struct list *l, struct trust_list *out)
{
    struct reg_value v, when;
    struct err e = {0};
    host_reg_value(t->host, STR(AUTO_UPDATE), str_of(name), VIEW_NATIVE, &t->mem, &v);
    host_reg_value(t->host, STR(AUTO_UPDATE), str_of(sync), VIEW_NATIVE, &t->mem, &when);
    out->name = str_of(name);
    out->state = v.state;
    out->reason = v.reason;
    out->evidence = v.evidence;
    out->sync_state = when.state;
    out->sync_reason = when.reason;
    if (when.state == FACT_FOUND && when.data.len == 8)
        out->last_sync = load_u64(when.data.ptr);
    if (v.state != FACT_FOUND)
        return;
    if (v.list) {
        out->entries = v.list->root_count;
        out->this_update = v.list->this_update;
        t->told_roots = l == &t->authroot ? v.list : t->told_roots;
        return;
    }
    l->usable = list_verify(t, v.data, usage, usages, l, &e);
    if (!l->usable) {
        out->state = FACT_UNREADABLE;
        out->reason = str_fmt(&t->mem, "%s does not count: %s", name, e.text);
        return;
    }
    out->entries = l->count;
    out->this_update = l->ctl.this_update;
    out->sequence = hex_text(l->ctl.sequence, &t->mem);
}

void lists_read(struct trust *t)
{
    read_list(t, "EncodedCtl", "LastSyncTime", LIST_USAGE_ROOTS, USAGE_LIST, &t->authroot,
              &t->state.authroot);
    /* Microsoft signs the disallowed list with a root list signer. */
    read_list(t, "DisallowedCertEncodedCtl", "DisallowedCertLastSyncTime", LIST_USAGE_DISALLOWED,
              USAGE_LIST | USAGE_DISALLOWED_LIST, &t->disallowed, &t->state.disallowed);
    pool_rejudge(t);
}

void lists_close(struct trust *t)
{
    cms_close(t->authroot.message);
    cms_close(t->disallowed.message);
}

/* ---- asking -------------------------------------------------------------------------------------
 */

const struct ctl_entry *list_find(const struct list *l, struct span id)
{
    struct list_entry want = {.entry.id = id};
    if (!l->usable || l->count == 0)
        return NULL;
    const struct list_entry *found =
        bsearch(&want, l->entries, l->count, sizeof *l->entries, entry_order);
    return found ? &found->entry : NULL;
}

const struct ctl_entry *lists_obtainable(const struct trust *t, const X509_NAME *subject,
                                         struct span key_id)
{
    const struct list *l = &t->authroot;
    unsigned char md5[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (!l->usable || X509_NAME_digest(subject, EVP_md5(), md5, &len) != 1)
        return NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct list_entry *entry = &l->entries[i];
        if (span_eq(entry->name_md5, span_of(md5, len)) &&
            (key_id.len == 0 || entry->key_id.len != key_id.len || span_eq(entry->key_id, key_id)))
            return &entry->entry;
    }
    return NULL;
}

bool lists_in_program(const struct trust *t, const struct pooled *root)
{
    if (list_find(&t->authroot, span_of(root->sha1, 20)))
        return true;
    size_t count;
    const struct list_root *known = list_roots(&count);
    for (size_t i = 0; i < count; i++)
        if (is_key(root->x, known[i].key))
            return true;
    return false;
}

/* Property 15: the part to be signed, hashed as its signature hashes it. */
static size_t signature_hash(X509 *x, uint8_t out[EVP_MAX_MD_SIZE])
{
    int md = NID_undef;
    unsigned char *der = NULL;
    unsigned len = 0;
    struct der outer, tbs;
    if (X509_get_signature_info(x, &md, NULL, NULL, NULL) != 1 || md == NID_undef)
        return 0;
    int size = i2d_X509(x, &der);
    struct span in = span_of(der, size > 0 ? (size_t)size : 0);
    const EVP_MD *how = EVP_get_digestbynid(md);
    bool ok = how && der_expect(&in, DER_SEQUENCE, &outer) &&
              der_expect(&outer.content, DER_SEQUENCE, &tbs) &&
              EVP_Digest(tbs.whole.ptr, tbs.whole.len, out, &len, how, NULL) == 1;
    OPENSSL_free(der);
    ERR_clear_error();
    return ok ? len : 0;
}

/* Property 25.  Though its subject algorithm says signature hash, the list that Windows Update
 * serves names most of its certificates so: 67 of the 73 entries of 2021-01-26 are the MD5 of the
 * key of a certificate in the disallowedcert.sst beside it, the other 6 its signature hash. */
static struct span key_hash(X509 *x, uint8_t out[EVP_MAX_MD_SIZE])
{
    const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(x);
    unsigned len = 0;
    if (!key || EVP_Digest(ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key), out, &len,
                           EVP_md5(), NULL) != 1)
        len = 0;
    return span_of(out, len);
}

static bool is_refused(const struct trust *t, struct span id)
{
    size_t low = 0, high = t->refused_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct refused *r = &t->refused[mid];
        int order = r->len != id.len ? (r->len < id.len ? -1 : 1) : memcmp(r->id, id.ptr, id.len);
        if (order == 0)
            return true;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

struct str lists_disallow_thumbprint(const struct trust *t, const uint8_t sha1[20])
{
    if (is_refused(t, span_of(sha1, 20)))
        return STR("Disallowed");
    if (list_find(&t->disallowed, span_of(sha1, 20)))
        return STR("DisallowedCertEncodedCtl");
    return (struct str){NULL, 0};
}

const struct ctl_entry *list_names(const struct list *disallowed, X509 *x, const uint8_t sha1[20])
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    const struct ctl_entry *by = list_find(disallowed, span_of(sha1, 20));
    if (by || !disallowed->usable)
        return by;
    size_t len = signature_hash(x, hash);
    by = len ? list_find(disallowed, span_of(hash, len)) : NULL;
    struct span key = by ? (struct span){NULL, 0} : key_hash(x, hash);
    return key.len ? list_find(disallowed, key) : by;
}

struct str lists_disallow(const struct trust *t, X509 *x, const uint8_t sha1[20])
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    struct str by = lists_disallow_thumbprint(t, sha1);
    if (by.len || (t->refused_count == 0 && !t->disallowed.usable))
        return by;
    size_t len = signature_hash(x, hash);
    if (len && is_refused(t, span_of(hash, len)))
        return STR("Disallowed");
    return list_names(&t->disallowed, x, sha1) ? STR("DisallowedCertEncodedCtl") : by;
}
