#include "engine/describe.h"

#include "engine/evaluate.h"

enum { LINES_MAX = 2 * WANT_NODES, WORDS_MAX = 12, LINE_BYTES = 1 << 16 };

struct describing {
    struct evaluation v; /* without a host: for arguments and predicates only */
    struct rule_view *out;
    size_t want_cap, applies_cap, read_cap, input_cap;
    bool condition; /* lines are those of `applies` */
    bool full;
};

/* Room for one more element of an array in the arena. */
static void *grown(struct describing *d, void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    size_t more = *cap ? *cap * 2 : 8;
    void *bigger = more <= LINES_MAX * 2 ? arena_array(d->v.mem, more, size) : NULL;
    if (!bigger) {
        d->full = true;
        return NULL;
    }
    if (count)
        memcpy(bigger, items, count * size);
    *cap = more;
    return bigger;
}

static void add_read(struct describing *d, const char *space, struct str what)
{
    struct rule_view *o = d->out;
    for (size_t i = 0; i < o->read_count; i++)
        if (strcmp(o->reads[i].space, space) == 0 && str_eq(o->reads[i].what, what))
            return;
    struct rule_read *items = grown(d, o->reads, o->read_count, &d->read_cap, sizeof *o->reads);
    if (!items)
        return;
    o->reads = items;
    o->reads[o->read_count++] = (struct rule_read){space, what};
}

static void add_line(struct describing *d, unsigned depth, struct str text)
{
    struct rule_view *o = d->out;
    struct want_line **lines = d->condition ? &o->applies : &o->wants;
    size_t *count = d->condition ? &o->applies_count : &o->want_count;
    size_t *cap = d->condition ? &d->applies_cap : &d->want_cap;
    struct want_line *items = grown(d, *lines, *count, cap, sizeof *items);
    if (!items)
        return;
    *lines = items;
    items[(*count)++] = (struct want_line){depth, text};
}

/* ---- inputs -------------------------------------------------------------------------------- */

static void add_input(struct describing *d, const struct input *in)
{
    struct rule_view *o = d->out;
    for (size_t i = 0; in && i < o->input_count; i++)
        if (o->inputs[i] == in)
            return;
    const struct input **items =
        in ? grown(d, o->inputs, o->input_count, &d->input_cap, sizeof *o->inputs) : NULL;
    if (!items)
        return;
    o->inputs = items;
    o->inputs[o->input_count++] = in;
}

/* Lists and maps hold at most one more level of values, which the loader bounds. */
static void inputs_of(struct describing *d, const struct value *v, unsigned depth)
{
    const struct str *name = value_input(v);
    if (name) {
        add_input(d, policy_input(d->v.rule->policy, *name));
    } else if (v->kind == VALUE_LIST && depth < WANT_DEPTH) {
        for (size_t i = 0; i < v->list.count; i++)
            inputs_of(d, &v->list.items[i], depth + 1);
    } else if (v->kind == VALUE_MAP && depth < WANT_DEPTH) {
        for (size_t i = 0; i < v->map.count; i++)
            inputs_of(d, &v->map.members[i].value, depth + 1);
    }
}

/* ---- what a want reads --------------------------------------------------------------------- */

static void reads_texts(struct describing *d, const struct want *w, const char *space,
                        const char *name)
{
    struct texts t = want_texts(&d->v, w, name);
    for (size_t i = 0; i < t.count; i++)
        add_read(d, space, t.items[i].text);
}

static void reads_product(struct describing *d, struct str id)
{
    const struct product_def *def = product_find(d->v.catalogue, id);
    if (id.len)
        add_read(d, "product",
                 def ? str_fmt(d->v.mem, STR_FMT " (" STR_FMT ")", STR_ARG(id), STR_ARG(def->name))
                     : id);
}

static void reads_registry(struct describing *d, const struct want *w)
{
    struct str key = want_text(&d->v, w, "key"), name = want_text(&d->v, w, "name");
    struct str view = want_text(&d->v, w, "view");
    bool whole = !value_get(&w->args, "name"); /* of the key */
    struct str what =
        whole      ? key
        : name.len ? str_fmt(d->v.mem, STR_FMT ", value " STR_FMT, STR_ARG(key), STR_ARG(name))
                   : str_fmt(d->v.mem, STR_FMT ", default value", STR_ARG(key));
    if (view.len && !str_eq(view, STR("native")))
        what = str_fmt(d->v.mem, STR_FMT " (%s)", STR_ARG(what),
                       str_eq(view, STR("32")) ? "32-bit view" : "both views");
    add_read(d, "registry", what);
}

/* A signature is that of a file: the file is not told again. */
static void reads_files(struct describing *d, const struct want *w)
{
    reads_texts(d, w, "signature", "path");
    reads_texts(d, w, "signature", "paths");
    add_read(d, "certificates", STR("stores of the host, lists of Microsoft, catalogs"));
}

