#include <stdlib.h>

#include "base/utf16.h"
#include "base/wtime.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/cores.h"
#include "cli/log_csv.h"
#include "cli/log_files.h"
#include "cli/log_query.h"
#include "cli/target.h"
#include "host/file.h"

enum { DAMAGE_LINES = 20, JOBS_MAX = 256, LINES_MAX = INT32_MAX };

static const struct args_option options[] = {
    {"count-by", "COLUMNS", "count records by channel,provider,id (any of them, in that order)"},
    {"provider", "NAME", "only this provider or source, in any case; repeatable"},
    {"id", "N,..", "only these event ids (without qualifiers)"},
    {"since", "TIME", "only records from this time on (2012-03-14 or 2012-03-14T04:17:36Z)"},
    {"until", "TIME", "only records before this time"},
    {"format", "NAME", "tsv, jsonl, xml or csv (default: tsv with --count-by, else jsonl)"},
    {"fields", "NAME,..", "csv: these columns (see below)"},
    {"jobs", "N", "threads (default: all cores); the output is the same whatever the number"},
    {"cache", "DIR",
     "--count-by: keep the indexes of logs there; only new chunks are read the next time"},
    {NULL, NULL, NULL},
};

static const char more[] =
    "jsonl: an object a record, in file order; members a record does not have are left out:\n"
    "  file (several files only), record_id, time, channel, provider, provider_guid, "
    "event_source,\n"
    "  id, qualifiers, version, level, task, opcode, keywords, activity_id, related_activity_id,\n"
    "  process_id, thread_id, processor_id, session_id, computer, user, event_data (an object by\n"
    "  Data name, or a list where Data have no names), binary (hex), user_data (nested objects:\n"
    "  attributes as \"@name\"), error (payload that could not be decoded)\n"
    "xml: as Windows renders events, one a line, inside <Events>\n"
    "tsv without --count-by: time, record_id, channel, provider, id, level; rows sorted bytewise\n"
    "csv: RFC 4180; --fields of time, record_id, channel, provider, id, level, file, computer, "
    "user,\n"
    "  process_id, thread_id, qualifiers, version, task, opcode, keywords, strings (all of them, "
    "a\n"
    "  line each), data.NAME (the Data or element of that name); a cell that a spreadsheet would\n"
    "  take for a formula begins with '\n"
    "Tab, CR, LF, backslash and controls are \\t \\r \\n \\\\ \\xNN in tsv.\n\n"
    "exit codes: 0 read (damage is told on stderr, in 20 lines at most), 1 a file is not readable "
    "as that format,\n"
    "            64 wrong command line";

static const struct args_spec evtx_spec = {
    .verb = "inspect evtx",
    .synopsis = "PATH... [OPTIONS]",
    .about = "Shows or counts the records of event logs (.evtx); of a folder, all logs in it and "
             "below.  Counts of several files are summed.",
    .options = options,
    .more = more,
};

static const struct args_spec evt_spec = {
    .verb = "inspect evt",
    .synopsis = "PATH... [OPTIONS]",
    .about = "Shows or counts the records of event logs of Windows XP and 2003 (.evt); of a "
             "folder, all logs in it and below.  Counts of several files are summed.",
    .options = options,
    .more = more,
};

struct request {
    const struct args_spec *spec;
    struct log_query q;
    struct log_files files;
    const char *cache;
    bool format_given, failed;
};

static bool parse_columns(struct log_query *q, const char *text)
{
    static const char *const name[] = {"channel", "provider", "id"};
    q->count = true;
    q->columns = 0;
    for (const char *p = text;; p++) {
        size_t len = strcspn(p, ","), i = 0;
        while (i < 3 && !(strlen(name[i]) == len && memcmp(name[i], p, len) == 0))
            i++;
        if (i == 3 || q->columns == LOG_COLUMNS)
            return false;
        for (size_t k = 0; k < q->columns; k++)
            if (q->column[k] == (enum log_column)i)
                return false;
        q->column[q->columns++] = (enum log_column)i;
        p += len;
        if (!*p)
            return true;
    }
}

static bool parse_ids(struct log_query *q, const char *text)
{
    q->by_id = true;
    for (const char *p = text;; p++) {
        char number[8];
        size_t len = strcspn(p, ",");
        unsigned long id;
        if (len >= sizeof number)
            return false;
        memcpy(number, p, len);
        number[len] = '\0';
        if (!args_number(number, 0, 65535, &id))
            return false;
        q->id[id / 8] |= (uint8_t)(1u << (id % 8));
        p += len;
        if (!*p)
            return true;
    }
}

