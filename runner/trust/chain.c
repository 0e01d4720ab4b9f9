/* Paths from a certificate to a root of this host, and what is wrong with the best of them. */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/wtime.h"
#include "formats/der.h"
#include "trust/part.h"

enum ending { END_NOWHERE, END_SELF_SIGNED, END_OBTAINABLE, END_ANCHOR };

struct search {
    struct trust *t;
    const struct chain_question *q;
    struct arena *a;
    const struct pooled *path[CHAIN_DEPTH];
    size_t count, checks, paths;
    bool limit;
    enum ending best_ending;
    struct chain_answer *best;
};

/* ---- properties of a root ------------------------------------------------------------------- */

struct root_properties {
    const struct cert_element *element;
    const struct ctl_entry *entry;
};

/* The verified list is newer than what was copied from it to the store. */
static bool property(const struct root_properties *p, uint32_t id, struct span *out)
{
    if (p->entry && ctl_property(p->entry, id, out))
        return true;
    return p->element && cert_element_property(p->element, id, out);
}

/* Does a DER SEQUENCE OF OID name the usage? */
static bool names_usage(struct span der, enum usage usage)
{
    static const uint8_t base[] = {0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03}; /* 1.3.6.1.5.5.7.3 */
    struct der list, oid;
    if (!der_expect(&der, DER_SEQUENCE, &list))
        return false;
    while (der_expect(&list.content, DER_OID, &oid))
        if (oid.content.len == sizeof base + 1 && !memcmp(oid.content.ptr, base, sizeof base) &&
            oid.content.ptr[sizeof base] == (usage == USAGE_CODE ? 3 : 8))
            return true;
    return false;
}

static uint64_t property_time(const struct root_properties *p, uint32_t id)
{
    struct span s;
    return property(p, id, &s) && s.len == 8 ? load_u64(s.ptr) : 0;
}

/* Is the rule of `time_id` in force for this usage?  A list of usages without a time means always;
 * `time` is 0 then. */
static bool rule_applies(const struct root_properties *p, uint32_t time_id, uint32_t usage_id,
                         enum usage usage, uint64_t *time)
{
    struct span usages;
    *time = property_time(p, time_id);
    bool limited = property(p, usage_id, &usages) && usages.len;
    if (limited)
        return names_usage(usages, usage);
    return *time != 0;
}

static void defect(struct chain_answer *r, struct arena *a, enum trust_word word, struct str reason)
{
    static const int rank[] = {
        [TRUST_TRUSTED] = 0,         [TRUST_NOT_YET_VALID] = 1,  [TRUST_EXPIRED] = 2,
        [TRUST_ROOT_OBTAINABLE] = 3, [TRUST_UNTRUSTED_ROOT] = 4, [TRUST_WRONG_USAGE] = 5,
        [TRUST_DISALLOWED] = 6,
    };
    if (rank[word] <= rank[r->word]) {
        reason = r->word == TRUST_TRUSTED ? reason : str_fmt(a, "also: " STR_FMT, STR_ARG(reason));
    } else {
        struct str old = r->reason;
        r->word = word;
        r->reason = reason;
        if (!old.len)
            return;
        reason = str_fmt(a, "also: " STR_FMT, STR_ARG(old));
    }
    if (r->note_count < sizeof r->notes / sizeof *r->notes)
        r->notes[r->note_count++] = reason;
}

static struct str day(uint64_t time, struct arena *a)
{
    char text[WTIME_TEXT];
    return str_dup(a, str_of(wtime_format(time, text)));
}

static struct str name_of(const struct pooled *c, struct arena *a)
{
    struct str name = cert_common_name(c->x, a);
    return name.len ? name : cert_organisation(c->x, a);
}

