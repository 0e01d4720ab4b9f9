/* Event queries: filters, groups by image, samples. */
#include "log_case.h"

#include "host/image.h"

static void token(const char *text, const char *want)
{
    struct str got = {"", 0};
    bool found = image_token(str_of(text), &got);
    CHECK(found == (want[0] != 0));
    CHECK_STR(got, want);
}

TEST(image_tokens)
{
    token("**\\VSTSKMGR.EXE", "VSTSKMGR.EXE");
    token("\\Device\\HarddiskVolume1\\Program Files\\McAfee\\naPrdMgr.exe", "naPrdMgr.exe");
    token("Process **\\VSTSKMGR.EXE pid (1200) contains signed but untrusted code", "VSTSKMGR.EXE");
    token("Process **\\My Tool.exe pid (1) was \\other.exe", "My Tool.exe");
    token("\xe3\x83\x97 **\\SCAN32.EXE\xe3\x81\xae pid", "SCAN32.EXE");
    token("**\\A.EXE(12)", "A.EXE");
    token("started **\\A.EXE.", "A.EXE");
    token("\\x.exe.config", "");
    token("\\x.executable", "");
    token("\\folder.exe\\y.dll", "");
    token("\\.exe", "");
    token("VSTSKMGR.EXE", "");
    token("\\Device\\mfehidk", "");
    token("\\a\nb.exe", "");
    token("", "");
}

struct fixture {
    struct log_case c;
    struct host *h;
    struct arena mem;
    uint64_t first;
};

static void setup(struct fixture *x)
{
    x->first = log_time("2023-03-01T00:00:00Z");
    log_begin(&x->c, 1);
    log_days(&x->c, x->first, 3);
    uint64_t t = x->first + 3 * WTIME_DAY;
    log_add(&x->c, &log_mfehidk, 516, t, "\\Device\\mfehidk", "**\\VSTSKMGR.EXE");
    log_add(&x->c, &log_mfehidk, 516, t + 1, "Process **\\vstskmgr.exe pid (7) contains", NULL);
    log_add(&x->c, &log_mfehidk, 514, t + 2, "\\Device\\mfehidk", "**\\naPrdMgr.exe");
    log_add(&x->c, &log_mfehidk, 516, t + 3, "nothing to see", NULL);
    log_add(&x->c, &log_other, 516, t + 4, "**\\FOREIGN.EXE", NULL);
    log_add(&x->c, &log_mfehidk, 900, t + 5, "**\\X.EXE", NULL);
    x->h = log_host(log_end(&x->c, EVTX_CLEAN), t + WTIME_DAY);
    arena_init(&x->mem, ARENA_DEFAULT_CAP);
}

static void teardown(struct fixture *x)
{
    host_close(x->h);
    arena_done(&x->mem);
    sb_done(&x->c.bytes);
}

TEST(groups_and_samples)
{
    struct fixture x;
    struct event_answer a;
    struct str provider = STR("MFEHIDK");
    const uint32_t ids[] = {514, 516, 519, 70000};
    setup(&x);
    struct event_query q = {.channel = STR("System"),
                            .providers = &provider,
                            .provider_count = 1,
                            .ids = ids,
                            .id_count = 4,
                            .by_image = true,
                            .samples = 2};
    host_events(x.h, &q, &x.mem, &a);
    CHECK(a.state == FACT_FOUND);
    CHECK_U64(a.count, 4);
    CHECK_U64(a.first, x.first + 3 * WTIME_DAY);
    CHECK_U64(a.last, x.first + 3 * WTIME_DAY + 3);
    CHECK_U64(a.group_count, 3);
    if (a.group_count == 3) {
        CHECK(a.groups[0].id == 514 && a.groups[0].count == 1);
        CHECK_STR(a.groups[0].image, "naPrdMgr.exe");
        CHECK_STR(a.groups[1].image, "");
        CHECK_STR(a.groups[2].image, "VSTSKMGR.EXE"); /* the first spelling, for both */
        CHECK_U64(a.groups[2].count, 2);
    }
    CHECK_U64(a.sample_count, 2);
    if (a.sample_count == 2) {
        CHECK_U64(a.samples[0].time, x.first + 3 * WTIME_DAY + 3);
        CHECK(strlen(a.samples[0].evidence.sha256) == 64);
        CHECK_U64(a.samples[1].string_count, 2);
    }
    teardown(&x);
}

