/* Small PE files for tests: one section, .rsrc, with a version resource in two languages. */
#pragma once

#include "base/str.h"
#include "check.h"

enum {
    PE_SAMPLE_MAX = 4096,
    PE_SAMPLE_HEADER = 0x40, /* of "PE\0\0" */
    PE_SAMPLE_RAW = 0x200,
    PE_SAMPLE_RVA = 0x1000
};

struct pe_sample {
    uint8_t bytes[PE_SAMPLE_MAX];
    size_t size;
};

static inline void pe_store16(struct pe_sample *s, size_t at, uint32_t v)
{
    s->bytes[at] = (uint8_t)v;
    s->bytes[at + 1] = (uint8_t)(v >> 8);
}

static inline void pe_store32(struct pe_sample *s, size_t at, uint32_t v)
{
    pe_store16(s, at, v & 0xFFFF);
    pe_store16(s, at + 2, v >> 16);
}

static inline size_t pe_put_text(struct pe_sample *s, size_t at, const char *ascii)
{
    do {
        pe_store16(s, at, (uint8_t)*ascii);
        at += 2;
    } while (*ascii++);
    return at;
}

static inline size_t pe_align(size_t at)
{
    return (at + 3) & ~(size_t)3;
}

/* Opens a block and returns where its value goes; pe_block_end() stores its length. */
static inline size_t pe_block(struct pe_sample *s, size_t at, uint32_t value_len, uint32_t type,
                              const char *key)
{
    pe_store16(s, at + 2, value_len);
    pe_store16(s, at + 4, type);
    return pe_align(pe_put_text(s, at + 6, key));
}

static inline size_t pe_block_end(struct pe_sample *s, size_t begin, size_t end)
{
    pe_store16(s, begin, (uint32_t)(end - begin));
    return pe_align(end);
}

static inline size_t pe_string(struct pe_sample *s, size_t at, const char *key, const char *value)
{
    size_t v = pe_block(s, at, (uint32_t)strlen(value) + 1, 1, key);
    return pe_block_end(s, at, pe_put_text(s, v, value));
}

static inline size_t pe_table(struct pe_sample *s, size_t at, const char *lang, const char *company)
{
    size_t v = pe_block(s, at, 0, 1, lang);
    v = pe_string(s, v, "CompanyName", company);
    v = pe_string(s, v, "FileDescription", "a description");
    v = pe_string(s, v, "FileVersion", "8.8.0.975");
    v = pe_string(s, v, "InternalName", "x");
    v = pe_string(s, v, "OriginalFilename", "mfehidk.sys");
    v = pe_string(s, v, "ProductName", "VSE");
    v = pe_string(s, v, "ProductVersion", "8.8.0");
    return pe_block_end(s, at, v);
}

/* VS_VERSION_INFO at `at`; returns its end. */
static inline size_t pe_version_info(struct pe_sample *s, size_t at)
{
    size_t v = pe_block(s, at, 52, 0, "VS_VERSION_INFO");
    const uint32_t fixed[] = {0xFEEF04BD, 0x10000, 0x00080008, 975, 0x00080008, 777};
    for (size_t i = 0; i < 6; i++)
        pe_store32(s, v + i * 4, fixed[i]);
    v += 52;
    size_t sfi = v;
    v = pe_block(s, v, 0, 1, "StringFileInfo");
    v = pe_table(s, v, "040704E4", "Firma");
    v = pe_table(s, v, "040904B0", "McAfee, Inc.");
    v = pe_block_end(s, sfi, v);
    size_t vfi = v;
    v = pe_block(s, v, 0, 1, "VarFileInfo");
    size_t tr = v;
    v = pe_block(s, v, 4, 0, "Translation");
    pe_store32(s, v, 0x04B00409);
    v = pe_block_end(s, tr, v + 4);
    v = pe_block_end(s, vfi, v);
    return pe_block_end(s, at, v);
}

static inline size_t pe_directory_entry(struct pe_sample *s, size_t at, uint32_t ids, uint32_t id,
                                        uint32_t offset)
{
    pe_store16(s, at + 14, ids);
    pe_store32(s, at + 16, id);
    pe_store32(s, at + 20, offset);
    return at + 16 + 8 * ids;
}

/* Root, RT_VERSION, name 1, language, data entry; then the data. */
static inline size_t pe_resources(struct pe_sample *s)
{
    size_t base = PE_SAMPLE_RAW;
    pe_directory_entry(s, base, 2, 3, 0x80000018);
    pe_store32(s, base + 24, 16);
    pe_store32(s, base + 28, 0x80000020);
    pe_directory_entry(s, base + 0x20, 1, 1, 0x80000038);
    pe_directory_entry(s, base + 0x38, 1, 0x409, 0x50);
    size_t end = pe_version_info(s, base + 0x60);
    pe_store32(s, base + 0x50, PE_SAMPLE_RVA + 0x60);
    pe_store32(s, base + 0x54, (uint32_t)(end - base - 0x60));
    return end;
}

static inline void pe_sample_make(struct pe_sample *s, uint16_t machine, bool plus)
{
    memset(s, 0, sizeof *s);
    size_t opt_size = plus ? 240 : 224, coff = PE_SAMPLE_HEADER + 4, opt = coff + 20;
    memcpy(s->bytes, "MZ", 2);
    pe_store32(s, 0x3C, PE_SAMPLE_HEADER);
    memcpy(s->bytes + PE_SAMPLE_HEADER, "PE\0\0", 4);
    pe_store16(s, coff, machine);
    pe_store16(s, coff + 2, 1);
    pe_store16(s, coff + 16, (uint32_t)opt_size);
    pe_store16(s, opt, plus ? 0x20B : 0x10B);
    pe_store32(s, opt + 32, 0x1000);
    pe_store32(s, opt + 36, 0x200);
    pe_store32(s, opt + 60, PE_SAMPLE_RAW);
    pe_store32(s, opt + 64, 0xABCDE);
    size_t dirs = opt + (plus ? 112 : 96);
    pe_store32(s, dirs - 4, 16);
    pe_store32(s, dirs + 16, PE_SAMPLE_RVA);
    s->size = pe_resources(s);
    size_t raw = s->size - PE_SAMPLE_RAW, section = opt + opt_size;
    pe_store32(s, dirs + 20, (uint32_t)raw);
    memcpy(s->bytes + section, ".rsrc", 5);
    pe_store32(s, section + 8, (uint32_t)raw);
    pe_store32(s, section + 12, PE_SAMPLE_RVA);
    pe_store32(s, section + 16, (uint32_t)raw);
    pe_store32(s, section + 20, PE_SAMPLE_RAW);
}

static inline struct span pe_sample_span(const struct pe_sample *s)
{
    return span_of(s->bytes, s->size);
}
