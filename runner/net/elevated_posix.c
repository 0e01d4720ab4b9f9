#include "net/elevated.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

bool net_elevated(void)
{
    if (geteuid() != getuid() || getegid() != getgid() || getauxval(AT_SECURE) != 0)
        return true;
    const char *by = getenv("SUDO_UID");
    return geteuid() == 0 && by && strcmp(by, "0") != 0;
}

static void unset_both(const char *name)
{
    char upper[32];
    size_t i = 0;
    for (; name[i] && i + 1 < sizeof upper; i++)
        upper[i] = (char)toupper((unsigned char)name[i]);
    upper[i] = 0;
    unsetenv(name);
    unsetenv(upper);
}

void net_clean_environment(void)
{
    static const char *const names[] = {
        "http_proxy",      "https_proxy",          "all_proxy",
        "no_proxy",        "sslkeylogfile",        "ssl_cert_file",
        "ssl_cert_dir",    "openssl_conf",         "openssl_engines",
        "openssl_modules", "openssl_conf_include", "openssl_ia32cap",
        "curl_home",       "curl_ca_bundle",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unset_both(names[i]);
}
