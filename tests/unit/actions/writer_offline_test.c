/* Hives of an offline Windows are replaced whole: by every way to fail or to be killed, at every
 * point of it. */
#include "offline_case.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "formats/regf.h"

#define SERVICE "HKLM\\SYSTEM\\ControlSet001\\Services\\mfevtp"
#define ROOTS "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\ROOT\\Certificates\\AA"
#define USER "HKU\\" CASE_SID "\\Software\\Test"

/* What the tests write: in three hives, one with logs. */
static const struct {
    const char *key, *name, *before, *after;
    size_t before_len, after_len, new_keys;
} wanted[] = {
    {SERVICE, "Start", "\4\0\0\0", "\2\0\0\0", 4, 4, 0},
    {ROOTS, "Blob", NULL, "0123456789abcdef", 0, 16, 4},
    {USER, "v", "u\0s\0e\0r\0\0\0", "n\0e\0w\0\0\0", 10, 8, 0},
};
enum { WANTED = sizeof wanted / sizeof *wanted };

static struct change change_at(size_t i)
{
    struct change c = {.key = str_of(wanted[i].key),
                       .name = str_of(wanted[i].name),
                       .new_keys = wanted[i].new_keys};
    uint32_t type = wanted[i].after_len == 16 ? 3 : wanted[i].after_len == 4 ? 4 : 1;
    if (wanted[i].before)
        c.before = (struct reg_image){true, type, span_of(wanted[i].before, wanted[i].before_len)};
    c.after = (struct reg_image){true, type, span_of(wanted[i].after, wanted[i].after_len)};
    return c;
}

/* Applies or reverts all and commits. */
static bool run(bool forward, struct err *e)
{
    struct host *h = case_host(COMPLETE_DETECT);
    struct writer w;
    bool ok = case_writer(h, &w, e);
    if (ok) {
        for (size_t i = 0; ok && i < WANTED; i++) {
            struct change c = change_at(i);
            ok = forward ? writer_apply(&w, &c, e) : writer_revert(&w, &c, e);
        }
        ok = ok && w.ops->commit(w.backend, e);
        w.ops->close(w.backend);
    }
    host_close(h);
    return ok;
}

/* 'o' for each change that is before, 'n' for after, '?' for anything else. */
static void states(char out[WANTED + 1])
{
    struct host *h = case_host(COMPLETE_DETECT);
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < WANTED; i++) {
        struct change c = change_at(i);
        struct reg_value v;
        host_reg_value(h, c.key, c.name, VIEW_NATIVE, &a, &v);
        struct reg_image now = {v.state == FACT_FOUND, v.type, v.data};
        bool known = v.state == FACT_FOUND || v.state == FACT_ABSENT;
        if (!known)
            now = (struct reg_image){0};
        out[i] = known && reg_image_equal(&now, &c.before)  ? 'o'
                 : known && reg_image_equal(&now, &c.after) ? 'n'
                                                            : '?';
    }
    out[WANTED] = '\0';
    /* What only the logs hold is never lost. */
    struct reg_value late;
    host_reg_value(h, STR(SERVICE), STR("Late"), VIEW_NATIVE, &a, &late);
    CHECK(late.state == FACT_FOUND && late.number == 9);
    arena_done(&a);
    host_close(h);
}

static bool all_are(char c)
{
    char now[WANTED + 1];
    states(now);
    for (size_t i = 0; i < WANTED; i++)
        if (now[i] != c)
            return false;
    return true;
}

