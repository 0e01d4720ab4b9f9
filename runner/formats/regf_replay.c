#include "formats/regf_cell.h"

#include <stdarg.h>

/* Transaction logs.  The format is the specification's "Format of transaction log files"; which
 * logs are eligible and in which order follows what Windows 7 to 10 do with the same files. */
enum {
    SECTOR = 512, /* base block, entries and pages of a log are aligned to it */
    AT_SEQUENCE1 = 4,
    AT_SEQUENCE2 = 8,
    AT_LAST_WRITTEN = 12,
    AT_MINOR = 24,
    AT_TYPE = 28,
    AT_ROOT = 36,
    AT_BINS_SIZE = 40,
    AT_FLAGS = 144,
    AT_CHECKSUM = 508,
    TYPE_LOG = 1,      /* DIRT */
    TYPE_LOG_NT31 = 2, /* DIRT as well */
    TYPE_LOG_NEW = 6,  /* HvLE */
    ENTRY_HEAD = 40
};
#define BINS_MAX UINT32_C(0x7FFFE000) /* hives end at 2 GiB */

struct regf_replay_entry {
    uint32_t log;      /* index in plan->logs */
    uint64_t at, size; /* old format: the whole log */
    uint32_t sequence, bins_size, pages;
    bool old;
};

/* Marvin32 with the seed of log entries. */
struct marvin {
    uint32_t lo, hi;
};

static uint32_t rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void marvin_mix(struct marvin *m, uint32_t v)
{
    m->lo += v;
    m->hi ^= m->lo;
    m->lo = rotate(m->lo, 20) + m->hi;
    m->hi = rotate(m->hi, 9) ^ m->lo;
    m->lo = rotate(m->lo, 27) + m->hi;
    m->hi = rotate(m->hi, 19);
}

/* Lengths are multiples of four here (an entry's size is one of 512). */
static uint64_t marvin32(struct span s)
{
    struct marvin m = {0x7A4E55C5, 0x82EF4D88};
    for (size_t i = 0; i + 4 <= s.len; i += 4)
        marvin_mix(&m, load_u32(s.ptr + i));
    marvin_mix(&m, 0x80);
    marvin_mix(&m, 0);
    return (uint64_t)m.hi << 32 | m.lo;
}

static void say(struct regf_replay *plan, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct regf_replay *plan, const char *fmt, ...)
{
    va_list ap;
    if (plan->why[0])
        return;
    va_start(ap, fmt);
    vsnprintf(plan->why, sizeof plan->why, fmt, ap);
    va_end(ap);
}

static const char *log_name(const struct regf_log *log)
{
    return log->name ? log->name : "log";
}

static uint32_t log_sequence(const struct regf_log *log)
{
    return load_u32(log->bytes.ptr + AT_SEQUENCE1);
}

/* a - b of sequence numbers, which wrap around. */
static int32_t sequence_distance(uint32_t a, uint32_t b)
{
    uint32_t d = a - b;
    return d <= INT32_MAX ? (int32_t)d : -(int32_t)(UINT32_MAX - d) - 1;
}

/* What the base block of the primary is good for. */
struct primary {
    struct span bytes;
    bool valid; /* signature and checksum fit */
    uint32_t sequence2;
    uint64_t last_written; /* of the first hive bin when not valid */
};

static bool log_usable(struct regf_replay *plan, const struct regf_log *log)
{
    const uint8_t *p = log->bytes.ptr;
    if (log->bytes.len < 2 * SECTOR)
        return false; /* Windows keeps an empty log beside one in use: worth a word only if alone */
    if (memcmp(p, "regf", 4) != 0)
        say(plan, "%s is no log: no regf signature", log_name(log));
    else if (regf_base_checksum(p) != load_u32(p + AT_CHECKSUM))
        say(plan, "the base block of %s has a wrong checksum", log_name(log));
    else if (load_u32(p + AT_SEQUENCE1) != load_u32(p + AT_SEQUENCE2))
        say(plan, "%s was not written to its end: sequence numbers %u and %u", log_name(log),
            load_u32(p + AT_SEQUENCE1), load_u32(p + AT_SEQUENCE2));
    else
        return true;
    return false;
}

static uint32_t log_type(const struct regf_log *log)
{
    return load_u32(log->bytes.ptr + AT_TYPE);
}

static bool bins_size_ok(uint32_t size)
{
    return size >= REGF_PAGE && size % REGF_PAGE == 0 && size <= BINS_MAX;
}

