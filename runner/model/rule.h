/* Policies as plain data: what loading gives (docs/design.md section 6). */
#pragma once

#include "base/bytes.h"
#include "model/value.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

const char *severity_name(enum severity s);
bool severity_parse(struct str text, enum severity *out);

/* A wanted state: a tree of constructor calls, frozen.  `args` is a map by the constructor's field
 * table (model/schema.h); arguments may be input references, which evaluation replaces
 * (policy_value).  Optional arguments that were not written are not in the map.
 *
 *   kind                   args                                           predicate  children
 *   WANT_ALL, WANT_ANY     -                                              -          1 or more
 *   WANT_WHEN              -                                              -          2, see below
 *   WANT_REGISTRY_VALUE    key, name, [view "native"|"32"|"both"],        yes        -
 *                          [if_absent "fail"|"pass"|"not_applicable"]
 *   WANT_REGISTRY_ABSENT   key, [name], [view]                            -          -
 *   WANT_PRODUCT_VERSION   id                                             yes        -
 *   WANT_SERVICE           name, [when_product]                           -          -
 *   WANT_EVENTS_NONE       channel, [providers LIST], [ids LIST],         -          -
 *                          window_days INT, [group_by "image"]
 *   WANT_LOG_CAPACITY      channel, window_days INT                       -          -
 *   WANT_FILE_SIGNED       path or paths LIST, [signers LIST],            -          -
 *                          [claims LIST], [roots LIST], [pin BOOL],
 *                          [optional BOOL], [partial BOOL],
 *                          [view], [when_product]
 *   WANT_CERTIFICATE_PRESENT
 *                          [sha1 LIST], [needed_by LIST],                 -          -
 *                          [otherwise LIST], [obtainable BOOL]
 *   WANT_CERTIFICATE_ABSENT
 *                          sha1 LIST, [store]                             -          -
 *   WANT_CTL_FRESH         name, days INT                                 -          -
 *   WANT_NONE              -                                              -          1 or more
 *   WANT_REGISTRY_KEY      key, [view]                                    -          -
 *   WANT_PRODUCT_INSTALLED, WANT_PRODUCT_ABSENT
 *                          id                                             -          -
 *   WANT_SERVICE_START     name, [if_absent], [when_product]              of a mode  -
 *   WANT_SERVICE_ABSENT    name                                           -          -
 *   WANT_EVENTS_COUNT      as WANT_EVENTS_NONE, and one of                -          -
 *                          at_most INT, at_least INT
 *   WANT_LOG_SIZE          channel, bytes INT                             -          -
 *   WANT_FILE_PRESENT, WANT_FILE_ABSENT
 *                          paths LIST, [view], [when_product]             -          -
 *   WANT_FILE_VERSION      paths LIST, [view], [if_absent],               yes        -
 *                          [when_product]
 *   WANT_FILE_SHA256       paths LIST, sha256 LIST, [view], [if_absent],  -          -
 *                          [when_product]
 *   WANT_SIGNATURE_SIGNER  as WANT_FILE_VERSION                           of a name  -
 *   WANT_CERTIFICATE_STORED
 *                          store, [sha1 LIST], [sha256 LIST],             -          -
 *                          [subject LIST]
 *   WANT_CTL_PRESENT       name                                           -          -
 *   WANT_OS_VERSION        -                                              of major.  -
 *                                                                         minor.build
 *   WANT_OS_ARCH           any of LIST                                    -          -
 *   WANT_OS_TYPE           any of LIST                                    -          -
 *   WANT_MODULE_SIGNED     processes LIST, [signers LIST], [claims LIST], -          -
 *                          [roots LIST], [pin BOOL]
 *
 * WANT_WHEN's children: the condition, then the want.  Lists are always VALUE_LIST, also where a
 * policy wrote a single text.  Predicates of versions hold dotted versions as text (checked at
 * load), and none of those that only texts have. */
