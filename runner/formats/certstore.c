#include "formats/certstore.h"

#include "formats/der.h"

/* One record at the reader; false past the end. */
static bool next_record(struct reader *r, struct cert_record *out)
{
    uint32_t id = rd_u32(r);
    rd_skip(r, 4); /* reserved: 1, or for some properties a flag word */
    uint32_t len = rd_u32(r);
    struct span bytes = rd_bytes(r, len);
    if (r->bad)
        return false;
    *out = (struct cert_record){id, bytes};
    return true;
}

static void note_content(struct cert_element *c, const struct cert_record *record)
{
    if (record->id == PROP_CERTIFICATE)
        c->certificate = record->bytes;
    else if (record->id == PROP_CRL)
        c->crl = record->bytes;
    else if (record->id == PROP_CTL)
        c->ctl = record->bytes;
}

static bool is_content(uint32_t id)
{
    return id == PROP_CERTIFICATE || id == PROP_CRL || id == PROP_CTL;
}

bool certstore_blob(struct span blob, struct arena *a, struct cert_element *out, struct err *e)
{
    struct cert_record records[CERTSTORE_RECORDS];
    struct cert_element c = {0};
    struct reader r = reader_of(blob);
    while (rd_left(&r)) {
        uint64_t at = r.pos;
        if (c.count == CERTSTORE_RECORDS)
            return err_set(e, ERR_LIMIT, at, "certificate element has more than %d properties",
                           CERTSTORE_RECORDS);
        if (!next_record(&r, &records[c.count]))
            return err_set(e, ERR_FORMAT, at, "certificate property passes the end of its element");
        note_content(&c, &records[c.count++]);
    }
    c.records = arena_copy(a, records, c.count * sizeof *records);
    if (!c.records)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    *out = c;
    return true;
}

bool cert_element_property(const struct cert_element *c, uint32_t id, struct span *out)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->records[i].id == id) {
            *out = c->records[i].bytes;
            return true;
        }
    return false;
}

struct str certstore_usages(struct span property, struct arena *a)
{
    struct der list, oid;
    struct sb text;
    sb_init(&text, 1 << 16);
    bool ok = der_expect(&property, DER_SEQUENCE, &list);
    while (ok && list.content.len) {
        ok = der_expect(&list.content, DER_OID, &oid);
        if (ok && text.len)
            sb_putc(&text, ' ');
        if (ok)
            sb_str(&text, der_oid(oid.content, a));
    }
    struct str s = {NULL, 0};
    if (ok && !text.bad)
        s = str_dup(a, (struct str){text.ptr ? text.ptr : "", text.len});
    sb_done(&text);
    return s;
}

/* Records up to and with the content; an id of 0 ends the store. */
static bool sst_element(struct reader *r, struct arena *a, struct cert_element *out, bool *end,
                        struct err *e)
{
    size_t start = r->pos, count = 0;
    struct cert_record record;
    do {
        struct reader peek = *r;
        if (rd_u32(&peek) == 0 && !peek.bad) {
            *end = true;
            return count == 0
                       ? true
                       : err_set(e, ERR_FORMAT, r->pos, "serialized store ends within an element");
        }
        if (count++ == CERTSTORE_RECORDS)
            return err_set(e, ERR_LIMIT, r->pos, "certificate element has more than %d properties",
                           CERTSTORE_RECORDS);
        if (!next_record(r, &record))
            return err_set(e, ERR_FORMAT, start, "serialized store is cut short");
    } while (!is_content(record.id));
    struct span bytes = {r->s.ptr + start, r->pos - start};
    return certstore_blob(bytes, a, out, e);
}

bool sst_parse(struct span bytes, struct arena *a, struct sst *out, struct err *e)
{
    struct reader r = reader_of(bytes);
    uint32_t version = rd_u32(&r);
    struct span magic = rd_bytes(&r, 4);
    if (r.bad || version != 0 || memcmp(magic.ptr, "CERT", 4) != 0)
        return err_set(e, ERR_FORMAT, 0, "not a serialized certificate store");
    struct sst s = {0};
    size_t cap = 0;
    for (bool end = false; rd_left(&r) && !end;) {
        if (s.count == cap) {
            cap = cap ? cap * 2 : 64;
            struct cert_element *grown =
                cap > CERTSTORE_ELEMENTS ? NULL : ARENA_ARRAY(a, cap, struct cert_element);
            if (!grown)
                return err_set(e, ERR_LIMIT, r.pos, "serialized store has too many elements");
            if (s.count)
                memcpy(grown, s.elements, s.count * sizeof *grown);
            s.elements = grown;
        }
        if (!sst_element(&r, a, &s.elements[s.count], &end, e))
            return false;
        s.count += !end;
    }
    *out = s;
    return true;
}
