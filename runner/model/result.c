#include "model/result.h"

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {"pass",  "fail",           "conflict", "unknown",
                                        "error", "not_applicable", "waived"};
    return (size_t)v < sizeof names / sizeof *names ? names[v] : "error";
}

const char *target_kind_name(enum target_kind k)
{
    static const char *const names[] = {"live", "tree", "archive", "memory"};
    return (size_t)k < sizeof names / sizeof *names ? names[k] : "tree";
}
