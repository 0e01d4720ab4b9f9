/* file.signed: does this host trust the files, and are their signers those that are wanted? */
#include "engine/inspection.h"

struct listing {
    struct inspection n;
    bool optional, partial;
    size_t absent, missing;
};

static void inspect(struct listing *l, const struct named_file *named, struct result *out)
{
    struct inspection *n = &l->n;
    struct judged_file f = {0};
    judge_file(n->v, named, &f);
    bool read = f.file.state == FACT_FOUND;
    if (read && !inspection_claimed(n, &f)) {
        n->foreign++;
    } else if (f.state == FACT_FOUND) {
        inspection_weigh(n, &f, f.path, NULL, out);
    } else if (f.state == FACT_ABSENT && (l->optional || named->from_glob)) {
        l->absent++;
    } else if (f.state == FACT_ABSENT) {
        evidence_add(&out->evidence, &f.file.evidence);
        inspection_remark(n->bad, f.path, STR("missing"));
    } else if (f.state == FACT_NOT_COLLECTED && l->partial) {
        l->missing++;
    } else {
        evidence_add(&out->evidence, &f.file.evidence);
        inspection_remark(n->unknown, f.path, state_text(n->v->mem, f.state, f.reason));
    }
}

static struct str counts_text(const struct listing *l)
{
    const struct inspection *n = &l->n;
    struct arena *a = n->v->mem;
    struct str text = str_fmt(a, "%zu of %zu file%s as wanted", n->good, n->good + n->bad->count,
                              n->good + n->bad->count == 1 ? "" : "s");
    if (n->outside)
        text = str_fmt(a, STR_FMT ", %zu by a root of no verified Microsoft list", STR_ARG(text),
                       n->outside);
    if (l->missing)
        text = str_fmt(a, STR_FMT ", %zu more not collected", STR_ARG(text), l->missing);
    if (n->foreign)
        text = str_fmt(a, STR_FMT ", %zu of others passed over", STR_ARG(text), n->foreign);
    return text;
}

static void conclude(const struct listing *l, const struct named_files *names, struct result *out)
{
    const struct inspection *n = &l->n;
    struct arena *a = n->v->mem;
    bool named = names->state == FACT_FOUND || (names->state == FACT_NOT_COLLECTED && l->partial);
    out->observed.text = counts_text(l);
    out->observed.value = inspection_listed(n);
    if (n->bad->count) {
        struct str why = inspection_text(a, n->bad);
        out->verdict = VERDICT_FAIL;
        out->message = str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(why), STR_ARG(n->want));
    } else if (n->unknown->count || !named) {
        struct str why = n->unknown->count ? inspection_text(a, n->unknown) : names->reason;
        out->verdict = VERDICT_UNKNOWN;
        out->message = str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(why), STR_ARG(n->want));
    } else if (n->good) {
        out->verdict = VERDICT_PASS;
        out->message =
            str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(out->observed.text), STR_ARG(n->want));
    } else if (l->missing || names->state != FACT_FOUND) {
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
    struct listing l = {.optional = want_flag(v, w, "optional"),
                        .partial = want_flag(v, w, "partial")};
    if (!inspection_begin(v, w, &l.n, out))
        return;
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
        inspect(&l, &names.items[i], out);
    for (size_t i = 0; i < folders.count; i++)
        evidence_add(&out->evidence, &folders.items[i]);
    conclude(&l, &names, out);
}
