#include "evtx_writer.h"
#include "evtx_binxml.h"
#include "out.h"

enum {
    HEADER_BLOCK = 4096,
    CHUNK_HEADER = 512,
    STRING_TABLE = 128, /* 64 buckets */
    SYSTEM_VALUES = 20,
    RECORD_HEADER = 24
};

/* Types of values (the low bits of a substitution's descriptor). */
enum {
    T_NULL = 0x00,
    T_STRING = 0x01,
    T_U8 = 0x04,
    T_U16 = 0x06,
    T_U32 = 0x08,
    T_U64 = 0x0A,
    T_BINARY = 0x0E,
    T_FILETIME = 0x11,
    T_SID = 0x13,
    T_HEX64 = 0x15,
    T_BINXML = 0x21,
    T_STRING_ARRAY = 0x81
};

static const uint8_t sid_local_system[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};

void evtx_begin(struct evtx_writer *w, struct sb *out, FILE *stream, uint64_t first_record)
{
    static const uint8_t blank[HEADER_BLOCK];
    BUG_ON(!out == !stream);
    *w = (struct evtx_writer){.out = out, .stream = stream, .next_record = first_record};
    w->number = 1;
    w->chunk = calloc(1, EVTX_CHUNK);
    BUG_ON(!w->chunk);
    sb_init(&w->text, EVTX_CHUNK);
    if (out)
        out_zero(out, HEADER_BLOCK);
    else
        fwrite(blank, 1, HEADER_BLOCK, stream); /* its error is asked for at the end */
}

/* ---- chunks -------------------------------------------------------------------------------- */

static void start_chunk(struct evtx_writer *w)
{
    memset(w->chunk, 0, EVTX_CHUNK);
    memcpy(w->chunk, "ElfChnk", 8);
    w->at = CHUNK_HEADER;
    w->first_id = w->next_record;
    w->first_number = w->number;
    for (size_t i = 0; i < w->template_count; i++)
        w->templates[i].offset = 0;
}

static uint32_t chunk_header_crc(const uint8_t *chunk)
{
    uint32_t crc = out_crc32(0, span_of(chunk, 120));
    return out_crc32(crc, span_of(chunk + STRING_TABLE, CHUNK_HEADER - STRING_TABLE));
}

static void finish_chunk(struct evtx_writer *w)
{
    uint8_t *c = w->chunk;
    if (w->at <= CHUNK_HEADER)
        return;
    store_u64(c + 8, w->first_number);
    store_u64(c + 16, w->number - 1);
    store_u64(c + 24, w->first_id);
    store_u64(c + 32, w->next_record - 1);
    store_u32(c + 40, STRING_TABLE);
    store_u32(c + 44, (uint32_t)w->last_record);
    store_u32(c + 48, (uint32_t)w->at);
    store_u32(c + 52, out_crc32(0, span_of(c + CHUNK_HEADER, w->at - CHUNK_HEADER)));
    store_u32(c + 120, 1);
    store_u32(c + 124, chunk_header_crc(c));
    if (w->out)
        sb_put(w->out, c, EVTX_CHUNK);
    else
        fwrite(c, 1, EVTX_CHUNK, w->stream);
    w->chunks++;
    w->at = 0;
}

void evtx_skip_to(struct evtx_writer *w, uint64_t id)
{
    BUG_ON(id < w->next_record);
    finish_chunk(w); /* ids within a chunk are consecutive */
    w->next_record = id;
}

/* ---- records ------------------------------------------------------------------------------- */

/* Index of the template in the writer's table, entered at its first use. */
static size_t template_slot(struct evtx_writer *w, const struct evtx_event *ev, bool payload)
{
    const void *key = payload ? (const void *)ev->shape : (const void *)ev->source;
    size_t i = 0;
    while (i < w->template_count && w->templates[i].key != key)
        i++;
    BUG_ON(i == EVTX_TEMPLATES);
    if (i < w->template_count)
        return i;
    w->templates[i].key = key;
    w->templates[i].offset = 0;
    if (payload)
        binxml_shape_guid(ev->shape, w->templates[i].guid);
    else
        binxml_source_guid(ev->source, w->templates[i].guid);
    w->template_count++;
    return i;
}

