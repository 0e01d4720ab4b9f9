/* Fields as they are written: those that do not exist, those given twice, those that are computed
 * although people and programs read them from the file. */
#include "engine/lint_file.h"
#include "model/schemas.h"

static void unknown_field(struct lint_file *f, const struct schema *s, const struct table_field *at)
{
    struct nearest n = nearest_of(at->name);
    for (size_t i = 0; i < s->count; i++)
        nearest_try(&n, str_of(s->fields[i].name));
    bool near = nearest_found(&n);
    lint_say(f, at->line, LINT_ERROR, "unknown-field", "%s: unknown field \"%.60s\"%s" STR_FMT "%s",
             s->name, str_dup(f->lint->mem, at->name).ptr, near ? " (did you mean \"" : "",
             STR_ARG(near ? n.best : STR("")), near ? "\"?)" : "");
}

enum { FIELDS_SEEN = 32 };

/* Some constructors take one of two tables: as a want, and in `repair`. */
static bool is_field(const struct schema *s, struct str name)
{
    for (size_t i = 0; schemas[i]; i++)
        if (strcmp(schemas[i]->name, s->name) == 0 && schema_field(schemas[i], name))
            return true;
    return false;
}

static void look_at_fields(struct lint_file *f, const struct schema *s, const struct call *c)
{
    const struct tokens *t = &f->tokens;
    struct str seen[FIELDS_SEEN];
    size_t count = 0, i = c->table + 1;
    struct table_field at;
    while (lint_field(t, t->items[c->table].partner, &i, &at)) {
        if (!is_field(s, at.name)) {
            unknown_field(f, s, &at);
            continue;
        }
        for (size_t k = 0; k < count; k++)
            if (str_eq(seen[k], at.name))
                lint_say(f, at.line, LINT_ERROR, "double-field",
                         "%s: field \"" STR_FMT "\" is given twice, only the last counts", s->name,
                         STR_ARG(at.name));
        if (count < FIELDS_SEEN)
            seen[count++] = at.name;
    }
}

/* A text, or texts joined by `..`. */
static bool literal_text(const struct tokens *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if ((i - from) % 2 ? !token_is(t, i, "..") : t->items[i].kind != TOKEN_TEXT)
            return false;
    return (to - from) % 2 == 1;
}

static bool literal(const struct tokens *t, const struct table_field *v)
{
    if (!token_is(t, v->value, "{"))
        return literal_text(t, v->value, v->end);
    size_t close = t->items[v->value].partner;
    for (size_t i = v->value + 1; i < close;) {
        size_t end = lint_skip(t, i, close);
        if (!literal_text(t, i, end))
            return false;
        i = end + 1;
    }
    return close + 1 == v->end;
}

/* A catalogue of rules can then be read without running anything, also by other tools. */
static void look_at_metadata(struct lint_file *f, const struct call *c)
{
    static const char *const names[] = {"id", "title", "severity", "references", "needs"};
    struct table_field v;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (lint_find_field(&f->tokens, c, names[i], &v) && !literal(&f->tokens, &v))
            lint_say(f, v.line, LINT_WARNING, "non-literal",
                     "%s: \"%s\" is computed: write it down, so that the file can be read without "
                     "running it",
                     c->name, names[i]);
}

void lint_fields(struct lint_file *f)
{
    struct call c;
    for (size_t i = 0; i < f->tokens.count; i++) {
        if (!lint_call(&f->tokens, i, &c) || !c.table)
            continue;
        const struct schema *s = schema_find(str_of(c.name));
        if (s)
            look_at_fields(f, s, &c);
        if (strcmp(c.name, "rule") == 0 || strcmp(c.name, "policy") == 0)
            look_at_metadata(f, &c);
    }
}

/* ---- paths ---------------------------------------------------------------------------------- */

static bool has_drive(struct str s)
{
    return s.len > 2 && s.ptr[1] == ':' && s.ptr[2] == '\\' &&
           ((s.ptr[0] >= 'A' && s.ptr[0] <= 'Z') || (s.ptr[0] >= 'a' && s.ptr[0] <= 'z'));
}

/* Folders whose names are another in other languages (of Windows before Vista also on disk). */
static const char *const localized_folders[] = {
    "Program Files", "Programme", "Documents and Settings", "Dokumente und Einstellungen",
    "Start Menu",    "Startup",
};

static bool names_folder(struct str s, const char *folder)
{
    size_t len = strlen(folder);
    for (size_t i = 0; i + len <= s.len; i++) {
        size_t k = 0;
        while (k < len && (s.ptr[i + k] | 0x20) == (folder[k] | 0x20))
            k++;
        bool begins = i && s.ptr[i - 1] == '\\', ends = i + len == s.len || s.ptr[i + len] == '\\';
        if (k == len && begins && ends)
            return true;
    }
    return false;
}

static void look_at_path(struct lint_file *f, const struct token *text)
{
    struct str path = text->text;
    size_t doubled = 0;
    char *plain = arena_alloc(f->lint->mem, path.len + 1);
    for (size_t i = 0; plain && i < path.len; i++) /* "C:\\X" in quotes */
        if (!(i && path.ptr[i] == '\\' && path.ptr[i - 1] == '\\'))
            plain[doubled++] = path.ptr[i];
    path = (struct str){plain, doubled};
    if (has_drive(path))
        lint_say(f, text->line, LINT_WARNING, "locale",
                 "the path names a drive, which differs between hosts: write %%SystemRoot%%, "
                 "%%ProgramFiles%% or the registry value that holds the folder");
    for (size_t i = 0; i < sizeof localized_folders / sizeof *localized_folders; i++)
        if (names_folder(path, localized_folders[i]))
            lint_say(f, text->line, LINT_WARNING, "locale",
                     "\"%s\" has another name on Windows in other languages: write a %%variable%% "
                     "or the registry value that holds the folder",
                     localized_folders[i]);
}

/* Texts inside calls that take paths. */
void lint_paths(struct lint_file *f)
{
    struct call c;
    for (size_t i = 0; i < f->tokens.count; i++) {
        if (!lint_call(&f->tokens, i, &c))
            continue;
        const char *dot = strchr(c.name, '.');
        bool host = dot && (strcmp(dot, ".file") == 0 || strcmp(dot, ".signature") == 0);
        if (!host && strncmp(c.name, "file.", 5) != 0 && strncmp(c.name, "signature.", 10) != 0 &&
            strcmp(c.name, "source.file") != 0 && strcmp(c.name, "certificate.present") != 0)
            continue;
        for (size_t k = c.args; k <= c.end; k++)
            if (f->tokens.items[k].kind == TOKEN_TEXT)
                look_at_path(f, &f->tokens.items[k]);
    }
}
