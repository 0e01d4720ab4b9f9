/* The offline host over whole volumes: sample hosts, missing and dirty hives, a real hive. */
#include "check.h"
#include "hive_writer.h"
#include "sample_hosts.h"

#include "base/utf16.h"
#include "base/wtime.h"
#include "host/host.h"

#include "system.h"

#define NT "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define VENDOR "HKLM\\SOFTWARE\\McAfee\\DesktopProtection"
#define CONFIG "/Windows/System32/config/"

struct fixture {
    char dir[64];
    struct host *h;
    struct arena mem;
};

static void begin(struct fixture *x)
{
    memset(x, 0, sizeof *x);
    strncpy(x->dir, "/tmp/rectify-offline-XXXXXX", sizeof x->dir - 1);
    CHECK(temp_folder(x->dir));
    arena_init(&x->mem, ARENA_DEFAULT_CAP);
}

static const char *below(const struct fixture *x, const char *path)
{
    static char full[512];
    snprintf(full, sizeof full, "%s%s", x->dir, path);
    return full;
}

static void put(const struct fixture *x, const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(below(x, path), "wb");
    CHECK(f != NULL);
    if (f) {
        CHECK(fwrite(bytes, 1, len, f) == len);
        fclose(f);
    }
}

static void put_hive(const struct fixture *x, const char *name, struct hive *hive, bool dirty)
{
    char path[128];
    struct sb image;
    sb_init(&image, (size_t)16 << 20);
    hive_image(hive, &image);
    if (dirty) {
        image.ptr[4]++; /* the first sequence number */
        hive_checksum((uint8_t *)image.ptr);
    }
    snprintf(path, sizeof path, CONFIG "%s", name);
    put(x, path, image.ptr, image.len);
    sb_done(&image);
    hive_done(hive);
}

/* Windows' folders; a whole volume has the two files that tell. */
static void folders(const struct fixture *x, bool complete)
{
    CHECK(make_folder(below(x, "/Windows")));
    CHECK(make_folder(below(x, "/Windows/System32")));
    CHECK(make_folder(below(x, "/Windows/System32/config")));
    if (complete) {
        put(x, "/Windows/System32/ntoskrnl.exe", "MZ", 2);
        put(x, "/Windows/System32/ntdll.dll", "MZ", 2);
    }
}

static bool open_host(struct fixture *x)
{
    struct volume *v = NULL;
    struct err e = {0};
    struct host_options options = {.jobs = 1};
    (void)wtime_parse(str_of(SAMPLE_HOST_NOW), &options.now);
    bool ok =
        volume_open_tree(x->dir, COMPLETE_DETECT, &v, &e) && host_offline(v, &options, &x->h, &e);
    if (!ok)
        fprintf(stderr, "%s\n", e.text);
    CHECK(ok);
    return ok;
}

static void end(struct fixture *x)
{
    host_close(x->h);
    arena_done(&x->mem);
    CHECK(remove_all(x->dir));
}

static struct reg_value value(struct fixture *x, const char *key, const char *name,
                              enum reg_view view)
{
    struct reg_value v;
    host_reg_value(x->h, str_of(key), str_of(name), view, &x->mem, &v);
    return v;
}

static bool sample(struct fixture *x, const char *name)
{
    struct err e = {0};
    begin(x);
    bool ok = sample_host_write(name, x->dir, &e);
    CHECK(ok);
    return ok && open_host(x);
}

TEST(a_whole_host)
{
    struct fixture x;
    if (sample(&x, "unpatched")) {
        const struct target_info *info = host_info(x.h);
        CHECK(!info->collection);
        CHECK_STR(info->os_product, "Windows 7 Professional");
        CHECK_STR(info->os_arch, "x64");
        struct reg_value v = value(&x, VENDOR, "szProductVer", VIEW_32);
        CHECK_STR(v.text, "8.8.0.849");
        CHECK_STR(v.evidence.artefact, "Windows/System32/config/SOFTWARE");
        CHECK(value(&x, VENDOR, "szProductVer", VIEW_NATIVE).state == FACT_ABSENT);
        struct log_fact log;
        host_log(x.h, STR("System"), &x.mem, &log);
        CHECK(log.state == FACT_FOUND && log.records > 6000 && log.coverage.complete);
        const struct reference_time *r = host_reference(x.h);
        CHECK(r->trusted && r->time == log.last);
        CHECK_U64(host_unread(x.h), 0);
    }
    end(&x);
}

TEST(a_dirty_hive_is_replayed)
{
    struct fixture x;
    if (sample(&x, "dirty")) {
        struct reg_value v = value(&x, VENDOR, "szProductVer", VIEW_32);
        CHECK_STR(v.text, "8.8.0.2300");
        CHECK(v.evidence.note.len > 0);
        CHECK(host_info(x.h)->note_count > 0);
    }
    end(&x);
}

TEST(xp_keeps_its_log_elsewhere)
{
    struct fixture x;
    if (sample(&x, "xp")) {
        struct log_fact log;
        host_log(x.h, STR("System"), &x.mem, &log);
        CHECK(log.state == FACT_FOUND);
        CHECK_STR(log.artefact, "WINDOWS/system32/config/SysEvent.Evt");
        CHECK(!host_is_64bit(x.h));
        CHECK_U64(host_nt_version(x.h), 501);
    }
    end(&x);
}

