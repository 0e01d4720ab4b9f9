#include "formats/pe.h"
#include "pe_sample.h"
#include "seed.h"

static struct pe_sample sample;

static bool read_version(struct arena *a, struct pe_version *v, struct err *e)
{
    struct pe pe;
    return pe_open(pe_sample_span(&sample), &pe, e) && pe_version(&pe, a, v, e);
}

TEST(headers)
{
    for (int plus = 0; plus < 2; plus++) {
        struct pe pe;
        struct err e = {0};
        char buf[8];
        pe_sample_make(&sample, plus ? PE_MACHINE_AMD64 : PE_MACHINE_I386, plus);
        CHECK(pe_open(pe_sample_span(&sample), &pe, &e));
        CHECK(pe.pe32plus == plus);
        CHECK_STR(str_of(pe_machine_name(pe.machine, buf)), plus ? "x64" : "x86");
        CHECK_U64(pe.checksum, 0xABCDE);
        CHECK_U64(load_u32(sample.bytes + pe.checksum_at), 0xABCDE);
        CHECK_U64(pe.section_count, 1);
        CHECK_U64(pe.header_size, PE_SAMPLE_RAW);
        CHECK_U64(pe.directory_count, 16);
        CHECK_U64(pe.directory[2].rva, PE_SAMPLE_RVA);
        CHECK_U64(pe.certificate_at, pe.sections_at - (16 - 4) * 8);
    }
}

TEST(machine_names)
{
    char buf[8];
    CHECK_STR(str_of(pe_machine_name(PE_MACHINE_ARM64, buf)), "arm64");
    CHECK_STR(str_of(pe_machine_name(0x1F0, buf)), "0x01f0");
}

TEST(version_of_the_first_translation)
{
    for (int plus = 0; plus < 2; plus++) {
        struct arena a;
        struct err e = {0};
        struct pe_version v = {0};
        char text[VERSION_TEXT];
        arena_init(&a, 1 << 16);
        pe_sample_make(&sample, PE_MACHINE_I386, plus);
        CHECK(read_version(&a, &v, &e));
        CHECK(v.has_version);
        CHECK_STR(str_of(version_format(v.file, text)), "8.8.0.975");
        CHECK_STR(str_of(version_format(v.product, text)), "8.8.0.777");
        CHECK_STR(v.company, "McAfee, Inc.");
        CHECK_STR(v.description, "a description");
        CHECK_STR(v.product_name, "VSE");
        CHECK_STR(v.file_version, "8.8.0.975");
        CHECK_STR(v.product_version, "8.8.0");
        CHECK_STR(v.original_name, "mfehidk.sys");
        arena_done(&a);
    }
}

TEST(no_resource_is_no_error)
{
    struct arena a;
    struct err e = {0};
    struct pe_version v = {.has_version = true};
    arena_init(&a, 1 << 16);
    pe_sample_make(&sample, PE_MACHINE_AMD64, true);
    pe_store32(&sample, PE_SAMPLE_RAW + 24, 24); /* a manifest, no version */
    CHECK(read_version(&a, &v, &e) && !v.has_version && !v.company.ptr);
    pe_sample_make(&sample, PE_MACHINE_AMD64, true);
    pe_store32(&sample, PE_SAMPLE_HEADER + 24 + 112 + 16, 0);
    CHECK(read_version(&a, &v, &e) && !v.has_version);
    arena_done(&a);
}

TEST(damaged_version_is_an_error_not_an_absence)
{
    const struct {
        size_t at;
        uint32_t value;
    } bad[] = {
        {PE_SAMPLE_RAW + 0x50, 0x7FFFFFFF},       /* data outside every section */
        {PE_SAMPLE_RAW + 0x54, 0x7FFFFFFF},       /* data longer than the section */
        {PE_SAMPLE_RAW + 0x1C, 0x50},             /* a leaf where a directory belongs */
        {PE_SAMPLE_RAW + 0x1C, 0x80000000},       /* a directory that contains itself */
        {PE_SAMPLE_RAW + 0x34, 0x80000020},       /* likewise, one level down */
        {PE_SAMPLE_RAW + 0x4C, 0x80000038},       /* likewise, at the last level */
        {PE_SAMPLE_RAW + 0x1C, 0xFFFFFFF0},       /* a directory behind the end */
        {PE_SAMPLE_RAW + 0x60, 0x0034FFFF},       /* wLength beyond the resource */
        {PE_SAMPLE_RAW + 0x60 + 40, 0xBD04EFFE},  /* VS_FIXEDFILEINFO signature */
        {PE_SAMPLE_HEADER + 24 + 112 + 16, 0x80}, /* resources in no section */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena a;
        struct err e = {0};
        struct pe_version v;
        arena_init(&a, 1 << 16);
        pe_sample_make(&sample, PE_MACHINE_AMD64, true);
        pe_store32(&sample, bad[i].at, bad[i].value);
        CHECK(!read_version(&a, &v, &e));
        CHECK(e.kind == ERR_FORMAT && e.text[0]);
        arena_done(&a);
    }
}

