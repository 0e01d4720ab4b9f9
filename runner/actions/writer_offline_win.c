/* The hives of an offline Windows are replaced with their owner, mode and attributes kept, as the
 * Linux build sees them; Windows' own calls cannot keep what a foreign file system holds there. */
#include "actions/writer_offline.h"

bool writer_offline_allowed(struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, 0, "an offline Windows can only be written to from Linux");
}

bool writer_offline_open(const struct writer_offline_options *o, const struct writer_ops **ops,
                         void **backend, struct err *e)
{
    (void)o;
    *ops = NULL;
    *backend = NULL;
    return writer_offline_allowed(e);
}
