#include "formats/ctl.h"

#include "base/utf16.h"
#include "formats/der.h"

static bool damaged(struct err *e, const char *what)
{
    return err_set(e, ERR_FORMAT, 0, "certificate trust list: %s", what);
}

static bool optional(struct span *in, uint32_t tag, struct der *out)
{
    return der_expect(in, tag, out);
}

/* version, subjectUsage, listIdentifier, sequenceNumber, thisUpdate, nextUpdate, algorithm */
static bool head(struct span *in, struct arena *a, struct ctl *c, struct err *e)
{
    struct der d, inner;
    (void)optional(in, DER_INTEGER, &d);
    if (!der_expect(in, DER_SEQUENCE, &d))
        return damaged(e, "no subject usage");
    if (der_expect(&d.content, DER_OID, &inner))
        c->usage = der_oid(inner.content, a);
    if (optional(in, DER_OCTET_STRING, &d))
        c->list_id = d.content;
    if (optional(in, DER_INTEGER, &d))
        c->sequence = d.content;
    if (!der_next(in, &d) || !der_time(&d, &c->this_update))
        return damaged(e, "no time of this update");
    struct span copy = *in;
    if (der_next(&copy, &d) && (d.tag == DER_UTCTIME || d.tag == DER_GENERALIZEDTIME)) {
        if (!der_time(&d, &c->next_update))
            return damaged(e, "malformed time of the next update");
        *in = copy;
    }
    if (!der_expect(in, DER_SEQUENCE, &d) || !der_expect(&d.content, DER_OID, &inner))
        return damaged(e, "no subject algorithm");
    c->subject_algorithm = der_oid(inner.content, a);
    return true;
}

bool ctl_parse(struct span content_element, struct arena *a, struct ctl *out, struct err *e)
{
    struct ctl c = {0};
    struct der d;
    if (!der_expect(&content_element, DER_SEQUENCE, &d))
        return damaged(e, "not a SEQUENCE");
    struct span in = d.content;
    if (!head(&in, a, &c, e))
        return false;
    /* A list without entries may leave the sequence out. */
    if (optional(&in, DER_SEQUENCE, &d))
        c.entries = d.content;
    c.has_extensions = optional(&in, DER_CONTEXT_0, &d);
    if (in.len)
        return damaged(e, "bytes behind its last field");
    size_t cursor = 0;
    struct ctl_entry entry;
    while (ctl_next(&c, &cursor, &entry, e))
        c.entry_count++;
    if (e && e->kind != ERR_NONE)
        return false;
    if (a->full)
        return err_set(e, ERR_NOMEM, 0, "certificate trust list: out of memory");
    *out = c;
    return true;
}

static struct span without_zeroes(struct span s)
{
    while (s.len && s.ptr[0] == 0) {
        s.ptr++;
        s.len--;
    }
    return s;
}

int ctl_sequence_cmp(const struct ctl *a, const struct ctl *b)
{
    struct span x = without_zeroes(a->sequence), y = without_zeroes(b->sequence);
    if (x.len != y.len)
        return x.len < y.len ? -1 : 1;
    return x.len ? memcmp(x.ptr, y.ptr, x.len) : 0;
}

bool ctl_next(const struct ctl *c, size_t *cursor, struct ctl_entry *out, struct err *e)
{
    struct span rest;
    struct der entry, id, set;
    if (!span_from(c->entries, *cursor, &rest) || rest.len == 0)
        return false;
    if (!der_expect(&rest, DER_SEQUENCE, &entry) ||
        !der_expect(&entry.content, DER_OCTET_STRING, &id))
        return err_set(e, ERR_FORMAT, *cursor, "certificate trust list: malformed entry");
    *out = (struct ctl_entry){.id = id.content};
    if (der_expect(&entry.content, DER_SET, &set))
        out->attributes = set.content;
    *cursor = c->entries.len - rest.len;
    return true;
}

/* Content octets of the OID 1.3.6.1.4.1.311.10.11. */
static const uint8_t property_arc[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x0A, 0x0B};

