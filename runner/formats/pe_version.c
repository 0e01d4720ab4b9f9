/* The version resource: the resource directory of "PE Format" (section ".rsrc") down to RT_VERSION,
 * then the VS_VERSIONINFO tree of the Windows SDK (VS_FIXEDFILEINFO, StringFileInfo, VarFileInfo).
 *
 * The directory has three levels by definition and is followed to exactly that depth, so
 * directories that point back cannot loop.  Blocks lie inside their parent and each is at least a
 * header long, so every walk ends. */
#include "base/utf16.h"
#include "formats/pe.h"

enum {
    RESOURCE_DIRECTORY = 2, /* data directory */
    RT_VERSION = 16,
    DIRECTORY_HEADER = 16,
    DIRECTORY_ENTRY = 8,
    ENTRIES_MAX = 4096,
    FIXED_SIZE = 52,
    BLOCK_HEADER = 6
};
#define FIXED_SIGNATURE UINT32_C(0xFEEF04BD)
#define SUBDIRECTORY UINT32_C(0x80000000)

enum find { FIND_FOUND, FIND_ABSENT, FIND_BAD };

/* --- resource directory --- */

struct resources {
    struct span s;   /* the section's bytes from the root directory on */
    uint64_t offset; /* of `s` in the file, for messages */
};

/* The entry with `id`, or the first one when `id` is 0; its offset field. */
static enum find find_entry(const struct resources *res, uint32_t dir, uint32_t id, uint32_t *out,
                            struct err *e)
{
    struct reader r = reader_of(res->s);
    rd_seek(&r, (uint64_t)dir + 12);
    uint32_t named = rd_u16(&r), ids = rd_u16(&r);
    if (r.bad || named + ids > ENTRIES_MAX) {
        err_set(e, ERR_FORMAT, res->offset + dir, "resource directory of %u entries cut short",
                named + ids);
        return FIND_BAD;
    }
    for (uint32_t i = 0; i < named + ids; i++) {
        uint32_t have = rd_u32(&r), offset = rd_u32(&r);
        if (r.bad) {
            err_set(e, ERR_FORMAT, res->offset + dir, "resource directory cut short");
            return FIND_BAD;
        }
        if (id == 0 || have == id) {
            *out = offset;
            return FIND_FOUND;
        }
    }
    return FIND_ABSENT;
}

/* Bytes of the section from the resource directory on, as far as the file has them. */
static enum find open_resources(const struct pe *pe, struct resources *out, struct err *e)
{
    if (pe->directory_count <= RESOURCE_DIRECTORY || pe->directory[RESOURCE_DIRECTORY].rva == 0)
        return FIND_ABSENT;
    struct pe_directory d = pe->directory[RESOURCE_DIRECTORY];
    if (!pe_rva(pe, d.rva, DIRECTORY_HEADER, &out->offset)) {
        err_set(e, ERR_FORMAT, 0, "resource directory at 0x%x lies in no section", d.rva);
        return FIND_BAD;
    }
    /* The directory's size field is not to be relied on: linkers and packers set it freely. */
    span_from(pe->bytes, out->offset, &out->s);
    return FIND_FOUND;
}

static enum find version_entry(const struct resources *res, uint32_t *entry, struct err *e)
{
    static const uint32_t path[] = {RT_VERSION, 0, 0};
    uint32_t dir = 0;
    for (size_t level = 0; level < sizeof path / sizeof *path; level++) {
        enum find f = find_entry(res, dir, path[level], entry, e);
        if (f == FIND_ABSENT && level > 0) {
            err_set(e, ERR_FORMAT, res->offset + dir, "empty version resource");
            return FIND_BAD;
        }
        if (f != FIND_FOUND)
            return f;
        bool is_dir = (*entry & SUBDIRECTORY) != 0;
        if (is_dir != (level < 2)) {
            err_set(e, ERR_FORMAT, res->offset + dir, "version resource at the wrong depth");
            return FIND_BAD;
        }
        dir = *entry & ~SUBDIRECTORY;
    }
    return FIND_FOUND;
}

