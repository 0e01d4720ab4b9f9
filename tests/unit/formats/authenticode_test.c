#include "formats/authenticode.h"

#include "pe_sample.h"
#include "sign_sample.h"

/* A small executable with room for a table behind it; offsets as pe_sample.h has them (PE32+). */
enum {
    OPTIONAL = PE_SAMPLE_HEADER + 24,
    CHECKSUM = OPTIONAL + 64,
    SECTION_ALIGNMENT = OPTIONAL + 32,
    DIRECTORY_4 = OPTIONAL + 112 + 4 * 8
};

struct image {
    struct sb bytes;
    size_t table;
};

static void put32(struct sb *b, size_t at, size_t v)
{
    for (size_t i = 0; i < 4; i++)
        b->ptr[at + i] = (char)(v >> (8 * i));
}

static void image_init(struct image *m)
{
    struct pe_sample s;
    pe_sample_make(&s, PE_MACHINE_AMD64, true);
    s.size = (s.size + 7) & ~(size_t)7;
    sb_init(&m->bytes, 1 << 20);
    sb_put(&m->bytes, s.bytes, s.size);
    m->table = s.size;
}

static void image_entry(struct image *m, size_t length, uint16_t type, struct span der)
{
    const uint8_t head[8] = {(uint8_t)length,
                             (uint8_t)(length >> 8),
                             (uint8_t)(length >> 16),
                             (uint8_t)(length >> 24),
                             0,
                             2,
                             (uint8_t)type,
                             0};
    sb_put(&m->bytes, head, sizeof head);
    sb_put(&m->bytes, der.ptr, der.len);
    while (m->bytes.len % 8)
        sb_putc(&m->bytes, 0);
}

static void image_close_table(struct image *m)
{
    put32(&m->bytes, DIRECTORY_4, m->table);
    put32(&m->bytes, DIRECTORY_4 + 4, m->bytes.len - m->table);
}

static struct authenticode_table table_of(struct image *m)
{
    struct authenticode_table t;
    struct pe pe;
    struct arena a;
    struct err e = {0};
    arena_init(&a, 1 << 16);
    CHECK(pe_open(sb_span(&m->bytes), &pe, &e));
    CHECK(authenticode_table(&pe, &a, &t, &e));
    CHECK(t.malformed == (t.why.len != 0));
    arena_done(&a);
    return t;
}

static const uint8_t sequence[] = {0x30, 0x03, 0x02, 0x01, 0x05};

TEST(no_table)
{
    struct image m;
    image_init(&m);
    struct authenticode_table t = table_of(&m);
    CHECK(t.count == 0 && !t.malformed);
    sb_done(&m.bytes);
}

TEST(several_entries)
{
    struct image m;
    image_init(&m);
    image_entry(&m, 8 + sizeof sequence, AUTHENTICODE_PKCS7, span_of(sequence, sizeof sequence));
    image_entry(&m, 8 + 4, 1, span_of("x509", 4));
    image_entry(&m, 16, AUTHENTICODE_PKCS7, span_of("\x30\x03\x02\x01\x05\0\0\0", 8));
    image_close_table(&m);
    struct authenticode_table t = table_of(&m);
    CHECK(!t.malformed);
    CHECK_U64(t.count, 3);
    CHECK_U64(t.extra, 0); /* zeroes that align are no extra bytes */
    CHECK_U64(t.entry[0].at, m.table);
    CHECK_U64(t.entry[0].revision, 0x0200);
    CHECK_U64(t.entry[1].type, 1);
    CHECK_U64(t.entry[0].der.len, sizeof sequence);
    sb_done(&m.bytes);
}

TEST(extra_bytes_behind_the_message)
{
    struct image m;
    image_init(&m);
    image_entry(&m, 8 + 16, AUTHENTICODE_PKCS7, span_of("\x30\x03\x02\x01\x05hidden here", 16));
    image_close_table(&m);
    CHECK_U64(table_of(&m).extra, 11);
    sb_done(&m.bytes);
    /* Eight zeroes are more than alignment needs. */
    image_init(&m);
    image_entry(&m, 8 + 16, AUTHENTICODE_PKCS7,
                span_of("\x30\x03\x02\x01\x05\0\0\0\0\0\0\0\0\0\0", 16));
    image_close_table(&m);
    CHECK_U64(table_of(&m).extra, 11);
    sb_done(&m.bytes);
}

