#include <stdio.h>

#include "actions/roots.h"
#include "base/text.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/roots.h"

enum { MISSING_SHOWN = 5 };

static const struct args_option options[] = {
    {"from", "SOURCE",
     "windows-update (the default), the http(s) URL of a mirror, or another folder"},
    {"progress", "WHEN", "auto (the default), always, never"},
    {"quiet", NULL, "print nothing but what is wrong"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "roots mirror",
    .synopsis = "DIR [OPTIONS]",
    .about = "Fills a folder with Microsoft's lists of trusted and of disallowed certificates and "
             "with every certificate that the first one names, so that hosts without a network "
             "can be refreshed from it (--set roots.source=DIR), or from a web server in front of "
             "it.  This verb goes to the network; a proxy is taken from http_proxy and "
             "https_proxy, unless it runs through sudo.",
    .options = options,
    .more = "Every file is verified (the lists' signatures, the certificates' hashes) and put in "
            "place whole;\nwhat is there already is not fetched again, so that an interrupted run "
            "goes on where it was.\nA folder with a newer list is left as it is.\n\n"
            "exit codes: 0 the folder is complete, 1 it is not, 64 wrong command line",
};

struct wanted {
    const char *dir, *from;
    enum when_progress progress;
    bool quiet;
};

static void on_progress(void *context, size_t done, size_t total)
{
    (void)context;
    progress_step("certificates", done, total);
}

static void safe_line(FILE *to, const char *before, struct str text)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    sb_terminal(&b, text);
    fprintf(to, "%s%s\n", before, b.ptr ? b.ptr : "");
    sb_done(&b);
}

static void tell(const struct wanted *w, const struct roots_mirror *m)
{
    if (w->quiet)
        return;
    safe_line(stdout, "roots       ", m->roots);
    safe_line(stdout, "disallowed  ", m->disallowed.len ? m->disallowed : STR("none"));
    printf("certificates  %zu fetched, %zu there already, %zu missing\n", m->fetched, m->present,
           m->missing_count);
}

static int complain(const struct roots_mirror *m)
{
    for (size_t i = 0; i < m->note_count; i++)
        safe_line(stderr, "rectify: roots mirror: ", m->notes[i]);
    for (size_t i = 0; i < m->missing_count && i < MISSING_SHOWN; i++)
        safe_line(stderr, "rectify: roots mirror: the source does not have ", m->missing[i]);
    if (m->missing_count > MISSING_SHOWN)
        fprintf(stderr, "rectify: roots mirror: ... and %zu more\n",
                m->missing_count - MISSING_SHOWN);
    return m->missing_count ? EXIT_COULD_NOT_RUN : EXIT_PASS;
}

static int run(const struct wanted *w)
{
    struct arena a;
    struct err e = {0};
    struct roots_source *source = NULL;
    struct roots_mirror got = {0};
    const struct roots_options o = {.source = str_of(w->from)};
    if (!w->quiet)
        safe_line(stderr, "rectify: roots mirror: from ", roots_source_place(o.source));
    arena_init(&a, ARENA_DEFAULT_CAP);
    progress_begin(w->progress);
    progress_step("lists", 0, 0);
    bool ok = roots_source_open(&o, &source, &e) &&
              roots_mirror(source, w->dir, on_progress, NULL, &a, &got, &e);
    progress_end();
    if (ok)
        tell(w, &got);
    int code = ok ? complain(&got) : cli_fail(EXIT_COULD_NOT_RUN, "roots mirror: %s", e.text);
    if (fflush(stdout) != 0)
        code = cli_fail(EXIT_COULD_NOT_RUN, "roots mirror: cannot write to standard output");
    roots_source_close(source);
    arena_done(&a);
    return code;
}

int roots_mirror_verb(int argc, char **argv)
{
    struct args a;
    struct wanted w = {.from = "windows-update"};
    enum args_got got;
    args_begin(&a, &spec, argc, argv);
    while ((got = args_next(&a)) != ARGS_END) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && !w.dir)
            w.dir = a.value;
        else if (got == ARGS_WORD)
            return cli_fail(EXIT_USAGE_ERROR, "roots mirror: more than one folder given");
        else if (args_is(&a, "from"))
            w.from = a.value;
        else if (args_is(&a, "quiet"))
            w.quiet = true;
        else if (!progress_parse(a.value, &w.progress))
            return args_bad_value(&a, "auto, always or never");
    }
    if (!w.dir)
        return cli_fail(EXIT_USAGE_ERROR, "roots mirror: no folder given");
    return run(&w);
}
