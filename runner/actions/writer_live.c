#include "actions/writer_live.h"

bool writer_live_decide(const struct writer_live_process *p, struct err *e)
{
    if (!p->wow64_known)
        return err_set(e, ERR_UNSUPPORTED, 0,
                       "Windows does not say whether this build is the one for it");
    if (p->wow64)
        return err_set(e, ERR_UNSUPPORTED, 0,
                       "this is the 32-bit build on a 64-bit Windows: use the x64 build of "
                       "rectify to change this host");
    return (p->elevation_known && p->elevated && p->administrator) ||
           err_set(e, ERR_DENIED, 0,
                   "changing this host needs administrator rights: start it elevated");
}
