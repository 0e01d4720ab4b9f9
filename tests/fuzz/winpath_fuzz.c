#include "host/archive_name.h"
#include "host/link.h"
#include "host/shortname.h"
#include "host/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What comes out is a relative path that stays what it is when it is normalised again. */
static void check_normal(struct str path, struct arena *a)
{
    struct str again;
    BUG_ON(path.len && (path.ptr[0] == '\\' || path.ptr[path.len - 1] == '\\'));
    BUG_ON(path.len && memchr(path.ptr, ':', path.len));
    BUG_ON(path.len && memchr(path.ptr, '/', path.len));
    struct err e = {0};
    /* A first name in quotes or with blanks before it would be trimmed the second time. */
    if (path.len && (path.ptr[0] == '"' || path.ptr[0] == ' ' || path.ptr[0] == '\t'))
        return;
    if (path.len && (path.ptr[path.len - 1] == '\t'))
        return;
    BUG_ON(!winpath_normalise(path, 'C', a, &again, &e));
    BUG_ON(!str_eq(path, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, out = {NULL, 0};
    struct arena a;
    arena_init(&a, 1 << 20);
    struct err e = {0};
    if (winpath_normalise(text, 'C', &a, &out, &e))
        check_normal(out, &a);
    else
        BUG_ON(e.kind == ERR_NONE || !e.text[0]);
    bool rooted;
    e = (struct err){0};
    if (!link_parse(text, 'C', &rooted, &out, &e))
        BUG_ON(e.kind != ERR_DENIED);
    struct sb name;
    sb_init(&name, 1 << 16);
    if (archive_name(text, &name))
        BUG_ON(!name.len || name.ptr[0] == '/' || name.ptr[name.len - 1] == '/' ||
               strstr(name.ptr, "/../") || memchr(name.ptr, '\\', name.len));
    sb_done(&name);
    const uint8_t *cut = size ? memchr(data, '|', size) : NULL;
    if (cut) {
        struct str left = {text.ptr, (size_t)(cut - data)};
        struct str right = {left.ptr + left.len + 1, size - left.len - 1};
        if (shortname_is(left))
            (void)shortname_fits(left, right);
    }
    arena_done(&a);
    return 0;
}
