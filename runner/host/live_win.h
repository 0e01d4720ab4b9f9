/* Inside of the live host.  Windows only. */
#pragma once

#include <windows.h>

#include "host/host_ops.h"

struct live {
    struct volume *volume; /* %SystemDrive% */
    bool elevated;
    char drive; /* its letter */
    /* WinVerifyTrust, found when it is first wanted; NULL: nobody is to be asked. */
    INIT_ONCE trust_once;
    FARPROC verify_trust;
};

static inline struct live *live_of(struct host *h)
{
    return h->backend;
}

/* live_registry_win.c */
void live_value(struct host *h, struct str key, struct str name, struct arena *a,
                struct reg_value *out);
void live_key(struct host *h, struct str key, bool list, struct arena *a, struct reg_key *out);

/* live_modules_win.c */
void live_modules(struct host *h, struct str image, struct arena *a, struct modules_fact *out);

/* live_trust_win.c */
bool live_opinion(const struct host *h, const struct opinion_query *query, uint32_t *code);

/* live_log_win.c */
void live_open_log(struct host *h, struct str channel, struct arena *a, struct log_source *out);
