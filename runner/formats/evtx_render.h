/* Whole records as JSON lines or XML.
 *
 * JSON: one flat object a record, members that the record does not have left out:
 *   record_id, time, channel, provider, provider_guid, event_source, id, qualifiers, version,
 *   level, task, opcode, keywords, activity_id, related_activity_id, process_id, thread_id,
 *   processor_id, session_id, computer, user: from System;
 *   event_data: an object by Data/@Name, or, where no Data has a name, a list of values;
 *   binary: EventData/Binary in hex;
 *   user_data and any other child of Event under its own name: nested objects (attributes as
 *   "@name", text beside elements as "#text", repeated elements and arrays as lists; namespace
 *   declarations are left out).
 * Integers, reals and booleans are JSON's own, everything else is text as in XML.
 *
 * XML: the record's elements and attributes in their order on one line.
 *
 * The way from the tree is general; templates compiled to programs (evtx_program.h) write the same
 * bytes faster. */
#pragma once

#include "formats/binxml_text.h"
#include "formats/evtx.h"
#include "formats/evtx_escape.h"

/* One System member of the JSON form. */
struct evtx_member {
    const char *key, *element, *attr; /* attr NULL: the element's text */
    bool number;                      /* digits in text form are a number, too */
};
extern const struct evtx_member evtx_members[];
extern const size_t evtx_member_count;

/* A value as JSON (quotes included) or XML text. Arrays: a list, or joined by commas. */
void evtx_value(struct sb *b, uint8_t type, struct span raw, enum evtx_format format);

/* The same of a value that is no array, to `p`, where evtx_value_room() bytes are; returns the end.
 */
char *evtx_value_to(char *p, uint8_t type, struct span raw, enum evtx_format format);
static inline size_t evtx_value_room(struct span raw)
{
    return 2 * EVTX_ESCAPED * raw.len + BX_SCALAR_MAX; /* a byte of ANSI may become a reference */
}
/* A string as a JSON number when it is digits only. */
char *evtx_number_to(char *p, struct span utf16);
/* Text parts of a list. */
void evtx_text(struct sb *b, const struct bx_node *list, enum evtx_format format);

/* A member's value: as a number where it may be one. */
void evtx_member_text(struct sb *b, const struct bx_node *list, bool number);

/* Names in XML have no escapes: what cannot stand in one becomes an underscore. */
void evtx_xml_name(struct sb *b, struct span name);

bool evtx_is_namespace(struct span name);

/* The tree, without a newline. `note` (or NULL) becomes the member "error" or a comment. */
void evtx_render(struct sb *b, const struct evtx_tree *tree, const char *note,
                 enum evtx_format format);

struct evtx_templates;

/* In evtx_program.c: a record, one way or the other (`t` NULL: the general way), and a newline.
 * False when not even System can be decoded. *partial: the payload could not be decoded and the row
 * says so. */
bool evtx_render_record(struct evtx_templates *t, const struct evtx_chunk *c,
                        const struct evtx_record *r, struct arena *scratch, enum evtx_format format,
                        struct sb *b, bool *partial);
