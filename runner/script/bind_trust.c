/* host.signature, host.certificates, host.lists: what the target's own stores say. */
#include "trust/words.h"

#include "base/clock.h"
#include "base/utf16.h"
#include "base/wtime.h"
#include "script/bind.h"
#include "script/fact.h"
#include "script/value.h"

enum {
    SIGNATURE_WORK = 20000, /* of the instruction budget: hashing a file is no small thing */
    CERTIFICATES_MAX = 4096
};

/* Deciding may read thousands of catalogs: time that the check's own deadline does not count. */
struct pause {
    struct sandbox *s;
    uint64_t since;
};

static struct pause pause_begin(lua_State *L)
{
    return (struct pause){sandbox_of(L), clock_ms()};
}

static void pause_end(const struct pause *p)
{
    p->s->deadline_ms += clock_ms() - p->since;
}

static struct trust *open_trust(const struct check *c, struct err *e)
{
    if (c->facts->trust)
        return c->facts->trust(c->facts->trust_context, e);
    err_set(e, ERR_NOT_FOUND, 0, "signatures are not decided here");
    return NULL;
}

/* ---- signatures ---------------------------------------------------------------------------- */

static enum reg_view view_argument(lua_State *L, int index, const char *function)
{
    if (lua_isnoneornil(L, index))
        return VIEW_NATIVE;
    struct str text = sandbox_checkstr(L, index, "the view");
    if (str_eq(text, STR("32")))
        return VIEW_32;
    if (!str_eq(text, STR("native")))
        sandbox_fail(L, "%s: the view is \"%.20s\", want native or 32", function, text.ptr);
    return VIEW_NATIVE;
}

/* A file that was read but cannot be judged is unreadable as a signature. */
static void decide(const struct check *c, struct str path, enum reg_view view, struct arena *a,
                   struct fact *f, struct file_fact *file, struct trust_verdict *verdict)
{
    struct err e = {0};
    host_file(c->facts->host, path, view, a, file);
    f->state = file->state;
    f->reason = file->reason;
    if (f->state != FACT_FOUND)
        return;
    struct trust *t = open_trust(c, &e);
    if (!t) {
        f->state = FACT_UNREADABLE;
        f->reason = str_dup(a, str_of(e.text));
        return;
    }
    f->state = trust_file(t, path, view, a, verdict, &f->reason);
    if (verdict->word == TRUST_ROOT_OBTAINABLE && trust_state(t)->updates_unread) {
        f->state = FACT_UNREADABLE;
        f->reason = trust_state(t)->updates_why;
    }
    if (f->state != FACT_FOUND || verdict->word != TRUST_CANNOT_TELL)
        return;
    f->state = FACT_UNREADABLE;
    f->reason =
        str_fmt(a, "whether it is trusted cannot be told: " STR_FMT, STR_ARG(verdict->reason));
}

int bind_host_signature(lua_State *L)
{
    check_needs(L, NEED_SIGNATURE, "signature");
    if (thing_test(L, 1, THING_HOST))
        sandbox_fail(L, "write host.signature(...), with a dot");
    if (lua_type(L, 1) != LUA_TSTRING)
        sandbox_fail(L, "host.signature: %s where a path is wanted", thing_words(L, 1));
    struct check *c = check_of(L);
    enum reg_view view = view_argument(L, 2, "host.signature");
    sandbox_charge(L, SIGNATURE_WORK);
    sandbox_reserve(L);
    struct arena *a = sandbox_of(L)->mem;
    struct fact *f = SANDBOX_ARRAY(L, 1, struct fact);
    struct file_fact *file = SANDBOX_ARRAY(L, 1, struct file_fact);
    struct trust_verdict *verdict = SANDBOX_ARRAY(L, 1, struct trust_verdict);
    f->kind = FACT_SIGNATURE;
    f->path = sandbox_str(L, sandbox_checkstr(L, 1, "the path"));
    f->file = file;
    f->signature = verdict;
    struct pause pause = pause_begin(L);
    decide(c, f->path, view, a, f, file, verdict);
    pause_end(&pause);
    sandbox_check_memory(L);
    if (f->state == FACT_FOUND)
        trust_evidence(verdict, &file->evidence, a, &c->out->evidence);
    fact_push(L, f, f->state == FACT_FOUND ? NULL : &file->evidence);
    return 1;
}

static const struct trust_verdict *self(lua_State *L)
{
    return fact_self(L, true)->signature;
}

static int push_str(lua_State *L, struct str s)
{
    lua_pushlstring(L, s.ptr ? s.ptr : "", s.len);
    return 1;
}

static int signature_word(lua_State *L)
{
    lua_pushstring(L, trust_word_name(self(L)->word));
    return 1;
}

static int signature_code(lua_State *L)
{
    lua_pushinteger(L, self(L)->code);
    return 1;
}

