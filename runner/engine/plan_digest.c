/* The canonical form of a plan: every field as "kind length bytes", so that no two plans share one.
 */
#include "base/digest.h"
#include "engine/plan.h"

enum { CANONICAL_MOST = 1 << 30, DEEPEST = 32 };

static void put_text(struct sb *b, const char *kind, struct str s)
{
    sb_printf(b, "%s %zu ", kind, s.len);
    sb_str(b, s);
    sb_putc(b, '\n');
}

static void put_number(struct sb *b, const char *kind, uint64_t n)
{
    sb_printf(b, "%s %llu\n", kind, (unsigned long long)n);
}

static void put_image(struct sb *b, const struct reg_image *i)
{
    if (!i->present) {
        sb_puts(b, "absent\n");
        return;
    }
    sb_printf(b, "value %lu %zu ", (unsigned long)i->type, i->data.len);
    sb_put(b, i->data.ptr, i->data.len);
    sb_putc(b, '\n');
}

static void put_value(struct sb *b, const struct value *v, unsigned depth)
{
    if (depth > DEEPEST) {
        b->bad = true;
        return;
    }
    switch (v->kind) {
    case VALUE_NULL:
        sb_puts(b, "null\n");
        return;
    case VALUE_BOOL:
        put_number(b, "bool", v->boolean);
        return;
    case VALUE_INT:
        put_number(b, "int", (uint64_t)v->integer);
        return;
    case VALUE_NUMBER:
        sb_printf(b, "number %.17g\n", v->number);
        return;
    case VALUE_TEXT:
        put_text(b, "text", v->text);
        return;
    case VALUE_TIME:
        put_number(b, "time", v->time);
        return;
    case VALUE_LIST:
        put_number(b, "list", v->list.count);
        for (size_t i = 0; i < v->list.count; i++)
            put_value(b, &v->list.items[i], depth + 1);
        return;
    case VALUE_MAP:
        put_number(b, "map", v->map.count);
        for (size_t i = 0; i < v->map.count; i++) {
            put_text(b, "name", v->map.members[i].name);
            put_value(b, &v->map.members[i].value, depth + 1);
        }
    }
}

static void put_action(struct sb *b, const struct action *x)
{
    put_text(b, "action", str_of(action_kind_name(x->kind)));
    put_number(b, "rules", x->rule_count);
    for (size_t i = 0; i < x->rule_count; i++)
        put_text(b, "rule", x->rules[i]->qualified);
    put_text(b, "title", x->title);
    put_text(b, "note", x->note);
    put_number(b, "changes", x->change_count);
    for (size_t i = 0; i < x->change_count; i++) {
        const struct change *c = &x->changes[i];
        put_text(b, "key", c->key);
        put_text(b, "name", c->name);
        put_image(b, &c->before);
        put_image(b, &c->after);
        put_number(b, "new_keys", c->new_keys);
        put_number(b, "drop_key", c->drop_key);
    }
    put_value(b, &x->details, 0);
}

static void put_outlook(struct sb *b, const struct plan *p)
{
    put_number(b, "predictions", p->prediction_count);
    for (size_t i = 0; i < p->prediction_count; i++) {
        const struct prediction *x = &p->predictions[i];
        put_text(b, "rule", x->rule->qualified);
        put_text(b, "now", str_of(verdict_name(x->now)));
        put_text(b, "then", str_of(verdict_name(x->then)));
        put_number(b, "repaired", x->repaired);
    }
    put_number(b, "manual", p->manual_count);
    for (size_t i = 0; i < p->manual_count; i++) {
        put_text(b, "rule", p->manual[i].rule->qualified);
        put_text(b, "text", p->manual[i].text);
        put_text(b, "why", p->manual[i].why);
    }
    put_number(b, "trust", p->trust_change_count);
    for (size_t i = 0; i < p->trust_change_count; i++) {
        const struct trust_change *x = &p->trust_changes[i];
        put_text(b, "path", x->path);
        put_text(b, "now", x->now);
        put_text(b, "then", x->then);
        put_text(b, "reason", x->reason);
    }
}

bool plan_digest(const struct plan *p, char out[65], struct err *e)
{
    struct sb b;
    sb_init(&b, CANONICAL_MOST);
    sb_puts(&b, "rectify.plan/1\n");
    put_text(&b, "target", str_of(p->target_id));
    put_value(&b, &p->inputs, 0);
    put_number(&b, "policies", p->policy_count);
    for (size_t i = 0; i < p->policy_count; i++) {
        put_text(&b, "policy", p->policies[i].id);
        put_text(&b, "sha256", str_of(p->policies[i].sha256));
    }
    put_number(&b, "actions", p->action_count);
    for (size_t i = 0; i < p->action_count; i++)
        put_action(&b, &p->actions[i]);
    put_outlook(&b, p);
    bool ok = !b.bad && sha256_hex(span_of(b.ptr, b.len), out, e);
    sb_done(&b);
    return ok || err_set(e, ERR_NOMEM, 0, "no memory for the plan's digest");
}
