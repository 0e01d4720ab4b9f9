/* What loading accepts and how it refuses: one line with file, line and, where it can, a
 * suggestion. */
#include "script_support.h"

#include "base/version.h"

static void refuses_at(int line, const char *text, const char *says)
{
    struct loaded l;
    load_text(&l, text);
    if (l.policy || strcmp(l.e.text, says) != 0 || l.e.kind == ERR_NONE) {
        fprintf(stderr, "%s:%d:\n  gave: %s\n  want: %s\n", __FILE__, line,
                l.policy ? "(loaded)" : l.e.text, says);
        test_failures++;
    }
    unload(&l);
}

#define REFUSES(text, says) refuses_at(__LINE__, text, "policies/t.lua:" says)
#define RULE_REFUSES(body, says) refuses_at(__LINE__, with_rule(body), "policies/t.lua:1: " says)

#define WANT_A "want = registry.absent('HKLM\\\\A')"

TEST(a_whole_policy)
{
    struct loaded l;
    load_text(&l,
              "local KEY <const> = [[HKLM\\SOFTWARE\\A]]\n"
              "return policy {\n"
              "  id = 't', title = 'Title ä', references = { 'KB1', 'KB2' },\n"
              "  inputs = { days = input.int { default = 30, minimum = 1, title = 'days' },\n"
              "             build = input.version { default = '8.8' } },\n"
              "  rule {\n"
              "    id = 'one', title = 'One', severity = 'high', rationale = 'because\\nof',\n"
              "    want = registry.value(KEY, 'V', dword(5), { if_absent = 'pass' }),\n"
              "    repair = manual 'do it',\n"
              "  },\n"
              "  rule {\n"
              "    id = 'two', title = 'Two', severity = 'info', references = 'KB3',\n"
              "    want = when(service.enabled { name = 's' },\n"
              "      any { product.version('a.b', at_least(input 'build')),\n"
              "            eventlog.none { channel = 'System', ids = 514, providers = 'p',\n"
              "                            window_days = input 'days', group_by = 'image' } }),\n"
              "    repair = { upgrade { product = 'a.b', to = input 'build' }, manual 'x' },\n"
              "  },\n"
              "  rule { id = 'three', title = 'Three', severity = 'low', needs = { 'registry' },\n"
              "    check = function(host) return pass() end },\n"
              "}\n");
    CHECK_STR(str_of(l.e.text), "");
    struct policy *p = l.policy;
    if (!p)
        return;
    CHECK_STR(p->id, "t");
    CHECK_STR(p->title, "Title ä");
    CHECK_STR(p->references[1], "KB2");
    CHECK_U64(p->input_count, 2);
    CHECK_STR(p->inputs[0].name, "build");
    CHECK(p->inputs[0].type == INPUT_VERSION && p->inputs[1].type == INPUT_INT);
    CHECK(p->inputs[1].value.integer == 30 && p->inputs[1].minimum.integer == 1);
    CHECK_U64(p->rule_count, 3);

    const struct rule *one = &p->rules[0];
    CHECK_STR(one->qualified, "t.one");
    CHECK(one->policy == p && one->severity == SEVERITY_HIGH && one->line == 6);
    CHECK(one->want->kind == WANT_REGISTRY_VALUE && one->want->line == 8);
    CHECK_STR(value_get(&one->want->args, "key")->text, "HKLM\\SOFTWARE\\A");
    CHECK_STR(value_get(&one->want->args, "if_absent")->text, "pass");
    CHECK(one->want->predicate.kind == PRED_EQUALS && one->want->predicate.typed);
    CHECK(one->want->predicate.reg_type == 4 && one->want->predicate.a.integer == 5);
    CHECK(one->remedy_count == 1 && one->remedies[0].kind == REMEDY_MANUAL);

    const struct rule *two = &p->rules[1];
    CHECK_STR(two->references[0], "KB3");
    CHECK(two->want->kind == WANT_WHEN && two->want->child_count == 2 && two->want->nodes == 5);
    const struct want *any = two->want->children[1];
    CHECK(any->kind == WANT_ANY && any->child_count == 2);
    const struct value *to = policy_value(p, &two->remedies[0].to);
    CHECK_STR(to->text, "8.8");
    CHECK_STR(policy_value(p, &any->children[0]->predicate.a)->text, "8.8");
    const struct want *events = any->children[1];
    CHECK(value_get(&events->args, "ids")->list.items[0].integer == 514);
    CHECK_STR(value_get(&events->args, "providers")->list.items[0].text, "p");
    CHECK(policy_value(p, value_get(&events->args, "window_days"))->integer == 30);

    CHECK(p->rules[2].has_check && !p->rules[2].want && p->rules[2].needs == NEED_REGISTRY);
    unload(&l);
}

