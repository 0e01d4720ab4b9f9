/* Every physical certificate store of the local machine, element by element. */
#include "base/utf16.h"
#include "base/wtime.h"
#include "formats/der.h"
#include "trust/part.h"

enum { STORES_ELEMENTS = 1 << 16, STORES_SERVICES = 1024 };

struct place {
    const char *key;     /* above the stores */
    struct str location; /* of struct trust_stored */
    struct str prefix;   /* of decided_by: "", "policy ", ... */
    bool judges;         /* counts when files are judged */
};

static struct str value_reason(const struct reg_value *v)
{
    return v->reason.len ? v->reason : str_of(fact_state_name(v->state));
}

static bool unread(enum fact_state state)
{
    return state == FACT_UNREADABLE || state == FACT_NOT_COLLECTED;
}

static bool is_root_store(struct str name)
{
    return str_ieq(name, STR("ROOT")) || str_ieq(name, STR("AuthRoot")) ||
           str_ieq(name, STR("SmartCardRoot"));
}

/* What could not be read weakens what rests on it. */
static void weaken(struct trust *t, const struct place *place, struct str store,
                   enum fact_state state, struct str reason)
{
    if (!place->judges || !unread(state))
        return;
    bool disallowed = str_ieq(store, STR("Disallowed"));
    if (!disallowed && !is_root_store(store))
        return;
    enum fact_state *worst = disallowed ? &t->disallowed_state : &t->roots_state;
    struct str *why = disallowed ? &t->disallowed_reason : &t->roots_reason;
    if (unread(*worst))
        return;
    *worst = state;
    *why = str_fmt(&t->mem, STR_FMT STR_FMT ": " STR_FMT, STR_ARG(place->prefix), STR_ARG(store),
                   STR_ARG(reason));
}

/* The last one stands for all that do not fit. */
static void note_unread(struct trust *t, const struct place *place, struct str store,
                        const struct reg_key *list)
{
    struct trust_state *s = &t->state;
    if (!unread(list->state) || s->unread_count == TRUST_UNREAD_MAX)
        return;
    bool last = s->unread_count + 1 == TRUST_UNREAD_MAX;
    s->unread[s->unread_count++] =
        (struct trust_unread){last ? STR("") : store, place->location, list->state, list->reason};
}

