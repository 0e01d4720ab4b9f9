#include "host/file.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/fd.h"

/* The guard's table.  A signal handler may only read it, so every field is atomic and a slot is
 * published by its `start` alone. */
enum { SLOTS = 4096 };
static struct {
    atomic_uintptr_t start;
    atomic_size_t len;
    atomic_bool broken;
} slots[SLOTS];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static size_t page_size;

static bool replace_page(uintptr_t at)
{
    for (size_t i = 0; i < SLOTS; i++) {
        uintptr_t start = atomic_load(&slots[i].start);
        if (!start || at < start || at - start >= atomic_load(&slots[i].len))
            continue;
        atomic_store(&slots[i].broken, true);
        void *page = (void *)(at / page_size * page_size);
        return mmap(page, page_size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
    }
    return false;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    (void)context;
    int saved = errno;
    if (!replace_page((uintptr_t)info->si_addr)) {
        /* Not one of ours: let it kill the process as it would have. */
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = saved;
}

static void install(void)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    struct sigaction act = {0};
    act.sa_sigaction = on_bus_error;
    act.sa_flags = SA_SIGINFO;
    sigemptyset(&act.sa_mask);
    sigaction(SIGBUS, &act, NULL);
}

void file_guard(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
}

static int guard_add(const void *start, size_t len)
{
    int slot = -1;
    pthread_mutex_lock(&slots_lock);
    for (int i = 0; i < SLOTS && slot < 0; i++)
        if (atomic_load(&slots[i].start) == 0) {
            atomic_store(&slots[i].len, len);
            atomic_store(&slots[i].broken, false);
            atomic_store(&slots[i].start, (uintptr_t)start);
            slot = i;
        }
    pthread_mutex_unlock(&slots_lock);
    return slot;
}

static void guard_remove(int slot)
{
    if (slot >= 0)
        atomic_store(&slots[slot].start, 0);
}

static bool map_range(int fd, size_t len, int prot, int flags, struct file_map *m, struct err *e)
{
    void *p = mmap(NULL, len, prot, flags, fd, 0);
    if (p == MAP_FAILED)
        return err_set(e, ERR_IO, 0, "cannot map: %s", strerror(errno));
    file_guard();
    m->slot = guard_add(p, len);
    if (m->slot < 0) {
        munmap(p, len);
        return err_set(e, ERR_LIMIT, 0, "more than %d files are mapped", SLOTS);
    }
    m->mapped = len;
    m->bytes.ptr = p;
    return true;
}

static uint64_t nanoseconds(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool file_stat_fd(int fd, struct file_map *out, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, ERR_IO, 0, "cannot stat: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_DENIED, 0, "not a regular file");
    if (st.st_size < 0 || (uint64_t)st.st_size > SIZE_MAX / 2)
        return err_set(e, ERR_LIMIT, 0, "too large to map");
    *out = (struct file_map){
        .bytes = {NULL, (size_t)st.st_size},
        .slot = -1,
        .device = (uint64_t)st.st_dev,
        .inode = (uint64_t)st.st_ino,
        .size = (uint64_t)st.st_size,
        .mtime = nanoseconds(st.st_mtim),
        .ctime = nanoseconds(st.st_ctim),
    };
    return true;
}

bool file_map_fd(int fd, struct file_map *out, struct err *e)
{
    struct file_map m;
    if (!file_stat_fd(fd, &m, e) ||
        (m.bytes.len && !map_range(fd, m.bytes.len, PROT_READ, MAP_PRIVATE, &m, e)))
        return false;
    *out = m;
    return true;
}

/* Mapping and unmapping stop all threads of the process for a moment; copying so little does not.
 */
enum { SMALL = 1 << 18 };

static bool read_small(int fd, struct file_map *m, struct err *e)
{
    size_t at = 0;
    m->copy = malloc(m->bytes.len);
    while (m->copy && at < m->bytes.len) {
        ssize_t n = pread(fd, m->copy + at, m->bytes.len - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    m->bytes.ptr = m->copy;
    if (m->copy && at == m->bytes.len)
        return true;
    err_set(e, m->copy ? ERR_IO : ERR_NOMEM, at, "cannot read: %s",
            m->copy ? "the file ends early or a part of it is unreadable" : "out of memory");
    free(m->copy);
    return false;
}

bool file_load_fd(int fd, struct file_map *out, struct err *e)
{
    struct file_map m;
    if (!file_stat_fd(fd, &m, e))
        return false;
    bool ok = m.bytes.len == 0 ||
              (m.bytes.len <= SMALL ? read_small(fd, &m, e)
                                    : map_range(fd, m.bytes.len, PROT_READ, MAP_PRIVATE, &m, e));
    if (ok)
        *out = m;
    return ok;
}

bool file_map_path(const char *path, struct file_map *out, struct err *e)
{
    int fd = fd_open_read(path, e);
    bool ok = fd >= 0 && file_map_fd(fd, out, e);
    fd_close(fd);
    return ok;
}

/* Address space for the whole size first, then the file over its beginning: what lies behind the
 * file's last page is plain zeroed memory. */
bool file_make_private(int fd, struct file_map *m, uint64_t size, struct err *e)
{
    if (size < m->bytes.len || size > SIZE_MAX / 2)
        return err_set(e, ERR_LIMIT, 0, "cannot grow to %llu bytes", (unsigned long long)size);
    struct file_map grown = *m;
    grown.slot = -1;
    grown.copy = NULL;
    if (!map_range(-1, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, &grown,
                   e))
        return false;
    grown.bytes.len = (size_t)size;
    if (m->bytes.len &&
        mmap((void *)(uintptr_t)grown.bytes.ptr, m->bytes.len, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
        file_unmap(&grown);
        return err_set(e, ERR_IO, 0, "cannot map: %s", strerror(errno));
    }
    file_unmap(m);
    grown.private_copy = (uint8_t *)(uintptr_t)grown.bytes.ptr;
    *m = grown;
    return true;
}

bool file_intact(const struct file_map *m)
{
    return m->slot < 0 || !atomic_load(&slots[m->slot].broken);
}

void file_unmap(struct file_map *m)
{
    guard_remove(m->slot);
    free(m->copy);
    if (m->mapped)
        munmap((void *)(uintptr_t)m->bytes.ptr, m->mapped);
    *m = (struct file_map){.slot = -1};
}
