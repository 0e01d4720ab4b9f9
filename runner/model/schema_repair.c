/* What the constructors of repairs accept. */
#include "model/schema.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define SCHEMA(id, word, table) const struct schema schema_##id = {word, table, COUNT(table), NULL}

static const char *const one_view[] = {"native", "32", NULL};

static const char *const modes[] = {"boot",   "system", "automatic", "auto",
                                    "manual", "demand", "disabled",  NULL};

static const struct field upgrade_stage_fields[] = {
    {"product", FIELD_DOTTED, FIELD_REQUIRED, NULL, "id of the product"},
    {"to", FIELD_VERSION, FIELD_REQUIRED | FIELD_INPUT, NULL, "version that the package brings"},
    {"package", FIELD_TEXT, FIELD_REQUIRED | FIELD_INPUT, NULL, "file name at the source"},
    {"sha256", FIELD_TEXT, FIELD_REQUIRED | FIELD_INPUT, NULL,
     "the package's digest, 64 hexadecimal digits"},
};
SCHEMA(upgrade_stage, "upgrade.stage", upgrade_stage_fields);

static const struct field registry_set_fields[] = {
    {"key", FIELD_KEY, FIELD_REQUIRED, NULL, "full path"},
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_EMPTY, NULL, "the value; \"\" is the default one"},
    {"value", FIELD_TYPED, FIELD_REQUIRED, NULL, "what it shall be"},
    {"view", FIELD_CHOICE, 0, one_view, "which WOW64 view"},
};
SCHEMA(registry_set, "registry.set", registry_set_fields);

static const struct field registry_delete_value_fields[] = {
    {"key", FIELD_KEY, FIELD_REQUIRED, NULL, "full path"},
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_EMPTY, NULL, "the value; \"\" is the default one"},
    {"view", FIELD_CHOICE, 0, one_view, "which WOW64 view"},
};
SCHEMA(registry_delete_value, "registry.delete_value", registry_delete_value_fields);

static const struct field certificate_add_fields[] = {
    {"store", FIELD_TEXT, FIELD_REQUIRED, NULL, "\"ROOT\", \"CA\", \"Disallowed\", ..."},
    {"pem", FIELD_TEXT, FIELD_REQUIRED | FIELD_LINES, NULL, "the certificate"},
};
SCHEMA(certificate_add, "certificate.add", certificate_add_fields);

static const struct field certificate_remove_fields[] = {
    {"store", FIELD_TEXT, 0, NULL, "\"ROOT\", \"CA\", ...; none = any but Disallowed"},
    {"sha1", FIELD_TEXTS, FIELD_REQUIRED | FIELD_INPUT, NULL,
     "thumbprints, each with its name behind it if wanted"},
};
SCHEMA(certificate_remove, "certificate.remove", certificate_remove_fields);

const struct schema schema_roots_refresh = {"roots.refresh", NULL, 0, NULL};

static const struct field service_start_table_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED, NULL, "the service's key name"},
    {"mode", FIELD_CHOICE, FIELD_REQUIRED, modes, "its start type"},
};
SCHEMA(service_start_table, "service.start", service_start_table_fields);
