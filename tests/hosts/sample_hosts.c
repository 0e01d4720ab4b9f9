#include "sample_hosts.h"
#include "base/wtime.h"
#include "hive_log.h"
#include "host_spec.h"
#include "out.h"

/* ---- Windows versions ---------------------------------------------------------------------- */

static const struct host_os win7 = {
    .product = "Windows 7 Professional",
    .edition = "Professional",
    .type = "Client",
    .version = "6.1",
    .build = "7601",
    .csd = "Service Pack 1",
    .build_lab = "7601.win7sp1_ldr_escrow.190110-1700",
    .product_type = "WinNT",
    .kernel = {{6, 1, 7601, 24354}},
    .windows = "Windows",
    .system32 = "System32",
    .users = "Users",
};

static const struct host_os win10_22h2 = {
    .product = "Windows 10 Pro",
    .edition = "Professional",
    .type = "Client",
    .version = "6.3",
    .build = "19045",
    .build_lab = "19041.vb_release.191206-1406",
    .product_type = "WinNT",
    .kernel = {{10, 0, 19041, 2728}},
    .windows = "Windows",
    .system32 = "System32",
    .users = "Users",
    .ubr = 2728,
    .display_version = "22H2",
};

static const struct host_os win10_1809 = {
    .product = "Windows 10 Enterprise LTSC 2019",
    .edition = "EnterpriseS",
    .type = "Client",
    .version = "6.3",
    .build = "17763",
    .build_lab = "17763.rs5_release.180914-1434",
    .product_type = "WinNT",
    .kernel = {{10, 0, 17763, 4131}},
    .windows = "Windows",
    .system32 = "System32",
    .users = "Users",
    .ubr = 4131,
    .display_version = "1809",
};

static const struct host_os xp = {
    .product = "Microsoft Windows XP",
    .version = "5.1",
    .build = "2600",
    .csd = "Service Pack 3",
    .build_lab = "2600.xpsp_sp3_gdr.130307-0422",
    .product_type = "WinNT",
    .kernel = {{5, 1, 2600, 6387}},
    .windows = "WINDOWS",
    .system32 = "system32",
    .users = "Documents and Settings",
    .nt5 = true,
};

static const struct host_os server2003 = {
    .product = "Microsoft Windows Server 2003",
    .version = "5.2",
    .build = "3790",
    .csd = "Service Pack 2",
    .build_lab = "3790.srv03_sp2_gdr.130307-0423",
    .product_type = "ServerNT",
    .kernel = {{5, 2, 3790, 5132}},
    .windows = "WINDOWS",
    .system32 = "system32",
    .users = "Documents and Settings",
    .nt5 = true,
};

/* ---- the hosts ----------------------------------------------------------------------------- */

#define PATCH(number, build, agent_version, core)                                                  \
    {                                                                                              \
        .vse = build, .agent = agent_version, .system_core = core, .patch = number,                \
        .validation_start = 2                                                                      \
    }

enum { MB = 1 << 20 };