static bool is_property(struct span oid, uint32_t id)
{
    if (oid.len <= sizeof property_arc || memcmp(oid.ptr, property_arc, sizeof property_arc) != 0)
        return false;
    uint32_t arc = 0;
    for (size_t i = sizeof property_arc; i < oid.len; i++) {
        if (arc > UINT32_MAX >> 7)
            return false;
        arc = arc << 7 | (oid.ptr[i] & 0x7Fu);
        if (!(oid.ptr[i] & 0x80))
            return i + 1 == oid.len && arc == id;
    }
    return false;
}

bool ctl_property(const struct ctl_entry *entry, uint32_t id, struct span *out)
{
    struct span rest = entry->attributes;
    struct der attribute, oid, set, value;
    while (der_expect(&rest, DER_SEQUENCE, &attribute))
        if (der_expect(&attribute.content, DER_OID, &oid) && is_property(oid.content, id) &&
            der_expect(&attribute.content, DER_SET, &set) &&
            der_expect(&set.content, DER_OCTET_STRING, &value)) {
            *out = value.content;
            return true;
        }
    return false;
}

/* Content octets of 1.3.6.1.4.1.311.2.1.4 and 1.3.6.1.4.1.311.12.2.1. */
static const uint8_t spc_indirect[] = {0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 4};
static const uint8_t name_value[] = {0x2B, 6, 1, 4, 1, 0x82, 0x37, 12, 2, 1};

/* The next attribute of that type in `rest`. */
static bool next_of(struct span *rest, struct span oid_content, struct der *value)
{
    struct der attribute, oid, set;
    while (der_expect(rest, DER_SEQUENCE, &attribute))
        if (der_expect(&attribute.content, DER_OID, &oid) && span_eq(oid.content, oid_content) &&
            der_expect(&attribute.content, DER_SET, &set) && der_next(&set.content, value))
            return true;
    return false;
}

void ctl_member(const struct ctl *c, const struct ctl_entry *entry, struct ctl_member *out)
{
    struct span rest = entry->attributes;
    struct der value;
    *out = (struct ctl_member){.tag = entry->id};
    if (next_of(&rest, span_of(spc_indirect, sizeof spc_indirect), &value))
        out->indirect = value.whole;
    if (str_eq(c->subject_algorithm, STR(CTL_CATALOG_V2)) &&
        (entry->id.len == 20 || entry->id.len == 32))
        out->digest = entry->id;
}

struct str ctl_member_name_value(const struct ctl_entry *entry, const char *name, struct arena *a)
{
    struct span rest = entry->attributes;
    struct der pair, key, flags, text;
    while (next_of(&rest, span_of(name_value, sizeof name_value), &pair)) {
        struct span in = pair.content;
        if (pair.tag != DER_SEQUENCE || !der_expect(&in, DER_BMPSTRING, &key) ||
            !der_expect(&in, DER_INTEGER, &flags) || !der_expect(&in, DER_OCTET_STRING, &text))
            continue;
        size_t n = strlen(name), same = 0;
        while (same < n && key.content.len == n * 2 && key.content.ptr[same * 2] == 0 &&
               key.content.ptr[same * 2 + 1] == (uint8_t)name[same])
            same++;
        if (same == n && n)
            return utf16z_to_utf8(a, text.content);
    }
    return (struct str){NULL, 0};
}

bool ctl_attribute(const struct ctl_entry *entry, const char *oid_text, struct span *out)
{
    struct span rest = entry->attributes;
    struct der attribute, oid, set, value;
    struct arena a;
    arena_init(&a, 1 << 16);
    bool found = false;
    while (!found && der_expect(&rest, DER_SEQUENCE, &attribute)) {
        arena_reset(&a);
        found = der_expect(&attribute.content, DER_OID, &oid) &&
                str_eq(der_oid(oid.content, &a), str_of(oid_text)) &&
                der_expect(&attribute.content, DER_SET, &set) && der_next(&set.content, &value);
    }
    arena_done(&a);
    if (found)
        *out = value.whole;
    return found;
}
