/* The host's lists and roots brought to the source's. */
#include "actions/cert_blob.h"
#include "actions/roots_host.h"
#include "base/utf16.h"
#include "base/wtime.h"
#include "formats/cms.h"

/* Windows synchronises the lists daily and weekly; a time younger than this is left alone. */
#define SYNC_AGE WTIME_DAY

/* ---- lists -------------------------------------------------------------------------------------
 */

static bool refuse_older(struct refresh *r, const struct roots_list *from,
                         const struct list_file *held, const char *what, struct err *e)
{
    if (!from->file || !held || list_file_cmp(from->file, held) >= 0)
        return true;
    struct str ours = roots_age(from->file, r->a), theirs = roots_age(held, r->a);
    return err_set(e, ERR_DENIED, 0,
                   "%.80s: its %s (" STR_FMT ") is older than the host's (" STR_FMT ")",
                   from->from.ptr, what, STR_ARG(ours), STR_ARG(theirs));
}

static bool compare(struct refresh *r, struct err *e)
{
    const struct roots_source *s = r->source;
    if (!roots_held(r, LIST_ROOTS, &r->held_roots, e) ||
        !roots_held(r, LIST_DISALLOWED, &r->held_disallowed, e) ||
        !refuse_older(r, &s->roots, r->held_roots, "list of roots", e) ||
        !refuse_older(r, &s->disallowed, r->held_disallowed, "list of disallowed certificates", e))
        return false;
    r->new_roots = !r->held_roots || list_file_cmp(s->roots.file, r->held_roots) > 0;
    r->new_disallowed =
        s->disallowed.file &&
        (!r->held_disallowed || list_file_cmp(s->disallowed.file, r->held_disallowed) > 0);
    return true;
}

static bool set_sync(struct refresh *r, struct str name, bool changed, struct err *e)
{
    struct reg_image now;
    uint8_t *raw = arena_alloc(r->a, 8);
    if (!raw)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!roots_image(r, STR(ROOTS_AUTO_UPDATE), name, &now, e))
        return false;
    uint64_t last = now.present && now.data.len == 8 ? load_u64(now.data.ptr) : 0;
    if (!changed && last && last + SYNC_AGE > r->time)
        return true;
    for (size_t i = 0; i < 8; i++)
        raw[i] = (uint8_t)(r->time >> 8 * i);
    return roots_set(r, STR(ROOTS_AUTO_UPDATE), name, span_of(raw, 8), e);
}

/* The bytes outlive the source. */
static bool set_list(struct refresh *r, struct str name, const struct list_file *list,
                     struct err *e)
{
    struct span der = list_file_der(list);
    void *copy = arena_copy(r->a, der.ptr, der.len);
    if (!copy)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    return roots_set(r, STR(ROOTS_AUTO_UPDATE), name, span_of(copy, der.len), e);
}

static bool set_lists(struct refresh *r, struct err *e)
{
    const struct roots_source *s = r->source;
    if (r->new_disallowed && !set_list(r, STR("DisallowedCertEncodedCtl"), s->disallowed.file, e))
        return false;
    if (r->new_roots && !set_list(r, STR("EncodedCtl"), s->roots.file, e))
        return false;
    if (s->disallowed.file && !set_sync(r, STR("DisallowedCertLastSyncTime"), r->new_disallowed, e))
        return false;
    return set_sync(r, STR("LastSyncTime"), r->new_roots, e);
}

/* ---- roots that are there ----------------------------------------------------------------------
 */

static bool limits(const struct ctl_entry *entry, uint32_t id, struct span *out)
{
    return ctl_property(entry, id, out) && out->len;
}

/* Does the list newly limit the root: disabled, or for certificates up to a date only? */
static bool newly_limited(const struct ctl_entry *then, const struct ctl_entry *now)
{
    static const uint32_t ids[] = {PROP_DISALLOWED_TIME, PROP_DISALLOWED_USAGE,
                                   PROP_NOT_BEFORE_TIME, PROP_NOT_BEFORE_USAGE};
    struct span a, b;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (limits(then, ids[i], &a) && !(now && limits(now, ids[i], &b) && span_eq(a, b)))
            return true;
    return false;
}

static const struct ctl_entry *held_entry(const struct refresh *r, const uint8_t sha1[20])
{
    return r->held_roots ? list_file_find(r->held_roots, span_of(sha1, 20)) : NULL;
}

static struct str certificate_name(struct refresh *r, const struct held_certificate *c)
{
    char hex[ROOTS_HEX];
    struct err ignored = {0};
    struct str name = {NULL, 0};
    X509 *x = c->der.len ? cert_parse(c->der, &ignored) : NULL;
    roots_hex(span_of(c->sha1, 20), hex, false);
    if (x)
        name = cert_common_name(x, r->a);
    X509_free(x);
    return str_fmt(r->a, "%s%s" STR_FMT, hex, name.len ? " " : "", STR_ARG(name));
}

