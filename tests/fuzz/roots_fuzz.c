/* What a mirror or a folder may hold: a cabinet or a list (byte 0 even), or a Blob and the list
 * whose first entry it is brought to (byte 0 odd, bytes 1 and 2 the list's length).  Oracles: a
 * failure explains itself; nothing here is signed by Microsoft, so no list counts; a Blob that was
 * brought to its entry is there already the second time, and keeps its certificate. */
#include "actions/cert_blob.h"
#include "actions/roots_part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void explained(const struct err *e)
{
    BUG_ON(e->kind == ERR_NONE || e->text[0] == '\0');
}

static void check_file(struct span file)
{
    static const struct roots_source source;
    struct arena a;
    struct span der;
    arena_init(&a, (size_t)64 << 20);
    for (int kind = LIST_ROOTS; kind <= LIST_DISALLOWED; kind++) {
        struct list_file *list = NULL;
        struct err e = {0};
        BUG_ON(roots_read_list(&source, file, (enum list_kind)kind, &a, &list, &e));
        explained(&e);
    }
    if (roots_der_of(file, &a, &der))
        BUG_ON(der.len == 0);
    arena_done(&a);
}

static void check_blob(struct span list, struct span blob)
{
    struct arena a;
    struct ctl ctl;
    struct ctl_entry entry;
    struct cert_element before, after;
    struct span out = {NULL, 0}, again;
    struct err e = {0};
    size_t cursor = 0;
    bool changed;
    arena_init(&a, (size_t)64 << 20);
    if (ctl_parse(list, &a, &ctl, &e) && ctl_next(&ctl, &cursor, &entry, &e)) {
        if (!cert_blob_update(blob, &entry, &a, &out, &changed, &e)) {
            explained(&e);
        } else {
            BUG_ON(!certstore_blob(blob, &a, &before, &e) || !certstore_blob(out, &a, &after, &e));
            BUG_ON(!span_eq(before.certificate, after.certificate));
            BUG_ON(!cert_blob_update(out, &entry, &a, &again, &changed, &e) || changed);
        }
    }
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span list, all = span_of(data, size);
    if (size < 3)
        return 0;
    if (data[0] % 2 == 0)
        check_file(span_of(data + 1, size - 1));
    else if (span_sub(all, 3, load_u16(data + 1), &list))
        check_blob(list, span_of(data + 3 + list.len, size - 3 - list.len));
    return 0;
}
