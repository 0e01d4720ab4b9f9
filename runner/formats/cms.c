#include "formats/cms.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>

#include "formats/cms_part.h"
#include "formats/der.h"

struct cms {
    PKCS7 *message;
    struct cms_certificates certificates;
    struct cms_signer signers[CMS_SIGNERS];
    size_t signer_count;
    struct str type;
    struct span element, content;
    bool detached;
    size_t extra;
    struct arena mem;
};

enum { CMS_MEMORY = 64 << 20 };

bool cms_keep_certificate(struct cms_certificates *list, X509 *x)
{
    for (size_t i = 0; i < list->count; i++)
        if (X509_cmp(list->items[i], x) == 0)
            return true;
    if (list->count == CMS_CERTIFICATES || !X509_up_ref(x))
        return false;
    list->items[list->count++] = x;
    return true;
}

static bool keep_all(struct cms *c, STACK_OF(X509) * certificates, struct err *e)
{
    if (sk_X509_num(certificates) > CMS_CERTIFICATES)
        return err_set(e, ERR_LIMIT, 0, "signature carries %d certificates, the limit is %d",
                       sk_X509_num(certificates), CMS_CERTIFICATES);
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        X509 *x = sk_X509_value(certificates, i);
        if (i2d_X509(x, NULL) > CERT_SIZE)
            return err_set(e, ERR_LIMIT, 0, "signature carries a certificate over %d bytes",
                           CERT_SIZE);
        if (!cms_keep_certificate(&c->certificates, x))
            return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    return true;
}

/* The content of an unknown type is kept as one whole element; of `data` it is an OCTET STRING. */
static bool find_content(struct cms *c, struct span outside, struct err *e)
{
    PKCS7 *inner = c->message->d.sign->contents;
    char text[128] = "";
    OBJ_obj2txt(text, sizeof text, inner->type, 1);
    c->type = str_dup(&c->mem, str_of(text));
    if (OBJ_obj2nid(inner->type) == NID_pkcs7_data) {
        if (inner->d.data)
            c->content = span_of(ASN1_STRING_get0_data(inner->d.data),
                                 (size_t)ASN1_STRING_length(inner->d.data));
        c->detached = !inner->d.data;
        if (c->detached && outside.len) {
            void *copy = arena_copy(&c->mem, outside.ptr, outside.len);
            if (!copy)
                return err_set(e, ERR_LIMIT, 0, "the signed content is too large");
            c->content = span_of(copy, outside.len);
        }
        c->element = c->content;
        return true;
    }
    /* Of the types that PKCS #7 names itself `d` holds something else. */
    ASN1_TYPE *any = PKCS7_type_is_other(inner) ? inner->d.other : NULL;
    if (!any || any->type != V_ASN1_SEQUENCE)
        return err_set(e, ERR_FORMAT, 0, "signed content is missing or no SEQUENCE");
    c->element = span_of(any->value.sequence->data, (size_t)any->value.sequence->length);
    struct span in = c->element;
    struct der d;
    if (!der_next(&in, &d))
        return err_set(e, ERR_FORMAT, 0, "signed content is malformed");
    c->content = d.content;
    return true;
}

static bool read_message(struct cms *c, struct span der, struct span outside, struct err *e)
{
    struct cms_split split = {.rest = der};
    bool parts = cms_split(der, &c->mem, &split);
    const unsigned char *p = split.rest.ptr;
    c->message = split.rest.len > LONG_MAX ? NULL : d2i_PKCS7(NULL, &p, (long)split.rest.len);
    ERR_clear_error();
    if (!c->message || !PKCS7_type_is_signed(c->message) || !c->message->d.sign ||
        !c->message->d.sign->contents)
        return err_set(e, ERR_FORMAT, 0, "not a PKCS #7 SignedData");
    c->extra = der.len - (parts ? split.length : (size_t)(p - der.ptr));
    return find_content(c, outside, e) &&
           (parts ? cms_keep_split(&c->certificates, split.certificates, e)
                  : keep_all(c, c->message->d.sign->cert, e));
}

static bool read_signers(struct cms *c, struct err *e)
{
    STACK_OF(PKCS7_SIGNER_INFO) *infos = c->message->d.sign->signer_info;
    int count = sk_PKCS7_SIGNER_INFO_num(infos);
    if (count > CMS_SIGNERS)
        return err_set(e, ERR_LIMIT, 0, "signature has %d signers, the limit is %d", count,
                       CMS_SIGNERS);
    for (int i = 0; i < count; i++) {
        struct cms_signer *s = &c->signers[c->signer_count++];
        PKCS7_SIGNER_INFO *info = sk_PKCS7_SIGNER_INFO_value(infos, i);
        cms_check_signer(info, c->content, CMS_DIGEST_INFO, &c->certificates, &c->mem, s);
        cms_read_attributes(info, &c->mem, s);
        cms_check_timestamps(info, &c->certificates, &c->mem, &s->timestamp);
    }
    if (c->mem.full)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    return true;
}

static bool open_message(struct span der, struct span outside, const struct cms_known *known,
                         struct cms **out, struct err *e)
{
    struct cms *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    arena_init(&c->mem, CMS_MEMORY);
    c->certificates.known = known;
    if (!read_message(c, der, outside, e) || !read_signers(c, e)) {
        cms_close(c);
        ERR_clear_error();
        return false;
    }
    ERR_clear_error();
    *out = c;
    return true;
}

bool cms_open(struct span der, struct cms **out, struct err *e)
{
    return open_message(der, (struct span){NULL, 0}, NULL, out, e);
}

bool cms_open_known(struct span der, const struct cms_known *known, struct cms **out, struct err *e)
{
    return open_message(der, (struct span){NULL, 0}, known, out, e);
}

bool cms_open_nested(struct span der, const struct cms *outer, struct cms **out, struct err *e)
{
    return open_message(der, outer->element, NULL, out, e);
}

bool cms_detached(const struct cms *c)
{
    return c->detached;
}

void cms_close(struct cms *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->certificates.count; i++)
        X509_free(c->certificates.items[i]);
    PKCS7_free(c->message);
    arena_done(&c->mem);
    free(c);
}

struct str cms_content_type(const struct cms *c)
{
    return c->type;
}

struct span cms_content(const struct cms *c)
{
    return c->content;
}

struct span cms_content_element(const struct cms *c)
{
    return c->element;
}

size_t cms_signer_count(const struct cms *c)
{
    return c->signer_count;
}

const struct cms_signer *cms_signer(const struct cms *c, size_t i)
{
    return &c->signers[i];
}

size_t cms_certificate_count(const struct cms *c)
{
    return c->certificates.count;
}

X509 *cms_certificate(const struct cms *c, size_t i)
{
    return c->certificates.items[i];
}

size_t cms_extra(const struct cms *c)
{
    return c->extra;
}
