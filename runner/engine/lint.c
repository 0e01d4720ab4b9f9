#include "engine/lint.h"

#include <stdarg.h>
#include <stdlib.h>

#include "engine/lint_file.h"
#include "engine/policy_file.h"

enum { FINDINGS_MAX = 20000, TEXT_MAX = 512 };

/* What is said of a rule stands on its first line; a remark may stand anywhere in it. */
static int last_line(const struct lint_file *f, int line)
{
    struct call c;
    for (size_t i = 0; i < f->tokens.count && f->tokens.items[i].line <= line; i++)
        if (f->tokens.items[i].line == line && token_is(&f->tokens, i, "rule") &&
            lint_call(&f->tokens, i, &c))
            return f->tokens.items[c.end].line;
    return line;
}

static bool allowed(const struct lint_file *f, int line, const char *code)
{
    size_t len = strlen(code);
    int last = f->tokens.remark_count ? last_line(f, line) : line;
    for (size_t i = 0; i < f->tokens.remark_count; i++) {
        const struct token_remark *r = &f->tokens.remarks[i];
        if (r->line + 1 < line || r->line > last)
            continue;
        for (size_t k = 0; k + len <= r->text.len; k++)
            if (memcmp(r->text.ptr + k, code, len) == 0 && k && r->text.ptr[k - 1] == ' ' &&
                (k + len == r->text.len || strchr(" ,\r", r->text.ptr[k + len])))
                return true;
    }
    return false;
}

static bool grow(struct lint *l)
{
    if (l->out->count < l->cap)
        return true;
    size_t cap = l->cap ? l->cap * 2 : 64;
    struct lint_finding *bigger =
        cap <= FINDINGS_MAX * 2 ? ARENA_ARRAY(l->mem, cap, struct lint_finding) : NULL;
    if (!bigger) {
        l->full = true;
        return false;
    }
    if (l->out->count)
        memcpy(bigger, l->out->findings, l->out->count * sizeof *bigger);
    l->out->findings = bigger;
    l->cap = cap;
    return true;
}

void lint_say(struct lint_file *f, int line, enum lint_level level, const char *code,
              const char *fmt, ...)
{
    char text[TEXT_MAX];
    struct lint *l = f->lint;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (allowed(f, line, code))
        return;
    struct lint_finding new = {f->path, line, level, code, str_of(text)};
    for (size_t i = 0; i < l->out->count; i++)
        if (l->out->findings[i].line == line && str_eq(l->out->findings[i].file, f->path) &&
            str_eq(l->out->findings[i].text, new.text))
            return;
    if (!grow(l))
        return;
    new.text = str_dup(l->mem, new.text);
    l->out->findings[l->out->count++] = new;
    l->out->by_level[level]++;
}

/* "file:line: message" of a load error as a finding, unless what was read in the text has told it
 * already: the loader stops at the first. */
static void say_failure(struct lint_file *f, const struct err *why)
{
    const char *text = why->text;
    int line = 0;
    size_t len = f->path.len;
    bool ours = strlen(text) > len && memcmp(text, f->path.ptr, len) == 0 && text[len] == ':';
    if (ours) {
        const char *p = text + len + 1;
        while (*p >= '0' && *p <= '9' && line < 100000000)
            line = line * 10 + (*p++ - '0');
        if (line && *p == ':')
            text = p + (p[1] == ' ' ? 2 : 1);
        else
            line = 0;
    }
    for (size_t i = 0; i < f->lint->out->count; i++) {
        const struct lint_finding *told = &f->lint->out->findings[i];
        if (line && told->line == line && told->level == LINT_ERROR && str_eq(told->file, f->path))
            return;
    }
    lint_say(f, line, LINT_ERROR, "load", "%s", text);
}

/* Named by itself, a product definition stands below no folder that tells; so with profiles. */
static bool defines(const struct tokens *t, const char *what)
{
    struct call c;
    bool found = false;
    for (size_t i = 0; i < t->count; i++)
        if (lint_call(t, i, &c) && c.table) {
            found = found || strcmp(c.name, what) == 0;
            if (strcmp(c.name, "policy") == 0)
                return false;
        }
    return found;
}

static void lint_one(struct lint *l, const struct policy_file *file)
{
    struct lint_file f = {.lint = l, .path = file->path, .text = file->text};
    struct script_source source = {file->path, file->text, false};
    struct script_limits limits = {0};
    struct policy *p = NULL;
    struct err why = {0};
    if (!tokens_read(file->text, l->mem, &f.tokens)) {
        l->full = true;
        return;
    }
    lint_fields(&f);
    lint_paths(&f);
    struct product_def *defs;
    struct profile *profile;
    size_t count;
    bool product = file->products || defines(&f.tokens, "product");
    bool chooses = !product && defines(&f.tokens, "profile");
    l->alone = l->alone || chooses || (product && !file->products);
    bool ok = product   ? script_load_products(&source, 1, &limits, l->mem, &defs, &count, &why)
              : chooses ? script_load_profile(&source, &limits, l->mem, &profile, &why)
                        : script_load_policy(&source, NULL, &limits, l->mem, &p, &why);
    if (!ok) {
        say_failure(&f, &why);
        return;
    }
    f.policy = p;
    lint_rules(&f);
    lint_checks(&f);
    lint_inputs(&f);
}

/* What only shows when the files are loaded together: double ids, products that nobody defines. */
static void lint_together(struct lint *l, const struct str *paths, size_t path_count,
                          const struct policy_files *files)
{
    struct str *copy = ARENA_ARRAY(l->mem, path_count, struct str);
    struct catalogue c = {0};
    struct err why = {0};
    if (!copy)
        return;
    memcpy(copy, paths, path_count * sizeof *copy);
    struct engine_options options = {.policies = copy, .policy_count = path_count};
    if (catalogue_load(&options, &c, &why)) {
        catalogue_done(&c);
        return;
    }
    for (size_t i = 0; i < files->count; i++) {
        struct str path = files->items[i].path;
        struct lint_file f = {.lint = l, .path = path};
        if (strncmp(why.text, path.ptr, path.len) == 0 && why.text[path.len] == ':') {
            say_failure(&f, &why);
            return;
        }
    }
    struct lint_file f = {.lint = l, .path = paths[0]};
    say_failure(&f, &why);
}

static int by_place(const void *a, const void *b)
{
    const struct lint_finding *x = a, *y = b;
    int c = str_cmp(x->file, y->file);
    if (c == 0)
        c = (x->line > y->line) - (x->line < y->line);
    return c ? c : str_cmp(x->text, y->text);
}

bool engine_lint(const struct str *paths, size_t path_count, struct arena *a,
                 struct lint_report *out, struct err *e)
{
    struct lint l = {.mem = a, .out = out};
    struct policy_files files = {0};
    *out = (struct lint_report){0};
    for (size_t i = 0; i < path_count; i++)
        if (!policy_files_read(paths[i], a, &files, e))
            return false;
    for (size_t i = 0; i < files.count; i++) {
        if (files.items[i].tests) /* `policy test` says what is wrong with those */
            continue;
        out->files++;
        lint_one(&l, &files.items[i]);
    }
    if (!l.full && !out->by_level[LINT_ERROR] && !l.alone)
        lint_together(&l, paths, path_count, &files);
    if (l.full || a->full)
        return err_set(e, ERR_NOMEM, 0, "no memory for what lint found");
    if (out->count)
        qsort(out->findings, out->count, sizeof *out->findings, by_place);
    return true;
}