static const struct host_spec hosts[] = {
    {.name = "healthy",
     .story = "Windows 7 x64, VSE 8.8 Patch 16, Agent 5.6: every rule passes",
     .computer = "FIN-WS-0142",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "mkeller"},
    {.name = "unpatched",
     .story = "Windows 7 x64, VSE 8.8 Patch 1, Agent 4.6, 516 four times every ten minutes",
     .computer = "CTX-WRK-07",
     .os = &win7,
     .x64 = true,
     .now = PATCH("1", "8.8.0.849", "4.6.0.2292", "15.0.0.345"),
     .noise = NOISE_STORM,
     .days = 11,
     .log_max = 2 * MB,
     .user = "ctxadmin"},
    {.name = "agent45",
     .story = "Windows 7 x86, VSE 8.8 Patch 2, Agent 4.5 with unsigned DLLs",
     .computer = "LAB-PC-03",
     .os = &win7,
     .now = PATCH("2", "8.8.0.975", "4.5.0.1810", "15.0.0.537"),
     .noise = NOISE_SOME,
     .days = 45,
     .log_max = 20 * MB,
     .user = "lab"},
    {.name = "xp",
     .story = "Windows XP SP3, VSE 8.8 Patch 3, Agent 4.8, wrapped SysEvent.Evt, SOFTWARE.LOG",
     .computer = "POS-TERM-11",
     .os = &xp,
     .now = PATCH("3", "8.8.0.1128", "4.8.0.1938", "15.1.0.543"),
     .logs = LOGS_OLD,
     .unflushed = PATCH("2", "8.8.0.975", "4.5.0.1810", "15.0.0.537"),
     .noise = NOISE_SOME,
     .days = 120,
     .log_max = MB / 2,
     .user = "kasse"},
    {.name = "server2003",
     .story = "Windows Server 2003 SP2 x86, VSE 8.8 Patch 4, Agent 4.8, quiet",
     .computer = "SRV-FILE-02",
     .os = &server2003,
     .now = PATCH("4", "8.8.0.1247", "4.8.0.1938", "15.1.0.543"),
     .days = 60,
     .log_max = 16 * MB,
     .user = "Administrator"},
    {.name = "shortlog",
     .story = "as healthy, but the System log was cleared three days ago",
     .computer = "HR-WS-0077",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 3,
     .log_max = 20 * MB,
     .user = "asmith"},
    {.name = "conflict",
     .story = "the registry says VSE 8.8.0.1982, uninstall entry and shstat.exe say 8.8.0.849",
     .computer = "ENG-WS-0219",
     .os = &win7,
     .x64 = true,
     .now = {.vse = "8.8.0.1982",
             .vse_installed = "8.8.0.849",
             .coptcpl = "8.8.0.849",
             .agent = "5.0.6.220",
             .system_core = "15.4.0.674",
             .patch = "11",
             .validation_start = 2},
     .days = 65,
     .log_max = 20 * MB,
     .user = "build"},
    {.name = "nomcafee",
     .story = "Windows 10 22H2 without any McAfee product",
     .computer = "DESKTOP-8QK2M4T",
     .os = &win10_22h2,
     .x64 = true,
     .days = 65,
     .log_max = 20 * MB,
     .user = "jordan"},
    {.name = "japanese",
     .story = "Japanese Windows 7 x64, VSE 8.8 Patch 1, events in Japanese",
     .computer = "TKY-WS-0031",
     .os = &win7,
     .x64 = true,
     .japanese = true,
     .now = PATCH("1", "8.8.0.849", "4.6.0.2292", "15.0.0.345"),
     .noise = NOISE_STORM,
     .days = 8,
     .log_max = 2 * MB,
     .user = "山田太郎"},
    {.name = "damaged",
     .story = "as healthy, but bins of SOFTWARE and chunks of System.evtx are destroyed",
     .computer = "FIN-WS-0177",
     .os = &win7,
     .x64 = true,
     .damaged = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "tbauer"},
    {.name = "dirty",
     .story = "Windows 10 1809: hives without their logs show Patch 1 and a disabled service",
     .computer = "ENG-WS-0305",
     .os = &win10_1809,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .logs = LOGS_NEW,
     .unflushed = {.vse = "8.8.0.849",
                   .agent = "4.5.0.1810",
                   .system_core = "15.0.0.345",
                   .patch = "1",
                   .validation_start = 4},
     .days = 65,
     .log_max = 20 * MB,
     .user = "rlopez"},
    {.name = "hotfix",
     .story = "VSE 8.8 Patch 7 with hotfix 1123565 (coptcpl.dll 8.8.0.1546), SOFTWARE.LOG1 pending",
     .computer = "OPS-WS-0412",
     .os = &win7,
     .x64 = true,
     .now = {.vse = "8.8.0.1528",
             .coptcpl = "8.8.0.1546",
             .agent = "5.0.5.658",
             .system_core = "15.4.0.674",
             .patch = "7",
             .validation_start = 2},
     .logs = LOGS_OLD,
     .unflushed = PATCH("6", "8.8.0.1445", "5.0.5.658", "15.4.0.674"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "operator"},
    {.name = "hooked",
     .story = "as healthy, but with validly signed DLLs of Contoso Ltd at every injection point",
     .computer = "CTX-WRK-12",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "ctxadmin",
     .twist = TWIST_HOOKED},
    {.name = "agentdlls",
     .story = "as healthy, but cryptocme2.dll is unsigned and ccme_base.dll signed by EMC",
     .computer = "LAB-PC-08",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "lab",
     .twist = TWIST_NONE},
    {.name = "noroot",
     .story = "as healthy, but Microsoft's root is missing and root updates are switched off",
     .computer = "VAULT-WS-01",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "vault",
     .twist = TWIST_NO_ROOT},
    {.name = "catalogs",
     .story = "Windows 10 1809: catalogs v1 and v2, another vendor's, an idle AppInit DLL",
     .computer = "ENG-WS-0311",
     .os = &win10_1809,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "rlopez",
     .twist = TWIST_IDLE_HOOK},
    {.name = "tampered",
     .story = "as healthy, but files of McAfee and Microsoft have one byte changed",
     .computer = "KIOSK-04",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "kiosk",
     .twist = TWIST_NONE},
    {.name = "expired",
     .story = "as healthy, but the Agent's DLLs were signed by a certificate that ended in 2012",
     .computer = "OPS-WS-0420",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "operator",
     .twist = TWIST_NONE},
    {.name = "disallowed",
     .story = "as healthy, but the issuer of the Agent DLLs' signer is in the Disallowed store",
     .computer = "OPS-WS-0421",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "operator",
     .twist = TWIST_BAD_CA},
    {.name = "forged",
     .story = "as healthy, but with a root list that Microsoft did not sign, and a forged msi.dll",
     .computer = "FIN-WS-0150",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "mkeller",
     .twist = TWIST_FORGED_LIST},
    {.name = "lists",
     .story = "as healthy, with both lists signed by the sample list authority",
     .computer = "FIN-WS-0151",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "mkeller",
     .twist = TWIST_LISTS},
    {.name = "words",
     .story = "as healthy, and a folder of files with every kind of signature",
     .computer = "DEV-WS-0007",
     .os = &win7,
     .x64 = true,
     .now = PATCH("16", "8.8.0.2300", "5.6.1.308", "20.3.0.179"),
     .days = 65,
     .log_max = 20 * MB,
     .user = "dev",
     .twist = TWIST_BAD_CA},
};

enum { HOSTS = sizeof hosts / sizeof *hosts };

const char *sample_host_name(size_t index, const char **story)
{
    if (index >= HOSTS)
        return NULL;
    if (story)
        *story = hosts[index].story;
    return hosts[index].name;
}

/* ---- times --------------------------------------------------------------------------------- */

uint64_t host_now(void)
{
    uint64_t t = 0;
    bool ok = wtime_parse(STR(SAMPLE_HOST_NOW), &t);
    BUG_ON(!ok);
    return t;
}

uint64_t host_flush_time(void)
{
    return host_now() - 7 * 60 * WTIME_SECOND;
}

uint64_t host_install_time(void)
{
    return host_now() - 900 * WTIME_DAY + 4211 * WTIME_SECOND;
}

/* ---- writing ------------------------------------------------------------------------------- */

bool host_write(const char *dir, const char *path, struct span bytes, struct err *e)
{
    char full[4096];
    int n = snprintf(full, sizeof full, "%s/%s", dir, path);
    if (n < 0 || (size_t)n >= sizeof full)
        return err_set(e, ERR_LIMIT, 0, "path too long");
    return out_write_file(full, bytes, e);
}

enum { IMAGE_MAX = 256 << 20, LOG_COUNT = 2, SECTOR = 512 };

typedef void build_fn(const struct host_spec *, const struct host_versions *, struct hive *);

static void build_user(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    host_user(h, true, hive);
    if (v->vse) /* what the next flush would bring: proof that user hives are replayed as well */
        hive_sz(hive, hive_key(hive, NULL, "Software\\Sample"), "Written", v->vse);
}

static void build_default(const struct host_spec *h, const struct host_versions *v,
                          struct hive *hive)
{
    (void)v;
    host_user(h, false, hive);
}

static void build_sam(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    (void)v;
    host_sam(h, hive);
}

static void build_security(const struct host_spec *h, const struct host_versions *v,
                           struct hive *hive)
{
    (void)v;
    host_security(h, hive);
}

struct hive_file {
    const char *name, *internal; /* as the base block calls it */
    bool user;                   /* 1.3 on every Windows */
    bool old_log, new_log;       /* left dirty on hosts with pending logs of that format */
    build_fn *build;
};

static void make_image(const struct host_spec *h, const struct host_versions *v,
                       const struct hive_file *f, uint32_t sequence, struct sb *out)
{
    struct hive hive;
    hive_init(&hive, f->internal, h->os->nt5 || f->user ? 3 : 5, host_install_time());
    hive.sequence = sequence;
    if (f->user && !h->os->nt5)
        hive.list = HIVE_LH; /* user hives since NT 5.1 keep 1.3 and use hashed lists */
    f->build(h, v, &hive);
    hive.written = host_flush_time();
    sb_init(out, IMAGE_MAX);
    hive_image(&hive, out);
    hive_done(&hive);
}

static const char *find(const char *in, size_t len, const char *what, size_t n)
{
    for (const char *end = in + len; (size_t)(end - in) >= n; in++) {
        in = memchr(in, *what, (size_t)(end - in) - n + 1);
        if (!in || memcmp(in, what, n) == 0)
            return in;
    }
    return NULL;
}

/* What the damaged host lost: every page, or sector, that holds one of these names behind another.
 * Windows' own identity is still there. */
static void destroy_pages(struct sb *image)
{
    static const struct {
        const char *after, *name;
        size_t unit;
    } lost[] = {{"UserData", "6B1D51EC6B91", SECTOR},
                {"Wow6432Node", "DesktopProtection", 4096},
                {"ePolicy Orchestrator", "VIRUSCAN8800", 4096},
                {"Uninstall", "{CE15D1B6-", SECTOR}};
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        const char *hit, *end = image->ptr + image->len;
        const char *from = find(image->ptr, image->len, lost[i].after, strlen(lost[i].after));
        BUG_ON(!from);
        while ((hit = find(from, (size_t)(end - from), lost[i].name, strlen(lost[i].name)))) {
            size_t at = (size_t)(hit - image->ptr) / lost[i].unit * lost[i].unit;
            memset(image->ptr + at, 0, lost[i].unit);
        }
    }
}

