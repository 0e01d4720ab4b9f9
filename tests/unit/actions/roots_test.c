/* Lists and roots from folders and mirrors, and what they change on a host. */
#include "actions/roots.h"

#include <dirent.h>

#include "actions/cert_blob.h"
#include "cab.h"
#include "http_server.h"
#include "trust_world.h"

#define AUTHROOT "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\Certificates\\"

/* A world, and a folder that serves as source and as what the server serves. */
struct bench {
    struct world w;
    struct pki_cert other, withdrawn, disallowed_signer;
    char folder[64];
};

static void begin(struct bench *b)
{
    memset(b, 0, sizeof *b);
    world_begin_bare(&b->w);
    b->other = pki_make((struct pki_spec){.cn = "Other Root", .ca = true});
    b->withdrawn = pki_make((struct pki_spec){.cn = "Withdrawn Root", .ca = true});
    b->disallowed_signer = pki_make(
        (struct pki_spec){.cn = "D", .issuer = &b->w.list_root, .usages = PKI_DISALLOWED_LIST});
    snprintf(b->folder, sizeof b->folder, "/tmp/rectify-roots-XXXXXX");
    CHECK(mkdtemp(b->folder) != NULL);
}

static void end(struct bench *b)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", b->folder);
    CHECK(system(command) == 0);
    world_end(&b->w);
}

static void put(const struct bench *b, const char *name, struct span bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len);
    if (f)
        fclose(f);
}

static void drop(const struct bench *b, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    CHECK(unlink(path) == 0);
}

static struct span cab(struct span list)
{
    struct sb b;
    sb_init(&b, 1 << 24);
    cab_write(&b, "authroot.stl", list);
    struct span s = span_of(arena_copy(&pki_mem, b.ptr, b.len), b.len);
    sb_done(&b);
    return s;
}

static struct span filetime(const char *day)
{
    uint8_t *p = arena_alloc(&pki_mem, 8);
    for (size_t i = 0; i < 8; i++)
        p[i] = (uint8_t)(pki_day(day) >> 8 * i);
    return span_of(p, 8);
}

static struct span entry(const struct pki_cert *root, struct span more)
{
    struct span sha256 = pki_sha("sha256", pki_der(root->x));
    struct span name = span_of("N\0a\0m\0e\0\0", 10);
    return pki_root_entry(
        root, pki_join(pki_property(11, name), pki_join(pki_property(98, sha256), more)));
}

static struct span roots_list(const struct bench *b, unsigned number, const char *day,
                              struct span entries)
{
    const struct pki_sign how = {.signer = &b->w.list_signer};
    return pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", day, number, entries, &how);
}

static struct span disallowed_list(const struct bench *b, unsigned number,
                                   const struct pki_cert *bad)
{
    const struct pki_sign how = {.signer = &b->disallowed_signer};
    struct span id = pki_sha("sha1", pki_der(bad->x));
    return pki_list_at(PKI_DISALLOWED_LIST, "1.3.6.1.4.1.311.10.11.15", "2016-01-01", number,
                       pki_entry(id, span_of(NULL, 0)), &how);
}

static const struct span nothing = {NULL, 0};

/* Both lists, and the certificates of the world's root and another one, under odd names. */
static void fill(const struct bench *b, unsigned number, const char *day)
{
    struct span entries = pki_join(entry(&b->w.root, nothing), entry(&b->other, nothing));
    put(b, "anything.bin", roots_list(b, number, day, entries));
    put(b, "disallowedcertstl.cab", cab(disallowed_list(b, number, &b->withdrawn)));
    put(b, "one", pki_der(b->w.root.x));
    put(b, "two.cer", pki_der(b->other.x));
}

static bool open_source(const struct bench *b, const char *from, struct roots_source **s,
                        struct err *e)
{
    static const struct fetch_limits limits = {
        .seconds = 20, .stall_seconds = 1, .tries = 2, .pause_ms = 10};
    const struct roots_options o = {.source = str_of(from),
                                    .list_roots = b->w.list_roots,
                                    .list_root_count = 1,
                                    .limits = &limits};
    return roots_source_open(&o, s, e);
}

