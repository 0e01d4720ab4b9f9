/* How words of a schedule are written, against readers that follow the other side's rules. */
#include "cli/schedule.h"

#include <stdlib.h>

#include "check.h"

static struct sb out; /* what was written last */

static void begin(void)
{
    sb_done(&out);
    sb_init(&out, 1 << 16);
}

static const char *windows(const char *word)
{
    begin();
    sb_windows_word(&out, str_of(word));
    return out.ptr;
}

static const char *unit(const char *word, bool path)
{
    begin();
    sb_unit_word(&out, str_of(word), path);
    return out.ptr;
}

static const char *xml(const char *text)
{
    begin();
    sb_xml_ascii(&out, str_of(text));
    return out.ptr;
}

/* The rules of "Parsing C command-line arguments" (and of CommandLineToArgvW), for one word that
 * ends at a space outside of quotes or with the text. */
static size_t read_windows(const char *text, char *word)
{
    size_t at = 0, len = 0;
    bool quoted = false;
    while (text[at] && (quoted || (text[at] != ' ' && text[at] != '\t'))) {
        size_t slashes = 0;
        while (text[at + slashes] == '\\')
            slashes++;
        bool quote = text[at + slashes] == '"';
        for (size_t i = 0; i < (quote ? slashes / 2 : slashes); i++)
            word[len++] = '\\';
        at += slashes;
        if (quote && slashes % 2)
            word[len++] = text[at++];
        else if (quote && ++at)
            quoted = !quoted;
        else if (!slashes)
            word[len++] = text[at++];
    }
    word[len] = '\0';
    return at;
}

TEST(windows_words)
{
    CHECK(strcmp(windows("plain-1.2_x/y\\z:=+,@"), "plain-1.2_x/y\\z:=+,@") == 0);
    CHECK(strcmp(windows(""), "\"\"") == 0);
    CHECK(strcmp(windows("a b"), "\"a b\"") == 0);
    CHECK(strcmp(windows("a\"b"), "\"a\\\"b\"") == 0);
    CHECK(strcmp(windows("a\\\"b"), "\"a\\\\\\\"b\"") == 0);
    CHECK(strcmp(windows("a b\\"), "\"a b\\\\\"") == 0);
    CHECK(strcmp(windows("a\\b c"), "\"a\\b c\"") == 0);
    /* What the C library would look for in the folder it was started from. */
    CHECK(strcmp(windows("kb*"), "\"kb*\"") == 0);
    CHECK(strcmp(windows("k?"), "\"k?\"") == 0);
}

TEST(windows_words_come_back)
{
    static const char letters[] = "\\\\\\\"\" \ta*b%$";
    uint32_t state = 1;
    for (int round = 0; round < 20000; round++) {
        char word[12] = {0}, back[64];
        for (size_t i = 0; i < sizeof word - 1; i++) {
            state = state * 1664525u + 1013904223u;
            size_t pick = (state >> 16) % sizeof letters;
            if (pick == sizeof letters - 1)
                break;
            word[i] = letters[pick];
        }
        windows(word);
        CHECK(read_windows(out.ptr, back) == out.len);
        CHECK(strcmp(back, word) == 0);
    }
}

TEST(unit_words)
{
    CHECK(strcmp(unit("a b", false), "\"a b\"") == 0);
    CHECK(strcmp(unit("", false), "\"\"") == 0);
    CHECK(strcmp(unit("%h $HOME \"q\" \\n ;", false), "\"%%h $$HOME \\\"q\\\" \\\\n ;\"") == 0);
    CHECK(strcmp(unit("/a/%h/$x", true), "\"/a/%%h/$x\"") == 0);
}

TEST(xml_is_ascii)
{
    CHECK(strcmp(xml("a b"), "a b") == 0);
    CHECK(strcmp(xml("<&>\"'"), "&#x3C;&#x26;&#x3E;&#x22;&#x27;") == 0);
    CHECK(strcmp(xml("\xE6\x97\xA5"), "&#x65E5;") == 0);
    CHECK(strcmp(xml("\xF0\x9F\x98\x80"), "&#x1F600;") == 0);
    CHECK(strcmp(xml("a\xFF"), "a&#xFFFD;") == 0);
}

