/* Opening and closing, words, and what the stores say as such. */
#include "trust/part.h"

const char *trust_word_name(enum trust_word w)
{
    static const char *const names[] = {
        [TRUST_TRUSTED] = "trusted",
        [TRUST_UNSIGNED] = "unsigned",
        [TRUST_BAD_DIGEST] = "bad_digest",
        [TRUST_UNTRUSTED_ROOT] = "untrusted_root",
        [TRUST_ROOT_OBTAINABLE] = "root_obtainable",
        [TRUST_DISALLOWED] = "disallowed",
        [TRUST_EXPIRED] = "expired",
        [TRUST_NOT_YET_VALID] = "not_yet_valid",
        [TRUST_WRONG_USAGE] = "wrong_usage",
        [TRUST_MALFORMED] = "malformed",
        [TRUST_CANNOT_TELL] = "cannot_tell",
    };
    return names[w];
}

uint32_t trust_word_code(enum trust_word w)
{
    static const uint32_t codes[] = {
        [TRUST_TRUSTED] = 0,
        [TRUST_UNSIGNED] = 0x800B0100,        /* TRUST_E_NOSIGNATURE */
        [TRUST_BAD_DIGEST] = 0x80096010,      /* TRUST_E_BAD_DIGEST */
        [TRUST_UNTRUSTED_ROOT] = 0x800B0109,  /* CERT_E_UNTRUSTEDROOT */
        [TRUST_ROOT_OBTAINABLE] = 0x800B0109, /* until the root is fetched */
        [TRUST_DISALLOWED] = 0x800B0111,      /* TRUST_E_EXPLICIT_DISTRUST */
        [TRUST_EXPIRED] = 0x800B0101,         /* CERT_E_EXPIRED: outside of its validity */
        [TRUST_NOT_YET_VALID] = 0x800B0101,
        [TRUST_WRONG_USAGE] = 0x800B0110, /* CERT_E_WRONG_USAGE */
        [TRUST_MALFORMED] = 0x800B0100,   /* not taken for a signature at all */
        [TRUST_CANNOT_TELL] = 0,
    };
    return codes[w];
}

/* REG_SZ "1" or REG_DWORD 1, in either view (Microsoft security advisory 2915720). */
static bool padding_check(struct trust *t)
{
    struct reg_value v;
    for (int view = VIEW_NATIVE; view <= VIEW_32; view++) {
        host_reg_value(t->host, STR("HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Wintrust\\Config"),
                       STR("EnableCertPaddingCheck"), (enum reg_view)view, &t->mem, &v);
        if (v.state == FACT_FOUND && (v.has_number ? v.number != 0 : str_eq(v.text, STR("1"))))
            return true;
    }
    return false;
}

/* False: not 40 hex digits. */
static bool thumbprint_bytes(const char *hex, uint8_t out[20])
{
    for (size_t i = 0; i < 40; i++) {
        char c = hex[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
    }
    return hex[40] == 0;
}

/* Which of the stored certificates Microsoft's lists know. */
static void note_program(struct trust *t)
{
    for (size_t i = 0; i < t->state.stored_count; i++) {
        struct trust_stored *s = &t->state.stored[i];
        uint8_t sha1[20];
        const struct pooled *c = NULL;
        if (!s->told && thumbprint_bytes(s->certificate.sha1, sha1))
            c = pool_find_sha1(&t->pool, sha1);
        s->in_program =
            s->told ? told_in_program(t, s->certificate.sha1) : c && lists_in_program(t, c);
    }
}

bool trust_open(struct host *h, const struct trust_options *options, struct trust **out,
                struct err *e)
{
    struct trust *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (pthread_mutex_init(&t->host_lock, NULL) != 0) {
        free(t);
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    arena_init(&t->mem, 2 * ARENA_DEFAULT_CAP);
    t->host = h;
    t->known = (struct cms_known){pool_get_der, t};
    if (options)
        t->options = *options;
    if (!pool_init(&t->pool, e)) {
        trust_close(t);
        return false;
    }
    t->at = host_reference(h)->time;
    t->nt = host_nt_version(h);
    t->padding_check = padding_check(t);
    stores_read(t);
    updates_read(t);
    lists_read(t);
    note_program(t);
    *out = t;
    return true;
}

void trust_close(struct trust *t)
{
    if (!t)
        return;
    catalogs_close(t->catalogs);
    lists_close(t);
    pool_done(&t->pool);
    pthread_mutex_destroy(&t->host_lock);
    arena_done(&t->mem);
    free(t);
}

const struct trust_state *trust_state(const struct trust *t)
{
    return &t->state;
}

static enum trust_word judge_root(struct trust *t, const char *sha1_hex, struct str *decided_by)
{
    uint8_t sha1[20];
    *decided_by = (struct str){NULL, 0};
    if (t->state.stores_state != FACT_FOUND || !thumbprint_bytes(sha1_hex, sha1))
        return TRUST_CANNOT_TELL;
    enum trust_word told;
    if (told_root(t, sha1_hex, &told, decided_by))
        return told;
    const struct pooled *c = pool_find_sha1(&t->pool, sha1);
    struct str by = c ? c->disallowed_by : lists_disallow_thumbprint(t, sha1);
    if (by.len) {
        *decided_by = by;
        return TRUST_DISALLOWED;
    }
    if (c && c->anchor != ANCHOR_NONE) {
        *decided_by = c->store;
        return t->disallowed_state == FACT_FOUND ? TRUST_TRUSTED : TRUST_CANNOT_TELL;
    }
    if (list_find(&t->authroot, span_of(sha1, 20))) {
        *decided_by = STR("EncodedCtl");
        return TRUST_ROOT_OBTAINABLE;
    }
    bool sure = t->roots_state == FACT_FOUND && t->state.authroot.state != FACT_UNREADABLE &&
                t->state.authroot.state != FACT_NOT_COLLECTED;
    return sure ? TRUST_UNTRUSTED_ROOT : TRUST_CANNOT_TELL;
}

enum trust_word trust_root(struct trust *t, const char *sha1_hex, struct str *decided_by)
{
    enum trust_word word = judge_root(t, sha1_hex, decided_by);
    const struct trust_observer *o = t->options.observer;
    if (o)
        o->root(o->context, sha1_hex, word, *decided_by);
    return word;
}
