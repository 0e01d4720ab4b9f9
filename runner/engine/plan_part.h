/* Inside of engine_plan(): one file a step. */
#pragma once

#include "actions/kinds.h"
#include "engine/plan.h"
#include "engine/run.h"

/* Rules whose remedy is roots.refresh. */
struct refresh_request {
    const struct rule **rules;
    size_t count;
    struct str text; /* the remedy as a sentence */
};

struct planning {
    const struct catalogue *catalogue;
    const struct plan_options *options;
    struct arena *a;
    struct session now;
    struct action_list actions;
    struct plan *out;
    struct refresh_request refresh;
    size_t manual_cap;
    struct err *e;
};

/* What is left to a person. */
bool planning_manual(struct planning *p, const struct rule *rule, struct str text, struct str why);

bool planning_add(struct planning *p, const struct action *x);

/* plan_needed.c: roots that a want needs, of its files and thumbprints. */
enum { NEEDED_ROOTS = 256 };
struct needed_roots {
    struct arena *a;
    struct str items[NEEDED_ROOTS]; /* SHA-1, 40 hex digits */
    size_t count;
    size_t incomplete; /* files whose chain lacks its root */
    bool lists;        /* a want is about certificates or lists themselves */
};
bool needed_of(const struct evaluation *v, const struct want *w, struct needed_roots *out);

/* plan_roots.c */
bool planning_roots(struct planning *p, const struct refresh_request *q);

/* plan_actions.c: from the results of out->now to actions and manual steps. */
bool planning_actions(struct planning *p);
/* plan_merge.c: one action for what several rules want; none where they want contrary values. */
bool planning_merge(struct planning *p);
/* plan_predict.c: all rules on the host as it will be. */
bool planning_predict(struct planning *p, engine_progress *progress, void *context);
/* plan_policies.c */
bool planning_policies(struct planning *p);
