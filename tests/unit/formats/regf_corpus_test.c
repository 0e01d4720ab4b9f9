/* Real hives against what yarp, libregf, hivex and reglookup say of them (corpus README). */
#include "base/utf16.h"
#include "formats/regf.h"
#include "hive_listing.h"
#include "truth_tsv.h"

enum { PATH_SIZE = 4096, DIR_SIZE = 2048 };

/* A hive of the corpus, its logs replayed where asked and possible. */
struct loaded {
    char *file, *log_text[REGF_LOGS_MAX];
    uint8_t *replayed;
    struct arena a;
    struct regf_replay plan;
    struct regf hive;
    bool open;
    struct err e;
};

static void load_logs(struct loaded *h, const char *dir, const char *names, size_t size)
{
    struct regf_log logs[REGF_LOGS_MAX];
    size_t n = 0;
    static char name[REGF_LOGS_MAX][256];
    for (const char *p = names; *p && *p != '-' && n < REGF_LOGS_MAX;) {
        size_t len = strcspn(p, " "), bytes = 0;
        char path[PATH_SIZE];
        snprintf(name[n], sizeof name[n], "%.*s", (int)len, p);
        snprintf(path, sizeof path, "%s/%s", dir, name[n]);
        h->log_text[n] = read_whole(path, &bytes);
        CHECK(h->log_text[n]);
        logs[n] = (struct regf_log){span_of(h->log_text[n], bytes), name[n]};
        n++;
        p += len + (p[len] == ' ');
    }
    CHECK(regf_replay_plan(span_of(h->file, size), logs, n, &h->a, &h->plan, &h->e));
}

static void load(struct loaded *h, const char *path, const char *logs)
{
    size_t size = 0;
    char dir[DIR_SIZE];
    snprintf(dir, sizeof dir, "%s/%s", test_corpus(), path);
    *h = (struct loaded){.file = read_whole(dir, &size)};
    arena_init(&h->a, ARENA_DEFAULT_CAP);
    CHECK(h->file);
    if (!h->file)
        return;
    *strrchr(dir, '/') = 0;
    struct span bytes = span_of(h->file, size);
    if (logs)
        load_logs(h, dir, logs, size);
    if (logs && h->plan.state == REGF_REPLAYABLE) {
        h->replayed = calloc(1, (size_t)h->plan.size);
        CHECK(h->replayed);
        memcpy(h->replayed, h->file, size);
        CHECK(regf_replay_apply(&h->plan, h->replayed, &h->e));
        bytes = span_of(h->replayed, (size_t)h->plan.size);
    }
    h->open = regf_open(bytes, &h->hive, &h->e);
}

static void unload(struct loaded *h)
{
    free(h->file);
    free(h->replayed);
    for (size_t i = 0; i < REGF_LOGS_MAX; i++)
        free(h->log_text[i]);
    arena_done(&h->a);
}

static unsigned hex_number(const char *s, size_t n)
{
    char digits[8] = {0};
    memcpy(digits, s, n);
    return (unsigned)strtoul(digits, NULL, 16);
}

/* Reverses the escapes of the truth tables. */
static struct str unescaped(struct arena *a, const char *s, size_t len)
{
    struct sb b;
    sb_init(&b, 1 << 20);
    for (size_t i = 0; i < len; i++)
        if (s[i] == '%' && i + 5 < len && s[i + 1] == 'u') {
            sb_utf8(&b, hex_number(s + i + 2, 4));
            i += 5;
        } else if (s[i] == '%' && i + 2 < len) {
            sb_utf8(&b, hex_number(s + i + 1, 2));
            i += 2;
        } else {
            sb_putc(&b, s[i]);
        }
    struct str out = str_dup(a, (struct str){b.ptr ? b.ptr : "", b.len});
    sb_done(&b);
    return out;
}

static enum regf_answer find_key(struct loaded *h, const char *path, struct regf_key *out)
{
    struct regf_key k;
    if (!regf_root(&h->hive, &k, &h->e))
        return REGF_BAD;
    while (*path) {
        size_t len = strcspn(path, "\\");
        struct regf_key sub;
        enum regf_answer got = regf_subkey(&h->hive, &k, unescaped(&h->a, path, len), &sub, &h->e);
        if (got != REGF_FOUND)
            return got;
        k = sub;
        path += len + (path[len] == '\\');
    }
    *out = k;
    return REGF_FOUND;
}

