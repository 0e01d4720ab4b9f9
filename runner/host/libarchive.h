/* libarchive, loaded when it is first needed (base/library.h). */
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "base/err.h"

struct libarchive {
    __typeof__(&archive_entry_filetype) entry_filetype;
    __typeof__(&archive_entry_is_encrypted) entry_is_encrypted;
    __typeof__(&archive_entry_pathname) entry_pathname;
    __typeof__(&archive_entry_size) entry_size;
    __typeof__(&archive_entry_size_is_set) entry_size_is_set;
    __typeof__(&archive_entry_symlink) entry_symlink;
    __typeof__(&archive_error_string) error_string;
    __typeof__(&archive_filter_bytes) filter_bytes;
    __typeof__(&archive_format_name) format_name;
    __typeof__(&archive_read_data_block) read_data_block;
    __typeof__(&archive_read_free) read_free;
    __typeof__(&archive_read_new) read_new;
    __typeof__(&archive_read_next_header) read_next_header;
    __typeof__(&archive_read_open_memory) read_open_memory;
    __typeof__(&archive_read_support_format_cab) read_support_format_cab;
    __typeof__(&archive_read_support_format_zip_seekable) read_support_format_zip_seekable;
    __typeof__(&archive_version_details) version_details;
};
extern struct libarchive libarchive;

/* Before any other function; from any thread. */
bool libarchive_load(struct err *e);

#define archive_entry_filetype libarchive.entry_filetype
#define archive_entry_is_encrypted libarchive.entry_is_encrypted
#define archive_entry_pathname libarchive.entry_pathname
#define archive_entry_size libarchive.entry_size
#define archive_entry_size_is_set libarchive.entry_size_is_set
#define archive_entry_symlink libarchive.entry_symlink
#define archive_error_string libarchive.error_string
#define archive_filter_bytes libarchive.filter_bytes
#define archive_format_name libarchive.format_name
#define archive_read_data_block libarchive.read_data_block
#define archive_read_free libarchive.read_free
#define archive_read_new libarchive.read_new
#define archive_read_next_header libarchive.read_next_header
#define archive_read_open_memory libarchive.read_open_memory
#define archive_read_support_format_cab libarchive.read_support_format_cab
#define archive_read_support_format_zip_seekable libarchive.read_support_format_zip_seekable
#define archive_version_details libarchive.version_details
