/* A memory host, the built-in policies and one run: what the tests of rules share. */
#pragma once

#include "check.h"

#include "base/wtime.h"
#include "engine/engine.h"
#include "host/host_memory.h"

#define CASE_NOW "2023-03-20T09:00:00Z"
#define VSE_KEY "HKLM\\SOFTWARE\\McAfee\\DesktopProtection"
#define PLUGIN_KEY                                                                                 \
    "HKLM\\SOFTWARE\\Network Associates\\ePolicy Orchestrator\\Application Plugins\\VIRUSCAN8800"
#define FRAMEWORK_KEY "HKLM\\SOFTWARE\\Network Associates\\TVD\\Shared Components\\Framework"
#define SERVICE_KEY(name) "HKLM\\SYSTEM\\CurrentControlSet\\Services\\" name

struct engine_case {
    struct catalogue catalogue;
    struct host *host;
    struct arena mem;
    struct run_report run;
    bool ran;
};

static inline uint64_t case_time(const char *text)
{
    uint64_t t = 0;
    CHECK(wtime_parse(str_of(text), &t));
    return t;
}

/* `at` false: the reference time comes from the logs. */
static inline void case_open_at(struct engine_case *c, bool at)
{
    struct err e = {0};
    *c = (struct engine_case){0};
    struct host_options options = {.now = case_time(CASE_NOW) + WTIME_HOUR, .jobs = 1};
    if (at)
        options.at = case_time(CASE_NOW);
    arena_init(&c->mem, ARENA_DEFAULT_CAP);
    CHECK(host_memory(&options, &c->host, &e));
}

static inline void case_open(struct engine_case *c)
{
    case_open_at(c, true);
}

static inline void case_run_with(struct engine_case *c, const struct engine_options *options)
{
    struct err e = {0};
    bool ok = catalogue_load(options, &c->catalogue, &e) &&
              engine_check(&c->catalogue, c->host, NULL, NULL, &c->mem, &c->run, &e);
    if (!ok)
        fprintf(stderr, "run: %s\n", e.text);
    CHECK(ok);
    c->ran = ok;
}

static inline void case_run(struct engine_case *c)
{
    const struct engine_options options = {0};
    case_run_with(c, &options);
}

static inline const struct result *case_result(const struct engine_case *c, const char *id)
{
    static const struct result none = {.verdict = (enum verdict)VERDICTS};
    for (size_t i = 0; i < c->run.result_count; i++)
        if (str_eq(c->run.results[i].rule->id, str_of(id)))
            return &c->run.results[i];
    return &none;
}

static inline void case_close(struct engine_case *c)
{
    catalogue_done(&c->catalogue);
    host_close(c->host);
    arena_done(&c->mem);
}

/* The verdict of a rule, with its message where it is another. */
#define CHECK_VERDICT(c, id, want)                                                                 \
    do {                                                                                           \
        const struct result *r_ = case_result((c), (id));                                          \
        if (r_->verdict != (want)) {                                                               \
            fprintf(stderr, "%s:%d: %s is %s (" STR_FMT "), want %s\n", __FILE__, __LINE__, (id),  \
                    verdict_name(r_->verdict), STR_ARG(r_->message), verdict_name(want));          \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)

#define CHECK_MESSAGE(c, id, want) CHECK_STR(case_result((c), (id))->message, (want))

static inline bool has_text(struct str in, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= in.len; i++)
        if (memcmp(in.ptr + i, part, len) == 0)
            return true;
    fprintf(stderr, "\"" STR_FMT "\" lacks \"%s\"\n", STR_ARG(in), part);
    return false;
}
