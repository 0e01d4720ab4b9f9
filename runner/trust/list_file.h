/* A trust list by itself: authroot.stl or disallowedcert.stl from anywhere, judged as the lists of
 * a host are (trust.h): it counts only when it is for its usage and signed, up to Microsoft's
 * list-signing roots, at its ThisUpdate.  No host is involved.
 *
 * The bytes are copied; everything that is given out belongs to the list.  One thread. */
#pragma once

#include <openssl/x509.h>

#include "formats/ctl.h"

struct list_file;

enum list_kind { LIST_ROOTS, LIST_DISALLOWED };

/* `roots`: for tests, beside Microsoft's. */
bool list_file_open(struct span der, enum list_kind kind, X509 *const *roots, size_t root_count,
                    struct list_file **out, struct err *e);
void list_file_close(struct list_file *l);

const struct ctl *list_file_ctl(const struct list_file *l);
/* The message alone, without what may lie behind it. */
struct span list_file_der(const struct list_file *l);
struct str list_file_sequence(const struct list_file *l); /* lower-case hex; empty = none */

/* <0, 0, >0: by sequence number where both have one, else by ThisUpdate. */
int list_file_cmp(const struct list_file *a, const struct list_file *b);

/* Entries, sorted by id. */
size_t list_file_count(const struct list_file *l);
const struct ctl_entry *list_file_entry(const struct list_file *l, size_t i);
/* By id (SHA-1 in a list of roots); NULL = none. */
const struct ctl_entry *list_file_find(const struct list_file *l, struct span id);
/* LIST_DISALLOWED: does it name this certificate? */
bool list_file_names(const struct list_file *l, X509 *x);
