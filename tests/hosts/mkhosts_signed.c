/* A Windows volume with as many signed files as wanted: what the speed of verifying is measured
 * on. */
#include "catalog_writer.h"
#include "mkhosts.h"
#include "out.h"
#include "pe_writer.h"
#include "sample_hosts.h"

enum {
    CATALOGS = 300,
    CATALOG_FILLER = 60, /* members that no file has: a real catalog lists many */
    SMALLEST = 8192,
    LARGEST = 8 << 20
};

#define FOLDER "Windows/System32/Signed"

struct bench {
    const char *dir;
    const struct signed_volume *want;
    struct catalog_member *member; /* of all catalogs, CATALOGS in turn */
    size_t members;
};

/* Bytes of the file at `i`: half of the files are small, and the sum is what was asked for. */
static size_t file_size(const struct signed_volume *want, uint64_t i)
{
    static const uint64_t eighths[] = {1, 2, 3, 4, 6, 8, 16, 24};
    uint64_t mean = (want->megabytes << 20) / want->files, size = mean * eighths[i % 8] / 8;
    return (size_t)(size < SMALLEST ? SMALLEST : size > LARGEST ? LARGEST : size);
}

static void make_image(const struct bench *b, uint64_t i, const char *name, struct sb *image)
{
    struct pe_spec spec = {.x64 = i % 3 != 0,
                           .kind = PE_DLL,
                           .file = {{6, 1, 7601, (uint16_t)(i % 60000)}},
                           .company = i % 2 ? "Microsoft Corporation" : "McAfee, Inc.",
                           .description = "Sample library",
                           .product_name = "Sample",
                           .original_name = name,
                           .language = 0x0409,
                           .timestamp = 0x4CE7B000 + (uint32_t)i,
                           .code_size = file_size(b->want, i) - 4096};
    pe_image(&spec, image);
}

static void sign(struct bench *b, uint64_t i, struct sb *image)
{
    static const struct sign_spec old = {
        .leaf = PKI_MCAFEE, .stamp = STAMP_LEGACY, .stamped = "2011-08-17"};
    static const struct sign_spec newer = {
        .leaf = PKI_MCAFEE, .digest = SIGN_SHA256, .stamp = STAMP_RFC3161, .stamped = "2016-02-24"};
    if (i % 2 == 0) {
        const struct sign_spec *table[] = {i % 4 ? &newer : &old};
        sign_image(image, table, 1);
        return;
    }
    struct catalog_member *m = &b->member[b->members++];
    m->pe = true;
    sign_image_hash(image, SIGN_SHA1, m->sha1);
    sign_image_hash(image, SIGN_SHA256, m->sha256);
}

static bool write_in(const struct bench *b, const char *name, const struct sb *bytes, struct err *e)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", b->dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(e, ERR_LIMIT, 0, "path too long");
    return out_write_file(path, sb_span(bytes), e);
}

static bool write_files(struct bench *b, struct err *e)
{
    struct sb image;
    bool ok = true;
    sb_init(&image, (size_t)1 << 26);
    for (uint64_t i = 0; ok && i < b->want->files; i++) {
        char name[64], path[128];
        snprintf(name, sizeof name, "smp%05u.dll", (unsigned)i);
        snprintf(path, sizeof path, FOLDER "/%02u/%s", (unsigned)(i % 50), name);
        image.len = 0;
        make_image(b, i, name, &image);
        sign(b, i, &image);
        ok = write_in(b, path, &image, e);
    }
    sb_done(&image);
    return ok;
}

/* Version 1, as on the Windows 7 around it. */
static bool write_catalog(const struct bench *b, size_t number, struct err *e)
{
    static const struct sign_spec by = {
        .leaf = PKI_MS_WINDOWS, .stamp = STAMP_LEGACY, .stamped = "2010-11-20"};
    struct catalog_member member[CATALOG_FILLER + 64] = {{0}};
    char path[160];
    size_t count = 0;
    struct sb bytes;
    for (; count < CATALOG_FILLER; count++) {
        uint32_t seed[2] = {(uint32_t)number, (uint32_t)count};
        member[count].pe = true;
        sign_hash(SIGN_SHA1, span_of(seed, sizeof seed), member[count].sha1);
        sign_hash(SIGN_SHA256, span_of(seed, sizeof seed), member[count].sha256);
    }
    for (size_t i = number; i < b->members && count < sizeof member / sizeof *member; i += CATALOGS)
        member[count++] = b->member[i];
    snprintf(path, sizeof path,
             "Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/Package_%03u_for_"
             "KB2500000~31bf3856ad364e35~amd64~~6.1.1.0.cat",
             (unsigned)number);
    sb_init(&bytes, (size_t)1 << 24);
    catalog_write(false, member, count, &by, &bytes);
    bool ok = write_in(b, path, &bytes, e);
    sb_done(&bytes);
    return ok;
}

bool signed_volume(const char *dir, const struct signed_volume *want, struct err *e)
{
    struct bench b = {.dir = dir, .want = want};
    if (want->files > CATALOGS * 2 * 64)
        return err_set(e, ERR_USAGE, 0, "--files is at most %d", CATALOGS * 2 * 64);
    b.member = calloc((size_t)want->files + 1, sizeof *b.member);
    if (!b.member)
        return err_set(e, ERR_NOMEM, 0, "no memory");
    /* The volume around the files: hives with their stores, logs, the files of Windows. */
    bool ok = sample_host_write("healthy", dir, e) && write_files(&b, e);
    for (size_t i = 0; ok && i < CATALOGS; i++)
        ok = write_catalog(&b, i, e);
    free(b.member);
    return ok;
}
