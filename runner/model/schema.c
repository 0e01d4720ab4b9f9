#include "model/schema.h"

#include "base/text.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define SCHEMA(id, word, table, items)                                                             \
    const struct schema schema_##id = {word, table, COUNT(table), items}

static const char *const severities[] = {"info", "low", "medium", "high", "critical", NULL};
static const char *const views[] = {"native", "32", "both", NULL};
static const char *const if_absent[] = {"fail", "pass", "not_applicable", NULL};
static const char *const service_modes[] = {"boot", "system", "automatic", "manual", NULL};
static const char *const groupings[] = {"image", NULL};
static const char *const lists[] = {"EncodedCtl", "DisallowedCertEncodedCtl", NULL};
static const char *const roles[] = {"primary", "corroborates", "trace", "hotfix", NULL};

static const struct field policy_fields[] = {
    {"id", FIELD_DOTTED, FIELD_REQUIRED, NULL, "what the policy is called"},
    {"title", FIELD_TEXT, FIELD_REQUIRED, NULL, "what the policy is about, in one line"},
    {"references", FIELD_TEXTS, 0, NULL, "articles and controls it rests on"},
    {"applies", FIELD_WANT, 0, NULL, "a condition; hosts that do not meet it are passed over"},
    {"inputs", FIELD_INPUTS, 0, NULL, "typed parameters with defaults"},
    {"diagnosis", FIELD_DIAGNOSIS, 0, NULL, "which rules speak for which cause"},
};
SCHEMA(policy, "policy", policy_fields, "rule");

static const struct field rule_fields[] = {
    {"id", FIELD_ID, FIELD_REQUIRED, NULL, "what the rule is called within its policy"},
    {"title", FIELD_TEXT, FIELD_REQUIRED, NULL, "what is true when the rule passes, in one line"},
    {"severity", FIELD_CHOICE, FIELD_REQUIRED, severities, "how bad a failure is"},
    {"rationale", FIELD_TEXT, FIELD_LINES, NULL, "why it matters"},
    {"references", FIELD_TEXTS, 0, NULL, "articles and controls it rests on"},
    {"applies", FIELD_WANT, 0, NULL, "a condition beside the policy's"},
    {"want", FIELD_WANT, 0, NULL, "the wanted state"},
    {"check", FIELD_FUNCTION, 0, NULL, "a function that judges facts, where no want can"},
    {"needs", FIELD_TEXTS, FIELD_EMPTY, NULL, "fact namespaces that the check function reads"},
    {"repair", FIELD_REMEDIES, 0, NULL, "what puts a failure right"},
};
SCHEMA(rule, "rule", rule_fields, NULL);

static const struct field upgrade_fields[] = {
    {"product", FIELD_DOTTED, FIELD_REQUIRED, NULL, "id of the product"},
    {"to", FIELD_VERSION, FIELD_REQUIRED | FIELD_INPUT, NULL, "version to bring it to"},
};
SCHEMA(upgrade, "upgrade", upgrade_fields, NULL);

static const struct field registry_options[] = {
    {"view", FIELD_CHOICE, 0, views, "which WOW64 view"},
    {"if_absent", FIELD_CHOICE, 0, if_absent, "verdict when the value does not exist"},
    {"set_to", FIELD_TYPED, 0, NULL, "what enforce() sets where the predicate leaves a choice"},
};
SCHEMA(registry_options, "registry.value", registry_options, NULL);

static const struct field registry_absent_options[] = {
    {"view", FIELD_CHOICE, 0, views, "which WOW64 view"},
};
SCHEMA(registry_absent_options, "registry.absent", registry_absent_options, NULL);

static const struct field service_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED, NULL, "the service's key name"},
    {"when_product", FIELD_DOTTED, 0, NULL, "applies only while this product is installed"},
    {"set_to", FIELD_CHOICE, 0, service_modes, "the start type that enforce() gives it"},
};
SCHEMA(service_enabled, "service.enabled", service_fields, NULL);

static const struct field events_none_fields[] = {
    {"channel", FIELD_TEXT, FIELD_REQUIRED, NULL, "the event log"},
    {"providers", FIELD_TEXTS, FIELD_INPUT, NULL, "event sources; none = all"},
    {"ids", FIELD_INTS, 0, NULL, "event ids; none = all"},
    {"window_days", FIELD_INT, FIELD_REQUIRED | FIELD_INPUT | FIELD_COUNT, NULL,
     "days before the reference time"},
    {"group_by", FIELD_CHOICE, 0, groupings, "count by id and process image"},
};
SCHEMA(eventlog_none, "eventlog.none", events_none_fields, NULL);

