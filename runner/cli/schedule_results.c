#include "cli/schedule_results.h"

#include "actions/folder.h"
#include "base/wtime.h"
#include "cli/private_folder.h"

static const char pattern[] = "00000000T000000.000Z.json";

enum { NAME_LENGTH = sizeof pattern - 1, MILLISECOND = 10000 };

static bool is_report(struct str name)
{
    if (name.len != NAME_LENGTH)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (pattern[i] == '0' ? name.ptr[i] < '0' || name.ptr[i] > '9' : name.ptr[i] != pattern[i])
            return false;
    return true;
}

/* The reports among the folder's files, oldest first. */
static bool list(struct str folder, struct arena *a, struct folder_file **out, size_t *count,
                 struct err *e)
{
    struct folder_file *files = NULL;
    size_t found = 0;
    *count = 0;
    if (!folder_list(folder.ptr, a, &files, &found, e))
        return err_prefix(e, folder.ptr);
    for (size_t i = 0; i < found; i++)
        if (is_report(files[i].name))
            files[(*count)++] = files[i];
    *out = files;
    return true;
}

static struct str report_name(uint64_t t, struct arena *a)
{
    struct wtime_civil c;
    if (!wtime_civil(t, &c))
        return (struct str){NULL, 0};
    return str_fmt(a, "%04d%02d%02dT%02d%02d%02d.%03uZ.json", c.year, c.month, c.day, c.hour,
                   c.minute, c.second, c.ticks / MILLISECOND);
}

static bool free_name(const struct folder_file *files, size_t count, uint64_t now, struct arena *a,
                      struct str *out, struct err *e)
{
    bool taken = true;
    for (; taken; now += MILLISECOND) {
        *out = report_name(now, a);
        if (!out->ptr)
            return err_set(e, ERR_NOMEM, 0, "no name for the report");
        taken = false;
        for (size_t i = 0; i < count && !taken; i++)
            taken = str_eq(files[i].name, *out);
    }
    return true;
}

/* The temporary name is the same for all: runs hold a lock. */
static bool place(struct disk_dir *d, const char *name, struct str bytes, struct err *e)
{
    static const char temporary[] = ".report.part";
    struct disk_file f = {0};
    bool ok = disk_unlink("results.clean", d, temporary, e) &&
              disk_create("results.create", d, temporary, &f, e) &&
              disk_write("results.write", &f, bytes.ptr, bytes.len, e) &&
              disk_sync("results.sync", &f, e);
    disk_close(&f);
    ok = ok && disk_rename("results.rename", d, temporary, name, e) &&
         disk_sync_dir("results.sync_dir", d, e);
    if (!ok)
        (void)disk_unlink("results.clean", d, temporary, NULL);
    return ok;
}

bool schedule_results_place(struct str name, struct arena *a, struct str *out, struct err *e)
{
    struct str root;
    if (!private_root(a, &root, e))
        return false;
    *out = private_below(private_below(root, "results", a), name.ptr, a);
    return out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}

bool schedule_results_make(struct str name, struct arena *a, struct str *out, struct err *e)
{
    struct str root;
    if (!private_root(a, &root, e) || !schedule_results_place(name, a, out, e))
        return false;
    struct str results = private_below(root, "results", a);
    if (!results.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    return private_folder(root.ptr, e) && private_folder(results.ptr, e) &&
           private_folder(out->ptr, e);
}

bool schedule_results_write(struct schedule_results *r, uint64_t now, struct str report,
                            struct arena *a, struct err *e)
{
    struct folder_file *files = NULL;
    struct disk_dir *d = NULL;
    struct str name;
    size_t count;
    if (!list(r->folder, a, &files, &count, e) || !free_name(files, count, now, a, &name, e))
        return false;
    bool ok = disk_dir_open(r->folder.ptr, &d, e) &&
              (place(d, name.ptr, report, e) || err_prefix(e, r->folder.ptr));
    disk_dir_close(d);
    if (ok)
        r->written = private_below(r->folder, name.ptr, a);
    return ok && (r->written.ptr || err_set(e, ERR_NOMEM, 0, "out of memory"));
}

bool schedule_results_trim(const struct schedule_results *r, size_t keep, struct arena *a,
                           struct err *e)
{
    struct folder_file *files = NULL;
    struct disk_dir *d = NULL;
    size_t count;
    if (!list(r->folder, a, &files, &count, e) || !disk_dir_open(r->folder.ptr, &d, e))
        return false;
    bool ok = true;
    size_t excess = count > keep ? count - keep : 0;
    for (size_t i = 0; i < count && excess && ok; i++) {
        struct str path = private_below(r->folder, files[i].name.ptr, a);
        if (str_eq(path, r->written))
            continue;
        ok = disk_unlink("results.trim", d, files[i].name.ptr, e) || err_prefix(e, r->folder.ptr);
        excess--;
    }
    disk_dir_close(d);
    return ok;
}

bool schedule_results_newest(struct str folder, struct arena *a, struct str *out, struct err *e)
{
    struct folder_file *files = NULL;
    struct err why = {0};
    size_t count;
    *out = STR("");
    if (!list(folder, a, &files, &count, &why))
        return why.kind == ERR_NOT_FOUND || err_set(e, why.kind, 0, "%s", why.text);
    if (count)
        *out = private_below(folder, files[count - 1].name.ptr, a);
    return true;
}
