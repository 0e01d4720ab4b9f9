#include "formats/regf_edit_part.h"

#include <stdlib.h>

#include "base/utf16.h"

/* The base block, and headers of hive bins; the specification of regf_cell.h's constants. */
enum { AT_SEQUENCE1 = 4, AT_SEQUENCE2 = 8, AT_BINS_SIZE = 40, AT_CHECKSUM = 508, BIN_TIME = 20 };
#define BINS_MAX UINT32_C(0x7FFFE000) /* hives end at 2 GiB */

void store_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

void store_u32(uint8_t *p, uint32_t v)
{
    store_u16(p, (uint16_t)v);
    store_u16(p + 2, (uint16_t)(v >> 16));
}

void store_u64(uint8_t *p, uint64_t v)
{
    store_u32(p, (uint32_t)v);
    store_u32(p + 4, (uint32_t)(v >> 32));
}

/* ---- bins and cells ------------------------------------------------------------------------- */

/* Bins must follow each other from the first byte to the last: only then is there a place behind
 * them, and a cell's bin is known. */
static bool read_bins(struct regf_edit *ed, struct err *e)
{
    struct span bins = ed->hive.bins;
    uint32_t at = 0;
    ed->bin = ARENA_ARRAY(&ed->mem, bins.len / REGF_PAGE + 1, uint32_t);
    if (!ed->bin)
        return err_set(e, ERR_NOMEM, 0, "no memory to edit a hive");
    while (at < bins.len) {
        struct span head;
        if (!span_sub(bins, at, REGF_BIN_HEAD, &head) || memcmp(head.ptr, "hbin", 4) != 0 ||
            load_u32(head.ptr + 4) != at)
            return regf_bad(e, at, "cannot be edited: no hive bin where one must follow");
        uint32_t size = load_u32(head.ptr + 8);
        if (size == 0 || size % REGF_PAGE != 0 || size > bins.len - at)
            return regf_bad(e, at, "cannot be edited: a hive bin of %u bytes", size);
        ed->bin[ed->bins++] = at;
        at += size;
    }
    return true;
}

bool regf_edit_begin(struct regf_edit *ed, struct span hive, uint64_t now, struct err *e)
{
    *ed = (struct regf_edit){.original = hive, .now = now};
    arena_init(&ed->mem, ARENA_DEFAULT_CAP);
    if (!regf_open(hive, &ed->hive, e))
        return false;
    const struct regf_info *info = &ed->hive.info;
    if (info->minor < 3 || info->minor > 5)
        return err_set(e, ERR_UNSUPPORTED, 0, "hives of version %u.%u cannot be edited",
                       info->major, info->minor);
    if (info->dirty || info->truncated)
        return err_set(e, ERR_FORMAT, 0, "cannot be edited: the hive is %s",
                       info->dirty ? "dirty" : "not whole");
    size_t size = REGF_BASE_SIZE + ed->hive.bins.len;
    if (ed->hive.bins.len % REGF_PAGE != 0 || ed->hive.bins.len > BINS_MAX)
        return err_set(e, ERR_FORMAT, 0, "cannot be edited: %zu bytes of hive bins",
                       ed->hive.bins.len);
    if (!read_bins(ed, e))
        return false;
    ed->room = size + 64 * 1024;
    ed->image = malloc(ed->room);
    if (!ed->image)
        return err_set(e, ERR_NOMEM, 0, "no memory to edit a hive");
    memcpy(ed->image, hive.ptr, size);
    ed->hive.bytes = span_of(ed->image, size);
    ed->hive.bins = span_of(ed->image + REGF_BASE_SIZE, size - REGF_BASE_SIZE);
    ed->own = ed->next = ed->end = (uint32_t)ed->hive.bins.len;
    return true;
}

void regf_edit_done(struct regf_edit *ed)
{
    free(ed->image);
    arena_done(&ed->mem);
    *ed = (struct regf_edit){0};
}

bool regf_edit_is_own(const struct regf_edit *ed, uint32_t cell)
{
    return cell != REGF_NIL && cell >= ed->own;
}

/* A bin of zeroes behind the last one, as one free cell. */
static bool append_bin(struct regf_edit *ed, uint32_t need, struct err *e)
{
    uint32_t at = (uint32_t)ed->hive.bins.len;
    uint32_t size = (need + REGF_BIN_HEAD + REGF_PAGE - 1) / REGF_PAGE * REGF_PAGE;
    if (size > BINS_MAX - at)
        return err_set(e, ERR_LIMIT, 0, "limit: a hive may not grow past 2 GiB");
    size_t whole = REGF_BASE_SIZE + (size_t)at + size;
    if (whole > ed->room) {
        size_t room = whole + whole / 8;
        uint8_t *more = realloc(ed->image, room);
        if (!more)
            return err_set(e, ERR_NOMEM, 0, "no memory to edit a hive");
        ed->image = more;
        ed->room = room;
    }
    uint8_t *bin = ed->image + REGF_BASE_SIZE + at;
    memset(bin, 0, size);
    memcpy(bin, "hbin", 4);
    store_u32(bin + 4, at);
    store_u32(bin + 8, size);
    store_u64(bin + BIN_TIME, ed->now);
    store_u32(ed->image + AT_BINS_SIZE, at + size);
    ed->hive.bytes = span_of(ed->image, whole);
    ed->hive.bins = span_of(ed->image + REGF_BASE_SIZE, (size_t)at + size);
    ed->next = at + REGF_BIN_HEAD;
    ed->end = at + size;
    store_u32(bin + REGF_BIN_HEAD, ed->end - ed->next);
    return true;
}