enum want_kind {
    WANT_ALL,
    WANT_ANY,
    WANT_WHEN,
    WANT_REGISTRY_VALUE,  /* registry.value(key, name, predicate) */
    WANT_REGISTRY_ABSENT, /* registry.absent(key [, name]) */
    WANT_PRODUCT_VERSION, /* product.version(id, predicate) */
    WANT_SERVICE,         /* service.enabled{ name, when_product } */
    WANT_EVENTS_NONE,     /* eventlog.none{ channel, providers, ids, window_days, group_by } */
    WANT_LOG_CAPACITY,    /* eventlog.capacity{ channel, window_days } */
    WANT_FILE_SIGNED,     /* file.signed{ path | paths, signers, ... } */
    WANT_CERTIFICATE_PRESENT,
    WANT_CERTIFICATE_ABSENT,
    WANT_CTL_FRESH, /* ctl.fresh{ name, days } */
    WANT_NONE,      /* none{ ... } */
    WANT_REGISTRY_KEY,
    WANT_PRODUCT_INSTALLED,
    WANT_PRODUCT_ABSENT,
    WANT_SERVICE_START,
    WANT_SERVICE_ABSENT,
    WANT_EVENTS_COUNT, /* eventlog.at_most{}, eventlog.at_least{} */
    WANT_LOG_SIZE,
    WANT_FILE_PRESENT,
    WANT_FILE_ABSENT,
    WANT_FILE_VERSION,
    WANT_FILE_SHA256,
    WANT_SIGNATURE_SIGNER,
    WANT_CERTIFICATE_STORED,
    WANT_CTL_PRESENT,
    WANT_OS_VERSION,
    WANT_OS_ARCH,
    WANT_OS_TYPE,
    WANT_MODULE_SIGNED, /* module.signed{ processes, signers, ... } */
    WANT_KINDS
};

enum predicate_kind {
    PRED_NONE,
    PRED_EQUALS,
    PRED_AT_LEAST,
    PRED_AT_MOST,
    PRED_BETWEEN,
    PRED_ONE_OF,
    PRED_GLOB,
    PRED_CONTAINS,
    PRED_ABSENT,
    PRED_MATCHES,
    PRED_CONTAINS_ALL,
    PRED_ONLY,
    PRED_NONE_OF,
    PRED_NOT,
    PREDICATES
};

struct regex; /* base/regex.h */

/* An argument that names an input is VALUE_MAP {"$input": name} until evaluation: read it with
 * policy_value(). */
struct predicate {
    enum predicate_kind kind;
    uint32_t reg_type; /* dword(5), sz "x" ... fix the registry type too; see `typed` */
    bool typed;
    /* EQUALS, AT_LEAST, AT_MOST, GLOB, CONTAINS: a.  BETWEEN: a and b, both inclusive.  ONE_OF: a
     * is a VALUE_LIST (or an input of that type).  multi_sz{...}: EQUALS with a VALUE_LIST. binary:
     * VALUE_TEXT of raw bytes.  MATCHES: a.  CONTAINS_ALL, ONLY, NONE_OF: as ONE_OF. */
    struct value a, b;
    const struct regex *regex;     /* MATCHES whose `a` is a text: compiled */
    const struct predicate *inner; /* NOT */
};

struct want {
    enum want_kind kind;
    struct value args; /* VALUE_MAP */
    struct predicate predicate;
    const struct predicate *set_to; /* registry.value: what enforce() sets, NULL = not said */
    struct want **children;
    size_t child_count;
    int line;            /* in the policy file */
    size_t nodes, depth; /* of this tree: at most WANT_NODES and WANT_DEPTH, itself included */
};

enum { WANT_NODES = 4096, WANT_DEPTH = 32 };

/* What puts a failure right.  `args` is a map by the constructor's field table, as in wants; lists
 * are always VALUE_LIST.
 *
 *   kind                        args
 *   REMEDY_MANUAL               - (`text`)
 *   REMEDY_UPGRADE              - (`product`, `to`)
 *   REMEDY_UPGRADE_STAGE        product, to, package, sha256 (`product` and `to` are set too)
 *   REMEDY_REGISTRY_SET         key, name, [view]; `value` is typed
 *   REMEDY_REGISTRY_DELETE      key, name, [view]
 *   REMEDY_CERTIFICATE_ADD      store; `der` is the certificate
 *   REMEDY_CERTIFICATE_REMOVE   [store], sha1 LIST; no store: every one but Disallowed
 *   REMEDY_ROOTS_REFRESH        -
 *   REMEDY_EVENTLOG_SIZE        channel, and bytes INT or window_days INT: what the log's growth
 *                               asks for
 *   REMEDY_SERVICE_START        name, mode ("boot", "system", "automatic", "manual", "disabled") */
