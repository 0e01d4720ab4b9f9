/* Plans of registry values, services, event logs and upgrades: changes with their before-images,
 * what is the same or contrary, predictions, digests. */
#include "plan_case.h"

#define T "HKLM\\SOFTWARE\\T"
#define SERVICES "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"

static bool dword_is(const struct reg_image *i, uint32_t n)
{
    return i->present && i->type == REGF_DWORD && i->data.len == 4 && load_u32(i->data.ptr) == n;
}

static bool bytes_are(const struct reg_image *i, uint32_t type, const char *bytes, size_t len)
{
    return i->present && i->type == type && span_eq(i->data, span_of(bytes, len));
}

TEST(values_of_every_type)
{
    struct plan_case c;
    plan_case_open(&c, "r('dword', registry.value(K, 'dword', dword(5)), enforce()),\n"
                       "r('qword', registry.value(K, 'qword', qword(6)), enforce()),\n"
                       "r('sz', registry.value(K, 'sz', sz 'a'), enforce()),\n"
                       "r('expand', registry.value(K, 'expand', expand_sz 'b'), enforce()),\n"
                       "r('multi', registry.value(K, 'multi', multi_sz { 'a', 'b' }), enforce()),\n"
                       "r('binary', registry.value(K, 'binary', binary '01 ff'), enforce()),\n"
                       "r('default', registry.value(K, '', sz ''), enforce()),\n");
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 7);
    CHECK(dword_is(&action_of(&c, 0)->changes[0].after, 5));
    CHECK(bytes_are(&action_of(&c, 1)->changes[0].after, REGF_QWORD, "\6\0\0\0\0\0\0\0", 8));
    CHECK(bytes_are(&action_of(&c, 2)->changes[0].after, REGF_SZ, "a\0\0\0", 4));
    CHECK(bytes_are(&action_of(&c, 3)->changes[0].after, REGF_EXPAND_SZ, "b\0\0\0", 4));
    CHECK(bytes_are(&action_of(&c, 4)->changes[0].after, REGF_MULTI_SZ, "a\0\0\0b\0\0\0\0\0", 10));
    CHECK(bytes_are(&action_of(&c, 5)->changes[0].after, REGF_BINARY, "\1\377", 2));
    CHECK(bytes_are(&action_of(&c, 6)->changes[0].after, REGF_SZ, "\0\0", 2));
    for (size_t i = 0; i < c.plan.action_count; i++) {
        const struct action *x = action_of(&c, i);
        CHECK(x->kind == ACTION_REGISTRY_SET && !x->changes[0].before.present);
        CHECK_STR(x->changes[0].key, T);
        CHECK_U64(x->changes[0].new_keys, 1);
        CHECK(c.plan.predictions[i].then == VERDICT_PASS && c.plan.predictions[i].repaired);
    }
    CHECK_U64(plan_exit_code(&c.plan), 4);
    /* What is so gives no action. */
    plan_case_apply(&c);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 0);
    CHECK_U64(plan_exit_code(&c.plan), 0);
    plan_case_close(&c);
}

TEST(a_value_is_deleted)
{
    struct plan_case c;
    plan_case_open(&c, "r('gone', registry.absent(K, 'bad'), enforce()),\n"
                       "r('pred', registry.value(K, 'worse', absent), enforce()),\n"
                       "r('named', registry.absent(K, 'bad'),\n"
                       "  registry.delete_value { key = K, name = 'BAD' }),\n");
    memory_set_dword(c.base.host, T, "bad", 3);
    memory_set_dword(c.base.host, T, "worse", 4);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 2);
    const struct action *x = action_of(&c, 0);
    CHECK(x->kind == ACTION_REGISTRY_DELETE_VALUE && x->rule_count == 2);
    CHECK(dword_is(&x->changes[0].before, 3) && !x->changes[0].after.present);
    CHECK(!x->changes[0].drop_key);
    CHECK(prediction_of(&c, "gone")->then == VERDICT_PASS);
    CHECK(prediction_of(&c, "pred")->then == VERDICT_PASS);
    plan_case_close(&c);
}

