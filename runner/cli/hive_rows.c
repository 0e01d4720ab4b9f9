#include <stdio.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/utf16.h"
#include "base/wtime.h"
#include "cli/hive_rows.h"

enum { FLUSH_AT = 1 << 18 };

static void flush(struct hive_rows *rows)
{
    if (rows->out.len && fwrite(rows->out.ptr, 1, rows->out.len, stdout) != rows->out.len)
        rows->failed = true;
    rows->out.len = 0;
}

/* Tab, CR, LF, backslash and controls escaped; bytes that are not UTF-8 as \xNN. */
static void put_tsv(struct sb *b, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len;) {
        uint32_t cp = 0;
        unsigned char c = (unsigned char)s.ptr[i];
        size_t n = c >= 32 && c < 127 ? 1 : utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n > 1 || (c >= 32 && c != 127 && c != '\\' && n == 1)) {
            i += n;
            continue;
        }
        sb_put(b, s.ptr + from, i - from);
        const char *mark = c == '\t' ? "\\t" : c == '\r' ? "\\r" : c == '\n' ? "\\n" : NULL;
        if (c == '\\')
            mark = "\\\\";
        if (mark)
            sb_puts(b, mark);
        else
            sb_printf(b, "\\x%02X", c);
        from = ++i;
    }
    sb_put(b, s.ptr + from, s.len - from);
}

/* printf costs more than all the rest of a row. */
static void put_number(struct sb *b, uint64_t v)
{
    char digits[20];
    size_t n = sizeof digits;
    do
        digits[--n] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    sb_put(b, digits + n, sizeof digits - n);
}

void hive_rows_begin(struct hive_rows *rows, enum hive_format format)
{
    *rows = (struct hive_rows){.format = format};
    sb_init(&rows->out, SIZE_MAX / 4);
    sb_init(&rows->key, SIZE_MAX / 4);
    sb_init(&rows->written, 256);
    if (format == HIVE_TSV)
        sb_puts(&rows->out, "key\tname\ttype\tsize\tsha256\tdata\twritten\n");
}

void hive_rows_key(struct hive_rows *rows, struct str path, uint64_t last_written)
{
    char time[WTIME_TEXT];
    wtime_format(last_written, time);
    rows->key.len = rows->written.len = 0;
    if (rows->format == HIVE_TSV) {
        put_tsv(&rows->key, path);
        sb_printf(&rows->written, "\t%s\n", time);
        return;
    }
    sb_puts(&rows->key, "{\"key\":");
    sb_json(&rows->key, path);
    sb_puts(&rows->key, ",\"name\":");
    sb_puts(&rows->written, ",\"written\":");
    if (last_written)
        sb_json(&rows->written, str_of(time));
    else
        sb_puts(&rows->written, "null");
    sb_puts(&rows->written, "}\n");
}

static bool is_number(const struct hive_row *row, uint64_t *out)
{
    const uint8_t *p = row->data.ptr;
    if (row->type == REGF_DWORD && row->data.len == 4)
        *out = load_u32(p);
    else if (row->type == REGF_DWORD_BIG_ENDIAN && row->data.len == 4)
        *out = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    else if (row->type == REGF_QWORD && row->data.len == 8)
        *out = load_u64(p);
    else
        return false;
    return true;
}

/* The next string of a REG_MULTI_SZ; false at the empty one or at the end. */
static bool next_string(struct span data, size_t *pos, struct span *out)
{
    size_t from = *pos, to = from;
    while (data.len - to >= 2 && load_u16(data.ptr + to) != 0)
        to += 2;
    *out = (struct span){data.ptr + from, to - from};
    *pos = data.len - to >= 2 ? to + 2 : data.len;
    return to > from;
}

static bool put_text(struct hive_rows *rows, struct span utf16, struct arena *a, struct err *e)
{
    struct str s = utf16z_to_utf8(a, utf16);
    if (!s.ptr)
        return err_set(e, ERR_NOMEM, 0, "no memory for %zu bytes of text", utf16.len);
    if (rows->format == HIVE_TSV)
        put_tsv(&rows->out, s);
    else
        sb_json(&rows->out, s);
    return true;
}

static bool put_list(struct hive_rows *rows, struct span data, struct arena *a, struct err *e)
{
    bool json = rows->format == HIVE_JSONL, ok = true;
    struct span one;
    size_t count = 0;
    if (json)
        sb_putc(&rows->out, '[');
    for (size_t pos = 0; ok && next_string(data, &pos, &one); count++) {
        if (count)
            sb_puts(&rows->out, json ? "," : "\\x00");
        ok = put_text(rows, one, a, e);
    }
    if (json)
        sb_putc(&rows->out, ']');
    return ok;
}

static bool put_data(struct hive_rows *rows, const struct hive_row *row, struct arena *a,
                     struct err *e)
{
    uint64_t number;
    struct sb *b = &rows->out;
    switch (row->type) {
    case REGF_SZ:
    case REGF_EXPAND_SZ:
    case REGF_LINK:
        return put_text(rows, row->data, a, e);
    case REGF_MULTI_SZ:
        return put_list(rows, row->data, a, e);
    default:
        break;
    }
    if (is_number(row, &number)) {
        put_number(b, number);
        return true;
    }
    if (rows->format == HIVE_JSONL)
        sb_putc(b, '"');
    sb_hex(b, row->data.ptr, row->data.len);
    if (rows->format == HIVE_JSONL)
        sb_putc(b, '"');
    return true;
}

/* All columns before `data`. */
static void put_head(struct hive_rows *rows, const struct hive_row *row, const char hex[SHA256_HEX])
{
    struct sb *b = &rows->out;
    const char *type = regf_type_name(row->type);
    bool json = rows->format == HIVE_JSONL;
    sb_str(b, (struct str){rows->key.ptr, rows->key.len});
    if (json) {
        sb_json(b, row->name);
        sb_puts(b, ",\"type\":");
    } else {
        sb_putc(b, '\t');
        put_tsv(b, row->name);
        sb_putc(b, '\t');
    }
    const char *quote = json && type ? "\"" : "";
    sb_puts(b, quote);
    if (type)
        sb_puts(b, type);
    else
        put_number(b, row->type);
    sb_puts(b, quote);
    sb_puts(b, json ? ",\"size\":" : "\t");
    put_number(b, row->data.len);
    sb_puts(b, json ? ",\"sha256\":\"" : "\t");
    sb_put(b, hex, SHA256_HEX - 1);
    sb_puts(b, json ? "\",\"data\":" : "\t");
}

bool hive_rows_value(struct hive_rows *rows, const struct hive_row *row, struct arena *a,
                     struct err *e)
{
    struct sb *b = &rows->out;
    char hex[SHA256_HEX];
    size_t start = b->len;
    if (!sha256_hex(row->data, hex, e))
        return false;
    put_head(rows, row, hex);
    bool ok = put_data(rows, row, a, e);
    sb_str(b, (struct str){rows->written.ptr, rows->written.len});
    if (b->bad)
        ok = err_set(e, ERR_NOMEM, 0, "no memory for a row");
    if (!ok)
        b->len = start;
    else if (b->len >= FLUSH_AT)
        flush(rows);
    return ok;
}

bool hive_rows_end(struct hive_rows *rows)
{
    flush(rows);
    if (fflush(stdout) != 0 || ferror(stdout) || rows->out.bad)
        rows->failed = true;
    sb_done(&rows->out);
    sb_done(&rows->key);
    sb_done(&rows->written);
    return !rows->failed;
}
