#include "host/image.h"

enum { NAME_MAX_BYTES = 260 * 3, TEXT_MAX = 32 << 10 };

static bool is_exe(struct str text, size_t at)
{
    return text.len - at >= 4 && text.ptr[at] == '.' && (text.ptr[at + 1] | 0x20) == 'e' &&
           (text.ptr[at + 2] | 0x20) == 'x' && (text.ptr[at + 3] | 0x20) == 'e';
}

/* Characters that make ".exe" part of a longer name; those outside ASCII do not, because some
 * languages write on without a blank. */
static bool goes_on(struct str text, size_t at)
{
    if (at >= text.len)
        return false;
    char c = text.ptr[at];
    if (c == '.') /* the end of a sentence, or of "x.exe.config" */
        return at + 1 < text.len && text.ptr[at + 1] > ' ';
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '-' || c == '\\';
}

bool image_token(struct str text, struct str *out)
{
    size_t len = text.len < TEXT_MAX ? text.len : TEXT_MAX;
    text.len = len;
    size_t start = SIZE_MAX; /* behind the last backslash */
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\\') {
            start = i + 1;
        } else if (c < ' ') {
            start = SIZE_MAX;
        } else if (start != SIZE_MAX && i > start && i - start <= NAME_MAX_BYTES &&
                   is_exe(text, i) && !goes_on(text, i + 4)) {
            *out = (struct str){text.ptr + start, i + 4 - start};
            return true;
        }
    }
    return false;
}