/* hivexget reads the hive: exit 0 and the number in its output. */
static bool hivex_reads(const char *path, const char *key, const char *name, const char *want)
{
    char out[256] = "", file[8192];
    int pipe_fd[2], status = 0;
    snprintf(file, sizeof file, "%s", fixture_path(path));
    if (access("/usr/bin/hivexget", X_OK) != 0)
        return true;
    if (pipe(pipe_fd) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pipe_fd[1], STDOUT_FILENO);
        execl("/usr/bin/hivexget", "hivexget", file, key, name, (char *)NULL);
        _exit(127);
    }
    close(pipe_fd[1]);
    ssize_t n = read(pipe_fd[0], out, sizeof out - 1);
    close(pipe_fd[0]);
    waitpid(pid, &status, 0);
    return pid > 0 && n > 0 && status == 0 && strncmp(out, want, strlen(want)) == 0;
}

static bool readers_agree(void)
{
    char now[WANTED + 1];
    states(now);
    return hivex_reads(CASE_CONFIG "SYSTEM", "ControlSet001\\Services\\mfevtp", "Start",
                       now[0] == 'n' ? "2" : "4") &&
           hivex_reads("Users/somebody/NTUSER.DAT", "Software\\Test", "v",
                       now[2] == 'n' ? "new" : "user");
}

static void forward_and_back(enum case_kind kind, long logs)
{
    struct err e = {0};
    case_begin(kind);
    CHECK(all_are('o'));
    CHECK(run(true, &e));
    CHECK(all_are('n') && readers_agree());
    CHECK_U64(case_count(CASE_CONFIG, ".new"), 0);
    CHECK_U64(case_count(CASE_CONFIG, ".orig"), 2 + (size_t)logs);
    CHECK(case_size(CASE_CONFIG "SYSTEM.LOG1") <= 0);
    CHECK(case_size(CASE_CONFIG "SYSTEM.LOG") <= 0);
    /* A second time there is nothing to do, and nothing is done. */
    CHECK(run(true, &e));
    CHECK_U64(case_count(CASE_CONFIG, ".orig"), 2 + (size_t)logs);
    CHECK(run(false, &e));
    CHECK(all_are('o') && readers_agree());
    CHECK_U64(case_count(CASE_CONFIG, ".2.orig"), 2);
    if (e.kind)
        fprintf(stderr, "%s\n", e.text);
    fixture_end();
}

TEST(applied_and_taken_back)
{
    forward_and_back(CASE_CLEAN, 1);
    forward_and_back(CASE_DIRTY_OLD, 1);
    forward_and_back(CASE_DIRTY_NEW, 2);
}

static void slurp(const char *path, struct sb *out)
{
    char block[4096];
    FILE *f = fopen(fixture_path(path), "rb");
    sb_init(out, 16 << 20);
    for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
        sb_put(out, block, n);
    if (f)
        fclose(f);
}

TEST(the_original_is_kept_as_it_was)
{
    struct sb was, kept;
    struct err e = {0};
    case_begin(CASE_DIRTY_NEW);
    slurp(CASE_CONFIG "SYSTEM", &was);
    CHECK(run(true, &e));
    slurp(CASE_CONFIG "SYSTEM.rectify-" CASE_ID ".orig", &kept);
    CHECK(was.len == kept.len && memcmp(was.ptr, kept.ptr, was.len) == 0);
    CHECK(case_size(CASE_CONFIG "SYSTEM.LOG1.rectify-" CASE_ID ".orig") > 512);
    sb_done(&was);
    sb_done(&kept);
    fixture_end();
}

/* A file system without second names: the original is kept as a copy, whole before it counts. */
static enum disk_fault no_links(void *context, const char *point, const char *name)
{
    size_t *left = context;
    (void)name;
    return strcmp(point, "hive.keep") == 0 && (*left)++ % 2 == 0 ? DISK_FORBIDDEN : DISK_GO;
}

