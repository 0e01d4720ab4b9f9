/* Downloads and posts against a server that misbehaves in every way it can. */
#include "net/fetch.h"

#include <jansson.h>
#include <openssl/pem.h>
#include <zlib.h>

#include "http_server.h"
#include "pki.h"

enum { BODY = 200000 };

struct bench {
    struct http_server server;
    struct fetch *fetch;
    struct arena a;
    uint8_t *body;
};

static const struct fetch_limits quick = {
    .bytes = 1 << 20, .seconds = 20, .stall_seconds = 1, .tries = 3, .pause_ms = 10};

static bool begin(struct bench *b, const struct fetch_limits *limits)
{
    struct err e = {0};
    memset(b, 0, sizeof *b);
    arena_init(&b->a, ARENA_DEFAULT_CAP);
    b->body = arena_alloc(&b->a, BODY);
    for (size_t i = 0; i < BODY; i++)
        b->body[i] = (uint8_t)(i * 31 + i / 251);
    if (!http_start(&b->server, NULL, NULL))
        return false;
    http_put(&b->server, "f", b->body, BODY);
    CHECK(fetch_open(limits ? limits : &quick, &b->fetch, &e));
    return true;
}

static void end(struct bench *b)
{
    fetch_close(b->fetch);
    http_stop(&b->server);
    arena_done(&b->a);
}

static struct str url_of(struct bench *b, const char *path)
{
    return str_fmt(&b->a, "%s/%s", b->server.base, path);
}

/* The whole file, and nothing but it. */
static void comes(struct bench *b, const char *path)
{
    struct span got = {NULL, 0};
    struct err e = {0};
    bool ok = fetch_bytes(b->fetch, url_of(b, path), 0, &b->a, &got, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, e.text);
    CHECK(ok && span_eq(got, span_of(b->body, BODY)));
}

static void refused(struct bench *b, const char *path, enum err_kind kind, const char *says)
{
    struct span got = {NULL, 0};
    struct err e = {0};
    CHECK(!fetch_bytes(b->fetch, url_of(b, path), 0, &b->a, &got, &e));
    CHECK(e.kind == kind && strstr(e.text, says) && !strchr(e.text, '\n') && !got.ptr);
    if (e.kind != kind || !strstr(e.text, says))
        fprintf(stderr, "%s: %s: %s, want %s\n", path, err_kind_name(e.kind), e.text, says);
}

#define BEGIN(b, limits)                                                                           \
    struct bench b;                                                                                \
    if (!begin(&b, limits))                                                                        \
    SKIP("no python3")

TEST(whole_files_and_resumed_ones)
{
    BEGIN(b, NULL);
    comes(&b, "ok/f");
    comes(&b, "cut/f");
    CHECK_U64(http_count(&b.server, "/cut/f bytes=100000- 206"), 1);
    comes(&b, "flaky/f");
    CHECK_U64(http_count(&b.server, "/flaky/f"), 2);
    comes(&b, "redirect/3/f");
    end(&b);
}

/* A part of another file is never put behind the first half. */
TEST(another_file_is_not_resumed)
{
    BEGIN(b, NULL);
    comes(&b, "changed/f");
    CHECK_U64(http_count(&b.server, "/changed/f bytes=100000- 200"), 1);
    comes(&b, "other-part/f");
    CHECK_U64(http_count(&b.server, "/other-part/f - 200"), 2);
    end(&b);
}

TEST(what_is_given_up)
{
    BEGIN(b, NULL);
    refused(&b, "no/f", ERR_NOT_FOUND, "the server answers 404");
    CHECK_U64(http_count(&b.server, "/no/f"), 1);
    refused(&b, "broken/f", ERR_IO, "the server answers 500 (tried 3 times)");
    CHECK_U64(http_count(&b.server, "/broken/f"), 3);
    refused(&b, "always-cut/f", ERR_IO, "cut off after ");
    refused(&b, "huge/f", ERR_LIMIT, "more than 1048576 bytes");
    CHECK_U64(http_count(&b.server, "/huge/f"), 1);
    refused(&b, "endless/f", ERR_LIMIT, "more than 1048576 bytes");
    refused(&b, "stall/f", ERR_IO, "no byte for 1 seconds");
    /* An hour is longer than the whole may take: not worth waiting. */
    refused(&b, "later/f", ERR_IO, "the server answers 503");
    CHECK_U64(http_count(&b.server, "/later/f"), 1);
    end(&b);
}

TEST(redirects)
{
    BEGIN(b, NULL);
    refused(&b, "redirect/4/f", ERR_LIMIT, "redirected more than 3 times");
    refused(&b, "loop/f", ERR_LIMIT, "redirected more than 3 times");
    refused(&b, "to-file/f", ERR_USAGE, "redirected: only http:// and https://");
    refused(&b, "to-user/f", ERR_USAGE, "redirected: a URL with a user name");
    end(&b);
}

