/* certificate.present, certificate.absent: roots that chains need, and certificates that must not
 * be there. */
#include "base/utf16.h"
#include "engine/evaluate.h"
#include "engine/stored.h"
#include "trust/words.h"

enum { ROOTS = 64, SHOWN_ROOTS = 6 };

/* A root that is wanted, by thumbprint or because a file's chain ends in it (or would). */
struct wanted_root {
    char sha1[THUMBPRINT]; /* "" where a chain stops before its root */
    struct str name, file;
    enum trust_word word;
    struct str decided_by;
};

struct search {
    const struct evaluation *v;
    const struct want *w;
    struct trust *trust;
    const struct trust_state *state;
    struct wanted_root *roots;
    size_t count, untold; /* files of needed_by that told nothing */
    struct str unread;    /* why one of them could not be asked, though it may be there */
    bool broken, limit;
    size_t good, bad, unknown;
    struct str good_text, bad_text, unknown_text;
};

static struct wanted_root *add_root(struct search *s, const char *sha1, struct str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->roots[i].sha1, sha1) == 0 && (sha1[0] || str_eq(s->roots[i].name, name)))
            return NULL;
    if (!s->roots || s->count == ROOTS) {
        s->limit = true;
        return NULL;
    }
    struct wanted_root *r = &s->roots[s->count++];
    *r = (struct wanted_root){.name = name};
    memcpy(r->sha1, sha1, strlen(sha1) + 1);
    return r;
}

static void add_thumbprints(struct search *s, const char *argument)
{
    struct texts list = want_texts(s->v, s->w, argument);
    char sha1[THUMBPRINT];
    struct str name;
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].kind != VALUE_TEXT || !rule_thumbprint(list.items[i].text, sha1, &name)) {
            s->broken = true;
            continue;
        }
        struct wanted_root *r = add_root(s, sha1, name);
        if (r)
            r->word = trust_root(s->trust, sha1, &r->decided_by);
    }
}

static bool missing(enum trust_word word)
{
    return word == TRUST_UNTRUSTED_ROOT || word == TRUST_ROOT_OBTAINABLE;
}

/* A chain without its root names it as an issuer only. */
static void add_needed(struct search *s, const struct judged_file *f)
{
    const struct trust_verdict *t = &f->verdict;
    const struct trust_certificate *top = trust_top(t);
    if (!top) {
        s->untold += t->word == TRUST_UNSIGNED ? 0 : 1;
        return;
    }
    struct str by = STR(""), name = trust_root_name(t);
    enum trust_word word = trust_root(s->trust, top->sha1, &by);
    bool stops = missing(t->word) && word != TRUST_TRUSTED && !str_eq(name, top->common_name);
    if (!missing(t->word) && t->word != TRUST_TRUSTED && word != TRUST_TRUSTED)
        return; /* what is wrong is not the root */
    struct wanted_root *r = add_root(s, stops ? t->decided->obtainable : top->sha1, name);
    if (!r)
        return;
    r->file = f->path;
    r->word = missing(t->word) ? t->word : word;
    r->decided_by = by;
}

static void add_files(struct search *s, struct result *out)
{
    struct named_files names = {.state = FACT_FOUND, .evidence = &out->evidence};
    want_paths(s->v, want_texts(s->v, s->w, "needed_by"), STR("native"), &names);
    s->untold += names.state != FACT_FOUND;
    if (names.state == FACT_UNREADABLE)
        s->unread = names.reason;
    for (size_t i = 0; i < names.count; i++) {
        struct judged_file f = {0};
        judge_file(s->v, &names.items[i], &f);
        if (f.state == FACT_FOUND)
            add_needed(s, &f);
        else
            s->untold += f.state != FACT_ABSENT;
        if (f.state == FACT_UNREADABLE && (f.file.state != FACT_FOUND || trust_leaf(&f.verdict)))
            s->unread = str_fmt(s->v->mem, STR_FMT " is " STR_FMT, STR_ARG(f.path),
                                STR_ARG(state_text(s->v->mem, f.state, f.reason)));
    }
}

static struct str root_text(const struct search *s, const struct wanted_root *r)
{
    struct arena *a = s->v->mem;
    struct str name = r->name.len ? r->name : str_of(r->sha1);
    if (r->name.len && r->sha1[0])
        name = str_fmt(a, STR_FMT " (%.8s...)", STR_ARG(name), r->sha1);
    if (r->file.len)
        name = str_fmt(a, STR_FMT ", needed by " STR_FMT ",", STR_ARG(name), STR_ARG(r->file));
    return name;
}

static struct str updates_text(const struct search *s)
{
    struct str why = s->state->updates_why;
    if (s->state->updates_on)
        return STR("");
    return str_fmt(s->v->mem, "; automatic updates of roots are off%s" STR_FMT "%s",
                   why.len ? " (" : "", STR_ARG(why), why.len ? ")" : "");
}