TEST(predicates)
{
    struct loaded l;
    load_text(&l, with_rule("want = all { registry.value('HKLM\\\\A', '', 'x'), "
                            "registry.value('HKLM\\\\A', 'b', between(0, 4)), "
                            "registry.value('HKU\\\\A', 'b', one_of { 'x', 'y' }), "
                            "registry.value('HKLM\\\\A', 'b', glob '*.exe'), "
                            "registry.value('HKLM\\\\A', 'b', contains 'x'), "
                            "registry.value('HKLM\\\\A', 'b', absent), "
                            "registry.value('HKLM\\\\A', 'b', multi_sz { 'x' }), "
                            "registry.value('HKLM\\\\A', 'b', binary '01 fF'), "
                            "registry.value('HKLM\\\\A', 'b', qword(-1)), "
                            "registry.value('HKLM\\\\A', 'b', expand_sz '%x%') }"));
    CHECK_STR(str_of(l.e.text), "");
    if (!l.policy)
        return;
    struct want **w = l.policy->rules[0].want->children;
    CHECK(w[0]->predicate.kind == PRED_EQUALS && !w[0]->predicate.typed);
    CHECK(w[1]->predicate.kind == PRED_BETWEEN && w[1]->predicate.b.integer == 4);
    CHECK(w[2]->predicate.kind == PRED_ONE_OF && w[2]->predicate.a.list.count == 2);
    CHECK(w[3]->predicate.kind == PRED_GLOB && w[4]->predicate.kind == PRED_CONTAINS);
    CHECK(w[5]->predicate.kind == PRED_ABSENT);
    CHECK(w[6]->predicate.reg_type == 7 && w[6]->predicate.a.kind == VALUE_LIST);
    CHECK(w[7]->predicate.reg_type == 3 && w[7]->predicate.a.text.len == 2);
    CHECK(w[8]->predicate.reg_type == 11 && w[8]->predicate.a.integer == -1);
    CHECK(w[9]->predicate.reg_type == 2);
    unload(&l);
}

TEST(misspelt_fields)
{
    REFUSES("return policy { id = 't', titel = 'T' }",
            "1: policy: unknown field \"titel\" (did you mean \"title\"?)");
    REFUSES("return policy {\n id = 't', title = 'T',\n rule {\n  id = 'r',\n  -- severty = 1\n"
            "  title = 'severty = 2',\n  severty = 'low',\n  " WANT_A " } }",
            "7: rule: unknown field \"severty\" (did you mean \"severity\"?)");
    RULE_REFUSES("wnat = 1", "rule: unknown field \"wnat\" (did you mean \"want\"?)");
    RULE_REFUSES("want = eventlog.none { chanel = 'System' }",
                 "eventlog.none: unknown field \"chanel\" (did you mean \"channel\"?)");
    RULE_REFUSES("want = registry.valu('HKLM\\\\A', 'b', 1)",
                 "registry has no \"valu\" (did you mean \"value\"?)");
    RULE_REFUSES("want = regsitry.value('HKLM\\\\A', 'b', 1)",
                 "unknown name \"regsitry\" (did you mean \"registry\"?)");
    RULE_REFUSES("want = product.version('a', atleast '1')",
                 "unknown name \"atleast\" (did you mean \"at_least\"?)");
    RULE_REFUSES("severity = 'hihg', " WANT_A,
                 "rule: field \"severity\" is \"hihg\", want one of info, low, medium, high, "
                 "critical (did you mean \"high\"?)");
    RULE_REFUSES("check = function() end, needs = { 'registri' }",
                 "rule: needs \"registri\", want registry, product, service, events, file, "
                 "signature, certificates or lists (did "
                 "you mean \"registry\"?)");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', 1, { veiw = '32' })",
                 "registry.value: unknown field \"veiw\" (did you mean \"view\"?)");
    RULE_REFUSES("zzzzzzzz = 1, " WANT_A, "rule: unknown field \"zzzzzzzz\"");
    REFUSES("return policy { id = 't', title = 'T', inputs = { x = input.int { defalt = 1 } } }",
            "1: input.int: unknown field \"defalt\" (did you mean \"default\"?)");
    REFUSES(
        "return policy { id = 't', title = 'T', inputs = { x = input.integer { default = 1 } } }",
        "1: input has no \"integer\"");
}

