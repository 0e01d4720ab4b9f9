#include "formats/der.h"

#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "base/wtime.h"

bool der_next(struct span *in, struct der *out)
{
    if (in->len == 0 || in->len > LONG_MAX)
        return false;
    const unsigned char *p = in->ptr;
    long len = 0;
    int tag = 0, class = 0;
    int got = ASN1_get_object(&p, &len, &tag, &class, (long)in->len);
    if (got & 0x81 || len < 0) { /* error, or an indefinite length */
        ERR_clear_error();
        return false;
    }
    size_t head = (size_t)(p - in->ptr), whole = head + (size_t)len;
    out->tag = tag < 31 ? in->ptr[0] : UINT32_MAX;
    out->content = (struct span){p, (size_t)len};
    out->whole = (struct span){in->ptr, whole};
    in->ptr += whole;
    in->len -= whole;
    return true;
}

bool der_expect(struct span *in, uint32_t tag, struct der *out)
{
    struct span copy = *in;
    struct der d;
    if (!der_next(&copy, &d) || d.tag != tag)
        return false;
    *in = copy;
    *out = d;
    return true;
}

struct str der_oid(struct span content, struct arena *a)
{
    enum { LONGEST = 64 };
    unsigned char der[LONGEST + 2] = {DER_OID, (unsigned char)content.len};
    if (content.len == 0 || content.len > LONGEST)
        return (struct str){NULL, 0};
    memcpy(der + 2, content.ptr, content.len);
    const unsigned char *p = der;
    ASN1_OBJECT *o = d2i_ASN1_OBJECT(NULL, &p, (long)content.len + 2);
    char text[256];
    int n = o ? OBJ_obj2txt(text, sizeof text, o, 1) : 0;
    ASN1_OBJECT_free(o);
    ERR_clear_error();
    if (n <= 0 || (size_t)n >= sizeof text)
        return (struct str){NULL, 0};
    return str_dup(a, (struct str){text, (size_t)n});
}

static bool two_digits(struct reader *r, int *out)
{
    int a = rd_u8(r) - '0', b = rd_u8(r) - '0';
    *out = a * 10 + b;
    return a >= 0 && a <= 9 && b >= 0 && b <= 9;
}

bool der_time(const struct der *d, uint64_t *out)
{
    struct reader r = reader_of(d->content);
    struct wtime_civil c = {0};
    int century = 0;
    if (d->tag == DER_GENERALIZEDTIME) {
        if (!two_digits(&r, &century))
            return false;
    } else if (d->tag != DER_UTCTIME) {
        return false;
    }
    if (!two_digits(&r, &c.year) || !two_digits(&r, &c.month) || !two_digits(&r, &c.day) ||
        !two_digits(&r, &c.hour) || !two_digits(&r, &c.minute))
        return false;
    /* RFC 5280: two-digit years of 50 and above are of the twentieth century. */
    c.year += d->tag == DER_UTCTIME ? (c.year >= 50 ? 1900 : 2000) : century * 100;
    if (rd_left(&r) > 1 && !two_digits(&r, &c.second))
        return false;
    /* A fraction of a second is allowed by RFC 3161 and does not matter here. */
    if (rd_left(&r) > 1 && r.s.ptr[r.pos] == '.') {
        rd_skip(&r, 1);
        while (rd_left(&r) && r.s.ptr[r.pos] >= '0' && r.s.ptr[r.pos] <= '9')
            rd_skip(&r, 1);
    }
    return rd_u8(&r) == 'Z' && !r.bad && rd_left(&r) == 0 && wtime_from_civil(&c, out);
}
