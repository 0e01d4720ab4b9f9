/* Files that rules ask about, each read and judged once a run. */
#include "base/utf16.h"
#include "engine/evaluate.h"

/* Path and view identify a file; `path` of a judged file tells both. */
struct judged_entry {
    struct judged_entry *next;
    uint32_t hash;
    struct judged_file file;
};

struct judged_list {
    struct judged_entry *first, *last;
};

struct trust *judge_open(struct judge *j, struct err *e)
{
    if (j->below && j->same_trust)
        return judge_open(j->below, e);
    if (!j->tried) {
        struct trust_options options = *j->options;
        options.no_file_hash = true; /* evidence has it from the file fact */
        j->tried = true;
        if (!trust_open(j->host, &options, &j->trust, &j->failure))
            j->trust = NULL;
    }
    if (!j->trust)
        err_set(e, j->failure.kind, 0, "%s", j->failure.text);
    return j->trust;
}

void judge_close(struct judge *j)
{
    trust_close(j->trust);
    script_checker_free(j->checker);
    *j = (struct judge){0};
}

static const struct judged_file *find(const struct judge *j, struct str path)
{
    uint32_t hash = str_ihash(path);
    for (const struct judged_entry *x = j->files ? j->files->first : NULL; x; x = x->next)
        if (x->hash == hash && str_ieq(x->file.path, path))
            return &x->file;
    return NULL;
}

const struct judged_file *judged_like(const struct judge *j, const struct judged_file *like)
{
    return find(j, like->path);
}

const struct judged_file *judged_at(const struct judge *j, size_t i)
{
    const struct judged_entry *x = j->files ? j->files->first : NULL;
    for (; x && i; i--)
        x = x->next;
    return x ? &x->file : NULL;
}

/* Without memory the file is judged again next time. */
static void remember(const struct evaluation *v, const struct judged_file *file)
{
    struct judge *j = v->judge;
    struct judged_entry *x = ARENA_NEW(v->mem, struct judged_entry);
    if (!j->files)
        j->files = ARENA_NEW(v->mem, struct judged_list);
    if (!x || !j->files)
        return;
    *x = (struct judged_entry){NULL, str_ihash(file->path), *file};
    if (j->files->last)
        j->files->last->next = x;
    else
        j->files->first = x;
    j->files->last = x;
}

static void decide(const struct evaluation *v, const struct named_file *f, struct judged_file *out)
{
    struct err e = {0};
    out->state = out->file.state;
    out->reason = out->file.reason;
    if (out->state != FACT_FOUND)
        return;
    struct trust *t = judge_open(v->judge, &e);
    if (!t) {
        out->state = FACT_UNREADABLE;
        out->reason = str_dup(v->mem, str_of(e.text));
        return;
    }
    out->state = trust_file(t, f->path, f->view, v->mem, &out->verdict, &out->reason);
    const struct trust_state *stores = trust_state(t);
    if (out->verdict.word == TRUST_ROOT_OBTAINABLE && stores->updates_unread) {
        out->state = FACT_UNREADABLE;
        out->reason = stores->updates_why;
    }
    if (out->state == FACT_FOUND && out->verdict.word == TRUST_CANNOT_TELL) {
        out->state = FACT_UNREADABLE;
        out->reason = out->verdict.reason;
    }
}

void judge_file(const struct evaluation *v, const struct named_file *f, struct judged_file *out)
{
    struct judge *j = v->judge;
    struct err unused = {0};
    *out = (struct judged_file){0};
    if (!host_expand(v->host, f->path, f->view, v->mem, &out->path, &unused))
        out->path = f->path;
    if (f->view == VIEW_32)
        out->path = str_fmt(v->mem, STR_FMT " (32-bit)", STR_ARG(out->path));
    const struct judged_file *known = find(j, out->path);
    const struct judged_file *below = !known && j->below ? find(j->below, out->path) : NULL;
    if (known || (below && j->same_trust)) {
        *out = known ? *known : *below;
        return;
    }
    if (below)
        out->file = below->file;
    else
        host_file(v->host, f->path, f->view, v->mem, &out->file);
    decide(v, f, out);
    remember(v, out);
}
