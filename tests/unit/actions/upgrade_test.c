/* Posting that a patch is due, and staging packages. */
#include "actions/upgrade.h"

#include <dirent.h>
#include <jansson.h>
#include <zlib.h>

#include "base/digest.h"
#include "http_server.h"
#include "trust_world.h"

struct bench {
    struct world w;
    struct http_server server;
    char stage[128];
};

static const struct fetch_limits quick = {
    .bytes = 1 << 20, .seconds = 20, .stall_seconds = 1, .tries = 3, .pause_ms = 10};

static bool begin(struct bench *b)
{
    memset(b, 0, sizeof *b);
    if (!http_start(&b->server, NULL, NULL))
        return false;
    world_begin(&b->w);
    CHECK(trust_open(b->w.h, &b->w.options, &b->w.t, NULL));
    snprintf(b->stage, sizeof b->stage, "%s/stage", b->server.folder);
    return true;
}

static void end(struct bench *b)
{
    http_stop(&b->server);
    world_end(&b->w);
}

static size_t files_in(const char *path)
{
    size_t n = 0;
    DIR *d = opendir(path);
    for (struct dirent *f; d && (f = readdir(d));)
        n += strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0;
    if (d)
        closedir(d);
    return n;
}

static struct str digest(struct span bytes)
{
    char *hex = arena_alloc(&pki_mem, SHA256_HEX);
    CHECK(sha256_hex(bytes, hex, NULL));
    return str_of(hex);
}

static struct upgrade_staging order(struct bench *b, const char *source, const char *package,
                                    struct span bytes)
{
    return (struct upgrade_staging){.source = str_of(source),
                                    .stage = str_of(b->stage),
                                    .package = str_of(package),
                                    .sha256 = digest(bytes),
                                    .trust = b->w.t,
                                    .limits = &quick};
}

static bool staged(struct bench *b, const char *package, struct span bytes)
{
    bool there = false;
    struct err e = {0};
    CHECK(upgrade_is_staged(str_of(b->stage), str_of(package), digest(bytes), &there, &e));
    return there;
}

static struct span filler(size_t len)
{
    uint8_t *p = arena_alloc(&pki_mem, len);
    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)(i * 7 + i / 253);
    return span_of(p, len);
}

TEST(packages_come_from_folders_and_servers)
{
    struct bench b;
    struct err e = {0};
    struct upgrade_staged got;
    static const char *const manners[] = {"ok", "cut", "flaky", "redirect/2"};
    if (!begin(&b))
        SKIP("no python3");
    struct span bytes = filler(300000);
    http_put(&b.server, "VSE88P16.Zip", bytes.ptr, bytes.len);
    CHECK(!staged(&b, "VSE88P16.Zip", bytes)); /* not even the folder is there */
    struct upgrade_staging s = order(&b, b.server.folder, "VSE88P16.Zip", bytes);
    CHECK(upgrade_stage(&s, &b.w.a, &got, &e) && !got.present && got.size == bytes.len);
    CHECK(strstr(got.signature.ptr, "not a PE file"));
    CHECK(staged(&b, "VSE88P16.Zip", bytes) && !staged(&b, "VSE88P16.Zip", filler(5)));
    CHECK(upgrade_stage(&s, &b.w.a, &got, &e) && got.present);
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++) {
        CHECK(remove(str_fmt(&b.w.a, "%s/VSE88P16.Zip", b.stage).ptr) == 0);
        s.source = str_fmt(&b.w.a, "%s/%s", b.server.base, manners[i]);
        CHECK(upgrade_stage(&s, &b.w.a, &got, &e) && staged(&b, "VSE88P16.Zip", bytes));
        if (e.kind)
            fprintf(stderr, "%s: %s\n", manners[i], e.text);
    }
    CHECK_U64(http_count(&b.server, "/cut/VSE88P16.Zip bytes=150000- 206"), 1);
    CHECK_U64(files_in(b.stage), 1);
    end(&b);
}

