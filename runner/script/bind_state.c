/* Wanted states of files, signatures, services, event logs, and of Windows itself. */
#include "model/want_path.h"
#include "script/bind_want.h"

int want_fields(lua_State *L, enum want_kind kind, const struct schema *schema)
{
    struct value fields = value_fields(L, 1, schema);
    want_new(L, kind)->args = fields;
    return 1;
}

void want_check_sha256(lua_State *L, const struct value *v, const char *what)
{
    for (size_t i = 0; v && v->kind == VALUE_LIST && i < v->list.count; i++) {
        struct str text = v->list.items[i].text;
        size_t digits = 0;
        while (digits < text.len && strchr("0123456789abcdefABCDEF", text.ptr[digits]))
            digits++;
        if (text.len != 64 || digits != 64)
            sandbox_fail(L, "%s: \"%.70s\" is no SHA-256 digest (64 hexadecimal digits)", what,
                         text.ptr);
    }
}

/* ---- services -------------------------------------------------------------------------------- */

static int want_service_enabled(lua_State *L)
{
    return want_fields(L, WANT_SERVICE, &schema_service_enabled);
}

static void check_mode(lua_State *L, struct str mode)
{
    static const char *const modes[] = {"boot", "system", "automatic", "manual", "disabled"};
    struct nearest n = nearest_of(mode);
    char near[96];
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (str_eq(str_of(modes[i]), mode))
            return;
        nearest_try(&n, str_of(modes[i]));
    }
    sandbox_fail(L,
                 "service.start: there is no mode \"%.40s\", want boot, system, automatic, manual "
                 "or disabled%s",
                 mode.ptr, bind_suggestion(&n, near));
}

static struct predicate read_mode(lua_State *L, int index)
{
    struct predicate p = want_predicate(L, index, "service.start: the mode");
    const struct predicate *last = &p;
    while (last->kind == PRED_NOT)
        last = last->inner;
    if (last->typed ||
        (last->kind != PRED_EQUALS && last->kind != PRED_ONE_OF && last->kind != PRED_NONE_OF))
        sandbox_fail(L, "service.start: want a mode, one_of { ... } or none_of { ... }");
    if (last->a.kind == VALUE_TEXT)
        check_mode(L, last->a.text);
    else if (last->a.kind != VALUE_LIST && !value_input(&last->a))
        sandbox_fail(L, "service.start: the mode is no text, want \"disabled\" or the like");
    for (size_t i = 0; last->a.kind == VALUE_LIST && i < last->a.list.count; i++) {
        if (last->a.list.items[i].kind != VALUE_TEXT)
            sandbox_fail(L, "service.start: a mode is no text, want \"disabled\" or the like");
        check_mode(L, last->a.list.items[i].text);
    }
    return p;
}

/* service.start { name = "s", mode = "automatic" } */
static int service_start_table(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_service_start_table);
    struct value_member name = {STR("name"), *value_get(&fields, "name")};
    struct want *w = want_new(L, WANT_SERVICE_START);
    w->predicate = (struct predicate){.kind = PRED_EQUALS, .a = *value_get(&fields, "mode")};
    if (str_eq(w->predicate.a.text, STR("auto")))
        w->predicate.a.text = STR("automatic");
    if (str_eq(w->predicate.a.text, STR("demand")))
        w->predicate.a.text = STR("manual");
    w->args = want_join(L, &name, 1, NULL);
    return 1;
}

static int want_service_start(lua_State *L)
{
    if (lua_gettop(L) == 1 && lua_type(L, 1) == LUA_TTABLE)
        return service_start_table(L);
    want_check_arguments(L, 2, 3, "service.start", "(name, mode [, options])");
    struct value options = {.kind = VALUE_MAP};
    if (!lua_isnoneornil(L, 3))
        options = value_fields(L, 3, &schema_service_start);
    struct value_member name = {STR("name"),
                                value_argument(L, 1, FIELD_TEXT, 0, "service.start: the name")};
    struct predicate p = read_mode(L, 2);
    struct value args = want_join(L, &name, 1, &options);
    struct want *w = want_new(L, WANT_SERVICE_START);
    w->predicate = p;
    w->args = args;
    return 1;
}

static int want_service_absent(lua_State *L)
{
    want_check_arguments(L, 1, 1, "service.absent", "(name)");
    struct value_member name = {STR("name"),
                                value_argument(L, 1, FIELD_TEXT, 0, "service.absent: the name")};
    struct value args = want_join(L, &name, 1, NULL);
    want_new(L, WANT_SERVICE_ABSENT)->args = args;
    return 1;
}

/* ---- event logs ------------------------------------------------------------------------------ */

static int want_eventlog_none(lua_State *L)
{
    return want_fields(L, WANT_EVENTS_NONE, &schema_eventlog_none);
}

