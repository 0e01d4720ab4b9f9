/* DER (X.690) appended to a `struct sb`: what sample signatures and lists are made of.
 *
 * A constructed value is opened, filled and closed; its length is put in when it is closed.  Not
 * for untrusted input: a wrong OID text stops the program. */
#pragma once

#include "out.h"

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTETS = 0x04,
    DER_NULL = 0x05,
    DER_BMP = 0x1E,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80, /* + number: IMPLICIT, primitive */
    DER_TAGGED = 0xA0   /* + number: EXPLICIT, or IMPLICIT of something constructed */
};

size_t der_open(struct sb *b, uint8_t tag);
void der_close(struct sb *b, size_t at);

/* As der_close(), elements put in the order that SET OF wants. */
void der_close_set(struct sb *b, size_t at);

void der_bytes(struct sb *b, uint8_t tag, struct span value);
void der_null(struct sb *b);
void der_int(struct sb *b, uint64_t v);
void der_oid(struct sb *b, const char *dotted);
void der_bmp(struct sb *b, uint8_t tag, const char *text); /* UTF-16BE, no terminator */
void der_utc_time(struct sb *b, uint64_t t);
void der_generalized_time(struct sb *b, uint64_t t);

/* AlgorithmIdentifier; parameters NULL or none. */
void der_algorithm(struct sb *b, const char *oid, bool null_parameters);

/* The content octets of a value: everything behind tag and length. */
struct span der_value(struct span tlv);
