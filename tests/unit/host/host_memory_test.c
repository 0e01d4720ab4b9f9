/* Registry values, services and files through the interface. */
#include "check.h"

#include "host/host_memory.h"

#define SERVICES "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"

struct fixture {
    struct host *h;
    struct arena mem;
};

static void setup(struct fixture *x)
{
    struct err e = {0};
    CHECK(host_memory(NULL, &x->h, &e));
    arena_init(&x->mem, ARENA_DEFAULT_CAP);
}

static void teardown(struct fixture *x)
{
    arena_done(&x->mem);
    host_close(x->h);
}

static struct reg_value value(struct fixture *x, const char *key, const char *name)
{
    struct reg_value v;
    host_reg_value(x->h, str_of(key), str_of(name), VIEW_NATIVE, &x->mem, &v);
    return v;
}

TEST(typed_data)
{
    static const uint8_t multi[] = {'a', 0, 0, 0, 'b', 0, 'c', 0, 0, 0, 0, 0};
    static const uint8_t open[] = {'a', 0, 0, 0, 'b', 0};
    static const uint8_t big[] = {1, 2, 3, 4};
    static const uint8_t torn[] = {'x', 0, 'y', 0, 0, 0, 'z', 0, 7};
    struct fixture x;
    setup(&x);
    memory_set_dword(x.h, "HKLM\\SOFTWARE\\T", "dword", 0xFFFFFFFF);
    memory_set_value(x.h, "HKLM\\SOFTWARE\\T", "short", REGF_DWORD, span_of(big, 3));
    memory_set_value(x.h, "HKLM\\SOFTWARE\\T", "be", REGF_DWORD_BIG_ENDIAN, span_of(big, 4));
    memory_set_value(x.h, "HKLM\\SOFTWARE\\T", "multi", REGF_MULTI_SZ, span_of(multi, 12));
    memory_set_value(x.h, "HKLM\\SOFTWARE\\T", "open", REGF_MULTI_SZ, span_of(open, 6));
    memory_set_value(x.h, "HKLM\\SOFTWARE\\T", "", REGF_SZ, span_of(torn, 9));
    CHECK_U64(value(&x, "HKEY_LOCAL_MACHINE\\software\\t\\", "DWORD").number, 0xFFFFFFFF);
    CHECK(!value(&x, "HKLM\\SOFTWARE\\T", "short").has_number);
    CHECK_U64(value(&x, "HKLM\\SOFTWARE\\\\T", "be").number, 0x01020304);
    struct reg_value v = value(&x, "HKLM\\SOFTWARE\\T", "multi");
    CHECK_U64(v.string_count, 2);
    CHECK_STR(v.strings[1], "bc");
    v = value(&x, "HKLM\\SOFTWARE\\T", "open");
    CHECK_U64(v.string_count, 2);
    v = value(&x, "HKLM\\SOFTWARE\\T", "");
    CHECK_STR(v.text, "xy"); /* up to the first NUL, whatever follows */
    CHECK_STR(v.evidence.where, "HKLM\\SOFTWARE\\T\\(Default)");
    CHECK(strlen(v.evidence.sha256) == 64);
    CHECK(value(&x, "HKLM\\SOFTWARE\\T", "none").state == FACT_ABSENT);
    CHECK(value(&x, "HKXX\\SOFTWARE", "none").state == FACT_UNREADABLE);
    teardown(&x);
}

TEST(control_sets)
{
    struct fixture x;
    setup(&x);
    memory_set_dword(x.h, "HKLM\\SYSTEM\\ControlSet001\\Services\\a", "Start", 1);
    memory_set_dword(x.h, "HKLM\\SYSTEM\\ControlSet002\\Services\\a", "Start", 2);
    CHECK_U64(value(&x, SERVICES "a", "Start").number, 1);
    memory_set_dword(x.h, "HKLM\\SYSTEM\\Select", "Current", 2);
    CHECK_U64(value(&x, SERVICES "a", "Start").number, 2);
    memory_set_dword(x.h, "HKLM\\SYSTEM\\Select", "Current", 3); /* there is no such set */
    CHECK(value(&x, SERVICES "a", "Start").state == FACT_UNREADABLE);
    memory_set_dword(x.h, "HKLM\\SYSTEM\\Select", "Current", 0);
    struct reg_value v = value(&x, SERVICES "a", "Start");
    CHECK(v.state == FACT_UNREADABLE && v.reason.len > 0);
    memory_set_state(x.h, "HKLM\\SYSTEM\\Select", FACT_ABSENT, NULL);
    CHECK(value(&x, SERVICES "a", "Start").state == FACT_UNREADABLE);
    memory_set_state(x.h, "HKLM\\SYSTEM", FACT_NOT_COLLECTED, "no SYSTEM");
    CHECK(value(&x, SERVICES "a", "Start").state == FACT_NOT_COLLECTED);
    teardown(&x);
}

