/* The general way to a record's fields: its whole tree, then by name. */
#include "base/utf16.h"
#include "base/wtime.h"
#include "formats/binxml_text.h"
#include "formats/evtx.h"

enum { TEXT_MAX = 1 << 17 };

static bool read_tree(const struct evtx_chunk *c, const struct evtx_record *r, bool system_only,
                      struct arena *mem, struct evtx_tree *out, struct err *e)
{
    struct bx_parse p = {.chunk = c->bytes, .mem = mem, .system_only = system_only};
    struct bx_node *list = NULL;
    size_t len = r->bytes.len - EVTX_RECORD_HEADER - 4;
    if (!bx_read(&p, r->at + EVTX_RECORD_HEADER, len, &list, e))
        return false;
    while (list && list->kind != BX_ELEMENT)
        list = list->next;
    out->root = list;
    out->system = list ? bx_find(list->child, "System") : NULL;
    return out->root || err_set(e, ERR_FORMAT, r->at, "record without an element");
}

bool evtx_tree_read(const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem,
                    struct evtx_tree *out, struct err *e)
{
    return read_tree(c, r, false, mem, out, e);
}

bool evtx_system_tree(const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem,
                      struct evtx_tree *out, struct err *e)
{
    return read_tree(c, r, true, mem, out, e);
}

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

static struct span name_of(const struct bx_node *list, struct arena *mem)
{
    if (list && !list->next && list->kind == BX_VALUE && list->type == BX_STRING)
        return bx_trim(list->raw);
    return list ? bx_trim(utf8_to_utf16(mem, text_of(list, mem))) : (struct span){NULL, 0};
}

static bool number_of(const struct bx_node *list, struct arena *mem, uint64_t *out)
{
    struct str s = text_of(list, mem);
    uint64_t v = 0;
    size_t i = 0;
    for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9' && i < 20; i++)
        v = v * 10 + (uint64_t)(s.ptr[i] - '0');
    *out = v;
    return i > 0 && i == s.len;
}

static uint64_t time_of(const struct bx_node *system, struct arena *mem)
{
    const struct bx_attr *a = bx_attr_find(bx_find(system->child, "TimeCreated"), "SystemTime");
    const struct bx_node *v = a ? a->value : NULL;
    uint64_t t = 0;
    if (v && !v->next && v->kind == BX_VALUE && v->type == BX_FILETIME && v->raw.len == 8)
        return load_u64(v->raw.ptr);
    return v && wtime_parse(text_of(v, mem), &t) ? t : 0;
}

bool evtx_system_read(const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem,
                      struct evtx_system *out, struct err *e)
{
    struct evtx_tree tree;
    uint64_t id = 0, level = 0;
    if (!read_tree(c, r, true, mem, &tree, e))
        return false;
    const struct bx_node *event_id = tree.system ? bx_find(tree.system->child, "EventID") : NULL;
    if (!event_id || !number_of(event_id->child, mem, &id))
        return err_set(e, ERR_FORMAT, r->at, "record without an event id");
    const struct bx_attr *provider = bx_attr_find(bx_find(tree.system->child, "Provider"), "Name");
    const struct bx_node *channel = bx_find(tree.system->child, "Channel");
    const struct bx_node *lvl = bx_find(tree.system->child, "Level");
    if (lvl)
        number_of(lvl->child, mem, &level);
    uint64_t time = time_of(tree.system, mem);
    *out = (struct evtx_system){
        .provider = name_of(provider ? provider->value : NULL, mem),
        .channel = name_of(channel ? channel->child : NULL, mem),
        .time = time ? time : r->written,
        .event_id = (uint16_t)id,
        .level = level > 255 ? 0 : (uint8_t)level,
    };
    return !mem->full || err_set(e, ERR_NOMEM, 0, "out of memory");
}
