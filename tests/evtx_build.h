/* Hand-built EVTX bytes for tests: one call a token, so that odd and damaged logs can be made that
 * no writer would write.  Names stand inline where they are used first in a chunk. */
#pragma once

#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUILD_CHUNK = 65536, BUILD_NAMES = 64 };

struct build {
    uint8_t *file; /* header and chunks */
    size_t len;
    size_t chunk; /* where the current chunk begins */
    size_t at;    /* in the current chunk */
    size_t record;
    uint64_t next_id, first_id;
    struct {
        const char *text;
        size_t at;
    } name[BUILD_NAMES];
    size_t names;
};

static inline void b_raw(struct build *b, const void *p, size_t n)
{
    if (b->at + n > BUILD_CHUNK)
        abort();
    memcpy(b->file + b->chunk + b->at, p, n);
    b->at += n;
}

static inline void b_int(struct build *b, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        uint8_t c = (uint8_t)(v >> (8 * i));
        b_raw(b, &c, 1);
    }
}

static inline void b_at(struct build *b, size_t at, uint64_t v, size_t bytes)
{
    size_t keep = b->at;
    b->at = at;
    b_int(b, v, bytes);
    b->at = keep;
}

static inline void b_wide(struct build *b, const char *s)
{
    for (; *s; s++)
        b_int(b, (uint8_t)*s, 2);
}

static inline void build_begin(struct build *b)
{
    *b = (struct build){.next_id = 1};
    b->file = calloc(1, 4096);
    b->len = 4096;
}

static inline void build_done(struct build *b)
{
    free(b->file);
}

static inline void build_chunk(struct build *b)
{
    b->file = realloc(b->file, b->len + BUILD_CHUNK);
    b->chunk = b->len;
    memset(b->file + b->chunk, 0, BUILD_CHUNK);
    b->len += BUILD_CHUNK;
    b->names = 0;
    b->first_id = b->next_id;
    b->at = 0;
    b_raw(b, "ElfChnk", 8);
    b->at = 512;
}

/* Header fields and checksums; records end here. */
static inline void build_chunk_end(struct build *b)
{
    uint8_t *c = b->file + b->chunk;
    size_t end = b->at;
    for (size_t i = 0; i < 2; i++) {
        b_at(b, 8 + 16 * i, b->first_id, 8);
        b_at(b, 16 + 16 * i, b->next_id - 1, 8);
    }
    b_at(b, 40, 128, 4);
    b_at(b, 48, end, 4);
    b_at(b, 52, libdeflate_crc32(0, c + 512, end - 512), 4);
    b_at(b, 124, libdeflate_crc32(libdeflate_crc32(0, c, 120), c + 128, 384), 4);
}

static inline void build_end(struct build *b)
{
    uint8_t *f = b->file;
    size_t chunks = (b->len - 4096) / BUILD_CHUNK;
    memcpy(f, "ElfFile", 8);
    f[24] = (uint8_t)b->next_id;
    f[32] = 128;
    f[36] = 1, f[38] = 3;
    f[41] = 4096 >> 8;
    f[42] = (uint8_t)chunks;
    f[43] = (uint8_t)(chunks >> 8);
    uint32_t sum = libdeflate_crc32(0, f, 120);
    for (int i = 0; i < 4; i++)
        f[124 + i] = (uint8_t)(sum >> (8 * i));
}

static inline void b_record(struct build *b, uint64_t time)
{
    b->record = b->at;
    b_int(b, 0x2A2A, 4);
    b_int(b, 0, 4);
    b_int(b, b->next_id++, 8);
    b_int(b, time, 8);
}

static inline void b_record_end(struct build *b)
{
    size_t size = b->at + 4 - b->record;
    b_at(b, b->record + 4, size, 4);
    b_int(b, size, 4);
}

static inline void b_name(struct build *b, const char *text)
{
    for (size_t i = 0; i < b->names; i++)
        if (strcmp(b->name[i].text, text) == 0) {
            b_int(b, b->name[i].at, 4);
            return;
        }
    b_int(b, b->at + 4, 4);
    if (b->names < BUILD_NAMES) {
        b->name[b->names].text = text;
        b->name[b->names++].at = b->at;
    }
    b_int(b, 0, 6); /* next name and hash: nobody reads them */
    b_int(b, strlen(text), 2);
    b_wide(b, text);
    b_int(b, 0, 2);
}

static inline void b_fragment(struct build *b)
{
    b_raw(b, "\x0F\x01\x01\x00", 4);
}

/* `depends` < 0: outside of templates, where there is no such field. */
static inline void b_open(struct build *b, const char *name, int depends, bool attrs)
{
    b_int(b, attrs ? 0x41 : 0x01, 1);
    if (depends >= 0)
        b_int(b, (uint64_t)depends, 2);
    b_int(b, 0, 4);
    b_name(b, name);
    if (attrs)
        b_int(b, 0, 4);
}

