#include "base/utf16.h"
#include "cli/cli.h"
#include "cli/signed_view.h"
#include "formats/certstore.h"

static const struct args_option options[] = {
    ARTEFACT_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "inspect sst",
    .synopsis = "PATH... [OPTIONS]",
    .about = "Shows serialized certificate stores (.sst): every certificate with its properties; "
             "of a folder, all stores in it and below.",
    .options = options,
    .more = "exit codes: 0 read, 1 not readable as a serialized store, 64 wrong command line",
};

struct element_view {
    const char *kind;
    bool has_certificate;
    struct trust_certificate certificate;
    struct str friendly_name, usages, damage;
};

static void read_element(const struct cert_element *c, struct arena *a, struct element_view *out)
{
    struct err e = {0};
    struct span s;
    *out = (struct element_view){.kind = c->crl.len ? "crl" : c->ctl.len ? "ctl" : "certificate"};
    if (cert_element_property(c, PROP_FRIENDLY_NAME, &s))
        out->friendly_name = utf16z_to_utf8(a, s);
    if (cert_element_property(c, PROP_ENHKEY_USAGE, &s))
        out->usages = certstore_usages(s, a);
    if (c->crl.len || c->ctl.len)
        return;
    X509 *x = cert_parse(c->certificate, &e);
    if (!x) {
        out->damage = str_fmt(a, "%s", e.text);
        return;
    }
    out->has_certificate = true;
    certificate_view(x, a, &out->certificate);
    if (cert_element_property(c, PROP_SHA1, &s) &&
        !str_eq(artefact_hex(s, a), str_of(out->certificate.sha1)))
        out->damage = STR("its SHA-1 property is not that of the certificate");
    X509_free(x);
}

static void element_json(const struct artefact *a, const struct cert_element *c,
                         const struct element_view *v)
{
    struct json *j = a->json;
    json_open_object(j);
    json_key(j, "kind");
    json_cstr(j, v->kind);
    json_key(j, "certificate");
    if (v->has_certificate)
        certificate_json(j, &v->certificate);
    else
        json_nil(j);
    json_member(j, "friendly_name", v->friendly_name);
    json_member(j, "usages", v->usages);
    json_key(j, "properties");
    json_open_array(j);
    for (size_t i = 0; i < c->count; i++) {
        json_open_object(j);
        json_key(j, "id");
        json_u64(j, c->records[i].id);
        json_key(j, "size");
        json_u64(j, c->records[i].bytes.len);
        json_close_object(j);
    }
    json_close_array(j);
    json_member(j, "damage", v->damage);
    json_close_object(j);
}

static void element_terminal(const struct artefact *a, const struct element_view *v)
{
    const struct layout *l = a->layout;
    sb_puts(l->out, "    ");
    lay_colour(l, v->has_certificate ? PLAIN : YELLOW,
               v->has_certificate ? str_of(v->certificate.sha1) : str_of(v->kind));
    sb_puts(l->out, "  ");
    lay_colour(l, CYAN,
               v->friendly_name.len ? v->friendly_name : certificate_name(&v->certificate));
    if (v->has_certificate) {
        struct str until = artefact_time(v->certificate.not_after, a->mem);
        sb_printf(l->out, "  until %.10s", until.len ? until.ptr : "?");
    }
    if (v->damage.len) {
        sb_puts(l->out, "  ");
        lay_colour(l, RED, v->damage);
    }
    sb_putc(l->out, '\n');
}

static void elements(const struct artefact *a, const struct sst *s)
{
    struct arena mem;
    struct element_view v;
    arena_init(&mem, 1 << 24);
    struct artefact one = *a;
    one.mem = &mem;
    for (size_t i = 0; i < s->count; i++) {
        arena_reset(&mem);
        read_element(&s->elements[i], &mem, &v);
        if (a->json)
            element_json(&one, &s->elements[i], &v);
        else
            element_terminal(&one, &v);
    }
    arena_done(&mem);
}

static bool show(const struct artefact *a, struct err *e)
{
    struct sst s;
    if (!sst_parse(a->bytes, a->mem, &s, e))
        return false;
    if (!a->json) {
        artefact_heading(a);
        lay_field(a->layout, "elements", str_fmt(a->mem, "%zu", s.count));
        elements(a, &s);
        return true;
    }
    artefact_begin_json(a, "rectify.inspect.sst/1");
    json_key(a->json, "count");
    json_u64(a->json, s.count);
    json_key(a->json, "elements");
    json_open_array(a->json);
    elements(a, &s);
    json_close_array(a->json);
    json_close_object(a->json);
    return true;
}

static const struct artefact_kind kind = {
    .spec = &spec,
    .suffixes = {".sst"},
    .show = show,
};

int inspect_sst(int argc, char **argv)
{
    return artefact_verb(&kind, argc, argv);
}