static bool parse_format(struct request *r, const char *text)
{
    static const char *const name[] = {"tsv", "jsonl", "xml", "csv"};
    for (int i = 0; i < 4; i++)
        if (strcmp(text, name[i]) == 0) {
            r->q.format = (enum log_format)i;
            r->format_given = true;
            return true;
        }
    return false;
}

/* -1, or an exit code. */
static int one_option(struct request *r, struct args *a)
{
    struct log_query *q = &r->q;
    unsigned long jobs;
    if (args_is(a, "count-by"))
        return parse_columns(q, a->value) ? -1 : args_bad_value(a, "channel,provider,id");
    if (args_is(a, "id"))
        return parse_ids(q, a->value) ? -1 : args_bad_value(a, "event ids from 0 to 65535");
    if (args_is(a, "since"))
        return wtime_parse(str_of(a->value), &q->since) ? -1 : args_bad_value(a, "a time");
    if (args_is(a, "until"))
        return wtime_parse(str_of(a->value), &q->until) ? -1 : args_bad_value(a, "a time");
    if (args_is(a, "format"))
        return parse_format(r, a->value) ? -1 : args_bad_value(a, "tsv, jsonl, xml or csv");
    if (args_is(a, "fields"))
        return log_csv_fields(q, a->value) ? -1 : args_bad_value(a, "fields that --help names");
    if (args_is(a, "cache")) {
        r->cache = a->value;
        return -1;
    }
    if (args_is(a, "jobs")) {
        if (!args_number(a->value, 1, JOBS_MAX, &jobs))
            return args_bad_value(a, "a number from 1 to 256");
        q->jobs = (unsigned)jobs;
        return -1;
    }
    if (q->providers == LOG_PROVIDERS_MAX)
        return args_bad_value(a, "at most 64 providers");
    q->provider[q->providers++] = a->value;
    return -1;
}

static int parse(struct request *r, int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    const char *suffix = r->q.evt ? ".evt" : ".evtx";
    size_t words = 0;
    args_begin(&a, r->spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD) {
            words++;
            if (!log_files_add(&r->files, a.value, suffix, &e)) {
                cli_fail(0, "%s: %s", r->spec->verb, e.text);
                r->failed = true;
                e = (struct err){0};
            }
            continue;
        }
        int code = one_option(r, &a);
        if (code >= 0)
            return code;
    }
    if (!words)
        return cli_fail(EXIT_USAGE_ERROR, "%s: no file given; see --help", r->spec->verb);
    if (!r->format_given)
        r->q.format = r->q.count ? LOG_TSV : LOG_JSONL;
    if (r->q.count && (r->q.format == LOG_XML || r->q.format == LOG_CSV))
        return cli_fail(EXIT_USAGE_ERROR, "%s: counts are tsv or jsonl", r->spec->verb);
    if (r->q.fields && r->q.format != LOG_CSV)
        return cli_fail(EXIT_USAGE_ERROR, "%s: --fields is for --format csv", r->spec->verb);
    r->q.several = r->files.count > 1;
    if (r->q.format == LOG_CSV && !r->q.fields)
        log_csv_default(&r->q);
    return -1;
}

bool log_write(const char *bytes, size_t len, struct err *e)
{
    return fwrite(bytes, 1, len, stdout) == len ||
           err_set(e, ERR_IO, 0, "standard output took no more");
}

/* At most 20 lines a run, the last of which tells how much more there is. */
static struct {
    int lines;
    uint64_t more;
} told;

static bool may_tell(void)
{
    if (told.lines >= DAMAGE_LINES - 1)
        return false;
    told.lines++;
    return true;
}

static void damage(const char *path, const struct log_damage *d)
{
    if (d->undecodable && may_tell())
        cli_fail(0, "%s: %llu records cannot be decoded and are left out", path,
                 (unsigned long long)d->undecodable);
    if (d->partial && may_tell())
        cli_fail(0, "%s: %llu records have a payload that cannot be decoded", path,
                 (unsigned long long)d->partial);
    size_t i = 0;
    while (i < d->count && may_tell()) {
        cli_fail(0, "%s: at 0x%llx: %s", path, (unsigned long long)d->listed[i].at,
                 d->listed[i].text);
        i++;
    }
    told.more += d->total - i;
}

