#include "host/overlay.h"

#include <stdlib.h>

#include "base/utf16.h"
#include "host/host_ops.h"

/* A place on the way to a change: its key, and every key above it. */
struct step {
    uint32_t hash;      /* of the place */
    size_t change, len; /* the place is the first `len` bytes of the change's key */
};

struct overlay {
    struct host *below;
    const struct change *const *changes;
    struct step *steps; /* by hash, then by change */
    size_t count;
    bool before; /* shows the past: the next boot is not looked at */
};

static struct overlay *overlay_of(const struct host *h)
{
    return h->backend;
}

/* --- which changes concern a place --- */

static int step_order(const void *x, const void *y)
{
    const struct step *a = x, *b = y;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->change < b->change ? -1 : a->change > b->change;
}

static size_t steps_of(const struct change *c)
{
    size_t n = 1;
    for (size_t i = 0; i < c->key.len; i++)
        n += c->key.ptr[i] == '\\';
    return n;
}

static bool make_steps(struct overlay *o, size_t changes)
{
    size_t n = 0;
    for (size_t i = 0; i < changes; i++)
        n += steps_of(o->changes[i]);
    o->steps = calloc(n + 1, sizeof *o->steps);
    for (size_t i = 0; o->steps && i < changes; i++) {
        struct str key = o->changes[i]->key;
        for (size_t end = 0; end <= key.len; end++)
            if (end == key.len || key.ptr[end] == '\\')
                o->steps[o->count++] = (struct step){str_ihash((struct str){key.ptr, end}), i, end};
    }
    if (o->count)
        qsort(o->steps, o->count, sizeof *o->steps, step_order);
    return o->steps != NULL;
}

