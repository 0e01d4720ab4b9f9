/* Facts as check functions see them: read-only, and safe when used lazily.
 *
 * Reading the content of a fact that was not found does not give nil: it ends the check as unknown
 * (or conflict).  Looking at `state` is free, but a check that passes although something it asked
 * for could not be read is unknown all the same. */
#pragma once

#include "script/load.h"

enum fact_kind {
    FACT_REGISTRY,
    FACT_PRODUCT,
    FACT_SERVICE,
    FACT_FILE,
    FACT_EVENTS,
    FACT_SIGNATURE,
    FACT_LIST
};

struct fact {
    enum fact_kind kind;
    enum fact_state state;
    bool conflict; /* a product whose sources disagree */
    struct str reason, path, name;
    const struct reg_value *value;
    const struct product_fact *product;
    const struct service_fact *service;
    const struct file_fact *file;
    const struct event_answer *events;
    const struct trust_verdict *signature; /* with `file` */
    const struct trust_list *list;
    bool excused; /* the check has said why it does without this fact */
    struct fact *next_unread;
};

/* The context of a check's sandbox. */
struct check {
    struct loading load; /* first: load_of() */
    const struct rule *rule;
    const struct script_facts *facts;
    struct result *out;
    bool running;
    bool stopped;        /* `out` holds the verdict, whatever the function would have returned */
    size_t looked_at;    /* facts whose state or content was used */
    struct fact *unread; /* those asked for that could not be read, the last one first */
    struct str uncovered;
};

struct check *check_of(lua_State *L);

/* Bodies of a check's sandbox whose file has run (check.c): pushes the rule's function; runs it. */
void check_push(lua_State *L);
int check_run(lua_State *L);

/* Ends the check with this verdict. */
_Noreturn void check_stop(lua_State *L, enum verdict verdict, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Fails unless a check function is running and its rule needs the namespace (0 = none). */
void check_needs(lua_State *L, unsigned need, const char *name);

/* Records what was asked for and pushes it. */
void fact_push(lua_State *L, struct fact *f, const struct evidence *evidence);

/* The first fact that could not be read and was not excused, or NULL. */
const struct fact *fact_unread(const struct check *c);
/* "PATH is unreadable: reason" */
struct str fact_unread_text(const struct fact *f, struct arena *a);

/* Metamethods (thing.c). */
int fact_index(lua_State *L);
int fact_version_eq(lua_State *L);
int fact_version_lt(lua_State *L);
int fact_version_le(lua_State *L);
int fact_version_concat(lua_State *L);
int fact_findings_index(lua_State *L);
int fact_host_index(lua_State *L);
int fact_registry_index(lua_State *L);

/* Pushes a version object, or its text as any object's text. */
void fact_push_version(lua_State *L, struct version v);
void fact_tostring(lua_State *L, int index);

/* host.NAME functions (bind_host.c) and methods of host.registry (bind_registry.c). */
int bind_host_product(lua_State *L);
int bind_host_service(lua_State *L);
int bind_host_events(lua_State *L);
int bind_host_file(lua_State *L);
int bind_host_signature(lua_State *L);
int bind_host_certificates(lua_State *L);
int bind_host_lists(lua_State *L);
int bind_registry_value(lua_State *L);
int bind_registry_values(lua_State *L);
int bind_registry_keys(lua_State *L);

/* The registry's content of a fact, by its type (bind_registry.c). */
void bind_registry_push_data(lua_State *L, const struct fact *f);
int bind_registry_field_type(lua_State *L);
int bind_registry_field_data(lua_State *L);
int bind_registry_field_text(lua_State *L);
int bind_registry_field_number(lua_State *L);

/* fact:excuse(note): a pass may do without this one. */
int fact_excuse(lua_State *L);

/* Fields that several kinds of fact have. */
int fact_field_state(lua_State *L);
int fact_field_reason(lua_State *L);
int fact_field_path(lua_State *L);
int fact_field_sha256(lua_State *L);
int fact_field_company(lua_State *L);
int fact_field_version(lua_State *L);

/* The fact at 1; `found`: its content is about to be read. */
const struct fact *fact_self(lua_State *L, bool found);
