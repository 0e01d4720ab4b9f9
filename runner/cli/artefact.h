/* `rectify inspect KIND PATH...` for kinds whose files are read one by one: options, folders,
 * mapping, where the output goes.  A kind gives a function that shows one file.
 *
 * json: an object a file; one file: indented, several or a folder: an object a line. */
#pragma once

#include "base/digest.h"
#include "base/json.h"
#include "cli/args.h"
#include "report/layout.h"
#include "trust/trust.h"

struct artefact {
    const char *path; /* as given, or as found in a folder */
    struct span bytes;
    char sha256[SHA256_HEX];
    struct trust *trust; /* of --root, NULL without */
    struct arena *mem;   /* of this file */
    struct json *json;   /* one of the two is NULL */
    const struct layout *layout;
};

struct artefact_kind {
    const struct args_spec *spec;
    /* Files of folders: by the end of their names, or all when the list is empty. */
    const char *suffixes[6];
    /* Files of folders that are silently passed over; NULL takes all. */
    bool (*is_one)(struct span bytes);
    bool takes_target;
    /* False: not readable as this format.  Writes nothing then. */
    bool (*show)(const struct artefact *a, struct err *e);
};

/* Rows of an option table. */
#define ARTEFACT_OPTIONS                                                                           \
    {"format", "NAME[:FILE]", "terminal (default) or json, repeatable; to a file or to stdout"},   \
    {                                                                                              \
        "color", "WHEN", "auto, always or never"                                                   \
    }

int artefact_verb(const struct artefact_kind *kind, int argc, char **argv);

/* "0x800B0109" */
struct str artefact_code(uint32_t code, struct arena *a);

/* Members of an object, and a line of the terminal: "2019-05-20T09:00:00Z", or nothing when 0. */
struct str artefact_time(uint64_t t, struct arena *a);
struct str artefact_hex(struct span s, struct arena *a);

/* "schema", "path" and "sha256" of an opened object; the heading of the terminal. */
void artefact_begin_json(const struct artefact *a, const char *schema);
void artefact_heading(const struct artefact *a);
