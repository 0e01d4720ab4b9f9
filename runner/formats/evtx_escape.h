/* UTF-16LE text appended as the inside of a JSON string or as XML text, for full dumps: plain ASCII
 * runs four characters at a time. */
#pragma once

#include "base/str.h"

/* sb_put() for the hot path: a copy when there is room. */
static inline void sb_add(struct sb *b, const char *p, size_t n)
{
    if (n < b->cap - b->len) {
        memcpy(b->ptr + b->len, p, n);
        b->len += n;
    } else {
        sb_put(b, p, n);
    }
}

enum evtx_format { EVTX_JSON, EVTX_XML };

/* JSON: as base/json.h escapes.  XML: & < > and both quotes as entities, TAB, LF and CR as
 * references (they must survive in attributes); what XML 1.0 forbids is written \u{1b}, so that it
 * stays visible. */
void evtx_escape(struct sb *b, struct span utf16, enum evtx_format format);

/* The same to `p`, where EVTX_ESCAPED times the text's bytes have room; returns the end. */
enum { EVTX_ESCAPED = 4 };
char *evtx_escape_to(char *p, struct span utf16, enum evtx_format format);

/* The same for UTF-8. */
void evtx_escape_utf8(struct sb *b, struct str s, enum evtx_format format);
