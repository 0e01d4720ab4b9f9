#include "evtx_binxml.h"
#include "out.h"

enum {
    STRING_TABLE = 128,
    TEMPLATE_TABLE = 384,
    NO_DEPENDENCY = 0xFFFF,
    CHUNK_LIMIT = EVTX_CHUNK - 8 /* Windows never fills a chunk to its last byte */
};

/* Tokens; 0x40 is added where attributes follow (in an element) or another one follows (in an
 * attribute). */
enum {
    TOKEN_END = 0x00,
    TOKEN_ELEMENT = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END_ELEMENT = 0x04,
    TOKEN_TEXT = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_VALUE = 0x0D,          /* substitution that is always written */
    TOKEN_OPTIONAL_VALUE = 0x0E, /* left out, with its element, when the value is null */
    MORE = 0x40
};

void binxml_put(struct evtx_writer *w, struct span s)
{
    if (w->overflow || s.len > CHUNK_LIMIT - w->at) {
        w->overflow = true;
        return;
    }
    if (s.len)
        memcpy(w->chunk + w->at, s.ptr, s.len);
    w->at += s.len;
}

void binxml_u8(struct evtx_writer *w, uint8_t v)
{
    binxml_put(w, span_of(&v, 1));
}

void binxml_u16(struct evtx_writer *w, uint16_t v)
{
    uint8_t p[2];
    store_u16(p, v);
    binxml_put(w, span_of(p, sizeof p));
}

void binxml_u32(struct evtx_writer *w, uint32_t v)
{
    uint8_t p[4];
    store_u32(p, v);
    binxml_put(w, span_of(p, sizeof p));
}

void binxml_u64(struct evtx_writer *w, uint64_t v)
{
    uint8_t p[8];
    store_u64(p, v);
    binxml_put(w, span_of(p, sizeof p));
}

void binxml_fragment(struct evtx_writer *w)
{
    binxml_u32(w, 0x0001010F);
}

static void patch_u32(struct evtx_writer *w, size_t at, size_t v)
{
    if (!w->overflow)
        store_u32(w->chunk + at, (uint32_t)v);
}

/* ---- names --------------------------------------------------------------------------------- */

