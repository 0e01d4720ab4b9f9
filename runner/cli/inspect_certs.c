#include <string.h>

#include "base/utf16.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/signed_view.h"
#include "cli/target.h"

static const char *const formats[] = {"terminal", "json", NULL};

static const struct args_option options[] = {
    TARGET_OPTIONS,
    {"store", "NAME", "only this store: ROOT, AuthRoot, CA, Disallowed, TrustedPublisher, ..."},
    ARTEFACT_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "inspect certs",
    .synopsis = "--root DIR | --archive FILE [--store NAME] [OPTIONS]",
    .about = "Shows the certificate stores of a host: machine, policy, enterprise and service "
             "stores, the trust lists that Windows keeps, and whether they are updated.",
    .options = options,
    .more = "exit codes: 0 read, 1 could not run, or the stores are not readable,\n"
            "            64 wrong command line",
};

struct request {
    struct target_options target;
    struct outputs outputs;
    enum when_colour colour;
    const char *store;
};

static int parse(struct request *q, int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD)
            return cli_fail(EXIT_USAGE_ERROR, "inspect certs: unexpected argument %s", a.value);
        int taken = target_option(&a, &q->target);
        if (taken < 0)
            return EXIT_USAGE_ERROR;
        if (taken)
            continue;
        if (args_is(&a, "store"))
            q->store = a.value;
        if (args_is(&a, "format") && !outputs_add(&q->outputs, a.value, formats, &e))
            return cli_fail(EXIT_USAGE_ERROR, "inspect certs: %s", e.text);
        if (args_is(&a, "color") && !colour_parse(a.value, &q->colour))
            return args_bad_value(&a, "auto, always or never"), EXIT_USAGE_ERROR;
    }
    if (q->outputs.count == 0)
        q->outputs.item[q->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

static bool wanted(const struct request *q, const struct trust_stored *s)
{
    return !q->store || str_ieq(s->store, str_of(q->store));
}

static void list_json(struct json *j, const struct trust_list *l)
{
    json_open_object(j);
    json_member(j, "name", l->name);
    json_key(j, "state");
    json_cstr(j, fact_state_name(l->state));
    json_member(j, "reason", l->reason);
    json_key(j, "entries");
    json_u64(j, l->entries);
    json_key(j, "this_update");
    json_time(j, l->this_update);
    json_member(j, "sequence", l->sequence);
    json_key(j, "last_sync");
    json_time(j, l->last_sync);
    json_close_object(j);
}

static void stored_json(struct json *j, const struct trust_stored *s)
{
    json_open_object(j);
    json_member(j, "store", s->store);
    json_member(j, "location", s->location);
    json_key(j, "certificate");
    if (s->certificate.sha256[0])
        certificate_json(j, &s->certificate);
    else
        json_nil(j);
    json_member(j, "friendly_name", s->friendly_name);
    json_member(j, "usages", s->usages);
    json_key(j, "disabled_from");
    json_time(j, s->disabled_from);
    json_key(j, "not_before_from");
    json_time(j, s->not_before_from);
    json_member(j, "artefact", s->evidence.artefact);
    json_member(j, "where", s->evidence.where);
    json_member(j, "damage", s->damage);
    json_close_object(j);
}

static void show_json(const struct request *q, struct host *h, const struct trust_state *t,
                      struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    json_key(&j, "schema");
    json_cstr(&j, "rectify.inspect.certs/1");
    json_member(&j, "target", host_info(h)->location);
    json_member(&j, "computer_name", host_info(h)->computer_name);
    json_key(&j, "updates");
    json_open_object(&j);
    json_key(&j, "on");
    json_bool(&j, t->updates_on);
    json_key(&j, "disallowed_on");
    json_bool(&j, t->disallowed_updates_on);
    json_member(&j, "why", t->updates_why);
    json_member(&j, "root_dir_url", t->root_dir_url);
    json_close_object(&j);
    json_key(&j, "lists");
    json_open_array(&j);
    list_json(&j, &t->authroot);
    list_json(&j, &t->disallowed);
    json_close_array(&j);
    json_key(&j, "certificates");
    json_open_array(&j);
    for (size_t i = 0; i < t->stored_count; i++)
        if (wanted(q, &t->stored[i]))
            stored_json(&j, &t->stored[i]);
    json_close_array(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}

static void list_terminal(const struct layout *l, const struct trust_list *t, struct arena *a)
{
    struct str when = artefact_time(t->this_update, a), sync = artefact_time(t->last_sync, a);
    struct str text =
        t->state == FACT_FOUND
            ? str_fmt(a, "%zu entries, of %.10s%s%.10s, sequence " STR_FMT, t->entries,
                      when.len ? when.ptr : "?", sync.len ? ", last sync " : "",
                      sync.len ? sync.ptr : "", STR_ARG(t->sequence))
            : str_fmt(a, "%s%s" STR_FMT, fact_state_name(t->state), t->reason.len ? ": " : "",
                      STR_ARG(t->reason));
    struct str line = str_fmt(a, STR_FMT ": " STR_FMT, STR_ARG(t->name), STR_ARG(text));
    lay_field(l, "list", line);
}

static void stored_terminal(const struct layout *l, const struct trust_stored *s, struct arena *a)
{
    struct str until = artefact_time(s->certificate.not_after, a);
    sb_puts(l->out, "    ");
    sb_terminal(l->out, str_of(s->certificate.sha1));
    sb_puts(l->out, "  ");
    lay_colour(l, CYAN,
               s->certificate.sha1[0] ? certificate_name(&s->certificate) : s->evidence.where);
    if (until.len)
        sb_printf(l->out, "  until %.10s", until.ptr);
    if (s->disabled_from)
        sb_printf(l->out, "  disabled from %.10s", artefact_time(s->disabled_from, a).ptr);
    if (s->damage.len) {
        sb_puts(l->out, "  ");
        lay_colour(l, RED, s->damage);
    }
    sb_putc(l->out, '\n');
}

static void show_terminal(const struct request *q, struct host *h, const struct trust_state *t,
                          const struct layout *l)
{
    struct arena a;
    struct str store = {NULL, 0}, location = {NULL, 0};
    arena_init(&a, 1 << 26);
    lay_colour(l, BOLD, host_info(h)->location);
    sb_putc(l->out, '\n');
    lay_field(l, "computer", host_info(h)->computer_name);
    lay_field(l, "updates",
              str_fmt(&a, "%s%s" STR_FMT, t->updates_on ? "on" : "off",
                      t->updates_why.len ? ": " : "", STR_ARG(t->updates_why)));
    lay_field(l, "from", t->root_dir_url);
    list_terminal(l, &t->authroot, &a);
    list_terminal(l, &t->disallowed, &a);
    for (size_t i = 0; i < t->stored_count; i++) {
        const struct trust_stored *s = &t->stored[i];
        if (!wanted(q, s))
            continue;
        if (!str_eq(s->store, store) || !str_eq(s->location, location)) {
            sb_puts(l->out, "  ");
            lay_colour(
                l, BOLD,
                str_fmt(&a, STR_FMT " (" STR_FMT ")", STR_ARG(s->store), STR_ARG(s->location)));
            sb_putc(l->out, '\n');
            store = s->store;
            location = s->location;
        }
        stored_terminal(l, s, &a);
    }
    arena_done(&a);
}

static bool write_all(const struct request *q, struct host *h, const struct trust_state *t,
                      struct err *e)
{
    bool ok = true;
    for (size_t i = 0; i < q->outputs.count && ok; i++) {
        const struct output *o = &q->outputs.item[i];
        struct sb bytes;
        struct report_style style = output_style(o, q->colour);
        sb_init(&bytes, (size_t)1 << 30);
        struct layout l = {&bytes, &style};
        if (strcmp(o->format, "json") == 0)
            show_json(q, h, t, &bytes);
        else
            show_terminal(q, h, t, &l);
        ok = output_write(o, &bytes, e);
        sb_done(&bytes);
    }
    return ok;
}

int inspect_certs(int argc, char **argv)
{
    struct request q = {0};
    struct host *host = NULL;
    struct trust *trust = NULL;
    struct err e = {0};
    int code = parse(&q, argc, argv);
    if (code >= 0)
        return code;
    code = target_open("inspect certs", &q.target, &host);
    if (code)
        return code;
    if (!trust_open(host, NULL, &trust, &e)) {
        code = cli_fail(EXIT_COULD_NOT_RUN, "inspect certs: %s", e.text);
    } else {
        const struct trust_state *t = trust_state(trust);
        if (t->stores_state != FACT_FOUND)
            code = cli_fail(EXIT_COULD_NOT_RUN, "the stores are %s: " STR_FMT,
                            fact_state_name(t->stores_state), STR_ARG(t->stores_reason));
        else if (!write_all(&q, host, t, &e))
            code = cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
        trust_close(trust);
    }
    host_close(host);
    return code;
}