static bool write_log(const char *dir, const char *path, const char *suffix, const struct sb *log,
                      struct err *e)
{
    char name[600];
    int n = snprintf(name, sizeof name, "%s%s", path, suffix);
    BUG_ON(n < 0 || (size_t)n >= sizeof name);
    return host_write(dir, name, sb_span(log), e);
}

/* A clean hive's first log still holds the base block of the last flush, the second is empty. */
static bool write_clean(const struct host_spec *h, const char *dir, const char *path,
                        const struct sb *image, struct err *e)
{
    struct sb log;
    sb_init(&log, SECTOR);
    sb_put(&log, image->ptr, SECTOR);
    store_u32(out_at(&log, 28), h->os->ubr ? 6 : 1); /* file type: log, new or old format */
    hive_checksum(out_at(&log, 0));
    bool ok = host_write(dir, path, sb_span(image), e) &&
              write_log(dir, path, h->os->nt5 ? ".LOG" : ".LOG1", &log, e);
    log.len = 0;
    if (ok && !h->os->nt5)
        ok = write_log(dir, path, ".LOG2", &log, e);
    sb_done(&log);
    return ok;
}

static bool write_dirty(const struct host_spec *h, const char *dir, const char *path,
                        const struct hive_file *f, const struct sb *after, struct err *e)
{
    static const struct host_versions ancient = PATCH("", "8.8.0.777", "4.0.0.1421", "14.0.0.1");
    struct sb before, stale, primary, log[LOG_COUNT];
    bool old = h->logs == LOGS_OLD, ok;
    make_image(h, &h->unflushed, f, 40, &before);
    make_image(h, &ancient, f, 37, &stale);
    sb_init(&primary, IMAGE_MAX);
    sb_init(&log[0], IMAGE_MAX);
    sb_init(&log[1], IMAGE_MAX);
    if (old) {
        ok = hive_dirty_old(sb_span(&before), sb_span(after), &primary, &log[0], e) &&
             write_log(dir, path, h->os->nt5 ? ".LOG" : ".LOG1", &log[0], e) &&
             (h->os->nt5 || write_log(dir, path, ".LOG2", &log[1], e));
    } else {
        /* SOFTWARE: the second log is older than the first; the others need both. */
        struct span s = strcmp(f->name, "SOFTWARE") == 0 ? sb_span(&stale) : span_of(NULL, 0);
        ok = hive_dirty_new(sb_span(&before), sb_span(after), s, &primary, &log[0], &log[1], e) &&
             write_log(dir, path, ".LOG1", &log[0], e) && write_log(dir, path, ".LOG2", &log[1], e);
    }
    ok = ok && host_write(dir, path, sb_span(&primary), e);
    sb_done(&before);
    sb_done(&stale);
    sb_done(&primary);
    sb_done(&log[0]);
    sb_done(&log[1]);
    return ok;
}