static bool one_file(struct request *r, const char *path, struct log_counts *c, struct sb *lines)
{
    struct file_map m;
    struct err e = {0};
    if (r->q.cache && r->q.count && !r->q.evt) {
        if (log_indexed(&r->q, path, c, damage, &e))
            return true;
        cli_fail(0, "%s: %s", path, e.text);
        return false;
    }
    bool ok = file_map_path(path, &m, &e);
    if (ok) {
        ok = r->q.evt ? log_evt(&r->q, m.bytes, path, c, lines, damage, &e)
                      : log_evtx(&r->q, m.bytes, path, c, lines, damage, &e);
        if (ok && !file_intact(&m))
            ok = err_set(&e, ERR_IO, 0, "parts of it could not be read");
        file_unmap(&m);
    }
    if (!ok)
        cli_fail(0, "%s: %s", path, e.text);
    return ok;
}

static int by_line(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Rows of --format tsv without --count-by. */
static bool write_sorted(const struct log_query *q, const struct sb *lines, struct err *e)
{
    size_t count = 0;
    for (size_t i = 0; i < lines->len; i++)
        count += lines->ptr[i] == '\n';
    struct str *line = malloc((count + 1) * sizeof *line);
    if (!line)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    const char *p = lines->ptr;
    for (size_t i = 0; i < count; i++) {
        const char *end = memchr(p, '\n', (size_t)(lines->ptr + lines->len - p));
        line[i] = (struct str){p, (size_t)(end - p) + 1};
        p = end + 1;
    }
    if (count)
        qsort(line, count, sizeof *line, by_line);
    struct str head = q->several ? STR("time\trecord_id\tchannel\tprovider\tid\tlevel\tfile\n")
                                 : STR("time\trecord_id\tchannel\tprovider\tid\tlevel\n");
    bool ok = log_write(head.ptr, head.len, e);
    for (size_t i = 0; ok && i < count; i++)
        ok = log_write(line[i].ptr, line[i].len, e);
    free(line);
    return ok;
}

static const char xml_head[] = "<?xml version='1.0' encoding='UTF-8'?>\n<Events>\n",
                  xml_tail[] = "</Events>\n";

static bool all_files(struct request *r, struct err *e)
{
    struct log_counts *c = log_counts_new(&r->q);
    struct sb lines;
    bool xml = r->q.format == LOG_XML, tsv = r->q.format == LOG_TSV && !r->q.count;
    sb_init(&lines, LINES_MAX);
    bool ok = c || err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok && xml)
        ok = log_write(xml_head, sizeof xml_head - 1, e);
    if (ok && r->q.format == LOG_CSV) {
        struct sb head;
        sb_init(&head, 1 << 20);
        log_csv_header(&head, &r->q);
        ok = log_write(head.ptr, head.len, e);
        sb_done(&head);
    }
    size_t read = 0;
    for (size_t i = 0; ok && i < r->files.count; i++)
        read += one_file(r, r->files.path[i], c, &lines);
    r->failed = r->failed || read < r->files.count;
    if (ok && xml)
        ok = log_write(xml_tail, sizeof xml_tail - 1, e);
    /* A header line over nothing that was read would look like a log without events. */
    if (ok && r->q.count && read)
        ok = log_counts_write(c, e);
    if (ok && tsv && read)
        ok = write_sorted(&r->q, &lines, e);
    if (ok && fflush(stdout) != 0)
        ok = err_set(e, ERR_IO, 0, "standard output took no more");
    if (told.more)
        cli_fail(0, "%s: damaged at %llu more places", r->spec->verb,
                 (unsigned long long)told.more);
    sb_done(&lines);
    log_counts_free(c);
    return ok;
}

int inspect_evtx(int argc, char **argv)
{
    bool evt = strcmp(argv[0], "evt") == 0;
    struct request r = {.spec = evt ? &evt_spec : &evtx_spec,
                        .q = {.evt = evt, .until = UINT64_MAX, .jobs = cores()}};
    struct err e = {0};
    log_files_init(&r.files);
    int code = parse(&r, argc, argv);
    if (code < 0) {
        code = EXIT_PASS;
        struct log_cache *cache = r.q.count ? target_cache(r.spec->verb, r.cache) : NULL;
        r.q.cache = cache;
        if (!all_files(&r, &e))
            code = cli_fail(EXIT_COULD_NOT_RUN, "%s: %s", r.spec->verb, e.text);
        else if (r.failed)
            code = EXIT_COULD_NOT_RUN;
        log_cache_close(cache);
    }
    log_files_done(&r.files);
    return code;
}
