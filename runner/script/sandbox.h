/* One private Lua state that hostile text may run in.
 *
 * Invariants: everything, set-up included, happens inside one lua_pcall; C functions called from
 * Lua own nothing (memory is in the arena, so an error that jumps out leaks nothing); no script can
 * make a metatable, catch an error, or reach a function that is not in a binding table.
 * Limits: memory (soft limit: stops at the next instruction, with its line; hard limit: the
 * allocation fails), size of one block, instructions, wall clock.  C functions that loop charge
 * their work with sandbox_charge().  A limit that was hit stays hit. */
#pragma once

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "script/script.h"

_Static_assert(LUA_VERSION_NUM >= 504, "Lua 5.4 or later");

enum { SANDBOX_CHUNKS = 64, SANDBOX_TEXT_MAX = 1 << 20 };

enum sandbox_phase {
    PHASE_POLICY = 1,
    PHASE_PRODUCT = 2,
    PHASE_CHECK = 4,
    PHASE_TEST = 8,
    PHASE_PROFILE = 16,
    PHASE_ALL = 31
};

struct sandbox_chunk {
    struct str path;
    struct span text;
    bool loaded; /* a module whose value is known */
};

/* Where in a source file: what messages begin with. */
struct sandbox_place {
    size_t chunk; /* SANDBOX_CHUNKS = nowhere */
    int line;
};

struct sandbox {
    lua_State *L;
    enum sandbox_phase phase;
    struct arena *mem; /* what survives the state */
    const struct script_modules *modules;
    lua_CFunction body;
    void *context;

    size_t used, soft, hard;
    uint64_t allocations, fail_at; /* tests: from this one on they fail */
    uint64_t instructions, most_instructions;
    uint64_t unpolled; /* work since the clock was last read */
    uint64_t deadline_ms, budget_ms;
    const char *stop; /* why nothing runs any more */
    const struct script_replacement *replace;
    struct script_coverage *coverage; /* NULL: lines are not recorded */
    bool covering;                    /* a check function runs */
    bool parsing;
    bool decided; /* unwinds although nothing failed: a check's verdict is known */

    struct sandbox_chunk chunks[SANDBOX_CHUNKS];
    size_t chunk_count;
    struct arena patterns; /* regular expressions that this call compiled */
    size_t pattern_count;
    size_t kept;                  /* bytes in use when the state was settled; 0 = it is not kept */
    struct sandbox_place ran_out; /* where an allocation failed last */
    struct err failure;
};

/* Makes a state, opens the language and the bindings of `phase`, runs `body`, closes the state.
 * False: `e` holds "file:line: message". */
bool sandbox_run(struct sandbox *s, const struct script_limits *limits, lua_CFunction body,
                 void *context, struct err *e);

/* The same in steps, for a state that runs several bodies: each call has all of the limits for
 * itself (memory: beyond what was in use when sandbox_settle() was called).  A call that failed
 * leaves a state that is only good for closing. */
bool sandbox_call(struct sandbox *s, const struct script_limits *limits, lua_CFunction body,
                  void *context, struct err *e);
void sandbox_settle(struct sandbox *s);
void sandbox_close(struct sandbox *s);

struct sandbox *sandbox_of(lua_State *L);

/* Pushes the compiled chunk (text only), its environment set. */
void sandbox_load(lua_State *L, struct str path, struct span text);

/* Stops the script: "place: message".  The nearest Lua function's line unless one is given. */
_Noreturn void sandbox_fail(lua_State *L, const char *fmt, ...) PRINTF_LIKE(2, 3);
_Noreturn void sandbox_fail_at(lua_State *L, struct sandbox_place at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
struct sandbox_place sandbox_here(lua_State *L);

/* The innermost failure is already recorded (or the verdict decided): unwinds. */
_Noreturn void sandbox_unwind(lua_State *L);

/* Counts work done in C against the instruction budget, and looks at the clock. */
void sandbox_charge(lua_State *L, uint64_t work);

/* Stops the script when the arena ran out: what a fact holds may then be cut short. */
void sandbox_check_memory(lua_State *L);

/* Before a fact is read: stops the script unless there is room for an ordinary one. */
void sandbox_reserve(lua_State *L);

/* Arena memory, or the script stops. */
void *sandbox_alloc(lua_State *L, size_t count, size_t size);
struct str sandbox_str(lua_State *L, struct str text);
struct str sandbox_checkstr(lua_State *L, int arg, const char *what);

#define SANDBOX_ARRAY(L, count, type) ((type *)sandbox_alloc((L), (count), sizeof(type)))
