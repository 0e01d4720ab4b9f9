#include "host/product_sources.h"

#include "base/utf16.h"
#include "host/wow64.h"

#define UNINSTALL "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
#define MSI_PRODUCTS                                                                               \
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Products"
#define MSI_CLASSES "HKLM\\SOFTWARE\\Classes\\Installer\\Products"

enum { MATCHES_MAX = 8, ENTRIES_MAX = 16384, TEXT_MAX = 1024 };

/* --- readings --- */

static struct product_reading *add(struct product_readings *r, const struct product_source *source,
                                   enum fact_state state, struct str view)
{
    static struct product_reading spill; /* past the limit; never looked at */
    struct product_reading *p = &spill;
    if (r->count < READINGS_MAX)
        p = &r->items[r->count++];
    memset(p, 0, sizeof *p);
    p->source = source;
    p->state = state;
    p->view = view;
    return p;
}

static bool prefix_fits(const struct product_source *source, struct version v)
{
    for (unsigned i = 0; i < source->prefix_parts && i < 4; i++)
        if (v.part[i] != source->prefix.part[i])
            return false;
    return true;
}

/* Takes the text of a reading that was found as a version, if it is one. */
static void take_version(struct product_readings *r, struct product_reading *p, struct str text)
{
    uint8_t parts = 1;
    p->text = text;
    for (size_t i = 0; i < text.len && parts < 4; i++)
        if (text.ptr[i] == '.' || text.ptr[i] == ',')
            parts++;
    if (text.len > TEXT_MAX || !version_parse(text, &p->version))
        return;
    if (!prefix_fits(p->source, p->version)) {
        p->evidence.note =
            str_fmt(r->a, STR_FMT " is of another generation of the product%s" STR_FMT,
                    STR_ARG(text), p->evidence.note.len ? "; " : "", STR_ARG(p->evidence.note));
        return;
    }
    p->has_version = true;
    p->version_parts = parts;
}

static void digest(struct reg_value *v)
{
    if (v->state == FACT_FOUND)
        (void)sha256_hex(v->data, v->evidence.sha256, NULL);
}

/* --- views --- */

static struct str view_name(struct host *h, enum reg_view view)
{
    if (!host_is_64bit(h))
        return (struct str){NULL, 0};
    return view == VIEW_32 ? STR("32-bit") : STR("64-bit");
}

/* The views in which `key` has places of its own, the 32-bit one first: most products of the time
 * are 32-bit programs, and where both views hold a version theirs is the one in use. */
static size_t views_of(struct product_readings *r, struct str key, enum reg_view views[2])
{
    struct str place[2], reason;
    enum fact_state state;
    views[0] = VIEW_NATIVE;
    if (!registry_resolve(r->h, key, VIEW_32, r->a, &place[0], &state, &reason) ||
        !registry_resolve(r->h, key, VIEW_NATIVE, r->a, &place[1], &state, &reason) ||
        str_ieq(place[0], place[1]))
        return 1;
    views[0] = VIEW_32;
    views[1] = VIEW_NATIVE;
    return 2;
}

/* "" where a key's place is the same for all processes. */
static struct str shown_view(struct product_readings *r, enum reg_view view, size_t views)
{
    return views == 2 ? view_name(r->h, view) : (struct str){NULL, 0};
}

/* --- registry --- */

static void read_registry(struct product_readings *r, const struct product_source *source)
{
    enum reg_view views[2];
    size_t n = views_of(r, source->key, views);
    for (size_t i = 0; i < n; i++) {
        struct reg_value v;
        registry_value(r->h, source->key, source->value, views[i], r->a, &v);
        digest(&v);
        struct product_reading *p = add(r, source, v.state, shown_view(r, views[i], n));
        p->evidence = v.evidence;
        if (v.state != FACT_FOUND)
            p->text = v.reason;
        else if (v.text.len || !v.has_number)
            take_version(r, p, v.text);
        else
            p->text = str_fmt(r->a, "%llu", (unsigned long long)v.number);
    }
}

/* --- uninstall entries --- */

static void list_entries(struct host *h, enum reg_view view, struct uninstall_list *list)
{
    struct reg_key key;
    registry_key(h, STR(UNINSTALL), view, true, &h->mem, &key);
    list->asked = true;
    list->state = key.state;
    list->reason = key.reason;
    list->evidence = key.evidence;
    list->count = 0;
    if (key.state != FACT_FOUND)
        return;
    if (key.subkey_count > ENTRIES_MAX) {
        list->state = FACT_UNREADABLE;
        list->reason = STR("more uninstall entries than can be looked at");
        return;
    }
    list->entries = ARENA_ARRAY(&h->mem, key.subkey_count + 1, struct uninstall_entry);
    for (size_t i = 0; list->entries && i < key.subkey_count; i++) {
        struct reg_value name;
        struct str path = str_fmt(&h->mem, UNINSTALL "\\" STR_FMT, STR_ARG(key.subkeys[i]));
        registry_value(h, path, STR("DisplayName"), view, &h->mem, &name);
        if (name.state == FACT_ABSENT)
            continue;
        list->entries[list->count++] =
            (struct uninstall_entry){path, name.text, name.state, name.reason};
    }
    if (!list->entries) {
        list->state = FACT_UNREADABLE;
        list->reason = STR("out of memory");
    }
}

