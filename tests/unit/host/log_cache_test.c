/* The folder of kept indexes: hits, rewriting, folders and files that cannot be trusted, several
 * processes. */
#include "log_case.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/log_cache.h"

static char folder[64], path[96], dir[96];

static void write_file(const char *name, const void *bytes, size_t len)
{
    FILE *f = fopen(name, "wb");
    CHECK(f && fwrite(bytes, 1, len, f) == len);
    if (f)
        fclose(f);
}

static void write_log(unsigned records)
{
    struct log_case c;
    log_begin(&c, 1);
    for (unsigned i = 0; i < records; i++)
        log_add(&c, i % 2 ? &log_mfehidk : &log_other, (uint16_t)(500 + i % 7),
                log_time("2023-03-01T00:00:00Z") + i, "one string", "another one");
    struct span s = log_end(&c, EVTX_CLEAN);
    write_file(path, s.ptr, s.len);
    sb_done(&c.bytes);
}

static void setup(void)
{
    snprintf(folder, sizeof folder, "/tmp/rectify-test-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/System.evtx", folder);
    snprintf(dir, sizeof dir, "%s/cache", folder);
    write_log(3000);
}

static void teardown(void)
{
    char command[160];
    snprintf(command, sizeof command, "%s", folder);
    char *const argv[] = {"rm", "-rf", command, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        execv("/bin/rm", argv);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
}

/* One run; 0 = the log was read, else 1 + chunks read again. */
static uint64_t run(const struct log_cache *c, bool *same)
{
    struct file_map m;
    struct evlog log, fresh;
    struct log_cache_use use;
    struct err e = {0};
    uint64_t answer = 0;
    *same = false;
    int fd = open(path, O_RDONLY);
    if (!file_map_fd(fd, &m, &e))
        return 99;
    if (log_cache_index(c, fd, &m, 2, &log, &use, &e) && evlog_open(m.bytes, 1, &fresh, &e)) {
        *same = log.count == fresh.count && log_cache_intact(&log) &&
                memcmp(log.time, fresh.time, log.count * 8) == 0 &&
                memcmp(log.offset, fresh.offset, log.count * 8) == 0 &&
                memcmp(log.event_id, fresh.event_id, log.count * 2) == 0;
        answer = use.used ? 1 + use.reread : 0;
        evlog_close(&log);
        evlog_close(&fresh);
    }
    file_unmap(&m);
    close(fd);
    return answer;
}

static bool kept_name(char *out, size_t size)
{
    struct stat st;
    return stat(path, &st) == 0 &&
           snprintf(out, size, "%s/%llx-%llx.index", dir, (unsigned long long)st.st_dev,
                    (unsigned long long)st.st_ino) > 0 &&
           stat(out, &st) == 0;
}

TEST(hit_and_growth)
{
    struct log_cache *c = NULL;
    struct stat st;
    char name[160];
    bool same;
    setup();
    CHECK(log_cache_open(dir, &c, NULL));
    CHECK(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK_U64(run(c, &same), 0);
    CHECK(same);
    CHECK(kept_name(name, sizeof name) && stat(name, &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK_U64(run(c, &same), 2);
    CHECK(same);
    write_log(6000);
    CHECK(run(c, &same) > 2);
    CHECK(same);
    CHECK_U64(run(c, &same), 2); /* written anew */
    CHECK(same);
    log_cache_close(c);
    teardown();
}

/* Changes a byte of the chunk in the middle: of its header, so that its first bytes tell. */
static void change_the_middle(void)
{
    struct stat st;
    CHECK(stat(path, &st) == 0);
    long at = 4096 + (long)(st.st_size / 65536 / 2) * 65536 + 124;
    FILE *f = fopen(path, "r+b");
    CHECK(f && fseek(f, at, SEEK_SET) == 0 && fputc(0xEE, f) != EOF && fclose(f) == 0);
}

/* Of a large log that was written on, chunks in the middle are compared when rows of theirs are
 * wanted. */
TEST(a_large_log_grows)
{
    enum { MANY = 100000, MORE = 300 };
    struct log_cache *c = NULL;
    struct log_cache_use use;
    struct file_map m;
    struct evlog log;
    bool same;
    setup();
    write_log(MANY);
    CHECK(log_cache_open(dir, &c, NULL));
    CHECK_U64(run(c, &same), 0);
    write_log(MANY + MORE);
    uint64_t again = run(c, &same);
    CHECK(same && again > 2 && again < 8);
    CHECK_U64(run(c, &same), again); /* too little to write an index anew */
    change_the_middle();
    int fd = open(path, O_RDONLY);
    CHECK(file_map_fd(fd, &m, NULL) && log_cache_index(c, fd, &m, 1, &log, &use, NULL));
    bool noticed = use.reread == again; /* the sample held it: one more was read */
    CHECK(use.used && evlog_rows(&log, 0) && evlog_rows(&log, log.parts - 1));
    CHECK(evlog_rows(&log, log.parts / 2) == noticed && evlog_spoiled(&log) == !noticed);
    CHECK(evlog_rows_all(&log) == noticed);
    evlog_close(&log);
    file_unmap(&m);
    close(fd);
    log_cache_close(c);
    teardown();
}

/* As a log of `slots` chunks that wraps holds them: each chunk in its place of the ring. */
static void write_ring(unsigned records, size_t slots)
{
    enum { HEADER = 4096, CHUNK = 65536 };
    static uint8_t ring[HEADER + 150 * CHUNK];
    struct log_case c;
    log_begin(&c, 1);
    for (unsigned i = 0; i < records; i++)
        log_add(&c, &log_other, (uint16_t)(500 + i % 7), log_time("2023-03-01T00:00:00Z") + i,
                "one string", "another one");
    struct span s = log_end(&c, EVTX_CLEAN);
    size_t chunks = (s.len - HEADER) / CHUNK;
    CHECK(slots <= 150 && chunks > slots);
    memcpy(ring, s.ptr, HEADER);
    for (size_t i = chunks - slots; i < chunks; i++)
        memcpy(ring + HEADER + i % slots * CHUNK, s.ptr + HEADER + i * CHUNK, CHUNK);
    ring[42] = (uint8_t)slots;
    ring[43] = (uint8_t)(slots >> 8);
    uint32_t sum = libdeflate_crc32(0, ring, 120);
    for (int i = 0; i < 4; i++)
        ring[124 + i] = (uint8_t)(sum >> (8 * i));
    write_file(path, ring, HEADER + slots * CHUNK);
    sb_done(&c.bytes);
}

/* In the places after its newest chunk, across the end of the file too. */
TEST(a_large_log_wraps)
{
    enum { SLOTS = 150 };
    struct log_cache *c = NULL;
    bool same;
    setup();
    CHECK(log_cache_open(dir, &c, NULL));
    for (unsigned records = 50000; records < 100000; records += 9987) {
        write_ring(records, SLOTS);
        (void)run(c, &same);
        CHECK(same);
        write_ring(records + 400, SLOTS);
        uint64_t again = run(c, &same);
        CHECK(same && again > 2 && again < 8);
    }
    log_cache_close(c);
    teardown();
}

/* What is wrong with rows shows when they are wanted; then the index goes. */
TEST(spoiled_rows)
{
    struct log_cache *c = NULL;
    struct log_cache_use use;
    struct file_map m;
    struct evlog log;
    char name[160];
    bool same;
    setup();
    CHECK(log_cache_open(dir, &c, NULL));
    CHECK_U64(run(c, &same), 0);
    FILE *f = kept_name(name, sizeof name) ? fopen(name, "r+b") : NULL;
    enum { FIRST_COLUMN = 2 * 4096 + 4096 }; /* behind the header's page and those of the slots */
    CHECK(f && fseek(f, FIRST_COLUMN, SEEK_SET) == 0 && fputc(0xEE, f) != EOF && fclose(f) == 0);
    int fd = open(path, O_RDONLY);
    CHECK(file_map_fd(fd, &m, NULL) && log_cache_index(c, fd, &m, 1, &log, &use, NULL));
    CHECK(use.used && !evlog_spoiled(&log) && !evlog_rows_all(&log) && evlog_spoiled(&log));
    log_cache_forget(c, &m);
    evlog_close(&log);
    file_unmap(&m);
    close(fd);
    CHECK_U64(run(c, &same), 0);
    CHECK(same);
    CHECK_U64(run(c, &same), 2);
    log_cache_close(c);
    teardown();
}

TEST(files_that_are_not_trusted)
{
    struct log_cache *c = NULL;
    char name[160], other[160];
    bool same;
    setup();
    CHECK(log_cache_open(dir, &c, NULL));
    CHECK_U64(run(c, &same), 0);
    CHECK(kept_name(name, sizeof name));
    CHECK(chmod(name, 0620) == 0);
    CHECK_U64(run(c, &same), 0); /* others could have written it; now it is a new one */
    CHECK_U64(run(c, &same), 2);
    CHECK(truncate(name, 5000) == 0);
    CHECK_U64(run(c, &same), 0);
    CHECK(same);
    snprintf(other, sizeof other, "%s/other", folder);
    CHECK(rename(name, other) == 0 && symlink(other, name) == 0);
    CHECK_U64(run(c, &same), 0); /* a link is replaced, never followed */
    CHECK_U64(run(c, &same), 2);
    write_file(name, "no index at all", 15);
    CHECK_U64(run(c, &same), 0);
    CHECK(same);
    log_cache_close(c);
    teardown();
}

TEST(folders_that_are_not_trusted)
{
    struct log_cache *c = NULL;
    char link[160];
    bool same;
    setup();
    CHECK(mkdir(dir, 0700) == 0);
    snprintf(link, sizeof link, "%s/link", folder);
    CHECK(symlink(dir, link) == 0);
    CHECK(!log_cache_open(link, &c, NULL));
    CHECK(chmod(dir, 0770) == 0);
    CHECK(!log_cache_open(dir, &c, NULL));
    CHECK(!log_cache_open("/no/such/folder", &c, NULL));
    CHECK(!log_cache_open(path, &c, NULL));
    CHECK(chmod(dir, 0500) == 0); /* nothing can be kept there (root can all the same) */
    CHECK(log_cache_open(dir, &c, NULL));
    run(c, &same);
    CHECK(same);
    log_cache_close(c);
    CHECK(chmod(dir, 0700) == 0);
    teardown();
}

/* Readers and writers at once: no one ever gets a wrong index, and no temporary file is left. */
TEST(several_processes)
{
    enum { PROCESSES = 6, RUNS = 30 };
    struct log_cache *c = NULL;
    bool same;
    setup();
    CHECK(log_cache_open(dir, &c, NULL));
    pid_t pid[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pid[i] = fork();
        if (pid[i] == 0) {
            bool good = true;
            for (int k = 0; k < RUNS; k++) {
                char name[160];
                if (k % 3 == i % 3 && kept_name(name, sizeof name))
                    unlink(name);
                run(c, &same);
                good = good && same;
            }
            _exit(good ? 0 : 1);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 1;
        CHECK(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
    }
    CHECK(run(c, &same) <= 2);
    char name[160];
    CHECK(kept_name(name, sizeof name) && unlink(name) == 0);
    log_cache_close(c);
    CHECK(rmdir(dir) == 0);
    teardown();
}

TEST_MAIN()
