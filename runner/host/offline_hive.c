/* Hives of a volume: where they lie, and their transaction logs replayed in memory. */
#include "base/utf16.h"
#include "host/offline.h"
#include "host/wow64.h"

#define PROFILE_LIST "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"

enum { HIVES_MAX = 1024, LOG_MIN = 512, NOTE_MAX = 512 };

struct config_hive {
    const char *place, *path;
};

static const struct config_hive config_hives[] = {
    {"HKLM\\SOFTWARE", "\\SystemRoot\\System32\\config\\SOFTWARE"},
    {"HKLM\\SYSTEM", "\\SystemRoot\\System32\\config\\SYSTEM"},
    {"HKLM\\SECURITY", "\\SystemRoot\\System32\\config\\SECURITY"},
    {"HKLM\\SAM", "\\SystemRoot\\System32\\config\\SAM"},
    {"HKU\\.DEFAULT", "\\SystemRoot\\System32\\config\\DEFAULT"},
    {"HKU\\S-1-5-18", "\\SystemRoot\\System32\\config\\DEFAULT"},
};

static struct offline *offline_of(struct host *h)
{
    return h->backend;
}

static void refuse(struct hive *hv, enum fact_state state, struct str reason)
{
    hv->state = state;
    hv->reason = reason;
}

/* --- transaction logs --- */

struct hive_logs {
    struct host_file file[REGF_LOGS_MAX];
    struct regf_log log[REGF_LOGS_MAX];
    size_t files, logs;
    bool unreadable;
};

static void open_logs(struct host *h, struct str hive_path, struct arena *a, struct hive_logs *out)
{
    static const char *const suffixes[REGF_LOGS_MAX] = {".LOG", ".LOG1", ".LOG2"};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < REGF_LOGS_MAX; i++) {
        struct host_file *f = &out->file[out->files];
        struct str path = str_fmt(a, STR_FMT "%s", STR_ARG(hive_path), suffixes[i]);
        h->ops->open_file(h, path, a, f);
        out->unreadable = out->unreadable || f->state == FACT_UNREADABLE;
        if (f->state != FACT_FOUND)
            continue;
        out->files++;
        if (f->bytes.len < LOG_MIN) /* Vista and later leave an empty .LOG beside the two */
            continue;
        size_t name = f->path.len;
        while (name > 0 && f->path.ptr[name - 1] != '/' && f->path.ptr[name - 1] != '\\')
            name--;
        out->log[out->logs].bytes = f->bytes;
        out->log[out->logs].name = arena_strdup(a, f->path.ptr + name, f->path.len - name);
        if (out->log[out->logs].name)
            out->logs++;
    }
}

static void close_logs(struct host *h, struct hive_logs *logs)
{
    for (size_t i = 0; i < logs->files; i++)
        h->ops->close_file(h, &logs->file[i]);
}

static bool logs_intact(struct host *h, const struct hive_logs *logs)
{
    for (size_t i = 0; i < logs->files; i++)
        if (!h->ops->intact(h, &logs->file[i]))
            return false;
    return true;
}

static bool apply(struct host *h, struct hive *hv, const struct hive_logs *logs,
                  const struct regf_replay *plan, struct err *e)
{
    if (!volume_make_private(&hv->file.file, plan->size, e))
        return false;
    hv->file.bytes = hv->file.file.map.bytes;
    if (!regf_replay_apply(plan, hv->file.file.map.private_copy, e))
        return false;
    if (!logs_intact(h, logs))
        return err_set(e, ERR_IO, 0, "a transaction log could not be read");
    return true;
}

/* Brings the hive up to date in memory, as Windows would when it loads it.  False when that was
 * begun and failed. */
static bool replay(struct host *h, struct hive *hv, struct str path, struct arena *a, struct err *e)
{
    struct regf_replay plan = {0};
    struct hive_logs logs;
    char note[NOTE_MAX];
    if (!regf_replay_plan(hv->file.bytes, NULL, 0, a, &plan, e))
        return false;
    if (plan.state == REGF_CLEAN)
        return true;
    open_logs(h, path, a, &logs);
    memset(&plan, 0, sizeof plan);
    bool ok = regf_replay_plan(hv->file.bytes, logs.log, logs.logs, a, &plan, e);
    if (ok && plan.state == REGF_REPLAYABLE) {
        ok = apply(h, hv, &logs, &plan, e);
        snprintf(note, sizeof note, "dirty; %u log %s replayed in memory", (unsigned)plan.entries,
                 plan.entries == 1 ? "entry" : "entries");
        hv->note = str_dup(&h->mem, str_of(note));
    } else if (ok && plan.state != REGF_CLEAN) {
        hv->stale = true;
        snprintf(note, sizeof note, "dirty, and its transaction logs %s: it may lag behind%s%s",
                 plan.state == REGF_LOGS_UNFIT ? "do not fit"
                 : logs.unreadable             ? "could not be read"
                                               : "are missing",
                 plan.why[0] ? "; " : "", plan.why);
        hv->note = str_dup(&h->mem, str_of(note));
    }
    close_logs(h, &logs);
    return ok;
}

/* --- opening --- */

static void read_hive(struct host *h, struct hive *hv, struct str path)
{
    struct arena a;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = replay(h, hv, path, &a, &e) && regf_open(hv->file.bytes, &hv->regf, &e);
    arena_done(&a);
    if (ok && !h->ops->intact(h, &hv->file))
        ok = err_set(&e, ERR_IO, 0, "a part of the file could not be read");
    if (!ok) {
        refuse(hv, FACT_UNREADABLE, host_reason(&h->mem, hv->file.path, &e));
        return;
    }
    if (hv->note.len)
        host_note(
            h, str_fmt(&h->mem, STR_FMT ": " STR_FMT, STR_ARG(hv->file.path), STR_ARG(hv->note)));
}

