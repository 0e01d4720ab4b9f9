/* The backend over a Windows volume: hives read with regf, files through the volume. */
#include "host/offline.h"

#include "base/utf16.h"
#include "base/wtime.h"
#include "host/hive_place.h"
#include "host/wow64.h"

enum { LINKS_MAX = 8 };

static struct offline *offline_of(struct host *h)
{
    return h->backend;
}

/* --- registry --- */

static void tell_place(struct arena *a, const struct hive *hv, struct str key, uint64_t written,
                       struct evidence *ev)
{
    char when[WTIME_TEXT];
    (void)key;
    ev->artefact = hv->file.path;
    if (written)
        ev->note = str_fmt(a, "key written %s%s" STR_FMT, wtime_format(written, when),
                           hv->note.len ? "; hive " : "", STR_ARG(hv->note));
    else if (hv->note.len)
        ev->note = str_fmt(a, "hive " STR_FMT, STR_ARG(hv->note));
}

/* State of an answer that is not FOUND; in a hive that lags behind, nothing is surely absent. */
static enum fact_state missing(struct arena *a, const struct hive *hv, enum regf_answer answer,
                               const struct err *e, struct str *reason)
{
    if (answer == REGF_BAD) {
        *reason = host_reason(a, hv->file.path, e);
        return FACT_UNREADABLE;
    }
    if (!hv->stale)
        return FACT_ABSENT;
    *reason = str_fmt(a, STR_FMT " is " STR_FMT, STR_ARG(hv->file.path), STR_ARG(hv->note));
    return FACT_UNREADABLE;
}

static bool torn(struct host *h, struct arena *a, const struct hive *hv, enum fact_state *state,
                 struct str *reason)
{
    if (h->ops->intact(h, &hv->file))
        return false;
    *state = FACT_UNREADABLE;
    *reason = str_fmt(a, STR_FMT ": a part of the file could not be read", STR_ARG(hv->file.path));
    return true;
}

/* Where a symbolic link on the way of `rest` leads: its place with what follows the link.  Windows
 * keeps the target in the link key's only value. */
static bool follow(const struct hive *hv, struct str rest, struct arena *a, struct str *out)
{
    for (size_t end = 0; end <= rest.len; end++) {
        struct regf_key k;
        struct regf_value v;
        struct span data;
        if (end < rest.len && rest.ptr[end] != '\\')
            continue;
        struct str front = {rest.ptr, end};
        if (regf_path(&hv->regf, front, &k, NULL) != REGF_FOUND)
            return false;
        if (regf_value(&hv->regf, &k, STR("SymbolicLinkValue"), &v, NULL) != REGF_FOUND ||
            v.type != REGF_LINK || !regf_value_data(&hv->regf, &v, a, &data, NULL))
            continue;
        struct str target = utf16_to_utf8(a, data), below;
        const char *root = NULL;
        if (wow64_below(target, STR("\\REGISTRY\\MACHINE"), &below))
            root = "HKLM";
        else if (wow64_below(target, STR("\\REGISTRY\\USER"), &below))
            root = "HKU";
        if (!root)
            return false;
        *out = str_fmt(a, "%s\\" STR_FMT STR_FMT, root, STR_ARG(below), (int)(rest.len - end),
                       rest.ptr + end);
        return out->ptr != NULL;
    }
    return false;
}

struct found_key {
    const struct hive *hive;
    struct regf_key key;
};

/* False: state and reason are set. */
static bool find_key(struct host *h, struct str place, struct arena *a, struct found_key *out,
                     enum fact_state *state, struct str *reason)
{
    for (unsigned links = 0; links <= LINKS_MAX; links++) {
        struct str rest, target;
        struct err e = {0};
        out->hive = offline_hive(h, place, &rest, state, reason);
        if (!out->hive)
            return false;
        enum regf_answer answer = regf_path(&out->hive->regf, rest, &out->key, &e);
        if (torn(h, a, out->hive, state, reason))
            return false;
        if (answer == REGF_FOUND)
            return true;
        if (answer == REGF_BAD || !follow(out->hive, rest, a, &target)) {
            *state = missing(a, out->hive, answer, &e, reason);
            return false;
        }
        place = target;
    }
    *state = FACT_UNREADABLE;
    *reason = STR("registry links lead in a circle");
    return false;
}

