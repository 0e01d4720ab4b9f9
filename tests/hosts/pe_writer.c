#include "pe_writer.h"
#include "out.h"

enum {
    PE_AT = 0x80,
    FILE_ALIGN = 0x200,
    SECTION_ALIGN = 0x1000,
    TEXT_RVA = 0x1000,
    RT_VERSION = 16
};

/* ---- version resource ---------------------------------------------------------------------- */

/* Opens a block of VS_VERSIONINFO; its length is filled in by close_block(). */
static size_t open_block(struct sb *b, const char *key, uint16_t value_length, uint16_t text)
{
    out_align(b, 4);
    size_t at = b->len;
    out_u16(b, 0);
    out_u16(b, value_length);
    out_u16(b, text);
    out_utf16z(b, str_of(key));
    out_align(b, 4);
    return at;
}

static void close_block(struct sb *b, size_t at)
{
    store_u16(out_at(b, at), (uint16_t)(b->len - at));
}

static void put_version(struct sb *b, struct version v)
{
    out_u32(b, (uint32_t)v.part[0] << 16 | v.part[1]);
    out_u32(b, (uint32_t)v.part[2] << 16 | v.part[3]);
}

static void put_fixed(struct sb *b, const struct pe_spec *spec)
{
    out_u32(b, 0xFEEF04BD);
    out_u32(b, 0x00010000);
    put_version(b, spec->file);
    put_version(b, spec->product);
    out_u32(b, 0x3F);
    out_u32(b, 0);
    out_u32(b, 0x00040004);                                              /* VOS_NT_WINDOWS32 */
    out_u32(b, spec->kind == PE_EXE ? 1 : spec->kind == PE_DLL ? 2 : 3); /* VFT_ */
    out_u32(b, spec->kind == PE_SYS ? 7 : 0);                            /* VFT2_DRV_SYSTEM */
    out_u64(b, 0);
}

static void put_string(struct sb *b, const char *key, const char *text)
{
    if (!text)
        return;
    struct sb value;
    sb_init(&value, 4096);
    out_utf16z(&value, str_of(text));
    size_t at = open_block(b, key, (uint16_t)(value.len / 2), 1);
    sb_put(b, value.ptr, value.len);
    close_block(b, at);
    sb_done(&value);
}

static void put_version_info(struct sb *b, const struct pe_spec *spec)
{
    char table[16], file[VERSION_TEXT], product[VERSION_TEXT];
    size_t root = open_block(b, "VS_VERSION_INFO", 52, 0);
    put_fixed(b, spec);
    size_t strings = open_block(b, "StringFileInfo", 0, 1);
    snprintf(table, sizeof table, "%04x04b0", spec->language);
    size_t language = open_block(b, table, 0, 1);
    put_string(b, "CompanyName", spec->company);
    put_string(b, "FileDescription", spec->description);
    put_string(b, "FileVersion",
               spec->file_version ? spec->file_version : version_format(spec->file, file));
    put_string(b, "InternalName", spec->original_name);
    put_string(b, "LegalCopyright", spec->copyright);
    put_string(b, "OriginalFilename", spec->original_name);
    put_string(b, "ProductName", spec->product_name);
    put_string(b, "ProductVersion", version_format(spec->product, product));
    close_block(b, language);
    close_block(b, strings);
    size_t vars = open_block(b, "VarFileInfo", 0, 1);
    size_t translation = open_block(b, "Translation", 4, 0);
    out_u16(b, spec->language);
    out_u16(b, 1200);
    close_block(b, translation);
    close_block(b, vars);
    close_block(b, root);
}

/* Three directory levels (type, name, language), each with one entry, then the data entry. */
static void put_resources(struct sb *b, const struct pe_spec *spec, uint32_t rva)
{
    const uint32_t ids[3] = {RT_VERSION, 1, spec->language};
    struct sb info;
    sb_init(&info, 65536);
    put_version_info(&info, spec);
    for (uint32_t i = 0; i < 3; i++) {
        out_zero(b, 12);
        out_u16(b, 0);
        out_u16(b, 1);
        out_u32(b, ids[i]);
        out_u32(b, i < 2 ? 0x80000000u | (i + 1) * 24 : 72);
    }
    out_u32(b, rva + 88);
    out_u32(b, (uint32_t)info.len);
    out_u32(b, 1200);
    out_u32(b, 0);
    sb_put(b, info.ptr, info.len);
    sb_done(&info);
}

/* ---- headers ------------------------------------------------------------------------------- */

struct layout {
    uint32_t headers, text_size, text_raw, rsrc_rva, rsrc_size, rsrc_raw, image;
};

static uint32_t align_to(size_t v, uint32_t unit)
{
    return (uint32_t)((v + unit - 1) / unit * unit);
}

static void put_dos(struct sb *b)
{
    static const uint8_t stub[] = {0x0E, 0x1F, 0xBA, 0x0E, 0x00, 0xB4, 0x09,
                                   0xCD, 0x21, 0xB8, 0x01, 0x4C, 0xCD, 0x21};
    out_u16(b, 0x5A4D);
    out_u16(b, 0x90);
    out_u16(b, 3);
    out_zero(b, 2);
    out_u16(b, 4);
    out_zero(b, 2);
    out_u16(b, 0xFFFF);
    out_zero(b, 2);
    out_u16(b, 0xB8);
    out_zero(b, 6);
    out_u16(b, 0x40);
    out_zero(b, 0x3C - b->len);
    out_u32(b, PE_AT);
    sb_put(b, stub, sizeof stub);
    sb_puts(b, "This program cannot be run in DOS mode.\r\r\n$");
    out_zero(b, PE_AT - b->len);
}