static bool contains(struct str text, struct str part)
{
    if (part.len == 0)
        return false;
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (str_ieq((struct str){text.ptr + i, part.len}, part))
            return true;
    return false;
}

static void read_entry(struct product_readings *r, const struct product_source *source,
                       struct str key, enum reg_view view, struct str shown)
{
    struct reg_value v;
    registry_value(r->h, key, STR("DisplayVersion"), view, r->a, &v);
    digest(&v);
    /* The entry is there, whether or not it tells a version. */
    enum fact_state state = v.state == FACT_ABSENT ? FACT_FOUND : v.state;
    struct product_reading *p = add(r, source, state, shown);
    p->evidence = v.evidence;
    if (v.state == FACT_FOUND)
        take_version(r, p, v.text);
    else
        p->text = v.reason;
}

static void match_names(struct product_readings *r, const struct product_source *source,
                        enum reg_view view, struct str shown)
{
    struct uninstall_list *list = &r->h->uninstall[view];
    size_t found = 0;
    if (!list->asked)
        list_entries(r->h, view, list);
    for (size_t i = 0; list->state == FACT_FOUND && i < list->count && found < MATCHES_MAX; i++) {
        const struct uninstall_entry *entry = &list->entries[i];
        if (entry->state != FACT_FOUND) {
            struct product_reading *p = add(r, source, FACT_UNREADABLE, shown);
            p->text = entry->reason;
            p->evidence.where = entry->key;
            found++;
        } else if (contains(entry->display_name, source->text)) {
            read_entry(r, source, entry->key, view, shown);
            found++;
        }
    }
    if (found == 0) {
        struct product_reading *p = add(r, source, list->state, shown);
        if (list->state == FACT_FOUND)
            p->state = FACT_ABSENT;
        p->evidence = list->evidence;
        p->text = list->reason;
    }
}

static void read_uninstall(struct product_readings *r, const struct product_source *source)
{
    enum reg_view views[2];
    size_t n = views_of(r, STR(UNINSTALL), views);
    for (size_t i = 0; i < n; i++) {
        struct str shown = shown_view(r, views[i], n);
        struct reg_key key = {.state = FACT_ABSENT};
        struct str path = str_fmt(r->a, UNINSTALL "\\" STR_FMT, STR_ARG(source->code));
        if (source->code.len)
            registry_key(r->h, path, views[i], false, r->a, &key);
        if (source->code.len && (key.state == FACT_FOUND || !source->text.len)) {
            if (key.state == FACT_FOUND) {
                read_entry(r, source, path, views[i], shown);
                continue;
            }
            struct product_reading *p = add(r, source, key.state, shown);
            p->evidence = key.evidence;
            p->text = key.reason;
            continue;
        }
        match_names(r, source, views[i], shown);
    }
}

/* --- Windows Installer --- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

bool product_packed_code(struct str code, char out[33])
{
    /* Groups of 8, 4 and 4 digits are reversed; of the rest the two digits of each byte swap. */
    static const uint8_t from[32] = {8,  7,  6,  5,  4,  3,  2,  1,  13, 12, 11,
                                     10, 18, 17, 16, 15, 21, 20, 23, 22, 26, 25,
                                     28, 27, 30, 29, 32, 31, 34, 33, 36, 35};
    if (code.len != 38 || code.ptr[0] != '{' || code.ptr[37] != '}')
        return false;
    for (size_t i = 1; i < 37; i++) {
        bool dash = i == 9 || i == 14 || i == 19 || i == 24;
        if (dash ? code.ptr[i] != '-' : !is_hex(code.ptr[i]))
            return false;
    }
    for (size_t i = 0; i < 32; i++) {
        char c = code.ptr[from[i]];
        out[i] = c >= 'a' ? (char)(c - 0x20) : c;
    }
    out[32] = 0;
    return true;
}

/* Windows Installer registers machine-wide products in the native view only. */
static void read_msi(struct product_readings *r, const struct product_source *source)
{
    char packed[33];
    struct reg_value v;
    if (!product_packed_code(source->code, packed)) {
        add(r, source, FACT_UNREADABLE, STR(""))->text = STR("the product code is no GUID");
        return;
    }
    registry_value(r->h, str_fmt(r->a, MSI_PRODUCTS "\\%s\\InstallProperties", packed),
                   STR("DisplayVersion"), VIEW_NATIVE, r->a, &v);
    if (v.state == FACT_ABSENT) {
        struct reg_value number;
        registry_value(r->h, str_fmt(r->a, MSI_CLASSES "\\%s", packed), STR("Version"), VIEW_NATIVE,
                       r->a, &number);
        if (number.state == FACT_FOUND && number.has_number) {
            uint32_t n = (uint32_t)number.number;
            number.text = str_fmt(r->a, "%u.%u.%u", (unsigned)(n >> 24), (unsigned)(n >> 16 & 0xFF),
                                  (unsigned)(n & 0xFFFF));
            v = number;
        } else if (number.state != FACT_ABSENT) {
            v = number;
        }
    }
    digest(&v);
    struct product_reading *p = add(r, source, v.state, STR(""));
    p->evidence = v.evidence;
    if (v.state == FACT_FOUND)
        take_version(r, p, v.text);
    else
        p->text = v.reason;
}

