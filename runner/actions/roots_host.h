/* Inside of actions: what a host holds of lists and roots, and the changes gathered against it. */
#pragma once

#include "actions/roots_part.h"

#define ROOTS_STORES "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates"
#define ROOTS_AUTHROOT ROOTS_STORES "\\AuthRoot\\Certificates"
#define ROOTS_AUTO_UPDATE ROOTS_STORES "\\AuthRoot\\AutoUpdate"

enum { ROOTS_CHANGES = 4096, ROOTS_BLOB = 1 << 20 };

struct names {
    struct str *item;
    size_t count, cap;
};

struct refresh {
    struct roots_source *source;
    struct host *host;
    uint64_t time;
    struct arena *a;
    struct change *changes;
    size_t count, cap;
    struct list_file *held_roots, *held_disallowed; /* NULL: none that verifies */
    bool new_roots, new_disallowed;
    struct names added, updated, removed, distrusted, missing, kept;
};

bool names_add(struct names *n, struct str text, struct arena *a, struct err *e);
bool names_hold(const struct names *n, struct str text);

/* The value as it is; false when it cannot be read. */
bool roots_image(struct refresh *r, struct str key, struct str name, struct reg_image *out,
                 struct err *e);
/* Adds the change unless the value is so already. */
bool roots_change(struct refresh *r, struct str key, struct str name, const struct reg_image *after,
                  bool drop_key, struct err *e);
bool roots_set(struct refresh *r, struct str key, struct str name, struct span bytes,
               struct err *e);

/* The list that the host holds; NULL when it has none or one that does not verify. */
bool roots_held(struct refresh *r, enum list_kind kind, struct list_file **out, struct err *e);

/* A store of the machine (".\AuthRoot"): thumbprints, and their certificates. */
struct held_certificate {
    struct str key; /* full path */
    uint8_t sha1[20];
    struct span blob, der; /* der empty: damaged, or not what its key says */
};
bool roots_store(struct refresh *r, const char *store, struct held_certificate **out, size_t *count,
                 struct err *e);
