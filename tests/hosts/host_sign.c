#include "host_sign.h"

#include "pe_writer.h"

/* ---- kinds of signatures ------------------------------------------------------------------- */

static const struct sign_spec by_catalog = {
    PKI_MS_WINDOWS, SIGN_SHA1, STAMP_LEGACY, "2010-11-20", "Microsoft Windows", NULL, NULL, false};
static const struct sign_spec by_catalog2 = {.leaf = PKI_MS_WINDOWS,
                                             .digest = SIGN_SHA256,
                                             .stamp = STAMP_RFC3161,
                                             .stamped = "2013-03-02",
                                             .program = "Microsoft Windows"};
static const struct sign_spec by_microsoft = {.leaf = PKI_MS_CODE,
                                              .stamp = STAMP_LEGACY,
                                              .stamped = "2009-07-11",
                                              .program = "Microsoft Visual C++ 2008"};
static const struct sign_spec mcafee_sha1 = {.leaf = PKI_MCAFEE,
                                             .stamp = STAMP_LEGACY,
                                             .stamped = "2011-08-17",
                                             .program = "McAfee Enterprise",
                                             .url = "http://www.mcafee.com"};
static const struct sign_spec mcafee_sha256 = {
    .leaf = PKI_MCAFEE, .digest = SIGN_SHA256, .stamp = STAMP_RFC3161, .stamped = "2016-02-24"};
static const struct sign_spec mcafee_dual = {
    .leaf = PKI_MCAFEE, .stamp = STAMP_LEGACY, .stamped = "2016-02-24", .nested = &mcafee_sha256};
static const struct sign_spec mcafee_256_bare = {.leaf = PKI_MCAFEE, .digest = SIGN_SHA256};
static const struct sign_spec contoso = {.leaf = PKI_CONTOSO,
                                         .digest = SIGN_SHA256,
                                         .stamp = STAMP_RFC3161,
                                         .stamped = "2014-05-05",
                                         .program = "Contoso Session Helper"};
static const struct sign_spec emc = {
    .leaf = PKI_EMC, .stamp = STAMP_LEGACY, .stamped = "2010-03-09"};
static const struct sign_spec expired = {.leaf = PKI_MCAFEE_EXPIRED};
static const struct sign_spec expired_stamped = {
    .leaf = PKI_MCAFEE_EXPIRED, .stamp = STAMP_LEGACY, .stamped = "2011-06-01"};
static const struct sign_spec expired_stamped_3161 = {.leaf = PKI_MCAFEE_EXPIRED,
                                                      .digest = SIGN_SHA256,
                                                      .stamp = STAMP_RFC3161,
                                                      .stamped = "2011-06-01"};
static const struct sign_spec expired_stamp_broken = {.leaf = PKI_MCAFEE_EXPIRED,
                                                      .stamp = STAMP_LEGACY,
                                                      .stamped = "2011-06-01",
                                                      .break_stamp = true};
static const struct sign_spec expired_then_good = {.leaf = PKI_MCAFEE_EXPIRED,
                                                   .nested = &mcafee_sha256};
static const struct sign_spec lifetime = {
    .leaf = PKI_MCAFEE_LIFETIME, .stamp = STAMP_LEGACY, .stamped = "2011-06-01"};
static const struct sign_spec future = {.leaf = PKI_MCAFEE_FUTURE, .digest = SIGN_SHA256};
static const struct sign_spec server = {.leaf = PKI_MCAFEE_SERVER, .digest = SIGN_SHA256};
static const struct sign_spec bad = {
    .leaf = PKI_MCAFEE_BAD, .stamp = STAMP_LEGACY, .stamped = "2011-06-01"};
static const struct sign_spec fraud = {.leaf = PKI_FRAUD, .digest = SIGN_SHA256};
static const struct sign_spec corporate = {.leaf = PKI_CORP_CODE, .digest = SIGN_SHA256};
static const struct sign_spec forged = {.leaf = PKI_FORGED_CODE, .digest = SIGN_SHA256};
static const struct sign_spec elsewhere = {.leaf = PKI_ELSEWHERE_CODE, .digest = SIGN_SHA256};

/* ---- files that are not signed as all others ----------------------------------------------- */

enum damage {
    INTACT,
    CODE_CHANGED,    /* one byte of the code, after signing */
    LENGTH_TOO_LONG, /* the certificate table's entry passes the end of the table */
    NOT_DER,         /* the signature does not begin as one */
    MORE_BYTES       /* appended inside the table's entry */
};

