#include "report/layout.h"
#include "report/policy_report.h"

/* A labelled block of lines; the label stands beside the first. */
static void field(const struct layout *l, bool first, const char *label, struct str text,
                  unsigned depth)
{
    if (first) {
        sb_printf(l->out, "%*s", LABEL_INDENT, "");
        lay_colour(l, DIM, str_of(label));
        lay_pad(l, LABEL_INDENT + strlen(label), LABEL_TEXT);
    } else {
        sb_printf(l->out, "%*s", LABEL_TEXT, "");
    }
    enum { STEP = 2, DEEP = 10 };
    unsigned indent = (depth < DEEP ? depth : DEEP) * STEP;
    sb_printf(l->out, "%*s", (int)indent, "");
    lay_wrap(l, text, LABEL_TEXT + indent);
}

static void references(const struct layout *l, const struct rule *r)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    for (size_t i = 0; i < r->reference_count; i++)
        sb_printf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(r->references[i]));
    lay_field(l, "see", (struct str){b.ptr, b.len});
    sb_done(&b);
}

static void one_input(const struct layout *l, bool first, const struct input *in)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    sb_printf(&b, STR_FMT " = ", STR_ARG(in->name));
    if (in->value.kind == VALUE_LIST && in->value.list.count == 0)
        sb_puts(&b, "nothing");
    else
        sb_value(&b, &in->value);
    sb_printf(&b, " (%s%s)", input_type_name(in->type), in->set ? ", set" : "");
    if (in->title.len)
        sb_printf(&b, ": " STR_FMT, STR_ARG(in->title));
    field(l, first, "inputs", (struct str){b.ptr, b.len}, 0);
    sb_done(&b);
}

static void one_read(const struct layout *l, bool first, const char *space, struct str what)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    sb_printf(&b, "%s: " STR_FMT, space, STR_ARG(what));
    field(l, first, "reads", (struct str){b.ptr, b.len}, 0);
    sb_done(&b);
}

/* Namespace by namespace, in the order of their first appearance, at most READS_SHOWN of each. */
static void reads(const struct layout *l, const struct rule_view *v)
{
    enum { READS_SHOWN = 6 };
    bool first = true;
    for (size_t i = 0; i < v->read_count; i++) {
        const char *space = v->reads[i].space;
        size_t seen = 0, before = 0;
        for (size_t k = 0; k < i; k++)
            before += strcmp(v->reads[k].space, space) == 0;
        for (size_t k = i; before == 0 && k < v->read_count; k++) {
            if (strcmp(v->reads[k].space, space) != 0 || ++seen > READS_SHOWN)
                continue;
            struct str what = v->reads[k].what;
            one_read(l, first, space, what.len ? what : STR("what its check function asks for"));
            first = false;
        }
        if (seen > READS_SHOWN) {
            char more[64];
            snprintf(more, sizeof more, "and %zu more", seen - READS_SHOWN);
            one_read(l, false, space, str_of(more));
        }
    }
}

static void one_rule(const struct layout *l, const struct rule_view *v)
{
    const struct rule *r = v->rule;
    struct sb place;
    lay_colour(l, BOLD, r->qualified);
    sb_printf(l->out, "  %s\n  ", severity_name(r->severity));
    lay_wrap(l, r->title, 2);
    lay_field(l, "why", r->rationale);
    references(l, r);
    for (size_t i = 0; i < v->applies_count; i++)
        field(l, i == 0, "only if", v->applies[i].text, v->applies[i].depth);
    for (size_t i = 0; i < v->want_count; i++)
        field(l, i == 0, "wants", v->wants[i].text, v->wants[i].depth);
    if (r->has_check)
        lay_field(l, "wants", STR("what its check function says"));
    reads(l, v);
    for (size_t i = 0; i < v->input_count; i++)
        one_input(l, i == 0, v->inputs[i]);
    for (size_t i = 0; i < v->repair_count; i++)
        field(l, i == 0, "repair", v->repairs[i], 0);
    sb_init(&place, 1 << 16);
    sb_printf(&place, STR_FMT ":%d", STR_ARG(r->policy->file), r->line);
    lay_field(l, "file", (struct str){place.ptr, place.len});
    sb_done(&place);
}

void report_rules_show(const struct rule_list *list, const struct report_style *style,
                       struct sb *out)
{
    struct layout l = {out, style};
    for (size_t i = 0; i < list->count && !out->bad; i++) {
        if (i)
            sb_putc(out, '\n');
        one_rule(&l, &list->rules[i]);
    }
}