TEST(what_may_be_scheduled)
{
    CHECK(schedule_text_fits(STR("")));
    CHECK(schedule_text_fits(STR("C:\\\xE6\x97\xA5 %\"$<>")));
    CHECK(!schedule_text_fits(STR("a\nb")));
    CHECK(!schedule_text_fits(STR("a\rb")));
    CHECK(!schedule_text_fits(STR("a\0b")));
    CHECK(!schedule_text_fits(STR("a\x7F")));
    CHECK(!schedule_text_fits(STR("\xC2\x85")));     /* NEL */
    CHECK(!schedule_text_fits(STR("\xE2\x80\xA8"))); /* line separator */
    CHECK(!schedule_text_fits(STR("\xED\xA0\x80"))); /* a lone surrogate */
    CHECK(!schedule_text_fits(STR("\xEF\xBF\xBE"))); /* U+FFFE, which XML forbids */
    CHECK(!schedule_text_fits(STR("\xFF")));
}

TEST(names)
{
    CHECK(schedule_name_fits(STR("check")));
    CHECK(schedule_name_fits(STR("1.a_B-c")));
    CHECK(!schedule_name_fits(STR("")));
    CHECK(!schedule_name_fits(STR(".a")));
    CHECK(!schedule_name_fits(STR("-a")));
    CHECK(!schedule_name_fits(STR("a.")));
    CHECK(!schedule_name_fits(STR("a/b")));
    CHECK(!schedule_name_fits(STR("a\\b")));
    CHECK(!schedule_name_fits(STR("a b")));
    CHECK(!schedule_name_fits(STR("a\0b")));
    CHECK(!schedule_name_fits(STR("a\xC3\xA4")));
}

/* Folders and tasks of such names cannot be made on Windows. */
TEST(names_of_devices)
{
    CHECK(!schedule_name_fits(STR("nul")));
    CHECK(!schedule_name_fits(STR("CON")));
    CHECK(!schedule_name_fits(STR("Aux.daily")));
    CHECK(!schedule_name_fits(STR("com1")));
    CHECK(!schedule_name_fits(STR("LPT9.x.y")));
    CHECK(schedule_name_fits(STR("null")));
    CHECK(schedule_name_fits(STR("com")));
    CHECK(schedule_name_fits(STR("com10")));
    CHECK(schedule_name_fits(STR("comx")));
    CHECK(schedule_name_fits(STR("a.con")));
}

static const char *event(const char *text)
{
    begin();
    sb_event_text(&out, str_of(text));
    return out.ptr;
}

TEST(texts_of_the_event_log)
{
    CHECK(strcmp(event("exit 1, C:\\a"), "exit 1, C:\\a") == 0);
    CHECK(strcmp(event("100% of %TEMP% %"), "100% of %TEMP% %") == 0);
    CHECK(strcmp(event("C:\\%1\\%20"), "C:\\\xEF\xBC\x85"
                                       "1\\\xEF\xBC\x85"
                                       "20") == 0);
    CHECK(strcmp(event("%%5"), "\xEF\xBC\x85\xEF\xBC\x85"
                               "5") == 0);
}

/* The whole task, so that a change of it is seen; tests/wine/schedule_test.sh has it element by
 * element. */
TEST(task)
{
    struct str arguments[] = {STR("--set"), STR("mirrors=a & <b>")};
    const struct schedule s = {.name = STR("house"),
                               .program = STR("C:\\A & B\\rectify.exe"),
                               .hour = 4,
                               .minute = 5,
                               .keep = 9,
                               .arguments = arguments,
                               .argument_count = 2};
    begin();
    schedule_task_xml(&s, &out);
    CHECK(strstr(out.ptr, "<Command>&#x22;C:\\A &#x26; B\\rectify.exe&#x22;</Command>"));
    CHECK(strstr(out.ptr, "<Arguments>schedule run --name house --keep 9 -- --set "
                          "&#x22;mirrors=a &#x26; &#x3C;b&#x3E;&#x22;</Arguments>"));
    CHECK(strstr(out.ptr, "<StartBoundary>2024-01-01T04:05:00</StartBoundary>"));
    CHECK(strstr(out.ptr, "<URI>\\rectify\\house</URI>"));
    CHECK(!strstr(out.ptr, "RandomDelay"));
}

TEST_MAIN()
