/* Logs built by hand: which are applied, which are not, and why. */
#include "formats/regf.h"

#include "check.h"
#include "hive_builder.h"

/* A dirty hive whose key "deep" gets another last-written time by every log entry. */
struct fixture {
    struct hb b;
    struct span file;
    uint8_t page[4096];
    struct hb_log log[3];
    struct arena a;
    struct regf_replay plan;
    uint8_t *replayed;
    struct regf hive;
    struct err e;
};

static void begin(struct fixture *f, uint32_t sequence1, uint32_t sequence2)
{
    *f = (struct fixture){0};
    arena_init(&f->a, 4 << 20);
    f->file = hb_sample(&f->b, 5);
    f->file = hb_end(&f->b, load_u32(f->b.file + 36), sequence1, sequence2);
    memcpy(f->page, f->b.file + HB_BASE, sizeof f->page);
}

static void done(struct fixture *f)
{
    for (int i = 0; i < 3; i++)
        hb_log_done(&f->log[i]);
    hb_done(&f->b);
    free(f->replayed);
    arena_done(&f->a);
}

/* The first page with this last-written time of the root key. */
static const uint8_t *stamped(struct fixture *f, uint32_t stamp)
{
    hb_u64(f->page + 32 + 4 + 4, stamp);
    return f->page;
}

static void entry(struct fixture *f, int log, uint32_t sequence, uint32_t stamp)
{
    hb_log_entry(&f->log[log], sequence, f->b.bins, 0, stamped(f, stamp), 4096);
}

static enum regf_replay_state plan(struct fixture *f, size_t logs)
{
    static const char *const names[] = {"H.LOG1", "H.LOG2", "H.LOG"};
    struct regf_log l[3] = {0};
    for (size_t i = 0; i < logs; i++)
        l[i] = (struct regf_log){{f->log[i].bytes, f->log[i].len}, names[i]};
    f->e = (struct err){0};
    CHECK(regf_replay_plan(f->file, l, logs, &f->a, &f->plan, &f->e));
    CHECK(f->plan.state == REGF_CLEAN || f->plan.state == REGF_REPLAYABLE ||
          f->plan.state == REGF_LOGS_MISSING || f->plan.why[0]);
    return f->plan.state;
}

/* Applies the plan; the root key's time afterwards. */
static uint64_t stamp_after(struct fixture *f)
{
    struct regf_key root;
    free(f->replayed);
    f->replayed = calloc(1, (size_t)f->plan.size);
    memcpy(f->replayed, f->file.ptr, f->file.len);
    CHECK(regf_replay_apply(&f->plan, f->replayed, &f->e));
    CHECK(regf_open(span_of(f->replayed, (size_t)f->plan.size), &f->hive, &f->e));
    CHECK(!f->hive.info.dirty && regf_root(&f->hive, &root, &f->e));
    return root.last_written;
}

TEST(clean_and_missing)
{
    struct fixture f;
    begin(&f, 5, 5);
    hb_log_begin(&f.log[0], f.b.file, 6, 5);
    entry(&f, 0, 5, 1);
    CHECK(plan(&f, 1) == REGF_CLEAN && f.plan.entries == 0);
    done(&f);
    begin(&f, 6, 5);
    CHECK(plan(&f, 0) == REGF_LOGS_MISSING);
    f.file.len = 4000;
    CHECK(plan(&f, 0) == REGF_LOGS_UNFIT);
    done(&f);
}

TEST(new_format_two_logs)
{
    struct fixture f;
    begin(&f, 10, 9);
    hb_log_begin(&f.log[0], f.b.file, 6, 14);
    hb_log_begin(&f.log[1], f.b.file, 6, 12);
    entry(&f, 1, 12, 100);
    entry(&f, 1, 13, 101);
    entry(&f, 0, 14, 102);
    CHECK(plan(&f, 2) == REGF_REPLAYABLE);
    CHECK_U64(f.plan.entries, 3);
    CHECK_U64(f.plan.sequence, 14);
    CHECK_U64(stamp_after(&f), 102);
    CHECK_U64(f.hive.info.sequence1, 14);
    done(&f);
}

