/* Portable Executable headers and version resources from untrusted bytes, without I/O.
 *
 * Reads what policies ask for: machine type, section table, checksum, data directories, and the
 * VS_VERSION_INFO resource.  A file that is no PE is an error; a PE without a version resource is
 * not: `has_version` is false. */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "base/version.h"

enum pe_machine {
    PE_MACHINE_I386 = 0x014C,
    PE_MACHINE_AMD64 = 0x8664,
    PE_MACHINE_ARM = 0x01C4,
    PE_MACHINE_ARM64 = 0xAA64,
    PE_MACHINE_IA64 = 0x0200
};

struct pe_directory {
    uint32_t rva, size; /* for the certificate table (index 4) `rva` is a file offset */
};

struct pe {
    struct span bytes;
    uint16_t machine;
    bool pe32plus;
    uint32_t checksum;       /* as stored */
    uint64_t checksum_at;    /* file offset of the CheckSum field */
    uint64_t certificate_at; /* file offset of the certificate table's directory entry, 0 = none */
    uint64_t sections_at;    /* file offset of the section table */
    uint32_t section_count;
    uint32_t file_alignment;
    uint32_t header_size;     /* SizeOfHeaders */
    uint32_t directory_count; /* at most 16 */
    struct pe_directory directory[16];
};

bool pe_open(struct span bytes, struct pe *out, struct err *e);

/* "x86", "x64", "arm64", ...; "0x%04x" in `buf` for others. */
const char *pe_machine_name(uint16_t machine, char buf[8]);

/* File offset of a relative virtual address; false outside every section's raw data. */
bool pe_rva(const struct pe *pe, uint32_t rva, uint32_t len, uint64_t *at);

struct pe_version {
    bool has_version;             /* a VS_FIXEDFILEINFO was found */
    struct version file, product; /* from VS_FIXEDFILEINFO */
    /* StringFileInfo of the first translation of VarFileInfo (without one, or without such a
     * table: the first table), {NULL,0} where absent. */
    struct str company, description, product_name, file_version, product_version, original_name;
};

/* False for damage; true with has_version == false when there is no version resource.  Several
 * languages: the first in the resource directory, which is sorted by language. */
bool pe_version(const struct pe *pe, struct arena *a, struct pe_version *out, struct err *e);
