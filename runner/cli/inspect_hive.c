#include <string.h>

#include "base/text.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/hive_file.h"
#include "cli/hive_rows.h"

/* Windows allows 512 levels of keys. */
enum { DEPTH_MAX = 512, DAMAGE_LINES = 20 };

static const struct args_option options[] = {
    {"key", "PATH", "the key to show, relative to the root key (default: the root key)"},
    {"recursive", NULL, "all keys below it as well"},
    {"no-logs", NULL, "read the hive as it lies: do not replay its transaction logs"},
    {"format", "NAME", "jsonl (default) or tsv"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "inspect hive",
    .synopsis = "FILE [OPTIONS]",
    .about = "Shows the values of a registry hive, one a row: key, name, type, size, sha256, data, "
             "written.  A dirty hive is read with its transaction logs (.LOG, .LOG1, .LOG2 beside "
             "it) replayed in memory; nothing is written to disk.",
    .options = options,
    .more = "exit codes: 0 read (damage is told on stderr), 1 not readable as a hive,\n"
            "            64 wrong command line",
};

struct request {
    const char *file, *key;
    bool recursive, no_logs;
    enum hive_format format;
};

struct level {
    struct regf_subkeys it;
    size_t path_len;
};

struct walk {
    const struct regf *hive;
    const char *file;
    struct hive_rows rows;
    struct sb path;
    struct arena a; /* of one value */
    struct level *level;
    /* A hive cannot hold more keys, values or data than it has bytes; cyclic ones try. */
    uint64_t keys_left, values_left, data_left;
    size_t damaged;
};

static int parse(struct request *q, int argc, char **argv)
{
    struct args a;
    *q = (struct request){.key = ""};
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && q->file)
            return cli_fail(EXIT_USAGE_ERROR, "inspect hive: one file at a time, not also %s",
                            a.value);
        if (got == ARGS_WORD)
            q->file = a.value;
        else if (args_is(&a, "key"))
            q->key = a.value;
        else if (args_is(&a, "recursive"))
            q->recursive = true;
        else if (args_is(&a, "no-logs"))
            q->no_logs = true;
        else if (strcmp(a.value, "tsv") == 0 || strcmp(a.value, "jsonl") == 0)
            q->format = a.value[0] == 't' ? HIVE_TSV : HIVE_JSONL;
        else
            return args_bad_value(&a, "jsonl or tsv");
    }
    if (!q->file)
        return cli_fail(EXIT_USAGE_ERROR, "inspect hive: no file given; see --help");
    return -1;
}

static void damage(struct walk *w, struct err *e)
{
    if (w->damaged++ < DAMAGE_LINES - 1)
        cli_fail(0, "%s: damaged at 0x%llx, key \"%.*s\": %s", w->file, (unsigned long long)e->at,
                 (int)(w->path.len < 512 ? w->path.len : 512), w->path.ptr ? w->path.ptr : "",
                 e->text);
    *e = (struct err){0};
}

static bool one_value(struct walk *w, const struct regf_key *k, uint32_t index, struct err *e)
{
    struct regf_value v;
    struct hive_row row;
    if (w->values_left == 0)
        return err_set(e, ERR_LIMIT, 0, "more values than the hive can hold");
    w->values_left--;
    if (regf_value_at(w->hive, k, index, &v, e) != REGF_FOUND ||
        !regf_value_name(w->hive, &v, &w->a, &row.name, e))
        return false;
    if (v.size > w->data_left)
        return err_set(e, ERR_LIMIT, 0, "more data than the hive can hold");
    w->data_left -= v.size;
    row.type = v.type;
    return regf_value_data(w->hive, &v, &w->a, &row.data, e) &&
           hive_rows_value(&w->rows, &row, &w->a, e);
}

static void all_values(struct walk *w, const struct regf_key *k)
{
    struct err e = {0};
    if (k->values == 0)
        return;
    hive_rows_key(&w->rows, (struct str){w->path.ptr ? w->path.ptr : "", w->path.len},
                  k->last_written);
    for (uint32_t i = 0; i < k->values && !w->rows.failed; i++) {
        if (!one_value(w, k, i, &e)) {
            bool over = e.kind == ERR_LIMIT;
            damage(w, &e);
            if (over)
                return;
        }
        arena_reset(&w->a);
    }
}

/* Down to the next key; false when there is none at this level. */
static bool next_key(struct walk *w, struct level *at, struct regf_key *out)
{
    struct err e = {0};
    struct str name;
    for (enum regf_answer got;
         (got = regf_subkeys_next(w->hive, &at->it, out, &e)) != REGF_ABSENT;) {
        w->path.len = at->path_len;
        if (got == REGF_FOUND && regf_key_name(w->hive, out, &w->a, &name, &e)) {
            if (at->path_len)
                sb_putc(&w->path, '\\');
            sb_str(&w->path, name);
            arena_reset(&w->a);
            return true;
        }
        damage(w, &e);
    }
    return false;
}

