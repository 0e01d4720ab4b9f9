#include "cli/signed_view.h"

void certificate_view(X509 *x, struct arena *a, struct trust_certificate *out)
{
    uint8_t hash[64];
    size_t len = 0;
    *out = (struct trust_certificate){
        .common_name = cert_common_name(x, a),
        .organisation = cert_organisation(x, a),
        .issuer = cert_issuer_name(x, a),
        .serial = cert_serial(x, a),
    };
    (void)cert_validity(x, &out->not_before, &out->not_after);
    if (cert_hash(x, "sha1", hash, &len))
        snprintf(out->sha1, sizeof out->sha1, STR_FMT,
                 STR_ARG(artefact_hex(span_of(hash, len), a)));
    if (cert_hash(x, "sha256", hash, &len))
        snprintf(out->sha256, sizeof out->sha256, STR_FMT,
                 STR_ARG(artefact_hex(span_of(hash, len), a)));
}

static struct signature_view *add(struct signed_views *v, struct str index, struct arena *a)
{
    if (!v->items)
        v->items = ARENA_ARRAY(a, SIGNED_VIEWS, struct signature_view);
    if (!v->items || v->count == SIGNED_VIEWS) {
        v->more = true;
        return NULL;
    }
    struct signature_view *s = &v->items[v->count++];
    s->index = index;
    return s;
}

static void read_timestamp(struct signature_view *s, const struct cms_timestamp *t, struct arena *a)
{
    s->timestamp = t->kind;
    s->timestamp_intact = t->intact;
    s->timestamp_time = t->time;
    s->timestamp_problem = str_dup(a, t->why);
    s->timestamp_algorithm = str_dup(a, t->digest_algorithm);
    s->has_timestamper = t->signer != NULL;
    if (t->signer)
        certificate_view(t->signer, a, &s->timestamper);
}

static void read_signer(struct signature_view *s, const struct cms_signer *signer, struct arena *a)
{
    s->problem = str_dup(a, signer->why);
    s->signer_algorithm = str_dup(a, signer->digest_algorithm);
    s->program_name = str_dup(a, signer->program_name);
    s->program_url = str_dup(a, signer->program_url);
    s->has_certificate = signer->certificate != NULL;
    if (signer->certificate)
        certificate_view(signer->certificate, a, &s->certificate);
    read_timestamp(s, &signer->timestamp, a);
}

/* What the signature says of the file, and whether it is so. */
static void read_digest(struct signature_view *s, const struct cms *c, const struct pe *pe,
                        struct arena *a)
{
    char name[32];
    uint8_t have[1][64];
    size_t len[1];
    struct spc_indirect spc;
    struct err e = {0};
    if (!spc_indirect_parse(cms_content_element(c), a, &spc, &e)) {
        s->problem = str_fmt(a, "%s", e.text);
        return;
    }
    s->digest_algorithm = str_dup(a, spc.digest_algorithm);
    s->digest = span_of(arena_copy(a, spc.digest.ptr, spc.digest.len), spc.digest.len);
    if (!s->digest.ptr)
        s->digest.len = 0;
    s->pages = authenticode_pages(pe, &spc);
    s->page_algorithm = spc.page_hash_algorithm;
    snprintf(name, sizeof name, STR_FMT, STR_ARG(spc.digest_algorithm));
    const char *algorithm[] = {name};
    s->digest_matches = authenticode_digest(pe, algorithm, 1, have, len, &e) &&
                        span_eq(spc.digest, span_of(have[0], len[0]));
    if (!s->digest_matches && !s->problem.len)
        s->problem = e.kind != ERR_NONE ? str_fmt(a, "%s", e.text)
                                        : STR("the digest is not that of the file");
}

static void read_message(struct signed_views *v, const struct cms *c, const struct pe *pe,
                         struct str index, unsigned depth, struct arena *a);

static void read_nested(struct signed_views *v, const struct cms *outer, const struct cms_signer *s,
                        const struct pe *pe, struct str index, unsigned depth, struct arena *a)
{
    for (size_t i = 0; i < s->nested_count; i++) {
        struct cms *inner = NULL;
        struct err e = {0};
        struct str name = str_fmt(a, STR_FMT ".%zu", STR_ARG(index), i + 1);
        if (depth < SIGNED_DEPTH && cms_open_nested(s->nested[i], outer, &inner, &e)) {
            read_message(v, inner, pe, name, depth + 1, a);
            cms_close(inner);
            continue;
        }
        struct signature_view *bad = add(v, name, a);
        if (!bad)
            return;
        bad->nested = true;
        bad->problem =
            e.kind != ERR_NONE ? str_fmt(a, "%s", e.text) : STR("nested too deep to be read");
    }
}

static void read_message(struct signed_views *v, const struct cms *c, const struct pe *pe,
                         struct str index, unsigned depth, struct arena *a)
{
    for (size_t i = 0; i < cms_signer_count(c); i++) {
        const struct cms_signer *signer = cms_signer(c, i);
        struct signature_view *s = add(v, index, a);
        if (!s)
            return;
        s->nested = depth > 0;
        s->certificates = cms_certificate_count(c);
        read_signer(s, signer, a);
        if (pe)
            read_digest(s, c, pe, a);
        read_nested(v, c, signer, pe, index, depth, a);
    }
}

void signed_read(struct signed_views *v, struct span der, const struct pe *pe, struct str index,
                 struct arena *a)
{
    struct cms *c = NULL;
    struct err e = {0};
    if (cms_open(der, &c, &e)) {
        if (cms_signer_count(c) == 0 && pe) {
            struct signature_view *none = add(v, index, a);
            if (none)
                none->problem = STR("the message has no signer");
        }
        read_message(v, c, pe, index, 0, a);
        cms_close(c);
        return;
    }
    struct signature_view *bad = add(v, index, a);
    if (bad)
        bad->problem = str_fmt(a, "%s", e.text);
}

void signed_judge(struct signed_views *v, const struct trust_verdict *verdict)
{
    size_t at = 0;
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct trust_signature *s = &verdict->signatures[i];
        if (s->from_catalog)
            continue;
        if (at == v->count || v->items[at].nested != s->nested)
            break;
        v->items[at++].judged = s;
    }
}
