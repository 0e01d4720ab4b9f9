#include "base/utf16.h"
#include "cli/cli.h"
#include "cli/signed_list.h"

static const struct args_option options[] = {
    ARTEFACT_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "inspect cat",
    .synopsis = "PATH... [OPTIONS]",
    .about = "Shows security catalogs (.cat): signature, and the digest, file name and operating "
             "systems of every member; of a folder, all catalogs in it and below.",
    .options = options,
    .more = "exit codes: 0 read, 1 not readable as a catalog, 64 wrong command line",
};

struct member {
    struct str tag, digest_algorithm, digest, file, os, damage;
    bool pe;
};

/* A tag is the digest in hex as UTF-16 (version 1), a GUID, or the digest itself. */
static struct str tag_text(struct span tag, struct arena *a)
{
    bool wide = tag.len >= 2 && tag.len % 2 == 0;
    for (size_t i = 0; i + 1 < tag.len && wide; i += 2)
        wide = tag.ptr[i + 1] == 0 && (tag.ptr[i] >= 0x20 || i + 2 == tag.len) && tag.ptr[i] < 0x7F;
    return wide ? utf16z_to_utf8(a, tag) : artefact_hex(tag, a);
}

static void read_member(const struct ctl *c, const struct ctl_entry *entry, struct arena *a,
                        struct member *out)
{
    struct ctl_member m;
    struct spc_indirect spc;
    struct err e = {0};
    ctl_member(c, entry, &m);
    *out = (struct member){
        .tag = tag_text(m.tag, a),
        .file = ctl_member_name_value(entry, "File", a),
        .os = ctl_member_name_value(entry, "OSAttr", a),
    };
    if (m.indirect.len && spc_indirect_parse(m.indirect, a, &spc, &e)) {
        out->digest_algorithm = spc.digest_algorithm;
        out->digest = artefact_hex(spc.digest, a);
        out->pe = spc.is_pe;
    } else if (m.indirect.len) {
        out->damage = str_fmt(a, "%s", e.text);
    } else if (m.digest.len) {
        out->digest_algorithm = m.digest.len == 20 ? STR("sha1") : STR("sha256");
        out->digest = artefact_hex(m.digest, a);
    }
}

static void member_json(const struct artefact *a, const struct member *m)
{
    struct json *j = a->json;
    json_open_object(j);
    json_member(j, "tag", m->tag);
    json_member(j, "digest_algorithm", m->digest_algorithm);
    json_member(j, "digest", m->digest);
    json_member(j, "file", m->file);
    json_member(j, "os", m->os);
    if (m->damage.len)
        json_member(j, "damage", m->damage);
    json_close_object(j);
}

static void member_terminal(const struct artefact *a, const struct member *m)
{
    struct sb *out = a->layout->out;
    sb_puts(out, "    ");
    sb_terminal(out, m->digest.len ? m->digest : m->tag);
    if (m->file.len) {
        sb_puts(out, "  ");
        lay_colour(a->layout, CYAN, m->file);
    }
    if (m->damage.len) {
        sb_puts(out, "  ");
        lay_colour(a->layout, RED, m->damage);
    }
    sb_putc(out, '\n');
}

static void members(const struct artefact *a, const struct ctl *c)
{
    struct ctl_entry entry;
    struct member m;
    struct arena mem;
    size_t cursor = 0;
    arena_init(&mem, 1 << 24);
    struct artefact one = *a;
    one.mem = &mem;
    while (ctl_next(c, &cursor, &entry, NULL)) {
        arena_reset(&mem);
        read_member(c, &entry, &mem, &m);
        if (a->json)
            member_json(&one, &m);
        else
            member_terminal(&one, &m);
    }
    arena_done(&mem);
}

static void show_json(const struct artefact *a, const struct signed_list *l)
{
    artefact_begin_json(a, "rectify.inspect.cat/1");
    json_key(a->json, "version");
    json_u64(a->json, str_eq(l->ctl.subject_algorithm, STR(CTL_CATALOG_V2)) ? 2 : 1);
    signed_list_json(a, l);
    json_key(a->json, "members");
    json_open_array(a->json);
    members(a, &l->ctl);
    json_close_array(a->json);
    json_close_object(a->json);
}

static bool show(const struct artefact *a, struct err *e)
{
    struct signed_list l;
    bool ok = signed_list_open(a, false, &l, e);
    if (ok && !str_eq(l.ctl.subject_algorithm, STR(CTL_CATALOG)) &&
        !str_eq(l.ctl.subject_algorithm, STR(CTL_CATALOG_V2)))
        ok = err_set(e, ERR_FORMAT, 0, "a trust list, but no catalog; see inspect ctl");
    if (ok && a->json) {
        show_json(a, &l);
    } else if (ok) {
        signed_list_terminal(a, &l);
        sb_puts(a->layout->out, "  ");
        lay_colour(a->layout, BOLD, STR("members"));
        sb_putc(a->layout->out, '\n');
        members(a, &l.ctl);
    }
    signed_list_close(&l);
    return ok;
}

static const struct artefact_kind kind = {
    .spec = &spec,
    .suffixes = {".cat"},
    .show = show,
};

int inspect_cat(int argc, char **argv)
{
    return artefact_verb(&kind, argc, argv);
}