static void offline_value(struct host *h, struct str key, struct str name, struct arena *a,
                          struct reg_value *out)
{
    struct found_key k = {0};
    struct regf_value v;
    struct err e = {0};
    bool found = find_key(h, key, a, &k, &out->state, &out->reason);
    if (k.hive)
        tell_place(a, k.hive, key, found ? k.key.last_written : 0, &out->evidence);
    if (!found)
        return;
    enum regf_answer answer = regf_value(&k.hive->regf, &k.key, name, &v, &e);
    struct span data = {NULL, 0};
    if (answer == REGF_FOUND && !regf_value_data(&k.hive->regf, &v, a, &data, &e))
        answer = REGF_BAD;
    if (answer != REGF_FOUND) {
        out->state = missing(a, k.hive, answer, &e, &out->reason);
    } else {
        /* A copy: mapped bytes may change while they are looked at. */
        out->state = FACT_FOUND;
        out->type = v.type;
        out->data = span_of(arena_copy(a, data.ptr, data.len), data.len);
        if (data.len && !out->data.ptr) {
            out->state = FACT_UNREADABLE;
            out->reason = STR("value is larger than the memory allowed for it");
        }
    }
    (void)torn(h, a, k.hive, &out->state, &out->reason);
}

/* Names in an array that grows with what is really there: counts in a hive are claims. */
struct names {
    struct str *items;
    size_t count, cap;
};

static bool names_add(struct arena *a, struct names *n, struct str name)
{
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 32;
        struct str *grown = ARENA_ARRAY(a, cap, struct str);
        if (!grown)
            return false;
        if (n->count)
            memcpy(grown, n->items, n->count * sizeof *grown);
        n->items = grown;
        n->cap = cap;
    }
    n->items[n->count++] = name;
    return name.ptr != NULL;
}

static bool list_subkeys(const struct regf *r, const struct regf_key *k, struct arena *a,
                         struct reg_key *out, struct err *e)
{
    struct regf_subkeys it;
    struct regf_key sub;
    struct names names = {0};
    bool whole = regf_subkeys_begin(r, k, &it, e);
    while (whole) {
        struct str name;
        enum regf_answer answer = regf_subkeys_next(r, &it, &sub, e);
        if (answer == REGF_ABSENT)
            break;
        whole = answer == REGF_FOUND && regf_key_name(r, &sub, a, &name, e) &&
                names_add(a, &names, name);
    }
    out->subkeys = names.items;
    out->subkey_count = names.count;
    return whole;
}

static bool list_values(const struct regf *r, const struct regf_key *k, struct arena *a,
                        struct reg_key *out, struct err *e)
{
    struct names names = {0};
    bool whole = true;
    for (uint32_t i = 0; whole && i < k->values; i++) {
        struct regf_value v;
        struct str name;
        enum regf_answer answer = regf_value_at(r, k, i, &v, e);
        if (answer == REGF_ABSENT)
            break;
        whole = answer == REGF_FOUND && regf_value_name(r, &v, a, &name, e) &&
                names_add(a, &names, name);
    }
    out->values = names.items;
    out->value_count = names.count;
    return whole;
}