/* The HvLE entry at `at`; false at the end of the log or at anything that does not fit. */
static bool entry_read(const struct regf_log *log, uint64_t at, struct regf_replay_entry *out)
{
    struct span head, all;
    if (!span_sub(log->bytes, at, ENTRY_HEAD, &head) || memcmp(head.ptr, "HvLE", 4) != 0)
        return false;
    struct regf_replay_entry entry = {
        .at = at,
        .size = load_u32(head.ptr + 4),
        .sequence = load_u32(head.ptr + 12),
        .bins_size = load_u32(head.ptr + 16),
        .pages = load_u32(head.ptr + 20),
    };
    if (entry.size < SECTOR || entry.size % SECTOR != 0 || !bins_size_ok(entry.bins_size) ||
        entry.pages == 0 || !span_sub(log->bytes, at, entry.size, &all))
        return false;
    struct span body = {all.ptr + ENTRY_HEAD, all.len - ENTRY_HEAD};
    if (marvin32((struct span){all.ptr, 32}) != load_u64(all.ptr + 32) ||
        marvin32(body) != load_u64(all.ptr + 24))
        return false;
    *out = entry;
    return true;
}

/* Visits the pages of an entry: checks them, and copies them when `hive` is given. */
static bool entry_pages(struct span entry, const struct regf_replay_entry *want, uint8_t *hive)
{
    uint64_t from = ENTRY_HEAD + (uint64_t)want->pages * 8;
    for (uint32_t i = 0; i < want->pages; i++) {
        struct span ref, page;
        if (!span_sub(entry, ENTRY_HEAD + (uint64_t)i * 8, 8, &ref))
            return false;
        uint64_t to = load_u32(ref.ptr), size = load_u32(ref.ptr + 4);
        if (to + size > want->bins_size || !span_sub(entry, from, size, &page))
            return false;
        if (hive)
            memcpy(hive + REGF_BASE_SIZE + to, page.ptr, page.len);
        from += size;
    }
    return true;
}

static bool plan_add(struct regf_replay *plan, struct arena *a, const struct regf_replay_entry *add,
                     struct err *e)
{
    /* Room doubles; what is left behind in the arena is small. */
    if ((plan->entries & (plan->entries - 1)) == 0) {
        size_t room = plan->entries ? (size_t)plan->entries * 2 : 1;
        struct regf_replay_entry *grown = ARENA_ARRAY(a, room, struct regf_replay_entry);
        if (!grown)
            return err_set(e, ERR_NOMEM, 0, "no memory for log entries");
        if (plan->entries)
            memcpy(grown, plan->entry, plan->entries * sizeof *grown);
        plan->entry = grown;
    }
    plan->entry[plan->entries++] = *add;
    plan->pages += add->pages;
    plan->sequence = add->sequence;
    uint64_t size = (uint64_t)REGF_BASE_SIZE + add->bins_size;
    if (size > plan->size)
        plan->size = size;
    return true;
}

/* All entries of one log, as long as they follow each other. */
static bool plan_new_log(struct regf_replay *plan, uint32_t index, struct arena *a, struct err *e)
{
    const struct regf_log *log = &plan->logs[index];
    uint32_t expected = log_sequence(log);
    struct regf_replay_entry entry;
    for (uint64_t at = SECTOR; entry_read(log, at, &entry); at += entry.size, expected++) {
        struct span bytes;
        entry.log = index;
        if (entry.sequence != expected || !span_sub(log->bytes, at, entry.size, &bytes) ||
            !entry_pages(bytes, &entry, NULL))
            break;
        if (!plan_add(plan, a, &entry, e))
            return false;
    }
    return true;
}

/* The usable log of the new format that comes first at or after `from`; -1 when there is none. */
static int next_new_log(const struct regf_replay *plan, const bool *fits, const uint32_t *from,
                        bool newest)
{
    int best = -1;
    for (size_t i = 0; i < plan->log_count; i++) {
        if (!fits[i] || log_type(&plan->logs[i]) != TYPE_LOG_NEW)
            continue;
        uint32_t s = log_sequence(&plan->logs[i]);
        if (from && sequence_distance(s, *from) < 0)
            continue;
        int32_t order = best < 0 ? 0 : sequence_distance(s, log_sequence(&plan->logs[best]));
        if (best < 0 || (newest ? order > 0 : order < 0))
            best = (int)i;
    }
    return best;
}

/* New format.  With a good base block: the oldest log that does not lie before the primary's
 * secondary sequence number, then every log that goes on where the last one ended.  With a bad one
 * Windows takes the newest log alone. */