TEST(the_original_is_copied_where_there_are_no_links)
{
    struct sb was, kept;
    struct err e = {0};
    size_t calls = 0;
    case_begin(CASE_DIRTY_NEW);
    slurp(CASE_CONFIG "SYSTEM", &was);
    disk_set_hook(&(struct disk_hook){no_links, &calls});
    CHECK(run(true, &e));
    disk_set_hook(NULL);
    CHECK_U64(calls, 6); /* three hives: a link, then the copy's rename */
    slurp(CASE_CONFIG "SYSTEM.rectify-" CASE_ID ".orig", &kept);
    CHECK(was.len == kept.len && memcmp(was.ptr, kept.ptr, was.len) == 0);
    CHECK(all_are('n') && readers_agree());
    CHECK_U64(case_count(CASE_CONFIG, ".new"), 0);
    sb_done(&was);
    sb_done(&kept);
    fixture_end();
}

TEST(owner_mode_and_attributes_stay)
{
    struct stat st;
    struct err e = {0};
    char text[16] = "";
    case_begin(CASE_CLEAN);
    const char *hive = fixture_path(CASE_CONFIG "SYSTEM");
    CHECK(chmod(hive, 0640) == 0);
    bool owned = chown(hive, 1234, 4321) == 0;
    bool attributes = setxattr(hive, "user.test", "kept", 4, 0) == 0;
    CHECK(run(true, &e));
    CHECK(stat(hive, &st) == 0 && (st.st_mode & 07777) == 0640 && st.st_nlink == 1);
    if (owned)
        CHECK(st.st_uid == 1234 && st.st_gid == 4321);
    if (attributes)
        CHECK(getxattr(hive, "user.test", text, sizeof text) == 4 && memcmp(text, "kept", 4) == 0);
    fixture_end();
}

/* ---- every point ---------------------------------------------------------------------------- */

struct injection {
    size_t at, seen;
    enum disk_fault fault;
    char point[32];
};

static enum disk_fault inject(void *context, const char *point, const char *name)
{
    struct injection *i = context;
    (void)name;
    if (i->seen++ != i->at)
        return DISK_GO;
    snprintf(i->point, sizeof i->point, "%s", point);
    return i->fault;
}

