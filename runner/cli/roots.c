#include "cli/roots.h"

#include "cli/cli.h"
#include "cli/verbs.h"

int verb_roots(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"mirror", roots_mirror_verb,
         "fill a folder with the lists and their certificates, for closed networks"},
    };
    static const struct verbs all = {
        "roots", "Microsoft's lists of root certificates, outside of any host.", verbs, 1};
    return verbs_run(&all, argc, argv);
}
