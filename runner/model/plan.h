/* A plan as plain data: ordered actions with their before-images, what the rules say afterwards,
 * and what is left to a person (docs/design.md section 7). */
#pragma once

#include "model/change.h"
#include "model/result.h"

enum action_kind {
    ACTION_REGISTRY_SET,
    ACTION_REGISTRY_DELETE_VALUE,
    ACTION_CERTIFICATE_ADD,
    ACTION_CERTIFICATE_REMOVE,
    ACTION_ROOTS_REFRESH,
    ACTION_EVENTLOG_SIZE,
    ACTION_SERVICE_START,
    ACTION_UPGRADE_FLAG,
    ACTION_UPGRADE_STAGE,
    ACTION_KINDS
};

/* "registry.set", ... */
const char *action_kind_name(enum action_kind k);

/* What `apply --allow` must name. */
enum authority {
    AUTHORITY_REGISTRY = 1,     /* registry.* */
    AUTHORITY_CERTIFICATES = 2, /* certificate.*, roots.refresh */
    AUTHORITY_EVENTLOG = 4,     /* eventlog.size */
    AUTHORITY_SERVICES = 8,     /* service.start */
    AUTHORITY_UPGRADES = 16,    /* upgrade.* */
    AUTHORITIES = 5
};

/* "registry", "certificates", "eventlog", "services", "upgrades"; one bit. */
const char *authority_name(enum authority a);
/* Also takes an action kind's name ("registry.set"); false: no such word. */
bool authority_parse(struct str word, unsigned *bits);
enum authority action_authority(enum action_kind k);

struct action {
    enum action_kind kind;
    const struct rule **rules; /* that asked for it, in order of evaluation */
    size_t rule_count;
    struct str title;       /* one line: what it does to which object */
    struct str note;        /* what a reviewer should know (a restart is needed, ...), or empty */
    struct change *changes; /* in the order in which they are made; none for upgrade.stage.
                               upgrade.flag sets HKLM\SOFTWARE\rectify\UpgradesDue, value
                               <product id> = SZ <version>: what inventories read, what a second
                               plan finds done, and what undo takes back */
    size_t change_count;
    /* What the kind has to say beside its changes, a map in fixed order: upgrade.* product, have,
     * to, package, sha256; roots.refresh lists, sequence numbers, added, removed, distrusted. */
    struct value details;
};

struct prediction {
    const struct rule *rule;
    enum verdict now, then;
    struct str message; /* of `then` */
    bool repaired; /* an action is there for this rule's sake; else a change is a side effect */
};

struct manual_step {
    const struct rule *rule;
    struct str text; /* what a person does */
    struct str why;  /* why no action does it: "no source of roots is named (--set roots.source)" */
};

/* A file that is judged otherwise once the plan is applied. */
struct trust_change {
    struct str path, now, then, reason; /* words of trust, why */
};

struct plan_policy {
    struct str id, path; /* empty path: built in */
    char sha256[65];     /* of all the policy is made of: its file and the modules it uses */
};

struct plan {
    struct run_report now;  /* the check that the plan starts from */
    struct run_report then; /* the same rules on the host as it will be */
    struct action *actions;
    size_t action_count;
    struct prediction *predictions; /* one a rule that was selected or would flip */
    size_t prediction_count;
    struct manual_step *manual;
    size_t manual_count;
    struct trust_change *trust_changes;
    size_t trust_change_count;
    struct plan_policy *policies;
    size_t policy_count;
    /* What `apply` needs to compute the same plan again: options in the order of the command line,
     * as name and value ("set", "window_days=60"). */
    struct value inputs;
    struct str location; /* of the target, absolute; not in the digest */
    char target_id[65];  /* SHA-256 of what tells one Windows from another, see engine/plan.h */
    char digest[65];     /* SHA-256 over all of the above that a reviewer consents to */
};
