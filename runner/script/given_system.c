/* What a case says of Windows itself, its services and products. */
#include "base/version.h"
#include "formats/regf.h"
#include "script/bind.h"
#include "script/given.h"
#include "script/value.h"

#define NT_KEY "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define ENVIRONMENT "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"

enum { TYPE_DRIVER = 1, TYPE_OWN_PROCESS = 16, START_LAST = 4 };

/* ---- Windows ----------------------------------------------------------------------------------
 */

static const struct {
    const char *word, *value;
} archs[] = {{"x86", "x86"}, {"x64", "AMD64"}, {"arm64", "ARM64"}, {"ia64", "IA64"}};

static const char *arch_value(struct str word)
{
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
        if (str_eq(word, str_of(archs[i].word)))
            return archs[i].value;
    return NULL;
}

/* "6.1 x64".  Windows 10 and later keep CurrentVersion at 6.3. */
void given_os(lua_State *L, struct str text, struct given *out)
{
    struct version v;
    if (text.len == 0)
        return;
    const char *blank = memchr(text.ptr, ' ', text.len);
    struct str number = {text.ptr, blank ? (size_t)(blank - text.ptr) : text.len};
    struct str word = {blank ? blank + 1 : "", blank ? text.len - number.len - 1 : 0};
    const char *arch = arch_value(word);
    if (!version_parse(number, &v) || !arch)
        sandbox_fail(L,
                     "given: os is \"%.40s\", want a version and x86, x64, arm64 or ia64, as "
                     "\"6.1 x64\"",
                     text.ptr);
    if (v.part[0] >= 10) {
        given_add_dword(L, out, STR(NT_KEY), "CurrentMajorVersionNumber", v.part[0]);
        given_add_dword(L, out, STR(NT_KEY), "CurrentMinorVersionNumber", v.part[1]);
        given_add_text(L, out, STR(NT_KEY), "CurrentVersion", STR("6.3"));
    } else {
        given_add_text(L, out, STR(NT_KEY), "CurrentVersion", number);
    }
    given_add_text(L, out, STR(ENVIRONMENT), "PROCESSOR_ARCHITECTURE", str_of(arch));
}

/* ---- services ---------------------------------------------------------------------------------
 */

static const char *const starts[] = {"boot", "system", "automatic", "manual", "disabled", NULL};
static const char *const types[] = {"driver", "service", NULL};

static const struct field service_fields[] = {
    {"start", FIELD_CHOICE, 0, starts, "when it starts; without it there is no such value"},
    {"type", FIELD_CHOICE, 0, types, "driver or service"},
    {"image", FIELD_TEXT, 0, NULL, "ImagePath"},
    {"display_name", FIELD_TEXT, 0, NULL, "its name for people"},
};
static const struct schema schema_service = {"given: services", service_fields,
                                             sizeof service_fields / sizeof *service_fields, NULL};

static void read_service(lua_State *L, struct str name, struct given *out)
{
    struct given_value key = {.key_only = true};
    key.key = given_text(L, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\" STR_FMT, STR_ARG(name));
    bool state = given_state(L, -1, &key.is);
    given_add_value(L, out, &key);
    if (state)
        return;
    struct value fields = value_fields(L, lua_gettop(L), &schema_service);
    struct str start = value_text_of(&fields, "start"), image = value_text_of(&fields, "image");
    struct str shown = value_text_of(&fields, "display_name");
    bool driver = str_eq(value_text_of(&fields, "type"), STR("driver"));
    for (uint32_t i = 0; i <= START_LAST; i++)
        if (str_eq(start, str_of(starts[i])))
            given_add_dword(L, out, key.key, "Start", i);
    given_add_dword(L, out, key.key, "Type", driver ? TYPE_DRIVER : TYPE_OWN_PROCESS);
    if (image.len)
        given_add_text(L, out, key.key, "ImagePath", image);
    if (shown.len)
        given_add_text(L, out, key.key, "DisplayName", shown);
}

void given_services(lua_State *L, int index, struct given *out)
{
    struct given_names names = given_names(L, index, "given: services");
    for (size_t i = 0; i < names.count; i++) {
        given_push(L, index, names.items[i]);
        read_service(L, names.items[i], out);
        lua_pop(L, 1);
    }
}

/* ---- processes --------------------------------------------------------------------------------
 */

static void read_modules(lua_State *L, struct given_process *p)
{
    if (given_state(L, -1, &p->is))
        return;
    struct value list =
        value_argument(L, lua_gettop(L), FIELD_TEXTS, FIELD_EMPTY, "given: modules: the files");
    p->modules = SANDBOX_ARRAY(L, list.list.count, struct str);
    for (size_t i = 0; i < list.list.count; i++)
        p->modules[p->module_count++] = list.list.items[i].text;
}

void given_modules(lua_State *L, int index, struct given *out)
{
    struct given_names names = given_names(L, index, "given: modules");
    out->processes = SANDBOX_ARRAY(L, names.count, struct given_process);
    for (size_t i = 0; i < names.count; i++) {
        struct given_process *p = &out->processes[out->process_count++];
        *p = (struct given_process){.image = names.items[i]};
        given_push(L, index, p->image);
        read_modules(L, p);
        lua_pop(L, 1);
    }
}

/* ---- products ---------------------------------------------------------------------------------
 */

static void add_version(lua_State *L, struct given_product *p, struct str text)
{
    enum { MOST = sizeof p->versions / sizeof *p->versions };
    if (p->version_count == MOST)
        sandbox_fail(L, "given: products: at most %d versions that contradict each other", MOST);
    if (!version_parse(text, &p->versions[p->version_count]))
        sandbox_fail(L, "given: products: \"%.40s\" is no version", text.ptr);
    p->texts[p->version_count++] = text;
}

static void read_product(lua_State *L, struct given_product *p)
{
    if (given_state(L, -1, &p->is))
        return;
    struct value list =
        value_argument(L, lua_gettop(L), FIELD_TEXTS, 0, "given: products: the version");
    for (size_t i = 0; i < list.list.count; i++)
        add_version(L, p, list.list.items[i].text);
}

void given_products(lua_State *L, int index, struct given *out)
{
    struct given_names names = given_names(L, index, "given: products");
    out->products = SANDBOX_ARRAY(L, names.count, struct given_product);
    for (size_t i = 0; i < names.count; i++) {
        struct given_product *p = &out->products[out->product_count++];
        *p = (struct given_product){.id = names.items[i], .line = sandbox_here(L).line};
        given_push(L, index, p->id);
        read_product(L, p);
        lua_pop(L, 1);
    }
}
