/* Life of a host, notes, counts. */
#include "base/utf16.h"
#include "base/wtime.h"
#include "host/log_cache.h"
#include "host/logs.h"

bool host_new(const struct host_ops *ops, void *backend, const struct host_options *options,
              struct host **out, struct err *e)
{
    struct host *h = calloc(1, sizeof *h);
    if (!h)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    h->ops = ops;
    h->backend = backend;
    if (options)
        h->options = *options;
    if (h->options.now == 0)
        h->options.now = wtime_now();
    arena_init(&h->mem, ARENA_DEFAULT_CAP);
    h->info.notes = h->note;
    *out = h;
    return true;
}

void host_forget(struct host *h)
{
    for (size_t i = 0; i < h->log_count; i++) {
        if (h->log[i]->open)
            logs_close(h->log[i]);
        h->ops->close_file(h, &h->log[i]->source.file);
        h->log[i] = NULL;
    }
    h->log_count = 0;
    h->bits = BITS_UNASKED;
    h->nt_version_asked = h->identity_asked = h->reference_asked = false;
    h->system_root = (struct str){NULL, 0};
    h->uninstall[0].asked = h->uninstall[1].asked = false;
    h->info.note_count = 0;
}

void host_close(struct host *h)
{
    if (!h)
        return;
    host_forget(h);
    h->ops->close(h);
    log_cache_close(h->options.cache);
    arena_done(&h->mem);
    free(h);
}

void host_note(struct host *h, struct str text)
{
    for (size_t i = 0; i < h->info.note_count; i++)
        if (str_eq(h->note[i], text))
            return;
    if (h->info.note_count == HOST_NOTES_MAX || !text.ptr)
        return;
    struct str copy = str_dup(&h->mem, text);
    if (copy.ptr)
        h->note[h->info.note_count++] = copy;
}

void host_count(struct host *h, enum fact_state state)
{
    if (state == FACT_UNREADABLE || state == FACT_NOT_COLLECTED)
        h->unread++;
}

size_t host_unread(const struct host *h)
{
    return h->unread;
}

struct str host_reason(struct arena *a, struct str path, const struct err *e)
{
    const char *text = e->text[0] ? e->text : "cannot be read";
    if (path.len == 0)
        return str_dup(a, str_of(text));
    return str_fmt(a, STR_FMT ": %s", STR_ARG(path), text);
}

void host_open_file(struct host *h, struct str winpath, struct arena *a, struct host_file *out)
{
    files_open(h, winpath, a, out);
    host_count(h, out->state);
}

void host_open_view(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
                    struct host_file *out)
{
    files_open_view(h, winpath, view, a, out);
    host_count(h, out->state);
}

bool host_file_intact(const struct host *h, const struct host_file *f)
{
    return h->ops->intact(h, f);
}

void host_list(struct host *h, struct str windir, struct str glob, struct arena *a,
               struct host_listing *out)
{
    files_list(h, windir, glob, a, out);
    host_count(h, out->state);
}

void host_close_file(struct host *h, struct host_file *f)
{
    if (f->state == FACT_FOUND)
        h->ops->close_file(h, f);
    f->state = FACT_ABSENT;
    f->bytes = (struct span){NULL, 0};
}

bool host_opinion(const struct host *h, const struct opinion_query *q, uint32_t *code)
{
    return h->ops->opinion && !h->options.at && h->ops->opinion(h, q, code);
}
