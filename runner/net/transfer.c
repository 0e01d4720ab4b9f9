#include "net/transfer.h"

#include <inttypes.h>
#include <string.h>

#include "base/wtime.h"

enum { SWALLOW = 64 * 1024, CONNECT_SECONDS = 15 };

static long status_of(const struct transfer *t)
{
    long code = 0;
    curl_easy_getinfo(t->fetch->curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* ---- headers -----------------------------------------------------------------------------------
 */

static const char *header(const struct transfer *t, const char *name)
{
    struct curl_header *h = NULL;
    return curl_easy_header(t->fetch->curl, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
                                                                                        : NULL;
}

/* What If-Range may name (RFC 9110 13.1.5): a strong entity tag, else a date. */
static void note_validator(struct transfer *t)
{
    const char *tag = header(t, "ETag"), *date = header(t, "Last-Modified");
    const char *use = tag && tag[0] == '"' ? tag : tag ? NULL : date;
    const char *ranges = header(t, "Accept-Ranges");
    if (!use || strlen(use) >= sizeof t->validator || (ranges && strcmp(ranges, "none") == 0))
        use = "";
    memcpy(t->validator, use, strlen(use) + 1);
}

/* Is the part that comes the one that was asked for, of the same file? */
static bool continues(const struct transfer *t)
{
    uint64_t first = 0, last = 0, total = 0;
    const char *range = header(t, "Content-Range"), *tag = header(t, "ETag");
    if (!t->have || !t->validator[0] || !range ||
        sscanf(range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &first, &last, &total) != 3)
        return false;
    return first == t->have && last >= first && total == last + 1 &&
           (!t->total || total == t->total) &&
           (t->validator[0] != '"' || !tag || strcmp(tag, t->validator) == 0);
}

static bool too_long(struct transfer *t)
{
    t->stopped_for_good = true;
    return err_set(&t->stopped, ERR_LIMIT, 0, "more than %" PRIu64 " bytes", t->max_bytes);
}

static bool begin(struct transfer *t)
{
    curl_off_t length = -1;
    curl_easy_getinfo(t->fetch->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    t->total = length > 0 ? (uint64_t)length : 0;
    t->have = 0;
    t->begun = true;
    note_validator(t);
    if (t->total > t->max_bytes)
        return too_long(t);
    if (!t->sink->restart(t->sink->context, t->total, &t->stopped)) {
        t->stopped_for_good = true;
        return false;
    }
    return true;
}

/* Once the status is there: is the body one to keep? */
static bool look(struct transfer *t)
{
    long code = status_of(t);
    t->looked = true;
    if (code == 200)
        return begin(t);
    if (code != 206 || continues(t))
        return true;
    t->validator[0] = 0; /* from the beginning next time */
    t->have = 0;
    return err_set(&t->stopped, ERR_IO, 0, "the server answers with another part of the file");
}

/* ---- callbacks ---------------------------------------------------------------------------------
 */

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t len = size * count;
    if (t->sink && !t->looked && !look(t))
        return CURL_WRITEFUNC_ERROR;
    long code = status_of(t);
    if (!t->sink || (code != 200 && code != 206)) {
        t->swallowed += len;
        return t->swallowed <= SWALLOW ? len : CURL_WRITEFUNC_ERROR;
    }
    if (len > t->max_bytes - t->have) {
        (void)too_long(t);
        return CURL_WRITEFUNC_ERROR;
    }
    if (!t->sink->put(t->sink->context, span_of(bytes, len), &t->stopped)) {
        t->stopped_for_good = true;
        return CURL_WRITEFUNC_ERROR;
    }
    t->have += len;
    return len;
}

/* Called at least once a second.  libcurl's own low-speed limit averages over seconds, so a burst
 * before the silence would lengthen it. */
static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    struct transfer *t = context;
    const struct fetch_limits *l = &t->fetch->limits;
    uint64_t now = wtime_now(), moved = (uint64_t)down + (uint64_t)up;
    (void)down_total, (void)up_total;
    if (l->stop && l->stop(l->stop_context)) {
        t->stopped_for_good = true;
        (void)err_set(&t->stopped, ERR_IO, 0, "given up");
        return 1;
    }
    if (moved != t->moved || now < t->moved_at) {
        t->moved = moved;
        t->moved_at = now;
    }
    if (now - t->moved_at < l->stall_seconds * WTIME_SECOND)
        return 0;
    (void)err_set(&t->stopped, ERR_IO, 0, "no byte for %u seconds", l->stall_seconds);
    return 1;
}

/* ---- one request ------------------------------------------------------------------------------
 */

static void set_limits(const struct transfer *t)
{
    CURL *c = t->fetch->curl;
    const struct fetch_limits *l = &t->fetch->limits;
    uint64_t now = wtime_now();
    uint64_t left = t->deadline > now ? (t->deadline - now) / (WTIME_SECOND / 1000) : 1;
    long connect = l->stall_seconds < CONNECT_SECONDS ? (long)l->stall_seconds : CONNECT_SECONDS;
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(left ? left : 1));
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, connect);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    if (t->sink)
        curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->max_bytes);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, (void *)(uintptr_t)t);
}

static void set_safety(const struct transfer *t)
{
    CURL *c = t->fetch->curl;
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "rectify");
    if (t->fetch->limits.ca_file)
        curl_easy_setopt(c, CURLOPT_CAINFO, t->fetch->limits.ca_file);
    if (t->fetch->elevated)
        curl_easy_setopt(c, CURLOPT_PROXY, "");
}

