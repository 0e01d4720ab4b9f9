/* From a remedy to the changes of one host: what an action would write, with the before-images that
 * the host holds now.  Nothing is written.  Every kind is one file.
 *
 * A state that is already so gives no action.  What cannot be planned (a value that cannot be read,
 * a service that does not exist) gives none either, and a reason for whoever has to do it. */
#pragma once

#include "host/place.h"
#include "model/plan.h"

struct action_request {
    struct host *host;
    const struct rule *rule;
    const struct remedy *remedy;
    struct arena *a;
    uint64_t log_bytes;         /* EVENTLOG_SIZE by window_days: what the log's growth asks for */
    struct str product, have;   /* UPGRADE: the product's name and version now, empty = not known */
    struct str stage, source;   /* UPGRADE_STAGE: --set upgrade.stage and upgrade.source */
    const struct str *unstaged; /* packages that count as not staged: see plan_options */
    size_t unstaged_count;
};

/* What a remedy came to. */
struct action_list {
    struct action *items;
    size_t count, cap;
    struct str why; /* why nothing, or not all, could be planned; empty: everything was */
};

/* One per kind; false: memory ran out. */
bool action_registry_set(const struct action_request *q, struct action_list *out);
bool action_registry_delete_value(const struct action_request *q, struct action_list *out);
bool action_certificate_add(const struct action_request *q, struct action_list *out);
bool action_certificate_remove(const struct action_request *q, struct action_list *out);
bool action_eventlog_size(const struct action_request *q, struct action_list *out);
bool action_service_start(const struct action_request *q, struct action_list *out);
bool action_upgrade_flag(const struct action_request *q, struct action_list *out);
bool action_upgrade_stage(const struct action_request *q, struct action_list *out);

/* ---- what the kinds share (change_make.c) ---------------------------------------------------- */

/* An argument of the remedy, an input reference replaced; NULL or empty where it is not there. */
const struct value *request_arg(const struct action_request *q, const char *name);
struct str request_text(const struct action_request *q, const char *name);

/* The change of one value, from what is there to `after`. False: it cannot be made, out->why says
 * why.  `*same`: the host holds it already. */
bool change_make(const struct action_request *q, struct str key, struct str name,
                 enum reg_view view, const struct reg_image *after, struct change *change,
                 bool *same, struct action_list *out);

/* Appends an action of one change (NULL: none) for the request's rule. */
struct action *action_add(const struct action_request *q, struct action_list *out,
                          enum action_kind kind, const struct change *change, struct str title);

/* Remembers the first reason. */
void action_refuse(struct action_list *out, struct str why);

/* A DWORD as it is stored, in the arena. */
struct reg_image image_dword(struct arena *a, uint32_t number);
struct reg_image image_sz(struct arena *a, struct str text);