static bool plan_new(struct regf_replay *plan, const struct primary *p, const bool *fits,
                     struct arena *a, struct err *e)
{
    int first = next_new_log(plan, fits, p->valid ? &p->sequence2 : NULL, !p->valid);
    if (first < 0) {
        if (next_new_log(plan, fits, NULL, false) >= 0)
            say(plan, "the logs end before sequence number %u of the hive", p->sequence2);
        return true;
    }
    if (!plan_new_log(plan, (uint32_t)first, a, e))
        return false;
    if (plan->entries == 0)
        say(plan, "%s holds no intact entry", log_name(&plan->logs[first]));
    for (size_t round = 0; p->valid && plan->entries && round < plan->log_count; round++) {
        uint32_t wanted = plan->sequence + 1;
        int next = next_new_log(plan, fits, &wanted, false);
        if (next < 0 || log_sequence(&plan->logs[next]) != wanted)
            break;
        if (!plan_new_log(plan, (uint32_t)next, a, e))
            return false;
    }
    return true;
}

/* Old format: a bitmap of 512-byte pages behind the base block, then the pages. */
struct dirt {
    struct span bitmap;
    uint64_t pages_at;
    uint32_t pages;
};

static bool dirt_read(const struct regf_log *log, uint32_t bins_size, struct dirt *out)
{
    struct span mark, bitmap, pages;
    uint32_t len = bins_size / SECTOR / 8;
    if (!bins_size_ok(bins_size) || !span_sub(log->bytes, SECTOR, 4, &mark) ||
        memcmp(mark.ptr, "DIRT", 4) != 0 || !span_sub(log->bytes, SECTOR + 4, len, &bitmap))
        return false;
    struct dirt d = {.bitmap = bitmap};
    d.pages_at = (SECTOR + 4 + (uint64_t)len + SECTOR - 1) / SECTOR * SECTOR;
    for (uint32_t i = 0; i < len; i++)
        for (uint32_t byte = bitmap.ptr[i]; byte; byte &= byte - 1)
            d.pages++;
    if (d.pages == 0 || !span_sub(log->bytes, d.pages_at, (uint64_t)d.pages * SECTOR, &pages))
        return false;
    *out = d;
    return true;
}

static void dirt_copy(const struct regf_log *log, const struct dirt *d, uint8_t *hive)
{
    struct span page;
    uint64_t from = d->pages_at;
    for (size_t bit = 0; bit < d->bitmap.len * 8; bit++) {
        if (!(d->bitmap.ptr[bit / 8] >> (bit % 8) & 1))
            continue;
        if (!span_sub(log->bytes, from, SECTOR, &page))
            return;
        memcpy(hive + REGF_BASE_SIZE + bit * SECTOR, page.ptr, SECTOR);
        from += SECTOR;
    }
}

/* The log written last counts, if it is not older than the hive. */
static bool plan_old(struct regf_replay *plan, const struct primary *p, const bool *fits,
                     struct arena *a, struct err *e)
{
    int best = -1;
    uint64_t best_time = p->last_written;
    for (size_t i = 0; i < plan->log_count; i++) {
        if (!fits[i] ||
            (log_type(&plan->logs[i]) != TYPE_LOG && log_type(&plan->logs[i]) != TYPE_LOG_NT31))
            continue;
        uint64_t written = load_u64(plan->logs[i].bytes.ptr + AT_LAST_WRITTEN);
        if (written < p->last_written)
            say(plan, "%s is older than the hive", log_name(&plan->logs[i]));
        else if (best < 0 || written > best_time)
            best = (int)i, best_time = written;
    }
    if (best < 0)
        return true;
    const struct regf_log *log = &plan->logs[best];
    struct dirt d;
    uint32_t bins = load_u32(log->bytes.ptr + AT_BINS_SIZE);
    if (!dirt_read(log, bins, &d)) {
        say(plan, "the dirty vector or the pages of %s are incomplete", log_name(log));
        return true;
    }
    struct regf_replay_entry entry = {
        .log = (uint32_t)best,
        .size = log->bytes.len,
        .sequence = log_sequence(log),
        .bins_size = bins,
        .pages = d.pages,
        .old = true,
    };
    return plan_add(plan, a, &entry, e);
}

