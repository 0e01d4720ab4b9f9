#include "actions/roots_host.h"

#include <openssl/evp.h>

#include "formats/certstore.h"
#include "model/fact.h"

enum { REG_BINARY = 3 };

bool names_add(struct names *n, struct str text, struct arena *a, struct err *e)
{
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 16;
        struct str *grown = ARENA_ARRAY(a, cap, struct str);
        if (!grown)
            return err_set(e, ERR_NOMEM, 0, "out of memory");
        if (n->count)
            memcpy(grown, n->item, n->count * sizeof *grown);
        n->item = grown;
        n->cap = cap;
    }
    n->item[n->count++] = text;
    return text.ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}

bool names_hold(const struct names *n, struct str text)
{
    for (size_t i = 0; i < n->count; i++)
        if (str_eq(n->item[i], text))
            return true;
    return false;
}

static bool unreadable(struct str key, enum fact_state state, struct str reason, struct err *e)
{
    return err_set(e, ERR_IO, 0, "%.100s: " STR_FMT, key.ptr,
                   STR_ARG(reason.len ? reason : str_of(fact_state_name(state))));
}

/* ---- changes -----------------------------------------------------------------------------------
 */

bool roots_image(struct refresh *r, struct str key, struct str name, struct reg_image *out,
                 struct err *e)
{
    struct reg_value v;
    host_reg_value(r->host, key, name, VIEW_NATIVE, r->a, &v);
    *out = (struct reg_image){.present = v.state == FACT_FOUND, .type = v.type, .data = v.data};
    if (v.state == FACT_FOUND)
        return true;
    *out = (struct reg_image){0};
    return v.state == FACT_ABSENT || unreadable(key, v.state, v.reason, e);
}

static bool count_missing(struct refresh *r, struct str key, size_t *out, struct err *e)
{
    struct reg_key k;
    *out = 0;
    while (key.len) {
        host_reg_key(r->host, key, VIEW_NATIVE, false, r->a, &k);
        if (k.state != FACT_ABSENT)
            return k.state == FACT_FOUND || unreadable(key, k.state, k.reason, e);
        ++*out;
        while (key.len && key.ptr[key.len - 1] != '\\')
            key.len--;
        key.len -= key.len > 0;
    }
    return err_set(e, ERR_IO, 0, "the host has no SOFTWARE hive");
}

static struct change *next_change(struct refresh *r)
{
    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 16;
        struct change *grown = cap > ROOTS_CHANGES ? NULL : ARENA_ARRAY(r->a, cap, struct change);
        if (!grown)
            return NULL;
        if (r->count)
            memcpy(grown, r->changes, r->count * sizeof *grown);
        r->changes = grown;
        r->cap = cap;
    }
    return &r->changes[r->count++];
}

bool roots_change(struct refresh *r, struct str key, struct str name, const struct reg_image *after,
                  bool drop_key, struct err *e)
{
    struct change c = {.name = name, .after = *after, .drop_key = drop_key};
    c.key = str_dup(r->a, key);
    if (!c.key.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!roots_image(r, c.key, name, &c.before, e))
        return false;
    if (reg_image_equal(&c.before, &c.after))
        return true;
    if (!c.before.present && !count_missing(r, c.key, &c.new_keys, e))
        return false;
    struct change *place = next_change(r);
    if (!place)
        return err_set(e, ERR_LIMIT, 0, "more than %d changes", ROOTS_CHANGES);
    *place = c;
    return true;
}

bool roots_set(struct refresh *r, struct str key, struct str name, struct span bytes, struct err *e)
{
    const struct reg_image after = {.present = true, .type = REG_BINARY, .data = bytes};
    return roots_change(r, key, name, &after, false, e);
}

/* ---- what is there -----------------------------------------------------------------------------
 */

bool roots_held(struct refresh *r, enum list_kind kind, struct list_file **out, struct err *e)
{
    struct reg_image now;
    struct err why = {0};
    const struct roots_options *o = &r->source->options;
    struct str name = kind == LIST_ROOTS ? STR("EncodedCtl") : STR("DisallowedCertEncodedCtl");
    *out = NULL;
    if (!roots_image(r, STR(ROOTS_AUTO_UPDATE), name, &now, e))
        return false;
    if (now.present &&
        !list_file_open(now.data, kind, o->list_roots, o->list_root_count, out, &why))
        *out = NULL; /* Windows does not believe it either: any list that verifies is newer */
    return true;
}

static bool parse_thumbprint(struct str name, uint8_t out[20])
{
    if (name.len != 40)
        return false;
    for (size_t i = 0; i < 40; i++) {
        char c = name.ptr[i];
        int digit = c >= '0' && c <= '9'                     ? c - '0'
                    : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                             : -1;
        if (digit < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    return true;
}

static void read_certificate(struct refresh *r, struct held_certificate *c)
{
    struct cert_element element;
    struct err ignored = {0};
    uint8_t sha1[EVP_MAX_MD_SIZE];
    if (certstore_blob(c->blob, r->a, &element, &ignored) && element.certificate.len &&
        EVP_Digest(element.certificate.ptr, element.certificate.len, sha1, NULL, EVP_sha1(),
                   NULL) == 1 &&
        memcmp(sha1, c->sha1, sizeof c->sha1) == 0)
        c->der = element.certificate;
}

bool roots_store(struct refresh *r, const char *store, struct held_certificate **out, size_t *count,
                 struct err *e)
{
    struct reg_key k;
    struct str key = str_fmt(r->a, ROOTS_STORES "\\%s\\Certificates", store);
    *count = 0;
    *out = NULL;
    if (!key.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    host_reg_key(r->host, key, VIEW_NATIVE, true, r->a, &k);
    if (k.state != FACT_FOUND)
        return k.state == FACT_ABSENT || unreadable(key, k.state, k.reason, e);
    *out = ARENA_ARRAY(r->a, k.subkey_count + 1, struct held_certificate);
    if (!*out)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0; i < k.subkey_count; i++) {
        struct held_certificate c = {0};
        struct reg_image now;
        if (!parse_thumbprint(k.subkeys[i], c.sha1))
            continue;
        c.key = str_fmt(r->a, STR_FMT "\\" STR_FMT, STR_ARG(key), STR_ARG(k.subkeys[i]));
        if (!c.key.ptr)
            return err_set(e, ERR_NOMEM, 0, "out of memory");
        if (!roots_image(r, c.key, STR("Blob"), &now, e))
            return false;
        if (!now.present)
            continue;
        c.blob = now.data;
        read_certificate(r, &c);
        (*out)[(*count)++] = c;
    }
    return true;
}
