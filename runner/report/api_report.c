#include "report/api_report.h"

#include "base/json.h"
#include "base/utf16.h"
#include "report/layout.h"

static const char *const phase_names[] = {"policy", "product", "check", "test", "profile"};
static const char *const kind_names[] = {"function", "constant", "field", "method"};

static bool chosen(const struct api_entry *e, struct str pattern)
{
    return !pattern.len || glob_imatch(pattern, e->name);
}

/* ---- terminal ------------------------------------------------------------------------------- */

static void signature(struct sb *b, const struct api_entry *e)
{
    sb_str(b, e->name);
    if (e->kind == API_FUNCTION || e->kind == API_METHOD) {
        sb_putc(b, '(');
        for (size_t i = 0; i < e->parameter_count; i++)
            sb_printf(b, "%s" STR_FMT "%s", i ? ", " : "", STR_ARG(e->parameters[i].name),
                      e->parameters[i].optional ? "?" : "");
        sb_putc(b, ')');
    }
    if (e->returns.len || e->type.len)
        sb_printf(b, ": " STR_FMT, STR_ARG(e->returns.len ? e->returns : e->type));
}

static void field_line(const struct layout *l, const struct field *f)
{
    enum { NAME_COLUMN = 6, TEXT_COLUMN = 20 };
    struct sb b;
    sb_init(&b, 4096);
    sb_printf(l->out, "%*s", NAME_COLUMN, "");
    lay_colour(l, f->flags & FIELD_REQUIRED ? BOLD : PLAIN, str_of(f->name));
    lay_pad(l, NAME_COLUMN + strlen(f->name), TEXT_COLUMN);
    sb_puts(&b, f->sentence);
    if (f->type == FIELD_CHOICE)
        for (size_t i = 0; f->allowed[i]; i++)
            sb_printf(&b, "%s\"%s\"", i ? ", " : ": ", f->allowed[i]);
    else
        sb_printf(&b, "; %s", field_type_words(f->type));
    if (f->flags & FIELD_REQUIRED)
        sb_puts(&b, "; required");
    lay_wrap(l, (struct str){b.ptr, b.len}, TEXT_COLUMN);
    sb_done(&b);
}

static void text_lines(const struct layout *l, struct str text)
{
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        size_t len = end ? (size_t)(end - text.ptr) - at : text.len - at;
        sb_puts(l->out, "    ");
        lay_wrap(l, (struct str){text.ptr + at, len}, 4);
        at += len + 1;
    }
}

void report_api_terminal(const struct api *api, struct str pattern,
                         const struct report_style *style, struct sb *out)
{
    struct layout l = {out, style};
    struct sb b;
    sb_init(&b, 1 << 16);
    for (size_t i = 0; i < api->count && !out->bad; i++) {
        const struct api_entry *e = &api->entries[i];
        if (!chosen(e, pattern))
            continue;
        b.len = 0;
        signature(&b, e);
        lay_colour(&l, BOLD, (struct str){b.ptr, b.len});
        sb_putc(out, '\n');
        text_lines(&l, e->text);
        for (size_t s = 0; s < API_SCHEMAS && e->schema[s]; s++)
            for (size_t k = 0; k < e->schema[s]->count; k++)
                field_line(&l, &e->schema[s]->fields[k]);
    }
    sb_done(&b);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

static void flag(struct json *j, const char *key, bool on)
{
    json_key(j, key);
    json_bool(j, on);
}

static void parameters(struct json *j, const struct api_entry *e)
{
    json_key(j, "parameters");
    json_open_array(j);
    for (size_t i = 0; i < e->parameter_count; i++) {
        json_open_object(j);
        text(j, "name", e->parameters[i].name);
        text(j, "type", e->parameters[i].type);
        flag(j, "optional", e->parameters[i].optional);
        text(j, "text", e->parameters[i].text);
        json_close_object(j);
    }
    json_close_array(j);
}

static void one_field(struct json *j, const struct field *f)
{
    json_open_object(j);
    text(j, "name", str_of(f->name));
    text(j, "type", str_of(field_type_words(f->type)));
    flag(j, "required", f->flags & FIELD_REQUIRED);
    flag(j, "input", f->flags & FIELD_INPUT);
    if (f->type == FIELD_CHOICE) {
        json_key(j, "allowed");
        json_open_array(j);
        for (size_t i = 0; f->allowed[i]; i++)
            json_cstr(j, f->allowed[i]);
        json_close_array(j);
    }
    text(j, "text", str_of(f->sentence));
    json_close_object(j);
}

static void tables(struct json *j, const struct api_entry *e)
{
    json_key(j, "tables");
    json_open_array(j);
    for (size_t s = 0; s < API_SCHEMAS && e->schema[s]; s++) {
        json_open_object(j);
        json_key(j, "elements");
        json_cstr(j, e->schema[s]->elements);
        json_key(j, "fields");
        json_open_array(j);
        for (size_t i = 0; i < e->schema[s]->count; i++)
            one_field(j, &e->schema[s]->fields[i]);
        json_close_array(j);
        json_close_object(j);
    }
    json_close_array(j);
}

static void one_entry(struct json *j, const struct api_entry *e)
{
    json_open_object(j);
    text(j, "name", e->name);
    text(j, "kind", str_of(kind_names[e->kind]));
    json_key(j, "where");
    json_open_array(j);
    for (size_t i = 0; i < sizeof phase_names / sizeof *phase_names; i++)
        if (e->phases >> i & 1)
            json_cstr(j, phase_names[i]);
    json_close_array(j);
    text(j, "text", e->text);
    if (e->kind == API_FUNCTION || e->kind == API_METHOD) {
        parameters(j, e);
        text(j, "returns", e->returns);
        tables(j, e);
    } else {
        text(j, "type", e->type);
    }
    json_close_object(j);
}

void report_api_json(const struct api *api, struct str pattern, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    text(&j, "schema", STR("rectify.api/1"));
    text(&j, "language", api->language);
    json_key(&j, "names");
    json_open_array(&j);
    for (size_t i = 0; i < api->count; i++)
        if (chosen(&api->entries[i], pattern))
            one_entry(&j, &api->entries[i]);
    json_close_array(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}
