#include <stdlib.h>
#include <windows.h>

#include "net/elevated.h"

bool net_elevated(void)
{
    TOKEN_ELEVATION elevation = {0};
    DWORD len;
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return true; /* what cannot be told is taken for the worse */
    bool known =
        GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &len) != 0;
    CloseHandle(token);
    return !known || elevation.TokenIsElevated;
}

void net_clean_environment(void)
{
    static const wchar_t *const names[] = {
        L"HTTP_PROXY",      L"HTTPS_PROXY",          L"ALL_PROXY",
        L"NO_PROXY",        L"SSLKEYLOGFILE",        L"SSL_CERT_FILE",
        L"SSL_CERT_DIR",    L"OPENSSL_CONF",         L"OPENSSL_ENGINES",
        L"OPENSSL_MODULES", L"OPENSSL_CONF_INCLUDE", L"OPENSSL_IA32CAP",
        L"CURL_HOME",       L"CURL_CA_BUNDLE",
    };
    /* The C library keeps a copy of its own. */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SetEnvironmentVariableW(names[i], NULL);
        _wputenv_s(names[i], L"");
    }
}
