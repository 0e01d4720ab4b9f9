#include "formats/regf_cell.h"

#include "base/utf16.h"

#include <stdarg.h>

/* Offsets in the base block; "Windows registry file format specification" (M. Suhanov). */
enum {
    AT_SEQUENCE1 = 4,
    AT_SEQUENCE2 = 8,
    AT_LAST_WRITTEN = 12,
    AT_MAJOR = 20,
    AT_MINOR = 24,
    AT_TYPE = 28,
    AT_ROOT = 36,
    AT_BINS_SIZE = 40,
    AT_CHECKSUM = 508
};

/* Key flags. */
enum { KEY_COMP_NAME = 0x20, KEY_PREDEF_HANDLE = 0x40 };

const char *regf_type_name(uint32_t type)
{
    static const char *const names[] = {
        "REG_NONE",
        "REG_SZ",
        "REG_EXPAND_SZ",
        "REG_BINARY",
        "REG_DWORD",
        "REG_DWORD_BIG_ENDIAN",
        "REG_LINK",
        "REG_MULTI_SZ",
        "REG_RESOURCE_LIST",
        "REG_FULL_RESOURCE_DESCRIPTOR",
        "REG_RESOURCE_REQUIREMENTS_LIST",
        "REG_QWORD",
    };
    return type < sizeof names / sizeof *names ? names[type] : NULL;
}

