/* Apply and undo against a target in memory: what is refused, what is taken back, and that a stop
 * anywhere can be finished or undone. */
#include "memory_target.h"

#include "system.h"

#define T "HKLM\\SOFTWARE\\T"
#define NEW "HKLM\\SOFTWARE\\New\\Deep"

static const char policy_text[] =
    "return policy { id = 't', title = 'T', references = { 'T' },\n"
    "  rule { id = 'set', title = 'set', severity = 'high', references = { 'T' },\n"
    "    want = registry.value([[" T "]], 'n', dword(5)), repair = enforce() },\n"
    "  rule { id = 'new', title = 'new', severity = 'high', references = { 'T' },\n"
    "    want = registry.value([[" NEW "]], 'm', dword(7)), repair = enforce() },\n"
    "  rule { id = 'gone', title = 'gone', severity = 'high', references = { 'T' },\n"
    "    want = registry.absent([[" T "]], 'bad'), repair = enforce() },\n"
    "  rule { id = 'other', title = 'other', severity = 'high', references = { 'T' },\n"
    "    want = registry.value([[" T "]], 'other', dword(1)) },\n"
    "}\n";

struct world {
    struct memory_target target;
    struct memory_table original;
    struct catalogue catalogue;
    struct plan_options options;
    struct consent consent;
    struct apply_target apply_target;
    struct gate_backend backend;
    struct apply_request request;
    struct arena a;
    struct apply_report report;
    struct err e;
    char folder[40], policy[64], journal[64];
    struct str policies[1];
};

static void plan_now(struct world *w)
{
    struct host *h;
    struct plan p;
    struct err e = {0};
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(memory_open_host(&w->target, NULL, 0, &h, &e));
    bool ok = engine_plan(&w->catalogue, h, &w->options, NULL, NULL, &a, &p, &e);
    if (!ok)
        fprintf(stderr, "plan: %s\n", e.text);
    CHECK(ok);
    CHECK_U64(p.action_count, 3);
    memcpy(w->consent.gate.digest, p.digest, sizeof p.digest);
    memcpy(w->consent.gate.target, p.target_id, sizeof p.target_id);
    w->consent.change_count = 0;
    w->consent.changes = ARENA_ARRAY(&w->a, 8, struct change);
    for (size_t i = 0; i < p.action_count; i++)
        for (size_t k = 0; k < p.actions[i].change_count; k++) {
            struct change *c = &w->consent.changes[w->consent.change_count++];
            *c = p.actions[i].changes[k];
            c->key = str_dup(&w->a, c->key);
            c->name = str_dup(&w->a, c->name);
            c->before.data.ptr = arena_copy(&w->a, c->before.data.ptr, c->before.data.len);
            c->after.data.ptr = arena_copy(&w->a, c->after.data.ptr, c->after.data.len);
        }
    host_close(h);
    arena_done(&a);
}

static void load(struct world *w)
{
    struct engine_options options = {.policies = w->policies, .policy_count = 1};
    struct err e = {0};
    bool ok = catalogue_load(&options, &w->catalogue, &e);
    if (!ok)
        fprintf(stderr, "load: %s\n", e.text);
    CHECK(ok);
}

static void write_policy(struct world *w, const char *text)
{
    FILE *f = fopen(w->policy, "wb");
    CHECK(f && fputs(text, f) >= 0);
    if (f)
        fclose(f);
    CHECK(everybody_may_write(w->policy, false));
}

static void begin(struct world *w)
{
    *w = (struct world){.options.inputs = value_null()};
    arena_init(&w->a, ARENA_DEFAULT_CAP);
    memory_dword(&w->target.now, T, "n", 1);
    memory_dword(&w->target.now, T, "bad", 9);
    memory_dword(&w->target.now, T, "other", 1);
    w->original = w->target.now;
    snprintf(w->folder, sizeof w->folder, "/tmp/rectify-apply-XXXXXX");
    CHECK(temp_folder(w->folder));
    snprintf(w->policy, sizeof w->policy, "%s/t.lua", w->folder);
    snprintf(w->journal, sizeof w->journal, "%s/t.journal", w->folder);
    w->policies[0] = str_of(w->policy);
    write_policy(w, policy_text);
    load(w);
    plan_now(w);
    w->apply_target = (struct apply_target){memory_open_host, memory_stop, &w->target};
    w->backend = (struct gate_backend){memory_open_writer, &w->target};
    w->request = (struct apply_request){
        .plan = {.catalogue = &w->catalogue,
                 .options = &w->options,
                 .consent = &w->consent,
                 .target = &w->apply_target,
                 .location = STR("memory")},
        .allowed = AUTHORITY_REGISTRY,
        .backend = &w->backend,
        .journal = w->journal,
    };
}