static bool name_is(const uint8_t *entry, uint16_t hash, const char *name)
{
    size_t len = strlen(name);
    if (load_u16(entry + 4) != hash || load_u16(entry + 6) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (load_u16(entry + 8 + 2 * i) != (uint8_t)name[i])
            return false;
    return true;
}

/* Offset of the name in the chunk; where it is new, its entry (next in bucket, hash, length, text,
 * NUL) stands right behind the offset.  Names are ASCII. */
static void put_name(struct evtx_writer *w, const char *name)
{
    uint32_t hash = 0;
    for (const char *p = name; *p; p++)
        hash = hash * 65599 + (uint8_t)*p;
    uint8_t *bucket = w->chunk + STRING_TABLE + 4 * (size_t)((hash & 0xFFFF) % 64);
    uint32_t head = load_u32(bucket), at = head;
    while (at && !name_is(w->chunk + at, (uint16_t)hash, name))
        at = load_u32(w->chunk + at);
    if (at) {
        binxml_u32(w, at);
        return;
    }
    at = (uint32_t)w->at + 4;
    binxml_u32(w, at);
    binxml_u32(w, head);
    binxml_u16(w, (uint16_t)hash);
    binxml_u16(w, (uint16_t)strlen(name));
    for (const char *p = name; *p; p++)
        binxml_u16(w, (uint8_t)*p);
    binxml_u16(w, 0);
    if (!w->overflow)
        store_u32(bucket, at);
}

/* ---- elements ------------------------------------------------------------------------------ */

/* Place of the size field of an element that is open. */
struct element {
    size_t size_at, attributes_at;
};

static struct element open_element(struct evtx_writer *w, const char *name, uint16_t dependency,
                                   bool attributes)
{
    struct element el = {0, 0};
    binxml_u8(w, (uint8_t)(TOKEN_ELEMENT | (attributes ? MORE : 0)));
    binxml_u16(w, dependency);
    el.size_at = w->at;
    binxml_u32(w, 0);
    put_name(w, name);
    el.attributes_at = w->at;
    if (attributes)
        binxml_u32(w, 0);
    return el;
}

static void close_attributes(struct evtx_writer *w, const struct element *el)
{
    patch_u32(w, el->attributes_at, w->at - el->attributes_at - 4);
}

static void close_element(struct evtx_writer *w, const struct element *el, uint8_t token)
{
    binxml_u8(w, token);
    patch_u32(w, el->size_at, w->at - el->size_at - 4);
}

static void put_text(struct evtx_writer *w, const char *text)
{
    w->text.len = 0;
    out_utf16(&w->text, str_of(text));
    binxml_u8(w, TOKEN_TEXT);
    binxml_u8(w, 0x01); /* a string */
    binxml_u16(w, (uint16_t)(w->text.len / 2));
    binxml_put(w, sb_span(&w->text));
}

static void put_value(struct evtx_writer *w, uint8_t token, uint16_t index, uint8_t type)
{
    binxml_u8(w, token);
    binxml_u16(w, index);
    binxml_u8(w, type);
}

static void attribute(struct evtx_writer *w, const char *name, bool more)
{
    binxml_u8(w, (uint8_t)(TOKEN_ATTRIBUTE | (more ? MORE : 0)));
    put_name(w, name);
}

/* <Name>value</Name>; the element goes with its value. */
static void value_element(struct evtx_writer *w, const char *name, uint16_t index, uint8_t type)
{
    struct element el = open_element(w, name, index, false);
    binxml_u8(w, TOKEN_CLOSE_START);
    put_value(w, TOKEN_OPTIONAL_VALUE, index, type);
    close_element(w, &el, TOKEN_END_ELEMENT);
}

static void text_element(struct evtx_writer *w, const char *name, const char *text)
{
    struct element el = open_element(w, name, NO_DEPENDENCY, false);
    binxml_u8(w, TOKEN_CLOSE_START);
    put_text(w, text);
    close_element(w, &el, TOKEN_END_ELEMENT);
}

struct attribute_value {
    const char *name;
    uint16_t index;
    uint8_t type;
};

/* <Name a="..." b="..."/> with one or two substituted attributes. */
static void attribute_element(struct evtx_writer *w, const char *name,
                              const struct attribute_value *values, size_t count)
{
    struct element el = open_element(w, name, NO_DEPENDENCY, true);
    for (size_t i = 0; i < count; i++) {
        attribute(w, values[i].name, i + 1 < count);
        put_value(w, TOKEN_OPTIONAL_VALUE, values[i].index, values[i].type);
    }
    close_attributes(w, &el);
    close_element(w, &el, TOKEN_CLOSE_EMPTY);
}

/* ---- the System template ------------------------------------------------------------------- */

static void put_provider(struct evtx_writer *w, const struct evtx_source *src)
{
    struct element el = open_element(w, "Provider", NO_DEPENDENCY, true);
    attribute(w, "Name", src->guid != NULL);
    put_text(w, src->provider);
    if (src->guid) {
        attribute(w, "Guid", src->event_source != NULL);
        put_text(w, src->guid);
    }
    if (src->event_source) {
        attribute(w, "EventSourceName", false);
        put_text(w, src->event_source);
    }
    close_attributes(w, &el);
    close_element(w, &el, TOKEN_CLOSE_EMPTY);
}

static void put_event_id(struct evtx_writer *w)
{
    struct element el = open_element(w, "EventID", 3, true);
    attribute(w, "Qualifiers", false);
    put_value(w, TOKEN_OPTIONAL_VALUE, 4, 0x06);
    close_attributes(w, &el);
    binxml_u8(w, TOKEN_CLOSE_START);
    put_value(w, TOKEN_OPTIONAL_VALUE, 3, 0x06);
    close_element(w, &el, TOKEN_END_ELEMENT);
}

static void put_system(struct evtx_writer *w, const struct evtx_source *src)
{
    static const struct attribute_value time = {"SystemTime", 6, 0x11}, user = {"UserID", 12, 0x13};
    static const struct attribute_value correlation[] = {{"ActivityID", 7, 0x0F},
                                                         {"RelatedActivityID", 18, 0x0F}};
    static const struct attribute_value execution[] = {{"ProcessID", 8, 0x08},
                                                       {"ThreadID", 9, 0x08}};
    struct element system = open_element(w, "System", NO_DEPENDENCY, false);
    binxml_u8(w, TOKEN_CLOSE_START);
    put_provider(w, src);
    put_event_id(w);
    if (!src->classic)
        value_element(w, "Version", 11, 0x04);
    value_element(w, "Level", 0, 0x04);
    value_element(w, "Task", 2, 0x06);
    if (!src->classic)
        value_element(w, "Opcode", 1, 0x04);
    value_element(w, "Keywords", 5, 0x15);
    attribute_element(w, "TimeCreated", &time, 1);
    value_element(w, "EventRecordID", 10, 0x0A);
    if (!src->classic) {
        attribute_element(w, "Correlation", correlation, 2);
        attribute_element(w, "Execution", execution, 2);
    }
    text_element(w, "Channel", src->channel);
    text_element(w, "Computer", src->computer);
    attribute_element(w, "Security", &user, 1);
    close_element(w, &system, TOKEN_END_ELEMENT);
}

void binxml_source_body(struct evtx_writer *w, const struct evtx_source *src)
{
    binxml_fragment(w);
    struct element event = open_element(w, "Event", 19, true);
    attribute(w, "xmlns", false);
    put_text(w, "http://schemas.microsoft.com/win/2004/08/events/event");
    close_attributes(w, &event);
    binxml_u8(w, TOKEN_CLOSE_START);
    put_system(w, src);
    if (src->user_data) {
        value_element(w, "UserData", 19, 0x21);
        close_element(w, &event, TOKEN_END_ELEMENT);
    } else {
        put_value(w, TOKEN_OPTIONAL_VALUE, 19, 0x21);
        close_element(w, &event, TOKEN_END_ELEMENT);
    }
    binxml_u8(w, TOKEN_END);
}

/* ---- payload templates --------------------------------------------------------------------- */

static uint16_t field_count(const struct evtx_shape *shape)
{
    uint16_t n = 0;
    while (n < EVTX_FIELDS && shape->field[n])
        n++;
    return n;
}

static void put_user_data(struct evtx_writer *w, const struct evtx_shape *shape)
{
    struct element el = open_element(w, shape->element, NO_DEPENDENCY, true);
    attribute(w, "xmlns:auto-ns3", true);
    put_text(w, "http://schemas.microsoft.com/win/2004/08/events");
    attribute(w, "xmlns", false);
    put_text(w, shape->ns);
    close_attributes(w, &el);
    binxml_u8(w, TOKEN_CLOSE_START);
    for (uint16_t i = 0; i < field_count(shape); i++) {
        struct element field = open_element(w, shape->field[i], NO_DEPENDENCY, false);
        binxml_u8(w, TOKEN_CLOSE_START);
        put_value(w, TOKEN_VALUE, i, 0x01);
        close_element(w, &field, TOKEN_END_ELEMENT);
    }
    close_element(w, &el, TOKEN_END_ELEMENT);
}

static void put_named_data(struct evtx_writer *w, const char *name, uint16_t index)
{
    struct element data = open_element(w, "Data", NO_DEPENDENCY, true);
    attribute(w, "Name", false);
    put_text(w, name);
    close_attributes(w, &data);
    binxml_u8(w, TOKEN_CLOSE_START);
    put_value(w, TOKEN_VALUE, index, 0x01);
    close_element(w, &data, TOKEN_END_ELEMENT);
}

static void put_event_data(struct evtx_writer *w, const struct evtx_shape *shape)
{
    uint16_t fields = field_count(shape);
    struct element el = open_element(w, "EventData", NO_DEPENDENCY, false);
    binxml_u8(w, TOKEN_CLOSE_START);
    for (uint16_t i = 0; i < fields; i++)
        put_named_data(w, shape->field[i], i);
    if (fields == 0) {
        value_element(w, "Data", 0, 0x81);
        value_element(w, "Binary", 2, 0x0E);
    } else if (shape->binary) {
        value_element(w, "Binary", (uint16_t)(fields + 1), 0x0E);
    }
    close_element(w, &el, TOKEN_END_ELEMENT);
}

void binxml_shape_body(struct evtx_writer *w, const struct evtx_shape *shape)
{
    binxml_fragment(w);
    if (shape->element)
        put_user_data(w, shape);
    else
        put_event_data(w, shape);
    binxml_u8(w, TOKEN_END);
}

/* ---- definitions --------------------------------------------------------------------------- */

/* Bucket: the names' hash over the GUID's eight 16-bit words (observed in real logs). */
static uint8_t *template_bucket(struct evtx_writer *w, const uint8_t guid[16])
{
    uint32_t hash = 0;
    for (size_t i = 0; i < 16; i += 2)
        hash = hash * 65599 + load_u16(guid + i);
    return w->chunk + TEMPLATE_TABLE + 4 * (size_t)(hash % 32);
}

void binxml_template_head(struct evtx_writer *w, const uint8_t guid[16])
{
    uint8_t *bucket = template_bucket(w, guid);
    uint32_t at = (uint32_t)w->at, next = load_u32(bucket);
    binxml_u32(w, next);
    binxml_put(w, span_of(guid, 16));
    binxml_u32(w, 0);
    if (!w->overflow)
        store_u32(bucket, at);
}

void binxml_template_tail(struct evtx_writer *w, uint32_t head)
{
    patch_u32(w, head + 20, w->at - head - 24);
}

/* FNV-1a: any stable 128 bits will do. */
static void hash_text(uint64_t h[2], const char *text)
{
    for (const char *p = text ? text : "-";; p++) {
        h[0] = (h[0] ^ (uint8_t)*p) * UINT64_C(0x100000001B3);
        h[1] = (h[1] ^ (h[0] >> 29)) * UINT64_C(0x100000001B3);
        if (!*p)
            return;
    }
}

static void hash_store(const uint64_t h[2], uint8_t guid[16])
{
    store_u64(guid, h[0]);
    store_u64(guid + 8, h[1]);
}

void binxml_source_guid(const struct evtx_source *src, uint8_t guid[16])
{
    uint64_t h[2] = {UINT64_C(0xCBF29CE484222325), UINT64_C(0x84222325CBF29CE4)};
    hash_text(h, src->provider);
    hash_text(h, src->guid);
    hash_text(h, src->event_source);
    hash_text(h, src->classic ? "classic" : "manifest");
    hash_text(h, src->user_data ? "user" : "event");
    hash_text(h, src->channel);
    hash_text(h, src->computer);
    hash_store(h, guid);
}

void binxml_shape_guid(const struct evtx_shape *shape, uint8_t guid[16])
{
    uint64_t h[2] = {UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0x7F4A7C159E3779B9)};
    hash_text(h, shape->element);
    hash_text(h, shape->ns);
    for (uint16_t i = 0; i < field_count(shape); i++)
        hash_text(h, shape->field[i]);
    hash_text(h, shape->binary ? "binary" : "plain");
    hash_store(h, guid);
}
