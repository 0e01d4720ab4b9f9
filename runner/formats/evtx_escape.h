/* UTF-16LE text appended as the inside of a JSON string or as XML text, for full dumps: plain ASCII
 * runs four characters at a time. */
#pragma once

#include "base/str.h"

enum evtx_format { EVTX_JSON, EVTX_XML };

/* JSON: as base/json.h escapes.  XML: & < > and both quotes as entities, CR (and in attributes TAB
 * and LF) as references; what XML 1.0 forbids is written \u{1b}, so that it stays visible. */
void evtx_escape(struct sb *b, struct span utf16, enum evtx_format format);

/* The same for UTF-8. */
void evtx_escape_utf8(struct sb *b, struct str s, enum evtx_format format);