TEST(missing_fields)
{
    REFUSES("return policy { title = 'T' }",
            "1: policy: field \"id\" is missing (what the policy is called)");
    REFUSES("return policy { id = 't' }",
            "1: policy: field \"title\" is missing (what the policy is about, in one line)");
    REFUSES("return policy { id = 't', title = 'T' }", "1: policy \"t\" has no rule");
    REFUSES("\nreturn policy { id = 't', title = 'T',\nrule { id = 'r', title = 'R', " WANT_A
            " } }",
            "3: rule: field \"severity\" is missing (how bad a failure is)");
    RULE_REFUSES("", "rule \"r\" has neither want nor check");
    RULE_REFUSES(WANT_A ", check = function() end",
                 "rule \"r\" has both want and check, one is wanted");
    RULE_REFUSES(
        "check = function() end",
        "rule: field \"needs\" is missing (fact namespaces that the check function reads)");
    RULE_REFUSES(WANT_A ", needs = { 'registry' }",
                 "rule: field \"needs\" goes with check, a want needs none");
    RULE_REFUSES(
        "want = eventlog.capacity { channel = 'System' }",
        "eventlog.capacity: field \"window_days\" is missing (days that the log should keep)");
    REFUSES("return policy { id = 't', title = 'T', inputs = { x = input.int {} } }",
            "1: input.int: field \"default\" is missing (its value unless set)");
    RULE_REFUSES(WANT_A ", repair = upgrade { product = 'a' }",
                 "upgrade: field \"to\" is missing (version to bring it to)");
}

TEST(repairs)
{
    RULE_REFUSES(WANT_A ", repair = registry.set { key = 'HKLM\\\\A', name = 'b', value = 1 }",
                 "registry.set: field \"value\": a number where a typed value is wanted: dword(5), "
                 "sz \"x\" or the like");
    RULE_REFUSES(WANT_A
                 ", repair = registry.set { key = 'HKLM\\\\A', name = 'b', valu = dword(1) }",
                 "registry.set: unknown field \"valu\" (did you mean \"value\"?)");
    RULE_REFUSES(WANT_A ", repair = registry.delete_value { key = 'HKLM\\\\A', nmae = 'b' }",
                 "registry.delete_value: unknown field \"nmae\" (did you mean \"name\"?)");
    RULE_REFUSES(WANT_A ", repair = registry.delet_value { key = 'HKLM\\\\A', name = 'b' }",
                 "registry has no \"delet_value\" (did you mean \"delete_value\"?)");
    RULE_REFUSES(WANT_A ", repair = certificate.add { store = 'ROOT', pem = 'x' }",
                 "certificate.add: pem: no PEM text of a certificate");
    RULE_REFUSES(WANT_A ", repair = certificate.remove { store = 'ROOT', sha1 = 'x' }",
                 "certificate.remove: \"x\" does not begin with a thumbprint (40 hex digits)");
    RULE_REFUSES(WANT_A ", repair = certificate.remove { store = 'A\\\\B', sha1 = 'x' }",
                 "certificate.remove: \"A\\B\" is no name of a store, want \"ROOT\", \"CA\" or the "
                 "like");
    RULE_REFUSES(WANT_A ", repair = roots.refresh { now = true }",
                 "roots.refresh: unknown field \"now\"");
    RULE_REFUSES(WANT_A ", repair = upgrade.stage { product = 'a', to = '1', package = '../x', "
                        "sha256 = 'y' }",
                 "upgrade.stage: package \"../x\": want the name of a file, no path");
    RULE_REFUSES(WANT_A ", repair = upgrade.stage { product = 'a', to = '1', package = 'x', "
                        "sha256 = 'y' }",
                 "upgrade.stage: \"y\" is no SHA-256 digest (64 hexadecimal digits)");
}

