/* What makes one sample host different from another, and the parts that write it.  Internal to
 * tests/hosts. */
#pragma once

#include "hive_writer.h"
#include "sample_hosts.h"

#include "base/version.h"

struct host_os {
    const char *product, *edition, *type; /* ProductName, EditionID, InstallationType */
    const char *version, *build, *csd;    /* CurrentVersion, CurrentBuildNumber, CSDVersion */
    const char *build_lab;
    const char *product_type;     /* WinNT, ServerNT */
    struct version kernel;        /* version of Windows' own files */
    const char *windows;          /* "Windows" or "WINDOWS" */
    const char *system32, *users; /* as spelt on disk */
    uint32_t ubr;                 /* 0: none */
    const char *display_version;  /* "22H2"; NULL before Windows 10 */
    bool nt5;                     /* XP, 2003: .Evt logs, hives 1.3 throughout */
};

enum host_noise {
    NOISE_NONE,
    NOISE_STORM, /* four warnings every ten minutes: KB71083 as reported from Citrix workers */
    NOISE_SOME   /* a handful a day */
};

/* Versions; NULL where the product is not there. */
struct host_versions {
    const char *vse;           /* szProductVer and the plug-in key */
    const char *vse_installed; /* uninstall entry, MSI product, shstat.exe; NULL: as vse */
    const char *coptcpl;       /* coptcpl.dll; NULL: as vse */
    const char *agent;
    const char *system_core;
    const char *patch;         /* HotFixVersions */
    uint32_t validation_start; /* Start of mfevtp */
};

enum host_logs { LOGS_CLEAN, LOGS_OLD, LOGS_NEW };

/* What is wrong, or special, with a host's signatures, stores and hooks. */
enum host_twist {
    TWIST_NONE,
    TWIST_HOOKED,      /* third-party DLLs at every injection point */
    TWIST_IDLE_HOOK,   /* an AppInit DLL that Windows does not load */
    TWIST_NO_ROOT,     /* Microsoft's root missing, updates off */
    TWIST_BAD_CA,      /* one of VeriSign's authorities is disallowed */
    TWIST_FORGED_LIST, /* a root list that Microsoft did not sign */
    TWIST_LISTS        /* both lists, signed by PKI_LIST_SIGNER */
};

struct host_spec {
    const char *name, *story, *computer;
    const struct host_os *os;
    bool x64, japanese, damaged;
    struct host_versions now;
    enum host_logs logs;            /* of which format the hives' pending logs are */
    struct host_versions unflushed; /* what dirty hives say without their logs */
    enum host_noise noise;
    uint32_t days;    /* the System log goes back */
    uint32_t log_max; /* its MaxSize */
    const char *user; /* profile folder */
    enum host_twist twist;
};

/* ---- parts --------------------------------------------------------------------------------- */

/* "SOFTWARE" key of the view that 32-bit programs see ("" or "Wow6432Node\\"). */
static inline const char *host_view32(const struct host_spec *h)
{
    return h->x64 ? "Wow6432Node\\" : "";
}

static inline const char *host_program_files32(const struct host_spec *h)
{
    return h->x64 ? "C:\\Program Files (x86)" : "C:\\Program Files";
}

void host_software(const struct host_spec *h, const struct host_versions *v, struct hive *hive);
void host_system(const struct host_spec *h, const struct host_versions *v, struct hive *hive);
void host_user(const struct host_spec *h, bool real_user, struct hive *hive);
void host_sam(const struct host_spec *h, struct hive *hive);
void host_security(const struct host_spec *h, struct hive *hive);

void host_mcafee_software(const struct host_spec *h, const struct host_versions *v,
                          struct hive *hive);
void host_mcafee_services(const struct host_spec *h, const struct host_versions *v,
                          struct hive *hive, struct hive_key *services);

/* Certificate stores, lists and update settings. */
void host_stores(const struct host_spec *h, struct hive *hive);

/* AppInit, Image File Execution Options; Winsock, AppCertDlls of a control set. */
void host_software_hooks(const struct host_spec *h, struct hive *hive);
void host_system_hooks(const struct host_spec *h, struct hive *hive, struct hive_key *set);

bool host_files(const struct host_spec *h, const char *dir, struct err *e);
bool host_event_logs(const struct host_spec *h, const char *dir, struct err *e);

/* File below the volume's folder, path with '/'. */
bool host_write(const char *dir, const char *path, struct span bytes, struct err *e);

uint64_t host_now(void);

/* Time of the hives' last flush, and of keys and installations long ago. */
uint64_t host_flush_time(void);
uint64_t host_install_time(void);

/* Where the user's security identifier is needed. */
#define HOST_USER_SID "S-1-5-21-2747591026-1339720817-3108559263-1000"
