/* Where facts come from: one interface for live Windows, offline volumes, memory (tests) and the
 * overlay that simulates changes.
 *
 * Reads only: nothing here can change a target.  Every answer carries its state; reading never
 * turns an error into absence.  Results live in the arena passed in.  Not thread-safe. */
#pragma once

#include "formats/evlog.h"
#include "formats/pe.h"
#include "formats/regf.h"
#include "host/volume.h"
#include "model/facts_report.h"
#include "model/told.h"

struct host;
struct log_cache;

/* ---- registry ------------------------------------------------------------------------------ */

/* The view a 32-bit (VIEW_32: WOW64's redirected keys) or a native process (VIEW_NATIVE) has.  On
 * an x86 Windows both are the same. */
enum reg_view { VIEW_NATIVE, VIEW_32 };

/* Keys are full paths: HKLM\... or HKEY_LOCAL_MACHINE\..., HKU\<SID or .DEFAULT>\..., HKCR as its
 * machine half.  CurrentControlSet is resolved through Select\Current. */
struct reg_value {
    enum fact_state state;
    struct str reason; /* unreadable, not_collected */
    uint32_t type;
    struct span data;    /* raw */
    struct str text;     /* SZ, EXPAND_SZ (not expanded), LINK; empty otherwise */
    struct str *strings; /* MULTI_SZ */
    size_t string_count;
    uint64_t number; /* DWORD, QWORD, big-endian DWORD */
    bool has_number;
    struct evidence evidence; /* hive path; key\value; "written <time>" and replay note */
    /* In memory only: what a policy test says in place of the data. */
    const struct told_certificate *certificate;
    const struct told_list *list;
};

struct reg_key {
    enum fact_state state;
    struct str reason;
    uint64_t written;
    struct str *subkeys; /* names, in stored order */
    size_t subkey_count;
    struct str *values;
    size_t value_count;
    struct evidence evidence;
};

void host_reg_value(struct host *h, struct str key, struct str name, enum reg_view view,
                    struct arena *a, struct reg_value *out);

/* Names of subkeys and values too when `list` is set. */
void host_reg_key(struct host *h, struct str key, enum reg_view view, bool list, struct arena *a,
                  struct reg_key *out);

/* ---- files --------------------------------------------------------------------------------- */

struct host_file {
    enum fact_state state;
    struct str reason;
    struct span bytes; /* valid until host_close_file */
    struct str path;   /* as found */
    struct volume_file file;
    const struct told_file *told; /* in memory only: what a policy test says in place of bytes */
};
void host_open_file(struct host *h, struct str winpath, struct arena *a, struct host_file *out);
/* The same with %vars% expanded and System32 redirected as host_file() does it. */
void host_open_view(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
                    struct host_file *out);
void host_close_file(struct host *h, struct host_file *f);
/* False once a part of the open file could not be read: what was read from it is worthless. */
bool host_file_intact(const struct host *h, const struct host_file *f);

/* Entries of a folder that match a glob, as volume_list() gives them. */
struct host_listing {
    enum fact_state state;
    struct str reason;
    struct volume_list list;
};
void host_list(struct host *h, struct str windir, struct str glob, struct arena *a,
               struct host_listing *out);

struct file_fact {
    enum fact_state state;
    struct str reason;
    struct str path;
    uint64_t size;
    bool is_pe;
    uint16_t machine;
    struct pe_version version;
    struct evidence evidence; /* with the file's SHA-256 */
};
/* Size, SHA-256, machine and version resource.  Paths may hold %SystemRoot%, %ProgramFiles%,
 * %ProgramFiles(x86)%, %CommonProgramFiles%, %CommonProgramFiles(x86)%, %ProgramData%, %windir%,
 * %SystemDrive%; VIEW_32 redirects System32 to SysWOW64 as a 32-bit process would be. */
void host_file(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
               struct file_fact *out);

/* %vars% replaced from the registry of the host (defaults of Windows where a value is absent). */
bool host_expand(struct host *h, struct str text, enum reg_view view, struct arena *a,
                 struct str *out, struct err *e);

/* ---- products, services, events ------------------------------------------------------------ */

void host_product(struct host *h, const struct product_def *def, struct arena *a,
                  struct product_fact *out);
void host_service(struct host *h, struct str name, struct arena *a, struct service_fact *out);

