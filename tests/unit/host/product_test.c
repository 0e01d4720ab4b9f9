/* Versions from several sources, and what is concluded when they differ or cannot be read. */
#include "check.h"

#include "host/host_memory.h"
#include "host/product_sources.h"

#define VENDOR "HKLM\\SOFTWARE\\Wow6432Node\\McAfee\\DesktopProtection"
#define VENDOR64 "HKLM\\SOFTWARE\\McAfee\\DesktopProtection"
#define UNINSTALL "HKLM\\SOFTWARE\\Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\"
#define MSI                                                                                        \
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-"              \
    "18\\Products\\"                                                                               \
    "6B1D51EC6B91D4D4F834FCD5C23365FF\\InstallProperties"
#define CODE "{CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FF}"
#define SERVICE "HKLM\\SYSTEM\\CurrentControlSet\\Services\\McTaskManager"

static struct product_source sources[] = {
    {.kind = SOURCE_REGISTRY,
     .role = ROLE_PRIMARY,
     .label = {"vendor key", 10},
     .key = {"HKLM\\SOFTWARE\\McAfee\\DesktopProtection", 38},
     .value = {"szProductVer", 12}},
    {.kind = SOURCE_UNINSTALL,
     .role = ROLE_CORROBORATES,
     .label = {"uninstall entry", 15},
     .code = {CODE, 38},
     .text = {"virusscan ENTERPRISE", 20},
     .prefix = {{8, 8, 0, 0}},
     .prefix_parts = 3},
    {.kind = SOURCE_MSI, .role = ROLE_CORROBORATES, .label = {"package", 7}, .code = {CODE, 38}},
    {.kind = SOURCE_FILE,
     .role = ROLE_TRACE,
     .label = {"VsTskMgr.exe", 12},
     .path = {"%ProgramFiles(x86)%\\McAfee\\VsTskMgr.exe", 39}},
    {.kind = SOURCE_FILE,
     .role = ROLE_HOTFIX,
     .label = {"coptcpl.dll", 11},
     .path = {"<HKLM\\SOFTWARE\\McAfee\\DesktopProtection:szInstallDir>\\coptcpl.dll", 65}},
    {.kind = SOURCE_SERVICE,
     .role = ROLE_TRACE,
     .label = {"service", 7},
     .service = {"McTaskManager", 13}},
};

static struct product_build builds[] = {{{{8, 8, 0, 849}}, {"Patch 1", 7}, true},
                                        {{{8, 8, 0, 975}}, {"Patch 2", 7}, true},
                                        {{{8, 8, 0, 1804}}, {"Patch 9", 7}, false},
                                        {{{8, 8, 0, 1982}}, {"Patch 11", 8}, true}};

static const struct product_def def = {.id = {"mcafee.vse", 10},
                                       .sources = sources,
                                       .source_count = sizeof sources / sizeof *sources,
                                       .builds = builds,
                                       .build_count = 4};

struct fixture {
    struct host *h;
    struct arena mem;
    struct product_fact fact;
};

static void setup(struct fixture *x)
{
    struct err e = {0};
    struct host_options options = {.at = 1};
    CHECK(host_memory(&options, &x->h, &e));
    memory_set_sz(x->h, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
                  "PROCESSOR_ARCHITECTURE", "AMD64");
    arena_init(&x->mem, ARENA_DEFAULT_CAP);
}

static void teardown(struct fixture *x)
{
    arena_done(&x->mem);
    host_close(x->h);
}

static void look(struct fixture *x)
{
    host_product(x->h, &def, &x->mem, &x->fact);
}

static void check_version(struct version have, uint16_t build)
{
    struct version want = {{8, 8, 0, build}};
    CHECK(version_cmp(have, want) == 0);
}

TEST(packed_codes)
{
    char packed[33];
    CHECK(product_packed_code(STR(CODE), packed));
    CHECK(strcmp(packed, "6B1D51EC6B91D4D4F834FCD5C23365FF") == 0);
    CHECK(!product_packed_code(STR("CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FF"), packed));
    CHECK(!product_packed_code(STR("{CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FG}"), packed));
}

TEST(installed_and_agreed)
{
    struct fixture x;
    setup(&x);
    memory_set_sz(x.h, VENDOR, "szProductVer", "8.8.0.975");
    memory_set_sz(x.h, UNINSTALL CODE, "DisplayVersion", "8.8.0.975");
    memory_set_sz(x.h, MSI, "DisplayVersion", "8.8"); /* says less, contradicts nothing */
    look(&x);
    CHECK(x.fact.state == PRODUCT_INSTALLED && x.fact.patch_known && x.fact.trace);
    check_version(x.fact.version, 975);
    check_version(x.fact.lowest, 975);
    CHECK_STR(x.fact.patch, "Patch 2");
    CHECK_STR(x.fact.readings[0].view, "32-bit");
    teardown(&x);
}

