#include "actions/writer_live.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <wincrypt.h>

#include "base/utf16.h"
#include "base/wide_win.h"
#include "host/registry_win.h"

enum { TOUCHED = 32 };

#define STORES STR("HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\")

/* The hive's key ("HKLM\SOFTWARE", "HKU\S-1-5-21-...") or a store's name. */
struct touched {
    struct str names[TOUCHED];
    size_t count;
};

struct live_writer {
    struct arena mem;
    struct touched hives, stores;
};

static bool fail(struct str key, struct str name, LSTATUS code, struct err *e)
{
    struct sb b;
    sb_init(&b, 1 << 12);
    sb_str(&b, key);
    if (name.len) {
        sb_putc(&b, '\\');
        sb_str(&b, name);
    }
    wide_fail(e, (DWORD)code, b.bad || !b.ptr ? "registry" : b.ptr);
    sb_done(&b);
    return false;
}

static bool no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, 0, "out of memory");
}

/* A root and a path below it, as the API wants them. */
struct where {
    HKEY root;
    const wchar_t *path;
};

static bool locate(struct str key, struct arena *a, struct where *out, struct err *e)
{
    struct str rest;
    if (!registry_win_split(key, &out->root, &rest) || !rest.len)
        return err_set(e, ERR_UNSUPPORTED, 0, STR_FMT ": below no registry root of this Windows",
                       STR_ARG(key));
    out->path = registry_win_text(a, rest);
    return out->path || no_memory(e);
}

static bool is_missing(LSTATUS code)
{
    return code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND;
}

static LSTATUS open_key(const struct where *w, REGSAM rights, HKEY *out)
{
    return RegOpenKeyExW(w->root, w->path, 0, rights | KEY_WOW64_64KEY, out);
}

/* ---- reading --------------------------------------------------------------------------------- */

static struct str parent(struct str key)
{
    while (key.len && key.ptr[key.len - 1] != '\\')
        key.len--;
    if (key.len)
        key.len--;
    return key;
}

static bool count_missing(struct str key, struct arena *a, size_t *missing, struct err *e)
{
    for (;;) {
        struct where w;
        HKEY k;
        (*missing)++;
        key = parent(key);
        if (!memchr(key.ptr, '\\', key.len))
            return true; /* the root itself */
        if (!locate(key, a, &w, e))
            return false;
        LSTATUS code = open_key(&w, KEY_QUERY_VALUE, &k);
        if (code == ERROR_SUCCESS)
            RegCloseKey(k);
        if (code == ERROR_SUCCESS || !is_missing(code))
            return code == ERROR_SUCCESS || fail(key, STR(""), code, e);
    }
}

static bool live_read(void *backend, struct str key, struct str name, struct arena *a,
                      struct reg_image *out, size_t *missing_keys, struct err *e)
{
    struct where w;
    HKEY k;
    DWORD type = 0;
    (void)backend;
    *out = (struct reg_image){0};
    *missing_keys = 0;
    if (!locate(key, a, &w, e))
        return false;
    LSTATUS code = open_key(&w, KEY_QUERY_VALUE, &k);
    if (is_missing(code))
        return count_missing(key, a, missing_keys, e);
    if (code != ERROR_SUCCESS)
        return fail(key, STR(""), code, e);
    const wchar_t *wide = registry_win_text(a, name);
    code = wide ? registry_win_query(k, wide, a, &type, &out->data) : ERROR_NOT_ENOUGH_MEMORY;
    RegCloseKey(k);
    if (is_missing(code))
        return true;
    out->present = code == ERROR_SUCCESS;
    out->type = type;
    return out->present || fail(key, name, code, e);
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool note(struct arena *a, struct touched *t, struct str name, struct err *e)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_ieq(t->names[i], name))
            return true;
    struct str kept = str_dup(a, name);
    if (!kept.ptr)
        return no_memory(e);
    if (t->count == TOUCHED)
        return err_set(e, ERR_LIMIT, 0, "more than %d hives or stores in one plan", TOUCHED);
    t->names[t->count++] = kept;
    return true;
}

/* Before anything is written to it. */
static bool touch(struct live_writer *l, struct str key, struct err *e)
{
    const char *first = memchr(key.ptr, '\\', key.len);
    const char *second =
        first ? memchr(first + 1, '\\', key.len - (size_t)(first + 1 - key.ptr)) : NULL;
    struct str hive = {key.ptr, second ? (size_t)(second - key.ptr) : key.len};
    if (!note(&l->mem, &l->hives, hive, e))
        return false;
    if (key.len <= STORES.len || !str_ieq((struct str){key.ptr, STORES.len}, STORES))
        return true;
    const char *store = key.ptr + STORES.len;
    size_t rest = key.len - STORES.len;
    const char *end = memchr(store, '\\', rest);
    return note(&l->mem, &l->stores, (struct str){store, end ? (size_t)(end - store) : rest}, e);
}

static LSTATUS set_value(const struct where *w, const wchar_t *name, const struct reg_image *image)
{
    HKEY k;
    LSTATUS code = RegCreateKeyExW(w->root, w->path, 0, NULL, REG_OPTION_NON_VOLATILE,
                                   KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &k, NULL);
    if (code != ERROR_SUCCESS)
        return code;
    code = RegSetValueExW(k, name, 0, image->type, image->data.ptr, (DWORD)image->data.len);
    RegCloseKey(k);
    return code;
}

