#include "cli/signed_view.h"

void json_member(struct json *j, const char *key, struct str text)
{
    json_key(j, key);
    if (text.len)
        json_str(j, text);
    else
        json_nil(j);
}

void certificate_json(struct json *j, const struct trust_certificate *c)
{
    json_open_object(j);
    json_member(j, "common_name", c->common_name);
    json_member(j, "organisation", c->organisation);
    json_member(j, "issuer", c->issuer);
    json_member(j, "serial", c->serial);
    json_member(j, "sha1", str_of(c->sha1));
    json_member(j, "sha256", str_of(c->sha256));
    json_key(j, "not_before");
    json_time(j, c->not_before);
    json_key(j, "not_after");
    json_time(j, c->not_after);
    if (c->store.len)
        json_member(j, "store", c->store);
    json_close_object(j);
}

struct str certificate_name(const struct trust_certificate *c)
{
    return c->common_name.len ? c->common_name : c->organisation;
}

struct str certificate_line(const struct trust_certificate *c, struct arena *a)
{
    struct str from = artefact_time(c->not_before, a), to = artefact_time(c->not_after, a);
    struct str name = certificate_name(c);
    bool both = c->common_name.len && c->organisation.len && !str_eq(name, c->organisation);
    return str_fmt(a, STR_FMT "%s" STR_FMT "%s, issued by " STR_FMT ", valid %.10s to %.10s",
                   STR_ARG(name), both ? " (" : "", STR_ARG(both ? c->organisation : STR("")),
                   both ? ")" : "", STR_ARG(c->issuer), from.len ? from.ptr : "?",
                   to.len ? to.ptr : "?");
}

static const char *timestamp_name(enum cms_timestamp_kind k)
{
    return k == TIMESTAMP_LEGACY ? "pkcs9" : "rfc3161";
}

static void timestamp_json(struct json *j, const struct signature_view *s)
{
    json_key(j, "timestamp");
    if (s->timestamp == TIMESTAMP_NONE) {
        json_nil(j);
        return;
    }
    json_open_object(j);
    json_key(j, "kind");
    json_cstr(j, timestamp_name(s->timestamp));
    json_key(j, "time");
    json_time(j, s->timestamp_time);
    json_member(j, "digest_algorithm", s->timestamp_algorithm);
    json_key(j, "intact");
    json_bool(j, s->timestamp_intact);
    json_member(j, "problem", s->timestamp_problem);
    json_key(j, "signer");
    if (s->has_timestamper)
        certificate_json(j, &s->timestamper);
    else
        json_nil(j);
    json_close_object(j);
}

/* What this host makes of it. */
static void judged_json(const struct artefact *a, const struct trust_signature *t)
{
    struct json *j = a->json;
    json_key(j, "word");
    json_cstr(j, trust_word_name(t->word));
    json_member(j, "code", artefact_code(trust_word_code(t->word), a->mem));
    json_member(j, "reason", t->reason);
    json_member(j, "decided_by", t->decided_by);
    json_key(j, "root_in_program");
    json_bool(j, t->root_in_program);
    json_key(j, "judged_at");
    json_time(j, t->judged_at);
    json_key(j, "chain");
    json_open_array(j);
    for (size_t i = 0; i < t->chain_count; i++)
        certificate_json(j, &t->chain[i]);
    json_close_array(j);
    json_key(j, "notes");
    json_open_array(j);
    for (size_t i = 0; i < t->note_count; i++)
        json_str(j, t->notes[i]);
    json_close_array(j);
}

static void pages_json(struct json *j, const struct signature_view *s)
{
    json_key(j, "page_hashes");
    if (s->pages == PAGES_NONE) {
        json_nil(j);
        return;
    }
    json_open_object(j);
    json_member(j, "algorithm", s->page_algorithm);
    json_key(j, "match");
    json_bool(j, s->pages == PAGES_MATCH);
    json_close_object(j);
}

static void view_json(const struct artefact *a, const struct signature_view *s)
{
    struct json *j = a->json;
    json_open_object(j);
    json_member(j, "index", s->index);
    json_key(j, "nested");
    json_bool(j, s->nested);
    json_key(j, "intact");
    json_bool(j, s->problem.len == 0);
    json_member(j, "problem", s->problem);
    if (s->digest_algorithm.len) {
        json_member(j, "digest_algorithm", s->digest_algorithm);
        json_member(j, "digest", artefact_hex(s->digest, a->mem));
        json_key(j, "digest_matches");
        json_bool(j, s->digest_matches);
        pages_json(j, s);
    }
    json_key(j, "signer");
    if (s->has_certificate)
        certificate_json(j, &s->certificate);
    else
        json_nil(j);
    json_member(j, "signer_digest_algorithm", s->signer_algorithm);
    json_member(j, "program_name", s->program_name);
    json_member(j, "program_url", s->program_url);
    timestamp_json(j, s);
    json_key(j, "certificates");
    json_u64(j, s->certificates);
    if (s->judged)
        judged_json(a, s->judged);
    json_close_object(j);
}