static void put_coff(struct sb *b, const struct pe_spec *spec)
{
    uint16_t flags = 0x0002; /* executable image */
    flags |= spec->x64 ? 0x0020 : 0x0100;
    if (spec->kind == PE_DLL)
        flags |= 0x2000;
    out_u32(b, 0x00004550);
    out_u16(b, spec->x64 ? 0x8664 : 0x014C);
    out_u16(b, 2);
    out_u32(b, spec->timestamp);
    out_u64(b, 0);
    out_u16(b, spec->x64 ? 240 : 224);
    out_u16(b, flags);
}

static void put_word(struct sb *b, bool x64, uint64_t v)
{
    if (x64)
        out_u64(b, v);
    else
        out_u32(b, (uint32_t)v);
}

static void put_optional(struct sb *b, const struct pe_spec *spec, const struct layout *l)
{
    bool x64 = spec->x64;
    out_u16(b, x64 ? 0x20B : 0x10B);
    out_u16(b, 9); /* linker 9.0 */
    out_u32(b, l->text_raw);
    out_u32(b, l->rsrc_raw);
    out_u32(b, 0);
    out_u32(b, TEXT_RVA);
    out_u32(b, TEXT_RVA);
    if (!x64)
        out_u32(b, l->rsrc_rva);
    put_word(b, x64, spec->kind == PE_DLL ? 0x10000000 : 0x400000);
    out_u32(b, SECTION_ALIGN);
    out_u32(b, FILE_ALIGN);
    out_u32(b, 0x00010005); /* OS 5.1 */
    out_u32(b, 0);
    out_u32(b, 0x00010005);
    out_u32(b, 0);
    out_u32(b, l->image);
    out_u32(b, l->headers);
    out_u32(b, 0); /* checksum */
    out_u16(b, spec->kind == PE_SYS ? 1 : 2);
    out_u16(b, 0x0140); /* ASLR, DEP */
    put_word(b, x64, 0x100000);
    put_word(b, x64, 0x1000);
    put_word(b, x64, 0x100000);
    put_word(b, x64, 0x1000);
    out_u32(b, 0);
    out_u32(b, 16);
    for (int i = 0; i < 16; i++) {
        out_u32(b, i == 2 ? l->rsrc_rva : 0);
        out_u32(b, i == 2 ? l->rsrc_size : 0);
    }
}

static void put_section(struct sb *b, const char name[8], const uint32_t where[4], uint32_t flags)
{
    sb_put(b, name, 8);
    for (int i = 0; i < 4; i++)
        out_u32(b, where[i]);
    out_zero(b, 12);
    out_u32(b, flags);
}

static void put_code(struct sb *b, const struct pe_spec *spec)
{
    static const uint8_t entry[] = {0xB8, 0x01, 0x00, 0x00, 0x00, 0xC3}; /* mov eax,1; ret */
    uint32_t seed = spec->timestamp;
    for (const char *p = spec->original_name; *p; p++)
        seed = seed * 65599 + (uint8_t)*p;
    seed += (uint32_t)spec->file.part[3] << 16 | spec->file.part[2];
    sb_put(b, entry, sizeof entry);
    bool ok = sb_reserve(b, spec->code_size);
    BUG_ON(!ok);
    for (size_t i = sizeof entry; i < spec->code_size; i++) {
        seed = seed * 1664525u + 1013904223u;
        b->ptr[b->len++] = (char)(seed >> 24);
    }
}

void pe_checksum(struct sb *image)
{
    uint32_t sum = 0;
    uint8_t *field = out_at(image, PE_AT + 24 + 64);
    store_u32(field, 0);
    for (size_t i = 0; i + 1 < image->len; i += 2) {
        sum += load_u16(out_at(image, i));
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    store_u32(field, sum + (uint32_t)image->len);
}

void pe_image(const struct pe_spec *spec, struct sb *out)
{
    struct sb text, rsrc;
    struct layout l = {.headers = 0x400};
    sb_init(&text, (size_t)1 << 24);
    sb_init(&rsrc, 1 << 16);
    put_code(&text, spec);
    l.text_size = (uint32_t)text.len;
    l.text_raw = align_to(text.len, FILE_ALIGN);
    l.rsrc_rva = TEXT_RVA + align_to(text.len, SECTION_ALIGN);
    put_resources(&rsrc, spec, l.rsrc_rva);
    l.rsrc_size = (uint32_t)rsrc.len;
    l.rsrc_raw = align_to(rsrc.len, FILE_ALIGN);
    l.image = l.rsrc_rva + align_to(rsrc.len, SECTION_ALIGN);
    put_dos(out);
    put_coff(out, spec);
    put_optional(out, spec, &l);
    put_section(out, ".text\0\0", (uint32_t[]){l.text_size, TEXT_RVA, l.text_raw, l.headers},
                0x60000020);
    put_section(out, ".rsrc\0\0",
                (uint32_t[]){l.rsrc_size, l.rsrc_rva, l.rsrc_raw, l.headers + l.text_raw},
                0x40000040);
    out_zero(out, l.headers - out->len);
    sb_put(out, text.ptr, text.len);
    out_align(out, FILE_ALIGN);
    sb_put(out, rsrc.ptr, rsrc.len);
    out_align(out, FILE_ALIGN);
    BUG_ON(out->bad || text.bad || rsrc.bad);
    pe_checksum(out);
    sb_done(&text);
    sb_done(&rsrc);
}
