/* Lists and roots from a web server that misbehaves, and folders filled from it. */
#include "roots_bench.h"

#include <dirent.h>

/* ---- a web server ------------------------------------------------------------------------------
 */

struct web {
    struct bench b;
    struct http_server server;
};

/* authrootstl.cab, disallowedcertstl.cab and the root's certificate. */
static bool web_begin(struct web *w)
{
    char name[64];
    begin(&w->b);
    if (!http_start(&w->server, NULL, NULL)) {
        end(&w->b);
        return false;
    }
    struct span list = cab(roots_list(&w->b, 0x1401, "2016-01-01", entry(&w->b.w.root, nothing)));
    struct span bad = cab(disallowed_list(&w->b, 0x1401, &w->b.withdrawn));
    struct span der = pki_der(w->b.w.root.x);
    http_put(&w->server, "authrootstl.cab", list.ptr, list.len);
    http_put(&w->server, "disallowedcertstl.cab", bad.ptr, bad.len);
    snprintf(name, sizeof name, "%s.crt", thumb(&w->b.w.root).ptr);
    http_put(&w->server, name, der.ptr, der.len);
    return true;
}

static void web_end(struct web *w)
{
    http_stop(&w->server);
    end(&w->b);
}

static bool web_refresh(struct web *w, const char *manner, struct action *out, struct err *e)
{
    struct str url = str_fmt(&w->b.w.a, "%s/%s", w->server.base, manner);
    return refresh(&w->b, url.ptr, &w->b.w.root, out, e);
}

static void web_put_list(struct web *w, struct span list)
{
    struct span packed = cab(list);
    http_put(&w->server, "authrootstl.cab", packed.ptr, packed.len);
}

TEST(a_mirror_brings_the_same)
{
    struct web w;
    struct action a;
    struct err e = {0};
    static const char *const manners[] = {"ok", "cut", "flaky", "changed", "redirect/3"};
    if (!web_begin(&w))
        SKIP("no python3");
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++) {
        CHECK(web_refresh(&w, manners[i], &a, &e) && a.change_count == 5);
        CHECK(listed(&a, "added") == 1);
        if (e.kind)
            fprintf(stderr, "%s: %s\n", manners[i], e.text);
    }
    CHECK_U64(http_count(&w.server, "/cut/authrootstl.cab bytes="), 1);
    CHECK_U64(http_count(&w.server, " 404"), 0);
    /* Only what is needed, and each once a source. */
    struct roots_source *s = NULL;
    struct str sha1 = thumb(&w.b.w.root);
    CHECK(open_source(&w.b, str_fmt(&w.b.w.a, "%s/ok", w.server.base).ptr, &s, &e));
    unsigned fetched = http_count(&w.server, ".crt");
    for (int i = 0; i < 2; i++)
        CHECK(
            roots_refresh(s, w.b.w.t, w.b.w.h, &sha1, 1, pki_day("2016-06-01"), &w.b.w.a, &a, &e) &&
            listed(&a, "added") == 1);
    CHECK_U64(http_count(&w.server, ".crt"), fetched + 1);
    roots_source_close(s);
    unsigned before = http_count(&w.server, ".crt");
    CHECK(refresh(&w.b, str_fmt(&w.b.w.a, "%s/ok", w.server.base).ptr, NULL, &a, &e));
    CHECK_U64(http_count(&w.server, ".crt"), before);
    /* A mirror without the second list is one, and says so. */
    char path[128];
    snprintf(path, sizeof path, "%s/disallowedcertstl.cab", w.server.folder);
    CHECK(remove(path) == 0);
    CHECK(web_refresh(&w, "ok", &a, &e) && a.change_count == 3);
    CHECK(strstr(a.note.ptr, "no list of disallowed certificates"));
    CHECK(!web_refresh(&w, "broken", &a, &e));
    web_end(&w);
}

TEST(what_a_mirror_must_not_do)
{
    static const struct {
        const char *manner, *says;
    } cases[] = {
        {"corrupt", "authrootstl.cab does not count: "},
        {"short", "authrootstl.cab does not count: "},
        {"always-cut", "authrootstl.cab: cut off after "},
        {"huge", "authrootstl.cab: more than 8388608 bytes"},
        {"endless", "authrootstl.cab: more than 8388608 bytes"},
        {"stall", "authrootstl.cab: no byte for 1 seconds"},
        {"redirect/4", "authrootstl.cab: redirected more than 3 times"},
        {"to-file", "redirected: only http:// and https://"},
        {"broken", "authrootstl.cab: the server answers 500"},
        {"nothing", "authrootstl.cab: the server answers 404"},
    };
    struct web w;
    if (!web_begin(&w))
        SKIP("no python3");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct action a;
        struct err e = {0};
        CHECK(!web_refresh(&w, cases[i].manner, &a, &e) && a.change_count == 0);
        CHECK(strstr(e.text, cases[i].says) && !strchr(e.text, '\n'));
        if (!strstr(e.text, cases[i].says))
            fprintf(stderr, "%s: %s\n", cases[i].manner, e.text);
    }
    web_end(&w);
}

