/* What a case says of files, event logs, certificates and trust lists. */
#include "base/wtime.h"
#include "formats/pe.h"
#include "formats/regf.h"
#include "script/bind.h"
#include "script/given.h"
#include "script/value.h"

#define STORES "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\"
#define AUTO_UPDATE STORES "AuthRoot\\AutoUpdate"

enum { EVENTS_MAX = 4096, COUNT_MAX = 100000, CERTIFICATES_MAX = 4096, KEY_BITS_MAX = 65536 };

/* ---- files ------------------------------------------------------------------------------------
 */

static const char *const machines[] = {"x86", "x64", "arm64", "ia64", NULL};
static const uint16_t machine_numbers[] = {PE_MACHINE_I386, PE_MACHINE_AMD64, PE_MACHINE_ARM64,
                                           PE_MACHINE_IA64};
/* The words of trust/trust.h. */
static const char *const words[] = {
    "trusted", "unsigned",      "bad_digest",  "untrusted_root", "root_obtainable", "disallowed",
    "expired", "not_yet_valid", "wrong_usage", "malformed",      "cannot_tell",     NULL};

static const struct field file_fields[] = {
    {"version", FIELD_VERSION, 0, NULL, "file version of the version resource"},
    {"product_version", FIELD_VERSION, 0, NULL, "product version; without it the file's"},
    {"company", FIELD_TEXT, 0, NULL, "company of the version resource"},
    {"product_name", FIELD_TEXT, 0, NULL, "product of the version resource"},
    {"original_name", FIELD_TEXT, 0, NULL, "original name of the version resource"},
    {"machine", FIELD_CHOICE, 0, machines, "what it is compiled for"},
    {"signature", FIELD_CHOICE, 0, words, "what the host makes of its signature"},
    {"signer", FIELD_TEXT, 0, NULL, "organisation of the signer"},
    {"root", FIELD_TEXT, 0, NULL, "thumbprint of the root, its name behind it if wanted"},
    {"root_in_program", FIELD_BOOL, 0, NULL, "the root is in a verified Microsoft list"},
    {"catalog", FIELD_TEXT, 0, NULL, "the catalog that holds the signature"},
    {"reason", FIELD_TEXT, 0, NULL, "why the signature is not trusted"},
};
static const struct schema schema_file = {"given: files", file_fields,
                                          sizeof file_fields / sizeof *file_fields, NULL};

static void read_root(lua_State *L, struct str text, struct told_file *f)
{
    char sha1[THUMBPRINT];
    if (!text.len)
        return;
    if (!rule_thumbprint(text, sha1, &f->root_name))
        sandbox_fail(L, "given: files: root is \"%.60s\", want 40 hexadecimal digits and a name",
                     text.ptr);
    f->root_sha1 = sandbox_str(L, str_of(sha1));
}

static const struct told_file *told_file(lua_State *L, int index)
{
    struct value fields = value_fields(L, index, &schema_file);
    struct told_file *f = SANDBOX_ARRAY(L, 1, struct told_file);
    struct str machine = value_text_of(&fields, "machine");
    struct str version = value_text_of(&fields, "version");
    struct str product = value_text_of(&fields, "product_version");
    *f = (struct told_file){.is_pe = true, .machine = PE_MACHINE_I386};
    for (size_t i = 0; machines[i]; i++)
        if (str_eq(machine, str_of(machines[i])))
            f->machine = machine_numbers[i];
    f->has_version = version_parse(version, &f->version);
    if (!version_parse(product, &f->product_version))
        f->product_version = f->version;
    f->company = value_text_of(&fields, "company");
    f->product_name = value_text_of(&fields, "product_name");
    f->original_name = value_text_of(&fields, "original_name");
    f->signer = value_text_of(&fields, "signer");
    f->word = value_text_of(&fields, "signature");
    if (!f->word.len)
        f->word = f->signer.len ? STR("trusted") : STR("unsigned");
    read_root(L, value_text_of(&fields, "root"), f);
    const struct value *in_program = value_get(&fields, "root_in_program");
    f->root_in_program = !in_program || in_program->boolean;
    f->catalog = value_text_of(&fields, "catalog");
    f->reason = value_text_of(&fields, "reason");
    return f;
}