static enum regf_answer find_value(struct loaded *h, const char *key, const char *name,
                                   struct regf_value *out)
{
    struct regf_key k;
    enum regf_answer got = find_key(h, key, &k);
    if (got != REGF_FOUND)
        return got;
    return regf_value(&h->hive, &k, unescaped(&h->a, name, strlen(name)), out, &h->e);
}

static bool value_is(struct loaded *h, const char *key, const char *name, const char *type,
                     const char *bytes, const char *digest)
{
    struct regf_value v;
    struct span data;
    char hex[SHA256_HEX];
    if (find_value(h, key, name, &v) != REGF_FOUND ||
        !regf_value_data(&h->hive, &v, &h->a, &data, &h->e) || !sha256_hex(data, hex, &h->e))
        return false;
    return v.type == strtoul(type, NULL, 10) && data.len == strtoul(bytes, NULL, 10) &&
           strcmp(hex, digest) == 0;
}

/* Every sampled value, read as the file lies. */
static void check_values(const char *table)
{
    struct tsv t;
    char last[PATH_SIZE] = "";
    struct loaded h = {0};
    CHECK(tsv_open(&t, test_corpus(), table));
    while (tsv_next(&t)) {
        const char *path = tsv_get(&t, "path");
        if (strcmp(path, last) != 0) {
            if (last[0])
                unload(&h);
            snprintf(last, sizeof last, "%s", path);
            load(&h, path, NULL);
            CHECK(h.open);
        }
        bool same = value_is(&h, tsv_get(&t, "key"), tsv_get(&t, "value"), tsv_get(&t, "type"),
                             tsv_get(&t, "bytes"), tsv_get(&t, "sha256"));
        if (!same)
            fprintf(stderr, "%s %s %s: %s\n", path, tsv_get(&t, "key"), tsv_get(&t, "value"),
                    h.e.text);
        CHECK(same);
    }
    if (last[0])
        unload(&h);
    tsv_done(&t);
}

TEST(sampled_values)
{
    if (!test_corpus())
        SKIP("no corpus");
    check_values("truth-hive-values.tsv");
}

TEST(mcafee_values)
{
    if (!test_corpus())
        SKIP("no corpus");
    check_values("truth-hive-mcafee.tsv");
}

/* Where we read more than yarp, and why.  The other columns of the truth agree with these numbers
 * as far as those peers go. */
static const struct {
    const char *path;
    size_t keys, values, damaged;
    const char *first;
} differ[] = {
    /* Element 9 of the 100 in the root's lf list (file offset 0x4bc8: 80 44 00 00) points at
     * 0x4480, a cell of zeroes.  yarp gives up the whole list there and counts 9 keys; the other 99
     * subkeys are intact and libregf reads them as well (100 keys, 99 values). */
    {"hive/damaged/corrupt_sub_key_list.hiv", 100, 99, 1, "cell 0x4480 is not allocated"},
    /* The second hive bin (file offset 0x2000) begins with "gbin" instead of "hbin".  yarp does
     * not open the hive at all.  The first bin is intact: what lies there is given, and everything
     * in the damaged bin is told as damage, never as absent. */
    {"hive/odd/SAMBadHBinHeader", 47, 43, 13, "cell 0x1918 lies in no intact hive bin"},
    /* 12288 bytes of a hive that claims 0x77000 bytes of bins.  yarp does not open it; hivex finds
     * the same 2 keys. */
    {"hive/yarp/TruncatedHive", 2, 0, 9, "cell 0xc020 is outside the hive"},
};

static bool differs_knowingly(const char *path, const struct listing *l)
{
    for (size_t i = 0; i < sizeof differ / sizeof *differ; i++)
        if (strcmp(path, differ[i].path) == 0)
            return l->keys == differ[i].keys && l->values == differ[i].values &&
                   l->damaged == differ[i].damaged && strcmp(l->first.text, differ[i].first) == 0;
    return false;
}

static void check_listing(struct tsv *t, struct loaded *h, const char *when)
{
    char column[40], hex[SHA256_HEX];
    struct listing l;
    listing_make(&l, &h->hive, hex);
    snprintf(column, sizeof column, "listing_sha256_%s", when);
    bool same = strcmp(hex, tsv_get(t, column)) == 0;
    if (!same)
        same = differs_knowingly(tsv_get(t, "path"), &l);
    if (!same)
        fprintf(stderr, "%s %s: %zu keys, %zu values, %zu damaged (%s)\n", tsv_get(t, "path"), when,
                l.keys, l.values, l.damaged, l.first.text);
    CHECK(same);
    listing_done(&l);
}

