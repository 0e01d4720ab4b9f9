/* Inside of engine_plan(): one file a step. */
#pragma once

#include "actions/kinds.h"
#include "engine/plan.h"
#include "engine/run.h"

struct planning {
    const struct catalogue *catalogue;
    const struct plan_options *options;
    struct arena *a;
    struct session now;
    struct action_list actions;
    struct plan *out;
    size_t manual_cap;
    struct err *e;
};

/* What is left to a person. */
bool planning_manual(struct planning *p, const struct rule *rule, struct str text, struct str why);

/* plan_actions.c: from the results of out->now to actions and manual steps. */
bool planning_actions(struct planning *p);
/* plan_merge.c: one action for what several rules want; none where they want contrary values. */
bool planning_merge(struct planning *p);
/* plan_predict.c: all rules on the host as it will be. */
bool planning_predict(struct planning *p, engine_progress *progress, void *context);
/* plan_policies.c */
bool planning_policies(struct planning *p);