static bool write_hive(const struct host_spec *h, const char *dir, const char *folder,
                       const struct hive_file *f, struct err *e)
{
    char path[512];
    struct sb image;
    bool dirty = (h->logs == LOGS_OLD && f->old_log) || (h->logs == LOGS_NEW && f->new_log), ok;
    snprintf(path, sizeof path, "%s/%s", folder, f->name);
    make_image(h, &h->now, f, dirty ? 41 : 40, &image);
    if (h->damaged && f->build == host_software)
        destroy_pages(&image);
    ok = dirty ? write_dirty(h, dir, path, f, &image, e) : write_clean(h, dir, path, &image, e);
    sb_done(&image);
    return ok;
}

static bool write_hives(const struct host_spec *h, const char *dir, struct err *e)
{
    static const struct hive_file machine[] = {
        {"SOFTWARE", "emRoot\\System32\\Config\\SOFTWARE", false, true, true, host_software},
        {"SYSTEM", "SYSTEM", false, false, true, host_system},
        {"DEFAULT", "temRoot\\System32\\Config\\DEFAULT", true, false, false, build_default},
        {"SAM", "\\SystemRoot\\System32\\Config\\SAM", false, false, false, build_sam},
        {"SECURITY", "emRoot\\System32\\Config\\SECURITY", false, false, false, build_security},
    };
    static const struct hive_file user = {
        "NTUSER.DAT", "\\??\\C:\\Users\\NTUSER.DAT", true, false, true, build_user};
    char folder[256];
    snprintf(folder, sizeof folder, "%s/%s/config", h->os->windows, h->os->system32);
    for (size_t i = 0; i < sizeof machine / sizeof *machine; i++)
        if (!write_hive(h, dir, folder, &machine[i], e))
            return false;
    snprintf(folder, sizeof folder, "%s/%s", h->os->users, h->user);
    return write_hive(h, dir, folder, &user, e);
}

bool sample_host_write(const char *name, const char *dir, struct err *e)
{
    for (size_t i = 0; i < HOSTS; i++)
        if (strcmp(hosts[i].name, name) == 0)
            return write_hives(&hosts[i], dir, e) && host_event_logs(&hosts[i], dir, e) &&
                   host_files(&hosts[i], dir, e);
    return err_set(e, ERR_NOT_FOUND, 0, "no sample host \"%s\"", name);
}
