/* Who signed which file of a sample host, and how.  Internal to tests/hosts. */
#pragma once

#include "catalog_writer.h"
#include "host_spec.h"

struct host_catalog {
    struct catalog_member member[64];
    size_t count;
};

enum host_catalog_id {
    CATALOG_V1,
    CATALOG_V2,
    CATALOG_OTHER_FOLDER,
    CATALOG_THIRD_PARTY,
    CATALOGS
};

/* Members gathered while files are written; zero to begin with. */
struct host_catalogs {
    struct host_catalog catalog[CATALOGS];
};

/* Signs an image, or notes it for a catalog, as this host has it.  `path` and `name` must live as
 * long as `catalogs`. */
void host_sign(const struct host_spec *h, struct host_catalogs *catalogs, const char *path,
               const char *name, const char *company, struct sb *image);

/* A file that is no image goes into a third party's catalog. */
void host_sign_flat(struct host_catalogs *catalogs, const char *name, struct span bytes);

bool host_write_catalogs(const struct host_spec *h, const struct host_catalogs *catalogs,
                         const char *dir, struct err *e);

/* Files that only some hosts have. */
struct host_extra {
    const char *host, *folder, *name, *company;
    bool driver, x64;
};
const struct host_extra *host_extras(size_t *count);
