#include "formats/evtx_render.h"

#include <math.h>

#include "base/json.h"
#include "formats/binxml_text.h"

enum { SIBLINGS_MAX = 512 }; /* elements whose names are compared with each other */

const struct evtx_member evtx_members[] = {
    {"record_id", "EventRecordID", NULL, true},
    {"time", "TimeCreated", "SystemTime", false},
    {"channel", "Channel", NULL, false},
    {"provider", "Provider", "Name", false},
    {"provider_guid", "Provider", "Guid", false},
    {"event_source", "Provider", "EventSourceName", false},
    {"id", "EventID", NULL, true},
    {"qualifiers", "EventID", "Qualifiers", true},
    {"version", "Version", NULL, true},
    {"level", "Level", NULL, true},
    {"task", "Task", NULL, true},
    {"opcode", "Opcode", NULL, true},
    {"keywords", "Keywords", NULL, false},
    {"activity_id", "Correlation", "ActivityID", false},
    {"related_activity_id", "Correlation", "RelatedActivityID", false},
    {"process_id", "Execution", "ProcessID", true},
    {"thread_id", "Execution", "ThreadID", true},
    {"processor_id", "Execution", "ProcessorID", true},
    {"session_id", "Execution", "SessionID", true},
    {"computer", "Computer", NULL, false},
    {"user", "Security", "UserID", false},
};
const size_t evtx_member_count = sizeof evtx_members / sizeof *evtx_members;

/* ---- values ---- */

static bool number_type(uint8_t type)
{
    return (type >= BX_INT8 && type <= BX_REAL64) || type == BX_BOOL;
}

/* A value that JSON takes without quotes; 0: it is none. */
static size_t bare(uint8_t type, struct span raw, char *out)
{
    size_t n = number_type(type) ? bx_scalar(type, raw, out) : 0;
    bool real = type == BX_REAL32 || type == BX_REAL64;
    return real && n && (out[n - 1] < '0' || out[n - 1] > '9') ? 0 : n; /* inf, nan */
}

static char *hex(char *p, struct span raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        unsigned high = raw.ptr[i] >> 4, low = raw.ptr[i] & 15;
        p[2 * i] = (char)(high + (high > 9 ? 'A' - 10 : '0'));
        p[2 * i + 1] = (char)(low + (low > 9 ? 'A' - 10 : '0'));
    }
    return p + 2 * raw.len;
}

static char *ansi(char *p, struct span raw, enum evtx_format format)
{
    while (raw.len && !raw.ptr[raw.len - 1])
        raw.len--;
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t unit[2] = {raw.ptr[i], 0};
        p = evtx_escape_to(p, span_of(unit, 2), format);
    }
    return p;
}

/* What is no scalar. */
static char *inside(char *p, uint8_t type, struct span raw, enum evtx_format format)
{
    if (type == BX_STRING || type == BX_EVTXML)
        return evtx_escape_to(p, bx_trim(raw), format);
    if (type == BX_ANSI)
        return ansi(p, raw, format);
    return type == BX_NULL ? p : hex(p, raw);
}

char *evtx_value_to(char *p, uint8_t type, struct span raw, enum evtx_format format)
{
    size_t n = 0;
    bool quote = format == EVTX_JSON;
    if (quote) {
        if ((n = bare(type, raw, p)))
            return p + n;
        *p++ = '"';
    }
    if (type != BX_STRING)
        n = bx_scalar(type, raw, p);
    p = n ? p + n : inside(p, type, raw, format);
    if (quote)
        *p++ = '"';
    return p;
}

static void array(struct sb *b, uint8_t type, struct span raw, enum evtx_format format)
{
    struct span item;
    if (format == EVTX_JSON)
        sb_putc(b, '[');
    for (bool first = true; bx_array_next(type, &raw, &item); first = false) {
        if (!first)
            sb_putc(b, ',');
        evtx_value(b, type & (uint8_t)~BX_ARRAY, item, format);
    }
    if (format == EVTX_JSON)
        sb_putc(b, ']');
}