TEST(what_enforce_cannot_do)
{
    RULE_REFUSES(
        "want = registry.value('HKLM\\\\A', 'b', 1), repair = enforce()",
        "the registry.value in line 1 does not say how it is made true: want a typed value "
        "such as dword(5), or the option set_to = dword(5)");
    RULE_REFUSES("want = registry.absent('HKLM\\\\A'), repair = enforce()",
                 "the registry.absent in line 1 does not say how it is made true: whole keys are "
                 "not deleted, name a value");
    RULE_REFUSES("want = service.enabled { name = 's' }, repair = enforce()",
                 "the service.enabled in line 1 does not say how it is made true: name one start "
                 "type (service.enabled: set_to = \"automatic\" or the like)");
    RULE_REFUSES("want = any { registry.value('HKLM\\\\A', 'b', dword(1)) }, repair = enforce()",
                 "the wanted state in line 1 does not say how it is made true: enforce() knows "
                 "registry, service, event log, certificate and list states joined by all{...}; "
                 "name a repair such as manual \"...\"");
    RULE_REFUSES("check = function() end, needs = { 'registry' }, repair = enforce()",
                 "rule: enforce() goes with want, and this rule has a check function");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', 1, { set_to = 1 })",
                 "registry.value: option \"set_to\": a number where a typed value is wanted: "
                 "dword(5), sz \"x\" or the like");
}

TEST(wrong_types)
{
    REFUSES("return policy 'x'", "1: policy: text where a table {...} is wanted");
    REFUSES("return policy { id = 5, title = 'T' }",
            "1: policy: field \"id\" is a number, want an id of a-z, 0-9, _ and -, joined by dots");
    REFUSES("return policy { id = 't',\n\n title = {} }",
            "3: policy: field \"title\" is a table, want text");
    REFUSES("return policy { id = 't', title = '' }", "1: policy: field \"title\" is empty");
    REFUSES("return policy { id = 't', title = 'a\\nb' }",
            "1: policy: field \"title\" holds the control character 0x0a");
    REFUSES("return policy { id = 't', title = '\\xff' }",
            "1: policy: field \"title\" is not UTF-8 text");
    REFUSES("return policy { id = 't', title = 'T', references = { 1 } }",
            "1: policy: field \"references\": an element is a number, want text");
    REFUSES("return policy { id = 't', title = 'T', references = { a = 'x' } }",
            "1: policy: field \"references\" is not a plain list");
    REFUSES("return policy { id = 't', title = 'T', 'x' }",
            "1: policy: list element 1 is text, want rule{...}");
    REFUSES("return policy { id = 't', title = 'T', { id = 'r' } }",
            "1: policy: list element 1 is a table, want rule{...}");
    REFUSES("return policy { id = 't', title = 'T', rule }",
            "1: policy: list element 1 is a function, want rule{...}");
    RULE_REFUSES("id = 'Upper', " WANT_A,
                 "rule: field \"id\" is \"Upper\", want an id of a-z, 0-9, _ and -");
    RULE_REFUSES("id = 'a.b', " WANT_A,
                 "rule: field \"id\" is \"a.b\", want an id of a-z, 0-9, _ and -");
    RULE_REFUSES("want = 5",
                 "rule: field \"want\" is a number, want a state such as registry.value(...)");
    RULE_REFUSES("want = equals(5)",
                 "rule: field \"want\" is a predicate, want a state such as registry.value(...)");
    RULE_REFUSES("check = 'x', needs = {}", "rule: field \"check\" is text, want a function");
    RULE_REFUSES(WANT_A ", repair = 'do it'",
                 "rule: field \"repair\" is text, want manual \"...\", enforce(), upgrade{...}, "
                 "registry.set{...} or the like, or a list of them");
    RULE_REFUSES(
        "want = registry.value('A', 'b', 1)",
        "registry.value: the key is \"A\", want a registry key that begins with HKLM, HKU or "
        "HKCR");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b')",
                 "registry.value: want (key, name, predicate [, options])");
    RULE_REFUSES(
        "want = registry.value('HKLM\\\\A', 'b', nil)",
        "registry.value: nothing (nil) where a predicate such as at_least(...) or dword(...) "
        "is wanted");
    RULE_REFUSES(
        "want = registry.value('HKLM\\\\A', 'b', at_least)",
        "registry.value: a function where a predicate such as at_least(...) or dword(...) is "
        "wanted");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', dword('5'))",
                 "dword is text, want a whole number");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', dword(-1))",
                 "dword: -1 is outside 0 to 4294967295");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', dword(1.5))",
                 "dword is 1.5, want a whole number");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', between(5, 1))",
                 "between: the lower bound 5 is above 1");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', between(1, 'x'))",
                 "between: one bound is text, the other a number");
    RULE_REFUSES("want = registry.value('HKLM\\\\A', 'b', binary '0')",
                 "binary: an odd number of hexadecimal digits");
    RULE_REFUSES("want = product.version('a', '8.8 Patch 2')",
                 "product.version: want versions in quotes, as at_least \"8.8.0.975\"");
    RULE_REFUSES("want = product.version('a', at_least(8.8))",
                 "at_least is 8.8, want a whole number, or a version in quotes");
    RULE_REFUSES("want = product.version('a', glob '8*')",
                 "product.version: want at_least, at_most, between, equals, one_of or none_of");
    RULE_REFUSES("want = eventlog.capacity { channel = 'System', window_days = 0 }",
                 "eventlog.capacity: field \"window_days\" is 0, want 1 to 1000000");
    RULE_REFUSES("want = all {}", "all: want a plain list of 1 to 1024 wanted states");
    RULE_REFUSES("want = any { 1 }", "any: a number where a wanted state is wanted");
    RULE_REFUSES("want = when(equals(1), 1)",
                 "when: the condition: a predicate where a wanted state is wanted");
    RULE_REFUSES("'x', " WANT_A, "rule: list element 1 where only named fields are known");
    RULE_REFUSES("want = findings()", "findings is only there while a check function runs");
}

