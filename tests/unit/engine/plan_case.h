/* A policy of a test, a host in memory, and the plan that they give. */
#pragma once

#include "engine/plan.h"
#include "engine_case.h"
#include "system.h"

struct plan_case {
    struct engine_case base;
    struct plan_options options;
    struct trust_options trust;
    struct str only; /* empty = all rules */
    struct plan plan;
    struct err e;
    char folder[40], path[64];
};

static inline void plan_case_policy(struct plan_case *c, const char *rules)
{
    snprintf(c->folder, sizeof c->folder, "/tmp/rectify-plan-XXXXXX");
    CHECK(temp_folder(c->folder));
    snprintf(c->path, sizeof c->path, "%s/t.lua", c->folder);
    FILE *f = fopen(c->path, "wb");
    CHECK(f != NULL);
    if (!f)
        return;
    fprintf(
        f,
        "local K <const> = [[HKLM\\SOFTWARE\\T]]\n"
        "local function r(id, want, repair)\n"
        "  return rule { id = id, title = id, severity = 'low', want = want, repair = repair }\n"
        "end\n"
        "return policy { id = 't', title = 'T',\n%s}\n",
        rules);
    CHECK(fclose(f) == 0 && everybody_may_write(c->path, false));
}

static inline void plan_case_open(struct plan_case *c, const char *rules)
{
    *c = (struct plan_case){.options = {.inputs = value_null()}};
    case_open(&c->base);
    memory_set_sz(c->base.host, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
                  "CurrentVersion", "6.1");
    plan_case_policy(c, rules);
}

/* False with c->e. */
static inline bool plan_case_try(struct plan_case *c)
{
    struct str path = str_of(c->path);
    struct engine_options options = {.policies = &path,
                                     .policy_count = 1,
                                     .only = &c->only,
                                     .only_count = c->only.len ? 1 : 0,
                                     .trust = c->trust};
    catalogue_done(&c->base.catalogue);
    c->e = (struct err){0};
    return catalogue_load(&options, &c->base.catalogue, &c->e) &&
           engine_plan(&c->base.catalogue, c->base.host, &c->options, NULL, NULL, &c->base.mem,
                       &c->plan, &c->e);
}

static inline void plan_case_run(struct plan_case *c)
{
    bool ok = plan_case_try(c);
    if (!ok)
        fprintf(stderr, "plan: %s\n", c->e.text);
    CHECK(ok);
}

static inline void plan_case_close(struct plan_case *c)
{
    CHECK(remove_all(c->folder));
    case_close(&c->base);
}

/* As applying would. */
static inline void plan_case_apply(struct plan_case *c)
{
    for (size_t i = 0; i < c->plan.action_count; i++)
        for (size_t k = 0; k < c->plan.actions[i].change_count; k++) {
            const struct change *x = &c->plan.actions[i].changes[k];
            CHECK(x->after.present);
            memory_set_value(c->base.host, x->key.ptr, x->name.ptr, x->after.type, x->after.data);
        }
}

static inline const struct prediction *prediction_of(const struct plan_case *c, const char *id)
{
    static const struct prediction none = {.now = VERDICT_WAIVED, .then = VERDICT_WAIVED};
    for (size_t i = 0; i < c->plan.prediction_count; i++)
        if (str_eq(c->plan.predictions[i].rule->id, str_of(id)))
            return &c->plan.predictions[i];
    return &none;
}

/* Why a rule has a manual step; "" where it has none. */
static inline struct str why_of(const struct plan_case *c, const char *id)
{
    for (size_t i = 0; i < c->plan.manual_count; i++)
        if (str_eq(c->plan.manual[i].rule->id, str_of(id)))
            return c->plan.manual[i].why;
    return STR("");
}

static inline const struct action *action_of(const struct plan_case *c, size_t i)
{
    static const struct change no_change;
    static const struct action none = {.changes = (struct change *)&no_change};
    CHECK(i < c->plan.action_count);
    return i < c->plan.action_count ? &c->plan.actions[i] : &none;
}

#define CHECK_ACTIONS(c, n) CHECK_U64((c)->plan.action_count, n)
