#include "model/rule.h"

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};

const char *severity_name(enum severity s)
{
    return (size_t)s < sizeof severities / sizeof *severities ? severities[s] : "info";
}

bool severity_parse(struct str text, enum severity *out)
{
    for (size_t i = 0; i < sizeof severities / sizeof *severities; i++)
        if (str_eq(text, str_of(severities[i]))) {
            *out = (enum severity)i;
            return true;
        }
    return false;
}