TEST(lists_of_a_mirror_that_do_not_count)
{
    struct web w;
    struct action a;
    if (!web_begin(&w))
        SKIP("no python3");
    struct span entries = entry(&w.b.w.root, nothing);
    struct err e = {0};
    CHECK(web_refresh(&w, "ok", &a, &e));
    apply(&w.b, &a);
    /* Older. */
    web_put_list(&w, roots_list(&w.b, 0x1400, "2015-12-01", entries));
    CHECK(!web_refresh(&w, "ok", &a, &e) && strstr(e.text, "is older than the host's"));
    CHECK(a.change_count == 0);
    /* Signed by somebody, by nobody who may, for something else. */
    const struct pki_sign by = {.signer = &w.b.w.leaf}, other = {.signer = &w.b.disallowed_signer};
    const struct {
        struct span list;
        const char *says;
    } cases[] = {
        {pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-02-01", 0x1500, entries, &by),
         "its signer may not sign lists"},
        {pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-02-01", 0x1500, entries, &other),
         "its signer may not sign lists"},
        {disallowed_list(&w.b, 0x1500, &w.b.withdrawn), "a list for another usage"},
        {pki_der(w.b.w.root.x), "does not count"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        e = (struct err){0};
        web_put_list(&w, cases[i].list);
        CHECK(!web_refresh(&w, "ok", &a, &e) && strstr(e.text, cases[i].says));
        CHECK(a.change_count == 0);
        if (!strstr(e.text, cases[i].says))
            fprintf(stderr, "%zu: %s\n", i, e.text);
    }
    web_end(&w);
}

TEST(a_wrong_certificate_ends_it)
{
    struct web w;
    struct action a;
    struct err e = {0};
    char name[64];
    if (!web_begin(&w))
        SKIP("no python3");
    struct span wrong = pki_der(w.b.other.x);
    snprintf(name, sizeof name, "%s.crt", thumb(&w.b.w.root).ptr);
    http_put(&w.server, name, wrong.ptr, wrong.len);
    CHECK(!web_refresh(&w, "ok", &a, &e) && a.change_count == 0);
    CHECK(strstr(e.text, "is not the certificate that the list names"));
    web_end(&w);
}

TEST(windows_update_through_a_proxy)
{
    struct web w;
    struct action a;
    struct err e = {0};
    if (!web_begin(&w))
        SKIP("no python3");
    /* Nothing leaves this machine: the proxy is the test's own server. */
    CHECK(set_variable("http_proxy", w.server.base) && set_variable("no_proxy", NULL));
    CHECK(pretend_elevated(false));
    CHECK(refresh(&w.b, "windows-update", NULL, &a, &e));
    CHECK(http_count(&w.server, "GET http://ctldl.windowsupdate.com/msdownload/update/v3/static/"
                                "trustedr/en/authrootstl.cab - 200") == 1);
    CHECK(set_variable("http_proxy", NULL));
    web_end(&w);
}

/* ---- mirroring ---------------------------------------------------------------------------------
 */

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

static bool mirror(struct web *w, const char *manner, const char *to, struct roots_mirror *m,
                   struct err *e)
{
    struct roots_source *s = NULL;
    struct str url = str_fmt(&w->b.w.a, "%s/%s", w->server.base, manner);
    bool ok =
        open_source(&w->b, url.ptr, &s, e) && roots_mirror(s, to, NULL, NULL, &w->b.w.a, m, e);
    roots_source_close(s);
    return ok;
}

TEST(a_folder_is_filled_and_filled_again)
{
    struct web w;
    struct roots_mirror m;
    struct action a;
    struct err e = {0};
    char to[128], spoiled[256];
    if (!web_begin(&w))
        SKIP("no python3");
    snprintf(to, sizeof to, "%s/mirror", w.b.folder);
    CHECK(mirror(&w, "ok", to, &m, &e));
    CHECK(m.fetched == 1 && m.present == 0 && m.missing_count == 0);
    CHECK_STR(m.roots, "2016-01-01, sequence 1401");
    CHECK_U64(files_in(to), 3);
    CHECK(mirror(&w, "ok", to, &m, &e) && m.fetched == 0 && m.present == 1);
    /* What a broken disk or a curious person left is fetched again. */
    snprintf(spoiled, sizeof spoiled, "%s/%s.crt", to, thumb(&w.b.w.root).ptr);
    CHECK(cut_file(spoiled, 10));
    CHECK(mirror(&w, "ok", to, &m, &e) && m.fetched == 1 && m.present == 0);
    CHECK(refresh(&w.b, to, &w.b.w.root, &a, &e) && a.change_count == 5);
    /* An older list does not go over a newer one; nothing is written. */
    web_put_list(&w, roots_list(&w.b, 0x1400, "2015-12-01", entry(&w.b.other, nothing)));
    CHECK(!mirror(&w, "ok", to, &m, &e) && strstr(e.text, "the folder holds a newer list"));
    CHECK_U64(files_in(to), 3);
    /* A list names what the server has not. */
    e = (struct err){0};
    web_put_list(&w, roots_list(&w.b, 0x1402, "2016-02-01",
                                pki_join(entry(&w.b.w.root, nothing), entry(&w.b.other, nothing))));
    CHECK(mirror(&w, "ok", to, &m, &e) && m.missing_count == 1 && m.present == 1);
    web_end(&w);
}

TEST_MAIN()
