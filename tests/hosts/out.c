#include "out.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "out_folder.h"

void out_zero(struct sb *b, size_t count)
{
    static const uint8_t zero[512];
    for (; count > sizeof zero; count -= sizeof zero)
        sb_put(b, zero, sizeof zero);
    sb_put(b, zero, count);
}

void out_align(struct sb *b, size_t unit)
{
    out_zero(b, (unit - b->len % unit) % unit);
}

void out_utf16(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.len;) {
        uint32_t cp = (uint8_t)s.ptr[i];
        size_t n = cp < 0x80 ? 1 : utf8_decode(s.ptr + i, s.len - i, &cp);
        BUG_ON(n == 0); /* the generator's own text */
        if (cp >= 0x10000) {
            cp -= 0x10000;
            out_u16(b, (uint16_t)(0xD800 + (cp >> 10)));
            cp = 0xDC00 + (cp & 0x3FF);
        }
        out_u16(b, (uint16_t)cp);
        i += n;
    }
}

void out_utf16z(struct sb *b, struct str s)
{
    out_utf16(b, s);
    out_u16(b, 0);
}

/* Slicing by eight: a gigabyte of event log is summed twice. */
static uint32_t crc_table[8][256];

static void crc_fill(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        crc_table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            crc_table[k][i] = crc_table[0][crc_table[k - 1][i] & 255] ^ (crc_table[k - 1][i] >> 8);
}

uint32_t out_crc32(uint32_t crc, struct span s)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, crc_fill);
    const uint8_t *p = s.ptr;
    size_t n = s.len;
    crc = ~crc;
    for (; n >= 8; p += 8, n -= 8) {
        uint32_t a = load_u32(p) ^ crc, b = load_u32(p + 4);
        crc = crc_table[7][a & 255] ^ crc_table[6][a >> 8 & 255] ^ crc_table[5][a >> 16 & 255] ^
              crc_table[4][a >> 24] ^ crc_table[3][b & 255] ^ crc_table[2][b >> 8 & 255] ^
              crc_table[1][b >> 16 & 255] ^ crc_table[0][b >> 24];
    }
    for (; n; p++, n--)
        crc = crc_table[0][(crc ^ *p) & 255] ^ (crc >> 8);
    return ~crc;
}

static bool make_folders(const char *path, struct err *e)
{
    char folder[4096];
    size_t len = strlen(path);
    if (len >= sizeof folder)
        return err_set(e, ERR_LIMIT, 0, "path too long");
    for (size_t i = 1; i < len; i++) {
        if (path[i] != '/')
            continue;
        memcpy(folder, path, i);
        folder[i] = '\0';
        if (!out_make_folder(folder))
            return err_set(e, ERR_IO, 0, "mkdir %s: %s", folder, strerror(errno));
    }
    return true;
}

bool out_write_file(const char *path, struct span s, struct err *e)
{
    FILE *f = fopen(path, "wb");
    if (!f && errno == ENOENT) {
        if (!make_folders(path, e))
            return false;
        f = fopen(path, "wb");
    }
    if (!f)
        return err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    bool ok = !s.len || fwrite(s.ptr, 1, s.len, f) == s.len;
    if (fclose(f) != 0 || !ok)
        return err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    return true;
}