void evtx_value(struct sb *b, uint8_t type, struct span raw, enum evtx_format format)
{
    if (type & BX_ARRAY)
        array(b, type, raw, format);
    else if (sb_reserve(b, evtx_value_room(raw)))
        b->len = (size_t)(evtx_value_to(b->ptr + b->len, type, raw, format) - b->ptr);
}

char *evtx_number_to(char *p, struct span raw)
{
    raw = bx_trim(raw);
    bool digits = raw.len > 0 && raw.len <= 38 && (raw.ptr[0] != '0' || raw.len == 2);
    for (size_t i = 0; digits && i < raw.len; i += 2)
        digits = raw.ptr[i] >= '0' && raw.ptr[i] <= '9' && raw.ptr[i + 1] == 0;
    if (!digits)
        *p++ = '"';
    p = evtx_escape_to(p, raw, EVTX_JSON);
    if (!digits)
        *p++ = '"';
    return p;
}

static void put_number(struct sb *b, uint8_t type, struct span raw)
{
    if (type != BX_STRING)
        evtx_value(b, type, raw, EVTX_JSON);
    else if (sb_reserve(b, evtx_value_room(raw)))
        b->len = (size_t)(evtx_number_to(b->ptr + b->len, raw) - b->ptr);
}

/* Parts of a mixed text; values among them without quotes. */
static void parts(struct sb *b, const struct bx_node *list, enum evtx_format format)
{
    char text[BX_SCALAR_MAX];
    for (; list; list = list->next) {
        size_t n;
        switch (list->kind) {
        case BX_VALUE:
            if (list->type & BX_ARRAY) {
                struct sb plain;
                sb_init(&plain, b->max);
                sb_bx_value(&plain, list->type, list->raw);
                evtx_escape_utf8(b, (struct str){plain.ptr, plain.len}, format);
                sb_done(&plain);
            } else if ((n = bx_scalar(list->type, list->raw, text))) {
                sb_put(b, text, n);
            } else if (sb_reserve(b, evtx_value_room(list->raw))) {
                b->len = (size_t)(inside(b->ptr + b->len, list->type, list->raw, format) - b->ptr);
            }
            break;
        case BX_CDATA:
            evtx_escape(b, list->raw, format);
            break;
        case BX_CHAR: {
            uint8_t unit[2] = {(uint8_t)list->id, (uint8_t)(list->id >> 8)};
            evtx_escape(b, span_of(unit, 2), format);
            break;
        }
        case BX_ENTITY: {
            uint8_t unit[2] = {(uint8_t)bx_entity(list->name), 0};
            evtx_escape(b, span_of(unit, unit[0] ? 2 : 0), format);
            break;
        }
        default:
            break;
        }
    }
}

static bool lone_value(const struct bx_node *list)
{
    return list && !list->next && list->kind == BX_VALUE;
}

void evtx_text(struct sb *b, const struct bx_node *list, enum evtx_format format)
{
    if (format == EVTX_JSON && lone_value(list)) {
        evtx_value(b, list->type, list->raw, format);
        return;
    }
    if (format == EVTX_JSON)
        sb_putc(b, '"');
    parts(b, list, format);
    if (format == EVTX_JSON)
        sb_putc(b, '"');
}

void evtx_member_text(struct sb *b, const struct bx_node *list, bool number)
{
    if (number && lone_value(list))
        put_number(b, list->type, list->raw);
    else
        evtx_text(b, list, EVTX_JSON);
}

bool evtx_is_namespace(struct span name)
{
    struct span head;
    return span_sub(name, 0, 10, &head) && bx_name_is(head, "xmlns");
}

/* ---- XML ---- */

void evtx_xml_name(struct sb *b, struct span name)
{
    for (size_t i = 0; i + 2 <= name.len; i += 2) {
        uint16_t u = load_u16(name.ptr + i);
        bool letter = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' || u == ':' ||
                      (i && ((u >= '0' && u <= '9') || u == '-' || u == '.'));
        sb_putc(b, letter ? (char)u : '_');
    }
    if (name.len < 2)
        sb_putc(b, '_');
}

/* A name twice in one element is not well-formed: the first stands. */
static bool earlier(const struct bx_attr *list, const struct bx_attr *a)
{
    unsigned n = 0;
    for (; list != a && n < SIBLINGS_MAX; list = list->next, n++)
        if (span_eq(list->name, a->name))
            return true;
    return n == SIBLINGS_MAX;
}