/* A replaced cell of ours that is large enough and not wastefully so. */
static bool take_freed(struct regf_edit *ed, uint32_t need, uint32_t *cell)
{
    for (size_t i = 0; i < sizeof ed->freed / sizeof *ed->freed; i++) {
        uint32_t at = ed->freed[i];
        uint8_t *p = ed->image + REGF_BASE_SIZE + at;
        uint32_t size = at ? load_u32(p) : 0;
        if (size < need || size > need + need / 4 + 16)
            continue;
        ed->freed[i] = 0;
        memset(p, 0, size);
        store_u32(p, 0u - size);
        *cell = at;
        return true;
    }
    return false;
}

bool regf_edit_alloc(struct regf_edit *ed, size_t len, uint32_t *cell, struct err *e)
{
    BUG_ON(len > REGF_EDIT_DATA);
    uint32_t need = ((uint32_t)len + 4 + 7) & ~UINT32_C(7);
    if (take_freed(ed, need, cell))
        return true;
    if (need > ed->end - ed->next && !append_bin(ed, need, e))
        return false;
    uint8_t *p = ed->image + REGF_BASE_SIZE + ed->next;
    memset(p, 0, need);
    store_u32(p, 0u - need);
    *cell = ed->next;
    ed->next += need;
    if (ed->next < ed->end)
        store_u32(p + need, ed->end - ed->next);
    return true;
}

void regf_edit_free(struct regf_edit *ed, uint32_t cell)
{
    if (!regf_edit_is_own(ed, cell))
        return;
    uint8_t *p = ed->image + REGF_BASE_SIZE + cell;
    uint32_t size = 0u - load_u32(p);
    memset(p, 0, size);
    store_u32(p, size);
    for (size_t i = 0; i < sizeof ed->freed / sizeof *ed->freed; i++)
        if (ed->freed[i] == 0) {
            ed->freed[i] = cell;
            return;
        }
}

/* Is `cell` one of the cells that fill its bin one behind the other? */
static bool in_chain(const struct regf_edit *ed, uint32_t cell, struct err *e)
{
    size_t lo = 0, hi = ed->bins;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (ed->bin[mid] <= cell)
            lo = mid;
        else
            hi = mid;
    }
    uint32_t at = ed->bin[lo] + REGF_BIN_HEAD;
    uint32_t end = lo + 1 < ed->bins ? ed->bin[lo + 1] : ed->own;
    while (at < cell && end - at >= 4) {
        uint32_t raw = load_u32(ed->hive.bins.ptr + at);
        uint32_t size = raw & 0x80000000u ? 0u - raw : raw;
        if (size < 8 || size % 8 != 0 || size > end - at)
            break;
        at += size;
    }
    return at == cell ||
           regf_bad(e, cell, "cannot be edited: cell 0x%x is no cell of its hive bin", cell);
}

bool regf_edit_cell(struct regf_edit *ed, uint32_t cell, const char *mark, size_t min,
                    uint8_t **out, struct err *e)
{
    struct span s;
    if (!regf_cell(&ed->hive, cell, &s, e))
        return false;
    if (!regf_edit_is_own(ed, cell) && !in_chain(ed, cell, e))
        return false;
    if (s.len < min || (mark && memcmp(s.ptr, mark, 2) != 0))
        return regf_bad(e, cell, "cannot be edited: cell 0x%x is not what points to it says", cell);
    *out = ed->image + (s.ptr - ed->image);
    return true;
}

/* ---- names ---------------------------------------------------------------------------------- */

bool regf_edit_name(struct str name, size_t units_max, struct arena *a, struct regf_name *out,
                    struct err *e)
{
    struct span wide = utf8_to_utf16(a, name);
    if (!wide.ptr && name.len)
        return err_set(e, ERR_NOMEM, 0, "no memory for a name");
    size_t units = wide.len / 2;
    if (units > units_max)
        return err_set(e, ERR_LIMIT, 0, "limit: a name of %zu characters", units);
    *out = (struct regf_name){.bytes = wide, .compressed = true};
    for (size_t i = 0; i < units; i++)
        out->compressed = out->compressed && wide.ptr[i * 2 + 1] == 0;
    if (!out->compressed)
        return true;
    uint8_t *narrow = arena_alloc(a, units + 1);
    if (!narrow)
        return err_set(e, ERR_NOMEM, 0, "no memory for a name");
    for (size_t i = 0; i < units; i++)
        narrow[i] = wide.ptr[i * 2];
    out->bytes = span_of(narrow, units);
    return true;
}

uint32_t regf_edit_name_size(struct regf_name n)
{
    return (uint32_t)n.bytes.len * (n.compressed ? 2 : 1);
}

/* ---- the end -------------------------------------------------------------------------------- */

bool regf_edit_finish(struct regf_edit *ed, struct span *out, struct err *e)
{
    struct regf before, after;
    *out = ed->original;
    if (ed->broken)
        return err_set(e, ERR_FORMAT, 0, "an edit failed before");
    if (!ed->changed)
        return true;
    *out = ed->hive.bytes;
    if (ed->verified)
        return true;
    uint32_t sequence = ed->hive.info.sequence1 + 1;
    store_u32(ed->image + AT_SEQUENCE1, sequence);
    store_u32(ed->image + AT_SEQUENCE2, sequence);
    store_u32(ed->image + AT_CHECKSUM, regf_base_checksum(ed->image));
    if (!regf_open(ed->original, &before, e) || !regf_open(ed->hive.bytes, &after, e))
        return false;
    if (after.info.dirty || after.info.truncated || after.bins.len != ed->hive.bins.len)
        return err_set(e, ERR_FORMAT, 0, "the edited hive does not add up");
    ed->verified = regf_edit_verify(&before, &after, ed->touched, e);
    return ed->verified;
}
