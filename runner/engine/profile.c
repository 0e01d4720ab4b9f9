/* Profiles: loaded with what they extend, base first. */
#include "base/text.h"
#include "engine/catalogue.h"
#include "engine/policy_file.h"
#include "model/value_json.h"
#include "script/embedded.h"

enum { LAYERS = 32, DEEP = 8 };

#define FOLDER "policies/profiles/"

/* A name without a separator and without .lua is one of those that are built in. */
bool profile_is_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '/' || s.ptr[i] == '\\')
            return false;
    return s.len < 4 || memcmp(s.ptr + s.len - 4, ".lua", 4) != 0;
}

/* The name of a built-in profile, empty for any other file. */
static struct str name_of(const struct embedded_file *f)
{
    struct str path = str_of(f->path);
    size_t folder = strlen(FOLDER);
    if (path.len < folder + 5 || memcmp(path.ptr, FOLDER, folder) != 0)
        return STR("");
    return (struct str){path.ptr + folder, path.len - folder - 4};
}

static bool find_builtin(struct str name, struct script_source *out, struct str *near)
{
    size_t least = 4;
    *near = STR("");
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *f = &embedded_files[i];
        struct str one = name_of(f);
        if (!one.len)
            continue;
        if (str_eq(one, name)) {
            *out = (struct script_source){str_of(f->path), span_of(f->bytes, f->len), true};
            return true;
        }
        size_t d = text_distance(one, name);
        if (d < least)
            least = d, *near = one;
    }
    return false;
}

/* Beside the file that extends it. */
static struct str beside(struct arena *a, struct str file, struct str name)
{
    size_t at = file.len;
    bool absolute = name.len && name.ptr[0] == '/';
    while (name.len > 2 && name.ptr[0] == '.' && (name.ptr[1] == '/' || name.ptr[1] == '\\'))
        name = (struct str){name.ptr + 2, name.len - 2};
    while (at && file.ptr[at - 1] != '/' && file.ptr[at - 1] != '\\')
        at--;
    return absolute ? name : str_fmt(a, STR_FMT STR_FMT, (int)at, file.ptr, STR_ARG(name));
}

/* "site.lua:3: " before what is wrong with the profile that `by` extends. */
static struct str place(struct arena *a, const struct profile *by)
{
    struct span text = span_of(by->source.ptr, by->source.len);
    return str_fmt(a, STR_FMT ":%d: ", STR_ARG(by->file),
                   value_word_line(text, by->line, STR("extends")));
}

static bool find_source(struct catalogue *c, struct str name, const struct profile *by,
                        struct script_source *out, struct err *e)
{
    struct str near, at = by ? place(&c->mem, by) : STR("--profile: ");
    if (profile_is_name(name) || (by && by->builtin)) {
        if (find_builtin(name, out, &near))
            return true;
        return err_set(e, by ? ERR_FORMAT : ERR_USAGE, 0,
                       STR_FMT "there is no built-in profile \"" STR_FMT "\"%s" STR_FMT "%s",
                       STR_ARG(at), STR_ARG(name), near.len ? " (did you mean \"" : "",
                       STR_ARG(near), near.len ? "\"?)" : "");
    }
    struct err why = {0};
    out->path = by ? beside(&c->mem, by->file, name) : name;
    out->builtin = false;
    if (policy_file_read(out->path, POLICY_FILE_SIZE, &c->mem, &out->text, &why))
        return true;
    return err_set(e, why.kind, 0, STR_FMT "%s", STR_ARG(by ? at : STR("")), why.text);
}

static bool load_chain(const struct engine_options *options, struct catalogue *c, struct str name,
                       const struct profile **chain, size_t *count, struct err *e)
{
    const struct profile *by = NULL;
    for (; name.len; name = by->extends) {
        struct script_source source = {0};
        struct profile *p = NULL;
        if (!find_source(c, name, by, &source, e))
            return false;
        for (size_t i = 0; i < *count; i++)
            if (str_eq(chain[i]->file, source.path))
                return err_set(e, ERR_FORMAT, 0,
                               STR_FMT "the profile extends itself, by way of " STR_FMT,
                               STR_ARG(place(&c->mem, by)), STR_ARG(source.path));
        if (*count == DEEP)
            return err_set(e, ERR_FORMAT, 0, STR_FMT "profiles extend each other more than %d deep",
                           STR_ARG(place(&c->mem, by)), DEEP);
        struct err why = {0};
        if (!script_load_profile(&source, &options->limits, &c->mem, &p, &why))
            return err_set(e, why.kind == ERR_USAGE ? ERR_FORMAT : why.kind, why.at, "%s",
                           why.text);
        chain[(*count)++] = by = p;
    }
    return true;
}

static void add_layer(struct catalogue *c, struct choice *out, const struct profile *p)
{
    out->layers[out->layer_count++] = p;
    if (p->only_count)
        out->only = p;
    if (p->has_severity)
        out->severity = p;
    c->profile = c->profile.len ? str_fmt(&c->mem, STR_FMT "; " STR_FMT, STR_ARG(c->profile),
                                          STR_ARG(p->title))
                                : p->title;
}

bool profiles_load(const struct engine_options *options, struct catalogue *c, struct choice *out,
                   struct err *e)
{
    *out = (struct choice){.layer_count = 0};
    if (!options->profile_count)
        return true;
    out->layers = ARENA_ARRAY(&c->mem, LAYERS, const struct profile *);
    if (!out->layers)
        return err_set(e, ERR_NOMEM, 0, "no memory for the profiles");
    for (size_t i = 0; i < options->profile_count; i++) {
        const struct profile *chain[DEEP];
        size_t count = 0;
        if (!load_chain(options, c, options->profiles[i], chain, &count, e))
            return false;
        if (out->layer_count + count > LAYERS)
            return err_set(e, ERR_USAGE, 0, "more than %d profiles", LAYERS);
        while (count)
            add_layer(c, out, chain[--count]);
    }
    return true;
}
