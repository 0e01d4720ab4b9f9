/* A traced host answers as the one below, lists what was read, and gives the answers that it is
 * told to give. */
#include "check.h"
#include "host/host_memory.h"
#include "host/traced.h"

#define KEY "HKLM\\SOFTWARE\\Example"

struct pair {
    struct host *below, *traced;
    struct arena a;
};

static void open_pair(struct pair *p)
{
    struct host_options options = {.now = 1};
    arena_init(&p->a, ARENA_DEFAULT_CAP);
    CHECK(host_memory(&options, &p->below, NULL));
    memory_set_dword(p->below, KEY, "Level", 5);
    memory_set_sz(p->below, KEY "\\Sub", "Name", "text");
    memory_set_state(p->below, KEY "\\Closed", FACT_UNREADABLE, "denied");
    memory_set_file(p->below, "C:\\Windows\\a.txt", span_of("abc", 3));
    CHECK(host_traced(p->below, &p->traced, NULL));
}

static void close_pair(struct pair *p)
{
    host_close(p->traced);
    host_close(p->below);
    arena_done(&p->a);
}

static const struct host_read *find(struct host *h, const char *place, enum read_kind kind)
{
    size_t count = 0;
    const struct host_read *reads = traced_reads(h, &count);
    for (size_t i = 0; i < count; i++)
        if (reads[i].kind == kind && str_eq(reads[i].place, str_of(place)))
            return &reads[i];
    return NULL;
}

static struct reg_value level(struct pair *p)
{
    struct reg_value v;
    host_reg_value(p->traced, STR(KEY), STR("Level"), VIEW_NATIVE, &p->a, &v);
    return v;
}

TEST(traced_lists_processes_and_answers_for_them)
{
    struct pair p;
    struct modules_fact m;
    struct str files[] = {STR("C:\\a.exe"), STR("C:\\b.dll")};
    open_pair(&p);
    memory_set_modules(p.below, "a.exe", files, 2);
    memory_set_modules_state(p.below, "a.exe", FACT_UNREADABLE, "denied");
    host_modules(p.traced, STR("A.EXE"), &p.a, &m);
    CHECK(m.state == FACT_FOUND && m.process_count == 2 && !m.offline);
    host_modules(p.traced, STR("none.exe"), &p.a, &m);
    CHECK(m.state == FACT_ABSENT && m.process_count == 0);
    const struct host_read *r = find(p.traced, "A.EXE", READ_MODULES);
    CHECK(r && r->size == 2 && r->state == FACT_UNREADABLE && r->times == 1);
    CHECK(r && str_eq(traced_text(r, &p.a), STR("modules of A.EXE")));
    if (r) {
        struct host_read copy = *r;
        traced_change(p.traced, &copy, CHANGE_UNREADABLE);
        host_modules(p.traced, STR("a.exe"), &p.a, &m);
        CHECK(m.state == FACT_UNREADABLE && m.reason.len && m.process_count == 0);
        traced_change(p.traced, &copy, CHANGE_ABSENT);
        host_modules(p.traced, STR("a.exe"), &p.a, &m);
        CHECK(m.state == FACT_ABSENT && m.process_count == 0);
    }
    close_pair(&p);
}

TEST(traced_lists_each_fact_once_in_order)
{
    struct pair p;
    struct reg_value v;
    open_pair(&p);
    CHECK(level(&p).number == 5);
    host_reg_value(p.traced, STR(KEY "\\Closed"), STR("x"), VIEW_NATIVE, &p.a, &v);
    CHECK(v.state == FACT_UNREADABLE);
    CHECK(level(&p).number == 5);
    const struct host_read *r = find(p.traced, KEY, READ_VALUE);
    const struct host_read *closed = find(p.traced, KEY "\\Closed", READ_VALUE);
    CHECK(r && closed && r < closed);
    CHECK(r->times == 2 && r->state == FACT_FOUND && r->data.len == 4 && r->data.ptr[0] == 5);
    CHECK(str_eq(r->name, STR("Level")));
    CHECK(closed->times == 1 && str_eq(closed->reason, STR("denied")));
    CHECK(str_eq(traced_text(r, &p.a), STR(KEY "\\Level")));
    close_pair(&p);
}

TEST(traced_changes_one_fact)
{
    struct pair p;
    open_pair(&p);
    (void)level(&p);
    const struct host_read r = *find(p.traced, KEY, READ_VALUE);
    traced_change(p.traced, &r, CHANGE_UNREADABLE);
    CHECK(level(&p).state == FACT_UNREADABLE && level(&p).reason.len);
    traced_change(p.traced, &r, CHANGE_ABSENT);
    CHECK(level(&p).state == FACT_ABSENT);
    traced_change(p.traced, &r, CHANGE_EMPTY);
    CHECK(level(&p).has_number && level(&p).number == 0);
    traced_change(p.traced, &r, CHANGE_LARGE);
    CHECK(level(&p).number == UINT32_MAX);
    traced_change(p.traced, &r, CHANGE_TYPE);
    CHECK(level(&p).type == REGF_SZ);
    traced_change(p.traced, &r, CHANGE_NOTHING);
    CHECK(level(&p).number == 5);
    close_pair(&p);
}

TEST(traced_changes_files_folders_and_keys)
{
    struct pair p;
    struct file_fact f;
    struct reg_key k;
    struct host_listing l;
    open_pair(&p);
    host_file(p.traced, STR("C:\\Windows\\a.txt"), VIEW_NATIVE, &p.a, &f);
    CHECK(f.state == FACT_FOUND && f.size == 3);
    struct host_read r = *find(p.traced, "\\Windows\\a.txt", READ_FILE);
    CHECK(r.size == 3);
    traced_change(p.traced, &r, CHANGE_UNREADABLE);
    host_file(p.traced, STR("C:\\Windows\\a.txt"), VIEW_NATIVE, &p.a, &f);
    CHECK(f.state == FACT_UNREADABLE);
    host_reg_key(p.traced, STR(KEY), VIEW_NATIVE, true, &p.a, &k);
    CHECK(k.state == FACT_FOUND && k.subkey_count == 2 && k.value_count == 1);
    r = *find(p.traced, KEY, READ_KEY);
    traced_change(p.traced, &r, CHANGE_EMPTY);
    host_reg_key(p.traced, STR(KEY), VIEW_NATIVE, true, &p.a, &k);
    CHECK(k.state == FACT_FOUND && k.subkey_count == 0 && k.value_count == 0);
    host_list(p.traced, STR("C:\\Windows"), STR("*"), &p.a, &l);
    CHECK(l.state == FACT_FOUND && l.list.count == 1);
    r = *find(p.traced, "\\Windows", READ_LISTING);
    traced_change(p.traced, &r, CHANGE_ABSENT);
    host_list(p.traced, STR("C:\\Windows"), STR("*"), &p.a, &l);
    CHECK(l.state == FACT_ABSENT);
    close_pair(&p);
}

TEST_MAIN()
