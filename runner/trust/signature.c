/* One SignedData: is it whole, when was it made, and does its signer's chain hold then? */
#include "trust/part.h"

#include "base/wtime.h"

/* Certificates of a message as the pool knows them; transient ones are owned here. */
struct message {
    struct pooled *items[CMS_CERTIFICATES];
    size_t count;
    bool limit;
};

static void message_read(struct trust *t, const struct cms *c, struct message *m)
{
    *m = (struct message){.count = 0};
    for (size_t i = 0; i < cms_certificate_count(c) && i < CMS_CERTIFICATES; i++) {
        struct pooled *p = pool_get(t, cms_certificate(c, i));
        if (p)
            m->items[m->count++] = p;
        m->limit = m->limit || !p;
    }
}

static void message_done(struct message *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->items[i]->transient)
            pool_free(m->items[i]);
}

static struct pooled *message_find(const struct message *m, X509 *x)
{
    for (size_t i = 0; x && i < m->count; i++)
        if (X509_cmp(m->items[i]->x, x) == 0)
            return m->items[i];
    return NULL;
}

static int rank(enum trust_word w)
{
    static const int ranks[] = {
        [TRUST_TRUSTED] = 0,     [TRUST_NOT_YET_VALID] = 1,   [TRUST_EXPIRED] = 2,
        [TRUST_CANNOT_TELL] = 3, [TRUST_ROOT_OBTAINABLE] = 4, [TRUST_UNTRUSTED_ROOT] = 5,
        [TRUST_WRONG_USAGE] = 6, [TRUST_DISALLOWED] = 7,      [TRUST_BAD_DIGEST] = 8,
        [TRUST_MALFORMED] = 9,   [TRUST_UNSIGNED] = 10,
    };
    return ranks[w];
}

void signature_lower(struct trust_signature *s, enum trust_word word, struct str reason)
{
    if (rank(word) <= rank(s->word))
        return;
    s->word = word;
    s->reason = reason;
}

void signature_note(struct trust_signature *s, struct arena *a, struct str note)
{
    enum { MOST = 16 };
    if (!s->notes)
        s->notes = ARENA_ARRAY(a, MOST, struct str);
    if (s->notes && s->note_count < MOST && note.len)
        s->notes[s->note_count++] = note;
}

/* Does the timestamp count?  One that does not might as well have been taken away (it is not
 * signed), so the signature is then judged as if it had none. */
static bool timestamp_holds(struct trust *t, const struct cms_timestamp *ts,
                            const struct message *m, struct arena *a, struct str *why)
{
    struct chain_answer answer;
    struct chain_question q = {
        .leaf = message_find(m, ts->signer),
        .message = m->items,
        .message_count = m->count,
        .usage = USAGE_TIMESTAMP,
        .at = ts->time,
        .timestamped = true,
    };
    *why = ts->why;
    if (!ts->intact)
        return false;
    *why = STR("its signer's certificate is missing");
    if (!q.leaf)
        return false;
    chain_judge(t, &q, a, &answer);
    *why = str_fmt(a, "%s: " STR_FMT, trust_word_name(answer.word), STR_ARG(answer.reason));
    return answer.word == TRUST_TRUSTED ||
           (answer.word == TRUST_ROOT_OBTAINABLE && t->state.updates_on);
}

static void judge_timestamp(struct trust *t, const struct cms_timestamp *ts,
                            const struct message *m, struct arena *a, struct trust_signature *out)
{
    struct str why = {NULL, 0};
    out->timestamp = ts->kind;
    if (ts->kind == TIMESTAMP_NONE)
        return;
    const struct pooled *signer = message_find(m, ts->signer);
    if (signer)
        pool_describe(signer, a, &out->timestamper);
    if (!timestamp_holds(t, ts, m, a, &why)) {
        signature_note(out, a, str_fmt(a, "the timestamp does not count: " STR_FMT, STR_ARG(why)));
        return;
    }
    out->signed_at = ts->time;
    if (t->at && ts->time > t->at + WTIME_DAY)
        signature_note(out, a, STR("the timestamp is later than the reference time"));
}