/* --- files --- */

static void read_file(struct product_readings *r, const struct product_source *source,
                      struct str path, enum reg_view view, struct str shown)
{
    struct file_fact f;
    char text[VERSION_TEXT];
    files_fact(r->h, path, view, r->a, &f);
    struct product_reading *p = add(r, source, f.state, shown);
    p->evidence = f.evidence;
    if (f.state != FACT_FOUND) {
        p->text = f.reason;
        return;
    }
    if (f.version.has_version)
        take_version(r, p, str_dup(r->a, str_of(version_format(f.version.file, text))));
}

struct reference {
    struct str key, value, rest; /* <key:value>rest */
};

static bool parse_reference(struct str path, struct reference *out)
{
    if (path.len == 0 || path.ptr[0] != '<')
        return false;
    const char *close = memchr(path.ptr, '>', path.len);
    if (!close)
        return false;
    struct str inside = {path.ptr + 1, (size_t)(close - path.ptr) - 1};
    const char *colon = memchr(inside.ptr, ':', inside.len);
    if (!colon)
        return false;
    out->key = (struct str){inside.ptr, (size_t)(colon - inside.ptr)};
    out->value = (struct str){colon + 1, inside.len - out->key.len - 1};
    out->rest = (struct str){close + 1, path.len - inside.len - 2};
    return true;
}

static struct str without_slash(struct str s)
{
    while (s.len && (s.ptr[s.len - 1] == '\\' || s.ptr[s.len - 1] == '/'))
        s.len--;
    return s;
}

/* The folder comes from the registry, in each view that names one. */
static void read_referenced(struct product_readings *r, const struct product_source *source,
                            const struct reference *ref)
{
    enum reg_view views[2];
    struct str seen = {NULL, 0}, rest = ref->rest;
    size_t n = views_of(r, ref->key, views);
    while (rest.len && rest.ptr[0] == '\\')
        rest = (struct str){rest.ptr + 1, rest.len - 1};
    for (size_t i = 0; i < n; i++) {
        struct reg_value v;
        struct str shown = shown_view(r, views[i], n);
        registry_value(r->h, ref->key, ref->value, views[i], r->a, &v);
        struct str folder = without_slash(v.text);
        if (v.state == FACT_FOUND && folder.len) {
            if (seen.ptr && str_ieq(seen, folder))
                continue;
            seen = folder;
            read_file(r, source,
                      str_fmt(r->a, STR_FMT "\\" STR_FMT, STR_ARG(folder), STR_ARG(rest)), views[i],
                      shown);
            continue;
        }
        struct product_reading *p =
            add(r, source, v.state == FACT_FOUND ? FACT_ABSENT : v.state, shown);
        p->evidence = v.evidence;
        p->text = v.reason;
    }
}

/* --- services --- */

static void read_service(struct product_readings *r, const struct product_source *source)
{
    struct service_fact s;
    services_fact(r->h, source->service, r->a, &s);
    struct str image = {NULL, 0};
    if (s.state == FACT_FOUND)
        image = services_image(r->a, source->service, s.image_path, s.type);
    if (image.len == 0) {
        struct product_reading *p = add(r, source, s.state, STR(""));
        p->evidence = s.evidence;
        p->text = s.reason;
        return;
    }
    struct file_fact f;
    char text[VERSION_TEXT];
    files_fact(r->h, image, VIEW_NATIVE, r->a, &f);
    /* The service is there, whatever became of its file. */
    struct product_reading *p = add(r, source, FACT_FOUND, STR(""));
    p->evidence = s.evidence;
    if (f.state == FACT_FOUND && f.version.has_version) {
        p->evidence = f.evidence;
        take_version(r, p, str_dup(r->a, str_of(version_format(f.version.file, text))));
    } else if (f.state != FACT_FOUND) {
        p->evidence.note = str_fmt(r->a, "its file " STR_FMT ": %s", STR_ARG(f.path),
                                   f.state == FACT_ABSENT ? "not there" : fact_state_name(f.state));
    }
}

void product_source_read(struct product_readings *r, const struct product_source *source)
{
    struct reference ref;
    switch (source->kind) {
    case SOURCE_REGISTRY:
        read_registry(r, source);
        break;
    case SOURCE_UNINSTALL:
        read_uninstall(r, source);
        break;
    case SOURCE_MSI:
        read_msi(r, source);
        break;
    case SOURCE_FILE:
        if (parse_reference(source->path, &ref))
            read_referenced(r, source, &ref);
        else
            read_file(r, source, source->path, VIEW_NATIVE, STR(""));
        break;
    case SOURCE_SERVICE:
        read_service(r, source);
        break;
    }
}
