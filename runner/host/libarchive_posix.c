#include "host/libarchive.h"

#include <pthread.h>

#include "base/library.h"

struct libarchive libarchive;

static const struct library_function functions[] = {
    {"archive_entry_filetype", &libarchive.entry_filetype},
    {"archive_entry_is_encrypted", &libarchive.entry_is_encrypted},
    {"archive_entry_pathname", &libarchive.entry_pathname},
    {"archive_entry_size", &libarchive.entry_size},
    {"archive_entry_size_is_set", &libarchive.entry_size_is_set},
    {"archive_entry_symlink", &libarchive.entry_symlink},
    {"archive_error_string", &libarchive.error_string},
    {"archive_filter_bytes", &libarchive.filter_bytes},
    {"archive_format_name", &libarchive.format_name},
    {"archive_read_data_block", &libarchive.read_data_block},
    {"archive_read_free", &libarchive.read_free},
    {"archive_read_new", &libarchive.read_new},
    {"archive_read_next_header", &libarchive.read_next_header},
    {"archive_read_open_memory", &libarchive.read_open_memory},
    {"archive_read_support_format_cab", &libarchive.read_support_format_cab},
    {"archive_read_support_format_zip_seekable", &libarchive.read_support_format_zip_seekable},
    {"archive_version_details", &libarchive.version_details},
};
static struct err failure;

static void load(void)
{
    (void)library_load("libarchive.so.13", functions, sizeof functions / sizeof *functions,
                       &failure);
}

bool libarchive_load(struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return !failure.kind || err_set(e, failure.kind, 0, "%s", failure.text);
}
