/* Mapped files: those that shrink under us, and what is no file. */
#include "check.h"
#include "host/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];

static int scratch(size_t size)
{
    strncpy(path, "/tmp/rectify-file-test-XXXXXX", sizeof path - 1);
    int fd = mkstemp(path);
    static const uint8_t block[4096] = {[0] = 'R', [4095] = 'r'};
    for (size_t done = 0; fd >= 0 && done < size;) {
        size_t n = size - done < sizeof block ? size - done : sizeof block;
        CHECK(write(fd, block, n) == (ssize_t)n);
        done += n;
    }
    CHECK(fd >= 0);
    return fd;
}

static uint32_t sum(struct span s)
{
    uint32_t total = 0;
    const volatile uint8_t *p = s.ptr; /* the reads are the point of some tests */
    for (size_t i = 0; i < s.len; i++)
        total += p[i];
    return total;
}

TEST(shrinking_file_is_told_not_fatal)
{
    struct file_map m, other;
    struct err e = {0};
    int fd = scratch(16 * 4096);
    CHECK(file_map_path(path, &m, &e) && file_map_path(path, &other, &e));
    CHECK_U64(m.bytes.len, 16 * 4096);
    CHECK_U64(sum(m.bytes), 16 * ('R' + 'r'));
    CHECK(file_intact(&m));
    CHECK(ftruncate(fd, 2 * 4096) == 0);
    CHECK_U64(sum(m.bytes), 2 * ('R' + 'r')); /* zeroes where the file was */
    CHECK(!file_intact(&m));
    CHECK(file_intact(&other)); /* not touched yet: each mapping has its own answer */
    (void)sum(other.bytes);
    CHECK(!file_intact(&other));
    file_unmap(&m);
    file_unmap(&other);

    /* The slot's next user starts afresh. */
    CHECK(file_map_path(path, &m, &e) && file_intact(&m));
    file_unmap(&m);
    close(fd);
    unlink(path);
}

TEST(private_copy_of_a_shrinking_file)
{
    struct file_map m;
    struct err e = {0};
    int fd = scratch(4 * 4096);
    CHECK(file_map_fd(fd, &m, &e));
    CHECK(file_make_private(fd, &m, 6 * 4096, &e));
    CHECK_U64(m.bytes.len, 6 * 4096);
    CHECK_U64(sum(m.bytes), 4 * ('R' + 'r'));
    m.private_copy[0] = 'x';
    CHECK(m.bytes.ptr[0] == 'x');
    m.private_copy[6 * 4096 - 1] = 1;
    char first = 0;
    CHECK(pread(fd, &first, 1, 0) == 1 && first == 'R');
    CHECK(file_intact(&m));
    CHECK(ftruncate(fd, 4096) == 0);
    (void)sum(m.bytes);
    CHECK(!file_intact(&m));
    CHECK(!file_make_private(fd, &m, 4096, &e)); /* smaller than it is */
    file_unmap(&m);
    close(fd);
    unlink(path);
}

TEST(fifo_is_refused_at_once)
{
    struct file_map m;
    struct err e = {0};
    char fifo[80];
    int fd = scratch(0);
    snprintf(fifo, sizeof fifo, "%s.fifo", path);
    CHECK(mkfifo(fifo, 0600) == 0);
    alarm(10); /* a blocking open would hang for ever */
    CHECK(!file_map_path(fifo, &m, &e));
    alarm(0);
    CHECK(e.kind == ERR_DENIED);
    unlink(fifo);
    close(fd);
    unlink(path);
}

TEST(devices_are_refused)
{
    struct file_map m;
    struct err e = {0};
    CHECK(!file_map_path("/dev/null", &m, &e) && e.kind == ERR_DENIED);
}

TEST_MAIN()
