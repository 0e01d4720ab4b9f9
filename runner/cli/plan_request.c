#include "cli/plan_request.h"

#include <string.h>

#include "cli/absolute.h"
#include "cli/cli.h"

/* Options that say what is planned; where the target lies, and how it is read, does not. */
static const struct args_option inputs[] = {
    TARGET_OPTIONS,
    SELECTION_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec inputs_spec = {.verb = "plan", .options = inputs};

void plan_request_begin(struct plan_request *r)
{
    memset(r, 0, sizeof *r);
    arena_init(&r->mem, (size_t)16 << 20);
    selection_begin(&r->selection);
    r->options.inputs = value_null();
}

void plan_request_done(struct plan_request *r)
{
    arena_done(&r->mem);
}

/* ---- --set of what is no policy's input ------------------------------------------------------ */

static bool is_folder_of(struct str value)
{
    static const char *const others[] = {"http://", "https://", "windows-update", "root-dir-url"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t n = strlen(others[i]);
        if (value.len >= n && memcmp(value.ptr, others[i], n) == 0)
            return false;
    }
    return value.len > 0;
}

/* The setting as it goes into the plan's inputs; folders are absolute there. */
static bool take_source(struct plan_request *r, const char *text, struct str *input)
{
    const struct {
        const char *name;
        struct str *to;
    } known[] = {{"roots.source=", &r->options.roots_source},
                 {"upgrade.source=", &r->options.upgrade_source},
                 {"upgrade.stage=", &r->options.upgrade_stage},
                 {"upgrade.post=", &r->upgrade_post}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].name);
        if (strncmp(text, known[i].name, n) != 0)
            continue;
        struct str value = str_of(text + n);
        *known[i].to = is_folder_of(value) ? absolute_path(text + n, &r->mem) : value;
        *input = str_fmt(&r->mem, "%s" STR_FMT, known[i].name, STR_ARG(*known[i].to));
        return true;
    }
    return false;
}

/* ---- remembering ----------------------------------------------------------------------------- */

static bool remember(struct plan_request *r, const char *name, struct str value)
{
    if (r->input_count == PLAN_INPUTS) {
        cli_fail(0, "plan: more than %d options", PLAN_INPUTS);
        return false;
    }
    r->inputs[r->input_count++] = (struct value_member){str_of(name), value_text(value)};
    return true;
}

static bool names_file(const struct args *a)
{
    return args_is(a, "policy") || args_is(a, "inputs") || args_is(a, "waivers") ||
           args_is(a, "profile");
}

static bool remember_option(const struct args *a, struct plan_request *r)
{
    static const char *const not_ours[] = {"root", "archive", "jobs", "cache"};
    const char *name = a->spec->options[a->option].name;
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        if (strcmp(name, not_ours[i]) == 0)
            return true;
    struct str value = a->value ? str_of(a->value) : STR("");
    return remember(r, name, names_file(a) ? absolute_path(a->value, &r->mem) : value);
}

int plan_request_option(const struct args *a, struct plan_request *r)
{
    struct str input;
    if (args_is(a, "set") && take_source(r, a->value, &input))
        return remember(r, "set", input) ? 1 : -1;
    int taken = target_option(a, &r->target);
    if (taken == 0)
        taken = selection_option(a, &r->selection, &r->target);
    return taken > 0 && !remember_option(a, r) ? -1 : taken;
}

bool plan_request_input(struct plan_request *r, const char *verb, struct str name, struct str value)
{
    struct args_spec spec = inputs_spec;
    spec.verb = verb;
    for (size_t i = 0; inputs[i].name; i++) {
        if (!str_eq(str_of(inputs[i].name), name))
            continue;
        struct args a = {.spec = &spec, .option = i};
        a.value = inputs[i].value ? arena_strdup(&r->mem, value.ptr, value.len) : NULL;
        return (!inputs[i].value || a.value) && plan_request_option(&a, r) > 0;
    }
    return false;
}

bool plan_request_end(struct plan_request *r)
{
    struct value list = value_list(&r->mem, r->input_count);
    if (list.list.count != r->input_count)
        return false;
    for (size_t i = 0; i < r->input_count; i++) {
        struct value map = value_map(&r->mem, 2);
        if (map.map.count != 2)
            return false;
        map.map.members[0] = (struct value_member){STR("name"), value_text(r->inputs[i].name)};
        map.map.members[1] = (struct value_member){STR("value"), r->inputs[i].value};
        list.list.items[i] = map;
    }
    r->options.inputs = list;
    return true;
}
