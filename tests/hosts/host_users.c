/* User hives, SAM and SECURITY: as little as a reader needs to find its way. */
#include "host_spec.h"

void host_user(const struct host_spec *h, bool real_user, struct hive *hive)
{
    struct hive_key *k = hive_key(hive, NULL, "Control Panel\\International");
    hive_sz(hive, k, "Locale", h->japanese ? "00000411" : "00000409");
    hive_sz(hive, k, "sCountry", h->japanese ? "日本" : "United States");
    k = hive_key(hive, NULL, "Control Panel\\Desktop");
    hive_sz(hive, k, "ScreenSaveActive", "1");
    if (!h->os->nt5) {
        const char *const languages[] = {h->japanese ? "ja-JP" : "en-US"};
        hive_multi_sz(hive, k, "PreferredUILanguages", languages, 1);
    }
    k = hive_key(hive, NULL, "Environment");
    hive_expand_sz(hive, k, "TEMP", "%USERPROFILE%\\AppData\\Local\\Temp");
    k = hive_key(hive, NULL, "Software\\Microsoft\\Windows\\CurrentVersion");
    hive_key(hive, k, "Run");
    if (!real_user)
        return;
    struct hive_key *shell = hive_key(hive, k, "Explorer\\Shell Folders");
    hive_sz_fmt(hive, shell, "Desktop", "C:\\%s\\%s\\Desktop", h->os->users, h->user);
    hive_sz_fmt(hive, shell, "Personal", "C:\\%s\\%s\\Documents", h->os->users, h->user);
    k = hive_key(hive, NULL, "Software\\Microsoft\\SystemCertificates");
    hive_key(hive, k, "Root\\Certificates");
    hive_key(hive, k, "CA\\Certificates");
}

void host_sam(const struct host_spec *h, struct hive *hive)
{
    hive->root->restricted = true;
    struct hive_key *k = hive_key(hive, NULL, "SAM\\Domains\\Account\\Users\\Names");
    hive_set(hive, hive_key(hive, k, "Administrator"), "", 500, (struct span){NULL, 0});
    hive_set(hive, hive_key(hive, k, "Guest"), "", 501, (struct span){NULL, 0});
    if (strcmp(h->user, "Administrator") != 0)
        hive_set(hive, hive_key(hive, k, h->user), "", 1000, (struct span){NULL, 0});
    hive_key(hive, NULL, "SAM\\Domains\\Builtin");
}

void host_security(const struct host_spec *h, struct hive *hive)
{
    (void)h;
    hive->root->restricted = true;
    static const uint8_t revision[] = {7, 0, 1, 0};
    struct hive_key *k = hive_key(hive, NULL, "Policy");
    hive_set(hive, hive_key(hive, k, "PolRevision"), "", 0, span_of(revision, sizeof revision));
    hive_key(hive, k, "Accounts");
    hive_key(hive, k, "Secrets");
}