static int want_eventlog_capacity(lua_State *L)
{
    return want_fields(L, WANT_LOG_CAPACITY, &schema_eventlog_capacity);
}

/* `least`: what the field's number must be at least for the want to mean anything. */
static int counted(lua_State *L, enum want_kind kind, const struct schema *schema, const char *name,
                   int64_t least)
{
    struct value fields = value_fields(L, 1, schema);
    const struct value *n = value_get(&fields, name);
    if (n->kind == VALUE_INT && n->integer < least)
        sandbox_fail(L, "%s: %s is %lld, want %lld or more", schema->name, name,
                     (long long)n->integer, (long long)least);
    want_new(L, kind)->args = fields;
    return 1;
}

static int want_eventlog_at_most(lua_State *L)
{
    return counted(L, WANT_EVENTS_COUNT, &schema_eventlog_at_most, "at_most", 0);
}

static int want_eventlog_at_least(lua_State *L)
{
    return counted(L, WANT_EVENTS_COUNT, &schema_eventlog_at_least, "at_least", 1);
}

static int want_eventlog_size(lua_State *L)
{
    return counted(L, WANT_LOG_SIZE, &schema_eventlog_size, "bytes", 1);
}

/* ---- files and signatures -------------------------------------------------------------------- */

/* Those that are written down; what inputs bring is looked at when it is used. */
static void check_paths(lua_State *L, const struct value *paths, const char *what)
{
    size_t count = paths->kind == VALUE_LIST ? paths->list.count : 1;
    for (size_t i = 0; i < count; i++) {
        const struct value *path = paths->kind == VALUE_LIST ? &paths->list.items[i] : paths;
        const char *fault = path->kind == VALUE_TEXT ? want_path_fault(path->text) : NULL;
        if (fault)
            sandbox_fail(L, "%s: \"%.80s\" is no path: %s", what, path->text.ptr, fault);
    }
}

static int want_file_signed(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_file_signed);
    if (!value_get(&fields, "path") == !value_get(&fields, "paths"))
        sandbox_fail(L, "file.signed: want one of path and paths");
    if (value_get(&fields, "pin") && !value_get(&fields, "roots"))
        sandbox_fail(L, "file.signed: pin without roots");
    const struct value *path = value_get(&fields, "path");
    check_paths(L, path ? path : value_get(&fields, "paths"), "file.signed");
    want_new(L, WANT_FILE_SIGNED)->args = fields;
    return 1;
}

static int want_module_signed(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_module_signed);
    const struct value *processes = value_get(&fields, "processes");
    if (value_get(&fields, "pin") && !value_get(&fields, "roots"))
        sandbox_fail(L, "module.signed: pin without roots");
    for (size_t i = 0; processes->kind == VALUE_LIST && i < processes->list.count; i++) {
        struct str name = processes->list.items[i].text;
        /* No process would ever have such a name, and the rule never apply. */
        if (name.len && strpbrk(name.ptr, "\\/:*?\"<>|"))
            sandbox_fail(L,
                         "module.signed: \"%.80s\" is a path or a pattern, want a program's file "
                         "name",
                         name.ptr);
    }
    want_new(L, WANT_MODULE_SIGNED)->args = fields;
    return 1;
}

/* The arguments of a constructor that begins with paths: (paths [, second] [, options]). */
static struct value path_arguments(lua_State *L, bool second, const struct schema *schema)
{
    char label[64], form[80];
    int most = second ? 3 : 2;
    snprintf(form, sizeof form, "(path or paths%s [, options])", second ? ", what is wanted" : "");
    want_check_arguments(L, most - 1, most, schema->name, form);
    struct value options = {.kind = VALUE_MAP};
    if (!lua_isnoneornil(L, most))
        options = value_fields(L, most, schema);
    snprintf(label, sizeof label, "%s: the path", schema->name);
    struct value_member paths = {STR("paths"),
                                 value_argument(L, 1, FIELD_TEXTS, FIELD_INPUT, label)};
    check_paths(L, &paths.value, schema->name);
    return want_join(L, &paths, 1, &options);
}

static int want_file_present(lua_State *L)
{
    struct value args = path_arguments(L, false, &schema_file_present);
    want_new(L, WANT_FILE_PRESENT)->args = args;
    return 1;
}

static int want_file_absent(lua_State *L)
{
    struct value args = path_arguments(L, false, &schema_file_absent);
    want_new(L, WANT_FILE_ABSENT)->args = args;
    return 1;
}

static int want_file_version(lua_State *L)
{
    struct value args = path_arguments(L, true, &schema_file_version);
    struct predicate p = want_version(L, 2, "file.version");
    struct want *w = want_new(L, WANT_FILE_VERSION);
    w->args = args;
    w->predicate = p;
    return 1;
}

