#include "actions/journal_part.h"

#include "base/wtime.h"
#include "model/value_json.h"

static const char *const states[JOURNAL_STATES] = {
    [JOURNAL_EMPTY] = "empty",     [JOURNAL_BEGUN] = "begin",     [JOURNAL_PREPARED] = "prepared",
    [JOURNAL_WRITING] = "writing", [JOURNAL_WRITTEN] = "written", [JOURNAL_VERIFIED] = "verified",
    [JOURNAL_FAILED] = "failed",   [JOURNAL_UNDOING] = "undoing", [JOURNAL_UNDONE] = "undone",
};

#define FROM(s) (1u << JOURNAL_##s)

static const unsigned before[JOURNAL_STATES] = {
    [JOURNAL_BEGUN] = FROM(EMPTY),
    [JOURNAL_PREPARED] = FROM(BEGUN),
    [JOURNAL_WRITING] = FROM(PREPARED) | FROM(WRITING) | FROM(WRITTEN),
    [JOURNAL_WRITTEN] = FROM(WRITING),
    [JOURNAL_VERIFIED] = FROM(WRITTEN),
    [JOURNAL_FAILED] = FROM(WRITTEN),
    [JOURNAL_UNDOING] = FROM(PREPARED) | FROM(WRITING) | FROM(WRITTEN) | FROM(VERIFIED) |
                        FROM(FAILED) | FROM(UNDOING),
    [JOURNAL_UNDONE] = FROM(UNDOING),
};

const char *journal_state_name(enum journal_state s)
{
    return states[s];
}

bool journal_may_follow(enum journal_state from, enum journal_state to)
{
    return before[to] >> from & 1;
}

/* ---- one line ------------------------------------------------------------------------------- */

#define SUM_OPEN ",\"sum\":\""
enum { SUM_TAIL = sizeof SUM_OPEN - 1 + SHA256_HEX - 1 + 2 /* "} */ };

/* Its sum is right; `sum` gets it. */
static bool sum_fits(struct span line, char sum[SHA256_HEX])
{
    struct err e = {0};
    char real[SHA256_HEX];
    if (line.len < SUM_TAIL)
        return false;
    const char *tail = (const char *)line.ptr + line.len - SUM_TAIL;
    memcpy(sum, tail + sizeof SUM_OPEN - 1, SHA256_HEX - 1);
    sum[SHA256_HEX - 1] = '\0';
    return memcmp(tail, SUM_OPEN, sizeof SUM_OPEN - 1) == 0 &&
           memcmp(line.ptr + line.len - 2, "\"}", 2) == 0 &&
           sha256_hex((struct span){line.ptr, line.len - SUM_TAIL}, real, &e) &&
           memcmp(real, sum, SHA256_HEX) == 0;
}

static const struct value *get(const struct value *v, const char *name, enum value_kind kind)
{
    const struct value *m = value_get(v, name);
    return m && m->kind == kind ? m : NULL;
}

static bool get_text(const struct value *v, const char *name, struct str *out)
{
    const struct value *m = get(v, name, VALUE_TEXT);
    if (m)
        *out = m->text;
    return m != NULL;
}

