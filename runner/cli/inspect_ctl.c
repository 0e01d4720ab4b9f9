#include "base/utf16.h"
#include "cli/cli.h"
#include "cli/signed_list.h"
#include "formats/certstore.h"

static const struct args_option options[] = {
    ARTEFACT_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "inspect ctl",
    .synopsis = "PATH... [OPTIONS]",
    .about = "Shows certificate trust lists (.stl, also inside a .cab as Windows Update serves "
             "them): signature, sequence number, times, and every entry with its properties; of a "
             "folder, all lists in it and below.",
    .options = options,
    .more = "exit codes: 0 read, 1 not readable as a trust list, 64 wrong command line",
};

enum { FIRST_PROPERTY = 1, LAST_PROPERTY = 255 };

struct entry_view {
    struct str id, name, usages, disabled_usages, not_before_usages;
    uint64_t disabled, not_before;
    bool has_disabled, has_not_before; /* the property is there, perhaps empty */
};

static uint64_t filetime(struct span s)
{
    return s.len == 8 ? load_u64(s.ptr) : 0;
}

static void read_entry(const struct ctl_entry *entry, struct arena *a, struct entry_view *out)
{
    struct span s;
    *out = (struct entry_view){.id = artefact_hex(entry->id, a)};
    if (ctl_property(entry, PROP_FRIENDLY_NAME, &s))
        out->name = utf16z_to_utf8(a, s);
    if (ctl_property(entry, PROP_ENHKEY_USAGE, &s))
        out->usages = certstore_usages(s, a);
    if (ctl_property(entry, PROP_DISALLOWED_USAGE, &s))
        out->disabled_usages = certstore_usages(s, a);
    if (ctl_property(entry, PROP_NOT_BEFORE_USAGE, &s))
        out->not_before_usages = certstore_usages(s, a);
    out->has_disabled = ctl_property(entry, PROP_DISALLOWED_TIME, &s);
    if (out->has_disabled)
        out->disabled = filetime(s);
    out->has_not_before = ctl_property(entry, PROP_NOT_BEFORE_TIME, &s);
    if (out->has_not_before)
        out->not_before = filetime(s);
}

/* Zero bytes mean that no date is set: null, told apart by the list of properties. */
static void entry_json(const struct artefact *a, const struct ctl_entry *entry,
                       const struct entry_view *v)
{
    struct json *j = a->json;
    struct span s;
    json_open_object(j);
    json_member(j, "id", v->id);
    json_member(j, "friendly_name", v->name);
    json_member(j, "usages", v->usages);
    json_key(j, "disabled_from");
    json_time(j, v->disabled);
    json_member(j, "disabled_usages", v->disabled_usages);
    json_key(j, "not_before_from");
    json_time(j, v->not_before);
    json_member(j, "not_before_usages", v->not_before_usages);
    json_key(j, "properties");
    json_open_array(j);
    for (uint32_t id = FIRST_PROPERTY; id <= LAST_PROPERTY; id++)
        if (ctl_property(entry, id, &s))
            json_u64(j, id);
    json_close_array(j);
    json_close_object(j);
}

static void date(const struct artefact *a, const char *what, uint64_t t, struct str usages)
{
    struct str when = artefact_time(t, a->mem);
    sb_printf(a->layout->out, "  %s %.10s", what, when.len ? when.ptr : "(no date)");
    if (usages.len) {
        sb_puts(a->layout->out, " for ");
        sb_terminal(a->layout->out, usages);
    }
}

static void entry_terminal(const struct artefact *a, const struct entry_view *v)
{
    struct sb *out = a->layout->out;
    sb_puts(out, "    ");
    sb_terminal(out, v->id);
    if (v->name.len) {
        sb_puts(out, "  ");
        lay_colour(a->layout, CYAN, v->name);
    }
    if (v->has_disabled)
        date(a, "disabled from", v->disabled, v->disabled_usages);
    if (v->has_not_before)
        date(a, "no new certificates from", v->not_before, v->not_before_usages);
    sb_putc(out, '\n');
}

static void entries(const struct artefact *a, const struct ctl *c)
{
    struct ctl_entry entry;
    struct entry_view v;
    struct arena mem;
    size_t cursor = 0;
    arena_init(&mem, 1 << 24);
    struct artefact one = *a;
    one.mem = &mem;
    while (ctl_next(c, &cursor, &entry, NULL)) {
        arena_reset(&mem);
        read_entry(&entry, &mem, &v);
        if (a->json)
            entry_json(&one, &entry, &v);
        else
            entry_terminal(&one, &v);
    }
    arena_done(&mem);
}

static void show_json(const struct artefact *a, const struct signed_list *l)
{
    artefact_begin_json(a, "rectify.inspect.ctl/1");
    json_key(a->json, "cabinet");
    json_bool(a->json, l->in_cabinet);
    signed_list_json(a, l);
    json_key(a->json, "entries");
    json_open_array(a->json);
    entries(a, &l->ctl);
    json_close_array(a->json);
    json_close_object(a->json);
}

static bool show(const struct artefact *a, struct err *e)
{
    struct signed_list l;
    bool ok = signed_list_open(a, true, &l, e);
    if (ok && a->json) {
        show_json(a, &l);
    } else if (ok) {
        signed_list_terminal(a, &l);
        sb_puts(a->layout->out, "  ");
        lay_colour(a->layout, BOLD, STR("entries"));
        sb_putc(a->layout->out, '\n');
        entries(a, &l.ctl);
    }
    signed_list_close(&l);
    return ok;
}

static const struct artefact_kind kind = {
    .spec = &spec,
    .suffixes = {".stl", ".ctl", ".cab"},
    .show = show,
};

int inspect_ctl(int argc, char **argv)
{
    return artefact_verb(&kind, argc, argv);
}
