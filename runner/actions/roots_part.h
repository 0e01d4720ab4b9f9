/* Inside of actions: what the files about roots share. */
#pragma once

#include "actions/roots.h"
#include "net/fetch.h"
#include "trust/list_file.h"

enum {
    ROOTS_LIST_BYTES = 8 << 20,          /* of a list or a cabinet; Microsoft's have 0.2 MB */
    ROOTS_CERTIFICATE_BYTES = 64 * 1024, /* of a certificate's file */
    ROOTS_FILE_BYTES = 16 << 20,         /* of any file of a folder */
    ROOTS_FOLDER_BYTES = 512 << 20,      /* of all that are read */
    ROOTS_CERTIFICATES = 65536
};

#define ROOTS_WINDOWS_UPDATE                                                                       \
    "http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en"
#define ROOTS_CAB "authrootstl.cab"
#define ROOTS_DISALLOWED_CAB "disallowedcertstl.cab"

enum roots_kind { ROOTS_FOLDER, ROOTS_MIRROR, ROOTS_UPDATE };

struct roots_list {
    struct list_file *file; /* NULL: the source has none */
    struct span raw;        /* the file as it came: a cabinet or the list itself */
    struct str from;        /* its name or URL */
};

struct roots_certificate {
    uint8_t sha1[20];
    struct span der;
};

struct roots_source {
    struct roots_options options;
    enum roots_kind kind;
    struct str base; /* path or URL */
    struct arena mem;
    struct fetch *fetch; /* not for folders */
    struct roots_list roots, disallowed;
    /* Of a folder: all, sorted once they were read.  Else what was fetched lately. */
    struct roots_certificate *certificates;
    size_t certificate_count, certificate_cap;
    struct str *notes; /* what did not count, and why */
    size_t note_count, note_cap;
};

/* One list out of its file: a cabinet or the list itself. */
bool roots_read_list(const struct roots_source *s, struct span raw, enum list_kind kind,
                     struct arena *a, struct list_file **out, struct err *e);
/* Takes the list (closing the older one) when it is newer than what is there, else closes it. */
void roots_take_list(struct roots_source *s, enum list_kind kind, struct list_file *file,
                     struct span raw, struct str from);
void roots_note(struct roots_source *s, struct str text);

bool roots_read_folder(struct roots_source *s, struct err *e);

/* The certificate with this SHA-1, checked against its entry; ERR_NOT_FOUND: the source has
 * none. */
bool roots_certificate(struct roots_source *s, const struct ctl_entry *entry, struct arena *a,
                       struct span *der, struct err *e);
/* Does `der` hash to what the entry says (SHA-1, and SHA-256 where it has one)? */
bool roots_matches(const struct ctl_entry *entry, struct span der);
/* The first certificate of a file: DER, or PEM. */
bool roots_der_of(struct span file, struct arena *a, struct span *der);

enum { ROOTS_HEX = 41 };
void roots_hex(struct span id, char out[ROOTS_HEX], bool upper);
/* "SHA1 Friendly name" of an entry; the name is empty where it has none. */
struct str roots_name(const struct ctl_entry *entry, struct arena *a);
/* "2025-06-16, sequence 1401dbdee7f1a4f449" */
struct str roots_age(const struct list_file *l, struct arena *a);
