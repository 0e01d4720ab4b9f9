#include "actions/journal_part.h"

struct journal {
    struct disk_dir *dir;
    struct disk_file file;
    char *name;
    char prev[SHA256_HEX];
    char id[JOURNAL_ID], plan[SHA256_HEX], target[SHA256_HEX];
    enum journal_state state;
    uint64_t size; /* bytes of whole lines */
    bool broken;   /* what a failed write left could not be cut off again */
};

/* Folder and name of `path`, and the folder opened. */
static bool begin(const char *path, struct journal **out, struct err *e)
{
    size_t at = journal_file_name(path), len = strlen(path) + 2;
    const char *name = path + at;
    struct journal *j = calloc(1, sizeof *j);
    char *dir = malloc(len);
    if (j)
        j->name = malloc(len);
    bool ok = j && j->name && dir;
    if (!ok)
        err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok && (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0))
        ok = err_set(e, ERR_USAGE, 0, "names no file");
    if (ok) {
        snprintf(j->name, len, "%s", name);
        snprintf(dir, len, "%.*s", (int)(at ? at : 1), at ? path : ".");
        ok = disk_dir_open(dir, &j->dir, e);
    }
    free(dir);
    if (ok)
        *out = j;
    else
        journal_close(j);
    return ok;
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    disk_close(&j->file);
    disk_dir_close(j->dir);
    free(j->name);
    free(j);
}

bool journal_create(const char *path, struct journal **out, struct err *e)
{
    struct journal *j;
    if (!begin(path, &j, e))
        return false;
    bool made = disk_create("journal.create", j->dir, j->name, &j->file, e);
    if (!made || !disk_lock("journal.lock", &j->file, e) ||
        !disk_sync_dir("journal.folder", j->dir, e)) {
        if (made)
            (void)disk_unlink("journal.remove", j->dir, j->name, NULL);
        journal_close(j);
        return false;
    }
    *out = j;
    return true;
}

/* Adopts what was read. */
static void adopt(struct journal *j, const struct journal_data *d)
{
    j->state = d->state;
    j->size = d->whole;
    memcpy(j->prev, d->last, sizeof j->prev);
    memcpy(j->id, d->id, sizeof j->id);
    memcpy(j->plan, d->plan, sizeof j->plan);
    memcpy(j->target, d->target, sizeof j->target);
}

bool journal_open(const char *path, struct arena *a, struct journal_data *data,
                  struct journal **out, struct err *e)
{
    struct journal *j;
    struct span bytes;
    if (!begin(path, &j, e))
        return false;
    bool ok = disk_append("journal.open", j->dir, j->name, true, &j->file, e) &&
              journal_file_own(&j->file, e) && journal_file_read(&j->file, a, &bytes, e) &&
              journal_read(bytes, a, data, e);
    if (ok && data->whole < bytes.len)
        ok = disk_truncate("journal.cut", &j->file, data->whole, e) &&
             disk_sync("journal.cut.flush", &j->file, e);
    if (!ok) {
        journal_close(j);
        return false;
    }
    adopt(j, data);
    *out = j;
    return true;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool append(struct journal *j, const char *write_point, const char *sync_point,
                   const struct sb *bytes, struct err *e)
{
    if (j->broken)
        return err_set(e, ERR_IO, 0, "the journal could not be written before");
    if (disk_write(write_point, &j->file, bytes->ptr, bytes->len, e) &&
        disk_sync(sync_point, &j->file, e)) {
        j->size += bytes->len;
        return true;
    }
    /* A line cut short must not have another one behind it. */
    j->broken = !disk_truncate("journal.back", &j->file, j->size, NULL);
    return false;
}

bool journal_prepare(struct journal *j, const struct journal_data *d, struct err *e)
{
    struct sb bytes;
    char prev[SHA256_HEX] = "";
    BUG_ON(j->state != JOURNAL_EMPTY && j->state != JOURNAL_BEGUN);
    sb_init(&bytes, JOURNAL_SIZE);
    bool ok = journal_lines(&bytes, d, prev, e);
    if (ok && d->action_count + d->change_count + 16 > JOURNAL_RECORDS)
        ok = err_set(e, ERR_LIMIT, 0, "more than %d records", JOURNAL_RECORDS);
    if (ok && j->state == JOURNAL_BEGUN)
        ok = disk_truncate("journal.restart", &j->file, 0, e);
    if (ok)
        j->size = 0;
    ok = ok && append(j, "journal.prepare", "journal.prepare.flush", &bytes, e);
    sb_done(&bytes);
    if (!ok)
        return false;
    uint64_t size = j->size;
    adopt(j, d);
    j->size = size;
    memcpy(j->prev, prev, sizeof prev);
    j->state = JOURNAL_PREPARED;
    return true;
}

bool journal_mark(struct journal *j, enum journal_state s, struct str why, struct err *e)
{
    struct sb bytes;
    char prev[SHA256_HEX];
    BUG_ON(s == JOURNAL_PREPARED || !journal_may_follow(j->state, s));
    memcpy(prev, j->prev, sizeof prev);
    sb_init(&bytes, 1 << 20);
    bool ok = journal_state_line(&bytes, s, why, prev, e) &&
              append(j, "journal.state", "journal.state.flush", &bytes, e);
    sb_done(&bytes);
    if (!ok)
        return false;
    memcpy(j->prev, prev, sizeof prev);
    j->state = s;
    return true;
}

bool journal_posted(struct journal *j, size_t action, struct err *e)
{
    struct sb bytes;
    char prev[SHA256_HEX];
    BUG_ON(j->state != JOURNAL_VERIFIED);
    memcpy(prev, j->prev, sizeof prev);
    sb_init(&bytes, 1 << 12);
    bool ok = journal_posted_line(&bytes, action, prev, e) &&
              append(j, "journal.posted", "journal.posted.flush", &bytes, e);
    sb_done(&bytes);
    if (ok)
        memcpy(j->prev, prev, sizeof prev);
    return ok;
}

bool journal_remove(struct journal *j, struct err *e)
{
    return disk_unlink("journal.remove", j->dir, j->name, e) &&
           disk_sync_dir("journal.folder", j->dir, e);
}

enum journal_state journal_state(const struct journal *j)
{
    return j->state;
}

const char *journal_plan(const struct journal *j)
{
    return j->plan;
}

const char *journal_target(const struct journal *j)
{
    return j->target;
}

const char *journal_id(const struct journal *j)
{
    return j->id;
}
