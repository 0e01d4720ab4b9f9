/* Keys and values of a hive as libhivex's hivexml sees them: a reader that shares nothing with
 * ours.  Sorted lines, without times and places. */
#pragma once

#include "base/str.h"
#include "check.h"
#include "system.h"

#define HIVEXML "/usr/bin/hivexml"

static inline bool hivex_there(void)
{
    return program_there(HIVEXML);
}

static inline bool hivex_xml(const char *file, struct sb *out)
{
    const char *const argv[] = {HIVEXML, file, NULL};
    return program_output(argv, out);
}

static inline int hivex_order(const void *x, const void *y)
{
    const struct str *a = x, *b = y;
    return str_cmp(*a, *b);
}

/* "path\0" for every key, "path\0<value ...>" for every value. */
static inline void hivex_lines(const struct sb *xml, struct sb *text, size_t *at, size_t *count,
                               size_t most)
{
    char path[4096] = "";
    const char *end, *p = xml->ptr;
    while ((p = strchr(p, '<'))) {
        if (strncmp(p, "<node ", 6) == 0) {
            size_t len = strlen(path);
            end = strchr(p, '>');
            const char *name = strstr(p, "name=\""), *quote = name ? strchr(name + 6, '"') : NULL;
            /* The root's name is not part of a path, and is in no registry either. */
            bool root = strstr(p, "root=\"1\"") && strstr(p, "root=\"1\"") < end;
            snprintf(path + len, sizeof path - len, "\\%.*s", root ? 0 : (int)(quote - name - 6),
                     name + 6);
            at[(*count)++] = text->len;
            sb_printf(text, "%s", path);
        } else if (strncmp(p, "</node>", 7) == 0) {
            char *last = strrchr(path, '\\');
            CHECK(last != NULL);
            if (last)
                *last = '\0';
            end = p + 6;
        } else if (strncmp(p, "<value ", 7) == 0) {
            const char *runs = strstr(p, "<byte_runs>");
            end = strstr(p, "</value>");
            at[(*count)++] = text->len;
            sb_printf(text, "%s ", path);
            sb_put(text, p, (size_t)((runs && runs < end ? runs : end) - p));
        } else {
            end = strchr(p, '>');
        }
        p = end + 1;
        if (*count + 1 >= most)
            break;
    }
    at[*count] = text->len;
}

/* False: hivexml cannot read it. */
static inline bool hivex_listing(const char *file, struct sb *out)
{
    enum { MOST = 100000 };
    struct sb xml, text;
    size_t count = 0, *at = calloc(MOST, sizeof *at);
    struct str *lines = calloc(MOST, sizeof *lines);
    sb_init(&xml, 64 << 20);
    sb_init(&text, 64 << 20);
    sb_init(out, 64 << 20);
    bool ok = at && lines && hivex_xml(file, &xml);
    if (ok) {
        hivex_lines(&xml, &text, at, &count, MOST);
        for (size_t i = 0; i < count; i++)
            lines[i] = (struct str){text.ptr + at[i], at[i + 1] - at[i]};
        qsort(lines, count, sizeof *lines, hivex_order);
        for (size_t i = 0; i < count; i++) {
            sb_str(out, lines[i]);
            sb_putc(out, '\n');
        }
    }
    sb_done(&xml);
    sb_done(&text);
    free(at);
    free(lines);
    return ok && count > 0;
}
