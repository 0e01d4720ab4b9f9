#include "script/fact.h"

#include "base/wtime.h"
#include "script/bind.h"

const struct fact *fact_self(lua_State *L, bool found)
{
    const struct thing *t = thing_test(L, 1, THING_FACT);
    if (!t)
        sandbox_fail(L, "%s where a fact is wanted", thing_words(L, 1));
    const struct fact *f = t->ptr;
    check_of(L)->looked_at++;
    if (!found)
        return f;
    if (f->conflict)
        check_stop(L, VERDICT_CONFLICT, STR_FMT ": " STR_FMT, STR_ARG(f->path), STR_ARG(f->reason));
    if (f->state == FACT_ABSENT)
        check_stop(L, VERDICT_UNKNOWN, STR_FMT " is absent", STR_ARG(f->path));
    if (f->state != FACT_FOUND)
        check_stop(L, VERDICT_UNKNOWN, STR_FMT " is %s%s" STR_FMT, STR_ARG(f->path),
                   f->state == FACT_UNREADABLE ? "unreadable" : "not collected",
                   f->reason.len ? ": " : "", STR_ARG(f->reason));
    return f;
}

static bool is_unread(const struct fact *f)
{
    return f->conflict || f->state == FACT_UNREADABLE || f->state == FACT_NOT_COLLECTED;
}

const struct fact *fact_unread(const struct check *c)
{
    const struct fact *first = NULL;
    for (const struct fact *f = c->unread; f; f = f->next_unread)
        first = f->excused ? first : f;
    return first;
}

struct str fact_unread_text(const struct fact *f, struct arena *a)
{
    struct str text = str_fmt(a, STR_FMT " is %s%s" STR_FMT, STR_ARG(f->path),
                              f->conflict                   ? "contradicted by another source"
                              : f->state == FACT_UNREADABLE ? "unreadable"
                                                            : "not collected",
                              f->reason.len ? ": " : "", STR_ARG(f->reason));
    return text.ptr ? text : STR("a fact could not be read");
}

void fact_push(lua_State *L, struct fact *f, const struct evidence *evidence)
{
    sandbox_check_memory(L);
    struct check *c = check_of(L);
    if (is_unread(f)) {
        f->next_unread = c->unread;
        c->unread = f;
    }
    if (evidence && (evidence->artefact.len || evidence->where.len))
        evidence_add(&c->out->evidence, evidence);
    thing_new(L, THING_FACT, f);
}

/* ---- versions ------------------------------------------------------------------------------ */

void fact_push_version(lua_State *L, struct version v)
{
    struct version *copy = SANDBOX_ARRAY(L, 1, struct version);
    *copy = v;
    thing_new(L, THING_VERSION, copy);
}

static struct version check_version(lua_State *L, int index)
{
    const struct thing *t = thing_test(L, index, THING_VERSION);
    struct version v;
    if (t)
        return *(const struct version *)t->ptr;
    if (lua_type(L, index) != LUA_TSTRING)
        sandbox_fail(L, "a version beside %s, want a version in quotes", thing_words(L, index));
    struct str s;
    s.ptr = lua_tolstring(L, index, &s.len);
    if (!version_parse(s, &v))
        sandbox_fail(L, "\"%.40s\" is no version", s.ptr);
    return v;
}

static int compare_versions(lua_State *L)
{
    struct version a = check_version(L, 1), b = check_version(L, 2);
    return version_cmp(a, b);
}

int fact_version_eq(lua_State *L)
{
    lua_pushboolean(L, compare_versions(L) == 0);
    return 1;
}

int fact_version_lt(lua_State *L)
{
    lua_pushboolean(L, compare_versions(L) < 0);
    return 1;
}

int fact_version_le(lua_State *L)
{
    lua_pushboolean(L, compare_versions(L) <= 0);
    return 1;
}

int fact_version_concat(lua_State *L)
{
    thing_tostring(L, 1);
    thing_tostring(L, 2);
    lua_concat(L, 2);
    return 1;
}

void fact_tostring(lua_State *L, int index)
{
    char text[VERSION_TEXT];
    const struct thing *t = thing_any(L, index);
    if (t->kind == THING_VERSION) {
        lua_pushstring(L, version_format(*(const struct version *)t->ptr, text));
    } else if (t->kind == THING_FACT) {
        const struct fact *f = t->ptr;
        lua_pushlstring(L, f->path.ptr ? f->path.ptr : "", f->path.len);
        lua_pushfstring(L, " (%s)", f->conflict ? "conflict" : fact_state_name(f->state));
        lua_concat(L, 2);
    } else {
        lua_pushstring(L, thing_words(L, index));
    }
}

