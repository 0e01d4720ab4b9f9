/* libcurl, loaded when it is first needed (base/library.h). */
#pragma once

#include <curl/curl.h>

#include "base/err.h"

/* Macros that check types, or only count arguments. */
#undef curl_easy_getinfo
#undef curl_easy_setopt

struct libcurl {
    __typeof__(&curl_easy_cleanup) easy_cleanup;
    __typeof__(&curl_easy_getinfo) easy_getinfo;
    __typeof__(&curl_easy_header) easy_header;
    __typeof__(&curl_easy_init) easy_init;
    __typeof__(&curl_easy_perform) easy_perform;
    __typeof__(&curl_easy_reset) easy_reset;
    __typeof__(&curl_easy_setopt) easy_setopt;
    __typeof__(&curl_easy_strerror) easy_strerror;
    __typeof__(&curl_global_init) global_init;
    __typeof__(&curl_multi_cleanup) multi_cleanup;
    __typeof__(&curl_multi_init) multi_init;
    __typeof__(&curl_multi_poll) multi_poll;
    __typeof__(&curl_slist_append) slist_append;
    __typeof__(&curl_slist_free_all) slist_free_all;
    __typeof__(&curl_url) url;
    __typeof__(&curl_url_cleanup) url_cleanup;
    __typeof__(&curl_url_set) url_set;
    __typeof__(&curl_url_strerror) url_strerror;
    __typeof__(&curl_version) version;
};
extern struct libcurl libcurl;

/* Before any other function; from any thread. */
bool libcurl_load(struct err *e);

#define curl_easy_cleanup libcurl.easy_cleanup
#define curl_easy_getinfo libcurl.easy_getinfo
#define curl_easy_header libcurl.easy_header
#define curl_easy_init libcurl.easy_init
#define curl_easy_perform libcurl.easy_perform
#define curl_easy_reset libcurl.easy_reset
#define curl_easy_setopt libcurl.easy_setopt
#define curl_easy_strerror libcurl.easy_strerror
#define curl_global_init libcurl.global_init
#define curl_multi_cleanup libcurl.multi_cleanup
#define curl_multi_init libcurl.multi_init
#define curl_multi_poll libcurl.multi_poll
#define curl_slist_append libcurl.slist_append
#define curl_slist_free_all libcurl.slist_free_all
#define curl_url libcurl.url
#define curl_url_cleanup libcurl.url_cleanup
#define curl_url_set libcurl.url_set
#define curl_url_strerror libcurl.url_strerror
#define curl_version libcurl.version
