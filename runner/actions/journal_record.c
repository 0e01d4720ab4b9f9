#include "actions/journal_part.h"

#include "base/json.h"
#include "base/wtime.h"

static const struct str no_sum = {
    "0000000000000000000000000000000000000000000000000000000000000000", SHA256_HEX - 1};

bool journal_line(struct sb *out, const char *record, journal_members *write, const void *what,
                  char prev[SHA256_HEX], struct err *e)
{
    struct json j;
    size_t start = out->len;
    json_init(&j, out, 0);
    json_open_object(&j);
    json_key(&j, "record");
    json_cstr(&j, record);
    json_key(&j, "prev");
    json_str(&j, prev[0] ? str_of(prev) : no_sum);
    if (write)
        write(&j, what);
    if (out->bad)
        return err_set(e, ERR_LIMIT, 0, "the journal's line does not fit in memory");
    /* The sum covers everything before it; what closes the object is always the same. */
    if (!sha256_hex(span_of(out->ptr + start, out->len - start), prev, e))
        return false;
    json_key(&j, "sum");
    json_cstr(&j, prev);
    json_close_object(&j);
    sb_putc(out, '\n');
    return !out->bad || err_set(e, ERR_LIMIT, 0, "the journal's line does not fit in memory");
}

/* Text that JSON does not carry to the byte (lone surrogates, NUL) is written as hex digits. */
static bool survives(struct str s)
{
    uint32_t cp;
    for (size_t i = 0; i < s.len;) {
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n == 0 || cp == 0)
            return false;
        i += n;
    }
    return true;
}

static void put_hex(struct json *j, const uint8_t *bytes, size_t len)
{
    struct sb hex;
    sb_init(&hex, len * 2 + 1);
    sb_hex(&hex, bytes, len);
    if (hex.bad)
        j->out->bad = true;
    json_str(j, (struct str){hex.ptr, hex.len});
    sb_done(&hex);
}

static void put_text(struct json *j, const char *name, const char *name_hex, struct str s)
{
    bool plain = survives(s);
    json_key(j, plain ? name : name_hex);
    if (plain)
        json_str(j, s);
    else
        put_hex(j, (const uint8_t *)s.ptr, s.len);
}

static void put_image(struct json *j, const char *name, const struct reg_image *image)
{
    json_key(j, name);
    if (!image->present) {
        json_nil(j);
        return;
    }
    json_open_object(j);
    json_key(j, "type");
    json_u64(j, image->type);
    json_key(j, "data");
    put_hex(j, image->data.ptr, image->data.len);
    json_close_object(j);
}

static void begin_members(struct json *j, const void *what)
{
    const struct journal_data *d = what;
    json_key(j, "schema");
    json_cstr(j, "rectify.journal/1");
    json_key(j, "id");
    json_cstr(j, d->id);
    json_key(j, "time");
    json_time(j, d->time);
    json_key(j, "plan");
    json_cstr(j, d->plan);
    json_key(j, "target");
    json_cstr(j, d->target);
    json_key(j, "location");
    json_str(j, d->location);
    json_key(j, "tool");
    json_str(j, d->tool);
    json_key(j, "actions");
    json_u64(j, d->action_count);
    json_key(j, "changes");
    json_u64(j, d->change_count);
}

static void action_members(struct json *j, const void *what)
{
    const struct journal_action *a = what;
    json_key(j, "kind");
    json_cstr(j, action_kind_name(a->kind));
    json_key(j, "title");
    json_str(j, a->title);
    json_key(j, "rules");
    json_open_array(j);
    for (size_t i = 0; i < a->rule_count; i++)
        json_str(j, a->rules[i]);
    json_close_array(j);
}

static void change_members(struct json *j, const void *what)
{
    const struct journal_change *jc = what;
    const struct change *c = &jc->change;
    json_key(j, "action");
    json_u64(j, jc->action);
    put_text(j, "key", "key_hex", c->key);
    put_text(j, "name", "name_hex", c->name);
    json_key(j, "new_keys");
    json_u64(j, c->new_keys);
    json_key(j, "drop_key");
    json_bool(j, c->drop_key);
    put_image(j, "before", &c->before);
    put_image(j, "after", &c->after);
}

bool journal_lines(struct sb *out, const struct journal_data *d, char prev[SHA256_HEX],
                   struct err *e)
{
    if (!journal_line(out, "begin", begin_members, d, prev, e))
        return false;
    for (size_t i = 0; i < d->action_count; i++)
        if (!journal_line(out, "action", action_members, &d->actions[i], prev, e))
            return false;
    for (size_t i = 0; i < d->change_count; i++)
        if (!journal_line(out, "change", change_members, &d->changes[i], prev, e))
            return false;
    return journal_state_line(out, JOURNAL_PREPARED, (struct str){NULL, 0}, prev, e);
}

static void state_members(struct json *j, const void *what)
{
    const struct str *why = what;
    json_key(j, "time");
    json_time(j, wtime_now());
    if (why->len) {
        json_key(j, "why");
        json_str(j, *why);
    }
}

bool journal_state_line(struct sb *out, enum journal_state s, struct str why, char prev[SHA256_HEX],
                        struct err *e)
{
    return journal_line(out, journal_state_name(s), state_members, &why, prev, e);
}

static void posted_members(struct json *j, const void *what)
{
    const size_t *action = what;
    json_key(j, "action");
    json_u64(j, *action);
}

bool journal_posted_line(struct sb *out, size_t action, char prev[SHA256_HEX], struct err *e)
{
    return journal_line(out, "posted", posted_members, &action, prev, e);
}
