/* An exception that somebody approved: a finding that is known, accepted until a date, and stays
 * visible. */
#pragma once

#include "base/digest.h"
#include "base/str.h"

struct waiver {
    struct str rule; /* qualified id, or a glob of such ids */
    struct str host; /* glob of computer names, case-insensitive */
    struct str reason, approver, ticket;
    uint64_t expires;          /* wall clock */
    char observed[SHA256_HEX]; /* only while the finding observes exactly this; "" = whatever */
    unsigned verdicts;         /* bits 1 << VERDICT_...: which it covers */
    struct str file;
    int line;
};

enum waiver_state {
    WAIVER_APPLIED,
    WAIVER_EXPIRED,
    WAIVER_CHANGED,     /* what is observed is not what was approved */
    WAIVER_NOT_COVERED, /* the verdict is one that the waiver does not cover */
    WAIVER_UNNEEDED,    /* the rule holds, or does not concern the host */
    WAIVER_NO_RULE      /* no loaded policy has such a rule */
};

/* "applied", "expired", ... */
const char *waiver_state_name(enum waiver_state s);

/* What became of a waiver that concerns the host. */
struct waiver_note {
    const struct waiver *waiver;
    enum waiver_state state;
    struct str rule; /* qualified id; the waiver's own pattern where there is no rule */
    struct str text; /* why it does not apply, one line; empty when it does */
};
