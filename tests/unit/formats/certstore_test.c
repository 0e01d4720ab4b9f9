#include "formats/certstore.h"

#include "check.h"

static void put_record(struct sb *b, uint32_t id, const void *data, uint32_t len)
{
    const uint8_t head[12] = {(uint8_t)id,
                              (uint8_t)(id >> 8),
                              (uint8_t)(id >> 16),
                              (uint8_t)(id >> 24),
                              1,
                              0,
                              0,
                              0, /* reserved */
                              (uint8_t)len,
                              (uint8_t)(len >> 8),
                              (uint8_t)(len >> 16),
                              (uint8_t)(len >> 24)};
    sb_put(b, head, sizeof head);
    sb_put(b, data, len);
}

static struct span span_sb(const struct sb *b)
{
    return span_of(b->ptr ? b->ptr : "", b->len);
}

static bool blob_ok(const struct sb *b, struct arena *a, struct cert_element *c, struct err *e)
{
    /* An exact copy, so that a sanitizer sees the first byte read past the end. */
    uint8_t *copy = malloc(b->len ? b->len : 1);
    if (b->len)
        memcpy(copy, b->ptr, b->len);
    bool ok = certstore_blob(span_of(copy, b->len), a, c, e);
    free(copy);
    return ok;
}

TEST(a_blob)
{
    struct arena a;
    struct cert_element c;
    struct span s;
    struct err e = {0};
    struct sb b;
    arena_init(&a, 1 << 20);
    sb_init(&b, 1 << 20);
    put_record(&b, PROP_FRIENDLY_NAME, "x\0\0\0", 4);
    put_record(&b, PROP_DISALLOWED_TIME, "", 0);
    put_record(&b, PROP_CERTIFICATE, "DER", 3);
    put_record(&b, 0x8001, "mine", 4); /* order is not guaranteed; user properties are kept */
    CHECK(certstore_blob(span_sb(&b), &a, &c, &e));
    CHECK_U64(c.count, 4);
    CHECK(span_eq(c.certificate, span_of("DER", 3)) && c.crl.len == 0 && c.ctl.len == 0);
    CHECK(cert_element_property(&c, PROP_DISALLOWED_TIME, &s) && s.len == 0);
    CHECK(!cert_element_property(&c, PROP_SHA1, &s));
    sb_done(&b);
    arena_done(&a);
}

TEST(a_blob_of_properties_only)
{
    struct arena a;
    struct cert_element c;
    struct err e = {0};
    struct sb b;
    arena_init(&a, 1 << 20);
    sb_init(&b, 1 << 20);
    CHECK(certstore_blob(span_sb(&b), &a, &c, &e) && c.count == 0);
    put_record(&b, PROP_FRIENDLY_NAME, "x\0\0\0", 4);
    CHECK(certstore_blob(span_sb(&b), &a, &c, &e) && c.count == 1 && c.certificate.len == 0);
    sb_done(&b);
    arena_done(&a);
}

TEST(every_cut_of_a_blob)
{
    struct arena a;
    struct cert_element c;
    struct sb b;
    arena_init(&a, 1 << 20);
    sb_init(&b, 1 << 20);
    put_record(&b, PROP_FRIENDLY_NAME, "x\0\0\0", 4);
    size_t first = b.len;
    put_record(&b, PROP_CERTIFICATE, "DER", 3);
    size_t whole = b.len;
    for (size_t len = 1; len < whole; len++) {
        struct err e = {0};
        b.len = len;
        bool ok = blob_ok(&b, &a, &c, &e);
        CHECK(ok == (len == first)); /* at the border it is a shorter blob */
        CHECK(ok || e.kind == ERR_FORMAT);
    }
    sb_done(&b);
    arena_done(&a);
}

