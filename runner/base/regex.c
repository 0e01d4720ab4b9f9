#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_CALLS = 1000000, /* a start position */
    DEPTH = 250000,
    HEAP_KIB = 32 << 10,
    PARENTHESES = 100
};

struct regex {
    const pcre2_code *code;
};

static void *from_arena(size_t size, void *arena)
{
    return arena_alloc(arena, size);
}

static void to_arena(void *ptr, void *arena)
{
    (void)ptr;
    (void)arena;
}

static bool not_compiled(int code, size_t at, struct err *e)
{
    PCRE2_UCHAR text[160];
    if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY)
        return err_set(e, ERR_NOMEM, 0, "no memory for a regular expression");
    if (pcre2_get_error_message(code, text, sizeof text) < 0)
        text[0] = 0;
    return err_set(e, ERR_USAGE, at, "%s (byte %zu)", (const char *)text, at + 1);
}

bool regex_compile(struct str pattern, struct arena *a, const struct regex **out, struct err *e)
{
    /* Callouts before every item are where steps are counted. */
    const uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    if (pattern.len > REGEX_PATTERN_MAX)
        return err_set(e, ERR_LIMIT, 0, "pattern of %zu bytes, at most %d", pattern.len,
                       REGEX_PATTERN_MAX);
    struct regex *r = ARENA_NEW(a, struct regex);
    pcre2_general_context *memory = pcre2_general_context_create(from_arena, to_arena, a);
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    if (!r || !context)
        return err_set(e, ERR_NOMEM, 0, "no memory for a regular expression");
    pcre2_set_parens_nest_limit(context, PARENTHESES);
    int code = 0;
    size_t at = 0;
    r->code = pcre2_compile((PCRE2_SPTR)(pattern.ptr ? pattern.ptr : ""), pattern.len, options,
                            &code, &at, context);
    if (!r->code)
        return not_compiled(code, at, e);
    *out = r;
    return true;
}

struct steps {
    uint64_t left;
    size_t at;
};

/* Items that run over many characters in one go pay for them. */
static int on_step(pcre2_callout_block *block, void *data)
{
    struct steps *s = data;
    size_t now = block->current_position;
    uint64_t work = 1 + (now > s->at ? now - s->at : 0);
    s->at = now;
    if (work > s->left)
        return PCRE2_ERROR_CALLOUT;
    s->left -= work;
    return 0;
}

static void take_groups(pcre2_match_data *data, int found, struct str text,
                        struct regex_groups *groups)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    groups->count = found > 0 ? (size_t)found : REGEX_GROUPS;
    for (size_t i = 0; i < groups->count; i++)
        if (at[2 * i] <= at[2 * i + 1] && at[2 * i + 1] <= text.len)
            groups->group[i] = (struct str){text.ptr + at[2 * i], at[2 * i + 1] - at[2 * i]};
}

static enum regex_answer answer(int code, struct err *e)
{
    if (code >= 0)
        return REGEX_YES;
    if (code == PCRE2_ERROR_NOMATCH)
        return REGEX_NO;
    if (code == PCRE2_ERROR_CALLOUT)
        err_set(e, ERR_LIMIT, 0, "the regular expression needs more than %d steps", REGEX_STEPS);
    else
        err_set(e, ERR_LIMIT, 0, "the regular expression reached a limit (PCRE2 error %d)", code);
    return REGEX_LIMIT;
}

enum regex_answer regex_match(const struct regex *r, struct str text, struct regex_groups *groups,
                              struct err *e)
{
    struct steps steps = {.left = REGEX_STEPS};
    if (groups)
        *groups = (struct regex_groups){.steps = 0};
    if (text.len > REGEX_TEXT_MAX) {
        err_set(e, ERR_LIMIT, 0, "a text of %zu bytes, regular expressions read at most %d",
                text.len, REGEX_TEXT_MAX);
        return REGEX_LIMIT;
    }
    pcre2_match_data *data = pcre2_match_data_create(REGEX_GROUPS, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    int code = PCRE2_ERROR_NOMEMORY;
    if (data && context) {
        pcre2_set_match_limit(context, MATCH_CALLS);
        pcre2_set_depth_limit(context, DEPTH);
        pcre2_set_heap_limit(context, HEAP_KIB);
        pcre2_set_callout(context, on_step, &steps);
        code = pcre2_match(r->code, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0, 0, data,
                           context);
        if (code >= 0 && groups)
            take_groups(data, code, text, groups);
    }
    if (groups)
        groups->steps = REGEX_STEPS - steps.left;
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return answer(code, e);
}

const char *regex_release(void)
{
    static char text[32];
    if (!text[0] && pcre2_config(PCRE2_CONFIG_VERSION, NULL) < (int)sizeof text)
        (void)pcre2_config(PCRE2_CONFIG_VERSION, text);
    return text;
}
