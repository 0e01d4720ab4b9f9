/* Registry of the running Windows.  Places arrive with Wow6432Node written out, so that everything
 * is read through the 64-bit view. */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/utf16.h"
#include "base/wide_win.h"
#include "base/wtime.h"
#include "host/live_win.h"
#include "host/registry_win.h"

enum { NAME_UNITS = 16384, TRIES = 8, VALUE_MAX = 64 << 20 };

bool registry_win_split(struct str place, HKEY *root, struct str *rest)
{
    static const struct {
        struct str name;
        HKEY root;
    } roots[] = {{{"HKLM", 4}, HKEY_LOCAL_MACHINE}, {{"HKU", 3}, HKEY_USERS}};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t n = roots[i].name.len;
        if (place.len < n || !str_ieq((struct str){place.ptr, n}, roots[i].name) ||
            (place.len > n && place.ptr[n] != '\\'))
            continue;
        *root = roots[i].root;
        *rest = place.len > n ? (struct str){place.ptr + n + 1, place.len - n - 1}
                              : (struct str){NULL, 0};
        return true;
    }
    return false;
}

const wchar_t *registry_win_text(struct arena *a, struct str text)
{
    struct span units = utf8_to_utf16(a, text);
    wchar_t *out = text.len && !units.ptr ? NULL : arena_alloc(a, units.len + sizeof *out);
    if (out && units.len)
        memcpy(out, units.ptr, units.len);
    if (out)
        out[units.len / sizeof *out] = 0;
    return out;
}

static enum fact_state failed(struct arena *a, LSTATUS code, struct str place, struct str *reason)
{
    struct err e = {0};
    if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND)
        return FACT_ABSENT;
    wide_fail(&e, (DWORD)code, "registry");
    *reason = host_reason(a, place, &e);
    return FACT_UNREADABLE;
}

/* A user whose profile is on disk but not loaded has keys that nobody sees now. */
static bool profile_not_loaded(struct str place, struct arena *a)
{
    size_t end = 4;
    HKEY key;
    if (place.len < 5 || !str_ieq((struct str){place.ptr, 4}, STR("HKU\\")))
        return false;
    while (end < place.len && place.ptr[end] != '\\')
        end++;
    struct str sid = {place.ptr + 4, end - 4};
    if (sid.len > 8 && str_ieq((struct str){sid.ptr + sid.len - 8, 8}, STR("_Classes")))
        sid.len -= 8;
    const wchar_t *user = registry_win_text(a, sid);
    if (user && RegOpenKeyExW(HKEY_USERS, user, 0, KEY_READ, &key) == ERROR_SUCCESS) {
        RegCloseKey(key);
        return false;
    }
    const wchar_t *profile = registry_win_text(
        a, str_fmt(a, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\" STR_FMT,
                   STR_ARG(sid)));
    if (!profile || RegOpenKeyExW(HKEY_LOCAL_MACHINE, profile, 0, KEY_READ | KEY_WOW64_64KEY,
                                  &key) != ERROR_SUCCESS)
        return false;
    RegCloseKey(key);
    return true;
}

static bool open_key(struct str place, struct arena *a, HKEY *out, enum fact_state *state,
                     struct str *reason)
{
    HKEY root;
    struct str rest;
    if (!registry_win_split(place, &root, &rest)) {
        *state = FACT_UNREADABLE;
        *reason = str_fmt(a, STR_FMT ": below no registry root of this Windows", STR_ARG(place));
        return false;
    }
    const wchar_t *path = registry_win_text(a, rest);
    LSTATUS code = path ? RegOpenKeyExW(root, path, 0, KEY_READ | KEY_WOW64_64KEY, out)
                        : ERROR_NOT_ENOUGH_MEMORY;
    if (code == ERROR_SUCCESS)
        return true;
    *state = failed(a, code, place, reason);
    if (*state == FACT_ABSENT && profile_not_loaded(place, a)) {
        *state = FACT_UNREADABLE;
        *reason = str_fmt(a, STR_FMT ": the profile of this user is not loaded", STR_ARG(place));
    }
    return false;
}

static uint64_t written_at(HKEY key)
{
    FILETIME t;
    if (RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &t) !=
        ERROR_SUCCESS)
        return 0;
    return (uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime;
}