static void end(struct world *w)
{
    CHECK(remove_all(w->folder));
    catalogue_done(&w->catalogue);
    arena_done(&w->a);
}

static bool apply(struct world *w)
{
    w->e = (struct err){0};
    bool ok = engine_apply(&w->request, &w->a, &w->report, &w->e);
    CHECK(ok || (w->e.text[0] && !strchr(w->e.text, '\n')));
    return ok;
}

static bool resume(struct world *w)
{
    w->request.resume = true;
    bool ok = apply(w);
    w->request.resume = false;
    return ok;
}

static bool undo(struct world *w)
{
    struct undo_request r = {&w->apply_target, &w->backend, w->journal};
    w->e = (struct err){0};
    return engine_undo(&r, &w->a, &w->report, &w->e);
}

static bool is_original(struct world *w)
{
    return memory_equal(&w->target.now, &w->original);
}

static bool is_applied(struct world *w)
{
    return memory_number(&w->target.now, T, "n") == 5 &&
           memory_number(&w->target.now, NEW, "m") == 7 &&
           memory_number(&w->target.now, T, "bad") == -1 &&
           memory_number(&w->target.now, T, "other") == 1;
}

static bool there(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f)
        fclose(f);
    return f != NULL;
}

static void check_end(const struct world *w, enum apply_end end, int code, int line)
{
    if (w->report.end != end || apply_exit_code(&w->report) != code) {
        fprintf(stderr, "line %d: ended %s (" STR_FMT ") %s, want %s\n", line,
                apply_end_name(w->report.end), STR_ARG(w->report.why), w->e.text,
                apply_end_name(end));
        test_failures++;
    }
}
#define CHECK_END(w, end, code) check_end((w), (end), (code), __LINE__)

TEST(applied_verified_undone_and_applied_again)
{
    struct world w;
    begin(&w);
    for (int round = 0; round < 2; round++) {
        CHECK(apply(&w) && is_applied(&w));
        CHECK_END(&w, APPLY_VERIFIED, 0);
        CHECK_U64(w.report.action_count, 3);
        for (size_t i = 0; i < w.report.action_count; i++)
            CHECK(w.report.actions[i].outcome == APPLIED_DONE);
        CHECK_U64(w.report.verdict_count, 4);
        for (size_t i = 0; i < w.report.verdict_count; i++)
            CHECK(w.report.verdicts[i].checked &&
                  w.report.verdicts[i].found == w.report.verdicts[i].predicted);
        CHECK_STR(w.report.journal_state, "verified");
        CHECK(undo(&w) && is_original(&w));
        CHECK_END(&w, APPLY_REVERTED, 0);
        CHECK(w.report.actions[0].outcome == APPLIED_UNDONE);
        CHECK(undo(&w) && is_original(&w)); /* again: nothing to do */
        CHECK_END(&w, APPLY_REVERTED, 0);
        CHECK(!resume(&w) && strstr(w.e.text, "was undone"));
        remove(w.journal);
    }
    end(&w);
}

TEST(a_dry_run_has_no_writer)
{
    struct world w;
    begin(&w);
    CHECK(engine_preview(&w.request.plan, &w.a, &w.report, &w.e));
    CHECK_END(&w, APPLY_PREVIEWED, 0);
    CHECK(is_original(&w) && w.target.opened == 0 && !there(w.journal));
    CHECK_U64(w.report.action_count, 3);
    CHECK(w.report.actions[0].outcome == APPLIED_PLANNED && !w.report.verdicts[0].checked);
    end(&w);
}

TEST(an_authority_that_is_missing_is_named)
{
    struct world w;
    begin(&w);
    w.request.allowed = AUTHORITY_EVENTLOG | AUTHORITY_UPGRADES;
    CHECK(!apply(&w) && strstr(w.e.text, "--allow registry"));
    CHECK(is_original(&w) && w.target.opened == 0 && !there(w.journal));
    end(&w);
}

TEST(another_plan_or_target_is_refused)
{
    struct world w;
    begin(&w);
    w.consent.gate.digest[0] ^= 1;
    CHECK(!apply(&w) && strstr(w.e.text, "would be another one"));
    w.consent.gate.digest[0] ^= 1;
    w.consent.gate.target[0] ^= 1;
    CHECK(!apply(&w) && strstr(w.e.text, "another target"));
    CHECK(is_original(&w) && w.target.opened == 0 && !there(w.journal));
    end(&w);
}

