#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

struct str str_dup(struct arena *a, struct str s)
{
    char *p = arena_strdup(a, s.ptr, s.len);
    return p ? (struct str){p, s.len} : (struct str){NULL, 0};
}

struct str str_fmt(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
    if (p)
        vsnprintf(p, (size_t)len + 1, fmt, again);
    va_end(again);
    return p ? (struct str){p, (size_t)len} : (struct str){NULL, 0};
}

void sb_init(struct sb *b, size_t max)
{
    *b = (struct sb){.max = max};
}

void sb_done(struct sb *b)
{
    free(b->ptr);
    *b = (struct sb){.max = b->max};
}

bool sb_reserve(struct sb *b, size_t more)
{
    if (b->bad)
        return false;
    if (more > b->max || b->len > b->max - more) {
        b->bad = true;
        return false;
    }
    if (more < b->cap - b->len)
        return true;
    size_t need = b->len + more + 1;
    size_t cap = b->cap ? b->cap : 256;
    while (cap < need)
        cap *= 2;
    char *p = realloc(b->ptr, cap);
    if (!p) {
        b->bad = true;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    return true;
}

void sb_put(struct sb *b, const void *bytes, size_t len)
{
    if (!sb_reserve(b, len))
        return;
    if (len)
        memcpy(b->ptr + b->len, bytes, len);
    b->len += len;
    b->ptr[b->len] = '\0';
}

void sb_putc(struct sb *b, char c)
{
    sb_put(b, &c, 1);
}

void sb_puts(struct sb *b, const char *s)
{
    sb_put(b, s, strlen(s));
}

void sb_str(struct sb *b, struct str s)
{
    sb_put(b, s.ptr, s.len);
}

void sb_printf(struct sb *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len >= 0 && sb_reserve(b, (size_t)len)) {
        vsnprintf(b->ptr + b->len, (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

void sb_hex(struct sb *b, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    if (len > SIZE_MAX / 2 || !sb_reserve(b, len * 2))
        return;
    for (size_t i = 0; i < len; i++) {
        b->ptr[b->len++] = digits[bytes[i] >> 4];
        b->ptr[b->len++] = digits[bytes[i] & 15];
    }
    b->ptr[b->len] = '\0';
}

size_t utf8_decode(const char *p, size_t len, uint32_t *cp)
{
    const uint8_t *u = (const uint8_t *)p;
    if (len == 0)
        return 0;
    if (u[0] < 0x80) {
        *cp = u[0];
        return 1;
    }
    size_t n = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
    if (u[0] < 0xC2 || u[0] > 0xF4 || len < n)
        return 0;
    uint32_t v = u[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (u[i] & 0x3Fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (v < least[n] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF))
        return 0;
    *cp = v;
    return n;
}

void sb_utf8(struct sb *b, uint32_t cp)
{
    char out[4];
    sb_put(b, out, utf8_encode(out, cp));
}
