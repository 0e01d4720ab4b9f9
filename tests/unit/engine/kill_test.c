/* The process ends, or the disk fails, at every write, flush, rename and removal of an apply, of a
 * resume and of an undo, one after the other: afterwards `--resume` reaches the predicted state and
 * `undo` the original one, by our rules and by the eyes of an independent reader. */
#include "../actions/offline_case.h"
#include "hivex_listing.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/apply_target.h"

#define SERVICE "HKLM\\SYSTEM\\CurrentControlSet\\Services\\mfevtp"

static const char policy_text[] =
    "return policy { id = 't', title = 'T', references = { 'T' },\n"
    "  rule { id = 'start', title = 'start', severity = 'high', references = { 'T' },\n"
    "    want = registry.value([[" SERVICE "]], 'Start', dword(2)), repair = enforce() },\n"
    "  rule { id = 'late', title = 'late', severity = 'high', references = { 'T' },\n"
    "    want = registry.absent([[" SERVICE "]], 'Late'), repair = enforce() },\n"
    "  rule { id = 'new', title = 'new', severity = 'high', references = { 'T' },\n"
    "    want = registry.value([[HKLM\\SOFTWARE\\New\\Deep]], 'm', sz 'x'), repair = enforce() },\n"
    "  rule { id = 'name', title = 'name', severity = 'high', references = { 'T' },\n"
    "    want = registry.value([[HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]],\n"
    "      'ProductName', sz 'A much longer name than the one that was there before'),\n"
    "    repair = enforce() },\n"
    "}\n";

enum { HIVES = 2, POINTS_MOST = 400 };
static const char *const hives[HIVES] = {CASE_CONFIG "SYSTEM", CASE_CONFIG "SOFTWARE"};

static struct catalogue catalogue;
static struct consent consent;
static struct plan_options plan_options;
static char policy[128], journal[128];
static struct sb original[HIVES], applied[HIVES]; /* as hivexml lists them */

/* ---- one run -------------------------------------------------------------------------------- */

static struct preview_request preview(const struct apply_target *target)
{
    return (struct preview_request){.catalogue = &catalogue,
                                    .options = &plan_options,
                                    .consent = &consent,
                                    .target = target,
                                    .location = str_of(fixture_root)};
}

static bool do_apply(bool resume, struct apply_report *report, struct arena *a, struct err *e)
{
    struct apply_place place = {.options = {.root = fixture_root, .jobs = 1}};
    struct apply_target target = apply_place_target(&place);
    struct gate_backend backend = apply_place_backend(&place);
    struct apply_request r = {.plan = preview(&target),
                              .allowed = AUTHORITY_REGISTRY,
                              .backend = &backend,
                              .journal = journal,
                              .resume = resume};
    bool ok = engine_apply(&r, a, report, e);
    apply_place_done(&place);
    return ok;
}

static bool do_undo(struct apply_report *report, struct arena *a, struct err *e)
{
    struct apply_place place = {.options = {.jobs = 1}};
    struct apply_target target = apply_place_target(&place);
    struct gate_backend backend = apply_place_backend(&place);
    struct undo_request r = {&target, &backend, journal};
    bool ok = engine_undo(&r, a, report, e);
    apply_place_done(&place);
    return ok;
}

enum verb { APPLY, RESUME, UNDO };