static enum find version_bytes(const struct pe *pe, struct span *out, uint64_t *at, struct err *e)
{
    struct resources res;
    uint32_t entry = 0;
    enum find f = open_resources(pe, &res, e);
    if (f == FIND_FOUND)
        f = version_entry(&res, &entry, e);
    if (f != FIND_FOUND)
        return f;
    struct reader r = reader_of(res.s);
    rd_seek(&r, entry);
    uint32_t rva = rd_u32(&r), size = rd_u32(&r);
    if (r.bad || !pe_rva(pe, rva, size, at) || !span_sub(pe->bytes, *at, size, out)) {
        err_set(e, ERR_FORMAT, res.offset, "version resource of %u bytes at 0x%x is not there",
                size, rva);
        return FIND_BAD;
    }
    return FIND_FOUND;
}

/* --- VS_VERSIONINFO --- */

/* One node: wLength, wValueLength, wType, key, value, children, each aligned to four bytes counted
 * from the start of the resource. */
struct block {
    struct span key; /* UTF-16LE, without its NUL */
    struct span value;
    struct span text;       /* value of a text block, without regard to wValueLength */
    uint64_t children, end; /* offsets in the resource */
};

static uint64_t align4(uint64_t at)
{
    return (at + 3) & ~(uint64_t)3;
}

/* The block at `at`, which must end by `limit`.  Resource compilers disagree on whether a text's
 * wValueLength counts units or bytes, so a text gets everything up to the block's end and stops at
 * its NUL. */
static bool read_block(struct span s, uint64_t at, uint64_t limit, struct block *out)
{
    struct reader r = reader_of(s);
    rd_seek(&r, at);
    uint64_t length = rd_u16(&r), value_len = rd_u16(&r);
    rd_skip(&r, 2); /* wType: set wrongly by some compilers */
    if (r.bad || length < BLOCK_HEADER || length > limit - at)
        return false;
    uint64_t end = at + length;
    r.s.len = (size_t)end;
    size_t key = r.pos;
    while (rd_left(&r) >= 2 && rd_u16(&r) != 0)
        ;
    span_sub(s, key, r.pos - key, &out->key);
    if (out->key.len >= 2 && load_u16(out->key.ptr + out->key.len - 2) == 0)
        out->key.len -= 2;
    uint64_t value = align4(r.pos);
    if (value > end)
        value = end;
    span_sub(s, value, value_len ? end - value : 0, &out->text);
    if (value_len > end - value)
        value_len = end - value;
    span_sub(s, value, value_len, &out->value);
    out->children = align4(value + value_len);
    out->end = end;
    return true;
}

static bool key_is(const struct block *b, const char *ascii)
{
    size_t n = strlen(ascii);
    if (b->key.len != n * 2)
        return false;
    for (size_t i = 0; i < n; i++)
        if (upcase16(load_u16(b->key.ptr + i * 2)) != upcase16((uint8_t)ascii[i]))
            return false;
    return true;
}

struct children {
    struct span s;
    uint64_t at, end;
};

static struct children children_of(struct span s, const struct block *b)
{
    return (struct children){s, b->children, b->end};
}

/* FIND_ABSENT at the end; padding of less than a header, or of zeroes, ends a list too. */
static enum find next_child(struct children *c, struct block *out)
{
    if (c->at > c->end || c->end - c->at < BLOCK_HEADER || load_u16(c->s.ptr + c->at) == 0)
        return FIND_ABSENT;
    if (!read_block(c->s, c->at, c->end, out))
        return FIND_BAD;
    c->at = align4(out->end);
    return FIND_FOUND;
}

struct version_info {
    struct span s;
    struct block root;
    uint64_t at; /* in the file */
};

static bool bad_block(const struct version_info *v, uint64_t at, struct err *e)
{
    return err_set(e, ERR_FORMAT, v->at + at, "version block runs out of its parent");
}

static struct version version_of(uint32_t high, uint32_t low)
{
    return (struct version){
        {(uint16_t)(high >> 16), (uint16_t)high, (uint16_t)(low >> 16), (uint16_t)low}};
}