static int signature_trusted(lua_State *L)
{
    lua_pushboolean(L, trust_holds(self(L)));
    return 1;
}

static int signature_text(lua_State *L)
{
    return push_str(L, trust_text(self(L), sandbox_of(L)->mem));
}

static int signature_signer(lua_State *L)
{
    return push_str(L, trust_signer(self(L)));
}

static int signature_root(lua_State *L)
{
    return push_str(L, trust_root_name(self(L)));
}

static int signature_root_sha1(lua_State *L)
{
    const struct trust_certificate *top = trust_top(self(L));
    lua_pushstring(L, top ? top->sha1 : "");
    return 1;
}

static int signature_root_in_program(lua_State *L)
{
    const struct trust_verdict *v = self(L);
    lua_pushboolean(L, v->decided && v->decided->root_in_program);
    return 1;
}

static int signature_decided_by(lua_State *L)
{
    const struct trust_verdict *v = self(L);
    return push_str(L, v->decided ? v->decided->decided_by : STR(""));
}

static int signature_source(lua_State *L)
{
    static const char *const names[] = {"none", "embedded", "catalog"};
    lua_pushstring(L, names[self(L)->source]);
    return 1;
}

static int signature_catalog(lua_State *L)
{
    return push_str(L, self(L)->catalog);
}

/* Why it is not trusted, too: a signature's own reason. */
static int signature_reason(lua_State *L)
{
    const struct fact *f = fact_self(L, false);
    return push_str(L, f->state == FACT_FOUND ? f->signature->reason : f->reason);
}

/* ---- certificates -------------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *name, struct str s)
{
    push_str(L, s);
    lua_setfield(L, -2, name);
}

static void set_time(lua_State *L, const char *name, uint64_t t)
{
    if (t == 0)
        return;
    lua_pushinteger(L, wtime_to_unix(t));
    lua_setfield(L, -2, name);
}

static void push_stored(lua_State *L, const struct trust_stored *s)
{
    lua_createtable(L, 0, 14);
    set_text(L, "common_name", s->certificate.common_name);
    set_text(L, "organisation", s->certificate.organisation);
    set_text(L, "issuer", s->certificate.issuer);
    set_text(L, "sha1", str_of(s->certificate.sha1));
    set_text(L, "sha256", str_of(s->certificate.sha256));
    set_text(L, "store", s->store);
    set_text(L, "location", s->location);
    set_text(L, "friendly_name", s->friendly_name);
    set_text(L, "damage", s->damage);
    set_text(L, "key_algorithm", str_of(s->certificate.key_algorithm));
    lua_pushinteger(L, s->certificate.key_bits);
    lua_setfield(L, -2, "key_bits");
    lua_pushboolean(L, s->in_program);
    lua_setfield(L, -2, "in_program");
    set_time(L, "not_before", s->certificate.not_before);
    set_time(L, "not_after", s->certificate.not_after);
}

static const struct trust_state *stores(lua_State *L)
{
    struct err e = {0};
    struct check *c = check_of(L);
    struct pause pause = pause_begin(L);
    struct trust *t = open_trust(c, &e);
    pause_end(&pause);
    c->looked_at++;
    if (!t)
        check_stop(L, VERDICT_UNKNOWN, "%s", e.text);
    const struct trust_state *s = trust_state(t);
    if (s->stores_state != FACT_FOUND)
        check_stop(L, VERDICT_UNKNOWN, "the certificate stores are %s: " STR_FMT,
                   fact_state_name(s->stores_state), STR_ARG(s->stores_reason));
    return s;
}

static bool fits(const struct value *fields, const struct trust_stored *s)
{
    struct str store = value_text_of(fields, "store"), sha1 = value_text_of(fields, "sha1");
    return (!store.len || str_ieq(s->store, store)) &&
           (!sha1.len || str_ieq(str_of(s->certificate.sha1), sha1));
}

/* A list that lacks what could not be read must not look whole. */
static void check_whole(lua_State *L, const struct value *fields, const struct trust_state *s)
{
    struct str store = value_text_of(fields, "store");
    for (size_t i = 0; i < s->unread_count; i++) {
        const struct trust_unread *u = &s->unread[i];
        if (!store.len || !u->store.len || str_ieq(u->store, store))
            check_stop(L, VERDICT_UNKNOWN,
                       "the certificate store%s" STR_FMT " (" STR_FMT ") is %s: " STR_FMT,
                       u->store.len ? " " : "s", STR_ARG(u->store), STR_ARG(u->location),
                       fact_state_name(u->state), STR_ARG(u->reason));
    }
}

