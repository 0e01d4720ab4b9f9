/* The gate: what it refuses, in which order, and that it never opens a backend then. */
#include "check.h"

#include "actions/gate.h"
#include "system.h"

#define HEX16 "0123456789abcdef"
#define DIGEST HEX16 HEX16 HEX16 HEX16
#define TARGET "ff" HEX16 HEX16 HEX16 "0123456789abcd"

static int opened;

static void nothing_to_close(void *backend)
{
    (void)backend;
}

static const struct writer_ops ops = {.close = nothing_to_close};

static bool open_backend(void *context, const char *id, uint64_t time,
                         const struct writer_ops **out, void **backend, struct err *e)
{
    (void)context;
    (void)e;
    CHECK(strcmp(id, HEX16) == 0 && time == 5);
    *out = &ops;
    *backend = NULL;
    opened++;
    return true;
}

static const struct gate_backend backend = {open_backend, NULL};

struct gate_case {
    struct plan plan;
    struct action actions[2];
    struct gate_consent consent;
    struct journal *journal;
    char folder[40], path[64];
};

static void begin(struct gate_case *g)
{
    struct err e = {0};
    *g = (struct gate_case){.plan = {.digest = DIGEST, .target_id = TARGET, .action_count = 2},
                            .consent = {DIGEST, TARGET}};
    g->actions[0].kind = ACTION_CERTIFICATE_ADD;
    g->actions[1].kind = ACTION_SERVICE_START;
    g->plan.actions = g->actions;
    snprintf(g->folder, sizeof g->folder, "/tmp/rectify-gate-XXXXXX");
    CHECK(temp_folder(g->folder));
    snprintf(g->path, sizeof g->path, "%s/journal", g->folder);
    CHECK(journal_create(g->path, &g->journal, &e));
    opened = 0;
}

static void prepare(struct gate_case *g, const char *digest, const char *target)
{
    struct err e = {0};
    struct journal_data d = {.id = HEX16, .time = 5};
    snprintf(d.plan, sizeof d.plan, "%s", digest);
    snprintf(d.target, sizeof d.target, "%s", target);
    CHECK(journal_prepare(g->journal, &d, &e));
}

static void end(struct gate_case *g)
{
    journal_close(g->journal);
    CHECK(remove_all(g->folder));
}

static const unsigned both = AUTHORITY_CERTIFICATES | AUTHORITY_SERVICES;

static bool refused(struct gate_case *g, unsigned allowed, const char *words)
{
    struct err e = {0};
    struct writer *w = NULL;
    bool ok = gate_apply(&g->plan, &g->consent, allowed, g->journal, 5, &backend, &w, &e);
    if (ok)
        writer_close(w);
    else if (!strstr(e.text, words))
        fprintf(stderr, "refused with \"%s\", not \"%s\"\n", e.text, words);
    return !ok && strstr(e.text, words) && !strchr(e.text, '\n') && opened == 0;
}

TEST(all_must_fit)
{
    struct gate_case g;
    struct err e = {0};
    struct writer *w = NULL;
    begin(&g);
    CHECK(refused(&g, both, "no journal is ready"));
    prepare(&g, DIGEST, TARGET);
    CHECK(refused(&g, 0, "--allow certificates,services"));
    CHECK(refused(&g, AUTHORITY_CERTIFICATES, "--allow services"));
    CHECK(refused(&g, ~both, "--allow certificates,services"));
    g.consent.digest[3] = '!';
    CHECK(refused(&g, both, "would be another one"));
    g.consent.target[3] = '!';
    CHECK(refused(&g, both, "another target"));
    g.consent = (struct gate_consent){DIGEST, TARGET};
    CHECK(gate_apply(&g.plan, &g.consent, both, g.journal, 5, &backend, &w, &e) && opened == 1);
    writer_close(w);
    end(&g);
}

TEST(a_journal_of_something_else_is_refused)
{
    struct gate_case g;
    begin(&g);
    prepare(&g, TARGET, TARGET);
    CHECK(refused(&g, both, "journal belongs"));
    end(&g);
    begin(&g);
    prepare(&g, DIGEST, DIGEST);
    CHECK(refused(&g, both, "journal belongs"));
    end(&g);
}

TEST(states_decide_which_way_is_open)
{
    struct gate_case g;
    struct err e = {0}, e2 = {0}, e3 = {0};
    struct writer *w = NULL;
    begin(&g);
    CHECK(!gate_undo(TARGET, g.journal, 5, &backend, &w, &e) && opened == 0);
    prepare(&g, DIGEST, TARGET);
    CHECK(journal_mark(g.journal, JOURNAL_UNDOING, (struct str){NULL, 0}, &e2));
    CHECK(refused(&g, both, "no journal is ready"));
    CHECK(!gate_undo(DIGEST, g.journal, 5, &backend, &w, &e3) && opened == 0);
    CHECK(strstr(e3.text, "another target") != NULL);
    CHECK(gate_undo(TARGET, g.journal, 5, &backend, &w, &e2) && opened == 1);
    writer_close(w);
    CHECK(journal_mark(g.journal, JOURNAL_UNDONE, (struct str){NULL, 0}, &e2));
    opened = 0;
    CHECK(refused(&g, both, "no journal is ready"));
    CHECK(!gate_undo(TARGET, g.journal, 5, &backend, &w, &e) && opened == 0);
    end(&g);
}

TEST_MAIN()