/* HKLM and HKU themselves are no hives. */
static bool list_root(struct host *h, struct str key, struct arena *a, struct reg_key *out)
{
    static struct str machine[] = {{"SAM", 3}, {"SECURITY", 8}, {"SOFTWARE", 8}, {"SYSTEM", 6}};
    if (str_ieq(key, STR("HKLM"))) {
        out->state = FACT_FOUND;
        out->subkeys = machine;
        out->subkey_count = sizeof machine / sizeof *machine;
        return true;
    }
    if (!str_ieq(key, STR("HKU")))
        return false;
    struct reg_key profiles;
    struct names names = {0};
    registry_key(h, STR("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"),
                 VIEW_NATIVE, true, a, &profiles);
    *out = profiles;
    out->values = NULL;
    out->value_count = 0;
    (void)names_add(a, &names, STR(".DEFAULT"));
    for (size_t i = 0; i < profiles.subkey_count; i++)
        (void)names_add(a, &names, profiles.subkeys[i]);
    out->subkeys = names.items;
    out->subkey_count = names.count;
    return true;
}

static void offline_key(struct host *h, struct str key, bool list, struct arena *a,
                        struct reg_key *out)
{
    struct found_key k = {0};
    struct err e = {0};
    if (list_root(h, key, a, out))
        return;
    bool found = find_key(h, key, a, &k, &out->state, &out->reason);
    if (k.hive)
        tell_place(a, k.hive, key, found ? k.key.last_written : 0, &out->evidence);
    if (!found)
        return;
    out->state = FACT_FOUND;
    out->written = k.key.last_written;
    if (list && !(list_subkeys(&k.hive->regf, &k.key, a, out, &e) &&
                  list_values(&k.hive->regf, &k.key, a, out, &e))) {
        out->state = FACT_UNREADABLE;
        out->reason = host_reason(a, k.hive->file.path, &e);
    }
    (void)torn(h, a, k.hive, &out->state, &out->reason);
}

/* --- files --- */

static void offline_open_file(struct host *h, struct str winpath, struct arena *a,
                              struct host_file *out)
{
    struct err e = {0};
    memset(out, 0, sizeof *out);
    out->file.fd = -1;
    out->path = winpath;
    out->state = volume_open(offline_of(h)->volume, winpath, &out->file, &e);
    if (out->state == FACT_FOUND) {
        out->bytes = out->file.map.bytes;
        out->path = out->file.path;
    } else if (e.kind != ERR_NONE) {
        out->reason = host_reason(a, winpath, &e);
    }
}

static void offline_close_file(struct host *h, struct host_file *f)
{
    (void)h;
    if (f->state == FACT_FOUND)
        volume_close_file(&f->file);
    f->state = FACT_ABSENT;
}

static bool offline_intact(const struct host *h, const struct host_file *f)
{
    (void)h;
    return file_intact(&f->file.map);
}

static enum fact_state offline_directory(struct host *h, struct str winpath)
{
    struct volume_list list;
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    enum fact_state state =
        volume_list(offline_of(h)->volume, winpath, STR("ntdll.dll"), &a, &list, NULL);
    arena_done(&a);
    return state;
}

static void offline_list(struct host *h, struct str windir, struct str glob, struct arena *a,
                         struct host_listing *out)
{
    struct err e = {0};
    out->state = volume_list(offline_of(h)->volume, windir, glob, a, &out->list, &e);
    if (out->state != FACT_FOUND && e.kind != ERR_NONE)
        out->reason = host_reason(a, windir, &e);
}

/* --- times --- */

static size_t offline_write_times(struct host *h, struct arena *a, struct write_time *out,
                                  size_t max)
{
    static const char *const places[] = {"HKLM\\SYSTEM", "HKLM\\SOFTWARE", "HKLM\\SECURITY",
                                         "HKLM\\SAM", "HKU\\.DEFAULT"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places && n < max; i++) {
        enum fact_state state;
        struct str rest, reason;
        struct regf_key root;
        const struct hive *hv = offline_hive(h, str_of(places[i]), &rest, &state, &reason);
        if (!hv)
            continue;
        uint64_t time = hv->regf.info.last_written;
        if (regf_root(&hv->regf, &root, NULL) && root.last_written > time)
            time = root.last_written;
        if (time == 0)
            continue;
        out[n].what = str_fmt(a, "hive " STR_FMT " last written", STR_ARG(hv->file.path));
        out[n++].time = time;
    }
    return n;
}

