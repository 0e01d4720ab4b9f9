#include "host/place.h"

#include "base/utf16.h"
#include "host/host_ops.h"
#include "host/wow64.h"

enum { LINKS_MAX = 8 };

/* The number of a control set in Select. */
static enum fact_state selected(struct host *h, const char *name, struct arena *a, uint32_t *number,
                                struct str *why)
{
    struct reg_value v = {0};
    h->ops->value(h, STR("HKLM\\SYSTEM\\Select"), str_of(name), a, &v);
    if (v.state != FACT_FOUND) {
        *why = v.reason.len ? v.reason : str_fmt(a, "SYSTEM\\Select\\%s is missing", name);
        return v.state;
    }
    *number = v.type == REGF_DWORD && v.data.len == 4 ? load_u32(v.data.ptr) : 0;
    if (*number >= 1 && *number <= 999)
        return FACT_FOUND;
    *why = str_fmt(a, "SYSTEM\\Select\\%s names no control set", name);
    return FACT_UNREADABLE;
}

static bool next_control_set(struct host *h, struct str rest, struct arena *a, struct str *place,
                             struct str *why)
{
    uint32_t number = 0;
    enum fact_state state = selected(h, "Default", a, &number, why);
    if (state == FACT_ABSENT) {
        *why = (struct str){NULL, 0};
        state = selected(h, "Current", a, &number, why);
    }
    if (state != FACT_FOUND)
        return false;
    struct reg_key set = {0};
    *place = str_fmt(a, "HKLM\\SYSTEM\\ControlSet%03u", (unsigned)number);
    h->ops->key(h, *place, false, a, &set);
    if (set.state != FACT_FOUND) {
        *why = set.reason.len ? set.reason
                              : str_fmt(a, "control set %u, which the next boot uses, is missing",
                                        (unsigned)number);
        return false;
    }
    if (rest.len)
        *place = str_fmt(a, STR_FMT "\\" STR_FMT, STR_ARG(*place), STR_ARG(rest));
    return place->ptr != NULL;
}

/* Replaces the first link on the way by what it leads to.  False: there is none, or it leads out of
 * the registry's two roots (*why is set then). */
static bool follow_link(struct host *h, struct arena *a, struct str *place, struct str *why)
{
    for (size_t end = 0; end <= place->len; end++) {
        struct reg_value link = {0};
        struct str target, below;
        if (end < place->len && place->ptr[end] != '\\')
            continue;
        h->ops->value(h, (struct str){place->ptr, end}, STR("SymbolicLinkValue"), a, &link);
        if (link.state != FACT_FOUND || link.type != REGF_LINK)
            continue;
        target = utf16_to_utf8(a, link.data);
        bool machine = wow64_below(target, STR("\\REGISTRY\\MACHINE"), &below);
        if (!machine && !wow64_below(target, STR("\\REGISTRY\\USER"), &below)) {
            *why = str_fmt(a, STR_FMT " is a link that leads nowhere known", STR_ARG(*place));
            return false;
        }
        *place = str_fmt(a, "%s\\" STR_FMT STR_FMT, machine ? "HKLM" : "HKU", STR_ARG(below),
                         (int)(place->len - end), place->ptr + end);
        return true;
    }
    return false;
}

bool host_place(struct host *h, struct str key, enum reg_view view, struct arena *a,
                struct str *place, struct str *why)
{
    struct str plain, rest;
    enum fact_state state;
    *why = (struct str){NULL, 0};
    if (!registry_canonical(key, a, &plain)) {
        *why = str_fmt(a, "\"" STR_FMT "\" is below no registry root known here", STR_ARG(key));
        return false;
    }
    /* A running Windows is changed where it runs. */
    bool ok = h->info.kind != TARGET_LIVE &&
                      wow64_below(plain, STR("HKLM\\SYSTEM\\CurrentControlSet"), &rest)
                  ? next_control_set(h, rest, a, place, why)
                  : registry_resolve(h, key, view, a, place, &state, why);
    for (unsigned links = 0; ok && follow_link(h, a, place, why); links++)
        if (links == LINKS_MAX)
            *why = STR("registry links lead in a circle"), ok = false;
    if (ok && !place->ptr)
        *why = STR("out of memory");
    return ok && !why->len;
}

static bool count_missing(struct host *h, struct str place, struct arena *a, size_t *missing,
                          struct str *why)
{
    *missing = 0;
    while (place.len) {
        struct reg_key key = {0};
        h->ops->key(h, place, false, a, &key);
        if (key.state == FACT_FOUND)
            return true;
        if (key.state != FACT_ABSENT) {
            *why = key.reason.len ? key.reason : STR("the key cannot be read");
            return false;
        }
        (*missing)++;
        while (place.len && place.ptr[place.len - 1] != '\\')
            place.len--;
        place.len -= place.len ? 1 : 0;
    }
    *why = STR("not even its root exists");
    return false;
}

bool host_image(struct host *h, struct str place, struct str name, struct arena *a,
                struct reg_image *out, size_t *missing_keys, struct str *why)
{
    struct reg_value v = {0};
    *out = (struct reg_image){0};
    *missing_keys = 0;
    h->ops->value(h, place, name, a, &v);
    if (v.state != FACT_FOUND && v.state != FACT_ABSENT) {
        *why = v.reason.len ? v.reason : str_of(fact_state_name(v.state));
        return false;
    }
    if (v.state == FACT_ABSENT)
        return count_missing(h, place, a, missing_keys, why);
    /* Data of the host below may be mapped: the plan keeps its own. */
    void *copy = arena_copy(a, v.data.ptr, v.data.len);
    *out = (struct reg_image){true, v.type, span_of(copy, v.data.len)};
    if (v.data.len && !copy) {
        *why = STR("out of memory");
        return false;
    }
    return true;
}