TEST(both_views)
{
    struct plan_case c;
    plan_case_open(&c, "r('v', registry.value(K, 'n', at_least(5), { view = 'both', set_to = "
                       "dword(7) }), enforce()),\n");
    memory_set_sz(c.base.host,
                  "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\"
                  "Environment",
                  "PROCESSOR_ARCHITECTURE", "AMD64");
    memory_set_dword(c.base.host, T, "n", 1);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 2);
    CHECK_STR(action_of(&c, 0)->changes[0].key, T);
    CHECK(dword_is(&action_of(&c, 0)->changes[0].before, 1));
    CHECK_STR(action_of(&c, 1)->changes[0].key, "HKLM\\SOFTWARE\\Wow6432Node\\T");
    CHECK(dword_is(&action_of(&c, 1)->changes[0].after, 7));
    CHECK(prediction_of(&c, "v")->then == VERDICT_PASS);
    plan_case_close(&c);
}

TEST(the_same_change_is_one_action)
{
    struct plan_case c;
    plan_case_open(&c, "r('a', registry.value(K, 'n', dword(5)), enforce()),\n"
                       "r('b', registry.value([[HKLM\\software\\t]], 'N', dword(5)), enforce()),\n"
                       "r('c', registry.value(K, 'n', at_least(2)),\n"
                       "  registry.set { key = K, name = 'n', value = dword(5) }),\n");
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 1);
    CHECK_U64(action_of(&c, 0)->rule_count, 3);
    plan_case_close(&c);
}

TEST(contrary_values_are_refused)
{
    struct plan_case c;
    plan_case_open(&c, "r('a', registry.value(K, 'n', dword(1)), enforce()),\n"
                       "r('b', registry.value(K, 'n', dword(2)), enforce()),\n"
                       "r('c', registry.value(K, 'n', dword(1)), enforce()),\n"
                       "r('d', registry.value(K, 'other', dword(1)), enforce()),\n");
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 1);
    CHECK_STR(action_of(&c, 0)->rules[0]->id, "d");
    CHECK_STR(why_of(&c, "a"), "contrary values: t.a wants " T " n to be REG_DWORD 1, t.b wants "
                               "REG_DWORD 2");
    CHECK(has_text(why_of(&c, "b"), "contrary values"));
    CHECK(has_text(why_of(&c, "c"), "contrary values"));
    CHECK(prediction_of(&c, "a")->then == VERDICT_FAIL && !prediction_of(&c, "a")->repaired);
    plan_case_close(&c);
}

TEST(the_larger_log_satisfies_both)
{
    struct plan_case c;
    plan_case_open(&c,
                   "r('a', eventlog.size { channel = 'System', bytes = 100000 }, enforce()),\n"
                   "r('b', eventlog.size { channel = 'System', bytes = 300000 }, enforce()),\n"
                   "r('c', eventlog.size { channel = 'System', bytes = 200000 }, enforce()),\n");
    memory_set_dword(c.base.host, SERVICES "EventLog\\System", "MaxSize", 65536);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 1);
    const struct change *x = &action_of(&c, 0)->changes[0];
    CHECK_STR(x->key, "HKLM\\SYSTEM\\ControlSet001\\Services\\EventLog\\System");
    CHECK(dword_is(&x->before, 65536) && dword_is(&x->after, 5 * 65536));
    CHECK_U64(action_of(&c, 0)->rule_count, 3);
    CHECK(prediction_of(&c, "b")->then == VERDICT_PASS);
    plan_case_close(&c);
}

TEST(a_log_is_not_made_smaller_nor_set_against_policy)
{
    struct plan_case c;
    plan_case_open(&c, "r('less', eventlog.size { channel = 'A', bytes = 900000 },\n"
                       "  eventlog.size { channel = 'A', bytes = 100000 }),\n"
                       "r('ruled', eventlog.size { channel = 'B', bytes = 900000 }, enforce()),\n"
                       "r('huge', eventlog.size { channel = 'C', bytes = 5000000000 }, "
                       "enforce()),\n");
    memory_set_dword(c.base.host, SERVICES "EventLog\\A", "MaxSize", 200000);
    memory_set_dword(c.base.host, SERVICES "EventLog\\B", "MaxSize", 65536);
    memory_set_dword(c.base.host, SERVICES "EventLog\\C", "MaxSize", 65536);
    memory_set_dword(c.base.host, "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\EventLog\\B",
                     "MaxSize", 64);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 0);
    CHECK(has_text(why_of(&c, "less"), "may hold 0.2 MiB already"));
    CHECK(has_text(why_of(&c, "ruled"), "group policy sets the size"));
    CHECK(has_text(why_of(&c, "huge"), "more than Windows can be told"));
    CHECK_U64(plan_exit_code(&c.plan), 2);
    plan_case_close(&c);
}

