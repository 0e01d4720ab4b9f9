/* What the constructors of policies accept: one table a constructor, read by the loader, by its
 * messages, and by whoever documents the language.
 *
 * Constant data.  A field that is not in its table is an error with a suggestion. */
#pragma once

#include "base/str.h"

enum field_type {
    FIELD_TEXT,
    FIELD_ID,      /* [a-z0-9_-]+ */
    FIELD_DOTTED,  /* ids joined by dots: "mcafee.vse" */
    FIELD_KEY,     /* registry key: HKLM\..., HKU\..., HKCR\... */
    FIELD_VERSION, /* dotted version, as text */
    FIELD_CHOICE,
    FIELD_INT,
    FIELD_NUMBER,
    FIELD_BOOL,
    FIELD_TEXTS, /* list of texts, or a single one */
    FIELD_INTS,
    FIELD_ANY,
    /* What only one constructor understands; its code reads them. */
    FIELD_WANT,
    FIELD_TYPED, /* a typed registry value: dword(5) */
    FIELD_FUNCTION,
    FIELD_REMEDIES,
    FIELD_INPUTS,
    FIELD_DIAGNOSIS,
    FIELD_SOURCES,
    FIELD_BUILDS,
    FIELD_SETTINGS /* a table of input = value */,
    FIELD_CHOSEN /* which rules a profile takes */
};

enum {
    FIELD_REQUIRED = 1,
    FIELD_INPUT = 2, /* may be an input reference */
    FIELD_LINES = 4, /* text may hold line breaks */
    FIELD_EMPTY = 8, /* text or list may be empty */
    FIELD_COUNT = 16 /* integer must be positive */
};

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    const char *const *allowed; /* FIELD_CHOICE: NULL-terminated */
    const char *sentence;       /* what it is, for messages and documents */
};

struct schema {
    const char *name; /* as written in a policy: "rule" */
    const struct field *fields;
    size_t count;
    const char *elements; /* what list elements are ("rule"), NULL = none allowed */
};

extern const struct schema schema_policy, schema_rule, schema_upgrade;
extern const struct schema schema_registry_options, schema_registry_absent_options;
extern const struct schema schema_service_enabled, schema_eventlog_none, schema_eventlog_capacity;
extern const struct schema schema_file_signed, schema_module_signed, schema_ctl_fresh;
extern const struct schema schema_certificate_present, schema_certificate_absent;
extern const struct schema schema_registry_key, schema_service_start, schema_eventlog_at_most;
extern const struct schema schema_eventlog_at_least, schema_eventlog_size, schema_file_present;
extern const struct schema schema_file_absent, schema_file_version, schema_file_sha256;
extern const struct schema schema_signature_signer, schema_signature_trusted;
extern const struct schema schema_certificate_stored, schema_ctl_present;
extern const struct schema schema_profile, schema_profile_rules;
extern const struct schema schema_upgrade_stage, schema_registry_set, schema_registry_delete_value;
extern const struct schema schema_certificate_add, schema_certificate_remove, schema_roots_refresh;
extern const struct schema schema_service_start_table;
extern const struct schema schema_diagnosis, schema_cause;
extern const struct schema schema_input_text, schema_input_int, schema_input_number;
extern const struct schema schema_input_bool, schema_input_version, schema_input_list;
extern const struct schema schema_product, schema_build;
extern const struct schema schema_source_registry, schema_source_uninstall, schema_source_msi;
extern const struct schema schema_source_file, schema_source_service;
extern const struct schema schema_events_query, schema_certificates_query, schema_fail_values;

/* "text", "a whole number", ... as in "want text". */
const char *field_type_words(enum field_type t);

const struct field *schema_field(const struct schema *s, struct str name);

/* The nearest of several candidates to a misspelt word. */
struct nearest {
    struct str word, best;
    size_t distance;
};

struct nearest nearest_of(struct str word);
void nearest_try(struct nearest *n, struct str candidate);
/* Near enough to be offered: at most a third of the letters differ. */
bool nearest_found(const struct nearest *n);
