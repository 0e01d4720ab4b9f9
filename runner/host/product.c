/* Products: readings of all sources compared, and what follows from them. */
#include "base/utf16.h"
#include "host/product_sources.h"

static bool decides(const struct product_reading *p)
{
    return p->source->role == ROLE_PRIMARY || p->source->role == ROLE_CORROBORATES;
}

static bool unread(const struct product_reading *p)
{
    return p->state == FACT_UNREADABLE || p->state == FACT_NOT_COLLECTED;
}

/* Compares only the numbers that both texts give: a package that calls itself 8.8 does not
 * contradict 8.8.0.975. */
static bool agree(const struct product_reading *a, const struct product_reading *b)
{
    unsigned parts = a->version_parts < b->version_parts ? a->version_parts : b->version_parts;
    for (unsigned i = 0; i < parts && i < 4; i++)
        if (a->version.part[i] != b->version.part[i])
            return false;
    return true;
}

/* The reading that stands for the product: the first primary with a version, else the first that
 * corroborates. */
static const struct product_reading *leading(const struct product_fact *f)
{
    const struct product_reading *second = NULL;
    for (size_t i = 0; i < f->reading_count; i++) {
        const struct product_reading *p = &f->readings[i];
        if (!p->has_version || !decides(p))
            continue;
        if (p->source->role == ROLE_PRIMARY)
            return p;
        if (!second)
            second = p;
    }
    return second;
}

static struct str described(struct arena *a, const struct product_reading *p)
{
    const char *open = p->view.len ? " (" : "", *close = p->view.len ? ")" : "";
    return str_fmt(a, STR_FMT "%s" STR_FMT "%s", STR_ARG(p->source->label), open, STR_ARG(p->view),
                   close);
}

/* lowest, highest, and whether all agree; the reason names the first two that do not. */
static bool compare(struct arena *a, struct product_fact *f, const struct product_reading *lead)
{
    bool same = true;
    f->version = f->lowest = f->highest = lead->version;
    for (size_t i = 0; i < f->reading_count; i++) {
        const struct product_reading *p = &f->readings[i];
        if (!p->has_version || !decides(p))
            continue;
        bool agrees = agree(p, lead);
        if (agrees && p->version_parts < lead->version_parts)
            continue; /* says less, and nothing else */
        if (version_cmp(p->version, f->lowest) < 0)
            f->lowest = p->version;
        if (version_cmp(p->version, f->highest) > 0)
            f->highest = p->version;
        if (!agrees && same) {
            struct str one = described(a, lead), other = described(a, p);
            same = false;
            f->reason =
                str_fmt(a, STR_FMT " says " STR_FMT ", " STR_FMT " says " STR_FMT, STR_ARG(one),
                        STR_ARG(lead->text), STR_ARG(other), STR_ARG(p->text));
        }
    }
    return same;
}

/* Builds between two known ones belong to the earlier one's interval; only where that is marked as
 * complete are they its hotfixes, else a patch may lie between that nobody told us of. */
static void name_patch(struct arena *a, struct product_fact *f)
{
    const struct product_def *def = f->def;
    const struct product_build *found = NULL;
    bool last = false;
    for (size_t i = 0; i < def->build_count; i++)
        if (version_cmp(def->builds[i].from, f->version) <= 0) {
            found = &def->builds[i];
            last = i + 1 == def->build_count;
        }
    f->patch_known = false;
    if (!found) {
        f->patch = STR("unknown build");
    } else if (version_cmp(found->from, f->version) == 0) {
        f->patch = found->name;
        f->patch_known = true;
    } else if (found->exact && !last) {
        f->patch = str_fmt(a, STR_FMT " with a hotfix", STR_ARG(found->name));
        f->patch_known = true;
    } else {
        f->patch = str_fmt(a, "unknown build after " STR_FMT, STR_ARG(found->name));
    }
}