static void software(const struct fixture *x, bool dirty)
{
    struct hive hive;
    hive_init(&hive, "SOFTWARE", 5, WTIME_UNIX_EPOCH);
    struct hive_key *nt = hive_key(&hive, NULL, "Microsoft\\Windows NT\\CurrentVersion");
    hive_sz(&hive, nt, "CurrentVersion", "6.1");
    struct hive_key *link = hive_key(&hive, NULL, "Linked");
    struct span units = utf8_to_utf16(&hive.arena, STR("\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft"));
    hive_set(&hive, link, "SymbolicLinkValue", HIVE_LINK, units);
    put_hive(x, "SOFTWARE", &hive, dirty);
}

/* In a collection what is missing was not collected; in a whole volume it cannot be known. */
TEST(missing_hives)
{
    for (int complete = 0; complete < 2; complete++) {
        struct fixture x;
        begin(&x);
        folders(&x, complete == 1);
        software(&x, false);
        if (open_host(&x)) {
            struct reg_value v = value(&x, "HKLM\\SYSTEM\\CurrentControlSet\\X", "y", VIEW_NATIVE);
            CHECK(v.state == (complete ? FACT_UNREADABLE : FACT_NOT_COLLECTED));
            CHECK(v.reason.len > 0);
            CHECK(value(&x, NT, "CurrentVersion", VIEW_NATIVE).state == FACT_FOUND);
            CHECK(value(&x, NT, "none", VIEW_NATIVE).state == FACT_ABSENT);
            CHECK(value(&x, "HKLM\\HARDWARE\\X", "y", VIEW_NATIVE).state == FACT_UNREADABLE);
            CHECK(value(&x, "HKU\\S-1-5-21-9", "y", VIEW_NATIVE).state == FACT_ABSENT);
            struct event_answer events;
            struct event_query q = {.channel = STR("System")};
            host_events(x.h, &q, &x.mem, &events);
            CHECK(events.state == (complete ? FACT_ABSENT : FACT_NOT_COLLECTED));
        }
        end(&x);
    }
}

TEST(a_dirty_hive_without_its_logs)
{
    struct fixture x;
    begin(&x);
    folders(&x, true);
    software(&x, true);
    if (open_host(&x)) {
        struct reg_value v = value(&x, NT, "CurrentVersion", VIEW_NATIVE);
        CHECK(v.state == FACT_FOUND && v.evidence.note.len > 0);
        CHECK(value(&x, NT, "none", VIEW_NATIVE).state == FACT_UNREADABLE);
        CHECK(value(&x, "HKLM\\SOFTWARE\\None", "x", VIEW_NATIVE).state == FACT_UNREADABLE);
    }
    end(&x);
}

TEST(links_are_followed)
{
    struct fixture x;
    begin(&x);
    folders(&x, true);
    software(&x, false);
    if (open_host(&x)) {
        const char *key = "HKLM\\SOFTWARE\\Linked\\Windows NT\\CurrentVersion";
        CHECK_STR(value(&x, key, "CurrentVersion", VIEW_NATIVE).text, "6.1");
    }
    end(&x);
}

TEST(no_hive_at_all)
{
    struct fixture x;
    begin(&x);
    folders(&x, true);
    put(&x, CONFIG "SOFTWARE", "not a hive", 10);
    if (open_host(&x)) {
        struct reg_value v = value(&x, NT, "CurrentVersion", VIEW_NATIVE);
        CHECK(v.state == FACT_UNREADABLE && v.reason.len > 0);
        CHECK(!host_reference(x.h)->trusted);
    }
    end(&x);
}

static bool copy_hive(const struct fixture *x, const char *from, const char *to)
{
    static char buffer[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(below(x, to), "wb");
    size_t n = 0, all = 0;
    while (in && out && (n = fread(buffer, 1, sizeof buffer, in)) > 0)
        all += fwrite(buffer, 1, n, out);
    if (in)
        fclose(in);
    if (out)
        fclose(out);
    return all > 0;
}

/* A real SYSTEM hive of a Windows 7 host with McAfee products. */
TEST(a_real_system_hive)
{
    const char *corpus = test_corpus();
    char path[4096];
    struct fixture x;
    if (!corpus)
        SKIP("no corpus");
    begin(&x);
    folders(&x, false);
    snprintf(path, sizeof path, "%s/hive/mcafee-win7/SYSTEM", corpus);
    CHECK(copy_hive(&x, path, CONFIG "SYSTEM"));
    if (open_host(&x)) {
        struct service_fact s;
        CHECK(host_info(x.h)->collection);
        host_service(x.h, STR("mfevtp"), &x.mem, &s);
        CHECK(s.state == FACT_FOUND && s.start == 2);
        CHECK_STR(s.image_path, "\"C:\\Windows\\system32\\mfevtps.exe\"");
        host_service(x.h, STR("MFEHIDK"), &x.mem, &s);
        CHECK(s.state == FACT_FOUND && s.has_start && s.start == 0);
        CHECK_STR(s.display_name, "McAfee Inc. mfehidk");
        host_service(x.h, STR("no such service"), &x.mem, &s);
        CHECK(s.state == FACT_ABSENT);
        CHECK(host_info(x.h)->computer_name.len > 0);
        CHECK(value(&x, VENDOR, "szProductVer", VIEW_32).state == FACT_NOT_COLLECTED);
        struct log_config config;
        host_log_config(x.h, STR("System"), &x.mem, &config);
        CHECK(config.state == FACT_NOT_COLLECTED); /* the policy's key may say otherwise */
    }
    end(&x);
}

TEST_MAIN()