enum remedy_kind {
    REMEDY_MANUAL,
    REMEDY_UPGRADE,
    REMEDY_UPGRADE_STAGE,
    REMEDY_REGISTRY_SET,
    REMEDY_REGISTRY_DELETE,
    REMEDY_CERTIFICATE_ADD,
    REMEDY_CERTIFICATE_REMOVE,
    REMEDY_ROOTS_REFRESH,
    REMEDY_EVENTLOG_SIZE,
    REMEDY_SERVICE_START,
    REMEDY_ENFORCE, /* while loading only: stands for what makes the rule's want true */
    REMEDY_KINDS
};

struct remedy {
    enum remedy_kind kind;
    struct str text;        /* manual: what a person does */
    struct str product;     /* upgrade */
    struct value to;        /* upgrade: version as text, or an input reference (policy_value) */
    struct value args;      /* VALUE_MAP; arguments may be input references */
    struct predicate value; /* REGISTRY_SET: PRED_EQUALS, typed */
    struct span der;        /* CERTIFICATE_ADD */
    const struct want
        *where; /* only where this want holds (enforce() of when(...)); NULL = always */
    int line;
};

enum {
    NEED_REGISTRY = 1,
    NEED_PRODUCT = 2,
    NEED_SERVICE = 4,
    NEED_EVENTS = 8,
    NEED_FILE = 16,
    NEED_SIGNATURE = 32,
    NEED_CERTIFICATES = 64,
    NEED_LISTS = 128
};

struct policy;

struct rule {
    struct policy *policy;
    struct str id;        /* "vse-fixed-patch" */
    struct str qualified; /* "kb71083.vse-fixed-patch" */
    struct str title, rationale;
    enum severity severity;
    struct str *references;
    size_t reference_count;
    struct want *applies; /* condition beside the policy's; NULL = none */
    struct want *want;    /* NULL: `check` is a function */
    bool has_check;
    unsigned needs; /* NEED_* bits: what a check function may read */
    struct remedy *remedies;
    size_t remedy_count;
    size_t index; /* in the policy, also in the Lua file */
    int line;
};

enum input_type { INPUT_TEXT, INPUT_INT, INPUT_NUMBER, INPUT_BOOL, INPUT_VERSION, INPUT_LIST };

struct input {
    struct str name, title;
    enum input_type type;
    struct value value;            /* the default, or what --set gave */
    struct value minimum, maximum; /* VALUE_NULL = none */
    bool set;                      /* by the command line */
};

/* One cause of what a policy looks for: likely when one of `rules` fails; where those are not
 * known, a failing rule of `hints` speaks for it.  Both hold ids of the policy's own rules. */
struct cause {
    struct str title, article;
    struct str *rules, *hints;
    size_t rule_count, hint_count;
    int line;
};

struct policy {
    struct str id, title, file;
    bool builtin;
    struct str source; /* the file's text: evaluation runs it again in a private state */
    char sha256[65];   /* of all that it is made of: its file and the modules it uses */
    struct str *references;
    size_t reference_count;
    struct want *applies; /* where this does not pass, no rule is applicable; NULL = everywhere */
    struct input *inputs;
    size_t input_count;
    struct rule *rules;
    size_t rule_count;
    struct str symptom; /* id of the rule that fails while the trouble is there; empty: none */
    struct str symptom_article;
    struct cause *causes; /* in the order in which they are to be looked at */
    size_t cause_count;
};

/* The input that `v` refers to, or NULL when it is a plain value. */
const struct str *value_input(const struct value *v);

/* `v` itself, or the value of the input it refers to (the loader has checked that it exists). */
const struct value *policy_value(const struct policy *p, const struct value *v);

const struct input *policy_input(const struct policy *p, struct str name);

/* "text", "int", "number", "bool", "version", "list" */
const char *input_type_name(enum input_type t);

enum { THUMBPRINT = 41 };

/* A certificate as policies name it: its SHA-1 thumbprint (40 hexadecimal digits; in `sha1` as
 * lower case), and behind a blank, if anything, what people call it. */
bool rule_thumbprint(struct str text, char sha1[THUMBPRINT], struct str *name);
