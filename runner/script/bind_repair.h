/* What the constructors of repairs share with rule{}, which turns wants into repairs.
 *
 * `service.start` and `eventlog.size` name a state and a repair alike: where a repair is wanted, a
 * wanted state stands for what makes it true (repair_enforce()). */
#pragma once

#include "script/bind.h"

struct remedy *repair_new(lua_State *L, enum remedy_kind kind);

/* The typed value at `index`: dword(5), sz "x". */
struct predicate repair_typed(lua_State *L, int index, const char *what);

/* Fails unless `store` can be the name of a certificate store. */
void repair_check_store(lua_State *L, struct str store, const char *what);

enum { REPAIR_REMEDIES = 64 };

struct repairs {
    struct remedy items[REPAIR_REMEDIES];
    size_t count;
};

void repair_add(lua_State *L, struct repairs *out, const struct remedy *m);

/* Appends what makes `w` true; the script stops where `w` does not say how. */
void repair_enforce(lua_State *L, const struct want *w, struct repairs *out);
