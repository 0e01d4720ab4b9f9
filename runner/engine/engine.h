/* From policies and a host to results: catalogue, selection, evaluation. */
#pragma once

#include "script/script.h"

struct engine_setting {
    struct str policy; /* empty = any policy that has the input */
    struct str name, value;
};

struct engine_options {
    /* Policies of the admin: .lua files, or folders that are searched (files below a folder named
     * `products` define products); none = the built-in packs. */
    struct str *policies;
    size_t policy_count;
    struct str *only, *skip; /* qualified ids or globs, or short ids where unique */
    size_t only_count, skip_count;
    bool has_severity;
    enum severity at_least; /* --severity: this and above */
    struct engine_setting *settings;
    size_t setting_count;
    struct str *inputs; /* JSON files: values of inputs, before those of `settings` */
    size_t input_count;
    struct str *waivers; /* JSON files */
    size_t waiver_count;
    struct str *profiles; /* files, or names of built-in ones; a later one counts more */
    size_t profile_count;
    struct script_limits limits;
    struct trust_options trust;
};

/* Called for every want that was evaluated. */
typedef void want_seen(void *context, const struct want *w, enum verdict verdict);

/* A profile that is named so is built in; anything else is a file. */
bool profile_is_name(struct str s);

struct catalogue {
    struct policy **policies; /* sorted by id */
    size_t policy_count;
    const struct rule **selected; /* in order of policy, then of the file */
    size_t selected_count;
    struct product_def *products;
    size_t product_count;
    struct waiver *waivers;
    size_t waiver_count;
    bool has_waivers;
    struct str profile;          /* titles of the profiles in force, empty = none */
    struct script_limits limits; /* for check functions */
    struct trust_options trust;
    want_seen *saw; /* tests of policies; NULL = nobody looks */
    void *saw_context;
    struct arena mem;
};

/* Loads, applies settings and selects.  ERR_USAGE: unknown input, pattern that matches no rule,
 * value that does not fit its input (exit 64); anything else: a policy does not load (exit 1).
 * Policies are refused when others than their owner, or root, may write them (section 12), and so
 * is a selection that leaves no rule: checking nothing must not look like success. */
bool catalogue_load(const struct engine_options *options, struct catalogue *out, struct err *e);
void catalogue_done(struct catalogue *c);

/* Called before each rule; for progress. */
typedef void engine_progress(void *context, size_t done, size_t total, const struct rule *next);

/* Evaluates the selected rules; always gives a result for each.  `run` is filled (results, summary,
 * target, reference time); memory in `a`. */
bool engine_check(const struct catalogue *c, struct host *host, engine_progress *progress,
                  void *context, struct arena *a, struct run_report *run, struct err *e);

/* DESIGN section 8: 2 failed, 3 unknown/conflict/error, 0 the rest. */
int engine_exit_code(const struct run_report *run);

/* `rectify facts`. */
bool engine_facts(const struct catalogue *c, struct host *host, struct arena *a,
                  struct facts_report *out, struct err *e);
