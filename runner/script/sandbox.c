#include "script/sandbox.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/text.h"
#include "script/bind.h"

enum {
    BLOCK_SOFT = 4 << 20, /* one block: past it the script stops at its next instruction */
    BLOCK_HARD = 16 << 20,
    HOOK_PERIOD = 1000,
    ALLOCATION_POLL = 1 << 20, /* bytes between looks at the clock */
    FACT_RESERVE = 64 << 10    /* the arena has at least this left when a fact is read */
};

struct sandbox *sandbox_of(lua_State *L)
{
    struct sandbox *s;
    memcpy(&s, lua_getextraspace(L), sizeof s);
    return s;
}

static void on_hook(lua_State *L, lua_Debug *ar);
static bool chunk_of(const char *source, size_t *chunk);

/* lua_sethook() may be called at any moment, also from an allocator. */
static void stop_soon(struct sandbox *s, const char *why)
{
    if (!s->stop)
        s->stop = why;
    if (s->L)
        lua_sethook(s->L, on_hook, LUA_MASKCOUNT, 1);
}

static void look_at_clock(struct sandbox *s)
{
    s->unpolled = 0;
    if (clock_ms() >= s->deadline_ms)
        stop_soon(s, "time");
}

static void *allocate(void *context, void *ptr, size_t osize, size_t nsize)
{
    struct sandbox *s = context;
    size_t old = ptr ? osize : 0; /* osize is a type tag where ptr is NULL */
    if (nsize == 0) {
        free(ptr);
        s->used -= old;
        return NULL;
    }
    if (nsize > old) {
        s->allocations++;
        if ((s->fail_at && s->allocations >= s->fail_at) || nsize > BLOCK_HARD ||
            nsize - old > s->hard - s->used) {
            if (s->L) /* Lua tells nobody where memory ran out */
                s->ran_out = sandbox_here(s->L);
            return NULL;
        }
        if (nsize > BLOCK_SOFT || nsize - old > s->soft - (s->used < s->soft ? s->used : s->soft))
            stop_soon(s, "memory");
        s->unpolled += nsize;
        if (s->unpolled > ALLOCATION_POLL)
            look_at_clock(s);
    }
    void *p = realloc(ptr, nsize);
    if (!p && nsize <= old)
        p = ptr; /* Lua relies on shrinking never to fail */
    else if (p)
        s->used = s->used - old + nsize;
    return p;
}

_Noreturn static void raise_stop(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);
    if (strcmp(s->stop, "time") == 0)
        sandbox_fail(L, "ran longer than its %llu ms", (unsigned long long)s->budget_ms);
    if (strcmp(s->stop, "memory") == 0)
        sandbox_fail(L, "used more than its %zu KiB of memory", s->soft >> 10);
    sandbox_fail(L, "executed more than its %llu instructions",
                 (unsigned long long)s->most_instructions);
}

/* The line that begins to run, or the lines of the function that is called. */
static void cover(lua_State *L, struct sandbox *s, lua_Debug *ar)
{
    size_t chunk;
    if (!s->covering || !lua_checkstack(L, 8) || !lua_getinfo(L, "Sl", ar) ||
        !chunk_of(ar->source, &chunk) || chunk >= s->chunk_count)
        return;
    struct covered_file *f =
        script_coverage_file(s->coverage, s->chunks[chunk].path, s->chunks[chunk].text);
    if (ar->event == LUA_HOOKLINE) {
        script_coverage_mark(f, ar->currentline, LINE_CODE | LINE_RAN);
        return;
    }
    lua_getinfo(L, "L", ar);
    if (lua_istable(L, -1))
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
            script_coverage_mark(f, (int)lua_tointeger(L, -2), LINE_CODE);
    lua_pop(L, 1);
}

static void on_hook(lua_State *L, lua_Debug *ar)
{
    struct sandbox *s = sandbox_of(L);
    if (s->coverage && !s->stop && ar->event != LUA_HOOKCOUNT) {
        cover(L, s, ar);
        return;
    }
    if (!s->stop) {
        s->instructions += HOOK_PERIOD;
        if (s->instructions > s->most_instructions)
            stop_soon(s, "instructions");
        look_at_clock(s);
    }
    if (s->stop)
        raise_stop(L);
}

