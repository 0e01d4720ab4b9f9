/* Files read whole: what they hold, and what is no file. */
#include "check.h"
#include "host/fd.h"
#include "host/file.h"
#include "system.h"

static char folder[40], path[64];

static int scratch(size_t size)
{
    static const uint8_t block[4096] = {[0] = 'R', [4095] = 'r'};
    struct err e = {0};
    snprintf(folder, sizeof folder, "/tmp/rectify-file-XXXXXX");
    CHECK(temp_folder(folder));
    snprintf(path, sizeof path, "%s/f", folder);
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    for (size_t done = 0; f && done < size; done += sizeof block)
        CHECK(fwrite(block, 1, sizeof block, f) == sizeof block);
    if (f)
        fclose(f);
    int fd = fd_open_read(path, &e);
    CHECK(fd >= 0);
    return fd;
}

static void end(int fd)
{
    fd_close(fd);
    CHECK(remove_all(folder));
}

static uint32_t sum(struct span s)
{
    uint32_t total = 0;
    for (size_t i = 0; i < s.len; i++)
        total += s.ptr[i];
    return total;
}

TEST(private_copy)
{
    struct file_map m, again;
    struct err e = {0};
    int fd = scratch(4 * 4096);
    CHECK(file_map_fd(fd, &m, &e));
    CHECK_U64(m.bytes.len, 4 * 4096);
    CHECK(file_make_private(fd, &m, 6 * 4096, &e));
    CHECK_U64(m.bytes.len, 6 * 4096);
    CHECK_U64(sum(m.bytes), 4 * ('R' + 'r'));
    m.private_copy[0] = 'x';
    CHECK(m.bytes.ptr[0] == 'x');
    m.private_copy[6 * 4096 - 1] = 1;
    CHECK(file_intact(&m));
    CHECK(file_map_path(path, &again, &e) && again.bytes.ptr[0] == 'R');
    CHECK(again.bytes.len == 4 * 4096 && again.device == m.device && again.inode == m.inode);
    CHECK(!file_make_private(fd, &m, 4096, &e)); /* smaller than it is */
    file_unmap(&again);
    file_unmap(&m);
    end(fd);
}

TEST(what_is_no_file)
{
    struct file_map m;
    struct err dir = {0}, missing = {0};
    CHECK(!file_map_path("/tmp", &m, &dir) && dir.kind == ERR_DENIED);
    CHECK(!file_map_path("/tmp/rectify-no-such-file", &m, &missing));
    CHECK(missing.kind == ERR_NOT_FOUND && missing.text[0]);
}

TEST(empty_file_is_an_empty_span)
{
    struct file_map m;
    struct err e = {0};
    int fd = scratch(0);
    CHECK(file_map_path(path, &m, &e) && m.bytes.len == 0 && file_intact(&m));
    file_unmap(&m);
    CHECK(file_map_fd(fd, &m, &e) && file_make_private(fd, &m, 4096, &e));
    CHECK_U64(sum(m.bytes), 0);
    file_unmap(&m);
    file_unmap(&m); /* harmless twice */
    end(fd);
}

TEST_MAIN()