TEST(inputs_fit_where_they_stand)
{
    REFUSES(
        "return policy { id = 't', title = 'T', inputs = { days = input.int { default = 1 } },\n"
        "rule { id = 'r', title = 'R', severity = 'low',\n"
        "want = eventlog.capacity { channel = 'System', window_days = input 'dyas' } } }",
        "3: the policy has no input \"dyas\" (did you mean \"days\"?)");
    REFUSES(
        "return policy { id = 't', title = 'T', inputs = { v = input.text { default = '1' } },\n"
        "rule { id = 'r', title = 'R', severity = 'low',\n"
        "want = product.version('a', at_least(input 'v')) } }",
        "3: input \"v\" is text, want a dotted version in quotes here");
    REFUSES("return policy { id = 't', title = 'T', inputs = { d = input.int { default = -3 } },\n"
            "rule { id = 'r', title = 'R', severity = 'low',\n"
            "want = eventlog.capacity { channel = 'System', window_days = input 'd' } } }",
            "3: input \"d\" is -3, want 1 to 1000000 here");
    REFUSES("return policy { id = 't', title = input 'x' }",
            "1: policy: field \"title\" cannot be an input");
    REFUSES("return policy { id = 't', title = 'T', inputs = { x = 5 } }",
            "1: policy: input \"x\" is a number, want input.text{...} or the like");
    REFUSES(
        "return policy { id = 't', title = 'T', inputs = { ['X y'] = input.int { default = 1 } } }",
        "1: policy: input \"X y\": want a name of a-z, 0-9, _ and -");
    REFUSES("local x = input.int { default = 1, minimum = 5 }",
            "1: input.int: the default is below the minimum");
    REFUSES("local x = input.version { default = '8.8 P2' }",
            "1: input.version: field \"default\" is \"8.8 P2\", want a dotted version in quotes");
    REFUSES("local x = input.number { default = 0/0 }",
            "1: input.number: field \"default\" is not a finite number");
}