static inline void b_attr(struct build *b, const char *name)
{
    b_int(b, 0x06, 1);
    b_name(b, name);
}

static inline void b_text(struct build *b, const char *s)
{
    b_int(b, 0x05, 1);
    b_int(b, 1, 1);
    b_int(b, strlen(s), 2);
    b_wide(b, s);
}

static inline void b_subst(struct build *b, unsigned id, uint8_t type, bool optional)
{
    b_int(b, optional ? 0x0E : 0x0D, 1);
    b_int(b, id, 2);
    b_int(b, type, 1);
}

static inline void b_close_start(struct build *b)
{
    b_int(b, 0x02, 1);
}

static inline void b_close_empty(struct build *b)
{
    b_int(b, 0x03, 1);
}

static inline void b_end(struct build *b)
{
    b_int(b, 0x04, 1);
}

static inline void b_leaf(struct build *b, const char *name, int depends, const char *text)
{
    b_open(b, name, depends, false);
    b_close_start(b);
    b_text(b, text);
    b_end(b);
}

static inline void b_leaf_subst(struct build *b, const char *name, int depends, unsigned id,
                                uint8_t type)
{
    b_open(b, name, depends, false);
    b_close_start(b);
    b_subst(b, id, type, true);
    b_end(b);
}

/* A template instance whose definition follows inline (`definition` 0) or lies there; returns the
 * definition's offset. b_definition_end() after its tokens. */
static inline size_t b_instance(struct build *b, size_t definition)
{
    b_int(b, 0x0C, 1);
    b_int(b, 1, 1);
    b_int(b, 7, 4);
    b_int(b, definition ? definition : b->at + 4, 4);
    size_t here = b->at;
    if (!definition) {
        b_int(b, 0, 4);
        b_raw(b, "guid of template", 16);
        b_int(b, 0, 4);
    }
    return definition ? definition : here;
}

static inline void b_definition_end(struct build *b, size_t definition)
{
    b_int(b, 0, 1);
    b_at(b, definition + 20, b->at - definition - 24, 4);
}

static inline void b_spec(struct build *b, size_t size, uint8_t type)
{
    b_int(b, size, 2);
    b_int(b, type, 2);
}

/* A usual System template: values 0 level, 1 id, 2 time, 3 provider, 4 payload. */
static inline void b_system_template(struct build *b, const char *channel)
{
    b_fragment(b);
    b_open(b, "Event", 4, true);
    b_attr(b, "xmlns");
    b_text(b, "urn:e");
    b_close_start(b);
    b_open(b, "System", 0xFFFF, false);
    b_close_start(b);
    b_open(b, "Provider", 0xFFFF, true);
    b_attr(b, "Name");
    b_subst(b, 3, 1, true);
    b_close_empty(b);
    b_leaf_subst(b, "EventID", 1, 1, 6);
    b_leaf_subst(b, "Level", 0, 0, 4);
    b_open(b, "TimeCreated", 0xFFFF, true);
    b_attr(b, "SystemTime");
    b_subst(b, 2, 0x11, true);
    b_close_empty(b);
    b_leaf(b, "Channel", 0xFFFF, channel);
    b_leaf(b, "Computer", 0xFFFF, "PC");
    b_end(b);
    b_subst(b, 4, 0x21, true);
    b_end(b);
}

/* A record of that template with EventData of one array of strings and binary data. */
static inline void b_usual(struct build *b, size_t *system, size_t *data, uint64_t time,
                           unsigned id, const char *provider, const char *strings, size_t chars)
{
    b_record(b, time);
    b_fragment(b);
    size_t def = b_instance(b, *system);
    if (!*system) {
        b_system_template(b, "System");
        b_definition_end(b, def);
    }
    *system = def;
    b_int(b, 5, 4);
    b_spec(b, 1, 4);
    b_spec(b, 2, 6);
    b_spec(b, 8, 0x11);
    b_spec(b, strlen(provider) * 2, 1);
    size_t spec = b->at;
    b_spec(b, 0, 0x21);
    b_int(b, 3, 1);
    b_int(b, id, 2);
    b_int(b, time, 8);
    b_wide(b, provider);
    size_t nested = b->at;
    def = b_instance(b, *data);
    if (!*data) {
        b_fragment(b);
        b_open(b, "EventData", 0xFFFF, false);
        b_close_start(b);
        b_leaf_subst(b, "Data", 0xFFFF, 0, 0x81);
        b_leaf_subst(b, "Binary", 1, 1, 0x0E);
        b_end(b);
        b_definition_end(b, def);
    }
    *data = def;
    b_int(b, 2, 4);
    b_spec(b, chars * 2, 0x81);
    b_spec(b, 2, 0x0E);
    for (size_t i = 0; i < chars; i++)
        b_int(b, (uint8_t)strings[i], 2);
    b_raw(b, "\xBE\xEF", 2);
    b_at(b, spec, b->at - nested, 2);
    b_int(b, 0, 1);
    b_record_end(b);
}
