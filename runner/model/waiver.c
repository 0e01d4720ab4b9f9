#include "model/waiver.h"

const char *waiver_state_name(enum waiver_state s)
{
    static const char *const names[] = {"applied",     "expired",  "changed",
                                        "not_covered", "unneeded", "no_rule"};
    return (size_t)s < sizeof names / sizeof *names ? names[s] : "expired";
}
