#include "report/report.h"
#include "report/waivers.h"

static void text_or_null(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    if (s.len)
        json_str(j, s);
    else
        json_nil(j);
}

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

static void head(struct json *j, const char *schema, const struct run_report *run)
{
    json_key(j, "schema");
    json_cstr(j, schema);
    json_key(j, "tool");
    json_open_object(j);
    text(j, "name", STR("rectify"));
    text(j, "version", run->tool_version);
    json_close_object(j);
    json_key(j, "run");
    json_open_object(j);
    text(j, "id", run->run_id);
    json_key(j, "started");
    json_time(j, run->started);
    json_key(j, "reference_time");
    json_time(j, run->reference_time);
    json_key(j, "duration_ms");
    json_u64(j, run->duration_ms);
    if (run->profile.len)
        text(j, "profile", run->profile);
    json_close_object(j);
}

static void target(struct json *j, const struct target_info *t)
{
    json_key(j, "target");
    json_open_object(j);
    text(j, "kind", str_of(target_kind_name(t->kind)));
    text_or_null(j, "location", t->location);
    json_key(j, "collection");
    json_bool(j, t->collection);
    text_or_null(j, "computer_name", t->computer_name);
    json_key(j, "os");
    json_open_object(j);
    text_or_null(j, "product", t->os_product);
    text_or_null(j, "version", t->os_version);
    text_or_null(j, "build", t->os_build);
    text_or_null(j, "arch", t->os_arch);
    json_close_object(j);
    text_or_null(j, "time_zone", t->time_zone);
    json_close_object(j);
}

static void observation(struct json *j, const char *key, const struct observation *o,
                        const char *sha256)
{
    json_key(j, key);
    json_open_object(j);
    text(j, "text", o->text);
    json_key(j, "value");
    json_value(j, &o->value);
    if (sha256 && sha256[0])
        text(j, "sha256", str_of(sha256));
    json_close_object(j);
}

static void coverage(struct json *j, const struct coverage *c)
{
    json_key(j, "coverage");
    json_open_object(j);
    json_key(j, "from");
    json_time(j, c->from);
    json_key(j, "to");
    json_time(j, c->to);
    json_key(j, "complete");
    json_bool(j, c->complete);
    text_or_null(j, "reason", c->reason);
    json_close_object(j);
}

static void one_evidence(struct json *j, const struct evidence *e)
{
    json_open_object(j);
    text(j, "artefact", e->artefact);
    text(j, "where", e->where);
    text(j, "note", e->note);
    text_or_null(j, "sha256", str_of(e->sha256));
    json_close_object(j);
}

static void result(struct json *j, const struct result *r)
{
    json_open_object(j);
    text(j, "rule", r->rule->qualified);
    text(j, "policy", r->rule->policy->id);
    text(j, "title", r->rule->title);
    text(j, "severity", str_of(severity_name(r->rule->severity)));
    text(j, "verdict", str_of(verdict_name(r->verdict)));
    text(j, "message", r->message);
    observation(j, "observed", &r->observed, r->observed_sha256);
    observation(j, "expected", &r->expected, NULL);
    json_waiver(j, r);
    if (r->coverage.known)
        coverage(j, &r->coverage);
    json_key(j, "evidence");
    json_open_array(j);
    for (size_t i = 0; i < r->evidence.count; i++)
        one_evidence(j, &r->evidence.items[i]);
    json_close_array(j);
    json_key(j, "remedies");
    json_open_array(j);
    for (size_t i = 0; i < r->remedy_count; i++)
        json_str(j, r->remedies[i]);
    json_close_array(j);
    json_close_object(j);
}

void json_report_head(struct json *j, const char *schema, const struct run_report *run)
{
    head(j, schema, run);
    target(j, &run->target);
}

void json_report_result(struct json *j, const struct result *r)
{
    result(j, r);
}

void json_report_evidence(struct json *j, const struct evidence *e)
{
    one_evidence(j, e);
}

static void diagnoses(struct json *j, const struct run_report *run)
{
    json_key(j, "diagnosis");
    json_open_array(j);
    for (size_t i = 0; i < run->diagnosis_count; i++) {
        const struct diagnosis *d = &run->diagnosis[i];
        json_open_object(j);
        text(j, "cause", d->cause);
        text(j, "article", d->article);
        json_key(j, "likely");
        json_bool(j, d->likely);
        text(j, "text", d->text);
        json_close_object(j);
    }
    json_close_array(j);
}