static void say(const struct search *s, struct str *text, size_t count, const struct wanted_root *r,
                struct str what)
{
    if (count > SHOWN_ROOTS)
        return;
    struct str name = count < SHOWN_ROOTS ? root_text(s, r) : STR("...");
    *text = str_fmt(s->v->mem, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(*text), count ? "; " : "",
                    STR_ARG(name), count < SHOWN_ROOTS ? " " : "",
                    STR_ARG(count < SHOWN_ROOTS ? what : STR("")));
}

static void weigh(struct search *s, const struct wanted_root *r)
{
    struct arena *a = s->v->mem;
    bool fetched = want_flag(s->v, s->w, "obtainable") && s->state->updates_on;
    switch (r->word) {
    case TRUST_TRUSTED:
        say(s, &s->good_text, s->good++, r, str_fmt(a, "in " STR_FMT, STR_ARG(r->decided_by)));
        break;
    case TRUST_ROOT_OBTAINABLE:
        if (fetched)
            say(s, &s->good_text, s->good++, r, STR("fetched by Windows when needed"));
        else if (want_flag(s->v, s->w, "obtainable") && s->state->updates_unread)
            say(s, &s->unknown_text, s->unknown++, r,
                str_fmt(a, "is in no store, only in EncodedCtl; " STR_FMT,
                        STR_ARG(s->state->updates_why)));
        else
            say(s, &s->bad_text, s->bad++, r,
                str_fmt(a, "is in no store, only in EncodedCtl" STR_FMT, STR_ARG(updates_text(s))));
        break;
    case TRUST_CANNOT_TELL:
        say(s, &s->unknown_text, s->unknown++, r, STR("cannot be looked up: stores are damaged"));
        break;
    case TRUST_DISALLOWED:
        say(s, &s->bad_text, s->bad++, r,
            str_fmt(a, "is disallowed by " STR_FMT, STR_ARG(r->decided_by)));
        break;
    default:
        say(s, &s->bad_text, s->bad++, r,
            str_fmt(a, "is neither present nor obtainable" STR_FMT, STR_ARG(updates_text(s))));
    }
}

static void observe(const struct search *s, struct result *out)
{
    struct arena *a = s->v->mem;
    struct value list = value_list(a, s->count);
    size_t fetched = 0;
    for (size_t i = 0; i < list.list.count; i++) {
        const struct wanted_root *r = &s->roots[i];
        const struct value_member members[] = {
            {STR("name"), r->name.len ? value_text(r->name) : value_null()},
            {STR("sha1"), r->sha1[0] ? value_text(str_of(r->sha1)) : value_null()},
            {STR("word"), value_text(str_of(trust_word_name(r->word)))},
            {STR("decided_by"), r->decided_by.len ? value_text(r->decided_by) : value_null()},
            {STR("needed_by"), r->file.len ? value_text(r->file) : value_null()},
        };
        list.list.items[i] = map_of(a, members, sizeof members / sizeof *members);
        fetched += r->word == TRUST_ROOT_OBTAINABLE;
    }
    out->observed.value = list;
    out->observed.text =
        str_fmt(a, "%zu of %zu root%s there%s" STR_FMT, s->good, s->count, s->count == 1 ? "" : "s",
                s->good ? ": " : "", STR_ARG(s->good_text));
    if (fetched)
        out->observed.text =
            str_fmt(a, STR_FMT ", %zu only in EncodedCtl", STR_ARG(out->observed.text), fetched);
    for (size_t i = 0; i < s->state->stored_count; i++)
        for (size_t k = 0; k < s->count; k++)
            if (strcmp(s->roots[k].sha1, s->state->stored[i].certificate.sha1) == 0)
                evidence_add(&out->evidence, &s->state->stored[i].evidence);
    evidence_add(&out->evidence, &s->state->authroot.evidence);
}

static void present(struct search *s, struct result *out)
{
    out->expected.text = STR("roots that are needed present or obtainable");
    s->roots = ARENA_ARRAY(s->v->mem, ROOTS, struct wanted_root);
    add_thumbprints(s, "sha1");
    size_t named = s->count;
    if (value_get(&s->w->args, "needed_by"))
        add_files(s, out);
    if (s->count == named && s->untold)
        add_thumbprints(s, "otherwise");
    for (size_t i = 0; i < s->count; i++)
        weigh(s, &s->roots[i]);
    observe(s, out);
    struct str text = s->bad ? s->bad_text : s->unknown ? s->unknown_text : out->observed.text;
    out->verdict = s->bad ? VERDICT_FAIL : s->unknown ? VERDICT_UNKNOWN : VERDICT_PASS;
    if (s->broken || s->limit) {
        out->verdict = VERDICT_ERROR;
        text = s->broken ? STR("an element is no thumbprint of 40 hex digits")
                         : str_fmt(s->v->mem, "more than %d roots", ROOTS);
    } else if (!s->count) {
        out->verdict = s->untold ? VERDICT_UNKNOWN : VERDICT_NOT_APPLICABLE;
        text = s->untold ? STR("no file tells which roots are needed")
                         : STR("no signed file of these is on this host");
    }
    bool settled = out->verdict == VERDICT_FAIL || out->verdict == VERDICT_ERROR;
    if (s->unread.len && !settled) {
        out->verdict = VERDICT_UNKNOWN;
        text = s->unread;
    }
    out->message =
        str_fmt(s->v->mem, STR_FMT ", want " STR_FMT, STR_ARG(text), STR_ARG(out->expected.text));
}

