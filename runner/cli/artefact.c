#include "cli/artefact.h"

#include <string.h>

#include "base/utf16.h"
#include "base/wtime.h"
#include "cli/cli.h"
#include "cli/log_files.h"
#include "cli/output.h"
#include "cli/target.h"
#include "host/file.h"

static const char *const formats[] = {"terminal", "json", NULL};

struct run {
    const struct artefact_kind *kind;
    struct target_options target;
    struct outputs outputs;
    enum when_colour colour;
    struct sb bytes[OUTPUTS_MAX];
    struct log_files files;
    const char **named;
    size_t named_count;
    struct host *host;
    struct trust *trust;
    size_t shown, failed;
};

static int option(struct run *r, const struct args *a)
{
    struct err e = {0};
    int taken = r->kind->takes_target ? target_option(a, &r->target) : 0;
    if (taken)
        return taken < 0 ? EXIT_USAGE_ERROR : -1;
    if (args_is(a, "format") && !outputs_add(&r->outputs, a->value, formats, &e))
        return cli_fail(EXIT_USAGE_ERROR, "%s: %s", a->spec->verb, e.text);
    if (args_is(a, "color") && !colour_parse(a->value, &r->colour))
        return args_bad_value(a, "auto, always or never"), EXIT_USAGE_ERROR;
    return -1;
}

static int parse(struct run *r, int argc, char **argv)
{
    struct args a;
    const struct args_spec *spec = r->kind->spec;
    args_begin(&a, spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD) {
            r->named[r->named_count++] = a.value;
            continue;
        }
        int code = option(r, &a);
        if (code >= 0)
            return code;
    }
    if (r->named_count == 0)
        return cli_fail(EXIT_USAGE_ERROR, "%s: no file given; see --help", spec->verb);
    if (r->outputs.count == 0)
        r->outputs.item[r->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

static bool suffix_fits(const struct artefact_kind *kind, const char *path)
{
    struct str p = str_of(path);
    for (size_t i = 0; kind->suffixes[i]; i++) {
        struct str s = str_of(kind->suffixes[i]);
        if (p.len >= s.len && str_ieq((struct str){p.ptr + p.len - s.len, s.len}, s))
            return true;
    }
    return kind->suffixes[0] == NULL;
}

/* C:\..., %SystemRoot%\...: a file of the target. */
static bool is_windows_path(const char *p)
{
    bool letter = (p[0] >= 'A' && p[0] <= 'Z') || (p[0] >= 'a' && p[0] <= 'z');
    return (letter && p[1] == ':') || p[0] == '%';
}

static bool render(struct run *r, struct artefact *a, struct err *e)
{
    bool several = r->named_count > 1 || r->files.count > 1;
    bool ok = true;
    for (size_t i = 0; i < r->outputs.count && ok; i++) {
        const struct output *o = &r->outputs.item[i];
        struct sb *out = &r->bytes[i];
        size_t before = out->len;
        struct report_style style = output_style(o, r->colour);
        struct layout layout = {out, &style};
        struct json json;
        bool is_json = strcmp(o->format, "json") == 0;
        json_init(&json, out, several ? 0 : 2);
        a->json = is_json ? &json : NULL;
        a->layout = is_json ? NULL : &layout;
        if (!is_json && r->shown)
            sb_putc(out, '\n');
        ok = r->kind->show(a, e);
        if (is_json && ok)
            sb_putc(out, '\n');
        if (!ok)
            out->len = before;
        if (ok && out->bad)
            ok = err_set(e, ERR_LIMIT, 0, "the output is too large");
    }
    return ok;
}

static bool show_bytes(struct run *r, const char *path, struct span bytes, struct err *e)
{
    struct arena mem;
    struct artefact a = {.path = path, .bytes = bytes, .trust = r->trust, .mem = &mem};
    arena_init(&mem, ARENA_DEFAULT_CAP);
    bool ok = sha256_hex(bytes, a.sha256, e) && render(r, &a, e);
    if (ok)
        r->shown++;
    arena_done(&mem);
    return ok;
}

static bool show_host_file(struct run *r, const char *path, struct err *e)
{
    struct arena mem;
    struct host_file f;
    struct str full = {NULL, 0};
    arena_init(&mem, 1 << 20);
    bool ok = host_expand(r->host, str_of(path), VIEW_NATIVE, &mem, &full, e);
    if (ok) {
        host_open_file(r->host, full, &mem, &f);
        if (f.state == FACT_FOUND)
            ok = show_bytes(r, path, f.bytes, e);
        else
            ok = err_set(e, ERR_NOT_FOUND, 0, "%s: " STR_FMT, fact_state_name(f.state),
                         STR_ARG(f.reason));
        if (f.state == FACT_FOUND)
            host_close_file(r->host, &f);
    }
    arena_done(&mem);
    return ok;
}

static bool show_file(struct run *r, const char *path, bool named, struct err *e)
{
    struct file_map map;
    if (!file_map_path(path, &map, e))
        return false;
    bool ok = true;
    if (named || !r->kind->is_one || r->kind->is_one(map.bytes)) {
        struct sb *out = r->bytes;
        size_t before[OUTPUTS_MAX];
        for (size_t i = 0; i < r->outputs.count; i++)
            before[i] = out[i].len;
        ok = show_bytes(r, path, map.bytes, e);
        if (ok && !file_intact(&map)) {
            for (size_t i = 0; i < r->outputs.count; i++)
                out[i].len = before[i];
            ok = err_set(e, ERR_IO, 0, "a part could not be read from disk");
        }
    }
    file_unmap(&map);
    return ok;
}

static void say(struct run *r, const char *path, const struct err *e)
{
    r->failed++;
    cli_fail(0, "%s: %s", path, e->text);
}

static void show_named(struct run *r, const char *path)
{
    struct err e = {0};
    if (r->host && is_windows_path(path)) {
        if (!show_host_file(r, path, &e))
            say(r, path, &e);
        return;
    }
    size_t from = r->files.count;
    if (!log_files_add(&r->files, path, "", &e)) {
        r->failed++;
        cli_fail(0, "%s", e.text);
        return;
    }
    for (size_t i = from; i < r->files.count; i++) {
        const char *file = r->files.path[i];
        bool named = strcmp(file, path) == 0;
        struct err one = {0};
        if ((named || suffix_fits(r->kind, file)) && !show_file(r, file, named, &one))
            say(r, file, &one);
    }
}

static int open_target(struct run *r)
{
    struct err e = {0};
    if (!r->target.root && !r->target.archive)
        return 0;
    int code = target_open(r->kind->spec->verb, &r->target, &r->host);
    if (code == 0 && !trust_open(r->host, NULL, &r->trust, &e))
        code = cli_fail(EXIT_COULD_NOT_RUN, "%s: %s", r->kind->spec->verb, e.text);
    return code;
}

static int run_all(struct run *r)
{
    struct err e = {0};
    int code = open_target(r);
    if (code)
        return code;
    for (size_t i = 0; i < r->named_count; i++)
        show_named(r, r->named[i]);
    for (size_t i = 0; i < r->outputs.count; i++)
        if ((r->shown || r->outputs.item[i].file) &&
            !output_write(&r->outputs.item[i], &r->bytes[i], &e))
            return cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
    if (!r->shown && !r->failed)
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: no such file in what was named",
                        r->kind->spec->verb);
    return r->failed ? EXIT_COULD_NOT_RUN : EXIT_PASS;
}

