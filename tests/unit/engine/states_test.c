/* The constructors of wanted states, each with what passes, what fails, and what is not known; then
 * `applies`. */
#include "engine_case.h"

#include "system.h"

#define NT_KEY "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define CONTROL "HKLM\\SYSTEM\\CurrentControlSet\\Control\\"

static const char policy_text[] =
    "local K <const> = [[HKLM\\SOFTWARE\\T]]\n"
    "local CLOSED <const> = [[HKLM\\SOFTWARE\\Closed]]\n"
    "local F <const> = [[C:\\T\\]]\n"
    "local function r(id, want, applies)\n"
    "  return rule { id = id, title = id, severity = 'low', want = want, applies = applies } end\n"
    "return policy { id = 'st', title = 't', inputs = {\n"
    "    pattern = input.text { default = '^Al' }, few = input.int { default = 3 } },\n"
    "  r('matches', registry.value(K, 's', matches '^Alpha\\\\d+$')),\n"
    "  r('matches-not', registry.value(K, 's', matches '^alpha')),\n"
    "  r('matches-case', registry.value(K, 's', matches '(?i)^ALPHA')),\n"
    "  r('matches-input', registry.value(K, 's', matches(input 'pattern'))),\n"
    "  r('matches-number', registry.value(K, 'n', matches '5')),\n"
    "  r('matches-list', registry.value(K, 'm', matches '^tw')),\n"
    "  r('matches-closed', registry.value(CLOSED, 's', matches '.')),\n"
    "  r('matches-limit', registry.value(K, 'long', matches '(a+)+$')),\n"
    "  r('not-matches-limit', registry.value(K, 'long', is_not(matches '(a+)+$'))),\n"
    "  r('is-not', registry.value(K, 'n', is_not(6))),\n"
    "  r('is-not-fails', registry.value(K, 'n', is_not(dword(5)))),\n"
    "  r('is-not-order', registry.value(K, 's', is_not(at_least(5)))),\n"
    "  r('is-not-glob', registry.value(K, 'n', is_not(glob '*x*'))),\n"
    "  r('is-not-twice', registry.value(K, 'n', is_not(is_not(5)))),\n"
    "  r('is-not-closed', registry.value(CLOSED, 'n', is_not(6))),\n"
    "  r('is-not-absent', registry.value(K, 'none', is_not(6))),\n"
    "  r('none-of', registry.value(K, 'n', none_of { 1, 2 })),\n"
    "  r('none-of-fails', registry.value(K, 'n', none_of { 1, 5 })),\n"
    "  r('contains-all', registry.value(K, 'm', contains_all { 'TWO', 'one' })),\n"
    "  r('contains-all-fails', registry.value(K, 'm', contains_all { 'one', 'four' })),\n"
    "  r('contains-all-number', registry.value(K, 'n', contains_all { 'one' })),\n"
    "  r('only', registry.value(K, 'm', only { 'one', 'two', 'three', 'more' })),\n"
    "  r('only-fails', registry.value(K, 'm', only { 'one', 'two' })),\n"
    "  r('key', registry.key(K)),\n"
    "  r('key-fails', registry.key([[HKLM\\SOFTWARE\\None]])),\n"
    "  r('key-closed', registry.key(CLOSED)),\n"
    "  r('none', none { registry.value(K, 'n', 6), registry.key([[HKLM\\SOFTWARE\\None]]) }),\n"
    "  r('none-fails', none { registry.value(K, 'n', 5), registry.key(CLOSED) }),\n"
    "  r('none-closed', none { registry.value(K, 'n', 6), registry.key(CLOSED) }),\n"
    "  r('start', service.start('svc', 'manual')),\n"
    "  r('start-list', service.start('svc', one_of { 'automatic', 'manual' })),\n"
    "  r('start-fails', service.start('svc', is_not 'manual')),\n"
    "  r('start-missing', service.start('nosvc', 'manual')),\n"
    "  r('start-missing-pass', service.start('nosvc', 'disabled', { if_absent = 'pass' })),\n"
    "  r('start-no-start', service.start('bare', 'manual')),\n"
    "  r('service-absent', service.absent('nosvc')),\n"
    "  r('service-absent-fails', service.absent('bare')),\n"
    "  r('service-absent-closed', service.absent('closed')),\n"
    "  r('file', file.present(F .. 'a.txt')),\n"
    "  r('file-list', file.present { F .. 'a.txt', F .. 'b.txt' }),\n"
    "  r('file-fails', file.present { F .. 'a.txt', F .. 'none.txt' }),\n"
    "  r('file-closed', file.present(F .. 'closed.txt')),\n"
    "  r('file-absent', file.absent(F .. 'none.txt')),\n"
    "  r('file-absent-fails', file.absent { F .. 'none.txt', F .. 'a.txt' }),\n"
    "  r('file-absent-closed', file.absent { F .. 'none.txt', F .. 'closed.txt' }),\n"
    "  r('sha256', file.sha256(F .. 'a.txt',\n"
    "    '2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824')),\n"
    "  r('sha256-fails', file.sha256(F .. 'b.txt',\n"
    "    { '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' })),\n"
    "  r('version-none', file.version(F .. 'a.txt', at_least '1.0')),\n"
    "  r('version-absent', file.version(F .. 'none.exe', at_least '1.0',\n"
    "    { if_absent = 'not_applicable' })),\n"
    "  r('version-closed', file.version(F .. 'closed.txt', at_least '1.0')),\n"
    "  r('signed-absent', signature.trusted(F .. 'none.exe')),\n"
    "  r('signer-closed', signature.signer(F .. 'closed.txt', 'Microsoft')),\n"
    "  r('installed', product.installed 'mcafee.vse'),\n"
    "  r('installed-not', product.installed 'mcafee.agent'),\n"
    "  r('product-absent', product.absent 'mcafee.agent'),\n"
    "  r('log-size', eventlog.size { channel = 'System', bytes = 1048576 }),\n"
    "  r('log-size-fails', eventlog.size { channel = 'System', bytes = 99999999 }),\n"
    "  r('log-size-unknown', eventlog.size { channel = 'Other', bytes = 1 }),\n"
    "  r('version', windows.version(at_least '6.1')),\n"
    "  r('version-build', windows.version(between('6.1.7000', '6.1.7601'))),\n"
    "  r('version-fails', windows.version(at_most '6.0')),\n"
    "  r('arch', windows.arch { 'x64', 'x86' }),\n"
    "  r('arch-fails', windows.arch 'x86'),\n"
    "  r('type', windows.type 'server'),\n"
    "  r('type-fails', windows.type { 'workstation', 'domain_controller' }),\n"
    "  r('applies', registry.value(K, 'n', 5), windows.arch 'x64'),\n"
    "  r('applies-not', registry.value(K, 'n', 6), windows.arch 'x86'),\n"
    "  r('applies-unknown', registry.value(K, 'n', 5), registry.key(CLOSED)),\n"
    "  rule { id = 'applies-check', title = 't', severity = 'low', needs = { 'registry' },\n"
    "    applies = windows.arch 'x86', check = function(host) error 'never run' end },\n"
    "}\n";

