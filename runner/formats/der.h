/* Walking DER by libcrypto's tag reader: one element at a time, borrowed, definite lengths only. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTF8 = 0x0C,
    DER_UTCTIME = 0x17,
    DER_GENERALIZEDTIME = 0x18,
    DER_BMPSTRING = 0x1E,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT_0 = 0xA0
};

struct der {
    uint32_t tag;        /* identifier octet of the DER_ constants; 0xFFFFFFFF for long tags */
    struct span content; /* octets */
    struct span whole;   /* tag and length too */
};

/* The element at the front of `in`, which moves past it; false when there is none or it is damaged
 * (`in` untouched). */
bool der_next(struct span *in, struct der *out);

/* The same, but only if its tag is `tag`. */
bool der_expect(struct span *in, uint32_t tag, struct der *out);

/* Dotted text of an OID's content octets; {NULL,0} when malformed or the arena is full. */
struct str der_oid(struct span content, struct arena *a);

/* UTCTime or GeneralizedTime to FILETIME, UTC only. */
bool der_time(const struct der *d, uint64_t *out);