int artefact_verb(const struct artefact_kind *kind, int argc, char **argv)
{
    struct run r = {.kind = kind};
    r.named = calloc((size_t)argc + 1, sizeof *r.named);
    if (!r.named)
        return cli_fail(EXIT_COULD_NOT_RUN, "no memory");
    log_files_init(&r.files);
    for (size_t i = 0; i < OUTPUTS_MAX; i++)
        sb_init(&r.bytes[i], (size_t)1 << 30);
    int code = parse(&r, argc, argv);
    if (code < 0)
        code = run_all(&r);
    for (size_t i = 0; i < OUTPUTS_MAX; i++)
        sb_done(&r.bytes[i]);
    if (r.trust)
        trust_close(r.trust);
    host_close(r.host);
    log_files_done(&r.files);
    free(r.named);
    return code;
}

struct str artefact_code(uint32_t code, struct arena *a)
{
    return str_fmt(a, "0x%08X", code);
}

struct str artefact_time(uint64_t t, struct arena *a)
{
    char text[WTIME_TEXT];
    return t ? str_dup(a, str_of(wtime_format(t, text))) : (struct str){NULL, 0};
}

struct str artefact_hex(struct span s, struct arena *a)
{
    struct sb hex;
    sb_init(&hex, (size_t)1 << 24);
    sb_hex(&hex, s.ptr, s.len);
    struct str text = str_dup(a, (struct str){hex.ptr ? hex.ptr : "", hex.len});
    sb_done(&hex);
    return text;
}

void artefact_begin_json(const struct artefact *a, const char *schema)
{
    json_open_object(a->json);
    json_key(a->json, "schema");
    json_cstr(a->json, schema);
    json_key(a->json, "path");
    json_str(a->json, str_of(a->path));
    json_key(a->json, "sha256");
    json_cstr(a->json, a->sha256);
}

void artefact_heading(const struct artefact *a)
{
    lay_colour(a->layout, BOLD, str_of(a->path));
    sb_putc(a->layout->out, '\n');
    lay_field(a->layout, "sha256", str_of(a->sha256));
}