static bool read_fixed(const struct version_info *v, struct pe_version *out, struct err *e)
{
    if (v->root.value.len == 0)
        return true;
    struct reader r = reader_of(v->root.value);
    uint32_t signature = rd_u32(&r);
    rd_skip(&r, 4);
    uint32_t file_high = rd_u32(&r), file_low = rd_u32(&r);
    uint32_t product_high = rd_u32(&r), product_low = rd_u32(&r);
    if (r.bad || v->root.value.len < FIXED_SIZE || signature != FIXED_SIGNATURE)
        return err_set(e, ERR_FORMAT, v->at, "VS_FIXEDFILEINFO of %zu bytes, signature 0x%08x",
                       v->root.value.len, signature);
    out->has_version = true;
    out->file = version_of(file_high, file_low);
    out->product = version_of(product_high, product_low);
    return true;
}

/* Key of the string table of the first translation ("040904b0"), or "" when none is named. */
static bool translation_key(const struct version_info *v, char key[9], struct err *e)
{
    struct children c = children_of(v->s, &v->root);
    struct block info, var;
    enum find f;
    key[0] = '\0';
    while ((f = next_child(&c, &info)) == FIND_FOUND) {
        if (!key_is(&info, "VarFileInfo"))
            continue;
        struct children inner = children_of(v->s, &info);
        while ((f = next_child(&inner, &var)) == FIND_FOUND) {
            if (!key_is(&var, "Translation") || var.value.len < 4)
                continue;
            snprintf(key, 9, "%04x%04x", load_u16(var.value.ptr), load_u16(var.value.ptr + 2));
            return true;
        }
        if (f == FIND_BAD)
            return bad_block(v, inner.at, e);
    }
    return f != FIND_BAD || bad_block(v, c.at, e);
}

/* The table with `key`, else the first one. */
static enum find find_table(const struct version_info *v, const char *key, struct block *out,
                            struct err *e)
{
    struct children c = children_of(v->s, &v->root);
    struct block info, table;
    enum find f, have = FIND_ABSENT;
    while ((f = next_child(&c, &info)) == FIND_FOUND) {
        if (!key_is(&info, "StringFileInfo"))
            continue;
        struct children inner = children_of(v->s, &info);
        while ((f = next_child(&inner, &table)) == FIND_FOUND) {
            bool wanted = key_is(&table, key);
            if (wanted || have == FIND_ABSENT)
                *out = table;
            have = FIND_FOUND;
            if (wanted)
                return have;
        }
        if (f == FIND_BAD) {
            bad_block(v, inner.at, e);
            return f;
        }
    }
    if (f == FIND_BAD)
        bad_block(v, c.at, e);
    return f == FIND_BAD ? f : have;
}

static bool read_strings(const struct version_info *v, struct arena *a, struct pe_version *out,
                         struct err *e)
{
    const struct {
        const char *key;
        struct str *to;
    } wanted[] = {{"CompanyName", &out->company},
                  {"FileDescription", &out->description},
                  {"ProductName", &out->product_name},
                  {"FileVersion", &out->file_version},
                  {"ProductVersion", &out->product_version},
                  {"OriginalFilename", &out->original_name}};
    char key[9];
    struct block table, string;
    if (!translation_key(v, key, e))
        return false;
    enum find f = find_table(v, key, &table, e);
    if (f != FIND_FOUND)
        return f == FIND_ABSENT;
    struct children c = children_of(v->s, &table);
    while ((f = next_child(&c, &string)) == FIND_FOUND)
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
            if (wanted[i].to->ptr || !key_is(&string, wanted[i].key))
                continue;
            *wanted[i].to = utf16z_to_utf8(a, string.text);
            if (!wanted[i].to->ptr)
                return err_set(e, ERR_NOMEM, v->at, "no memory for a version string");
        }
    return f != FIND_BAD || bad_block(v, c.at, e);
}

bool pe_version(const struct pe *pe, struct arena *a, struct pe_version *out, struct err *e)
{
    struct version_info v;
    struct pe_version have = {0};
    enum find f = version_bytes(pe, &v.s, &v.at, e);
    if (f == FIND_BAD)
        return false;
    if (f == FIND_FOUND) {
        if (!read_block(v.s, 0, v.s.len, &v.root) || !key_is(&v.root, "VS_VERSION_INFO"))
            return err_set(e, ERR_FORMAT, v.at, "version resource does not begin with its block");
        if (!read_fixed(&v, &have, e) || !read_strings(&v, a, &have, e))
            return false;
    }
    *out = have;
    return true;
}
