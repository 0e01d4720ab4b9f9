/* Event logs of a host, each indexed once, and how Windows was told to keep them. */
#include "host/logs.h"

#include "base/utf16.h"
#include "host/log_cache.h"

static void refuse(struct host_log_index *index, enum fact_state state, struct str reason)
{
    index->source.state = state;
    index->source.reason = reason;
}

/* Members of archives are no files that could be recognised. */
static bool read_log(struct host *h, struct host_log_index *index, struct err *e)
{
    const struct host_file *f = &index->source.file;
    const struct log_cache *cache = h->info.kind == TARGET_TREE ? h->options.cache : NULL;
    struct log_cache_use use;
    if (!cache || f->file.fd <= 0)
        return evlog_open(f->bytes, h->options.jobs, &index->log, e);
    if (!log_cache_index(cache, f->file.fd, &f->file.map, h->options.jobs, &index->log, &use, e))
        return false;
    if (use.used)
        index->note = str_fmt(&h->mem, "index from the cache, %llu of %llu chunks read again",
                              (unsigned long long)use.reread, (unsigned long long)use.chunks);
    return true;
}

static void open_index(struct host *h, struct host_log_index *index)
{
    struct err e = {0};
    struct host_file *f = &index->source.file;
    if (!read_log(h, index, &e)) {
        refuse(index, FACT_UNREADABLE, host_reason(&h->mem, f->path, &e));
        return;
    }
    index->open = true;
    coverage_span(&index->log, index->channel, &h->mem, &index->span);
    (void)logs_renew(h, index);
    (void)logs_intact(h, index);
}

bool logs_renew(struct host *h, struct host_log_index *index)
{
    struct err e = {0};
    if (h->logs_of)
        return logs_renew(h->logs_of, index);
    if (!index->open || !evlog_spoiled(&index->log))
        return false;
    log_cache_forget(h->options.cache, &index->source.file.file.map);
    logs_close(index);
    index->note = STR("");
    if (!evlog_open(index->source.file.bytes, h->options.jobs, &index->log, &e)) {
        refuse(index, FACT_UNREADABLE, host_reason(&h->mem, index->source.file.path, &e));
        return false;
    }
    index->open = true;
    coverage_span(&index->log, index->channel, &h->mem, &index->span);
    return true;
}

void logs_close(struct host_log_index *index)
{
    log_rows_done(&index->rows);
    log_bytes_done(&index->bytes);
    if (index->images.strings)
        log_images_close(&index->images);
    evlog_close(&index->log);
    index->open = false;
}

bool logs_intact(struct host *h, struct host_log_index *index)
{
    if (h->logs_of)
        return logs_intact(h->logs_of, index);
    if (h->ops->intact(h, &index->source.file) && (!index->open || log_cache_intact(&index->log)))
        return true;
    refuse(index, FACT_UNREADABLE,
           str_fmt(&h->mem, STR_FMT ": a part of the file could not be read",
                   STR_ARG(index->source.file.path)));
    return false;
}

struct host_log_index *logs_get(struct host *h, struct str channel)
{
    if (h->logs_of)
        return logs_get(h->logs_of, channel);
    for (size_t i = 0; i < h->log_count; i++)
        if (str_ieq(h->log[i]->channel, channel))
            return h->log[i];
    struct host_log_index *index =
        h->log_count < HOST_LOGS_MAX ? ARENA_NEW(&h->mem, struct host_log_index) : NULL;
    if (!index)
        return NULL;
    index->channel = str_dup(&h->mem, channel);
    h->ops->open_log(h, index->channel, &h->mem, &index->source);
    h->log[h->log_count++] = index;
    if (index->source.state == FACT_FOUND)
        open_index(h, index);
    if (index->source.state == FACT_ABSENT && !index->source.reason.len)
        index->source.reason =
            str_fmt(&h->mem, STR_FMT " is not there", STR_ARG(index->source.file.path));
    return index;
}

void logs_coverage(struct host *h, const struct host_log_index *index, uint64_t since,
                   uint64_t until, struct arena *a, struct coverage *out)
{
    coverage_window(&index->span, since, until, host_reference(h), a, out);
    if (index->source.elsewhere.len) {
        struct str before = out->reason;
        out->complete = false;
        out->reason = str_fmt(
            a,
            "the registry keeps this log at " STR_FMT ", which the target does not hold%s" STR_FMT,
            STR_ARG(index->source.elsewhere), before.len ? "; " : "", STR_ARG(before));
    }
}