int bind_host_certificates(lua_State *L)
{
    check_needs(L, NEED_CERTIFICATES, "certificates");
    if (thing_test(L, 1, THING_HOST))
        sandbox_fail(L, "write host.certificates{...}, with a dot");
    struct value fields = value_fields(L, 1, &schema_certificates_query);
    sandbox_charge(L, 1000);
    sandbox_reserve(L);
    const struct trust_state *state = stores(L);
    check_whole(L, &fields, state);
    lua_createtable(L, 0, 0);
    lua_Integer n = 0;
    for (size_t i = 0; i < state->stored_count; i++) {
        const struct trust_stored *s = &state->stored[i];
        sandbox_charge(L, 4);
        if (!fits(&fields, s))
            continue;
        if (n == CERTIFICATES_MAX)
            check_stop(L, VERDICT_UNKNOWN, "more than %d certificates fit", CERTIFICATES_MAX);
        push_stored(L, s);
        lua_rawseti(L, -2, ++n);
        sandbox_charge(L, 50);
        evidence_add(&check_of(L)->out->evidence, &s->evidence);
    }
    return 1;
}

/* ---- lists --------------------------------------------------------------------------------- */

static void describe_list(lua_State *L, struct fact *f)
{
    struct err e = {0};
    struct str name = f->path;
    struct pause pause = pause_begin(L);
    struct trust *t = open_trust(check_of(L), &e);
    pause_end(&pause);
    f->state = FACT_UNREADABLE;
    f->reason = str_dup(sandbox_of(L)->mem, str_of(e.text));
    if (!t)
        return;
    const struct trust_state *s = trust_state(t);
    f->list = str_eq(name, s->authroot.name) ? &s->authroot : &s->disallowed;
    f->state = f->list->state;
    f->reason = f->list->reason;
}

int bind_host_lists(lua_State *L)
{
    static const struct str names[] = {{"EncodedCtl", 10}, {"DisallowedCertEncodedCtl", 24}};
    check_needs(L, NEED_LISTS, "lists");
    if (thing_test(L, 1, THING_HOST))
        sandbox_fail(L, "write host.lists(...), with a dot");
    struct str name = sandbox_checkstr(L, 1, "host.lists: the name");
    if (!str_eq(name, names[0]) && !str_eq(name, names[1]))
        sandbox_fail(L, "host.lists: \"%.40s\", want EncodedCtl or DisallowedCertEncodedCtl",
                     name.ptr);
    sandbox_charge(L, 1000);
    sandbox_reserve(L);
    struct fact *f = SANDBOX_ARRAY(L, 1, struct fact);
    f->kind = FACT_LIST;
    f->path = str_eq(name, names[0]) ? names[0] : names[1];
    describe_list(L, f);
    fact_push(L, f, f->list ? &f->list->evidence : NULL);
    return 1;
}

static int list_time(lua_State *L, uint64_t t)
{
    if (t)
        lua_pushinteger(L, wtime_to_unix(t));
    else
        lua_pushnil(L);
    return 1;
}

static int list_this_update(lua_State *L)
{
    return list_time(L, fact_self(L, true)->list->this_update);
}

/* A value of its own beside the list: there even where the list is not. */
static int list_last_sync(lua_State *L)
{
    const struct fact *f = fact_self(L, false);
    return list_time(L, f->list ? f->list->last_sync : 0);
}

static int list_entries(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)fact_self(L, true)->list->entries);
    return 1;
}

static int list_sequence(lua_State *L)
{
    return push_str(L, fact_self(L, true)->list->sequence);
}

const struct binding bind_trust[] = {
    {"ListFact", "entries", list_entries, 0},
    {"ListFact", "excuse", fact_excuse, 0},
    {"ListFact", "last_sync", list_last_sync, 0},
    {"ListFact", "path", fact_field_path, 0},
    {"ListFact", "reason", fact_field_reason, 0},
    {"ListFact", "sequence", list_sequence, 0},
    {"ListFact", "state", fact_field_state, 0},
    {"ListFact", "this_update", list_this_update, 0},
    {"SignatureFact", "catalog", signature_catalog, 0},
    {"SignatureFact", "code", signature_code, 0},
    {"SignatureFact", "company", fact_field_company, 0},
    {"SignatureFact", "decided_by", signature_decided_by, 0},
    {"SignatureFact", "excuse", fact_excuse, 0},
    {"SignatureFact", "path", fact_field_path, 0},
    {"SignatureFact", "reason", signature_reason, 0},
    {"SignatureFact", "root", signature_root, 0},
    {"SignatureFact", "root_in_program", signature_root_in_program, 0},
    {"SignatureFact", "root_sha1", signature_root_sha1, 0},
    {"SignatureFact", "sha256", fact_field_sha256, 0},
    {"SignatureFact", "signer", signature_signer, 0},
    {"SignatureFact", "source", signature_source, 0},
    {"SignatureFact", "state", fact_field_state, 0},
    {"SignatureFact", "text", signature_text, 0},
    {"SignatureFact", "trusted", signature_trusted, 0},
    {"SignatureFact", "version", fact_field_version, 0},
    {"SignatureFact", "word", signature_word, 0},
    {NULL, NULL, NULL, 0},
};
