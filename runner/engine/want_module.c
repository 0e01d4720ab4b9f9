/* module.signed: does this host trust the code that processes have loaded, and are its signers
 * those that are wanted?
 *
 * Judged is the file that is mapped, as it is now.  On a target that does not run there is nothing
 * to be seen, and never will be: the rule does not apply there.  What a process that could not be
 * opened has loaded is not known, and hides no failure of others. */
#include "base/utf16.h"
#include "engine/inspection.h"

enum { MODULES_MOST = 4096, PROCESSES_SHOWN = 2 };

/* A file, and the processes that have it loaded: names, each once. */
struct loaded {
    struct str path;
    struct str *in;
    size_t count;
};

struct loading {
    struct inspection n;
    struct texts images;
    struct loaded *items;
    size_t count, processes;
    bool offline;
    struct str offline_why;
};

/* ---- which files ----------------------------------------------------------------------------- */

static struct loaded *place_of(struct loading *l, struct str path)
{
    for (size_t i = 0; i < l->count; i++)
        if (str_ieq(l->items[i].path, path))
            return &l->items[i];
    if (l->count == MODULES_MOST)
        return NULL;
    struct loaded *made = &l->items[l->count];
    *made = (struct loaded){path, ARENA_ARRAY(l->n.v->mem, l->images.count, struct str), 0};
    l->count += made->in != NULL;
    return made->in ? made : NULL;
}

static void add(struct loading *l, struct str path, struct str image)
{
    struct loaded *m = place_of(l, path);
    if (!m) {
        inspection_remark(l->n.unknown, path, STR("one file too many is loaded"));
        return;
    }
    for (size_t i = 0; i < m->count; i++)
        if (str_ieq(m->in[i], image))
            return;
    if (m->count < l->images.count)
        m->in[m->count++] = image;
}

static void look_at(struct loading *l, const struct process_fact *p, struct result *out)
{
    struct arena *a = l->n.v->mem;
    struct str name = str_fmt(a, STR_FMT " (process %u)", STR_ARG(p->image), (unsigned)p->pid);
    struct evidence ev = {.artefact = name};
    l->processes++;
    ev.note = str_fmt(a, "%zu modules", p->module_count);
    if (p->state != FACT_FOUND) {
        struct str why =
            str_fmt(a, "its modules are " STR_FMT, STR_ARG(state_text(a, p->state, p->reason)));
        ev.note = why;
        inspection_remark(l->n.unknown, name, why);
    } else if (!p->module_count) {
        inspection_remark(l->n.unknown, name, STR("its modules do not even name its program"));
    }
    evidence_add(&out->evidence, &ev);
    for (size_t i = 0; i < p->module_count; i++)
        add(l, p->modules[i], p->image);
}

static void gather(struct loading *l, struct str image, struct result *out)
{
    struct arena *a = l->n.v->mem;
    struct modules_fact fact = {0};
    host_modules(l->n.v->host, image, a, &fact);
    if (fact.offline) {
        l->offline = true;
        l->offline_why = fact.reason;
    } else if (fact.state != FACT_FOUND && fact.state != FACT_ABSENT) {
        struct str what = str_fmt(a, "whether " STR_FMT " runs", STR_ARG(image));
        inspection_remark(l->n.unknown, what, state_text(a, fact.state, fact.reason));
    }
    for (size_t i = 0; i < fact.process_count; i++)
        look_at(l, &fact.processes[i], out);
}

/* ---- what of them ---------------------------------------------------------------------------- */

/* "C:\x.dll (in A.exe, B.exe and 3 more)" */
static struct str where_text(struct arena *a, const struct loaded *m)
{
    struct str in = STR("");
    for (size_t i = 0; i < m->count && i < PROCESSES_SHOWN; i++)
        in = str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(in), i ? ", " : "", STR_ARG(m->in[i]));
    if (m->count > PROCESSES_SHOWN)
        in = str_fmt(a, STR_FMT " and %zu more", STR_ARG(in), m->count - PROCESSES_SHOWN);
    return str_fmt(a, STR_FMT " (in " STR_FMT ")", STR_ARG(m->path), STR_ARG(in));
}

