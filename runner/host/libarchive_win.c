#include "host/libarchive.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/str.h"
#include "base/wide_win.h"

#undef archive_entry_filetype
#undef archive_entry_is_encrypted
#undef archive_entry_pathname
#undef archive_entry_size
#undef archive_entry_size_is_set
#undef archive_entry_symlink
#undef archive_error_string
#undef archive_filter_bytes
#undef archive_format_name
#undef archive_read_data_block
#undef archive_read_free
#undef archive_read_new
#undef archive_read_next_header
#undef archive_read_open_memory
#undef archive_read_support_format_cab
#undef archive_read_support_format_zip_seekable
#undef archive_version_details

/* A name that the archive does not call UTF-8 comes here byte by byte.  Many a packer writes UTF-8
 * without saying so; NULL where it is not. */
static char *unlabelled(const wchar_t *wide)
{
    size_t len = wcslen(wide);
    char *out = malloc(len + 1);
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < len; i++) {
        out[i] = (char)(uint8_t)wide[i];
        ok = wide[i] <= 0xFF;
    }
    uint32_t cp;
    for (size_t i = 0, n; ok && i < len; i += n) {
        n = utf8_decode(out + i, len - i, &cp);
        ok = n > 0;
    }
    if (ok) {
        out[len] = '\0';
        return out;
    }
    free(out);
    return NULL;
}

static char *text_of(const wchar_t *wide)
{
    char *bytes = wide ? unlabelled(wide) : NULL;
    return bytes || !wide ? bytes : wide_utf8(wide);
}

/* What the archive says is kept as UTF-16, and turned into the code page of the C library, which
 * has no letters but its own country's.  The entry keeps the UTF-8 that is made here instead. */
static const char *pathname(struct archive_entry *entry)
{
    char *utf8 = text_of(archive_entry_pathname_w(entry));
    if (!utf8)
        return archive_entry_pathname(entry);
    archive_entry_set_pathname_utf8(entry, utf8);
    free(utf8);
    return archive_entry_pathname_utf8(entry);
}

static const char *symlink_target(struct archive_entry *entry)
{
    char *utf8 = text_of(archive_entry_symlink_w(entry));
    if (!utf8)
        return archive_entry_symlink(entry);
    archive_entry_set_symlink_utf8(entry, utf8);
    free(utf8);
    return archive_entry_symlink_utf8(entry);
}

struct libarchive libarchive = {
    .entry_filetype = archive_entry_filetype,
    .entry_is_encrypted = archive_entry_is_encrypted,
    .entry_pathname = pathname,
    .entry_size = archive_entry_size,
    .entry_size_is_set = archive_entry_size_is_set,
    .entry_symlink = symlink_target,
    .error_string = archive_error_string,
    .filter_bytes = archive_filter_bytes,
    .format_name = archive_format_name,
    .read_data_block = archive_read_data_block,
    .read_free = archive_read_free,
    .read_new = archive_read_new,
    .read_next_header = archive_read_next_header,
    .read_open_memory = archive_read_open_memory,
    .read_support_format_cab = archive_read_support_format_cab,
    .read_support_format_zip_seekable = archive_read_support_format_zip_seekable,
    .version_details = archive_version_details,
};

bool libarchive_load(struct err *e)
{
    (void)e;
    return true;
}
