/* Journals.  Oracles: a failure explains itself in one line; what was read whole is read again the
 * same from its whole lines alone; the sums of a mutated file are put right, so that the records
 * behind them are reached too. */
#include "actions/journal_part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_one(struct span bytes)
{
    struct arena a;
    struct journal_data d, again;
    struct err e = {0};
    arena_init(&a, 64 << 20);
    if (journal_read(bytes, &a, &d, &e)) {
        BUG_ON(d.whole > bytes.len || (d.state != JOURNAL_EMPTY) != (d.records > 0));
        BUG_ON(!journal_read((struct span){bytes.ptr, (size_t)d.whole}, &a, &again, &e));
        BUG_ON(again.state != d.state || again.records != d.records || again.whole != d.whole);
        for (size_t i = 0; d.state >= JOURNAL_PREPARED && i < d.change_count; i++)
            BUG_ON(d.changes[i].action >= d.action_count);
    } else {
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0' || strchr(e.text, '\n'));
    }
    arena_done(&a);
}

/* Each line's content with a right chain around it. */
static void chain(struct span bytes, struct sb *out)
{
    static const char start[] = "{\"record\":\"begin\",\"prev\":\"";
    char prev[SHA256_HEX] = "";
    struct err e = {0};
    while (bytes.len) {
        const uint8_t *end = memchr(bytes.ptr, '\n', bytes.len);
        size_t len = end ? (size_t)(end - bytes.ptr) : bytes.len, from = out->len;
        const char *line = (const char *)bytes.ptr;
        size_t head = sizeof start - 1, tail = 8 + SHA256_HEX - 1 + 2;
        /* "prev" stands behind a record name of any length. */
        for (size_t i = 0; i + 8 + SHA256_HEX < len; i++)
            if (memcmp(line + i, "\"prev\":\"", 8) == 0) {
                head = i + 8;
                break;
            }
        if (len < head + SHA256_HEX - 1 + tail)
            break;
        sb_put(out, line, head);
        if (prev[0])
            sb_puts(out, prev);
        else
            for (int i = 0; i < SHA256_HEX - 1; i++)
                sb_putc(out, '0');
        sb_put(out, line + head + SHA256_HEX - 1, len - head - (SHA256_HEX - 1) - tail);
        if (out->bad || !sha256_hex(span_of(out->ptr + from, out->len - from), prev, &e))
            return;
        sb_printf(out, ",\"sum\":\"%s\"}\n", prev);
        bytes.ptr += end ? len + 1 : len;
        bytes.len -= end ? len + 1 : len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sb right;
    read_one(span_of(data, size));
    sb_init(&right, 4 << 20);
    chain(span_of(data, size), &right);
    read_one(span_of(right.ptr, right.len));
    sb_done(&right);
    return 0;
}