static struct str thumb(const struct pki_cert *c)
{
    char *text = arena_alloc(&pki_mem, 41);
    struct span sha1 = pki_sha("sha1", pki_der(c->x));
    for (size_t i = 0; i < 20; i++)
        snprintf(text + 2 * i, 3, "%02x", sha1.ptr[i]);
    return str_of(text);
}

/* What a refresh changes; false with `e` when it cannot be. */
static bool refresh(struct bench *b, const char *from, const struct pki_cert *needed,
                    struct action *out, struct err *e)
{
    struct roots_source *s = NULL;
    struct str sha1 = needed ? thumb(needed) : (struct str){NULL, 0};
    memset(out, 0, sizeof *out);
    trust_close(b->w.t);
    b->w.t = NULL;
    CHECK(trust_open(b->w.h, &b->w.options, &b->w.t, NULL));
    bool ok = open_source(b, from, &s, e) && roots_refresh(s, b->w.t, b->w.h, &sha1, needed != NULL,
                                                           pki_day("2016-06-01"), &b->w.a, out, e);
    roots_source_close(s);
    return ok;
}

static const struct change *change_of(const struct action *a, const char *name)
{
    for (size_t i = 0; i < a->change_count; i++)
        if (str_eq(a->changes[i].name, str_of(name)))
            return &a->changes[i];
    return NULL;
}

/* As applying would; a value that goes is set to what no parser takes. */
static void apply(struct bench *b, const struct action *a)
{
    for (size_t i = 0; i < a->change_count; i++) {
        const struct change *c = &a->changes[i];
        CHECK(c->after.present);
        memory_set_value(b->w.h, c->key.ptr, c->name.ptr, c->after.type, c->after.data);
    }
}

static size_t listed(const struct action *a, const char *name)
{
    const struct value *v = value_get(&a->details, name);
    CHECK(v && v->kind == VALUE_LIST);
    return v ? v->list.count : 0;
}

static bool sequence_is(const struct action *a, const char *list, const char *want)
{
    const struct value *v = value_get(&a->details, list);
    const struct value *number = v ? value_get(v, "sequence") : NULL;
    return number && str_eq(number->text, str_of(want));
}

/* ---- a bare host -------------------------------------------------------------------------------
 */

TEST(a_folder_brings_lists_and_the_needed_root)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    struct pki_sign how = world_how(&b.w);
    struct span file = pki_signed_pe(1, &how);
    CHECK_WORD(world_judge(&b.w, file), TRUST_UNTRUSTED_ROOT);
    CHECK(refresh(&b, b.folder, &b.w.root, &a, &e));
    CHECK(a.kind == ACTION_ROOTS_REFRESH && a.change_count == 5);
    CHECK(listed(&a, "added") == 1 && listed(&a, "missing") == 0 && listed(&a, "removed") == 0);
    CHECK(sequence_is(&a, "roots", "1401") && sequence_is(&a, "disallowed", "1401"));
    const struct change *c = change_of(&a, "LastSyncTime");
    CHECK(c && c->after.type == 3 && span_eq(c->after.data, filetime("2016-06-01")));
    c = change_of(&a, "Blob");
    CHECK(c && c->new_keys >= 1 && !c->before.present && !c->drop_key);
    struct cert_element element;
    struct span s;
    CHECK(c && certstore_blob(c->after.data, &b.w.a, &element, &e));
    CHECK(span_eq(element.certificate, pki_der(b.w.root.x)));
    CHECK(cert_element_property(&element, PROP_SHA1, &s) && s.len == 20);
    CHECK(cert_element_property(&element, PROP_MD5, &s) && s.len == 16);
    CHECK(cert_element_property(&element, PROP_SIGNATURE_HASH, &s) && s.len == 32);
    CHECK(cert_element_property(&element, PROP_KEY_IDENTIFIER, &s) && s.len == 20);
    CHECK(cert_element_property(&element, PROP_FRIENDLY_NAME, &s) && s.len == 10);
    CHECK(cert_element_property(&element, PROP_SHA256_AUTHROOT, &s) && s.len == 32);
    apply(&b, &a);
    CHECK_WORD(world_judge(&b.w, file), TRUST_TRUSTED);
    CHECK(trust_state(b.w.t)->authroot.state == FACT_FOUND);
    CHECK(trust_state(b.w.t)->disallowed.state == FACT_FOUND);
    /* The same again changes nothing. */
    CHECK(refresh(&b, b.folder, &b.w.root, &a, &e) && a.change_count == 0);
    end(&b);
}

