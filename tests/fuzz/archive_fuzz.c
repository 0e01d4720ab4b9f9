#include <sys/mman.h>
#include <unistd.h>

#include "host/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_some(struct volume *v, struct str dir, struct arena *a, unsigned depth)
{
    enum { FILES = 8, DEEPEST = 6 };
    struct volume_list list;
    struct err e = {0};
    if (volume_list(v, dir, STR("*"), a, &list, &e) != FACT_FOUND) {
        BUG_ON(e.kind == ERR_NONE && depth == 0);
        return;
    }
    for (size_t i = 0; i < list.count && i < FILES; i++) {
        struct str path =
            str_fmt(a, STR_FMT "\\" STR_FMT, STR_ARG(dir), STR_ARG(list.entries[i].name));
        if (!path.ptr)
            return;
        if (list.entries[i].directory && depth < DEEPEST) {
            read_some(v, path, a, depth + 1);
            continue;
        }
        struct volume_file f;
        e = (struct err){0};
        enum fact_state state = volume_open(v, path, &f, &e);
        BUG_ON(state == FACT_UNREADABLE && (e.kind == ERR_NONE || !e.text[0]));
        BUG_ON(state == FACT_FOUND && f.map.bytes.len > 1 << 20);
        volume_close_file(&f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("zip", MFD_CLOEXEC);
    if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
        abort();
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const struct archive_limits limits = {
        .members = 1000, .member_bytes = 1 << 20, .total_bytes = 4 << 20, .ratio = 1000};
    struct volume *v = NULL;
    struct err e = {0};
    if (volume_open_archive(path, COMPLETE_DETECT, &limits, &v, &e)) {
        struct arena a;
        arena_init(&a, 16 << 20);
        read_some(v, STR("C:"), &a, 0);
        arena_done(&a);
        volume_close(v);
    } else {
        BUG_ON(e.kind == ERR_NONE || !e.text[0]);
    }
    close(fd);
    return 0;
}