static const struct {
    const char *id;
    enum verdict verdict;
} expected[] = {
    {"matches", VERDICT_PASS},
    {"matches-not", VERDICT_FAIL},
    {"matches-case", VERDICT_PASS},
    {"matches-input", VERDICT_PASS},
    {"matches-number", VERDICT_FAIL},
    {"matches-list", VERDICT_PASS},
    {"matches-closed", VERDICT_UNKNOWN},
    {"matches-limit", VERDICT_ERROR},
    {"not-matches-limit", VERDICT_ERROR},
    {"is-not", VERDICT_PASS},
    {"is-not-fails", VERDICT_FAIL},
    {"is-not-order", VERDICT_FAIL},
    {"is-not-glob", VERDICT_FAIL},
    {"is-not-twice", VERDICT_PASS},
    {"is-not-closed", VERDICT_UNKNOWN},
    {"is-not-absent", VERDICT_FAIL},
    {"none-of", VERDICT_PASS},
    {"none-of-fails", VERDICT_FAIL},
    {"contains-all", VERDICT_PASS},
    {"contains-all-fails", VERDICT_FAIL},
    {"contains-all-number", VERDICT_FAIL},
    {"only", VERDICT_PASS},
    {"only-fails", VERDICT_FAIL},
    {"key", VERDICT_PASS},
    {"key-fails", VERDICT_FAIL},
    {"key-closed", VERDICT_UNKNOWN},
    {"none", VERDICT_PASS},
    {"none-fails", VERDICT_FAIL},
    {"none-closed", VERDICT_UNKNOWN},
    {"start", VERDICT_PASS},
    {"start-list", VERDICT_PASS},
    {"start-fails", VERDICT_FAIL},
    {"start-missing", VERDICT_FAIL},
    {"start-missing-pass", VERDICT_PASS},
    {"start-no-start", VERDICT_UNKNOWN},
    {"service-absent", VERDICT_PASS},
    {"service-absent-fails", VERDICT_FAIL},
    {"service-absent-closed", VERDICT_UNKNOWN},
    {"file", VERDICT_PASS},
    {"file-list", VERDICT_PASS},
    {"file-fails", VERDICT_FAIL},
    {"file-closed", VERDICT_UNKNOWN},
    {"file-absent", VERDICT_PASS},
    {"file-absent-fails", VERDICT_FAIL},
    {"file-absent-closed", VERDICT_UNKNOWN},
    {"sha256", VERDICT_PASS},
    {"sha256-fails", VERDICT_FAIL},
    {"version-none", VERDICT_FAIL},
    {"version-absent", VERDICT_NOT_APPLICABLE},
    {"version-closed", VERDICT_UNKNOWN},
    {"signed-absent", VERDICT_FAIL},
    {"signer-closed", VERDICT_UNKNOWN},
    {"installed", VERDICT_PASS},
    {"installed-not", VERDICT_FAIL},
    {"product-absent", VERDICT_PASS},
    {"log-size", VERDICT_PASS},
    {"log-size-fails", VERDICT_FAIL},
    {"log-size-unknown", VERDICT_UNKNOWN},
    {"version", VERDICT_PASS},
    {"version-build", VERDICT_PASS},
    {"version-fails", VERDICT_FAIL},
    {"arch", VERDICT_PASS},
    {"arch-fails", VERDICT_FAIL},
    {"type", VERDICT_PASS},
    {"type-fails", VERDICT_FAIL},
    {"applies", VERDICT_PASS},
    {"applies-not", VERDICT_NOT_APPLICABLE},
    {"applies-unknown", VERDICT_UNKNOWN},
    {"applies-check", VERDICT_NOT_APPLICABLE},
};

