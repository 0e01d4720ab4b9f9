#include "net/libcurl.h"

#undef curl_easy_cleanup
#undef curl_easy_getinfo
#undef curl_easy_header
#undef curl_easy_init
#undef curl_easy_perform
#undef curl_easy_reset
#undef curl_easy_setopt
#undef curl_easy_strerror
#undef curl_global_init
#undef curl_multi_cleanup
#undef curl_multi_init
#undef curl_multi_poll
#undef curl_slist_append
#undef curl_slist_free_all
#undef curl_url
#undef curl_url_cleanup
#undef curl_url_set
#undef curl_url_strerror
#undef curl_version

struct libcurl libcurl = {
    .easy_cleanup = curl_easy_cleanup,
    .easy_getinfo = curl_easy_getinfo,
    .easy_header = curl_easy_header,
    .easy_init = curl_easy_init,
    .easy_perform = curl_easy_perform,
    .easy_reset = curl_easy_reset,
    .easy_setopt = curl_easy_setopt,
    .easy_strerror = curl_easy_strerror,
    .global_init = curl_global_init,
    .multi_cleanup = curl_multi_cleanup,
    .multi_init = curl_multi_init,
    .multi_poll = curl_multi_poll,
    .slist_append = curl_slist_append,
    .slist_free_all = curl_slist_free_all,
    .url = curl_url,
    .url_cleanup = curl_url_cleanup,
    .url_set = curl_url_set,
    .url_strerror = curl_url_strerror,
    .version = curl_version,
};

bool libcurl_load(struct err *e)
{
    (void)e;
    return true;
}
