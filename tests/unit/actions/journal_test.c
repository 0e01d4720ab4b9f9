/* Journals: what is written is read again; torn, broken and foreign ones are told apart. */
#include "check.h"

#include "actions/disk.h"
#include "actions/journal_part.h"
#include "system.h"

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16

static const uint8_t five[4] = {5};

struct sample {
    struct journal_data d;
    struct journal_action actions[2];
    struct journal_change changes[2];
    struct str rules[1];
};

static void fill(struct sample *s)
{
    *s = (struct sample){.rules = {STR("p.r")}};
    s->actions[0] = (struct journal_action){
        .kind = ACTION_EVENTLOG_SIZE, .title = STR("grow"), .rules = s->rules, .rule_count = 1};
    s->actions[1] = (struct journal_action){.kind = ACTION_UPGRADE_FLAG, .title = STR("flag")};
    s->changes[0].change = (struct change){
        .key = STR("HKLM\\SYSTEM\\K"),
        .name = STR("MaxSize"),
        .before = {true, 4, span_of(five, 4)},
        .after = {true, 4, span_of(five, 0)},
    };
    s->changes[1].action = 1;
    s->changes[1].change = (struct change){
        .key = STR("HKLM\\SOFTWARE\\\xed\xa0\x80"), /* a lone surrogate */
        .name = {"a\0b", 3},
        .after = {true, 1, span_of(five, 3)},
        .new_keys = 2,
        .drop_key = true,
    };
    s->d = (struct journal_data){
        .id = HEX16,
        .time = UINT64_C(133000000000000001),
        .plan = HEX64,
        .target = HEX64,
        .location = STR("/mnt"),
        .tool = STR("0"),
        .actions = s->actions,
        .action_count = 2,
        .changes = s->changes,
        .change_count = 2,
    };
}

static char folder[40], path[64];

static void begin(void)
{
    snprintf(folder, sizeof folder, "/tmp/rectify-journal-XXXXXX");
    CHECK(temp_folder(folder));
    snprintf(path, sizeof path, "%s/journal", folder);
}

static void end(void)
{
    CHECK(remove_all(folder));
}

static struct journal *new_journal(struct err *e)
{
    struct sample s;
    struct journal *j = NULL;
    fill(&s);
    begin();
    CHECK(journal_create(path, &j, e));
    CHECK(journal_prepare(j, &s.d, e));
    return j;
}

static struct sb file_bytes(void)
{
    struct sb b;
    char buffer[4096];
    size_t n;
    sb_init(&b, 1 << 20);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    while (f && (n = fread(buffer, 1, sizeof buffer, f)) > 0)
        sb_put(&b, buffer, n);
    if (f)
        fclose(f);
    return b;
}

static void write_file(const char *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(bytes, 1, len, f) == len);
    if (f)
        fclose(f);
}

/* A journal in state WRITING, its bytes. */
static struct sb writing(void)
{
    struct err e = {0};
    struct journal *j = new_journal(&e);
    CHECK(journal_mark(j, JOURNAL_WRITING, (struct str){NULL, 0}, &e));
    journal_close(j);
    return file_bytes();
}

TEST(what_is_written_is_read_again)
{
    struct arena a;
    struct journal_data d;
    struct err e = {0};
    struct journal *j = new_journal(&e);
    struct sample s;
    fill(&s);
    journal_close(j);
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(journal_open(path, &a, &d, &j, &e));
    CHECK(d.state == JOURNAL_PREPARED && d.time == s.d.time && d.action_count == 2);
    CHECK(strcmp(d.plan, HEX64) == 0 && strcmp(journal_target(j), HEX64) == 0);
    CHECK(d.actions[0].kind == ACTION_EVENTLOG_SIZE && d.actions[0].rule_count == 1);
    for (size_t i = 0; i < 2; i++) {
        const struct change *have = &d.changes[i].change, *want = &s.changes[i].change;
        CHECK(str_eq(have->key, want->key) && str_eq(have->name, want->name));
        CHECK(reg_image_equal(&have->before, &want->before));
        CHECK(reg_image_equal(&have->after, &want->after));
        CHECK(have->new_keys == want->new_keys && have->drop_key == want->drop_key);
        CHECK(d.changes[i].action == i);
    }
    journal_close(j);
    arena_done(&a);
    end();
}

TEST(states_go_on_and_are_kept)
{
    static const enum journal_state way[] = {JOURNAL_WRITING, JOURNAL_WRITTEN, JOURNAL_VERIFIED,
                                             JOURNAL_UNDOING, JOURNAL_UNDOING, JOURNAL_UNDONE};
    struct arena a;
    struct journal_data d;
    struct err e = {0};
    struct journal *j = new_journal(&e);
    arena_init(&a, ARENA_DEFAULT_CAP);
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        CHECK(journal_mark(j, way[i], STR("because"), &e));
        if (way[i] == JOURNAL_VERIFIED)
            CHECK(journal_posted(j, 1, &e));
        journal_close(j);
        CHECK(journal_open(path, &a, &d, &j, &e));
        CHECK(d.state == way[i]);
        CHECK_STR(d.why, "because");
    }
    CHECK(d.actions[1].posted && !d.actions[0].posted);
    CHECK(!journal_may_follow(JOURNAL_UNDONE, JOURNAL_WRITING));
    CHECK(!journal_may_follow(JOURNAL_UNDOING, JOURNAL_WRITING));
    CHECK(!journal_may_follow(JOURNAL_BEGUN, JOURNAL_WRITING));
    journal_close(j);
    arena_done(&a);
    end();
}