/* The first step whose hash is not below. */
static size_t first_step(const struct overlay *o, uint32_t hash)
{
    size_t low = 0, high = o->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (o->steps[mid].hash < hash)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Changes at a place or below it, in order: starts at *at, which begins as SIZE_MAX.  NULL: no
 * more. `rest` is what lies between the place and the change's key, "" at the place itself. */
static const struct change *next_change(const struct overlay *o, struct str place, size_t *at,
                                        struct str *rest)
{
    uint32_t hash = str_ihash(place);
    size_t i = *at == SIZE_MAX ? first_step(o, hash) : *at + 1;
    for (; i < o->count && o->steps[i].hash == hash; i++) {
        const struct step *s = &o->steps[i];
        const struct change *c = o->changes[s->change];
        if (!str_ieq((struct str){c->key.ptr, s->len}, place))
            continue;
        *at = i;
        size_t skip = s->len < c->key.len ? s->len + 1 : s->len;
        *rest = (struct str){c->key.ptr + skip, c->key.len - skip};
        return c;
    }
    return NULL;
}

/* The last change of a value, NULL when none concerns it. */
static const struct change *change_of(const struct overlay *o, struct str key, struct str name)
{
    const struct change *c, *last = NULL;
    struct str rest;
    for (size_t at = SIZE_MAX; (c = next_change(o, key, &at, &rest));)
        if (rest.len == 0 && str_ieq(c->name, name))
            last = c;
    return last;
}

/* --- values --- */

static const struct str planned = {"as planned", sizeof "as planned" - 1};

static void changed_value(const struct change *c, struct arena *a, struct reg_value *out)
{
    out->reason = (struct str){NULL, 0};
    out->evidence.note = planned;
    out->state = c->after.present ? FACT_FOUND : FACT_ABSENT;
    out->type = c->after.type;
    out->data = (struct span){NULL, 0};
    if (c->after.present && c->after.data.len)
        out->data = span_of(arena_copy(a, c->after.data.ptr, c->after.data.len), c->after.data.len);
    if (c->after.present && c->after.data.len && !out->data.ptr) {
        out->data.len = 0;
        out->state = FACT_UNREADABLE;
        out->reason = STR("out of memory");
    }
}

static void read_value(struct host *h, struct str key, struct str name, struct arena *a,
                       struct reg_value *out)
{
    struct overlay *o = overlay_of(h);
    o->below->ops->value(o->below, key, name, a, out);
    const struct change *c = change_of(o, key, name);
    /* What could not be read below stays so: a plan has no before-image of it. */
    if (c && (out->state == FACT_FOUND || out->state == FACT_ABSENT))
        changed_value(c, a, out);
}

/* A target without `Default` starts from `Current`. */
static void overlay_value(struct host *h, struct str key, struct str name, struct arena *a,
                          struct reg_value *out)
{
    if (!overlay_of(h)->before && str_ieq(name, STR("Current")) &&
        str_ieq(key, STR("HKLM\\SYSTEM\\Select"))) {
        struct reg_value next = {0};
        read_value(h, key, STR("Default"), a, &next);
        if (next.state != FACT_ABSENT) {
            *out = next;
            return;
        }
    }
    read_value(h, key, name, a, out);
}

/* --- keys --- */

struct names {
    struct str *items;
    size_t count, cap;
};

static bool start_names(struct names *n, struct arena *a, const struct str *have, size_t count,
                        size_t more)
{
    *n = (struct names){ARENA_ARRAY(a, count + more + 1, struct str), count, count + more};
    if (n->items && count)
        memcpy(n->items, have, count * sizeof *have);
    return n->items != NULL;
}

static void add_name(struct names *n, struct str name)
{
    for (size_t i = 0; i < n->count; i++)
        if (str_ieq(n->items[i], name))
            return;
    BUG_ON(n->count == n->cap);
    n->items[n->count++] = name;
}

static void remove_name(struct names *n, struct str name)
{
    for (size_t i = 0; i < n->count; i++)
        if (str_ieq(n->items[i], name)) {
            memmove(&n->items[i], &n->items[i + 1], (n->count - i - 1) * sizeof *n->items);
            n->count--;
            return;
        }
}

static struct str first_part(struct str path)
{
    const char *end = path.len ? memchr(path.ptr, '\\', path.len) : NULL;
    return end ? (struct str){path.ptr, (size_t)(end - path.ptr)} : path;
}

static bool key_dropped(struct host *h, const struct change *c, struct arena *a);

/* Lists the key as the changes leave it.  False without memory. */
static bool lay_names(struct host *h, struct str key, struct arena *a, struct reg_key *out)
{
    const struct overlay *o = overlay_of(h);
    const struct change *c;
    struct names subkeys, values;
    struct str rest;
    size_t more = 0;
    for (size_t at = SIZE_MAX; next_change(o, key, &at, &rest);)
        more++;
    if (!start_names(&subkeys, a, out->subkeys, out->subkey_count, more) ||
        !start_names(&values, a, out->values, out->value_count, more))
        return false;
    for (size_t at = SIZE_MAX; (c = next_change(o, key, &at, &rest));) {
        if (rest.len == 0 && c->after.present)
            add_name(&values, c->name);
        else if (rest.len == 0)
            remove_name(&values, c->name);
        else if (c->after.present)
            add_name(&subkeys, first_part(rest));
        else if (c->drop_key && first_part(rest).len == rest.len && key_dropped(h, c, a))
            remove_name(&subkeys, rest);
    }
    out->subkeys = subkeys.items;
    out->subkey_count = subkeys.count;
    out->values = values.items;
    out->value_count = values.count;
    return true;
}

/* Nothing is left in the key of a change that may drop it.  Looks one key deeper at most where a
 * subkey is dropped in its turn; keys end, so this does. */
static bool key_dropped(struct host *h, const struct change *c, struct arena *a)
{
    struct host *below = overlay_of(h)->below;
    struct reg_key left = {0};
    below->ops->key(below, c->key, true, a, &left);
    if (left.state == FACT_ABSENT)
        left.subkey_count = left.value_count = 0;
    else if (left.state != FACT_FOUND)
        return false;
    return lay_names(h, c->key, a, &left) && left.subkey_count == 0 && left.value_count == 0;
}

static void overlay_key(struct host *h, struct str key, bool list, struct arena *a,
                        struct reg_key *out)
{
    const struct overlay *o = overlay_of(h);
    const struct change *c, *drop = NULL;
    struct str rest;
    bool made = false, concerned = false;
    o->below->ops->key(o->below, key, list, a, out);
    if (out->state != FACT_FOUND && out->state != FACT_ABSENT)
        return;
    for (size_t at = SIZE_MAX; (c = next_change(o, key, &at, &rest));) {
        concerned = true;
        made = made || c->after.present;
        if (rest.len == 0 && c->drop_key && !c->after.present)
            drop = c;
    }
    if (!concerned)
        return;
    out->evidence.note = planned;
    if (!made && drop && key_dropped(h, drop, a)) {
        *out = (struct reg_key){.state = FACT_ABSENT, .evidence = out->evidence};
        return;
    }
    if (out->state == FACT_ABSENT && !made)
        return;
    out->state = FACT_FOUND;
    out->reason = (struct str){NULL, 0};
    if (list && !lay_names(h, key, a, out)) {
        out->state = FACT_UNREADABLE;
        out->reason = STR("out of memory");
    }
}

/* --- all else is the host below --- */

static void overlay_open_file(struct host *h, struct str winpath, struct arena *a,
                              struct host_file *out)
{
    struct host *below = overlay_of(h)->below;
    below->ops->open_file(below, winpath, a, out);
}

static void overlay_close_file(struct host *h, struct host_file *f)
{
    struct host *below = overlay_of(h)->below;
    below->ops->close_file(below, f);
}

static bool overlay_intact(const struct host *h, const struct host_file *f)
{
    const struct host *below = overlay_of(h)->below;
    return below->ops->intact(below, f);
}

static enum fact_state overlay_directory(struct host *h, struct str winpath)
{
    struct host *below = overlay_of(h)->below;
    return below->ops->directory(below, winpath);
}

static void overlay_list(struct host *h, struct str windir, struct str glob, struct arena *a,
                         struct host_listing *out)
{
    struct host *below = overlay_of(h)->below;
    below->ops->list(below, windir, glob, a, out);
}

static void overlay_open_log(struct host *h, struct str channel, struct arena *a,
                             struct log_source *out)
{
    struct host *below = overlay_of(h)->below;
    below->ops->open_log(below, channel, a, out);
}

static void overlay_modules(struct host *h, struct str image, struct arena *a,
                            struct modules_fact *out)
{
    modules_fact(overlay_of(h)->below, image, a, out);
}

static size_t overlay_write_times(struct host *h, struct arena *a, struct write_time *out,
                                  size_t max)
{
    struct host *below = overlay_of(h)->below;
    return below->ops->write_times(below, a, out, max);
}

static void overlay_close(struct host *h)
{
    struct overlay *o = overlay_of(h);
    free(o->steps);
    free(o);
}

static const struct host_ops overlay_ops = {
    .value = overlay_value,
    .key = overlay_key,
    .open_file = overlay_open_file,
    .close_file = overlay_close_file,
    .intact = overlay_intact,
    .directory = overlay_directory,
    .list = overlay_list,
    .open_log = overlay_open_log,
    .modules = overlay_modules,
    .write_times = overlay_write_times,
    .close = overlay_close,
};

/* --- the interface --- */

static bool lay(struct host *below, const struct change *const *changes, size_t count, bool before,
                struct host **out, struct err *e)
{
    struct overlay *o = calloc(1, sizeof *o);
    struct host_options options = below->options;
    options.cache = NULL; /* the other host closes it */
    if (o)
        *o = (struct overlay){.below = below, .changes = changes, .before = before};
    if (!o || !make_steps(o, count) || !host_new(&overlay_ops, o, &options, out, e)) {
        if (o)
            free(o->steps);
        free(o);
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    struct host *h = *out;
    h->logs_of = below;
    h->info.kind = below->info.kind;
    h->info.location = below->info.location;
    h->info.volume = below->info.volume;
    h->info.collection = below->info.collection;
    h->info.collection_why = below->info.collection_why;
    h->windows = below->windows;
    /* Time does not pass by planning. */
    h->reference = *host_reference(below);
    h->reference_asked = true;
    for (size_t i = 0; i < below->info.note_count; i++)
        host_note(h, below->info.notes[i]);
    return true;
}

bool host_overlay(struct host *below, const struct change *const *changes, size_t count,
                  struct host **out, struct err *e)
{
    return lay(below, changes, count, false, out, e);
}

bool host_overlay_before(struct host *below, const struct change *const *changes, size_t count,
                         struct host **out, struct err *e)
{
    return lay(below, changes, count, true, out, e);
}
