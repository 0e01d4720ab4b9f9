/* Trust lists and catalogs as Microsoft and vendors made them, against truth-ctl.tsv,
 * truth-cat-members.tsv and truth-cat-membership.tsv.  `openssl cms` refuses all of these messages
 * (their content is no OCTET STRING); PKCS #7 allows any content, and Windows uses it. */
#include <ctype.h>
#include <openssl/evp.h>

#include "base/utf16.h"
#include "base/wtime.h"
#include "corpus_file.h"
#include "formats/authenticode.h"
#include "formats/ctl.h"
#include "host/cabinet.h"
#include "truth_tsv.h"

struct list {
    struct file_map map;
    struct cms *cms;
    struct ctl ctl;
    struct arena a;
};

static bool list_open(const char *corpus, const char *name, struct list *l)
{
    struct err e = {0};
    *l = (struct list){0};
    if (!corpus_map(corpus, name, &l->map))
        return false;
    arena_init(&l->a, 1 << 26);
    struct span der = l->map.bytes;
    bool ok = !cabinet_is(der) || cabinet_member(der, "*.stl", &l->a, &der, &e);
    ok = ok && cms_open(der, &l->cms, &e) &&
         ctl_parse(cms_content_element(l->cms), &l->a, &l->ctl, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", name, e.text);
    CHECK(ok);
    CHECK(!ok || str_eq(cms_content_type(l->cms), STR("1.3.6.1.4.1.311.10.1")));
    return ok;
}

static void list_close(struct list *l)
{
    cms_close(l->cms);
    arena_done(&l->a);
    file_unmap(&l->map);
}

/* "YYMMDDhhmmssZ" as the table has it. */
static const char *utc_time(uint64_t t, char out[WTIME_TEXT])
{
    struct wtime_civil c = {0};
    out[0] = 0;
    if (t && wtime_civil(t, &c))
        snprintf(out, WTIME_TEXT, "%02d%02d%02d%02d%02d%02dZ", c.year % 100, c.month, c.day, c.hour,
                 c.minute, c.second);
    return out;
}

static void check_entries(const struct tsv *row, const struct ctl *c)
{
    const char *where = tsv_get(row, "path");
    char hex[HEX_TEXT], last[HEX_TEXT] = "";
    struct ctl_entry entry;
    struct err e = {0};
    size_t cursor = 0, count = 0;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    for (; ctl_next(c, &cursor, &entry, &e); count++) {
        hex_of(entry.id.ptr, entry.id.len, hex);
        if (count == 0)
            CHECK(same_text(where, "first_entry", hex, tsv_get(row, "first_entry")));
        memcpy(last, hex, sizeof last);
        EVP_DigestUpdate(md, hex, strlen(hex));
        EVP_DigestUpdate(md, "\n", 1);
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_DigestFinal_ex(md, digest, &len);
    EVP_MD_CTX_free(md);
    CHECK(e.kind == ERR_NONE);
    CHECK_U64(count, c->entry_count);
    CHECK(same_text(where, "last_entry", last, tsv_get(row, "last_entry")));
    CHECK(same_text(where, "entries", hex_of(digest, len, hex), tsv_get(row, "entries_sha256")));
}

static void check_signers(const struct tsv *row, struct list *l)
{
    char hex[HEX_TEXT];
    uint8_t hash[64];
    size_t len = 0;
    struct err e = {0};
    if (strcmp(tsv_get(row, "signature_ok"), "no signer") == 0) {
        CHECK_U64(cms_signer_count(l->cms), 0);
        return;
    }
    CHECK_U64(cms_signer_count(l->cms), 1);
    const struct cms_signer *s = cms_signer(l->cms, 0);
    CHECK(s->digest_ok && s->signature_ok && s->certificate);
    CHECK(!s->certificate || cert_hash(s->certificate, "sha1", hash, &len));
    CHECK(same_text(tsv_get(row, "path"), "signer_sha1", hex_of(hash, len, hex),
                    tsv_get(row, "signer_sha1")));
    /* From 2012 to 2018 lists carry a second signature with SHA-256, without content of its own: it
     * stands over the content of the first, tag and length included. */
    for (size_t i = 0; i < s->nested_count; i++) {
        struct cms *nested = NULL;
        CHECK(cms_open_nested(s->nested[i], l->cms, &nested, &e));
        CHECK(nested && cms_detached(nested) && cms_signer_count(nested) == 1);
        CHECK(nested && cms_signer(nested, 0)->digest_ok && cms_signer(nested, 0)->signature_ok);
        CHECK(nested && str_eq(cms_signer(nested, 0)->digest_algorithm, STR("sha256")));
        cms_close(nested);
    }
}

static void check_list(const char *corpus, const struct tsv *row)
{
    const char *where = tsv_get(row, "path");
    char hex[HEX_TEXT], time[WTIME_TEXT];
    struct list l;
    if (list_open(corpus, where, &l)) {
        struct ctl *c = &l.ctl;
        CHECK(same_text(where, "id", hex_of(c->list_id.ptr, c->list_id.len, hex),
                        tsv_get(row, "list_identifier")));
        CHECK(same_text(where, "sequence", hex_of(c->sequence.ptr, c->sequence.len, hex),
                        tsv_get(row, "sequence_number")));
        CHECK(same_text(where, "this update", utc_time(c->this_update, time),
                        tsv_get(row, "this_update")));
        CHECK(same_text(where, "next update", utc_time(c->next_update, time),
                        tsv_get(row, "next_update")));
        CHECK_STR(c->subject_algorithm, tsv_get(row, "subject_algorithm"));
        CHECK_U64(c->entry_count, strtoul(tsv_get(row, "entries"), NULL, 10));
        CHECK_U64(c->entry_count, strtoul(tsv_get(row, "asn1parse_entries"), NULL, 10));
        CHECK(c->has_extensions == (strcmp(tsv_get(row, "extensions"), "yes") == 0));
        check_entries(row, c);
        check_signers(row, &l);
    }
    list_close(&l);
}

TEST(lists_equal_the_truth)
{
    const char *corpus = test_corpus();
    struct tsv rows;
    size_t count = 0;
    if (!corpus)
        SKIP("no corpus");
    CHECK(tsv_open(&rows, corpus, "truth-ctl.tsv"));
    for (; tsv_next(&rows); count++)
        check_list(corpus, &rows);
    CHECK_U64(count, 31);
    tsv_done(&rows);
}

/* Numbers of the list of 2025-06-16, by an independent parse of its properties. */
TEST(properties_of_a_root_list)
{
    static const struct {
        uint32_t id;
        size_t entries, empty;
    } want[] = {{29, 514, 0},  {20, 514, 0},  {98, 514, 0},  {11, 514, 0},
                {9, 508, 0},   {126, 273, 6}, {104, 170, 2}, {83, 167, 0},
                {127, 140, 0}, {122, 27, 0},  {105, 8, 0},   {999, 0, 0}};
    const char *corpus = test_corpus();
    struct list l;
    if (!corpus)
        SKIP("no corpus");
    if (list_open(corpus, "ctl/2025-06-16-authroot.stl", &l)) {
        CHECK_STR(l.ctl.usage, "1.3.6.1.4.1.311.10.3.9");
        for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
            struct ctl_entry entry;
            struct span value;
            size_t cursor = 0, have = 0, empty = 0;
            struct err e = {0};
            while (ctl_next(&l.ctl, &cursor, &entry, &e))
                if (ctl_property(&entry, want[i].id, &value)) {
                    have++;
                    empty += value.len == 0;
                }
            CHECK_U64(have, want[i].entries);
            CHECK_U64(empty, want[i].empty);
        }
    }
    list_close(&l);
}

static void tag_text(struct span tag, struct arena *a, char out[HEX_TEXT])
{
    struct str text = utf16z_to_utf8(a, tag);
    bool plain = tag.len % 2 == 0 && text.len > 0;
    for (size_t i = 0; i < text.len && plain; i++)
        plain = isxdigit((unsigned char)text.ptr[i]) || strchr("{}-", text.ptr[i]);
    if (plain)
        snprintf(out, HEX_TEXT, STR_FMT, STR_ARG(text));
    else
        hex_of(tag.ptr, tag.len, out);
}

static void check_member(const struct tsv *row, struct list *l, const struct ctl_entry *entry)
{
    char text[HEX_TEXT];
    struct ctl_member m;
    struct spc_indirect spc = {0};
    struct err e = {0};
    struct span found;
    const char *where = tsv_get(row, "path");
    ctl_member(&l->ctl, entry, &m);
    tag_text(m.tag, &l->a, text);
    CHECK(same_text(where, "tag", text, tsv_get(row, "tag")));
    if (m.indirect.len)
        CHECK(spc_indirect_parse(m.indirect, &l->a, &spc, &e));
    CHECK_STR(spc.digest_algorithm, tsv_get(row, "digest_alg"));
    CHECK(same_text(where, "digest", hex_of(spc.digest.ptr, spc.digest.len, text),
                    tsv_get(row, "digest")));
    CHECK_STR(ctl_member_name_value(entry, "File", &l->a), tsv_get(row, "file_attribute"));
    CHECK_STR(ctl_member_name_value(entry, "OSAttr", &l->a), tsv_get(row, "os_attribute"));
    CHECK(ctl_attribute(entry, "1.3.6.1.4.1.311.2.1.4", &found) == (m.indirect.len > 0));
    CHECK(!m.digest.len || !spc.digest.len || span_eq(m.digest, spc.digest));
}

TEST(catalog_members_equal_the_truth)
{
    const char *corpus = test_corpus();
    struct tsv rows;
    size_t count = 0, cursor = 0;
    char open[256] = "";
    struct list l = {0};
    if (!corpus)
        SKIP("no corpus");
    CHECK(tsv_open(&rows, corpus, "truth-cat-members.tsv"));
    for (; tsv_next(&rows); count++) {
        struct ctl_entry entry;
        struct err e = {0};
        if (strcmp(open, tsv_get(&rows, "path")) != 0) {
            if (open[0])
                list_close(&l);
            snprintf(open, sizeof open, "%s", tsv_get(&rows, "path"));
            cursor = 0;
            if (!list_open(corpus, open, &l))
                break;
        }
        CHECK(ctl_next(&l.ctl, &cursor, &entry, &e));
        check_member(&rows, &l, &entry);
    }
    CHECK_U64(count, 135);
    list_close(&l);
    tsv_done(&rows);
}

/* Index of the member with one of the digests, SIZE_MAX when there is none. */
static size_t member_index(struct list *l, struct span sha1, struct span sha256)
{
    struct ctl_entry entry;
    struct err e = {0};
    size_t cursor = 0;
    for (size_t i = 0; ctl_next(&l->ctl, &cursor, &entry, &e); i++) {
        struct ctl_member m;
        struct spc_indirect spc = {0};
        ctl_member(&l->ctl, &entry, &m);
        if (m.indirect.len)
            CHECK(spc_indirect_parse(m.indirect, &l->a, &spc, &e));
        struct span digest = m.indirect.len ? spc.digest : m.digest;
        if (digest.len && (span_eq(digest, sha1) || span_eq(digest, sha256)))
            return i;
    }
    return SIZE_MAX;
}

static void check_membership(const char *corpus, const struct tsv *row)
{
    static const char *const names[] = {"sha1", "sha256"};
    char hex[HEX_TEXT];
    struct list l;
    struct file_map file;
    struct pe pe;
    struct err e = {0};
    uint8_t have[2][64];
    size_t len[2] = {20, 32};
    if (!corpus_map(corpus, tsv_get(row, "file"), &file))
        return;
    if (strcmp(tsv_get(row, "hash_kind"), "authenticode") == 0) {
        CHECK(pe_open(file.bytes, &pe, &e));
        CHECK(authenticode_digest(&pe, names, 2, have, len, &e));
    } else {
        EVP_Digest(file.bytes.ptr, file.bytes.len, have[0], NULL, EVP_sha1(), NULL);
        EVP_Digest(file.bytes.ptr, file.bytes.len, have[1], NULL, EVP_sha256(), NULL);
    }
    for (size_t i = 0; i < 2; i++)
        CHECK(same_text(tsv_get(row, "file"), names[i], hex_of(have[i], len[i], hex),
                        tsv_get(row, names[i])));
    if (list_open(corpus, tsv_get(row, "catalog"), &l)) {
        size_t at = member_index(&l, span_of(have[0], len[0]), span_of(have[1], len[1]));
        bool member = strcmp(tsv_get(row, "member"), "yes") == 0;
        CHECK((at != SIZE_MAX) == member);
        if (member)
            CHECK_U64(at, strtoul(tsv_get(row, "member_index"), NULL, 10));
    }
    list_close(&l);
    file_unmap(&file);
}

TEST(membership_equals_the_truth)
{
    const char *corpus = test_corpus();
    struct tsv rows;
    size_t count = 0;
    if (!corpus)
        SKIP("no corpus");
    CHECK(tsv_open(&rows, corpus, "truth-cat-membership.tsv"));
    for (; tsv_next(&rows); count++)
        check_membership(corpus, &rows);
    CHECK_U64(count, 44);
    tsv_done(&rows);
}

TEST_MAIN()