TEST(filters)
{
    struct fixture x;
    struct event_answer a;
    struct str unknown = STR("nobody");
    setup(&x);
    struct event_query q = {.channel = STR("System")};
    host_events(x.h, &q, &x.mem, &a);
    CHECK_U64(a.count, 9);
    q.since = x.first + WTIME_DAY;
    q.until = x.first + 3 * WTIME_DAY;
    host_events(x.h, &q, &x.mem, &a);
    CHECK_U64(a.count, 3); /* both ends are inclusive */
    q = (struct event_query){.channel = STR("System"), .providers = &unknown, .provider_count = 1};
    host_events(x.h, &q, &x.mem, &a);
    CHECK_U64(a.count, 0);
    CHECK(a.coverage.known);
    teardown(&x);
}

TEST(logs_that_cannot_be_read)
{
    struct event_answer a;
    struct arena mem;
    struct host *h = log_host((struct span){NULL, 0}, log_time("2023-03-01T00:00:00Z"));
    struct event_query q = {.channel = STR("System")};
    arena_init(&mem, ARENA_DEFAULT_CAP);
    host_events(h, &q, &mem, &a);
    CHECK(a.state == FACT_ABSENT && !a.coverage.known);
    memory_set_log_state(h, "System", FACT_NOT_COLLECTED, "not in the zip");
    host_events(h, &q, &mem, &a);
    CHECK(a.state == FACT_NOT_COLLECTED);
    CHECK_STR(a.reason, "not in the zip");
    memory_set_log(h, "System", span_of("no log at all, only text", 24));
    host_events(h, &q, &mem, &a);
    CHECK(a.state == FACT_UNREADABLE);
    CHECK_U64(host_unread(h), 2);
    host_close(h);
    arena_done(&mem);
}

TEST(configured_size)
{
    struct log_config c;
    struct arena mem;
    struct host *h = log_host((struct span){NULL, 0}, log_time("2023-03-01T00:00:00Z"));
    const char *service = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\System";
    const char *policy = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\EventLog\\System";
    const char *nt = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
    arena_init(&mem, ARENA_DEFAULT_CAP);
    host_log_config(h, STR("System"), &mem, &c);
    CHECK(c.state == FACT_ABSENT && c.reason.len > 0 && c.may_overwrite);
    memory_set_sz(h, nt, "CurrentVersion", "6.1");
    memory_set_dword(h, service, "MaxSize", 20971520);
    memory_set_dword(h, service, "Retention", 604800);
    host_log_config(h, STR("System"), &mem, &c);
    CHECK(c.state == FACT_FOUND && c.max_size == 20971520 && !c.may_overwrite);
    memory_set_sz(h, nt, "CurrentVersion", "5.1"); /* there it is an age in seconds */
    host_log_config(h, STR("System"), &mem, &c);
    CHECK(c.may_overwrite);
    memory_set_dword(h, service, "Retention", UINT32_MAX);
    memory_set_dword(h, service, "AutoBackupLogFiles", 1);
    host_log_config(h, STR("System"), &mem, &c);
    CHECK(!c.may_overwrite && c.auto_backup);
    memory_set_dword(h, policy, "MaxSize", 32768); /* kilobytes */
    memory_set_sz(h, policy, "Retention", "0");
    host_log_config(h, STR("System"), &mem, &c);
    CHECK(c.max_size == UINT64_C(32768) * 1024 && c.may_overwrite);
    memory_set_state(h, policy, FACT_UNREADABLE, "torn");
    host_log_config(h, STR("System"), &mem, &c);
    CHECK(c.state == FACT_UNREADABLE);
    host_close(h);
    arena_done(&mem);
}

TEST_MAIN()