/* wValueLength counts units by the book, bytes in what some resource compilers write. */
TEST(text_length_in_bytes_or_units)
{
    struct arena a;
    struct err e = {0};
    struct pe_version v;
    arena_init(&a, 1 << 16);
    pe_sample_make(&sample, PE_MACHINE_I386, false);
    for (size_t at = PE_SAMPLE_RAW; at + 24 < sample.size; at += 2)
        if (load_u16(sample.bytes + at) == 'C' && load_u16(sample.bytes + at + 2) == 'o')
            pe_store16(&sample, at - 4, load_u16(sample.bytes + at - 4) * 2u);
    CHECK(read_version(&a, &v, &e));
    CHECK_STR(v.company, "McAfee, Inc.");
    arena_done(&a);
}

TEST(low_alignment_is_not_rounded)
{
    struct pe pe;
    struct err e = {0};
    uint64_t at = 0;
    pe_sample_make(&sample, PE_MACHINE_I386, false);
    size_t opt = PE_SAMPLE_HEADER + 24, section = opt + 224;
    pe_store32(&sample, section + 20, PE_SAMPLE_RAW + 0x80);
    pe_store32(&sample, section + 16, 0x100);
    CHECK(pe_open(pe_sample_span(&sample), &pe, &e) && pe_rva(&pe, PE_SAMPLE_RVA + 4, 4, &at));
    CHECK_U64(at, PE_SAMPLE_RAW + 4);
    pe_store32(&sample, opt + 36, 0x80);
    CHECK(pe_open(pe_sample_span(&sample), &pe, &e) && pe_rva(&pe, PE_SAMPLE_RVA + 4, 4, &at));
    CHECK_U64(at, PE_SAMPLE_RAW + 0x84);
    CHECK(!pe_rva(&pe, PE_SAMPLE_RVA + 0x100, 1, &at));
    CHECK(!pe_rva(&pe, PE_SAMPLE_RVA + 0xFF, 2, &at));
    CHECK(!pe_rva(&pe, PE_SAMPLE_RVA - 1, 1, &at));
}

TEST(other_executables_are_named)
{
    static const struct {
        char magic[4];
        const char *says;
    } old[] = {{"NE", "16-bit Windows"}, {"LE", "VxD"}, {"LX", "OS/2"}, {"xx", "MS-DOS program"}};
    struct pe pe;
    for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
        struct err e = {0};
        pe_sample_make(&sample, PE_MACHINE_I386, false);
        memcpy(sample.bytes + PE_SAMPLE_HEADER, old[i].magic, 2);
        CHECK(!pe_open(pe_sample_span(&sample), &pe, &e));
        CHECK(e.kind == ERR_FORMAT && strstr(e.text, old[i].says));
    }
    struct err e = {0}, e2 = {0};
    CHECK(!pe_open(span_of("\x7f"
                           "ELF",
                           4),
                   &pe, &e) &&
          strstr(e.text, "not MZ"));
    pe_store32(&sample, 0x3C, 0x70000000);
    CHECK(!pe_open(pe_sample_span(&sample), &pe, &e2) && strstr(e2.text, "MS-DOS"));
}

/* Everything the parser does with `len` exact bytes; failures explain themselves. */
static void exercise(const uint8_t *data, size_t len)
{
    struct arena a;
    struct pe pe;
    struct pe_version v;
    struct err e = {0};
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, data, len);
    arena_init(&a, 1 << 16);
    if (!pe_open(span_of(copy, len), &pe, &e) || !pe_version(&pe, &a, &v, &e))
        CHECK(e.kind != ERR_NONE && e.text[0]);
    arena_done(&a);
    free(copy);
}

TEST(every_truncation_and_bit_flip)
{
    for (int plus = 0; plus < 2; plus++) {
        pe_sample_make(&sample, PE_MACHINE_AMD64, plus);
        for (size_t len = 0; len <= sample.size; len++)
            exercise(sample.bytes, len);
        for (size_t bit = 0; bit < sample.size * 8; bit++) {
            sample.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            exercise(sample.bytes, sample.size);
            sample.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

TEST(no_truncation_loses_the_version_silently)
{
    pe_sample_make(&sample, PE_MACHINE_AMD64, true);
    size_t whole = sample.size;
    for (sample.size = 0; sample.size + 4 < whole; sample.size++) {
        struct arena a;
        struct err e = {0};
        struct pe_version v;
        arena_init(&a, 1 << 16);
        CHECK(!read_version(&a, &v, &e));
        arena_done(&a);
    }
}

TEST(fuzz_seeds_are_current)
{
    pe_sample_make(&sample, PE_MACHINE_I386, false);
    CHECK(seed_check("pe/pe32", pe_sample_span(&sample)));
    pe_sample_make(&sample, PE_MACHINE_AMD64, true);
    CHECK(seed_check("pe/pe32plus", pe_sample_span(&sample)));
    memcpy(sample.bytes + PE_SAMPLE_HEADER, "NE", 2);
    CHECK(seed_check("pe/ne", span_of(sample.bytes, 256)));
}

TEST_MAIN()