TEST(what_the_source_lacks_is_said)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    drop(&b, "one");
    drop(&b, "disallowedcertstl.cab");
    CHECK(refresh(&b, b.folder, &b.w.root, &a, &e));
    CHECK(listed(&a, "missing") == 1 && listed(&a, "added") == 0 && a.change_count == 2);
    CHECK(strstr(a.note.ptr, "cannot be added") && strstr(a.note.ptr, "no list of disallowed"));
    /* A certificate of that name with other bytes is as good as none. */
    CHECK(refresh(&b, b.folder, &b.withdrawn, &a, &e));
    CHECK(listed(&a, "missing") == 1);
    CHECK(strstr(a.note.ptr, "does not name it"));
    end(&b);
}

TEST(the_newest_list_that_verifies_counts)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    struct span entries = entry(&b.w.root, nothing);
    put(&b, "a.stl", roots_list(&b, 0x1405, "2016-03-01", entries));
    put(&b, "z.cab", cab(roots_list(&b, 0x1403, "2016-02-01", entries)));
    struct pki_cert forger = pki_make((struct pki_spec){.cn = "F", .usages = PKI_ROOT_LIST});
    const struct pki_sign forged = {.signer = &forger};
    put(&b, "forged.stl",
        pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-05-01", 0x7000, entries, &forged));
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    CHECK(sequence_is(&a, "roots", "1405"));
    CHECK(strstr(a.note.ptr, "forged.stl does not count"));
    /* Lists for something else are nobody's business. */
    drop(&b, "forged.stl");
    const struct pki_sign by = {.signer = &b.w.list_signer};
    put(&b, "pinrulesstl.cab",
        cab(pki_list(PKI_CODE, "1.3.14.3.2.26", "2016-01-01", entries, &by)));
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    CHECK_STR(a.note, "");
    end(&b);
}

TEST(folders_without_a_list)
{
    struct bench b;
    struct action a;
    begin(&b);
    struct err e = {0};
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && strstr(e.text, "no list of roots"));
    put(&b, "authroot.stl", span_of("nothing of the kind", 19));
    e = (struct err){0};
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && strstr(e.text, "authroot.stl does not count"));
    e = (struct err){0};
    CHECK(!refresh(&b, "/nonexistent/folder", NULL, &a, &e) && e.kind == ERR_NOT_FOUND);
    e = (struct err){0};
    CHECK(!refresh(&b, "", NULL, &a, &e) && e.kind == ERR_USAGE);
    end(&b);
}

/* ---- a host with lists -------------------------------------------------------------------------
 */

