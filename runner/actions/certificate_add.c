/* certificate.add: the value Blob below the certificate's thumbprint. */
#include "actions/cert_blob.h"
#include "actions/kinds.h"
#include "formats/cms.h"

/* The thumbprint as Windows writes it, and the certificate's name. */
static bool identify(const struct action_request *q, char sha1[THUMBPRINT], struct str *name,
                     struct err *e)
{
    uint8_t hash[64];
    size_t len = 0;
    X509 *x = cert_parse(q->remedy->der, e);
    if (!x)
        return false;
    bool ok = cert_hash(x, "SHA1", hash, &len) && len == 20;
    for (size_t i = 0; ok && i < 20; i++)
        snprintf(sha1 + 2 * i, 3, "%02X", hash[i]);
    *name = cert_common_name(x, q->a);
    X509_free(x);
    return ok || err_set(e, ERR_UNSUPPORTED, 0, "no SHA-1 of the certificate can be made");
}

/* Other properties than ours may stand beside the same certificate. */
static bool holds_certificate(const struct action_request *q, const struct reg_image *image)
{
    struct cert_element element;
    return image->present && certstore_blob(image->data, q->a, &element, NULL) &&
           span_eq(element.certificate, q->remedy->der);
}

bool action_certificate_add(const struct action_request *q, struct action_list *out)
{
    char sha1[THUMBPRINT];
    struct str name, store = request_text(q, "store");
    struct reg_image after = {.present = true, .type = REGF_BINARY};
    struct change c;
    struct err e = {0};
    bool same;
    if (!identify(q, sha1, &name, &e) ||
        !cert_blob_make(q->remedy->der, NULL, q->a, &after.data, &e)) {
        action_refuse(out, str_dup(q->a, str_of(e.text)));
        return !q->a->full;
    }
    struct str key = str_fmt(
        q->a, "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\" STR_FMT "\\Certificates\\%s",
        STR_ARG(store), sha1);
    if (!change_make(q, key, STR("Blob"), VIEW_NATIVE, &after, &c, &same, out) || same ||
        holds_certificate(q, &c.before))
        return !q->a->full;
    struct str title =
        str_fmt(q->a, "add the certificate %s%s" STR_FMT "%s to the store " STR_FMT, sha1,
                name.len ? " (" : "", STR_ARG(name), name.len ? ")" : "", STR_ARG(store));
    return action_add(q, out, ACTION_CERTIFICATE_ADD, &c, title) != NULL;
}
