/* Files of waivers. */
#include "base/text.h"
#include "base/wtime.h"
#include "engine/policy_file.h"
#include "engine/waivers.h"

#include "model/schema.h"
#include "model/value_json.h"
#include <stdarg.h>

/* Where a mistake is, and what is being read. */
struct reading {
    struct span text;
    struct str file;
    int line;
    struct arena *mem;
    struct err *e;
};

static bool wrong(const struct reading *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool wrong(const struct reading *r, const char *fmt, ...)
{
    char text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct sb safe;
    sb_init(&safe, 4096);
    sb_terminal(&safe, str_of(text));
    err_record(r->e, ERR_FORMAT, (uint64_t)r->line, STR_FMT ":%d: %.190s", STR_ARG(r->file),
               r->line, safe.ptr ? safe.ptr : "");
    sb_done(&safe);
    return false;
}

static const char *const fields[] = {"rule",   "host",    "reason",   "approver",
                                     "ticket", "expires", "observed", "verdicts"};

enum { FIELDS = sizeof fields / sizeof *fields, REQUIRED = 4 };

static bool check_fields(struct reading *r, const struct value *v)
{
    for (size_t i = 0; i < v->map.count; i++) {
        struct str name = v->map.members[i].name;
        struct nearest n = nearest_of(name);
        bool known = false;
        for (size_t k = 0; k < FIELDS; k++) {
            known = known || str_eq(name, str_of(fields[k]));
            nearest_try(&n, str_of(fields[k]));
        }
        if (known)
            continue;
        r->line = value_word_line(r->text, r->line, name);
        bool near = nearest_found(&n);
        return wrong(r, "waiver: unknown field \"" STR_FMT "\"%s" STR_FMT "%s", STR_ARG(name),
                     near ? " (did you mean \"" : "", STR_ARG(near ? n.best : STR("")),
                     near ? "\"?)" : "");
    }
    return true;
}

/* A text of one line; empty where it is not there and need not be. */
static bool read_text(struct reading *r, const struct value *v, const char *name, bool required,
                      struct str *out)
{
    const struct value *field = value_get(v, name);
    *out = STR("");
    if (!field)
        return !required || wrong(r, "waiver: field \"%s\" is missing", name);
    r->line = value_word_line(r->text, r->line, str_of(name));
    if (field->kind != VALUE_TEXT || !field->text.len)
        return wrong(r, "waiver: field \"%s\" is %s, want text", name,
                     field->kind == VALUE_TEXT ? "empty" : "no text");
    if (field->text.len > 1000)
        return wrong(r, "waiver: field \"%s\" has %zu bytes, at most 1000", name, field->text.len);
    *out = field->text;
    return true;
}

static bool read_expiry(struct reading *r, const struct value *v, struct waiver *w)
{
    struct str text;
    int line = r->line;
    if (!read_text(r, v, "expires", true, &text))
        return false;
    char last = text.ptr[text.len - 1];
    bool zone = last == 'Z' || (text.len > 6 && text.ptr[text.len - 3] == ':' &&
                                (text.ptr[text.len - 6] == '+' || text.ptr[text.len - 6] == '-'));
    if (!zone || !wtime_parse(text, &w->expires) || !w->expires)
        return wrong(r,
                     "waiver: expires is \"" STR_FMT "\", want a time with its zone, as "
                     "\"2027-01-31T18:00:00+01:00\"",
                     STR_ARG(text));
    r->line = line;
    return true;
}

static bool read_digest(struct reading *r, const struct value *v, struct waiver *w)
{
    struct str text;
    int line = r->line;
    if (!read_text(r, v, "observed", false, &text))
        return false;
    size_t digits = 0;
    while (digits < text.len && strchr("0123456789abcdef", text.ptr[digits]))
        digits++;
    if (text.len && (text.len != SHA256_HEX - 1 || digits != text.len))
        return wrong(r,
                     "waiver: observed is \"%.70s\", want the 64 lower-case digits that a "
                     "report shows",
                     text.ptr);
    memcpy(w->observed, text.ptr, text.len);
    r->line = line;
    return true;
}

/* Failures, unless others are named. */
static bool read_verdicts(struct reading *r, const struct value *v, struct waiver *w)
{
    static const enum verdict known[] = {VERDICT_FAIL, VERDICT_CONFLICT, VERDICT_UNKNOWN,
                                         VERDICT_ERROR};
    const struct value *list = value_get(v, "verdicts");
    w->verdicts = 1u << VERDICT_FAIL;
    if (!list)
        return true;
    r->line = value_word_line(r->text, r->line, STR("verdicts"));
    if (list->kind != VALUE_LIST || !list->list.count)
        return wrong(r, "waiver: verdicts: want a list of fail, conflict, unknown, error");
    w->verdicts = 0;
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *one = &list->list.items[i];
        unsigned bit = 0;
        for (size_t k = 0; one->kind == VALUE_TEXT && k < sizeof known / sizeof *known; k++)
            if (str_eq(one->text, str_of(verdict_name(known[k]))))
                bit = 1u << known[k];
        if (!bit)
            return wrong(r,
                         "waiver: verdicts: \"" STR_FMT "\" is none of fail, conflict, unknown, "
                         "error",
                         STR_ARG(one->kind == VALUE_TEXT ? one->text : STR("?")));
        w->verdicts |= bit;
    }
    return true;
}

