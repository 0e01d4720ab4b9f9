#include "report/json_value.h"
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

static void reads(struct json *j, const struct rule_view *v)
{
    json_key(j, "reads");
    json_open_array(j);
    for (size_t i = 0; i < v->read_count; i++) {
        json_open_object(j);
        text(j, "namespace", str_of(v->reads[i].space));
        text(j, "what", v->reads[i].what);
        json_close_object(j);
    }
    json_close_array(j);
}

static void lines(struct json *j, const char *key, const struct want_line *items, size_t count)
{
    json_key(j, key);
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        json_key(j, "depth");
        json_u64(j, items[i].depth);
        text(j, "text", items[i].text);
        json_close_object(j);
    }
    json_close_array(j);
}

static void one_rule(struct json *j, const struct rule_view *v)
{
    const struct rule *r = v->rule;
    json_open_object(j);
    text(j, "rule", r->qualified);
    text(j, "policy", r->policy->id);
    text(j, "title", r->title);
    text(j, "severity", str_of(severity_name(r->severity)));
    text(j, "rationale", r->rationale);
    texts(j, "references", r->references, r->reference_count);
    text(j, "kind", r->want ? STR("want") : STR("check"));
    lines(j, "applies", v->applies, v->applies_count);
    lines(j, "wants", v->wants, v->want_count);
    reads(j, v);
    json_key(j, "inputs");
    json_open_array(j);
    for (size_t i = 0; i < v->input_count; i++)
        json_str(j, v->inputs[i]->name);
    json_close_array(j);
    texts(j, "repair", v->repairs, v->repair_count);
    text(j, "file", r->policy->file);
    json_key(j, "line");
    json_i64(j, r->line);
    json_close_object(j);
}

static void one_input(struct json *j, const struct input *in)
{
    json_open_object(j);
    text(j, "name", in->name);
    text(j, "type", str_of(input_type_name(in->type)));
    text(j, "title", in->title);
    json_key(j, "value");
    json_value(j, &in->value);
    json_key(j, "set");
    json_bool(j, in->set);
    json_key(j, "minimum");
    json_value(j, &in->minimum);
    json_key(j, "maximum");
    json_value(j, &in->maximum);
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
    json_key(j, "inputs");
    json_open_array(j);
    for (size_t i = 0; i < p->input_count; i++)
        one_input(j, &p->inputs[i]);
    json_close_array(j);
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
    for (size_t i = 0; i < list->count; i++)
        if (i == 0 || list->rules[i].rule->policy != list->rules[i - 1].rule->policy)
            one_policy(&j, list->rules[i].rule->policy);
    json_close_array(&j);
    json_key(&j, "rules");
    json_open_array(&j);
    for (size_t i = 0; i < list->count; i++)
        one_rule(&j, &list->rules[i]);
    json_close_array(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}
