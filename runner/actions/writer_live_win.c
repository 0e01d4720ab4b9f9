#include "actions/writer_live.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <wincrypt.h>
#include <winternl.h>

#include "base/utf16.h"
#include "base/wide_win.h"
#include "host/registry_win.h"

enum { TOUCHED = 1024 };

/* ERROR_STOPPED_ON_SYMLINK, which the compiler's headers lack. */
enum { LINKED = 681 };

/* Of ntdll since NT 4, in no header for applications: KeyNameInformation. */
enum { KEY_NAME = 3 };
struct key_name {
    ULONG bytes;
    wchar_t text[];
};
NTSTATUS NTAPI NtQueryKey(HANDLE key, int what, void *out, ULONG size, ULONG *need);

#define STORES STR("HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\")

/* The hive's key ("HKLM\SOFTWARE", "HKU\S-1-5-21-...") or a store's name. */
struct touched {
    struct str names[TOUCHED];
    size_t count;
};

struct live_writer {
    struct arena mem;
    struct touched hives, stores, made; /* `made`: stores that were not there before */
};

static bool fail(struct str key, struct str name, LSTATUS code, struct err *e)
{
    struct sb b;
    if (code == LINKED)
        return err_set(e, ERR_DENIED, 0,
                       STR_FMT ": a registry link leads to it, and links are not written through",
                       STR_ARG(key));
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

/* Whether the key that was opened is the one that was named.  Whoever may make keys below a key may
 * make links there, and an administrator's writes must not go where somebody else points. */
static LSTATUS itself(HKEY key, const struct where *w)
{
    const wchar_t *root = w->root == HKEY_USERS ? L"\\REGISTRY\\USER\\" : L"\\REGISTRY\\MACHINE\\";
    size_t front = wcslen(root), rest = wcslen(w->path);
    ULONG size = (ULONG)(sizeof(struct key_name) + (front + rest) * sizeof *root), need = 0;
    struct key_name *have = malloc(size);
    if (!have)
        return ERROR_NOT_ENOUGH_MEMORY;
    /* A name that does not fit is another one. */
    bool same =
        NtQueryKey(key, KEY_NAME, have, size, &need) == 0 &&
        have->bytes == (front + rest) * sizeof *root &&
        CompareStringOrdinal(have->text, (int)front, root, (int)front, TRUE) == CSTR_EQUAL &&
        CompareStringOrdinal(have->text + front, (int)rest, w->path, (int)rest, TRUE) == CSTR_EQUAL;
    free(have);
    return same ? ERROR_SUCCESS : LINKED;
}

static LSTATUS kept(LSTATUS code, const struct where *w, HKEY *key)
{
    if (code == ERROR_SUCCESS && (code = itself(*key, w)) != ERROR_SUCCESS)
        RegCloseKey(*key);
    return code;
}

static LSTATUS open_key(const struct where *w, REGSAM rights, HKEY *out)
{
    return kept(RegOpenKeyExW(w->root, w->path, 0, rights | KEY_WOW64_64KEY, out), w, out);
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

/* The key of a store, that whatever lies in it has in front. */
static struct str store_key(struct str key)
{
    size_t end = STORES.len;
    if (key.len <= end || !str_ieq((struct str){key.ptr, end}, STORES))
        return (struct str){NULL, 0};
    while (end < key.len && key.ptr[end] != '\\')
        end++;
    return (struct str){key.ptr, end};
}

static bool noted(const struct touched *t, struct str name)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_ieq(t->names[i], name))
            return true;
    return false;
}

static bool note(struct arena *a, struct touched *t, struct str name, struct err *e)
{
    if (noted(t, name))
        return true;
    struct str kept = str_dup(a, name);
    if (!kept.ptr)
        return no_memory(e);
    if (t->count == TOUCHED)
        return err_set(e, ERR_LIMIT, 0, "more than %d hives or stores in one plan", TOUCHED);
    t->names[t->count++] = kept;
    return true;
}

/* A store that is made by what is written is in nobody's memory; and opening it would make keys in
 * it that undo knows nothing of. */