void signed_json(const struct artefact *a, const struct signed_views *v)
{
    json_key(a->json, "signatures");
    json_open_array(a->json);
    for (size_t i = 0; i < v->count; i++)
        view_json(a, &v->items[i]);
    json_close_array(a->json);
}

/* ---- for people ------------------------------------------------------------------------------ */

static void show_timestamp(const struct artefact *a, const struct signature_view *s)
{
    if (s->timestamp == TIMESTAMP_NONE) {
        lay_field(a->layout, "timestamp", STR("none"));
        return;
    }
    struct str when = artefact_time(s->timestamp_time, a->mem);
    lay_field(a->layout, "timestamp",
              str_fmt(a->mem, STR_FMT ", %s, by " STR_FMT "%s" STR_FMT, STR_ARG(when),
                      s->timestamp == TIMESTAMP_LEGACY ? "countersignature" : "RFC 3161",
                      STR_ARG(s->has_timestamper ? certificate_name(&s->timestamper)
                                                 : STR("an unknown signer")),
                      s->timestamp_intact ? "" : ": ", STR_ARG(s->timestamp_problem)));
}

static void show_digest(const struct artefact *a, const struct signature_view *s)
{
    if (!s->digest_algorithm.len)
        return;
    lay_field(a->layout, "digest",
              str_fmt(a->mem, STR_FMT ", %s: " STR_FMT, STR_ARG(s->digest_algorithm),
                      s->digest_matches ? "that of the file" : "NOT that of the file",
                      STR_ARG(artefact_hex(s->digest, a->mem))));
    if (s->pages != PAGES_NONE)
        lay_field(a->layout, "pages",
                  str_fmt(a->mem, "page hashes (" STR_FMT ") %s", STR_ARG(s->page_algorithm),
                          s->pages == PAGES_MATCH ? "match the file" : "do NOT match the file"));
}

static void show_judged(const struct artefact *a, const struct trust_signature *t)
{
    bool reason = t->reason.len != 0;
    lay_field(a->layout, "trust",
              str_fmt(a->mem, "%s%s" STR_FMT, trust_word_name(t->word), reason ? ": " : "",
                      STR_ARG(t->reason)));
    for (size_t i = 1; i < t->chain_count; i++)
        lay_field(a->layout, i == 1 ? "chain" : "",
                  str_fmt(a->mem, STR_FMT "%s" STR_FMT "%s",
                          STR_ARG(certificate_name(&t->chain[i])),
                          t->chain[i].store.len ? " [" : "", STR_ARG(t->chain[i].store),
                          t->chain[i].store.len ? "]" : ""));
    for (size_t i = 0; i < t->note_count; i++)
        lay_field(a->layout, i ? "" : "notes", t->notes[i]);
}

static void view_terminal(const struct artefact *a, const struct signature_view *s)
{
    const struct layout *l = a->layout;
    sb_puts(l->out, "  ");
    lay_colour(l, BOLD,
               str_fmt(a->mem, "signature " STR_FMT "%s", STR_ARG(s->index),
                       s->nested ? " (nested)" : ""));
    sb_puts(l->out, "  ");
    if (s->problem.len)
        lay_colour(l, RED, s->problem);
    else
        lay_colour(l, GREEN, STR("intact"));
    sb_putc(l->out, '\n');
    if (s->has_certificate) {
        lay_field(l, "signer", certificate_line(&s->certificate, a->mem));
        lay_field(l, "sha1", str_of(s->certificate.sha1));
    }
    lay_field(l, "program", s->program_name);
    lay_field(l, "url", s->program_url);
    show_digest(a, s);
    if (s->has_certificate)
        show_timestamp(a, s);
    if (s->judged)
        show_judged(a, s->judged);
}

void signed_terminal(const struct artefact *a, const struct signed_views *v)
{
    for (size_t i = 0; i < v->count; i++)
        view_terminal(a, &v->items[i]);
    if (v->more)
        lay_field(a->layout, "more", STR("there are more signatures than are shown"));
}
