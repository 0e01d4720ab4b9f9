#include "host/cabinet.h"

#include "base/utf16.h"
#include "host/libarchive.h"

bool cabinet_is(struct span bytes)
{
    return bytes.len >= 4 && memcmp(bytes.ptr, "MSCF", 4) == 0;
}

static bool damaged(struct archive *r, struct err *e)
{
    const char *why = archive_error_string(r);
    return err_set(e, ERR_FORMAT, 0, "cabinet: %s", why ? why : "damaged");
}

static bool fill(struct archive *r, struct arena *a, struct span *out, struct err *e)
{
    struct sb data;
    const void *bytes;
    size_t len;
    la_int64_t at;
    int got = ARCHIVE_OK;
    sb_init(&data, CABINET_BYTES);
    while (!data.bad && (got = archive_read_data_block(r, &bytes, &len, &at)) == ARCHIVE_OK)
        if ((uint64_t)at == data.len)
            sb_put(&data, bytes, len);
        else
            break;
    bool ok = !data.bad && got == ARCHIVE_EOF;
    if (data.bad)
        err_set(e, ERR_LIMIT, 0, "cabinet: member of more than %d bytes", CABINET_BYTES);
    else if (!ok)
        damaged(r, e);
    void *copy = ok ? arena_copy(a, data.ptr ? data.ptr : "", data.len) : NULL;
    if (ok && !copy)
        ok = err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok)
        *out = span_of(copy, data.len);
    sb_done(&data);
    return ok;
}

static bool find(struct archive *r, const char *glob, struct arena *a, struct span *out,
                 struct err *e)
{
    struct archive_entry *entry;
    for (size_t i = 0; i < CABINET_MEMBERS; i++) {
        int got = archive_read_next_header(r, &entry);
        if (got == ARCHIVE_EOF)
            return err_set(e, ERR_NOT_FOUND, 0, "cabinet holds no %s", glob);
        if (got != ARCHIVE_OK)
            return damaged(r, e);
        const char *name = archive_entry_pathname(entry);
        if (name && glob_imatch(str_of(glob), str_of(name)))
            return fill(r, a, out, e);
    }
    return err_set(e, ERR_LIMIT, 0, "cabinet has more than %d members", CABINET_MEMBERS);
}

bool cabinet_member(struct span cabinet, const char *name_glob, struct arena *a, struct span *out,
                    struct err *e)
{
    if (!cabinet_is(cabinet))
        return err_set(e, ERR_FORMAT, 0, "not a cabinet");
    struct archive *r = libarchive_load(e) ? archive_read_new() : NULL;
    if (!r)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    bool ok = archive_read_support_format_cab(r) == ARCHIVE_OK &&
              archive_read_open_memory(r, cabinet.ptr, cabinet.len) == ARCHIVE_OK;
    ok = ok ? find(r, name_glob, a, out, e) : damaged(r, e);
    archive_read_free(r);
    return ok;
}
