#include "trust/words.h"

bool trust_holds(const struct trust_verdict *v)
{
    return v->word == TRUST_TRUSTED ||
           (v->word == TRUST_ROOT_OBTAINABLE && v->decided && v->decided->updates_on);
}

const struct trust_certificate *trust_leaf(const struct trust_verdict *v)
{
    return v->decided && v->decided->chain_count ? &v->decided->chain[0] : NULL;
}

const struct trust_certificate *trust_top(const struct trust_verdict *v)
{
    const struct trust_signature *s = v->decided;
    return s && s->chain_count ? &s->chain[s->chain_count - 1] : NULL;
}

struct str trust_signer(const struct trust_verdict *v)
{
    const struct trust_certificate *leaf = trust_leaf(v);
    return leaf && leaf->organisation.len ? leaf->organisation : STR("");
}

struct str trust_root_name(const struct trust_verdict *v)
{
    const struct trust_certificate *top = trust_top(v);
    if (!top)
        return STR("");
    bool missing = v->word == TRUST_UNTRUSTED_ROOT || v->word == TRUST_ROOT_OBTAINABLE;
    return (missing && top->issuer.len) || !top->common_name.len ? top->issuer : top->common_name;
}

static struct str signer_text(const struct trust_verdict *v, struct arena *a)
{
    const struct trust_certificate *leaf = trust_leaf(v);
    struct str who = trust_signer(v), root = trust_root_name(v);
    if (leaf && !who.len)
        who = leaf->common_name;
    const char *how = v->source == TRUST_SOURCE_CATALOG ? "by catalog" : "embedded";
    if (!leaf)
        return str_fmt(a, " (%s)", how);
    struct str by = v->decided->decided_by;
    struct str text = str_fmt(a, " (%s, signed by " STR_FMT ", root " STR_FMT "%s" STR_FMT, how,
                              STR_ARG(who), STR_ARG(root), by.len ? " by " : "", STR_ARG(by));
    return str_fmt(a, STR_FMT "%s)", STR_ARG(text),
                   v->decided->root_in_program ? "" : ", in no verified Microsoft list");
}

struct str trust_text(const struct trust_verdict *v, struct arena *a)
{
    struct str who = v->decided ? signer_text(v, a) : STR("");
    char code[16] = "";
    if (v->code)
        snprintf(code, sizeof code, " 0x%08X", (unsigned)v->code);
    bool plain = v->word == TRUST_TRUSTED || !v->reason.len;
    return str_fmt(a, "%s%s" STR_FMT "%s" STR_FMT, trust_word_name(v->word), code, STR_ARG(who),
                   plain ? "" : ": ", STR_ARG(plain ? STR("") : v->reason));
}

bool trust_differs(const struct trust_verdict *v)
{
    bool theirs = v->windows.code == 0;
    if (!v->windows.asked || v->word == TRUST_CANNOT_TELL || theirs == trust_holds(v))
        return false;
    return v->word != TRUST_ROOT_OBTAINABLE ||
           v->windows.code != trust_word_code(TRUST_UNTRUSTED_ROOT);
}

/* Codes that have a word of ours; others stand for themselves. */
static const char *code_word(uint32_t code)
{
    if (code == 0)
        return trust_word_name(TRUST_TRUSTED);
    for (int w = TRUST_TRUSTED; w <= TRUST_CANNOT_TELL; w++)
        if (trust_word_code((enum trust_word)w) == code)
            return trust_word_name((enum trust_word)w);
    return "";
}

struct str trust_difference(const struct trust_verdict *v, struct arena *a)
{
    char ours[16] = "", theirs[16] = "";
    const char *word = code_word(v->windows.code);
    if (v->code)
        snprintf(ours, sizeof ours, " 0x%08X", (unsigned)v->code);
    if (v->windows.code)
        snprintf(theirs, sizeof theirs, "%s0x%08X", *word ? " " : "", (unsigned)v->windows.code);
    return str_fmt(a, "Windows (WinVerifyTrust) says %s%s, rectify says %s%s", word, theirs,
                   trust_word_name(v->word), ours);
}

void trust_evidence(const struct trust_verdict *v, const struct evidence *file, struct arena *a,
                    struct evidence_list *out)
{
    struct evidence ev = *file;
    ev.note = trust_text(v, a);
    evidence_add(out, &ev);
    if (trust_differs(v)) {
        struct evidence other = {.artefact = file->artefact, .note = trust_difference(v, a)};
        evidence_add(out, &other);
    }
    if (v->source != TRUST_SOURCE_CATALOG)
        return;
    struct evidence catalog = {.artefact = v->catalog};
    catalog.note = str_fmt(a, "catalog that holds the digest of " STR_FMT, STR_ARG(file->artefact));
    evidence_add(out, &catalog);
}
