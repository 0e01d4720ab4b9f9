/* What makes rectify-faults of rectify: a write or flush that is killed, or fails, where a test
 * wants it.  Journals are reached through the hook of actions/disk.h, the registry by wrapping the
 * writer that the gate is given (ld --wrap=writer_live_open); the program that is installed has
 * neither.
 *
 *   RECTIFY_TEST_FAULT   KIND:N, for the N-th point, from 0: kill, half, after, full, broken; list:
 * none RECTIFY_TEST_POINTS  a file that the points' names are added to, up to the fault's */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "actions/disk.h"
#include "actions/writer_live.h"

bool __real_writer_live_open(const struct writer_ops **ops, void **backend, struct err *e);
bool __wrap_writer_live_open(const struct writer_ops **ops, void **backend, struct err *e);

static enum disk_fault fault;
static long wanted = -1, seen;
static char points[512]; /* a copy: setting a variable moves the others */

static enum disk_fault ask(void *context, const char *point, const char *name)
{
    (void)context;
    (void)name;
    long n = seen++;
    if (wanted >= 0 && n > wanted)
        return DISK_GO;
    FILE *f = points[0] ? fopen(points, "ab") : NULL;
    if (f) {
        fprintf(f, "%s\n", point);
        fclose(f);
    }
    return n == wanted ? fault : DISK_GO;
}

__attribute__((constructor)) static void begin(void)
{
    static const struct {
        const char *name;
        enum disk_fault fault;
    } kinds[] = {{"kill:", DISK_KILL}, {"half:", DISK_KILL_HALF}, {"after:", DISK_KILL_AFTER},
                 {"full:", DISK_FULL}, {"broken:", DISK_BROKEN},  {"list:", DISK_GO}};
    static const struct disk_hook hook = {ask, NULL};
    const char *text = getenv("RECTIFY_TEST_FAULT"), *file = getenv("RECTIFY_TEST_POINTS");
    snprintf(points, sizeof points, "%s", file ? file : "");
    for (size_t i = 0; text && i < sizeof kinds / sizeof *kinds; i++) {
        size_t len = strlen(kinds[i].name);
        if (strncmp(text, kinds[i].name, len) == 0) {
            fault = kinds[i].fault;
            wanted = fault == DISK_GO ? -1 : strtol(text + len, NULL, 10);
            disk_set_hook(&hook);
            return;
        }
    }
}

/* ---- the registry ---------------------------------------------------------------------------- */

static const struct writer_ops *ops_below;
static struct writer_ops ops_here;

static void die(void)
{
    TerminateProcess(GetCurrentProcess(), DISK_KILLED);
}

/* Before the call; false: it is to fail. */
static bool go(const char *point, enum disk_fault *f, struct err *e)
{
    *f = ask(NULL, point, "");
    if (*f == DISK_KILL || *f == DISK_KILL_HALF)
        die();
    return *f == DISK_GO || *f == DISK_KILL_AFTER ||
           err_set(e, ERR_IO, 0, "%s fails for a test", point);
}

static bool done(bool ok, enum disk_fault f)
{
    if (f == DISK_KILL_AFTER)
        die();
    return ok;
}

static bool write_value(void *backend, struct str key, struct str name,
                        const struct reg_image *image, struct err *e)
{
    enum disk_fault f;
    return go("registry.write", &f, e) && done(ops_below->write(backend, key, name, image, e), f);
}

static bool drop_key(void *backend, struct str key, struct err *e)
{
    enum disk_fault f;
    return go("registry.drop", &f, e) && done(ops_below->drop_key(backend, key, e), f);
}

static bool commit(void *backend, struct err *e)
{
    enum disk_fault f;
    return go("registry.commit", &f, e) && done(ops_below->commit(backend, e), f);
}

bool __wrap_writer_live_open(const struct writer_ops **ops, void **backend, struct err *e)
{
    if (!__real_writer_live_open(&ops_below, backend, e))
        return false;
    ops_here = *ops_below;
    ops_here.write = write_value;
    ops_here.drop_key = drop_key;
    ops_here.commit = commit;
    *ops = &ops_here;
    return true;
}
