/* Waivers in the reports: what was waived, by whom, until when; and waivers that do not apply. */
#include "report/waivers.h"

#include "base/wtime.h"

static void put_until(struct sb *b, const struct waiver *w)
{
    char time[WTIME_TEXT];
    sb_printf(b, "until %s", wtime_format(w->expires - w->expires % WTIME_SECOND, time));
}

void sb_waiver(struct sb *b, const struct result *r)
{
    const struct waiver *w = r->waived;
    if (!w)
        return;
    sb_printf(b, "%s, waived: " STR_FMT " (approved by " STR_FMT, verdict_name(r->original),
              STR_ARG(w->reason), STR_ARG(w->approver));
    if (w->ticket.len)
        sb_printf(b, ", " STR_FMT, STR_ARG(w->ticket));
    sb_puts(b, ", ");
    put_until(b, w);
    sb_putc(b, ')');
}

void terminal_waiver(const struct layout *l, const struct result *r)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    sb_waiver(&b, r);
    lay_field(l, "waived", (struct str){b.ptr, b.len});
    sb_done(&b);
    if (l->style->verbose && r->observed_sha256[0])
        lay_field(l, "digest", str_of(r->observed_sha256));
}

static bool applies(const struct waiver_note *n)
{
    return n->state == WAIVER_APPLIED;
}

void terminal_waiver_notes(const struct layout *l, const struct run_report *run)
{
    size_t shown = 0;
    struct sb b;
    sb_init(&b, 1 << 16);
    for (size_t i = 0; i < run->waiver_note_count; i++) {
        const struct waiver_note *n = &run->waiver_notes[i];
        if (applies(n))
            continue;
        if (!shown++) {
            lay_colour(l, BOLD, STR("Waivers that do not apply"));
            sb_putc(l->out, '\n');
        }
        b.len = 0;
        sb_printf(&b, STR_FMT ": " STR_FMT " (" STR_FMT ":%d: " STR_FMT ")", STR_ARG(n->rule),
                  STR_ARG(n->text), STR_ARG(n->waiver->file), n->waiver->line,
                  STR_ARG(n->waiver->reason));
        lay_field(l, waiver_state_name(n->state), (struct str){b.ptr, b.len});
    }
    if (shown)
        sb_putc(l->out, '\n');
    sb_done(&b);
}

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    if (s.len)
        json_str(j, s);
    else
        json_nil(j);
}

static void members(struct json *j, const struct waiver *w)
{
    text(j, "reason", w->reason);
    text(j, "approver", w->approver);
    text(j, "ticket", w->ticket);
    json_key(j, "expires");
    json_time(j, w->expires);
}

void json_waiver(struct json *j, const struct result *r)
{
    if (!r->waived)
        return;
    json_key(j, "waiver");
    json_open_object(j);
    text(j, "verdict", str_of(verdict_name(r->original)));
    members(j, r->waived);
    json_close_object(j);
}

void json_waiver_notes(struct json *j, const struct run_report *run)
{
    if (!run->has_waivers)
        return;
    json_key(j, "waivers");
    json_open_array(j);
    for (size_t i = 0; i < run->waiver_note_count; i++) {
        const struct waiver_note *n = &run->waiver_notes[i];
        json_open_object(j);
        text(j, "rule", n->rule);
        text(j, "state", str_of(waiver_state_name(n->state)));
        text(j, "text", n->text);
        text(j, "host", n->waiver->host);
        members(j, n->waiver);
        text(j, "file", n->waiver->file);
        json_key(j, "line");
        json_i64(j, n->waiver->line);
        json_close_object(j);
    }
    json_close_array(j);
}
