/* An in-memory host for tests: facts are set one by one; what was not set is absent. */
#pragma once

#include "host/host.h"

bool host_memory(const struct host_options *options, struct host **out, struct err *e);

void memory_set_value(struct host *h, const char *key, const char *name, uint32_t type,
                      struct span data);
void memory_set_sz(struct host *h, const char *key, const char *name, const char *text);
void memory_set_dword(struct host *h, const char *key, const char *name, uint32_t number);
/* What stands for data that nobody can make (model/told.h); borrowed. */
void memory_tell_value(struct host *h, const char *key, const char *name, struct span data,
                       const struct told_certificate *certificate, const struct told_list *list);
/* Reading this value gives `state` with `reason`. */
void memory_set_value_state(struct host *h, const char *key, const char *name,
                            enum fact_state state, const char *reason);
/* Reading the key (or anything below it) gives `state` with `reason`. */
void memory_set_state(struct host *h, const char *key, enum fact_state state, const char *reason);
void memory_set_file(struct host *h, const char *winpath, struct span bytes);
/* A file that is described (model/told.h) instead of being there byte by byte; borrowed. */
void memory_tell_file(struct host *h, const char *winpath, const struct told_file *told);
void memory_set_file_state(struct host *h, const char *winpath, enum fact_state state,
                           const char *reason);
/* One more process that runs this program, and the files that are loaded into it; without any, no
 * process runs.  With a state: one whose modules cannot be read. */
void memory_set_modules(struct host *h, const char *image, const struct str *paths, size_t count);
void memory_set_modules_state(struct host *h, const char *image, enum fact_state state,
                              const char *reason);
/* What Windows would say of every file; without it nobody is there to be asked.  Borrowed. */
typedef bool memory_opinion(void *context, const struct opinion_query *q, uint32_t *code);
void memory_set_opinion(struct host *h, memory_opinion *opinion, void *context);
/* The bytes of an EVTX or EVT file as the log of a channel. */
void memory_set_log(struct host *h, const char *channel, struct span bytes);
void memory_set_log_state(struct host *h, const char *channel, enum fact_state state,
                          const char *reason);