/* Section 6.5 of the root programme's deprecations: what the root may still vouch for. */
static void check_root(struct search *s, const struct root_properties *p, struct chain_answer *r)
{
    const struct chain_question *q = s->q;
    struct span usages;
    uint64_t time;
    if (property(p, PROP_ENHKEY_USAGE, &usages) && usages.len && !names_usage(usages, q->usage))
        defect(r, s->a, TRUST_WRONG_USAGE,
               STR("the root programme does not allow the root this usage"));
    if (rule_applies(p, PROP_DISALLOWED_TIME, PROP_DISALLOWED_USAGE, q->usage, &time) &&
        q->at >= time)
        defect(r, s->a, TRUST_UNTRUSTED_ROOT,
               time ? str_fmt(s->a, "the root is disabled from " STR_FMT, STR_ARG(day(time, s->a)))
                    : STR("the root is disabled for this usage"));
    if (rule_applies(p, PROP_NOT_BEFORE_TIME, PROP_NOT_BEFORE_USAGE, q->usage, &time) &&
        q->leaf->not_before >= time && !(q->timestamped && q->at < time))
        defect(r, s->a, TRUST_UNTRUSTED_ROOT,
               time
                   ? str_fmt(s->a, "the root vouches for certificates made before " STR_FMT " only",
                             STR_ARG(day(time, s->a)))
                   : STR("the root vouches for no certificate of this usage"));
}

/* ---- elements ------------------------------------------------------------------------------- */

static void check_time(struct search *s, const struct pooled *c, struct chain_answer *r)
{
    struct arena *a = s->a;
    uint64_t at = s->q->at;
    if (c->not_after < at)
        defect(r, a, TRUST_EXPIRED,
               str_fmt(a, "\"" STR_FMT "\" expired " STR_FMT ", judged at " STR_FMT,
                       STR_ARG(name_of(c, a)), STR_ARG(day(c->not_after, a)), STR_ARG(day(at, a))));
    else if (c->not_before > at)
        defect(r, a, TRUST_NOT_YET_VALID,
               str_fmt(a, "\"" STR_FMT "\" is valid from " STR_FMT ", judged at " STR_FMT,
                       STR_ARG(name_of(c, a)), STR_ARG(day(c->not_before, a)),
                       STR_ARG(day(at, a))));
}

static void check_usage(struct search *s, size_t i, struct chain_answer *r)
{
    const struct pooled *c = s->path[i];
    struct arena *a = s->a;
    uint32_t allowed = s->q->usage | (i ? USAGE_ANY : 0u);
    const char *what = s->q->usage == USAGE_CODE ? "code signing" : "timestamping";
    if (c->has_usages && !(c->usages & allowed))
        defect(r, a, TRUST_WRONG_USAGE,
               str_fmt(a, "\"" STR_FMT "\" is not for %s", STR_ARG(name_of(c, a)), what));
    if (c->unknown_critical)
        defect(r, a, TRUST_WRONG_USAGE,
               str_fmt(a, "\"" STR_FMT "\" has a critical extension that is not known",
                       STR_ARG(name_of(c, a))));
    if (i == 0 || c->anchor != ANCHOR_NONE)
        return;
    if (!c->is_ca || !c->may_sign_certificates)
        defect(r, a, TRUST_WRONG_USAGE,
               str_fmt(a, "\"" STR_FMT "\" may not issue certificates", STR_ARG(name_of(c, a))));
}

/* Self-issued certificates do not count towards a path length (RFC 5280, 4.2.1.9). */
static void check_length(struct search *s, struct chain_answer *r)
{
    int below = 0;
    for (size_t i = 1; i < s->count; i++) {
        const struct pooled *c = s->path[i];
        if (c->path_length >= 0 && below > c->path_length)
            defect(r, s->a, TRUST_WRONG_USAGE,
                   str_fmt(s->a, "\"" STR_FMT "\" allows a shorter path only",
                           STR_ARG(name_of(c, s->a))));
        below += !c->self_issued;
    }
}

static void check_elements(struct search *s, struct chain_answer *r)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct pooled *c = s->path[i];
        if (c->disallowed_by.len) {
            defect(r, s->a, TRUST_DISALLOWED,
                   str_fmt(s->a, "\"" STR_FMT "\" is disallowed (" STR_FMT ")",
                           STR_ARG(name_of(c, s->a)), STR_ARG(c->disallowed_by)));
            r->decided_by = c->disallowed_by;
        }
        check_time(s, c, r);
        check_usage(s, i, r);
    }
    check_length(s, r);
}

