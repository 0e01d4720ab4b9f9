#include "model/value_json.h"

#include <jansson.h>

#include "base/text.h"

/* ---- reading --------------------------------------------------------------------------------- */

static bool convert(const json_t *j, struct arena *a, unsigned depth, struct value *out,
                    struct err *e);

static bool no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, 0, "no memory for what it holds");
}

static bool convert_list(const json_t *j, struct arena *a, unsigned depth, struct value *out,
                         struct err *e)
{
    size_t count = json_array_size(j);
    *out = value_list(a, count);
    if (out->list.count != count)
        return no_memory(e);
    for (size_t i = 0; i < count; i++)
        if (!convert(json_array_get(j, i), a, depth + 1, &out->list.items[i], e))
            return false;
    return true;
}

static bool convert_map(json_t *j, struct arena *a, unsigned depth, struct value *out,
                        struct err *e)
{
    size_t count = json_object_size(j), n = 0;
    *out = value_map(a, count);
    if (out->map.count != count)
        return no_memory(e);
    for (void *at = json_object_iter(j); at && n < count; at = json_object_iter_next(j, at)) {
        struct value_member *m = &out->map.members[n++];
        m->name = str_dup(a, str_of(json_object_iter_key(at)));
        if (!m->name.ptr)
            return no_memory(e);
        if (!convert(json_object_iter_value(at), a, depth + 1, &m->value, e))
            return false;
    }
    return true;
}

static bool convert(const json_t *j, struct arena *a, unsigned depth, struct value *out,
                    struct err *e)
{
    if (depth > VALUE_JSON_DEPTH)
        return err_set(e, ERR_LIMIT, 0, "nested more than %d deep", VALUE_JSON_DEPTH);
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return convert_map((json_t *)(uintptr_t)j, a, depth, out, e);
    case JSON_ARRAY:
        return convert_list(j, a, depth, out, e);
    case JSON_STRING:
        *out = value_text(str_dup(a, (struct str){json_string_value(j), json_string_length(j)}));
        return out->text.ptr || no_memory(e);
    case JSON_INTEGER:
        *out = value_int(json_integer_value(j));
        return true;
    case JSON_REAL:
        *out = value_number(json_real_value(j));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        *out = value_bool(json_is_true(j));
        return true;
    case JSON_NULL:
        break;
    }
    *out = value_null();
    return true;
}

/* What jansson says may quote the text: shown safely, in one line. */
static bool refused(const json_error_t *error, struct err *e)
{
    struct sb b;
    sb_init(&b, 4096);
    sb_terminal(&b, str_of(error->text));
    unsigned line = error->line > 0 ? (unsigned)error->line : 1;
    err_record(e, ERR_FORMAT, line, "%u: %.150s", line, b.ptr ? b.ptr : "not JSON");
    sb_done(&b);
    return false;
}

bool value_from_json(struct span text, struct arena *a, struct value *out, struct err *e)
{
    return value_from_json_within(text, VALUE_JSON_SIZE, a, out, e);
}

bool value_from_json_within(struct span text, size_t most, struct arena *a, struct value *out,
                            struct err *e)
{
    json_error_t error = {.line = 1};
    if (text.len > most)
        return err_set(e, ERR_LIMIT, 1, "1: %zu bytes, at most %zu are read", text.len, most);
    json_t *root = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return refused(&error, e);
    struct err why = {0};
    bool ok = convert(root, a, 0, out, &why);
    json_decref(root);
    return ok || err_set(e, why.kind, 1, "1: %s", why.text);
}

const char *value_json_release(void)
{
    return JANSSON_VERSION;
}

/* ---- writing --------------------------------------------------------------------------------- */

void value_to_json(struct json *j, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        json_nil(j);
        break;
    case VALUE_BOOL:
        json_bool(j, v->boolean);
        break;
    case VALUE_INT:
        json_i64(j, v->integer);
        break;
    case VALUE_NUMBER:
        json_double(j, v->number);
        break;
    case VALUE_TEXT:
        json_str(j, v->text);
        break;
    case VALUE_TIME:
        json_time(j, v->time);
        break;
    case VALUE_LIST:
        json_open_array(j);
        for (size_t i = 0; i < v->list.count; i++)
            value_to_json(j, &v->list.items[i]);
        json_close_array(j);
        break;
    case VALUE_MAP:
        json_open_object(j);
        for (size_t i = 0; i < v->map.count; i++) {
            json_key_str(j, v->map.members[i].name);
            value_to_json(j, &v->map.members[i].value);
        }
        json_close_object(j);
        break;
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Steps over one character of JSON, or over a whole string. */
static size_t step(struct span text, size_t at, int *line)
{
    bool string = text.ptr[at] == '"';
    if (text.ptr[at] == '\n')
        (*line)++;
    for (at++; string && at < text.len; at++) {
        if (text.ptr[at] == '\\')
            at++;
        else if (text.ptr[at] == '"')
            return at + 1;
    }
    return at;
}

int value_json_element_line(struct span text, size_t index)
{
    int line = 1;
    size_t depth = 0, list = 0, seen = 0;
    bool fresh = false; /* an element begins with the next character that is no blank */
    for (size_t at = 0; at < text.len;) {
        char c = (char)text.ptr[at];
        bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (fresh && !blank && seen++ == index)
            return line;
        fresh = fresh && blank;
        if (c == '[' || c == '{')
            depth++;
        if ((c == ']' || c == '}') && depth-- == list)
            return 1;
        if (c == '[' && !list)
            list = depth, fresh = true;
        if (c == ',' && list && depth == list)
            fresh = true;
        at = step(text, at, &line);
    }
    return 1;
}

static bool word_character(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

int value_word_line(struct span text, int from, struct str name)
{
    int line = 1;
    for (size_t at = 0; name.len && name.len <= text.len && at <= text.len - name.len; at++) {
        bool here = line >= from && memcmp(text.ptr + at, name.ptr, name.len) == 0 &&
                    (at == 0 || !word_character(text.ptr[at - 1])) &&
                    (at + name.len == text.len || !word_character(text.ptr[at + name.len]));
        if (here)
            return line;
        line += text.ptr[at] == '\n';
    }
    return from > 0 ? from : 1;
}