static void reads_modules(struct describing *d, const struct want *w)
{
    reads_texts(d, w, "modules", "processes");
    add_read(d, "signature", STR("the files of those modules"));
    add_read(d, "certificates", STR("stores of the host, lists of Microsoft, catalogs"));
}

static void reads_certificates(struct describing *d, const struct want *w)
{
    struct str store = want_text(&d->v, w, "store");
    add_read(d, "certificates",
             store.len ? str_fmt(d->v.mem, "store " STR_FMT, STR_ARG(store))
             : w->kind == WANT_CERTIFICATE_PRESENT ? STR("root stores")
                                                   : STR("every store but Disallowed"));
    if (want_flag(&d->v, w, "obtainable"))
        add_read(d, "lists", STR("EncodedCtl"));
    reads_texts(d, w, "signature", "needed_by");
}

static void reads_log(struct describing *d, const struct want *w)
{
    struct str channel = want_text(&d->v, w, "channel");
    if (w->kind != WANT_LOG_SIZE)
        add_read(d, "events", str_fmt(d->v.mem, STR_FMT " log", STR_ARG(channel)));
    if (w->kind == WANT_LOG_CAPACITY || w->kind == WANT_LOG_SIZE)
        add_read(d, "registry",
                 str_fmt(d->v.mem, "configured size and retention of the " STR_FMT " log",
                         STR_ARG(channel)));
}

static void reads_of(struct describing *d, const struct want *w)
{
    switch (w->kind) {
    case WANT_REGISTRY_VALUE:
    case WANT_REGISTRY_ABSENT:
    case WANT_REGISTRY_KEY:
        reads_registry(d, w);
        break;
    case WANT_PRODUCT_VERSION:
    case WANT_PRODUCT_INSTALLED:
    case WANT_PRODUCT_ABSENT:
        reads_product(d, want_text(&d->v, w, "id"));
        break;
    case WANT_SERVICE:
    case WANT_SERVICE_START:
    case WANT_SERVICE_ABSENT:
        add_read(d, "service", want_text(&d->v, w, "name"));
        break;
    case WANT_EVENTS_NONE:
    case WANT_EVENTS_COUNT:
    case WANT_LOG_CAPACITY:
    case WANT_LOG_SIZE:
        reads_log(d, w);
        break;
    case WANT_FILE_SIGNED:
    case WANT_SIGNATURE_SIGNER:
        reads_files(d, w);
        break;
    case WANT_MODULE_SIGNED:
        reads_modules(d, w);
        break;
    case WANT_FILE_PRESENT:
    case WANT_FILE_ABSENT:
    case WANT_FILE_VERSION:
    case WANT_FILE_SHA256:
        reads_texts(d, w, "file", "paths");
        break;
    case WANT_CERTIFICATE_PRESENT:
    case WANT_CERTIFICATE_STORED:
    case WANT_CERTIFICATE_ABSENT:
        reads_certificates(d, w);
        break;
    case WANT_CTL_FRESH:
    case WANT_CTL_PRESENT:
        add_read(d, "lists", want_text(&d->v, w, "name"));
        break;
    case WANT_OS_VERSION:
    case WANT_OS_ARCH:
    case WANT_OS_TYPE:
        add_read(d, "registry", STR("which Windows this is"));
        break;
    case WANT_ALL:
    case WANT_ANY:
    case WANT_NONE:
    case WANT_WHEN:
    case WANT_KINDS:
        break;
    }
    reads_product(d, want_text(&d->v, w, "when_product"));
}

/* ---- what is wanted ------------------------------------------------------------------------ */

static const char *const constructors[WANT_KINDS] = {
    [WANT_ALL] = "all of",
    [WANT_ANY] = "any of",
    [WANT_WHEN] = "when",
    [WANT_REGISTRY_VALUE] = "registry.value",
    [WANT_REGISTRY_ABSENT] = "registry.absent",
    [WANT_PRODUCT_VERSION] = "product.version",
    [WANT_SERVICE] = "service.enabled",
    [WANT_EVENTS_NONE] = "eventlog.none",
    [WANT_LOG_CAPACITY] = "eventlog.capacity",
    [WANT_FILE_SIGNED] = "file.signed",
    [WANT_CERTIFICATE_PRESENT] = "certificate.present",
    [WANT_CERTIFICATE_ABSENT] = "certificate.absent",
    [WANT_CTL_FRESH] = "ctl.fresh",
    [WANT_NONE] = "none of",
    [WANT_REGISTRY_KEY] = "registry.key",
    [WANT_PRODUCT_INSTALLED] = "product.installed",
    [WANT_PRODUCT_ABSENT] = "product.absent",
    [WANT_SERVICE_START] = "service.start",
    [WANT_SERVICE_ABSENT] = "service.absent",
    [WANT_EVENTS_COUNT] = "eventlog",
    [WANT_LOG_SIZE] = "eventlog.size",
    [WANT_FILE_PRESENT] = "file.present",
    [WANT_FILE_ABSENT] = "file.absent",
    [WANT_FILE_VERSION] = "file.version",
    [WANT_FILE_SHA256] = "file.sha256",
    [WANT_SIGNATURE_SIGNER] = "signature.signer",
    [WANT_CERTIFICATE_STORED] = "certificate.stored",
    [WANT_CTL_PRESENT] = "ctl.present",
    [WANT_OS_VERSION] = "windows.version",
    [WANT_OS_ARCH] = "windows.arch",
    [WANT_OS_TYPE] = "windows.type",
    [WANT_MODULE_SIGNED] = "module.signed",
};

