/* A hive and two logs: flags (1 byte), lengths of hive and first log (3 bytes each), the bytes.
 * With flag 1 checksums and hashes of the logs are made to fit first, since no fuzzer guesses them.
 * Oracle: a plan can be applied, and what it makes is a clean hive or a failure that explains
 * itself. */
#include "formats/regf.h"

#include "hive_builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 7, LARGEST = 8 << 20 };

static size_t length_at(const uint8_t *p)
{
    return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16;
}

static void repair_log(uint8_t *log, size_t len)
{
    if (len < 512)
        return;
    hb_u32(log + 508, hb_checksum(log));
    for (size_t at = 512; len - at >= 512;) {
        uint32_t size = load_u32(log + at + 4);
        if (size < 512 || size % 512 != 0 || size > len - at)
            return;
        hb_entry_seal(log + at, size);
        at += size;
    }
}

static void apply(const struct regf_replay *plan, struct span primary)
{
    struct regf hive;
    struct regf_key root;
    struct err e = {0};
    BUG_ON(plan->size < primary.len || plan->entries == 0);
    if (plan->size > LARGEST)
        return;
    uint8_t *bytes = calloc(1, (size_t)plan->size);
    BUG_ON(!bytes);
    memcpy(bytes, primary.ptr, primary.len);
    BUG_ON(!regf_replay_apply(plan, bytes, &e));
    if (regf_open((struct span){bytes, (size_t)plan->size}, &hive, &e)) {
        BUG_ON(hive.info.dirty || hive.info.sequence1 != plan->sequence);
        if (!regf_root(&hive, &root, &e))
            BUG_ON(e.text[0] == '\0');
    } else {
        BUG_ON(e.text[0] == '\0');
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct regf_replay plan;
    struct err e = {0};
    if (size < HEAD)
        return 0;
    uint8_t *copy = malloc(size);
    BUG_ON(!copy);
    memcpy(copy, data, size);
    size_t left = size - HEAD, hive = length_at(copy + 1), first = length_at(copy + 4);
    hive = hive < left ? hive : left;
    first = first < left - hive ? first : left - hive;
    uint8_t *p = copy + HEAD;
    struct regf_log logs[2] = {{{p + hive, first}, "LOG1"},
                               {{p + hive + first, left - hive - first}, "LOG2"}};
    if (copy[0] & 1) {
        repair_log(p + hive, first);
        repair_log(p + hive + first, left - hive - first);
        if (hive >= 512 && !(copy[0] & 2))
            hb_u32(p + 508, hb_checksum(p));
    }
    arena_init(&a, 4 << 20);
    if (regf_replay_plan((struct span){p, hive}, logs, 2, &a, &plan, &e)) {
        BUG_ON(plan.state == REGF_LOGS_UNFIT && plan.why[0] == '\0');
        if (plan.state == REGF_REPLAYABLE)
            apply(&plan, (struct span){p, hive});
    } else {
        BUG_ON(e.text[0] == '\0');
    }
    arena_done(&a);
    free(copy);
    return 0;
}
