/* The only maker of `struct writer`, and so the only way to change a target.
 *
 * It takes what a person consented to (digest and target of the plan file), the plan that was
 * recomputed from policies and target, the authorities that were allowed, and a journal that is
 * bound to both and flushed.  It refuses with one line: another target, another plan, an authority
 * that is missing (named), a journal that is not ready.  A dry run calls none of this: it has
 * neither journal nor backend to ask with. */
#pragma once

#include "actions/journal.h"
#include "actions/writer.h"

/* What the plan file says; nothing else of it counts. */
struct gate_consent {
    char digest[SHA256_HEX], target[SHA256_HEX];
};

/* How a target is opened for writing (offline tree, tests' memory; live Windows). */
struct gate_backend {
    /* `id` and `time` are the journal's: what is set aside is named after the one, keys that are
     * written get the other. */
    bool (*open)(void *context, const char *id, uint64_t time, const struct writer_ops **ops,
                 void **backend, struct err *e);
    void *context;
};

/* Before anything is prepared: target, digest, authorities, in this order. */
bool gate_check(const struct plan *recomputed, const struct gate_consent *consent, unsigned allowed,
                struct err *e);

/* gate_check(), a journal in state PREPARED, WRITING or WRITTEN that is bound to this plan and
 * target, and then the backend. */
bool gate_apply(const struct plan *recomputed, const struct gate_consent *consent, unsigned allowed,
                const struct journal *journal, uint64_t time, const struct gate_backend *backend,
                struct writer **out, struct err *e);

/* For taking back: a journal that is prepared and not undone yet, bound to the target that is
 * there.
 */
bool gate_undo(const char *target, const struct journal *journal, uint64_t time,
               const struct gate_backend *backend, struct writer **out, struct err *e);
