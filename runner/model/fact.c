#include "model/fact.h"

const char *fact_state_name(enum fact_state state)
{
    static const char *const names[] = {"found", "absent", "unreadable", "not_collected"};
    return (size_t)state < sizeof names / sizeof *names ? names[state] : "unreadable";
}

void evidence_add(struct evidence_list *list, const struct evidence *ev)
{
    enum { MOST = 256 };
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i].artefact, ev->artefact) &&
            str_eq(list->items[i].where, ev->where) && str_eq(list->items[i].note, ev->note))
            return;
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 8;
        struct evidence *grown = cap > MOST ? NULL : ARENA_ARRAY(list->mem, cap, struct evidence);
        if (!grown)
            return;
        if (list->count)
            memcpy(grown, list->items, list->count * sizeof *grown);
        list->items = grown;
        list->cap = cap;
    }
    list->items[list->count++] = *ev;
}
