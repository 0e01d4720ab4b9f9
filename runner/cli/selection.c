#include "cli/selection.h"

#include <limits.h>
#include <string.h>

#include "cli/cli.h"

static bool add(const struct args *a, struct str *list, size_t *count)
{
    if (*count == SELECTION_REPEATS) {
        cli_fail(0, "%s: --%s is given more than %d times", a->spec->verb,
                 a->spec->options[a->option].name, SELECTION_REPEATS);
        return false;
    }
    list[(*count)++] = str_of(a->value);
    return true;
}

/* What files are judged by, whatever policy asks: which algorithms Windows refused, and since when,
 * is not known for every Windows, so it is for the admin to say. */
static bool weak_algorithms(const struct args *a, struct selection *s, struct str value)
{
    s->engine.trust.strict_weak_algorithms = str_eq(value, STR("refuse"));
    if (s->engine.trust.strict_weak_algorithms || str_eq(value, STR("accept")))
        return true;
    args_bad_value(a, "trust.weak_algorithms=accept or =refuse");
    return false;
}

static bool archive_limit(const struct args *a, struct archive_limits *l, struct str name,
                          const char *value)
{
    const struct {
        struct str name;
        uint64_t *to;
    } limits[] = {{STR("members"), &l->members},
                  {STR("member_bytes"), &l->member_bytes},
                  {STR("total_bytes"), &l->total_bytes},
                  {STR("ratio"), &l->ratio}};
    unsigned long n;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (str_eq(name, limits[i].name) && args_number(value, 1, ULONG_MAX / 2, &n)) {
            *limits[i].to = n;
            return true;
        }
    args_bad_value(a, "archive.members, .member_bytes, .total_bytes or .ratio, and a number");
    return false;
}

/* NAME=VALUE or POLICY.NAME=VALUE; input names hold no dot, policy ids may. */
static bool add_setting(const struct args *a, struct selection *s, struct target_options *t)
{
    const char *eq = strchr(a->value, '=');
    if (!eq || eq == a->value) {
        args_bad_value(a, "NAME=VALUE");
        return false;
    }
    if (s->engine.setting_count == SELECTION_REPEATS) {
        cli_fail(0, "%s: --set is given more than %d times", a->spec->verb, SELECTION_REPEATS);
        return false;
    }
    struct str name = {a->value, (size_t)(eq - a->value)}, policy = {NULL, 0};
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.') {
            policy = (struct str){name.ptr, i - 1};
            name = (struct str){name.ptr + i, name.len - i};
            break;
        }
    if (str_eq(policy, STR("trust")) && str_eq(name, STR("weak_algorithms")))
        return weak_algorithms(a, s, str_of(eq + 1));
    if (str_eq(policy, STR("archive")))
        return archive_limit(a, &t->limits, name, eq + 1);
    s->settings[s->engine.setting_count++] = (struct engine_setting){policy, name, str_of(eq + 1)};
    return true;
}

void selection_begin(struct selection *s)
{
    *s = (struct selection){0};
    s->engine.policies = s->policies;
    s->engine.only = s->only;
    s->engine.skip = s->skip;
    s->engine.profiles = s->profiles;
    s->engine.inputs = s->inputs;
    s->engine.waivers = s->waivers;
    s->engine.settings = s->settings;
}

static bool severity(const struct args *a, struct selection *s)
{
    s->engine.has_severity = severity_parse(str_of(a->value), &s->engine.at_least);
    if (!s->engine.has_severity)
        args_bad_value(a, "info, low, medium, high or critical");
    return s->engine.has_severity;
}

int selection_option(const struct args *a, struct selection *s, struct target_options *t)
{
    bool ok;
    if (args_is(a, "policy"))
        ok = add(a, s->policies, &s->engine.policy_count);
    else if (args_is(a, "only"))
        ok = add(a, s->only, &s->engine.only_count);
    else if (args_is(a, "skip"))
        ok = add(a, s->skip, &s->engine.skip_count);
    else if (args_is(a, "profile"))
        ok = add(a, s->profiles, &s->engine.profile_count);
    else if (args_is(a, "inputs"))
        ok = add(a, s->inputs, &s->engine.input_count);
    else if (args_is(a, "waivers"))
        ok = add(a, s->waivers, &s->engine.waiver_count);
    else if (args_is(a, "set"))
        ok = add_setting(a, s, t);
    else if (args_is(a, "severity"))
        ok = severity(a, s);
    else
        return 0;
    return ok ? 1 : -1;
}