static struct curl_slist *range_headers(const struct transfer *t)
{
    char text[320];
    struct curl_slist *list = NULL, *longer;
    if (!t->have || !t->validator[0])
        return NULL;
    snprintf(text, sizeof text, "If-Range: %s", t->validator);
    longer = curl_slist_append(list, text);
    snprintf(text, sizeof text, "Range: bytes=%" PRIu64 "-", t->have);
    list = longer ? curl_slist_append(longer, text) : NULL;
    if (!list)
        curl_slist_free_all(longer);
    return list;
}

static CURLcode request(struct transfer *t, const char *url)
{
    CURL *c = t->fetch->curl;
    curl_easy_reset(c);
    set_safety(t);
    set_limits(t);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, (void *)t);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
    struct curl_slist *own = t->body.len ? NULL : range_headers(t);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->body.len ? t->headers : own);
    if (t->body.len) {
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.len);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)t->body.ptr);
    }
    t->looked = false;
    t->swallowed = 0;
    t->moved = 0;
    t->moved_at = wtime_now();
    t->error[0] = 0;
    CURLcode result = curl_easy_perform(c);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(own);
    return result;
}

/* ---- what came of it ---------------------------------------------------------------------------
 */

static bool worth_another_try(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

static enum outcome transport_failed(const struct transfer *t, CURLcode code, struct err *e)
{
    const struct fetch_limits *l = &t->fetch->limits;
    if (t->stopped.kind != ERR_NONE) {
        (void)err_set(e, t->stopped.kind, t->stopped.at, "%s", t->stopped.text);
        return t->stopped_for_good ? OUTCOME_FAILED : OUTCOME_AGAIN;
    }
    if (code == CURLE_OPERATION_TIMEDOUT && wtime_now() + WTIME_SECOND / 2 >= t->deadline) {
        (void)err_set(e, ERR_IO, 0, "took longer than %u seconds", l->seconds);
        return OUTCOME_FAILED;
    }
    if (code == CURLE_FILESIZE_EXCEEDED)
        (void)err_set(e, ERR_LIMIT, 0, "more than %" PRIu64 " bytes", t->max_bytes);
    else if (code == CURLE_PARTIAL_FILE || (code == CURLE_RECV_ERROR && t->begun))
        (void)err_set(e, ERR_IO, 0, "cut off after %" PRIu64 " of %" PRIu64 " bytes", t->have,
                      t->total);
    else
        (void)err_set(e, ERR_IO, 0, "%s", t->error[0] ? t->error : curl_easy_strerror(code));
    return worth_another_try(code) ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static enum outcome refused(struct transfer *t, long code, struct err *e)
{
    curl_off_t after = 0;
    bool again = code == 408 || code == 425 || code == 429 || code == 500 || code == 502 ||
                 code == 503 || code == 504;
    if (code == 416 && t->have) { /* the file is shorter now */
        t->have = 0;
        t->validator[0] = 0;
        again = true;
    }
    curl_easy_getinfo(t->fetch->curl, CURLINFO_RETRY_AFTER, &after);
    t->retry_after = after > 0 && after < 86400 ? (unsigned)after : 0;
    (void)err_set(e, code == 404 || code == 410 ? ERR_NOT_FOUND : ERR_IO, 0,
                  "the server answers %ld", code);
    return again ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static enum outcome answered(struct transfer *t, long code, struct err *e)
{
    if (t->body.len ? code >= 200 && code <= 299 : code == 206)
        return OUTCOME_DONE;
    if (code != 200)
        return refused(t, code, e);
    if (!t->looked && !look(t)) /* an empty body */
        return transport_failed(t, CURLE_OK, e);
    return OUTCOME_DONE;
}

static bool is_redirect(const struct transfer *t, long code)
{
    return code == 307 || code == 308 ||
           (!t->body.len && (code == 301 || code == 302 || code == 303));
}

/* The next address, checked, into `url`. */
static bool follow(struct transfer *t, bool *https, char *url, size_t size, struct err *e)
{
    char *to = NULL;
    curl_easy_getinfo(t->fetch->curl, CURLINFO_REDIRECT_URL, &to);
    size_t len = to ? strlen(to) : 0;
    if (len == 0 || len >= size)
        return err_set(e, ERR_IO, 0, "redirected to nowhere");
    if (++t->redirects > FETCH_REDIRECTS)
        return err_set(e, ERR_LIMIT, 0, "redirected more than %d times", FETCH_REDIRECTS);
    if (*https && !url_is_https(to))
        return err_set(e, ERR_DENIED, 0, "redirected from https to something else");
    if (!url_check(to, e))
        return err_prefix(e, "redirected");
    *https = url_is_https(to);
    memmove(url, to, len + 1);
    return true;
}

enum outcome transfer_try(struct transfer *t, const char *url, struct err *e)
{
    enum { URL_MAX = 4096 };
    char at[URL_MAX];
    bool https = url_is_https(url);
    size_t len = strlen(url);
    if (len >= sizeof at) {
        (void)err_set(e, ERR_LIMIT, 0, "a URL of more than %d bytes", URL_MAX - 1);
        return OUTCOME_FAILED;
    }
    memcpy(at, url, len + 1);
    t->redirects = 0;
    t->retry_after = 0;
    t->stopped = (struct err){0};
    for (;;) {
        CURLcode result = request(t, at);
        long code = status_of(t);
        bool answer = result == CURLE_OK || t->swallowed > SWALLOW;
        if (!answer)
            return transport_failed(t, result, e);
        if (!is_redirect(t, code))
            return answered(t, code, e);
        if (!follow(t, &https, at, sizeof at, e))
            return OUTCOME_FAILED;
    }
}
