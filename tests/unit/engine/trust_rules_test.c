/* The four rules about signatures, and the diagnosis, on a host in memory with its own small PKI.
 */
#include "engine_case.h"
#include "system.h"
#include "trust_world.h"

#define FOLDER "C:\\Program Files\\McAfee\\Common Framework"
#define SYSTEM32 "C:\\Windows\\System32\\"
#define NT_KEY "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define WINDOWS_KEY NT_KEY "\\Windows"
#define CONTROL_KEY "HKLM\\SYSTEM\\CurrentControlSet\\Control"
#define WINSOCK_KEY "HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters"
#define HOOK "C:\\hook.dll"
#define NOTHING span_of(NULL, 0)

/* McAfee's file is by the world's leaf. */
struct scene {
    struct world w;
    struct pki_cert microsoft, contoso;
    struct catalogue catalogue;
    struct run_report run;
    bool loaded;
};

static struct pki_cert publisher(struct scene *s, const char *organisation)
{
    return pki_make((struct pki_spec){.cn = organisation,
                                      .o = organisation,
                                      .issuer = &s->w.ca,
                                      .usages = PKI_CODE,
                                      .from = "2010-01-01",
                                      .to = "2020-01-01"});
}

static void scene_open(struct scene *s)
{
    *s = (struct scene){.loaded = false};
    world_begin(&s->w);
    s->microsoft = publisher(s, "Microsoft Corporation");
    s->contoso = publisher(s, "Contoso Ltd");
    memory_set_sz(s->w.h, NT_KEY, "SystemRoot", "C:\\Windows");
}

static void scene_close(struct scene *s)
{
    if (s->loaded)
        catalogue_done(&s->catalogue);
    world_end(&s->w);
}

static void put(struct scene *s, const char *path, const struct pki_cert *by)
{
    struct pki_sign how = {.signer = by, .with = {&s->w.ca}};
    memory_set_file(s->w.h, path, by ? pki_signed_pe(1, &how) : pki_pe(1));
}

static const struct result *judge_with(struct scene *s, const char *id, const char *input,
                                       const char *value)
{
    struct err e = {0};
    struct engine_setting setting = {STR(""), str_of(input ? input : ""),
                                     str_of(value ? value : "")};
    struct engine_options o = {.trust = s->w.options};
    o.settings = &setting;
    o.setting_count = input ? 1 : 0;
    if (s->loaded)
        catalogue_done(&s->catalogue);
    s->run = (struct run_report){0};
    s->loaded = catalogue_load(&o, &s->catalogue, &e);
    bool ok = s->loaded && engine_check(&s->catalogue, s->w.h, NULL, NULL, &s->w.a, &s->run, &e);
    if (!ok)
        fprintf(stderr, "run: %s\n", e.text);
    CHECK(ok);
    for (size_t i = 0; i < s->run.result_count; i++)
        if (str_eq(s->run.results[i].rule->id, str_of(id)))
            return &s->run.results[i];
    return NULL;
}

