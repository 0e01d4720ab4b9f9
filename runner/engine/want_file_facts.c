/* file.present, file.absent, file.version, file.sha256, signature.signer: one verdict a file, then
 * all of them together. */
#include "base/utf16.h"
#include "engine/evaluate.h"
#include "trust/words.h"

enum { SHOWN = 4, LISTED = 256 };

/* The verdict over all files so far, and what the files say that brought it about. */
struct tally {
    const struct evaluation *v;
    const struct want *w;
    enum verdict verdict;
    struct str text;
    size_t counted, deciding;
    struct value *listed;
    size_t listed_count;
};

static void add(struct tally *t, enum verdict verdict, struct str path, struct str text)
{
    struct arena *a = t->v->mem;
    enum verdict both[2] = {t->verdict, verdict};
    enum verdict now = t->counted++ ? verdicts_all(both, 2) : verdict;
    if (now != t->verdict || t->counted == 1) {
        t->verdict = now;
        t->text = STR("");
        t->deciding = 0;
    }
    const struct value_member members[] = {{STR("path"), value_text(path)},
                                           {STR("is"), value_text(text)}};
    if (t->listed_count < LISTED)
        t->listed[t->listed_count++] = map_of(a, members, 2);
    if (verdict != now || ++t->deciding > SHOWN + 1)
        return;
    t->text = t->deciding > SHOWN
                  ? str_fmt(a, STR_FMT "; ...", STR_ARG(t->text))
                  : str_fmt(a, STR_FMT "%s" STR_FMT " is " STR_FMT, STR_ARG(t->text),
                            t->text.len ? "; " : "", STR_ARG(path), STR_ARG(text));
}

static enum verdict when_absent(const struct tally *t)
{
    struct str rule = want_text(t->v, t->w, "if_absent");
    if (t->w->kind == WANT_FILE_ABSENT || str_eq(rule, STR("pass")))
        return VERDICT_PASS;
    return str_eq(rule, STR("not_applicable")) ? VERDICT_NOT_APPLICABLE : VERDICT_FAIL;
}

/* ---- one file that is there ------------------------------------------------------------------ */

static void judge_answer(struct tally *t, enum answer answer, struct str path, struct str text)
{
    struct result one = result_new(t->v);
    one.message = text;
    answer_verdict(t->v, t->w, answer, &one);
    add(t, one.verdict, path, one.verdict == VERDICT_ERROR ? one.message : text);
}

static void judge_version(struct tally *t, const struct file_fact *f, struct str path)
{
    char text[VERSION_TEXT];
    if (!f->is_pe || !f->version.has_version) {
        add(t, VERDICT_FAIL, path, f->is_pe ? STR("without a version") : STR("no program"));
        return;
    }
    struct str have = str_dup(t->v->mem, str_of(version_format(f->version.file, text)));
    judge_answer(t, predicate_version(t->v, &t->w->predicate, f->version.file), path, have);
}

static void judge_sha256(struct tally *t, const struct file_fact *f, struct str path)
{
    struct texts wanted = want_texts(t->v, t->w, "sha256");
    struct str have = str_of(f->evidence.sha256);
    bool listed = false;
    for (size_t i = 0; i < wanted.count; i++)
        listed =
            listed || (wanted.items[i].kind == VALUE_TEXT && str_ieq(wanted.items[i].text, have));
    if (!have.len)
        add(t, VERDICT_UNKNOWN, path, STR("without a digest"));
    else
        add(t, listed ? VERDICT_PASS : VERDICT_FAIL, path, str_dup(t->v->mem, have));
}

static void judge_signer(struct tally *t, const struct named_file *named, struct result *out)
{
    struct judged_file f = {0};
    judge_file(t->v, named, &f);
    if (f.state != FACT_FOUND) {
        add(t, VERDICT_UNKNOWN, f.path, state_text(t->v->mem, f.state, f.reason));
        return;
    }
    trust_evidence(&f.verdict, &f.file.evidence, t->v->mem, &out->evidence);
    struct str text = trust_text(&f.verdict, t->v->mem);
    if (trust_holds(&f.verdict))
        judge_answer(t, predicate_string(t->v, &t->w->predicate, trust_signer(&f.verdict)), f.path,
                     text);
    else
        add(t, VERDICT_FAIL, f.path, text);
}

static void judge_there(struct tally *t, const struct named_file *named, const struct file_fact *f,
                        struct str path, struct result *out)
{
    switch (t->w->kind) {
    case WANT_FILE_PRESENT:
        add(t, VERDICT_PASS, path, STR("there"));
        break;
    case WANT_FILE_ABSENT:
        add(t, VERDICT_FAIL, path, STR("there"));
        break;
    case WANT_FILE_VERSION:
        judge_version(t, f, path);
        break;
    case WANT_FILE_SHA256:
        judge_sha256(t, f, path);
        break;
    default:
        judge_signer(t, named, out);
    }
}

