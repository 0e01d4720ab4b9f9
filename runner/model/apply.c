#include "model/apply.h"

const char *apply_end_name(enum apply_end e)
{
    static const char *const names[APPLY_ENDS] = {"verified", "previewed",  "reverted",
                                                  "undone",   "refused",    "unreported",
                                                  "between",  "interrupted"};
    return names[e];
}

const char *applied_outcome_name(enum applied_outcome o)
{
    static const char *const names[APPLIED_OUTCOMES] = {"planned", "applied", "kept",    "drifted",
                                                        "failed",  "undone",  "not done"};
    return names[o];
}
