#include "host/shortname.h"

#include "base/utf16.h"

enum { BASE = 8, EXTENSION = 3 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Base and extension of a name, split at the last dot. */
static void split(struct str name, struct str *base, struct str *ext)
{
    size_t dot = name.len;
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    if (dot <= 1) {
        *base = name;
        *ext = (struct str){"", 0};
        return;
    }
    *base = (struct str){name.ptr, dot - 1};
    *ext = (struct str){name.ptr + dot, name.len - dot};
}

/* Position of the '~' of "XXXXXX~N", or 0. */
static size_t tilde_of(struct str base)
{
    size_t i = base.len;
    while (i > 0 && is_digit(base.ptr[i - 1]))
        i--;
    return i > 1 && i < base.len && base.ptr[i - 1] == '~' ? i - 1 : 0;
}

bool shortname_is(struct str name)
{
    struct str base, ext;
    split(name, &base, &ext);
    if (!base.len || base.len > BASE || ext.len > EXTENSION || memchr(name.ptr, ' ', name.len))
        return false;
    return tilde_of(base) != 0;
}

/* The first characters of a long name as a short name has them. */
static size_t shorten(struct str from, char *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < from.len && n < max; i++) {
        char c = from.ptr[i];
        if (c == ' ' || c == '.')
            continue;
        out[n++] = memchr("+,;=[]", c, 6) ? '_' : c;
    }
    return n;
}

static bool starts_like(struct str base, struct str prefix)
{
    char have[BASE];
    size_t n = shorten(base, have, prefix.len);
    return str_ieq((struct str){have, n}, prefix);
}

static bool all_hex(const char *p, size_t n)
{
    while (n && (is_digit(*p) || (*p >= 'A' && *p <= 'F') || (*p >= 'a' && *p <= 'f')))
        p++, n--;
    return n == 0;
}

/* Such a name is its own short name: Windows makes no other for it. */
static bool is_legal_8_3(struct str name, struct str base, struct str ext)
{
    if (!base.len || base.len > BASE || ext.len > EXTENSION || memchr(base.ptr, '.', base.len))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((uint8_t)name.ptr[i] <= ' ' || memchr("+,;=[]", name.ptr[i], 6))
            return false;
    return true;
}

bool shortname_fits(struct str shortname, struct str name)
{
    struct str sbase, sext, lbase, lext;
    split(shortname, &sbase, &sext);
    split(name, &lbase, &lext);
    if (is_legal_8_3(name, lbase, lext))
        return false;
    size_t tilde = tilde_of(sbase);
    if (!tilde)
        return false;
    char ext[EXTENSION];
    if (!str_ieq((struct str){ext, shorten(lext, ext, EXTENSION)}, sext))
        return false;
    if (starts_like(lbase, (struct str){sbase.ptr, tilde}))
        return true;
    return tilde == 6 && all_hex(sbase.ptr + 2, 4) &&
           starts_like(lbase, (struct str){sbase.ptr, 2});
}

bool shortname_is_first(struct str shortname)
{
    struct str base, ext;
    split(shortname, &base, &ext);
    size_t tilde = tilde_of(base);
    return tilde && base.len == tilde + 2 && base.ptr[tilde + 1] == '1';
}

bool shortname_known(struct str shortname, struct str name)
{
    return (str_ieq(shortname, STR("PROGRA~1")) && str_ieq(name, STR("Program Files"))) ||
           (str_ieq(shortname, STR("DOCUME~1")) && str_ieq(name, STR("Documents and Settings")));
}