TEST(older_lists_are_refused_and_the_same_changes_nothing)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1410, "2016-03-01");
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    apply(&b, &a);
    put(&b, "anything.bin", roots_list(&b, 0x140F, "2016-04-01", entry(&b.w.root, nothing)));
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && e.kind == ERR_DENIED);
    CHECK(strstr(e.text, "older than the host's (2016-03-01, sequence 1410)"));
    CHECK(a.change_count == 0);
    /* An older list of the disallowed spoils it just as well. */
    e = (struct err){0};
    fill(&b, 0x1411, "2016-04-01");
    put(&b, "disallowedcertstl.cab", cab(disallowed_list(&b, 0x1409, &b.withdrawn)));
    CHECK(!refresh(&b, b.folder, NULL, &a, &e));
    CHECK(strstr(e.text, "list of disallowed certificates") && strstr(e.text, "older"));
    /* The same list, long not synchronised: only the times. */
    e = (struct err){0};
    fill(&b, 0x1410, "2016-03-01");
    memory_set_value(b.w.h, WORLD_UPDATE, "LastSyncTime", 3, filetime("2014-01-01"));
    CHECK(refresh(&b, b.folder, NULL, &a, &e) && a.change_count == 1);
    CHECK(change_of(&a, "LastSyncTime") != NULL);
    end(&b);
}

TEST(a_forged_list_of_the_host_is_replaced)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    const struct pki_sign by = {.signer = &b.w.leaf};
    memory_set_value(b.w.h, WORLD_UPDATE, "EncodedCtl", 3,
                     pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-05-01", 0x7FFF,
                                 entry(&b.other, nothing), &by));
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    const struct change *c = change_of(&a, "EncodedCtl");
    CHECK(c && c->before.present && c->new_keys == 0);
    end(&b);
}

TEST(roots_follow_their_list)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    struct span blob;
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    const struct pki_cert *const held[] = {&b.w.root, &b.other, &b.withdrawn};
    for (size_t i = 0; i < 3; i++) {
        CHECK(cert_blob_make(pki_der(held[i]->x), NULL, &b.w.a, &blob, &e));
        pki_store_blob(b.w.h, NULL, "AuthRoot", held[i], blob);
    }
    memory_set_value(b.w.h, AUTHROOT "0123456789012345678901234567890123456789", "Blob", 3,
                     span_of("damaged", 7));
    /* The world's root is disabled, the other one as it is, the third named no more. */
    struct span entries = pki_join(entry(&b.w.root, pki_property(104, filetime("2015-01-01"))),
                                   entry(&b.other, nothing));
    put(&b, "anything.bin", roots_list(&b, 0x1402, "2016-02-01", entries));
    struct pki_sign how = world_how(&b.w);
    struct span file = pki_signed_pe(1, &how);
    CHECK_WORD(world_judge(&b.w, file), TRUST_TRUSTED);
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    CHECK(listed(&a, "updated") == 2 && listed(&a, "removed") == 1 && listed(&a, "damaged") == 1);
    CHECK(listed(&a, "distrusted") == 2); /* the disabled one, and one of the other list */
    size_t gone = 0;
    for (size_t i = 0; i < a.change_count; i++) {
        const struct change *c = &a.changes[i];
        gone += !c->after.present && c->drop_key && c->before.present;
        if (c->after.present)
            memory_set_value(b.w.h, c->key.ptr, c->name.ptr, c->after.type, c->after.data);
    }
    CHECK_U64(gone, 1);
    CHECK(world_judge(&b.w, file).word != TRUST_TRUSTED);
    end(&b);
}

/* What the list says nothing about stays in a Blob. */
TEST(blobs_keep_what_is_theirs)
{
    struct bench b;
    struct err e = {0};
    struct ctl ctl;
    struct ctl_entry first;
    struct span blob, then, s;
    struct cert_element element;
    size_t cursor = 0;
    bool changed;
    begin(&b);
    struct span list = roots_list(&b, 1, "2016-01-01",
                                  entry(&b.w.root, pki_property(126, filetime("2015-01-01"))));
    struct cms *message;
    CHECK(cms_open(list, &message, &e));
    CHECK(ctl_parse(cms_content_element(message), &b.w.a, &ctl, &e));
    CHECK(ctl_next(&ctl, &cursor, &first, &e));
    CHECK(cert_blob_make(pki_der(b.w.root.x), NULL, &b.w.a, &blob, &e));
    /* 80: somebody's own property; 122 is the list's and goes. */
    blob = pki_join(pki_record(80, span_of("own", 3)),
                    pki_join(pki_record(122, pki_seq(pki_oid(PKI_CODE))), blob));
    CHECK(cert_blob_update(blob, &first, &b.w.a, &then, &changed, &e) && changed);
    CHECK(certstore_blob(then, &b.w.a, &element, &e));
    CHECK(cert_element_property(&element, 80, &s) && span_eq(s, span_of("own", 3)));
    CHECK(!cert_element_property(&element, 122, &s));
    CHECK(cert_element_property(&element, 126, &s) && s.len == 8);
    CHECK(span_eq(element.certificate, pki_der(b.w.root.x)));
    CHECK(cert_blob_update(then, &first, &b.w.a, &blob, &changed, &e) && !changed);
    CHECK(!cert_blob_update(span_of("x", 1), &first, &b.w.a, &blob, &changed, &e));
    cms_close(message);
    end(&b);
}

