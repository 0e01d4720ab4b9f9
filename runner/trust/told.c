/* What policy tests say in place of signatures, certificates and lists (model/told.h).  Nothing of
 * this is reached unless a memory host hands it out. */
#include "trust/part.h"

static enum trust_word word_of(struct str name)
{
    for (int w = TRUST_TRUSTED; w <= TRUST_CANNOT_TELL; w++)
        if (str_eq(name, str_of(trust_word_name((enum trust_word)w))))
            return (enum trust_word)w;
    return TRUST_CANNOT_TELL;
}

static void copy_hex(char *out, size_t room, struct str text)
{
    size_t len = text.len < room - 1 ? text.len : room - 1;
    if (len)
        memcpy(out, text.ptr, len);
    out[len] = 0;
}

/* What the chain rests on could not be read: docs of trust.h, "What could not be read". */
static enum trust_word in_doubt(const struct trust *t, enum trust_word word, struct str *reason)
{
    bool good = word == TRUST_TRUSTED || word == TRUST_ROOT_OBTAINABLE;
    if (good && t->disallowed_state != FACT_FOUND) {
        *reason = t->disallowed_reason;
        return TRUST_CANNOT_TELL;
    }
    bool roots = word == TRUST_TRUSTED || word == TRUST_UNTRUSTED_ROOT;
    if (roots && t->roots_state != FACT_FOUND) {
        *reason = t->roots_reason;
        return TRUST_CANNOT_TELL;
    }
    return word;
}

bool told_verdict(struct trust *t, const struct told_file *f, struct arena *a,
                  struct trust_verdict *out, struct err *e)
{
    struct trust_signature *s = ARENA_NEW(a, struct trust_signature);
    struct trust_certificate *chain = ARENA_ARRAY(a, 2, struct trust_certificate);
    if (!s || !chain)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    memset(out, 0, sizeof *out);
    out->at = t->at;
    out->reason = f->reason;
    out->word = in_doubt(t, word_of(f->word), &out->reason);
    out->code = trust_word_code(out->word);
    if (word_of(f->word) == TRUST_UNSIGNED)
        return true;
    chain[0].common_name = chain[0].organisation = f->signer;
    chain[0].issuer = chain[1].common_name = chain[1].issuer = f->root_name;
    copy_hex(chain[1].sha1, sizeof chain[1].sha1, f->root_sha1);
    *s = (struct trust_signature){.word = out->word, .reason = out->reason, .judged_at = t->at};
    s->from_catalog = f->catalog.len != 0;
    s->chain = chain;
    s->chain_count = f->root_sha1.len ? 2 : 1;
    s->root_in_program = f->root_in_program;
    s->updates_on = t->state.updates_on;
    s->decided_by = out->word == TRUST_ROOT_OBTAINABLE ? STR("EncodedCtl") : STR("");
    out->signatures = s;
    out->signature_count = 1;
    out->decided = s;
    out->source = s->from_catalog ? TRUST_SOURCE_CATALOG : TRUST_SOURCE_EMBEDDED;
    out->catalog = f->catalog;
    return true;
}

void told_stored(const struct told_certificate *c, struct trust_stored *out)
{
    out->told = true;
    out->certificate.common_name = c->common_name;
    out->certificate.organisation = c->organisation;
    out->certificate.issuer = c->common_name;
    out->certificate.not_before = c->not_before;
    out->certificate.not_after = c->not_after;
    out->certificate.key_bits = c->key_bits;
    out->certificate.key_algorithm = c->key_bits ? "RSA" : NULL;
}

bool told_in_program(const struct trust *t, const char *sha1)
{
    const struct told_list *list = t->told_roots;
    for (size_t i = 0; list && i < list->root_count; i++)
        if (str_eq(list->roots[i], str_of(sha1)))
            return true;
    return false;
}

bool told_root(const struct trust *t, const char *sha1, enum trust_word *out, struct str *by)
{
    const struct trust_stored *root = NULL;
    for (size_t i = 0; i < t->state.stored_count; i++) {
        const struct trust_stored *s = &t->state.stored[i];
        if (!s->told || strcmp(s->certificate.sha1, sha1) != 0)
            continue;
        if (str_eq(s->store, STR("Disallowed"))) {
            *by = s->store;
            *out = TRUST_DISALLOWED;
            return true;
        }
        if (str_eq(s->store, STR("ROOT")) || str_eq(s->store, STR("AuthRoot")))
            root = s;
    }
    if (root) {
        *by = root->store;
        *out = t->disallowed_state == FACT_FOUND ? TRUST_TRUSTED : TRUST_CANNOT_TELL;
        return true;
    }
    const struct told_list *list = t->told_roots;
    for (size_t i = 0; list && i < list->root_count; i++)
        if (str_eq(list->roots[i], str_of(sha1))) {
            *by = STR("EncodedCtl");
            *out = TRUST_ROOT_OBTAINABLE;
            return true;
        }
    return false;
}
