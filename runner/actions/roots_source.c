/* Where lists and certificates come from. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "actions/roots_part.h"
#include "base/utf16.h"
#include "base/wtime.h"
#include "formats/certstore.h"
#include "host/cabinet.h"

enum { NOTES = 64, CACHED = 64 };

void roots_note(struct roots_source *s, struct str text)
{
    if (!s->notes)
        s->notes = ARENA_ARRAY(&s->mem, NOTES, struct str);
    if (s->notes && s->note_count < NOTES && text.ptr)
        s->notes[s->note_count++] = text;
}

/* ---- lists -------------------------------------------------------------------------------------
 */

bool roots_read_list(const struct roots_source *s, struct span raw, enum list_kind kind,
                     struct arena *a, struct list_file **out, struct err *e)
{
    struct span list = raw;
    if (cabinet_is(raw) && !cabinet_member(raw, "*.stl", a, &list, e))
        return false;
    return list_file_open(list, kind, s->options.list_roots, s->options.list_root_count, out, e);
}

void roots_take_list(struct roots_source *s, enum list_kind kind, struct list_file *file,
                     struct span raw, struct str from)
{
    struct roots_list *held = kind == LIST_ROOTS ? &s->roots : &s->disallowed;
    if (held->file && list_file_cmp(held->file, file) >= 0) {
        list_file_close(file);
        return;
    }
    list_file_close(held->file);
    *held = (struct roots_list){file, raw, from};
}

static bool fetch_list(struct roots_source *s, enum list_kind kind, const char *name, struct err *e)
{
    struct span raw;
    struct list_file *file;
    struct err why = {0};
    struct str url = fetch_below(s->base, str_of(name), &s->mem);
    if (!url.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!fetch_bytes(s->fetch, url, ROOTS_LIST_BYTES, &s->mem, &raw, e))
        return false;
    if (!roots_read_list(s, raw, kind, &s->mem, &file, &why))
        return err_set(e, why.kind, why.at, "%.120s does not count: %s", url.ptr, why.text);
    roots_take_list(s, kind, file, raw, url);
    return true;
}

static bool fetch_lists(struct roots_source *s, struct err *e)
{
    struct err why = {0};
    const struct fetch_limits limits = {.bytes = ROOTS_LIST_BYTES};
    if (!fetch_open(s->options.limits ? s->options.limits : &limits, &s->fetch, e) ||
        !fetch_list(s, LIST_ROOTS, ROOTS_CAB, e))
        return false;
    if (fetch_list(s, LIST_DISALLOWED, ROOTS_DISALLOWED_CAB, &why))
        return true;
    if (why.kind != ERR_NOT_FOUND || s->kind == ROOTS_UPDATE)
        return err_set(e, why.kind, why.at, "%s", why.text);
    roots_note(s, str_fmt(&s->mem, "the source has no list of disallowed certificates (%s)",
                          ROOTS_DISALLOWED_CAB));
    return true;
}

/* ---- opening -----------------------------------------------------------------------------------
 */

struct str roots_source_place(struct str source)
{
    return str_eq(source, STR("windows-update")) ? STR(ROOTS_WINDOWS_UPDATE) : source;
}

bool roots_source_of(struct str source, const struct target_info *target,
                     const struct trust_state *state, struct arena *a, struct str *out,
                     struct err *e)
{
    const struct str file = STR("file://");
    struct str url = state->root_dir_url;
    *out = source;
    if (!str_eq(source, STR("root-dir-url")))
        return true;
    if (target->kind != TARGET_LIVE)
        return err_set(e, ERR_DENIED, 0,
                       "the RootDirUrl of an offline target is shown, never contacted");
    if (url.len == 0)
        return err_set(e, ERR_NOT_FOUND, 0, "this host has no RootDirUrl");
    *out = url;
    if (fetch_is_url(url))
        return true;
    if (url.len <= file.len || !str_ieq((struct str){url.ptr, file.len}, file))
        return err_set(e, ERR_UNSUPPORTED, 0, "a RootDirUrl that is neither http nor file");
    /* A share's path as it is, file:///C:/folder without the third slash. */
    struct str path = {url.ptr + file.len, url.len - file.len};
    if (path.ptr[0] == '/' && path.len > 2 && path.ptr[2] == ':')
        path = (struct str){path.ptr + 1, path.len - 1};
    *out = str_dup(a, path);
    return out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}

static bool begin(struct roots_source *s, const struct roots_options *o, struct err *e)
{
    arena_init(&s->mem, 4 * ARENA_DEFAULT_CAP);
    s->options = *o;
    bool update = str_eq(o->source, STR("windows-update"));
    s->kind = update ? ROOTS_UPDATE : fetch_is_url(o->source) ? ROOTS_MIRROR : ROOTS_FOLDER;
    s->base = str_dup(&s->mem, roots_source_place(o->source));
    if (!s->base.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    return s->base.len || err_set(e, ERR_USAGE, 0, "no source of roots is named");
}

bool roots_source_open(const struct roots_options *o, struct roots_source **out, struct err *e)
{
    struct roots_source *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    bool ok =
        begin(s, o, e) && (s->kind == ROOTS_FOLDER ? roots_read_folder(s, e) : fetch_lists(s, e));
    if (!ok) {
        roots_source_close(s);
        return false;
    }
    *out = s;
    return true;
}

void roots_source_close(struct roots_source *s)
{
    if (!s)
        return;
    list_file_close(s->roots.file);
    list_file_close(s->disallowed.file);
    fetch_close(s->fetch);
    arena_done(&s->mem);
    free(s);
}

/* ---- certificates ------------------------------------------------------------------------------
 */

void roots_hex(struct span id, char out[ROOTS_HEX], bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t n = id.len < 20 ? id.len : 20;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[id.ptr[i] >> 4];
        out[2 * i + 1] = digits[id.ptr[i] & 15];
    }
    out[2 * n] = 0;
}

