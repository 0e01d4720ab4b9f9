/* The truth-*.tsv tables of the corpus: one header line, tab-separated columns found by name.
 * Everything lives until tsv_done(); lines that do not fit the header are a failed check. */
#pragma once

#include "check.h"

enum { TSV_COLUMNS = 40 };

struct tsv {
    char *text, *next;
    char *head[TSV_COLUMNS], *cell[TSV_COLUMNS];
    size_t columns;
};

static inline char *read_whole(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (text) {
        *len = fread(text, 1, (size_t)size, f);
        text[*len] = 0;
    }
    fclose(f);
    return text;
}

static inline size_t tsv_split(char *line, char **cells)
{
    size_t n = 0;
    for (char *p = line; p && n < TSV_COLUMNS; n++) {
        cells[n] = p;
        p = strchr(p, '\t');
        if (p)
            *p++ = 0;
    }
    return n;
}

static inline char *tsv_line(struct tsv *t)
{
    char *line = t->next;
    if (!line || !*line)
        return NULL;
    char *end = strchr(line, '\n');
    if (end)
        *end = 0;
    t->next = end ? end + 1 : NULL;
    return line;
}

static inline bool tsv_open(struct tsv *t, const char *corpus, const char *name)
{
    char path[4096];
    size_t len;
    *t = (struct tsv){0};
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    t->text = t->next = read_whole(path, &len);
    char *line = t->text ? tsv_line(t) : NULL;
    if (!line)
        return false;
    t->columns = tsv_split(line, t->head);
    return true;
}

static inline bool tsv_next(struct tsv *t)
{
    char *line = tsv_line(t);
    if (!line)
        return false;
    CHECK_U64(tsv_split(line, t->cell), t->columns);
    return true;
}

/* The cell of a column; "" for a column that is not there. */
static inline const char *tsv_get(const struct tsv *t, const char *column)
{
    for (size_t i = 0; i < t->columns; i++)
        if (strcmp(t->head[i], column) == 0 && t->cell[i])
            return t->cell[i];
    return "";
}

static inline void tsv_done(struct tsv *t)
{
    free(t->text);
    *t = (struct tsv){0};
}
