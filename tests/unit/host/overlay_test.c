/* A host with changes laid over it: values, keys, control sets, logs. */
#include "check.h"

#include "base/utf16.h"
#include "base/wtime.h"
#include "host/host_memory.h"
#include "host/host_ops.h"
#include "host/overlay.h"

#define T "HKLM\\SOFTWARE\\T"
#define SERVICES "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"

struct laid {
    struct host *below, *h;
    struct arena a;
    struct change changes[8];
    const struct change *list[8];
    size_t count;
};

static const uint8_t five[4] = {5}, two[4] = {2};

static void start(struct laid *l)
{
    struct err e = {0};
    struct host_options options = {0};
    *l = (struct laid){0};
    CHECK(wtime_parse(STR("2023-03-20T09:00:00Z"), &options.now));
    arena_init(&l->a, ARENA_DEFAULT_CAP);
    CHECK(host_memory(&options, &l->below, &e));
    memory_set_dword(l->below, T, "n", 1);
    memory_set_dword(l->below, T, "m", 1);
    memory_set_dword(l->below, T "\\Old\\Deep", "x", 1);
    memory_set_dword(l->below, T "\\Old", "x", 1);
    memory_set_dword(l->below, T "\\Cert", "Blob", 1);
}

static struct change *add(struct laid *l, const char *key, const char *name)
{
    struct change *c = &l->changes[l->count];
    l->list[l->count++] = c;
    *c = (struct change){.key = str_of(key), .name = str_of(name)};
    return c;
}

static void set(struct laid *l, const char *key, const char *name, const uint8_t *dword)
{
    add(l, key, name)->after = (struct reg_image){true, REGF_DWORD, span_of(dword, 4)};
}

static void lay(struct laid *l)
{
    struct err e = {0};
    CHECK(host_overlay(l->below, l->list, l->count, &l->h, &e));
}

static void done(struct laid *l)
{
    host_close(l->h);
    host_close(l->below);
    arena_done(&l->a);
}

static struct reg_value value(struct laid *l, const char *key, const char *name)
{
    struct reg_value v;
    host_reg_value(l->h, str_of(key), str_of(name), VIEW_NATIVE, &l->a, &v);
    return v;
}

static struct reg_key key_of(struct laid *l, const char *key)
{
    struct reg_key k;
    host_reg_key(l->h, str_of(key), VIEW_NATIVE, true, &l->a, &k);
    return k;
}

static bool named(const struct str *names, size_t count, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += str_ieq(names[i], str_of(name));
    return n == 1;
}

TEST(nothing_changed)
{
    struct laid l;
    start(&l);
    lay(&l);
    CHECK(value(&l, T, "n").number == 1);
    CHECK(value(&l, T, "none").state == FACT_ABSENT);
    struct reg_key k = key_of(&l, T);
    CHECK(k.state == FACT_FOUND && k.value_count == 2 && k.subkey_count == 2);
    CHECK(host_reference(l.h)->time == host_reference(l.below)->time);
    done(&l);
}

TEST(values_change)
{
    struct laid l;
    start(&l);
    set(&l, "HKLM\\software\\t", "N", five);
    set(&l, T, "made", five);
    (void)add(&l, T, "m");
    lay(&l);
    CHECK(value(&l, T, "n").number == 5);
    CHECK(value(&l, T, "made").number == 5);
    CHECK(value(&l, T, "m").state == FACT_ABSENT);
    struct reg_key k = key_of(&l, T);
    CHECK(k.value_count == 2 && named(k.values, 2, "n") && named(k.values, 2, "made"));
    CHECK(k.subkey_count == 2);
    /* The host below is as it was. */
    struct reg_value v;
    host_reg_value(l.below, STR(T), STR("n"), VIEW_NATIVE, &l.a, &v);
    CHECK(v.number == 1);
    done(&l);
}

TEST(the_last_change_of_a_value_counts)
{
    struct laid l;
    start(&l);
    set(&l, T, "n", five);
    set(&l, T, "n", two);
    lay(&l);
    CHECK(value(&l, T, "n").number == 2);
    done(&l);
}

TEST(keys_are_made)
{
    struct laid l;
    start(&l);
    set(&l, T "\\New\\Deeper", "x", five);
    lay(&l);
    CHECK(key_of(&l, T "\\New").state == FACT_FOUND);
    CHECK(key_of(&l, T "\\New\\Deeper").value_count == 1);
    CHECK(key_of(&l, T "\\New\\Deep").state == FACT_ABSENT);
    struct reg_key k = key_of(&l, T);
    CHECK(k.subkey_count == 3 && named(k.subkeys, 3, "New"));
    k = key_of(&l, T "\\New");
    CHECK(k.subkey_count == 1 && k.value_count == 0 && named(k.subkeys, 1, "Deeper"));
    done(&l);
}

TEST(keys_are_dropped_when_nothing_is_left)
{
    struct laid l;
    start(&l);
    add(&l, T "\\Cert", "Blob")->drop_key = true;
    add(&l, T "\\Old", "x")->drop_key = true;
    lay(&l);
    CHECK(key_of(&l, T "\\Cert").state == FACT_ABSENT);
    /* A key that still has a subkey stays. */
    struct reg_key k = key_of(&l, T "\\Old");
    CHECK(k.state == FACT_FOUND && k.value_count == 0 && k.subkey_count == 1);
    k = key_of(&l, T);
    CHECK(k.subkey_count == 1 && named(k.subkeys, 1, "Old"));
    CHECK(value(&l, T "\\Cert", "Blob").state == FACT_ABSENT);
    done(&l);
}

