/* Inside of net: one request, as it goes over the wire once. */
#pragma once

#include "net/fetch.h"
#include "net/libcurl.h"

struct fetch {
    CURL *curl;
    CURLM *idle; /* for pauses only */
    struct fetch_limits limits;
    bool elevated;
};

enum outcome {
    OUTCOME_DONE,
    OUTCOME_AGAIN, /* may go better next time */
    OUTCOME_FAILED
};

struct transfer {
    struct fetch *fetch;
    uint64_t max_bytes, deadline; /* deadline: FILETIME */
    const struct fetch_sink *sink;
    struct span body;           /* POST; empty = GET */
    struct curl_slist *headers; /* of a POST */
    /* What is known of the file from tries before. */
    bool begun;           /* restart() was called */
    uint64_t have, total; /* bytes given to the sink; length of the file, 0 = not known */
    char validator[256];  /* strong ETag or Last-Modified; empty: cannot go on */
    /* This try. */
    bool looked;              /* at the status and headers */
    unsigned redirects;       /* so far, all in all */
    unsigned retry_after;     /* seconds, from the server */
    uint64_t moved, moved_at; /* bytes, and when there was one more */
    uint64_t swallowed;       /* of a body that nobody wants */
    struct err stopped;       /* why a callback ended it */
    bool stopped_for_good;    /* trying again would not help */
    char error[CURL_ERROR_SIZE];
};

/* Refuses what is no http(s) URL, and user names. */
bool url_check(const char *url, struct err *e);
bool url_is_https(const char *url);

/* Does it once, redirects included. */
enum outcome transfer_try(struct transfer *t, const char *url, struct err *e);

/* ... and again, with pauses, within the limits. */
bool transfer_run(struct transfer *t, struct str url, struct err *e);