static bool update(struct refresh *r, const struct held_certificate *c,
                   const struct ctl_entry *entry, struct err *e)
{
    struct span blob;
    bool changed = false;
    if (!cert_blob_update(c->blob, entry, r->a, &blob, &changed, e))
        return false;
    return !changed || (roots_set(r, c->key, STR("Blob"), blob, e) &&
                        names_add(&r->updated, roots_name(entry, r->a), r->a, e));
}

/* AuthRoot holds what the list names: Windows takes out what it names no more. */
static bool bring_authroot(struct refresh *r, const struct held_certificate *store, size_t count,
                           struct err *e)
{
    static const struct reg_image gone = {0};
    for (size_t i = 0; i < count; i++) {
        const struct held_certificate *c = &store[i];
        const struct ctl_entry *entry = list_file_find(r->source->roots.file, span_of(c->sha1, 20));
        bool ok = true;
        if (c->der.len == 0)
            ok = names_add(&r->kept, certificate_name(r, c), r->a, e);
        else if (entry)
            ok = update(r, c, entry, e);
        else
            ok = roots_change(r, c->key, STR("Blob"), &gone, true, e) &&
                 names_add(&r->removed, certificate_name(r, c), r->a, e);
        if (!ok)
            return false;
    }
    return true;
}

static bool name_distrusted(struct refresh *r, const struct held_certificate *c, struct err *e)
{
    const struct roots_source *s = r->source;
    const struct ctl_entry *then = list_file_find(s->roots.file, span_of(c->sha1, 20));
    struct err ignored = {0};
    bool yes = r->new_roots && then && newly_limited(then, held_entry(r, c->sha1));
    X509 *x = !yes && r->new_disallowed && c->der.len ? cert_parse(c->der, &ignored) : NULL;
    if (x)
        yes = list_file_names(s->disallowed.file, x) &&
              !(r->held_disallowed && list_file_names(r->held_disallowed, x));
    X509_free(x);
    if (!yes)
        return true;
    struct str name = certificate_name(r, c);
    return names_hold(&r->distrusted, name) || names_add(&r->distrusted, name, r->a, e);
}

static bool bring_stores(struct refresh *r, struct err *e)
{
    static const char *const stores[] = {"AuthRoot", "ROOT", "CA"};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        struct held_certificate *store;
        size_t count;
        if (!roots_store(r, stores[i], &store, &count, e) ||
            (i == 0 && r->new_roots && !bring_authroot(r, store, count, e)))
            return false;
        for (size_t k = 0; k < count; k++)
            if (!name_distrusted(r, &store[k], e))
                return false;
    }
    return true;
}

/* ---- roots that are needed ----------------------------------------------------------------------
 */

static bool is_there(const struct trust *t, struct str sha1)
{
    const struct trust_state *s = trust_state(t);
    for (size_t i = 0; i < s->stored_count; i++) {
        const struct trust_stored *c = &s->stored[i];
        bool root = str_ieq(c->store, STR("ROOT")) || str_ieq(c->store, STR("AuthRoot"));
        bool service = c->location.len > 8 && memcmp(c->location.ptr, "service:", 8) == 0;
        if (root && !service && c->damage.len == 0 && str_ieq(str_of(c->certificate.sha1), sha1))
            return true;
    }
    return false;
}

static bool miss(struct refresh *r, struct str sha1, const char *why, struct err *e)
{
    return names_add(&r->missing, str_fmt(r->a, STR_FMT ": %s", STR_ARG(sha1), why), r->a, e);
}