static void put_argument(struct describing *d, struct sb *b, const struct value *v)
{
    const struct str *name = value_input(v);
    v = policy_value(d->v.rule->policy, v);
    if (v->kind == VALUE_TEXT)
        sb_str(b, v->text.len ? v->text : STR("\"\""));
    else if (v->kind == VALUE_INT)
        sb_printf(b, "%lld", (long long)v->integer);
    else if (v->kind == VALUE_NUMBER)
        sb_printf(b, "%g", v->number);
    else if (v->kind == VALUE_BOOL)
        sb_puts(b, v->boolean ? "true" : "false");
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++) {
        if (i == WORDS_MAX) {
            sb_printf(b, " and %zu more", v->list.count - i);
            break;
        }
        sb_puts(b, i ? ", " : "");
        put_argument(d, b, &v->list.items[i]);
    }
    if (v->kind == VALUE_LIST && v->list.count == 0)
        sb_puts(b, "none");
    if (name)
        sb_printf(b, " (input " STR_FMT ")", STR_ARG(*name));
}

static void line_of(struct describing *d, const struct want *w, unsigned depth)
{
    struct sb b;
    sb_init(&b, LINE_BYTES);
    const char *name = w->kind < WANT_KINDS ? constructors[w->kind] : NULL;
    sb_puts(&b, name ? name : "want");
    for (size_t i = 0; i < w->args.map.count; i++) {
        sb_printf(&b, "%s" STR_FMT " ", i ? "; " : " ", STR_ARG(w->args.map.members[i].name));
        put_argument(d, &b, &w->args.map.members[i].value);
    }
    if (w->predicate.kind != PRED_NONE) {
        struct str p = predicate_text(&d->v, &w->predicate);
        const struct str *in = value_input(&w->predicate.a);
        sb_printf(&b, ": " STR_FMT, STR_ARG(p));
        if (in)
            sb_printf(&b, " (input " STR_FMT ")", STR_ARG(*in));
    }
    add_line(d, depth,
             b.bad ? STR("(too long to show)") : str_dup(d->v.mem, (struct str){b.ptr, b.len}));
    sb_done(&b);
}

static void describe_want(struct describing *d, const struct want *w, unsigned depth)
{
    if (depth > WANT_DEPTH || d->full)
        return;
    line_of(d, w, depth);
    reads_of(d, w);
    inputs_of(d, &w->args, 0);
    const struct predicate *p = &w->predicate;
    for (unsigned i = 0; p && i < WANT_DEPTH; i++, p = p->inner) {
        inputs_of(d, &p->a, 0);
        inputs_of(d, &p->b, 0);
    }
    for (size_t i = 0; i < w->child_count; i++)
        describe_want(d, w->children[i], depth + 1);
}

/* ---- check functions and remedies ---------------------------------------------------------- */

static void describe_check(struct describing *d)
{
    static const char *const spaces[] = {"registry", "product",   "service",      "events",
                                         "file",     "signature", "certificates", "lists"};
    const struct rule *r = d->v.rule;
    for (unsigned i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (r->needs >> i & 1)
            add_read(d, spaces[i], STR(""));
    for (size_t i = 0; i < r->policy->input_count; i++)
        add_input(d, &r->policy->inputs[i]);
}

static void describe_repairs(struct describing *d)
{
    const struct rule *r = d->v.rule;
    struct rule_view *o = d->out;
    o->repairs = ARENA_ARRAY(d->v.mem, r->remedy_count + 1, struct str);
    for (size_t i = 0; o->repairs && i < r->remedy_count; i++) {
        o->repairs[o->repair_count++] = remedy_text(&d->v, &r->remedies[i]);
        inputs_of(d, &r->remedies[i].args, 0);
    }
}

bool engine_describe(const struct catalogue *c, const struct rule *rule, struct arena *a,
                     struct rule_view *out, struct err *e)
{
    struct describing d = {.v = {.catalogue = c, .rule = rule, .mem = a}, .out = out};
    *out = (struct rule_view){.rule = rule};
    d.condition = true;
    if (rule->policy->applies)
        describe_want(&d, rule->policy->applies, 0);
    if (rule->applies)
        describe_want(&d, rule->applies, 0);
    d.condition = false;
    if (rule->want)
        describe_want(&d, rule->want, 0);
    else
        describe_check(&d);
    describe_repairs(&d);
    if (d.full || a->full)
        return err_set(e, ERR_NOMEM, 0, "no memory to describe rule " STR_FMT,
                       STR_ARG(rule->qualified));
    return true;
}
