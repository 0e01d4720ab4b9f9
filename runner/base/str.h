/* Text: `struct str` borrows UTF-8 bytes with a length (Windows names may hold NUL), `struct sb` is
 * a growing buffer with a mandatory maximum and a sticky failure: append, append, test `bad` once.
 *
 * Text that came from UTF-16 may hold lone surrogates; they are kept in the generalised UTF-8 form
 * (ED A0..BF xx), so that no name is lost; each output format escapes them in its own way. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){("" literal), sizeof(literal) - 1})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)((s).len > 1u << 20 ? 1u << 20 : (s).len), (s).ptr ? (s).ptr : ""

static inline struct str str_of(const char *cstr)
{
    return (struct str){cstr, cstr ? strlen(cstr) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Bytewise order, shorter first on a common prefix. */
int str_cmp(struct str a, struct str b);

/* NUL-terminated copy in the arena; {NULL,0} when it is full. */
struct str str_dup(struct arena *a, struct str s);

/* printf into the arena; {NULL,0} when it is full. */
struct str str_fmt(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

struct sb {
    char *ptr; /* NUL-terminated once anything was appended */
    size_t len, cap, max;
    bool bad;
};

void sb_init(struct sb *b, size_t max);
void sb_done(struct sb *b);
bool sb_reserve(struct sb *b, size_t more); /* room for `more` bytes and a NUL */
void sb_put(struct sb *b, const void *bytes, size_t len);
void sb_putc(struct sb *b, char c);
void sb_puts(struct sb *b, const char *s);
void sb_str(struct sb *b, struct str s);
void sb_printf(struct sb *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sb_hex(struct sb *b, const uint8_t *bytes, size_t len); /* lower case */

/* Length in bytes of the well-formed UTF-8 sequence at p (1 to 4), or 0 when it is none (lone
 * surrogates included); `cp` gets the code point. */
size_t utf8_decode(const char *p, size_t len, uint32_t *cp);

/* A code point in UTF-8, at most 4 bytes; surrogates in the generalised form. */
static inline size_t utf8_encode(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 63));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 63));
        out[2] = (char)(0x80 | (cp & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | (cp >> 18 & 7));
    out[1] = (char)(0x80 | (cp >> 12 & 63));
    out[2] = (char)(0x80 | (cp >> 6 & 63));
    out[3] = (char)(0x80 | (cp & 63));
    return 4;
}

/* Appends a code point; surrogates are written in the generalised form. */
void sb_utf8(struct sb *b, uint32_t cp);
