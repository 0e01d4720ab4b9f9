#include "cli/process.h"

#include <stdlib.h>

#include "cli/interrupt.h"
#include "host/file.h"

void process_begin(void)
{
    /* Every time is UTC here.  Without TZ the C library looks for /etc/localtime at each zip header
     * whose time libarchive converts. */
    setenv("TZ", "UTC0", 1);
    interrupt_install();
    file_guard();
}