/* ---- whole paths ----------------------------------------------------------------------------- */

static void weak_algorithms(struct search *s, struct chain_answer *r)
{
    if (!s->t->options.strict_weak_algorithms)
        return;
    for (size_t i = 0; i < s->count; i++) {
        int md = NID_undef;
        if (s->path[i]->anchor != ANCHOR_NONE || s->path[i]->self_issued)
            continue; /* a root's own signature protects nothing */
        if (X509_get_signature_info(s->path[i]->x, &md, NULL, NULL, NULL) == 1 && md != NID_md5 &&
            md != NID_sha1)
            continue;
        defect(r, s->a, TRUST_UNTRUSTED_ROOT,
               str_fmt(s->a, "\"" STR_FMT "\" is signed with a weak algorithm",
                       STR_ARG(name_of(s->path[i], s->a))));
    }
    ERR_clear_error();
}

static bool better(const struct search *s, enum ending ending, const struct chain_answer *r)
{
    static const int badness[] = {
        [TRUST_TRUSTED] = 0,    [TRUST_ROOT_OBTAINABLE] = 1, [TRUST_NOT_YET_VALID] = 2,
        [TRUST_EXPIRED] = 3,    [TRUST_UNTRUSTED_ROOT] = 4,  [TRUST_WRONG_USAGE] = 5,
        [TRUST_DISALLOWED] = 6,
    };
    const struct chain_answer *b = s->best;
    if (s->paths == 1 || (r->word == TRUST_TRUSTED) != (b->word == TRUST_TRUSTED))
        return s->paths == 1 || r->word == TRUST_TRUSTED;
    if (ending != s->best_ending)
        return ending > s->best_ending;
    return badness[r->word] < badness[b->word];
}

static void obtainable(struct search *s, struct chain_answer *r)
{
    const struct trust_state *state = &s->t->state;
    r->decided_by = STR("EncodedCtl");
    r->in_program = true;
    defect(r, s->a, TRUST_ROOT_OBTAINABLE,
           state->updates_on
               ? STR("the root is not in the stores, but in the verified list; Windows fetches it "
                     "on demand")
               : str_fmt(s->a,
                         "the root is in the verified list but not in the stores, and updates are "
                         "off: " STR_FMT,
                         STR_ARG(state->updates_why)));
}

/* Ends a path: `entry` is the root's in the list, if it has one. */
static void finish(struct search *s, enum ending ending, const struct ctl_entry *entry)
{
    struct chain_answer r = {.word = TRUST_TRUSTED};
    const struct pooled *top = s->path[s->count - 1];
    struct root_properties p = {NULL, entry};
    if (++s->paths > CHAIN_PATHS) {
        s->limit = true;
        return;
    }
    memcpy(r.path, s->path, s->count * sizeof *s->path);
    r.count = s->count;
    switch (ending) {
    case END_ANCHOR:
        r.decided_by = top->store;
        r.in_program = lists_in_program(s->t, top);
        p.element = top->element;
        p.entry = top->anchor == ANCHOR_AUTHROOT ? entry : NULL;
        check_root(s, &p, &r);
        break;
    case END_OBTAINABLE:
        r.obtainable = entry;
        obtainable(s, &r);
        check_root(s, &p, &r);
        break;
    case END_SELF_SIGNED:
        defect(&r, s->a, TRUST_UNTRUSTED_ROOT,
               str_fmt(s->a, "the root \"" STR_FMT "\" is not trusted by this host",
                       STR_ARG(name_of(top, s->a))));
        break;
    case END_NOWHERE:
        defect(&r, s->a, TRUST_UNTRUSTED_ROOT,
               str_fmt(s->a, "the issuer \"" STR_FMT "\" is not known to this host",
                       STR_ARG(cert_issuer_name(top->x, s->a))));
        break;
    }
    check_elements(s, &r);
    weak_algorithms(s, &r);
    if (better(s, ending, &r)) {
        *s->best = r;
        s->best_ending = ending;
    }
}

static bool on_path(const struct search *s, const struct pooled *c)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->path[i] == c)
            return true;
    return false;
}

static void walk(struct search *s, const struct pooled *c);

