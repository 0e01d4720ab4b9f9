/* The attack table: each attack ends with a clear error, soon, in this very process. */
#include "script_support.h"

#include <time.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Runs `text` as a policy file, with a deadline of 300 ms where time has to end it; it must fail
 * with `says`, and soon. */
static void attack_at(const char *file, int line, const char *text, const char *says)
{
    bool by_time = says[0] == 0 || strstr(says, "ran longer"); /* else not even on a slow machine */
    struct script_limits limits = {.milliseconds = by_time ? 300 : 30000,
                                   .memory = (size_t)16 << 20,
                                   .instructions = UINT64_MAX / 2};
    struct loaded l;
    double start = seconds();
    load_limited(&l, span_of(text, strlen(text)), NULL, &limits);
    double took = seconds() - start;
    if (l.policy || !strstr(l.e.text, says) || strchr(l.e.text, '\n')) {
        fprintf(stderr, "%s:%d: %s\n  gave: %s\n", file, line, text,
                l.policy ? "(loaded)" : l.e.text);
        test_failures++;
    }
    if (took > 10) {
        fprintf(stderr, "%s:%d: took %.1f s: %s\n", file, line, took, text);
        test_failures++;
    }
    unload(&l);
}

#define ATTACK(text, says) attack_at(__FILE__, __LINE__, text, says)

TEST(endless_loops_end)
{
    ATTACK("while true do end", "t.lua:1: ran longer than its 300 ms");
    ATTACK("local function f() return f() end f()", "t.lua:1: ran longer");
    ATTACK("for i = 1, math.tointeger(2^62) do end", "t.lua:1: ran longer");
    ATTACK("\n\n::a:: goto a", "t.lua:3: ran longer");
    ATTACK("local t = {1} while true do for k in pairs(t) do end end", "ran longer");
    ATTACK("local t = {3,2,1} while true do table.sort(t) end", "ran longer");
    ATTACK("table.sort({3,2,1}, function() while true do end end)", "ran longer");
}

TEST(instructions_are_counted)
{
    struct script_limits limits = {.instructions = 100000};
    struct loaded l;
    const char *text = "\nwhile true do end";
    load_limited(&l, span_of(text, strlen(text)), NULL, &limits);
    CHECK(!l.policy);
    CHECK_STR(str_of(l.e.text), "policies/t.lua:2: executed more than its 100000 instructions");
    CHECK(l.e.kind == ERR_LIMIT);
    unload(&l);
}

TEST(memory_bombs_end)
{
    ATTACK("local t = {} for i = 1, 1e9 do t[i] = i end", "memory");
    ATTACK("local t = {} for i = 1, 1e9 do t['k' .. i] = i end", "");
    ATTACK("local s = 'x' while true do s = s .. s end", "t.lua:1: used more than its 16384 KiB");
    ATTACK("local t = {} while true do t = {t, t, t, t, t, t, t, t} end", "");
    ATTACK("local s = ('x'):rep(1000000) local t = {} while true do t[#t+1] = s .. #t end",
           "t.lua:1: used more than its");
    ATTACK("local function f(...) return f(1, ...) end f()", "");
    ATTACK("local function f() return 1 + f() end f()", "");
    ATTACK("return table.unpack({}, 1, 1e7)", "range ends after the list");
    ATTACK("local t = {} for i = 1, 5000 do t[i] = i end return table.unpack(t)",
           "more than 4096 elements");
}

TEST(long_calls_end)
{
    ATTACK("return ('x'):rep(1e15)", "t.lua:1: string.rep: the result is longer");
    ATTACK("return ('x'):rep(1 << 62, 'yy')", "string.rep: the result is longer");
    ATTACK("return (''):rep(1 << 62)", "string.rep: the result is longer");
    ATTACK("while true do local s = ('x'):rep(1 << 20):reverse() end", "");
    ATTACK("local s = ('x'):rep(1 << 20) while true do s:lower() end", "ran longer");
    ATTACK("local a, b = ('x'):rep(1 << 20), ('x'):rep(1 << 20) while a == b do end", "ran longer");
    ATTACK("local t = {} for i = 1, 200000 do table.insert(t, 1, i) end", "");
    ATTACK("local t = {} for i = 1, 100000 do t[i] = i end while #t > 0 do table.remove(t, 1) end",
           "");
    ATTACK("local s, t = ('x'):rep(1 << 16), {} for i = 1, 60000 do t[i] = s end "
           "return table.concat(t)",
           "");
    ATTACK("local t = {} for i = 1, 70000 do t[i] = i end table.sort(t)", "at most 65536");
    ATTACK("local p, s = ('*a'):rep(128), ('a'):rep(32768) while true do s:glob(p) end", "");
    ATTACK("return ('a'):rep(40000):glob('*')", "glob: text of 40000 bytes, at most 32768");
    ATTACK("return ('a'):glob(('*'):rep(257))", "glob: pattern of 257 bytes, at most 256");
}

