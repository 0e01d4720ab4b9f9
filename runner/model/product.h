/* Products: how to find a product's version on a host (definitions are data in lua/), and what was
 * found. */
#pragma once

#include "base/version.h"
#include "model/fact.h"

enum product_source_kind {
    SOURCE_REGISTRY,  /* key + value, text holds a version */
    SOURCE_UNINSTALL, /* Uninstall\{code} or an entry whose DisplayName contains `text` */
    SOURCE_MSI,       /* Installer\UserData\S-1-5-18\Products\<packed code>\InstallProperties */
    SOURCE_FILE,      /* file version resource */
    SOURCE_SERVICE    /* version of the file that a service's ImagePath names */
};

/* How much a source says.  Primary and corroborating sources are compared: disagreement is a
 * conflict.  Trace sources only tell that something of the product is there.  Hotfix sources hold
 * files that hotfixes make newer: evidence, never a conflict. */
enum product_role { ROLE_PRIMARY, ROLE_CORROBORATES, ROLE_TRACE, ROLE_HOTFIX };

struct product_source {
    enum product_source_kind kind;
    enum product_role role;
    struct str label;      /* "vendor key" */
    struct str key, value; /* registry; read in both WOW64 views unless `key` names one */
    struct str code;       /* MSI product code "{...}" */
    struct str text;       /* uninstall: DisplayName contains this (case-insensitive) */
    struct str
        path;              /* file: may hold %vars% and, in <>, a registry value that holds the
                              folder: "<HKLM\\SOFTWARE\\McAfee\\DesktopProtection:szInstallDir>\\shstat.exe" */
    struct str service;    /* service name */
    struct version prefix; /* the version counts only when its first `prefix_parts` parts match */
    unsigned prefix_parts;
};

struct product_build {
    struct version from; /* this build and later ones, up to the next entry */
    struct str name;     /* "Patch 2" */
    bool exact;          /* builds between this and the next are hotfixes of it */
};

struct product_def {
    struct str id;   /* "mcafee.vse" */
    struct str name; /* "McAfee VirusScan Enterprise" */
    struct product_source *sources;
    size_t source_count;
    struct product_build *builds; /* ascending */
    size_t build_count;
    struct str successor; /* id of the product that replaced it ("mcafee.ens"), or empty */
};

/* One source's answer. */
struct product_reading {
    const struct product_source *source;
    enum fact_state state;
    bool has_version; /* found, and it parsed */
    struct version version;
    unsigned version_parts; /* numbers that the text gives: "8.8" has 2, and says nothing of more */
    struct str text;        /* as found */
    struct str view;        /* "64-bit", "32-bit" or empty */
    struct evidence evidence;
};

enum product_state {
    PRODUCT_INSTALLED,
    PRODUCT_ABSENT,   /* every source was read, none has a trace */
    PRODUCT_CONFLICT, /* installed; sources disagree about the version */
    PRODUCT_UNKNOWN   /* sources that decide could not be read; `reason` says which */
};

struct product_fact {
    enum product_state state;
    const struct product_def *def;
    struct version version;         /* INSTALLED: the version; CONFLICT: the primary's */
    struct version lowest, highest; /* over the readings that count */
    struct str patch; /* name of the build's interval, "unknown build" where there is none */
    bool patch_known;
    struct str reason;
    struct product_reading *readings;
    size_t reading_count;
    bool trace; /* something of the product is there */
};
