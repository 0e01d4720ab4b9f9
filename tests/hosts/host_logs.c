/* The event logs of a host, from its plan: EVTX since NT 6, EVT before. */
#include "base/wtime.h"
#include "evt_writer.h"
#include "evtx_writer.h"
#include "host_events.h"
#include "out.h"

/* How each kind of event is reported. */
static const struct kind {
    const char *provider, *guid, *event_source;
    bool classic;
    uint32_t id, qualifiers;
    uint8_t level;
    uint16_t type, task;
    uint64_t keywords;
} kinds[] = {
    [EVENT_UPTIME] = {"EventLog", NULL, NULL, true, 6013, 0x8000, 4, EVT_INFORMATION, 0,
                      0x80000000000000},
    [EVENT_LOG_START] = {"EventLog", NULL, NULL, true, 6005, 0x8000, 4, EVT_INFORMATION, 0,
                         0x80000000000000},
    [EVENT_LOG_STOP] = {"EventLog", NULL, NULL, true, 6006, 0x8000, 4, EVT_INFORMATION, 0,
                        0x80000000000000},
    [EVENT_VERSION] = {"EventLog", NULL, NULL, true, 6009, 0x8000, 4, EVT_INFORMATION, 0,
                       0x80000000000000},
    [EVENT_CLEARED] = {"Microsoft-Windows-Eventlog", "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}", NULL,
                       false, 104, 0, 4, EVT_INFORMATION, 104, 0x8000000000000000},
    [EVENT_SERVICE] = {"Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
                       "Service Control Manager", false, 7036, 0x4000, 4, EVT_INFORMATION, 0,
                       0x8080000000000000},
    [EVENT_TIME_SYNC] = {"Microsoft-Windows-Time-Service", "{06EDCFEB-0FD1-4E53-ACCA-A6F8BBF81BCB}",
                         NULL, false, 35, 0, 4, EVT_INFORMATION, 0, 0x8000000000000000},
    [EVENT_UPDATE] = {"Microsoft-Windows-WindowsUpdateClient",
                      "{945A8954-C147-4ACD-923F-40C45405A658}", NULL, false, 19, 0, 4,
                      EVT_INFORMATION, 1, 0x8000000000000018},
    [EVENT_DISK] = {"volsnap", NULL, NULL, true, 36, 0xC006, 2, EVT_ERROR, 0, 0x80000000000000},
    [EVENT_UNTRUSTED_CODE] = {"mfehidk", NULL, NULL, true, 516, 0x8004, 3, EVT_WARNING, 256,
                              0x80000000000000},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct evtx_shape classic_shape = {NULL, NULL, {NULL}, true};
static const struct evtx_shape service_shape = {NULL, NULL, {"param1", "param2"}, true};
static const struct evtx_shape time_shape = {NULL, NULL, {"TimeSource"}, false};
static const struct evtx_shape update_shape = {NULL, NULL, {"updateTitle"}, false};
static const struct evtx_shape cleared_shape = {
    "LogFileCleared",
    "http://manifests.microsoft.com/win/2004/08/windows/eventlog",
    {"SubjectUserName", "SubjectDomainName", "Channel", "BackupPath"},
    false};

static const struct evtx_shape *shape_of(enum host_event_kind kind)
{
    switch (kind) {
    case EVENT_SERVICE:
        return &service_shape;
    case EVENT_TIME_SYNC:
        return &time_shape;
    case EVENT_UPDATE:
        return &update_shape;
    case EVENT_CLEARED:
        return &cleared_shape;
    default:
        return &classic_shape;
    }
}

/* ---- EVTX ---------------------------------------------------------------------------------- */

static void sources_of(const struct host_spec *h, const char *computer,
                       struct evtx_source out[KINDS])
{
    (void)h;
    for (size_t i = 0; i < KINDS; i++)
        out[i] = (struct evtx_source){.provider = kinds[i].provider,
                                      .guid = kinds[i].guid,
                                      .event_source = kinds[i].event_source,
                                      .classic = kinds[i].classic,
                                      .user_data = i == EVENT_CLEARED,
                                      .channel = "System",
                                      .computer = computer};
    /* One template a provider, as Windows has it. */
    out[EVENT_LOG_START] = out[EVENT_LOG_STOP] = out[EVENT_VERSION] = out[EVENT_UPTIME];
}

static const struct evtx_source *source_of(const struct evtx_source *sources,
                                           enum host_event_kind kind)
{
    bool event_log = kind == EVENT_LOG_START || kind == EVENT_LOG_STOP || kind == EVENT_VERSION;
    return &sources[event_log ? EVENT_UPTIME : kind];
}

static void add_evtx(const struct host_spec *h, const struct evtx_source *sources,
                     const struct host_event *ev, struct evtx_writer *w)
{
    const struct kind *k = &kinds[ev->kind];
    struct host_strings s;
    host_event_strings(h, ev, &s);
    struct evtx_event x = {.source = source_of(sources, ev->kind),
                           .shape = shape_of(ev->kind),
                           .time = ev->time,
                           .id = (uint16_t)(ev->kind == EVENT_UNTRUSTED_CODE ? ev->id : k->id),
                           .qualifiers = (uint16_t)k->qualifiers,
                           .task = k->task,
                           .level = k->level,
                           .keywords = k->keywords,
                           .process = k->classic ? 4 : 548,
                           .thread = k->classic ? 68 : 1340 + ev->number % 7 * 4,
                           .sid_system = ev->kind == EVENT_CLEARED ? "S-1-5-18" : NULL,
                           .strings = s.list,
                           .string_count = s.count,
                           .binary = span_of(s.binary, s.binary_size)};
    evtx_add(w, &x);
}

static bool system_evtx(const struct host_spec *h, const struct host_events *ev, const char *dir,
                        struct err *e)
{
    struct evtx_source sources[KINDS];
    struct evtx_writer w;
    struct sb log;
    char computer[64], path[96];
    snprintf(computer, sizeof computer, "%s.corp.example", h->computer);
    sources_of(h, computer, sources);
    sb_init(&log, (size_t)256 << 20);
    evtx_begin(&w, &log, NULL, h->days < 5 ? 1 : 48211);
    for (size_t i = 0; i < ev->count; i++)
        add_evtx(h, sources, &ev->list[i], &w);
    bool ok = evtx_end(&w, h->logs == LOGS_NEW ? EVTX_DIRTY : EVTX_CLEAN, e);
    if (ok && h->noise == NOISE_STORM)
        evtx_rotate(&log, 5); /* the log has reached its size and overwrites its oldest chunks */
    if (ok && h->damaged) {
        evtx_damage(&log, 3, EVTX_ZEROED);
        evtx_damage(&log, 5, EVTX_BAD_DATA);
        evtx_damage(&log, 6, EVTX_BAD_HEAD);
    }
    snprintf(path, sizeof path, "%s/%s/winevt/Logs/System.evtx", h->os->windows, h->os->system32);
    ok = ok && host_write(dir, path, sb_span(&log), e);
    sb_done(&log);
    return ok;
}

/* Application: Windows Installer tells what was installed. */
static bool application_evtx(const struct host_spec *h, const char *dir, struct err *e)
{
    const struct evtx_source source = {.provider = "MsiInstaller",
                                       .classic = true,
                                       .channel = "Application",
                                       .computer = h->computer};
    struct evtx_writer w;
    struct sb log;
    char path[96];
    sb_init(&log, (size_t)1 << 24);
    evtx_begin(&w, &log, NULL, 1);
    for (uint32_t i = 0; i < 40; i++) {
        char name[64];
        snprintf(name, sizeof name, "Sample Package %u", i);
        const struct str strings[] = {str_of(name), STR("1.0.0"), STR("1033"), STR("0")};
        struct evtx_event ev = {.source = &source,
                                .shape = &classic_shape,
                                .time = host_install_time() + i * WTIME_DAY,
                                .id = 1033,
                                .level = 4,
                                .keywords = 0x80000000000000,
                                .strings = strings,
                                .string_count = 4};
        evtx_add(&w, &ev);
    }
    snprintf(path, sizeof path, "%s/%s/winevt/Logs/Application.evtx", h->os->windows,
             h->os->system32);
    bool ok = evtx_end(&w, EVTX_CLEAN, e) && host_write(dir, path, sb_span(&log), e);
    sb_done(&log);
    return ok;
}

/* ---- EVT ----------------------------------------------------------------------------------- */

static void add_evt(const struct host_spec *h, const struct host_event *ev, struct evt_writer *w)
{
    const struct kind *k = &kinds[ev->kind];
    struct host_strings s;
    host_event_strings(h, ev, &s);
    uint32_t id = ev->kind == EVENT_UNTRUSTED_CODE ? ev->id : k->id;
    const char *provider = ev->kind == EVENT_TIME_SYNC ? "W32Time"
                           : ev->kind == EVENT_UPDATE  ? "Windows Update Agent"
                                                       : k->provider;
    struct evt_event x = {.time = (uint32_t)wtime_to_unix(ev->time),
                          .id = k->qualifiers << 16 | id,
                          .type = k->type,
                          .category = k->task,
                          .source = provider,
                          .computer = h->computer,
                          .strings = s.list,
                          .string_count = s.count,
                          .binary = span_of(s.binary, k->classic ? s.binary_size : 0)};
    evt_add(w, &x);
}

static bool system_evt(const struct host_spec *h, const struct host_events *ev, const char *dir,
                       struct err *e)
{
    struct evt_writer w;
    struct sb log;
    char path[96];
    bool wraps = h->logs == LOGS_OLD; /* also left dirty: copied from a running system */
    evt_begin(&w, wraps ? h->log_max : h->log_max / 16, wraps ? 6021 : 1);
    for (size_t i = 0; i < ev->count; i++) {
        if (wraps && i + 9 == ev->count)
            evt_flush(&w);
        add_evt(h, &ev->list[i], &w);
    }
    sb_init(&log, (size_t)64 << 20);
    snprintf(path, sizeof path, "%s/%s/config/SysEvent.Evt", h->os->windows, h->os->system32);
    bool ok = evt_end(&w, wraps, &log, e) && host_write(dir, path, sb_span(&log), e);
    sb_done(&log);
    return ok;
}

bool host_event_logs(const struct host_spec *h, const char *dir, struct err *e)
{
    struct host_events ev;
    host_events_plan(h, &ev);
    bool ok = h->os->nt5 ? system_evt(h, &ev, dir, e)
                         : system_evtx(h, &ev, dir, e) && application_evtx(h, dir, e);
    host_events_done(&ev);
    return ok;
}