static void below(struct walk *w, const struct regf_key *top)
{
    struct regf_key k = *top;
    struct err e = {0};
    for (size_t depth = 0;;) {
        struct level *at = &w->level[depth];
        at->path_len = w->path.len;
        if (!regf_subkeys_begin(w->hive, &k, &at->it, &e)) {
            damage(w, &e);
            at->it.done = true;
        }
        while (!next_key(w, &w->level[depth], &k)) {
            if (depth-- == 0)
                return;
        }
        if (w->rows.failed)
            return;
        if (w->keys_left-- == 0) {
            err_set(&e, ERR_LIMIT, 0, "more keys than the hive can hold");
            damage(w, &e);
            return;
        }
        all_values(w, &k);
        if (depth + 1 < DEPTH_MAX) {
            depth++;
        } else if (k.subkeys) {
            err_set(&e, ERR_LIMIT, 0, "keys nest deeper than %d levels", DEPTH_MAX);
            damage(w, &e);
            k.subkeys = 0;
        }
    }
}

static void tell_logs(const struct hive_file *h, const struct request *q)
{
    const struct regf_replay *p = &h->plan;
    if (q->no_logs) {
        if (h->hive.info.dirty)
            cli_fail(0, "%s: the hive is dirty; its logs were not replayed (--no-logs)", q->file);
        return;
    }
    if (h->log_problem.kind != ERR_NONE && p->state != REGF_CLEAN)
        cli_fail(0, "%s: logs not used: %s", q->file, h->log_problem.text);
    if (p->state == REGF_REPLAYABLE)
        cli_fail(0, "%s: the hive was dirty; logs replayed: %u entr%s, %u pages, sequence %u%s%s%s",
                 q->file, p->entries, p->entries == 1 ? "y" : "ies", p->pages, p->sequence,
                 p->base_from_log ? "; base block taken from the log" : "",
                 p->why[0] ? "; not used: " : "", p->why);
    else if (p->state == REGF_LOGS_MISSING)
        cli_fail(0, "%s: the hive is dirty and its logs are missing: newer values may be in them",
                 q->file);
    else if (p->state == REGF_LOGS_UNFIT)
        cli_fail(0, "%s: the hive is dirty and its logs cannot be replayed: %s", q->file, p->why);
}

static void walk_from(struct walk *w, const struct request *q, const struct regf_key *k)
{
    const struct regf *r = w->hive;
    struct err e = {0};
    if (r->info.truncated) {
        err_set(&e, ERR_FORMAT, r->bytes.len, "the file ends before the hive does");
        damage(w, &e);
    }
    w->keys_left = w->values_left = r->bins.len / 24 + 1;
    w->data_left = r->bins.len;
    all_values(w, k);
    if (q->recursive)
        below(w, k);
    if (w->damaged >= DAMAGE_LINES)
        cli_fail(0, "%s: %zu damaged places more", q->file, w->damaged - (DAMAGE_LINES - 1));
}

/* --key as people write it: with a separator in front or behind. */
static struct str trimmed(const char *key)
{
    struct str s = str_of(key);
    while (s.len && s.ptr[0] == '\\')
        s.ptr++, s.len--;
    while (s.len && s.ptr[s.len - 1] == '\\')
        s.len--;
    return s;
}

/* The path as the hive spells it. */
static enum regf_answer find(struct walk *w, struct str path, struct regf_key *k, struct err *e)
{
    if (!regf_root(w->hive, k, e))
        return REGF_BAD;
    for (size_t pos = 0; pos < path.len;) {
        const char *end = memchr(path.ptr + pos, '\\', path.len - pos);
        size_t len = end ? (size_t)(end - path.ptr) - pos : path.len - pos;
        struct regf_key parent = *k;
        struct str name;
        enum regf_answer got =
            regf_subkey(w->hive, &parent, (struct str){path.ptr + pos, len}, k, e);
        if (got != REGF_FOUND)
            return got;
        if (!regf_key_name(w->hive, k, &w->a, &name, e))
            return REGF_BAD;
        if (pos)
            sb_putc(&w->path, '\\');
        sb_str(&w->path, name);
        pos += len + 1;
    }
    return REGF_FOUND;
}

static int show(const struct hive_file *h, const struct request *q)
{
    struct regf_key k;
    struct err e = {0};
    struct walk w = {.hive = &h->hive, .file = q->file};
    bool ok = true;
    w.level = calloc(DEPTH_MAX, sizeof *w.level);
    if (!w.level)
        return cli_fail(EXIT_COULD_NOT_RUN, "no memory");
    sb_init(&w.path, 1 << 26);
    arena_init(&w.a, ARENA_DEFAULT_CAP);
    enum regf_answer got = find(&w, trimmed(q->key), &k, &e);
    hive_rows_begin(&w.rows, q->format);
    if (got == REGF_FOUND)
        walk_from(&w, q, &k);
    else if (got == REGF_ABSENT)
        cli_fail(0, "%s: there is no key \"%s\"", q->file, q->key);
    ok = hive_rows_end(&w.rows);
    arena_done(&w.a);
    sb_done(&w.path);
    free(w.level);
    if (got == REGF_BAD)
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: key \"%s\" cannot be read, at 0x%llx: %s", q->file,
                        q->key, (unsigned long long)e.at, e.text);
    if (!ok)
        return cli_fail(EXIT_COULD_NOT_RUN, "cannot write to standard output");
    if (!hive_file_intact(h))
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: a part could not be read from disk", q->file);
    return EXIT_PASS;
}

int inspect_hive(int argc, char **argv)
{
    struct request q;
    struct hive_file h;
    struct err e = {0};
    int code = parse(&q, argc, argv);
    if (code >= 0)
        return code;
    if (!hive_file_open(q.file, !q.no_logs, &h, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: %s", q.file, e.text);
    tell_logs(&h, &q);
    code = show(&h, &q);
    hive_file_close(&h);
    return code;
}