void sandbox_charge(lua_State *L, uint64_t work)
{
    struct sandbox *s = sandbox_of(L);
    s->instructions += work;
    s->unpolled += work * 64;
    if (s->instructions > s->most_instructions)
        stop_soon(s, "instructions");
    if (s->unpolled > ALLOCATION_POLL)
        look_at_clock(s);
    if (s->stop)
        raise_stop(L);
}

/* ---- errors -------------------------------------------------------------------------------- */

/* Chunks are called "=@N", so that Lua's own messages begin with "@N:line: " whatever the path. */
static bool chunk_of(const char *source, size_t *chunk)
{
    if (source[0] == '=')
        source++;
    if (source[0] != '@' || source[1] < '0' || source[1] > '9')
        return false;
    *chunk = (size_t)strtoul(source + 1, NULL, 10);
    return *chunk < SANDBOX_CHUNKS;
}

struct sandbox_place sandbox_here(lua_State *L)
{
    struct sandbox_place at = {SANDBOX_CHUNKS, 0};
    lua_Debug ar;
    for (int level = 0; level < 64 && lua_getstack(L, level, &ar); level++)
        if (lua_getinfo(L, "Sl", &ar) && ar.currentline > 0 && chunk_of(ar.source, &at.chunk)) {
            at.line = ar.currentline;
            return at;
        }
    at.chunk = SANDBOX_CHUNKS;
    return at;
}

/* The end of a long path says more than its beginning. */
static struct str path_tail(struct str path)
{
    const size_t most = 120;
    if (path.len > most)
        path = (struct str){path.ptr + path.len - most, most};
    return path;
}

static void record(struct sandbox *s, struct sandbox_place at, const char *text)
{
    enum err_kind kind = s->stop ? ERR_LIMIT : ERR_USAGE;
    size_t chunk = at.chunk < s->chunk_count ? at.chunk : 0;
    if (s->chunk_count == 0)
        err_set(&s->failure, kind, 0, "%s", text);
    else if (at.line > 0)
        err_set(&s->failure, kind, (uint64_t)at.line, STR_FMT ":%d: %s",
                STR_ARG(path_tail(s->chunks[chunk].path)), at.line, text);
    else
        err_set(&s->failure, kind, 0, STR_FMT ": %s", STR_ARG(path_tail(s->chunks[chunk].path)),
                text);
}

void sandbox_unwind(lua_State *L)
{
    lua_pushnil(L);
    (void)lua_error(L);
    BUG_ON(true);
}

void sandbox_fail_at(lua_State *L, struct sandbox_place at, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    record(sandbox_of(L), at, text);
    sandbox_unwind(L);
}

void sandbox_fail(lua_State *L, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    record(sandbox_of(L), sandbox_here(L), text);
    sandbox_unwind(L);
}

/* "@N:line: text", as Lua itself writes; false when `text` is none of its messages. */
static bool split_message(const char *text, struct sandbox_place *at, const char **rest)
{
    char *end;
    if (!chunk_of(text, &at->chunk))
        return false;
    (void)strtoul(text + 1, &end, 10);
    if (*end != ':')
        return false;
    long line = strtol(end + 1, &end, 10);
    if (line <= 0 || line > INT32_MAX || end[0] != ':' || end[1] != ' ')
        return false;
    at->line = (int)line;
    *rest = end + 2;
    return true;
}

/* Runs at the error, so that the line of a message without one can still be found. */
static int on_error(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);
    if (s->failure.kind != ERR_NONE || lua_isnil(L, 1) || s->parsing)
        return 1;
    struct sandbox_place at;
    if (lua_type(L, 1) == LUA_TSTRING) {
        const char *text = lua_tostring(L, 1);
        if (!split_message(text, &at, &text))
            at = sandbox_here(L);
        record(s, at, text);
    } else {
        char text[64];
        snprintf(text, sizeof text, "error value that is no text (a %s)", luaL_typename(L, 1));
        record(s, sandbox_here(L), text);
    }
    return 1;
}

/* ---- running ------------------------------------------------------------------------------- */

static int on_panic(lua_State *L)
{
    (void)L;
    fprintf(stderr, "rectify: bug: a Lua error outside lua_pcall\n");
    abort();
}

static int protected_main(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);
    if (!s->kept)
        bind_open(L);
    lua_settop(L, 0);
    return s->body(L);
}

