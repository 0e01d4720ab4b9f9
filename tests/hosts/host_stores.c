/* Certificate stores, Microsoft's lists and their updates, in SOFTWARE. */
#include "base/wtime.h"
#include "catalog_writer.h"
#include "cert_store.h"
#include "host_spec.h"
#include "out.h"

#define MACHINE "Microsoft\\SystemCertificates\\"
#define POLICY "Policies\\Microsoft\\SystemCertificates\\"
#define ENTERPRISE "Microsoft\\EnterpriseCertificates\\"

static const struct cert_properties all_uses = {.friendly_name =
                                                    "Microsoft Root Certificate Authority"};
static const struct cert_properties code_and_mail = {
    .friendly_name = "VeriSign Class 3 Public Primary CA",
    .usage_oid = {"1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.1"}};
static const struct cert_properties stamping = {.friendly_name = "Thawte Timestamping CA",
                                                .usage_oid = {"1.3.6.1.5.5.7.3.8"}};
static const struct cert_properties fraudulent = {.friendly_name =
                                                      "Fraudulent, NOT Microsoft (sample)"};

static void empty_stores(struct hive *hive)
{
    static const char *const store[] = {MACHINE "ROOT",
                                        MACHINE "AuthRoot",
                                        MACHINE "CA",
                                        MACHINE "Disallowed",
                                        MACHINE "TrustedPublisher",
                                        POLICY "Root",
                                        POLICY "CA",
                                        POLICY "Disallowed",
                                        POLICY "TrustedPublisher",
                                        ENTERPRISE "Root",
                                        ENTERPRISE "CA",
                                        ENTERPRISE "Disallowed"};
    for (size_t i = 0; i < sizeof store / sizeof *store; i++) {
        struct hive_key *k = hive_key(hive, NULL, store[i]);
        hive_key(hive, k, "Certificates");
        hive_key(hive, k, "CRLs");
        hive_key(hive, k, "CTLs");
    }
}

static void set_list(struct hive *hive, const char *name, const struct sb *list)
{
    struct hive_key *k = hive_key(hive, NULL, MACHINE "AuthRoot\\AutoUpdate");
    hive_set(hive, k, name, HIVE_BINARY, sb_span(list));
}

static void lists(const struct host_spec *h, struct hive *hive)
{
    const struct ctl_entry roots[] = {
        {PKI_MS_ROOT, "Microsoft Root Certificate Authority", 0, 0},
        {PKI_VS_ROOT, "VeriSign", 0, 0},
        {PKI_TSA_ROOT, "Thawte", 0, 0},
        {PKI_ELSEWHERE_ROOT, "Northwind", 0, 0},
        {PKI_FORGED_ROOT, "Microsoft Root Certificate Authority", 0, 0},
    };
    static const enum pki_id disallowed[] = {PKI_CONTOSO, PKI_FRAUD};
    bool real = h->twist == TWIST_LISTS;
    const struct sign_spec by = {.leaf = real ? PKI_LIST_SIGNER : PKI_FORGED_LIST,
                                 .digest = SIGN_SHA256};
    struct sb b;
    sb_init(&b, 1 << 24);
    ctl_write_roots(roots, real ? 4 : 5, host_now() - 20 * WTIME_DAY, &by, &b);
    set_list(hive, "EncodedCtl", &b);
    b.len = 0;
    ctl_write_disallowed(disallowed, 2, host_now() - 20 * WTIME_DAY, &by, &b);
    set_list(hive, "DisallowedCertEncodedCtl", &b);
    sb_done(&b);
}

static void set_time(struct hive *hive, const char *name, uint64_t t)
{
    uint8_t raw[8];
    store_u64(raw, t);
    struct hive_key *k = hive_key(hive, NULL, MACHINE "AuthRoot\\AutoUpdate");
    hive_set(hive, k, name, HIVE_BINARY, span_of(raw, sizeof raw));
}

static void updates(const struct host_spec *h, struct hive *hive)
{
    bool off = h->twist == TWIST_NO_ROOT;
    if (off)
        hive_dword(hive, hive_key(hive, NULL, POLICY "AuthRoot"), "DisableRootAutoUpdate", 1);
    set_time(hive, "LastSyncTime", host_now() - (off ? 700 : 5) * WTIME_DAY);
    set_time(hive, "DisallowedCertLastSyncTime", host_now() - (off ? 700 : 1) * WTIME_DAY);
    if (h->twist == TWIST_LISTS || h->twist == TWIST_FORGED_LIST)
        lists(h, hive);
}

void host_stores(const struct host_spec *h, struct hive *hive)
{
    empty_stores(hive);
    if (h->twist != TWIST_NO_ROOT)
        cert_store_add(hive, MACHINE "ROOT", PKI_MS_ROOT, &all_uses);
    cert_store_add(hive, MACHINE "AuthRoot", PKI_VS_ROOT, &code_and_mail);
    cert_store_add(hive, MACHINE "AuthRoot", PKI_TSA_ROOT, &stamping);
    cert_store_add(hive, MACHINE "CA", PKI_MS_PCA, NULL);
    cert_store_add(hive, MACHINE "CA", PKI_VS_CA, NULL);
    cert_store_add(hive, MACHINE "Disallowed", PKI_FRAUD, &fraudulent);
    if (h->twist == TWIST_BAD_CA)
        cert_store_add(hive, MACHINE "Disallowed", PKI_BAD_CA, NULL);
    cert_store_add(hive, POLICY "Root", PKI_CORP_ROOT, NULL);
    updates(h, hive);
}
