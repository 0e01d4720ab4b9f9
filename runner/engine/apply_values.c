/* What a journal holds, and what a host holds of it, without a writer. */
#include "engine/apply_part.h"

#include "base/random.h"
#include "base/utf16.h"
#include "base/wtime.h"
#include "host/overlay.h"

/* ---- the journal's form --------------------------------------------------------------------- */

static struct journal_change *find_value(struct journal_data *d, const struct change *c)
{
    for (size_t i = 0; i < d->change_count; i++) {
        struct change *have = &d->changes[i].change;
        if (str_ieq(have->key, c->key) && str_ieq(have->name, c->name))
            return &d->changes[i];
    }
    return NULL;
}

/* Later changes of a value are one with the first, so that comparing and undoing know one image
 * before and one after. */
static bool add_change(struct journal_data *d, size_t action, const struct change *c, struct err *e)
{
    struct journal_change *have = find_value(d, c);
    if (!have) {
        d->changes[d->change_count++] = (struct journal_change){action, *c};
        return true;
    }
    if (!reg_image_equal(&have->change.after, &c->before))
        return err_set(e, ERR_FORMAT, 0,
                       "the plan changes " STR_FMT "\\" STR_FMT " twice, and the two do not fit",
                       STR_ARG(c->key), STR_ARG(c->name));
    have->change.after = c->after;
    have->change.drop_key = c->drop_key;
    return true;
}

static bool add_action(struct journal_action *out, const struct action *from, struct arena *a)
{
    *out = (struct journal_action){.kind = from->kind, .title = from->title};
    out->rules = ARENA_ARRAY(a, from->rule_count + 1, struct str);
    for (size_t i = 0; out->rules && i < from->rule_count; i++)
        out->rules[out->rule_count++] = from->rules[i]->qualified;
    return out->rules != NULL;
}

bool apply_journal_data(const struct plan *p, struct str location, struct arena *a,
                        struct journal_data *out, struct err *e)
{
    uint8_t id[8];
    size_t changes = 0;
    *out = (struct journal_data){
        .time = wtime_now(), .location = location, .tool = p->now.tool_version};
    if (!random_bytes(id, sizeof id, e))
        return false;
    for (size_t i = 0; i < sizeof id; i++)
        snprintf(out->id + 2 * i, 3, "%02x", id[i]);
    memcpy(out->plan, p->digest, sizeof out->plan);
    memcpy(out->target, p->target_id, sizeof out->target);
    for (size_t i = 0; i < p->action_count; i++)
        changes += p->actions[i].change_count;
    out->actions = ARENA_ARRAY(a, p->action_count + 1, struct journal_action);
    out->changes = ARENA_ARRAY(a, changes + 1, struct journal_change);
    if (!out->actions || !out->changes)
        return err_set(e, ERR_NOMEM, 0, "no memory for the journal");
    for (size_t i = 0; i < p->action_count; i++) {
        if (!add_action(&out->actions[out->action_count++], &p->actions[i], a))
            return err_set(e, ERR_NOMEM, 0, "no memory for the journal");
        for (size_t k = 0; k < p->actions[i].change_count; k++)
            if (!add_change(out, i, &p->actions[i].changes[k], e))
                return false;
    }
    return true;
}

/* ---- what the host holds -------------------------------------------------------------------- */

bool apply_state(struct host *h, const struct change *c, struct arena *a, enum change_state *out,
                 struct err *e)
{
    struct reg_value v = {0};
    host_reg_value(h, c->key, c->name, VIEW_NATIVE, a, &v);
    if (v.state != FACT_FOUND && v.state != FACT_ABSENT)
        return err_set(e, ERR_IO, 0, STR_FMT "\\" STR_FMT ": " STR_FMT, STR_ARG(c->key),
                       STR_ARG(c->name), STR_ARG(v.reason));
    struct reg_image now = {v.state == FACT_FOUND, v.type, v.data};
    *out = reg_image_equal(&now, &c->after)    ? CHANGE_AFTER
           : reg_image_equal(&now, &c->before) ? CHANGE_BEFORE
                                               : CHANGE_DRIFTED;
    return true;
}

static bool before(struct host *h, const struct change *c, struct arena *a, struct err *e)
{
    struct reg_value v = {0};
    struct reg_key key = {0};
    host_reg_value(h, c->key, c->name, VIEW_NATIVE, a, &v);
    struct reg_image now = {v.state == FACT_FOUND, v.type, v.data};
    bool same =
        (v.state == FACT_FOUND || v.state == FACT_ABSENT) && reg_image_equal(&now, &c->before);
    if (same && c->new_keys) {
        host_reg_key(h, c->key, VIEW_NATIVE, false, a, &key);
        same = key.state == FACT_ABSENT;
    }
    return same || err_set(e, ERR_DRIFTED, 0, STR_FMT "\\" STR_FMT " is not as it was before",
                           STR_ARG(c->key), STR_ARG(c->name));
}

bool apply_all_before(struct host *h, const struct journal_data *d, struct arena *a, struct err *e)
{
    for (size_t i = 0; i < d->change_count; i++)
        if (!before(h, &d->changes[i].change, a, e))
            return false;
    return true;
}

/* ---- as it was before ----------------------------------------------------------------------- */

static struct str parent(struct str key)
{
    while (key.len && key.ptr[key.len - 1] != '\\')
        key.len--;
    if (key.len)
        key.len--;
    return key;
}

/* A value that no key holds: a change of it changes nothing, but drops its empty key. */
static const struct str nothing = {"\0", 1};

bool apply_before_overlay(struct host *below, const struct journal_data *d, struct arena *a,
                          struct host **out, struct err *e)
{
    size_t most = 0, count = 0;
    for (size_t i = 0; i < d->change_count; i++)
        most += 1 + d->changes[i].change.new_keys;
    struct change *changes = ARENA_ARRAY(a, most + 1, struct change);
    const struct change **list = ARENA_ARRAY(a, most + 1, const struct change *);
    if (!changes || !list)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (size_t i = d->change_count; i-- > 0;) {
        const struct change *c = &d->changes[i].change;
        changes[count++] = (struct change){.key = c->key,
                                           .name = c->name,
                                           .before = c->after,
                                           .after = c->before,
                                           .drop_key = c->new_keys > 0};
        struct str key = parent(c->key);
        for (size_t k = 1; k < c->new_keys && key.len; k++, key = parent(key))
            changes[count++] = (struct change){.key = key, .name = nothing, .drop_key = true};
    }
    for (size_t i = 0; i < count; i++)
        list[i] = &changes[i];
    return host_overlay_before(below, list, count, out, e);
}
