/* Inside the engine: one rule's evaluation.  Every want kind is one function that fills a result's
 * verdict, message, observed, expected, coverage and evidence; nothing here fails: what cannot be
 * judged is a verdict (unknown, conflict, error). */
#pragma once

#include "engine/engine.h"
#include "trust/trust.h"

/* The trust decision of the host, opened when a rule first asks and kept for the run, with the
 * files that were judged. */
struct judge {
    struct host *host;
    struct script_checker *checker; /* runs check functions; NULL until the first */
    const struct trust_options *options;
    struct trust *trust;
    bool tried;
    struct err failure;
    struct judged_list *files;
    /* The host is an overlay: its files are those that `below` judges; with `same_trust` no change
     * concerns trust, and so are the verdicts. */
    struct judge *below;
    bool same_trust;
};

/* NULL with `e` set when it cannot be had. */
struct trust *judge_open(struct judge *j, struct err *e);
void judge_close(struct judge *j);

struct evaluation {
    const struct catalogue *catalogue;
    struct host *host;
    const struct rule *rule;
    struct arena *mem;
    struct product_fact *products; /* one a definition, read at first use; `def` NULL: not yet */
    struct judge *judge;
};

/* A result with nothing in it yet; `unknown` until something better is said. */
struct result result_new(const struct evaluation *v);

void want_evaluate(const struct evaluation *v, const struct want *w, unsigned depth,
                   struct result *out);

/* One per kind; want_evaluate() calls them. */
void want_combine(const struct evaluation *v, const struct want *w, unsigned depth,
                  struct result *out);
void want_product(const struct evaluation *v, const struct want *w, struct result *out);
void want_registry(const struct evaluation *v, const struct want *w, struct result *out);
void want_service(const struct evaluation *v, const struct want *w, struct result *out);
void want_events(const struct evaluation *v, const struct want *w, struct result *out);
void want_capacity(const struct evaluation *v, const struct want *w, struct result *out);
void want_file(const struct evaluation *v, const struct want *w, struct result *out);
void want_module(const struct evaluation *v, const struct want *w, struct result *out);
void want_certificate(const struct evaluation *v, const struct want *w, struct result *out);
void want_ctl(const struct evaluation *v, const struct want *w, struct result *out);
void want_product_there(const struct evaluation *v, const struct want *w, struct result *out);
void want_log_size(const struct evaluation *v, const struct want *w, struct result *out);
void want_file_facts(const struct evaluation *v, const struct want *w, struct result *out);
void want_os(const struct evaluation *v, const struct want *w, struct result *out);

/* False: the rule does not apply, or whether it does is not known; `out` says why. */
bool rule_applies(const struct evaluation *v, struct result *out);

/* Copies the texts of a result that may lie in memory of the trust decision. */
void result_keep(struct arena *a, struct result *r);

/* Likely causes of the trouble that a policy looks for, from the results of its rules. */
void diagnose(const struct catalogue *c, struct arena *a, struct run_report *run);

/* The verdict of `all` (`any`, `none`) over its parts; none is not applicable: nothing was checked.
 */
enum verdict verdicts_all(const enum verdict *verdicts, size_t count);
enum verdict verdicts_any(const enum verdict *verdicts, size_t count);
enum verdict verdicts_none(const enum verdict *verdicts, size_t count);

/* ---- arguments, input references replaced --------------------------------------------------- */

/* NULL where the argument is not there. */
const struct value *want_arg(const struct evaluation *v, const struct want *w, const char *name);
/* Empty where it is not there or no text. */
struct str want_text(const struct evaluation *v, const struct want *w, const char *name);

/* window_days, held to 1..36500. */
uint64_t want_window(const struct evaluation *v, const struct want *w);

struct texts {
    const struct value *items;
    size_t count;
};
/* The elements of a list; a single text counts as a list of one. */
struct texts want_texts(const struct evaluation *v, const struct want *w, const char *name);
bool want_flag(const struct evaluation *v, const struct want *w, const char *name);

