/* End to end: every sample host, every rule, from files on disk to the exit code. */
#include "check.h"
#include "sample_hosts.h"
#include "sample_pki.h"

#include "base/wtime.h"
#include "engine/engine.h"

#include "system.h"

static char scratch[64] = "/tmp/rectify-hosts-XXXXXX";

static bool open_sample(const char *name, struct host **out, struct err *e)
{
    char dir[256];
    struct volume *volume = NULL;
    struct host_options options = {.jobs = 1};
    snprintf(dir, sizeof dir, "%s/%s", scratch, name);
    (void)wtime_parse(str_of(SAMPLE_HOST_NOW), &options.now);
    return sample_host_write(name, dir, e) && volume_open_tree(dir, COMPLETE_DETECT, &volume, e) &&
           host_offline(volume, &options, out, e);
}

#define P VERDICT_PASS
#define F VERDICT_FAIL
#define U VERDICT_UNKNOWN
#define C VERDICT_CONFLICT
#define N VERDICT_NOT_APPLICABLE

enum { RULES = 12, TRUST_RULES = 13 };

/* In the order of the policy's rules. */
static const struct {
    const char *host;
    enum verdict verdict[RULES];
    int exit_code;
} table[] = {
    /* patches  agent   events hooks files roots  log service loaded: not of what does not run */
    {"healthy", {P, P, P, P, P, P, P, P, P, P, N, N}, 0},
    {"unpatched", {F, F, P, P, F, P, P, P, F, P, N, N}, 2},
    {"agent45", {P, F, F, F, F, P, P, P, P, P, N, N}, 2},
    {"xp", {P, F, P, P, F, P, P, P, P, P, N, N}, 2},
    {"server2003", {P, F, P, P, P, P, P, P, P, P, N, N}, 2},
    {"shortlog", {P, P, P, P, U, P, P, P, P, P, N, N}, 3},
    {"conflict", {C, C, P, P, P, P, P, P, P, P, N, N}, 3},
    {"nomcafee", {N, N, N, N, P, P, P, P, P, N, N, N}, 0},
    {"japanese", {F, F, P, P, F, P, P, P, F, P, N, N}, 2},
    {"damaged", {U, U, U, U, U, U, U, U, U, U, N, N}, 3},
    {"dirty", {P, P, P, P, P, P, P, P, P, P, N, N}, 0},
    {"hotfix", {P, F, P, P, P, P, P, P, P, P, N, N}, 2},
    {"hooked", {P, P, P, P, P, F, P, P, P, P, N, N}, 2},
    {"agentdlls", {P, P, P, F, P, P, P, P, P, P, N, N}, 2},
    {"noroot", {P, P, P, P, P, F, F, F, P, P, N, N}, 2}, /* a hook is nobody's without the root */
    {"catalogs", {P, P, P, P, P, P, P, P, P, P, N, N}, 0},
    {"tampered", {P, P, P, F, P, P, F, P, P, P, N, N}, 2},
    {"expired", {P, P, P, F, P, P, P, P, P, P, N, N}, 2},
    {"disallowed", {P, P, P, F, P, P, P, P, P, P, N, N}, 2},
    {"forged", {P, P, P, P, P, P, F, F, P, P, N, N}, 2},
    {"words", {P, P, P, P, P, P, P, P, P, P, N, N}, 0},
    {"lists", {P, P, P, P, P, P, P, P, P, P, N, N}, 0}, /* its lists' root is the test's */
};

/* The second pack, in the order of its file: lists, updates (2), source of the lists, roots (2),
 * what gets into every process (3), sizes of the System, Security and Application logs. */
static const struct {
    const char *host;
    enum verdict verdict[TRUST_RULES];
} trust_table[] = {
    {"healthy", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"unpatched", {P, P, P, P, P, N, P, P, P, P, F, P, P}},
    {"agent45", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"xp", {P, P, P, P, P, N, P, P, P, P, F, P, P}},
    {"server2003", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"shortlog", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"conflict", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"nomcafee", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"japanese", {P, P, P, P, P, N, P, P, P, P, F, P, P}},
    {"damaged", {P, P, P, P, P, U, U, U, U, P, P, P, P}},
    {"dirty", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"hotfix", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"hooked", {P, P, P, P, P, N, P, F, U, P, P, P, P}},
    {"agentdlls", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"noroot", {F, F, F, F, P, N, P, P, F, P, P, P, P}},
    {"catalogs", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"tampered", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"expired", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"disallowed", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"forged", {U, U, P, P, P, U, U, P, P, P, P, P, P}},
    {"words", {P, P, P, P, P, N, P, P, P, P, P, P, P}},
    {"lists", {P, P, P, P, P, P, P, P, P, P, P, P, P}},
};

/* Verdicts of the rules from `first` on. */
static void check_verdicts(const struct run_report *run, const char *host, size_t first,
                           const enum verdict *wanted, size_t count)
{
    for (size_t i = 0; i < count && first + i < run->result_count; i++) {
        const struct result *r = &run->results[first + i];
        if (r->verdict == wanted[i])
            continue;
        fprintf(stderr, "%s %s: %s, want %s: " STR_FMT "\n", host, r->rule->id.ptr,
                verdict_name(r->verdict), verdict_name(wanted[i]), STR_ARG(r->message));
        test_failures++;
    }
}

static void check_host(const struct catalogue *c, size_t row)
{
    struct host *host = NULL;
    struct err e = {0};
    struct arena mem;
    struct run_report run = {0};
    const char *name = table[row].host;
    arena_init(&mem, ARENA_DEFAULT_CAP);
    bool ok = open_sample(name, &host, &e) && engine_check(c, host, NULL, NULL, &mem, &run, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", name, e.text);
    CHECK(ok);
    CHECK_U64(run.result_count, RULES + TRUST_RULES);
    check_verdicts(&run, name, 0, table[row].verdict, RULES);
    CHECK(strcmp(trust_table[row].host, name) == 0);
    check_verdicts(&run, name, RULES, trust_table[row].verdict, TRUST_RULES);
    if (ok)
        CHECK_U64(engine_exit_code(&run), table[row].exit_code);
    host_close(host);
    arena_done(&mem);
}

TEST(verdicts_of_all_sample_hosts)
{
    struct engine_options options = {0};
    X509 *list_root = pki(PKI_LIST_ROOT)->x509;
    options.trust.list_roots = &list_root;
    options.trust.list_root_count = 1;
    struct catalogue c;
    struct err e = {0};
    CHECK(temp_folder(scratch));
    CHECK(catalogue_load(&options, &c, &e));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_host(&c, i);
    catalogue_done(&c);
    /* A host without a row would not be looked at. */
    size_t hosts = 0;
    while (sample_host_name(hosts, NULL))
        hosts++;
    CHECK_U64(hosts, sizeof table / sizeof *table);
    CHECK(remove_all(scratch));
}

TEST_MAIN()
