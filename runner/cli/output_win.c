#include <stdlib.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/output_sys.h"

static bool write_all(HANDLE h, const struct sb *bytes, struct err *e)
{
    for (size_t at = 0; at < bytes->len;) {
        size_t left = bytes->len - at;
        /* A console takes only so much at once. */
        DWORD want = left > 1 << 14 ? 1 << 14 : (DWORD)left, done = 0;
        if (!WriteFile(h, bytes->ptr + at, want, &done, NULL))
            return wide_fail(e, GetLastError(), "cannot write");
        at += done;
    }
    return true;
}

bool output_to_stdout(const struct sb *bytes, struct err *e)
{
    return write_all(GetStdHandle(STD_OUTPUT_HANDLE), bytes, e);
}

static bool write_new(const wchar_t *path, DWORD how, const struct sb *bytes, struct err *e)
{
    HANDLE h = CreateFileW(path, GENERIC_WRITE, 0, NULL, how, FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return wide_fail(e, GetLastError(), "cannot create");
    bool ok = write_all(h, bytes, e);
    if (!CloseHandle(h) && ok)
        ok = wide_fail(e, GetLastError(), "cannot write");
    return ok;
}

static bool write_and_rename(const char *path, const struct sb *bytes, struct err *e)
{
    static char temporary[4200];
    int n = snprintf(temporary, sizeof temporary, "%s.%lu.tmp", path,
                     (unsigned long)GetCurrentProcessId());
    if (n < 0 || (size_t)n >= sizeof temporary)
        return err_set(e, ERR_USAGE, 0, "file name too long");
    wchar_t *to = wide_path(path), *from = wide_path(temporary);
    bool ok = (to && from) || err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok) {
        interrupt_cleanup_file(temporary);
        ok = write_new(from, CREATE_NEW, bytes, e);
        if (ok && !MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
            ok = wide_fail(e, GetLastError(), "cannot put in place");
        if (!ok)
            DeleteFileW(from);
        interrupt_cleanup_file(NULL);
    }
    free(to);
    free(from);
    return ok;
}

/* CON, NUL, pipes: what is there and is no file on a disk. */
static bool is_device(const wchar_t *path)
{
    HANDLE h = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                           OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    bool device = GetFileType(h) != FILE_TYPE_DISK;
    CloseHandle(h);
    return device;
}

bool output_to_file(const char *path, const struct sb *bytes, struct err *e)
{
    wchar_t *wide = wide_text(path);
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    bool ok = is_device(wide) ? write_new(wide, OPEN_EXISTING, bytes, e)
                              : write_and_rename(path, bytes, e);
    free(wide);
    return ok;
}

static HANDLE stream(int fd)
{
    return GetStdHandle(fd == 2 ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE);
}

/* Consoles before Windows 10 have no escape sequences: asking for them tells. */
bool output_terminal(int fd)
{
    const DWORD sequences = 0x0004; /* ENABLE_VIRTUAL_TERMINAL_PROCESSING */
    DWORD mode;
    return GetConsoleMode(stream(fd), &mode) &&
           ((mode & sequences) || SetConsoleMode(stream(fd), mode | sequences));
}

unsigned terminal_width(int fd)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(stream(fd), &info))
        return 80;
    /* One column less: a line that fills the window would be followed by an empty one. */
    int width = info.srWindow.Right - info.srWindow.Left;
    return width < 40 ? 40 : width > 120 ? 120 : (unsigned)width;
}
