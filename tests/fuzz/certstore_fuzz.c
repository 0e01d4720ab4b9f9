/* Registry blobs and serialized stores.  Oracles: a failure explains itself; records lie inside the
 * bytes and do not overlap. */
#include "formats/certstore.h"
#include "formats/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_element(struct span bytes, const struct cert_element *c, struct arena *a)
{
    const uint8_t *at = bytes.ptr;
    struct span s;
    struct err e = {0};
    BUG_ON(c->count > CERTSTORE_RECORDS);
    for (size_t i = 0; i < c->count; i++) {
        BUG_ON(c->records[i].bytes.ptr < at);
        at = c->records[i].bytes.ptr + c->records[i].bytes.len;
        BUG_ON(at > bytes.ptr + bytes.len);
        (void)certstore_usages(c->records[i].bytes, a);
    }
    if (c->count)
        BUG_ON(!cert_element_property(c, c->records[0].id, &s));
    X509 *x = c->certificate.len ? cert_parse(c->certificate, &e) : NULL;
    BUG_ON(c->certificate.len && !x && (e.kind == ERR_NONE || e.text[0] == '\0'));
    X509_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct cert_element blob;
    struct sst store;
    struct span bytes = span_of(data, size);
    struct err e = {0}, e2 = {0};
    arena_init(&a, 1 << 24);
    if (certstore_blob(bytes, &a, &blob, &e))
        check_element(bytes, &blob, &a);
    else
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
    if (sst_parse(bytes, &a, &store, &e2))
        for (size_t i = 0; i < store.count; i++)
            check_element(bytes, &store.elements[i], &a);
    else
        BUG_ON(e2.kind == ERR_NONE || e2.text[0] == '\0');
    arena_done(&a);
    return 0;
}
