/* Registry facts above the backends: names of roots, CurrentControlSet, the two views, and typed
 * data. */
#include "base/utf16.h"
#include "host/host_ops.h"
#include "host/wow64.h"

enum { KEY_PATH_MAX = 32767, STRINGS_MAX = 65536 };

struct root {
    const char *name, *place;
};

static const struct root roots[] = {
    {"HKLM", "HKLM"},
    {"HKEY_LOCAL_MACHINE", "HKLM"},
    {"HKU", "HKU"},
    {"HKEY_USERS", "HKU"},
    {"HKCR", "HKLM\\SOFTWARE\\Classes"},
    {"HKEY_CLASSES_ROOT", "HKLM\\SOFTWARE\\Classes"},
};

/* --- places --- */

bool registry_canonical(struct str key, struct arena *a, struct str *out)
{
    if (key.len > KEY_PATH_MAX)
        return false;
    struct str left = key;
    while (left.len && left.ptr[0] == '\\')
        left = (struct str){left.ptr + 1, left.len - 1};
    size_t end = 0;
    while (end < left.len && left.ptr[end] != '\\')
        end++;
    struct str name = {left.ptr, end};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        if (!str_ieq(name, str_of(roots[i].name)))
            continue;
        size_t front = strlen(roots[i].place), n = front;
        char *text = arena_alloc(a, front + left.len - end + 1);
        if (!text)
            return false;
        memcpy(text, roots[i].place, front);
        for (size_t at = end; at < left.len; at++)
            if (left.ptr[at] != '\\' || text[n - 1] != '\\')
                text[n++] = left.ptr[at];
        while (n > front && text[n - 1] == '\\')
            n--;
        *out = (struct str){text, n};
        return true;
    }
    return false;
}

/* The control set that Windows was running with: never guessed. */
static bool control_set(struct host *h, struct str rest, struct arena *a, struct str *out,
                        enum fact_state *state, struct str *reason)
{
    struct reg_value current = {0};
    h->ops->value(h, STR("HKLM\\SYSTEM\\Select"), STR("Current"), a, &current);
    uint32_t number =
        current.state == FACT_FOUND && current.type == REGF_DWORD && current.data.len == 4
            ? load_u32(current.data.ptr)
            : 0;
    if (number < 1 || number > 999) {
        *state = current.state == FACT_NOT_COLLECTED ? FACT_NOT_COLLECTED : FACT_UNREADABLE;
        *reason = current.reason;
        if (current.state == FACT_FOUND)
            *reason = STR("SYSTEM\\Select\\Current names no control set");
        if (current.state == FACT_ABSENT)
            *reason =
                STR("SYSTEM\\Select\\Current is missing: the current control set is not known");
        return false;
    }
    struct reg_key set = {0};
    struct str place = str_fmt(a, "HKLM\\SYSTEM\\ControlSet%03u", (unsigned)number);
    h->ops->key(h, place, false, a, &set);
    if (set.state != FACT_FOUND) {
        *reason = set.state == FACT_ABSENT
                      ? str_fmt(a, "SYSTEM\\Select\\Current names control set %u, which is missing",
                                (unsigned)number)
                      : set.reason;
        return false;
    }
    *out = str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(place), rest.len ? "\\" : "", STR_ARG(rest));
    return true;
}

/* HKU\<SID>\Software\Classes is a link to HKU\<SID>_Classes. */
static struct str user_place(struct str key, struct arena *a)
{
    size_t end = 4; /* behind HKU\ */
    while (end < key.len && key.ptr[end] != '\\')
        end++;
    if (end >= key.len)
        return key;
    struct str name = {key.ptr + 4, end - 4}, rest = {NULL, 0};
    if (name.ptr[0] == '.' || str_ieq(name, STR("S-1-5-18"))) /* both are the hive DEFAULT */
        return key;
    struct str inside = {key.ptr + end + 1, key.len - end - 1};
    if (!wow64_below(inside, STR("Software\\Classes"), &rest))
        return key;
    return str_fmt(a, "HKU\\" STR_FMT "_Classes%s" STR_FMT, STR_ARG(name), rest.len ? "\\" : "",
                   STR_ARG(rest));
}

bool registry_resolve(struct host *h, struct str key, enum reg_view view, struct arena *a,
                      struct str *out, enum fact_state *state, struct str *reason)
{
    struct str place, rest;
    *state = FACT_UNREADABLE;
    if (!registry_canonical(key, a, &place)) {
        *reason = str_fmt(a, "\"" STR_FMT "\" is below no registry root known here", STR_ARG(key));
        return false;
    }
    /* On a running Windows it is a key like any other. */
    if (h->info.kind != TARGET_LIVE &&
        wow64_below(place, STR("HKLM\\SYSTEM\\CurrentControlSet"), &rest))
        return control_set(h, rest, a, out, state, reason);
    if (wow64_below(place, STR("HKU"), &rest)) {
        *out = user_place(place, a);
    } else if (wow64_below(place, STR("HKLM\\SOFTWARE"), &rest) && rest.len && host_is_64bit(h)) {
        struct str moved = wow64_key(rest, view, host_nt_version(h), a);
        *out = str_fmt(a, "HKLM\\SOFTWARE\\" STR_FMT, STR_ARG(moved));
    } else {
        *out = place;
    }
    *reason = out->ptr ? (struct str){NULL, 0} : STR("out of memory");
    return out->ptr != NULL;
}