static bool get_size(const struct value *v, const char *name, size_t most, size_t *out)
{
    const struct value *m = get(v, name, VALUE_INT);
    if (!m || m->integer < 0 || (uint64_t)m->integer > most)
        return false;
    *out = (size_t)m->integer;
    return true;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(struct str text, struct arena *a, struct span *out)
{
    uint8_t *bytes = arena_alloc(a, text.len / 2 + 1);
    if (!bytes || text.len % 2)
        return false;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = digit(text.ptr[i]), low = digit(text.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    *out = span_of(bytes, text.len / 2);
    return true;
}

static bool get_digest(const struct value *v, const char *name, char *out, size_t digits)
{
    struct str s;
    if (!get_text(v, name, &s) || s.len != digits)
        return false;
    for (size_t i = 0; i < digits; i++)
        if (digit(s.ptr[i]) < 0)
            return false;
    memcpy(out, s.ptr, digits);
    out[digits] = '\0';
    return true;
}

static bool get_raw(const struct value *v, const char *name, const char *name_hex, struct arena *a,
                    struct str *out)
{
    struct str hex;
    struct span raw;
    if (get_text(v, name, out))
        return true;
    if (!get_text(v, name_hex, &hex) || !unhex(hex, a, &raw))
        return false;
    *out = (struct str){(const char *)raw.ptr, raw.len};
    return true;
}

static bool get_image(const struct value *v, const char *name, struct arena *a,
                      struct reg_image *out)
{
    struct str hex;
    size_t type;
    *out = (struct reg_image){0};
    if (get(v, name, VALUE_NULL))
        return true;
    const struct value *m = get(v, name, VALUE_MAP);
    if (!m || !get_size(m, "type", UINT32_MAX, &type) || !get_text(m, "data", &hex) ||
        !unhex(hex, a, &out->data))
        return false;
    out->present = true;
    out->type = (uint32_t)type;
    return true;
}

/* ---- what the lines say --------------------------------------------------------------------- */

struct reading {
    struct arena *a;
    struct journal_data *d;
    size_t actions, changes; /* read so far */
};

static bool read_begin(struct reading *r, const struct value *v)
{
    struct journal_data *d = r->d;
    struct str schema, time;
    if (!get_text(v, "schema", &schema) || !str_eq(schema, STR("rectify.journal/1")) ||
        !get_digest(v, "id", d->id, JOURNAL_ID - 1) || !get_text(v, "time", &time) ||
        !wtime_parse(time, &d->time) || !get_digest(v, "plan", d->plan, SHA256_HEX - 1) ||
        !get_digest(v, "target", d->target, SHA256_HEX - 1) ||
        !get_text(v, "location", &d->location) || !get_text(v, "tool", &d->tool) ||
        !get_size(v, "actions", JOURNAL_RECORDS, &d->action_count) ||
        !get_size(v, "changes", JOURNAL_RECORDS, &d->change_count))
        return false;
    d->actions = ARENA_ARRAY(r->a, d->action_count + 1, struct journal_action);
    d->changes = ARENA_ARRAY(r->a, d->change_count + 1, struct journal_change);
    return d->actions && d->changes;
}

static bool read_action(struct reading *r, const struct value *v)
{
    struct str kind;
    const struct value *rules = get(v, "rules", VALUE_LIST);
    if (r->actions == r->d->action_count || r->changes || !rules || !get_text(v, "kind", &kind))
        return false;
    struct journal_action *a = &r->d->actions[r->actions];
    for (a->kind = (enum action_kind)0; a->kind < ACTION_KINDS; a->kind++)
        if (str_eq(kind, str_of(action_kind_name(a->kind))))
            break;
    a->rules = ARENA_ARRAY(r->a, rules->list.count + 1, struct str);
    if (a->kind == ACTION_KINDS || !get_text(v, "title", &a->title) || !a->rules)
        return false;
    for (size_t i = 0; i < rules->list.count; i++) {
        if (rules->list.items[i].kind != VALUE_TEXT)
            return false;
        a->rules[a->rule_count++] = rules->list.items[i].text;
    }
    r->actions++;
    return true;
}

static bool read_change(struct reading *r, const struct value *v)
{
    if (r->changes == r->d->change_count)
        return false;
    struct journal_change *jc = &r->d->changes[r->changes];
    struct change *c = &jc->change;
    const struct value *drop = get(v, "drop_key", VALUE_BOOL);
    if (!drop || !get_size(v, "action", JOURNAL_RECORDS, &jc->action) ||
        jc->action >= r->d->action_count || !get_raw(v, "key", "key_hex", r->a, &c->key) ||
        !get_raw(v, "name", "name_hex", r->a, &c->name) ||
        !get_size(v, "new_keys", 512, &c->new_keys) || !get_image(v, "before", r->a, &c->before) ||
        !get_image(v, "after", r->a, &c->after))
        return false;
    c->drop_key = drop->boolean;
    r->changes++;
    return true;
}

static bool read_state(struct reading *r, struct str record, const struct value *v)
{
    struct journal_data *d = r->d;
    enum journal_state s = JOURNAL_PREPARED;
    while (s < JOURNAL_STATES && !str_eq(record, str_of(states[s])))
        s++;
    if (s == JOURNAL_STATES || !journal_may_follow(d->state, s))
        return false;
    if (s == JOURNAL_PREPARED && (r->actions != d->action_count || r->changes != d->change_count))
        return false;
    d->state = s;
    d->why = (struct str){NULL, 0};
    (void)get_text(v, "why", &d->why);
    return true;
}

static bool read_posted(struct reading *r, const struct value *v)
{
    size_t action;
    if (r->d->state != JOURNAL_VERIFIED || !get_size(v, "action", JOURNAL_RECORDS, &action) ||
        action >= r->d->action_count)
        return false;
    r->d->actions[action].posted = true;
    return true;
}

static bool read_record(struct reading *r, const struct value *v)
{
    struct str record, prev;
    struct journal_data *d = r->d;
    char zero[SHA256_HEX];
    memset(zero, '0', sizeof zero);
    if (!get_text(v, "record", &record) || !get_text(v, "prev", &prev) ||
        !str_eq(prev, d->records ? str_of(d->last) : (struct str){zero, SHA256_HEX - 1}))
        return false;
    if (d->state == JOURNAL_EMPTY) {
        d->state = JOURNAL_BEGUN;
        return str_eq(record, STR("begin")) && read_begin(r, v);
    }
    if (d->state == JOURNAL_BEGUN && str_eq(record, STR("action")))
        return read_action(r, v);
    if (d->state == JOURNAL_BEGUN && str_eq(record, STR("change")))
        return read_change(r, v);
    if (str_eq(record, STR("posted")))
        return read_posted(r, v);
    return read_state(r, record, v);
}

/* ---- the file ------------------------------------------------------------------------------- */

/* What a power cut makes of the last line: its end is missing, or blocks of it read as zeros. */
static bool torn(struct span rest)
{
    const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
    if (!end)
        return true;
    for (const uint8_t *p = end + 1; p < rest.ptr + rest.len; p++)
        if (*p)
            return false;
    return memchr(rest.ptr, 0, rest.len) != NULL;
}

/* Only a journal may be cut or started over; zeros are what a power cut leaves of one. */
static bool foreign(struct span bytes, struct err *e)
{
    static const char start[] = "{\"record\":\"begin\",\"prev\":\"";
    size_t n = bytes.len < sizeof start - 1 ? bytes.len : sizeof start - 1;
    for (size_t i = 0; i < n; i++)
        if (bytes.ptr[i] && bytes.ptr[i] != (uint8_t)start[i])
            return err_set(e, ERR_FORMAT, 0, "not a journal");
    return true;
}

bool journal_read(struct span bytes, struct arena *a, struct journal_data *out, struct err *e)
{
    struct journal_data d = {0};
    struct reading r = {.a = a, .d = &d};
    if (!foreign(bytes, e))
        return false;
    while (d.whole < bytes.len) {
        struct span rest, line;
        struct value v;
        struct err inner = {0};
        char sum[SHA256_HEX];
        (void)span_from(bytes, d.whole, &rest);
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        line = (struct span){rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len};
        if (!end || !sum_fits(line, sum)) {
            if (torn(rest))
                break;
            return err_set(e, ERR_FORMAT, d.whole, "journal broken in line %zu: its sum is wrong",
                           d.records + 1);
        }
        if (d.records == JOURNAL_RECORDS)
            return err_set(e, ERR_LIMIT, d.whole, "more than %d records", JOURNAL_RECORDS);
        if (!value_from_json_within(line, JOURNAL_LINE, a, &v, &inner) || v.kind != VALUE_MAP ||
            !read_record(&r, &v))
            return err_set(e, ERR_FORMAT, d.whole,
                           "journal broken in line %zu: it does not follow the line before",
                           d.records + 1);
        memcpy(d.last, sum, sizeof d.last);
        d.records++;
        d.whole += line.len + 1;
    }
    if (d.state == JOURNAL_BEGUN) {
        d.action_count = r.actions;
        d.change_count = r.changes;
    }
    *out = d;
    return true;
}
