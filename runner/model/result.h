/* What a run gives: the only thing that reports see. */
#pragma once

#include "model/fact.h"
#include "model/rule.h"
#include "model/waiver.h"

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_CONFLICT,
    VERDICT_UNKNOWN,
    VERDICT_ERROR, /* the policy is broken: a bug in a check function, a limit reached */
    VERDICT_NOT_APPLICABLE,
    VERDICT_WAIVED
};

enum { VERDICTS = 7 };

const char *verdict_name(enum verdict v);

/* What part of a window a log really covers. */
struct coverage {
    bool known; /* events were counted at all */
    uint64_t from, to;
    bool complete;
    bool gaps;         /* records between from and to are missing, or may have been changed */
    struct str reason; /* why it is not complete */
};

/* One group of counted events. */
struct event_group {
    uint32_t id;
    struct str image; /* "VSTSKMGR.EXE", or empty where no image token was found */
    uint64_t count, first, last;
};

struct observation {
    struct str text;
    struct value value;
};

struct result {
    const struct rule *rule;
    enum verdict verdict;
    bool incomparable; /* failed because there is no comparing: its contrary does not hold either */
    struct str message; /* one line: what is, beside what is wanted, or why it is not known */
    struct observation observed, expected;
    struct coverage coverage;
    struct evidence_list evidence;
    struct str *remedies; /* what to do next, only for verdicts that are not pass */
    size_t remedy_count;
    const struct waiver *waived;      /* VERDICT_WAIVED: by what */
    enum verdict original;            /* VERDICT_WAIVED: the verdict without it */
    char observed_sha256[SHA256_HEX]; /* of `observed`, for waivers; only where it is no pass */
};

enum target_kind { TARGET_LIVE, TARGET_TREE, TARGET_ARCHIVE, TARGET_MEMORY };

const char *target_kind_name(enum target_kind k);

struct target_info {
    enum target_kind kind;
    struct str location; /* as given on the command line */
    struct str volume;   /* the folder below it that holds the Windows volume, "" = itself */
    bool unelevated;     /* live, and without an administrator's rights */
    bool collection;     /* not a full volume: what is missing was not collected */
    struct str collection_why;
    struct str computer_name;
    struct str os_product, os_version, os_build, os_arch; /* empty where not known */
    struct str os_service_pack; /* "Service Pack 1", empty where there is none */
    struct str os_language;     /* UI language, "ja-JP" or "0411" */
    struct str time_zone;       /* "Tokyo Standard Time" */
    struct str *notes;          /* hives replayed, candidates for the reference time refused, ... */
    size_t note_count;
};

struct diagnosis {
    struct str cause, article, text;
    bool likely;
};

struct run_report {
    struct str tool_version;
    struct str run_id; /* 32 hex digits */
    uint64_t started;  /* FILETIME */
    uint64_t duration_ms;
    uint64_t reference_time;
    struct str reference_why; /* "last record of System.evtx", "--at", ... */
    struct target_info target;
    struct result *results;
    size_t result_count;
    struct diagnosis *diagnosis;
    size_t diagnosis_count;
    struct str profile; /* titles of the profiles in force, empty = none */
    bool has_waivers;   /* a file of waivers was given */
    struct waiver_note *waiver_notes;
    size_t waiver_note_count;
    uint64_t summary[VERDICTS];
    size_t unread_facts; /* facts that could not be read */
};