static bool refuse(struct trust *t, struct span id)
{
    if (id.len == 0 || id.len > sizeof t->refused->id)
        return true;
    if (t->refused_count == t->refused_cap) {
        size_t cap = t->refused_cap ? t->refused_cap * 2 : 128;
        struct refused *grown = ARENA_ARRAY(&t->mem, cap, struct refused);
        if (!grown)
            return false;
        if (t->refused_count)
            memcpy(grown, t->refused, t->refused_count * sizeof *grown);
        t->refused = grown;
        t->refused_cap = cap;
    }
    struct refused *r = &t->refused[t->refused_count++];
    r->len = id.len;
    memcpy(r->id, id.ptr, id.len);
    return true;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool thumbprint(struct str name, uint8_t out[20])
{
    if (name.len != 40)
        return false;
    for (size_t i = 0; i < 20; i++) {
        int high = nibble(name.ptr[2 * i]), low = nibble(name.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static struct str usage_text(struct span der, struct arena *a)
{
    struct der list, oid;
    struct str text = {NULL, 0};
    if (!der_expect(&der, DER_SEQUENCE, &list))
        return text;
    for (size_t n = 0; n < 64 && der_expect(&list.content, DER_OID, &oid); n++) {
        struct str one = der_oid(oid.content, a);
        text = str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(text), text.len ? " " : "", STR_ARG(one));
    }
    return text;
}

static uint64_t filetime(struct span s)
{
    return s.len == 8 ? load_u64(s.ptr) : 0;
}

static void properties(const struct cert_element *c, struct arena *a, struct trust_stored *out)
{
    struct span s;
    if (cert_element_property(c, PROP_FRIENDLY_NAME, &s))
        out->friendly_name = utf16z_to_utf8(a, s);
    if (cert_element_property(c, PROP_ENHKEY_USAGE, &s))
        out->usages = usage_text(s, a);
    if (cert_element_property(c, PROP_DISALLOWED_TIME, &s))
        out->disabled_from = filetime(s);
    if (cert_element_property(c, PROP_NOT_BEFORE_TIME, &s))
        out->not_before_from = filetime(s);
}

static struct trust_stored *next_stored(struct trust *t)
{
    struct trust_state *s = &t->state;
    if (s->stored_count == t->stored_cap) {
        size_t cap = t->stored_cap ? t->stored_cap * 2 : 256;
        struct trust_stored *grown =
            cap > STORES_ELEMENTS ? NULL : ARENA_ARRAY(&t->mem, cap, struct trust_stored);
        if (!grown)
            return NULL;
        if (s->stored_count)
            memcpy(grown, s->stored, s->stored_count * sizeof *grown);
        s->stored = grown;
        t->stored_cap = cap;
    }
    return &s->stored[s->stored_count++];
}

/* How a certificate of this store counts in chains. */
static void enlist(struct trust *t, const struct place *place, struct str store, X509 *x,
                   const struct cert_element *element, struct trust_stored *out)
{
    struct pooled *c = pool_get(t, x);
    if (!c || c->transient) {
        out->damage = STR("more certificates than the limit");
        weaken(t, place, store, FACT_UNREADABLE, out->damage);
        pool_free(c);
        return;
    }
    pool_describe(c, &t->mem, &out->certificate);
    struct str label = str_fmt(&t->mem, STR_FMT STR_FMT, STR_ARG(place->prefix), STR_ARG(store));
    out->certificate.store = label;
    if (!place->judges)
        return;
    enum anchor anchor = ANCHOR_NONE;
    if (is_root_store(store))
        anchor = str_ieq(store, STR("AuthRoot")) ? ANCHOR_AUTHROOT : ANCHOR_ROOT;
    bool first = str_eq(c->store, STR("message"));
    if (anchor > c->anchor || first) {
        c->store = label;
        c->element = anchor > c->anchor ? element : c->element;
    }
    c->anchor = anchor > c->anchor ? anchor : c->anchor;
    if (is_root_store(store) || str_ieq(store, STR("CA")))
        pool_index_subject(&t->pool, c);
}

/* Elements of Disallowed count by the name of their key too: a damaged one, or one with properties
 * alone, still forbids. */
static void disallow(struct trust *t, struct str key_name, const struct cert_element *element)
{
    uint8_t sha1[20];
    struct span hash;
    bool ok = !thumbprint(key_name, sha1) || refuse(t, span_of(sha1, 20));
    if (element && cert_element_property(element, PROP_SHA1, &hash))
        ok = refuse(t, hash) && ok;
    if (element && cert_element_property(element, PROP_SIGNATURE_HASH, &hash))
        ok = refuse(t, hash) && ok;
    if (!ok && !unread(t->disallowed_state)) {
        t->disallowed_state = FACT_UNREADABLE;
        t->disallowed_reason = STR("Disallowed: out of memory");
    }
}

static void read_blob(struct trust *t, const struct place *place, struct str store,
                      struct str key_name, struct span blob, struct trust_stored *out)
{
    struct err e = {0};
    struct cert_element *element = ARENA_NEW(&t->mem, struct cert_element);
    bool ok = element && certstore_blob(blob, &t->mem, element, &e);
    bool disallowed = str_ieq(store, STR("Disallowed"));
    if (disallowed && place->judges)
        disallow(t, key_name, ok ? element : NULL);
    X509 *x = NULL;
    if (ok)
        properties(element, &t->mem, out);
    if (ok && element->certificate.len)
        x = cert_parse(element->certificate, &e);
    else if (ok)
        err_set(&e, ERR_FORMAT, 0, "properties only, no certificate");
    if (!x) {
        out->damage = str_dup(&t->mem, str_of(e.text[0] ? e.text : "out of memory"));
        return;
    }
    uint8_t named[20], sha1[64];
    size_t len = 0;
    enlist(t, place, store, x, element, out);
    if (disallowed && place->judges && cert_hash(x, "sha1", sha1, &len))
        disallow(t, (struct str){NULL, 0}, element), (void)refuse(t, span_of(sha1, len));
    if (!out->damage.len && thumbprint(key_name, named) && cert_hash(x, "sha1", sha1, &len) &&
        memcmp(named, sha1, 20) != 0)
        out->damage = STR("the key's name is not the certificate's thumbprint");
    X509_free(x);
}

static void read_element(struct trust *t, const struct place *place, struct str store,
                         struct str key, struct str name)
{
    struct reg_value v;
    struct str full = str_fmt(&t->mem, STR_FMT "\\" STR_FMT, STR_ARG(key), STR_ARG(name));
    host_reg_value(t->host, full, STR("Blob"), VIEW_NATIVE, &t->mem, &v);
    struct trust_stored *out = next_stored(t);
    if (!out) {
        weaken(t, place, store, FACT_UNREADABLE, STR("more elements than the limit"));
        return;
    }
    out->store = store;
    out->location = place->location;
    out->evidence = v.evidence;
    out->certificate.store = store;
    if (thumbprint(name, (uint8_t[20]){0}))
        for (size_t i = 0; i < 40; i++) /* until the certificate says it itself */
            out->certificate.sha1[i] =
                (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'F' ? name.ptr[i] | 0x20 : name.ptr[i]);
    if (v.state == FACT_FOUND) {
        if (v.certificate)
            told_stored(v.certificate, out);
        else
            read_blob(t, place, store, name, v.data, out);
        return;
    }
    struct str why = value_reason(&v);
    out->damage = str_fmt(&t->mem, "no Blob: " STR_FMT, STR_ARG(why));
    if (str_ieq(store, STR("Disallowed")) && place->judges)
        disallow(t, name, NULL);
    weaken(t, place, store, v.state, why);
}

static void read_store(struct trust *t, const struct place *place, struct str above,
                       struct str store)
{
    struct reg_key list;
    struct str key =
        str_fmt(&t->mem, STR_FMT "\\" STR_FMT "\\Certificates", STR_ARG(above), STR_ARG(store));
    host_reg_key(t->host, key, VIEW_NATIVE, true, &t->mem, &list);
    if (unread(list.state))
        weaken(t, place, store, list.state, list.reason);
    note_unread(t, place, store, &list);
    for (size_t i = 0; i < list.subkey_count; i++)
        read_element(t, place, store, key, list.subkeys[i]);
}

/* The stores that are there, and those that decide even when their names could not be listed. */
static void read_place(struct trust *t, const struct place *place, struct str above)
{
    static const struct str deciding[] = {{"ROOT", 4}, {"AuthRoot", 8}, {"Disallowed", 10}};
    struct reg_key list;
    host_reg_key(t->host, above, VIEW_NATIVE, true, &t->mem, &list);
    if (unread(list.state) && place->judges)
        for (size_t i = 0; i < sizeof deciding / sizeof *deciding; i++)
            weaken(t, place, deciding[i], list.state, list.reason);
    note_unread(t, place, STR(""), &list);
    for (size_t i = 0; i < list.subkey_count; i++)
        read_store(t, place, above, list.subkeys[i]);
}

static void read_services(struct trust *t)
{
    static const char services[] = "HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Services";
    struct reg_key list;
    host_reg_key(t->host, str_of(services), VIEW_NATIVE, true, &t->mem, &list);
    note_unread(t, &(struct place){.location = STR("service")}, STR(""), &list);
    for (size_t i = 0; i < list.subkey_count && i < STORES_SERVICES; i++) {
        struct place place = {
            .key = services,
            .location = str_fmt(&t->mem, "service:" STR_FMT, STR_ARG(list.subkeys[i])),
            .prefix = str_fmt(&t->mem, "service " STR_FMT " ", STR_ARG(list.subkeys[i])),
        };
        read_place(t, &place,
                   str_fmt(&t->mem, "%s\\" STR_FMT "\\SystemCertificates", services,
                           STR_ARG(list.subkeys[i])));
    }
}

static int refused_order(const void *x, const void *y)
{
    const struct refused *a = x, *b = y;
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    return memcmp(a->id, b->id, a->len);
}

void stores_read(struct trust *t)
{
    static const struct place places[] = {
        {"HKLM\\SOFTWARE\\Microsoft\\SystemCertificates", {"machine", 7}, {"", 0}, true},
        {"HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates",
         {"policy", 6},
         {"policy ", 7},
         true},
        {"HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates",
         {"enterprise", 10},
         {"enterprise ", 11},
         true},
    };
    struct reg_key software;
    host_reg_key(t->host, str_of(places[0].key), VIEW_NATIVE, false, &t->mem, &software);
    t->state.stores_state = software.state;
    t->state.stores_reason = software.reason;
    if (software.state == FACT_ABSENT)
        t->state.stores_reason = STR("the host has no certificate stores");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        read_place(t, &places[i], str_of(places[i].key));
    read_services(t);
    if (t->refused_count)
        qsort(t->refused, t->refused_count, sizeof *t->refused, refused_order);
    if (t->mem.full && !unread(t->disallowed_state)) {
        t->disallowed_state = t->roots_state = FACT_UNREADABLE;
        t->disallowed_reason = t->roots_reason = STR("stores larger than the memory allowed");
    }
}

/* ---- automatic updates of roots -------------------------------------------------------------- */

static bool policy_number(struct trust *t, const char *name, struct reg_value *v)
{
    host_reg_value(t->host,
                   STR("HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\AuthRoot"),
                   str_of(name), VIEW_NATIVE, &t->mem, v);
    return v->state == FACT_FOUND && v->has_number;
}

void updates_read(struct trust *t)
{
    static const char update[] =
        "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\AutoUpdate";
    struct trust_state *s = &t->state;
    struct reg_value v;
    bool off = policy_number(t, "DisableRootAutoUpdate", &v) && v.number != 0;
    s->updates_on = !off && !unread(v.state);
    s->updates_unread = unread(v.state);
    if (off)
        s->updates_why = STR("policy DisableRootAutoUpdate = 1");
    else if (unread(v.state))
        s->updates_why = str_fmt(&t->mem, "policy DisableRootAutoUpdate cannot be read: " STR_FMT,
                                 STR_ARG(value_reason(&v)));
    /* One switch drives both lists unless the separate one is there. */
    s->disallowed_updates_on = s->updates_on;
    if (policy_number(t, "EnableDisallowedCertAutoUpdate", &v))
        s->disallowed_updates_on = v.number != 0;
    host_reg_value(t->host, str_of(update), STR("RootDirUrl"), VIEW_NATIVE, &t->mem, &v);
    if (v.state == FACT_FOUND)
        s->root_dir_url = v.text;
}
