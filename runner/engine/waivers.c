/* What waivers do to results: they never make a finding disappear. */
#include "engine/waivers.h"

#include "base/text.h"
#include "base/utf16.h"
#include "base/wtime.h"
#include "model/schema.h"
#include "model/value_json.h"

void waivers_digest(const struct observation *observed, char out[SHA256_HEX])
{
    struct sb text;
    struct json j;
    sb_init(&text, (size_t)64 << 20);
    json_init(&j, &text, 0);
    json_open_object(&j);
    json_key(&j, "text");
    json_str(&j, observed->text);
    json_key(&j, "value");
    value_to_json(&j, &observed->value);
    json_close_object(&j);
    struct err e = {0};
    if (text.bad || !sha256_hex(span_of(text.ptr, text.len), out, &e))
        out[0] = 0;
    sb_done(&text);
}

static bool names_rule(const struct waiver *w, const struct rule *r)
{
    return glob_imatch(w->rule, r->qualified);
}

static bool concerns_host(const struct waiver *w, const struct run_report *run)
{
    return glob_imatch(w->host, run->target.computer_name);
}

struct notes {
    struct run_report *run;
    struct arena *mem;
    size_t cap;
};

static void note(struct notes *n, const struct waiver *w, enum waiver_state state, struct str rule,
                 struct str text)
{
    struct run_report *run = n->run;
    if (run->waiver_note_count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 64;
        struct waiver_note *more = ARENA_ARRAY(n->mem, cap, struct waiver_note);
        if (!more)
            return;
        if (run->waiver_note_count)
            memcpy(more, run->waiver_notes, run->waiver_note_count * sizeof *more);
        run->waiver_notes = more;
        n->cap = cap;
    }
    run->waiver_notes[run->waiver_note_count++] = (struct waiver_note){w, state, rule, text};
}

/* Why the waiver does not cover the result, or WAIVER_APPLIED. */
static enum waiver_state judge(const struct waiver *w, const struct result *r, uint64_t now,
                               struct arena *a, struct str *text)
{
    char time[WTIME_TEXT];
    *text = STR("");
    if (now >= w->expires) {
        *text =
            str_fmt(a, "expired %s", wtime_format(w->expires - w->expires % WTIME_SECOND, time));
        return WAIVER_EXPIRED;
    }
    if (r->verdict == VERDICT_PASS || r->verdict == VERDICT_NOT_APPLICABLE) {
        *text = str_fmt(a, "not needed any more: the rule is %s", verdict_name(r->verdict));
        return WAIVER_UNNEEDED;
    }
    if (!(w->verdicts & (1u << r->verdict))) {
        *text = str_fmt(a, "does not cover the verdict %s", verdict_name(r->verdict));
        return WAIVER_NOT_COVERED;
    }
    if (w->observed[0] && strcmp(w->observed, r->observed_sha256) != 0) {
        *text = STR("what is observed now is not what was approved");
        return WAIVER_CHANGED;
    }
    return WAIVER_APPLIED;
}

/* The first waiver that covers the result applies; the others are looked at all the same. */
static void waive(const struct catalogue *c, uint64_t now, struct notes *n, struct result *r,
                  bool *used)
{
    const struct waiver *by = NULL;
    for (size_t i = 0; i < c->waiver_count; i++) {
        const struct waiver *w = &c->waivers[i];
        struct str text;
        if (!names_rule(w, r->rule))
            continue;
        used[i] = true;
        if (!concerns_host(w, n->run))
            continue;
        enum waiver_state state = judge(w, r, now, n->mem, &text);
        bool glob = memchr(w->rule.ptr, '*', w->rule.len) || memchr(w->rule.ptr, '?', w->rule.len);
        /* That a glob names rules which hold is what globs are for. */
        if (state != WAIVER_UNNEEDED || !glob)
            note(n, w, state, r->rule->qualified, text);
        if (state == WAIVER_APPLIED && !by)
            by = w;
    }
    if (!by)
        return;
    r->waived = by;
    r->original = r->verdict;
    r->verdict = VERDICT_WAIVED;
    n->run->summary[r->original]--;
    n->run->summary[VERDICT_WAIVED]++;
}

static bool in_catalogue(const struct catalogue *c, const struct waiver *w, struct str *near)
{
    struct nearest n = nearest_of(w->rule);
    *near = STR("");
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++) {
            if (names_rule(w, &c->policies[i]->rules[k]))
                return true;
            nearest_try(&n, c->policies[i]->rules[k].qualified);
        }
    if (nearest_found(&n))
        *near = n.best;
    return false;
}

void waivers_apply(const struct catalogue *c, uint64_t now, struct arena *a, struct run_report *run)
{
    struct notes n = {run, a, 0};
    bool *used = ARENA_ARRAY(a, c->waiver_count + 1, bool);
    for (size_t i = 0; i < run->result_count; i++) {
        struct result *r = &run->results[i];
        if (r->verdict != VERDICT_PASS && r->verdict != VERDICT_NOT_APPLICABLE)
            waivers_digest(&r->observed, r->observed_sha256);
        if (used && c->waiver_count)
            waive(c, now, &n, r, used);
    }
    run->has_waivers = c->has_waivers;
    for (size_t i = 0; used && i < c->waiver_count; i++) {
        const struct waiver *w = &c->waivers[i];
        struct str near;
        if (!used[i] && concerns_host(w, run) && !in_catalogue(c, w, &near))
            note(&n, w, WAIVER_NO_RULE, w->rule,
                 str_fmt(a, "no loaded policy has such a rule%s" STR_FMT "%s",
                         near.len ? " (did you mean \"" : "", STR_ARG(near),
                         near.len ? "\"?)" : ""));
    }
}