/* ---- certificate.absent ---------------------------------------------------------------------- */

static bool concerns_store(const struct trust_stored *c, struct str store)
{
    return store.len ? str_ieq(c->store, store) : !str_ieq(c->store, STR("Disallowed"));
}

static void look_for(struct search *s, const char *sha1, struct str name, struct result *out)
{
    struct str by, store = want_text(s->v, s->w, "store");
    const struct wanted_root r = {.name = name};
    struct wanted_root shown = r;
    memcpy(shown.sha1, sha1, THUMBPRINT);
    for (size_t i = 0; i < s->state->stored_count; i++) {
        const struct trust_stored *c = &s->state->stored[i];
        if (strcmp(c->certificate.sha1, sha1) != 0 || !concerns_store(c, store))
            continue;
        evidence_add(&out->evidence, &c->evidence);
        say(s, &s->bad_text, s->bad++, &shown,
            str_fmt(s->v->mem, "is in " STR_FMT " (" STR_FMT ")", STR_ARG(c->store),
                    STR_ARG(c->location)));
        return;
    }
    struct str why = STR("stores are damaged");
    if (!stored_whole(s->v, s->state, store, str_of(sha1), &out->evidence, &why) ||
        trust_root(s->trust, sha1, &by) == TRUST_CANNOT_TELL)
        say(s, &s->unknown_text, s->unknown++, &shown,
            str_fmt(s->v->mem, "cannot be looked up: " STR_FMT, STR_ARG(why)));
    else
        s->good++;
}

/* By what the lists and the Disallowed store do not know them by. */
static void look_for_others(struct search *s, const char *argument, enum stored_by by,
                            struct result *out)
{
    struct texts list = want_texts(s->v, s->w, argument);
    struct str store = want_text(s->v, s->w, "store"), why = STR("");
    for (size_t i = 0; i < list.count; i++) {
        struct str text = list.items[i].kind == VALUE_TEXT ? list.items[i].text : STR("");
        const struct wanted_root shown = {.name = text};
        const struct trust_stored *c = stored_find(s->state, store, by, text);
        if (c) {
            evidence_add(&out->evidence, &c->evidence);
            say(s, &s->bad_text, s->bad++, &shown,
                str_fmt(s->v->mem, "is in " STR_FMT " (" STR_FMT ")", STR_ARG(c->store),
                        STR_ARG(c->location)));
        } else if (!stored_whole(s->v, s->state, store, STR(""), &out->evidence, &why)) {
            say(s, &s->unknown_text, s->unknown++, &shown,
                str_fmt(s->v->mem, "cannot be looked up: " STR_FMT, STR_ARG(why)));
        } else {
            s->good++;
        }
    }
}

static void absent(struct search *s, struct result *out)
{
    struct texts list = want_texts(s->v, s->w, "sha1");
    char sha1[THUMBPRINT];
    struct str name;
    out->expected.text = STR("absent");
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].kind == VALUE_TEXT && rule_thumbprint(list.items[i].text, sha1, &name))
            look_for(s, sha1, name, out);
        else
            s->broken = true;
    look_for_others(s, "sha256", STORED_BY_SHA256, out);
    look_for_others(s, "subject", STORED_BY_SUBJECT, out);
    out->observed.text =
        str_fmt(s->v->mem, "%zu of %zu there", s->bad, s->bad + s->good + s->unknown);
    out->verdict = s->bad ? VERDICT_FAIL : s->unknown ? VERDICT_UNKNOWN : VERDICT_PASS;
    struct str text = s->bad ? s->bad_text : s->unknown ? s->unknown_text : out->observed.text;
    if (s->broken || !(s->bad + s->good + s->unknown)) {
        out->verdict = VERDICT_ERROR;
        text = STR("an element is no thumbprint of 40 hex digits");
    }
    out->message = str_fmt(s->v->mem, STR_FMT ", want absent", STR_ARG(text));
}

void want_certificate(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct err e = {0};
    struct search s = {.v = v, .w = w, .trust = judge_open(v->judge, &e)};
    if (!s.trust) {
        out->message = str_fmt(v->mem, "%s", e.text);
        return;
    }
    s.state = trust_state(s.trust);
    if (s.state->stores_state != FACT_FOUND) {
        out->observed.text = state_text(v->mem, s.state->stores_state, s.state->stores_reason);
        out->message =
            str_fmt(v->mem, "the certificate stores are " STR_FMT, STR_ARG(out->observed.text));
        return;
    }
    if (w->kind == WANT_CERTIFICATE_PRESENT)
        present(&s, out);
    else if (w->kind == WANT_CERTIFICATE_STORED)
        want_stored(v, w, s.state, out);
    else
        absent(&s, out);
}