static int want_file_sha256(lua_State *L)
{
    struct value args = path_arguments(L, true, &schema_file_sha256);
    struct value_member digests = {
        STR("sha256"), value_argument(L, 2, FIELD_TEXTS, FIELD_INPUT, "file.sha256: the digest")};
    want_check_sha256(L, &digests.value, "file.sha256");
    struct value all = want_join(L, &digests, 1, &args);
    want_new(L, WANT_FILE_SHA256)->args = all;
    return 1;
}

static int want_signature_trusted(lua_State *L)
{
    struct value args = path_arguments(L, false, &schema_signature_trusted);
    want_new(L, WANT_FILE_SIGNED)->args = args;
    return 1;
}

static int want_signature_signer(lua_State *L)
{
    struct value args = path_arguments(L, true, &schema_signature_signer);
    struct predicate p = want_predicate(L, 2, "signature.signer");
    const struct predicate *last = &p;
    while (last->kind == PRED_NOT)
        last = last->inner;
    bool text = last->kind == PRED_GLOB || last->kind == PRED_CONTAINS ||
                last->kind == PRED_MATCHES || last->kind == PRED_EQUALS ||
                last->kind == PRED_ONE_OF || last->kind == PRED_NONE_OF;
    if (last->typed || !text || last->a.kind == VALUE_INT)
        sandbox_fail(L, "signature.signer: want a name, one_of { ... }, glob, matches or contains");
    struct want *w = want_new(L, WANT_SIGNATURE_SIGNER);
    w->args = args;
    w->predicate = p;
    return 1;
}

/* ---- Windows --------------------------------------------------------------------------------- */

static int want_windows_version(lua_State *L)
{
    want_check_arguments(L, 1, 1, "windows.version", "(predicate)");
    struct predicate p = want_version(L, 1, "windows.version");
    want_new(L, WANT_OS_VERSION)->predicate = p;
    return 1;
}

static int windows_word(lua_State *L, enum want_kind kind, const char *what,
                        const char *const *words)
{
    char list[96] = "", near[96];
    want_check_arguments(L, 1, 1, what, "(word or list of words)");
    struct value_member any = {STR("any"), value_argument(L, 1, FIELD_TEXTS, 0, what)};
    for (size_t i = 0; i < any.value.list.count; i++) {
        struct str text = any.value.list.items[i].text;
        struct nearest n = nearest_of(text);
        bool known = false;
        list[0] = 0;
        for (size_t k = 0; words[k]; k++) {
            size_t len = strlen(list);
            snprintf(list + len, sizeof list - len, "%s%s", len ? ", " : "", words[k]);
            nearest_try(&n, str_of(words[k]));
            known = known || str_eq(str_of(words[k]), text);
        }
        if (!known)
            sandbox_fail(L, "%s: \"%.40s\", want one of %s%s", what, text.ptr, list,
                         bind_suggestion(&n, near));
    }
    struct value args = want_join(L, &any, 1, NULL);
    want_new(L, kind)->args = args;
    return 1;
}

static int want_windows_arch(lua_State *L)
{
    static const char *const words[] = {"x86", "x64", "arm64", "ia64", "arm", NULL};
    return windows_word(L, WANT_OS_ARCH, "windows.arch", words);
}

static int want_windows_type(lua_State *L)
{
    static const char *const words[] = {"workstation", "server", "domain_controller", NULL};
    return windows_word(L, WANT_OS_TYPE, "windows.type", words);
}

enum { IN_POLICY = PHASE_POLICY | PHASE_CHECK };

const struct binding bind_state[] = {
    {"eventlog", "at_least", want_eventlog_at_least, IN_POLICY},
    {"eventlog", "at_most", want_eventlog_at_most, IN_POLICY},
    {"eventlog", "capacity", want_eventlog_capacity, IN_POLICY},
    {"eventlog", "none", want_eventlog_none, IN_POLICY},
    {"eventlog", "size", want_eventlog_size, IN_POLICY},
    {"file", "absent", want_file_absent, IN_POLICY},
    {"file", "present", want_file_present, IN_POLICY},
    {"file", "sha256", want_file_sha256, IN_POLICY},
    {"file", "signed", want_file_signed, IN_POLICY},
    {"file", "version", want_file_version, IN_POLICY},
    {"module", "signed", want_module_signed, IN_POLICY},
    {"service", "absent", want_service_absent, IN_POLICY},
    {"service", "enabled", want_service_enabled, IN_POLICY},
    {"service", "start", want_service_start, IN_POLICY},
    {"signature", "signer", want_signature_signer, IN_POLICY},
    {"signature", "trusted", want_signature_trusted, IN_POLICY},
    {"windows", "arch", want_windows_arch, IN_POLICY},
    {"windows", "type", want_windows_type, IN_POLICY},
    {"windows", "version", want_windows_version, IN_POLICY},
    {NULL, NULL, NULL, 0},
};
