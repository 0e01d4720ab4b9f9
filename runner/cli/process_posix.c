#include "cli/process.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "cli/interrupt.h"
#include "host/file.h"

void process_begin(void)
{
    /* Every time is UTC here.  Without TZ the C library looks for /etc/localtime at each zip header
     * whose time libarchive converts. */
    setenv("TZ", "UTC0", 1);
    /* What libcrypto does must not depend on a file of the analyst's machine. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    interrupt_install();
    file_guard();
}