TEST(sources_that_disagree)
{
    struct fixture x;
    setup(&x);
    memory_set_sz(x.h, VENDOR, "szProductVer", "8.8.0.1982");
    memory_set_sz(x.h, UNINSTALL "VSE", "DisplayName", "McAfee VirusScan Enterprise");
    memory_set_sz(x.h, UNINSTALL "VSE", "DisplayVersion", "8.8.0.849");
    look(&x);
    CHECK(x.fact.state == PRODUCT_CONFLICT);
    check_version(x.fact.version, 1982);
    check_version(x.fact.lowest, 849);
    check_version(x.fact.highest, 1982);
    CHECK(x.fact.reason.len > 0);
    teardown(&x);
}

TEST(views_that_disagree)
{
    struct fixture x;
    setup(&x);
    memory_set_sz(x.h, VENDOR, "szProductVer", "8.8.0.1982");
    memory_set_sz(x.h, VENDOR64, "szProductVer", "8.8.0.849");
    look(&x);
    CHECK(x.fact.state == PRODUCT_CONFLICT);
    check_version(x.fact.version, 1982); /* the 32-bit program's own view */
    teardown(&x);
}

TEST(another_generation_does_not_count)
{
    struct fixture x;
    setup(&x);
    memory_set_sz(x.h, VENDOR, "szProductVer", "8.8.0.1982");
    memory_set_sz(x.h, UNINSTALL CODE, "DisplayVersion", "8.8.04001");
    look(&x);
    CHECK(x.fact.state == PRODUCT_INSTALLED);
    teardown(&x);
}

TEST(absent_only_when_all_was_read)
{
    struct fixture x;
    setup(&x);
    look(&x);
    CHECK(x.fact.state == PRODUCT_ABSENT && !x.fact.trace);
    memory_set_file_state(x.h, "C:\\Program Files (x86)\\McAfee\\VsTskMgr.exe", FACT_NOT_COLLECTED,
                          "no");
    look(&x); /* the hives tell enough */
    CHECK(x.fact.state == PRODUCT_ABSENT);
    memory_set_file_state(x.h, "C:\\Program Files (x86)\\McAfee\\VsTskMgr.exe", FACT_UNREADABLE,
                          "bad sector");
    look(&x);
    CHECK(x.fact.state == PRODUCT_UNKNOWN && x.fact.reason.len > 0);
    teardown(&x);
}

TEST(unread_keys_are_unknown)
{
    struct fixture x;
    setup(&x);
    memory_set_state(x.h, "HKLM\\SOFTWARE", FACT_NOT_COLLECTED, "no SOFTWARE hive");
    look(&x);
    CHECK(x.fact.state == PRODUCT_UNKNOWN);
    memory_set_dword(x.h, SERVICE, "Start", 2);
    look(&x);
    CHECK(x.fact.state == PRODUCT_UNKNOWN && x.fact.trace);
    teardown(&x);
}

TEST(a_trace_without_a_version)
{
    struct fixture x;
    setup(&x);
    memory_set_dword(x.h, SERVICE, "Start", 2);
    look(&x);
    CHECK(x.fact.state == PRODUCT_UNKNOWN && x.fact.trace);
    teardown(&x);
}

TEST(a_version_that_is_none)
{
    struct fixture x;
    setup(&x);
    memory_set_sz(x.h, VENDOR, "szProductVer", "eight");
    memory_set_sz(x.h, MSI, "DisplayVersion", "8.8.0.975");
    look(&x);
    CHECK(x.fact.state == PRODUCT_UNKNOWN);
    check_version(x.fact.version, 975);
    teardown(&x);
}

TEST(names_of_builds)
{
    static const struct {
        const char *version, *patch;
        bool known;
    } table[] = {{"8.8.0.777", "unknown build", false},
                 {"8.8.0.849", "Patch 1", true},
                 {"8.8.0.900", "Patch 1 with a hotfix", true},
                 {"8.8.0.1804", "Patch 9", true},
                 {"8.8.0.1906", "unknown build after Patch 9", false},
                 {"8.8.0.1982", "Patch 11", true},
                 {"8.8.0.2500", "unknown build after Patch 11", false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fixture x;
        setup(&x);
        memory_set_sz(x.h, VENDOR, "szProductVer", table[i].version);
        look(&x);
        CHECK_STR(x.fact.patch, table[i].patch);
        CHECK(x.fact.patch_known == table[i].known);
        teardown(&x);
    }
}

TEST_MAIN()
