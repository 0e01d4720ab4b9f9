#include <stdlib.h>

#include "base/wide_win.h"
#include "cli/cli.h"

int wmain(int argc, wchar_t **wide);

int wmain(int argc, wchar_t **wide)
{
    char **argv = calloc((size_t)argc + 1, sizeof *argv);
    for (int i = 0; argv && i < argc; i++)
        if (!(argv[i] = wide_utf8(wide[i])))
            argv = NULL;
    /* Freed with the process. */
    return argv ? cli_main(argc, argv) : EXIT_COULD_NOT_RUN;
}