/* Fragment header and template instance; the definition too when the chunk has none yet. */
static void put_instance(struct evtx_writer *w, const struct evtx_event *ev, bool payload)
{
    size_t slot = template_slot(w, ev, payload);
    const uint8_t *guid = w->templates[slot].guid;
    uint32_t known = w->templates[slot].offset;
    binxml_fragment(w);
    binxml_u8(w, 0x0C); /* template instance */
    binxml_u8(w, 0x01);
    binxml_u32(w, load_u32(guid));
    binxml_u32(w, known ? known : (uint32_t)w->at + 4);
    if (known)
        return;
    known = (uint32_t)w->at;
    w->templates[slot].offset = known;
    binxml_template_head(w, guid);
    if (payload)
        binxml_shape_body(w, ev->shape);
    else
        binxml_source_body(w, ev->source);
    binxml_template_tail(w, known);
}

static void put_descriptor(struct evtx_writer *w, size_t size, uint8_t type)
{
    binxml_u16(w, (uint16_t)size);
    binxml_u8(w, type);
    binxml_u8(w, 0);
}

static void put_bytes(struct evtx_writer *w, struct str text)
{
    w->text.len = 0;
    out_utf16(&w->text, text);
    binxml_put(w, sb_span(&w->text));
}

static size_t utf16_bytes(struct evtx_writer *w, struct str text)
{
    w->text.len = 0;
    out_utf16(&w->text, text);
    return w->text.len;
}

/* The classic list: all strings as one array, a count nobody refers to, the binary data. */
static void put_classic_values(struct evtx_writer *w, const struct evtx_event *ev)
{
    size_t strings = 0;
    for (size_t i = 0; i < ev->string_count; i++)
        strings += utf16_bytes(w, ev->strings[i]) + 2;
    binxml_u32(w, 3);
    put_descriptor(w, strings, strings ? T_STRING_ARRAY : T_NULL);
    put_descriptor(w, 4, T_U32);
    put_descriptor(w, ev->binary.len, ev->binary.len ? T_BINARY : T_NULL);
    for (size_t i = 0; i < ev->string_count; i++) {
        put_bytes(w, ev->strings[i]);
        binxml_u16(w, 0);
    }
    binxml_u32(w, (uint32_t)ev->binary.len);
    binxml_put(w, ev->binary);
}

static void put_named_values(struct evtx_writer *w, const struct evtx_event *ev)
{
    bool binary = ev->shape->binary;
    binxml_u32(w, (uint32_t)ev->string_count + (binary ? 2 : 0));
    for (size_t i = 0; i < ev->string_count; i++)
        put_descriptor(w, utf16_bytes(w, ev->strings[i]), T_STRING); /* never optional */
    if (binary) {
        put_descriptor(w, 4, T_U32);
        put_descriptor(w, ev->binary.len, ev->binary.len ? T_BINARY : T_NULL);
    }
    for (size_t i = 0; i < ev->string_count; i++)
        put_bytes(w, ev->strings[i]);
    if (binary) {
        binxml_u32(w, (uint32_t)ev->binary.len);
        binxml_put(w, ev->binary);
    }
}

/* The twenty values of the System part, the last of them the nested payload of unknown size: gives
 * the place of its descriptor. */