/* --- typed data --- */

static void decode_strings(struct arena *a, struct span data, struct reg_value *out)
{
    size_t units = data.len / 2, count = 0, start = 0;
    for (size_t i = 0; i < units && count < STRINGS_MAX; i++)
        if (load_u16(data.ptr + 2 * i) == 0)
            count++;
    out->strings = ARENA_ARRAY(a, count + 1, struct str);
    if (!out->strings)
        return;
    /* The list ends with an empty string; a last string without its NUL still counts. */
    for (size_t i = 0; i <= units && out->string_count <= count; i++) {
        if (i < units && load_u16(data.ptr + 2 * i) != 0)
            continue;
        if (i == start)
            break;
        out->strings[out->string_count++] =
            utf16_to_utf8(a, span_of(data.ptr + 2 * start, 2 * (i - start)));
        start = i + 1;
    }
}

static void decode(struct arena *a, struct reg_value *v)
{
    const uint8_t *p = v->data.ptr;
    switch (v->type) {
    case REGF_SZ:
    case REGF_EXPAND_SZ:
        v->text = utf16z_to_utf8(a, v->data);
        break;
    case REGF_LINK:
        v->text = utf16_to_utf8(a, v->data); /* carries no NUL */
        break;
    case REGF_MULTI_SZ:
        decode_strings(a, v->data, v);
        break;
    case REGF_DWORD:
    case REGF_DWORD_BIG_ENDIAN:
        v->has_number = v->data.len == 4;
        if (v->has_number && v->type == REGF_DWORD)
            v->number = load_u32(p);
        else if (v->has_number)
            v->number = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        break;
    case REGF_QWORD:
        v->has_number = v->data.len == 8;
        v->number = v->has_number ? load_u64(p) : 0;
        break;
    default:
        break;
    }
}

static void shown(struct arena *a, struct str key, struct str name, struct evidence *ev)
{
    if (ev->where.ptr)
        return;
    ev->where =
        str_fmt(a, STR_FMT "\\" STR_FMT, STR_ARG(key), STR_ARG(name.len ? name : STR("(Default)")));
}

void registry_at(struct host *h, struct str place, struct str name, struct arena *a,
                 struct reg_value *out)
{
    memset(out, 0, sizeof *out);
    h->ops->value(h, place, name, a, out);
    shown(a, place, name, &out->evidence);
    if (out->state == FACT_FOUND)
        decode(a, out);
    else if (out->reason.len)
        out->evidence.note = out->reason;
    if (a->full && out->state == FACT_FOUND) {
        out->state = FACT_UNREADABLE;
        out->reason = STR("value is larger than the memory allowed for it");
    }
}

void registry_value(struct host *h, struct str key, struct str name, enum reg_view view,
                    struct arena *a, struct reg_value *out)
{
    enum fact_state state;
    struct str place, reason;
    if (registry_resolve(h, key, view, a, &place, &state, &reason)) {
        registry_at(h, place, name, a, out);
        return;
    }
    memset(out, 0, sizeof *out);
    out->state = state;
    out->reason = out->evidence.note = reason;
    shown(a, key, name, &out->evidence);
}

void registry_key(struct host *h, struct str key, enum reg_view view, bool list, struct arena *a,
                  struct reg_key *out)
{
    struct str place = key;
    memset(out, 0, sizeof *out);
    if (registry_resolve(h, key, view, a, &place, &out->state, &out->reason))
        h->ops->key(h, place, list, a, out);
    if (!out->evidence.where.ptr)
        out->evidence.where = str_dup(a, place.ptr ? place : key);
    if (out->state != FACT_FOUND && out->reason.len)
        out->evidence.note = out->reason;
}

struct str registry_text(struct host *h, const char *key, const char *name, struct arena *a)
{
    struct reg_value v;
    registry_value(h, str_of(key), str_of(name), VIEW_NATIVE, a, &v);
    return v.state == FACT_FOUND ? v.text : (struct str){NULL, 0};
}

/* --- the interface --- */

void host_reg_value(struct host *h, struct str key, struct str name, enum reg_view view,
                    struct arena *a, struct reg_value *out)
{
    registry_value(h, key, name, view, a, out);
    if (out->state == FACT_FOUND)
        (void)sha256_hex(out->data, out->evidence.sha256, NULL);
    host_count(h, out->state);
}

void host_reg_key(struct host *h, struct str key, enum reg_view view, bool list, struct arena *a,
                  struct reg_key *out)
{
    registry_key(h, key, view, list, a, out);
    host_count(h, out->state);
}
