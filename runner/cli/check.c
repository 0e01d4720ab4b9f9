#include "cli/check_run.h"
#include "cli/cli.h"

int verb_check(int argc, char **argv)
{
    static struct check_request c;
    int code = check_parse(&c, argc, argv);
    if (code >= 0)
        return code;
    if (c.outputs.count == 0)
        c.outputs.item[c.outputs.count++] = (struct output){"terminal", NULL};
    return check_perform(&c, NULL, NULL);
}
