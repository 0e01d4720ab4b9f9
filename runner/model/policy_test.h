/* Policy tests as data (docs/design.md section 6): what a case says of a host, and the verdict that
 * it expects of one rule; and what running them gave.  All memory belongs to an arena. */
#pragma once

#include "model/fact.h"
#include "model/result.h"
#include "model/told.h"

/* ---- what cases say of a host ---------------------------------------------------------------- */

/* The state of a key, file, log ... that is not simply there. */
struct given_state {
    enum fact_state state;
    struct str reason;
};

struct given_value {
    struct str key, name;
    bool key_only; /* says something of the key itself: its state, or (found) that it is there */
    struct given_state is;
    uint32_t type;
    struct span data;
    const struct told_certificate *certificate;
    const struct told_list *list;
};

struct given_file {
    struct str path;
    struct given_state is;
    struct span bytes;
    const struct told_file *told; /* NULL: the bytes */
};

/* A product, through the first registry sources of its definition that decide. */
struct given_product {
    struct str id;
    struct given_state is;
    struct version versions[2]; /* found: one, or two that contradict each other */
    struct str texts[2];
    size_t version_count;
    int line;
};

struct given_event {
    uint64_t time;
    uint32_t id;
    struct str provider;
    struct str *strings;
    size_t string_count;
    size_t count; /* so many of them, a second apart */
};

struct given_log {
    struct str channel;
    struct given_state is;
    uint64_t from, to; /* there is an ordinary record at each, 0 = none */
    struct given_event *events;
    size_t event_count;
    size_t lost; /* record numbers that are missing behind the first record */
};

/* A process that runs. */
struct given_process {
    struct str image;
    struct given_state is; /* of its list of modules; ABSENT: it does not run */
    struct str *modules;
    size_t module_count;
};

struct given {
    uint64_t at;  /* as --at, 0 = none */
    uint64_t now; /* the wall clock, 0 = long after everything */
    struct given_value *values;
    size_t value_count;
    struct given_file *files;
    size_t file_count;
    struct given_product *products;
    size_t product_count;
    struct given_log *logs;
    size_t log_count;
    struct given_process *processes;
    size_t process_count;
};

struct given_input {
    struct str name;
    struct value value;
};

struct policy_case {
    struct str rule, title;
    int line;
    struct given given;
    struct given_input *inputs;
    size_t input_count;
    enum verdict expect;
    struct str *says; /* texts that the message must contain */
    size_t says_count;
    struct str message; /* the whole message, empty = not compared */
    bool repairs;       /* the rule's repair makes it pass */
};

struct policy_cases {
    struct str policy; /* id */
    struct str file;
    struct policy_case *items;
    size_t count;
};

/* ---- what running them gives ----------------------------------------------------------------- */

enum test_problem_kind {
    PROBLEM_CASE,    /* it cannot be run: no such rule, input or product */
    PROBLEM_VERDICT, /* not the verdict that was expected */
    PROBLEM_MESSAGE, /* the message does not say what it should */
    PROBLEM_HIDDEN,  /* a fact that cannot be read does not show in the verdict */
    PROBLEM_DIFFERS, /* two runs differ */
    PROBLEM_REPAIR,  /* the repair does not make it pass, or leaves something to do */
    PROBLEM_RULE     /* of a rule: no case that passes, or none that fails */
};

/* "verdict", "message", ... */
const char *test_problem_name(enum test_problem_kind kind);

struct test_problem {
    enum test_problem_kind kind;
    struct str text;
    int line; /* in the file of cases, 0 = not known */
};

struct case_result {
    const struct policy_case *it;
    bool ran;
    enum verdict verdict;
    struct str message;
    size_t facts; /* made unreadable, one at a time */
    struct test_problem *problems;
    size_t problem_count;
    struct arena mem;
};

struct suite_result {
    const struct policy_cases *cases;
    const struct policy *policy;
    struct case_result *results; /* as many as cases */
    struct test_problem *problems;
    size_t problem_count;
};

/* ---- coverage and mutants -------------------------------------------------------------------- */

/* A clause of a wanted state, and what it was seen to say. */
struct clause_report {
    const struct rule *rule;
    int line;
    struct str name; /* "registry.value" */
    bool condition;  /* of `applies` */
    bool passed, failed, other;
};

/* A Lua file whose functions checks call. */
struct lines_report {
    struct str file;
    size_t code, ran;
    struct str missing; /* "12-14, 20", empty where every line ran */
};

struct mutant_report {
    struct str file, rule; /* rule: empty where it concerns several */
    int line;
    struct str text; /* what was changed */
};

struct test_report {
    bool has_coverage, has_mutants;
    struct clause_report *clauses;
    size_t clause_count;
    struct lines_report *lines;
    size_t lines_count;
    struct mutant_report *survivors; /* that no case notices, by file and line */
    size_t survivor_count, mutant_count;
    size_t not_run; /* places in Lua that no case runs */
    struct suite_result *suites;
    size_t suite_count;
    size_t cases, failed_cases, facts;
};