#define CHECK_RULE(s, id, want) CHECK_SET(s, id, NULL, NULL, want)
#define CHECK_SET(s, id, input, value, want)                                                       \
    do {                                                                                           \
        const struct result *r_ = judge_with(s, id, input, value);                                 \
        CHECK(r_ != NULL);                                                                         \
        if (r_ && r_->verdict != (want)) {                                                         \
            fprintf(stderr, "%s:%d: %s is %s (" STR_FMT "), want %s\n", __FILE__, __LINE__, id,    \
                    verdict_name(r_->verdict), STR_ARG(r_->message), verdict_name(want));          \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)

/* ---- agent-dlls-signed ------------------------------------------------------------------------
 */

static void install_agent(struct scene *s)
{
    memory_set_sz(s->w.h, FRAMEWORK_KEY, "Version", "4.6.0.2292");
    memory_set_sz(s->w.h, FRAMEWORK_KEY, "Installed Path", FOLDER);
}

TEST(agent_dlls)
{
    static const char rule[] = "agent-dlls-signed";
    struct scene s;
    scene_open(&s);
    CHECK_RULE(&s, rule, VERDICT_NOT_APPLICABLE);
    memory_set_sz(s.w.h, FRAMEWORK_KEY, "Version", "4.6.0.2292");
    CHECK_RULE(&s, rule, VERDICT_UNKNOWN); /* installed, nobody knows where */
    install_agent(&s);
    CHECK_RULE(&s, rule, VERDICT_NOT_APPLICABLE); /* neither DLL is there */
    put(&s, FOLDER "\\cryptocme2.dll", &s.w.leaf);
    CHECK_RULE(&s, rule, VERDICT_PASS); /* one is enough to judge */
    memory_set_file_state(s.w.h, FOLDER "\\ccme_base.dll", FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, rule, VERDICT_UNKNOWN);
    put(&s, FOLDER "\\ccme_base.dll", &s.w.leaf);
    CHECK_RULE(&s, rule, VERDICT_PASS);
    CHECK_SET(&s, rule, "pin_vendor_roots", "true", VERDICT_FAIL); /* the test's root */
    put(&s, FOLDER "\\ccme_base.dll", &s.contoso);
    CHECK_RULE(&s, rule, VERDICT_FAIL);
    put(&s, FOLDER "\\ccme_base.dll", NULL);
    CHECK_RULE(&s, rule, VERDICT_FAIL);
    memory_set_file_state(s.w.h, FOLDER "\\cryptocme2.dll", FACT_UNREADABLE, "bad sector");
    CHECK_RULE(&s, rule, VERDICT_FAIL); /* what is unknown hides no failure */
    scene_close(&s);
}

TEST(root_in_the_hive_decides)
{
    struct scene s;
    scene_open(&s);
    install_agent(&s);
    put(&s, FOLDER "\\cryptocme2.dll", &s.w.leaf);
    pki_store(s.w.h, NULL, "Disallowed", &s.w.ca, NOTHING);
    CHECK_RULE(&s, "agent-dlls-signed", VERDICT_FAIL);
    const struct result *r = judge_with(&s, "agent-dlls-signed", NULL, NULL);
    CHECK(has_text(r->message, "disallowed"));
    scene_close(&s);
}

/* ---- third-party-hooks ------------------------------------------------------------------------
 */

static const char hooks[] = "third-party-hooks";

TEST(app_init)
{
    struct scene s;
    scene_open(&s);
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    put(&s, HOOK, &s.contoso);
    memory_set_sz(s.w.h, WINDOWS_KEY, "AppInit_DLLs", "," HOOK " ");
    CHECK_RULE(&s, hooks, VERDICT_PASS); /* no LoadAppInit_DLLs: idle */
    memory_set_dword(s.w.h, WINDOWS_KEY, "LoadAppInit_DLLs", 0);
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    memory_set_dword(s.w.h, WINDOWS_KEY, "LoadAppInit_DLLs", 1);
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    put(&s, HOOK, &s.microsoft);
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    CHECK_SET(&s, hooks, "pin_vendor_roots", "true", VERDICT_FAIL);
    put(&s, HOOK, &s.w.leaf);
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    put(&s, HOOK, NULL);
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    memory_set_file_state(s.w.h, HOOK, FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, hooks, VERDICT_UNKNOWN);
    memory_set_sz(s.w.h, WINDOWS_KEY, "AppInit_DLLs", "C:\\gone.dll");
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    CHECK(has_text(judge_with(&s, hooks, NULL, NULL)->message, "not there"));
    memory_set_state(s.w.h, WINDOWS_KEY, FACT_UNREADABLE, "bad sector");
    CHECK_RULE(&s, hooks, VERDICT_UNKNOWN);
    scene_close(&s);
}

TEST(app_init_of_old_windows_and_names_of_system32)
{
    struct scene s;
    scene_open(&s);
    memory_set_sz(s.w.h, NT_KEY, "CurrentVersion", "5.1");
    memory_set_sz(s.w.h, WINDOWS_KEY, "AppInit_DLLs", "hook.dll");
    put(&s, SYSTEM32 "hook.dll", &s.contoso);
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    scene_close(&s);
}

TEST(app_cert_and_execution_options)
{
    static const char options[] = NT_KEY "\\Image File Execution Options\\vstskmgr.EXE";
    struct scene s;
    scene_open(&s);
    put(&s, HOOK, &s.contoso);
    memory_set_sz(s.w.h, options, "VerifierDlls", HOOK);
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    memory_set_dword(s.w.h, options, "GlobalFlag", 0x100);
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    memory_set_sz(s.w.h, options, "GlobalFlag", "0x00000200");
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    memory_set_sz(s.w.h, options, "Debugger", "\"" HOOK "\" -p");
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    memory_set_sz(s.w.h, options, "Debugger", "");
    memory_set_sz(s.w.h, CONTROL_KEY "\\Session Manager\\AppCertDlls", "any", HOOK);
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    memory_set_sz(s.w.h, CONTROL_KEY "\\Session Manager\\AppCertDlls", "any", "");
    memory_set_sz(s.w.h, NT_KEY "\\AppCompatFlags\\Custom\\VsTskMgr.exe", "{1}.sdb", "");
    memory_set_file(s.w.h, "C:\\Windows\\AppPatch\\Custom\\{1}.sdb", span_of("sdbf", 4));
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    scene_close(&s);
}

static void put_protocol(struct scene *s, const char *dll, uint8_t chain, size_t size)
{
    uint8_t item[888] = {0};
    snprintf((char *)item, 260, "%s", dll);
    item[300] = chain;
    memory_set_value(s->w.h, WINSOCK_KEY "\\Protocol_Catalog9\\Catalog_Entries\\000000000001",
                     "PackedCatalogItem", 3, span_of(item, size));
}

TEST(winsock)
{
    struct scene s;
    scene_open(&s);
    put(&s, HOOK, &s.contoso);
    put_protocol(&s, HOOK, 1, 888); /* a base provider is no hook */
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    put_protocol(&s, HOOK, 0, 888);
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    put_protocol(&s, HOOK, 2, 888);
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    put_protocol(&s, HOOK, 2, 303);
    CHECK_RULE(&s, hooks, VERDICT_UNKNOWN);
    scene_close(&s);
}

TEST(windows_own_providers)
{
    static const char entry[] = WINSOCK_KEY "\\NameSpace_Catalog5\\Catalog_Entries\\000000000001";
    struct scene s;
    scene_open(&s);
    memory_set_sz(s.w.h, entry, "LibraryPath", "%SystemRoot%\\System32\\mswsock.dll");
    memory_set_file_state(s.w.h, SYSTEM32 "mswsock.dll", FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    CHECK(has_text(judge_with(&s, hooks, NULL, NULL)->message, "not collected"));
    put(&s, SYSTEM32 "mswsock.dll", &s.contoso); /* collected: its signature decides */
    CHECK_RULE(&s, hooks, VERDICT_FAIL);
    memory_set_dword(s.w.h, entry, "Enabled", 0);
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    memory_set_dword(s.w.h, entry, "Enabled", 1);
    memory_set_sz(s.w.h, entry, "LibraryPath", "%SystemRoot%\\System32\\x\\mswsock.dll");
    memory_set_file_state(s.w.h, SYSTEM32 "x\\mswsock.dll", FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, hooks, VERDICT_UNKNOWN); /* not directly there */
    memory_set_sz(s.w.h, entry, "LibraryPath", "%SystemRoot%\\System32\\mswsock.dll");
    memory_set_file_state(s.w.h, SYSTEM32 "mswsock.dll", FACT_UNREADABLE, "bad sector");
    CHECK_RULE(&s, hooks, VERDICT_UNKNOWN);
    scene_close(&s);
}

TEST(ways_into_lsass_only)
{
    struct scene s;
    scene_open(&s);
    memory_set_sz(s.w.h, CONTROL_KEY "\\Session Manager\\KnownDlls", "x", "x.dll");
    put(&s, SYSTEM32 "x.dll", &s.contoso);
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    CHECK(has_text(judge_with(&s, hooks, NULL, NULL)->message, "another vendor"));
    memory_set_file_state(s.w.h, SYSTEM32 "x.dll", FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, hooks, VERDICT_PASS);
    scene_close(&s);
}

/* ---- microsoft-files-trusted ------------------------------------------------------------------
 */

TEST(microsoft_files)
{
    static const char rule[] = "microsoft-files-trusted";
    struct scene s;
    scene_open(&s);
    put(&s, SYSTEM32 "msi.dll", &s.microsoft);
    CHECK_RULE(&s, rule, VERDICT_PASS);
    memory_set_file_state(s.w.h, SYSTEM32 "user32.dll", FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, rule, VERDICT_PASS);
    CHECK(has_text(judge_with(&s, rule, NULL, NULL)->message, "1 more not collected"));
    memory_set_file_state(s.w.h, SYSTEM32 "msi.dll", FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, rule, VERDICT_UNKNOWN);
    struct pki_sign how = {.signer = &s.microsoft, .with = {&s.w.ca}, .spoil_digest = true};
    memory_set_file(s.w.h, SYSTEM32 "msi.dll", pki_signed_pe(1, &how));
    CHECK_RULE(&s, rule, VERDICT_FAIL);
    put(&s, SYSTEM32 "msi.dll", &s.contoso); /* not Microsoft's */
    CHECK_RULE(&s, rule, VERDICT_UNKNOWN);
    scene_close(&s);
}

/* ---- root-certificates-current ----------------------------------------------------------------
 */

static const char roots[] = "root-certificates-current";

static void set_sync(struct scene *s, uint64_t t)
{
    uint8_t raw[8];
    for (size_t i = 0; i < 8; i++)
        raw[i] = (uint8_t)(t >> 8 * i);
    memory_set_value(s->w.h, WORLD_UPDATE, "LastSyncTime", 3, span_of(raw, 8));
}

TEST(age_of_the_list)
{
    struct scene s;
    scene_open(&s);
    uint64_t now = pki_day("2016-06-01");
    CHECK_RULE(&s, roots, VERDICT_NOT_APPLICABLE); /* no list, no files that need a root */
    set_sync(&s, now - 90 * WTIME_DAY);
    CHECK_RULE(&s, roots, VERDICT_PASS);
    set_sync(&s, now - 90 * WTIME_DAY - 1);
    CHECK_RULE(&s, roots, VERDICT_FAIL);
    CHECK_SET(&s, roots, "trust_list_days", "91", VERDICT_PASS);
    set_sync(&s, now + 2 * WTIME_DAY);
    CHECK_RULE(&s, roots, VERDICT_UNKNOWN);
    set_sync(&s, now);
    memory_set_value(s.w.h, WORLD_UPDATE, "EncodedCtl", 3, span_of("forged", 6));
    CHECK_RULE(&s, roots, VERDICT_UNKNOWN);
    set_sync(&s, now - 91 * WTIME_DAY);
    CHECK_RULE(&s, roots, VERDICT_FAIL);
    memory_set_state(s.w.h, "HKLM\\SOFTWARE", FACT_UNREADABLE, "bad sector");
    CHECK_RULE(&s, roots, VERDICT_UNKNOWN);
    scene_close(&s);
}

/* A root that no store holds, in a verified list. */
static void list_root(struct scene *s, const struct pki_cert *root)
{
    struct pki_sign how = {.signer = &s->w.list_signer, .with = {&s->w.list_root}};
    memory_set_value(s->w.h, WORLD_UPDATE, "EncodedCtl", 3,
                     pki_list(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-05-01",
                              pki_root_entry(root, NOTHING), &how));
}

TEST(needed_roots)
{
    struct scene s;
    scene_open(&s);
    struct pki_cert root = pki_make((struct pki_spec){.cn = "Far Root", .o = "Far", .ca = true});
    struct pki_cert far = pki_make((struct pki_spec){.cn = "Microsoft Corporation",
                                                     .o = "Microsoft Corporation",
                                                     .issuer = &root,
                                                     .usages = PKI_CODE,
                                                     .from = "2010-01-01",
                                                     .to = "2020-01-01"});
    struct pki_sign how = {.signer = &far, .with = {&root}};
    memory_set_file(s.w.h, SYSTEM32 "msi.dll", pki_signed_pe(1, &how));
    set_sync(&s, pki_day("2016-06-01"));
    CHECK_RULE(&s, roots, VERDICT_FAIL);
    list_root(&s, &root);
    CHECK_RULE(&s, roots, VERDICT_PASS);
    CHECK_RULE(&s, "microsoft-files-trusted", VERDICT_PASS);
    memory_set_dword(s.w.h, WORLD_POLICY "\\AuthRoot", "DisableRootAutoUpdate", 1);
    CHECK_RULE(&s, roots, VERDICT_FAIL);
    CHECK_RULE(&s, "microsoft-files-trusted", VERDICT_FAIL);
    CHECK(has_text(judge_with(&s, roots, NULL, NULL)->message, "DisableRootAutoUpdate"));
    pki_store(s.w.h, NULL, "ROOT", &root, NOTHING);
    CHECK_RULE(&s, roots, VERDICT_PASS);
    CHECK_SET(&s, roots, "needed_roots", "3B1EFD3A66EA28B16697394703A72CA340A05BD5", VERDICT_FAIL);
    CHECK_SET(&s, roots, "needed_roots", "no thumbprint", VERDICT_ERROR);
    /* Where no file tells, what is usually needed is wanted. */
    memory_set_file_state(s.w.h, SYSTEM32 "msi.dll", FACT_NOT_COLLECTED, "");
    CHECK_RULE(&s, roots, VERDICT_FAIL);
    CHECK(has_text(judge_with(&s, roots, NULL, NULL)->message, "Microsoft Root Authority"));
    scene_close(&s);
}

/* ---- certificate.absent ------------------------------------------------------------------------
 */

static enum verdict absent_from(struct scene *s, const char *store, const struct pki_cert *c)
{
    char folder[] = "/tmp/rectify-absent-XXXXXX", path[64], hex[41];
    struct span sha1 = pki_sha("sha1", pki_der(c->x));
    CHECK(temp_folder(folder));
    snprintf(path, sizeof path, "%s/mine.lua", folder);
    for (size_t i = 0; i < 20; i++)
        snprintf(hex + 2 * i, 3, "%02X", sha1.ptr[i]);
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    fprintf(f,
            "return policy { id = \"mine\", title = \"t\", rule { id = \"r\", title = \"t\", "
            "severity = \"low\", want = certificate.absent { sha1 = \"%s\"%s } } }\n",
            hex, store);
    fclose(f);
    struct str name = str_of(path);
    struct engine_options o = {.policies = &name, .policy_count = 1, .trust = s->w.options};
    struct catalogue c2;
    struct run_report run = {0};
    struct err e = {0};
    bool ok =
        catalogue_load(&o, &c2, &e) && engine_check(&c2, s->w.h, NULL, NULL, &s->w.a, &run, &e);
    CHECK(ok);
    enum verdict verdict = ok ? run.results[0].verdict : VERDICT_ERROR;
    catalogue_done(&c2);
    CHECK(remove_all(folder));
    return verdict;
}

TEST(absent_certificates)
{
    struct scene s;
    scene_open(&s);
    CHECK(absent_from(&s, "", &s.w.root) == VERDICT_FAIL);
    CHECK(absent_from(&s, ", store = \"CA\"", &s.w.root) == VERDICT_PASS);
    CHECK(absent_from(&s, "", &s.w.ca) == VERDICT_PASS);
    pki_store(s.w.h, NULL, "Disallowed", &s.w.ca, NOTHING);
    CHECK(absent_from(&s, "", &s.w.ca) == VERDICT_PASS);
    pki_store(s.w.h, NULL, "TrustedPublisher", &s.w.ca, NOTHING);
    CHECK(absent_from(&s, "", &s.w.ca) == VERDICT_FAIL);
    memory_set_state(s.w.h, "HKLM\\SOFTWARE", FACT_NOT_COLLECTED, "");
    CHECK(absent_from(&s, "", &s.w.ca) == VERDICT_UNKNOWN);
    scene_close(&s);
}

/* ---- diagnosis --------------------------------------------------------------------------------
 */

TEST(diagnosis_in_the_order_of_the_article)
{
    struct scene s;
    scene_open(&s);
    set_sync(&s, pki_day("2016-06-01"));
    (void)judge_with(&s, hooks, NULL, NULL);
    CHECK_U64(s.run.diagnosis_count, 0); /* no cause, no event */
    install_agent(&s);
    memory_set_sz(s.w.h, FRAMEWORK_KEY, "Version", "4.5.0.1810");
    memory_set_file_state(s.w.h, FOLDER "\\cryptocme2.dll", FACT_NOT_COLLECTED, "");
    (void)judge_with(&s, hooks, NULL, NULL);
    CHECK_U64(s.run.diagnosis_count, 3); /* DLLs unknown, the version speaks for it */
    CHECK_STR(s.run.diagnosis[0].article, "KB74177");
    CHECK_STR(s.run.diagnosis[1].article, "KB74176");
    CHECK_STR(s.run.diagnosis[2].article, "KB74174");
    CHECK(s.run.diagnosis[0].likely && !s.run.diagnosis[1].likely && !s.run.diagnosis[2].likely);
    CHECK(has_text(s.run.diagnosis[0].text, "Not known (agent-dlls-signed)"));
    CHECK(has_text(s.run.diagnosis[0].text, "Evidence (agent-version)"));
    put(&s, FOLDER "\\cryptocme2.dll", &s.w.leaf); /* signed: the version no longer counts */
    (void)judge_with(&s, hooks, NULL, NULL);
    CHECK_U64(s.run.diagnosis_count, 0);
    put(&s, HOOK, &s.contoso);
    memory_set_sz(s.w.h, CONTROL_KEY "\\Session Manager\\AppCertDlls", "any", HOOK);
    (void)judge_with(&s, hooks, NULL, NULL);
    CHECK_U64(s.run.diagnosis_count, 3);
    CHECK(!s.run.diagnosis[0].likely && s.run.diagnosis[1].likely);
    CHECK(has_text(s.run.diagnosis[1].text, "Contoso Ltd"));
    scene_close(&s);
}

TEST_MAIN()