/* ---- fields -------------------------------------------------------------------------------- */

static int push_str(lua_State *L, struct str s)
{
    lua_pushlstring(L, s.ptr ? s.ptr : "", s.len);
    return 1;
}

static int push_time(lua_State *L, uint64_t t)
{
    if (t)
        lua_pushinteger(L, wtime_to_unix(t));
    else
        lua_pushnil(L);
    return 1;
}

int fact_field_state(lua_State *L)
{
    const struct fact *f = fact_self(L, false);
    lua_pushstring(L, f->conflict ? "conflict" : fact_state_name(f->state));
    return 1;
}

int fact_field_reason(lua_State *L)
{
    return push_str(L, fact_self(L, false)->reason);
}

int fact_field_path(lua_State *L)
{
    return push_str(L, fact_self(L, false)->path);
}

static int any_name(lua_State *L)
{
    return push_str(L, fact_self(L, false)->name);
}

static int excuse_call(lua_State *L)
{
    const struct thing *t = thing_test(L, 1, THING_FACT);
    struct fact *f = t ? t->ptr : NULL;
    (void)fact_self(L, false);
    struct str note = sandbox_checkstr(L, 2, "excuse: the note");
    struct check *c = check_of(L);
    if (!is_unread(f) || f->conflict)
        sandbox_fail(L, "excuse: " STR_FMT " is %s, there is nothing to excuse", STR_ARG(f->path),
                     f->conflict ? "a conflict" : fact_state_name(f->state));
    f->excused = true;
    struct str why =
        str_fmt(c->out->evidence.mem, "%s: " STR_FMT, fact_state_name(f->state), STR_ARG(note));
    struct evidence ev = {.artefact = f->path, .note = why};
    evidence_add(&c->out->evidence, &ev);
    return 0;
}

int fact_excuse(lua_State *L)
{
    lua_pushcfunction(L, excuse_call);
    return 1;
}

/* fact:or_default(value): covers absent, never unreadable. */
static int or_default_call(lua_State *L)
{
    const struct fact *f = fact_self(L, false);
    luaL_checkany(L, 2);
    if (f->state == FACT_ABSENT && !f->conflict) {
        lua_settop(L, 2);
        return 1;
    }
    bind_registry_push_data(L, fact_self(L, true));
    return 1;
}

static int registry_or_default(lua_State *L)
{
    lua_pushcfunction(L, or_default_call);
    return 1;
}

static int product_id(lua_State *L)
{
    return push_str(L, fact_self(L, false)->product->def->id);
}

static int product_name(lua_State *L)
{
    return push_str(L, fact_self(L, false)->product->def->name);
}

static int product_version(lua_State *L)
{
    fact_push_version(L, fact_self(L, true)->product->version);
    return 1;
}

static int product_patch(lua_State *L)
{
    return push_str(L, fact_self(L, true)->product->patch);
}

static int product_patch_known(lua_State *L)
{
    lua_pushboolean(L, fact_self(L, true)->product->patch_known);
    return 1;
}

static int service_display_name(lua_State *L)
{
    return push_str(L, fact_self(L, true)->service->display_name);
}

static int service_image_path(lua_State *L)
{
    return push_str(L, fact_self(L, true)->service->image_path);
}

static int service_start(lua_State *L)
{
    const struct service_fact *s = fact_self(L, true)->service;
    lua_pushstring(L, s->has_start ? service_start_name(s->start) : "unknown");
    return 1;
}

static int file_size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)fact_self(L, true)->file->size);
    return 1;
}

int fact_field_sha256(lua_State *L)
{
    lua_pushstring(L, fact_self(L, true)->file->evidence.sha256);
    return 1;
}

static int file_machine(lua_State *L)
{
    char buf[8];
    const struct file_fact *f = fact_self(L, true)->file;
    lua_pushstring(L, f->is_pe ? pe_machine_name(f->machine, buf) : "");
    return 1;
}

static int push_file_version(lua_State *L, const struct file_fact *f, bool product)
{
    if (f->is_pe && f->version.has_version)
        fact_push_version(L, product ? f->version.product : f->version.file);
    else
        lua_pushnil(L);
    return 1;
}

int fact_field_version(lua_State *L)
{
    return push_file_version(L, fact_self(L, true)->file, false);
}

