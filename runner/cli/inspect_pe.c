#include "cli/cli.h"
#include "cli/signed_view.h"
#include "cli/target.h"

static const struct args_option options[] = {
    TARGET_OPTIONS,
    ARTEFACT_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "inspect pe",
    .synopsis = "PATH... [--root DIR] [OPTIONS]",
    .about =
        "Shows executables: machine, version, and every embedded signature with its digests, "
        "signer and timestamp; of a folder, all executables in it and below.  With a target, "
        "whether that host would trust the file, from its own certificate stores and catalogs; "
        "PATH may then be a path of that Windows (C:\\..., %SystemRoot%\\...).",
    .options = options,
    .more = "exit codes: 0 read, 1 not readable as an executable, 64 wrong command line",
};

struct pe_view {
    struct pe pe;
    struct pe_version version;
    struct authenticode_table table;
    struct signed_views signatures;
    struct trust_verdict verdict;
    struct str damage; /* of the version resource */
};

static bool read_view(const struct artefact *a, struct pe_view *v, struct err *e)
{
    struct err version = {0};
    if (!pe_open(a->bytes, &v->pe, e) || !authenticode_table(&v->pe, a->mem, &v->table, e))
        return false;
    if (!pe_version(&v->pe, a->mem, &v->version, &version))
        v->damage = str_fmt(a->mem, "%s", version.text);
    for (size_t i = 0; i < v->table.count; i++)
        if (v->table.entry[i].type == AUTHENTICODE_PKCS7)
            signed_read(&v->signatures, v->table.entry[i].der, &v->pe, str_fmt(a->mem, "%zu", i),
                        a->mem);
    if (a->trust) {
        if (!trust_bytes(a->trust, a->bytes, a->mem, &v->verdict, e))
            return false;
        signed_judge(&v->signatures, &v->verdict);
    }
    if (a->mem->full)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    return true;
}

static struct str code_of(const struct trust_verdict *t, struct arena *a)
{
    return artefact_code(t->code, a);
}

static const struct trust_certificate *end_of_chain(const struct trust_verdict *t, bool root)
{
    const struct trust_signature *s = t->decided;
    if (!s || s->chain_count == 0)
        return NULL;
    const struct trust_certificate *end = &s->chain[s->chain_count - 1];
    if (!root)
        return &s->chain[0];
    /* A chain that lacks its root ends in somebody who did not issue himself. */
    return str_eq(end->issuer, certificate_name(end)) ? end : NULL;
}

static void name_member(struct json *j, const char *key, const struct trust_certificate *c)
{
    json_member(j, key, c ? certificate_name(c) : STR(""));
}

static void trust_json(const struct artefact *a, const struct trust_verdict *t)
{
    static const char *const sources[] = {NULL, "embedded", "catalog"};
    struct json *j = a->json;
    json_key(j, "trust");
    json_open_object(j);
    json_key(j, "word");
    json_cstr(j, trust_word_name(t->word));
    json_member(j, "code", code_of(t, a->mem));
    json_member(j, "reason", t->reason);
    json_key(j, "source");
    json_cstr(j, sources[t->source]);
    json_member(j, "catalog", t->catalog);
    name_member(j, "signer", end_of_chain(t, false));
    name_member(j, "root", end_of_chain(t, true));
    json_key(j, "root_in_program");
    if (t->decided)
        json_bool(j, t->decided->root_in_program);
    else
        json_nil(j);
    json_member(j, "decided_by", t->decided ? t->decided->decided_by : STR(""));
    json_key(j, "at");
    json_time(j, t->at);
    json_close_object(j);
}

static void show_json(const struct artefact *a, const struct pe_view *v)
{
    char buf[8], text[VERSION_TEXT];
    struct json *j = a->json;
    artefact_begin_json(a, "rectify.inspect.pe/1");
    json_key(j, "machine");
    json_cstr(j, pe_machine_name(v->pe.machine, buf));
    json_key(j, "version");
    json_cstr(j, v->version.has_version ? version_format(v->version.file, text) : NULL);
    json_member(j, "company", v->version.company);
    json_member(j, "product", v->version.product_name);
    json_member(j, "original_name", v->version.original_name);
    json_key(j, "certificate_table");
    json_open_object(j);
    json_key(j, "entries");
    json_u64(j, v->table.count);
    json_key(j, "malformed");
    json_bool(j, v->table.malformed);
    json_member(j, "problem", v->table.why);
    json_key(j, "extra_bytes");
    json_u64(j, v->table.extra);
    json_close_object(j);
    if (a->trust)
        trust_json(a, &v->verdict);
    signed_json(a, &v->signatures);
    json_close_object(j);
}

static void show_trust(const struct artefact *a, const struct trust_verdict *t)
{
    const struct layout *l = a->layout;
    bool reason = t->reason.len != 0;
    struct str at = artefact_time(t->at, a->mem);
    lay_field(l, "trust",
              str_fmt(a->mem, "%s (" STR_FMT ") at " STR_FMT "%s" STR_FMT, trust_word_name(t->word),
                      STR_ARG(code_of(t, a->mem)), STR_ARG(at), reason ? ": " : "",
                      STR_ARG(t->reason)));
    lay_field(l, "catalog", t->catalog);
    const struct trust_certificate *root = end_of_chain(t, true);
    if (t->decided && t->decided->decided_by.len)
        lay_field(
            l, "decided",
            str_fmt(a->mem, "by " STR_FMT "%s" STR_FMT "%s", STR_ARG(t->decided->decided_by),
                    root ? ", root " : "", STR_ARG(root ? certificate_name(root) : STR("")),
                    t->decided->root_in_program ? "" : ", in no verified list of Microsoft's"));
}

static void show_terminal(const struct artefact *a, const struct pe_view *v)
{
    char buf[8], text[VERSION_TEXT];
    const struct layout *l = a->layout;
    artefact_heading(a);
    lay_field(l, "machine", str_of(pe_machine_name(v->pe.machine, buf)));
    if (v->version.has_version)
        lay_field(l, "version",
                  str_fmt(a->mem, "%s%s" STR_FMT "%s" STR_FMT,
                          version_format(v->version.file, text), v->version.company.len ? ", " : "",
                          STR_ARG(v->version.company), v->version.product_name.len ? ", " : "",
                          STR_ARG(v->version.product_name)));
    lay_field(l, "damage", v->damage);
    if (v->table.malformed)
        lay_field(l, "table", v->table.why);
    if (v->table.extra)
        lay_field(
            l, "table",
            str_fmt(a->mem, "%llu bytes behind the signature", (unsigned long long)v->table.extra));
    if (a->trust)
        show_trust(a, &v->verdict);
    if (v->signatures.count == 0)
        lay_field(l, "signed", STR("no embedded signature"));
    signed_terminal(a, &v->signatures);
}

static bool show(const struct artefact *a, struct err *e)
{
    struct pe_view v = {0};
    if (!read_view(a, &v, e))
        return false;
    if (a->json)
        show_json(a, &v);
    else
        show_terminal(a, &v);
    return true;
}

static bool is_pe(struct span bytes)
{
    struct pe pe;
    struct err e = {0};
    return pe_open(bytes, &pe, &e);
}

static const struct artefact_kind kind = {
    .spec = &spec,
    .is_one = is_pe,
    .takes_target = true,
    .show = show,
};

int inspect_pe(int argc, char **argv)
{
    return artefact_verb(&kind, argc, argv);
}
