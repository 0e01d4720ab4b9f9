#include "model/schemas.h"

const struct schema *const schemas[] = {
    &schema_policy,
    &schema_rule,
    &schema_upgrade,
    &schema_upgrade_stage,
    &schema_registry_set,
    &schema_registry_delete_value,
    &schema_certificate_add,
    &schema_certificate_remove,
    &schema_roots_refresh,
    &schema_registry_options,
    &schema_registry_absent_options,
    &schema_service_enabled,
    &schema_eventlog_none,
    &schema_eventlog_capacity,
    &schema_file_signed,
    &schema_module_signed,
    &schema_ctl_fresh,
    &schema_certificate_present,
    &schema_certificate_absent,
    &schema_registry_key,
    &schema_service_start,
    &schema_service_start_table,
    &schema_eventlog_at_most,
    &schema_eventlog_at_least,
    &schema_eventlog_size,
    &schema_file_present,
    &schema_file_absent,
    &schema_file_version,
    &schema_file_sha256,
    &schema_signature_trusted,
    &schema_signature_signer,
    &schema_certificate_stored,
    &schema_ctl_present,
    &schema_profile,
    &schema_diagnosis,
    &schema_cause,
    &schema_input_text,
    &schema_input_int,
    &schema_input_number,
    &schema_input_bool,
    &schema_input_version,
    &schema_input_list,
    &schema_product,
    &schema_source_registry,
    &schema_source_uninstall,
    &schema_source_msi,
    &schema_source_file,
    &schema_source_service,
    &schema_events_query,
    &schema_certificates_query,
    &schema_fail_values,
    NULL,
};

const struct schema *schema_find(struct str name)
{
    for (size_t i = 0; schemas[i]; i++)
        if (str_eq(str_of(schemas[i]->name), name))
            return schemas[i];
    return NULL;
}
