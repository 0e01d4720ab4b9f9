#include "report/parts.h"
#include "report/plan_report.h"

void report_plan_terminal(const struct plan *plan, const char *plan_file,
                          const struct report_style *style, struct sb *out)
{
    struct layout l = {out, style};
    (void)plan_file;
    terminal_report_head(&l, &plan->now);
    for (size_t i = 0; i < plan->action_count; i++)
        lay_field(&l, "action", plan->actions[i].title);
}
