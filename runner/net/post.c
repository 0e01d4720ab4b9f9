/* One JSON document to one receiver. */
#include <string.h>
#include <zlib.h>

#include "net/transfer.h"

enum { DOCUMENT_MAX = 16 << 20, GZIP_WINDOW = 15 + 16 };

static bool gzip(struct span in, struct sb *out, struct err *e)
{
    z_stream z = {0};
    if (in.len > DOCUMENT_MAX)
        return err_set(e, ERR_LIMIT, 0, "a document of more than %d bytes", DOCUMENT_MAX);
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    uLong bound = deflateBound(&z, (uLong)in.len);
    bool ok = sb_reserve(out, bound);
    if (ok) {
        z.next_in = (Bytef *)(uintptr_t)in.ptr;
        z.avail_in = (uInt)in.len;
        z.next_out = (Bytef *)out->ptr;
        z.avail_out = (uInt)bound;
        ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
        out->len = z.total_out;
    }
    deflateEnd(&z);
    return ok || err_set(e, ERR_NOMEM, 0, "out of memory");
}

static bool plain(struct str key)
{
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] < 0x21 || key.ptr[i] > 0x7E)
            return false;
    return key.len > 0 && key.len <= 255;
}

static struct curl_slist *headers_of(struct str key)
{
    static const char *const fixed[] = {
        "Content-Type: application/json", "Content-Encoding: gzip",
        "Expect:", /* no round trip before the body */
    };
    char text[320];
    struct curl_slist *list = NULL;
    snprintf(text, sizeof text, "Idempotency-Key: " STR_FMT, STR_ARG(key));
    for (size_t i = 0; i <= sizeof fixed / sizeof *fixed; i++) {
        bool last = i == sizeof fixed / sizeof *fixed;
        struct curl_slist *longer = curl_slist_append(list, last ? text : fixed[i]);
        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

bool fetch_post_json(struct fetch *f, struct str url, struct span json, struct str idempotency_key,
                     struct err *e)
{
    struct sb packed;
    if (!plain(idempotency_key))
        return err_set(e, ERR_USAGE, 0, "an idempotency key is 1 to 255 visible characters");
    sb_init(&packed, (size_t)2 * DOCUMENT_MAX);
    struct curl_slist *headers = headers_of(idempotency_key);
    bool ok = headers ? gzip(json, &packed, e) : err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok) {
        struct transfer t = {
            .fetch = f, .body = span_of(packed.ptr, packed.len), .headers = headers};
        ok = transfer_run(&t, url, e);
    }
    curl_slist_free_all(headers);
    sb_done(&packed);
    return ok;
}
