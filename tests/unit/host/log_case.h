/* Logs for tests of the host, written record by record. */
#pragma once

#include "check.h"
#include "evt_writer.h"
#include "evtx_writer.h"

#include "base/wtime.h"
#include "host/host_memory.h"

struct log_case {
    struct evtx_writer w;
    struct sb bytes;
};

static const struct evtx_shape log_shape = {NULL, NULL, {NULL}, true};
static const struct evtx_source log_mfehidk = {
    .provider = "mfehidk", .classic = true, .channel = "System", .computer = "HOST"};
static const struct evtx_source log_other = {
    .provider = "EventLog", .classic = true, .channel = "System", .computer = "HOST"};
static const struct evtx_source log_eventlog = {.provider = "Microsoft-Windows-Eventlog",
                                                .classic = true,
                                                .channel = "System",
                                                .computer = "HOST"};

static inline uint64_t log_time(const char *text)
{
    uint64_t t = 0;
    CHECK(wtime_parse(str_of(text), &t));
    return t;
}

static inline void log_begin(struct log_case *c, uint64_t first_record)
{
    sb_init(&c->bytes, (size_t)64 << 20);
    evtx_begin(&c->w, &c->bytes, NULL, first_record);
}

static inline void log_add(struct log_case *c, const struct evtx_source *source, uint16_t id,
                           uint64_t time, const char *one, const char *two)
{
    struct str strings[2] = {str_of(one ? one : ""), str_of(two ? two : "")};
    struct evtx_event ev = {.source = source,
                            .shape = &log_shape,
                            .time = time,
                            .id = id,
                            .level = 3,
                            .strings = strings,
                            .string_count = two ? 2 : 1};
    evtx_add(&c->w, &ev);
}

/* One uptime record a day at noon, from `first` on, `days` times. */
static inline void log_days(struct log_case *c, uint64_t first, unsigned days)
{
    for (unsigned i = 0; i < days; i++)
        log_add(c, &log_other, 6013, first + i * WTIME_DAY, "uptime", NULL);
}

static inline struct span log_end(struct log_case *c, enum evtx_state state)
{
    struct err e = {0};
    CHECK(evtx_end(&c->w, state, &e));
    return span_of(c->bytes.ptr, c->bytes.len);
}

static inline struct host *log_host(struct span log, uint64_t now)
{
    struct host *h = NULL;
    struct err e = {0};
    struct host_options options = {.now = now};
    CHECK(host_memory(&options, &h, &e));
    if (log.len)
        memory_set_log(h, "System", log);
    return h;
}