static bool read_waiver(struct reading *r, const struct value *v, struct waiver *w)
{
    struct str *const texts[REQUIRED + 1] = {&w->rule, &w->host, &w->reason, &w->approver,
                                             &w->ticket};
    int line = r->line;
    *w = (struct waiver){.file = r->file, .line = line};
    if (v->kind != VALUE_MAP)
        return wrong(r, "waiver: want an object");
    if (!check_fields(r, v))
        return false;
    for (size_t i = 0; i <= REQUIRED; i++, r->line = line)
        if (!read_text(r, v, fields[i], i < REQUIRED, texts[i]))
            return false;
    return read_expiry(r, v, w) && read_digest(r, v, w) && read_verdicts(r, v, w);
}

static bool check_top(struct reading *r, const struct value *v, const struct value **list)
{
    static const char form[] = "want {\"schema\": \"rectify.waivers/1\", \"waivers\": [...]}";
    const struct value *schema = v->kind == VALUE_MAP ? value_get(v, "schema") : NULL;
    *list = v->kind == VALUE_MAP ? value_get(v, "waivers") : NULL;
    if (!schema || !*list || (*list)->kind != VALUE_LIST || schema->kind != VALUE_TEXT ||
        !str_eq(schema->text, STR("rectify.waivers/1")))
        return wrong(r, "%s", form);
    for (size_t i = 0; i < v->map.count; i++) {
        struct str name = v->map.members[i].name;
        if (str_eq(name, STR("schema")) || str_eq(name, STR("waivers")))
            continue;
        r->line = value_word_line(r->text, 1, name);
        return wrong(r, "unknown member \"" STR_FMT "\", %s", STR_ARG(name), form);
    }
    if ((*list)->list.count > WAIVERS)
        return wrong(r, "%zu waivers, at most %d are read", (*list)->list.count, WAIVERS);
    return true;
}

bool waivers_parse(struct span text, struct str file, struct arena *a, struct waiver **out,
                   size_t *count, struct err *e)
{
    struct reading r = {text, file, 1, a, e};
    struct value v;
    const struct value *list = NULL;
    struct err why = {0};
    if (!value_from_json(text, a, &v, &why))
        return err_set(e, why.kind == ERR_NOMEM ? ERR_NOMEM : ERR_FORMAT, why.at, STR_FMT ":%s",
                       STR_ARG(file), why.text);
    if (!check_top(&r, &v, &list))
        return false;
    struct waiver *w = ARENA_ARRAY(a, list->list.count + 1, struct waiver);
    if (!w)
        return err_set(e, ERR_NOMEM, 0, "no memory for waivers");
    for (size_t i = 0; i < list->list.count; i++) {
        r.line = value_json_element_line(text, i);
        if (!read_waiver(&r, &list->list.items[i], &w[i]))
            return false;
    }
    *out = w;
    *count = list->list.count;
    return true;
}

bool waivers_load(const struct engine_options *options, struct catalogue *c, struct err *e)
{
    size_t cap = 0;
    for (size_t i = 0; i < options->waiver_count; i++) {
        struct span text;
        struct waiver *more = NULL;
        size_t count = 0;
        if (!policy_file_read(options->waivers[i], VALUE_JSON_SIZE, &c->mem, &text, e) ||
            !waivers_parse(text, options->waivers[i], &c->mem, &more, &count, e))
            return false;
        cap = c->waiver_count + count;
        struct waiver *all = ARENA_ARRAY(&c->mem, cap + 1, struct waiver);
        if (!all)
            return err_set(e, ERR_NOMEM, 0, "no memory for waivers");
        if (c->waiver_count)
            memcpy(all, c->waivers, c->waiver_count * sizeof *all);
        if (count)
            memcpy(all + c->waiver_count, more, count * sizeof *all);
        c->waivers = all;
        c->waiver_count = cap;
        c->has_waivers = true;
    }
    return true;
}