static int file_product_version(lua_State *L)
{
    return push_file_version(L, fact_self(L, true)->file, true);
}

int fact_field_company(lua_State *L)
{
    return push_str(L, fact_self(L, true)->file->version.company);
}

static int file_product_name(lua_State *L)
{
    return push_str(L, fact_self(L, true)->file->version.product_name);
}

static int file_original_name(lua_State *L)
{
    return push_str(L, fact_self(L, true)->file->version.original_name);
}

static int events_count(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)fact_self(L, true)->events->count);
    return 1;
}

static int events_first(lua_State *L)
{
    return push_time(L, fact_self(L, true)->events->first);
}

static int events_last(lua_State *L)
{
    return push_time(L, fact_self(L, true)->events->last);
}

static int events_covered(lua_State *L)
{
    lua_pushboolean(L, fact_self(L, true)->events->coverage.complete);
    return 1;
}

static int events_groups(lua_State *L)
{
    const struct event_answer *a = fact_self(L, true)->events;
    lua_createtable(L, 0, 0);
    for (size_t i = 0; i < a->group_count; i++) {
        const struct event_group *g = &a->groups[i];
        lua_createtable(L, 0, 5);
        lua_pushinteger(L, (lua_Integer)g->id);
        lua_setfield(L, -2, "id");
        push_str(L, g->image);
        lua_setfield(L, -2, "image");
        lua_pushinteger(L, (lua_Integer)g->count);
        lua_setfield(L, -2, "count");
        push_time(L, g->first);
        lua_setfield(L, -2, "first");
        push_time(L, g->last);
        lua_setfield(L, -2, "last");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        sandbox_charge(L, 8);
    }
    return 1;
}

int fact_index(lua_State *L)
{
    static const char *const classes[] = {"RegistryFact", "ProductFact", "ServiceFact",
                                          "FileFact",     "EventsFact",  "SignatureFact",
                                          "ListFact"};
    const struct thing *t = thing_any(L, 1);
    const struct fact *f = t->ptr;
    bool trust = f->kind == FACT_SIGNATURE || f->kind == FACT_LIST;
    return bind_class_index(L, trust ? bind_trust : bind_facts, classes[f->kind]);
}

#define ANY_FACT(class)                                                                            \
    {class, "state", fact_field_state, 0}, {class, "reason", fact_field_reason, 0},                \
    {                                                                                              \
        class, "path", fact_field_path, 0                                                          \
    }

const struct binding bind_facts[] = {
    ANY_FACT("RegistryFact"),
    {"RegistryFact", "data", bind_registry_field_data, 0},
    {"RegistryFact", "name", any_name, 0},
    {"RegistryFact", "number", bind_registry_field_number, 0},
    {"RegistryFact", "or_default", registry_or_default, 0},
    {"RegistryFact", "text", bind_registry_field_text, 0},
    {"RegistryFact", "type", bind_registry_field_type, 0},
    ANY_FACT("ProductFact"),
    {"ProductFact", "id", product_id, 0},
    {"ProductFact", "name", product_name, 0},
    {"ProductFact", "patch", product_patch, 0},
    {"ProductFact", "patch_known", product_patch_known, 0},
    {"ProductFact", "version", product_version, 0},
    ANY_FACT("ServiceFact"),
    {"ServiceFact", "display_name", service_display_name, 0},
    {"ServiceFact", "image_path", service_image_path, 0},
    {"ServiceFact", "name", any_name, 0},
    {"ServiceFact", "start", service_start, 0},
    ANY_FACT("FileFact"),
    {"FileFact", "excuse", fact_excuse, 0},
    {"FileFact", "company", fact_field_company, 0},
    {"FileFact", "machine", file_machine, 0},
    {"FileFact", "original_name", file_original_name, 0},
    {"FileFact", "product_name", file_product_name, 0},
    {"FileFact", "product_version", file_product_version, 0},
    {"FileFact", "sha256", fact_field_sha256, 0},
    {"FileFact", "size", file_size, 0},
    {"FileFact", "version", fact_field_version, 0},
    ANY_FACT("EventsFact"),
    {"EventsFact", "count", events_count, 0},
    {"EventsFact", "covered", events_covered, 0},
    {"EventsFact", "first", events_first, 0},
    {"EventsFact", "groups", events_groups, 0},
    {"EventsFact", "last", events_last, 0},
    {NULL, NULL, NULL, 0},
};