/* Goes on with `issuer` if it made the last certificate of the path. */
static bool try_issuer(struct search *s, const struct pooled *issuer)
{
    const struct pooled *child = s->path[s->count - 1];
    if (on_path(s, issuer) || s->limit ||
        X509_NAME_cmp(X509_get_subject_name(issuer->x), X509_get_issuer_name(child->x)) != 0)
        return false;
    if (s->checks == 0)
        s->limit = true;
    if (s->limit || !pool_link(s->t, child, issuer, &s->checks))
        return false;
    walk(s, issuer);
    return true;
}

static struct span authority_key(X509 *x)
{
    const ASN1_OCTET_STRING *id = X509_get0_authority_key_id(x);
    if (!id)
        return (struct span){NULL, 0};
    return span_of(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id));
}

/* The root may be missing but named in the list by what issued `c`. */
static bool try_list(struct search *s, const struct pooled *c)
{
    const struct ctl_entry *entry =
        lists_obtainable(s->t, X509_get_issuer_name(c->x), authority_key(c->x));
    if (!entry || entry->id.len != 20)
        return false;
    const struct pooled *held = pool_find_sha1(&s->t->pool, entry->id.ptr);
    if (held && held->anchor != ANCHOR_NONE)
        return false; /* the stores hold it, and it did not sign this one */
    finish(s, END_OBTAINABLE, entry);
    return true;
}

static void issuers(struct search *s, const struct pooled *c)
{
    bool any = false;
    for (const struct pooled *i = pool_by_subject(&s->t->pool, X509_get_issuer_name(c->x)); i;
         i = i->next_subject)
        any = try_issuer(s, i) || any;
    for (size_t i = 0; i < s->q->message_count; i++)
        if (!s->q->message[i]->indexed)
            any = try_issuer(s, s->q->message[i]) || any;
    if (!s->limit)
        any = try_list(s, c) || any;
    if (!any)
        finish(s, END_NOWHERE, NULL);
}

static void walk(struct search *s, const struct pooled *c)
{
    if (s->count == CHAIN_DEPTH) {
        s->limit = true;
        return;
    }
    s->path[s->count++] = c;
    const struct ctl_entry *entry = list_find(&s->t->authroot, span_of(c->sha1, 20));
    if (c->anchor != ANCHOR_NONE)
        finish(s, END_ANCHOR, entry);
    else if (c->self_issued && (entry || pool_link(s->t, c, c, &s->checks)))
        finish(s, entry ? END_OBTAINABLE : END_SELF_SIGNED, entry);
    else
        issuers(s, c);
    s->count--;
    ERR_clear_error();
}

/* What could not be read may have held the answer. */
static void doubt(struct trust *t, struct arena *a, struct chain_answer *out)
{
    bool trusted = out->word == TRUST_TRUSTED || out->word == TRUST_ROOT_OBTAINABLE;
    enum fact_state bad = trusted ? t->disallowed_state : t->roots_state;
    if (out->word == TRUST_DISALLOWED || out->word == TRUST_WRONG_USAGE || bad == FACT_FOUND)
        return;
    if (!trusted && out->word != TRUST_UNTRUSTED_ROOT)
        return;
    out->reason = str_fmt(a, "would be %s, but a store could not be read: " STR_FMT,
                          trust_word_name(out->word),
                          STR_ARG(trusted ? t->disallowed_reason : t->roots_reason));
    out->word = TRUST_CANNOT_TELL;
}

void chain_judge(struct trust *t, const struct chain_question *q, struct arena *a,
                 struct chain_answer *out)
{
    struct search s = {.t = t, .q = q, .a = a, .checks = CHAIN_CHECKS, .best = out};
    memset(out, 0, sizeof *out);
    walk(&s, q->leaf);
    if (out->count == 0 || (s.limit && out->word != TRUST_TRUSTED)) {
        out->limit = true;
        out->word = TRUST_CANNOT_TELL;
        out->reason = STR("more paths or signatures than the limits of a chain");
        return;
    }
    if (q->at == 0) {
        out->word = TRUST_CANNOT_TELL;
        out->reason = STR("no reference time is known");
        return;
    }
    doubt(t, a, out);
}