TEST(only_plain_urls)
{
    BEGIN(b, NULL);
    static const char *const bad[] = {"",         "file:///etc/passwd", "ftp://127.0.0.1/f",
                                      "http://",  "/etc/passwd",        "http://me@127.0.0.1/f",
                                      "gopher:x", "http://a b/",        "scp://127.0.0.1/f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct span got;
        struct err e = {0};
        CHECK(!fetch_bytes(b.fetch, str_of(bad[i]), 0, &b.a, &got, &e) && e.kind == ERR_USAGE);
    }
    CHECK(fetch_is_url(STR("HTTP://x")) && fetch_is_url(STR("https://x")));
    CHECK(!fetch_is_url(STR("http:/x")) && !fetch_is_url(STR("C:\\x")) && !fetch_is_url(STR("")));
    CHECK_STR(fetch_below(STR("http://x/y"), STR("z"), &b.a), "http://x/y/z");
    CHECK_STR(fetch_below(STR("http://x/y/"), STR("z"), &b.a), "http://x/y/z");
    end(&b);
}

TEST(the_whole_takes_too_long)
{
    struct fetch_limits limits = quick;
    limits.seconds = 2;
    limits.tries = 9;
    BEGIN(b, &limits);
    uint64_t before = wtime_now();
    refused(&b, "trickle/f", ERR_IO, "took longer than 2 seconds");
    CHECK(wtime_now() - before < 4 * WTIME_SECOND);
    end(&b);
}

static bool stop_soon(void *context)
{
    uint64_t *since = context;
    return wtime_now() > *since + WTIME_SECOND / 2;
}

TEST(whoever_waits_may_stop)
{
    uint64_t since = wtime_now();
    struct fetch_limits limits = quick;
    limits.stop = stop_soon;
    limits.stop_context = &since;
    BEGIN(b, &limits);
    since = wtime_now();
    refused(&b, "trickle/f", ERR_IO, "given up");
    CHECK(wtime_now() - since < 4 * WTIME_SECOND);
    end(&b);
}

/* ---- proxies -----------------------------------------------------------------------------------
 */

TEST(a_proxy_is_taken)
{
    BEGIN(b, NULL);
    struct span got;
    struct err e = {0};
    CHECK(set_variable("http_proxy", b.server.base) && pretend_elevated(false));
    CHECK(fetch_bytes(b.fetch, STR("http://mirror.example.invalid/x/f"), 0, &b.a, &got, &e));
    CHECK_U64(http_count(&b.server, "GET http://mirror.example.invalid/x/f"), 1);
    CHECK(set_variable("http_proxy", NULL));
    end(&b);
}

TEST(no_proxy_is_taken_when_elevated)
{
    BEGIN(b, NULL);
    struct span got;
    struct err e = {0};
    struct fetch *again = NULL;
    struct fetch_limits once = quick;
    if (!pretend_elevated(true)) {
        end(&b);
        SKIP("not elevated");
    }
    once.tries = 1;
    CHECK(set_variable("http_proxy", b.server.base));
    CHECK(fetch_open(&once, &again, &e));
    CHECK(getenv("http_proxy") == NULL);
    CHECK(set_variable("http_proxy", b.server.base)); /* and even if it came back */
    CHECK(!fetch_bytes(again, STR("http://127.0.0.1:1/x/f"), 0, &b.a, &got, &e));
    CHECK_U64(http_count(&b.server, "GET http"), 0);
    CHECK(set_variable("http_proxy", NULL));
    (void)pretend_elevated(false); /* as it was, where it was otherwise */
    fetch_close(again);
    end(&b);
}

/* ---- https -------------------------------------------------------------------------------------
 */

static void write_pem(const char *path, const struct pki_cert *c, bool key)
{
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    if (f && key)
        CHECK(PEM_write_PrivateKey(f, c->key, NULL, NULL, 0, NULL, NULL) == 1);
    else if (f)
        CHECK(PEM_write_X509(f, c->x) == 1);
    if (f)
        fclose(f);
}

struct tls {
    struct http_server server;
    struct arena a;
    struct fetch *fetch;
    struct str base;
    char folder[32], certificate[64], key[64];
};