TEST(keys_and_states)
{
    struct fixture x;
    struct reg_key k;
    setup(&x);
    memory_set_sz(x.h, "HKLM\\SOFTWARE\\A\\B", "v", "1");
    memory_set_sz(x.h, "HKLM\\SOFTWARE\\A\\C\\D", "v", "1");
    host_reg_key(x.h, STR("HKLM\\SOFTWARE\\A"), VIEW_NATIVE, true, &x.mem, &k);
    CHECK(k.state == FACT_FOUND && k.subkey_count == 2 && k.value_count == 0);
    host_reg_key(x.h, STR("HKLM\\SOFTWARE\\Z"), VIEW_NATIVE, true, &x.mem, &k);
    CHECK(k.state == FACT_ABSENT);
    CHECK_U64(host_unread(x.h), 0);
    memory_set_state(x.h, "HKLM\\SOFTWARE\\A", FACT_UNREADABLE, "torn");
    host_reg_key(x.h, STR("HKLM\\SOFTWARE\\A\\B"), VIEW_NATIVE, true, &x.mem, &k);
    CHECK(k.state == FACT_UNREADABLE);
    CHECK_STR(k.reason, "torn");
    CHECK_U64(host_unread(x.h), 1);
    teardown(&x);
}

TEST(users)
{
    struct fixture x;
    setup(&x);
    memory_set_sz(x.h, "HKU\\S-1-5-21-1_Classes\\CLSID", "", "x");
    struct reg_value v = value(&x, "HKEY_USERS\\S-1-5-21-1\\Software\\Classes\\CLSID", "");
    CHECK(v.state == FACT_FOUND);
    CHECK(value(&x, "HKU", "").state == FACT_ABSENT);
    CHECK(value(&x, "HKU\\", "").state == FACT_ABSENT);
    teardown(&x);
}

TEST(services)
{
    struct fixture x;
    struct service_fact s;
    setup(&x);
    memory_set_dword(x.h, SERVICES "mfehidk", "Start", 4);
    memory_set_dword(x.h, SERVICES "mfehidk", "Type", 1);
    memory_set_sz(x.h, SERVICES "mfehidk", "DisplayName", "McAfee Inc. mfehidk");
    host_service(x.h, STR("MFEHIDK"), &x.mem, &s);
    CHECK(s.state == FACT_FOUND && s.has_start && s.start == 4 && s.type == 1);
    CHECK_STR(s.display_name, "McAfee Inc. mfehidk");
    host_service(x.h, STR("mfevtp"), &x.mem, &s);
    CHECK(s.state == FACT_ABSENT);
    host_service(x.h, STR("a\\b"), &x.mem, &s);
    CHECK(s.state == FACT_UNREADABLE);
    teardown(&x);
}

TEST(files)
{
    struct fixture x;
    struct file_fact f;
    setup(&x);
    memory_set_file(x.h, "C:\\Windows\\System32\\a.txt", span_of("abc", 3));
    host_file(x.h, STR("%SystemRoot%\\system32\\A.TXT"), VIEW_32, &x.mem, &f);
    CHECK(f.state == FACT_FOUND && f.size == 3 && !f.is_pe);
    CHECK(strncmp(f.evidence.sha256, "ba7816bf", 8) == 0);
    host_file(x.h, STR("C:\\Windows\\none"), VIEW_NATIVE, &x.mem, &f);
    CHECK(f.state == FACT_ABSENT);
    host_file(x.h, STR("E:\\none"), VIEW_NATIVE, &x.mem, &f);
    CHECK(f.state == FACT_NOT_COLLECTED && f.reason.len > 0);
    host_file(x.h, STR("%nobody%\\none"), VIEW_NATIVE, &x.mem, &f);
    CHECK(f.state == FACT_UNREADABLE);
    teardown(&x);
}

TEST(modules)
{
    struct fixture x;
    struct modules_fact m;
    struct str files[] = {STR("C:\\a.exe"), STR("C:\\b.dll")};
    setup(&x);
    host_modules(x.h, STR("a.exe"), &x.mem, &m);
    CHECK(m.state == FACT_ABSENT && !m.process_count && !m.offline);
    memory_set_modules(x.h, "a.exe", files, 2);
    memory_set_modules(x.h, "b.exe", files, 1);
    memory_set_modules_state(x.h, "A.exe", FACT_UNREADABLE, "denied");
    size_t unread = host_unread(x.h);
    host_modules(x.h, STR("A.EXE"), &x.mem, &m);
    CHECK(m.state == FACT_FOUND && m.process_count == 2);
    CHECK(host_unread(x.h) == unread + 1);
    CHECK(m.processes[0].state == FACT_UNREADABLE && m.processes[0].pid == 1002);
    CHECK_STR(m.processes[0].reason, "denied");
    CHECK(m.processes[1].state == FACT_FOUND && m.processes[1].module_count == 2);
    CHECK_STR(m.processes[1].modules[1], "C:\\b.dll");
    memory_set_modules_state(x.h, "c.exe", FACT_ABSENT, "");
    host_modules(x.h, STR("c.exe"), &x.mem, &m);
    CHECK(m.state == FACT_ABSENT);
    teardown(&x);
}

TEST_MAIN()
