#include <stdlib.h>

#include "base/json.h"
#include "cli/log_query.h"

enum { MEMORY_MAX = 1 << 30 };

struct group {
    struct str key; /* the row up to its count, as it will be written */
    uint64_t count;
};

struct log_counts {
    const struct log_query *q;
    struct arena mem;
    struct group *group;
    size_t used, cap;
    struct sb key;
};

void sb_tsv(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.len && !b->bad;) {
        uint32_t cp;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        uint8_t c = (uint8_t)s.ptr[i];
        if (c == '\t' || c == '\r' || c == '\n' || c == '\\') {
            sb_putc(b, '\\');
            sb_putc(b, c == '\t' ? 't' : c == '\r' ? 'r' : c == '\n' ? 'n' : '\\');
        } else if (n == 0 || c < 0x20 || c == 0x7F) {
            sb_printf(b, "\\x%02x", c);
        } else {
            sb_put(b, s.ptr + i, n);
        }
        i += n ? n : 1;
    }
}

struct log_counts *log_counts_new(const struct log_query *q)
{
    struct log_counts *c = calloc(1, sizeof *c);
    if (c) {
        c->q = q;
        arena_init(&c->mem, MEMORY_MAX);
        sb_init(&c->key, 1 << 20);
    }
    return c;
}

void log_counts_free(struct log_counts *c)
{
    if (!c)
        return;
    arena_done(&c->mem);
    sb_done(&c->key);
    free(c->group);
    free(c);
}

static void json_columns(struct sb *b, const struct log_query *q, const struct str text[])
{
    static const char *const name[] = {"channel", "provider", "id"};
    for (size_t i = 0; i < q->columns; i++) {
        sb_printf(b, "%c\"%s\":", i ? ',' : '{', name[q->column[i]]);
        if (q->column[i] == LOG_ID)
            sb_str(b, text[LOG_ID]);
        else
            sb_json(b, text[q->column[i]]);
    }
}

static int by_key(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return str_cmp(x->key, y->key);
}

/* Equal keys become one group. */
static void merge(struct log_counts *c)
{
    size_t out = 0;
    if (c->used)
        qsort(c->group, c->used, sizeof *c->group, by_key);
    for (size_t i = 0; i < c->used; i++)
        if (out && str_eq(c->group[out - 1].key, c->group[i].key))
            c->group[out - 1].count += c->group[i].count;
        else
            c->group[out++] = c->group[i];
    c->used = out;
}

static bool grow(struct log_counts *c)
{
    if (c->used < c->cap)
        return true;
    merge(c);
    if (c->used < c->cap / 2)
        return true;
    size_t cap = c->cap ? c->cap * 2 : 256;
    struct group *p = realloc(c->group, cap * sizeof *p);
    if (p) {
        c->group = p;
        c->cap = cap;
    }
    return p != NULL;
}

bool log_counts_add(struct log_counts *c, struct str channel, struct str provider, uint16_t id,
                    uint64_t count)
{
    char number[8];
    snprintf(number, sizeof number, "%u", id);
    const struct str text[] = {channel, provider, str_of(number)};
    c->key.len = 0;
    if (c->q->format == LOG_JSONL)
        json_columns(&c->key, c->q, text);
    else
        for (size_t i = 0; i < c->q->columns; i++) {
            if (i)
                sb_putc(&c->key, '\t');
            sb_tsv(&c->key, text[c->q->column[i]]);
        }
    if (!grow(c))
        return false;
    struct str key = str_dup(&c->mem, (struct str){c->key.ptr, c->key.len});
    c->group[c->used++] = (struct group){key, count};
    return key.ptr && !c->key.bad;
}

bool log_counts_write(struct log_counts *c, struct err *e)
{
    static const char *const name[] = {"channel", "provider", "id"};
    struct sb b;
    sb_init(&b, MEMORY_MAX);
    merge(c);
    if (c->q->format == LOG_TSV) {
        for (size_t i = 0; i < c->q->columns; i++)
            sb_printf(&b, "%s\t", name[c->q->column[i]]);
        sb_puts(&b, "count\n");
    }
    for (size_t i = 0; i < c->used; i++) {
        sb_str(&b, c->group[i].key);
        sb_printf(&b, c->q->format == LOG_TSV ? "\t%llu\n" : ",\"count\":%llu}\n",
                  (unsigned long long)c->group[i].count);
    }
    bool ok = !b.bad ? log_write(b.ptr ? b.ptr : "", b.len, e)
                     : err_set(e, ERR_NOMEM, 0, "out of memory");
    sb_done(&b);
    return ok;
}
