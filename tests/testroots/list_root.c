/* rectify-testroots: rectify itself, but that one root more may sign lists: the certificate (DER)
 * that $RECTIFY_TEST_LIST_ROOT names.  For command-line tests alone; list_roots() is linked from
 * here instead of runner/trust/list_roots.c, and the program that is installed has no such door. */
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "trust/part.h"

static struct list_root only[1];
static char name[128];
static uint8_t key[4096];

static X509 *read_certificate(const char *path)
{
    BIO *in = BIO_new_file(path, "rb");
    X509 *x = in ? d2i_X509_bio(in, NULL) : NULL;
    BIO_free(in);
    return x;
}

static void load(const char *path)
{
    X509 *x = read_certificate(path);
    unsigned char *p = key;
    if (!x || i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), NULL) > (int)sizeof key) {
        fprintf(stderr, "rectify-testroots: %s: no certificate\n", path);
        exit(1);
    }
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &p);
    X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof name);
    only[0] = (struct list_root){name, span_of(key, (size_t)len), 0, UINT64_MAX};
    X509_free(x);
}

const struct list_root *list_roots(size_t *count)
{
    *count = only[0].name != NULL;
    return only;
}

__attribute__((constructor)) static void load_root(void)
{
    const char *path = getenv("RECTIFY_TEST_LIST_ROOT");
    if (path)
        load(path);
}
