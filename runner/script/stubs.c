#include "script/stubs.h"

enum { VARIABLES = 32, PARAMETERS = 16, TEXT_BYTES = 1 << 14 };

struct stub_file {
    struct stub_list *list;
    struct str path;
    struct str class_name;                         /* of the last ---@class */
    struct str variable[VARIABLES], of[VARIABLES]; /* local NAME = {} stands for a class */
    size_t variables;
    /* what has been said since the last declaration */
    struct sb text;
    struct api_parameter parameter[PARAMETERS];
    size_t parameters;
    struct str returns, type;
};

static void forget(struct stub_file *f)
{
    f->text.len = 0;
    f->parameters = 0;
    f->returns = f->type = (struct str){NULL, 0};
}

static bool starts(struct str line, const char *with)
{
    size_t len = strlen(with);
    return line.len >= len && memcmp(line.ptr, with, len) == 0;
}

static struct str behind(struct str line, size_t n)
{
    line = n < line.len ? (struct str){line.ptr + n, line.len - n} : (struct str){line.ptr, 0};
    while (line.len && (line.ptr[0] == ' ' || line.ptr[0] == ':'))
        line = (struct str){line.ptr + 1, line.len - 1};
    return line;
}

static bool in_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static struct str word(struct str line)
{
    size_t n = 0;
    while (n < line.len && in_word(line.ptr[n]))
        n++;
    return (struct str){line.ptr, n};
}

/* A type ends at the first blank that is in no bracket; `|` and `:` and `,` carry it on. */
static struct str type_of(struct str line)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        quoted = quoted != (c == '"');
        if (quoted)
            continue;
        if (strchr("{(<[", c))
            depth++;
        else if (strchr("})>]", c))
            depth--;
        else if (c == ' ' && depth <= 0 && i && !strchr("|:,", line.ptr[i - 1]))
            return (struct str){line.ptr, i};
    }
    return line;
}

static struct api_entry *add(struct stub_file *f, enum api_kind kind, struct str name)
{
    struct stub_list *l = f->list;
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        struct api_entry *items = ARENA_ARRAY(l->mem, cap, struct api_entry);
        if (!items) {
            l->full = true;
            return NULL;
        }
        if (l->count)
            memcpy(items, l->items, l->count * sizeof *items);
        l->items = items;
        l->cap = cap;
    }
    struct api_entry *e = &l->items[l->count++];
    *e = (struct api_entry){.name = name, .kind = kind, .file = f->path, .type = f->type};
    e->text = str_dup(l->mem, (struct str){f->text.ptr, f->text.len});
    e->returns = f->returns;
    e->parameters = ARENA_ARRAY(l->mem, f->parameters + 1, struct api_parameter);
    if (e->parameters)
        memcpy(e->parameters, f->parameter, f->parameters * sizeof *f->parameter);
    e->parameter_count = e->parameters ? f->parameters : 0;
    return e;
}

static struct str joined(struct stub_file *f, struct str space, struct str name)
{
    return str_fmt(f->list->mem, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name));
}

static void take_class(struct stub_file *f, struct str line)
{
    static const char *const inherited[][3] = {
        {"state", "State", "found, absent, unreadable or not_collected; always readable"},
        {"reason", "string", "why it is unreadable or not collected, else \"\""},
        {"path", "string", "where it is, or would be"}};
    struct str name = word(line), rest = behind(line, name.len);
    f->class_name = name;
    bool fact = str_eq(word(rest), STR("Fact"));
    for (size_t i = 0; fact && i < 3; i++) {
        struct str full = joined(f, name, str_of(inherited[i][0]));
        f->text.len = 0;
        sb_puts(&f->text, inherited[i][2]);
        f->type = str_of(inherited[i][1]);
        (void)add(f, API_FIELD, full);
    }
    forget(f);
}

