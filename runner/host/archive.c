#include <stdlib.h>

#include "host/archive_index.h"
#include "host/archive_name.h"
#include "host/archive_source.h"
#include "host/fd.h"
#include "host/libarchive.h"
#include "host/locale.h"

/* What the central directory says of a member, by its number in the order of reading. */
struct member {
    uint64_t size; /* UINT64_MAX = not said */
    struct str link;
    bool encrypted;
};

struct zip {
    struct file_map map;
    struct archive_limits limits;
    struct member *members;
    size_t count, cap;
    uint64_t inflated;      /* bytes in this run */
    struct archive *reader; /* NULL, or about to give header number `next` */
    uint64_t next;
};

enum { IN_MEMORY = 8 << 20, FREE_OF_RATIO = 16 << 20 };

static struct archive_limits with_defaults(const struct archive_limits *given)
{
    struct archive_limits l = given ? *given : (struct archive_limits){0};
    l.members = l.members ? l.members : 200000;
    l.member_bytes = l.member_bytes ? l.member_bytes : UINT64_C(4) << 30;
    l.total_bytes = l.total_bytes ? l.total_bytes : UINT64_C(16) << 30;
    l.ratio = l.ratio ? l.ratio : 1000;
    return l;
}

/* ---- the reader ---------------------------------------------------------------------------- */

static void drop_reader(struct zip *z)
{
    if (z->reader)
        archive_read_free(z->reader);
    z->reader = NULL;
}

static const char *reason(struct archive *a)
{
    const char *text = archive_error_string(a);
    return text ? text : "unknown error";
}

/* Only the reader that starts from the central directory: the other one would take a zip that was
 * cut short for a smaller one, and what is lost for not collected. */
static bool start_reader(struct zip *z, struct err *e)
{
    drop_reader(z);
    z->next = 0;
    z->reader = libarchive_load(e) ? archive_read_new() : NULL;
    if (!z->reader)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (archive_read_support_format_zip_seekable(z->reader) != ARCHIVE_OK ||
        archive_read_open_memory(z->reader, z->map.bytes.ptr, z->map.bytes.len) != ARCHIVE_OK)
        return err_set(e, ERR_FORMAT, 0, "broken zip: %s", reason(z->reader));
    return true;
}

enum next { NEXT_OK, NEXT_END, NEXT_FAILED };

static enum next next_header(struct zip *z, struct archive_entry **entry, struct err *e)
{
    int r;
    unsigned tries = 0;
    do
        r = archive_read_next_header(z->reader, entry);
    while (r == ARCHIVE_RETRY && ++tries < 8);
    z->next++;
    if (!file_intact(&z->map)) {
        err_set(e, ERR_IO, 0, "the archive could not be read");
        return NEXT_FAILED;
    }
    if (r == ARCHIVE_EOF)
        return NEXT_END;
    if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
        return NEXT_OK;
    err_set(e, ERR_FORMAT, 0, "broken zip: %s", reason(z->reader));
    return NEXT_FAILED;
}

/* ---- reading a member ---------------------------------------------------------------------- */

/* Other methods are left to the tools that made them: a hostile LZMA or PPMd header asks for
 * gigabytes of memory before the first byte. */
static bool check_method(struct archive *a, struct err *e)
{
    const char *format = archive_format_name(a);
    if (format && (strstr(format, "(uncompressed)") || strstr(format, "(deflation)")))
        return true;
    return err_set(e, ERR_UNSUPPORTED, 0, "compression of the member is not supported: %s",
                   format ? format : "unknown");
}

static bool seek_member(struct zip *z, uint32_t number, struct err *e)
{
    struct archive_entry *entry = NULL;
    if ((!z->reader || z->next > number) && !start_reader(z, e))
        return false;
    while (z->next <= number) {
        enum next got = next_header(z, &entry, e);
        if (got == NEXT_END)
            return err_set(e, ERR_IO, 0, "the archive changed while it was read");
        if (got == NEXT_FAILED)
            return false;
    }
    return check_method(z->reader, e);
}

struct inflate {
    uint64_t out, expected;
    int64_t start; /* of the compressed bytes */
    int fd;
};

