/* Inside the engine: what `check`, `facts` and `plan` share about a run. */
#pragma once

#include "engine/evaluate.h"

/* Run id, start, reference time and target; results stay empty. */
bool run_begin(struct host *host, struct arena *a, struct run_report *run, struct err *e);

/* What rules that are evaluated together share: products read, the trust decision.  Neither moves
 * while in use. */
struct session {
    const struct catalogue *catalogue;
    struct host *host;
    struct arena *mem;
    struct product_fact *products;
    struct judge judge;
};

bool session_begin(const struct catalogue *c, struct host *host, struct arena *a,
                   struct session *out, struct err *e);
void session_end(struct session *s);

/* Evaluates the rules into run->results and its summary; their texts live in the session's arena
 * also when the session has ended. */
bool session_run(struct session *s, const struct rule *const *rules, size_t count,
                 engine_progress *progress, void *context, struct run_report *run, struct err *e);

struct evaluation session_evaluation(struct session *s, const struct rule *rule);