/* A wrong file that bears the name is replaced, and only by the right one. */
TEST(what_is_not_the_package_is_never_staged)
{
    struct bench b;
    struct upgrade_staged got;
    static const struct {
        const char *manner, *says;
    } cases[] = {
        {"corrupt", "its SHA-256 is "},           {"short", "its SHA-256 is "},
        {"always-cut", "cut off after "},         {"huge", "more than 1048576 bytes"},
        {"endless", "more than 1048576 bytes"},   {"stall", "no byte for 1 seconds"},
        {"broken", "the server answers 500"},     {"none", "the server answers 404"},
        {"loop", "redirected more than 3 times"},
    };
    if (!begin(&b))
        SKIP("no python3");
    struct span bytes = filler(300000);
    http_put(&b.server, "p.zip", bytes.ptr, bytes.len);
    struct upgrade_staging s = order(&b, "", "p.zip", bytes);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        s.source = str_fmt(&b.w.a, "%s/%s", b.server.base, cases[i].manner);
        CHECK(!upgrade_stage(&s, &b.w.a, &got, &e) && strstr(e.text, cases[i].says));
        CHECK(strncmp(e.text, "p.zip: ", 7) == 0 && !strchr(e.text, '\n'));
        CHECK_U64(files_in(b.stage), 0);
        if (!strstr(e.text, cases[i].says))
            fprintf(stderr, "%s: %s\n", cases[i].manner, e.text);
    }
    struct err e = {0};
    http_put(&b.server, "stage/p.zip", "another", 7);
    s.source = str_of("/nonexistent");
    CHECK(!upgrade_stage(&s, &b.w.a, &got, &e) && e.kind == ERR_NOT_FOUND);
    CHECK(!staged(&b, "p.zip", bytes) && staged(&b, "p.zip", span_of("another", 7)));
    e = (struct err){0};
    s.source = str_of(b.server.folder);
    CHECK(upgrade_stage(&s, &b.w.a, &got, &e) && staged(&b, "p.zip", bytes));
    end(&b);
}

TEST(images_need_a_signature_that_the_target_trusts)
{
    struct bench b;
    struct err e = {0};
    struct upgrade_staged got;
    if (!begin(&b))
        SKIP("no python3");
    struct pki_sign how = world_how(&b.w), by_stranger = {0};
    struct pki_cert stranger = pki_make((struct pki_spec){.cn = "Stranger", .usages = PKI_CODE});
    by_stranger.signer = &stranger;
    const struct span good = pki_signed_pe(1, &how);
    const struct span bad[] = {pki_pe(2), pki_signed_pe(3, &by_stranger)};
    static const char *const says[] = {"unsigned", "untrusted_root"};
    http_put(&b.server, "good.exe", good.ptr, good.len);
    struct upgrade_staging s = order(&b, b.server.folder, "good.exe", good);
    CHECK(upgrade_stage(&s, &b.w.a, &got, &e));
    CHECK_STR(got.signature, "trusted: signed by McAfee, Inc.");
    for (size_t i = 0; i < 2; i++) {
        e = (struct err){0};
        http_put(&b.server, "bad.exe", bad[i].ptr, bad[i].len);
        s = order(&b, b.server.folder, "bad.exe", bad[i]);
        CHECK(!upgrade_stage(&s, &b.w.a, &got, &e) && e.kind == ERR_DENIED);
        CHECK(strstr(e.text, "the target does not trust its signature") && strstr(e.text, says[i]));
    }
    e = (struct err){0};
    s.trust = NULL;
    CHECK(!upgrade_stage(&s, &b.w.a, &got, &e) && e.kind == ERR_UNSUPPORTED);
    CHECK_U64(files_in(b.stage), 1);
    end(&b);
}

