/* Binary XML of the EVTX writer: tokens, names and the two kinds of template.
 *
 * Everything is appended to the chunk at hand; past its end `overflow` stays set and nothing more
 * is written. */
#pragma once

#include "evtx_writer.h"

void binxml_put(struct evtx_writer *w, struct span s);
void binxml_u8(struct evtx_writer *w, uint8_t v);
void binxml_u16(struct evtx_writer *w, uint16_t v);
void binxml_u32(struct evtx_writer *w, uint32_t v);
void binxml_u64(struct evtx_writer *w, uint64_t v);

void binxml_fragment(struct evtx_writer *w);

/* Template definition: its head (linked into the chunk's template table), then the body, then the
 * tail that fills in the size. */
void binxml_template_head(struct evtx_writer *w, const uint8_t guid[16]);
void binxml_template_tail(struct evtx_writer *w, uint32_t head);

void binxml_source_body(struct evtx_writer *w, const struct evtx_source *src);
void binxml_shape_body(struct evtx_writer *w, const struct evtx_shape *shape);

/* Identity of a template: equal for equal content. */
void binxml_source_guid(const struct evtx_source *src, uint8_t guid[16]);
void binxml_shape_guid(const struct evtx_shape *shape, uint8_t guid[16]);
