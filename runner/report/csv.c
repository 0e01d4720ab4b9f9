#include "base/wtime.h"
#include "report/waivers.h"

void sb_csv(struct sb *b, struct str s)
{
    bool formula = s.len && memchr("=+-@\t\r", s.ptr[0], 6) != NULL;
    bool quote = formula;
    for (size_t i = 0; i < s.len && !quote; i++)
        quote = s.ptr[i] == '"' || s.ptr[i] == ',' || s.ptr[i] == '\n' || s.ptr[i] == '\r';
    if (quote)
        sb_putc(b, '"');
    if (formula)
        sb_putc(b, '\'');
    for (size_t i = 0; i < s.len && !b->bad;) {
        uint32_t cp;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n == 0)
            sb_puts(b, "\xEF\xBF\xBD");
        else if (cp == '"')
            sb_puts(b, "\"\"");
        else if (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r')
            sb_printf(b, "\\x%02x", (unsigned)cp);
        else
            sb_put(b, s.ptr + i, n);
        i += n ? n : 1;
    }
    if (quote)
        sb_putc(b, '"');
}

static void cell(struct sb *b, struct str s)
{
    sb_csv(b, s);
    sb_putc(b, ',');
}

static void time_cell(struct sb *b, uint64_t t)
{
    char text[WTIME_TEXT];
    cell(b, str_of(wtime_format(t, text)));
}

static void joined(const struct result *r, struct sb *evidence, struct sb *remedies)
{
    for (size_t i = 0; i < r->evidence.count; i++) {
        const struct evidence *e = &r->evidence.items[i];
        sb_printf(evidence, "%s" STR_FMT, i ? "; " : "", STR_ARG(e->artefact));
        if (e->where.len)
            sb_printf(evidence, ": " STR_FMT, STR_ARG(e->where));
        if (e->note.len)
            sb_printf(evidence, " (" STR_FMT ")", STR_ARG(e->note));
    }
    for (size_t i = 0; i < r->remedy_count; i++)
        sb_printf(remedies, "%s" STR_FMT, i ? "; " : "", STR_ARG(r->remedies[i]));
}

static void row(const struct run_report *run, const struct result *r, struct sb *out)
{
    struct sb evidence, remedies;
    sb_init(&evidence, (size_t)1 << 26);
    sb_init(&remedies, (size_t)1 << 26);
    joined(r, &evidence, &remedies);
    cell(out, run->target.computer_name);
    time_cell(out, run->reference_time);
    cell(out, r->rule->qualified);
    cell(out, str_of(severity_name(r->rule->severity)));
    cell(out, str_of(verdict_name(r->verdict)));
    cell(out, r->rule->title);
    cell(out, r->message);
    cell(out, r->observed.text);
    cell(out, r->expected.text);
    time_cell(out, r->coverage.from);
    time_cell(out, r->coverage.to);
    cell(out, !r->coverage.known ? STR("") : r->coverage.complete ? STR("true") : STR("false"));
    cell(out, r->coverage.reason);
    cell(out, (struct str){evidence.ptr, evidence.len});
    cell(out, (struct str){remedies.ptr, remedies.len});
    evidence.len = 0;
    sb_waiver(&evidence, r);
    sb_csv(out, (struct str){evidence.ptr, evidence.len});
    sb_puts(out, "\r\n");
    sb_done(&evidence);
    sb_done(&remedies);
}

void report_csv(const struct run_report *run, struct sb *out)
{
    sb_puts(out, "computer_name,reference_time,rule,severity,verdict,title,message,observed,"
                 "expected,coverage_from,coverage_to,coverage_complete,coverage_reason,evidence,"
                 "remedies,waiver\r\n");
    for (size_t i = 0; i < run->result_count; i++)
        row(run, &run->results[i], out);
}