static const struct field capacity_fields[] = {
    {"channel", FIELD_TEXT, FIELD_REQUIRED, NULL, "the event log"},
    {"window_days", FIELD_INT, FIELD_REQUIRED | FIELD_INPUT | FIELD_COUNT, NULL,
     "days that the log should keep"},
};
SCHEMA(eventlog_capacity, "eventlog.capacity", capacity_fields, NULL);

static const struct field file_signed_fields[] = {
    {"path", FIELD_TEXT, FIELD_INPUT, NULL,
     "the file, a glob in its name, <KEY:value> for a folder"},
    {"paths", FIELD_TEXTS, FIELD_INPUT, NULL, "several of them"},
    {"signers", FIELD_TEXTS, FIELD_INPUT, NULL,
     "organisations of whom one must have signed; none = whoever is trusted"},
    {"claims", FIELD_TEXTS, FIELD_INPUT, NULL,
     "only files that name one of these organisations as their company or signer"},
    {"roots", FIELD_TEXTS, FIELD_INPUT, NULL, "thumbprints of the signers' own roots"},
    {"pin", FIELD_BOOL, FIELD_INPUT, NULL, "chains must end in one of `roots`"},
    {"optional", FIELD_BOOL, 0, NULL, "files that do not exist are passed over"},
    {"partial", FIELD_BOOL, 0, NULL, "so are those that were not collected, while one was"},
    {"view", FIELD_CHOICE, 0, views, "which WOW64 view"},
    {"when_product", FIELD_DOTTED, 0, NULL, "applies only while this product is installed"},
};
SCHEMA(file_signed, "file.signed", file_signed_fields, NULL);

static const struct field module_signed_fields[] = {
    {"processes", FIELD_TEXTS, FIELD_REQUIRED | FIELD_INPUT, NULL,
     "file names of the programs whose processes are looked at"},
    {"signers", FIELD_TEXTS, FIELD_INPUT, NULL,
     "organisations of whom one must have signed; none = whoever is trusted"},
    {"claims", FIELD_TEXTS, FIELD_INPUT, NULL,
     "only modules that name one of these organisations as their company or signer"},
    {"roots", FIELD_TEXTS, FIELD_INPUT, NULL, "thumbprints of the signers' own roots"},
    {"pin", FIELD_BOOL, FIELD_INPUT, NULL, "chains must end in one of `roots`"},
};
SCHEMA(module_signed, "module.signed", module_signed_fields, NULL);

static const struct field certificate_present_fields[] = {
    {"sha1", FIELD_TEXTS, FIELD_INPUT | FIELD_EMPTY, NULL,
     "thumbprints of roots, each with its name behind it if wanted"},
    {"needed_by", FIELD_TEXTS, FIELD_INPUT, NULL, "files whose chains' roots are wanted as well"},
    {"otherwise", FIELD_TEXTS, FIELD_INPUT, NULL,
     "thumbprints of roots wanted where no file of needed_by tells"},
    {"obtainable", FIELD_BOOL, 0, NULL, "a root that Windows fetches when needed is enough"},
};
SCHEMA(certificate_present, "certificate.present", certificate_present_fields, NULL);

static const struct field certificate_absent_fields[] = {
    {"sha1", FIELD_TEXTS, FIELD_INPUT, NULL, "thumbprints of certificates"},
    {"sha256", FIELD_TEXTS, FIELD_INPUT, NULL, "the same by SHA-256"},
    {"subject", FIELD_TEXTS, FIELD_INPUT, NULL, "common names, or globs of them"},
    {"store", FIELD_TEXT, 0, NULL, "\"ROOT\", \"CA\", ...; none = any but Disallowed"},
};
SCHEMA(certificate_absent, "certificate.absent", certificate_absent_fields, NULL);

static const struct field ctl_fresh_fields[] = {
    {"name", FIELD_CHOICE, FIELD_REQUIRED, lists, "which trust list"},
    {"days", FIELD_INT, FIELD_REQUIRED | FIELD_INPUT | FIELD_COUNT, NULL,
     "how old it may be, by its last synchronisation or else its own date"},
};
SCHEMA(ctl_fresh, "ctl.fresh", ctl_fresh_fields, NULL);

static const struct field registry_key_fields[] = {
    {"view", FIELD_CHOICE, 0, views, "which WOW64 view"},
};
SCHEMA(registry_key, "registry.key", registry_key_fields, NULL);

static const struct field service_start_fields[] = {
    {"if_absent", FIELD_CHOICE, 0, if_absent, "verdict when the service does not exist"},
    {"when_product", FIELD_DOTTED, 0, NULL, "applies only while this product is installed"},
};
SCHEMA(service_start, "service.start", service_start_fields, NULL);

