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

/* ---- event logs ---- */

#define COMPUTER "BENCH.corp.example"

static const struct evtx_source manager = {"Service Control Manager",
                                           "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
                                           "Service Control Manager",
                                           false,
                                           false,
                                           "System",
                                           COMPUTER};
static const struct evtx_source driver = {
    .provider = "mfehidk", .classic = true, .channel = "System", .computer = COMPUTER};
static const struct evtx_source kernel = {.provider = "Microsoft-Windows-Kernel-General",
                                          .guid = "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}",
                                          .channel = "System",
                                          .computer = COMPUTER};
static const struct evtx_source update = {.provider = "Microsoft-Windows-WindowsUpdateClient",
                                          .guid = "{945a8954-c147-4acd-923f-40c45405a658}",
                                          .channel = "System",
                                          .computer = COMPUTER};
static const struct evtx_source devices = {.provider = "Microsoft-Windows-UserPnp",
                                           .guid = "{96f4a050-7e31-453c-88be-9634f4e02139}",
                                           .user_data = true,
                                           .channel = "System",
                                           .computer = COMPUTER};
static const struct evtx_shape service_state = {NULL, NULL, {"param1", "param2"}, true};
static const struct evtx_shape service_new = {
    NULL, NULL, {"ServiceName", "ImagePath", "ServiceType", "StartType", "AccountName"}, false};
static const struct evtx_shape hive = {
    NULL, NULL, {"HiveNameLength", "HiveName", "KeysUpdated", "DirtyPages"}, false};
static const struct evtx_shape time_change = {NULL, NULL, {"NewTime", "OldTime"}, false};
static const struct evtx_shape installed = {
    NULL, NULL, {"updateTitle", "updateGuid", "updateRevisionNumber"}, false};
static const struct evtx_shape device = {
    "AddServiceID",
    "http://manifests.microsoft.com/win/2004/08/windows/userpnp",
    {"ServiceName", "DriverFileName", "DeviceInstanceID", "PrimaryService", "UpdateService"},
    false};
static const struct evtx_shape list = {NULL, NULL, {NULL}, true};

/* What a System log is made of, from 280 to 750 bytes a record; every name has a second spelling of
 * another length. */
struct kind {
    const struct evtx_source *source;
    const struct evtx_shape *shape;
    unsigned share; /* of a hundred */
    uint16_t id, qualifiers;
    uint8_t level;
    uint64_t keywords;
    struct str strings[2][EVTX_FIELDS];
};

static const struct kind kinds[] = {
    {&manager,
     &service_state,
     30,
     7036,
     0x4000,
     4,
     0x8080000000000000,
     {{STR("Windows Modules Installer"), STR("running")},
      {STR("Application Experience"), STR("stopped")}}},
    {&driver,
     &list,
     10,
     516,
     0x8004,
     3,
     0x80000000000000,
     {{STR("\\Device\\mfehidk"), STR("**\\VSTSKMGR.EXE"), STR("1234")},
      {STR("\\Device\\mfehidk"), STR("**\\MCSHIELD.EXE"), STR("764")}}},
    {&kernel,
     &time_change,
     5,
     1,
     0,
     4,
     0x8000000000000010,
     {{STR("2023-02-18T09:00:00.500000000Z"), STR("2023-02-18T08:59:59.671875000Z")},
      {STR("2023-02-18T09:00:00.5Z"), STR("2023-02-18T08:59:59.6Z")}}},
    {&kernel,
     &hive,
     15,
     16,
     0,
     4,
     0x8000000000000000,
     {{STR("104"), STR("\\??\\C:\\Users\\j.doe\\AppData\\Local\\Microsoft\\Windows\\UsrClass.dat"),
       STR("812"), STR("73")},
      {STR("38"), STR("\\SystemRoot\\System32\\Config\\SOFTWARE"), STR("4"), STR("2")}}},
    {&update,
     &installed,
     15,
     19,
     0,
     4,
     0x8000000000000018,
     {{STR("Definition Update for Windows Defender - KB915597 (Definition 1.95.191.0)"),
       STR("{5a9a3a8e-2d0a-4f5e-8a3c-0d1f1f1b7a11}"), STR("200")},
      {STR("Security Update for Windows 7 for x64-based Systems (KB2479943)"),
       STR("{0c3d2f6b-6b0e-4f0a-9d49-2c0f4f3cf2b7}"), STR("101")}}},
    {&manager,
     &service_new,
     15,
     7045,
     0x4000,
     4,
     0x8080000000000000,
     {{STR("Intel(R) PRO/1000 NDIS 6 Adapter Driver"),
       STR("\\SystemRoot\\system32\\DRIVERS\\E1G6032E.sys"), STR("kernel mode driver"),
       STR("demand start"), STR("")},
      {STR("McAfee Framework Service"),
       STR("\"C:\\Program Files (x86)\\McAfee\\Common Framework\\FrameworkService.exe\" "
           "/ServiceStart"),
       STR("user mode service"), STR("auto start"), STR("LocalSystem")}}},
    {&devices,
     &device,
     10,
     20003,
     0,
     4,
     0x8000000000000000,
     {{STR("NdisWan"), STR("system32\\DRIVERS\\ndiswan.sys"), STR("ROOT\\MS_NDISWANIP\\0000"),
       STR("true"), STR("true")},
      {STR("USBSTOR"), STR("\\SystemRoot\\System32\\drivers\\USBSTOR.SYS"),
       STR("USB\\VID_0951&PID_1665\\60A44C413FAEB1B099F30016"), STR("false"), STR("true")}}},
};

static const struct kind *kind_of(const struct large_log *log, uint64_t i)
{
    if (log->record_bytes)
        return &kinds[i % 10 == 3];
    /* Scattered, but the same each time. */
    uint64_t at = (i * UINT64_C(0x9E3779B97F4A7C15) >> 32) % 100;
    size_t k = 0;
    while (at >= kinds[k].share)
        at -= kinds[k++].share;
    return &kinds[k];
}

static void add_record(struct evtx_writer *w, const struct large_log *log, uint64_t i)
{
    const struct kind *k = kind_of(log, i);
    const struct str *strings = k->strings[log->record_bytes ? 0 : i / 3 % 2];
    uint64_t span = log->days * WTIME_DAY, step = span / log->records;
    size_t count = 0;
    while (count < EVTX_FIELDS && strings[count].ptr)
        count++;
    struct evtx_event ev = {.source = k->source,
                            .shape = k->shape,
                            .time = now() - span + i * step,
                            .id = k->id,
                            .qualifiers = k->qualifiers,
                            .level = k->level,
                            .keywords = k->keywords,
                            .process = 548,
                            .thread = (uint32_t)(1340 + i % 7 * 4),
                            .strings = strings,
                            .string_count = count,
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

/* ---- hives ---- */

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