/* The file is open, or why not.  Windows cannot run without its hives: where a whole volume lacks
 * one, its keys cannot be known to be absent. */
static void take_file(struct host *h, struct hive *hv, struct str path)
{
    hv->state = hv->file.state;
    hv->reason = hv->file.reason;
    hv->winpath = path;
    if (hv->state == FACT_ABSENT)
        refuse(hv, FACT_UNREADABLE,
               str_fmt(&h->mem, "the hive " STR_FMT " is missing", STR_ARG(path)));
    else if (hv->state == FACT_NOT_COLLECTED)
        hv->reason = str_fmt(&h->mem, "the hive " STR_FMT " was not collected", STR_ARG(path));
    else if (hv->state == FACT_FOUND)
        read_hive(h, hv, path);
}

/* Windows' spelling of the path for messages and for the logs beside the hive. */
static void open_config(struct host *h, struct hive *hv, const char *path)
{
    size_t front = strlen("\\SystemRoot\\");
    struct str full = str_fmt(&h->mem, "\\" STR_FMT "\\%s", STR_ARG(h->windows), path + front);
    h->ops->open_file(h, full, &h->mem, &hv->file);
    take_file(h, hv, full);
}

/* Profile folders are named by SOFTWARE. */
static bool profile(struct host *h, struct hive *hv, struct str sid, struct str *folder)
{
    struct reg_value v;
    struct err e = {0};
    struct str key = str_fmt(&h->mem, PROFILE_LIST "\\" STR_FMT, STR_ARG(sid));
    registry_value(h, key, STR("ProfileImagePath"), VIEW_NATIVE, &h->mem, &v);
    if (v.state != FACT_FOUND) {
        refuse(hv, v.state, v.reason);
        return false;
    }
    if (!host_expand(h, v.text, VIEW_NATIVE, &h->mem, folder, &e)) {
        refuse(hv, FACT_UNREADABLE, host_reason(&h->mem, v.text, &e));
        return false;
    }
    return true;
}

static bool is_classes(struct str name)
{
    const struct str tail = STR("_Classes");
    return name.len > tail.len &&
           str_ieq((struct str){name.ptr + name.len - tail.len, tail.len}, tail);
}

static void open_user(struct host *h, struct hive *hv, struct str name)
{
    struct str folder, sid = name;
    unsigned nt = host_nt_version(h);
    const char *file = "NTUSER.DAT";
    if (is_classes(name)) {
        sid.len -= strlen("_Classes");
        file = nt != 0 && nt < 600
                   ? "Local Settings\\Application Data\\Microsoft\\Windows\\UsrClass.dat"
                   : "AppData\\Local\\Microsoft\\Windows\\UsrClass.dat";
    }
    if (!profile(h, hv, sid, &folder))
        return;
    struct str path = str_fmt(&h->mem, STR_FMT "\\%s", STR_ARG(folder), file);
    files_open(h, path, &h->mem, &hv->file);
    take_file(h, hv, path);
}

static struct hive *find_or_add(struct host *h, struct str place)
{
    struct offline *o = offline_of(h);
    for (struct hive *hv = o->hives; hv; hv = hv->next)
        if (str_ieq(hv->place, place))
            return hv;
    if (o->hive_count == HIVES_MAX)
        return NULL;
    struct hive *hv = ARENA_NEW(&h->mem, struct hive);
    if (!hv)
        return NULL;
    hv->place = str_dup(&h->mem, place);
    hv->file.file.fd = -1;
    hv->next = o->hives;
    o->hives = hv;
    o->hive_count++;
    return hv;
}

static struct hive *give(struct hive *hv, enum fact_state *state, struct str *reason)
{
    if (hv && hv->state == FACT_FOUND)
        return hv;
    *state = hv ? hv->state : FACT_UNREADABLE;
    *reason = hv ? hv->reason : STR("more hives than can be opened");
    return NULL;
}

static struct hive *user_hive(struct host *h, struct str below, struct str *rest,
                              enum fact_state *state, struct str *reason)
{
    const char *end = memchr(below.ptr, '\\', below.len);
    struct str name = {below.ptr, end ? (size_t)(end - below.ptr) : below.len};
    *rest = end ? (struct str){end + 1, below.len - name.len - 1} : (struct str){"", 0};
    struct hive *hv = find_or_add(h, str_fmt(&h->mem, "HKU\\" STR_FMT, STR_ARG(name)));
    if (hv && !hv->opened) {
        hv->opened = true;
        open_user(h, hv, name);
    }
    return give(hv, state, reason);
}

struct hive *offline_hive(struct host *h, struct str key, struct str *rest, enum fact_state *state,
                          struct str *reason)
{
    for (size_t i = 0; i < sizeof config_hives / sizeof *config_hives; i++) {
        struct str place = str_of(config_hives[i].place);
        if (!wow64_below(key, place, rest))
            continue;
        struct hive *hv = find_or_add(h, place);
        if (hv && !hv->opened) {
            hv->opened = true;
            open_config(h, hv, config_hives[i].path);
        }
        return give(hv, state, reason);
    }
    struct str below;
    if (wow64_below(key, STR("HKU"), &below) && below.len)
        return user_hive(h, below, rest, state, reason);
    *state = FACT_UNREADABLE;
    *reason =
        str_fmt(&h->mem, STR_FMT " lies in no hive that an offline Windows keeps", STR_ARG(key));
    return NULL;
}

void offline_hives_close(struct host *h)
{
    for (struct hive *hv = offline_of(h)->hives; hv; hv = hv->next)
        if (hv->file.state == FACT_FOUND)
            h->ops->close_file(h, &hv->file);
}
