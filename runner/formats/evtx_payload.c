/* What a policy wants of a record beyond its System fields: strings, binary data, computer. */
#include "base/utf16.h"
#include "formats/binxml_text.h"
#include "formats/evtx.h"

enum { TEXT_MAX = 1 << 18, STRINGS_MAX = 1 << 16 };

struct gather {
    struct arena *mem;
    struct str *string;
    size_t count, cap;
    struct span binary;
    bool failed;
};

static struct str text_of(const struct bx_node *list, struct arena *mem)
{
    struct sb b;
    sb_init(&b, TEXT_MAX);
    sb_bx_text(&b, list);
    struct str s = {NULL, 0};
    if (!b.bad)
        s = str_dup(mem, (struct str){b.ptr, b.len});
    sb_done(&b);
    return s;
}

static void add_string(struct gather *g, const struct bx_node *list)
{
    if (g->count == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 16;
        struct str *p = cap > STRINGS_MAX ? NULL : ARENA_ARRAY(g->mem, cap, struct str);
        if (!p) {
            g->failed = true;
            return;
        }
        if (g->count)
            memcpy(p, g->string, g->count * sizeof *p);
        g->string = p;
        g->cap = cap;
    }
    struct str s = text_of(list, g->mem);
    g->failed = g->failed || !s.ptr;
    g->string[g->count++] = s;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Binary data is a value of that type, or, in events that were forwarded, its hex text. */
static void set_binary(struct gather *g, const struct bx_node *list)
{
    if (!list || g->binary.len)
        return;
    if (!list->next && list->kind == BX_VALUE && list->type == BX_BINARY) {
        g->binary = list->raw;
        return;
    }
    struct str s = text_of(list, g->mem);
    uint8_t *bytes = arena_alloc(g->mem, s.len / 2 + 1);
    size_t n = 0;
    for (; bytes && n < s.len / 2; n++) {
        int hi = hex_digit((uint8_t)s.ptr[2 * n]), lo = hex_digit((uint8_t)s.ptr[2 * n + 1]);
        if (hi < 0 || lo < 0)
            return;
        bytes[n] = (uint8_t)(hi << 4 | lo);
    }
    if (bytes)
        g->binary = (struct span){bytes, n};
}

static bool has_elements(const struct bx_node *list)
{
    while (list && list->kind != BX_ELEMENT)
        list = list->next;
    return list != NULL;
}

/* The tree is at most BX_DEPTH deep. */
static void leaves(struct gather *g, const struct bx_node *list)
{
    for (; list; list = list->next) {
        if (list->kind != BX_ELEMENT)
            continue;
        if (has_elements(list->child))
            leaves(g, list->child);
        else
            add_string(g, list->child);
    }
}

static void event_data(struct gather *g, const struct bx_node *list)
{
    for (; list; list = list->next) {
        if (list->kind != BX_ELEMENT)
            continue;
        if (bx_name_is(list->name, "Binary"))
            set_binary(g, list->child);
        else if (has_elements(list->child))
            leaves(g, list->child);
        else
            add_string(g, list->child);
    }
}

static void gather(struct gather *g, const struct evtx_tree *tree)
{
    for (const struct bx_node *n = tree->root->child; n; n = n->next) {
        if (n->kind != BX_ELEMENT || n == tree->system || bx_name_is(n->name, "RenderingInfo"))
            continue;
        if (bx_name_is(n->name, "EventData"))
            event_data(g, n->child);
        else
            leaves(g, n->child);
    }
}

bool evtx_tree_payload(const struct evtx_tree *tree, struct arena *mem, struct evlog_payload *out)
{
    struct gather g = {.mem = mem};
    gather(&g, tree);
    const struct bx_node *computer = tree->system ? bx_find(tree->system->child, "Computer") : NULL;
    *out = (struct evlog_payload){g.string, g.count, g.binary,
                                  text_of(computer ? computer->child : NULL, mem)};
    return !g.failed && !mem->full;
}

bool evtx_payload(const struct evlog *log, size_t row, struct arena *a, struct evlog_payload *out,
                  struct err *e)
{
    BUG_ON(row >= log->count);
    struct evtx_header h;
    struct evtx_chunk c;
    struct evtx_record r;
    struct evtx_tree tree;
    bool torn;
    uint64_t at = log->offset[row];
    if (!evtx_header_read(log->bytes, &h, e))
        return false;
    evtx_chunk_read(log->bytes, at - (at - h.first_chunk) % EVTX_CHUNK_SIZE, false, &c);
    uint32_t pos = (uint32_t)(at - c.at);
    if (!c.found || !evtx_record_next(&c, &pos, &r, &torn))
        return err_set(e, ERR_IO, at, "the log changed while it was read");
    if (!evtx_tree_read(&c, &r, a, &tree, e))
        return false;
    return evtx_tree_payload(&tree, a, out) ||
           err_set(e, ERR_LIMIT, at, "no memory for the record's strings");
}