static size_t put_system_values(struct evtx_writer *w, const struct evtx_event *ev)
{
    bool classic = ev->source->classic;
    size_t sid = ev->sid_system ? sizeof sid_local_system : 0;
    binxml_u32(w, SYSTEM_VALUES);
    put_descriptor(w, 1, T_U8);  /* 0 Level */
    put_descriptor(w, 1, T_U8);  /* 1 Opcode */
    put_descriptor(w, 2, T_U16); /* 2 Task */
    put_descriptor(w, 2, T_U16); /* 3 EventID */
    bool qualified = classic || ev->source->event_source;
    put_descriptor(w, qualified ? 2 : 0, qualified ? T_U16 : T_NULL); /* 4 Qualifiers */
    put_descriptor(w, 8, T_HEX64);                                    /* 5 Keywords */
    put_descriptor(w, 8, T_FILETIME);                                 /* 6 SystemTime */
    put_descriptor(w, 0, T_NULL);                                     /* 7 ActivityID */
    put_descriptor(w, 4, T_U32);                                      /* 8 ProcessID */
    put_descriptor(w, 4, T_U32);                                      /* 9 ThreadID */
    put_descriptor(w, 8, T_U64);                                      /* 10 EventRecordID */
    put_descriptor(w, 1, T_U8);                                       /* 11 Version */
    put_descriptor(w, sid, sid ? T_SID : T_NULL);                     /* 12 UserID */
    for (int i = 13; i < 19; i++)
        put_descriptor(w, 0, T_NULL);
    size_t nested = w->at;
    put_descriptor(w, 0, T_BINXML); /* 19 */
    binxml_u8(w, ev->level);
    binxml_u8(w, ev->opcode);
    binxml_u16(w, ev->task);
    binxml_u16(w, ev->id);
    if (qualified)
        binxml_u16(w, ev->qualifiers);
    binxml_u64(w, ev->keywords);
    binxml_u64(w, ev->time);
    binxml_u32(w, ev->process);
    binxml_u32(w, ev->thread);
    binxml_u64(w, w->next_record);
    binxml_u8(w, ev->version);
    binxml_put(w, span_of(sid_local_system, sid));
    return nested;
}

static void put_record(struct evtx_writer *w, const struct evtx_event *ev)
{
    size_t start = w->at;
    binxml_put(w, span_of("**\0", 4));
    binxml_u32(w, 0);
    binxml_u64(w, w->next_record);
    binxml_u64(w, ev->time);
    put_instance(w, ev, false);
    size_t nested = put_system_values(w, ev), body = w->at;
    put_instance(w, ev, true);
    if (ev->shape->field[0])
        put_named_values(w, ev);
    else
        put_classic_values(w, ev);
    if (w->overflow)
        return;
    store_u16(w->chunk + nested, (uint16_t)(w->at - body));
    binxml_u8(w, 0); /* end of the outer fragment */
    while (!w->overflow && (w->at + 4 - start) % 8)
        binxml_u8(w, 0);
    binxml_u32(w, 0);
    if (w->overflow)
        return;
    store_u32(w->chunk + start + 4, (uint32_t)(w->at - start));
    store_u32(w->chunk + w->at - 4, (uint32_t)(w->at - start));
    w->last_record = start;
}

/* How much the binary data must grow to bring the record to the wanted size. */
static size_t missing(const struct evtx_writer *w, const struct evtx_event *ev, size_t start)
{
    size_t have = w->at - start;
    bool binary = !ev->shape->field[0] || ev->shape->binary;
    return binary && ev->record_size > have ? ev->record_size - have : 0;
}

/* Writes the record; if it does not fit, everything it left in the chunk is taken back. */
static bool try_record(struct evtx_writer *w, const struct evtx_event *ev)
{
    uint8_t tables[CHUNK_HEADER];
    uint32_t offsets[EVTX_TEMPLATES];
    size_t start = w->at, count = w->template_count;
    memcpy(tables, w->chunk, sizeof tables);
    for (size_t i = 0; i < count; i++)
        offsets[i] = w->templates[i].offset;
    w->overflow = false;
    put_record(w, ev);
    size_t more = w->overflow ? 0 : missing(w, ev, start);
    if (!w->overflow && more == 0)
        return true;
    memset(w->chunk + start, 0, w->at - start);
    memcpy(w->chunk, tables, sizeof tables);
    w->at = start;
    w->template_count = count;
    for (size_t i = 0; i < count; i++)
        w->templates[i].offset = offsets[i];
    if (w->overflow)
        return false;
    static const uint8_t zero[4096];
    struct evtx_event grown = *ev;
    BUG_ON(ev->binary.len + more > sizeof zero);
    uint8_t binary[sizeof zero];
    memset(binary, 0, ev->binary.len + more);
    if (ev->binary.len)
        memcpy(binary, ev->binary.ptr, ev->binary.len);
    grown.binary = span_of(binary, ev->binary.len + more);
    grown.record_size = 0;
    return try_record(w, &grown);
}