static void fill_windows(struct host *h)
{
    memory_set_sz(h, NT_KEY, "CurrentVersion", "6.1");
    memory_set_sz(h, NT_KEY, "CurrentBuildNumber", "7601");
    memory_set_sz(h, CONTROL "Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", "AMD64");
    memory_set_sz(h, CONTROL "ProductOptions", "ProductType", "ServerNT");
    memory_set_sz(h, VSE_KEY, "szProductVer", "8.8.0.1982");
    memory_set_dword(h, SERVICE_KEY("svc"), "Start", 3);
    memory_set_sz(h, SERVICE_KEY("bare"), "DisplayName", "x");
    memory_set_state(h, SERVICE_KEY("closed"), FACT_UNREADABLE, "bad sector");
    memory_set_dword(h, SERVICE_KEY("EventLog\\System"), "MaxSize", 20971520);
    memory_set_state(h, SERVICE_KEY("EventLog\\Other"), FACT_UNREADABLE, "bad sector");
}

static void fill(struct host *h)
{
    static char text[2000];
    static const char list[] = "o\0n\0e\0\0\0t\0w\0o\0\0\0t\0h\0r\0e\0e\0\0\0\0";
    memory_set_dword(h, "HKLM\\SOFTWARE\\T", "n", 5);
    memory_set_sz(h, "HKLM\\SOFTWARE\\T", "s", "Alpha12");
    memory_set_value(h, "HKLM\\SOFTWARE\\T", "m", 7, span_of(list, sizeof list));
    memset(text, 'a', sizeof text - 2);
    text[sizeof text - 2] = '!';
    memory_set_sz(h, "HKLM\\SOFTWARE\\T", "long", text);
    memory_set_state(h, "HKLM\\SOFTWARE\\Closed", FACT_UNREADABLE, "bad sector");
    memory_set_file(h, "C:\\T\\a.txt", span_of("hello", 5));
    memory_set_file(h, "C:\\T\\b.txt", span_of("other", 5));
    memory_set_file_state(h, "C:\\T\\closed.txt", FACT_UNREADABLE, "bad sector");
    fill_windows(h);
}

