/* Lint on broken and hostile files: always an answer, never a file without a finding that does not
 * load.  What it finds in whole files is tested on the command line
 * (tests/cli/policy_verbs_test.sh).
 */
#include <stdlib.h>

#include "engine/lint.h"

#include "check.h"
#include "system.h"

static char path[] = "/tmp/rectify-lint-XXXXXX";

static bool lint(const char *text, size_t len, struct arena *a, struct lint_report *out)
{
    char file[64];
    struct err e = {0};
    snprintf(file, sizeof file, "%s/p.lua", path);
    FILE *f = fopen(file, "wb");
    bool ok = f && fwrite(text, 1, len, f) == len && fclose(f) == 0;
    struct str name = str_of(file);
    arena_reset(a);
    ok = ok && engine_lint(&name, 1, a, out, &e);
    remove(file);
    return ok;
}

static const char whole[] =
    "local function none(host) return pass() end\n"
    "return policy {\n"
    "  id = \"p\", title = \"T\", inputs = { n = input.int { default = 1 } },\n"
    "  rule { id = \"a\", title = \"A\", severity = \"low\", references = { \"x\" },\n"
    "    want = all { registry.value([[HKLM\\X]], \"v\", at_least(input \"n\"), { view = \"both\" "
    "}),\n"
    "      file.signed { path = \"%SystemRoot%\\\\x.dll\" } } },\n"
    "  rule { id = \"b\", title = \"B\", severity = \"low\", references = { \"x\" },\n"
    "    needs = { \"service\" }, check = function(host)\n"
    "      for i = 1, 3 do if host.service(\"s\" .. i).start == \"disabled\" then return fail "
    "\"x\" end "
    "end\n"
    "      return pass()\n"
    "    end },\n"
    "}\n";

TEST(a_clean_policy_has_no_findings)
{
    struct arena a;
    struct lint_report r;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(temp_folder(path));
    CHECK(lint(whole, sizeof whole - 1, &a, &r));
    CHECK_U64(r.count, 0);
    CHECK_U64(r.files, 1);
    arena_done(&a);
}

TEST(cut_anywhere_it_does_not_look_clean)
{
    struct arena a;
    struct lint_report r;
    arena_init(&a, ARENA_DEFAULT_CAP);
    for (size_t n = 0; n + 2 < sizeof whole; n += 3) {
        CHECK(lint(whole, n, &a, &r));
        CHECK(r.by_level[LINT_ERROR] > 0);
    }
    arena_done(&a);
}

TEST(changed_bytes_give_an_answer)
{
    static const char bytes[] = {'{', '}', '"', '[', 0, '\n', '-', (char)0xFF};
    struct arena a;
    struct lint_report r;
    char changed[sizeof whole];
    arena_init(&a, ARENA_DEFAULT_CAP);
    for (size_t at = 0; at + 1 < sizeof whole; at += 5) {
        memcpy(changed, whole, sizeof whole);
        changed[at] = bytes[at / 5 % sizeof bytes];
        CHECK(lint(changed, sizeof whole - 1, &a, &r));
    }
    arena_done(&a);
    CHECK(remove_all(path));
}

TEST_MAIN()
