#include "actions/folder.h"

bool folder_place(struct disk_dir *d, const char *name, struct span bytes, struct err *e)
{
    char temporary[300];
    struct disk_file f = {0};
    int n = snprintf(temporary, sizeof temporary, ".%s.part", name);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return err_set(e, ERR_LIMIT, 0, "a name of more than %zu bytes", sizeof temporary - 8);
    /* What a run that was ended left behind. */
    bool ok =
        disk_unlink("folder.clean", d, temporary, e) &&
        disk_create("folder.create", d, temporary, &f, e) &&
        disk_write("folder.write", &f, bytes.ptr ? (const void *)bytes.ptr : "", bytes.len, e) &&
        folder_share(&f, e) && disk_sync("folder.sync", &f, e);
    disk_close(&f);
    ok = ok && disk_rename("folder.rename", d, temporary, name, e) &&
         disk_sync_dir("folder.sync_dir", d, e);
    if (!ok)
        (void)disk_unlink("folder.clean", d, temporary, NULL);
    return ok;
}