static bool need_one(struct refresh *r, struct str text, struct err *e)
{
    char sha1[THUMBPRINT], upper[ROOTS_HEX];
    struct str name;
    struct span der, blob;
    struct err why = {0};
    uint8_t id[20];
    if (!rule_thumbprint(text, sha1, &name))
        return err_set(e, ERR_USAGE, 0, "not a thumbprint: " STR_FMT, STR_ARG(text));
    for (size_t i = 0; i < 20; i++) {
        const char pair[3] = {sha1[2 * i], sha1[2 * i + 1], 0};
        id[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    const struct ctl_entry *entry = list_file_find(r->source->roots.file, span_of(id, 20));
    if (!entry)
        return miss(r, text, "the source's list does not name it", e);
    if (!roots_certificate(r->source, entry, r->a, &der, &why))
        return why.kind == ERR_NOT_FOUND ? miss(r, text, why.text, e)
                                         : err_set(e, why.kind, why.at, "%s", why.text);
    roots_hex(entry->id, upper, true);
    struct str key = str_fmt(r->a, ROOTS_AUTHROOT "\\%s", upper);
    return cert_blob_make(der, entry, r->a, &blob, e) && roots_set(r, key, STR("Blob"), blob, e) &&
           names_add(&r->added, roots_name(entry, r->a), r->a, e);
}

static bool bring_needed(struct refresh *r, const struct trust *t, const struct str *needed,
                         size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        bool twice = false;
        for (size_t k = 0; k < i && !twice; k++)
            twice = str_ieq(needed[i], needed[k]);
        if (!twice &&
            !is_there(t, (struct str){needed[i].ptr, needed[i].len < 40 ? needed[i].len : 40}) &&
            !need_one(r, needed[i], e))
            return false;
    }
    return true;
}

/* ---- words -------------------------------------------------------------------------------------
 */

static struct value list_value(const struct names *n, struct arena *a)
{
    struct value v = value_list(a, n->count);
    for (size_t i = 0; i < v.list.count; i++)
        v.list.items[i] = value_text(str_dup(a, n->item[i]));
    return v;
}

/* A list as the source has it, beside what the host holds. */
static struct value list_details(const struct roots_list *from, const struct list_file *held,
                                 bool changed, struct arena *a)
{
    if (!from->file)
        return value_null();
    struct value v = value_map(a, 5);
    if (v.map.count != 5)
        return value_null();
    const struct ctl *c = list_file_ctl(from->file);
    v.map.members[0] = (struct value_member){
        STR("sequence"), value_text(str_dup(a, list_file_sequence(from->file)))};
    v.map.members[1] = (struct value_member){STR("this_update"), value_time(c->this_update)};
    v.map.members[2] = (struct value_member){STR("entries"), value_int((int64_t)c->entry_count)};
    v.map.members[3] =
        (struct value_member){STR("held"), held ? value_text(roots_age(held, a)) : value_null()};
    v.map.members[4] = (struct value_member){STR("changes"), value_bool(changed)};
    return v;
}

static bool fill_details(const struct refresh *r, struct action *out, struct err *e)
{
    const struct roots_source *s = r->source;
    struct arena *a = r->a;
    const struct names notes = {.item = s->notes, .count = s->note_count};
    const struct value_member members[] = {
        {STR("source"), value_text(str_dup(a, s->options.source))},
        {STR("roots"), list_details(&s->roots, r->held_roots, r->new_roots, a)},
        {STR("disallowed"), list_details(&s->disallowed, r->held_disallowed, r->new_disallowed, a)},
        {STR("added"), list_value(&r->added, a)},
        {STR("updated"), list_value(&r->updated, a)},
        {STR("removed"), list_value(&r->removed, a)},
        {STR("distrusted"), list_value(&r->distrusted, a)},
        {STR("missing"), list_value(&r->missing, a)},
        {STR("damaged"), list_value(&r->kept, a)},
        {STR("notes"), list_value(&notes, a)},
    };
    const size_t count = sizeof members / sizeof *members;
    out->details = value_map(a, count);
    if (out->details.map.count != count || a->full)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    memcpy(out->details.map.members, members, sizeof members);
    return true;
}

static bool fill_words(const struct refresh *r, struct action *out, struct err *e)
{
    const struct roots_source *s = r->source;
    struct arena *a = r->a;
    struct sb b;
    struct str age = roots_age(s->roots.file, a);
    out->title = str_fmt(a,
                         "root certificates: %s of " STR_FMT "; %zu added, %zu updated, %zu "
                         "removed, %zu distrusted",
                         r->new_roots ? "list" : "same list", STR_ARG(age), r->added.count,
                         r->updated.count, r->removed.count, r->distrusted.count);
    sb_init(&b, 1 << 16);
    for (size_t i = 0; i < r->missing.count; i++)
        sb_printf(&b, "%scannot be added: " STR_FMT, b.len ? "; " : "",
                  STR_ARG(r->missing.item[i]));
    if (r->kept.count)
        sb_printf(&b, "%s%zu damaged in AuthRoot, left as they are", b.len ? "; " : "",
                  r->kept.count);
    for (size_t i = 0; i < s->note_count; i++)
        sb_printf(&b, "%s" STR_FMT, b.len ? "; " : "", STR_ARG(s->notes[i]));
    out->note = str_dup(a, (struct str){b.ptr ? b.ptr : "", b.len});
    sb_done(&b);
    return (out->title.ptr && out->note.ptr) || err_set(e, ERR_NOMEM, 0, "out of memory");
}

/* ---- all of it ---------------------------------------------------------------------------------
 */

bool roots_refresh(struct roots_source *s, struct trust *t, struct host *h,
                   const struct str *needed, size_t needed_count, uint64_t reference_time,
                   struct arena *a, struct action *out, struct err *e)
{
    struct refresh r = {.source = s, .host = h, .time = reference_time, .a = a};
    bool ok = compare(&r, e) && set_lists(&r, e) && bring_stores(&r, e) &&
              bring_needed(&r, t, needed, needed_count, e) && fill_details(&r, out, e) &&
              fill_words(&r, out, e);
    list_file_close(r.held_roots);
    list_file_close(r.held_disallowed);
    if (!ok)
        return false;
    out->kind = ACTION_ROOTS_REFRESH;
    out->changes = r.changes;
    out->change_count = r.count;
    return true;
}
