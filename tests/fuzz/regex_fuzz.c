/* The first line is a pattern, the rest a text: the answer and its steps are the same twice, the
 * steps stay below their limit, and groups lie within the text. */
#include "base/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_groups(const struct regex_groups *g, struct str text)
{
    if (g->count == 0 || g->count > REGEX_GROUPS)
        abort();
    for (size_t i = 0; i < g->count; i++) {
        struct str s = g->group[i];
        if (s.ptr && (s.ptr < text.ptr || s.ptr + s.len > text.ptr + text.len))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end)
        return 0;
    struct str pattern = {(const char *)data, (size_t)(end - data)};
    struct str text = {(const char *)end + 1, size - pattern.len - 1};
    const struct regex *r = NULL;
    struct regex_groups one, two;
    struct arena a;
    struct err e = {0};
    arena_init(&a, 1 << 20);
    if (!regex_compile(pattern, &a, &r, &e)) {
        if (e.kind == ERR_NONE || !e.text[0])
            abort();
    } else {
        enum regex_answer first = regex_match(r, text, &one, &e),
                          second = regex_match(r, text, &two, &e);
        if (first != second || one.steps != two.steps || one.steps > REGEX_STEPS)
            abort();
        if (first == REGEX_YES)
            check_groups(&one, text);
        if (first == REGEX_LIMIT && e.kind != ERR_LIMIT)
            abort();
    }
    arena_done(&a);
    return 0;
}
