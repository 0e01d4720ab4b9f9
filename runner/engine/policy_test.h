/* Policy tests: cases run against a host in memory, and what is checked without being asked for.
 *
 * For every case, besides its verdict and message:
 * - every fact that was read is made unreadable, one at a time, and the rule is evaluated again.
 *   A pass, or "not applicable", must become unknown (or conflict); so must a failure unless other
 *   facts establish it.  A pass survives only where the fact has no bearing: it is the same verdict
 *   when the fact is absent, empty, very large or of another type.  That keeps what three-valued
 *   logic says of `any` (another branch passes) and of sources that only corroborate.
 * - it runs twice, and both give the same bytes.
 * - where it says that the rule's repair helps: the plan has an action, the rule passes on the host
 *   as it will be, and a second plan has none.
 * Each rule of a policy that is tested has a case that passes and one that fails. */
#pragma once

#include "engine/engine.h"
#include "model/policy_test.h"

/* One file of cases with the policies that it is about. */
struct test_suite {
    struct policy_cases *cases;
    struct catalogue catalogue;
    const struct policy *policy; /* in the catalogue */
};

struct test_suites {
    struct test_suite *items;
    size_t count;
    struct arena mem;
};

/* Reads the files named *_test.lua among `paths` (files, or folders that are searched).  Their
 * policies are those of `options->policies`; without them the file NAME.lua beside NAME_test.lua,
 * and where there is none, the built-in packs. */
bool policy_tests_load(const struct engine_options *options, const struct str *paths, size_t count,
                       struct test_suites *out, struct err *e);
void policy_tests_done(struct test_suites *s);

/* Called by any thread, one at a time. */
typedef void test_progress(void *context, size_t done, size_t total, struct str what);

struct test_options {
    unsigned jobs;
    /* The report of one run as bytes, without what differs from run to run. */
    void (*render)(const struct run_report *run, struct sb *out);
    test_progress *progress;
    void *progress_context;
};

/* Runs every case.  False: no memory; what is wrong with cases is in `out`. */
bool policy_tests_run(const struct test_suites *suites, const struct test_options *options,
                      struct arena *a, struct test_report *out, struct err *e);
/* Adds to the report which lines of check functions ran and which clauses were seen to pass and to
 * fail. */
bool policy_tests_cover(const struct test_suites *suites, struct arena *a, struct test_report *out,
                        struct err *e);

/* Adds to the report the mistakes that can be made in the policies without a case noticing. */
bool policy_tests_mutate(const struct test_suites *suites, const struct test_options *options,
                         struct arena *a, struct test_report *out, struct err *e);
void policy_tests_report_done(struct test_report *r);

/* Something is wrong. */
bool policy_tests_failed(const struct test_report *r);
