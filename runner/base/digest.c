#include "base/digest.h"

#include <openssl/evp.h>
#include <stdatomic.h>

/* Fetched once: looking the algorithm up costs three times what a short digest does. */
static const EVP_MD *algorithm(void)
{
    static _Atomic(EVP_MD *) fetched;
    EVP_MD *have = atomic_load(&fetched);
    if (have)
        return have;
    EVP_MD *mine = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (mine && !atomic_compare_exchange_strong(&fetched, &have, mine)) {
        EVP_MD_free(mine);
        mine = have;
    }
    return mine ? mine : EVP_sha256();
}

bool sha256(struct span s, uint8_t out[SHA256_SIZE], struct err *e)
{
    if (EVP_Digest(s.ptr ? (const void *)s.ptr : "", s.len, out, NULL, algorithm(), NULL) != 1)
        return err_set(e, ERR_NOMEM, 0, "libcrypto could not compute a SHA-256 digest");
    return true;
}

bool sha256_hex(struct span s, char out[SHA256_HEX], struct err *e)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t raw[SHA256_SIZE];
    if (!sha256(s, raw, e))
        return false;
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[2 * i] = digits[raw[i] >> 4];
        out[2 * i + 1] = digits[raw[i] & 15];
    }
    out[2 * SHA256_SIZE] = '\0';
    return true;
}
