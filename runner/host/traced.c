#include "host/traced.h"

#include "base/utf16.h"
#include "host/host_ops.h"

struct traced {
    struct host *below;
    struct host_read *reads; /* grows; texts in the host's arena */
    uint64_t *hashes;
    size_t count, cap;
    size_t notes; /* of the host below that were taken over */
    enum read_change change;
    enum read_kind kind; /* of the changed fact */
    struct str place, name;
};

static struct traced *traced_of(const struct host *h)
{
    return h->backend;
}

/* --- remembering --- */

static uint64_t hash_text(uint64_t hash, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        hash = (hash ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * UINT64_C(1099511628211);
    }
    return (hash ^ 0xFF) * UINT64_C(1099511628211);
}

/* NULL: no memory; the trace is then incomplete, and evaluation fails for the same reason soon. */
static struct host_read *add(struct host *h, enum read_kind kind, struct str place, struct str name,
                             bool *first)
{
    struct traced *t = traced_of(h);
    uint64_t hash = hash_text(hash_text(UINT64_C(14695981039346656037) + kind, place), name);
    for (size_t i = 0; i < t->count; i++) {
        struct host_read *r = &t->reads[i];
        if (t->hashes[i] == hash && r->kind == kind && str_ieq(r->place, place) &&
            str_ieq(r->name, name)) {
            r->times++;
            *first = false;
            return r;
        }
    }
    if (t->count == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 64;
        struct host_read *reads = realloc(t->reads, cap * sizeof *reads);
        if (reads)
            t->reads = reads;
        uint64_t *hashes = realloc(t->hashes, cap * sizeof *hashes);
        if (hashes)
            t->hashes = hashes;
        if (!reads || !hashes)
            return NULL;
        t->cap = cap;
    }
    t->hashes[t->count] = hash;
    struct host_read *r = &t->reads[t->count++];
    *r = (struct host_read){.kind = kind, .times = 1};
    r->place = str_dup(&h->mem, place);
    r->name = str_dup(&h->mem, name);
    *first = true;
    return r;
}

static struct str kept(struct host *h, struct str s)
{
    return s.len ? str_dup(&h->mem, s) : (struct str){NULL, 0};
}

static void remember(struct host *h, enum read_kind kind, struct str place, struct str name,
                     const struct host_read *answer)
{
    struct traced *t = traced_of(h);
    bool first = false;
    struct host_read *r = add(h, kind, place, name, &first);
    const struct target_info *below = &t->below->info;
    for (; t->notes < below->note_count; t->notes++)
        host_note(h, below->notes[t->notes]);
    if (!r || !first)
        return;
    r->state = answer->state;
    r->reason = kept(h, answer->reason);
    r->evidence = answer->evidence;
    r->evidence.artefact = kept(h, answer->evidence.artefact);
    r->evidence.where = kept(h, answer->evidence.where);
    r->evidence.note = kept(h, answer->evidence.note);
    r->type = answer->type;
    r->size = answer->size;
    size_t len = answer->data.len > READ_DATA_MAX ? READ_DATA_MAX : answer->data.len;
    r->data = span_of(arena_copy(&h->mem, answer->data.ptr, len), len);
    if (!r->data.ptr)
        r->data.len = 0;
}

/* --- changing --- */

static enum read_change change_of(struct host *h, enum read_kind kind, struct str place,
                                  struct str name)
{
    struct traced *t = traced_of(h);
    bool same = t->change != CHANGE_NOTHING && t->kind == kind && str_ieq(t->place, place) &&
                str_ieq(t->name, name);
    return same ? t->change : CHANGE_NOTHING;
}

/* True: the answer is complete, the state is set. */
static bool refuse(enum read_change change, enum fact_state *state, struct str *reason)
{
    if (change == CHANGE_UNREADABLE) {
        *state = FACT_UNREADABLE;
        *reason = STR("made unreadable, to see what the policy says");
    } else if (change == CHANGE_ABSENT) {
        *state = FACT_ABSENT;
        *reason = (struct str){NULL, 0};
    } else {
        return false;
    }
    return true;
}