struct odd_file {
    const char *host, *path;
    const struct sign_spec *table[2];
    enum damage damage;
    int catalog; /* 1 + enum host_catalog_id */
};

#define MA "Program Files (x86)/McAfee/Common Framework/"
#define MA86 "Program Files/McAfee/Common Framework/"
#define VSE "Program Files (x86)/McAfee/VirusScan Enterprise/"
#define CT "Program Files/Contoso/"
#define CT86 "Program Files (x86)/Contoso/"
#define W "Program Files/Contoso/Words/"
#define S "Windows/System32/"

static const struct odd_file odd[] = {
    {"agent45", MA86 "cryptocme2.dll", {NULL}, INTACT, 0},
    {"agent45", MA86 "ccme_base.dll", {NULL}, INTACT, 0},
    {"hooked", CT "cthook64.dll", {&contoso}, INTACT, 0},
    {"hooked", CT86 "cthook.dll", {&contoso}, INTACT, 0},
    {"hooked", S "ctlsp.dll", {&contoso}, INTACT, 0},
    {"hooked", "Windows/SysWOW64/ctlsp.dll", {&contoso}, INTACT, 0},
    {"hooked", S "ctverify.dll", {&contoso}, INTACT, 0},
    {"agentdlls", MA "cryptocme2.dll", {NULL}, INTACT, 0},
    {"agentdlls", MA "ccme_base.dll", {&emc}, INTACT, 0},
    {"catalogs", S "user32.dll", {NULL}, INTACT, 1 + CATALOG_V1},
    {"catalogs", S "crypt32.dll", {NULL}, INTACT, 1 + CATALOG_V1},
    {"catalogs", S "msi.dll", {NULL}, INTACT, 1 + CATALOG_V1},
    {"catalogs", "Windows/explorer.exe", {NULL}, INTACT, 1 + CATALOG_OTHER_FOLDER},
    {"catalogs", S "drivers/ctfilter.sys", {NULL}, INTACT, 1 + CATALOG_THIRD_PARTY},
    {"catalogs", CT "nested.dll", {&expired_then_good}, INTACT, 0},
    {"catalogs", CT "idle.dll", {NULL}, INTACT, 0},
    {"tampered", MA "ccme_base.dll", {&mcafee_sha1}, CODE_CHANGED, 0},
    {"tampered", VSE "msvcr90.dll", {&by_microsoft}, CODE_CHANGED, 0},
    {"tampered", S "msi.dll", {NULL}, CODE_CHANGED, 1 + CATALOG_V1},
    {"expired", MA "cryptocme2.dll", {&expired}, INTACT, 0},
    {"expired", MA "ccme_base.dll", {&expired_stamped}, INTACT, 0},
    {"disallowed", MA "cryptocme2.dll", {&bad}, INTACT, 0},
    {"disallowed", MA "ccme_base.dll", {&bad}, INTACT, 0},
    {"forged", S "msi.dll", {&forged}, INTACT, 0},
    {"lists", CT "listed.dll", {&elsewhere}, INTACT, 0},
    {"lists", CT "contoso.dll", {&contoso}, INTACT, 0},
    {"words", W "sha1-legacy.dll", {&mcafee_sha1}, INTACT, 0},
    {"words", W "sha256-rfc3161.dll", {&mcafee_sha256}, INTACT, 0},
    {"words", W "nested.dll", {&mcafee_dual}, INTACT, 0},
    {"words", W "two-entries.dll", {&mcafee_sha1, &mcafee_sha256}, INTACT, 0},
    {"words", W "no-timestamp.dll", {&mcafee_256_bare}, INTACT, 0},
    {"words", W "more-bytes.dll", {&mcafee_sha1}, MORE_BYTES, 0},
    {"words", W "policy-root.dll", {&corporate}, INTACT, 0},
    {"words", W "unsigned.dll", {NULL}, INTACT, 0},
    {"words", W "changed.dll", {&mcafee_dual}, CODE_CHANGED, 0},
    {"words", W "changed-disallowed.dll", {&bad}, CODE_CHANGED, 0},
    {"words", W "too-long.dll", {&mcafee_sha1}, LENGTH_TOO_LONG, 0},
    {"words", W "not-der.dll", {&mcafee_sha1}, NOT_DER, 0},
    {"words", W "forged-root.dll", {&forged}, INTACT, 0},
    {"words", W "elsewhere.dll", {&elsewhere}, INTACT, 0},
    {"words", W "issuer-disallowed.dll", {&bad}, INTACT, 0},
    {"words", W "leaf-disallowed.dll", {&fraud}, INTACT, 0},
    {"words", W "expired.dll", {&expired}, INTACT, 0},
    {"words", W "expired-legacy.dll", {&expired_stamped}, INTACT, 0},
    {"words", W "expired-rfc3161.dll", {&expired_stamped_3161}, INTACT, 0},
    {"words", W "expired-broken-stamp.dll", {&expired_stamp_broken}, INTACT, 0},
    {"words", W "expired-nested-good.dll", {&expired_then_good}, INTACT, 0},
    {"words", W "lifetime.dll", {&lifetime}, INTACT, 0},
    {"words", W "not-yet.dll", {&future}, INTACT, 0},
    {"words", W "server.dll", {&server}, INTACT, 0},
};

