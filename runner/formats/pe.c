#include "formats/pe.h"

/* Layouts: "PE Format" (Microsoft), sections "DOS stub" to "Section table". */
enum {
    DOS_HEADER = 64,
    COFF_HEADER = 20,
    SECTION_HEADER = 40,
    OPTIONAL_PE32 = 0x10B,
    OPTIONAL_PE32PLUS = 0x20B,
    DIRECTORIES = 16,
    CERTIFICATE_TABLE = 4,
    SECTOR = 512
};

static bool old_executable(const uint8_t *magic, struct err *e, uint64_t at)
{
    static const struct {
        char magic[2];
        const char *what;
    } known[] = {
        {{'N', 'E'}, "a 16-bit Windows executable (NE)"},
        {{'L', 'E'}, "a linear executable (LE): a VxD or OS/2 program"},
        {{'L', 'X'}, "an OS/2 executable (LX)"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (memcmp(magic, known[i].magic, 2) == 0)
            return err_set(e, ERR_FORMAT, at, "%s, not a PE file", known[i].what);
    return err_set(e, ERR_FORMAT, at, "an MS-DOS program without a PE header");
}

/* Offset of the COFF header. */
static bool find_coff(struct span bytes, uint64_t *out, struct err *e)
{
    struct span dos, sig;
    if (bytes.len < 2 || memcmp(bytes.ptr, "MZ", 2) != 0)
        return err_set(e, ERR_FORMAT, 0, "no executable: signature is not MZ");
    if (!span_sub(bytes, 0, DOS_HEADER, &dos))
        return err_set(e, ERR_FORMAT, bytes.len, "MS-DOS header cut short at %zu bytes", bytes.len);
    uint32_t at = load_u32(dos.ptr + 0x3C);
    if (!span_sub(bytes, at, 4, &sig))
        return err_set(e, ERR_FORMAT, 0x3C,
                       "an MS-DOS program, or cut short: PE header at %u of %zu bytes", at,
                       bytes.len);
    if (memcmp(sig.ptr, "PE\0\0", 4) != 0)
        return old_executable(sig.ptr, e, at);
    *out = (uint64_t)at + 4;
    return true;
}

/* The directories that the count announces and the file holds. */
static void read_directories(struct reader *r, uint32_t count, uint64_t base, struct pe *out)
{
    for (uint32_t i = 0; i < count && i < DIRECTORIES; i++) {
        uint64_t at = base + r->pos;
        struct pe_directory d = {0};
        d.rva = rd_u32(r);
        d.size = rd_u32(r);
        if (r->bad)
            return;
        out->directory[out->directory_count++] = d;
        if (i == CERTIFICATE_TABLE)
            out->certificate_at = at;
    }
}

static bool read_optional(struct span opt, uint64_t base, struct pe *out, struct err *e)
{
    struct reader r = reader_of(opt);
    uint16_t magic = rd_u16(&r);
    if (!r.bad && magic != OPTIONAL_PE32 && magic != OPTIONAL_PE32PLUS)
        return err_set(e, ERR_FORMAT, base, "optional header of unknown kind 0x%04x", magic);
    out->pe32plus = magic == OPTIONAL_PE32PLUS;
    rd_seek(&r, 36);
    out->file_alignment = rd_u32(&r);
    rd_seek(&r, 60);
    out->header_size = rd_u32(&r);
    out->checksum_at = base + r.pos;
    out->checksum = rd_u32(&r);
    rd_seek(&r, out->pe32plus ? 108 : 92);
    uint32_t count = rd_u32(&r);
    if (r.bad)
        return err_set(e, ERR_FORMAT, base, "optional header of %zu bytes is too short", opt.len);
    read_directories(&r, count, base, out);
    return true;
}

bool pe_open(struct span bytes, struct pe *out, struct err *e)
{
    struct pe pe = {.bytes = bytes};
    struct span coff, opt, table;
    uint64_t coff_at = 0;
    if (!find_coff(bytes, &coff_at, e))
        return false;
    if (!span_sub(bytes, coff_at, COFF_HEADER, &coff))
        return err_set(e, ERR_FORMAT, coff_at, "COFF header cut short");
    pe.machine = load_u16(coff.ptr);
    pe.section_count = load_u16(coff.ptr + 2);
    uint16_t opt_size = load_u16(coff.ptr + 16);
    uint64_t opt_at = coff_at + COFF_HEADER;
    if (!span_sub(bytes, opt_at, opt_size, &opt))
        return err_set(e, ERR_FORMAT, opt_at, "optional header cut short");
    if (!read_optional(opt, opt_at, &pe, e))
        return false;
    pe.sections_at = opt_at + opt_size;
    if (!span_sub(bytes, pe.sections_at, (uint64_t)pe.section_count * SECTION_HEADER, &table))
        return err_set(e, ERR_FORMAT, pe.sections_at, "table of %u sections cut short",
                       pe.section_count);
    *out = pe;
    return true;
}

const char *pe_machine_name(uint16_t machine, char buf[8])
{
    switch (machine) {
    case PE_MACHINE_I386:
        return "x86";
    case PE_MACHINE_AMD64:
        return "x64";
    case PE_MACHINE_ARM:
        return "arm";
    case PE_MACHINE_ARM64:
        return "arm64";
    case PE_MACHINE_IA64:
        return "ia64";
    default:
        snprintf(buf, 8, "0x%04x", machine);
        return buf;
    }
}

bool pe_rva(const struct pe *pe, uint32_t rva, uint32_t len, uint64_t *at)
{
    struct span table, raw;
    if (!span_sub(pe->bytes, pe->sections_at, (uint64_t)pe->section_count * SECTION_HEADER, &table))
        return false;
    for (uint32_t i = 0; i < pe->section_count; i++) {
        struct reader r = reader_of(table);
        rd_seek(&r, (uint64_t)i * SECTION_HEADER + 12);
        uint32_t start = rd_u32(&r), raw_size = rd_u32(&r), raw_at = rd_u32(&r);
        if (rva < start || rva - start >= raw_size)
            continue;
        /* The loader reads whole sectors, except for images of finer alignment (drivers). */
        uint32_t mask = pe->file_alignment >= SECTOR ? ~(uint32_t)(SECTOR - 1) : UINT32_MAX;
        uint64_t pos = (uint64_t)(raw_at & mask) + (rva - start);
        if (len > raw_size - (rva - start) || !span_sub(pe->bytes, pos, len, &raw))
            return false;
        *at = pos;
        return true;
    }
    return false;
}