static struct str first_unread(struct arena *a, const struct product_fact *f,
                               const struct product_reading *p)
{
    struct str what = described(a, p);
    (void)f;
    return str_fmt(a, STR_FMT ": " STR_FMT, STR_ARG(what),
                   STR_ARG(p->text.len ? p->text : str_of(fact_state_name(p->state))));
}

/* No version: absent only when all that could tell was read and nothing of the product is there.
 * A collection without program files still tells by its hives, so a file that was not collected
 * does not stand against absence, as long as something that decides was read. */
static void without_version(struct arena *a, struct product_fact *f)
{
    bool read_one = false;
    f->state = PRODUCT_UNKNOWN;
    for (size_t i = 0; i < f->reading_count; i++) {
        const struct product_reading *p = &f->readings[i];
        bool passable = p->source->kind == SOURCE_FILE && p->state == FACT_NOT_COLLECTED;
        if (unread(p) && !passable) {
            f->reason = first_unread(a, f, p);
            return;
        }
        read_one = read_one || (decides(p) && p->state == FACT_ABSENT);
    }
    if (f->trace) {
        for (size_t i = 0; i < f->reading_count && !f->reason.len; i++)
            if (f->readings[i].state == FACT_FOUND)
                f->reason = str_fmt(
                    a, "there is a trace of it (" STR_FMT "), but no source tells a version",
                    STR_ARG(f->readings[i].source->label));
    } else if (!read_one) {
        f->reason = STR("no source that decides was collected");
    } else {
        f->state = PRODUCT_ABSENT;
    }
}

/* A primary source that could not be read, while none of the primaries gave a version. */
static const struct product_reading *silent_primary(const struct product_fact *f)
{
    const struct product_reading *silent = NULL;
    for (size_t i = 0; i < f->reading_count; i++) {
        const struct product_reading *p = &f->readings[i];
        if (p->source->role != ROLE_PRIMARY)
            continue;
        if (p->has_version)
            return NULL;
        if (!silent && (unread(p) || p->state == FACT_FOUND))
            silent = p;
    }
    return silent;
}

/* A source that could not be read might have said something else: no version is sure. */
static const struct product_reading *torn_source(const struct product_fact *f)
{
    for (size_t i = 0; i < f->reading_count; i++)
        if (decides(&f->readings[i]) && f->readings[i].state == FACT_UNREADABLE)
            return &f->readings[i];
    return NULL;
}

static void conclude(struct arena *a, struct product_fact *f)
{
    for (size_t i = 0; i < f->reading_count; i++)
        f->trace = f->trace || f->readings[i].state == FACT_FOUND;
    const struct product_reading *lead = leading(f), *silent = silent_primary(f);
    if (!lead) {
        without_version(a, f);
        return;
    }
    bool same = compare(a, f, lead);
    name_patch(a, f);
    f->state = same ? PRODUCT_INSTALLED : PRODUCT_CONFLICT;
    if (!silent)
        silent = torn_source(f);
    if (!silent)
        return;
    f->state = PRODUCT_UNKNOWN;
    f->reason = unread(silent) ? first_unread(a, f, silent)
                               : str_fmt(a, STR_FMT " gives no version: \"" STR_FMT "\"",
                                         STR_ARG(silent->source->label), STR_ARG(silent->text));
}

void host_product(struct host *h, const struct product_def *def, struct arena *a,
                  struct product_fact *out)
{
    memset(out, 0, sizeof *out);
    out->def = def;
    out->state = PRODUCT_UNKNOWN;
    struct product_readings r = {.h = h, .a = a};
    r.items = ARENA_ARRAY(a, READINGS_MAX, struct product_reading);
    if (r.items) {
        for (size_t i = 0; i < def->source_count; i++)
            product_source_read(&r, &def->sources[i]);
        out->readings = r.items;
        out->reading_count = r.count;
        conclude(a, out);
    }
    if (a->full) {
        out->state = PRODUCT_UNKNOWN;
        out->reason = STR("out of memory");
    }
    if (out->state == PRODUCT_UNKNOWN)
        host_count(h, FACT_UNREADABLE);
}