/* By name: Windows' TLS compares no addresses.  `vouched`: the server's certificate is a CA's. */
static bool tls_begin(struct tls *t, bool vouched)
{
    struct err e = {0};
    struct fetch_limits limits = quick;
    *t = (struct tls){.folder = "/tmp/rectify-tls-XXXXXX"};
    CHECK(temp_folder(t->folder));
    snprintf(t->certificate, sizeof t->certificate, "%s/crt", t->folder);
    snprintf(t->key, sizeof t->key, "%s/key", t->folder);
    pki_begin();
    arena_init(&t->a, ARENA_DEFAULT_CAP);
    struct pki_cert c = pki_make((struct pki_spec){.cn = "localhost",
                                                   .ca = true,
                                                   .to = "2049-01-01",
                                                   .extra = "subjectAltName=DNS:localhost"});
    write_pem(t->certificate, &c, false);
    write_pem(t->key, &c, true);
    if (!http_start(&t->server, t->certificate, t->key))
        return false;
    http_put(&t->server, "f", "secret", 6);
    limits.tries = 1;
    limits.ca_file = vouched ? t->certificate : NULL;
    CHECK(fetch_open(&limits, &t->fetch, &e));
    t->base = str_fmt(&t->a, "https://localhost%s", strrchr(t->server.base, ':'));
    return true;
}

static void tls_end(struct tls *t)
{
    fetch_close(t->fetch);
    http_stop(&t->server);
    arena_done(&t->a);
    pki_done();
    CHECK(remove_all(t->folder));
}

static bool tls_fetch(struct tls *t, const char *path, struct err *e)
{
    struct span got = {NULL, 0};
    struct str url = str_fmt(&t->a, "%s/%s", t->base.ptr, path);
    return fetch_bytes(t->fetch, url, 0, &t->a, &got, e) && got.len == 6;
}

TEST(https_is_never_left_for_http)
{
    struct tls t;
    struct err e = {0};
    if (!tls_begin(&t, true))
        SKIP("no python3");
    CHECK(tls_fetch(&t, "ok/f", &e));
    CHECK(!tls_fetch(&t, "to-http/f", &e));
    CHECK(e.kind == ERR_DENIED && strstr(e.text, "redirected from https to something else"));
    tls_end(&t);
}

TEST(a_server_that_nobody_vouches_for_is_refused)
{
    struct tls t;
    struct err e = {0};
    if (!tls_begin(&t, false))
        SKIP("no python3");
    CHECK(!tls_fetch(&t, "ok/f", &e) && e.text[0]);
    tls_end(&t);
}

/* ---- posts -------------------------------------------------------------------------------------
 */

static void unzip(const char *packed, size_t len, char *out, size_t size)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed,
                  .avail_in = (uInt)len,
                  .next_out = (Bytef *)out,
                  .avail_out = (uInt)size - 1};
    CHECK(inflateInit2(&z, 15 + 16) == Z_OK && inflate(&z, Z_FINISH) == Z_STREAM_END);
    out[z.total_out] = 0;
    inflateEnd(&z);
}

TEST(a_document_is_posted_once)
{
    BEGIN(b, NULL);
    static const char document[] = "{\"schema\":\"x/1\",\"a\":1}";
    char text[128] = "";
    struct err e = {0};
    size_t len;
    struct span json = span_of(document, strlen(document));
    CHECK(fetch_post_json(b.fetch, url_of(&b, "flaky/post"), json, STR("key-1"), &e));
    CHECK_U64(http_count(&b.server, "POST /flaky/post"), 2);
    char *packed = http_get(&b.server, "posted.1", &len);
    unzip(packed, len, text, sizeof text);
    CHECK(strcmp(text, document) == 0);
    free(packed);
    char *headers = http_get(&b.server, "posted.1.json", &len);
    json_t *h = json_loads(headers, 0, NULL);
    CHECK(strcmp(json_string_value(json_object_get(h, "idempotency-key")), "key-1") == 0);
    CHECK(strcmp(json_string_value(json_object_get(h, "content-encoding")), "gzip") == 0);
    CHECK(strcmp(json_string_value(json_object_get(h, "content-type")), "application/json") == 0);
    json_decref(h);
    free(headers);
    CHECK(!fetch_post_json(b.fetch, url_of(&b, "moved/post"), json, STR("k"), &e));
    CHECK(strstr(e.text, "the server answers 302"));
    e = (struct err){0};
    CHECK(!fetch_post_json(b.fetch, url_of(&b, "refused/post"), json, STR("k"), &e));
    CHECK(strstr(e.text, "the server answers 400"));
    CHECK_U64(http_count(&b.server, "POST /refused/post"), 1);
    CHECK(!fetch_post_json(b.fetch, url_of(&b, "ok/post"), json, STR("a\r\nX: y"), &e));
    CHECK(!fetch_post_json(b.fetch, url_of(&b, "ok/post"), json, STR(""), &e));
    end(&b);
}

TEST_MAIN()