/* Hundreds of runs: in memory where there is such a folder, since each flushes a dozen times. */
static void in_memory(void)
{
    if (access("/dev/shm", W_OK | X_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
}

static void go_on(const char *after, size_t at)
{
    struct err e = {0};
    CHECK(readers_agree());
    CHECK(run(true, &e));
    if (e.kind)
        fprintf(stderr, "after %s at %zu: %s\n", after, at, e.text);
    CHECK(all_are('n') && readers_agree());
    CHECK_U64(case_count(CASE_CONFIG, ".new"), 0);
    CHECK_U64(case_count("Users/somebody", ".new"), 0);
    CHECK(case_size(CASE_CONFIG "SYSTEM.LOG1") <= 0 && case_size(CASE_CONFIG "SYSTEM.LOG2") <= 0);
}

/* One run with one fault; false when the run was over before its point came. */
static bool killed_at(enum case_kind kind, size_t at, enum disk_fault fault)
{
    int status = 0;
    char now[WANTED + 1];
    case_begin(kind);
    pid_t pid = fork();
    if (pid == 0) {
        struct injection i = {.at = at, .fault = fault};
        struct err e = {0};
        disk_set_hook(&(struct disk_hook){inject, &i});
        _exit(run(true, &e) ? 0 : 1);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    bool reached = WEXITSTATUS(status) == DISK_KILLED;
    CHECK(reached || WEXITSTATUS(status) == 0);
    states(now);
    for (size_t i = 0; i < WANTED; i++)
        CHECK(now[i] != '?');
    go_on("a kill", at);
    fixture_end();
    return reached;
}

TEST(killed_at_every_point)
{
    in_memory();
    static const enum disk_fault kills[] = {DISK_KILL, DISK_KILL_HALF, DISK_KILL_AFTER};
    for (size_t k = 0; k < sizeof kills / sizeof *kills; k++) {
        size_t at = 0;
        while (at < 200 && killed_at(CASE_DIRTY_NEW, at, kills[k]))
            at++;
        CHECK(at > 30 && at < 200);
    }
}

static bool failed_at(size_t at, enum disk_fault fault, const char *word)
{
    char now[WANTED + 1];
    struct injection i = {.at = at, .fault = fault};
    struct err e = {0};
    case_begin(CASE_DIRTY_NEW);
    disk_set_hook(&(struct disk_hook){inject, &i});
    bool ok = run(true, &e);
    disk_set_hook(NULL);
    bool reached = i.seen > at;
    CHECK(ok || strstr(e.text, word));
    CHECK(!ok || !reached || strcmp(i.point, "hive.clean") == 0);
    states(now);
    for (size_t n = 0; n < WANTED; n++)
        CHECK(now[n] != '?');
    go_on("a failure", at);
    fixture_end();
    return reached;
}

TEST(failure_at_every_point)
{
    in_memory();
    static const struct {
        enum disk_fault fault;
        const char *word;
    } faults[] = {
        {DISK_FULL, "No space left"}, {DISK_READ_ONLY, "Read-only"}, {DISK_BROKEN, "error"}};
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
        size_t at = 0;
        while (at < 200 && failed_at(at, faults[k].fault, faults[k].word))
            at++;
        CHECK(at > 30 && at < 200);
    }
}

/* Before a file gets its place it was flushed, and afterwards its folder is. */
struct order {
    bool flushed;
    size_t places, unflushed, names;
    char last[32];
};

static enum disk_fault watch(void *context, const char *point, const char *name)
{
    struct order *o = context;
    const char *step = strchr(point, '.');
    (void)name;
    if (!step)
        return DISK_GO;
    if (strcmp(step, ".write") == 0 || strcmp(step, ".create") == 0)
        o->flushed = false;
    if (strcmp(step, ".sync") == 0)
        o->flushed = true;
    if (strcmp(step, ".place") == 0) {
        o->places++;
        o->unflushed += !o->flushed;
    }
    if (strcmp(o->last, "place") == 0)
        o->names += strcmp(step, ".place.sync") == 0;
    snprintf(o->last, sizeof o->last, "%s", step + 1);
    return DISK_GO;
}

TEST(flushed_before_and_after_the_rename)
{
    struct order o = {0};
    struct err e = {0};
    case_begin(CASE_DIRTY_NEW);
    disk_set_hook(&(struct disk_hook){watch, &o});
    CHECK(run(true, &e));
    disk_set_hook(NULL);
    CHECK_U64(o.places, 5); /* three hives, two logs */
    CHECK_U64(o.unflushed, 0);
    CHECK_U64(o.names, 5);
    fixture_end();
}

/* ---- refused -------------------------------------------------------------------------------- */

static void refused(const char *why, enum complete_choice complete)
{
    struct host *h = case_host(complete);
    struct writer w;
    struct err e = {0};
    struct change c = change_at(0);
    bool ok = case_writer(h, &w, &e);
    if (ok) {
        ok = writer_apply(&w, &c, &e);
        w.ops->close(w.backend);
    }
    CHECK(!ok && strstr(e.text, why));
    if (!strstr(e.text, why))
        fprintf(stderr, "\"%s\", want \"%s\"\n", e.text, why);
    host_close(h);
}

TEST(sleeping_partial_and_dirty_targets_are_refused)
{
    case_begin(CASE_CLEAN);
    refused("collection", COMPLETE_NO);
    fixture_put("hiberfil.sys", "HIBR and more");
    refused("hibernated", COMPLETE_DETECT);
    fixture_put("hiberfil.sys", "wake");
    CHECK(run(true, &(struct err){0}));
    fixture_end();
    case_begin(CASE_DIRTY_NEW);
    CHECK(remove(fixture_path(CASE_CONFIG "SYSTEM.LOG1")) == 0);
    CHECK(remove(fixture_path(CASE_CONFIG "SYSTEM.LOG2")) == 0);
    refused("dirty", COMPLETE_DETECT);
    fixture_end();
}

TEST(drift_is_not_written_over)
{
    struct host *h;
    struct writer w;
    struct err e = {0};
    struct change c = change_at(0);
    struct sb was, is;
    case_begin(CASE_CLEAN);
    h = case_host(COMPLETE_DETECT);
    CHECK(case_writer(h, &w, &e) && writer_apply(&w, &c, &e));
    /* Somebody else puts another file there between reading and writing. */
    slurp(CASE_CONFIG "SOFTWARE", &was);
    CHECK(rename(fixture_path(CASE_CONFIG "SYSTEM"), "/dev/null/x") != 0);
    char from[8192];
    snprintf(from, sizeof from, "%s", fixture_path(CASE_CONFIG "SYSTEM"));
    CHECK(rename(from, fixture_path("elsewhere")) == 0);
    case_file(CASE_CONFIG "SYSTEM", &was);
    CHECK(!w.ops->commit(w.backend, &e) && e.kind == ERR_DRIFTED);
    slurp(CASE_CONFIG "SYSTEM", &is);
    CHECK(was.len == is.len && memcmp(was.ptr, is.ptr, is.len) == 0);
    CHECK_U64(case_count(CASE_CONFIG, ".orig") + case_count(CASE_CONFIG, ".new"), 0);
    w.ops->close(w.backend);
    host_close(h);
    sb_done(&was);
    sb_done(&is);
    /* A value that holds neither image. */
    struct change other = change_at(2);
    other.before.data = span_of("z\0\0\0", 4);
    other.after.data = span_of("y\0\0\0", 4);
    e = (struct err){0};
    h = case_host(COMPLETE_DETECT);
    CHECK(case_writer(h, &w, &e) && !writer_apply(&w, &other, &e) && e.kind == ERR_DRIFTED);
    w.ops->close(w.backend);
    host_close(h);
    fixture_end();
}

/* In a mount namespace of its own; 77 where the system does not let us have one. */
static int read_only_child(void)
{
    struct err e = {0};
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(fixture_root, fixture_root, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, fixture_root, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        return 77;
    bool ok = run(true, &e);
    bool told = strstr(e.text, "config/SYSTEM: the target is on a read-only file system") != NULL;
    if (!told)
        fprintf(stderr, "read-only: %s\n", e.text);
    return !ok && told ? 0 : 1;
}

TEST(read_only_target)
{
    int status = 0;
    case_begin(CASE_CLEAN);
    pid_t pid = fork();
    if (pid == 0)
        _exit(read_only_child());
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    CHECK(all_are('o'));
    fixture_end();
    if (WEXITSTATUS(status) == 77)
        SKIP("no mount namespace of our own");
    CHECK_U64(WEXITSTATUS(status), 0);
}

TEST(one_at_a_time)
{
    case_begin(CASE_CLEAN);
    int fd = open(fixture_path(CASE_CONFIG "SYSTEM"), O_RDONLY);
    CHECK(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
    refused("in use by another process", COMPLETE_DETECT);
    close(fd);
    fixture_end();
}

/* A link in place of the hive, or twins of a log, are nothing to write to. */
TEST(links_and_twins_are_refused)
{
    char from[8192];
    case_begin(CASE_DIRTY_NEW);
    fixture_put(CASE_CONFIG "system.log1", "twin");
    refused("", COMPLETE_DETECT);
    CHECK_U64(case_count(CASE_CONFIG, ".orig") + case_count(CASE_CONFIG, ".new"), 0);
    CHECK(remove(fixture_path(CASE_CONFIG "system.log1")) == 0);
    snprintf(from, sizeof from, "%s", fixture_path(CASE_CONFIG "SYSTEM"));
    CHECK(rename(from, fixture_path("outside")) == 0);
    CHECK(symlink("/etc/hostname", from) == 0);
    refused("", COMPLETE_DETECT);
    fixture_end();
}

TEST_MAIN()