static void judge_chain(struct trust *t, struct pooled *leaf, const struct message *m,
                        struct arena *a, struct trust_signature *out)
{
    struct chain_answer answer;
    bool lifetime = leaf->usages & USAGE_LIFETIME;
    struct chain_question q = {
        .leaf = leaf,
        .message = m->items,
        .message_count = m->count,
        .usage = USAGE_CODE,
        .timestamped = out->signed_at != 0 && !lifetime,
    };
    q.at = out->judged_at = q.timestamped ? out->signed_at : t->at;
    if (lifetime && out->signed_at)
        signature_note(out, a,
                       STR("lifetime signing: the timestamp does not extend the certificate"));
    chain_judge(t, &q, a, &answer);
    signature_lower(out, answer.word, answer.reason);
    for (size_t i = 0; i < answer.note_count; i++)
        signature_note(out, a, answer.notes[i]);
    out->decided_by = answer.decided_by;
    out->root_in_program = answer.in_program;
    out->updates_on = t->state.updates_on;
    if (answer.obtainable && answer.obtainable->id.len == 20)
        for (size_t i = 0; i < 20; i++)
            snprintf(out->obtainable + 2 * i, 3, "%02x", answer.obtainable->id.ptr[i]);
    out->chain = ARENA_ARRAY(a, answer.count + 1, struct trust_certificate);
    for (size_t i = 0; out->chain && i < answer.count; i++)
        pool_describe(answer.path[i], a, &out->chain[out->chain_count++]);
}

static bool weak_digest(const struct trust *t, const struct cms_signer *s)
{
    return t->options.strict_weak_algorithms &&
           (str_eq(s->digest_algorithm, STR("md5")) || str_eq(s->digest_algorithm, STR("sha1")));
}

static void judge_mathematics(const struct trust *t, const struct cms_signer *s, struct arena *a,
                              struct trust_signature *out)
{
    struct str why = str_dup(a, s->why);
    if (weak_digest(t, s))
        signature_lower(
            out, TRUST_UNTRUSTED_ROOT,
            str_fmt(a, "signed with a weak algorithm: " STR_FMT, STR_ARG(s->digest_algorithm)));
    if (!s->certificate)
        signature_lower(out, TRUST_MALFORMED, why);
    else if (s->undecided)
        signature_lower(out, TRUST_CANNOT_TELL, why);
    else if (!s->digest_ok || !s->signature_ok)
        signature_lower(out, TRUST_BAD_DIGEST, why);
}

static void note_lists(struct trust *t, struct arena *a, struct trust_signature *out)
{
    const struct trust_list *d = &t->state.disallowed;
    if (d->state == FACT_UNREADABLE)
        signature_note(out, a,
                       str_fmt(a, "the list of disallowed certificates was not used: " STR_FMT,
                               STR_ARG(d->reason)));
    signature_note(out, a, STR("revocation not checked"));
}

void signature_judge(struct trust *t, const struct cms *message, struct arena *a,
                     struct trust_signature *out)
{
    struct message m;
    *out = (struct trust_signature){.word = TRUST_TRUSTED};
    if (cms_signer_count(message) == 0) {
        signature_lower(out, TRUST_MALFORMED, STR("the signature has no signer"));
        return;
    }
    const struct cms_signer *s = cms_signer(message, 0);
    out->digest_algorithm = str_dup(a, s->digest_algorithm);
    out->program_name = str_dup(a, s->program_name);
    judge_mathematics(t, s, a, out);
    message_read(t, message, &m);
    struct pooled *leaf = message_find(&m, s->certificate);
    judge_timestamp(t, &s->timestamp, &m, a, out);
    if (leaf && t->state.stores_state == FACT_FOUND)
        judge_chain(t, leaf, &m, a, out);
    else if (leaf)
        signature_lower(out, TRUST_CANNOT_TELL,
                        str_fmt(a, "the certificate stores are %s: " STR_FMT,
                                fact_state_name(t->state.stores_state),
                                STR_ARG(t->state.stores_reason)));
    else if (m.limit)
        signature_lower(out, TRUST_CANNOT_TELL, STR("out of memory"));
    message_done(&m);
    if (leaf)
        note_lists(t, a, out);
}
