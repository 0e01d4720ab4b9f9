/* The Lua host: the only folder that knows <lua.h>.
 *
 * Loading has no authority: a policy file runs in a fresh state that holds constructors only (no
 * facts, clock, or I/O) and is frozen into model structs.  A `check` function runs later, in a
 * private state of its policy, with only the fact namespaces that its rule `needs`.
 *
 * Limits: memory cap, a hook every 1,000 instructions that looks at the clock and at an instruction
 * budget, sticky; text chunks only; an allow-list of functions (docs/design.md section 6). Whatever
 * a policy does, the answer is a value or a `struct err` with "file:line: message". */
#pragma once

#include "host/host.h"
#include "model/product.h"
#include "model/profile.h"
#include "model/result.h"
#include "model/rule.h"
#include "script/coverage.h"
#include "trust/trust.h"

struct script_limits {
    size_t memory;            /* bytes a state; 0 = 64 MiB */
    uint64_t instructions;    /* 0 = 50 million */
    unsigned milliseconds;    /* 0 = 5,000, wall clock */
    uint64_t fail_allocation; /* tests: the state's allocations fail from this one on; 0 = none */
    /* Tests of policies: a module with another text, and which lines check functions ran. */
    const struct script_replacement *replace;
    struct script_coverage *coverage;
};

/* Where `use "name"` finds modules: name and text; returns false when there is none.  The built-in
 * lua/ is always searched first and cannot be replaced. */
struct script_modules {
    bool (*find)(void *context, struct str name, struct span *text);
    void *context;
};

struct script_source {
    struct str path; /* for messages; also gives the policy's id to compare with */
    struct span text;
    bool builtin;
};

/* Loads one policy file.  Everything lives in `a`. */
bool script_load_policy(const struct script_source *source, const struct script_modules *modules,
                        const struct script_limits *limits, struct arena *a, struct policy **out,
                        struct err *e);

/* Loads one profile; what it extends is not looked at. */
bool script_load_profile(const struct script_source *source, const struct script_limits *limits,
                         struct arena *a, struct profile **out, struct err *e);

/* All product definitions of lua/products/ (built in), then of `extra` sources; a later definition
 * with an id that exists is an error. */
bool script_load_products(const struct script_source *extra, size_t extra_count,
                          const struct script_limits *limits, struct arena *a,
                          struct product_def **out, size_t *count, struct err *e);

/* What a check function may read, and what it gave. */
struct script_facts {
    struct host *host;
    const struct product_def *products;
    size_t product_count;
    /* Opens the trust decision of the host when a check first asks for it; NULL with `e` set where
     * that fails.  Without it signatures, certificates and lists are unreadable. */
    struct trust *(*trust)(void *context, struct err *e);
    void *trust_context;
};

/* Runs rule->check.  True: `out` has verdict, message, observed, expected, coverage, evidence (all
 * facts that were asked for are added); its memory is in `a`.  Reading the content of a fact that
 * was not found makes it VERDICT_UNKNOWN (VERDICT_CONFLICT for a product whose sources disagree)
 * with path and reason; so does a pass, or "not applicable", although a fact that was asked for
 * could not be read or a log does not cover the window.  False: the policy is broken (also: it
 * passes without having looked at a fact) or hit a limit; err says where.  The policy's file is run
 * again, in a state of its own; input values are those of rule->policy. */
bool script_run_check(const struct rule *rule, const struct script_facts *facts,
                      const struct script_modules *modules, const struct script_limits *limits,
                      struct arena *a, struct result *out, struct err *e);

/* The same for one rule after another.  The state of a policy is kept for its next rule as long as
 * nothing that a check function can reach was changed by the one that ran (script/fingerprint.h),
 * so that no rule can influence another's verdict; else the file is run again.  Each check has all
 * of the limits for itself.  `limits` and the policies must outlive it. */
struct script_checker;

/* NULL where memory is short: each check is then refused. */
struct script_checker *script_checker_new(const struct script_modules *modules,
                                          const struct script_limits *limits);
bool script_checker_run(struct script_checker *k, const struct rule *rule,
                        const struct script_facts *facts, struct arena *a, struct result *out,
                        struct err *e);
/* How often a file was run: for tests. */
size_t script_checker_loads(const struct script_checker *k);
void script_checker_free(struct script_checker *k);

/* "Lua 5.4.4": the version that is built in. */
const char *script_lua_release(void);
