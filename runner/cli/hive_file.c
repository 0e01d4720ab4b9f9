#include "cli/hive_file.h"

#include <string.h>

#include "base/utf16.h"
#include "cli/hive_logs.h"
#include "host/fd.h"

int hive_log_suffix(const char *base, const char *name)
{
    static const char *const suffix[REGF_LOGS_MAX] = {".LOG", ".LOG1", ".LOG2"};
    size_t len = strlen(base), all = strlen(name);
    if (all <= len || !str_ieq((struct str){name, len}, str_of(base)))
        return -1;
    for (int i = 0; i < REGF_LOGS_MAX; i++)
        if (str_ieq(str_of(name + len), str_of(suffix[i])))
            return i;
    return -1;
}

static bool replay(struct hive_file *h, int fd, struct err *e)
{
    struct regf_log logs[REGF_LOGS_MAX];
    for (size_t i = 0; i < h->log_count; i++)
        logs[i] = (struct regf_log){h->log[i].bytes, h->log_name[i]};
    if (!regf_replay_plan(h->primary.bytes, logs, h->log_count, &h->arena, &h->plan, e))
        return false;
    return h->plan.state != REGF_REPLAYABLE ||
           (file_make_private(fd, &h->primary, h->plan.size, e) &&
            regf_replay_apply(&h->plan, h->primary.private_copy, e));
}

bool hive_file_open(const char *path, bool use_logs, struct hive_file *out, struct err *e)
{
    struct hive_file *h = out;
    *h = (struct hive_file){.primary.slot = -1};
    for (size_t i = 0; i < REGF_LOGS_MAX; i++)
        h->log[i].slot = -1;
    arena_init(&h->arena, ARENA_DEFAULT_CAP);
    int fd = fd_open_read(path, e);
    bool ok = fd >= 0 && file_map_fd(fd, &h->primary, e);
    if (ok && use_logs) {
        hive_logs_load(h, path);
        ok = replay(h, fd, e);
    }
    fd_close(fd);
    ok = ok && regf_open(h->primary.bytes, &h->hive, e);
    if (!ok)
        hive_file_close(h);
    return ok;
}

bool hive_file_intact(const struct hive_file *h)
{
    bool intact = file_intact(&h->primary);
    for (size_t i = 0; i < h->log_count; i++)
        intact = intact && file_intact(&h->log[i]);
    return intact;
}

void hive_file_close(struct hive_file *h)
{
    for (size_t i = 0; i < h->log_count; i++)
        file_unmap(&h->log[i]);
    file_unmap(&h->primary);
    arena_done(&h->arena);
}