TEST(ids)
{
    REFUSES("local r = function() return rule { id = 'r', title = 'R', severity = 'low', " WANT_A
            " } end\nreturn policy { id = 't', title = 'T', r(), r() }",
            "1: rule \"r\" is there twice, first in line 1");
    static const struct {
        const char *path, *id;
        bool ok;
    } cases[] = {{"policies/kb71083/kb71083.lua", "kb71083", true},
                 {"/etc/policies/windows/lsa.lua", "windows.lsa", true},
                 {"C:\\p\\windows\\lsa.lua", "windows.lsa", true},
                 {"lsa.lua", "lsa", true},
                 {"xlsa.lua", "lsa", false},
                 {"windows.lsa.lua", "windows.lsa", false},
                 {"lsa.txt", "lsa", false},
                 {".lua", "lsa", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        struct arena a;
        struct policy *p;
        struct err e = {0};
        snprintf(text, sizeof text,
                 "return policy { id = '%s', title = 'T', rule { id = 'r', title = 'R', severity = "
                 "'low', " WANT_A " } }",
                 cases[i].id);
        struct script_source source = {str_of(cases[i].path), span_of(text, strlen(text)), true};
        arena_init(&a, ARENA_DEFAULT_CAP);
        CHECK(script_load_policy(&source, NULL, NULL, &a, &p, &e) == cases[i].ok);
        source.builtin = false; /* an admin's file may be called anything */
        CHECK(script_load_policy(&source, NULL, NULL, &a, &p, &e));
        arena_done(&a);
    }
}

TEST(shared_subtrees_are_counted)
{
    REFUSES("local w = registry.absent 'HKLM\\\\A'\nfor i = 1, 40 do w = all { w, w } end",
            "2: more than 4096 wanted states in one rule, or more than 32 deep");
    REFUSES("local w = registry.absent 'HKLM\\\\A'\nfor i = 1, 40 do w = all { w } end",
            "2: more than 4096 wanted states in one rule, or more than 32 deep");
}

TEST(holes_are_no_lists)
{
    REFUSES("return policy { id = 't', title = 'T', [3] = 1 }",
            "1: policy: a list element is missing or has no place");
    REFUSES("return policy { id = 't', title = 'T', [1.5] = 1 }",
            "1: policy: a list element is missing or has no place");
    REFUSES("return policy { id = 't', title = 'T', [{}] = 1 }",
            "1: policy: a list element is missing or has no place");
}

/* ---- modules ------------------------------------------------------------------------------- */

static bool find_module(void *context, struct str name, struct span *text)
{
    static const char *const modules[][2] = {
        {"good", "return { KEY = 'HKLM\\\\A' }"},
        {"loop_a", "return use 'loop_b'"},
        {"loop_b", "return use 'loop_a'"},
        {"self", "\nreturn use 'self'"},
        {"nothing", "local x = 1"},
        {"broken", "\n\nreturn {"},
        {"failing", "\nerror('no')"},
        {"sets", "x = 1 return {}"},
        {"bytecode", "\x1bLua"},
    };
    (void)context;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (str_eq(str_of(modules[i][0]), name)) {
            *text = span_of(modules[i][1], strlen(modules[i][1]));
            return true;
        }
    return false;
}

static void module_says(int line, const char *text, const char *says)
{
    static const struct script_modules modules = {find_module, NULL};
    struct loaded l;
    load_limited(&l, span_of(text, strlen(text)), &modules, NULL);
    if (l.policy || strcmp(l.e.text, says) != 0) {
        fprintf(stderr, "%s:%d:\n  gave: %s\n  want: %s\n", __FILE__, line, l.e.text, says);
        test_failures++;
    }
    unload(&l);
}

#define MODULE_SAYS(text, says) module_says(__LINE__, text, says)

TEST(modules)
{
    MODULE_SAYS("error(use('good').KEY .. tostring(use 'good' == use 'good'))",
                "policies/t.lua:1: HKLM\\Atrue");
    MODULE_SAYS("use 'loop_a'",
                "lua/loop_b.lua:1: module \"loop_a\" uses itself, directly or through others");
    MODULE_SAYS("use 'self'",
                "lua/self.lua:2: module \"self\" uses itself, directly or through others");
    MODULE_SAYS("\nuse 'nothing'",
                "policies/t.lua:2: module \"nothing\" returned nothing (nil), want a table");
    MODULE_SAYS("use 'broken'", "lua/broken.lua:3: unexpected symbol near <eof>");
    MODULE_SAYS("use 'failing'", "lua/failing.lua:2: no");
    MODULE_SAYS("use 'sets'",
                "lua/sets.lua:1: global variable \"x\" cannot be made: write local x");
    MODULE_SAYS("use 'bytecode'", "lua/bytecode.lua:1: compiled Lua is not accepted, only text");
    MODULE_SAYS("use '../../etc/passwd'",
                "policies/t.lua:1: use: \"../../etc/passwd\" is no module name such as "
                "\"mcafee.builds\"");
    MODULE_SAYS("use(5)", "policies/t.lua:1: use: the module's name is a number, want text");
    MODULE_SAYS("use 'zzzzzzzzzzzz'", "policies/t.lua:1: there is no module \"zzzzzzzzzzzz\"");
}

/* ---- products ------------------------------------------------------------------------------ */

static void product_says(int line, const char *text, const char *says)
{
    struct script_source source = {STR("p.lua"), span_of(text, strlen(text)), false};
    struct arena a;
    struct product_def *defs;
    size_t count;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    if (script_load_products(&source, 1, NULL, &a, &defs, &count, &e) ||
        strcmp(e.text, says) != 0) {
        fprintf(stderr, "%s:%d:\n  gave: %s\n  want: %s\n", __FILE__, line, e.text, says);
        test_failures++;
    }
    arena_done(&a);
}

#define PRODUCT_SAYS(text, says) product_says(__LINE__, text, says)

TEST(products)
{
    static const char text[] =
        "return product { id = 'acme.tool', name = 'Tool', successor = 'acme.next', sources = {\n"
        "source.registry { key = [[HKLM\\SOFTWARE\\Acme]], value = 'V', role = 'primary', prefix = "
        "'8.8' },\n"
        "source.uninstall { text = 'Tool' }, source.msi { code = '{1}', label = 'installer' },\n"
        "source.file { path = [[%ProgramFiles%\\t.exe]], role = 'hotfix' },\n"
        "source.service { name = 'tool' } },\n"
        "builds = { { '8.8.0.777', 'RTM' }, { from = '8.8.0.849', name = 'Patch 1', exact = true } "
        "} "
        "}";
    struct script_source source = {STR("p.lua"), span_of(text, strlen(text)), false};
    struct arena a;
    struct product_def *defs = NULL;
    size_t count = 0;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(script_load_products(&source, 1, NULL, &a, &defs, &count, &e));
    CHECK_STR(str_of(e.text), "");
    CHECK(count >= 1);
    const struct product_def *d = count ? &defs[count - 1] : NULL;
    if (d) {
        CHECK_STR(d->id, "acme.tool");
        CHECK_STR(d->successor, "acme.next");
        CHECK_U64(d->source_count, 5);
        CHECK(d->sources[0].role == ROLE_PRIMARY && d->sources[0].prefix_parts == 2);
        CHECK(d->sources[0].prefix.part[0] == 8 && d->sources[1].kind == SOURCE_UNINSTALL);
        CHECK(d->sources[1].role == ROLE_CORROBORATES && d->sources[3].role == ROLE_HOTFIX);
        CHECK_STR(d->sources[2].label, "installer");
        CHECK_STR(d->sources[4].service, "tool");
        CHECK(d->build_count == 2 && d->builds[1].exact && !d->builds[0].exact);
        CHECK_STR(d->builds[0].name, "RTM");
    }
    arena_done(&a);
    PRODUCT_SAYS("return 1", "p.lua:1: returned a number, want: return product { ... }");
    PRODUCT_SAYS("return product { id = 'a', name = 'A' }",
                 "p.lua:1: product: field \"sources\" is missing (where its version can be read)");
    PRODUCT_SAYS(
        "return product { id = 'a', name = 'A', sources = { 1 } }",
        "p.lua:1: product: sources: element 1 is a number, want source.registry{...} or the "
        "like");
    PRODUCT_SAYS("return product { id = 'a', name = 'A', sources = { source.uninstall {} } }",
                 "p.lua:1: source.uninstall has neither code nor text");
    PRODUCT_SAYS("return product { id = 'a', name = 'A', sources = { source.service { name = 'x' } "
                 "}, builds = { { '2.0', 'b' }, { '1.0', 'a' } } }",
                 "p.lua:1: product: builds: element 2 (a) does not ascend");
    PRODUCT_SAYS("return product { id = 'a', name = 'A', sources = { source.regstry { } } }",
                 "p.lua:1: source has no \"regstry\" (did you mean \"registry\"?)");
    PRODUCT_SAYS("return policy { }", "p.lua:1: unknown name \"policy\"");
}

TEST(a_byte_order_mark_is_skipped)
{
    struct loaded l;
    static char text[1 << 17];
    snprintf(text, sizeof text, "\xEF\xBB\xBF%s", with_rule(WANT_A));
    load_text(&l, text);
    CHECK(l.policy != NULL);
    unload(&l);
}

TEST_MAIN()
