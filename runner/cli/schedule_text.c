#include <string.h>

#include "base/utf16.h"
#include "cli/schedule.h"

static bool letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Names of devices, whatever stands behind a dot: Windows makes no folder of such a name. */
static bool is_device(struct str name)
{
    static const char *const plain[] = {"con", "prn", "aux", "nul"};
    const char *dot = memchr(name.ptr, '.', name.len);
    struct str first = {name.ptr, dot ? (size_t)(dot - name.ptr) : name.len};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (str_ieq(first, str_of(plain[i])))
            return true;
    return first.len == 4 && first.ptr[3] >= '0' && first.ptr[3] <= '9' &&
           (str_ieq((struct str){first.ptr, 3}, STR("com")) ||
            str_ieq((struct str){first.ptr, 3}, STR("lpt")));
}

bool schedule_name_fits(struct str name)
{
    bool ok = name.len && name.len <= SCHEDULE_NAME_MOST && letter_or_digit(name.ptr[0]);
    for (size_t i = 0; i < name.len && ok; i++)
        ok = letter_or_digit(name.ptr[i]) || memchr("._-", name.ptr[i], 3);
    /* Windows drops a dot at the end of a file's name. */
    return ok && name.ptr[name.len - 1] != '.' && !is_device(name);
}

bool schedule_text_fits(struct str text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t cp;
        size_t n = utf8_decode(text.ptr + i, text.len - i, &cp);
        if (!n || cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029 ||
            (cp & 0xFFFE) == 0xFFFE)
            return false;
        i += n;
    }
    return true;
}

/* What neither the C library (which also expands * and ?) nor Task Scheduler looks at twice. */
static bool plain(struct str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!letter_or_digit(word.ptr[i]) && !memchr("_-./\\:=+,@", word.ptr[i], 10))
            return false;
    return word.len > 0;
}

/* As CommandLineToArgvW and the C library take words apart: backslashes count as such unless a
 * quote follows them. */
void sb_windows_word(struct sb *b, struct str word)
{
    size_t slashes = 0;
    if (plain(word)) {
        sb_str(b, word);
        return;
    }
    sb_putc(b, '"');
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if (c == '"')
            for (size_t k = 0; k <= slashes; k++)
                sb_putc(b, '\\');
        sb_putc(b, c);
        slashes = c == '\\' ? slashes + 1 : 0;
    }
    while (slashes--)
        sb_putc(b, '\\');
    sb_putc(b, '"');
}

void sb_unit_word(struct sb *b, struct str word, bool path)
{
    sb_putc(b, '"');
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if (c == '"' || c == '\\')
            sb_putc(b, '\\');
        if (c == '%' || (c == '$' && !path))
            sb_putc(b, c);
        sb_putc(b, c);
    }
    sb_putc(b, '"');
}

void sb_xml_ascii(struct sb *b, struct str text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t cp;
        size_t n = utf8_decode(text.ptr + i, text.len - i, &cp);
        if (!n)
            cp = 0xFFFD;
        if (cp < 0x20 || cp >= 0x7F || strchr("<>&\"'", (int)cp))
            sb_printf(b, "&#x%X;", (unsigned)cp);
        else
            sb_putc(b, (char)cp);
        i += n ? n : 1;
    }
}

void sb_event_text(struct sb *b, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char next = i + 1 < text.len ? text.ptr[i + 1] : ' ';
        if (text.ptr[i] == '%' && (next == '%' || (next >= '0' && next <= '9')))
            sb_puts(b, "\xEF\xBC\x85");
        else
            sb_putc(b, text.ptr[i]);
    }
}
