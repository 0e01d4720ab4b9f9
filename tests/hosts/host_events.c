#include "host_events.h"
#include "base/wtime.h"
#include "out.h"

#include <stdarg.h>

/* ---- the plan ------------------------------------------------------------------------------ */

static void add(struct host_events *ev, uint64_t time, enum host_event_kind kind, uint32_t number,
                uint32_t id)
{
    if (ev->count == ev->room) {
        ev->room = ev->room ? 2 * ev->room : 1024;
        ev->list = realloc(ev->list, ev->room * sizeof *ev->list);
        BUG_ON(!ev->list);
    }
    ev->list[ev->count++] = (struct host_event){time, kind, number, id};
}

static uint64_t minutes(uint64_t n)
{
    return n * 60 * WTIME_SECOND;
}

/* A day like any other: uptime at noon, services that start and stop, the clock, updates. */
static void plan_day(struct host_events *ev, uint64_t day, uint32_t n)
{
    uint32_t seed = n * 2654435761u + 17;
    add(ev, day + minutes(720), EVENT_UPTIME, n, 0);
    for (uint32_t i = 0; i < 18; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint64_t at = day + minutes(30 + i * 75 + (seed >> 24) % 60) + (seed >> 8) % WTIME_SECOND;
        add(ev, at, EVENT_SERVICE, 2 * (n * 18 + i), 0);
        add(ev, at + minutes(5) + seed % minutes(7), EVENT_SERVICE, 2 * (n * 18 + i) + 1, 0);
    }
    add(ev, day + minutes(190) + seed % WTIME_SECOND, EVENT_TIME_SYNC, n, 0);
    if (n % 7 == 2)
        add(ev, day + minutes(245) + seed % WTIME_SECOND, EVENT_UPDATE, n, 0);
    if (n % 11 == 5)
        add(ev, day + minutes(400) + seed % WTIME_SECOND, EVENT_DISK, n, 0);
    if (n % 14 == 3) {
        add(ev, day + minutes(260), EVENT_LOG_STOP, n, 0);
        add(ev, day + minutes(263), EVENT_VERSION, n, 0);
        add(ev, day + minutes(263), EVENT_LOG_START, n, 0);
    }
}

/* KB71083 as seen in the field: four warnings every ten minutes, day and night. */
static void plan_storm(const struct host_spec *h, struct host_events *ev)
{
    uint64_t end = host_now() - minutes(3),
             begin = end - (h->days * UINT64_C(24) - 12) * WTIME_HOUR;
    uint32_t n = 0;
    for (uint64_t at = begin; at < end; at += minutes(10)) {
        for (uint32_t i = 0; i < 4; i++, n++)
            add(ev, at + i * 3 * WTIME_SECOND + n % 977 * 10007, EVENT_UNTRUSTED_CODE, n, 516);
        if (n % 320 == 0)
            add(ev, at + minutes(2), EVENT_UNTRUSTED_CODE, n, 514);
        if (n % 480 == 0)
            add(ev, at + minutes(4), EVENT_UNTRUSTED_CODE, n, 519);
    }
}

static void plan_some(const struct host_spec *h, struct host_events *ev)
{
    uint32_t n = 0;
    for (uint32_t day = 0; day + 1 < h->days; day++)
        for (uint32_t i = 0; i < 3; i++, n++)
            add(ev, host_now() - (day * UINT64_C(24) + 5 * (i + 1)) * WTIME_HOUR, /* newest first */
                EVENT_UNTRUSTED_CODE, n, 516);
}

static int by_time(const void *a, const void *b)
{
    const struct host_event *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Sorted events outside [begin, end] go. */
static void clip(struct host_events *ev, uint64_t begin, uint64_t end)
{
    size_t kept = 0;
    for (size_t i = 0; i < ev->count; i++)
        if (ev->list[i].time >= begin && ev->list[i].time <= end)
            ev->list[kept++] = ev->list[i];
    ev->count = kept;
}

void host_events_plan(const struct host_spec *h, struct host_events *out)
{
    uint64_t now = host_now(), midnight = now - now % WTIME_DAY;
    uint64_t begin = now - h->days * WTIME_DAY - minutes(37);
    *out = (struct host_events){0};
    for (uint32_t n = 0; n <= h->days + 1; n++)
        plan_day(out, midnight - (h->days + 1 - n) * WTIME_DAY, n);
    if (h->noise == NOISE_STORM)
        plan_storm(h, out);
    else if (h->noise == NOISE_SOME)
        plan_some(h, out);
    add(out, now - minutes(4) - 3 * WTIME_SECOND, EVENT_SERVICE, 1, 0);
    if (h->days < 5)
        add(out, begin, EVENT_CLEARED, 0, 0);
    qsort(out->list, out->count, sizeof *out->list, by_time);
    clip(out, begin, now - minutes(2));
}

void host_events_done(struct host_events *ev)
{
    free(ev->list);
    *ev = (struct host_events){0};
}

/* ---- what they say ------------------------------------------------------------------------- */

static void say(struct host_strings *out, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct host_strings *out, const char *fmt, ...)
{
    char *text = out->buffer[out->count];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, HOST_STRING_SIZE, fmt, ap);
    va_end(ap);
    BUG_ON(n < 0 || n >= HOST_STRING_SIZE || out->count == HOST_STRINGS);
    out->list[out->count++] = (struct str){text, (size_t)n};
}