/* The exit code. */
static int run(enum verb v, struct err *e)
{
    struct arena a;
    struct apply_report report;
    *e = (struct err){0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = v == UNDO ? do_undo(&report, &a, e) : do_apply(v == RESUME, &report, &a, e);
    int code = ok ? apply_exit_code(&report) : 1;
    if (ok && report.why.len)
        err_set(e, ERR_IO, 0, STR_FMT, STR_ARG(report.why));
    arena_done(&a);
    return code;
}

/* ---- what is there -------------------------------------------------------------------------- */

static bool hives_are(const struct sb *want)
{
    bool same = true;
    for (size_t i = 0; i < HIVES; i++) {
        struct sb now;
        same = same && hivex_listing(fixture_path(hives[i]), &now);
        same = same && now.len == want[i].len && memcmp(now.ptr, want[i].ptr, now.len) == 0;
        sb_done(&now);
    }
    return same;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Verdicts of a fresh check: all pass, or all fail. */
static bool verdicts_are(enum verdict want)
{
    struct arena a;
    struct host *h = case_host(COMPLETE_DETECT);
    struct run_report report = {0};
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = engine_check(&catalogue, h, NULL, NULL, &a, &report, &e);
    for (size_t i = 0; ok && i < report.result_count; i++)
        ok = report.results[i].verdict == want;
    arena_done(&a);
    host_close(h);
    return ok;
}

/* ---- the world ------------------------------------------------------------------------------ */

static void plan_now(void)
{
    struct arena a;
    struct plan p;
    struct err e = {0};
    struct host *h = case_host(COMPLETE_DETECT);
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = engine_plan(&catalogue, h, &plan_options, NULL, NULL, &a, &p, &e);
    if (!ok || p.action_count != 4) {
        fprintf(stderr, "plan: %s, %zu actions\n", e.text, p.action_count);
        CHECK(false);
        exit(1);
    }
    memcpy(consent.gate.digest, p.digest, sizeof p.digest);
    memcpy(consent.gate.target, p.target_id, sizeof p.target_id);
    arena_done(&a);
    host_close(h);
}

static void begin(enum case_kind kind)
{
    case_begin(kind);
    snprintf(journal, sizeof journal, "%.100s/the.journal", fixture_root);
}

static void load(void)
{
    struct str paths[1] = {str_of(policy)};
    struct engine_options options = {.policies = paths, .policy_count = 1};
    struct err e = {0};
    FILE *f = fopen(policy, "wb");
    CHECK(f && fputs(policy_text, f) >= 0);
    if (f)
        fclose(f);
    chmod(policy, 0600);
    if (!catalogue_load(&options, &catalogue, &e)) {
        fprintf(stderr, "load: %s\n", e.text);
        exit(1);
    }
}

/* What both good states look like: of a host whose logs are empty, so that hivexml sees all. */
static void learn(void)
{
    struct err e;
    snprintf(policy, sizeof policy, "/tmp/rectify-kill-%ld.lua", (long)getpid());
    plan_options.inputs = value_null();
    load();
    begin(CASE_CLEAN);
    plan_now();
    for (size_t i = 0; i < HIVES; i++)
        CHECK(hivex_listing(fixture_path(hives[i]), &original[i]));
    CHECK(verdicts_are(VERDICT_FAIL));
    CHECK(run(APPLY, &e) == 0);
    for (size_t i = 0; i < HIVES; i++)
        CHECK(hivex_listing(fixture_path(hives[i]), &applied[i]));
    CHECK(verdicts_are(VERDICT_PASS));
    CHECK(!hives_are(original) && hives_are(applied));
    fixture_end();
}

/* ---- failing -------------------------------------------------------------------------------- */

struct injection {
    size_t at, seen;
    enum disk_fault fault;
    bool lasting; /* every later call fails too */
    char point[64];
};

static enum disk_fault inject(void *context, const char *point, const char *name)
{
    struct injection *i = context;
    size_t n = i->seen++;
    (void)name;
    if (n == i->at)
        snprintf(i->point, sizeof i->point, "%s", point);
    return n == i->at || (i->lasting && n > i->at) ? i->fault : DISK_GO;
}

/* The verb in a process of its own.  False: it never came to that point. */
static bool disturbed(enum verb v, struct injection *shared, size_t at, enum disk_fault fault,
                      bool lasting, int *code)
{
    int status = 0;
    struct err e;
    *shared = (struct injection){.at = at, .fault = fault, .lasting = lasting};
    pid_t pid = fork();
    if (pid == 0) {
        disk_set_hook(&(struct disk_hook){inject, shared});
        _exit(run(v, &e));
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    *code = WEXITSTATUS(status);
    return shared->point[0] != '\0';
}

static void complain(const char *what, const char *verb, const struct injection *i,
                     const struct err *e)
{
    fprintf(stderr, "%s disturbed at %zu (%s, fault %d%s): %s: %s\n", verb, i->at, i->point,
            i->fault, i->lasting ? ", lasting" : "", what, e->text);
    test_failures++;
}

#define MUST(cond, verb, i, e)                                                                     \
    do {                                                                                           \
        if (!(cond))                                                                               \
            complain(#cond, (verb), (i), (e));                                                     \
    } while (0)

/* After a stop one of the two ways is taken; the other test of the same point takes the other. */
static void go_on(bool forward, const char *verb, const struct injection *i)
{
    struct err e = {0};
    struct arena a;
    struct journal_data d = {0};
    struct journal *j = NULL;
    arena_init(&a, ARENA_DEFAULT_CAP);
    if (!is_there(journal)) {
        MUST(verdicts_are(VERDICT_FAIL), verb, i, &e);
        if (forward) {
            MUST(run(APPLY, &e) == 0, verb, i, &e);
            MUST(hives_are(applied), verb, i, &e);
        }
        arena_done(&a);
        return;
    }
    MUST(journal_open(journal, &a, &d, &j, &e), verb, i, &e);
    journal_close(j);
    if (forward && d.state < JOURNAL_UNDOING) {
        MUST(run(RESUME, &e) == 0, verb, i, &e);
        MUST(hives_are(applied), verb, i, &e);
        MUST(verdicts_are(VERDICT_PASS), verb, i, &e);
    } else if (!forward) {
        MUST(run(UNDO, &e) == 0, verb, i, &e);
        MUST(verdicts_are(VERDICT_FAIL), verb, i, &e);
    } else {
        MUST(run(RESUME, &e) == 1, verb, i, &e); /* on its way back: refused */
        MUST(run(UNDO, &e) == 0, verb, i, &e);
        MUST(verdicts_are(VERDICT_FAIL), verb, i, &e);
    }
    MUST(case_count(CASE_CONFIG, ".new") == 0, verb, i, &e);
    arena_done(&a);
}

/* Every value, by the independent reader: of a hive that still needs its logs it cannot see all. */
static void check_original(enum case_kind kind, const char *verb, const struct injection *i)
{
    struct err e = {0};
    for (size_t h = 0; h < HIVES; h++) {
        struct sb now;
        bool needs_logs = kind != CASE_CLEAN && h == 0 && case_size(CASE_CONFIG "SYSTEM.LOG1") > 0;
        if (needs_logs)
            continue;
        MUST(hivex_listing(fixture_path(hives[h]), &now) && now.len == original[h].len &&
                 memcmp(now.ptr, original[h].ptr, now.len) == 0,
             verb, i, &e);
        sb_done(&now);
    }
}

static const char *const verbs[] = {"apply", "resume", "undo"};

/* Brings the host to where the verb begins. */
static void prepare(enum verb v)
{
    struct err e;
    struct injection first;
    int code;
    if (v == UNDO)
        CHECK(run(APPLY, &e) == 0);
    if (v != RESUME)
        return;
    struct injection *shared = &first;
    shared = mmap(NULL, sizeof first, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    /* Behind the first hive that is put in place: one is new, the other is not. */
    for (size_t at = 8; at < POINTS_MOST; at++) {
        fixture_end();
        begin(CASE_DIRTY_NEW);
        CHECK(disturbed(APPLY, shared, at, DISK_KILL, false, &code) && code == DISK_KILLED);
        if (strcmp(shared->point, "hive.place.sync") == 0)
            break;
    }
    CHECK(strcmp(shared->point, "hive.place.sync") == 0);
    munmap(shared, sizeof first);
}

static size_t every_point(enum verb v, enum case_kind kind, enum disk_fault fault, bool lasting)
{
    bool kill = fault == DISK_KILL || fault == DISK_KILL_HALF || fault == DISK_KILL_AFTER;
    struct injection *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    size_t at = 0;
    CHECK(shared != MAP_FAILED);
    for (bool reached = true; reached && at < POINTS_MOST; at++)
        for (int forward = 0; forward < 2; forward++) {
            int code;
            begin(kind);
            prepare(v);
            reached = disturbed(v, shared, at, fault, lasting, &code);
            CHECK(!reached || !kill || code == DISK_KILLED);
            CHECK(kill || code <= 3);
            if (!reached)
                CHECK(code == 0);
            /* What says that nothing changed must be right. */
            if (!kill && v == APPLY && code == 1) {
                struct err e = {0};
                MUST(verdicts_are(VERDICT_FAIL), verbs[v], shared, &e);
                check_original(kind, verbs[v], shared);
            }
            if (!kill && v != UNDO && code == 0) {
                struct err e = {0};
                MUST(verdicts_are(VERDICT_PASS), verbs[v], shared, &e);
            }
            go_on(forward && v != UNDO, verbs[v], shared);
            if (!forward)
                check_original(kind, verbs[v], shared);
            fixture_end();
        }
    munmap(shared, sizeof *shared);
    return at;
}

static void every_kill(enum verb v, enum case_kind kind)
{
    static const enum disk_fault kills[] = {DISK_KILL, DISK_KILL_HALF, DISK_KILL_AFTER};
    if (!hivex_there())
        SKIP("hivexml is not installed");
    size_t points = 0;
    for (size_t k = 0; k < sizeof kills / sizeof *kills; k++)
        points += every_point(v, kind, kills[k], false);
    printf("%s: killed %zu times\n", verbs[v], 2 * points);
    CHECK(points > 60);
}

TEST(apply_killed_at_every_point)
{
    every_kill(APPLY, CASE_CLEAN);
}

TEST(apply_to_dirty_hives_killed_at_every_point)
{
    every_kill(APPLY, CASE_DIRTY_NEW);
}

TEST(resume_killed_at_every_point)
{
    every_kill(RESUME, CASE_DIRTY_NEW);
}

TEST(undo_killed_at_every_point)
{
    every_kill(UNDO, CASE_DIRTY_NEW);
}

TEST(disk_failing_at_every_point)
{
    static const enum disk_fault faults[] = {DISK_FULL, DISK_READ_ONLY, DISK_BROKEN};
    if (!hivex_there())
        SKIP("hivexml is not installed");
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++)
        for (int lasting = 0; lasting < 2; lasting++) {
            CHECK(every_point(APPLY, CASE_CLEAN, faults[k], lasting) > 20);
            CHECK(every_point(UNDO, CASE_DIRTY_NEW, faults[k], lasting) > 20);
        }
}

/* A target on a read-only medium, a journal elsewhere: refused, and nothing is left behind. */
static enum disk_fault only_hives(void *context, const char *point, const char *name)
{
    (void)context;
    (void)name;
    return strncmp(point, "hive.", 5) == 0 || strncmp(point, "log.", 4) == 0 ? DISK_READ_ONLY
                                                                             : DISK_GO;
}

TEST(a_read_only_target_is_left_as_it_was)
{
    struct err e;
    begin(CASE_CLEAN);
    disk_set_hook(&(struct disk_hook){only_hives, NULL});
    CHECK(run(APPLY, &e) == 1 && strstr(e.text, "Read-only") != NULL);
    disk_set_hook(NULL);
    CHECK(verdicts_are(VERDICT_FAIL));
    CHECK(!hivex_there() || hives_are(original));
    CHECK(case_count(CASE_CONFIG, ".orig") == 0 && case_count(CASE_CONFIG, ".new") == 0);
    fixture_end();
}

/* The second plan asks for nothing. */
TEST(what_is_applied_needs_no_plan)
{
    struct err e = {0};
    struct arena a;
    struct plan p;
    begin(CASE_DIRTY_OLD);
    CHECK(run(APPLY, &e) == 0);
    arena_init(&a, ARENA_DEFAULT_CAP);
    struct host *h = case_host(COMPLETE_DETECT);
    CHECK(engine_plan(&catalogue, h, &plan_options, NULL, NULL, &a, &p, &e));
    CHECK_U64(p.action_count, 0);
    host_close(h);
    arena_done(&a);
    CHECK(run(UNDO, &e) == 0 && verdicts_are(VERDICT_FAIL));
    fixture_end();
}

int main(void)
{
    /* Flushes to a disk would make minutes of this. */
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    if (hivex_there())
        learn();
    else
        return 77;
    int code = test_run_all();
    catalogue_done(&catalogue);
    for (size_t i = 0; i < HIVES; i++) {
        sb_done(&original[i]);
        sb_done(&applied[i]);
    }
    unlink(policy);
    return code;
}