TEST(sequence_numbers_must_follow)
{
    struct fixture f;
    /* The older log lies before the hive; the newer one is taken alone. */
    begin(&f, 10, 9);
    hb_log_begin(&f.log[0], f.b.file, 6, 8);
    hb_log_begin(&f.log[1], f.b.file, 6, 9);
    entry(&f, 0, 8, 100);
    entry(&f, 1, 9, 101);
    entry(&f, 1, 11, 103); /* 10 is missing */
    CHECK(plan(&f, 2) == REGF_REPLAYABLE && f.plan.entries == 1);
    CHECK_U64(stamp_after(&f), 101);
    done(&f);
    /* A gap between the logs ends the replay after the first. */
    begin(&f, 10, 9);
    hb_log_begin(&f.log[0], f.b.file, 6, 9);
    hb_log_begin(&f.log[1], f.b.file, 6, 11);
    entry(&f, 0, 9, 100);
    entry(&f, 1, 11, 101);
    CHECK(plan(&f, 2) == REGF_REPLAYABLE && f.plan.sequence == 9);
    done(&f);
    /* All logs before the hive. */
    begin(&f, 10, 9);
    hb_log_begin(&f.log[0], f.b.file, 6, 7);
    entry(&f, 0, 7, 100);
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
    done(&f);
    /* Numbers wrap around. */
    begin(&f, 0, UINT32_MAX);
    hb_log_begin(&f.log[0], f.b.file, 6, UINT32_MAX);
    entry(&f, 0, UINT32_MAX, 100);
    entry(&f, 0, 0, 101);
    hb_log_begin(&f.log[1], f.b.file, 6, 1);
    entry(&f, 1, 1, 102);
    CHECK(plan(&f, 2) == REGF_REPLAYABLE && f.plan.entries == 3);
    CHECK_U64(stamp_after(&f), 102);
    done(&f);
}

TEST(hashes_must_fit)
{
    static const size_t at[] = {0, 4, 12, 16, 20, 24, 32, 40, 44, 48, 4000};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct fixture f;
        begin(&f, 10, 9);
        hb_log_begin(&f.log[0], f.b.file, 6, 9);
        entry(&f, 0, 9, 100);
        size_t second = f.log[0].len;
        entry(&f, 0, 10, 101);
        f.log[0].bytes[second + at[i]] ^= 1;
        CHECK(plan(&f, 1) == REGF_REPLAYABLE && f.plan.entries == 1);
        CHECK_U64(stamp_after(&f), 100);
        f.log[0].bytes[512 + at[i]] ^= 1;
        CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
        done(&f);
    }
}

/* Hashed, but impossible: pages outside the hive or outside the entry. */
TEST(pages_stay_inside)
{
    static const struct {
        size_t at;
        uint32_t value;
    } change[] = {{40, 0xFFFFF000}, {44, 0x10000}, {44, 0xFFFFFFFF}, {20, 600},
                  {20, 0xFFFFFFFF}, {16, 0},       {16, 0x80000000}, {16, 4097}};
    for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
        struct fixture f;
        begin(&f, 10, 9);
        hb_log_begin(&f.log[0], f.b.file, 6, 9);
        entry(&f, 0, 9, 100);
        uint8_t *p = f.log[0].bytes + 512;
        hb_u32(p + change[i].at, change[i].value);
        hb_entry_seal(p, load_u32(p + 4));
        CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
        done(&f);
    }
}

TEST(hive_grows)
{
    struct fixture f;
    static uint8_t bin[4096];
    begin(&f, 10, 9);
    memcpy(bin, "hbin", 4);
    hb_u32(bin + 4, f.b.bins);
    hb_u32(bin + 8, 4096);
    hb_log_begin(&f.log[0], f.b.file, 6, 9);
    hb_log_entry(&f.log[0], 9, f.b.bins + 4096, f.b.bins, bin, 4096);
    CHECK(plan(&f, 1) == REGF_REPLAYABLE);
    CHECK_U64(f.plan.size, f.file.len + 4096);
    (void)stamp_after(&f);
    CHECK_U64(f.hive.info.bins_size, f.b.bins + 4096);
    done(&f);
}

