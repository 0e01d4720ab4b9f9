/* The rules about versions, every verdict, on memory hosts. */
#include "engine_case.h"
#include "pe_writer.h"

static void run_version(struct engine_case *c, const char *vse)
{
    case_open(c);
    memory_set_sz(c->host, VSE_KEY, "szProductVer", vse);
    case_run(c);
}

TEST(boundaries_of_patch_2)
{
    static const struct {
        const char *build;
        enum verdict fixed, latest;
    } rows[] = {
        {"8.8.0.777", VERDICT_FAIL, VERDICT_FAIL},  {"8.8.0.849", VERDICT_FAIL, VERDICT_FAIL},
        {"8.8.0.948", VERDICT_FAIL, VERDICT_FAIL},  {"8.8.0.974", VERDICT_FAIL, VERDICT_FAIL},
        {"8.8.0.975", VERDICT_PASS, VERDICT_FAIL},  {"8.8.0.1981", VERDICT_PASS, VERDICT_FAIL},
        {"8.8.0.1982", VERDICT_PASS, VERDICT_PASS}, {"8.8.0.2300", VERDICT_PASS, VERDICT_PASS},
        {"8.8.0.2302", VERDICT_PASS, VERDICT_PASS}, {"8.7.0.570", VERDICT_FAIL, VERDICT_FAIL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct engine_case c;
        run_version(&c, rows[i].build);
        CHECK_VERDICT(&c, "vse-fixed-patch", rows[i].fixed);
        CHECK_VERDICT(&c, "vse-latest-patch", rows[i].latest);
        case_close(&c);
    }
}

TEST(messages_name_patches)
{
    struct engine_case c;
    run_version(&c, "8.8.0.849");
    CHECK_MESSAGE(&c, "vse-fixed-patch",
                  "VirusScan Enterprise 8.8.0.849 (Patch 1), want 8.8.0.975 (Patch 2) or later");
    CHECK_MESSAGE(&c, "vse-latest-patch",
                  "VirusScan Enterprise 8.8.0.849 (Patch 1), want 8.8.0.1982 (Patch 11) or later; "
                  "newest known build: 8.8.0.2300 (Patch 16)");
    const struct result *r = case_result(&c, "vse-fixed-patch");
    CHECK_STR(r->observed.text, "8.8.0.849 (Patch 1)");
    CHECK_STR(r->expected.text, "8.8.0.975 (Patch 2) or later");
    CHECK_STR(value_get(&r->observed.value, "version")->text, "8.8.0.849");
    CHECK_STR(value_get(&r->expected.value, "at_least")->text, "8.8.0.975");
    CHECK_U64(r->remedy_count, 1);
    CHECK_STR(r->remedies[0], "Upgrade VirusScan Enterprise to 8.8.0.1982 (Patch 11) or later.");
    CHECK(r->evidence.count > 0);
    CHECK(has_text(r->evidence.items[0].note, "vendor key: 8.8.0.849"));
    case_close(&c);
}

TEST(unknown_builds_are_said_to_be_unknown)
{
    struct engine_case c;
    run_version(&c, "8.8.0.1906");
    CHECK(has_text(case_result(&c, "vse-fixed-patch")->message, "unknown build"));
    CHECK(value_get(&case_result(&c, "vse-fixed-patch")->observed.value, "patch")->kind ==
          VALUE_NULL);
    case_close(&c);
    run_version(&c, "8.8.0.2302");
    CHECK(has_text(case_result(&c, "vse-fixed-patch")->message, "unknown build"));
    case_close(&c);
    run_version(&c, "8.8.0.1599");
    CHECK(has_text(case_result(&c, "vse-fixed-patch")->message, "Patch 8, inferred"));
    case_close(&c);
}

TEST(limit_is_an_input)
{
    struct engine_case c;
    struct engine_setting set = {STR("kb71083"), STR("latest_patch"), STR("8.8.0.2300")};
    struct engine_options options = {.settings = &set, .setting_count = 1};
    case_open(&c);
    memory_set_sz(c.host, VSE_KEY, "szProductVer", "8.8.0.1982");
    case_run_with(&c, &options);
    CHECK_VERDICT(&c, "vse-latest-patch", VERDICT_FAIL);
    CHECK_STR(case_result(&c, "vse-latest-patch")->remedies[0],
              "Upgrade VirusScan Enterprise to 8.8.0.2300 (Patch 16) or later.");
    case_close(&c);
}

TEST(no_product_is_not_applicable)
{
    struct engine_case c;
    case_open(&c);
    case_run(&c);
    CHECK_VERDICT(&c, "vse-fixed-patch", VERDICT_NOT_APPLICABLE);
    CHECK_VERDICT(&c, "vse-latest-patch", VERDICT_NOT_APPLICABLE);
    CHECK_VERDICT(&c, "agent-version", VERDICT_NOT_APPLICABLE);
    CHECK_VERDICT(&c, "validation-service", VERDICT_NOT_APPLICABLE);
    CHECK_MESSAGE(&c, "vse-fixed-patch", "VirusScan Enterprise is not installed");
    CHECK_U64(case_result(&c, "vse-fixed-patch")->remedy_count, 0);
    CHECK(case_result(&c, "vse-fixed-patch")->evidence.count > 0);
    case_close(&c);
}

TEST(successor_is_named)
{
    struct engine_case c;
    case_open(&c);
    memory_set_sz(c.host, "HKLM\\SOFTWARE\\McAfee\\Endpoint\\AV", "ProductVersion", "10.7.0.1285");
    case_run(&c);
    CHECK_VERDICT(&c, "vse-latest-patch", VERDICT_NOT_APPLICABLE);
    CHECK_MESSAGE(&c, "vse-latest-patch",
                  "VirusScan Enterprise is not installed, McAfee Endpoint Security 10.7.0.1285 is "
                  "there instead");
    case_close(&c);
}

TEST(trace_without_version_is_unknown)
{
    struct engine_case c;
    case_open(&c);
    memory_set_dword(c.host, SERVICE_KEY("McTaskManager"), "Start", 2);
    case_run(&c);
    CHECK_VERDICT(&c, "vse-fixed-patch", VERDICT_UNKNOWN);
    CHECK_VERDICT(&c, "validation-service", VERDICT_UNKNOWN);
    CHECK(case_result(&c, "vse-fixed-patch")->remedy_count > 0);
    case_close(&c);
}

TEST(unreadable_sources_are_unknown)
{
    static const enum fact_state states[] = {FACT_UNREADABLE, FACT_NOT_COLLECTED};
    for (size_t i = 0; i < 2; i++) {
        struct engine_case c;
        case_open(&c);
        memory_set_state(c.host, "HKLM\\SOFTWARE", states[i], "bad sector");
        memory_set_dword(c.host, SERVICE_KEY("McTaskManager"), "Start", 2);
        case_run(&c);
        CHECK_VERDICT(&c, "vse-fixed-patch", VERDICT_UNKNOWN);
        CHECK_VERDICT(&c, "vse-latest-patch", VERDICT_UNKNOWN);
        CHECK_VERDICT(&c, "agent-version", VERDICT_UNKNOWN);
        CHECK_VERDICT(&c, "validation-service", VERDICT_UNKNOWN);
        CHECK(has_text(case_result(&c, "vse-fixed-patch")->message, "bad sector"));
        CHECK(c.run.unread_facts > 0);
        CHECK_U64(engine_exit_code(&c.run), 3);
        case_close(&c);
    }
}

TEST(conflict_only_across_the_limit)
{
    struct engine_case c;
    case_open(&c);
    memory_set_sz(c.host, VSE_KEY, "szProductVer", "8.8.0.849");
    memory_set_sz(c.host, PLUGIN_KEY, "Version", "8.8.0.1445");
    case_run(&c);
    CHECK_VERDICT(&c, "vse-fixed-patch", VERDICT_CONFLICT);
    /* All sources lie below this limit: that they disagree changes nothing. */
    CHECK_VERDICT(&c, "vse-latest-patch", VERDICT_FAIL);
    CHECK(has_text(case_result(&c, "vse-fixed-patch")->message,
                   "sources of the version disagree: 8.8.0.849 (vendor key), 8.8.0.1445 (agent "
                   "plug-in key), want 8.8.0.975 (Patch 2) or later"));
    CHECK(has_text(case_result(&c, "vse-latest-patch")->message, "sources disagree"));
    CHECK_U64(engine_exit_code(&c.run), 2);
    case_close(&c);

    case_open(&c);
    memory_set_sz(c.host, VSE_KEY, "szProductVer", "8.8.0.2190");
    memory_set_sz(c.host, PLUGIN_KEY, "Version", "8.8.0.2300");
    case_run(&c);
    CHECK_VERDICT(&c, "vse-fixed-patch", VERDICT_PASS);
    CHECK_VERDICT(&c, "vse-latest-patch", VERDICT_PASS);
    case_close(&c);
}

static void set_program(struct engine_case *c, const char *path, uint16_t build)
{
    struct sb file;
    const struct pe_spec spec = {.kind = PE_EXE,
                                 .file = {{8, 8, 0, build}},
                                 .product = {{8, 8, 0, build}},
                                 .company = "McAfee, Inc.",
                                 .description = "",
                                 .product_name = "VirusScan Enterprise",
                                 .original_name = "",
                                 .language = 0x0409};
    sb_init(&file, 1 << 20);
    pe_image(&spec, &file);
    memory_set_file(c->host, path, span_of(file.ptr, file.len));
    sb_done(&file);
}

TEST(file_versions_corroborate_hotfixes_do_not)
{
    struct engine_case c;
    const char *folder = "C:\\Program Files\\McAfee\\VirusScan Enterprise\\";
    case_open(&c);
    memory_set_sz(c.host, VSE_KEY, "szProductVer", "8.8.0.1528");
    memory_set_sz(c.host, VSE_KEY, "szInstallDir", folder);
    set_program(&c, "C:\\Program Files\\McAfee\\VirusScan Enterprise\\shstat.exe", 1528);
    set_program(&c, "C:\\Program Files\\McAfee\\VirusScan Enterprise\\coptcpl.dll", 1546);
    case_run(&c);
    const struct result *r = case_result(&c, "vse-fixed-patch");
    CHECK_VERDICT(&c, "vse-fixed-patch", VERDICT_PASS);
    CHECK_MESSAGE(&c, "vse-fixed-patch",
                  "VirusScan Enterprise 8.8.0.1528 (Patch 7), want 8.8.0.975 (Patch 2) or later; "
                  "with a hotfix: coptcpl.dll 8.8.0.1546");
    bool hotfix = false;
    for (size_t i = 0; i < r->evidence.count; i++)
        hotfix = hotfix || (r->evidence.items[i].note.len > 11 &&
                            memcmp(r->evidence.items[i].note.ptr, "coptcpl.dll", 11) == 0);
    CHECK(hotfix);
    case_close(&c);

    case_open(&c);
    memory_set_sz(c.host, VSE_KEY, "szProductVer", "8.8.0.1982");
    memory_set_sz(c.host, VSE_KEY, "szInstallDir", folder);
    set_program(&c, "C:\\Program Files\\McAfee\\VirusScan Enterprise\\shstat.exe", 849);
    memory_set_dword(c.host, SERVICE_KEY("mfevtp"), "Start", 2);
    memory_set_dword(c.host, SERVICE_KEY("mfehidk"), "Start", 0);
    case_run(&c);
    CHECK_VERDICT(&c, "vse-fixed-patch", VERDICT_CONFLICT);
    CHECK_VERDICT(&c, "vse-latest-patch", VERDICT_CONFLICT);
    CHECK_U64(engine_exit_code(&c.run), 3);
    case_close(&c);
}

TEST(agent_versions)
{
    static const struct {
        const char *key, *value, *version;
        enum verdict verdict;
    } rows[] = {
        {FRAMEWORK_KEY, "Version", "4.5.0.1499", VERDICT_FAIL},
        {FRAMEWORK_KEY, "Version", "4.5.65535.65535", VERDICT_FAIL},
        {FRAMEWORK_KEY, "Version", "4.0.0.1421", VERDICT_FAIL},
        {FRAMEWORK_KEY, "Version", "4.6.0.0", VERDICT_PASS},
        {FRAMEWORK_KEY, "Version", "4.8.0.1938", VERDICT_PASS},
        {"HKLM\\SOFTWARE\\McAfee\\Agent", "AgentVersion", "5.6.1.308", VERDICT_PASS},
        {"HKLM\\SOFTWARE\\Trellix\\Agent", "AgentVersion", "5.7.9.139", VERDICT_PASS},
        {FRAMEWORK_KEY, "Version", "not a version", VERDICT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct engine_case c;
        case_open(&c);
        memory_set_sz(c.host, rows[i].key, rows[i].value, rows[i].version);
        case_run(&c);
        CHECK_VERDICT(&c, "agent-version", rows[i].verdict);
        case_close(&c);
    }
    struct engine_case c;
    case_open(&c);
    memory_set_sz(c.host, FRAMEWORK_KEY, "Version", "4.5.0.1810");
    memory_set_sz(c.host, "HKLM\\SOFTWARE\\McAfee\\Agent", "AgentVersion", "5.0.2.132");
    case_run(&c);
    CHECK_VERDICT(&c, "agent-version", VERDICT_CONFLICT);
    case_close(&c);
}

static void run_services(struct engine_case *c, int mfevtp, int mfehidk)
{
    case_open(c);
    memory_set_sz(c->host, VSE_KEY, "szProductVer", "8.8.0.1982");
    if (mfevtp >= 0)
        memory_set_dword(c->host, SERVICE_KEY("mfevtp"), "Start", (uint32_t)mfevtp);
    if (mfehidk >= 0)
        memory_set_dword(c->host, SERVICE_KEY("mfehidk"), "Start", (uint32_t)mfehidk);
    case_run(c);
}

TEST(validation_service)
{
    static const struct {
        int mfevtp, mfehidk; /* -1: missing */
        enum verdict verdict;
        const char *message;
    } rows[] = {
        {2, 0, VERDICT_PASS,
         "service mfevtp automatic (Start 2), want it enabled; service mfehidk boot (Start 0), "
         "want it enabled"},
        {3, 1, VERDICT_PASS, NULL},
        {4, 0, VERDICT_FAIL, "service mfevtp disabled (Start 4), want it enabled"},
        {2, 4, VERDICT_FAIL, "service mfehidk disabled (Start 4), want it enabled"},
        {-1, 0, VERDICT_FAIL, "service mfevtp missing, want it enabled"},
        {4, -1, VERDICT_FAIL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct engine_case c;
        run_services(&c, rows[i].mfevtp, rows[i].mfehidk);
        CHECK_VERDICT(&c, "validation-service", rows[i].verdict);
        if (rows[i].message)
            CHECK_MESSAGE(&c, "validation-service", rows[i].message);
        case_close(&c);
    }
}

TEST(validation_service_not_readable)
{
    struct engine_case c;
    case_open(&c);
    memory_set_sz(c.host, VSE_KEY, "szProductVer", "8.8.0.1982");
    memory_set_dword(c.host, SERVICE_KEY("mfevtp"), "Start", 2);
    memory_set_state(c.host, SERVICE_KEY("mfehidk"), FACT_UNREADABLE, "bad cell");
    case_run(&c);
    CHECK_VERDICT(&c, "validation-service", VERDICT_UNKNOWN);
    case_close(&c);
    /* A violation that was seen is not undone by what was not. */
    case_open(&c);
    memory_set_sz(c.host, VSE_KEY, "szProductVer", "8.8.0.1982");
    memory_set_dword(c.host, SERVICE_KEY("mfevtp"), "Start", 4);
    memory_set_state(c.host, SERVICE_KEY("mfehidk"), FACT_UNREADABLE, "bad cell");
    case_run(&c);
    CHECK_VERDICT(&c, "validation-service", VERDICT_FAIL);
    case_close(&c);
}

/* Whatever the arena's cap: an error, or all results; never a verdict made of half the facts. */
TEST(memory_runs_out)
{
    struct engine_options options = {0};
    struct catalogue c;
    struct err e = {0};
    bool ran = false;
    CHECK(catalogue_load(&options, &c, &e));
    for (size_t cap = 256; cap < (size_t)4 << 20 && !ran; cap += cap / 4) {
        struct engine_case one;
        struct arena small;
        struct run_report run = {0};
        case_open(&one);
        memory_set_sz(one.host, VSE_KEY, "szProductVer", "8.8.0.849");
        memory_set_sz(one.host, PLUGIN_KEY, "Version", "8.8.0.1982");
        arena_init(&small, cap);
        e = (struct err){0};
        ran = engine_check(&c, one.host, NULL, NULL, &small, &run, &e);
        CHECK(ran || e.kind == ERR_NOMEM);
        if (ran)
            CHECK_U64(run.summary[VERDICT_CONFLICT], 2);
        arena_done(&small);
        case_close(&one);
    }
    CHECK(ran);
    catalogue_done(&c);
}

TEST_MAIN()