void host_log(struct host *h, struct str channel, struct arena *a, struct log_fact *out)
{
    struct log_config config;
    memset(out, 0, sizeof *out);
    out->channel = channel;
    host_log_config(h, channel, a, &config);
    if (config.state == FACT_FOUND)
        out->configured_size = config.max_size;
    struct host_log_index *index = logs_get(h, channel);
    if (!index) {
        out->state = FACT_UNREADABLE;
        out->reason = STR("more logs than can be opened");
        host_count(h, out->state);
        return;
    }
    out->state = index->source.state;
    out->reason = index->source.reason;
    out->artefact = index->source.file.path;
    host_count(h, out->state);
    if (out->state != FACT_FOUND)
        return;
    out->records = index->log.count;
    for (size_t i = 0; i < index->log.parts; i++)
        out->bytes += index->log.part[i].bytes;
    out->first = index->span.start;
    out->last = index->span.end;
    out->dirty = index->log.dirty;
    out->damaged = index->log.damage_total;
    logs_coverage(h, index, 0, 0, a, &out->coverage);
}

/* --- configuration --- */

#define POLICY_KEY "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\EventLog\\"
#define SERVICE_KEY "HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\"

enum { WINDOWS_VISTA = 600 };

struct setting {
    struct reg_value value;
    uint64_t number;
    bool found, policy;
};

static bool number_of(const struct reg_value *v, uint64_t *out)
{
    if (v->has_number) {
        *out = v->number;
        return true;
    }
    if (v->text.len == 0 || v->text.len > 18)
        return false;
    *out = 0;
    for (size_t i = 0; i < v->text.len; i++) {
        if (v->text.ptr[i] < '0' || v->text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(v->text.ptr[i] - '0');
    }
    return true;
}

/* The policy's value, else the service's.  False when one of them could not be read. */
static bool read_setting(struct host *h, struct str channel, const char *name, struct arena *a,
                         struct setting *out)
{
    static const char *const keys[2] = {POLICY_KEY, SERVICE_KEY};
    memset(out, 0, sizeof *out);
    for (int i = 0; i < 2; i++) {
        struct str key = str_fmt(a, "%s" STR_FMT, keys[i], STR_ARG(channel));
        registry_value(h, key, str_of(name), VIEW_NATIVE, a, &out->value);
        if (out->value.state == FACT_UNREADABLE || out->value.state == FACT_NOT_COLLECTED)
            return false;
        if (out->value.state != FACT_FOUND)
            continue;
        out->found = number_of(&out->value, &out->number) && out->number <= UINT64_MAX / 1024;
        out->policy = i == 0;
        if (out->found)
            return true;
        out->value.state = FACT_UNREADABLE;
        out->value.reason = str_fmt(a, "%s is there, but is no usable number", name);
        return false;
    }
    return true;
}

static void config_unread(const struct setting *s, struct log_config *out)
{
    out->state = s->value.state;
    out->reason = s->value.reason;
    out->evidence = s->value.evidence;
}

/* Before Vista a number of seconds protects records that are younger; since then any number but
 * zero keeps all records. */
static bool overwrites(struct host *h, const struct setting *retention)
{
    unsigned nt = host_nt_version(h);
    if (!retention->found || retention->number == 0)
        return true;
    return !retention->policy && nt != 0 && nt < WINDOWS_VISTA &&
           (uint32_t)retention->number != UINT32_MAX;
}

static void read_config(struct host *h, struct str channel, struct arena *a, struct log_config *out)
{
    struct setting size, retention, backup;
    if (!read_setting(h, channel, "MaxSize", a, &size)) {
        config_unread(&size, out);
        return;
    }
    if (!read_setting(h, channel, "Retention", a, &retention)) {
        config_unread(&retention, out);
        return;
    }
    if (!read_setting(h, channel, "AutoBackupLogFiles", a, &backup)) {
        config_unread(&backup, out);
        return;
    }
    out->evidence = size.value.evidence;
    out->may_overwrite = overwrites(h, &retention);
    /* A full log is put aside and a new one begun: nothing is lost, and nothing stops. */
    out->auto_backup = !out->may_overwrite && backup.found && backup.number != 0;
    if (!size.found || size.number == 0) {
        out->state = FACT_ABSENT;
        out->reason = str_fmt(a, "no MaxSize is set for " STR_FMT, STR_ARG(channel));
        return;
    }
    out->state = FACT_FOUND;
    out->max_size = size.policy ? size.number * 1024 : size.number; /* policies count in KB */
    (void)sha256_hex(size.value.data, out->evidence.sha256, NULL);
}

void host_log_config(struct host *h, struct str channel, struct arena *a, struct log_config *out)
{
    memset(out, 0, sizeof *out);
    read_config(h, channel, a, out);
    host_count(h, out->state);
}
