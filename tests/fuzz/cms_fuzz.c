/* Signed messages.  Oracles: a failure explains itself; what is said to verify has a certificate;
 * spans lie inside the message. */
#include "formats/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_signer(const struct cms *c, const struct cms_signer *s, unsigned depth)
{
    BUG_ON((s->digest_ok && s->signature_ok) != (s->why.len == 0));
    BUG_ON(s->signature_ok && !s->certificate);
    BUG_ON(s->timestamp.intact && s->timestamp.kind == TIMESTAMP_NONE);
    for (size_t i = 0; i < s->nested_count; i++) {
        struct cms *inner = NULL;
        struct err e = {0};
        if (!cms_open_nested(s->nested[i], c, &inner, &e)) {
            BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
            continue;
        }
        for (size_t k = 0; k < cms_signer_count(inner) && depth < 3; k++)
            check_signer(inner, cms_signer(inner, k), depth + 1);
        cms_close(inner);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cms *c = NULL;
    struct arena a;
    struct err e = {0};
    if (!cms_open(span_of(data, size), &c, &e)) {
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0' || c);
        return 0;
    }
    arena_init(&a, 1 << 20);
    BUG_ON(cms_content(c).len > size || cms_extra(c) > size);
    BUG_ON(cms_certificate_count(c) > CMS_CERTIFICATES || cms_signer_count(c) > CMS_SIGNERS);
    for (size_t i = 0; i < cms_certificate_count(c); i++) {
        uint64_t from, to;
        X509 *x = cms_certificate(c, i);
        (void)cert_common_name(x, &a);
        (void)cert_organisation(x, &a);
        (void)cert_issuer_name(x, &a);
        (void)cert_serial(x, &a);
        (void)cert_validity(x, &from, &to);
    }
    for (size_t i = 0; i < cms_signer_count(c); i++)
        check_signer(c, cms_signer(c, i), 0);
    arena_done(&a);
    cms_close(c);
    return 0;
}