static void xml_nodes(struct sb *b, const struct bx_node *n)
{
    for (; n; n = n->next) {
        if (n->kind != BX_ELEMENT) {
            struct bx_node alone = *n;
            alone.next = NULL;
            parts(b, &alone, EVTX_XML);
            continue;
        }
        sb_putc(b, '<');
        evtx_xml_name(b, n->name);
        for (const struct bx_attr *a = n->attr; a; a = a->next) {
            if (earlier(n->attr, a))
                continue;
            sb_putc(b, ' ');
            evtx_xml_name(b, a->name);
            sb_puts(b, "='");
            parts(b, a->value, EVTX_XML);
            sb_putc(b, '\'');
        }
        if (n->closed) {
            sb_puts(b, "/>");
            continue;
        }
        sb_putc(b, '>');
        xml_nodes(b, n->child);
        sb_puts(b, "</");
        evtx_xml_name(b, n->name);
        sb_putc(b, '>');
    }
}

/* ---- JSON ---- */

static void key(struct sb *b, struct span name)
{
    sb_putc(b, '"');
    evtx_escape(b, name, EVTX_JSON);
    sb_puts(b, "\":");
}

/* Members end with a comma; the last one's becomes the bracket. */
static void close(struct sb *b, char bracket)
{
    if (b->len && b->ptr[b->len - 1] == ',')
        b->ptr[b->len - 1] = bracket;
    else
        sb_putc(b, bracket);
}

static void system_members(struct sb *b, const struct bx_node *system)
{
    for (size_t i = 0; i < evtx_member_count; i++) {
        const struct evtx_member *m = &evtx_members[i];
        const struct bx_node *n = bx_find(system->child, m->element), *value = n ? n->child : NULL;
        if (m->attr) {
            const struct bx_attr *a = bx_attr_find(n, m->attr);
            value = a ? a->value : NULL;
        }
        if (!value)
            continue;
        sb_printf(b, "\"%s\":", m->key);
        evtx_member_text(b, value, m->number);
        sb_putc(b, ',');
    }
}

static void json_element(struct sb *b, const struct bx_node *n, const char *skip);

typedef struct span (*key_of)(const struct bx_node *n);

static struct span by_element(const struct bx_node *n)
{
    return n->name;
}

/* The Name of a Data, else the element's own. */
static struct span by_name(const struct bx_node *n)
{
    const struct bx_attr *a = bx_attr_find(n, "Name");
    if (a && lone_value(a->value) && a->value->type == BX_STRING)
        return bx_trim(a->value->raw);
    return n->name;
}

static const char *skipped(key_of of)
{
    return of == by_name ? "Name" : NULL;
}

/* The elements from `n` on that share its key, as one member; false when an earlier one did so. */
static bool member(struct sb *b, const struct bx_node *first, const struct bx_node *n, key_of of)
{
    struct span name = of(n);
    unsigned same = 0, budget = 0;
    for (const struct bx_node *m = first; m != n; m = m->next)
        if (m->kind == BX_ELEMENT && budget++ < SIBLINGS_MAX && span_eq(of(m), name))
            return false;
    for (const struct bx_node *m = n; m && budget < SIBLINGS_MAX; m = m->next)
        same += m->kind == BX_ELEMENT && ++budget && span_eq(of(m), name);
    key(b, name);
    if (same <= 1 && !n->item) {
        json_element(b, n, skipped(of));
        sb_putc(b, ',');
        return true;
    }
    sb_putc(b, '[');
    budget = 0;
    for (const struct bx_node *m = n; m && budget < SIBLINGS_MAX; m = m->next) {
        if (m->kind != BX_ELEMENT || !++budget || !span_eq(of(m), name))
            continue;
        if (m->item && !m->child)
            continue;
        json_element(b, m, skipped(of));
        sb_putc(b, ',');
    }
    close(b, ']');
    sb_putc(b, ',');
    return true;
}

static void members(struct sb *b, const struct bx_node *list, const struct bx_node *but, key_of of)
{
    for (const struct bx_node *n = list; n; n = n->next)
        if (n->kind == BX_ELEMENT && n != but)
            member(b, list, n, of);
}