TEST(an_unreadable_hive_is_no_host_without_lists)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    memory_set_state(b.w.h, "HKLM\\SOFTWARE", FACT_UNREADABLE, "torn");
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && strstr(e.text, "torn"));
    end(&b);
}

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
    /* Only what is needed. */
    unsigned before = http_count(&w.server, ".crt");
    CHECK(refresh(&w.b, str_fmt(&w.b.w.a, "%s/ok", w.server.base).ptr, NULL, &a, &e));
    CHECK_U64(http_count(&w.server, ".crt"), before);
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
    setenv("http_proxy", w.server.base, 1);
    unsetenv("no_proxy");
    unsetenv("SUDO_UID");
    CHECK(refresh(&w.b, "windows-update", NULL, &a, &e));
    CHECK(http_count(&w.server, "GET http://ctldl.windowsupdate.com/msdownload/update/v3/static/"
                                "trustedr/en/authrootstl.cab - 200") == 1);
    unsetenv("http_proxy");
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
    CHECK(truncate(spoiled, 10) == 0);
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

/* ---- real lists --------------------------------------------------------------------------------
 */

static void corpus_source(const struct bench *b, const char *name)
{
    char path[4096];
    uint8_t *p = arena_alloc(&pki_mem, 1 << 20);
    snprintf(path, sizeof path, "%s/ctl/%s", test_corpus(), name);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    size_t n = f ? fread(p, 1, 1 << 20, f) : 0;
    if (f)
        fclose(f);
    put(b, "list", span_of(p, n));
}

TEST(real_lists_go_forward_only)
{
    static const char *const lists[] = {"2007-02-01-authrootstl.cab", "2012-02-23-authrootstl.cab",
                                        "2015-06-18-authrootstl.cab", "2018-10-12-authrootstl.cab",
                                        "2021-04-19-authrootstl.cab", "2024-05-14-authrootstl.cab",
                                        "2025-06-16-authrootstl.cab"};
    const size_t count = sizeof lists / sizeof *lists;
    struct bench b;
    struct action a;
    if (!test_corpus())
        SKIP("no corpus");
    begin(&b);
    b.w.options.list_root_count = 0; /* Microsoft's alone */
    for (size_t i = 0; i < count; i++) {
        struct err e = {0};
        corpus_source(&b, lists[i]);
        CHECK(refresh(&b, b.folder, NULL, &a, &e));
        CHECK(change_of(&a, "EncodedCtl") != NULL);
        apply(&b, &a);
        CHECK(refresh(&b, b.folder, NULL, &a, &e) && a.change_count == 0);
        CHECK(trust_state(b.w.t)->authroot.state == FACT_FOUND);
        for (size_t k = 0; k < i; k++) {
            struct err older = {0};
            corpus_source(&b, lists[k]);
            CHECK(!refresh(&b, b.folder, NULL, &a, &older) && older.kind == ERR_DENIED);
            CHECK(strstr(older.text, "is older than the host's") && a.change_count == 0);
        }
    }
    end(&b);
}

TEST_MAIN()
