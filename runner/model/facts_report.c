#include "model/facts_report.h"

const char *service_start_name(uint32_t start)
{
    static const char *const names[] = {"boot", "system", "automatic", "manual", "disabled"};
    return start < sizeof names / sizeof *names ? names[start] : "unknown";
}
