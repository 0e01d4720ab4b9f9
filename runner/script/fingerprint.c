#include "script/fingerprint.h"

#include "script/module.h"
#include "script/thing.h"

static const char pinned_key;

/* Addresses that were seen: open addressing, doubled when half full. */
struct seen {
    const void **slots;
    size_t count, cap;
};

struct visit {
    lua_State *L;
    struct arena *mem;
    struct seen seen;
    int queue;       /* stack index of the list of objects, which also keeps them alive */
    lua_Integer end; /* of the list */
    uint64_t hash;
    size_t work;
    bool full;
};

static void mix(struct visit *v, uint64_t word)
{
    uint64_t h = (v->hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    v->hash = h ^ (h >> 29) ^ (h << 17);
    v->full = v->full || ++v->work > FINGERPRINT_MOST;
}

static void mix_bytes(struct visit *v, const char *p, size_t len)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)p[i]) * UINT64_C(0x100000001B3);
    mix(v, len);
    mix(v, h);
    v->work += len / 64;
}

static size_t slot_of(const struct seen *s, const void *p)
{
    size_t at = (size_t)(((uintptr_t)p >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (s->cap - 1);
    while (s->slots[at] && s->slots[at] != p)
        at = (at + 1) & (s->cap - 1);
    return at;
}

static bool grow(struct visit *v)
{
    struct seen more = {.cap = v->seen.cap ? v->seen.cap * 2 : 256};
    more.slots = ARENA_ARRAY(v->mem, more.cap, const void *);
    if (!more.slots)
        return false;
    for (size_t i = 0; i < v->seen.cap; i++)
        if (v->seen.slots[i])
            more.slots[slot_of(&more, v->seen.slots[i])] = v->seen.slots[i];
    more.count = v->seen.count;
    v->seen = more;
    return true;
}

/* True when the address is new. */
static bool add_seen(struct visit *v, const void *p)
{
    if (v->seen.count * 2 >= v->seen.cap && !grow(v)) {
        v->full = true;
        return false;
    }
    size_t at = slot_of(&v->seen, p);
    if (v->seen.slots[at])
        return false;
    v->seen.slots[at] = p;
    v->seen.count++;
    return true;
}

/* The object on top: queued once. */
static void enqueue(struct visit *v)
{
    const void *p = lua_topointer(v->L, -1);
    mix(v, (uint64_t)(uintptr_t)p);
    if (!add_seen(v, p))
        return;
    lua_pushvalue(v->L, -1);
    lua_rawseti(v->L, v->queue, ++v->end);
}

/* Takes the value on top into account; it stays there. */
static void take(struct visit *v)
{
    lua_State *L = v->L;
    int type = lua_type(L, -1);
    size_t len;
    lua_Number number;
    uint64_t bits = 0;
    mix(v, (uint64_t)(type + 1));
    switch (type) {
    case LUA_TNIL:
        break;
    case LUA_TBOOLEAN:
        mix(v, (uint64_t)lua_toboolean(L, -1));
        break;
    case LUA_TNUMBER:
        number = lua_tonumber(L, -1);
        memcpy(&bits, &number, sizeof number < sizeof bits ? sizeof number : sizeof bits);
        mix(v, lua_isinteger(L, -1) ? (uint64_t)lua_tointeger(L, -1) : bits);
        mix(v, (uint64_t)lua_isinteger(L, -1));
        break;
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, -1, &len);
        mix_bytes(v, text, len);
        break;
    }
    case LUA_TUSERDATA:
        mix(v, (uint64_t)(uintptr_t)thing_any(L, -1)->ptr);
        enqueue(v);
        break;
    default:
        enqueue(v);
    }
}

static void visit_table(struct visit *v)
{
    lua_State *L = v->L;
    mix(v, lua_rawlen(L, -1)); /* of a list with holes it depends on what the table once held */
    for (lua_pushnil(L); !v->full && lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        take(v);
        lua_pop(L, 1);
        take(v);
    }
}

static void visit_function(struct visit *v)
{
    for (int i = 1; !v->full && lua_getupvalue(v->L, -1, i); i++) {
        take(v);
        lua_pop(v->L, 1);
    }
}

bool fingerprint_take(lua_State *L, int index, struct arena *a, uint64_t *out)
{
    index = lua_absindex(L, index);
    luaL_checkstack(L, 12, "fingerprint");
    int top = lua_gettop(L);
    lua_createtable(L, 16, 0);
    struct visit v = {.L = L, .mem = a, .queue = top + 1};
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &pinned_key) == LUA_TNIL) {
        lua_pushvalue(L, v.queue);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &pinned_key);
    }
    lua_settop(L, v.queue);
    lua_pushvalue(L, index);
    take(&v);
    module_push_loaded(L);
    take(&v);
    for (lua_Integer at = 1; at <= v.end && !v.full; at++) {
        lua_settop(L, v.queue);
        int type = lua_rawgeti(L, v.queue, at);
        mix(&v, (uint64_t)at);
        if (type == LUA_TTABLE)
            visit_table(&v);
        else if (type == LUA_TFUNCTION)
            visit_function(&v);
    }
    lua_settop(L, top);
    *out = v.hash;
    return !v.full;
}

void fingerprint_release(lua_State *L)
{
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &pinned_key);
}
