#include "report/apply_report.h"
#include "report/parts.h"

enum { OUTCOME_TEXT = 11 };

static enum colour outcome_colour(enum applied_outcome o)
{
    static const enum colour colours[APPLIED_OUTCOMES] = {
        [APPLIED_PLANNED] = CYAN,   [APPLIED_DONE] = GREEN, [APPLIED_KEPT] = DIM,
        [APPLIED_DRIFTED] = YELLOW, [APPLIED_FAILED] = RED, [APPLIED_UNDONE] = YELLOW,
        [APPLIED_NOT] = DIM,
    };
    return colours[o];
}

static void actions(const struct layout *l, const struct apply_report *r)
{
    for (size_t i = 0; i < r->action_count; i++) {
        const struct applied_action *a = &r->actions[i];
        struct str word = str_of(applied_outcome_name(a->outcome));
        lay_colour(l, outcome_colour(a->outcome), word);
        lay_pad(l, word.len, OUTCOME_TEXT);
        lay_wrap(l, a->title, OUTCOME_TEXT);
        if (a->why.len) {
            lay_pad(l, 0, OUTCOME_TEXT);
            lay_wrap(l, a->why, OUTCOME_TEXT);
        }
        if (a->note.len) {
            lay_pad(l, 0, OUTCOME_TEXT);
            lay_wrap(l, a->note, OUTCOME_TEXT);
        }
    }
}

static void verdict(const struct layout *l, struct str rule, size_t column, enum verdict from,
                    enum verdict to, const char *note)
{
    lay_pad(l, 0, 2);
    lay_colour(l, PLAIN, rule);
    lay_pad(l, 2 + rule.len, column);
    lay_colour(l, terminal_verdict_colour(from), str_of(verdict_name(from)));
    sb_puts(l->out, " -> ");
    lay_colour(l, terminal_verdict_colour(to), str_of(verdict_name(to)));
    sb_printf(l->out, "%s\n", note);
}

/* Rules whose verdict changes, and those that came out otherwise. */
static void verdicts(const struct layout *l, const struct apply_report *r)
{
    size_t column = 0, same = 0;
    for (size_t i = 0; i < r->verdict_count; i++)
        if (r->verdicts[i].rule.len + 4 > column)
            column = r->verdicts[i].rule.len + 4;
    if (!r->verdict_count)
        return;
    sb_puts(l->out, r->dry_run ? "\nverdicts as predicted\n" : "\nverdicts\n");
    for (size_t i = 0; i < r->verdict_count; i++) {
        const struct applied_verdict *v = &r->verdicts[i];
        bool wrong = v->checked && v->found != v->predicted;
        if (wrong || v->before != v->predicted || l->style->verbose)
            verdict(l, v->rule, column, v->before, v->checked ? v->found : v->predicted,
                    wrong        ? "  not as predicted"
                    : v->checked ? ""
                    : r->dry_run ? ""
                                 : "  predicted, not checked");
        else
            same++;
    }
    if (same)
        sb_printf(l->out, "  %zu stay%s as %s\n", same, same == 1 ? "s" : "",
                  same == 1 ? "it is" : "they are");
}

static void ending(const struct layout *l, const struct apply_report *r)
{
    static const struct {
        const char *text;
        enum colour colour;
    } ends[APPLY_ENDS] = {
        [APPLY_VERIFIED] = {"applied and verified", GREEN},
        [APPLY_PREVIEWED] = {"dry run: nothing was written", CYAN},
        [APPLY_REVERTED] = {"undone: every value is as it was before", GREEN},
        [APPLY_UNDONE] = {"failed, and undone: every value is as it was before", RED},
        [APPLY_REFUSED] = {"refused: nothing was written", YELLOW},
        [APPLY_UNREPORTED] = {"applied and verified, but", YELLOW},
        [APPLY_BETWEEN] = {"stopped: some values may be written, others not", RED},
        [APPLY_INTERRUPTED] = {"interrupted", YELLOW},
    };
    sb_putc(l->out, '\n');
    if (r->end == APPLY_VERIFIED && r->action_count == 0) {
        sb_puts(l->out, "nothing to do\n");
        return;
    }
    /* Nothing is said of a target that the journal knows nothing of. */
    if (r->end == APPLY_REVERTED && r->action_count == 0) {
        sb_puts(l->out, "nothing to undo: the journal holds no changes\n");
        return;
    }
    lay_colour(l, ends[r->end].colour, str_of(ends[r->end].text));
    sb_putc(l->out, '\n');
    if (r->why.len) {
        lay_pad(l, 0, 2);
        lay_wrap(l, r->why, 2);
    }
}

static void line(const struct layout *l, const char *label, struct str text)
{
    if (!text.len)
        return;
    sb_puts(l->out, label);
    lay_pad(l, strlen(label), OUTCOME_TEXT);
    lay_wrap(l, text, OUTCOME_TEXT);
}

static void next_steps(const struct layout *l, const struct apply_report *r)
{
    bool open = r->end == APPLY_BETWEEN || r->end == APPLY_INTERRUPTED;
    if (r->undo || !r->journal.len) {
        line(l, "go on", open ? STR("the same rectify undo again") : STR(""));
        return;
    }
    if (open)
        line(l, "go on", STR("the same rectify apply with --resume and this journal"));
    if (open || r->end == APPLY_VERIFIED || r->end == APPLY_UNREPORTED) {
        struct sb b;
        sb_init(&b, 1 << 14);
        sb_puts(&b, "rectify undo ");
        sb_str(&b, r->journal);
        line(l, "undo", (struct str){b.ptr, b.len});
        sb_done(&b);
    }
}

void report_apply_terminal(const struct apply_report *r, const struct report_style *style,
                           struct sb *out)
{
    struct layout l = {out, style};
    if (!style->quiet) {
        line(&l, "target", r->location);
        line(&l, "journal", r->journal);
        sb_puts(out, r->action_count ? "\n" : "");
    }
    actions(&l, r);
    if (!style->quiet)
        verdicts(&l, r);
    ending(&l, r);
    next_steps(&l, r);
}
