#include "report/json_value.h"
#include "report/parts.h"
#include "report/plan_report.h"

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

static void text_or_null(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    if (s.len)
        json_str(j, s);
    else
        json_nil(j);
}

static void policies(struct json *j, const struct plan *p)
{
    json_key(j, "policies");
    json_open_array(j);
    for (size_t i = 0; i < p->policy_count; i++) {
        json_open_object(j);
        text(j, "id", p->policies[i].id);
        text_or_null(j, "path", p->policies[i].path);
        text(j, "sha256", str_of(p->policies[i].sha256));
        json_close_object(j);
    }
    json_close_array(j);
}

static void authorities(struct json *j, const struct plan *p)
{
    unsigned bits = plan_authorities(p);
    json_key(j, "authorities");
    json_open_array(j);
    for (unsigned i = 0; i < AUTHORITIES; i++)
        if (bits & 1u << i)
            json_cstr(j, authority_name((enum authority)(1u << i)));
    json_close_array(j);
}

static void image(struct json *j, const char *key, const struct reg_image *i)
{
    struct sb hex;
    json_key(j, key);
    if (!i->present) {
        json_nil(j);
        return;
    }
    sb_init(&hex, 2 * i->data.len + 64);
    sb_hex(&hex, i->data.ptr, i->data.len);
    json_open_object(j);
    json_key(j, "type");
    json_u64(j, i->type);
    text(j, "data", (struct str){hex.ptr, hex.len});
    json_close_object(j);
    if (hex.bad)
        j->out->bad = true;
    sb_done(&hex);
}

static void changes(struct json *j, const struct action *x)
{
    json_key(j, "changes");
    json_open_array(j);
    for (size_t i = 0; i < x->change_count; i++) {
        const struct change *c = &x->changes[i];
        json_open_object(j);
        text(j, "key", c->key);
        text(j, "name", c->name);
        image(j, "before", &c->before);
        image(j, "after", &c->after);
        json_key(j, "new_keys");
        json_u64(j, c->new_keys);
        json_key(j, "drop_key");
        json_bool(j, c->drop_key);
        json_close_object(j);
    }
    json_close_array(j);
}

static void actions(struct json *j, const struct plan *p)
{
    json_key(j, "actions");
    json_open_array(j);
    for (size_t i = 0; i < p->action_count; i++) {
        const struct action *x = &p->actions[i];
        json_open_object(j);
        text(j, "kind", str_of(action_kind_name(x->kind)));
        text(j, "authority", str_of(authority_name(action_authority(x->kind))));
        text(j, "title", x->title);
        text_or_null(j, "note", x->note);
        json_key(j, "rules");
        json_open_array(j);
        for (size_t k = 0; k < x->rule_count; k++)
            json_str(j, x->rules[k]->qualified);
        json_close_array(j);
        changes(j, x);
        json_key(j, "details");
        json_value(j, &x->details);
        json_close_object(j);
    }
    json_close_array(j);
}

static void predictions(struct json *j, const struct plan *p)
{
    json_key(j, "predictions");
    json_open_array(j);
    for (size_t i = 0; i < p->prediction_count; i++) {
        const struct prediction *x = &p->predictions[i];
        json_open_object(j);
        text(j, "rule", x->rule->qualified);
        text(j, "now", str_of(verdict_name(x->now)));
        text(j, "then", str_of(verdict_name(x->then)));
        text(j, "message", x->message);
        json_key(j, "repaired");
        json_bool(j, x->repaired);
        json_close_object(j);
    }
    json_close_array(j);
}

static void left_over(struct json *j, const struct plan *p)
{
    json_key(j, "manual");
    json_open_array(j);
    for (size_t i = 0; i < p->manual_count; i++) {
        json_open_object(j);
        text(j, "rule", p->manual[i].rule->qualified);
        text(j, "text", p->manual[i].text);
        text(j, "why", p->manual[i].why);
        json_close_object(j);
    }
    json_close_array(j);
    json_key(j, "trust_changes");
    json_open_array(j);
    for (size_t i = 0; i < p->trust_change_count; i++) {
        const struct trust_change *x = &p->trust_changes[i];
        json_open_object(j);
        text(j, "path", x->path);
        text(j, "now", x->now);
        text(j, "then", x->then);
        text(j, "reason", x->reason);
        json_close_object(j);
    }
    json_close_array(j);
}

void report_plan_json(const struct plan *plan, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    json_report_head(&j, "rectify.plan/1", &plan->now);
    text_or_null(&j, "location", plan->location);
    text(&j, "target_id", str_of(plan->target_id));
    text(&j, "digest", str_of(plan->digest));
    json_key(&j, "inputs");
    json_value(&j, &plan->inputs);
    policies(&j, plan);
    authorities(&j, plan);
    actions(&j, plan);
    predictions(&j, plan);
    left_over(&j, plan);
    json_close_object(&j);
    sb_putc(out, '\n');
}

unsigned plan_authorities(const struct plan *plan)
{
    unsigned bits = 0;
    for (size_t i = 0; i < plan->action_count; i++)
        bits |= (unsigned)action_authority(plan->actions[i].kind);
    return bits;
}