static bool any_attr(const struct bx_node *n, const char *skip)
{
    for (const struct bx_attr *a = n->attr; a; a = a->next)
        if (!evtx_is_namespace(a->name) && !(skip && bx_name_is(a->name, skip)))
            return true;
    return false;
}

static bool any_element(const struct bx_node *list)
{
    while (list && list->kind != BX_ELEMENT)
        list = list->next;
    return list != NULL;
}

static void json_element(struct sb *b, const struct bx_node *n, const char *skip)
{
    bool elements = n->had_elements || any_element(n->child);
    if (!elements && !any_attr(n, skip)) {
        evtx_text(b, n->child, EVTX_JSON);
        return;
    }
    sb_putc(b, '{');
    for (const struct bx_attr *a = n->attr; a; a = a->next) {
        if (evtx_is_namespace(a->name) || (skip && bx_name_is(a->name, skip)) ||
            earlier(n->attr, a))
            continue;
        sb_puts(b, "\"@");
        evtx_escape(b, a->name, EVTX_JSON);
        sb_puts(b, "\":");
        evtx_text(b, a->value, EVTX_JSON);
        sb_putc(b, ',');
    }
    members(b, n->child, NULL, by_element);
    if (!elements && n->child) {
        sb_puts(b, "\"#text\":");
        evtx_text(b, n->child, EVTX_JSON);
    }
    close(b, '}');
}

static void data_list(struct sb *b, const struct bx_node *list, const struct bx_node *binary)
{
    sb_putc(b, '[');
    for (const struct bx_node *n = list; n; n = n->next) {
        if (n->kind != BX_ELEMENT || n == binary || (n->item && !n->child))
            continue;
        json_element(b, n, NULL);
        sb_putc(b, ',');
    }
    close(b, ']');
}

static void event_data(struct sb *b, const struct bx_node *n)
{
    const struct bx_node *binary = bx_find(n->child, "Binary");
    bool any = false, named = false;
    for (const struct bx_node *m = n->child; m; m = m->next) {
        any = any || (m->kind == BX_ELEMENT && m != binary && !(m->item && !m->child));
        named = named || (m->kind == BX_ELEMENT && bx_attr_find(m, "Name"));
    }
    if (named) {
        sb_puts(b, "\"event_data\":{");
        members(b, n->child, binary, by_name);
        close(b, '}');
        sb_putc(b, ',');
    } else if (any) {
        sb_puts(b, "\"event_data\":");
        data_list(b, n->child, binary);
        sb_putc(b, ',');
    }
    if (binary && binary->child) {
        sb_puts(b, "\"binary\":");
        evtx_text(b, binary->child, EVTX_JSON);
        sb_putc(b, ',');
    }
}

static void json_tree(struct sb *b, const struct evtx_tree *t, const char *note)
{
    sb_putc(b, '{');
    if (t->system)
        system_members(b, t->system);
    const struct bx_node *list = t->root->child, *data = bx_find(list, "EventData");
    for (const struct bx_node *n = list; n; n = n->next) {
        if (n->kind != BX_ELEMENT || n == t->system)
            continue;
        if (n == data) {
            event_data(b, n);
        } else if (bx_name_is(n->name, "UserData") && bx_find(list, "UserData") == n) {
            sb_puts(b, "\"user_data\":");
            json_element(b, n, NULL);
            sb_putc(b, ',');
        } else {
            member(b, list, n, by_element);
        }
    }
    if (note) {
        sb_puts(b, "\"error\":");
        sb_json(b, str_of(note));
    }
    close(b, '}');
}

void evtx_render(struct sb *b, const struct evtx_tree *tree, const char *note,
                 enum evtx_format format)
{
    if (format == EVTX_JSON) {
        json_tree(b, tree, note);
        return;
    }
    struct bx_node alone = *tree->root;
    alone.next = NULL;
    xml_nodes(b, &alone);
    if (note) {
        sb_puts(b, "<!-- ");
        for (const char *p = note; *p; p++)
            sb_putc(b, *p == '-' || (*p & 0x80) || *p < ' ' ? '_' : *p);
        sb_puts(b, " -->");
    }
}