TEST(regular_expressions_end)
{
    static const char *const slow[] = {"(a+)+[!#]$",
                                       "(a|aa)+#$|b",
                                       "(?:(?=.*+[bc])?.)*[cd]",
                                       "(.*)(.*)(.*)(.*)[xy]",
                                       "((((((((((a*)*)*)*)*)*)*)*)*)*)*[xy]",
                                       "(?=(a+))a*[xy]\\\\1",
                                       "(a?){100}[xy]"};
    char text[256];
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        snprintf(text, sizeof text,
                 "\nlocal s = ('a'):rep(60000) .. 'b' return text.matches(s, '%s')", slow[i]);
        ATTACK(text, "t.lua:2: text.matches: the regular expression");
    }
    ATTACK("local s = ('a'):rep(20) while true do text.matches(s, '(a|aa)+[#]') end",
           "t.lua:1: ran longer");
    ATTACK("for i = 1, 100 do text.matches('x', 'a' .. i) end", "more than 64 different patterns");
    ATTACK("text.matches(('a'):rep(70000), 'a')", "a text of 70000 bytes");
    ATTACK("text.matches('a', ('a'):rep(1025))", "pattern of 1025 bytes, at most 1024");
    ATTACK("text.matches('a', ('('):rep(500) .. (')'):rep(500))", "text.matches: ");
    ATTACK("text.matches('a', '((a{1,200}){1,200}){1,200}')", "text.matches: ");
    ATTACK("text.matches('a', '(?C\"x\")(*LIMIT_MATCH=1)')", "text.matches: ");
    ATTACK("text.matches('a', '\\\\C')", "text.matches: ");
    ATTACK("text.matches('a', '[')", "t.lua:1: text.matches: missing terminating ]");
    ATTACK("text.matches('a')", "text.matches: want (text, pattern)");
    ATTACK("text.matches({}, 'a')", "the text is a table, want text");
    ATTACK("return matches(('(a+)+'):rep(300))", "matches: pattern of 1500 bytes, at most 1024");
    ATTACK("local p = equals(1) for i = 1, 20 do p = is_not(p) end", "is_not: more than 8");
    ATTACK("local w = registry.key [[HKLM\\x]] for i = 1, 100 do w = none { w } end",
           "more than 4096 wanted states in one rule, or more than 32 deep");
    ATTACK("local w = registry.key [[HKLM\\x]] for i = 1, 20 do w = none { w, w } end",
           "more than 4096 wanted states");
    ATTACK("text.matches = nil", "text.matches cannot be changed");
}

TEST(names_that_do_not_exist)
{
    static const char *const names[] = {
        "setmetatable", "getmetatable", "rawget",    "rawset",   "rawequal",
        "rawlen",       "pcall",        "xpcall",    "load",     "loadstring",
        "loadfile",     "dofile",       "require",   "package",  "debug",
        "os",           "io",           "coroutine", "utf8",     "collectgarbage",
        "next",         "print",        "_G",        "_VERSION", "warn",
        "newproxy",     "setfenv",      "getfenv",   "unpack",   "bit32",
        "host",         "jit",          "ffi"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[64], says[64];
        snprintf(text, sizeof text, "local x = %s", names[i]);
        snprintf(says, sizeof says, "policies/t.lua:1: unknown name \"%s\"", names[i]);
        ATTACK(text, says);
    }
    ATTACK("string.dump(function() end)", "string has no \"dump\"");
    ATTACK("return ('x'):match('.-.-.-b')", "string has no \"match\"");
    ATTACK("return ('x'):gsub('x', 'y')", "string has no \"gsub\"");
    ATTACK("return ('x'):find('x')", "string has no \"find\"");
    ATTACK("return string.pack('i', 1)", "string has no \"pack\"");
    ATTACK("table.move({}, 1, math.maxinteger - 1, 2)", "table has no \"move\"");
    ATTACK("return math.random()", "math has no \"random\"");
    ATTACK("return math.huge", "math has no \"huge\"");
    ATTACK("pritn('x')", "unknown name \"pritn\"");
    ATTACK("polcy {}", "unknown name \"polcy\" (did you mean \"policy\"?)");
    ATTACK("return ('x'):uper()", "string has no \"uper\" (did you mean \"upper\"?)");
}