static void offline_close(struct host *h)
{
    struct offline *o = offline_of(h);
    offline_hives_close(h);
    volume_close(o->volume);
    free(o);
}

static const struct host_ops offline_ops = {
    .value = offline_value,
    .key = offline_key,
    .open_file = offline_open_file,
    .close_file = offline_close_file,
    .intact = offline_intact,
    .directory = offline_directory,
    .list = offline_list,
    .open_log = offline_open_log,
    .write_times = offline_write_times,
    .close = offline_close,
};

bool hive_place_find(struct host *h, struct str key, struct hive_place *out, struct err *e)
{
    enum fact_state state;
    struct str reason = {"", 0};
    if (h->ops != &offline_ops)
        return err_set(e, ERR_UNSUPPORTED, 0, "no offline Windows: it has no hives to write to");
    const struct hive *hv = offline_hive(h, key, &out->rest, &state, &reason);
    if (!hv)
        return err_set(e, ERR_NOT_FOUND, 0, STR_FMT, STR_ARG(reason));
    if (hv->stale)
        return err_set(e, ERR_FORMAT, 0, STR_FMT " is " STR_FMT, STR_ARG(hv->file.path),
                       STR_ARG(hv->note));
    out->path = hv->file.path;
    out->winpath = hv->winpath;
    return true;
}

bool hive_place_folder(struct host *h, const struct hive_place *p, int *fd, struct str *name,
                       struct err *e)
{
    BUG_ON(h->ops != &offline_ops);
    return volume_folder(offline_of(h)->volume, p->winpath, fd, name, e);
}

/* Marks of a hiberfil.sys that holds a Windows which will go on; one that woke up is zeroed or
 * marked `wake`. */
static bool sleeping(struct span s)
{
    static const char *const marks[] = {"hibr", "HIBR", "rstr", "RSTR"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (s.len >= 4 && memcmp(s.ptr, marks[i], 4) == 0)
            return true;
    return false;
}

bool hive_place_writable(struct host *h, struct err *e)
{
    struct arena a;
    struct host_file f;
    if (h->ops != &offline_ops || h->info.kind != TARGET_TREE)
        return err_set(e, ERR_DENIED, 0, "only the folder of an offline Windows can be written to");
    if (h->info.collection)
        return err_set(e, ERR_DENIED, 0,
                       "a collection of files (" STR_FMT "), no whole Windows volume; if it is "
                       "one, say --complete",
                       STR_ARG(h->info.collection_why));
    arena_init(&a, 1 << 16);
    h->ops->open_file(h, STR("\\hiberfil.sys"), &a, &f);
    bool ok = true;
    if (f.state == FACT_FOUND && (sleeping(f.bytes) || !h->ops->intact(h, &f)))
        ok = err_set(e, ERR_DENIED, 0,
                     "this Windows is hibernated or was shut down by fast startup (hiberfil.sys); "
                     "let it start and shut down fully");
    if (f.state == FACT_UNREADABLE)
        ok =
            err_set(e, ERR_DENIED, 0, "whether this Windows is hibernated cannot be told: " STR_FMT,
                    STR_ARG(f.reason));
    h->ops->close_file(h, &f);
    arena_done(&a);
    return ok;
}

bool host_offline(struct volume *v, const struct host_options *options, struct host **out,
                  struct err *e)
{
    struct offline *o = calloc(1, sizeof *o);
    if (!o || !host_new(&offline_ops, o, options, out, e)) {
        free(o);
        volume_close(v);
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    o->volume = v;
    struct host *h = *out;
    h->info = *volume_info(v);
    h->windows = volume_windows(v);
    size_t notes = h->info.note_count;
    const struct str *note = h->info.notes;
    h->info.notes = h->note;
    h->info.note_count = 0;
    for (size_t i = 0; i < notes; i++)
        host_note(h, note[i]);
    return true;
}