static void read_file(lua_State *L, struct given_file *f)
{
    int index = lua_gettop(L);
    const struct thing *bytes = thing_test(L, index, THING_PREDICATE);
    const struct predicate *p = bytes ? bytes->ptr : NULL;
    if (given_state(L, index, &f->is))
        return;
    if (lua_type(L, index) == LUA_TSTRING) {
        struct str text = value_argument(L, index, FIELD_TEXT, FIELD_EMPTY | FIELD_LINES,
                                         "given: files: the text")
                              .text;
        f->bytes = span_of(text.ptr, text.len);
    } else if (p && p->typed && p->reg_type == REGF_BINARY) {
        f->bytes = span_of(p->a.text.ptr, p->a.text.len);
    } else if (lua_type(L, index) == LUA_TTABLE) {
        f->told = told_file(L, index);
    } else {
        sandbox_fail(L,
                     "given: files: " STR_FMT " is %s, want its text, {version = ...} or a state",
                     STR_ARG(f->path), thing_words(L, index));
    }
}

void given_files(lua_State *L, int index, struct given *out)
{
    struct given_names names = given_names(L, index, "given: files");
    out->files = SANDBOX_ARRAY(L, names.count, struct given_file);
    for (size_t i = 0; i < names.count; i++) {
        struct given_file *f = &out->files[out->file_count++];
        *f = (struct given_file){.path = names.items[i]};
        given_push(L, index, f->path);
        read_file(L, f);
        lua_pop(L, 1);
    }
}

/* ---- event logs -------------------------------------------------------------------------------
 */

static const struct field log_fields[] = {
    {"from", FIELD_TEXT, FIELD_REQUIRED, NULL, "time of its first record, an ordinary one"},
    {"to", FIELD_TEXT, FIELD_REQUIRED, NULL, "time of its last record, an ordinary one"},
    {"lost", FIELD_INT, FIELD_COUNT, NULL, "records that are missing behind the first one"},
};
static const struct schema schema_log = {"given: events", log_fields,
                                         sizeof log_fields / sizeof *log_fields, "{id = ...}"};

static const struct field event_fields[] = {
    {"at", FIELD_TEXT, FIELD_REQUIRED, NULL, "when it was written"},
    {"provider", FIELD_TEXT, FIELD_REQUIRED, NULL, "its source"},
    {"id", FIELD_INT, FIELD_REQUIRED, NULL, "its number, without qualifiers"},
    {"strings", FIELD_TEXTS, FIELD_EMPTY | FIELD_LINES, NULL, "its strings"},
    {"count", FIELD_INT, FIELD_COUNT, NULL, "so many of them, a second apart"},
};
static const struct schema schema_event = {"given: events: a record", event_fields,
                                           sizeof event_fields / sizeof *event_fields, NULL};

static void read_event(lua_State *L, struct given_event *e)
{
    struct value fields = value_fields(L, lua_gettop(L), &schema_event);
    const struct value *id = value_get(&fields, "id"), *count = value_get(&fields, "count");
    const struct value *strings = value_get(&fields, "strings");
    *e = (struct given_event){.time = given_time(L, &fields, "at"), .count = 1};
    e->provider = value_text_of(&fields, "provider");
    if (id->integer < 0 || id->integer > UINT16_MAX)
        sandbox_fail(L, "given: events: id is %lld, want 0 to 65535", (long long)id->integer);
    e->id = (uint32_t)id->integer;
    if (count && count->integer > COUNT_MAX)
        sandbox_fail(L, "given: events: count is %lld, at most %d", (long long)count->integer,
                     COUNT_MAX);
    if (count)
        e->count = (size_t)count->integer;
    if (!strings)
        return;
    e->string_count = strings->list.count;
    e->strings = SANDBOX_ARRAY(L, e->string_count, struct str);
    for (size_t i = 0; i < e->string_count; i++)
        e->strings[i] = strings->list.items[i].text;
}