static void change_value(enum read_change change, struct reg_value *out)
{
    static const uint8_t zero[8], large[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    static const uint8_t nines[] = {'9', 0, '9', 0, '9', 0, '9', 0, '9', 0, '9', 0, 0, 0};
    bool number =
        out->type == REGF_DWORD || out->type == REGF_QWORD || out->type == REGF_DWORD_BIG_ENDIAN;
    size_t width = out->type == REGF_QWORD ? 8 : 4;
    if (out->state != FACT_FOUND) {
        out->type = change == CHANGE_TYPE ? REGF_SZ : REGF_DWORD;
        number = change != CHANGE_TYPE;
        width = 4;
    } else if (change == CHANGE_TYPE) {
        out->type = number ? REGF_SZ : REGF_DWORD;
        number = !number;
    }
    out->state = FACT_FOUND;
    out->reason = (struct str){NULL, 0};
    out->certificate = NULL;
    out->list = NULL;
    if (number)
        out->data = span_of(change == CHANGE_LARGE ? large : zero, width);
    else
        out->data = span_of(nines, change == CHANGE_LARGE ? sizeof nines : 0);
}

/* A file that is not there is made up only where nothing has to be closed: in memory. */
static void change_file(const struct host *below, enum read_change change, struct host_file *out)
{
    static const uint8_t zeroes[65536];
    if ((change != CHANGE_EMPTY && change != CHANGE_LARGE) ||
        (out->state != FACT_FOUND && below->info.kind != TARGET_MEMORY))
        return;
    out->state = FACT_FOUND;
    out->reason = (struct str){NULL, 0};
    out->told = NULL;
    out->bytes = span_of(zeroes, change == CHANGE_LARGE ? sizeof zeroes : 0);
}

/* --- the table of operations --- */

static void traced_value(struct host *h, struct str key, struct str name, struct arena *a,
                         struct reg_value *out)
{
    struct host *below = traced_of(h)->below;
    enum read_change change = change_of(h, READ_VALUE, key, name);
    below->ops->value(below, key, name, a, out);
    if (change > CHANGE_ABSENT)
        change_value(change, out);
    else if (refuse(change, &out->state, &out->reason))
        out->data = (struct span){NULL, 0};
    const struct host_read answer = {
        .state = out->state,
        .reason = out->reason,
        .evidence = out->evidence,
        .type = out->type,
        .data = out->data,
        .size = out->data.len,
    };
    remember(h, READ_VALUE, key, name, &answer);
}

static void traced_key(struct host *h, struct str key, bool list, struct arena *a,
                       struct reg_key *out)
{
    struct host *below = traced_of(h)->below;
    enum read_change change = change_of(h, READ_KEY, key, STR(""));
    below->ops->key(below, key, list, a, out);
    if (change == CHANGE_EMPTY)
        out->state = FACT_FOUND;
    if (change == CHANGE_EMPTY || refuse(change, &out->state, &out->reason))
        out->subkey_count = out->value_count = 0;
    const struct host_read answer = {.state = out->state,
                                     .reason = out->reason,
                                     .evidence = out->evidence,
                                     .size = out->subkey_count + out->value_count};
    remember(h, READ_KEY, key, STR(""), &answer);
}

static void traced_open_file(struct host *h, struct str winpath, struct arena *a,
                             struct host_file *out)
{
    struct host *below = traced_of(h)->below;
    enum read_change change = change_of(h, READ_FILE, winpath, STR(""));
    below->ops->open_file(below, winpath, a, out);
    change_file(below, change, out);
    if (change == CHANGE_UNREADABLE || change == CHANGE_ABSENT) {
        if (out->state == FACT_FOUND)
            below->ops->close_file(below, out);
        (void)refuse(change, &out->state, &out->reason);
        out->bytes = (struct span){NULL, 0};
    }
    const struct host_read answer = {.state = out->state,
                                     .reason = out->reason,
                                     .evidence = {.artefact = out->path},
                                     .size = out->bytes.len};
    remember(h, READ_FILE, winpath, STR(""), &answer);
}

static void traced_close_file(struct host *h, struct host_file *f)
{
    struct host *below = traced_of(h)->below;
    below->ops->close_file(below, f);
}

static bool traced_intact(const struct host *h, const struct host_file *f)
{
    const struct host *below = traced_of(h)->below;
    return below->ops->intact(below, f);
}

static enum fact_state traced_directory(struct host *h, struct str winpath)
{
    struct host *below = traced_of(h)->below;
    struct host_read answer = {.state = below->ops->directory(below, winpath)};
    enum read_change change = change_of(h, READ_FOLDER, winpath, STR(""));
    if (change == CHANGE_EMPTY)
        answer.state = FACT_FOUND;
    (void)refuse(change, &answer.state, &answer.reason);
    remember(h, READ_FOLDER, winpath, STR(""), &answer);
    return answer.state;
}

static void traced_list(struct host *h, struct str windir, struct str glob, struct arena *a,
                        struct host_listing *out)
{
    struct host *below = traced_of(h)->below;
    enum read_change change = change_of(h, READ_LISTING, windir, glob);
    below->ops->list(below, windir, glob, a, out);
    if (change == CHANGE_EMPTY)
        out->state = FACT_FOUND;
    if (change == CHANGE_EMPTY || refuse(change, &out->state, &out->reason))
        out->list.count = 0;
    const struct host_read answer = {
        .state = out->state, .reason = out->reason, .size = out->list.count};
    remember(h, READ_LISTING, windir, glob, &answer);
}

static void traced_open_log(struct host *h, struct str channel, struct arena *a,
                            struct log_source *out)
{
    struct host *below = traced_of(h)->below;
    enum read_change change = change_of(h, READ_LOG, channel, STR(""));
    below->ops->open_log(below, channel, a, out);
    if (change == CHANGE_UNREADABLE || change == CHANGE_ABSENT) {
        if (out->state == FACT_FOUND)
            below->ops->close_file(below, &out->file);
        (void)refuse(change, &out->state, &out->reason);
    }
    const struct host_read answer = {.state = out->state,
                                     .reason = out->reason,
                                     .evidence = {.artefact = out->file.path},
                                     .size = out->file.bytes.len};
    remember(h, READ_LOG, channel, STR(""), &answer);
}

static void traced_modules(struct host *h, struct str image, struct arena *a,
                           struct modules_fact *out)
{
    enum read_change change = change_of(h, READ_MODULES, image, STR(""));
    modules_fact(traced_of(h)->below, image, a, out);
    if (out->offline)
        return;
    if (refuse(change, &out->state, &out->reason))
        out->process_count = 0;
    struct host_read answer = {.state = out->state, .reason = out->reason};
    for (size_t i = 0; i < out->process_count; i++) {
        answer.size += out->processes[i].module_count;
        if (answer.state == FACT_FOUND && out->processes[i].state != FACT_FOUND) {
            answer.state = out->processes[i].state;
            answer.reason = out->processes[i].reason;
        }
    }
    remember(h, READ_MODULES, image, STR(""), &answer);
}

/* No fact that a verdict rests on. */
static bool traced_opinion(const struct host *h, const struct opinion_query *q, uint32_t *code)
{
    return host_opinion(traced_of(h)->below, q, code);
}

static size_t traced_write_times(struct host *h, struct arena *a, struct write_time *out,
                                 size_t max)
{
    struct host *below = traced_of(h)->below;
    return below->ops->write_times(below, a, out, max);
}

static void traced_close(struct host *h)
{
    struct traced *t = traced_of(h);
    free(t->reads);
    free(t->hashes);
    free(t);
}

static const struct host_ops traced_ops = {
    .value = traced_value,
    .key = traced_key,
    .open_file = traced_open_file,
    .close_file = traced_close_file,
    .intact = traced_intact,
    .directory = traced_directory,
    .list = traced_list,
    .open_log = traced_open_log,
    .modules = traced_modules,
    .opinion = traced_opinion,
    .write_times = traced_write_times,
    .close = traced_close,
};

/* --- the interface --- */

bool host_traced(struct host *below, struct host **out, struct err *e)
{
    struct traced *t = calloc(1, sizeof *t);
    struct host_options options = below->options;
    options.cache = NULL; /* the other host closes it */
    if (!t || !host_new(&traced_ops, t, &options, out, e)) {
        free(t);
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    t->below = below;
    struct target_info *info = &(*out)->info;
    info->kind = below->info.kind;
    info->location = below->info.location;
    info->volume = below->info.volume;
    info->collection = below->info.collection;
    info->collection_why = below->info.collection_why;
    (*out)->windows = below->windows;
    for (; t->notes < below->info.note_count; t->notes++)
        host_note(*out, below->info.notes[t->notes]);
    return true;
}

const struct host_read *traced_reads(const struct host *h, size_t *count)
{
    *count = traced_of(h)->count;
    return traced_of(h)->reads;
}

void traced_change(struct host *h, const struct host_read *read, enum read_change change)
{
    struct traced *t = traced_of(h);
    t->change = change;
    t->kind = read->kind;
    t->place = str_dup(&h->mem, read->place);
    t->name = str_dup(&h->mem, read->name);
    host_forget(h);
}

struct str traced_text(const struct host_read *read, struct arena *a)
{
    static const char *const words[] = {[READ_FILE] = "file ",
                                        [READ_FOLDER] = "folder ",
                                        [READ_LOG] = "log ",
                                        [READ_MODULES] = "modules of "};
    switch (read->kind) {
    case READ_VALUE:
        return str_fmt(a, STR_FMT "\\" STR_FMT, STR_ARG(read->place),
                       STR_ARG(read->name.len ? read->name : STR("(Default)")));
    case READ_KEY:
        return str_fmt(a, STR_FMT, STR_ARG(read->place));
    case READ_LISTING:
        return str_fmt(a, "folder " STR_FMT "\\" STR_FMT, STR_ARG(read->place),
                       STR_ARG(read->name));
    default:
        return str_fmt(a, "%s" STR_FMT, words[read->kind], STR_ARG(read->place));
    }
}
