#include "cli/cli.h"

#include <libdeflate.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <string.h>

#include "base/regex.h"
#include "base/text.h"
#include "cli/process.h"
#include "host/libarchive.h"
#include "model/value_json.h"
#include "net/fetch.h"
#include "script/script.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
} verbs[] = {
    {"check", verb_check, "evaluate policies on a Windows volume and report"},
    {"plan", verb_plan, "plan what would put failures right, and predict the verdicts"},
    {"apply", verb_apply, "apply a plan, verify it, take it back where it does not hold"},
    {"undo", verb_undo, "take back what apply wrote, from its journal"},
    {"facts", verb_facts, "show what is known of a host: identity, products, services, logs"},
    {"inspect", verb_inspect, "read one artefact without a policy: evtx, hive, pe, cat, ..."},
    {"policy", verb_policy, "list, show, explain, write, test and lint policies"},
    {"schedule", verb_schedule, "run a check once a day: install, show, remove"},
    {"roots", verb_roots, "fill a folder with Microsoft's root certificates: mirror"},
};

enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

static char last_failure[1024];

const char *cli_last_failure(void)
{
    return last_failure;
}

int cli_fail(int code, const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct sb safe;
    sb_init(&safe, 1 << 16);
    sb_terminal(&safe, str_of(text));
    fprintf(stderr, "rectify: %s\n", safe.ptr ? safe.ptr : "");
    snprintf(last_failure, sizeof last_failure, "%s", safe.ptr ? safe.ptr : "");
    sb_done(&safe);
    return code;
}

static int version(void)
{
    printf("rectify %s\n", RECTIFY_VERSION);
    printf("%s, %s, libdeflate %s, %s\n", script_lua_release(), OpenSSL_version(OPENSSL_VERSION),
           LIBDEFLATE_VERSION_STRING,
           libarchive_load(NULL) ? archive_version_details() : "no libarchive");
    printf("PCRE2 %s, jansson %s, %s\n", regex_release(), value_json_release(), fetch_release());
    return EXIT_PASS;
}

static void usage(FILE *out)
{
    fputs("usage: rectify VERB [OPTIONS]\n\n"
          "Checks Windows hosts against policies, and puts right what is wrong: the running\n"
          "Windows, a mounted image, an extracted triage collection, or a collection zip.\n\n"
          "verbs:\n",
          out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].about);
    fputs("\n  --help     this text; rectify VERB --help tells a verb's options\n"
          "  --version  versions of rectify and of its libraries\n\n"
          "first check:  rectify check --root /mnt/image   (on Windows: rectify check)\n\n"
          "exit codes:   0 nothing failed, 1 could not run, 2 a rule failed,\n"
          "              3 nothing failed but something is unknown, 64 wrong command line\n",
          out);
}

static int unknown_verb(const char *word)
{
    const char *hint = NULL;
    for (size_t i = 0; i < VERB_COUNT && !hint; i++)
        if (text_distance(str_of(word), str_of(verbs[i].name)) <= 2)
            hint = verbs[i].name;
    return cli_fail(EXIT_USAGE_ERROR, "unknown verb %s%s%s%s; see rectify --help", word,
                    hint ? ", did you mean " : "", hint ? hint : "", hint ? "?" : "");
}

int cli_main(int argc, char **argv)
{
    /* No setlocale(): numbers and case rules must not depend on the analyst's machine. */
    process_begin();
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE_ERROR;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return fflush(stdout) == 0 ? EXIT_PASS : EXIT_COULD_NOT_RUN;
    }
    if (strcmp(argv[1], "--version") == 0)
        return version();
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return unknown_verb(argv[1]);
}