/* A bad base block: the newest log alone, and its base block. */
TEST(base_block_from_log)
{
    struct fixture f;
    begin(&f, 10, 9);
    hb_log_begin(&f.log[0], f.b.file, 6, 9);
    hb_log_begin(&f.log[1], f.b.file, 6, 12);
    entry(&f, 0, 9, 100);
    entry(&f, 1, 12, 101);
    hb_u32(f.b.file + 36, 0x7777);
    hb_u32(f.b.file + 24, 1);
    CHECK(plan(&f, 2) == REGF_REPLAYABLE);
    CHECK(f.plan.base_from_log && f.plan.entries == 1);
    CHECK_U64(stamp_after(&f), 101);
    CHECK_U64(f.hive.info.minor, 5);
    /* Even one that has no signature any more. */
    memset(f.b.file, 0, 512);
    CHECK(plan(&f, 2) == REGF_REPLAYABLE);
    CHECK_U64(stamp_after(&f), 101);
    done(&f);
}

TEST(old_format)
{
    struct fixture f;
    begin(&f, 10, 9);
    hb_log_begin(&f.log[0], f.b.file, 1, 10);
    hb_log_dirt(&f.log[0], f.b.bins, 1, stamped(&f, 200));
    CHECK(plan(&f, 1) == REGF_REPLAYABLE);
    CHECK(f.plan.entries == 1 && f.plan.pages == 1);
    CHECK_U64(stamp_after(&f), 200);
    /* One page more than there is. */
    f.log[0].bytes[516] = 3;
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
    f.log[0].bytes[516] = 0;
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
    f.log[0].bytes[516] = 1;
    memcpy(f.log[0].bytes + 512, "HvLE", 4);
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
    memcpy(f.log[0].bytes + 512, "DIRT", 4);
    /* Older than the hive. */
    hb_u64(f.log[0].bytes + 12, 5);
    hb_u32(f.log[0].bytes + 508, hb_checksum(f.log[0].bytes));
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
    done(&f);
}

/* Of two old logs the one that was written last. */
TEST(old_format_newest)
{
    struct fixture f;
    begin(&f, 10, 9);
    for (int i = 0; i < 2; i++) {
        hb_log_begin(&f.log[i], f.b.file, 1, 10);
        hb_u64(f.log[i].bytes + 12, UINT64_C(0x01CE000000000000) - (uint64_t)i);
        hb_u32(f.log[i].bytes + 508, hb_checksum(f.log[i].bytes));
        hb_log_dirt(&f.log[i], f.b.bins, 1, stamped(&f, 200 + (uint32_t)i));
    }
    CHECK(plan(&f, 2) == REGF_REPLAYABLE);
    CHECK_U64(stamp_after(&f), 200);
    CHECK_U64(f.hive.info.last_written, UINT64_C(0x01CE000000000000));
    done(&f);
}

TEST(unusable_logs_say_why)
{
    struct fixture f;
    begin(&f, 10, 9);
    hb_log_begin(&f.log[0], f.b.file, 6, 9);
    entry(&f, 0, 9, 100);
    size_t len = f.log[0].len;
    f.log[0].len = 0;
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT && strcmp(f.plan.why, "H.LOG1 is empty") == 0);
    for (size_t n = 1; n < len; n += 37) {
        f.log[0].len = n;
        CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
    }
    f.log[0].len = len;
    hb_u32(f.log[0].bytes + 8, 8);
    hb_u32(f.log[0].bytes + 508, hb_checksum(f.log[0].bytes));
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT);
    f.log[0].bytes[100] ^= 1;
    CHECK(plan(&f, 1) == REGF_LOGS_UNFIT && strstr(f.plan.why, "checksum"));
    done(&f);
}

TEST_MAIN()