bool regf_bad(struct err *e, uint32_t cell, const char *fmt, ...)
{
    char text[sizeof e->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_set(e, ERR_FORMAT, (uint64_t)REGF_BASE_SIZE + cell, "%s", text);
}

uint32_t regf_base_checksum(const uint8_t *base)
{
    uint32_t x = 0;
    for (size_t i = 0; i < AT_CHECKSUM; i += 4)
        x ^= load_u32(base + i);
    return x == 0 ? 1 : x == UINT32_MAX ? UINT32_MAX - 1 : x;
}

static void read_info(const uint8_t *base, struct regf_info *info)
{
    *info = (struct regf_info){
        .major = load_u32(base + AT_MAJOR),
        .minor = load_u32(base + AT_MINOR),
        .sequence1 = load_u32(base + AT_SEQUENCE1),
        .sequence2 = load_u32(base + AT_SEQUENCE2),
        .last_written = load_u64(base + AT_LAST_WRITTEN),
        .checksum_ok = regf_base_checksum(base) == load_u32(base + AT_CHECKSUM),
    };
    info->dirty = !info->checksum_ok || info->sequence1 != info->sequence2;
}

bool regf_open(struct span bytes, struct regf *out, struct err *e)
{
    struct span base, rest;
    if (!span_sub(bytes, 0, REGF_BASE_SIZE, &base) || !span_from(bytes, REGF_BASE_SIZE, &rest) ||
        rest.len < REGF_BIN_HEAD)
        return err_set(e, ERR_FORMAT, bytes.len, "too short for a hive: %zu bytes", bytes.len);
    if (memcmp(base.ptr, "regf", 4) != 0)
        return err_set(e, ERR_FORMAT, 0, "not a registry hive: no regf signature");
    struct regf r = {.bytes = bytes};
    read_info(base.ptr, &r.info);
    uint32_t type = load_u32(base.ptr + AT_TYPE);
    if (type != 0)
        return err_set(e, ERR_FORMAT, AT_TYPE, "not a primary hive file: file type %u", type);
    if (r.info.major != 1 || r.info.minor < 1 || r.info.minor > 6)
        return err_set(e, ERR_UNSUPPORTED, AT_MAJOR, "hive version %u.%u, expected 1.1 to 1.6",
                       r.info.major, r.info.minor);
    if (memcmp(rest.ptr, "hbin", 4) != 0)
        return err_set(e, ERR_FORMAT, REGF_BASE_SIZE, "no hive bin behind the base block");
    /* A base block that does not add up cannot be trusted for the size: take what is there. */
    uint64_t claimed = load_u32(base.ptr + AT_BINS_SIZE);
    if (!r.info.checksum_ok)
        claimed = rest.len / REGF_PAGE * REGF_PAGE;
    r.info.truncated = claimed > rest.len;
    r.info.bins_size = r.info.truncated ? rest.len : claimed;
    r.bins = (struct span){rest.ptr, (size_t)r.info.bins_size};
    r.root = load_u32(base.ptr + AT_ROOT);
    r.cell_head = r.info.minor == 1 ? 8 : 4;
    *out = r;
    return true;
}

/* Size of the hive bin whose header would be at `page`, 0 when there is none. */
static uint32_t bin_size_at(const struct regf *r, uint32_t page)
{
    const uint8_t *p = r->bins.ptr + page;
    if (r->bins.len - page < REGF_BIN_HEAD || memcmp(p, "hbin", 4) != 0 || load_u32(p + 4) != page)
        return 0;
    uint32_t size = load_u32(p + 8);
    return size % REGF_PAGE == 0 ? size : 0;
}

/* True when [cell, cell + size) lies in a hive bin whose header is intact.  Headers are looked for
 * backwards, so that a lookup touches no other pages; usually the first page tried is the one.
 * Behind a very large bin the search gives up, and the cell is taken for good. */
static bool inside_bin(const struct regf *r, uint32_t cell, uint32_t size)
{
    enum { PAGES_BACK = 256 };
    bool seen = false;
    uint32_t page = cell / REGF_PAGE * REGF_PAGE;
    for (int i = 0; i < PAGES_BACK; i++, page -= REGF_PAGE) {
        uint32_t bin = bin_size_at(r, page);
        if (bin) {
            uint64_t end = (uint64_t)page + bin;
            if (cell >= page + REGF_BIN_HEAD && (uint64_t)cell + size <= end)
                return true;
            seen = true;
        }
        if (page == 0)
            return false;
    }
    return !seen;
}

bool regf_cell(const struct regf *r, uint32_t cell, struct span *out, struct err *e)
{
    struct span head;
    if (cell == REGF_NIL || !span_sub(r->bins, cell, r->cell_head, &head))
        return regf_bad(e, cell == REGF_NIL ? 0 : cell, "cell 0x%x is outside the hive", cell);
    uint32_t raw = load_u32(head.ptr);
    if (!(raw & 0x80000000u))
        return regf_bad(e, cell, "cell 0x%x is not allocated", cell);
    uint32_t size = 0u - raw, align = r->cell_head * 2u;
    if (size < align || size % align != 0 || cell % 8 != 0)
        return regf_bad(e, cell, "cell 0x%x has an impossible size (%u) or place", cell, size);
    if (!span_sub(r->bins, (uint64_t)cell + r->cell_head, size - r->cell_head, out))
        return regf_bad(e, cell, "cell 0x%x of %u bytes goes past the end of the hive", cell, size);
    if (!inside_bin(r, cell, size))
        return regf_bad(e, cell, "cell 0x%x lies in no intact hive bin", cell);
    return true;
}

/* A claimed number of values, bounded by what the list can hold: one more, so that asking for it
 * tells of the damage, but no loop over millions that cannot be there. */
static uint32_t bounded_values(const struct regf *r, struct span nk)
{
    uint32_t claimed = load_u32(nk.ptr + 36);
    struct span list;
    if (load_u16(nk.ptr + 2) & KEY_PREDEF_HANDLE || claimed == 0)
        return 0;
    size_t room = 0;
    if (regf_cell(r, load_u32(nk.ptr + 40), &list, NULL))
        room = list.len / 4;
    return claimed > room ? (uint32_t)room + 1 : claimed;
}

bool regf_key_at(const struct regf *r, uint32_t cell, uint32_t parent, struct regf_key *out,
                 struct err *e)
{
    struct span nk;
    if (!regf_cell(r, cell, &nk, e))
        return false;
    if (nk.len < REGF_NK_SIZE || memcmp(nk.ptr, "nk", 2) != 0)
        return regf_bad(e, cell, "cell 0x%x is no key", cell);
    uint32_t up = load_u32(nk.ptr + 16);
    if (parent != REGF_NIL && up != parent)
        return regf_bad(e, cell, "key 0x%x names 0x%x as its parent, not 0x%x", cell, up, parent);
    *out = (struct regf_key){
        .cell = cell,
        .subkeys = load_u32(nk.ptr + 20),
        .values = bounded_values(r, nk),
        .last_written = load_u64(nk.ptr + 4),
    };
    return true;
}

bool regf_root(const struct regf *r, struct regf_key *out, struct err *e)
{
    return regf_key_at(r, r->root, REGF_NIL, out, e);
}

bool regf_name_of_key(const struct regf *r, uint32_t cell, struct regf_name *out, struct err *e)
{
    struct span nk;
    if (!regf_cell(r, cell, &nk, e))
        return false;
    if (nk.len < REGF_NK_SIZE || memcmp(nk.ptr, "nk", 2) != 0)
        return regf_bad(e, cell, "cell 0x%x is no key", cell);
    /* Version 1.1 knows no compressed names; the bit has no meaning there. */
    out->compressed = r->info.minor > 1 && load_u16(nk.ptr + 2) & KEY_COMP_NAME;
    uint32_t len = load_u16(nk.ptr + 72);
    if (!span_sub(nk, REGF_NK_SIZE, len, &out->bytes))
        return regf_bad(e, cell, "key 0x%x: name of %u bytes goes past its cell", cell, len);
    return true;
}

bool regf_name_text(struct regf_name n, struct arena *a, struct str *out, struct err *e)
{
    *out = n.compressed ? latin1_to_utf8(a, n.bytes) : utf16_to_utf8(a, n.bytes);
    return out->ptr || err_set(e, ERR_NOMEM, 0, "no memory for a name");
}

bool regf_key_name(const struct regf *r, const struct regf_key *k, struct arena *a, struct str *out,
                   struct err *e)
{
    struct regf_name name;
    return regf_name_of_key(r, k->cell, &name, e) && regf_name_text(name, a, out, e);
}

bool regf_key_class(const struct regf *r, const struct regf_key *k, struct arena *a,
                    struct str *out, struct err *e)
{
    struct span nk, text = {NULL, 0};
    if (!regf_cell(r, k->cell, &nk, e))
        return false;
    if (nk.len < REGF_NK_SIZE)
        return regf_bad(e, k->cell, "cell 0x%x is no key", k->cell);
    uint32_t cell = load_u32(nk.ptr + 48), len = load_u16(nk.ptr + 74);
    if (len != 0) {
        if (!regf_cell(r, cell, &text, e))
            return false;
        if (!span_sub(text, 0, len, &text))
            return regf_bad(e, cell, "class name of %u bytes goes past its cell", len);
    }
    *out = utf16_to_utf8(a, text);
    return out->ptr || err_set(e, ERR_NOMEM, 0, "no memory for a class name");
}

int32_t regf_units_next(struct regf_units *u)
{
    if (u->low) {
        int32_t low = u->low;
        u->low = 0;
        return low;
    }
    if (u->pos >= u->s.len)
        return REGF_UNITS_END;
    const char *p = u->s.ptr + u->pos;
    size_t left = u->s.len - u->pos;
    uint32_t cp = 0xFFFD;
    size_t n = utf8_decode(p, left, &cp);
    if (n == 0 && left >= 3 && (uint8_t)p[0] == 0xED && ((uint8_t)p[1] & 0xE0) == 0xA0 &&
        ((uint8_t)p[2] & 0xC0) == 0x80) {
        /* A lone surrogate in the generalised form of base/utf16.h. */
        cp = 0xD000u | ((uint8_t)p[1] & 63u) << 6 | ((uint8_t)p[2] & 63u);
        n = 3;
    }
    u->pos += n ? n : 1;
    if (n == 0)
        return 0xFFFD;
    if (cp < 0x10000)
        return (int32_t)cp;
    u->low = (uint16_t)(0xDC00 + ((cp - 0x10000) & 0x3FF));
    return (int32_t)(0xD800 + ((cp - 0x10000) >> 10));
}

int regf_name_cmp(struct regf_name have, struct str want)
{
    struct regf_units u = {.s = want};
    size_t step = have.compressed ? 1 : 2;
    for (size_t pos = 0; pos + step <= have.bytes.len; pos += step) {
        const uint8_t *p = have.bytes.ptr + pos;
        uint16_t x = upcase16(have.compressed ? *p : load_u16(p));
        int32_t y = regf_units_next(&u);
        if (y == REGF_UNITS_END)
            return 1;
        y = upcase16((uint16_t)y);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return regf_units_next(&u) == REGF_UNITS_END ? 0 : -1;
}

bool regf_name_is(struct regf_name have, struct str want)
{
    /* UTF-8 needs at least as many bytes as Latin-1 has, and at most three a UTF-16 unit. */
    size_t units = have.compressed ? have.bytes.len : have.bytes.len / 2;
    return units <= want.len && want.len <= units * 3 && regf_name_cmp(have, want) == 0;
}

enum regf_answer regf_path(const struct regf *r, struct str path, struct regf_key *out,
                           struct err *e)
{
    struct regf_key k;
    if (!regf_root(r, &k, e))
        return REGF_BAD;
    for (size_t pos = 0; pos < path.len;) {
        const char *slash = memchr(path.ptr + pos, '\\', path.len - pos);
        size_t end = slash ? (size_t)(slash - path.ptr) : path.len;
        struct regf_key parent = k;
        enum regf_answer found =
            regf_subkey(r, &parent, (struct str){path.ptr + pos, end - pos}, &k, e);
        if (found != REGF_FOUND)
            return found;
        pos = end + 1;
    }
    *out = k;
    return REGF_FOUND;
}
