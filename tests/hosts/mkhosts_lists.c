/* Microsoft's lists as a mirror serves them, for hosts of the same run: keys live in one process.
 */
#include <string.h>

#include "../cab.h"
#include "base/wtime.h"
#include "catalog_writer.h"
#include "host_spec.h"
#include "mkhosts.h"
#include "out.h"

enum { LISTS_MAX = 1 << 20 };

static bool put(const char *dir, const char *folder, const char *name, struct span bytes,
                struct err *e)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s%s%s", dir, folder, *folder ? "/" : "", name);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(e, ERR_USAGE, 0, "path too long");
    return out_write_file(path, bytes, e);
}

static bool put_cabinet(const char *dir, const char *folder, const char *name, const char *member,
                        const struct sb *list, struct err *e)
{
    struct sb packed;
    sb_init(&packed, 2 * LISTS_MAX);
    cab_write(&packed, member, sb_span(list));
    bool ok = put(dir, folder, name, sb_span(&packed), e);
    sb_done(&packed);
    return ok;
}

struct flavour {
    const char *folder;
    uint64_t days_old;
    enum pki_id signer;
    bool distrusts; /* the root of McAfee's files */
};

static bool put_lists(const char *dir, const struct flavour *f, struct err *e)
{
    const uint64_t updated = host_now() - f->days_old * WTIME_DAY;
    const struct ctl_entry roots[] = {
        {PKI_MS_ROOT, "Microsoft Root Certificate Authority", 0, 0},
        {PKI_VS_ROOT, "VeriSign", f->distrusts ? host_now() - 4000 * WTIME_DAY : 0, 0},
        {PKI_TSA_ROOT, "Thawte", 0, 0},
        {PKI_ELSEWHERE_ROOT, "Northwind", 0, 0},
    };
    static const enum pki_id disallowed[] = {PKI_CONTOSO, PKI_FRAUD};
    const struct sign_spec by = {.leaf = f->signer, .digest = SIGN_SHA256};
    struct sb list;
    sb_init(&list, LISTS_MAX);
    ctl_write_roots(roots, sizeof roots / sizeof *roots, updated, &by, &list);
    bool ok = put_cabinet(dir, f->folder, "authrootstl.cab", "authroot.stl", &list, e);
    list.len = 0;
    ctl_write_disallowed(disallowed, 2, updated, &by, &list);
    ok = ok && put_cabinet(dir, f->folder, "disallowedcertstl.cab", "disallowedcert.stl", &list, e);
    sb_done(&list);
    for (size_t i = 0; ok && i < sizeof roots / sizeof *roots; i++) {
        char name[64];
        const struct pki_cert *c = pki(roots[i].id);
        for (size_t k = 0; k <= 40; k++)
            name[k] = (char)(c->sha1_hex[k] >= 'A' ? c->sha1_hex[k] | 0x20 : c->sha1_hex[k]);
        memcpy(name + 40, ".crt", 5);
        ok = put(dir, f->folder, name, c->der, e);
    }
    return ok;
}

bool sample_lists(const char *dir, struct err *e)
{
    static const struct flavour flavours[] = {
        {"current", 10, PKI_LIST_SIGNER, false},
        {"older", 400, PKI_LIST_SIGNER, false},
        {"distrusting", 5, PKI_LIST_SIGNER, true},
        {"forged", 1, PKI_FORGED_LIST, false},
    };
    if (!put(dir, "", "list-root.der", pki(PKI_LIST_ROOT)->der, e))
        return false;
    for (size_t i = 0; i < sizeof flavours / sizeof *flavours; i++)
        if (!put_lists(dir, &flavours[i], e))
            return false;
    return true;
}