static void tell_place(struct arena *a, HKEY key, struct evidence *ev)
{
    char when[WTIME_TEXT];
    uint64_t written = written_at(key);
    ev->artefact = STR("registry");
    if (written)
        ev->note = str_fmt(a, "key written %s", wtime_format(written, when));
}

LSTATUS registry_win_query(HKEY key, const wchar_t *name, struct arena *a, DWORD *type,
                           struct span *out)
{
    /* A value may grow between asking for its size and its data. */
    for (int i = 0; i < TRIES; i++) {
        DWORD size = 0;
        LSTATUS code = RegQueryValueExW(key, name, NULL, type, NULL, &size);
        if (code != ERROR_SUCCESS)
            return code;
        uint8_t *bytes = size <= VALUE_MAX ? arena_alloc(a, (size_t)size + 1) : NULL;
        if (!bytes)
            return ERROR_NOT_ENOUGH_MEMORY;
        code = RegQueryValueExW(key, name, NULL, type, bytes, &size);
        if (code != ERROR_MORE_DATA) {
            *out = span_of(bytes, size);
            return code;
        }
    }
    return ERROR_MORE_DATA;
}

void live_value(struct host *h, struct str key, struct str name, struct arena *a,
                struct reg_value *out)
{
    HKEY k;
    DWORD type = 0;
    (void)h;
    out->evidence.artefact = STR("registry");
    if (!open_key(key, a, &k, &out->state, &out->reason))
        return;
    tell_place(a, k, &out->evidence);
    const wchar_t *wide = registry_win_text(a, name);
    LSTATUS code =
        wide ? registry_win_query(k, wide, a, &type, &out->data) : ERROR_NOT_ENOUGH_MEMORY;
    RegCloseKey(k);
    out->state = code == ERROR_SUCCESS ? FACT_FOUND : failed(a, code, key, &out->reason);
    out->type = type;
}

struct names {
    struct str *items;
    size_t count, cap;
};

static bool names_add(struct arena *a, struct names *n, const wchar_t *name, DWORD units)
{
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 32;
        struct str *grown = ARENA_ARRAY(a, cap, struct str);
        if (!grown)
            return false;
        if (n->count)
            memcpy(grown, n->items, n->count * sizeof *grown);
        n->items = grown;
        n->cap = cap;
    }
    struct span bytes = {(const uint8_t *)name, units * sizeof *name};
    struct str text = utf16_to_utf8(a, bytes);
    n->items[n->count++] = text.ptr ? text : STR("");
    return text.ptr || !units;
}

static LSTATUS list_names(HKEY key, bool values, wchar_t *buffer, struct arena *a, struct names *n)
{
    for (DWORD i = 0;; i++) {
        DWORD units = NAME_UNITS;
        LSTATUS code = values ? RegEnumValueW(key, i, buffer, &units, NULL, NULL, NULL, NULL)
                              : RegEnumKeyExW(key, i, buffer, &units, NULL, NULL, NULL, NULL);
        if (code == ERROR_NO_MORE_ITEMS)
            return ERROR_SUCCESS;
        if (code != ERROR_SUCCESS)
            return code;
        if (!names_add(a, n, buffer, units))
            return ERROR_NOT_ENOUGH_MEMORY;
    }
}

void live_key(struct host *h, struct str key, bool list, struct arena *a, struct reg_key *out)
{
    HKEY k;
    struct names subkeys = {0}, values = {0};
    (void)h;
    out->evidence.artefact = STR("registry");
    if (!open_key(key, a, &k, &out->state, &out->reason))
        return;
    tell_place(a, k, &out->evidence);
    out->written = written_at(k);
    wchar_t *buffer = list ? malloc(NAME_UNITS * sizeof *buffer) : NULL;
    LSTATUS code = list && !buffer ? ERROR_NOT_ENOUGH_MEMORY : ERROR_SUCCESS;
    if (list && code == ERROR_SUCCESS)
        code = list_names(k, false, buffer, a, &subkeys);
    if (list && code == ERROR_SUCCESS)
        code = list_names(k, true, buffer, a, &values);
    free(buffer);
    RegCloseKey(k);
    out->subkeys = subkeys.items;
    out->subkey_count = subkeys.count;
    out->values = values.items;
    out->value_count = values.count;
    out->state = code == ERROR_SUCCESS ? FACT_FOUND : failed(a, code, key, &out->reason);
}
