/* Trust lists and catalogs: the content of a message, or the bytes themselves.  Oracles: a failure
 * explains itself; walking again gives as many entries; properties lie inside the list. */
#include "formats/authenticode.h"
#include "formats/certstore.h"
#include "formats/ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct span outer, struct span s)
{
    BUG_ON(s.len && (s.ptr < outer.ptr || s.ptr + s.len > outer.ptr + outer.len));
}

static void check_entry(const struct ctl *c, const struct ctl_entry *entry, struct arena *a)
{
    static const uint32_t ids[] = {PROP_FRIENDLY_NAME, PROP_ENHKEY_USAGE, PROP_DISALLOWED_TIME,
                                   PROP_NOT_BEFORE_TIME};
    struct ctl_member m;
    struct spc_indirect spc;
    struct span s;
    struct err e = {0};
    check_inside(c->entries, entry->id);
    check_inside(c->entries, entry->attributes);
    ctl_member(c, entry, &m);
    check_inside(c->entries, m.indirect);
    if (m.indirect.len && !spc_indirect_parse(m.indirect, a, &spc, &e))
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (ctl_property(entry, ids[i], &s)) {
            check_inside(c->entries, s);
            (void)certstore_usages(s, a);
        }
    if (ctl_attribute(entry, "1.3.6.1.4.1.311.12.2.2", &s))
        check_inside(c->entries, s);
    (void)ctl_member_name_value(entry, "File", a);
}

static void check_list(struct span element)
{
    struct arena a;
    struct ctl c;
    struct ctl_entry entry;
    struct err e = {0}, damage = {0};
    size_t cursor = 0, count = 0;
    arena_init(&a, 1 << 22);
    if (ctl_parse(element, &a, &c, &e)) {
        for (; ctl_next(&c, &cursor, &entry, &damage); count++)
            check_entry(&c, &entry, &a);
        BUG_ON(damage.kind != ERR_NONE || count != c.entry_count);
        BUG_ON(ctl_sequence_cmp(&c, &c) != 0);
    } else {
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
    }
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cms *c = NULL;
    struct err e = {0};
    if (cms_open(span_of(data, size), &c, &e)) {
        check_list(cms_content_element(c));
        cms_close(c);
    } else {
        check_list(span_of(data, size));
    }
    return 0;
}