TEST(every_cut_gives_an_earlier_state)
{
    struct sb b = writing();
    enum journal_state last = JOURNAL_EMPTY;
    for (size_t len = 0; len <= b.len; len++) {
        struct arena a;
        struct journal_data d;
        struct err e = {0};
        arena_init(&a, ARENA_DEFAULT_CAP);
        CHECK(journal_read(span_of(b.ptr, len), &a, &d, &e));
        CHECK(d.state >= last && d.whole <= len);
        last = d.state;
        arena_done(&a);
    }
    CHECK(last == JOURNAL_WRITING);
    sb_done(&b);
    end();
}

/* A block of the last line that never reached the disk reads as zeros. */
TEST(zeros_in_the_last_line_are_torn)
{
    struct arena a;
    struct journal_data d;
    struct err e = {0};
    struct journal *j;
    struct sb b = writing();
    memset(b.ptr + b.len - 60, 0, 30);
    write_file(b.ptr, b.len);
    CHECK(everybody_may_write(path, false));
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(journal_open(path, &a, &d, &j, &e));
    CHECK(d.state == JOURNAL_PREPARED && d.whole < b.len);
    CHECK(journal_mark(j, JOURNAL_UNDOING, (struct str){NULL, 0}, &e));
    journal_close(j);
    CHECK(journal_open(path, &a, &d, &j, &e));
    CHECK(d.state == JOURNAL_UNDOING);
    journal_close(j);
    arena_done(&a);
    sb_done(&b);
    end();
}

TEST(every_changed_byte_is_noticed)
{
    struct sb b = writing();
    for (size_t i = 0; i < b.len; i++) {
        struct arena a;
        struct journal_data d = {0};
        struct err e = {0};
        char was = b.ptr[i];
        b.ptr[i] = (char)(was ^ 1);
        arena_init(&a, ARENA_DEFAULT_CAP);
        bool last_newline = i == b.len - 1; /* then the last line has no end */
        CHECK(journal_read(span_of(b.ptr, b.len), &a, &d, &e) == last_newline);
        CHECK(last_newline || (e.kind == ERR_FORMAT && e.text[0]));
        b.ptr[i] = was;
        arena_done(&a);
    }
    sb_done(&b);
    end();
}

/* Lines that are whole but not where they were. */
TEST(lines_cannot_be_dropped_doubled_or_swapped)
{
    struct sb b = writing();
    const char *second = strchr(b.ptr, '\n') + 1, *third = strchr(second, '\n') + 1;
    size_t first = (size_t)(second - b.ptr), line = (size_t)(third - second);
    for (int mode = 0; mode < 3; mode++) {
        struct arena a;
        struct journal_data d;
        struct err e = {0};
        struct sb changed;
        sb_init(&changed, 1 << 20);
        sb_put(&changed, b.ptr, mode == 2 ? 0 : first);
        if (mode == 1) {
            sb_put(&changed, second, line);
            sb_put(&changed, second, line);
        }
        sb_put(&changed, third, b.len - first - line);
        arena_init(&a, ARENA_DEFAULT_CAP);
        CHECK(!journal_read(span_of(changed.ptr, changed.len), &a, &d, &e));
        CHECK(e.text[0] != '\0' && !strchr(e.text, '\n'));
        arena_done(&a);
        sb_done(&changed);
    }
    sb_done(&b);
    end();
}

TEST(foreign_files_are_refused_and_left_alone)
{
    static const char *const texts[] = {"hello", "{\"record\":\"end\"}\n", "\n", "{}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena a;
        struct journal_data d;
        struct err e = {0};
        struct journal *j = NULL;
        begin();
        write_file(texts[i], strlen(texts[i]));
        CHECK(everybody_may_write(path, false));
        arena_init(&a, ARENA_DEFAULT_CAP);
        CHECK(!journal_open(path, &a, &d, &j, &e));
        CHECK(strcmp(e.text, "not a journal") == 0);
        struct sb b = file_bytes();
        CHECK(b.len == strlen(texts[i]));
        sb_done(&b);
        arena_done(&a);
        end();
    }
}

TEST(journals_of_others_are_refused)
{
    struct arena a;
    struct journal_data d;
    struct err e = {0}, e2 = {0}, e3 = {0}, e4 = {0};
    struct journal *j = new_journal(&e), *other = NULL;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(!journal_create(path, &other, &e2) && e2.kind == ERR_DENIED);
    CHECK(!journal_open(path, &a, &d, &other, &e3));
    CHECK(strstr(e3.text, "in use") != NULL);
    journal_close(j);
    CHECK(everybody_may_write(path, true));
    CHECK(!journal_open(path, &a, &d, &other, &e4));
    CHECK(strstr(e4.text, "may write it") != NULL);
    arena_done(&a);
    end();
}

static enum disk_fault full(void *context, const char *point, const char *name)
{
    (void)name;
    return strcmp(point, context) == 0 ? DISK_FULL : DISK_GO;
}

/* Half a line is taken back, so that the next one follows a whole one. */
TEST(a_full_disk_leaves_whole_lines)
{
    struct arena a;
    struct journal_data d;
    struct err e = {0}, e2 = {0};
    struct journal *j = new_journal(&e);
    disk_set_hook(&(struct disk_hook){full, "journal.state"});
    CHECK(!journal_mark(j, JOURNAL_WRITING, STR("x"), &e2) && e2.kind == ERR_IO);
    disk_set_hook(NULL);
    CHECK(journal_state(j) == JOURNAL_PREPARED);
    CHECK(journal_mark(j, JOURNAL_UNDOING, STR("full"), &e));
    journal_close(j);
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(journal_open(path, &a, &d, &j, &e) && d.state == JOURNAL_UNDOING);
    journal_close(j);
    arena_done(&a);
    end();
}

TEST_MAIN()