/* Shows what came from a file or a script safely, in one line. */
static void copy_failure(const struct err *from, struct err *e)
{
    struct sb b;
    sb_init(&b, sizeof from->text * 10);
    sb_terminal(&b, str_of(from->text));
    size_t len = b.len;
    if (len >= sizeof from->text)
        for (len = sizeof from->text - 4; len > 0 && (b.ptr[len] & 0xC0) == 0x80;)
            len--; /* not within a character */
    if (b.bad || !b.ptr)
        err_set(e, from->kind, from->at, "%s", "out of memory while reporting a script's error");
    else
        err_set(e, from->kind, from->at, "%.*s", (int)len, b.ptr);
    sb_done(&b);
}

static void set_limits(struct sandbox *s, const struct script_limits *limits)
{
    static const struct script_limits none = {0};
    if (!limits)
        limits = &none;
    s->soft = limits->memory ? limits->memory : (size_t)64 << 20;
    if (s->kept && s->used > s->kept) /* garbage of earlier calls is none of this one's */
        s->soft += s->used - s->kept;
    s->hard = s->soft + s->soft / 4;
    s->instructions = s->unpolled = 0;
    s->most_instructions = limits->instructions ? limits->instructions : 50000000;
    s->budget_ms = limits->milliseconds ? limits->milliseconds : 5000;
    s->deadline_ms = clock_ms() + s->budget_ms;
    s->fail_at = limits->fail_allocation;
    s->replace = limits->replace;
    s->coverage = limits->coverage;
}

static bool run_protected(struct sandbox *s)
{
    lua_State *L = s->L;
    memcpy(lua_getextraspace(L), &s, sizeof s);
    lua_atpanic(L, on_panic);
    int lines = s->coverage ? LUA_MASKLINE | LUA_MASKCALL : 0;
    lua_sethook(L, on_hook, LUA_MASKCOUNT | lines, HOOK_PERIOD);
    lua_pushcfunction(L, on_error); /* C functions without upvalues take no memory */
    lua_pushcfunction(L, protected_main);
    int status = lua_pcall(L, 0, 0, 1);
    if (status == LUA_ERRMEM && s->failure.kind == ERR_NONE) {
        s->stop = "memory";
        record(s, s->ran_out, "used more memory than a policy may");
    } else if (status != LUA_OK && s->failure.kind == ERR_NONE && !s->decided) {
        struct sandbox_place nowhere = {0, 0};
        record(s, nowhere, "failed without a message");
    }
    return status == LUA_OK;
}

enum { PATTERN_MEMORY = 4 << 20 };

bool sandbox_call(struct sandbox *s, const struct script_limits *limits, lua_CFunction body,
                  void *context, struct err *e)
{
    set_limits(s, limits);
    s->body = body;
    s->context = context;
    s->decided = false;
    s->failure = (struct err){.kind = ERR_NONE};
    s->pattern_count = 0;
    if (!s->L)
        s->L = lua_newstate(allocate, s);
    if (!s->L)
        return err_set(e, ERR_NOMEM, 0, "no memory for a Lua state");
    arena_init(&s->patterns, PATTERN_MEMORY);
    bool ok = run_protected(s);
    arena_done(&s->patterns);
    if (!ok && s->failure.kind != ERR_NONE)
        copy_failure(&s->failure, e);
    return ok;
}

void sandbox_settle(struct sandbox *s)
{
    lua_settop(s->L, 0);
    lua_gc(s->L, LUA_GCCOLLECT);
    s->kept = s->used;
}

void sandbox_close(struct sandbox *s)
{
    lua_State *L = s->L;
    s->L = NULL;
    if (L)
        lua_close(L);
}

bool sandbox_run(struct sandbox *s, const struct script_limits *limits, lua_CFunction body,
                 void *context, struct err *e)
{
    bool ok = sandbox_call(s, limits, body, context, e);
    sandbox_close(s);
    return ok;
}

/* ---- chunks -------------------------------------------------------------------------------- */

static void check_text(lua_State *L, size_t chunk, struct span text)
{
    struct sandbox_place at = {chunk, 1};
    if (text.len > SANDBOX_TEXT_MAX)
        sandbox_fail_at(L, at, "%zu bytes of text, at most %d are read", text.len,
                        SANDBOX_TEXT_MAX);
    if (text.len && text.ptr[0] == LUA_SIGNATURE[0])
        sandbox_fail_at(L, at, "compiled Lua is not accepted, only text");
    const char *p = (const char *)text.ptr;
    for (size_t i = 0; i < text.len;) {
        uint32_t cp;
        size_t n = text.ptr[i] == 0 ? 0 : utf8_decode(p + i, text.len - i, &cp);
        if (n == 0)
            sandbox_fail_at(L, at, "byte 0x%02x is not UTF-8 text", text.ptr[i]);
        if (text.ptr[i] == '\n')
            at.line++;
        i += n;
    }
}