TEST(services_in_the_next_boots_control_set)
{
    struct plan_case c;
    plan_case_open(&c, "r('s', service.start('s', 'manual'), enforce()),\n"
                       "r('e', service.enabled { name = 's', set_to = 'manual' },\n"
                       "  service.start { name = 's', mode = 'demand' }),\n"
                       "r('none', service.start('none', 'automatic'), enforce()),\n");
    memory_set_dword(c.base.host, "HKLM\\SYSTEM\\Select", "Current", 1);
    memory_set_dword(c.base.host, "HKLM\\SYSTEM\\Select", "Default", 2);
    memory_set_dword(c.base.host, "HKLM\\SYSTEM\\ControlSet001\\Services\\s", "Start", 4);
    memory_set_dword(c.base.host, "HKLM\\SYSTEM\\ControlSet002\\Services\\s", "Start", 4);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 1);
    const struct action *x = action_of(&c, 0);
    CHECK(x->kind == ACTION_SERVICE_START && x->rule_count == 2);
    CHECK_STR(x->changes[0].key, "HKLM\\SYSTEM\\ControlSet002\\Services\\s");
    CHECK(dword_is(&x->changes[0].before, 4) && dword_is(&x->changes[0].after, 3));
    CHECK(prediction_of(&c, "s")->then == VERDICT_PASS);
    CHECK(has_text(why_of(&c, "none"), "is not installed"));
    plan_case_close(&c);
}

TEST(a_condition_decides_what_is_enforced)
{
    static const char rules[] =
        "r('w', all { registry.value(K, 'x', dword(1)),\n"
        "  when(registry.value(K, 'old', dword(1)), registry.value(K, 'y', dword(1))) },\n"
        "  enforce()),\n";
    struct plan_case c;
    plan_case_open(&c, rules);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 1);
    CHECK_STR(action_of(&c, 0)->changes[0].name, "x");
    memory_set_dword(c.base.host, T, "old", 1);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 2);
    CHECK_STR(action_of(&c, 1)->changes[0].name, "y");
    CHECK(prediction_of(&c, "w")->then == VERDICT_PASS);
    plan_case_close(&c);
}

TEST(nothing_is_changed_on_what_is_not_certain)
{
    struct plan_case c;
    plan_case_open(&c,
                   "r('unread', registry.value(K .. '\\\\Closed', 'n', dword(1)), enforce()),\n"
                   "r('elsewhere', registry.value(K, 'n', dword(1)),\n"
                   "  registry.set { key = K .. '\\\\Closed', name = 'n', value = dword(1) }),\n"
                   "r('idle', registry.value(K, 'm', dword(1)),\n"
                   "  registry.set { key = K, name = 'there', value = dword(9) }),\n"
                   "r('bare', registry.value(K, 'm', dword(1))),\n"
                   "r('person', registry.value(K, 'm', dword(1)), manual 'Do it.'),\n");
    memory_set_state(c.base.host, T "\\Closed", FACT_UNREADABLE, "bad sector");
    memory_set_dword(c.base.host, T, "there", 9);
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 0);
    CHECK(has_text(why_of(&c, "unread"), "the rule's verdict is unknown"));
    CHECK(has_text(why_of(&c, "elsewhere"), "cannot be changed: bad sector"));
    CHECK_STR(why_of(&c, "idle"), "this is so already, and the rule fails all the same");
    CHECK_STR(why_of(&c, "bare"), "the policy names no repair");
    CHECK_STR(why_of(&c, "person"), "the policy leaves it to a person");
    CHECK_U64(plan_exit_code(&c.plan), 2);
    plan_case_close(&c);
}

/* Rules that were not selected, and that the plan would break. */
TEST(flips_elsewhere_are_predicted)
{
    struct plan_case c;
    plan_case_open(&c, "r('a', registry.value(K, 'n', dword(1)), enforce()),\n"
                       "r('broken', registry.value(K, 'n', dword(2)), manual 'x'),\n"
                       "r('same', registry.value(K, 'other', dword(2)), manual 'x'),\n");
    memory_set_dword(c.base.host, T, "n", 2);
    c.only = STR("a");
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 1);
    CHECK_U64(c.plan.prediction_count, 2);
    const struct prediction *p = prediction_of(&c, "broken");
    CHECK(p->now == VERDICT_PASS && p->then == VERDICT_FAIL && !p->repaired);
    CHECK(c.plan.now.result_count == 1 && c.plan.then.result_count == 1);
    plan_case_close(&c);
}