static bool check_block(struct zip *z, const struct inflate *f, size_t len, struct err *e)
{
    uint64_t size = f->out + len;
    int64_t in = archive_filter_bytes(z->reader, -1) - f->start;
    uint64_t read = in > 0 ? (uint64_t)in : 1;
    if (size > f->expected)
        return err_set(e, ERR_FORMAT, 0, "member is longer than the archive says");
    if (size > z->limits.member_bytes)
        return err_set(e, ERR_LIMIT, 0, "limit: member of more than %llu bytes",
                       (unsigned long long)z->limits.member_bytes);
    if (size > FREE_OF_RATIO && size / z->limits.ratio > read)
        return err_set(e, ERR_LIMIT, 0, "limit: member inflates more than %llu times",
                       (unsigned long long)z->limits.ratio);
    if (len > z->limits.total_bytes - z->inflated)
        return err_set(e, ERR_LIMIT, 0, "limit: more than %llu bytes inflated",
                       (unsigned long long)z->limits.total_bytes);
    return true;
}

static bool inflate_member(struct zip *z, struct inflate *f, struct err *e)
{
    for (;;) {
        const void *bytes;
        size_t len;
        int64_t at;
        int r = archive_read_data_block(z->reader, &bytes, &len, &at);
        if (r == ARCHIVE_EOF)
            break;
        if (r != ARCHIVE_OK)
            return err_set(e, ERR_FORMAT, 0, "member is damaged: %s", reason(z->reader));
        if (!check_block(z, f, len, e) || !fd_write_at(f->fd, bytes, len, f->out, e))
            return false;
        f->out += len;
        z->inflated += len;
    }
    if (!file_intact(&z->map))
        return err_set(e, ERR_IO, 0, "the archive could not be read");
    if (f->expected != UINT64_MAX && f->out != f->expected)
        return err_set(e, ERR_FORMAT, 0, "member is shorter than the archive says");
    return true;
}

static bool check_member(const struct zip *z, const struct member *m, struct err *e)
{
    if (m->encrypted)
        return err_set(e, ERR_DENIED, 0, "denied: member is encrypted");
    if (m->size != UINT64_MAX && m->size > z->limits.member_bytes)
        return err_set(e, ERR_LIMIT, 0, "limit: member of %llu bytes, more than %llu",
                       (unsigned long long)m->size, (unsigned long long)z->limits.member_bytes);
    return true;
}

static bool read_member(struct zip *z, uint32_t number, struct volume_file *out, struct err *e)
{
    const struct member *m = &z->members[number];
    struct inflate f = {.expected = m->size, .fd = -1};
    if (!check_member(z, m, e) || !seek_member(z, number, e) ||
        !fd_scratch(m->size > IN_MEMORY, &f.fd, e))
        return false;
    f.start = archive_filter_bytes(z->reader, -1);
    if (!inflate_member(z, &f, e) || !file_map_fd(f.fd, &out->map, e)) {
        fd_close(f.fd);
        return false;
    }
    out->fd = f.fd;
    return true;
}

/* ---- as the source of a tree --------------------------------------------------------------- */

static bool zip_open(struct node_tree *t, struct node_dir *d, struct node_entry *n,
                     struct volume_file *out, struct err *e)
{
    (void)d;
    struct zip *z = t->state;
    if (n->kind != NODE_FILE)
        return err_set(e, ERR_DENIED, 0, "device: not a regular file");
    struct locale_saved saved;
    locale_enter_utf8(&saved);
    bool ok = read_member(z, n->member, out, e);
    if (!ok)
        drop_reader(z);
    locale_leave(&saved);
    return ok;
}

/* Every listing is there from the beginning. */
static bool zip_load(struct node_tree *t, struct node_dir *d, struct err *e)
{
    (void)t;
    (void)e;
    d->loaded = true;
    return true;
}

static bool zip_link(struct node_tree *t, struct node_dir *d, struct node_entry *n, struct sb *out,
                     struct err *e)
{
    (void)d;
    const struct zip *z = t->state;
    sb_str(out, z->members[n->member].link);
    return !out->bad || err_set(e, ERR_LIMIT, 0, "link: target too long");
}

static bool zip_sizes(struct node_tree *t, struct node_dir *d, struct node_entry *const *nodes,
                      uint64_t *sizes, size_t count, struct err *e)
{
    (void)d;
    (void)e;
    const struct zip *z = t->state;
    for (size_t i = 0; i < count; i++)
        if (nodes[i]->kind == NODE_FILE && z->members[nodes[i]->member].size != UINT64_MAX)
            sizes[i] = z->members[nodes[i]->member].size;
    return true;
}

static void zip_close(struct node_tree *t)
{
    struct zip *z = t->state;
    drop_reader(z);
    if (z->map.mapped)
        file_unmap(&z->map);
    free(z->members);
    free(z);
}

static const struct node_source zip_source = {
    .load = zip_load,
    .open = zip_open,
    .link = zip_link,
    .sizes = zip_sizes,
    .close = zip_close,
};

