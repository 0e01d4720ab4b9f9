#include "actions/folder.h"

#include <stdlib.h>
#include <windows.h>

#include "base/wide_win.h"
#include "host/fd.h"
#include "host/file.h"

static int by_name(const void *x, const void *y)
{
    const struct folder_file *a = x, *b = y;
    return str_cmp(a->name, b->name);
}

static bool add(struct folder_file *list, size_t *count, const WIN32_FIND_DATAW *f, struct arena *a,
                struct err *e)
{
    if (f->cFileName[0] == L'.' || (f->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        return true;
    if (*count == FOLDER_FILES)
        return err_set(e, ERR_LIMIT, 0, "more than %d files", FOLDER_FILES);
    char *name = wide_utf8(f->cFileName);
    struct str kept = name ? str_dup(a, str_of(name)) : (struct str){NULL, 0};
    free(name);
    if (!kept.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    list[(*count)++] =
        (struct folder_file){kept, (uint64_t)f->nFileSizeHigh << 32 | f->nFileSizeLow};
    return true;
}

bool folder_list(const char *path, struct arena *a, struct folder_file **out, size_t *count,
                 struct err *e)
{
    struct str pattern = str_fmt(a, "%s\\*", path);
    wchar_t *wide = pattern.ptr ? wide_path(pattern.ptr) : NULL;
    WIN32_FIND_DATAW f;
    *count = 0;
    *out = ARENA_ARRAY(a, FOLDER_FILES, struct folder_file);
    if (!wide || !*out) {
        free(wide);
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    HANDLE h = FindFirstFileW(wide, &f);
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE)
        return wide_fail(e, code, "cannot list it");
    bool ok;
    do {
        ok = add(*out, count, &f, a, e);
    } while (ok && FindNextFileW(h, &f));
    FindClose(h);
    if (ok && *count)
        qsort(*out, *count, sizeof **out, by_name);
    return ok;
}

bool folder_read(const char *path, const char *name, uint64_t max, struct arena *a,
                 struct span *out, struct err *e)
{
    struct str full = str_fmt(a, "%s\\%s", path, name);
    struct file_map m;
    if (!full.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!file_map_path(full.ptr, &m, e))
        return false;
    bool ok = m.bytes.len <= max ||
              err_set(e, ERR_LIMIT, 0, "more than %llu bytes", (unsigned long long)max);
    if (ok) {
        *out = span_of(arena_copy(a, m.bytes.ptr, m.bytes.len), m.bytes.len);
        ok = !m.bytes.len || out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    file_unmap(&m);
    return ok;
}

bool folder_make(const char *path, struct err *e)
{
    wchar_t *wide = wide_path(path);
    bool ok = wide && (CreateDirectoryW(wide, NULL) ||
                       (GetLastError() == ERROR_ALREADY_EXISTS && fd_is_folder(path)));
    DWORD code = GetLastError();
    free(wide);
    return ok || wide_fail(e, code, "cannot make the folder");
}

/* Placed files take the access list of their folder where they are renamed; nothing to open up. */
bool folder_share(struct disk_file *f, struct err *e)
{
    (void)f;
    (void)e;
    return true;
}
