#include "base/json.h"
#include "report/policy_report.h"

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

static void texts(struct json *j, const char *key, const struct str *items, size_t count)
{
    json_key(j, key);
    json_open_array(j);
    for (size_t i = 0; i < count; i++)
        json_str(j, items[i]);
    json_close_array(j);
}

static void one_rule(struct json *j, const struct rule *r)
{
    json_open_object(j);
    text(j, "rule", r->qualified);
    text(j, "policy", r->policy->id);
    text(j, "title", r->title);
    text(j, "severity", str_of(severity_name(r->severity)));
    text(j, "rationale", r->rationale);
    texts(j, "references", r->references, r->reference_count);
    text(j, "kind", r->has_check ? STR("check") : STR("want"));
    text(j, "file", r->policy->file);
    json_key(j, "line");
    json_i64(j, r->line);
    json_close_object(j);
}

static void one_policy(struct json *j, const struct policy *p)
{
    json_open_object(j);
    text(j, "id", p->id);
    text(j, "title", p->title);
    text(j, "file", p->file);
    json_key(j, "builtin");
    json_bool(j, p->builtin);
    texts(j, "references", p->references, p->reference_count);
    json_close_object(j);
}

void report_rules_json(const struct rule_list *list, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    text(&j, "schema", STR("rectify.rules/1"));
    json_key(&j, "policies");
    json_open_array(&j);
    /* Rules come policy by policy. */
    for (size_t i = 0; i < list->rule_count; i++)
        if (i == 0 || list->rules[i]->policy != list->rules[i - 1]->policy)
            one_policy(&j, list->rules[i]->policy);
    json_close_array(&j);
    json_key(&j, "rules");
    json_open_array(&j);
    for (size_t i = 0; i < list->rule_count; i++)
        one_rule(&j, list->rules[i]);
    json_close_array(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}