TEST(lengths_that_pass_the_end)
{
    static const uint32_t lengths[] = {4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct arena a;
        struct cert_element c;
        struct err e = {0};
        struct sb b;
        arena_init(&a, 1 << 20);
        sb_init(&b, 1 << 20);
        put_record(&b, PROP_CERTIFICATE, "DER", 3);
        for (size_t k = 0; k < 4; k++)
            b.ptr[8 + k] = (char)(lengths[i] >> (8 * k));
        CHECK(!blob_ok(&b, &a, &c, &e) && e.kind == ERR_FORMAT);
        sb_done(&b);
        arena_done(&a);
    }
}

TEST(too_many_properties)
{
    struct arena a;
    struct cert_element c;
    struct err e = {0};
    struct sb b;
    arena_init(&a, 1 << 20);
    sb_init(&b, 1 << 20);
    for (uint32_t i = 0; i <= CERTSTORE_RECORDS; i++)
        put_record(&b, 200 + i, "", 0);
    CHECK(!certstore_blob(span_sb(&b), &a, &c, &e) && e.kind == ERR_LIMIT);
    sb_done(&b);
    arena_done(&a);
}

TEST(a_serialized_store)
{
    struct arena a;
    struct sst s;
    struct err e = {0};
    struct sb b;
    arena_init(&a, 1 << 20);
    sb_init(&b, 1 << 20);
    sb_put(&b, "\0\0\0\0CERT", 8);
    for (int i = 0; i < 100; i++) {
        put_record(&b, PROP_FRIENDLY_NAME, "x\0\0\0", 4);
        put_record(&b, i % 2 ? PROP_CRL : PROP_CERTIFICATE, "DER", 3);
    }
    CHECK(sst_parse(span_sb(&b), &a, &s, &e) && s.count == 100); /* the end mark may be missing */
    sb_put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    sb_put(&b, "rest", 4); /* nothing counts behind it */
    CHECK(sst_parse(span_sb(&b), &a, &s, &e) && s.count == 100);
    CHECK(s.elements[0].certificate.len == 3 && s.elements[1].crl.len == 3);
    sb_done(&b);
    arena_done(&a);
}

TEST(damaged_stores)
{
    struct arena a;
    struct sst s;
    struct sb b;
    arena_init(&a, 1 << 20);
    sb_init(&b, 1 << 20);
    static const char *const heads[] = {"", "\0\0\0\0CER", "\1\0\0\0CERT", "\0\0\0\0CRET"};
    static const size_t lengths[] = {0, 7, 8, 8};
    for (size_t i = 0; i < 4; i++) {
        struct err e = {0};
        CHECK(!sst_parse(span_of(heads[i], lengths[i]), &a, &s, &e) && e.kind == ERR_FORMAT);
    }
    sb_put(&b, "\0\0\0\0CERT", 8);
    put_record(&b, PROP_FRIENDLY_NAME, "x\0\0\0", 4);
    size_t open = b.len;
    put_record(&b, PROP_CERTIFICATE, "DER", 3);
    size_t whole = b.len;
    for (size_t len = 9; len < whole; len++) {
        struct err e = {0};
        b.len = len;
        CHECK(!sst_parse(span_sb(&b), &a, &s, &e) && e.kind == ERR_FORMAT);
    }
    struct err e = {0};
    b.len = open;
    sb_put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0", 12); /* properties of nothing */
    CHECK(!sst_parse(span_sb(&b), &a, &s, &e) && e.kind == ERR_FORMAT);
    sb_done(&b);
    arena_done(&a);
}

TEST(usages)
{
    struct arena a;
    arena_init(&a, 1 << 16);
    static const char two[] = "\x30\x14\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x03"
                              "\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x08";
    CHECK_STR(certstore_usages(span_of(two, 22), &a), "1.3.6.1.5.5.7.3.3 1.3.6.1.5.5.7.3.8");
    CHECK(certstore_usages(span_of("\x30\x00", 2), &a).ptr != NULL);
    CHECK(certstore_usages(span_of(two, 21), &a).ptr == NULL);
    CHECK(certstore_usages(span_of("\x30\x03\x02\x01\x05", 5), &a).ptr == NULL);
    CHECK(certstore_usages(span_of("", 0), &a).ptr == NULL);
    arena_done(&a);
}

TEST_MAIN()
