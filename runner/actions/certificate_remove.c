/* certificate.remove: the value Blob, and its key with it.  What group policy or the enterprise put
 * there comes back: it is told, not removed. */
#include "actions/kinds.h"
#include "base/utf16.h"

#define STORES "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates"

static bool remove_one(const struct action_request *q, struct str store, const char *sha1,
                       struct action_list *out)
{
    const struct reg_image absent = {0};
    struct change c;
    bool same;
    struct str key = str_fmt(q->a, STORES "\\" STR_FMT "\\Certificates\\%s", STR_ARG(store), sha1);
    if (!change_make(q, key, STR("Blob"), VIEW_NATIVE, &absent, &c, &same, out) || same)
        return !q->a->full;
    c.drop_key = true;
    struct str title =
        str_fmt(q->a, "remove the certificate %s from the store " STR_FMT, sha1, STR_ARG(store));
    return action_add(q, out, ACTION_CERTIFICATE_REMOVE, &c, title) != NULL;
}

/* The machine's stores by the names of their keys. */
static bool remove_everywhere(const struct action_request *q, const char *sha1,
                              struct action_list *out)
{
    struct reg_key stores;
    host_reg_key(q->host, STR(STORES), VIEW_NATIVE, true, q->a, &stores);
    if (stores.state != FACT_FOUND) {
        if (stores.state != FACT_ABSENT)
            action_refuse(out, stores.reason);
        return !q->a->full;
    }
    for (size_t i = 0; i < stores.subkey_count; i++)
        if (!str_ieq(stores.subkeys[i], STR("Disallowed")) &&
            !remove_one(q, stores.subkeys[i], sha1, out))
            return false;
    return true;
}

static void tell_others(const struct action_request *q, struct str store, const char *sha1,
                        struct action_list *out)
{
    static const char *const roots[] = {"HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates",
                                        "HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates"};
    static const char *const common[] = {"ROOT", "CA", "AuthRoot", "TrustedPublisher", "Trust"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        for (size_t k = 0; k < (store.len ? 1 : sizeof common / sizeof *common); k++) {
            struct reg_key key;
            struct str name = store.len ? store : str_of(common[k]);
            struct str place =
                str_fmt(q->a, "%s\\" STR_FMT "\\Certificates\\%s", roots[i], STR_ARG(name), sha1);
            host_reg_key(q->host, place, VIEW_NATIVE, false, q->a, &key);
            if (key.state == FACT_FOUND)
                action_refuse(out, str_fmt(q->a, "a copy stands in " STR_FMT ": %s", STR_ARG(place),
                                           i == 0 ? "group policy put it there"
                                                  : "the enterprise's directory put it there"));
        }
}

bool action_certificate_remove(const struct action_request *q, struct action_list *out)
{
    const struct value *list = request_arg(q, "sha1");
    struct str store = request_text(q, "store"), name;
    char sha1[THUMBPRINT];
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.count; i++) {
        if (list->list.items[i].kind != VALUE_TEXT ||
            !rule_thumbprint(list->list.items[i].text, sha1, &name)) {
            action_refuse(out, STR("an element is no thumbprint of 40 hex digits"));
            continue;
        }
        for (size_t k = 0; sha1[k]; k++)
            sha1[k] = (char)(sha1[k] >= 'a' ? sha1[k] - 32 : sha1[k]);
        if (!(store.len ? remove_one(q, store, sha1, out) : remove_everywhere(q, sha1, out)))
            return false;
        tell_others(q, store, sha1, out);
    }
    return true;
}