TEST(a_changed_policy_is_refused_by_name)
{
    struct world w;
    struct plan_policy was = {.id = STR("t")};
    begin(&w);
    memset(was.sha256, '0', sizeof was.sha256 - 1);
    w.consent.policies = &was;
    w.consent.policy_count = 1;
    CHECK(apply(&w)); /* only the digest counts, and that is right */
    CHECK(undo(&w));
    remove(w.journal);
    w.consent.gate.digest[0] ^= 1;
    CHECK(!apply(&w) && strstr(w.e.text, "policy t was changed"));
    end(&w);
}

TEST(a_value_changed_in_between_is_drifted)
{
    struct world w;
    begin(&w);
    memory_dword(&w.target.now, T, "n", 3);
    struct memory_table changed = w.target.now;
    CHECK(!apply(&w) && w.e.kind == ERR_DRIFTED);
    CHECK(strstr(w.e.text, "drifted") && strstr(w.e.text, "\\T\\n"));
    CHECK(memory_equal(&w.target.now, &changed) && !there(w.journal));
    end(&w);
}

TEST(undo_refuses_what_drifted_and_writes_nothing)
{
    struct world w;
    begin(&w);
    CHECK(apply(&w));
    memory_dword(&w.target.now, NEW, "m", 8);
    struct memory_table changed = w.target.now;
    CHECK(undo(&w));
    CHECK_END(&w, APPLY_REFUSED, 1);
    CHECK(memory_equal(&w.target.now, &changed));
    CHECK(w.report.actions[1].outcome == APPLIED_DRIFTED);
    CHECK_STR(w.report.actions[1].why, NEW "\\m");
    CHECK(w.report.actions[0].outcome == APPLIED_NOT);
    memory_dword(&w.target.now, NEW, "m", 7);
    CHECK(undo(&w) && is_original(&w)); /* once it is as it was, undo works */
    end(&w);
}

static void somebody_writes(struct memory_target *t)
{
    memory_dword(&t->now, T, "other", 2);
    t->at_commit = NULL;
}

TEST(verdicts_not_as_predicted_are_taken_back)
{
    struct world w;
    begin(&w);
    w.target.at_commit = somebody_writes;
    CHECK(apply(&w));
    CHECK_END(&w, APPLY_UNDONE, 1);
    CHECK(strstr(w.report.why.ptr, "t.other is fail, predicted was pass"));
    memory_dword(&w.target.now, T, "other", 1);
    CHECK(is_original(&w));
    CHECK_STR(w.report.journal_state, "undone");
    end(&w);
}

TEST(a_write_that_fails_is_taken_back)
{
    for (int live = 0; live < 2; live++)
        for (size_t n = 1; n <= 3; n++) {
            struct world w;
            begin(&w);
            w.target.live = live;
            w.target.fail_write = n;
            CHECK(apply(&w));
            CHECK_END(&w, APPLY_UNDONE, 1);
            CHECK(is_original(&w));
            size_t failed = 0;
            for (size_t i = 0; i < w.report.action_count; i++)
                failed += w.report.actions[i].outcome == APPLIED_FAILED;
            CHECK_U64(failed, 1);
            end(&w);
        }
}

TEST(a_target_that_cannot_be_opened_for_writing_is_refused)
{
    struct world w;
    begin(&w);
    w.target.fail_open = true;
    CHECK(!apply(&w) && strstr(w.e.text, "read-only"));
    CHECK(is_original(&w) && !there(w.journal));
    w.target.fail_open = false;
    w.target.fail_commit = true;
    CHECK(apply(&w) && is_original(&w)); /* nothing came into place, so that nothing goes back */
    CHECK_END(&w, APPLY_UNDONE, 1);
    end(&w);
}

TEST(a_journal_that_cannot_be_written_is_refused)
{
    struct world w;
    begin(&w);
    w.request.journal = "/nonexistent/folder/x.journal";
    CHECK(!apply(&w) && strstr(w.e.text, "/nonexistent"));
    w.request.journal = w.journal;
    write_policy(&w, policy_text);
    FILE *f = fopen(w.journal, "wb");
    CHECK(f != NULL);
    fclose(f);
    CHECK(!apply(&w) && strstr(w.e.text, "exist"));
    CHECK(is_original(&w) && w.target.opened == 0);
    end(&w);
}

