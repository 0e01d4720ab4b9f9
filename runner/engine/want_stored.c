/* certificate.stored, and certificate.absent by SHA-256 or subject: the certificates that the
 * stores of the host hold. */
#include "engine/stored.h"

#include "base/utf16.h"

static const char *const places[] = {
    "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\",
    "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\",
    "HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates\\",
};

static bool in_store(const struct trust_stored *c, struct str store)
{
    return store.len ? str_ieq(c->store, store) : !str_ieq(c->store, STR("Disallowed"));
}

static bool is_certificate(const struct trust_certificate *c, enum stored_by by, struct str text)
{
    char sha1[THUMBPRINT];
    struct str name;
    switch (by) {
    case STORED_BY_SHA1:
        return rule_thumbprint(text, sha1, &name) && strcmp(sha1, c->sha1) == 0;
    case STORED_BY_SHA256:
        return str_ieq(text, str_of(c->sha256));
    default:
        return glob_imatch(text, c->common_name);
    }
}

const struct trust_stored *stored_find(const struct trust_state *s, struct str store,
                                       enum stored_by by, struct str text)
{
    for (size_t i = 0; i < s->stored_count; i++)
        if (!s->stored[i].damage.len && in_store(&s->stored[i], store) &&
            is_certificate(&s->stored[i].certificate, by, text))
            return &s->stored[i];
    return NULL;
}

/* An element lies under the thumbprint of its certificate. */
static bool lies_under(const struct trust_stored *c, struct str sha1)
{
    struct str where = c->evidence.where;
    return sha1.len <= where.len &&
           str_ieq((struct str){where.ptr + where.len - sha1.len, sha1.len}, sha1);
}

/* A damaged element, or a store that could not be listed, may hold any certificate; with `sha1`
 * only the element of that thumbprint. */
bool stored_whole(const struct evaluation *v, const struct trust_state *s, struct str store,
                  struct str sha1, struct evidence_list *evidence, struct str *why)
{
    for (size_t i = 0; i < s->stored_count; i++)
        if (s->stored[i].damage.len && in_store(&s->stored[i], store) &&
            lies_under(&s->stored[i], sha1)) {
            *why = str_fmt(v->mem, "an element of " STR_FMT " cannot be read: " STR_FMT,
                           STR_ARG(s->stored[i].store), STR_ARG(s->stored[i].damage));
            return false;
        }
    static const char *const stores[] = {"ROOT", "AuthRoot", "CA", "TrustedPublisher", "trust"};
    size_t count = store.len ? 1 : sizeof stores / sizeof *stores;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (size_t k = 0; k < count; k++) {
            struct reg_key key = {0};
            struct str name = store.len ? store : str_of(stores[k]);
            struct str path =
                str_fmt(v->mem, "%s" STR_FMT "\\Certificates", places[i], STR_ARG(name));
            host_reg_key(v->host, path, VIEW_NATIVE, false, v->mem, &key);
            evidence_add(evidence, &key.evidence);
            if (key.state == FACT_FOUND || key.state == FACT_ABSENT)
                continue;
            *why = str_fmt(v->mem, STR_FMT " is " STR_FMT, STR_ARG(path),
                           STR_ARG(state_text(v->mem, key.state, key.reason)));
            return false;
        }
    return true;
}

/* ---- certificate.stored ---------------------------------------------------------------------- */

struct finding_out {
    const struct evaluation *v;
    const struct want *w;
    const struct trust_state *state;
    struct str store, missing, found;
    size_t wanted, there;
};

static void look_for(struct finding_out *f, const char *argument, enum stored_by by,
                     struct result *out)
{
    enum { SHOWN = 4 };
    struct texts list = want_texts(f->v, f->w, argument);
    for (size_t i = 0; i < list.count; i++, f->wanted++) {
        struct str text = list.items[i].kind == VALUE_TEXT ? list.items[i].text : STR("");
        const struct trust_stored *c = stored_find(f->state, f->store, by, text);
        struct str *to = c ? &f->found : &f->missing;
        size_t shown = c ? f->there++ : f->wanted - f->there;
        if (c)
            evidence_add(&out->evidence, &c->evidence);
        if (shown < SHOWN)
            *to = str_fmt(f->v->mem, STR_FMT "%s" STR_FMT, STR_ARG(*to), shown ? ", " : "",
                          STR_ARG(text));
    }
}

void want_stored(const struct evaluation *v, const struct want *w, const struct trust_state *s,
                 struct result *out)
{
    struct finding_out f = {.v = v, .w = w, .state = s, .store = want_text(v, w, "store")};
    struct str why = STR("");
    f.missing = f.found = STR("");
    look_for(&f, "sha1", STORED_BY_SHA1, out);
    look_for(&f, "sha256", STORED_BY_SHA256, out);
    look_for(&f, "subject", STORED_BY_SUBJECT, out);
    out->expected.text = str_fmt(v->mem, "in the store " STR_FMT, STR_ARG(f.store));
    out->observed.text = str_fmt(v->mem, "%zu of %zu there", f.there, f.wanted);
    out->observed.value = value_int((int64_t)f.there);
    out->expected.value = value_int((int64_t)f.wanted);
    if (!f.wanted) {
        out->verdict = VERDICT_ERROR;
        out->message = str_fmt(v->mem, "line %d: no certificate is named", w->line);
    } else if (f.there == f.wanted) {
        out->verdict = VERDICT_PASS;
        out->message = str_fmt(v->mem, STR_FMT " is in the store " STR_FMT, STR_ARG(f.found),
                               STR_ARG(f.store));
    } else if (!stored_whole(v, s, f.store, STR(""), &out->evidence, &why)) {
        out->verdict = VERDICT_UNKNOWN;
        out->message = str_fmt(v->mem, STR_FMT " was not found, but " STR_FMT, STR_ARG(f.missing),
                               STR_ARG(why));
    } else {
        out->verdict = VERDICT_FAIL;
        out->message = str_fmt(v->mem, STR_FMT " is not in the store " STR_FMT ", want it there",
                               STR_ARG(f.missing), STR_ARG(f.store));
    }
}
