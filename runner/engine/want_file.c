/* file.signed: does this host trust the files, and are their signers those that are wanted? */
#include "engine/evaluate.h"
#include "trust/words.h"

enum { SHOWN_FILES = 3, SHOWN_REASONS = 4, LISTED_FILES = 256 };

/* Files and what is to be said of them; those past the limit are only counted. */
struct remarks {
    struct remark {
        struct str path, text;
        bool said;
    } items[LISTED_FILES];
    size_t count;
};

struct inspection {
    const struct evaluation *v;
    struct texts signers, claims, roots;
    bool pin, optional, partial;
    struct str want; /* what is expected of a file, in words */
    size_t good, absent, missing, foreign, outside;
    struct remarks *bad, *unknown;
    struct value *listed;
    size_t listed_count;
};

static bool among(struct texts list, struct str text)
{
    for (size_t i = 0; text.len && i < list.count; i++)
        if (list.items[i].kind == VALUE_TEXT && str_eq(list.items[i].text, text))
            return true;
    return false;
}

/* The first of several names stands for all. */
static struct str names_text(struct arena *a, struct texts list)
{
    struct str first = list.items[0].text;
    if (list.count == 1)
        return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(first));
    return str_fmt(a, "\"" STR_FMT "\" or one of %zu other names", STR_ARG(first), list.count - 1);
}

static bool claimed(const struct inspection *n, const struct judged_file *f)
{
    if (!n->claims.count || among(n->claims, f->file.version.company))
        return true;
    for (size_t i = 0; i < f->verdict.signature_count; i++) {
        const struct trust_signature *s = &f->verdict.signatures[i];
        if (s->chain_count && among(n->claims, s->chain[0].organisation))
            return true;
    }
    return false;
}

static bool pinned(const struct inspection *n, const struct trust_verdict *verdict)
{
    const struct trust_certificate *top = trust_top(verdict);
    char sha1[THUMBPRINT];
    struct str name;
    for (size_t i = 0; top && i < n->roots.count; i++)
        if (n->roots.items[i].kind == VALUE_TEXT &&
            rule_thumbprint(n->roots.items[i].text, sha1, &name) && strcmp(sha1, top->sha1) == 0)
            return true;
    return false;
}

/* Empty when there is nothing wrong. */
static struct str fault(const struct inspection *n, const struct trust_verdict *verdict)
{
    struct str text = trust_text(verdict, n->v->mem);
    if (verdict->word == TRUST_ROOT_OBTAINABLE && !trust_holds(verdict))
        return str_fmt(n->v->mem, STR_FMT "; automatic updates of roots are off", STR_ARG(text));
    if (!trust_holds(verdict))
        return text;
    if (n->signers.count && !among(n->signers, trust_signer(verdict)))
        return str_fmt(n->v->mem, STR_FMT ", but its signer is none of those wanted",
                       STR_ARG(text));
    if (n->pin && !pinned(n, verdict))
        return str_fmt(n->v->mem, STR_FMT ", but its root is none of the vendor's", STR_ARG(text));
    return STR("");
}

static void remark(struct remarks *r, struct str path, struct str text)
{
    if (r->count < LISTED_FILES)
        r->items[r->count] = (struct remark){path, text, false};
    r->count++;
}

/* "A, B and 3 more: why": files of which the same is to be said, in one go. */
static struct str same_text(struct arena *a, struct remarks *r, size_t first, size_t most)
{
    struct str text = r->items[first].text, paths = STR("");
    size_t shown = 0, more = 0;
    for (size_t i = first; i < most; i++) {
        if (r->items[i].said || !str_eq(r->items[i].text, text))
            continue;
        r->items[i].said = true;
        if (shown < SHOWN_FILES)
            paths = str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(paths), shown++ ? ", " : "",
                            STR_ARG(r->items[i].path));
        else
            more++;
    }
    if (more)
        paths = str_fmt(a, STR_FMT " and %zu more", STR_ARG(paths), more);
    return str_fmt(a, STR_FMT ": " STR_FMT, STR_ARG(paths), STR_ARG(text));
}

static struct str remarks_text(struct arena *a, struct remarks *r)
{
    struct str text = STR("");
    size_t most = r->count < LISTED_FILES ? r->count : LISTED_FILES, reasons = 0;
    for (size_t i = 0; i < most; i++) {
        if (r->items[i].said)
            continue;
        if (reasons == SHOWN_REASONS)
            return str_fmt(a, STR_FMT "; ...", STR_ARG(text));
        struct str same = same_text(a, r, i, most);
        text =
            str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(text), reasons++ ? "; " : "", STR_ARG(same));
    }
    return text;
}

static void list_file(struct inspection *n, const struct judged_file *f)
{
    const struct trust_verdict *t = &f->verdict;
    const struct trust_signature *s = t->decided;
    struct str signer = trust_signer(t);
    char version[VERSION_TEXT];
    struct value shown = value_null();
    if (f->file.is_pe && f->file.version.has_version)
        shown =
            value_text(str_dup(n->v->mem, str_of(version_format(f->file.version.file, version))));
    const struct value_member members[] = {
        {STR("path"), value_text(f->path)},
        {STR("version"), shown},
        {STR("word"), value_text(str_of(trust_word_name(t->word)))},
        {STR("code"), value_int(t->code)},
        {STR("signer"), signer.len ? value_text(signer) : value_null()},
        {STR("root"), s ? value_text(trust_root_name(t)) : value_null()},
        {STR("root_in_program"), s ? value_bool(s->root_in_program) : value_null()},
        {STR("decided_by"), s ? value_text(s->decided_by) : value_null()},
    };
    if (n->listed_count < LISTED_FILES)
        n->listed[n->listed_count++] = map_of(n->v->mem, members, sizeof members / sizeof *members);
}