TEST(upgrades_are_recorded_once)
{
    struct plan_case c;
    plan_case_open(&c, "r('a', product.version('mcafee.vse', at_least '8.8.0.975'),\n"
                       "  upgrade { product = 'mcafee.vse', to = '8.8.0.975' }),\n"
                       "r('b', product.version('mcafee.vse', at_least '8.8.0.1982'),\n"
                       "  upgrade { product = 'mcafee.vse', to = '8.8.0.1982' }),\n"
                       "r('s', product.version('mcafee.vse', at_least '8.8.0.1982'),\n"
                       "  upgrade.stage { product = 'mcafee.vse', to = '8.8.0.1982',\n"
                       "    package = 'p.zip', sha256 = string.rep('0', 64) }),\n");
    memory_set_sz(c.base.host, VSE_KEY, "szProductVer", "8.8.0.849");
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 1);
    const struct action *x = action_of(&c, 0);
    CHECK(x->kind == ACTION_UPGRADE_FLAG && x->rule_count == 2);
    CHECK_STR(x->changes[0].key, "HKLM\\SOFTWARE\\rectify\\UpgradesDue");
    CHECK_STR(x->changes[0].name, "mcafee.vse");
    CHECK_U64(x->changes[0].new_keys, 2);
    CHECK(bytes_are(&x->changes[0].after, REGF_SZ, "8\0.\0008\0.\0000\0.\0001\0009\0008\0002\0\0\0",
                    22));
    CHECK_STR(value_get(&x->details, "have")->text, "8.8.0.849");
    CHECK_STR(value_get(&x->details, "to")->text, "8.8.0.1982");
    CHECK(prediction_of(&c, "a")->then == VERDICT_FAIL && prediction_of(&c, "a")->repaired);
    CHECK(has_text(why_of(&c, "s"), "no folder to stage into is named"));
    c.options.upgrade_stage = STR("/tmp/no-such-folder-of-rectify");
    c.options.upgrade_source = STR("http://127.0.0.1:9/");
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 2);
    CHECK(action_of(&c, 1)->kind == ACTION_UPGRADE_STAGE && !action_of(&c, 1)->change_count);
    plan_case_apply(&c);
    c.options.upgrade_stage = (struct str){NULL, 0};
    plan_case_run(&c);
    CHECK_ACTIONS(&c, 0);
    CHECK(has_text(why_of(&c, "b"), "it is recorded that the upgrade is due"));
    plan_case_close(&c);
}

TEST(the_digest_covers_what_is_consented_to)
{
    static const char rules[] = "r('a', registry.value(K, 'n', dword(1)), enforce()),\n";
    struct plan_case c;
    char first[65];
    plan_case_open(&c, rules);
    plan_case_run(&c);
    memcpy(first, c.plan.digest, sizeof first);
    plan_case_run(&c);
    CHECK(strcmp(first, c.plan.digest) == 0);
    /* A before-image, */
    memory_set_dword(c.base.host, T, "n", 7);
    plan_case_run(&c);
    CHECK(strcmp(first, c.plan.digest) != 0);
    memcpy(first, c.plan.digest, sizeof first);
    /* an option, */
    c.options.inputs = value_text(STR("window_days=3"));
    plan_case_run(&c);
    CHECK(strcmp(first, c.plan.digest) != 0);
    c.options.inputs = value_null();
    /* the policy's text, even where it means the same, */
    CHECK(remove_all(c.folder));
    plan_case_policy(&c, "-- a comment\nr('a', registry.value(K, 'n', dword(1)), enforce()),\n");
    plan_case_run(&c);
    CHECK(strcmp(first, c.plan.digest) != 0);
    memcpy(first, c.plan.digest, sizeof first);
    /* and the target. */
    memory_set_sz(c.base.host, "HKLM\\SOFTWARE\\Microsoft\\Cryptography", "MachineGuid", "x");
    plan_case_run(&c);
    CHECK(strcmp(first, c.plan.digest) != 0);
    plan_case_close(&c);
}

TEST_MAIN()
