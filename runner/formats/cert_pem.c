#include <openssl/err.h>
#include <openssl/pem.h>

#include "formats/cert_pem.h"

/* Certificates are never encrypted: whoever asks for a password gets none. */
static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static bool read_block(BIO *in, struct arena *a, struct span *der, struct err *e)
{
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    bool ok = PEM_read_bio(in, &name, &header, &data, &len) == 1;
    if (!ok)
        err_set(e, ERR_FORMAT, 0, "no PEM text of a certificate");
    else if (strcmp(name, PEM_STRING_X509) != 0 && strcmp(name, PEM_STRING_X509_OLD) != 0)
        ok = err_set(e, ERR_FORMAT, 0, "PEM text of something else: %.40s", name);
    else if (len <= 0 || len > CERT_SIZE)
        ok = err_set(e, ERR_LIMIT, 0, "certificate of %ld bytes, the limit is %d", len, CERT_SIZE);
    if (ok)
        *der = span_of(arena_copy(a, data, (size_t)len), (size_t)len);
    if (ok && !der->ptr)
        ok = err_set(e, ERR_NOMEM, 0, "out of memory");
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    return ok;
}

bool cert_pem(struct str text, struct arena *a, struct span *der, struct err *e)
{
    enum { TEXT_MOST = 2 * CERT_SIZE };
    if (text.len > TEXT_MOST)
        return err_set(e, ERR_LIMIT, 0, "PEM text of %zu bytes, the limit is %d", text.len,
                       TEXT_MOST);
    BIO *in = BIO_new_mem_buf(text.ptr, (int)text.len);
    if (!in)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    bool ok = read_block(in, a, der, e);
    X509 *second = ok ? PEM_read_bio_X509(in, NULL, no_password, NULL) : NULL;
    if (second)
        ok = err_set(e, ERR_FORMAT, 0, "more than one certificate");
    X509_free(second);
    BIO_free(in);
    ERR_clear_error();
    X509 *x = ok ? cert_parse(*der, e) : NULL;
    ok = x && i2d_X509(x, NULL) == (int)der->len;
    if (x && !ok)
        err_set(e, ERR_FORMAT, 0, "bytes follow the certificate");
    X509_free(x);
    return ok;
}
