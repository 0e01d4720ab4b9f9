/* DER (X.690) appended to a `struct sb`: what sample signatures and lists are made of.
 *
 * A constructed value is opened, filled and closed; its length is put in when it is closed.  Not
 * for untrusted input: a wrong OID text stops the program. */
#pragma once

#include "out.h"

enum {
    TLV_INTEGER = 0x02,
    TLV_BIT_STRING = 0x03,
    TLV_OCTETS = 0x04,
    TLV_NULL = 0x05,
    TLV_BMP = 0x1E,
    TLV_SEQUENCE = 0x30,
    TLV_SET = 0x31,
    TLV_CONTEXT = 0x80, /* + number: IMPLICIT, primitive */
    TLV_TAGGED = 0xA0   /* + number: EXPLICIT, or IMPLICIT of something constructed */
};

size_t tlv_open(struct sb *b, uint8_t tag);
void tlv_close(struct sb *b, size_t at);

/* As tlv_close(), elements put in the order that SET OF wants. */
void tlv_close_set(struct sb *b, size_t at);

void tlv_bytes(struct sb *b, uint8_t tag, struct span value);
void tlv_null(struct sb *b);
void tlv_int(struct sb *b, uint64_t v);
void tlv_oid(struct sb *b, const char *dotted);
void tlv_bmp(struct sb *b, uint8_t tag, const char *text); /* UTF-16BE, no terminator */
void tlv_utc_time(struct sb *b, uint64_t t);
void tlv_generalized_time(struct sb *b, uint64_t t);

/* AlgorithmIdentifier; parameters NULL or none. */
void tlv_algorithm(struct sb *b, const char *oid, bool null_parameters);

/* The content octets of a value: everything behind tag and length. */
struct span tlv_value(struct span tlv);