static struct value processes_value(struct arena *a, const struct loaded *m)
{
    struct value list = value_list(a, m->count);
    for (size_t i = 0; i < m->count && i < list.list.count; i++)
        list.list.items[i] = value_text(m->in[i]);
    return list;
}

static void inspect(struct loading *l, const struct loaded *m, struct result *out)
{
    struct arena *a = l->n.v->mem;
    struct named_file named = {.path = m->path, .view = VIEW_NATIVE};
    struct value processes = processes_value(a, m);
    struct judged_file f = {0};
    judge_file(l->n.v, &named, &f);
    if (f.file.state == FACT_FOUND && !inspection_claimed(&l->n, &f)) {
        l->n.foreign++;
    } else if (f.state == FACT_FOUND) {
        inspection_weigh(&l->n, &f, where_text(a, m), &processes, out);
    } else {
        struct str why = f.state == FACT_ABSENT ? STR("loaded, but its file is gone")
                                                : state_text(a, f.state, f.reason);
        evidence_add(&out->evidence, &f.file.evidence);
        inspection_remark(l->n.unknown, where_text(a, m), why);
    }
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static struct str counts_text(const struct loading *l)
{
    const struct inspection *n = &l->n;
    struct arena *a = n->v->mem;
    size_t all = n->good + n->bad->count;
    struct str text =
        str_fmt(a, "%zu of %zu loaded module%s as wanted, in %zu process%s", n->good, all,
                all == 1 ? "" : "s", l->processes, l->processes == 1 ? "" : "es");
    if (n->outside)
        text = str_fmt(a, STR_FMT ", %zu by a root of no verified Microsoft list", STR_ARG(text),
                       n->outside);
    if (n->foreign)
        text = str_fmt(a, STR_FMT ", %zu of others passed over", STR_ARG(text), n->foreign);
    return text;
}

static void not_applicable(const struct loading *l, struct result *out)
{
    struct arena *a = l->n.v->mem;
    out->verdict = VERDICT_NOT_APPLICABLE;
    if (!l->images.count)
        out->message = STR("no process is named");
    else if (l->offline)
        out->message = l->offline_why;
    else if (!l->processes)
        out->message = str_fmt(a, "no process named " STR_FMT " is running",
                               STR_ARG(inspection_names(a, l->images)));
    else
        out->message = str_fmt(a, "no loaded module names " STR_FMT " as its maker",
                               STR_ARG(inspection_names(a, l->n.claims)));
    struct evidence ev = {.artefact = STR("running processes"), .note = out->message};
    evidence_add(&out->evidence, &ev);
}

static void conclude(const struct loading *l, struct result *out)
{
    const struct inspection *n = &l->n;
    struct arena *a = n->v->mem;
    out->observed.text = counts_text(l);
    out->observed.value = inspection_listed(n);
    if (n->bad->count || n->unknown->count) {
        struct str why = inspection_text(a, n->bad->count ? n->bad : n->unknown);
        out->verdict = n->bad->count ? VERDICT_FAIL : VERDICT_UNKNOWN;
        out->message = str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(why), STR_ARG(n->want));
    } else if (n->good) {
        out->verdict = VERDICT_PASS;
        out->message =
            str_fmt(a, STR_FMT ", want " STR_FMT, STR_ARG(out->observed.text), STR_ARG(n->want));
    } else {
        out->observed = (struct observation){0};
        not_applicable(l, out);
    }
}

void want_module(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct loading l = {.images = want_texts(v, w, "processes")};
    if (!inspection_begin(v, w, &l.n, out))
        return;
    l.items = ARENA_ARRAY(v->mem, MODULES_MOST, struct loaded);
    if (!l.items)
        return;
    for (size_t i = 0; i < l.images.count && !l.offline; i++)
        gather(&l, l.images.items[i].text, out);
    for (size_t i = 0; i < l.count; i++)
        inspect(&l, &l.items[i], out);
    conclude(&l, out);
}