TEST(nothing_can_be_changed)
{
    ATTACK("x = 1", "t.lua:1: global variable \"x\" cannot be made: write local x");
    ATTACK("function f() end", "global variable \"f\" cannot be made");
    ATTACK("string.upper = nil", "string.upper cannot be changed");
    ATTACK("string = {}", "global variable \"string\" cannot be made");
    ATTACK("('x').upper = 1", "");
    ATTACK("table.insert(string, 1)", "table.insert: a namespace, want a table");
    ATTACK("for k in pairs(string) do end", "pairs over a namespace, want a table");
    ATTACK("_ENV.x = 1", "global variable \"x\" cannot be made");
    ATTACK("registry.value = 1", "registry.value cannot be changed");
    ATTACK("equals(1).kind = 2", "a predicate cannot be changed");
    ATTACK("return equals(1).kind", "a predicate has no field \"kind\"");
    ATTACK("return #string", "");
    ATTACK("return string()", "");
    ATTACK("return 'a' + 1", "");
    ATTACK("return '10' + 1", "attempt to perform arithmetic");
}

TEST(bytes_that_are_no_policy)
{
    ATTACK("\x1bLua", "t.lua:1: compiled Lua is not accepted, only text");
    ATTACK("\n\n-- \xff\xfe", "t.lua:3: byte 0xff is not UTF-8 text");
    ATTACK("-- \xed\xa0\x80", "t.lua:1: byte 0xed is not UTF-8 text");
    ATTACK("return {", "t.lua:1: unexpected symbol near <eof>");
    ATTACK("\nlocal = 5", "t.lua:2: <name> expected near '='");
    ATTACK("return 'unfinished", "t.lua:1: unfinished string");
    ATTACK("", "t.lua:1: returned nothing (nil), want: return policy { ... }");
    ATTACK("return 5", "t.lua:1: returned a number");
    struct loaded l;
    load_limited(&l, span_of("return 1\0 + 1", 13), NULL, NULL);
    CHECK_STR(str_of(l.e.text), "policies/t.lua:1: byte 0x00 is not UTF-8 text");
    unload(&l);
}

TEST(large_and_deep_texts)
{
    size_t size = (size_t)10 << 20;
    char *big = malloc(size);
    struct loaded l;
    if (!big)
        abort();
    memset(big, ' ', size);
    load_limited(&l, span_of(big, size), NULL, NULL);
    CHECK_STR(str_of(l.e.text),
              "policies/t.lua:1: 10485760 bytes of text, at most 1048576 are read");
    unload(&l);
    static const char open[] = "{(f[-";
    for (size_t k = 0; open[k]; k++) {
        memset(big, open[k], 1 << 20);
        memcpy(big, "return ", 7);
        load_limited(&l, span_of(big, 1 << 20), NULL, NULL);
        CHECK(!l.policy && l.e.text[0] && !strchr(l.e.text, '\n'));
        unload(&l);
    }
    free(big);
}

TEST(error_values_of_any_kind)
{
    ATTACK("error({})", "t.lua:1: error value that is no text (a table)");
    ATTACK("error(nil)", "t.lua:1: error value that is no text (a nil)");
    ATTACK("error()", "t.lua:1: error value that is no text");
    ATTACK("error(function() end)", "error value that is no text (a function)");
    ATTACK("error(equals(1))", "error value that is no text (a userdata)");
    ATTACK("error('boo')", "policies/t.lua:1: boo");
    ATTACK("error('a\\nb\\27[31mc', 0)", "policies/t.lua:1: a\\u{a}b\\u{1b}[31mc");
    ATTACK("local function f() error('boo', 2) end\n f()", "t.lua:2: boo");
    ATTACK("error('boo', 1 << 40)", "");
    ATTACK("error(('x'):rep(100000))", "t.lua:1: xxx");
    ATTACK("assert(false)", "t.lua:1: assertion failed");
    ATTACK("assert(nil, 'why')", "t.lua:1: why");
    ATTACK("assert(nil, {})", "t.lua:1: table");
    ATTACK("assert()", "");
    ATTACK("local x = nil; x.y = 1", "t.lua:1: attempt to index a nil value (local 'x')");
    ATTACK("return 1 < 'x'", "attempt to compare number with string");
    ATTACK("return policy", "returned a function");
}

