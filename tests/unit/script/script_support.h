/* Loads texts as policies and runs their checks, for the tests of script/. */
#pragma once

#include "host/host_memory.h"
#include "script/script.h"

#include "check.h"

struct loaded {
    struct arena mem;
    struct policy *policy; /* NULL: did not load */
    struct err e;
};

/* `text` as the file "policies/t.lua". */
static inline void load_limited(struct loaded *l, struct span text,
                                const struct script_modules *modules,
                                const struct script_limits *limits)
{
    struct script_source source = {STR("policies/t.lua"), text, false};
    memset(l, 0, sizeof *l);
    arena_init(&l->mem, ARENA_DEFAULT_CAP);
    if (!script_load_policy(&source, modules, limits, &l->mem, &l->policy, &l->e))
        l->policy = NULL;
}

static inline void load_text(struct loaded *l, const char *text)
{
    load_limited(l, span_of(text, strlen(text)), NULL, NULL);
}

static inline void unload(struct loaded *l)
{
    arena_done(&l->mem);
}

/* A policy of one rule around `body`, all in line 1. */
static inline const char *with_rule(const char *body)
{
    static char text[1 << 16];
    snprintf(text, sizeof text,
             "return policy { id = 't', title = 'T', rule { id = 'r', title = 'R', "
             "severity = 'low', %s } }",
             body);
    return text;
}

/* A policy whose check function is `body`. */
static inline const char *with_check(const char *needs, const char *body)
{
    static char text[1 << 16];
    snprintf(text, sizeof text,
             "return policy { id = 't', title = 'T', inputs = { days = input.int { default = 30 } "
             "},\nrule { id = 'r', title = 'R', severity = 'low', needs = { %s },\n"
             "check = function(host)\n%s\nend } }",
             needs, body);
    return text;
}