/* False when the bytes can be no hive, whatever the logs say. */
static bool primary_read(struct span bytes, struct primary *out)
{
    struct span base, bin;
    if (!span_sub(bytes, 0, REGF_BASE_SIZE, &base) ||
        !span_sub(bytes, REGF_BASE_SIZE, REGF_BIN_HEAD, &bin) || memcmp(bin.ptr, "hbin", 4) != 0)
        return false;
    *out = (struct primary){.bytes = bytes};
    out->valid = memcmp(base.ptr, "regf", 4) == 0 &&
                 regf_base_checksum(base.ptr) == load_u32(base.ptr + AT_CHECKSUM);
    out->sequence2 = load_u32(base.ptr + AT_SEQUENCE2);
    /* The first hive bin keeps a copy of the time for a base block that was not written whole. */
    out->last_written = out->valid ? load_u64(base.ptr + AT_LAST_WRITTEN) : load_u64(bin.ptr + 20);
    return true;
}

bool regf_replay_plan(struct span primary, const struct regf_log *logs, size_t log_count,
                      struct arena *a, struct regf_replay *plan, struct err *e)
{
    struct primary p;
    bool fits[REGF_LOGS_MAX] = {false};
    BUG_ON(log_count > REGF_LOGS_MAX);
    *plan = (struct regf_replay){.size = primary.len, .log_count = log_count};
    if (log_count)
        memcpy(plan->logs, logs, log_count * sizeof *logs);
    if (!primary_read(primary, &p)) {
        plan->state = REGF_LOGS_UNFIT;
        say(plan, "the file is no hive");
        return true;
    }
    plan->state = REGF_CLEAN;
    plan->sequence = p.sequence2;
    if (p.valid && load_u32(primary.ptr + AT_SEQUENCE1) == p.sequence2)
        return true;
    plan->state = REGF_LOGS_MISSING;
    if (log_count == 0)
        return true;
    for (size_t i = 0; i < log_count; i++)
        fits[i] = log_usable(plan, &plan->logs[i]);
    if (!plan_new(plan, &p, fits, a, e))
        return false;
    if (plan->entries == 0 && !plan_old(plan, &p, fits, a, e))
        return false;
    plan->state = plan->entries ? REGF_REPLAYABLE : REGF_LOGS_UNFIT;
    plan->base_from_log = plan->entries && !p.valid;
    for (size_t i = 0; i < log_count && plan->entries == 0; i++)
        if (logs[i].bytes.len < 2 * SECTOR)
            say(plan, "%s is %s", log_name(&logs[i]),
                logs[i].bytes.len ? "too short for a log" : "empty");
    if (plan->entries == 0)
        say(plan, "no log holds entries for this hive");
    return true;
}

static void store_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* The base block that goes with the replayed bins: version, root and time are the log's. */
static void finish_base(const struct regf_replay *plan, uint8_t *base)
{
    const struct regf_replay_entry *last = &plan->entry[plan->entries - 1];
    const struct regf_log *log = &plan->logs[last->log];
    if (plan->base_from_log)
        memcpy(base, log->bytes.ptr, SECTOR);
    memcpy(base + AT_MINOR, log->bytes.ptr + AT_MINOR, 4);
    memcpy(base + AT_ROOT, log->bytes.ptr + AT_ROOT, 4);
    memcpy(base + AT_LAST_WRITTEN, log->bytes.ptr + AT_LAST_WRITTEN, 8);
    store_u32(base + AT_SEQUENCE1, last->sequence);
    store_u32(base + AT_SEQUENCE2, last->sequence);
    store_u32(base + AT_TYPE, 0);
    store_u32(base + AT_BINS_SIZE, last->bins_size);
    if (!last->old) {
        uint32_t flag = load_u32(log->bytes.ptr + last->at + 8) & 1;
        store_u32(base + AT_FLAGS, (load_u32(base + AT_FLAGS) & ~UINT32_C(1)) | flag);
    }
    store_u32(base + AT_CHECKSUM, regf_base_checksum(base));
}

bool regf_replay_apply(const struct regf_replay *plan, uint8_t *hive, struct err *e)
{
    if (plan->state != REGF_REPLAYABLE)
        return true;
    for (uint32_t i = 0; i < plan->entries; i++) {
        const struct regf_replay_entry *entry = &plan->entry[i];
        const struct regf_log *log = &plan->logs[entry->log];
        struct dirt d;
        struct span bytes;
        bool done = false;
        if (entry->old) {
            done = dirt_read(log, entry->bins_size, &d);
            if (done)
                dirt_copy(log, &d, hive);
        } else {
            done = span_sub(log->bytes, entry->at, entry->size, &bytes) &&
                   entry_pages(bytes, entry, hive);
        }
        /* Planned from the same bytes: only a log that changed under us can fail here. */
        if (!done)
            return err_set(e, ERR_IO, entry->at, "%s changed while it was replayed", log_name(log));
    }
    finish_base(plan, hive);
    return true;
}