#define COUNT_FIELDS                                                                               \
    {"channel", FIELD_TEXT, FIELD_REQUIRED, NULL, "the event log"},                                \
        {"providers", FIELD_TEXTS, FIELD_INPUT, NULL, "event sources; none = all"},                \
        {"ids", FIELD_INTS, 0, NULL, "event ids; none = all"},                                     \
        {"window_days", FIELD_INT, FIELD_REQUIRED | FIELD_INPUT | FIELD_COUNT, NULL,               \
         "days before the reference time"},                                                        \
    {                                                                                              \
        "group_by", FIELD_CHOICE, 0, groupings, "count by id and process image"                    \
    }

static const struct field at_most_fields[] = {
    COUNT_FIELDS,
    {"at_most", FIELD_INT, FIELD_REQUIRED | FIELD_INPUT, NULL, "how many events may be there"},
};
SCHEMA(eventlog_at_most, "eventlog.at_most", at_most_fields, NULL);

static const struct field at_least_fields[] = {
    COUNT_FIELDS,
    {"at_least", FIELD_INT, FIELD_REQUIRED | FIELD_INPUT, NULL, "how many events must be there"},
};
SCHEMA(eventlog_at_least, "eventlog.at_least", at_least_fields, NULL);

static const struct field log_size_fields[] = {
    {"channel", FIELD_TEXT, FIELD_REQUIRED, NULL, "the event log"},
    {"bytes", FIELD_INT, FIELD_REQUIRED | FIELD_INPUT, NULL, "configured size, at least"},
};
SCHEMA(eventlog_size, "eventlog.size", log_size_fields, NULL);

#define NAMED_FIELDS                                                                               \
    {"view", FIELD_CHOICE, 0, views, "which WOW64 view"},                                          \
    {                                                                                              \
        "when_product", FIELD_DOTTED, 0, NULL, "applies only while this product is installed"      \
    }

static const struct field file_there_fields[] = {NAMED_FIELDS};
SCHEMA(file_present, "file.present", file_there_fields, NULL);
SCHEMA(file_absent, "file.absent", file_there_fields, NULL);

static const struct field file_content_fields[] = {
    NAMED_FIELDS,
    {"if_absent", FIELD_CHOICE, 0, if_absent, "verdict when the file does not exist"},
};
SCHEMA(file_version, "file.version", file_content_fields, NULL);
SCHEMA(file_sha256, "file.sha256", file_content_fields, NULL);
SCHEMA(signature_signer, "signature.signer", file_content_fields, NULL);

static const struct field signature_trusted_fields[] = {
    NAMED_FIELDS,
    {"optional", FIELD_BOOL, 0, NULL, "files that do not exist are passed over"},
    {"partial", FIELD_BOOL, 0, NULL, "so are those that were not collected, while one was"},
};
SCHEMA(signature_trusted, "signature.trusted", signature_trusted_fields, NULL);

static const struct field certificate_stored_fields[] = {
    {"store", FIELD_TEXT, FIELD_REQUIRED, NULL, "\"ROOT\", \"CA\", \"Disallowed\", ..."},
    {"sha1", FIELD_TEXTS, FIELD_INPUT, NULL, "thumbprints of certificates, all of them wanted"},
    {"sha256", FIELD_TEXTS, FIELD_INPUT, NULL, "the same by SHA-256"},
    {"subject", FIELD_TEXTS, FIELD_INPUT, NULL, "common names, globs, one certificate for each"},
};
SCHEMA(certificate_stored, "certificate.stored", certificate_stored_fields, NULL);

static const struct field ctl_present_fields[] = {
    {"name", FIELD_CHOICE, FIELD_REQUIRED, lists, "which trust list"},
};
SCHEMA(ctl_present, "ctl.present", ctl_present_fields, NULL);

static const struct field profile_fields[] = {
    {"title", FIELD_TEXT, FIELD_REQUIRED, NULL, "what the profile is for, in one line"},
    {"extends", FIELD_TEXT, 0, NULL,
     "the profile that this one changes: a file beside it, or a "
     "built-in one"},
    {"rules", FIELD_CHOSEN, 0, NULL, "which rules are checked"},
    {"inputs", FIELD_SETTINGS, 0, NULL, "values of inputs"},
    {"severity", FIELD_CHOICE, 0, severities, "rules of this severity and above"},
};
SCHEMA(profile, "profile", profile_fields, NULL);

