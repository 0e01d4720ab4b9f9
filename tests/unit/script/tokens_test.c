/* The words of a Lua file: what is found, and that no text is too broken to look at. */
#include "script/tokens.h"

#include "check.h"

static bool read(const char *text, size_t len, struct arena *a, struct tokens *t)
{
    arena_reset(a);
    return tokens_read(span_of(text, len), a, t);
}

TEST(words_texts_and_partners)
{
    static const char text[] = "-- lint: allow x\n"
                               "local a <const> = [==[long ]] text]==] .. 'it\\'s' -- end\n"
                               "f.g { h = 0x1F, [\"k\"] = { 1.5e3, ... } }\n";
    static const char *const words[] = {"local", "a",      "<", "const", ">", "=", "long ]] text",
                                        "..",    "it\\'s", "f", ".",     "g", "{", "h",
                                        "=",     "0x1F",   ",", "[",     "k", "]", "=",
                                        "{",     "1.5e3",  ",", "...",   "}", "}"};
    struct arena a;
    struct tokens t;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(read(text, sizeof text - 1, &a, &t));
    CHECK_U64(t.count, sizeof words / sizeof *words);
    for (size_t i = 0; i < t.count && i < sizeof words / sizeof *words; i++)
        CHECK_STR(t.items[i].text, words[i]);
    CHECK(t.items[6].kind == TOKEN_TEXT && t.items[6].line == 2);
    CHECK(t.items[15].kind == TOKEN_NUMBER && t.items[15].line == 3);
    CHECK_U64(t.items[12].partner, 26);
    CHECK_U64(t.items[26].partner, 12);
    CHECK_U64(t.items[21].partner, 25);
    CHECK_U64(t.items[17].partner, 19);
    CHECK(t.items[t.count].kind == TOKEN_END);
    CHECK_U64(t.remark_count, 1);
    CHECK(t.remarks[0].line == 1);
    CHECK_STR(t.remarks[0].text, " allow x");
    CHECK(token_is(&t, 0, "local") && !token_is(&t, 6, "long ]] text") && !token_is(&t, 999, "x"));
    arena_done(&a);
}

TEST(brackets_without_partners_have_none)
{
    static const char text[] = "( [ ) } { ( ) ";
    struct arena a;
    struct tokens t;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(read(text, sizeof text - 1, &a, &t));
    CHECK_U64(t.count, 7);
    for (size_t i = 0; i < 5; i++)
        CHECK_U64(t.items[i].partner, i);
    CHECK_U64(t.items[5].partner, 6);
    arena_done(&a);
}

/* Whatever is cut off or replaced: words stay inside of the text, in order, partners point at each
 * other. */
static void check_sound(const struct tokens *t, const char *text, size_t len)
{
    const char *last = text;
    for (size_t i = 0; i < t->count; i++) {
        const struct token *k = &t->items[i];
        bool inside = k->text.ptr >= last && k->text.ptr + k->text.len <= text + len;
        bool paired = k->partner < t->count && t->items[k->partner].partner == i;
        if (!inside || !paired) {
            CHECK(inside && paired);
            return;
        }
        last = k->text.ptr;
    }
}

TEST(broken_texts)
{
    static const char text[] =
        "return policy { id = \"a\", --[==[ x ]] ]==] t = [[x]], f = function(h) if a then b() end "
        "end, 'q\\'', [=[ y ]=], 5..6, 0x.p, { { [ ( } ) ] }\n-- lint: allow y\n'open\n\"\\";
    const size_t len = sizeof text - 1;
    struct arena a;
    struct tokens t;
    char changed[sizeof text];
    arena_init(&a, ARENA_DEFAULT_CAP);
    for (size_t n = 0; n <= len; n++) {
        CHECK(read(text, n, &a, &t));
        check_sound(&t, text, n);
    }
    static const char bytes[] = {0, '[', ']', '"', '\\', '-', '=', '\n', '{', (char)0xFF};
    for (size_t at = 0; at < len; at++)
        for (size_t b = 0; b < sizeof bytes; b++) {
            memcpy(changed, text, len);
            changed[at] = bytes[b];
            CHECK(read(changed, len, &a, &t));
            check_sound(&t, changed, len);
        }
    arena_done(&a);
}

TEST_MAIN()