/* ---- the index ----------------------------------------------------------------------------- */

static bool add_member(struct zip *z, struct node_tree *t, struct archive_entry *entry,
                       struct err *e)
{
    if (z->count == z->limits.members)
        return err_set(e, ERR_LIMIT, 0, "limit: more than %llu members",
                       (unsigned long long)z->limits.members);
    if (z->count == z->cap) {
        size_t cap = z->cap ? z->cap * 2 : 256;
        struct member *more = realloc(z->members, cap * sizeof *more);
        if (!more)
            return err_set(e, ERR_NOMEM, 0, "out of memory");
        z->members = more;
        z->cap = cap;
    }
    int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
    const char *link = archive_entry_symlink(entry);
    z->members[z->count++] = (struct member){
        .size = size < 0 ? UINT64_MAX : (uint64_t)size,
        .link = link ? str_dup(&t->mem, str_of(link)) : (struct str){NULL, 0},
        .encrypted = archive_entry_is_encrypted(entry) != 0,
    };
    return true;
}

static enum node_kind kind_of(struct archive_entry *entry)
{
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return NODE_FILE;
    case AE_IFDIR:
        return NODE_DIR;
    case AE_IFLNK:
        return NODE_LINK;
    default:
        return NODE_OTHER;
    }
}

static bool read_index(struct zip *z, struct node_tree *t, struct archive_index *x, size_t *refused,
                       struct err *e)
{
    struct sb path;
    sb_init(&path, 1 << 16);
    bool ok = start_reader(z, e);
    while (ok) {
        struct archive_entry *entry = NULL;
        enum next got = next_header(z, &entry, e);
        if (got != NEXT_OK) {
            ok = got == NEXT_END;
            break;
        }
        const char *raw = archive_entry_pathname(entry);
        ok = add_member(z, t, entry, e);
        if (!ok)
            break;
        if (!raw || !archive_name(str_of(raw), &path))
            ++*refused;
        else
            ok = archive_index_add(x, (struct str){path.ptr, path.len}, kind_of(entry),
                                   (uint32_t)(z->count - 1), e);
    }
    sb_done(&path);
    drop_reader(z);
    return ok;
}

static bool build(struct zip *z, struct node_tree *t, size_t *refused, struct err *e)
{
    struct archive_index *x = archive_index_new(t, z->limits.members, e);
    if (!x)
        return false;
    struct locale_saved saved;
    locale_enter_utf8(&saved);
    bool ok = read_index(z, t, x, refused, e);
    locale_leave(&saved);
    if (!ok) {
        archive_index_free(x);
        return false;
    }
    return archive_index_finish(x, e);
}

/* ---- opening ------------------------------------------------------------------------------- */

/* The end record lies within the last 64 KiB and its own size (APPNOTE.TXT 4.3.16). */
enum { END_RECORD = 22, END_COMMENT = 0xFFFF };

static bool has_end_record(struct span file)
{
    size_t reach = file.len < END_RECORD + END_COMMENT ? file.len : END_RECORD + END_COMMENT;
    for (size_t back = END_RECORD; back <= reach; back++)
        if (load_u32(file.ptr + file.len - back) == 0x06054B50)
            return true;
    return false;
}

static bool check_zip(struct span file, struct err *e)
{
    if (!file.len)
        return err_set(e, ERR_FORMAT, 0, "not a zip archive: the file is empty");
    if (has_end_record(file))
        return file.len > END_RECORD ||
               err_set(e, ERR_NOT_FOUND, 0, "no Windows volume: there is nothing in the archive");
    if (file.len >= 4 && load_u32(file.ptr) == 0x04034B50)
        return err_set(e, ERR_FORMAT, file.len,
                       "the zip archive is cut short: its central directory is missing");
    return err_set(e, ERR_FORMAT, 0, "not a zip archive");
}

static bool map_archive(const char *path, struct file_map *map, struct err *e)
{
    if (fd_is_folder(path))
        return err_set(e, ERR_DENIED, 0, "a folder, not an archive: name it with --root");
    return file_map_path(path, map, e) && check_zip(map->bytes, e);
}

bool archive_open(const char *path, const struct archive_limits *limits, struct node_tree *t,
                  size_t *refused, struct err *e)
{
    struct zip *z = calloc(1, sizeof *z);
    if (!z)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    z->map.slot = -1;
    z->limits = with_defaults(limits);
    node_init(t, &zip_source, z);
    if (map_archive(path, &z->map, e) && build(z, t, refused, e))
        return true;
    node_done(t);
    return false;
}