/* What is wrong with the text is for the caller to say. */
static int parse(lua_State *L, const char *text, size_t len, const char *name)
{
    struct sandbox *s = sandbox_of(L);
    s->parsing = true;
    int status = luaL_loadbufferx(L, text, len, name, "t");
    s->parsing = false;
    return status;
}

/* Lua says "C stack overflow" without a line: it is that of the shortest beginning that already
 * nests too deep. */
static int deep_line(lua_State *L, struct span text)
{
    const char *p = (const char *)text.ptr;
    int low = 1, high = 1;
    for (size_t i = 0; i < text.len; i++)
        high += p[i] == '\n';
    while (low < high) {
        int middle = low + (high - low) / 2, line = 0;
        size_t end = 0;
        while (end < text.len && line < middle)
            line += p[end++] == '\n';
        bool deep = parse(L, p, end, "=@0") != LUA_OK && lua_type(L, -1) == LUA_TSTRING &&
                    strstr(lua_tostring(L, -1), "overflow");
        lua_pop(L, 1);
        if (deep)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void sandbox_load(lua_State *L, struct str path, struct span text)
{
    struct sandbox *s = sandbox_of(L);
    if (s->chunk_count == SANDBOX_CHUNKS)
        sandbox_fail(L, "more than %d modules", SANDBOX_CHUNKS - 1);
    size_t chunk = s->chunk_count++;
    s->chunks[chunk] = (struct sandbox_chunk){.path = path, .text = text};
    check_text(L, chunk, text);
    static const uint8_t bom[] = {0xEF, 0xBB, 0xBF};
    if (text.len >= sizeof bom && memcmp(text.ptr, bom, sizeof bom) == 0)
        text = (struct span){text.ptr + sizeof bom, text.len - sizeof bom};
    char name[16];
    snprintf(name, sizeof name, "=@%u", (unsigned)chunk);
    int status = parse(L, (const char *)text.ptr, text.len, name);
    if (status == LUA_ERRMEM)
        s->stop = "memory";
    if (status != LUA_OK) {
        struct sandbox_place at = {chunk, 1};
        const char *message = lua_tostring(L, -1);
        if (message && !split_message(message, &at, &message) && strstr(message, "overflow")) {
            at.line = deep_line(L, text);
            message = "nested too deep: more than 200 levels of brackets and operators";
        }
        char text_of[256];
        bool comma = message && strstr(message, "'}' expected near");
        snprintf(text_of, sizeof text_of, "%s%s", message ? message : "not Lua",
                 comma ? " (is a comma missing before it?)" : "");
        if (s->failure.kind == ERR_NONE)
            record(s, at, text_of);
        sandbox_unwind(L);
    }
    bind_push_environment(L);
    if (!lua_setupvalue(L, -2, 1))
        lua_pop(L, 1);
}

/* ---- memory -------------------------------------------------------------------------------- */

void *sandbox_alloc(lua_State *L, size_t count, size_t size)
{
    struct sandbox *s = sandbox_of(L);
    void *p = arena_array(s->mem, count ? count : 1, size);
    if (!p) {
        s->stop = s->stop ? s->stop : "memory";
        sandbox_fail(L, "no memory left for what the policy describes");
    }
    return p;
}

void sandbox_check_memory(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);
    if (!s->mem->full)
        return;
    s->stop = s->stop ? s->stop : "memory";
    sandbox_fail(L, "no memory left for the facts it reads");
}

void sandbox_reserve(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);
    if (s->mem->cap - s->mem->used < FACT_RESERVE)
        s->mem->full = true;
    sandbox_check_memory(L);
}

struct str sandbox_str(lua_State *L, struct str text)
{
    char *p = sandbox_alloc(L, text.len + 1, 1);
    if (text.len)
        memcpy(p, text.ptr, text.len);
    return (struct str){p, text.len};
}

struct str sandbox_checkstr(lua_State *L, int arg, const char *what)
{
    if (lua_type(L, arg) != LUA_TSTRING)
        sandbox_fail(L, "%s is a %s, want text", what, luaL_typename(L, arg));
    struct str s;
    s.ptr = lua_tolstring(L, arg, &s.len);
    return s;
}
