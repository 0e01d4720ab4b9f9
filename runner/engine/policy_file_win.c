#include "engine/policy_file.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/owner_win.h"
#include "base/wide_win.h"

struct walk {
    struct arena *mem;
    struct policy_files *out;
    struct err *e;
};

static bool is_test(const char *path)
{
    static const char end[] = "_test.lua";
    size_t len = strlen(path), n = sizeof end - 1;
    return len > n && memcmp(path + len - n, end, n) == 0;
}

static bool read_whole(HANDLE h, const char *path, size_t most, struct arena *a, struct span *text,
                       struct err *e)
{
    LARGE_INTEGER size;
    if (!GetFileSizeEx(h, &size))
        return wide_fail(e, GetLastError(), path);
    if ((uint64_t)size.QuadPart > most)
        return err_set(e, ERR_LIMIT, 0, "%s:1: larger than %zu bytes", path, most);
    size_t len = (size_t)size.QuadPart;
    uint8_t *bytes = arena_alloc(a, len + 1);
    DWORD got = 0;
    if (!bytes)
        return err_set(e, ERR_NOMEM, 0, "%s: no memory", path);
    if (!ReadFile(h, bytes, (DWORD)len, &got, NULL) || got != len)
        return err_set(e, ERR_IO, got, "%s: cut short", path);
    *text = span_of(bytes, len);
    return true;
}

static bool read_file(struct walk *w, HANDLE h, const char *path, bool products)
{
    struct policy_files *out = w->out;
    struct span text;
    if (!out->items)
        out->items = ARENA_ARRAY(w->mem, POLICY_FILES, struct policy_file);
    if (!out->items || out->count == POLICY_FILES)
        return err_set(w->e, ERR_LIMIT, 0, "%s: more than %d policy files", path, POLICY_FILES);
    if (!read_whole(h, path, POLICY_FILE_SIZE, w->mem, &text, w->e))
        return false;
    out->items[out->count++] = (struct policy_file){.path = str_dup(w->mem, str_of(path)),
                                                    .text = text,
                                                    .products = products,
                                                    .tests = is_test(path)};
    return true;
}

static bool read_path(struct walk *w, const char *path, unsigned depth, bool products);

static bool is_lua(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool list(struct walk *w, const char *path, char ***names, size_t *count)
{
    struct str pattern = str_fmt(w->mem, "%s\\*", path);
    wchar_t *wide = pattern.ptr ? wide_path(pattern.ptr) : NULL;
    WIN32_FIND_DATAW f;
    HANDLE h = wide ? FindFirstFileW(wide, &f) : INVALID_HANDLE_VALUE;
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE)
        return wide_fail(w->e, code, path);
    *names = ARENA_ARRAY(w->mem, POLICY_FILES, char *);
    bool ok = *names || err_set(w->e, ERR_NOMEM, 0, "%s: no memory", path);
    *count = 0;
    do {
        bool folder = f.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
        char *name = wide_utf8(f.cFileName);
        if (ok && name && name[0] != '.' &&
            !(folder && (f.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)) &&
            (folder || is_lua(name))) {
            if (*count == POLICY_FILES)
                ok = err_set(w->e, ERR_LIMIT, 0, "%s: more than %d policy files", path,
                             POLICY_FILES);
            else
                (*names)[(*count)++] = (char *)arena_strdup(w->mem, name, strlen(name));
        }
        free(name);
    } while (ok && FindNextFileW(h, &f));
    FindClose(h);
    if (ok && *count)
        qsort(*names, *count, sizeof **names, by_name);
    return ok;
}

static bool read_folder(struct walk *w, const char *path, unsigned depth, bool products)
{
    char **names = NULL;
    size_t count = 0;
    if (depth > POLICY_FOLDER_DEPTH)
        return err_set(w->e, ERR_LIMIT, 0, "%s: folders more than %d deep", path,
                       POLICY_FOLDER_DEPTH);
    if (!list(w, path, &names, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct str below = names[i] ? str_fmt(w->mem, "%s\\%s", path, names[i]) : STR("");
        if (!below.len)
            return err_set(w->e, ERR_NOMEM, 0, "%s: no memory", path);
        if (!read_path(w, below.ptr, depth + 1, products || strcmp(names[i], "products") == 0))
            return false;
    }
    return true;
}

/* What is read through the handle is what was checked. */
static HANDLE open_trusted(const char *path, struct err *e)
{
    wchar_t *wide = wide_path(path);
    HANDLE h = INVALID_HANDLE_VALUE;
    if (wide)
        h = CreateFileW(wide, GENERIC_READ | READ_CONTROL, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE) {
        wide_fail(e, code, path);
    } else if (!owner_check(h, e)) {
        err_prefix(e, path);
        CloseHandle(h);
        h = INVALID_HANDLE_VALUE;
    }
    return h;
}

static bool read_path(struct walk *w, const char *path, unsigned depth, bool products)
{
    BY_HANDLE_FILE_INFORMATION info;
    HANDLE h = open_trusted(path, w->e);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    bool ok = true;
    if (!GetFileInformationByHandle(h, &info))
        ok = wide_fail(w->e, GetLastError(), path);
    else if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        ok = read_folder(w, path, depth, products);
    else
        ok = read_file(w, h, path, products);
    CloseHandle(h);
    return ok;
}

bool policy_files_read(struct str path, struct arena *a, struct policy_files *out, struct err *e)
{
    size_t before = out->count, len = path.len;
    while (len > 3 && (path.ptr[len - 1] == '/' || path.ptr[len - 1] == '\\'))
        len--;
    const char *name = arena_strdup(a, path.ptr, len);
    struct walk w = {a, out, e};
    if (!name)
        return err_set(e, ERR_NOMEM, 0, "no memory for a path");
    if (memchr(name, 0, len) || !len)
        return err_set(e, ERR_NOT_FOUND, 0, "an empty policy path");
    if (!read_path(&w, name, 0, false))
        return false;
    if (out->count == before)
        return err_set(e, ERR_NOT_FOUND, 0, "%s: no .lua file in it", name);
    return true;
}

bool policy_file_read(struct str path, size_t most, struct arena *a, struct span *text,
                      struct err *e)
{
    const char *name = arena_strdup(a, path.ptr, path.len);
    if (!name)
        return err_set(e, ERR_NOMEM, 0, "no memory for a path");
    if (memchr(name, 0, path.len) || !path.len)
        return err_set(e, ERR_NOT_FOUND, 0, "an empty path");
    HANDLE h = open_trusted(name, e);
    bool ok = h != INVALID_HANDLE_VALUE && read_whole(h, name, most, a, text, e);
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
    return ok;
}