TEST(listings_before_replay)
{
    struct tsv t;
    if (!test_corpus())
        SKIP("no corpus");
    CHECK(tsv_open(&t, test_corpus(), "truth-hive-replay.tsv"));
    while (tsv_next(&t)) {
        struct loaded h;
        load(&h, tsv_get(&t, "path"), NULL);
        CHECK(h.open);
        if (h.open)
            check_listing(&t, &h, "before");
        unload(&h);
    }
    tsv_done(&t);
}

static enum regf_replay_state expected_state(const struct tsv *t, const struct loaded *h)
{
    const char *yarp = tsv_get(t, "yarp");
    const uint8_t *base = (const uint8_t *)h->file;
    if (strncmp(yarp, "recovered", 9) == 0)
        return REGF_REPLAYABLE;
    if (strncmp(yarp, "not recovered", 13) == 0)
        return REGF_LOGS_UNFIT;
    if (strcmp(yarp, "no logs") != 0)
        return REGF_CLEAN;
    /* GarbageHive: equal sequence numbers, but the checksum is wrong. */
    bool dirty = load_u32(base + 4) != load_u32(base + 8) || !h->hive.info.checksum_ok;
    return dirty ? REGF_LOGS_MISSING : REGF_CLEAN;
}

TEST(listings_after_replay)
{
    struct tsv t;
    if (!test_corpus())
        SKIP("no corpus");
    CHECK(tsv_open(&t, test_corpus(), "truth-hive-replay.tsv"));
    while (tsv_next(&t)) {
        struct loaded h;
        load(&h, tsv_get(&t, "path"), tsv_get(&t, "logs"));
        CHECK(h.open);
        if (h.plan.state != expected_state(&t, &h))
            fprintf(stderr, "%s: state %d (%s), yarp: %s\n", tsv_get(&t, "path"), h.plan.state,
                    h.plan.why, tsv_get(&t, "yarp"));
        CHECK_U64(h.plan.state, expected_state(&t, &h));
        if (tsv_get(&t, "listing_sha256_after")[0])
            check_listing(&t, &h, "after");
        if (h.plan.state == REGF_REPLAYABLE) {
            CHECK(!h.hive.info.dirty);
            CHECK_U64(h.hive.info.sequence2, h.plan.sequence);
        }
        unload(&h);
    }
    tsv_done(&t);
}

static void check_change(struct tsv *t, struct loaded *h)
{
    const char *change = tsv_get(t, "change"), *key = tsv_get(t, "key");
    const char *value = tsv_get(t, "value");
    struct regf_key k;
    struct regf_value v;
    bool ok = false;
    if (strcmp(change, "key+") == 0)
        ok = find_key(h, key, &k) == REGF_FOUND;
    else if (strcmp(change, "key-") == 0)
        ok = find_key(h, key, &k) == REGF_ABSENT;
    else if (strcmp(change, "value-") == 0)
        ok = find_value(h, key, value, &v) == REGF_ABSENT;
    else
        ok = value_is(h, key, value, tsv_get(t, "type"), tsv_get(t, "bytes"),
                      tsv_get(t, "sha256_of_data"));
    if (!ok)
        fprintf(stderr, "%s: %s %s %s %s\n", tsv_get(t, "path"), change, key, value, h->e.text);
    CHECK(ok);
}

/* The changes that replay makes, by name: lookups in a replayed hive. */
TEST(replay_changes)
{
    struct tsv t, changes;
    if (!test_corpus())
        SKIP("no corpus");
    CHECK(tsv_open(&t, test_corpus(), "truth-hive-replay.tsv"));
    while (tsv_next(&t)) {
        struct loaded h;
        if (strncmp(tsv_get(&t, "yarp"), "recovered", 9) != 0)
            continue;
        load(&h, tsv_get(&t, "path"), tsv_get(&t, "logs"));
        CHECK(tsv_open(&changes, test_corpus(), "truth-hive-replay-changes.tsv"));
        while (h.open && tsv_next(&changes))
            if (strcmp(tsv_get(&changes, "path"), tsv_get(&t, "path")) == 0)
                check_change(&changes, &h);
        tsv_done(&changes);
        unload(&h);
    }
    tsv_done(&t);
}

