/* Templates compiled to programs that write JSON or XML straight from a record's bytes: runs of
 * fixed text with values between them.
 *
 * A program writes exactly what evtx_render() writes from the tree; what does not fit the plain
 * patterns has no program, or its run gives up and the caller goes the general way. */
#pragma once

#include "formats/evtx_escape.h"
#include "formats/evtx_template.h"

/* What a template's document stands for: the whole record; a child of Event; what stands in an
 * element of the payload (JSON: a member of its object). */
enum evtx_role { EVTX_ROLE_RECORD, EVTX_ROLE_PAYLOAD, EVTX_ROLE_MEMBER, EVTX_ROLES };

struct evtx_op {
    uint8_t kind;
    uint8_t arrays;           /* what an array value does */
    uint8_t role;             /* of a nested document */
    bool omit_null;           /* a null value writes nothing, not even the text around it */
    bool number;              /* digits in text form are a number */
    char bracket;             /* closing */
    uint16_t id;              /* value */
    uint16_t depends;         /* null value there: skipped */
    uint32_t count;           /* skipping: operations */
    struct str before, after; /* EVTX_TEXT_ROOM readable bytes behind each */
};

struct evtx_program {
    const struct evtx_op *op;
    uint32_t count;
    uint32_t ids; /* values it touches lie below */
};

/* The template's program, made on first use; NULL when there is none. */
const struct evtx_program *evtx_program_of(struct evtx_templates *t, struct evtx_template *m,
                                           enum evtx_role role, enum evtx_format format);

/* In evtx_program_make.c. False when the template has no plain pattern. */
bool evtx_program_make(const struct bx_node *tree, enum evtx_role role, enum evtx_format format,
                       struct arena *mem, struct evtx_program *out);

enum { EVTX_OP_TEXT, EVTX_OP_VALUE, EVTX_OP_SKIP, EVTX_OP_OPEN, EVTX_OP_CLOSE, EVTX_OP_NESTED };
enum {
    EVTX_ARRAY_FAIL,
    EVTX_ARRAY_VALUE,  /* one value: a JSON list, joined in XML */
    EVTX_ARRAY_REPEAT, /* the operation again for each item (XML: at least once) */
};
enum { EVTX_PROGRAM_IDS = 256, EVTX_TEXT_ROOM = 32 };

/* Appends a whole record; false leaves `b` as it was. */
bool evtx_program_run(struct evtx_templates *t, const struct evtx_chunk *c,
                      const struct evtx_record *r, enum evtx_format format, struct sb *b);