void report_json(const struct run_report *run, struct sb *out)
{
    static const enum verdict order[] = {VERDICT_PASS,     VERDICT_FAIL,           VERDICT_UNKNOWN,
                                         VERDICT_CONFLICT, VERDICT_NOT_APPLICABLE, VERDICT_ERROR,
                                         VERDICT_WAIVED};
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    head(&j, "rectify.report/1", run);
    target(&j, &run->target);
    json_key(&j, "results");
    json_open_array(&j);
    for (size_t i = 0; i < run->result_count; i++)
        result(&j, &run->results[i]);
    json_close_array(&j);
    diagnoses(&j, run);
    json_waiver_notes(&j, run);
    json_key(&j, "summary");
    json_open_object(&j);
    for (size_t i = 0; i < VERDICTS; i++) {
        json_key(&j, verdict_name(order[i]));
        json_u64(&j, run->summary[order[i]]);
    }
    json_close_object(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}

/* ---- facts --------------------------------------------------------------------------------- */

static void reading(struct json *j, const struct product_reading *r)
{
    char version[VERSION_TEXT];
    static const char *const roles[] = {"primary", "corroborates", "trace", "hotfix"};
    json_open_object(j);
    text(j, "source", r->source->label);
    text(j, "role", str_of(roles[r->source->role]));
    text(j, "state", str_of(fact_state_name(r->state)));
    text_or_null(j, "view", r->view);
    text_or_null(j, "text", r->text);
    json_key(j, "version");
    json_cstr(j, r->has_version ? version_format(r->version, version) : NULL);
    json_key(j, "evidence");
    one_evidence(j, &r->evidence);
    json_close_object(j);
}

static void product(struct json *j, const struct product_fact *p)
{
    static const char *const states[] = {"installed", "absent", "conflict", "unknown"};
    char version[VERSION_TEXT];
    bool has = p->state == PRODUCT_INSTALLED || p->state == PRODUCT_CONFLICT;
    json_open_object(j);
    text(j, "id", p->def->id);
    text(j, "name", p->def->name);
    text(j, "state", str_of(states[p->state]));
    json_key(j, "version");
    json_cstr(j, has ? version_format(p->version, version) : NULL);
    text_or_null(j, "patch", has ? p->patch : (struct str){NULL, 0});
    text_or_null(j, "reason", p->reason);
    json_key(j, "sources");
    json_open_array(j);
    for (size_t i = 0; i < p->reading_count; i++)
        reading(j, &p->readings[i]);
    json_close_array(j);
    json_close_object(j);
}

static void service(struct json *j, const struct service_fact *s)
{
    json_open_object(j);
    text(j, "name", s->name);
    text(j, "state", str_of(fact_state_name(s->state)));
    text_or_null(j, "reason", s->reason);
    text_or_null(j, "display_name", s->display_name);
    text_or_null(j, "image_path", s->image_path);
    json_key(j, "start");
    json_cstr(j, s->has_start ? service_start_name(s->start) : NULL);
    json_key(j, "evidence");
    one_evidence(j, &s->evidence);
    json_close_object(j);
}

static void event_log(struct json *j, const struct log_fact *g)
{
    json_open_object(j);
    text(j, "channel", g->channel);
    text(j, "state", str_of(fact_state_name(g->state)));
    text_or_null(j, "reason", g->reason);
    text_or_null(j, "artefact", g->artefact);
    json_key(j, "records");
    json_u64(j, g->records);
    json_key(j, "bytes");
    json_u64(j, g->bytes);
    json_key(j, "first");
    json_time(j, g->first);
    json_key(j, "last");
    json_time(j, g->last);
    json_key(j, "configured_size");
    if (g->configured_size)
        json_u64(j, g->configured_size);
    else
        json_nil(j);
    json_key(j, "dirty");
    json_bool(j, g->dirty);
    json_key(j, "damaged");
    json_u64(j, g->damaged);
    if (g->coverage.known)
        coverage(j, &g->coverage);
    json_close_object(j);
}

void report_facts_json(const struct facts_report *facts, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    head(&j, "rectify.facts/1", &facts->run);
    target(&j, &facts->run.target);
    text_or_null(&j, "language", facts->run.target.os_language);
    json_key(&j, "products");
    json_open_array(&j);
    for (size_t i = 0; i < facts->product_count; i++)
        product(&j, &facts->products[i]);
    json_close_array(&j);
    json_key(&j, "services");
    json_open_array(&j);
    for (size_t i = 0; i < facts->service_count; i++)
        service(&j, &facts->services[i]);
    json_close_array(&j);
    json_key(&j, "logs");
    json_open_array(&j);
    for (size_t i = 0; i < facts->log_count; i++)
        event_log(&j, &facts->logs[i]);
    json_close_array(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}