TEST(names_and_digests)
{
    static const char *const bad[] = {"",      ".",   "..",   "../x", "a/b", "a\\b",
                                      ".hide", "C:x", "a\nb", "x*",   "/x",  "\x7F"};
    struct bench b;
    struct upgrade_staged got;
    bool there;
    if (!begin(&b))
        SKIP("no python3");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        struct upgrade_staging s = order(&b, b.server.folder, bad[i], filler(3));
        CHECK(!upgrade_stage(&s, &b.w.a, &got, &e) && e.kind == ERR_USAGE);
        CHECK(!upgrade_is_staged(s.stage, s.package, s.sha256, &there, NULL));
    }
    struct err e = {0};
    struct upgrade_staging s = order(&b, b.server.folder, "x", filler(3));
    s.sha256 = STR("abc");
    CHECK(!upgrade_stage(&s, &b.w.a, &got, &e) && strstr(e.text, "64 hexadecimal digits"));
    end(&b);
}

/* ---- posting -----------------------------------------------------------------------------------
 */

static void make_action(struct action *a, struct arena *mem, const char *product)
{
    static struct rule rule = {.qualified = {"kb71083.vse-fixed-patch", 23}};
    static const struct rule *rules[] = {&rule};
    *a = (struct action){.kind = ACTION_UPGRADE_FLAG, .rules = rules, .rule_count = 1};
    a->details = value_map(mem, 3);
    a->details.map.members[0] = (struct value_member){STR("product"), value_text(str_of(product))};
    a->details.map.members[1] = (struct value_member){STR("have"), value_null()};
    a->details.map.members[2] = (struct value_member){STR("to"), value_text(STR("8.8.0.1982"))};
}

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

static const char *text_of(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));
    return s ? s : "";
}

TEST(a_receiver_is_told_once_a_plan)
{
    struct bench b;
    struct err e = {0};
    struct action a, other;
    char key[65], again[65], text[4096];
    struct sb json;
    size_t len;
    struct plan p = {.digest = "d1", .target_id = "t1"};
    if (!begin(&b))
        SKIP("no python3");
    p.now.target.computer_name = STR("HOST\"1");
    make_action(&a, &b.w.a, "mcafee.vse");
    make_action(&other, &b.w.a, "mcafee.agent");
    sb_init(&json, 1 << 16);
    CHECK(upgrade_document(&p, &a, &json, key, &e));
    CHECK(upgrade_document(&p, &a, &json, again, &e) && strcmp(key, again) == 0);
    CHECK(upgrade_document(&p, &other, &json, again, &e) && strcmp(key, again) != 0);
    memcpy(p.digest, "d2", 3);
    CHECK(upgrade_document(&p, &a, &json, again, &e) && strcmp(key, again) != 0);
    memcpy(p.digest, "d1", 3);
    sb_done(&json);
    struct str url = str_fmt(&b.w.a, "%s/ok/upgrades", b.server.base);
    CHECK(upgrade_post(url, &p, &a, &e) && upgrade_post(url, &p, &a, &e));
    char *packed = http_get(&b.server, "posted.1", &len), *headers;
    unzip(packed, len, text, sizeof text);
    free(packed);
    json_t *d = json_loads(text, 0, NULL);
    CHECK(strcmp(text_of(d, "schema"), "rectify.upgrade/1") == 0);
    CHECK(strcmp(text_of(d, "product"), "mcafee.vse") == 0);
    CHECK(strcmp(text_of(d, "to"), "8.8.0.1982") == 0);
    CHECK(json_is_null(json_object_get(d, "have")));
    CHECK(strcmp(text_of(json_object_get(d, "target"), "computer_name"), "HOST\"1") == 0);
    CHECK(json_array_size(json_object_get(d, "rules")) == 1);
    json_decref(d);
    for (int i = 1; i <= 2; i++) {
        headers = http_get(&b.server, i == 1 ? "posted.1.json" : "posted.2.json", &len);
        json_t *h = json_loads(headers, 0, NULL);
        CHECK(strcmp(text_of(h, "idempotency-key"), key) == 0);
        json_decref(h);
        free(headers);
    }
    CHECK(!upgrade_post(str_fmt(&b.w.a, "%s/refused/x", b.server.base), &p, &a, &e));
    CHECK(strstr(e.text, "the server answers 400"));
    end(&b);
}

TEST_MAIN()
