/* Inside of a host: the table of operations that a backend (offline volume, memory; later live
 * Windows and the overlay of a simulation) gives, and what is kept above it.
 *
 * A backend knows physical places only: registry keys arrive resolved
 * (HKLM\SOFTWARE\Wow6432Node\.., HKLM\SYSTEM\ControlSet001\.., HKU\<SID>\.., see registry.c), files
 * as Windows paths with variables expanded.  Views, variables, products, windows and coverage live
 * above the table and are the same for all.  A backend answers with a state and, where that is not
 * FOUND, a reason; it never turns a failure into ABSENT. */
#pragma once

#include "host/host.h"

enum { HOST_NOTES_MAX = 64, HOST_LOGS_MAX = 32 };

/* When something of the target was last written: a candidate for the reference time. */
struct write_time {
    struct str what; /* "hive Windows/System32/config/SYSTEM" */
    uint64_t time;
};

/* Where a channel's records lie. */
struct log_source {
    enum fact_state state;
    struct str reason;
    struct host_file file;
    struct str elsewhere; /* the registry keeps the log at this place, outside of the target */
};

struct host_ops {
    /* Raw value or key: state, reason, type, data, evidence without digest. */
    void (*value)(struct host *h, struct str key, struct str name, struct arena *a,
                  struct reg_value *out);
    void (*key)(struct host *h, struct str key, bool list, struct arena *a, struct reg_key *out);
    void (*open_file)(struct host *h, struct str winpath, struct arena *a, struct host_file *out);
    void (*close_file)(struct host *h, struct host_file *f);
    bool (*intact)(const struct host *h, const struct host_file *f);
    enum fact_state (*directory)(struct host *h, struct str winpath);
    void (*list)(struct host *h, struct str windir, struct str glob, struct arena *a,
                 struct host_listing *out);
    void (*open_log)(struct host *h, struct str channel, struct arena *a, struct log_source *out);
    /* NULL where the target does not run. */
    void (*modules)(struct host *h, struct str image, struct arena *a, struct modules_fact *out);
    /* NULL where there is no Windows to be asked; of its own host it may only read. */
    bool (*opinion)(const struct host *h, const struct opinion_query *q, uint32_t *code);
    size_t (*write_times)(struct host *h, struct arena *a, struct write_time *out, size_t max);
    void (*close)(struct host *h);
};

enum known_bits { BITS_UNASKED, BITS_32, BITS_64 };

/* Uninstall entries of one view, read once: products look for names in them. */
struct uninstall_entry {
    struct str key, display_name;
    enum fact_state state; /* of DisplayName: FOUND or UNREADABLE */
    struct str reason;
};

struct uninstall_list {
    bool asked;
    enum fact_state state; /* of the list */
    struct str reason;
    struct evidence evidence;
    struct uninstall_entry *entries;
    size_t count;
};

struct host_log_index; /* logs.h */

struct host {
    const struct host_ops *ops;
    void *backend;
    struct host_options options;
    struct arena mem; /* lives as long as the host */
    struct target_info info;
    struct str note[HOST_NOTES_MAX];
    struct host_log_index *log[HOST_LOGS_MAX];
    size_t log_count;
    struct host *logs_of; /* an overlay's logs are those of the host below; NULL: its own */
    struct reference_time reference;
    struct uninstall_list uninstall[2]; /* by view */
    struct str windows;                 /* Windows' folder below the volume: "Windows" */
    struct str system_root;             /* "C:\Windows" */
    size_t unread;
    unsigned nt_version;
    enum known_bits bits;
    bool nt_version_asked, identity_asked, reference_asked;
};

/* host.c */
bool host_new(const struct host_ops *ops, void *backend, const struct host_options *options,
              struct host **out, struct err *e);
/* Forgets what was derived from the target, because it changed (memory). */
void host_forget(struct host *h);
void host_count(struct host *h, enum fact_state state);
/* Text of an error for a reason: "path: text". */
struct str host_reason(struct arena *a, struct str path, const struct err *e);

/* registry.c: without counting and digests.  registry_at() takes a physical place. */
void registry_at(struct host *h, struct str place, struct str name, struct arena *a,
                 struct reg_value *out);
void registry_value(struct host *h, struct str key, struct str name, enum reg_view view,
                    struct arena *a, struct reg_value *out);
void registry_key(struct host *h, struct str key, enum reg_view view, bool list, struct arena *a,
                  struct reg_key *out);
/* The path with its root's short name, single backslashes and none at the ends; false where it is
 * below no root known here. */
bool registry_canonical(struct str key, struct arena *a, struct str *out);
/* Physical place of a key.  False: state and reason say why there is none. */
bool registry_resolve(struct host *h, struct str key, enum reg_view view, struct arena *a,
                      struct str *out, enum fact_state *state, struct str *reason);
/* Text of a string value, empty when it is not found. */
struct str registry_text(struct host *h, const char *key, const char *name, struct arena *a);

/* files.c: without counting. */
void files_open_view(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
                     struct host_file *out);
void files_list(struct host *h, struct str windir, struct str glob, struct arena *a,
                struct host_listing *out);
void files_open(struct host *h, struct str winpath, struct arena *a, struct host_file *out);
void files_fact(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
                struct file_fact *out);

/* services.c: the file that a service's ImagePath names, "" when it cannot be told. */
struct str services_image(struct arena *a, struct str name, struct str image_path, uint32_t type);
void services_fact(struct host *h, struct str name, struct arena *a, struct service_fact *out);

/* modules.c: without counting. */
void modules_fact(struct host *h, struct str image, struct arena *a, struct modules_fact *out);

/* logs.c: NULL when memory or the number of logs ran out. */
struct host_log_index *logs_get(struct host *h, struct str channel);

/* identity.c */
struct str identity_system_root(struct host *h);
