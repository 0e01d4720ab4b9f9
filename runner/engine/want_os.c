/* os.version, os.arch, os.type: what Windows the host runs, for `applies` above all. */
#include "base/utf16.h"
#include "engine/evaluate.h"

#define NT_KEY "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define CONTROL_KEY "HKLM\\SYSTEM\\CurrentControlSet\\Control\\"

static void add_evidence(const struct evaluation *v, const char *key, const char *name,
                         struct result *out)
{
    struct reg_value have = {0};
    host_reg_value(v->host, str_of(key), str_of(name), VIEW_NATIVE, v->mem, &have);
    evidence_add(&out->evidence, &have.evidence);
}

static void not_known(const struct evaluation *v, const char *what, struct result *out)
{
    out->verdict = VERDICT_UNKNOWN;
    out->observed.text = STR("not known");
    out->message =
        str_fmt(v->mem, "%s is not known, want " STR_FMT, what, STR_ARG(out->expected.text));
}

/* "10.0.19045.3570"; numbers that the host does not tell are 0 in `low`, 65535 in `high`. */
static bool read_version(const struct target_info *info, struct arena *a, struct version *low,
                         struct version *high, struct str *text)
{
    bool whole = info->os_build.len > 0;
    *text =
        whole ? str_fmt(a, STR_FMT "." STR_FMT, STR_ARG(info->os_version), STR_ARG(info->os_build))
              : info->os_version;
    if (!info->os_version.len || !version_parse(*text, low))
        return false;
    *high = *low;
    if (!whole)
        high->part[2] = high->part[3] = UINT16_MAX;
    return true;
}

static void judge_version(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct version low, high;
    struct str text;
    out->expected =
        (struct observation){predicate_text(v, &w->predicate), predicate_value(v, &w->predicate)};
    add_evidence(v, NT_KEY, "CurrentVersion", out);
    add_evidence(v, NT_KEY, "CurrentBuildNumber", out);
    if (!read_version(host_info(v->host), v->mem, &low, &high, &text)) {
        not_known(v, "the version of Windows", out);
        return;
    }
    enum answer answer = predicate_version(v, &w->predicate, low);
    if (answer != predicate_version(v, &w->predicate, high)) {
        not_known(v, "the build of Windows", out);
        return;
    }
    out->observed = (struct observation){text, value_text(text)};
    out->message = str_fmt(v->mem, "Windows is version " STR_FMT ", want " STR_FMT, STR_ARG(text),
                           STR_ARG(out->expected.text));
    answer_verdict(v, w, answer, out);
}

static bool among(struct texts list, struct str text)
{
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].kind == VALUE_TEXT && str_eq(list.items[i].text, text))
            return true;
    return false;
}

static struct str list_text(struct arena *a, struct texts list)
{
    struct str text = STR("");
    for (size_t i = 0; i < list.count; i++)
        text = str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(text), i ? " or " : "",
                       STR_ARG(list.items[i].text));
    return text;
}

static void judge_word(const struct evaluation *v, struct texts wanted, const char *what,
                       struct str have, struct result *out)
{
    out->verdict = among(wanted, have) ? VERDICT_PASS : VERDICT_FAIL;
    out->observed = (struct observation){have, value_text(have)};
    out->message = str_fmt(v->mem, "%s is " STR_FMT ", want " STR_FMT, what, STR_ARG(have),
                           STR_ARG(out->expected.text));
}

/* "64-bit" is all that some collections tell. */
static void judge_arch(const struct evaluation *v, struct texts wanted, struct result *out)
{
    static const char what[] = "the architecture of Windows";
    struct str have = host_info(v->host)->os_arch;
    add_evidence(v, CONTROL_KEY "Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", out);
    bool vague = str_eq(have, STR("64-bit"));
    bool only_32 = true;
    for (size_t i = 0; i < wanted.count; i++)
        only_32 =
            only_32 && wanted.items[i].kind == VALUE_TEXT &&
            (str_eq(wanted.items[i].text, STR("x86")) || str_eq(wanted.items[i].text, STR("arm")));
    if (!have.len || (vague && !only_32))
        not_known(v, what, out);
    else
        judge_word(v, wanted, what, have, out);
}

static void judge_type(const struct evaluation *v, struct texts wanted, struct result *out)
{
    static const struct {
        const char *stored, *word;
    } types[] = {
        {"WinNT", "workstation"}, {"ServerNT", "server"}, {"LanmanNT", "domain_controller"}};
    static const char what[] = "the type of Windows";
    struct reg_value have = {0};
    host_reg_value(v->host, STR(CONTROL_KEY "ProductOptions"), STR("ProductType"), VIEW_NATIVE,
                   v->mem, &have);
    evidence_add(&out->evidence, &have.evidence);
    for (size_t i = 0; have.state == FACT_FOUND && i < sizeof types / sizeof *types; i++)
        if (str_ieq(have.text, str_of(types[i].stored))) {
            judge_word(v, wanted, what, str_of(types[i].word), out);
            return;
        }
    not_known(v, what, out);
}

void want_os(const struct evaluation *v, const struct want *w, struct result *out)
{
    if (w->kind == WANT_OS_VERSION) {
        judge_version(v, w, out);
        return;
    }
    struct texts wanted = want_texts(v, w, "any");
    out->expected.text = list_text(v->mem, wanted);
    out->expected.value = *want_arg(v, w, "any");
    if (w->kind == WANT_OS_ARCH)
        judge_arch(v, wanted, out);
    else
        judge_type(v, wanted, out);
}
