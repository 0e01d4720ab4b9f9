#include "base/wtime.h"
#include "evtx_writer.h"
#include "hive_writer.h"
#include "mkhosts.h"
#include "out.h"
#include "sample_hosts.h"

#include <errno.h>

static uint64_t now(void)
{
    uint64_t t = 0;
    bool ok = wtime_parse(STR(SAMPLE_HOST_NOW), &t);
    BUG_ON(!ok);
    return t;
}

static void add_record(struct evtx_writer *w, const struct large_log *log, uint64_t i)
{
    static const struct evtx_source manager = {"Service Control Manager",
                                               "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
                                               "Service Control Manager",
                                               false,
                                               false,
                                               "System",
                                               "BENCH.corp.example"};
    static const struct evtx_source driver = {.provider = "mfehidk",
                                              .classic = true,
                                              .channel = "System",
                                              .computer = "BENCH.corp.example"};
    static const struct evtx_shape named = {NULL, NULL, {"param1", "param2"}, true};
    static const struct evtx_shape list = {NULL, NULL, {NULL}, true};
    static const struct str service[] = {STR("Windows Modules Installer"), STR("running")};
    static const struct str code[] = {STR("\\Device\\mfehidk"), STR("**\\VSTSKMGR.EXE"),
                                      STR("1234")};
    bool hit = i % 10 == 3;
    uint64_t span = log->days * WTIME_DAY, step = span / log->records;
    struct evtx_event ev = {.source = hit ? &driver : &manager,
                            .shape = hit ? &list : &named,
                            .time = now() - span + i * step,
                            .id = hit ? 516 : 7036,
                            .qualifiers = hit ? 0x8004 : 0x4000,
                            .level = hit ? 3 : 4,
                            .keywords = hit ? 0x80000000000000 : 0x8080000000000000,
                            .process = 548,
                            .thread = 1340,
                            .strings = hit ? code : service,
                            .string_count = hit ? 3 : 2,
                            .record_size = (size_t)log->record_bytes};
    evtx_add(w, &ev);
}

bool large_evtx(const char *path, const struct large_log *log, struct err *e)
{
    struct evtx_writer w;
    if (log->record_bytes > 4000)
        return err_set(e, ERR_USAGE, 0, "--record-bytes is at most 4000");
    if (log->days > 3650)
        return err_set(e, ERR_USAGE, 0, "--days is at most 3650");
    FILE *f = fopen(path, "wb");
    if (!f)
        return err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    evtx_begin(&w, NULL, f, 1);
    for (uint64_t i = 0; i < log->records; i++)
        add_record(&w, log, i);
    bool ok = evtx_end(&w, EVTX_CLEAN, e);
    if (fclose(f) != 0)
        ok = err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    return ok;
}

/* Class registrations, as most of a real SOFTWARE hive is: three keys and four values each. */
static void add_class(struct hive *h, struct hive_key *at, uint32_t n)
{
    char name[64];
    uint32_t x = n * 2654435761u;
    snprintf(name, sizeof name, "{%08X-%04X-4A5B-9C01-%012X}", x, n & 0xFFFF, n);
    struct hive_key *k = hive_new_key(h, at, str_of(name));
    hive_sz_fmt(h, k, "", "Sample Object %u", n);
    struct hive_key *server = hive_new_key(h, k, STR("InprocServer32"));
    hive_expand_sz(h, server, "", "%SystemRoot%\\system32\\ole32.dll");
    hive_sz(h, server, "ThreadingModel", "Both");
    hive_dword(h, hive_new_key(h, k, STR("Version")), "Build", n);
}

bool large_hive(const char *path, uint64_t megabytes, struct err *e)
{
    enum { BYTES_A_CLASS = 720, CLASSES_A_KEY = 20000 };
    struct hive h;
    struct sb image;
    if (megabytes > 2000)
        return err_set(e, ERR_USAGE, 0, "a hive has at most 2000 megabytes");
    hive_init(&h, "emRoot\\System32\\Config\\SOFTWARE", 5, now());
    struct hive_key *at = NULL;
    for (uint64_t i = 0; i < (megabytes << 20) / BYTES_A_CLASS; i++) {
        char group[64];
        snprintf(group, sizeof group, "Classes\\Group%04u\\CLSID", (unsigned)(i / CLASSES_A_KEY));
        if (i % CLASSES_A_KEY == 0)
            at = hive_key(&h, NULL, group);
        add_class(&h, at, (uint32_t)i);
    }
    struct hive_key *k = hive_key(&h, NULL, "McAfee\\DesktopProtection");
    hive_sz(&h, k, "szProductVer", "8.8.0.2300");
    sb_init(&image, (size_t)4 << 30);
    hive_image(&h, &image);
    hive_done(&h);
    bool ok = out_write_file(path, sb_span(&image), e);
    sb_done(&image);
    return ok;
}