static void judged(struct inspection *n, const struct judged_file *f, struct result *out)
{
    struct str wrong = fault(n, &f->verdict);
    const struct trust_signature *s = f->verdict.decided;
    trust_evidence(&f->verdict, &f->file.evidence, n->v->mem, &out->evidence);
    list_file(n, f);
    n->outside += s && !s->root_in_program;
    if (wrong.len)
        remark(n->bad, f->path, wrong);
    else
        n->good++;
}

static void inspect(struct inspection *n, const struct named_file *named, struct result *out)
{
    struct judged_file f = {0};
    judge_file(n->v, named, &f);
    bool read = f.file.state == FACT_FOUND;
    if (read && !claimed(n, &f)) {
        n->foreign++;
    } else if (f.state == FACT_FOUND) {
        judged(n, &f, out);
    } else if (f.state == FACT_ABSENT && (n->optional || named->from_glob)) {
        n->absent++;
    } else if (f.state == FACT_ABSENT) {
        evidence_add(&out->evidence, &f.file.evidence);
        remark(n->bad, f.path, STR("missing"));
    } else if (f.state == FACT_NOT_COLLECTED && n->partial) {
        n->missing++;
    } else {
        evidence_add(&out->evidence, &f.file.evidence);
        remark(n->unknown, f.path, state_text(n->v->mem, f.state, f.reason));
    }
}

static struct str counts_text(const struct inspection *n)
{
    struct arena *a = n->v->mem;
    struct str text = str_fmt(a, "%zu of %zu file%s as wanted", n->good, n->good + n->bad->count,
                              n->good + n->bad->count == 1 ? "" : "s");
    if (n->outside)
        text = str_fmt(a, STR_FMT ", %zu by a root of no verified Microsoft list", STR_ARG(text),
                       n->outside);
    if (n->missing)
        text = str_fmt(a, STR_FMT ", %zu more not collected", STR_ARG(text), n->missing);
    if (n->foreign)
        text = str_fmt(a, STR_FMT ", %zu of others passed over", STR_ARG(text), n->foreign);
    return text;
}

static void conclude(struct inspection *n, const struct named_files *names, struct result *out)
{
    struct arena *a = n->v->mem;
    bool named = names->state == FACT_FOUND || (names->state == FACT_NOT_COLLECTED && n->partial);
    out->observed.text = counts_text(n);
    out->observed.value = (struct value){.kind = VALUE_LIST};
    out->observed.value.list.items = n->listed;
    out->observed.value.list.count = n->listed_count;
    if (n->bad->count) {
        struct str why = remarks_text(a, n->bad);
        out->verdict = VERDICT_FAIL;
        out->message = str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(why), STR_ARG(n->want));
    } else if (n->unknown->count || !named) {
        struct str why = n->unknown->count ? remarks_text(a, n->unknown) : names->reason;
        out->verdict = VERDICT_UNKNOWN;
        out->message = str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(why), STR_ARG(n->want));
    } else if (n->good) {
        out->verdict = VERDICT_PASS;
        out->message =
            str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(out->observed.text), STR_ARG(n->want));
    } else if (n->missing || names->state != FACT_FOUND) {
        out->verdict = VERDICT_UNKNOWN;
        out->message =
            str_fmt(a, "none of the files was collected, want " STR_FMT, STR_ARG(n->want));
    } else {
        out->verdict = VERDICT_NOT_APPLICABLE;
        out->message = STR("none of the files is on this host");
    }
}

void want_file(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct inspection n = {
        .v = v,
        .signers = want_texts(v, w, "signers"),
        .claims = want_texts(v, w, "claims"),
        .roots = want_texts(v, w, "roots"),
        .pin = want_flag(v, w, "pin"),
        .optional = want_flag(v, w, "optional"),
        .partial = want_flag(v, w, "partial"),
        .bad = ARENA_NEW(v->mem, struct remarks),
        .unknown = ARENA_NEW(v->mem, struct remarks),
        .listed = ARENA_ARRAY(v->mem, LISTED_FILES, struct value),
    };
    if (!n.bad || !n.unknown || !n.listed)
        return;
    n.want = n.signers.count ? str_fmt(v->mem, "signed by " STR_FMT ", trusted by this host",
                                       STR_ARG(names_text(v->mem, n.signers)))
                             : STR("all trusted by this host");
    out->expected.text = n.want;
    out->expected.value =
        map_of(v->mem, &(struct value_member){STR("word"), value_text(STR("trusted"))}, 1);
    if (!want_concerns(v, w, out))
        return;
    struct evidence_list folders = {.mem = v->mem};
    struct named_files names = {.state = FACT_FOUND, .evidence = &folders};
    struct texts paths = want_texts(v, w, value_get(&w->args, "path") ? "path" : "paths");
    want_paths(v, paths, want_text(v, w, "view"), &names);
    if (names.homeless && !names.count && value_get(&w->args, "when_product") &&
        names.state == FACT_FOUND) {
        names.state = FACT_UNREADABLE;
        names.reason = STR("the product is installed, but the registry names no folder of it");
    }
    for (size_t i = 0; i < names.count; i++)
        inspect(&n, &names.items[i], out);
    for (size_t i = 0; i < folders.count; i++)
        evidence_add(&out->evidence, &folders.items[i]);
    conclude(&n, &names, out);
}
