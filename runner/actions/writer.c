#include "actions/writer_part.h"

static struct str parent(struct str key)
{
    while (key.len && key.ptr[key.len - 1] != '\\')
        key.len--;
    if (key.len)
        key.len--;
    return key;
}

static bool look(struct writer *w, const struct change *c, struct arena *a, size_t *missing,
                 enum change_state *out, struct err *e)
{
    struct reg_image now;
    if (!w->ops->read(w->backend, c->key, c->name, a, &now, missing, e))
        return false;
    *out = reg_image_equal(&now, &c->after)    ? CHANGE_AFTER
           : reg_image_equal(&now, &c->before) ? CHANGE_BEFORE
                                               : CHANGE_DRIFTED;
    return true;
}

static bool drifted(const struct change *c, struct err *e)
{
    return err_set(e, ERR_DRIFTED, 0,
                   "drifted: " STR_FMT "\\" STR_FMT " is neither what was planned from nor what "
                   "was planned",
                   STR_ARG(c->key), STR_ARG(c->name));
}

bool writer_state(struct writer *w, const struct change *c, struct arena *a, enum change_state *out,
                  struct err *e)
{
    size_t missing;
    return look(w, c, a, &missing, out, e);
}

bool writer_apply(struct writer *w, const struct change *c, struct err *e)
{
    struct arena a;
    enum change_state state;
    size_t missing;
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = look(w, c, &a, &missing, &state, e);
    if (ok && state == CHANGE_DRIFTED)
        ok = drifted(c, e);
    if (ok && state == CHANGE_BEFORE)
        ok = w->ops->write(w->backend, c->key, c->name, &c->after, e);
    /* Also where the value is gone already: the process may have ended between the two. */
    if (ok && c->drop_key)
        ok = w->ops->drop_key(w->backend, c->key, e);
    arena_done(&a);
    return ok;
}

static bool revert_keys(struct writer *w, const struct change *c, struct err *e)
{
    struct str key = c->key;
    for (size_t i = 0; i < c->new_keys; i++, key = parent(key))
        if (!w->ops->drop_key(w->backend, key, e))
            return false;
    return true;
}

bool writer_revert(struct writer *w, const struct change *c, struct err *e)
{
    struct arena a;
    enum change_state state;
    size_t missing;
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = look(w, c, &a, &missing, &state, e);
    if (ok && state == CHANGE_DRIFTED)
        ok = drifted(c, e);
    if (ok && state == CHANGE_AFTER && !reg_image_equal(&c->after, &c->before))
        ok = w->ops->write(w->backend, c->key, c->name, &c->before, e);
    arena_done(&a);
    return ok && revert_keys(w, c, e);
}

bool writer_commit(struct writer *w, struct err *e)
{
    return w->ops->commit(w->backend, e);
}

void writer_close(struct writer *w)
{
    if (!w)
        return;
    w->ops->close(w->backend);
    free(w);
}