void evtx_add(struct evtx_writer *w, const struct evtx_event *ev)
{
    if (w->at == 0)
        start_chunk(w);
    size_t start = w->at;
    if (!try_record(w, ev)) {
        finish_chunk(w);
        start_chunk(w);
        start = w->at;
        bool fits = try_record(w, ev);
        BUG_ON(!fits);
    }
    w->bytes += w->at - start;
    w->next_record++;
    w->number++;
}

/* ---- the file ------------------------------------------------------------------------------ */

bool evtx_end(struct evtx_writer *w, enum evtx_state state, struct err *e)
{
    uint8_t header[128] = "ElfFile";
    finish_chunk(w);
    uint64_t known = state == EVTX_DIRTY && w->chunks > 2 ? w->chunks - 2 : w->chunks;
    store_u64(header + 16, known ? known - 1 : 0);
    store_u64(header + 24, w->next_record);
    store_u32(header + 32, sizeof header);
    store_u16(header + 36, 1);
    store_u16(header + 38, 3);
    store_u16(header + 40, HEADER_BLOCK);
    store_u16(header + 42, (uint16_t)known);
    store_u32(header + 120, state == EVTX_DIRTY ? 1 : state == EVTX_FULL ? 2 : 0);
    store_u32(header + 124, out_crc32(0, span_of(header, 120)));
    bool ok;
    if (w->out) {
        ok = !w->out->bad;
        if (ok)
            memcpy(w->out->ptr, header, sizeof header);
    } else {
        ok = fseek(w->stream, 0, SEEK_SET) == 0 &&
             fwrite(header, 1, sizeof header, w->stream) == sizeof header && !ferror(w->stream);
    }
    free(w->chunk);
    sb_done(&w->text);
    w->chunk = NULL;
    return ok || err_set(e, ERR_IO, 0, "event log not written");
}

void evtx_damage(struct sb *log, size_t index, enum evtx_damage how)
{
    size_t at = HEADER_BLOCK + index * (size_t)EVTX_CHUNK;
    BUG_ON(at + EVTX_CHUNK > log->len);
    if (how == EVTX_ZEROED)
        memset(log->ptr + at, 0, EVTX_CHUNK);
    else if (how == EVTX_BAD_DATA)
        memset(log->ptr + at + EVTX_CHUNK / 2, 0xA5, 512);
    else
        log->ptr[at + 60] ^= 0x5A;
}

void evtx_rotate(struct sb *log, size_t by)
{
    size_t count = (log->len - HEADER_BLOCK) / EVTX_CHUNK, head = by * (size_t)EVTX_CHUNK;
    uint8_t *chunks = (uint8_t *)log->ptr + HEADER_BLOCK, *header = (uint8_t *)log->ptr;
    BUG_ON(by == 0 || by >= count);
    uint8_t *copy = malloc(head);
    BUG_ON(!copy);
    memcpy(copy, chunks, head);
    memmove(chunks, chunks + head, (count - by) * (size_t)EVTX_CHUNK);
    memcpy(chunks + (count - by) * (size_t)EVTX_CHUNK, copy, head);
    free(copy);
    store_u64(header + 8, count - by);
    store_u64(header + 16, count - by - 1);
    store_u32(header + 124, out_crc32(0, span_of(header, 120)));
}