static const struct field profile_rules_fields[] = {
    {"only", FIELD_TEXTS, 0, NULL,
     "ids or globs of the rules to check, in place of those of the "
     "profile it extends"},
    {"skip", FIELD_TEXTS, 0, NULL,
     "ids or globs of rules to leave out, beside those of the "
     "profile it extends"},
};
SCHEMA(profile_rules, "rules", profile_rules_fields, NULL);

static const struct field diagnosis_fields[] = {
    {"symptom", FIELD_ID, FIELD_REQUIRED, NULL, "id of the rule that fails while there is trouble"},
    {"article", FIELD_TEXT, FIELD_REQUIRED, NULL, "what to read when no cause is found"},
};
SCHEMA(diagnosis, "diagnosis", diagnosis_fields, "cause");

static const struct field cause_fields[] = {
    {"title", FIELD_TEXT, FIELD_REQUIRED, NULL, "what the cause is, in one line"},
    {"article", FIELD_TEXT, FIELD_REQUIRED, NULL, "what to read about it"},
    {"rules", FIELD_TEXTS, FIELD_REQUIRED, NULL, "ids of rules; one that fails makes it likely"},
    {"hints", FIELD_TEXTS, 0, NULL, "ids of rules that speak for it where those are not known"},
};
SCHEMA(cause, "cause", cause_fields, NULL);

#define INPUT_FIELDS(type)                                                                         \
    {"default", type, FIELD_REQUIRED | FIELD_EMPTY, NULL, "its value unless set"},                 \
    {                                                                                              \
        "title", FIELD_TEXT, 0, NULL, "what it is, in one line"                                    \
    }
#define INPUT_LIMITS(type)                                                                         \
    {"minimum", type, 0, NULL, "the least that is accepted"},                                      \
    {                                                                                              \
        "maximum", type, 0, NULL, "the most that is accepted"                                      \
    }

static const struct field input_text[] = {INPUT_FIELDS(FIELD_TEXT)};
SCHEMA(input_text, "input.text", input_text, NULL);
static const struct field input_int[] = {INPUT_FIELDS(FIELD_INT), INPUT_LIMITS(FIELD_INT)};
SCHEMA(input_int, "input.int", input_int, NULL);
static const struct field input_number[] = {INPUT_FIELDS(FIELD_NUMBER), INPUT_LIMITS(FIELD_NUMBER)};
SCHEMA(input_number, "input.number", input_number, NULL);
static const struct field input_bool[] = {INPUT_FIELDS(FIELD_BOOL)};
SCHEMA(input_bool, "input.bool", input_bool, NULL);
static const struct field input_version[] = {INPUT_FIELDS(FIELD_VERSION)};
SCHEMA(input_version, "input.version", input_version, NULL);
static const struct field input_list[] = {INPUT_FIELDS(FIELD_TEXTS)};
SCHEMA(input_list, "input.list", input_list, NULL);

static const struct field product_fields[] = {
    {"id", FIELD_DOTTED, FIELD_REQUIRED, NULL, "what policies call the product"},
    {"name", FIELD_TEXT, FIELD_REQUIRED, NULL, "what people call it"},
    {"successor", FIELD_DOTTED, 0, NULL, "id of the product that replaced it"},
    {"sources", FIELD_SOURCES, FIELD_REQUIRED, NULL, "where its version can be read"},
    {"builds", FIELD_BUILDS, 0, NULL, "names of builds, ascending"},
};
SCHEMA(product, "product", product_fields, NULL);

static const struct field build_fields[] = {
    {"from", FIELD_VERSION, FIELD_REQUIRED, NULL, "the first build of that name"},
    {"name", FIELD_TEXT, FIELD_REQUIRED, NULL, "what it is called"},
    {"exact", FIELD_BOOL, 0, NULL, "builds up to the next entry are hotfixes of it"},
};
SCHEMA(build, "build", build_fields, NULL);

#define SOURCE_FIELDS                                                                              \
    {"role", FIELD_CHOICE, 0, roles, "how much the source says"},                                  \
        {"label", FIELD_TEXT, 0, NULL, "what people call the source"},                             \
    {                                                                                              \
        "prefix", FIELD_VERSION, 0, NULL, "the version counts only when it begins so"              \
    }