static void read_log(lua_State *L, struct given_log *log)
{
    int index = lua_gettop(L);
    if (given_state(L, index, &log->is))
        return;
    struct value fields = value_fields(L, index, &schema_log);
    const struct value *lost = value_get(&fields, "lost");
    size_t n = (size_t)lua_rawlen(L, index);
    if (n > EVENTS_MAX)
        sandbox_fail(L, "given: events: more than %d records", EVENTS_MAX);
    log->from = given_time(L, &fields, "from");
    log->to = given_time(L, &fields, "to");
    log->lost = lost ? (size_t)lost->integer : 0;
    log->events = SANDBOX_ARRAY(L, n, struct given_event);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        read_event(L, &log->events[log->event_count++]);
        lua_pop(L, 1);
    }
}

void given_events(lua_State *L, int index, struct given *out)
{
    struct given_names names = given_names(L, index, "given: events");
    out->logs = SANDBOX_ARRAY(L, names.count, struct given_log);
    for (size_t i = 0; i < names.count; i++) {
        struct given_log *log = &out->logs[out->log_count++];
        *log = (struct given_log){.channel = names.items[i]};
        given_push(L, index, log->channel);
        read_log(L, log);
        lua_pop(L, 1);
    }
}

/* ---- certificates -----------------------------------------------------------------------------
 */

static const struct field certificate_fields[] = {
    {"sha1", FIELD_TEXT, FIELD_REQUIRED, NULL, "thumbprint"},
    {"common_name", FIELD_TEXT, 0, NULL, "of its subject"},
    {"organisation", FIELD_TEXT, 0, NULL, "of its subject"},
    {"not_before", FIELD_TEXT, 0, NULL, "begin of its validity"},
    {"not_after", FIELD_TEXT, 0, NULL, "end of its validity"},
    {"key_bits", FIELD_INT, FIELD_COUNT, NULL, "length of its RSA key"},
};
static const struct schema schema_certificate = {
    "given: certificates", certificate_fields,
    sizeof certificate_fields / sizeof *certificate_fields, NULL};

static void thumbprint(lua_State *L, struct str text, char sha1[THUMBPRINT], struct str *name)
{
    if (!rule_thumbprint(text, sha1, name))
        sandbox_fail(L, "given: \"%.60s\" is no thumbprint: want 40 hexadecimal digits", text.ptr);
}

/* "THUMBPRINT name" or {sha1 = ...}: a Blob in the key of its thumbprint. */
static void read_certificate(lua_State *L, struct str store, struct given *out)
{
    static const uint8_t blob[] = {'t', 'o', 'l', 'd'};
    int index = lua_gettop(L);
    char sha1[THUMBPRINT];
    struct str name = {"", 0};
    struct told_certificate *c = SANDBOX_ARRAY(L, 1, struct told_certificate);
    *c = (struct told_certificate){.common_name = {"", 0}};
    if (lua_type(L, index) == LUA_TTABLE) {
        struct value fields = value_fields(L, index, &schema_certificate);
        thumbprint(L, value_text_of(&fields, "sha1"), sha1, &name);
        c->common_name = value_text_of(&fields, "common_name");
        c->organisation = value_text_of(&fields, "organisation");
        c->not_before = given_time(L, &fields, "not_before");
        c->not_after = given_time(L, &fields, "not_after");
        const struct value *bits = value_get(&fields, "key_bits");
        c->key_bits = bits && bits->integer <= KEY_BITS_MAX ? (unsigned)bits->integer : 0;
    } else {
        thumbprint(L, value_argument(L, index, FIELD_TEXT, 0, "given: certificates").text, sha1,
                   &name);
        c->common_name = name;
    }
    struct given_value v = {.name = STR("Blob"), .type = REGF_BINARY, .certificate = c};
    v.key = given_text(L, STORES STR_FMT "\\Certificates\\%s", STR_ARG(store), sha1);
    v.data = span_of(blob, sizeof blob);
    given_add_value(L, out, &v);
}

