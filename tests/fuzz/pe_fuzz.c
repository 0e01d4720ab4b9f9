/* PE headers and version resources.  Oracles: a failure explains itself; what was accepted lies
 * inside the file. */
#include "formats/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct pe pe;
    struct pe_version v;
    struct err e = {0};
    if (!pe_open(span_of(data, size), &pe, &e)) {
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
        return 0;
    }
    BUG_ON(pe.checksum_at + 4 > size || pe.directory_count > 16);
    BUG_ON(pe.certificate_at && pe.certificate_at + 8 > size);
    for (uint32_t i = 0; i < pe.directory_count; i++) {
        uint64_t at;
        if (pe_rva(&pe, pe.directory[i].rva, pe.directory[i].size, &at))
            BUG_ON(at > size || pe.directory[i].size > size - at);
    }
    arena_init(&a, 1 << 20);
    if (!pe_version(&pe, &a, &v, &e))
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
    arena_done(&a);
    return 0;
}
