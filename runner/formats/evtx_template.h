/* Templates compiled to the places of the System fields, so that a record's fields are loaded
 * instead of its tokens walked.
 *
 * One cache a thread.  A definition is looked up by its offset once a chunk has met it; in a new
 * chunk it is recognised by content: its tokens byte for byte, its names by their text, lengths
 * left out (they vary with which names happen to stand inline).  What a template or a record has
 * that is not plain is left to the general decoder. */
#pragma once

#include "formats/evtx_scan.h"

struct evtx_templates *evtx_templates_new(void);
void evtx_templates_free(struct evtx_templates *t);

/* Every chunk begins with this: offsets mean something only within one. */
void evtx_templates_chunk(struct evtx_templates *t);

/* One template instance: token 0x0C and what follows it. */
struct evtx_instance {
    struct evtx_template *template;
    struct bx_values values;
};

/* The instance in bytes [at, end) of the chunk; false when
 * something else stands there or the definition is damaged. */
bool evtx_instance_open(struct evtx_templates *t, struct span chunk, size_t at, size_t end,
                        struct evtx_instance *out);

/* A row's fields, provider and channel as numbers of `names`. */
struct evtx_fields {
    uint64_t time;
    uint16_t event_id, provider, channel;
    uint8_t level;
};

/* False when the record is for the general decoder (which also tells whether it can be decoded at
 * all). */
bool evtx_template_fields(struct evtx_templates *t, struct evtx_names *names,
                          const struct evtx_chunk *c, const struct evtx_record *r,
                          struct evtx_fields *out);

/* The definition's tree, substitutions in place. */
const struct bx_node *evtx_template_tree(const struct evtx_template *t);