static void inspect(struct tally *t, const struct named_file *named, struct result *out)
{
    struct file_fact f = {0};
    struct str path;
    struct err e = {0};
    if (!host_expand(t->v->host, named->path, named->view, t->v->mem, &path, &e))
        path = named->path;
    if (named->view == VIEW_32)
        path = str_fmt(t->v->mem, STR_FMT " (32-bit)", STR_ARG(path));
    host_file(t->v->host, named->path, named->view, t->v->mem, &f);
    if (f.state != FACT_FOUND || t->w->kind != WANT_SIGNATURE_SIGNER)
        evidence_add(&out->evidence, &f.evidence);
    if (f.state == FACT_FOUND)
        judge_there(t, named, &f, path, out);
    else if (f.state == FACT_ABSENT)
        add(t, when_absent(t), path, STR("absent"));
    else
        add(t, VERDICT_UNKNOWN, path, state_text(t->v->mem, f.state, f.reason));
}

/* ---- all of them ----------------------------------------------------------------------------- */

static struct str wanted_text(const struct evaluation *v, const struct want *w)
{
    struct texts sha256 = want_texts(v, w, "sha256");
    switch (w->kind) {
    case WANT_FILE_PRESENT:
        return STR("it there");
    case WANT_FILE_ABSENT:
        return STR("it absent");
    case WANT_FILE_VERSION:
        return str_fmt(v->mem, "version " STR_FMT, STR_ARG(predicate_text(v, &w->predicate)));
    case WANT_FILE_SHA256:
        return sha256.count == 1
                   ? str_fmt(v->mem, "SHA-256 " STR_FMT, STR_ARG(sha256.items[0].text))
                   : str_fmt(v->mem, "one of %zu SHA-256 digests", sha256.count);
    default:
        return str_fmt(v->mem, "trusted, signed by " STR_FMT,
                       STR_ARG(predicate_text(v, &w->predicate)));
    }
}

static void no_file(struct tally *t, struct texts paths, struct result *out)
{
    for (size_t i = 0; i < paths.count; i++) {
        struct str path = paths.items[i].kind == VALUE_TEXT ? paths.items[i].text : STR("");
        const struct evidence ev = {.artefact = path, .note = STR("no file has such a name")};
        evidence_add(&out->evidence, &ev);
        add(t, when_absent(t), path, STR("absent"));
    }
}

/* A glob that finds nothing names no file: absent, as long as its folder could be read. */
static void conclude(struct tally *t, const struct named_files *names, struct texts paths,
                     struct result *out)
{
    struct arena *a = t->v->mem;
    if (names->state != FACT_FOUND)
        add(t, VERDICT_UNKNOWN, paths.count ? paths.items[0].text : STR("the path"),
            state_text(a, names->state, names->reason));
    else if (!t->counted)
        no_file(t, paths, out);
    struct value list = value_list(a, t->listed_count);
    if (list.list.count)
        memcpy(list.list.items, t->listed, t->listed_count * sizeof *t->listed);
    out->observed = (struct observation){t->text, list};
    out->verdict = t->verdict;
    out->message =
        str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(t->text), STR_ARG(out->expected.text));
}

void want_file_facts(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct tally t = {.v = v, .w = w, .verdict = VERDICT_NOT_APPLICABLE, .text = STR("")};
    struct texts paths = want_texts(v, w, "paths");
    struct named_files names = {.state = FACT_FOUND, .evidence = &out->evidence};
    t.listed = ARENA_ARRAY(v->mem, LISTED, struct value);
    if (!t.listed)
        return;
    struct value expected = w->kind == WANT_FILE_SHA256 ? *want_arg(v, w, "sha256")
                            : w->kind == WANT_FILE_PRESENT || w->kind == WANT_FILE_ABSENT
                                ? value_bool(w->kind == WANT_FILE_PRESENT)
                                : predicate_value(v, &w->predicate);
    out->expected = (struct observation){wanted_text(v, w), expected};
    if (!want_concerns(v, w, out))
        return;
    want_paths(v, paths, want_text(v, w, "view"), &names);
    if (names.homeless && !names.count && names.state == FACT_FOUND &&
        t.w->kind != WANT_FILE_ABSENT) {
        names.state = FACT_UNREADABLE;
        names.reason = STR("the registry names no such folder");
    }
    for (size_t i = 0; i < names.count; i++)
        inspect(&t, &names.items[i], out);
    conclude(&t, &names, paths, out);
}