static LSTATUS delete_value(const struct where *w, const wchar_t *name)
{
    HKEY k;
    LSTATUS code = open_key(w, KEY_SET_VALUE, &k);
    if (code == ERROR_SUCCESS) {
        code = RegDeleteValueW(k, name);
        RegCloseKey(k);
    }
    return is_missing(code) ? ERROR_SUCCESS : code;
}

static bool live_write(void *backend, struct str key, struct str name,
                       const struct reg_image *image, struct err *e)
{
    struct live_writer *l = backend;
    struct where w;
    struct arena a;
    if (!touch(l, key, e))
        return false;
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = locate(key, &a, &w, e);
    const wchar_t *wide = ok ? registry_win_text(&a, name) : NULL;
    if (ok) {
        LSTATUS code = !wide            ? ERROR_NOT_ENOUGH_MEMORY
                       : image->present ? set_value(&w, wide, image)
                                        : delete_value(&w, wide);
        ok = code == ERROR_SUCCESS || fail(key, name, code, e);
    }
    arena_done(&a);
    return ok;
}

static LSTATUS is_empty(const struct where *w, bool *empty)
{
    HKEY k;
    DWORD subkeys = 0, values = 0;
    LSTATUS code = open_key(w, KEY_QUERY_VALUE, &k);
    if (code != ERROR_SUCCESS)
        return code;
    code = RegQueryInfoKeyW(k, NULL, NULL, NULL, &subkeys, NULL, NULL, &values, NULL, NULL, NULL,
                            NULL);
    RegCloseKey(k);
    *empty = !subkeys && !values;
    return code;
}

static bool live_drop_key(void *backend, struct str key, struct err *e)
{
    struct live_writer *l = backend;
    struct where w;
    struct arena a;
    bool empty = false;
    if (!touch(l, key, e))
        return false;
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = locate(key, &a, &w, e);
    if (ok) {
        LSTATUS code = is_empty(&w, &empty);
        if (code == ERROR_SUCCESS && empty)
            code = RegDeleteKeyExW(w.root, w.path, KEY_WOW64_64KEY, 0);
        ok = code == ERROR_SUCCESS || is_missing(code) || fail(key, STR(""), code, e);
    }
    arena_done(&a);
    return ok;
}

/* ---- making it last -------------------------------------------------------------------------- */

static bool flush(struct live_writer *l, struct str hive, struct err *e)
{
    struct where w;
    HKEY k;
    if (!locate(hive, &l->mem, &w, e))
        return false;
    LSTATUS code = open_key(&w, KEY_QUERY_VALUE, &k);
    if (code == ERROR_SUCCESS) {
        code = RegFlushKey(k);
        RegCloseKey(k);
    }
    return code == ERROR_SUCCESS || fail(hive, STR(""), code, e);
}

/* Opened without making one, and without changing anything through it: the store reads its keys
 * again, and the commit says whether it could. */
static bool commit_store(struct live_writer *l, struct str name, struct err *e)
{
    const wchar_t *wide = registry_win_text(&l->mem, name);
    if (!wide)
        return no_memory(e);
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                      CERT_SYSTEM_STORE_LOCAL_MACHINE | CERT_STORE_OPEN_EXISTING_FLAG, wide);
    DWORD code = store ? ERROR_SUCCESS : GetLastError();
    if (store && !CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL))
        code = GetLastError();
    if (store)
        CertCloseStore(store, 0);
    return code == ERROR_SUCCESS || is_missing((LSTATUS)code) ||
           fail(STR("certificate store"), name, (LSTATUS)code, e);
}

static bool live_commit(void *backend, struct err *e)
{
    struct live_writer *l = backend;
    for (size_t i = 0; i < l->hives.count; i++)
        if (!flush(l, l->hives.names[i], e))
            return false;
    for (size_t i = 0; i < l->stores.count; i++)
        if (!commit_store(l, l->stores.names[i], e))
            return false;
    return true;
}

static void live_close(void *backend)
{
    struct live_writer *l = backend;
    arena_done(&l->mem);
    free(l);
}

static const struct writer_ops live_ops = {live_read, live_write, live_drop_key, live_commit,
                                           live_close};

/* ---- opening --------------------------------------------------------------------------------- */

static bool is_elevated(void)
{
    HANDLE token;
    TOKEN_ELEVATION elevation = {0};
    DWORD len;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool known = GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &len);
    CloseHandle(token);
    return known && elevation.TokenIsElevated;
}

bool writer_live_allowed(struct err *e)
{
    BOOL wow64 = FALSE;
    if (IsWow64Process(GetCurrentProcess(), &wow64) && wow64)
        return err_set(e, ERR_UNSUPPORTED, 0,
                       "this is the 32-bit build on a 64-bit Windows: use the x64 build of "
                       "rectify to change this host");
    return is_elevated() ||
           err_set(e, ERR_DENIED, 0,
                   "changing this host needs administrator rights: start it elevated");
}

bool writer_live_open(const struct writer_ops **ops, void **backend, struct err *e)
{
    if (!writer_live_allowed(e))
        return false;
    struct live_writer *l = calloc(1, sizeof *l);
    if (!l)
        return no_memory(e);
    arena_init(&l->mem, ARENA_DEFAULT_CAP);
    *ops = &live_ops;
    *backend = l;
    return true;
}