struct event_query {
    struct str channel;    /* "System" */
    struct str *providers; /* none = all */
    size_t provider_count;
    const uint32_t *ids; /* none = all */
    size_t id_count;
    uint64_t since, until; /* FILETIME, inclusive; 0 = open */
    bool by_image;         /* group by id and the **\IMAGE.EXE token of the strings */
    size_t samples;        /* newest records to show */
};

struct event_sample {
    uint64_t time, record_id, offset;
    uint32_t id;
    struct str provider;
    struct str *strings;
    size_t string_count;
    struct evidence evidence;
};

struct event_answer {
    enum fact_state state; /* of the log */
    struct str reason;
    uint64_t count, first, last;
    struct event_group *groups; /* sorted by id, then image */
    size_t group_count;
    struct event_sample *samples; /* newest first */
    size_t sample_count;
    struct coverage coverage; /* of [since, until] */
    uint64_t covered_bytes;   /* record bytes within the covered part of the window */
    struct evidence evidence; /* the log */
};
void host_events(struct host *h, const struct event_query *q, struct arena *a,
                 struct event_answer *out);

/* Records, span, configured size of a channel's log. */
void host_log(struct host *h, struct str channel, struct arena *a, struct log_fact *out);

/* How an event log is configured: policy value, else Services\EventLog\<channel>. */
struct log_config {
    enum fact_state state;
    struct str reason;
    uint64_t max_size; /* bytes */
    bool may_overwrite;
    bool auto_backup; /* may not overwrite, but a full log is put aside and a new one begun */
    struct evidence evidence;
};
void host_log_config(struct host *h, struct str channel, struct arena *a, struct log_config *out);

/* ---- what runs ----------------------------------------------------------------------------- */

/* A running process, and the programs and libraries that are mapped into it as code. */
struct process_fact {
    enum fact_state state; /* of its list: UNREADABLE also where only a part of it could be read */
    struct str reason;
    struct str image; /* "McShield.exe" */
    uint32_t pid;
    struct str *modules; /* paths of their files, the program's own first */
    size_t module_count;
};

struct modules_fact {
    enum fact_state state; /* FOUND: such a process runs; ABSENT: none does */
    struct str reason;
    bool offline; /* not a running Windows (NOT_COLLECTED): there is nothing to be seen, ever */
    struct process_fact *processes;
    size_t process_count;
};

/* The processes whose program has this file name. */
void host_modules(struct host *h, struct str image, struct arena *a, struct modules_fact *out);

/* ---- what the Windows that runs says ------------------------------------------------------------
 */

/* A file, as host_open_file() found it, and where its signature is: in the file, or in the catalog
 * that holds its digest. */
struct opinion_query {
    struct str path;
    struct str catalog; /* Windows path; empty: in the file */
    struct span digest; /* with a catalog */
};

/* Does Windows itself trust the file, now?  `code` is its answer, 0 = trusted.  False: there is no
 * Windows to be asked, or it is not to be asked because another time than now is the reference.
 * Unlike all else of a host it may be called by several threads at once. */
bool host_opinion(const struct host *h, const struct opinion_query *q, uint32_t *code);

/* ---- identity ------------------------------------------------------------------------------ */

/* Kind, location, computer name, Windows product and version, architecture, zone, language, notes.
 */
const struct target_info *host_info(struct host *h);

/* Major and minor NT version ("6.1" = 601), 0 when not known; x64 with WOW64 or not. */
unsigned host_nt_version(struct host *h);
bool host_is_64bit(struct host *h);

/* The reference time and where it comes from; `trusted` is false when candidates were refused for
 * lying in the future and no --at was given: window rules are then unknown. */
struct reference_time {
    uint64_t time;
    struct str why;
    bool trusted;
};
const struct reference_time *host_reference(struct host *h);

/* A line for the report; equal lines are kept once. */
void host_note(struct host *h, struct str text);

/* How many facts were asked for and not found readable (unreadable or not collected). */
size_t host_unread(const struct host *h);

/* ---- making one ---------------------------------------------------------------------------- */

struct host_options {
    uint64_t at;  /* --at, 0 = none */
    uint64_t now; /* wall clock, for refusing times in the future */
    unsigned jobs;
    struct log_cache *cache; /* keeps indexes of event logs of trees; NULL = none */
};

/* Takes over the volume (closed with the host, also on failure) and, on success, the cache. */
bool host_offline(struct volume *v, const struct host_options *options, struct host **out,
                  struct err *e);
void host_close(struct host *h);
