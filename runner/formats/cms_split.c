/* Messages without their certificates.
 *
 * libcrypto decodes the key of every certificate when it parses a message, which costs far more
 * than the signature itself, and a host's files carry the same few certificates again and again.
 * So the certificates are cut out first, and asked for one by one. */
#include <limits.h>
#include <openssl/err.h>

#include "formats/cms_part.h"
#include "formats/der.h"

/* Tag and length in front of `len` bytes of content; returns its size. */
static size_t put_head(uint8_t *at, uint8_t tag, size_t len)
{
    size_t bytes = 0;
    if (len >= 0x80)
        for (size_t rest = len; rest; rest >>= 8)
            bytes++;
    at[0] = tag;
    at[1] = (uint8_t)(bytes ? 0x80 | bytes : len);
    for (size_t i = 0; i < bytes; i++)
        at[2 + i] = (uint8_t)(len >> 8 * (bytes - 1 - i));
    return 2 + bytes;
}

struct parts {
    struct span type, front, certificates, back; /* of ContentInfo and SignedData */
};

/* ContentInfo { type, [0] { SignedData { version, digests, content, [0] certificates, ... } } } */
static bool find_parts(struct span der, struct parts *out, size_t *length)
{
    struct der info, type, wrap, data, d;
    struct span in = der;
    if (!der_expect(&in, DER_SEQUENCE, &info) || !der_expect(&info.content, DER_OID, &type) ||
        !der_expect(&info.content, DER_CONTEXT_0, &wrap) || info.content.len ||
        !der_expect(&wrap.content, DER_SEQUENCE, &data) || wrap.content.len)
        return false;
    struct span rest = data.content;
    if (!der_expect(&rest, DER_INTEGER, &d) || !der_expect(&rest, DER_SET, &d) ||
        !der_expect(&rest, DER_SEQUENCE, &d))
        return false;
    out->type = type.whole;
    out->front = span_of(data.content.ptr, data.content.len - rest.len);
    out->certificates = span_of(NULL, 0);
    if (der_expect(&rest, DER_CONTEXT_0, &d))
        out->certificates = d.content;
    out->back = rest;
    *length = info.whole.len;
    return true;
}

bool cms_split(struct span der, struct arena *a, struct cms_split *out)
{
    enum { HEADS = 3 * (2 + sizeof(size_t)) };
    struct parts p;
    uint8_t head[3][2 + sizeof(size_t)];
    if (!find_parts(der, &p, &out->length))
        return false;
    size_t data = p.front.len + p.back.len;
    size_t n2 = put_head(head[2], DER_SEQUENCE, data);
    size_t n1 = put_head(head[1], DER_CONTEXT_0, n2 + data);
    size_t n0 = put_head(head[0], DER_SEQUENCE, p.type.len + n1 + n2 + data);
    uint8_t *whole = arena_alloc(a, HEADS + p.type.len + data), *at = whole;
    if (!whole)
        return false;
    const struct span pieces[] = {span_of(head[0], n0), p.type,  span_of(head[1], n1),
                                  span_of(head[2], n2), p.front, p.back};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (pieces[i].len)
            memcpy(at, pieces[i].ptr, pieces[i].len);
        at += pieces[i].len;
    }
    out->rest = span_of(whole, (size_t)(at - whole));
    out->certificates = p.certificates;
    return true;
}

static X509 *decode(struct span der)
{
    const unsigned char *p = der.ptr;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    ERR_clear_error();
    return x;
}

static bool keep_one(struct cms_certificates *list, struct span der, struct err *e)
{
    if (der.len > CERT_SIZE)
        return err_set(e, ERR_LIMIT, 0, "signature carries a certificate over %d bytes", CERT_SIZE);
    X509 *x = list->known ? list->known->get(list->known->context, der) : decode(der);
    if (!x)
        return err_set(e, ERR_FORMAT, 0, "signature carries a malformed certificate");
    bool kept = cms_keep_certificate(list, x);
    X509_free(x);
    return kept || err_set(e, ERR_LIMIT, 0, "signature carries more than %d certificates",
                           CMS_CERTIFICATES);
}

bool cms_keep_split(struct cms_certificates *list, struct span certificates, struct err *e)
{
    struct der d;
    while (der_next(&certificates, &d))
        /* Attribute certificates and other kinds have tags of their own. */
        if (d.tag == DER_SEQUENCE && !keep_one(list, d.whole, e))
            return false;
    return certificates.len == 0 ||
           err_set(e, ERR_FORMAT, 0, "signature carries a malformed certificate");
}
