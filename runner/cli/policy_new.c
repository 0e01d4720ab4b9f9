#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/new_file.h"
#include "cli/policy.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 100, FILE_BYTES = 1 << 16 };

static const struct args_option options[] = {
    {"dir", "DIR", "folder to write them to (default: the working folder)"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy new",
    .synopsis = "NAME [--dir DIR]",
    .about = "Writes NAME.lua, a policy of one rule to begin with, and NAME_test.lua, its tests.  "
             "Files that are there are never overwritten.",
    .options = options,
    .more = "exit codes: 0 written, 1 could not write, 64 wrong command line",
};

/* `@` stands for the name. */
static const char policy_text[] =
    "-- Say here what this policy is about.  `rectify policy api` shows what it may use;\n"
    "-- `rectify policy api --stubs .` brings that to your editor.\n"
    "local LSA <const> = [[HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa]]\n"
    "\n"
    "return policy {\n"
    "  id = \"@\",\n"
    "  title = \"Rules of @\",\n"
    "\n"
    "  inputs = {\n"
    "    ntlm_level = input.int {\n"
    "      default = 5, minimum = 0, maximum = 5,\n"
    "      title = \"least LmCompatibilityLevel; 5 refuses LM and NTLM\",\n"
    "    },\n"
    "  },\n"
    "\n"
    "  rule {\n"
    "    id = \"ntlmv2-only\",\n"
    "    title = \"Only NTLMv2 authentication is accepted\",\n"
    "    severity = \"high\",\n"
    "    rationale = \"LM and NTLMv1 responses can be cracked offline.\",\n"
    "    references = { \"Microsoft: Network security: LAN Manager authentication level\" },\n"
    "    want = registry.value(LSA, \"LmCompatibilityLevel\", at_least(input \"ntlm_level\"),\n"
    "      { set_to = dword(5) }),\n"
    "    repair = enforce(),\n"
    "  },\n"
    "}\n";

static const char test_text[] =
    "-- Each case says what a host is like and what the rule must say of it; what is not said "
    "does\n"
    "-- not exist.  Run them: rectify policy test @_test.lua\n"
    "local LSA <const> = [[HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa]]\n"
    "\n"
    "local function level(value)\n"
    "  return { registry = { [LSA] = { LmCompatibilityLevel = value } } }\n"
    "end\n"
    "\n"
    "return cases \"@\" {\n"
    "  { \"ntlmv2-only\", given = level(5), expect = \"pass\" },\n"
    "  { \"ntlmv2-only\", given = level(4), expect = \"fail\", says = \"is 4, want at least 5\" "
    "},\n"
    "  { \"ntlmv2-only\", given = level(3), set = { ntlm_level = 3 }, expect = \"pass\" },\n"
    "  { \"ntlmv2-only\", title = \"never set\", given = {}, expect = \"fail\" },\n"
    "  { \"ntlmv2-only\", title = \"not readable\", given = { registry = { [LSA] = denied() } },\n"
    "    expect = \"unknown\" },\n"
    "}\n";

/* Words of a-z, 0-9, _ and -, joined by dots: a policy's id, and a file name everywhere. */
static bool name_ok(const char *name)
{
    bool begins = true;
    size_t len = strlen(name);
    for (const char *p = name; *p; p++) {
        bool letter = *p >= 'a' && *p <= 'z', digit = *p >= '0' && *p <= '9';
        if (!letter && !(!begins && (digit || *p == '_' || *p == '-' || *p == '.')))
            return false;
        begins = *p == '.';
    }
    /* NAME_test.lua would be taken for tests. */
    bool test = len >= 5 && strcmp(name + len - 5, "_test") == 0;
    return len > 0 && len < NAME_BYTES && !begins && !test;
}

static bool write_one(const char *path, const char *text, const char *name, struct err *e)
{
    struct sb b;
    sb_init(&b, FILE_BYTES);
    for (; *text; text++)
        if (*text == '@')
            sb_puts(&b, name);
        else
            sb_putc(&b, *text);
    bool ok = !b.bad ? new_file(path, (struct str){b.ptr, b.len}, e)
                     : err_set(e, ERR_NOMEM, 0, "out of memory");
    sb_done(&b);
    return ok;
}

static bool paths(const char *dir, const char *name, char policy[PATH_BYTES], char test[PATH_BYTES],
                  struct err *e)
{
    const char *slash = dir && *dir ? "/" : "";
    int a = snprintf(policy, PATH_BYTES, "%s%s%s.lua", dir ? dir : "", slash, name);
    int b = snprintf(test, PATH_BYTES, "%s%s%s_test.lua", dir ? dir : "", slash, name);
    return (a > 0 && b > 0 && b < PATH_BYTES) || err_set(e, ERR_USAGE, 0, "%s: path too long", dir);
}

/* Neither file, or both. */
static int write_both(const char *dir, const char *name)
{
    char policy[PATH_BYTES], test[PATH_BYTES];
    struct err e = {0};
    if (!paths(dir, name, policy, test, &e))
        return cli_fail(EXIT_USAGE_ERROR, "policy new: %s", e.text);
    bool ok = new_file_absent(policy, &e) && new_file_absent(test, &e) &&
              (!dir || !*dir || new_folder(dir, &e)) && write_one(policy, policy_text, name, &e) &&
              write_one(test, test_text, name, &e);
    if (!ok)
        return cli_fail(EXIT_COULD_NOT_RUN, "policy new: %s", e.text);
    struct sb b;
    sb_init(&b, FILE_BYTES);
    sb_terminal(&b, str_of(policy));
    sb_puts(&b, "\n");
    sb_terminal(&b, str_of(test));
    sb_puts(&b, "\n\nnext:\n  rectify policy test ");
    sb_terminal(&b, str_of(test));
    sb_puts(&b, "\n  rectify policy lint ");
    sb_terminal(&b, str_of(policy));
    sb_puts(&b, "\n  rectify check --root DIR --policy ");
    sb_terminal(&b, str_of(policy));
    puts(b.ptr ? b.ptr : "");
    sb_done(&b);
    return fflush(stdout) == 0 ? EXIT_PASS : EXIT_COULD_NOT_RUN;
}

int policy_new(int argc, char **argv)
{
    struct args a;
    const char *name = NULL, *dir = NULL;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && name)
            return cli_fail(EXIT_USAGE_ERROR, "policy new: unexpected argument %s", a.value);
        if (got == ARGS_WORD)
            name = a.value;
        else
            dir = a.value;
    }
    if (!name)
        return cli_fail(EXIT_USAGE_ERROR, "policy new: name the policy");
    if (!name_ok(name))
        return cli_fail(EXIT_USAGE_ERROR,
                        "policy new: %s: want words of a-z, 0-9, _ and -, joined by dots, each of "
                        "which begins with a letter, and no _test at the end",
                        name);
    return write_both(dir, name);
}