static const struct field source_registry[] = {
    {"key", FIELD_KEY, FIELD_REQUIRED, NULL, "registry key"},
    {"value", FIELD_TEXT, FIELD_REQUIRED | FIELD_EMPTY, NULL, "value whose text is the version"},
    SOURCE_FIELDS,
};
SCHEMA(source_registry, "source.registry", source_registry, NULL);
static const struct field source_uninstall[] = {
    {"code", FIELD_TEXT, 0, NULL, "name of the Uninstall key"},
    {"text", FIELD_TEXT, 0, NULL, "DisplayName contains this"},
    SOURCE_FIELDS,
};
SCHEMA(source_uninstall, "source.uninstall", source_uninstall, NULL);
static const struct field source_msi[] = {
    {"code", FIELD_TEXT, FIELD_REQUIRED, NULL, "product code, {8-4-4-4-12}"},
    SOURCE_FIELDS,
};
SCHEMA(source_msi, "source.msi", source_msi, NULL);
static const struct field source_file[] = {
    {"path", FIELD_TEXT, FIELD_REQUIRED, NULL, "file whose version resource is read"},
    SOURCE_FIELDS,
};
SCHEMA(source_file, "source.file", source_file, NULL);
static const struct field source_service[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED, NULL, "the service's key name"},
    SOURCE_FIELDS,
};
SCHEMA(source_service, "source.service", source_service, NULL);

static const struct field events_query[] = {
    {"channel", FIELD_TEXT, FIELD_REQUIRED, NULL, "the event log"},
    {"providers", FIELD_TEXTS, 0, NULL, "event sources; none = all"},
    {"ids", FIELD_INTS, 0, NULL, "event ids; none = all"},
    {"window_days", FIELD_INT, FIELD_COUNT, NULL, "days before the reference time"},
    {"since", FIELD_INT, 0, NULL, "seconds since 1970, UTC"},
    {"until_", FIELD_INT, 0, NULL, "seconds since 1970, UTC"},
    {"group_by", FIELD_CHOICE, 0, groupings, "count by id and process image"},
};
SCHEMA(events_query, "host.events", events_query, NULL);

static const struct field certificates_query[] = {
    {"store", FIELD_TEXT, 0, NULL, "name of the store: \"ROOT\", \"CA\", ..."},
    {"sha1", FIELD_TEXT, 0, NULL, "thumbprint"},
};
SCHEMA(certificates_query, "host.certificates", certificates_query, NULL);

static const struct field fail_values[] = {
    {"observed", FIELD_ANY, 0, NULL, "what is"},
    {"expected", FIELD_ANY, 0, NULL, "what is wanted"},
};
SCHEMA(fail_values, "fail", fail_values, NULL);

const char *field_type_words(enum field_type t)
{
    static const char *const words[] = {
        [FIELD_TEXT] = "text",
        [FIELD_ID] = "an id of a-z, 0-9, _ and -",
        [FIELD_DOTTED] = "an id of a-z, 0-9, _ and -, joined by dots",
        [FIELD_KEY] = "a registry key that begins with HKLM, HKU or HKCR",
        [FIELD_VERSION] = "a dotted version in quotes",
        [FIELD_CHOICE] = "text",
        [FIELD_INT] = "a whole number",
        [FIELD_NUMBER] = "a number",
        [FIELD_BOOL] = "true or false",
        [FIELD_TEXTS] = "a list of texts",
        [FIELD_INTS] = "a list of whole numbers",
        [FIELD_ANY] = "a value",
        [FIELD_WANT] = "a wanted state such as registry.value(...)",
        [FIELD_TYPED] = "a typed value such as dword(5) or sz \"x\"",
        [FIELD_FUNCTION] = "a function",
        [FIELD_REMEDIES] = ("manual \"...\", enforce(), upgrade{...}, registry.set{...} or the "
                            "like, or a list of them"),
        [FIELD_INPUTS] = "a table of name = input.type{...}",
        [FIELD_DIAGNOSIS] = "diagnosis{...}",
        [FIELD_SOURCES] = "a list of source.kind{...}",
        [FIELD_BUILDS] = "a list of {from, name}",
        [FIELD_SETTINGS] = "a table of input = value",
        [FIELD_CHOSEN] = "a table { only = {...}, skip = {...} }",
    };
    return (size_t)t < COUNT(words) ? words[t] : "a value";
}

const struct field *schema_field(const struct schema *s, struct str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(str_of(s->fields[i].name), name))
            return &s->fields[i];
    return NULL;
}

struct nearest nearest_of(struct str word)
{
    return (struct nearest){.word = word, .distance = SIZE_MAX};
}

void nearest_try(struct nearest *n, struct str candidate)
{
    size_t d = text_distance(n->word, candidate);
    if (d < n->distance || (d == n->distance && d != SIZE_MAX && str_cmp(candidate, n->best) < 0)) {
        n->distance = d;
        n->best = candidate;
    }
}

bool nearest_found(const struct nearest *n)
{
    size_t letters = n->word.len > n->best.len ? n->word.len : n->best.len;
    return n->distance != SIZE_MAX && n->distance <= (letters + 2) / 3 && n->distance < letters;
}
