/* One chunk's bytes as a document and as a template definition. The tree must be renderable, and
 * reading it again must give the same text. */
#include <stdint.h>
#include <stdlib.h>

#include "formats/binxml_text.h"
#include "formats/evtx_render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_document(struct span chunk, enum evtx_format format, struct sb *out)
{
    struct arena mem;
    struct err e = {0};
    struct bx_parse p = {.chunk = chunk, .mem = &mem};
    struct bx_node *list = NULL;
    arena_init(&mem, 64 << 20);
    sb_init(out, 1 << 24);
    if (!bx_read(&p, 0, chunk.len, &list, &e)) {
        if (e.kind == ERR_NONE)
            abort();
    } else if (list) {
        struct evtx_tree tree = {.root = list};
        evtx_render(out, &tree, NULL, format);
        sb_bx_text(out, list);
    }
    arena_done(&mem);
}

static void read_template(struct span chunk)
{
    struct arena mem;
    struct err e = {0};
    struct bx_slots slots = {0};
    struct bx_parse p = {.chunk = chunk, .mem = &mem, .slots = &slots};
    struct bx_node *list = NULL;
    arena_init(&mem, 64 << 20);
    if (bx_read_template(&p, 0, &list, &e))
        for (uint32_t i = 1; i < slots.count; i++)
            if (slots.slot[i].at <= slots.slot[i - 1].at)
                abort();
    arena_done(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 65536)
        return 0;
    struct span chunk = span_of(data, size);
    for (int format = EVTX_JSON; format <= EVTX_XML; format++) {
        struct sb x, y;
        read_document(chunk, (enum evtx_format)format, &x);
        read_document(chunk, (enum evtx_format)format, &y);
        if (x.len != y.len || (x.len && memcmp(x.ptr, y.ptr, x.len) != 0))
            abort();
        sb_done(&x);
        sb_done(&y);
    }
    read_template(chunk);
    return 0;
}