static bool note_store(struct live_writer *l, struct str key, struct err *e)
{
    struct where w;
    HKEY k;
    if (!locate(key, &l->mem, &w, e))
        return false;
    struct str name = {key.ptr + STORES.len, key.len - STORES.len};
    if (noted(&l->stores, name) || noted(&l->made, name))
        return true;
    LSTATUS code = open_key(&w, KEY_QUERY_VALUE, &k);
    if (code != ERROR_SUCCESS && !is_missing(code))
        return fail(key, STR(""), code, e);
    if (code == ERROR_SUCCESS)
        RegCloseKey(k);
    return note(&l->mem, code == ERROR_SUCCESS ? &l->stores : &l->made, name, e);
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
    struct str store = store_key(key);
    return !store.len || note_store(l, store, e);
}

/* The nearest key above that is there; its path gets the rest of the key's, which is not. */
static LSTATUS open_above(const struct where *w, wchar_t *path, const wchar_t **rest, HKEY *out)
{
    for (wchar_t *cut; (cut = wcsrchr(path, L'\\'));) {
        *cut = 0;
        LSTATUS code = open_key(&(struct where){w->root, path}, KEY_CREATE_SUB_KEY, out);
        if (!is_missing(code)) {
            *rest = w->path + (cut + 1 - path);
            return code;
        }
    }
    return ERROR_FILE_NOT_FOUND;
}

/* Made below a key that is known to be itself. */
static LSTATUS make_key(const struct where *w, HKEY *out)
{
    HKEY above;
    const wchar_t *rest;
    wchar_t *path = _wcsdup(w->path);
    LSTATUS code = path ? open_above(w, path, &rest, &above) : ERROR_NOT_ENOUGH_MEMORY;
    free(path);
    if (code != ERROR_SUCCESS)
        return code;
    code = RegCreateKeyExW(above, rest, 0, NULL, REG_OPTION_NON_VOLATILE,
                           KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, out, NULL);
    RegCloseKey(above);
    return kept(code, w, out);
}

static LSTATUS set_value(const struct where *w, const wchar_t *name, const struct reg_image *image)
{
    HKEY k;
    LSTATUS code = open_key(w, KEY_SET_VALUE, &k);
    if (is_missing(code))
        code = make_key(w, &k);
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

static LSTATUS delete_key(const struct where *w, struct arena *a)
{
    HKEY above;
    const wchar_t *leaf = wcsrchr(w->path, L'\\');
    size_t units = leaf ? (size_t)(leaf - w->path) : 0;
    wchar_t *path = leaf ? arena_alloc(a, (units + 1) * sizeof *path) : NULL;
    if (!path)
        return leaf ? ERROR_NOT_ENOUGH_MEMORY : ERROR_ACCESS_DENIED;
    memcpy(path, w->path, units * sizeof *path);
    path[units] = 0;
    LSTATUS code = open_key(&(struct where){w->root, path}, KEY_QUERY_VALUE, &above);
    if (code != ERROR_SUCCESS)
        return code;
    code = RegDeleteKeyExW(above, leaf + 1, KEY_WOW64_64KEY, 0);
    RegCloseKey(above);
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
            code = delete_key(&w, &a);
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

static void ask_elevation(struct writer_live_process *p)
{
    HANDLE token;
    TOKEN_ELEVATION elevation = {0};
    DWORD len;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return;
    p->elevation_known =
        GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &len);
    p->elevated = elevation.TokenIsElevated;
    CloseHandle(token);
}

/* A group that a token has only to be denied by, as before elevation, is none. */
static bool is_administrator(void)
{
    DWORD64 sid[(SECURITY_MAX_SID_SIZE + 7) / 8];
    DWORD len = sizeof sid;
    BOOL member = FALSE;
    return CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, sid, &len) &&
           CheckTokenMembership(NULL, sid, &member) && member;
}

bool writer_live_allowed(struct err *e)
{
    struct writer_live_process p = {.administrator = is_administrator()};
    BOOL wow64 = FALSE;
    p.wow64_known = IsWow64Process(GetCurrentProcess(), &wow64);
    p.wow64 = wow64;
    ask_elevation(&p);
    return writer_live_decide(&p, e);
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