/* What a driver's log packet begins with (IO_ERROR_LOG_PACKET): the number of strings counts the
 * device name that the I/O manager puts in front. */
static void packet(struct host_strings *out, uint16_t category, uint32_t error)
{
    uint8_t *p = out->binary;
    memset(p, 0, 40);
    store_u16(p + 4, (uint16_t)out->count);
    store_u16(p + 6, 40);
    store_u16(p + 8, category);
    store_u32(p + 12, error);
    store_u32(p + 20, error);
    out->binary_size = 40;
}

static const char *const images[] = {"VSTSKMGR.EXE", "NAPRDMGR.EXE", "MCSHIELD.EXE",
                                     "FRAMEWORKSERVICE.EXE"};

static void say_untrusted_ja(const char *image, uint32_t pid, uint32_t id, struct host_strings *out)
{
    say(out,
        "プロセス **\\%s pid (%u) に%sコードが含まれていますが、McAfee "
        "ドライバーで特権操作を実行%s。",
        image, pid, id == 514 ? "署名のない、または破損した" : "署名済みで信頼されない",
        id == 514 ? "しようとしてブロックされました" : "することが許可されました");
}

/* Two layouts are known to be possible: image and pid as strings of their own, or one sentence. */
static void say_untrusted(const struct host_spec *h, const struct host_event *ev,
                          struct host_strings *out)
{
    const char *image = images[h->name[0] == 'a' ? 1 + 2 * (ev->number & 1) : ev->number % 4];
    uint32_t pid = 1200 + 4 * (ev->number % 4 * 131 % 97);
    bool sentence = h->japanese || ev->id != 516;
    say(out, "%s", h->japanese ? "" : "\\Device\\mfehidk");
    if (!sentence) {
        say(out, "**\\%s", image);
        say(out, "%u", pid);
    } else if (h->japanese) {
        say_untrusted_ja(image, pid, ev->id, out);
    } else {
        say(out, "Process **\\%s pid (%u) contains %s code%s", image, pid,
            ev->id == 514 ? "unsigned or corrupted" : "signed but untrusted",
            ev->id == 514 ? " and was blocked" : ", but was allowed to proceed");
    }
    packet(out, 256, 0x80040000u | ev->id);
}

static void say_service(const struct host_spec *h, uint32_t number, struct host_strings *out)
{
    static const char *const en[] = {
        "Windows Modules Installer", "WinHTTP Web Proxy Auto-Discovery Service",
        "Application Experience",    "Multimedia Class Scheduler",
        "Software Protection",       "Portable Device Enumerator Service",
        "McAfee McShield",           "McAfee Validation Trust Protection Service"};
    static const char *const ja[] = {"Windows モジュール インストーラー",
                                     "WinHTTP Web Proxy Auto-Discovery Service",
                                     "Application Experience",
                                     "マルチメディア クラス スケジューラ",
                                     "ソフトウェア保護",
                                     "Portable Device Enumerator サービス",
                                     "McAfee McShield",
                                     "McAfee Validation Trust Protection Service"};
    size_t choice = (number / 2) % (h->now.vse ? 8 : 6);
    bool stopped = number & 1;
    say(out, "%s", h->japanese ? ja[choice] : en[choice]);
    say(out, "%s", h->japanese ? (stopped ? "停止" : "実行中") : stopped ? "stopped" : "running");
    uint8_t tag[16] = {'S', 0, 'v', 0, 'c', 0, '/', 0, stopped ? '1' : '4', 0};
    memcpy(out->binary, tag, sizeof tag);
    out->binary_size = 12;
}

static void say_uptime(const struct host_spec *h, uint32_t day, struct host_strings *out)
{
    for (int i = 0; i < 4; i++)
        say(out, "%s", "");
    say(out, "%u", (day % 14 + 11) % 14 * 86400 + 27420);
    say(out, "60");
    say(out, "%s", h->japanese ? "-540 東京 (標準時)" : "-60 W. Europe Standard Time");
}

void host_event_strings(const struct host_spec *h, const struct host_event *ev,
                        struct host_strings *out)
{
    out->count = out->binary_size = 0;
    switch (ev->kind) {
    case EVENT_UPTIME:
        say_uptime(h, ev->number, out);
        break;
    case EVENT_CLEARED:
        say(out, "%s", h->user);
        say(out, "%s", h->computer);
        say(out, "System");
        say(out, "%s", "");
        break;
    case EVENT_SERVICE:
        say_service(h, ev->number, out);
        break;
    case EVENT_VERSION:
        say(out, "%s.", h->os->version);
        say(out, "%s", h->os->build);
        say(out, "%s", h->os->csd ? h->os->csd : "");
        say(out, "Multiprocessor Free");
        break;
    case EVENT_TIME_SYNC:
        say(out, "time.corp.example (ntp.m|0x1|0.0.0.0:123->192.0.2.1:123)");
        break;
    case EVENT_UPDATE:
        say(out, "Definition Update (KB%u)", 4500000 + ev->number);
        break;
    case EVENT_DISK:
        say(out, "\\Device\\HarddiskVolumeShadowCopy%u", ev->number % 9 + 1);
        say(out, "C:");
        packet(out, 0, 0xC0060024u);
        break;
    case EVENT_UNTRUSTED_CODE:
        say_untrusted(h, ev, out);
        break;
    case EVENT_LOG_START:
    case EVENT_LOG_STOP:
        break;
    }
}
