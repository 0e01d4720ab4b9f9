#include "report/layout.h"
#include "report/policy_report.h"

enum { ID_LEAST = 4, ID_MOST = 44, SEVERITY_COLUMNS = 8, GAP = 2, BESIDE = 24 };

static const enum colour severity_colours[] = {DIM, PLAIN, YELLOW, RED, RED};

static size_t id_columns(const struct rule_list *list)
{
    size_t most = ID_LEAST;
    for (size_t i = 0; i < list->count; i++) {
        size_t n = list->rules[i].rule->qualified.len;
        if (n > most)
            most = n;
    }
    return most < ID_MOST ? most : ID_MOST;
}

static void padded(const struct layout *l, enum colour c, struct str text, size_t columns)
{
    lay_colour(l, c, text);
    for (size_t n = text.len; n < columns + GAP; n++)
        sb_putc(l->out, ' ');
}

/* Ids and severities are ASCII: bytes are columns. */
static void row(const struct layout *l, const struct rule *r, size_t id)
{
    size_t title = id + SEVERITY_COLUMNS + 2 * GAP;
    struct str severity = str_of(severity_name(r->severity));
    padded(l, BOLD, r->qualified, id);
    if (r->qualified.len > id)
        sb_printf(l->out, "\n%*s", (int)(id + GAP), "");
    padded(l, severity_colours[r->severity], severity, SEVERITY_COLUMNS);
    if (l->style->width < title + BESIDE) {
        title = 4;
        sb_printf(l->out, "\n%*s", (int)title, "");
    }
    lay_wrap(l, r->title, (unsigned)title);
}

static size_t policies_shown(const struct rule_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++)
        n += i == 0 || list->rules[i].rule->policy != list->rules[i - 1].rule->policy;
    return n;
}

void report_rules_terminal(const struct rule_list *list, const struct report_style *style,
                           struct sb *out)
{
    struct layout l = {out, style};
    size_t id = id_columns(list), policies = policies_shown(list);
    for (size_t i = 0; i < list->count && !out->bad; i++)
        row(&l, list->rules[i].rule, id);
    sb_printf(out, "\n%zu %s in %zu %s\n", list->count, list->count == 1 ? "rule" : "rules",
              policies, policies == 1 ? "policy" : "policies");
}
