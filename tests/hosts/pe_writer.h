/* Writes small, well-formed Portable Executables: headers, some code, a version resource, a right
 * checksum, room in the data directories for a certificate table to be appended. */
#pragma once

#include "base/str.h"
#include "base/version.h"

enum pe_kind { PE_EXE, PE_DLL, PE_SYS };

struct pe_spec {
    bool x64;
    enum pe_kind kind;
    struct version file, product;
    const char *company, *description, *product_name, *original_name;
    const char *file_version; /* as text; NULL: the dotted number (Windows' own files say more) */
    const char *copyright;    /* NULL: left out */
    uint16_t language;        /* 0x0409 */
    uint32_t timestamp;
    size_t code_size; /* bytes of code, differing from file to file */
};

void pe_image(const struct pe_spec *spec, struct sb *out);

/* Computes and stores the CheckSum field of a finished image. */
void pe_checksum(struct sb *image);
