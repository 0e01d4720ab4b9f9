#include "base/wtime.h"
#include "report/waivers.h"

static bool xml_allows(uint32_t cp)
{
    return cp == '\t' || cp == '\n' || cp == '\r' || (cp >= 0x20 && cp != 0xFFFE && cp != 0xFFFF);
}

void sb_xml(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.len && !b->bad;) {
        uint32_t cp;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n == 0 || !xml_allows(cp))
            sb_puts(b, "\xEF\xBF\xBD");
        else if (cp == '<')
            sb_puts(b, "&lt;");
        else if (cp == '>')
            sb_puts(b, "&gt;");
        else if (cp == '&')
            sb_puts(b, "&amp;");
        else if (cp == '"')
            sb_puts(b, "&quot;");
        else if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
            sb_printf(b, "&#%u;", (unsigned)cp);
        else
            sb_put(b, s.ptr + i, n);
        i += n ? n : 1;
    }
}

static void attribute(struct sb *b, const char *name, struct str s)
{
    sb_printf(b, " %s=\"", name);
    sb_xml(b, s);
    sb_putc(b, '"');
}

static void details(struct sb *b, const struct result *r)
{
    struct sb text;
    sb_init(&text, (size_t)1 << 26);
    if (r->observed.text.len)
        sb_printf(&text, "observed: " STR_FMT "\n", STR_ARG(r->observed.text));
    if (r->expected.text.len)
        sb_printf(&text, "expected: " STR_FMT "\n", STR_ARG(r->expected.text));
    for (size_t i = 0; i < r->evidence.count; i++) {
        const struct evidence *e = &r->evidence.items[i];
        sb_printf(&text, "evidence: " STR_FMT ": " STR_FMT "%s" STR_FMT "%s\n",
                  STR_ARG(e->artefact), STR_ARG(e->where), e->note.len ? " (" : "",
                  STR_ARG(e->note), e->note.len ? ")" : "");
    }
    for (size_t i = 0; i < r->remedy_count; i++)
        sb_printf(&text, "next: " STR_FMT "\n", STR_ARG(r->remedies[i]));
    sb_xml(b, (struct str){text.ptr, text.len});
    sb_done(&text);
}

/* What was waived still says what it found. */
static void message_attribute(struct sb *b, const struct result *r)
{
    struct sb text;
    sb_init(&text, (size_t)1 << 20);
    sb_waiver(&text, r);
    sb_printf(&text, "%s" STR_FMT, text.len ? ": " : "", STR_ARG(r->message));
    attribute(b, "message", (struct str){text.ptr, text.len});
    sb_done(&text);
}

static void test_case(struct sb *b, const struct result *r)
{
    bool failed = r->verdict == VERDICT_FAIL;
    bool skipped = r->verdict == VERDICT_NOT_APPLICABLE || r->verdict == VERDICT_WAIVED;
    sb_puts(b, "    <testcase");
    attribute(b, "classname", r->rule->policy->id);
    attribute(b, "name", r->rule->id);
    if (r->verdict == VERDICT_PASS) {
        sb_puts(b, "/>\n");
        return;
    }
    const char *element = failed ? "failure" : skipped ? "skipped" : "error";
    sb_printf(b, ">\n      <%s", element);
    if (!skipped)
        attribute(b, "type", str_of(verdict_name(r->verdict)));
    message_attribute(b, r);
    if (skipped) {
        sb_puts(b, "/>\n    </testcase>\n");
        return;
    }
    sb_putc(b, '>');
    details(b, r);
    sb_printf(b, "</%s>\n    </testcase>\n", element);
}

struct counts {
    size_t tests, failures, errors, skipped;
};

static void count(struct counts *c, const struct result *r)
{
    c->tests++;
    c->failures += r->verdict == VERDICT_FAIL;
    c->skipped += r->verdict == VERDICT_NOT_APPLICABLE || r->verdict == VERDICT_WAIVED;
    c->errors += r->verdict == VERDICT_UNKNOWN || r->verdict == VERDICT_CONFLICT ||
                 r->verdict == VERDICT_ERROR;
}

static void put_counts(struct sb *b, const struct counts *c)
{
    sb_printf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", c->tests,
              c->failures, c->errors, c->skipped);
}

/* Results stand together by policy: one suite a run of them. */
static size_t suite(struct sb *b, const struct run_report *run, size_t from)
{
    const struct policy *policy = run->results[from].rule->policy;
    struct counts c = {0};
    size_t end = from;
    for (; end < run->result_count && run->results[end].rule->policy == policy; end++)
        count(&c, &run->results[end]);
    char time[WTIME_TEXT];
    sb_puts(b, "  <testsuite");
    attribute(b, "name", policy->id);
    put_counts(b, &c);
    attribute(b, "hostname", run->target.computer_name);
    attribute(b, "timestamp", str_of(wtime_format(run->reference_time, time)));
    sb_puts(b, ">\n");
    for (size_t i = from; i < end; i++)
        test_case(b, &run->results[i]);
    sb_puts(b, "  </testsuite>\n");
    return end;
}

void report_junit(const struct run_report *run, struct sb *out)
{
    struct counts all = {0};
    for (size_t i = 0; i < run->result_count; i++)
        count(&all, &run->results[i]);
    sb_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rectify\"");
    put_counts(out, &all);
    sb_puts(out, ">\n");
    for (size_t i = 0; i < run->result_count;)
        i = suite(out, run, i);
    sb_puts(out, "</testsuites>\n");
}