static const struct host_extra extras[] = {
    {"hooked", "Program Files/Contoso", "cthook64.dll", "Contoso Ltd", false, true},
    {"hooked", "Program Files (x86)/Contoso", "cthook.dll", "Contoso Ltd", false, false},
    {"hooked", "Windows/System32", "ctlsp.dll", "Contoso Ltd", false, true},
    {"hooked", "Windows/SysWOW64", "ctlsp.dll", "Contoso Ltd", false, false},
    {"hooked", "Windows/System32", "ctverify.dll", "Contoso Ltd", false, true},
    {"catalogs", "Windows/System32/drivers", "ctfilter.sys", "Contoso Ltd", true, true},
    {"catalogs", "Program Files/Contoso", "nested.dll", "McAfee, Inc.", false, true},
    {"catalogs", "Program Files/Contoso", "idle.dll", "Contoso Ltd", false, true},
    {"lists", "Program Files/Contoso", "listed.dll", "Northwind", false, true},
    {"lists", "Program Files/Contoso", "contoso.dll", "Contoso Ltd", false, true},
};

const struct host_extra *host_extras(size_t *count)
{
    /* The host "words" is one folder of files, all alike but for their signatures. */
    enum { FIXED = sizeof extras / sizeof *extras, ODD = sizeof odd / sizeof *odd };
    static struct host_extra all[FIXED + ODD];
    size_t n = FIXED, prefix = sizeof W - 1;
    memcpy(all, extras, sizeof extras);
    for (size_t i = 0; i < ODD; i++)
        if (strcmp(odd[i].host, "words") == 0)
            all[n++] = (struct host_extra){
                "words", "Program Files/Contoso/Words", odd[i].path + prefix, "McAfee, Inc.", false,
                true};
    *count = n;
    return all;
}

/* ---- what it comes to ---------------------------------------------------------------------- */