/* Windows' own recovery of two hives ends with the same keys and values as ours. */
TEST(replay_is_what_windows_did)
{
    static const char *const pair[][3] = {
        {"hive/yarp/NewDirtyHive1/NewDirtyHive", "NewDirtyHive.LOG1 NewDirtyHive.LOG2",
         "hive/yarp/NewDirtyHive1/RecoveredHive_Windows10"},
        {"hive/yarp/OldDirtyHive/OldDirtyHive", "OldDirtyHive.LOG1",
         "hive/yarp/OldDirtyHive/RecoveredHive_Windows7"},
    };
    if (!test_corpus())
        SKIP("no corpus");
    for (size_t i = 0; i < 2; i++) {
        struct loaded ours, windows;
        struct listing l;
        char hex[2][SHA256_HEX];
        load(&ours, pair[i][0], pair[i][1]);
        load(&windows, pair[i][2], NULL);
        listing_make(&l, &ours.hive, hex[0]);
        listing_done(&l);
        listing_make(&l, &windows.hive, hex[1]);
        listing_done(&l);
        CHECK(strcmp(hex[0], hex[1]) == 0);
        unload(&ours);
        unload(&windows);
    }
}

/* Every key that a walk lists must be found by its name, in any case. */
static size_t lookups(struct loaded *h, const struct regf_key *k, int depth)
{
    struct regf_subkeys it;
    struct regf_key sub, found;
    struct err e = {0};
    size_t wrong = 0;
    if (!regf_subkeys_begin(&h->hive, k, &it, &e) || depth == 0)
        return 1;
    for (enum regf_answer got; (got = regf_subkeys_next(&h->hive, &it, &sub, &e)) != REGF_ABSENT;) {
        struct str name;
        if (got == REGF_BAD || !regf_key_name(&h->hive, &sub, &h->a, &name, &e)) {
            e = (struct err){0};
            continue;
        }
        for (size_t i = 0; i < name.len; i++)
            if (name.ptr[i] >= 'a' && name.ptr[i] <= 'z')
                ((char *)(uintptr_t)name.ptr)[i] = (char)(name.ptr[i] - 32);
        bool ok =
            regf_subkey(&h->hive, k, name, &found, &e) == REGF_FOUND && found.cell == sub.cell;
        if (!ok && wrong == 0)
            fprintf(stderr, "not found by name: " STR_FMT "\n", STR_ARG(name));
        wrong += !ok;
        wrong += lookups(h, &sub, depth - 1);
    }
    return wrong;
}

TEST(every_key_by_name)
{
    struct tsv t;
    if (!test_corpus())
        SKIP("no corpus");
    CHECK(tsv_open(&t, test_corpus(), "truth-hive-replay.tsv"));
    while (tsv_next(&t)) {
        struct loaded h;
        struct regf_key root;
        load(&h, tsv_get(&t, "path"), NULL);
        if (h.open && regf_root(&h.hive, &root, &h.e)) {
            size_t wrong = lookups(&h, &root, 512);
            /* Two subkeys of one name: a lookup gives the first. */
            size_t twins = strstr(tsv_get(&t, "path"), "SAM_DUPENAME") ? 1 : 0;
            if (wrong > twins)
                fprintf(stderr, "%s: %zu\n", tsv_get(&t, "path"), wrong);
            CHECK(wrong <= twins);
        }
        unload(&h);
    }
    tsv_done(&t);
}

static bool has_column(const struct tsv *t, const char *column, size_t have)
{
    const char *text = tsv_get(t, column);
    return text[0] && text[0] != '?' && strcmp(text, "ERR") != 0 && strtoul(text, NULL, 10) == have;
}

/* Base blocks and the counts that at least two peers agree on. */
TEST(base_blocks)
{
    struct tsv t;
    if (!test_corpus())
        SKIP("no corpus");
    CHECK(tsv_open(&t, test_corpus(), "truth-hive-files.tsv"));
    while (tsv_next(&t)) {
        struct loaded h;
        if (strcmp(tsv_get(&t, "file_type"), "0") != 0)
            continue;
        load(&h, tsv_get(&t, "path"), NULL);
        char version[32];
        snprintf(version, sizeof version, "%u.%u", h.hive.info.major, h.hive.info.minor);
        CHECK(h.open && strcmp(version, tsv_get(&t, "version")) == 0);
        CHECK(has_column(&t, "primary_seq", h.hive.info.sequence1));
        CHECK(has_column(&t, "secondary_seq", h.hive.info.sequence2));
        CHECK(has_column(&t, "checksum_ok", h.hive.info.checksum_ok));
        unload(&h);
    }
    tsv_done(&t);
}

TEST_MAIN()
