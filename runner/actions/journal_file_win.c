#include <io.h>
#include <windows.h>

#include "actions/journal_part.h"
#include "base/owner_win.h"
#include "host/file.h"

size_t journal_file_name(const char *path)
{
    size_t at = 0;
    for (size_t i = 0; path[i]; i++)
        if (path[i] == '/' || path[i] == '\\' || path[i] == ':')
            at = i + 1;
    return at;
}

/* disk_create() gave it an access list for administrators alone; one that others may write was not
 * made by it. */
bool journal_file_own(const struct disk_file *f, struct err *e)
{
    return owner_check((void *)_get_osfhandle(f->fd), e);
}

bool journal_file_read(const struct disk_file *f, struct arena *a, struct span *out, struct err *e)
{
    struct file_map m;
    if (!file_map_fd(f->fd, &m, e))
        return false;
    bool ok = m.bytes.len <= JOURNAL_SIZE ||
              err_set(e, ERR_LIMIT, 0, "larger than %d bytes", JOURNAL_SIZE);
    if (ok) {
        *out = span_of(arena_copy(a, m.bytes.ptr, m.bytes.len), m.bytes.len);
        ok = !m.bytes.len || out->ptr || err_set(e, ERR_NOMEM, 0, "does not fit in memory");
    }
    file_unmap(&m);
    return ok;
}
