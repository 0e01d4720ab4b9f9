#include "net/libcurl.h"

#include <pthread.h>

#include "base/library.h"

struct libcurl libcurl;

static const struct library_function functions[] = {
    {"curl_easy_cleanup", &libcurl.easy_cleanup},
    {"curl_easy_getinfo", &libcurl.easy_getinfo},
    {"curl_easy_header", &libcurl.easy_header},
    {"curl_easy_init", &libcurl.easy_init},
    {"curl_easy_perform", &libcurl.easy_perform},
    {"curl_easy_reset", &libcurl.easy_reset},
    {"curl_easy_setopt", &libcurl.easy_setopt},
    {"curl_easy_strerror", &libcurl.easy_strerror},
    {"curl_global_init", &libcurl.global_init},
    {"curl_multi_cleanup", &libcurl.multi_cleanup},
    {"curl_multi_init", &libcurl.multi_init},
    {"curl_multi_poll", &libcurl.multi_poll},
    {"curl_slist_append", &libcurl.slist_append},
    {"curl_slist_free_all", &libcurl.slist_free_all},
    {"curl_url", &libcurl.url},
    {"curl_url_cleanup", &libcurl.url_cleanup},
    {"curl_url_set", &libcurl.url_set},
    {"curl_url_strerror", &libcurl.url_strerror},
    {"curl_version", &libcurl.version},
};
static struct err failure;

static void load(void)
{
    (void)library_load("libcurl.so.4", functions, sizeof functions / sizeof *functions, &failure);
}

bool libcurl_load(struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return !failure.kind || err_set(e, failure.kind, 0, "%s", failure.text);
}