/* `when_product`.  False: the rule is decided by the product that the subject belongs to. */
bool want_concerns(const struct evaluation *v, const struct want *w, struct result *out);

/* ---- files that paths name (want_paths.c) ---------------------------------------------------- */

/* One file that a path of a want came to. */
struct named_file {
    struct str path;
    enum reg_view view;
    bool from_glob;
};

enum { NAMED_FILES = 2048 };

struct named_files {
    struct named_file *items;
    size_t count;
    enum fact_state state; /* FOUND, or the worst of what kept files from being named */
    struct str reason;
    bool homeless; /* <KEY:value> was asked for, and no such value is there */
    struct evidence_list *evidence;
};

/* `paths` with globs, views ("native", "32", "both"), and <KEY:value> as their first part. */
void want_paths(const struct evaluation *v, struct texts paths, struct str view,
                struct named_files *out);

/* A judged file. */
struct judged_file {
    enum fact_state state; /* UNREADABLE also when it cannot be told whether it is trusted */
    struct str reason;
    struct str path; /* on the host, variables replaced: the same wherever the volume lies */
    struct file_fact file;
    struct trust_verdict verdict;
};
/* Each file is read and judged once a run; texts may live in the trust decision. */
void judge_file(const struct evaluation *v, const struct named_file *f, struct judged_file *out);
/* The i-th judged file, NULL behind the last. */
const struct judged_file *judged_at(const struct judge *j, size_t i);
/* The same file as `like` (by path and view) among those judged, or NULL. */
const struct judged_file *judged_like(const struct judge *j, const struct judged_file *like);

/* ---- predicates ------------------------------------------------------------------------------ */

enum answer {
    ANSWER_NO,
    ANSWER_YES,
    ANSWER_NEVER,  /* the two have no order, or the value is no text: its negation does not hold */
    ANSWER_BROKEN, /* the policy compares what cannot be */
    ANSWER_LIMIT   /* a regular expression reached its limit */
};

enum answer predicate_version(const struct evaluation *v, const struct predicate *p,
                              struct version have);
enum answer predicate_registry(const struct evaluation *v, const struct predicate *p,
                               const struct reg_value *have);
/* A text that is no registry value: the name of a signer, the start mode of a service. */
enum answer predicate_string(const struct evaluation *v, const struct predicate *p,
                             struct str have);

/* Pass, fail or error; what is broken or reached a limit replaces the message. */
void answer_verdict(const struct evaluation *v, const struct want *w, enum answer answer,
                    struct result *out);

/* "at least 5", "one of 1, 2", "REG_DWORD 5" */
struct str predicate_text(const struct evaluation *v, const struct predicate *p);
/* The same as data: a value, a list, or a map such as {"at_least": ...}. */
struct value predicate_value(const struct evaluation *v, const struct predicate *p);

/* ---- helpers --------------------------------------------------------------------------------- */

const struct product_def *product_find(const struct catalogue *c, struct str id);
/* What the host says of the product; read once a run, because many rules ask. */
const struct product_fact *product_read(const struct evaluation *v, const struct product_def *def);
/* Name of the interval that a build lies in, or empty. */
struct str product_build_name(const struct product_def *def, struct version build);

/* A map of copies of `count` members; empty when the arena is full. */
struct value map_of(struct arena *a, const struct value_member *members, size_t count);
struct str size_text(struct arena *a, double bytes); /* "20.0 MiB" */
struct str time_text(struct arena *a, uint64_t t);   /* whole seconds */
struct value rounded(double n);                      /* two decimals */

/* The size with which a channel's log, at its present growth, keeps so many days; 0: not known. */
uint64_t capacity_needed(const struct evaluation *v, struct str channel, uint64_t days);

/* What a remedy of the policy tells people to do. */
struct str remedy_text(const struct evaluation *v, const struct remedy *m);

/* The state of a fact that is not found, as words: "absent", "not collected: reason". */
struct str state_text(struct arena *a, enum fact_state state, struct str reason);
