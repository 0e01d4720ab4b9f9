/* Certificate tables of executables.  Oracles: entries lie inside the file and in order; a table
 * that does not fit says why; digests of two algorithms are computed whatever the headers say. */
#include "formats/authenticode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(const struct pe *pe, struct span der, struct arena *a)
{
    struct cms *c = NULL;
    struct spc_indirect spc;
    struct err e = {0}, e2 = {0};
    if (!cms_open(der, &c, &e)) {
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
        return;
    }
    if (spc_indirect_parse(cms_content_element(c), a, &spc, &e2)) {
        enum authenticode_pages pages = authenticode_pages(pe, &spc);
        BUG_ON((pages == PAGES_NONE) != (spc.page_hashes.len == 0));
    } else {
        BUG_ON(e2.kind == ERR_NONE || e2.text[0] == '\0');
    }
    cms_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"sha1", "sha256"};
    struct arena a;
    struct pe pe;
    struct authenticode_table t;
    uint8_t digest[2][64];
    size_t len[2];
    struct err e = {0};
    if (!pe_open(span_of(data, size), &pe, &e))
        return 0;
    arena_init(&a, 1 << 22);
    BUG_ON(!authenticode_table(&pe, &a, &t, &e));
    BUG_ON(t.malformed != (t.why.len != 0) || t.count > AUTHENTICODE_ENTRIES);
    for (size_t i = 0; i < t.count; i++) {
        BUG_ON(t.entry[i].at + 8 > size || t.entry[i].der.len > size - t.entry[i].at - 8);
        BUG_ON(i && t.entry[i].at <= t.entry[i - 1].at);
        check_message(&pe, t.entry[i].der, &a);
    }
    BUG_ON(!authenticode_digest(&pe, names, 2, digest, len, &e));
    BUG_ON(len[0] != 20 || len[1] != 32);
    arena_done(&a);
    return 0;
}
