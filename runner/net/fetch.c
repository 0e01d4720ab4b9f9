#include "net/fetch.h"

#include <string.h>

#include "base/random.h"
#include "base/wtime.h"
#include "net/elevated.h"
#include "net/transfer.h"

enum { PAUSE_MAX_MS = 30000 };

static void defaults(struct fetch_limits *l)
{
    l->bytes = l->bytes ? l->bytes : (uint64_t)64 << 20;
    l->seconds = l->seconds ? l->seconds : 300;
    l->stall_seconds = l->stall_seconds ? l->stall_seconds : 30;
    l->tries = l->tries ? l->tries : 3;
    l->pause_ms = l->pause_ms ? l->pause_ms : 500;
}

const char *fetch_release(void)
{
    return libcurl_load(NULL) ? curl_version() : "no libcurl";
}

bool fetch_open(const struct fetch_limits *limits, struct fetch **out, struct err *e)
{
    struct fetch *f = calloc(1, sizeof *f);
    if (!f)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (limits)
        f->limits = *limits;
    defaults(&f->limits);
    f->elevated = net_elevated();
    if (f->elevated)
        net_clean_environment();
    if (!libcurl_load(e)) {
        free(f);
        return false;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(f->curl = curl_easy_init()) ||
        !(f->idle = curl_multi_init())) {
        fetch_close(f);
        return err_set(e, ERR_NOMEM, 0, "libcurl does not start");
    }
    *out = f;
    return true;
}

void fetch_close(struct fetch *f)
{
    if (!f)
        return;
    curl_easy_cleanup(f->curl);
    if (f->idle)
        curl_multi_cleanup(f->idle);
    free(f);
}

/* ---- again and again ---------------------------------------------------------------------------
 */

/* Doubled each time, an eighth more or less so that many hosts do not come back at once. */
static uint64_t pause_of(const struct transfer *t, unsigned tried)
{
    const struct fetch_limits *l = &t->fetch->limits;
    uint64_t ms = (uint64_t)l->pause_ms << (tried - 1 < 8 ? tried - 1 : 8);
    uint8_t chance = 128;
    (void)random_bytes(&chance, 1, NULL);
    ms = ms * (224 + chance / 4) / 256;
    if (ms > PAUSE_MAX_MS)
        ms = PAUSE_MAX_MS;
    uint64_t wanted = (uint64_t)t->retry_after * 1000;
    return wanted > ms ? wanted : ms;
}

/* False: there is no time left for it. */
static bool rest(const struct transfer *t, uint64_t ms)
{
    const struct fetch_limits *l = &t->fetch->limits;
    uint64_t until = wtime_now() + ms * (WTIME_SECOND / 1000);
    if (until >= t->deadline)
        return false;
    for (uint64_t now = wtime_now(); now < until; now = wtime_now()) {
        uint64_t left = (until - now) / (WTIME_SECOND / 1000) + 1;
        if (l->stop && l->stop(l->stop_context))
            return false;
        curl_multi_poll(t->fetch->idle, NULL, 0, left > 1000 ? 1000 : (int)left, NULL);
    }
    return true;
}

static bool run(struct transfer *t, const char *url, struct err *e)
{
    const struct fetch_limits *l = &t->fetch->limits;
    struct err last = {0};
    unsigned tried = 0;
    t->deadline = wtime_now() + l->seconds * WTIME_SECOND;
    if (!url_check(url, e))
        return false;
    for (;;) {
        last = (struct err){0};
        enum outcome o = transfer_try(t, url, &last);
        tried++;
        if (o == OUTCOME_DONE)
            return true;
        if (o == OUTCOME_FAILED || tried >= l->tries || !rest(t, pause_of(t, tried)))
            break;
    }
    return tried > 1 ? err_set(e, last.kind, last.at, "%s (tried %u times)", last.text, tried)
                     : err_set(e, last.kind, last.at, "%s", last.text);
}

bool transfer_run(struct transfer *t, struct str url, struct err *e)
{
    struct arena a;
    struct err why = {0};
    arena_init(&a, 64 * 1024);
    struct str text = str_dup(&a, url);
    bool ok = text.ptr && memchr(url.ptr, 0, url.len) == NULL
                  ? run(t, text.ptr, &why)
                  : err_set(&why, ERR_USAGE, 0, "not a URL");
    if (!ok)
        (void)err_set(e, why.kind, why.at, "%.120s: %s", text.ptr ? text.ptr : "", why.text);
    arena_done(&a);
    return ok;
}

/* ---- downloads ---------------------------------------------------------------------------------
 */

bool fetch_to(struct fetch *f, struct str url, uint64_t max_bytes, const struct fetch_sink *sink,
              struct err *e)
{
    struct transfer t = {
        .fetch = f, .max_bytes = max_bytes ? max_bytes : f->limits.bytes, .sink = sink};
    return transfer_run(&t, url, e);
}

static bool memory_restart(void *context, uint64_t total, struct err *e)
{
    struct sb *b = context;
    b->len = 0;
    return (total < SIZE_MAX && sb_reserve(b, (size_t)total)) ||
           err_set(e, ERR_NOMEM, 0, "out of memory");
}

static bool memory_put(void *context, struct span bytes, struct err *e)
{
    struct sb *b = context;
    sb_put(b, bytes.ptr, bytes.len);
    return !b->bad || err_set(e, ERR_NOMEM, 0, "out of memory");
}

bool fetch_bytes(struct fetch *f, struct str url, uint64_t max_bytes, struct arena *a,
                 struct span *out, struct err *e)
{
    struct sb b;
    uint64_t max = max_bytes ? max_bytes : f->limits.bytes;
    sb_init(&b, max < SIZE_MAX / 2 ? (size_t)max + 1 : SIZE_MAX / 2);
    const struct fetch_sink sink = {memory_restart, memory_put, &b};
    bool ok = fetch_to(f, url, max, &sink, e);
    void *copy = ok ? arena_copy(a, b.ptr ? b.ptr : "", b.len) : NULL;
    if (ok && !copy)
        ok = err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok)
        *out = span_of(copy, b.len);
    sb_done(&b);
    return ok;
}
