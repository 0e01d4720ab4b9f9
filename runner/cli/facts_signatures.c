#include <pthread.h>
#include <string.h>

#include "base/wtime.h"
#include "cli/cli.h"
#include "cli/cores.h"
#include "cli/host_glob.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/signature_rows.h"
#include "cli/target.h"

#define DEFAULT_GLOB "%SystemRoot%\\System32\\*"

enum { JOBS_MAX = 64, SCRATCH = 64 << 20, ROWS = 1 << 30 };

static const char *const formats[] = {"terminal", "jsonl", "csv", NULL};

static const struct args_option options[] = {
    TARGET_OPTIONS,
    TARGET_CACHE_OPTION,
    {"all", NULL, "a pattern that ends with * takes every file, not only executables"},
    {"format", "NAME[:FILE]", "terminal, jsonl or csv, repeatable; to a file or to stdout"},
    {"color", "WHEN", "auto, always or never"},
    {"progress", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "facts",
    .synopsis = "--root DIR | --archive FILE signatures [PATH-GLOB] [OPTIONS]",
    .about = "Verifies files of a host as that host would, by its own certificate stores, lists "
             "and catalogs, at the reference time.  PATH-GLOB is a Windows path with *, ? and ** "
             "(any number of folders); the default is " DEFAULT_GLOB ".",
    .options = options,
    .more = "exit codes: 0 shown (whatever the words), 1 could not run or no file matches,\n"
            "            64 wrong command line",
};

struct request {
    struct target_options target;
    struct outputs outputs;
    enum when_colour colour;
    enum when_progress progress;
    const char *glob;
    bool all;
};

bool facts_wants_signatures(int argc, char **argv)
{
    static const char *const valued[] = {"--root",   "--archive", "--at",       "--jobs",
                                         "--format", "--color",   "--progress", "--cache"};
    for (int i = 1; i < argc; i++) {
        bool value = false;
        for (size_t k = 0; k < sizeof valued / sizeof *valued; k++)
            value = value || strcmp(argv[i - 1], valued[k]) == 0;
        if (!value && strcmp(argv[i], "signatures") == 0)
            return true;
    }
    return false;
}

static int option(struct request *q, const struct args *a)
{
    struct err e = {0};
    int taken = target_option(a, &q->target);
    if (taken)
        return taken < 0 ? EXIT_USAGE_ERROR : -1;
    if (args_is(a, "all"))
        q->all = true;
    if (args_is(a, "format") && !outputs_add(&q->outputs, a->value, formats, &e))
        return cli_fail(EXIT_USAGE_ERROR, "facts signatures: %s", e.text);
    if ((args_is(a, "color") && !colour_parse(a->value, &q->colour)) ||
        (args_is(a, "progress") && !progress_parse(a->value, &q->progress)))
        return args_bad_value(a, "auto, always or never"), EXIT_USAGE_ERROR;
    return -1;
}

static int parse(struct request *q, int argc, char **argv)
{
    struct args a;
    bool word = false;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && (q->glob || (!word && strcmp(a.value, "signatures") != 0)))
            return cli_fail(EXIT_USAGE_ERROR, "facts signatures: unexpected argument %s", a.value);
        if (got == ARGS_WORD && word)
            q->glob = a.value;
        if (got == ARGS_WORD) {
            word = true;
            continue;
        }
        int code = option(q, &a);
        if (code >= 0)
            return code;
    }
    if (!q->glob)
        q->glob = DEFAULT_GLOB;
    if (q->outputs.count == 0)
        q->outputs.item[q->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

/* ---- the work -------------------------------------------------------------------------------- */

struct work {
    struct trust *trust;
    const struct host_glob *files;
    struct signature_row *rows;
    pthread_mutex_t lock;
    size_t next, done; /* under the lock */
};

struct worker {
    struct work *work;
    struct arena rows; /* text of this thread's rows */
    pthread_t thread;
    bool started;
};

static void judge(struct worker *w, size_t i, struct arena *scratch)
{
    struct trust_verdict v;
    struct str reason = {NULL, 0};
    struct str path = w->work->files->paths[i];
    enum fact_state state = trust_file(w->work->trust, path, VIEW_NATIVE, scratch, &v, &reason);
    signature_row_fill(&w->work->rows[i], path, state, reason, &v, &w->rows);
}

static void *run_worker(void *arg)
{
    struct worker *w = arg;
    struct work *work = w->work;
    struct arena scratch;
    arena_init(&scratch, SCRATCH);
    for (;;) {
        pthread_mutex_lock(&work->lock);
        size_t i = work->next++;
        if (i <= work->files->count)
            progress_step("signatures", work->done, work->files->count);
        pthread_mutex_unlock(&work->lock);
        if (i >= work->files->count)
            break;
        arena_reset(&scratch);
        judge(w, i, &scratch);
        pthread_mutex_lock(&work->lock);
        work->done++;
        pthread_mutex_unlock(&work->lock);
    }
    arena_done(&scratch);
    return NULL;
}

static bool judge_all(struct work *work, struct worker *workers, unsigned jobs)
{
    bool ok = true;
    for (unsigned i = 0; i < jobs; i++) {
        workers[i].work = work;
        arena_init(&workers[i].rows, ROWS);
    }
    /* This thread works too; fewer threads than asked for only take longer. */
    for (unsigned i = 1; i < jobs; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) == 0;
    run_worker(&workers[0]);
    for (unsigned i = 1; i < jobs; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    for (unsigned i = 0; i < jobs; i++)
        ok = ok && !workers[i].rows.full;
    return ok;
}

static bool write_all(const struct request *q, struct host *h, const struct work *work,
                      struct err *e)
{
    bool ok = true;
    for (size_t i = 0; i < q->outputs.count && ok; i++) {
        const struct output *o = &q->outputs.item[i];
        struct sb bytes;
        struct report_style style = output_style(o, q->colour);
        struct signature_rows rows = {work->rows, work->files->count, host_reference(h)->time};
        sb_init(&bytes, (size_t)1 << 31);
        if (strcmp(o->format, "jsonl") == 0)
            signature_rows_jsonl(&rows, &bytes);
        else if (strcmp(o->format, "csv") == 0)
            signature_rows_csv(&rows, &bytes);
        else
            signature_rows_terminal(&rows, &style, &bytes);
        ok = !bytes.bad || err_set(e, ERR_LIMIT, 0, "the output is too large");
        ok = ok && output_write(o, &bytes, e);
        sb_done(&bytes);
    }
    return ok;
}

static bool run(const struct request *q, struct host *h, const struct host_glob *files,
                struct err *e)
{
    struct trust_options fast = {.no_file_hash = true};
    struct work work = {.files = files};
    unsigned jobs = q->target.jobs ? q->target.jobs : cores();
    if (jobs > JOBS_MAX)
        jobs = JOBS_MAX;
    if (jobs > files->count)
        jobs = (unsigned)files->count;
    struct worker *workers = calloc(jobs, sizeof *workers);
    work.rows = calloc(files->count, sizeof *work.rows);
    bool ok = (workers && work.rows) || err_set(e, ERR_NOMEM, 0, "out of memory");
    ok = ok && trust_open(h, &fast, &work.trust, e);
    if (ok) {
        pthread_mutex_init(&work.lock, NULL);
        progress_begin(q->progress);
        ok = judge_all(&work, workers, jobs) || err_set(e, ERR_NOMEM, 0, "out of memory");
        progress_end();
        ok = ok && write_all(q, h, &work, e);
        pthread_mutex_destroy(&work.lock);
        for (unsigned i = 0; i < jobs; i++)
            arena_done(&workers[i].rows);
        trust_close(work.trust);
    }
    free(work.rows);
    free(workers);
    return ok;
}

int facts_signatures(int argc, char **argv)
{
    struct request q = {0};
    struct host *host = NULL;
    struct host_glob files;
    struct arena mem;
    struct err e = {0};
    int code = parse(&q, argc, argv);
    if (code >= 0)
        return code;
    code = target_open("facts", &q.target, &host);
    if (code)
        return code;
    arena_init(&mem, ARENA_DEFAULT_CAP);
    if (!host_glob(host, str_of(q.glob), q.all, &mem, &files, &e))
        code = cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN,
                        "facts signatures: %s", e.text);
    else if (files.count == 0)
        code = cli_fail(EXIT_COULD_NOT_RUN, "facts signatures: no file matches %s", q.glob);
    else if (!run(&q, host, &files, &e))
        code = cli_fail(EXIT_COULD_NOT_RUN, "facts signatures: %s", e.text);
    if (code == 0 && files.unread)
        cli_fail(0, "%zu folders could not be listed, the first: " STR_FMT, files.unread,
                 STR_ARG(files.unread_why));
    arena_done(&mem);
    host_close(host);
    return code;
}
