#include <string.h>

#include "net/transfer.h"

static bool begins(struct str text, const char *word)
{
    size_t len = strlen(word);
    if (text.len <= len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != word[i])
            return false;
    }
    return true;
}

bool fetch_is_url(struct str text)
{
    return begins(text, "http://") || begins(text, "https://");
}

struct str fetch_below(struct str folder, struct str name, struct arena *a)
{
    bool slash = folder.len && folder.ptr[folder.len - 1] == '/';
    return str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(folder), slash ? "" : "/", STR_ARG(name));
}

bool url_is_https(const char *url)
{
    return begins(str_of(url), "https://");
}

bool url_check(const char *url, struct err *e)
{
    if (!fetch_is_url(str_of(url)))
        return err_set(e, ERR_USAGE, 0, "only http:// and https:// are fetched");
    CURLU *u = curl_url();
    if (!u)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    CURLUcode bad = curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER);
    curl_url_cleanup(u);
    if (bad == CURLUE_USER_NOT_ALLOWED)
        return err_set(e, ERR_USAGE, 0, "a URL with a user name is not taken");
    return bad == CURLUE_OK || err_set(e, ERR_USAGE, 0, "not a URL: %s", curl_url_strerror(bad));
}
