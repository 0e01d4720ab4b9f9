/* Why a rule has its verdict: what `rectify policy explain` shows. */
#pragma once

#include "model/result.h"

/* One fact that was read. */
struct explain_read {
    const char *kind; /* "value", "key", "file", "folder", "listing", "log", "modules" */
    struct str place; /* "HKLM\SOFTWARE\X\Name", "file C:\...", "log System" */
    enum fact_state state;
    struct str reason;
    struct str data; /* found: "REG_DWORD 5", "1,024 bytes", "3 names" */
    struct evidence evidence;
    size_t times;
    bool by_rule; /* not only to tell which Windows this is */
};

/* One decision about trust. */
struct explain_decision {
    size_t after;       /* facts that had been read by then */
    struct str subject; /* a path, or "root <thumbprint>" */
    const char *word; /* "trusted", "untrusted_root", ...; the state of a file that was not found */
    struct str text;  /* in one line, with signer, root and store */
    struct str decided_by; /* store, list or empty */
};

/* One part of the wanted state, as evaluation sees it. */
struct explain_step {
    unsigned depth;
    struct str want;
    int line;
    enum verdict verdict;
    struct str message;
};

struct explanation {
    struct explain_read *reads;
    size_t read_count;
    struct explain_decision *decisions;
    size_t decision_count;
    struct explain_step *steps; /* none for check functions */
    size_t step_count;
};
