#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *name, const struct library_function *list, size_t count,
                  struct err *e)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_set(e, ERR_UNSUPPORTED, 0, "%s", dlerror());
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(library, list[i].name);
        if (!found)
            return err_set(e, ERR_UNSUPPORTED, 0, "%s has no %s", name, list[i].name);
        memcpy(list[i].to, &found, sizeof found); /* an object pointer and a function's */
    }
    return true;
}