static void take_field(struct stub_file *f, struct str line)
{
    struct str name = word(line), type = type_of(behind(line, name.len));
    struct str text =
        behind((struct str){type.ptr, line.len - (size_t)(type.ptr - line.ptr)}, type.len);
    struct str full = joined(f, f->class_name, name);
    f->text.len = 0;
    sb_str(&f->text, text);
    f->type = type;
    /* A class that declares what it inherits says more of it. */
    for (size_t i = 0; i < f->list->count; i++)
        if (str_eq(f->list->items[i].name, full)) {
            f->list->items[i].type = type;
            f->list->items[i].text =
                text.len ? str_dup(f->list->mem, text) : f->list->items[i].text;
            forget(f);
            return;
        }
    if (!str_eq(f->class_name, STR("Fact")))
        (void)add(f, API_FIELD, full);
    forget(f);
}

static void take_parameter(struct stub_file *f, struct str line)
{
    struct str name = starts(line, "...") ? (struct str){line.ptr, 3} : word(line);
    bool optional = line.len > name.len && line.ptr[name.len] == '?';
    struct str rest = behind(line, name.len + optional), type = type_of(rest);
    if (f->parameters < PARAMETERS)
        f->parameter[f->parameters++] =
            (struct api_parameter){name, type, behind(rest, type.len), optional};
}

static struct str class_of(const struct stub_file *f, struct str variable)
{
    for (size_t i = f->variables; i-- > 0;)
        if (str_eq(f->variable[i], variable))
            return f->of[i];
    return variable;
}

static void take_function(struct stub_file *f, struct str line)
{
    struct str space = word(line), name = space;
    bool member =
        line.len > space.len && (line.ptr[space.len] == '.' || line.ptr[space.len] == ':');
    bool object = false;
    if (member) {
        struct str of = class_of(f, space);
        object = !str_eq(of, space);
        name =
            joined(f, of, word((struct str){line.ptr + space.len + 1, line.len - space.len - 1}));
    }
    (void)add(f, object ? API_METHOD : API_FUNCTION, name);
    forget(f);
}

static void take_text(struct stub_file *f, struct str line)
{
    if (line.len && line.ptr[0] == ' ')
        line = (struct str){line.ptr + 1, line.len - 1};
    /* Indented lines are lists; the others make one paragraph. */
    if (f->text.len)
        sb_putc(&f->text, line.len && line.ptr[0] != ' ' ? ' ' : '\n');
    sb_str(&f->text, line);
}

static void take_line(struct stub_file *f, struct str line)
{
    if (starts(line, "---@class "))
        take_class(f, behind(line, 10));
    else if (starts(line, "---@field "))
        take_field(f, behind(line, 10));
    else if (starts(line, "---@param "))
        take_parameter(f, behind(line, 10));
    else if (starts(line, "---@return "))
        f->returns = behind(line, 11);
    else if (starts(line, "---@type "))
        f->type = behind(line, 9);
    else if (starts(line, "---@"))
        return;
    else if (starts(line, "---"))
        take_text(f, (struct str){line.ptr + 3, line.len - 3});
    else if (starts(line, "function "))
        take_function(f, behind(line, 9));
    else if (starts(line, "local ") && f->variables < VARIABLES) {
        f->variable[f->variables] = word(behind(line, 6));
        f->of[f->variables++] = f->class_name;
        forget(f);
    } else {
        struct str name = word(line);
        if (name.len &&
            str_eq((struct str){line.ptr + name.len, line.len - name.len}, STR(" = nil")))
            (void)add(f, API_CONSTANT, name);
        forget(f);
    }
}

void stubs_read(struct stub_list *list, struct str file, struct span text)
{
    struct stub_file f = {.list = list, .path = file};
    sb_init(&f.text, TEXT_BYTES);
    for (size_t at = 0; at < text.len;) {
        const char *p = (const char *)text.ptr + at;
        const char *end = memchr(p, '\n', text.len - at);
        size_t len = end ? (size_t)(end - p) : text.len - at;
        take_line(&f, (struct str){p, len});
        at += len + 1;
    }
    sb_done(&f.text);
}
