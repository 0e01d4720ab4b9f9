#include "script/coverage.h"

static size_t lines_of(struct span text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

struct covered_file *script_coverage_file(struct script_coverage *c, struct str path,
                                          struct span text)
{
    for (size_t i = 0; i < c->count; i++)
        if (str_eq(str_of(c->files[i].path), path))
            return &c->files[i];
    struct covered_file *grown = realloc(c->files, (c->count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    c->files = grown;
    struct covered_file *f = &grown[c->count];
    *f = (struct covered_file){.text = text, .line_count = lines_of(text)};
    f->path = calloc(1, path.len + 1);
    f->lines = calloc(f->line_count + 1, 1);
    if (!f->path || !f->lines) {
        free(f->path);
        free(f->lines);
        return NULL;
    }
    memcpy(f->path, path.ptr, path.len);
    c->count++;
    return f;
}

void script_coverage_mark(struct covered_file *f, int line, uint8_t what)
{
    if (f && line > 0 && (size_t)line <= f->line_count)
        f->lines[line] |= what;
}

void script_coverage_merge(struct script_coverage *into, const struct script_coverage *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct covered_file *f = &from->files[i];
        struct covered_file *to = script_coverage_file(into, str_of(f->path), f->text);
        for (size_t line = 1; line <= f->line_count; line++)
            script_coverage_mark(to, (int)line, f->lines[line]);
    }
}

void script_coverage_done(struct script_coverage *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->files[i].path);
        free(c->files[i].lines);
    }
    free(c->files);
    *c = (struct script_coverage){0};
}
