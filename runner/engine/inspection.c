/* Judged files against what a want says of their signatures. */
#include "engine/inspection.h"

#include "trust/words.h"

enum { SHOWN_FILES = 3, SHOWN_REASONS = 4 };

static bool among(struct texts list, struct str text)
{
    for (size_t i = 0; text.len && i < list.count; i++)
        if (list.items[i].kind == VALUE_TEXT && str_eq(list.items[i].text, text))
            return true;
    return false;
}

/* The first of several names stands for all. */
struct str inspection_names(struct arena *a, struct texts list)
{
    struct str first = list.items[0].text;
    if (list.count == 1)
        return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(first));
    return str_fmt(a, "\"" STR_FMT "\" or one of %zu other names", STR_ARG(first), list.count - 1);
}

bool inspection_claimed(const struct inspection *n, const struct judged_file *f)
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

void inspection_remark(struct remarks *r, struct str path, struct str text)
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

struct str inspection_text(struct arena *a, struct remarks *r)
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

static void list_file(struct inspection *n, const struct judged_file *f,
                      const struct value *processes)
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
        {STR("processes"), processes ? *processes : value_null()},
    };
    size_t count = sizeof members / sizeof *members - (processes ? 0 : 1);
    if (n->listed_count < LISTED_FILES)
        n->listed[n->listed_count++] = map_of(n->v->mem, members, count);
}

void inspection_weigh(struct inspection *n, const struct judged_file *f, struct str where,
                      const struct value *processes, struct result *out)
{
    struct str wrong = fault(n, &f->verdict);
    const struct trust_signature *s = f->verdict.decided;
    trust_evidence(&f->verdict, &f->file.evidence, n->v->mem, &out->evidence);
    list_file(n, f, processes);
    n->outside += s && !s->root_in_program;
    if (wrong.len)
        inspection_remark(n->bad, where, wrong);
    else
        n->good++;
}

struct value inspection_listed(const struct inspection *n)
{
    struct value list = {.kind = VALUE_LIST};
    list.list.items = n->listed;
    list.list.count = n->listed_count;
    return list;
}

bool inspection_begin(const struct evaluation *v, const struct want *w, struct inspection *n,
                      struct result *out)
{
    *n = (struct inspection){
        .v = v,
        .signers = want_texts(v, w, "signers"),
        .claims = want_texts(v, w, "claims"),
        .roots = want_texts(v, w, "roots"),
        .pin = want_flag(v, w, "pin"),
        .bad = ARENA_NEW(v->mem, struct remarks),
        .unknown = ARENA_NEW(v->mem, struct remarks),
        .listed = ARENA_ARRAY(v->mem, LISTED_FILES, struct value),
    };
    if (!n->bad || !n->unknown || !n->listed)
        return false;
    n->want = n->signers.count ? str_fmt(v->mem, "signed by " STR_FMT ", trusted by this host",
                                         STR_ARG(inspection_names(v->mem, n->signers)))
                               : STR("all trusted by this host");
    out->expected.text = n->want;
    out->expected.value =
        map_of(v->mem, &(struct value_member){STR("word"), value_text(STR("trusted"))}, 1);
    return true;
}