TEST(malformed_tables)
{
    static const struct {
        size_t length; /* of the entry */
        long at, size; /* of the table, relative to where and how long it is */
    } cases[] = {
        {0, 0, 0},      {7, 0, 0},   {0xFFFFFFFF, 0, 0},  {17, 0, 0}, /* entry's length */
        {16, 8, 0},     {16, 0, 8},  {16, 0x7FFFFF00, 0},             /* past the end */
        {16, 1, -1},    {16, 4, -4},                                  /* not aligned */
        {16, 0, -12},   {16, 0, -1},                                  /* too short */
        {16, -0x300, 0}                                               /* inside the headers */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct image m;
        image_init(&m);
        image_entry(&m, cases[i].length, AUTHENTICODE_PKCS7,
                    span_of("\x30\x03\x02\x01\x05\0\0\0", 8));
        image_close_table(&m);
        put32(&m.bytes, DIRECTORY_4, (size_t)((long)m.table + cases[i].at));
        put32(&m.bytes, DIRECTORY_4 + 4, (size_t)(16 + cases[i].size));
        struct authenticode_table t = table_of(&m);
        if (!t.malformed)
            fprintf(stderr, "case %zu is not called malformed\n", i);
        CHECK(t.malformed);
        sb_done(&m.bytes);
    }
}

TEST(too_many_entries)
{
    struct image m;
    image_init(&m);
    for (int i = 0; i <= AUTHENTICODE_ENTRIES; i++)
        image_entry(&m, 16, AUTHENTICODE_PKCS7, span_of("\x30\x03\x02\x01\x05\0\0\0", 8));
    image_close_table(&m);
    struct authenticode_table t = table_of(&m);
    CHECK(t.malformed && t.count == AUTHENTICODE_ENTRIES);
    sb_done(&m.bytes);
}

static void digest_of(struct image *m, uint8_t out[64])
{
    static const char *const names[] = {"sha256"};
    struct pe pe;
    struct err e = {0};
    uint8_t have[1][64];
    size_t len[1];
    CHECK(pe_open(sb_span(&m->bytes), &pe, &e));
    CHECK(authenticode_digest(&pe, names, 1, have, len, &e) && len[0] == 32);
    memcpy(out, have[0], 32);
}

TEST(what_the_digest_leaves_out)
{
    struct image m;
    uint8_t plain[64], have[64];
    image_init(&m);
    digest_of(&m, plain);
    m.bytes.ptr[CHECKSUM] ^= 1;
    digest_of(&m, have);
    CHECK(memcmp(plain, have, 32) == 0);
    image_entry(&m, 16, AUTHENTICODE_PKCS7, span_of("\x30\x03\x02\x01\x05\0\0\0", 8));
    image_close_table(&m);
    digest_of(&m, have);
    CHECK(memcmp(plain, have, 32) == 0); /* a signature does not change it */
    m.bytes.ptr[m.table + 12] ^= 1;
    digest_of(&m, have);
    CHECK(memcmp(plain, have, 32) == 0);
    sb_puts(&m.bytes, "appended");
    digest_of(&m, have);
    CHECK(memcmp(plain, have, 32) != 0); /* bytes behind the table count */
    m.bytes.len -= 8;
    m.bytes.ptr[PE_SAMPLE_RAW + 5] ^= 1;
    digest_of(&m, have);
    CHECK(memcmp(plain, have, 32) != 0);
    sb_done(&m.bytes);
}

TEST(a_digest_that_is_not_known)
{
    static const char *const names[] = {"1.2.3.4"};
    struct image m;
    struct pe pe;
    struct err e = {0};
    uint8_t have[1][64];
    size_t len[1];
    image_init(&m);
    CHECK(pe_open(sb_span(&m.bytes), &pe, &e));
    CHECK(!authenticode_digest(&pe, names, 1, have, len, &e) && e.kind == ERR_UNSUPPORTED);
    sb_done(&m.bytes);
}

/* ---- page hashes, computed here once more, plainly ------------------------------------------- */

static void add_page(struct sb *table, size_t offset, const uint8_t *bytes, size_t len)
{
    static uint8_t page[4096];
    unsigned char digest[32];
    unsigned n = 0;
    memset(page, 0, sizeof page);
    memcpy(page, bytes, len);
    EVP_Digest(page, sizeof page, digest, &n, EVP_sha256(), NULL);
    const uint8_t at[4] = {(uint8_t)offset, (uint8_t)(offset >> 8)};
    sb_put(table, at, 4);
    sb_put(table, digest, 32);
}

