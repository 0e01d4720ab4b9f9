#include "base/json.h"
#include "report/apply_report.h"

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    if (s.len)
        json_str(j, s);
    else
        json_nil(j);
}

static void word(struct json *j, const char *key, const char *s)
{
    json_key(j, key);
    json_cstr(j, s);
}

static void actions(struct json *j, const struct apply_report *r)
{
    json_key(j, "actions");
    json_open_array(j);
    for (size_t i = 0; i < r->action_count; i++) {
        const struct applied_action *a = &r->actions[i];
        json_open_object(j);
        word(j, "kind", action_kind_name(a->kind));
        text(j, "title", a->title);
        word(j, "outcome", applied_outcome_name(a->outcome));
        text(j, "why", a->why);
        text(j, "note", a->note);
        json_close_object(j);
    }
    json_close_array(j);
}

static void verdicts(struct json *j, const struct apply_report *r)
{
    json_key(j, "verdicts");
    json_open_array(j);
    for (size_t i = 0; i < r->verdict_count; i++) {
        const struct applied_verdict *v = &r->verdicts[i];
        json_open_object(j);
        text(j, "rule", v->rule);
        word(j, "before", verdict_name(v->before));
        word(j, "predicted", verdict_name(v->predicted));
        word(j, "found", v->checked ? verdict_name(v->found) : NULL);
        text(j, "message", v->message);
        json_close_object(j);
    }
    json_close_array(j);
}

static void summary(struct json *j, const struct apply_report *r)
{
    size_t count[APPLIED_OUTCOMES] = {0};
    for (size_t i = 0; i < r->action_count; i++)
        count[r->actions[i].outcome]++;
    json_key(j, "summary");
    json_open_object(j);
    for (int o = 0; o < APPLIED_OUTCOMES; o++) {
        json_key(j, applied_outcome_name((enum applied_outcome)o));
        json_u64(j, count[o]);
    }
    json_close_object(j);
}

static void journal(struct json *j, const struct apply_report *r)
{
    json_key(j, "journal");
    if (!r->journal.len) {
        json_nil(j);
        return;
    }
    json_open_object(j);
    text(j, "path", r->journal);
    text(j, "id", str_of(r->journal_id));
    text(j, "state", r->journal_state);
    json_close_object(j);
}

void report_apply_json(const struct apply_report *r, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    word(&j, "schema", "rectify.apply/1");
    json_key(&j, "tool");
    json_open_object(&j);
    word(&j, "name", "rectify");
    text(&j, "version", r->tool_version);
    json_close_object(&j);
    word(&j, "verb", r->undo ? "undo" : "apply");
    json_key(&j, "dry_run");
    json_bool(&j, r->dry_run);
    json_key(&j, "resumed");
    json_bool(&j, r->resumed);
    word(&j, "result", apply_end_name(r->end));
    text(&j, "why", r->why);
    text(&j, "location", r->location);
    text(&j, "target_id", str_of(r->target));
    text(&j, "plan", str_of(r->plan));
    json_key(&j, "reference_time");
    json_time(&j, r->reference_time);
    journal(&j, r);
    actions(&j, r);
    verdicts(&j, r);
    summary(&j, r);
    json_close_object(&j);
    sb_putc(out, '\n');
}
