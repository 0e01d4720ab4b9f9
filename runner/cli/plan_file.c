#include "cli/plan_file.h"

#include "base/wtime.h"
#include "cli/cli.h"
#include "engine/policy_file.h"
#include "model/value_json.h"

static const struct value *get(const struct value *v, const char *name, enum value_kind kind)
{
    const struct value *m = v->kind == VALUE_MAP ? value_get(v, name) : NULL;
    return m && m->kind == kind ? m : NULL;
}

static bool get_text(const struct value *v, const char *name, struct str *out)
{
    const struct value *m = get(v, name, VALUE_TEXT);
    if (m)
        *out = m->text;
    return m != NULL;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_digest(const struct value *v, const char *name, char out[SHA256_HEX])
{
    struct str s;
    if (!get_text(v, name, &s) || s.len != SHA256_HEX - 1)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (digit(s.ptr[i]) < 0)
            return false;
    memcpy(out, s.ptr, s.len);
    out[s.len] = '\0';
    return true;
}

/* ---- what explains --------------------------------------------------------------------------- */

static bool read_image(const struct value *v, const char *name, struct arena *a,
                       struct reg_image *out)
{
    struct str hex;
    *out = (struct reg_image){0};
    const struct value *m = get(v, name, VALUE_MAP), *type = m ? get(m, "type", VALUE_INT) : NULL;
    if (!m)
        return get(v, name, VALUE_NULL) != NULL;
    if (!type || type->integer < 0 || type->integer > UINT32_MAX || !get_text(m, "data", &hex) ||
        hex.len % 2)
        return false;
    uint8_t *bytes = arena_alloc(a, hex.len / 2 + 1);
    for (size_t i = 0; bytes && i < hex.len; i += 2) {
        int high = digit(hex.ptr[i]), low = digit(hex.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    *out = (struct reg_image){true, (uint32_t)type->integer, span_of(bytes, hex.len / 2)};
    return bytes != NULL;
}

static bool read_changes(const struct value *action, struct arena *a, struct consent *out)
{
    const struct value *list = get(action, "changes", VALUE_LIST);
    for (size_t i = 0; list && i < list->list.count; i++) {
        const struct value *v = &list->list.items[i];
        struct change *c = &out->changes[out->change_count++];
        if (!get_text(v, "key", &c->key) || !get_text(v, "name", &c->name) ||
            !read_image(v, "before", a, &c->before) || !read_image(v, "after", a, &c->after))
            return false;
    }
    return list != NULL;
}

static void read_package(const struct value *action, struct consent *out)
{
    struct str kind, package;
    const struct value *details = get(action, "details", VALUE_MAP);
    if (details && get_text(action, "kind", &kind) &&
        str_eq(kind, str_of(action_kind_name(ACTION_UPGRADE_STAGE))) &&
        get_text(details, "package", &package))
        out->packages[out->package_count++] = package;
}

static bool read_actions(const struct value *plan, struct arena *a, struct consent *out)
{
    const struct value *list = get(plan, "actions", VALUE_LIST), *changes;
    size_t count = 0;
    for (size_t i = 0; list && i < list->list.count; i++)
        if ((changes = get(&list->list.items[i], "changes", VALUE_LIST)))
            count += changes->list.count;
    if (!list)
        return false;
    out->changes = ARENA_ARRAY(a, count + 1, struct change);
    out->packages = ARENA_ARRAY(a, list->list.count + 1, struct str);
    if (!out->changes || !out->packages)
        return false;
    for (size_t i = 0; i < list->list.count; i++) {
        read_package(&list->list.items[i], out);
        if (!read_changes(&list->list.items[i], a, out))
            return false;
    }
    return true;
}

static bool read_policies(const struct value *plan, struct arena *a, struct consent *out)
{
    const struct value *list = get(plan, "policies", VALUE_LIST);
    if (!list)
        return false;
    out->policies = ARENA_ARRAY(a, list->list.count + 1, struct plan_policy);
    for (size_t i = 0; out->policies && i < list->list.count; i++) {
        struct plan_policy *p = &out->policies[out->policy_count++];
        if (!get_text(&list->list.items[i], "id", &p->id) ||
            !get_digest(&list->list.items[i], "sha256", p->sha256))
            return false;
    }
    return out->policies != NULL;
}

/* ---- what counts ----------------------------------------------------------------------------- */

static bool read_consent(const struct value *plan, struct arena *a, struct plan_file *out)
{
    struct str schema;
    struct consent *c = &out->consent;
    return get_text(plan, "schema", &schema) && str_eq(schema, STR("rectify.plan/1")) &&
           get_digest(plan, "digest", c->gate.digest) &&
           get_digest(plan, "target_id", c->gate.target) &&
           get_text(plan, "location", &out->location) && read_policies(plan, a, c) &&
           read_actions(plan, a, c);
}

static uint64_t read_time(const struct value *plan)
{
    struct str text;
    uint64_t t;
    const struct value *run = get(plan, "run", VALUE_MAP);
    return run && get_text(run, "reference_time", &text) && wtime_parse(text, &t) ? t : 0;
}

static int read_inputs(const char *verb, const char *path, const struct value *plan,
                       struct plan_request *request)
{
    const struct value *list = get(plan, "inputs", VALUE_LIST);
    for (size_t i = 0; list && i < list->list.count; i++) {
        struct str name = {NULL, 0}, value;
        const struct value *v = &list->list.items[i];
        if (!get_text(v, "name", &name) || !get_text(v, "value", &value) ||
            !plan_request_input(request, verb, name, value))
            return cli_fail(EXIT_COULD_NOT_RUN, "%s: %s: its input " STR_FMT " is not understood",
                            verb, path, STR_ARG(name));
    }
    if (!list)
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: %s: no plan of rectify", verb, path);
    return plan_request_end(request) ? 0 : cli_fail(EXIT_COULD_NOT_RUN, "%s: out of memory", verb);
}

int plan_file_read(const char *verb, const char *path, struct plan_request *request,
                   struct arena *a, struct plan_file *out)
{
    struct err e = {0};
    struct span text;
    struct value *plan = ARENA_ARRAY(a, 1, struct value);
    *out = (struct plan_file){0};
    if (!plan)
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: out of memory", verb);
    if (!policy_file_read(str_of(path), PLAN_FILE_SIZE, a, &text, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: %s", verb, e.text);
    if (!value_from_json_within(text, PLAN_FILE_SIZE, a, plan, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: %s:%s", verb, path, e.text);
    if (!read_consent(plan, a, out))
        return cli_fail(EXIT_COULD_NOT_RUN, "%s: %s: no plan of rectify (rectify.plan/1)", verb,
                        path);
    out->reference_time = read_time(plan);
    out->consent.shows = plan_shown;
    out->consent.file = plan;
    return read_inputs(verb, path, plan, request);
}