static void page_table(struct image *m, struct sb *table)
{
    uint8_t head[PE_SAMPLE_RAW];
    const uint8_t *p = (const uint8_t *)m->bytes.ptr;
    size_t raw = load_u32(p + OPTIONAL + 240 + 16), end = PE_SAMPLE_RAW + raw, cut = 0;
    for (size_t i = 0; i < PE_SAMPLE_RAW; i++) {
        bool out = (i >= CHECKSUM && i < CHECKSUM + 4) || (i >= DIRECTORY_4 && i < DIRECTORY_4 + 8);
        if (!out)
            head[cut++] = p[i];
    }
    /* The header's page is as long as without what is left out: 4096 bytes less twelve. */
    static uint8_t page[4096];
    unsigned char digest[32];
    unsigned n = 0;
    memset(page, 0, sizeof page);
    memcpy(page, head, cut);
    EVP_Digest(page, 4096 - 12, digest, &n, EVP_sha256(), NULL);
    sb_put(table, "\0\0\0\0", 4);
    sb_put(table, digest, 32);
    for (size_t at = PE_SAMPLE_RAW; at < end; at += 4096)
        add_page(table, at, p + at, end - at < 4096 ? end - at : 4096);
    const uint8_t last[36] = {(uint8_t)end, (uint8_t)(end >> 8)};
    sb_put(table, last, sizeof last);
}

static enum authenticode_pages pages_of(struct image *m, struct sb *table)
{
    struct pe pe;
    struct err e = {0};
    struct spc_indirect spc;
    struct sb der;
    struct arena a;
    arena_init(&a, 1 << 16);
    sb_init(&der, 1 << 20);
    spc_put(&der, "2.16.840.1.101.3.4.2.1", span_of("0123456789abcdef0123456789abcdef", 32),
            sb_span(table));
    CHECK(spc_indirect_parse(sb_span(&der), &a, &spc, &e));
    CHECK(spc.is_pe && spc.digest.len == 32);
    CHECK_STR(spc.digest_algorithm, "sha256");
    CHECK(table->len == 0 || span_eq(spc.page_hashes, sb_span(table)));
    CHECK(pe_open(sb_span(&m->bytes), &pe, &e));
    enum authenticode_pages answer = authenticode_pages(&pe, &spc);
    sb_done(&der);
    arena_done(&a);
    return answer;
}

TEST(page_hashes)
{
    struct image m;
    struct sb table;
    image_init(&m);
    sb_init(&table, 1 << 20);
    CHECK(pages_of(&m, &table) == PAGES_NONE);
    page_table(&m, &table);
    CHECK(pages_of(&m, &table) == PAGES_MATCH);
    m.bytes.ptr[CHECKSUM] ^= 1; /* left out here too */
    CHECK(pages_of(&m, &table) == PAGES_MATCH);
    m.bytes.ptr[PE_SAMPLE_RAW + 9] ^= 1;
    CHECK(pages_of(&m, &table) == PAGES_DIFFER);
    m.bytes.ptr[PE_SAMPLE_RAW + 9] ^= 1;
    table.ptr[40] ^= 1;
    CHECK(pages_of(&m, &table) == PAGES_DIFFER);
    table.ptr[40] ^= 1;
    table.len -= 36; /* a row too few, half a row, a row too many */
    CHECK(pages_of(&m, &table) == PAGES_DIFFER);
    table.len += 18;
    CHECK(pages_of(&m, &table) == PAGES_DIFFER);
    table.len += 18;
    sb_put(&table, table.ptr, 36);
    CHECK(pages_of(&m, &table) == PAGES_DIFFER);
    table.len -= 36;
    static const size_t odd[] = {0, 1, 256, 3000, 0x20000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        put32(&m.bytes, SECTION_ALIGNMENT, odd[i]);
        CHECK(pages_of(&m, &table) == PAGES_MALFORMED);
    }
    put32(&m.bytes, SECTION_ALIGNMENT, 4096);
    sb_done(&table);
    sb_done(&m.bytes);
}

TEST(damaged_indirect_data)
{
    struct sb der;
    struct arena a;
    struct spc_indirect spc;
    arena_init(&a, 1 << 20);
    sb_init(&der, 1 << 20);
    spc_put(&der, "1.3.14.3.2.26", span_of("01234567890123456789", 20), (struct span){NULL, 0});
    size_t whole = der.len;
    for (size_t len = 0; len < whole; len++) {
        struct err e = {0};
        uint8_t *copy = malloc(len + 1);
        memcpy(copy, der.ptr, len);
        CHECK(!spc_indirect_parse(span_of(copy, len), &a, &spc, &e) && e.kind == ERR_FORMAT);
        free(copy);
    }
    for (size_t bit = 0; bit < whole * 8; bit++) {
        struct err e = {0};
        der.ptr[bit / 8] ^= (char)(1 << bit % 8);
        if (spc_indirect_parse(sb_span(&der), &a, &spc, &e))
            CHECK(spc.digest.ptr >= (const uint8_t *)der.ptr &&
                  spc.digest.ptr + spc.digest.len <= (const uint8_t *)der.ptr + whole);
        der.ptr[bit / 8] ^= (char)(1 << bit % 8);
    }
    sb_done(&der);
    arena_done(&a);
}

TEST_MAIN()