void given_certificates(lua_State *L, int index, struct given *out)
{
    struct given_names stores = given_names(L, index, "given: certificates");
    for (size_t i = 0; i < stores.count; i++) {
        struct given_value store = {.key_only = true};
        store.key = given_text(L, STORES STR_FMT "\\Certificates", STR_ARG(stores.items[i]));
        given_push(L, index, stores.items[i]);
        int list = lua_gettop(L);
        bool state = given_state(L, list, &store.is);
        given_add_value(L, out, &store);
        if (!state && lua_type(L, list) != LUA_TTABLE)
            sandbox_fail(L, "given: certificates: " STR_FMT " is %s, want a list",
                         STR_ARG(stores.items[i]), thing_words(L, list));
        size_t n = state ? 0 : (size_t)lua_rawlen(L, list);
        if (n > CERTIFICATES_MAX)
            sandbox_fail(L, "given: more than %d certificates", CERTIFICATES_MAX);
        for (size_t k = 0; k < n; k++) {
            lua_rawgeti(L, list, (lua_Integer)k + 1);
            read_certificate(L, stores.items[i], out);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

/* ---- lists ------------------------------------------------------------------------------------
 */

static const struct field list_fields[] = {
    {"this_update", FIELD_TEXT, FIELD_REQUIRED, NULL, "when Microsoft made it"},
    {"last_sync", FIELD_TEXT, 0, NULL, "when the host last fetched it"},
    {"roots", FIELD_TEXTS, FIELD_EMPTY, NULL, "thumbprints of what it lists"},
};
static const struct schema schema_list = {"given: lists", list_fields,
                                          sizeof list_fields / sizeof *list_fields, NULL};

static void last_sync(lua_State *L, struct str name, uint64_t time, struct given *out)
{
    uint8_t *raw = sandbox_alloc(L, 8, 1);
    for (size_t i = 0; i < 8; i++)
        raw[i] = (uint8_t)(time >> 8 * i);
    bool disallowed = str_eq(name, STR("DisallowedCertEncodedCtl"));
    struct given_value v = {.key = STR(AUTO_UPDATE), .type = REGF_BINARY};
    v.name = disallowed ? STR("DisallowedCertLastSyncTime") : STR("LastSyncTime");
    v.data = span_of(raw, 8);
    given_add_value(L, out, &v);
}

static void read_list(lua_State *L, struct str name, struct given *out)
{
    static const uint8_t blob[] = {'t', 'o', 'l', 'd'};
    struct given_value v = {.key = STR(AUTO_UPDATE), .name = name, .type = REGF_BINARY};
    int index = lua_gettop(L);
    if (given_state(L, index, &v.is)) {
        given_add_value(L, out, &v);
        return;
    }
    struct value fields = value_fields(L, index, &schema_list);
    const struct value *roots = value_get(&fields, "roots");
    struct told_list *list = SANDBOX_ARRAY(L, 1, struct told_list);
    *list = (struct told_list){.this_update = given_time(L, &fields, "this_update")};
    list->root_count = roots ? roots->list.count : 0;
    list->roots = SANDBOX_ARRAY(L, list->root_count, struct str);
    for (size_t i = 0; i < list->root_count; i++) {
        char sha1[THUMBPRINT];
        struct str ignored;
        thumbprint(L, roots->list.items[i].text, sha1, &ignored);
        list->roots[i] = sandbox_str(L, str_of(sha1));
    }
    v.data = span_of(blob, sizeof blob);
    v.list = list;
    given_add_value(L, out, &v);
    uint64_t sync = given_time(L, &fields, "last_sync");
    if (sync)
        last_sync(L, name, sync, out);
}

void given_lists(lua_State *L, int index, struct given *out)
{
    struct given_names names = given_names(L, index, "given: lists");
    for (size_t i = 0; i < names.count; i++) {
        struct str name = names.items[i];
        if (!str_eq(name, STR("EncodedCtl")) && !str_eq(name, STR("DisallowedCertEncodedCtl")))
            sandbox_fail(L, "given: lists: \"%.40s\", want EncodedCtl or DisallowedCertEncodedCtl",
                         name.ptr);
        given_push(L, index, name);
        read_list(L, name, out);
        lua_pop(L, 1);
    }
}