/* Interrupted after each write, then resumed and undone, or undone at once. */
TEST(an_interrupt_can_be_resumed_or_undone)
{
    for (int live = 0; live < 2; live++)
        for (size_t n = 1; n <= 3; n++)
            for (int way = 0; way < 2; way++) {
                struct world w;
                begin(&w);
                w.target.live = live;
                w.target.stop_after = n;
                CHECK(apply(&w));
                CHECK_END(&w, APPLY_INTERRUPTED, 130);
                CHECK_STR(w.report.journal_state, "writing");
                CHECK(live || is_original(&w));
                w.target.stop_after = 0;
                if (way) {
                    CHECK(resume(&w) && is_applied(&w));
                    CHECK_END(&w, APPLY_VERIFIED, 0);
                    CHECK(resume(&w) && is_applied(&w)); /* again: looks only */
                    CHECK_END(&w, APPLY_VERIFIED, 0);
                }
                CHECK(undo(&w) && is_original(&w));
                CHECK_END(&w, APPLY_REVERTED, 0);
                end(&w);
            }
}

/* The next boot takes another control set than the last one did. */
TEST(resume_where_the_next_control_set_is_another)
{
    static const char service[] =
        "return policy { id = 't', title = 'T', references = { 'T' },\n"
        "  rule { id = 'one', title = 'one', severity = 'high', references = { 'T' },\n"
        "    want = registry.value([[HKLM\\SYSTEM\\CurrentControlSet\\Services\\s]], 'Start',\n"
        "      dword(2)), repair = enforce() },\n"
        "  rule { id = 'two', title = 'two', severity = 'high', references = { 'T' },\n"
        "    want = registry.value([[" T "]], 'n', dword(5)), repair = enforce() },\n"
        "  rule { id = 'three', title = 'three', severity = 'high', references = { 'T' },\n"
        "    want = registry.absent([[" T "]], 'bad'), repair = enforce() },\n"
        "}\n";
    struct world w;
    begin(&w);
    memory_dword(&w.target.now, "HKLM\\SYSTEM\\Select", "Current", 1);
    memory_dword(&w.target.now, "HKLM\\SYSTEM\\Select", "Default", 2);
    memory_dword(&w.target.now, "HKLM\\SYSTEM\\ControlSet001\\Services\\s", "Start", 3);
    memory_dword(&w.target.now, "HKLM\\SYSTEM\\ControlSet002\\Services\\s", "Start", 4);
    w.original = w.target.now;
    catalogue_done(&w.catalogue);
    write_policy(&w, service);
    load(&w);
    plan_now(&w);
    w.target.live = true;
    w.target.stop_after = 1;
    CHECK(apply(&w));
    CHECK_END(&w, APPLY_INTERRUPTED, 130);
    w.target.stop_after = 0;
    CHECK(resume(&w));
    CHECK_END(&w, APPLY_VERIFIED, 0);
    CHECK(memory_number(&w.target.now, "HKLM\\SYSTEM\\ControlSet002\\Services\\s", "Start") == 2);
    CHECK(memory_number(&w.target.now, "HKLM\\SYSTEM\\ControlSet001\\Services\\s", "Start") == 3);
    CHECK(undo(&w) && is_original(&w));
    end(&w);
}

TEST(an_interrupted_undo_goes_on)
{
    for (size_t n = 1; n <= 3; n++) {
        struct world w;
        begin(&w);
        w.target.live = true;
        CHECK(apply(&w));
        w.target.writes = 0;
        w.target.stop_after = n;
        CHECK(undo(&w));
        CHECK_END(&w, APPLY_INTERRUPTED, 130);
        w.target.stop_after = 0;
        CHECK(!resume(&w) && strstr(w.e.text, "go on with undo"));
        CHECK(undo(&w) && is_original(&w));
        CHECK_END(&w, APPLY_REVERTED, 0);
        end(&w);
    }
}

/* A journal of the right plan on the right target, but values drifted since. */
TEST(resume_refuses_what_drifted)
{
    struct world w;
    begin(&w);
    w.target.live = true;
    w.target.stop_after = 1;
    CHECK(apply(&w));
    w.target.stop_after = 0;
    memory_dword(&w.target.now, T, "n", 77);
    struct memory_table changed = w.target.now;
    CHECK(resume(&w));
    CHECK_END(&w, APPLY_REFUSED, 1);
    CHECK(memory_equal(&w.target.now, &changed));
    end(&w);
}

TEST(a_journal_of_another_target_is_refused)
{
    struct world w;
    begin(&w);
    CHECK(apply(&w));
    memory_put(
        &w.target.now, STR("HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName"),
        STR("ComputerName"), &(struct reg_image){true, REGF_SZ, span_of("O\0T\0H\0\0\0", 8)});
    struct memory_table changed = w.target.now;
    CHECK(!undo(&w) && strstr(w.e.text, "another target"));
    CHECK(!resume(&w) && strstr(w.e.text, "another target"));
    CHECK(memory_equal(&w.target.now, &changed));
    end(&w);
}

TEST_MAIN()