bool roots_der_of(struct span file, struct arena *a, struct span *der)
{
    if (file.len == 0 || file.len > ROOTS_FILE_BYTES)
        return false;
    if (file.ptr[0] == 0x30) {
        *der = file;
        return true;
    }
    BIO *in = BIO_new_mem_buf(file.ptr, (int)file.len);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    bool ok = in && PEM_read_bio(in, &name, &header, &data, &len) == 1 && len > 0 &&
              strcmp(name, PEM_STRING_X509) == 0;
    void *copy = ok ? arena_copy(a, data, (size_t)len) : NULL;
    if (copy)
        *der = span_of(copy, (size_t)len);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(in);
    ERR_clear_error();
    return copy != NULL;
}

static bool hashes_to(struct span der, const EVP_MD *md, struct span want)
{
    uint8_t have[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    return EVP_Digest(der.ptr, der.len, have, &len, md, NULL) == 1 &&
           span_eq(span_of(have, len), want);
}

bool roots_matches(const struct ctl_entry *entry, struct span der)
{
    struct span sha256;
    return hashes_to(der, EVP_sha1(), entry->id) &&
           (!ctl_property(entry, PROP_SHA256_AUTHROOT, &sha256) ||
            hashes_to(der, EVP_sha256(), sha256));
}

static bool from_folder(const struct roots_source *s, const struct ctl_entry *entry,
                        struct span *der, struct err *e)
{
    size_t low = 0, high = s->certificate_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = memcmp(s->certificates[mid].sha1, entry->id.ptr, 20);
        if (order == 0 && roots_matches(entry, s->certificates[mid].der)) {
            *der = s->certificates[mid].der;
            return true;
        }
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return err_set(e, ERR_NOT_FOUND, 0, "the folder does not hold it");
}

/* What was fetched before, for a plan that asks in several passes. */
static bool from_cache(const struct roots_source *s, const struct ctl_entry *entry,
                       struct span *der)
{
    for (size_t i = 0; i < s->certificate_count; i++)
        if (memcmp(s->certificates[i].sha1, entry->id.ptr, 20) == 0 &&
            roots_matches(entry, s->certificates[i].der)) {
            *der = s->certificates[i].der;
            return true;
        }
    return false;
}

static void remember(struct roots_source *s, const struct ctl_entry *entry, struct span der)
{
    if (!s->certificates)
        s->certificates = ARENA_ARRAY(&s->mem, CACHED, struct roots_certificate);
    void *copy = s->certificates && s->certificate_count < CACHED
                     ? arena_copy(&s->mem, der.ptr, der.len)
                     : NULL;
    if (!copy)
        return;
    struct roots_certificate *c = &s->certificates[s->certificate_count++];
    memcpy(c->sha1, entry->id.ptr, sizeof c->sha1);
    c->der = span_of(copy, der.len);
}

/* Windows Update's names are in capitals; certutil and our own mirror write small letters, which
 * matters to servers that are not Windows. */
static bool from_url(struct roots_source *s, const struct ctl_entry *entry, struct arena *a,
                     struct span *der, struct err *e)
{
    char hex[ROOTS_HEX];
    struct span file;
    struct err why = {0};
    struct str url = {NULL, 0};
    bool ok = false;
    for (int i = 0; i < 2 && !ok; i++) {
        if (i && why.kind != ERR_NOT_FOUND)
            break;
        why = (struct err){0};
        roots_hex(entry->id, hex, (s->kind == ROOTS_UPDATE) == (i == 0));
        url = fetch_below(s->base, str_fmt(a, "%s.crt", hex), a);
        ok = url.ptr && fetch_bytes(s->fetch, url, ROOTS_CERTIFICATE_BYTES, a, &file, &why);
    }
    if (!ok)
        return err_set(e, why.kind ? why.kind : ERR_NOMEM, why.at, "%s",
                       why.kind ? why.text : "out of memory");
    if (!roots_der_of(file, a, der) || !roots_matches(entry, *der))
        return err_set(e, ERR_FORMAT, 0, "%.160s is not the certificate that the list names",
                       url.ptr);
    remember(s, entry, *der);
    return true;
}

bool roots_certificate(struct roots_source *s, const struct ctl_entry *entry, struct arena *a,
                       struct span *der, struct err *e)
{
    if (entry->id.len != 20)
        return err_set(e, ERR_FORMAT, 0, "the list names its certificates otherwise");
    if (s->kind == ROOTS_FOLDER)
        return from_folder(s, entry, der, e);
    return from_cache(s, entry, der) || from_url(s, entry, a, der, e);
}

/* ---- words -------------------------------------------------------------------------------------
 */

struct str roots_name(const struct ctl_entry *entry, struct arena *a)
{
    struct span s;
    char hex[ROOTS_HEX];
    struct str name = {NULL, 0};
    roots_hex(entry->id, hex, false);
    if (ctl_property(entry, PROP_FRIENDLY_NAME, &s))
        name = utf16z_to_utf8(a, s);
    return str_fmt(a, "%s%s" STR_FMT, hex, name.len ? " " : "", STR_ARG(name));
}

struct str roots_age(const struct list_file *l, struct arena *a)
{
    char when[WTIME_TEXT];
    struct str sequence = list_file_sequence(l);
    wtime_format(list_file_ctl(l)->this_update, when);
    return str_fmt(a, "%.10s%s" STR_FMT, when, sequence.len ? ", sequence " : "",
                   STR_ARG(sequence));
}
