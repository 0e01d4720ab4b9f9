/* Certificate trust lists and catalogs: the content of a SignedData of type
 * 1.3.6.1.4.1.311.10.1.  Entries are walked in place; nothing is copied but what is asked for. */
#pragma once

#include "formats/cms.h"

struct ctl {
    struct str usage;                  /* first subject usage, dotted OID */
    struct span list_id;               /* empty = absent */
    struct span sequence;              /* big-endian integer octets; empty = absent */
    uint64_t this_update, next_update; /* FILETIME, 0 = absent */
    struct str subject_algorithm;      /* dotted OID */
    struct span entries;               /* content of the SEQUENCE OF */
    size_t entry_count;
    bool has_extensions;
};

bool ctl_parse(struct span content_element, struct arena *a, struct ctl *out, struct err *e);

/* Compares sequence numbers as unsigned big-endian integers: <0, 0, >0. */
int ctl_sequence_cmp(const struct ctl *a, const struct ctl *b);

struct ctl_entry {
    struct span id;         /* SHA-1 thumbprint, signature hash, or a catalog's tag */
    struct span attributes; /* content of the SET OF, empty = none */
};

/* `cursor` starts at 0; false at the end or (e set) on damage. */
bool ctl_next(const struct ctl *c, size_t *cursor, struct ctl_entry *out, struct err *e);

/* A certificate property 1.3.6.1.4.1.311.10.11.<id> of an entry: false when it is not there; an
 * empty span when it is there with zero bytes. */
bool ctl_property(const struct ctl_entry *entry, uint32_t id, struct span *out);

/* What an entry of a catalog says about its member. */
struct ctl_member {
    struct span tag;      /* as stored: UTF-16LE text, or (version 2) the digest itself */
    struct span indirect; /* its SpcIndirectDataContent, empty where there is none */
    /* The tag as a digest: 20 or 32 bytes, empty when it is none.  Catalogs of version 2 (subject
     * algorithm CTL_CATALOG_V2) have members that are nothing but such a tag. */
    struct span digest;
};
#define CTL_CATALOG "1.3.6.1.4.1.311.12.1.2"
#define CTL_CATALOG_V2 "1.3.6.1.4.1.311.12.1.3"
void ctl_member(const struct ctl *c, const struct ctl_entry *entry, struct ctl_member *out);

/* A name-value pair of a member (1.3.6.1.4.1.311.12.2.1: "File", "OSAttr", ...): the value in
 * UTF-8, {NULL,0} when it has no such pair. */
struct str ctl_member_name_value(const struct ctl_entry *entry, const char *name, struct arena *a);

/* Any attribute by dotted OID: its value element. */
bool ctl_attribute(const struct ctl_entry *entry, const char *oid, struct span *out);