static void with_policy(const char *text, void (*run)(struct engine_options *))
{
    char folder[] = "/tmp/rectify-states-XXXXXX", path[64];
    CHECK(temp_folder(folder));
    snprintf(path, sizeof path, "%s/states.lua", folder);
    FILE *f = fopen(path, "wb");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0 && everybody_may_write(path, false));
    struct str name = str_of(path);
    struct engine_options options = {.policies = &name, .policy_count = 1};
    run(&options);
    CHECK(remove_all(folder));
}

static void check_all(struct engine_options *options)
{
    struct engine_case c;
    case_open(&c);
    fill(c.host);
    case_run_with(&c, options);
    CHECK_U64(c.run.result_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CHECK_VERDICT(&c, expected[i].id, expected[i].verdict);
    for (size_t i = 0; i < c.run.result_count; i++) {
        const struct result *r = &c.run.results[i];
        CHECK(r->message.len > 0);
        CHECK(r->verdict != VERDICT_PASS || r->evidence.count > 0);
    }
    CHECK_MESSAGE(&c, "matches-not", "HKLM\\SOFTWARE\\T s is Alpha12, want matching /^alpha/");
    CHECK_MESSAGE(&c, "is-not-fails", "HKLM\\SOFTWARE\\T n is 5, want not 5");
    CHECK_MESSAGE(&c, "start-fails", "service svc manual (Start 3), want start not manual");
    CHECK_MESSAGE(&c, "file-fails", "C:\\T\\none.txt is absent, want it there");
    CHECK_MESSAGE(&c, "version-fails", "Windows is version 6.1.7601, want at most 6.0");
    CHECK_MESSAGE(&c, "applies-not",
                  "does not concern this host: the architecture of Windows is "
                  "x64, want x86");
    CHECK(has_text(case_result(&c, "applies-unknown")->message, "is not known"));
    CHECK(has_text(case_result(&c, "matches-limit")->message, ":15: the regular expression"));
    case_close(&c);
}

TEST(every_state)
{
    with_policy(policy_text, check_all);
}

/* The same policy on a host of which nothing can be read: nothing passes. */
static void check_nothing_read(struct engine_options *options)
{
    struct engine_case c;
    case_open(&c);
    memory_set_state(c.host, "HKLM", FACT_UNREADABLE, "bad sector");
    memory_set_state(c.host, "HKLM\\SOFTWARE", FACT_UNREADABLE, "bad sector");
    memory_set_state(c.host, "HKLM\\SYSTEM", FACT_UNREADABLE, "bad sector");
    memory_set_file_state(c.host, "C:\\T", FACT_UNREADABLE, "bad sector");
    static const char *const files[] = {"a.txt", "b.txt", "closed.txt", "none.txt", "none.exe"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        snprintf(path, sizeof path, "C:\\T\\%s", files[i]);
        memory_set_file_state(c.host, path, FACT_UNREADABLE, "bad sector");
    }
    case_run_with(&c, options);
    for (size_t i = 0; i < c.run.result_count; i++) {
        const struct result *r = &c.run.results[i];
        if (r->verdict != VERDICT_UNKNOWN) {
            fprintf(stderr, STR_FMT " is %s: " STR_FMT "\n", STR_ARG(r->rule->id),
                    verdict_name(r->verdict), STR_ARG(r->message));
            test_failures++;
        }
    }
    case_close(&c);
}

TEST(what_cannot_be_read_is_unknown)
{
    with_policy(policy_text, check_nothing_read);
}

static const char nowhere[] =
    "return policy { id = 'st', title = 't', applies = windows.version(at_least '10.0'),\n"
    "  rule { id = 'a', title = 'a', severity = 'low', want = registry.key [[HKLM\\SOFTWARE]] } }";

static void check_policy_applies(struct engine_options *options)
{
    struct engine_case c;
    case_open(&c);
    fill(c.host);
    case_run_with(&c, options);
    CHECK_VERDICT(&c, "a", VERDICT_NOT_APPLICABLE);
    CHECK_MESSAGE(&c, "a",
                  "does not concern this host: Windows is version 6.1.7601, want at least 10.0");
    case_close(&c);
    case_open(&c);
    memory_set_sz(c.host, "HKLM\\SOFTWARE\\T", "s", "x");
    case_run_with(&c, options);
    CHECK_VERDICT(&c, "a", VERDICT_UNKNOWN);
    case_close(&c);
}

TEST(a_policy_that_concerns_other_hosts)
{
    with_policy(nowhere, check_policy_applies);
}

static const char certificates[] =
    "local function r(id, want) return rule { id = id, title = id, severity = 'low',\n"
    "  want = want } end\n"
    "return policy { id = 'st', title = 't',\n"
    "  r('sha1', certificate.absent { sha1 = { ('0a'):rep(20) } }),\n"
    "  r('sha256', certificate.absent { sha256 = { ('0a'):rep(32) } }),\n"
    "  r('subject', certificate.absent { subject = { 'Evil*' } }),\n"
    "  r('root', certificate.absent { subject = { 'Evil*' }, store = 'ROOT' }),\n"
    "  r('stored', certificate.stored { subject = { 'Good*' }, store = 'CA' }),\n"
    "  r('stored-root', certificate.stored { subject = { 'Good*' }, store = 'ROOT' }) }\n";

#define STORE "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\"

/* A store that cannot be listed may hold anything; others are not concerned. */
static void check_stores(struct engine_options *options)
{
    static const char *const all[] = {"sha1", "sha256", "subject", "root"};
    struct engine_case c;
    case_open(&c);
    memory_set_sz(c.host, STORE "ROOT", "x", "y");
    case_run_with(&c, options);
    for (size_t i = 0; i < 4; i++) {
        CHECK_VERDICT(&c, all[i], VERDICT_PASS);
        CHECK(case_result(&c, all[i])->evidence.count > 0);
    }
    CHECK_VERDICT(&c, "stored", VERDICT_FAIL);
    case_close(&c);
    case_open(&c);
    memory_set_sz(c.host, STORE "ROOT", "x", "y");
    memory_set_state(c.host, STORE "CA\\Certificates", FACT_UNREADABLE, "bad sector");
    case_run_with(&c, options);
    for (size_t i = 0; i < 3; i++)
        CHECK_VERDICT(&c, all[i], VERDICT_UNKNOWN);
    CHECK_VERDICT(&c, "root", VERDICT_PASS);
    CHECK_VERDICT(&c, "stored", VERDICT_UNKNOWN);
    CHECK_VERDICT(&c, "stored-root", VERDICT_FAIL);
    case_close(&c);
}

TEST(stores_that_cannot_be_listed)
{
    with_policy(certificates, check_stores);
}

TEST_MAIN()