static const struct sample_signature expected[] = {
    {"healthy", S "msi.dll", "trusted", "catalog", "Microsoft Corporation"},
    {"healthy", S "mswsock.dll", "trusted", "catalog", "Microsoft Corporation"},
    {"healthy", VSE "msvcr90.dll", "trusted", "embedded", "Microsoft Corporation"},
    {"healthy", VSE "VsTskMgr.exe", "trusted", "embedded", "McAfee, Inc."},
    {"healthy", S "drivers/mfehidk.sys", "trusted", "embedded", "McAfee, Inc."},
    {"healthy", MA "cryptocme2.dll", "trusted", "embedded", "McAfee, Inc."},
    {"agent45", MA86 "cryptocme2.dll", "unsigned", NULL, NULL},
    {"agent45", MA86 "ccme_base.dll", "unsigned", NULL, NULL},
    {"xp", "WINDOWS/system32/msi.dll", "trusted", "catalog", "Microsoft Corporation"},
    {"dirty", S "msi.dll", "trusted", "catalog", "Microsoft Corporation"},
    {"hooked", CT "cthook64.dll", "trusted", "embedded", "Contoso Ltd"},
    {"hooked", CT86 "cthook.dll", "trusted", "embedded", "Contoso Ltd"},
    {"hooked", S "ctlsp.dll", "trusted", "embedded", "Contoso Ltd"},
    {"agentdlls", MA "cryptocme2.dll", "unsigned", NULL, NULL},
    {"agentdlls", MA "ccme_base.dll", "trusted", "embedded", "EMC Corporation"},
    {"noroot", S "msi.dll", "untrusted_root", "catalog", "Microsoft Corporation"},
    {"noroot", VSE "msvcr90.dll", "untrusted_root", "embedded", "Microsoft Corporation"},
    {"noroot", VSE "VsTskMgr.exe", "trusted", "embedded", "McAfee, Inc."},
    {"catalogs", S "user32.dll", "trusted", "catalog", "Microsoft Corporation"},
    {"catalogs", S "kernel32.dll", "trusted", "catalog", "Microsoft Corporation"},
    {"catalogs", "Windows/explorer.exe", "trusted", "catalog", "Microsoft Corporation"},
    {"catalogs", S "drivers/ctfilter.sys", "trusted", "catalog", "Contoso Ltd"},
    {"catalogs", "Windows/inf/ctfilter.inf", "trusted", "catalog", "Contoso Ltd"},
    {"catalogs", CT "nested.dll", "trusted", "embedded", "McAfee, Inc."},
    {"tampered", MA "ccme_base.dll", "bad_digest", "embedded", "McAfee, Inc."},
    {"tampered", VSE "msvcr90.dll", "bad_digest", "embedded", "Microsoft Corporation"},
    {"tampered", S "msi.dll", "unsigned", NULL, NULL},
    {"expired", MA "cryptocme2.dll", "expired", "embedded", "McAfee, Inc."},
    {"expired", MA "ccme_base.dll", "trusted", "embedded", "McAfee, Inc."},
    {"disallowed", MA "cryptocme2.dll", "disallowed", "embedded", "McAfee, Inc."},
    {"disallowed", MA "ccme_base.dll", "disallowed", "embedded", "McAfee, Inc."},
    {"disallowed", VSE "VsTskMgr.exe", "trusted", "embedded", "McAfee, Inc."},
    {"forged", S "msi.dll", "untrusted_root", "embedded", "Microsoft Corporation"},
    {"lists", CT "listed.dll", "root_obtainable", "embedded", "Northwind"},
    {"lists", CT "contoso.dll", "disallowed", "embedded", "Contoso Ltd"},
    {"words", W "sha1-legacy.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "sha256-rfc3161.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "nested.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "two-entries.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "no-timestamp.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "more-bytes.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "policy-root.dll", "trusted", "embedded", "Sample Ltd"},
    {"words", W "unsigned.dll", "unsigned", NULL, NULL},
    {"words", W "changed.dll", "bad_digest", "embedded", "McAfee, Inc."},
    {"words", W "changed-disallowed.dll", "bad_digest", "embedded", "McAfee, Inc."},
    {"words", W "too-long.dll", "malformed", "embedded", NULL},
    {"words", W "not-der.dll", "malformed", "embedded", NULL},
    {"words", W "forged-root.dll", "untrusted_root", "embedded", "Microsoft Corporation"},
    {"words", W "elsewhere.dll", "untrusted_root", "embedded", "Northwind"},
    {"words", W "issuer-disallowed.dll", "disallowed", "embedded", "McAfee, Inc."},
    {"words", W "leaf-disallowed.dll", "disallowed", "embedded", "Microsoft Corporation"},
    {"words", W "expired.dll", "expired", "embedded", "McAfee, Inc."},
    {"words", W "expired-legacy.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "expired-rfc3161.dll", "trusted", "embedded", "McAfee, Inc."},
    {"words", W "expired-broken-stamp.dll", "expired", "embedded", "McAfee, Inc."},
    {"words", W "expired-nested-good.dll", "expired", "embedded", "McAfee, Inc."},
    {"words", W "lifetime.dll", "expired", "embedded", "McAfee, Inc."},
    {"words", W "not-yet.dll", "not_yet_valid", "embedded", "McAfee, Inc."},
    {"words", W "server.dll", "wrong_usage", "embedded", "McAfee, Inc."},
};

const struct sample_signature *sample_signatures(size_t *count)
{
    *count = sizeof expected / sizeof *expected;
    return expected;
}

/* ---- signing ------------------------------------------------------------------------------- */

static void damage_image(struct sb *image, size_t table, enum damage damage)
{
    uint8_t *entry = out_at(image, table);
    switch (damage) {
    case INTACT:
        return;
    case CODE_CHANGED:
        *out_at(image, 0x500) ^= 1;
        return; /* the checksum stays, as whoever changes a byte leaves it */
    case LENGTH_TOO_LONG:
        store_u32(entry, (uint32_t)(image->len - table) + 64);
        break;
    case NOT_DER:
        entry[8] = 0x51;
        break;
    case MORE_BYTES:
        out_zero(image, 256);
        entry = out_at(image, table);
        store_u32(entry, load_u32(entry) + 256);
        memcpy(entry + load_u32(entry) - 32, "configuration appended later", 28);
        size_t optional = load_u32(out_at(image, 0x3C)) + 24;
        bool x64 = load_u16(out_at(image, optional)) == 0x20B;
        store_u32(out_at(image, optional + (x64 ? 112 : 96) + 4 * 8 + 4), load_u32(entry));
        break;
    }
    pe_checksum(image);
}

static void add_member(struct host_catalog *c, const char *name, const struct sb *image)
{
    struct catalog_member *m = &c->member[c->count++];
    BUG_ON(c->count > sizeof c->member / sizeof *c->member);
    m->name = name;
    m->pe = true;
    sign_image_hash(image, SIGN_SHA1, m->sha1);
    sign_image_hash(image, SIGN_SHA256, m->sha256);
}

void host_sign_flat(struct host_catalogs *catalogs, const char *name, struct span bytes)
{
    struct host_catalog *c = &catalogs->catalog[CATALOG_THIRD_PARTY];
    struct catalog_member *m = &c->member[c->count++];
    BUG_ON(c->count > sizeof c->member / sizeof *c->member);
    m->name = name;
    sign_hash(SIGN_SHA1, bytes, m->sha1);
    sign_hash(SIGN_SHA256, bytes, m->sha256);
}

static const struct odd_file *find_odd(const struct host_spec *h, const char *path)
{
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (strcmp(odd[i].host, h->name) == 0 && strcmp(odd[i].path, path) == 0)
            return &odd[i];
    return NULL;
}

/* The usual: Windows' files in a catalog, what Microsoft gave to others signed itself, McAfee's
 * drivers with two signatures. */
static struct odd_file usual(const struct host_spec *h, const char *path, const char *company)
{
    size_t len = strlen(path);
    struct odd_file how = {.damage = INTACT};
    if (strstr(path, "msvcr"))
        how.table[0] = &by_microsoft;
    else if (strncmp(company, "Microsoft", 9) == 0)
        how.catalog = 1 + (h->os->ubr ? CATALOG_V2 : CATALOG_V1);
    else
        how.table[0] = len > 4 && strcmp(path + len - 4, ".sys") == 0 ? &mcafee_dual : &mcafee_sha1;
    return how;
}

void host_sign(const struct host_spec *h, struct host_catalogs *catalogs, const char *path,
               const char *name, const char *company, struct sb *image)
{
    const struct odd_file *found = find_odd(h, path);
    struct odd_file how = found ? *found : usual(h, path, company);
    size_t entries = how.table[1] ? 2 : how.table[0] ? 1 : 0;
    if (how.catalog)
        add_member(&catalogs->catalog[how.catalog - 1], name, image);
    size_t table = (image->len + 7) / 8 * 8;
    if (entries)
        sign_image(image, how.table, entries);
    damage_image(image, table, how.damage);
}

#define SYSTEM_CATALOGS "CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/"

bool host_write_catalogs(const struct host_spec *h, const struct host_catalogs *catalogs,
                         const char *dir, struct err *e)
{
    static const struct {
        const char *path, *path5;
        bool version2;
        const struct sign_spec *spec;
    } file[CATALOGS] = {
        [CATALOG_V1] = {SYSTEM_CATALOGS "Microsoft-Windows-Client-Features-Package~31bf3856ad364e35"
                                        "~amd64~~6.1.7601.17514.cat",
                        SYSTEM_CATALOGS "NT5.CAT", false, &by_catalog},
        [CATALOG_V2] = {SYSTEM_CATALOGS "Microsoft-Windows-Client-Desktop-Required-Package"
                                        "~31bf3856ad364e35~amd64~~10.0.17763.1.cat",
                        NULL, true, &by_catalog2},
        [CATALOG_OTHER_FOLDER] = {"CatRoot/{127D0A1D-4EF2-11D1-8608-00C04FC295EE}/other.cat", NULL,
                                  true, &by_catalog2},
        [CATALOG_THIRD_PARTY] = {SYSTEM_CATALOGS "oem7.CAT", NULL, false, &contoso},
    };
    for (size_t i = 0; i < CATALOGS; i++) {
        const struct host_catalog *c = &catalogs->catalog[i];
        char path[512];
        struct sb b;
        if (!c->count)
            continue;
        snprintf(path, sizeof path, "%s/%s/%s", h->os->windows, h->os->system32,
                 h->os->nt5 ? file[i].path5 : file[i].path);
        sb_init(&b, (size_t)1 << 24);
        catalog_write(file[i].version2, c->member, c->count, file[i].spec, &b);
        bool ok = host_write(dir, path, sb_span(&b), e);
        sb_done(&b);
        if (!ok)
            return false;
    }
    return true;
}