TEST(a_key_without_its_only_value_stays_unless_dropped)
{
    struct laid l;
    start(&l);
    (void)add(&l, T "\\Cert", "Blob");
    lay(&l);
    CHECK(key_of(&l, T "\\Cert").state == FACT_FOUND);
    CHECK(key_of(&l, T "\\Cert").value_count == 0);
    done(&l);
}

TEST(unreadable_stays_unreadable)
{
    struct laid l;
    start(&l);
    memory_set_state(l.below, T "\\Closed", FACT_UNREADABLE, "bad sector");
    set(&l, T "\\Closed", "x", five);
    lay(&l);
    CHECK(value(&l, T "\\Closed", "x").state == FACT_UNREADABLE);
    CHECK(key_of(&l, T "\\Closed").state == FACT_UNREADABLE);
    done(&l);
}

TEST(the_next_boots_control_set_is_current)
{
    struct laid l;
    start(&l);
    memory_set_dword(l.below, "HKLM\\SYSTEM\\Select", "Current", 1);
    memory_set_dword(l.below, "HKLM\\SYSTEM\\Select", "Default", 2);
    memory_set_dword(l.below, "HKLM\\SYSTEM\\ControlSet001\\Services\\s", "Start", 4);
    memory_set_dword(l.below, "HKLM\\SYSTEM\\ControlSet002\\Services\\s", "Start", 3);
    set(&l, "HKLM\\SYSTEM\\ControlSet002\\Services\\s", "Start", two);
    lay(&l);
    CHECK(value(&l, SERVICES "s", "Start").number == 2);
    struct reg_value v;
    host_reg_value(l.below, STR(SERVICES "s"), STR("Start"), VIEW_NATIVE, &l.a, &v);
    CHECK(v.number == 4);
    done(&l);
}

TEST(without_default_current_stays)
{
    struct laid l;
    start(&l);
    memory_set_dword(l.below, SERVICES "s", "Start", 4);
    lay(&l);
    CHECK(value(&l, SERVICES "s", "Start").number == 4);
    done(&l);
}

TEST(logs_are_shared_and_their_settings_laid_over)
{
    static const uint8_t large[4] = {0, 0, 0, 4};
    struct laid l;
    struct log_config config;
    start(&l);
    memory_set_log_state(l.below, "System", FACT_UNREADABLE, "bad sector");
    memory_set_dword(l.below, SERVICES "EventLog\\System", "MaxSize", 65536);
    set(&l, "HKLM\\SYSTEM\\ControlSet001\\Services\\EventLog\\System", "MaxSize", large);
    lay(&l);
    host_log_config(l.h, STR("System"), &l.a, &config);
    CHECK(config.state == FACT_FOUND && config.max_size == 0x4000000);
    host_log_config(l.below, STR("System"), &l.a, &config);
    CHECK(config.max_size == 65536);
    struct log_fact log;
    host_log(l.h, STR("System"), &l.a, &log);
    CHECK(log.state == FACT_UNREADABLE);
    CHECK(l.h->log_count == 0 && l.below->log_count == 1);
    done(&l);
}

TEST(files_are_those_below)
{
    struct laid l;
    struct host_file f;
    start(&l);
    memory_set_file(l.below, "C:\\Windows\\a.txt", span_of("abc", 3));
    lay(&l);
    host_open_file(l.h, STR("C:\\Windows\\a.txt"), &l.a, &f);
    CHECK(f.state == FACT_FOUND && f.bytes.len == 3 && host_file_intact(l.h, &f));
    host_close_file(l.h, &f);
    struct host_listing listing;
    host_list(l.h, STR("C:\\Windows"), STR("*.txt"), &l.a, &listing);
    CHECK(listing.state == FACT_FOUND && listing.list.count == 1);
    done(&l);
}

/* Many changes, as a refresh of roots makes them. */
TEST(processes_are_those_below)
{
    struct laid l;
    struct modules_fact m;
    struct str file = STR("C:\\a.exe");
    start(&l);
    memory_set_modules(l.below, "a.exe", &file, 1);
    set(&l, T, "n", five);
    lay(&l);
    host_modules(l.h, STR("a.exe"), &l.a, &m);
    CHECK(m.state == FACT_FOUND && m.process_count == 1 && m.processes[0].module_count == 1);
    done(&l);
}

TEST(many_changes)
{
    enum { MANY = 600 };
    static struct change changes[MANY];
    static const struct change *list[MANY];
    static char keys[MANY][96];
    struct laid l;
    struct err e = {0};
    start(&l);
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof keys[i], T "\\Certificates\\%040X", (unsigned)i * 7919u);
        changes[i] = (struct change){.key = str_of(keys[i]), .name = STR("Blob")};
        changes[i].after = (struct reg_image){true, REGF_BINARY, span_of(five, 4)};
        list[i] = &changes[i];
    }
    CHECK(host_overlay(l.below, list, MANY, &l.h, &e));
    CHECK(key_of(&l, T "\\Certificates").subkey_count == MANY);
    CHECK(value(&l, keys[MANY - 1], "blob").state == FACT_FOUND);
    done(&l);
}

TEST_MAIN()