TEST(no_addresses)
{
    struct loaded l;
    load_text(&l, "error(tostring({}) .. tostring(function() end) .. tostring(error) .. "
                  "tostring(equals(1)) .. ('%s'):format({}) .. tostring(string))");
    CHECK_STR(str_of(l.e.text),
              "policies/t.lua:1: tablefunctionfunctiona predicatetablea namespace");
    unload(&l);
}

/* Texts computed by the language, shown through error(). */
static void says_at(int line, const char *expression, const char *want)
{
    struct loaded l;
    char text[512], all[512];
    snprintf(text, sizeof text, "error(tostring(%s))", expression);
    snprintf(all, sizeof all, "policies/t.lua:1: %s", want);
    load_text(&l, text);
    if (strcmp(l.e.text, all) != 0) {
        fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, line, expression, l.e.text);
        test_failures++;
    }
    unload(&l);
}

#define SAYS(expression, want) says_at(__LINE__, expression, want)

TEST(the_language_works)
{
    SAYS("('%5d|%-4s|%x|%.2f|%g|%q|%%'):format(42, 'ab', 255, 1.5, 0.25, 'q')",
         "   42|ab  |ff|1.50|0.25|\"q\"|%");
    SAYS("('AbÄ'):upper() .. ('AbÄ'):lower()", "ABÄabÄ");
    SAYS("('ab'):rep(3, '-')", "ab-ab-ab");
    SAYS("('MFEHIDK.sys'):glob('mfe*.SYS')", "true");
    SAYS("('mfehidk.sys'):glob('mfe')", "false");
    SAYS("('abc'):sub(2, -1) .. #'abc' .. ('abc'):byte(1) .. string.char(65) .. ('ab'):reverse()",
         "bc397Aba");
    SAYS("table.concat({1, 'b', 3}, ', ')", "1, b, 3");
    SAYS("table.concat({1, 2, 3}, '', 2, 3)", "23");
    SAYS("(function() local t = {5, 2, 9, 1} table.sort(t) return table.concat(t, ' ') end)()",
         "1 2 5 9");
    SAYS("(function() local t = {'b', 'a'} table.sort(t, function(x, y) return x > y end) "
         "return table.concat(t) end)()",
         "ba");
    SAYS("(function() local t = {1, 2} table.insert(t, 1, 0) table.insert(t, 3) table.remove(t, 2) "
         "return table.concat(t) .. tostring(table.remove(t)) .. #t end)()",
         "02332");
    SAYS("(function() local s = '' for k, v in pairs({b = 1, a = 2, [2] = 3, [1.5] = 4, [true] = "
         "5}) do s = s .. tostring(k) .. v end return s end)()",
         "1.5423a2b1true5");
    SAYS("(function() local s = '' for i, v in ipairs({7, 8}) do s = s .. i .. v end return s "
         "end)()",
         "1728");
    SAYS("tostring(tonumber('0x10')) .. tostring(tonumber('z', 36)) .. tostring(tonumber('x')) .. "
         "tostring(tonumber('-101', 2))",
         "1635nil-5");
    SAYS("select('#', 1, nil, 3) .. select(-1, 'a', 'b')", "3b");
    SAYS("math.max(1, 7, 3) .. math.floor(2.5) .. math.type(1) .. tostring(math.ult(1, -1))",
         "72integertrue");
    SAYS("text.matches('ab12', '^[a-z]+\\\\d+$')", "true");
    SAYS("text.matches('AB', 'ab')", "false");
    SAYS("text.matches('AB', '(?i)ab')", "true");
    SAYS("table.concat(text.capture('KB71083 of 2011', '(KB\\\\d+).*?(\\\\d{4})'), '/')",
         "KB71083/2011");
    SAYS("text.capture('abc', 'b+')[1] .. tostring(text.capture('abc', 'x'))", "bnil");
    SAYS("tostring(text.capture('ac', '(a)(b)?(c)')[2])", "false");
    SAYS("type(equals(1)) .. type({}) .. type(nil)", "userdatatablenil");
    ATTACK("return ('%10000d'):format(1)", "string.format: \"%10000d\" is none of");
    ATTACK("return ('%a'):format(1)", "string.format: \"%a\" is none of");
    ATTACK("return ('%p'):format({})", "string.format: \"%p\" is none of");
    ATTACK("return ('%d'):format()", "string.format: more directives than values");
    ATTACK("return ('%'):format()", "string.format");
    ATTACK("for k in pairs({[{}] = 1}) do end", "pairs: keys that are table have no order");
    ATTACK("table.sort({1, 'x'})", "sort: text beside a number");
    ATTACK("table.sort({{}, {}})", "attempt to compare two table values");
}

TEST_MAIN()
