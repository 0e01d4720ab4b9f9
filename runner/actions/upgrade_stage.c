/* A package from the administrator's own repository, verified and put where installers find it. */
#include "actions/folder.h"
#include "actions/upgrade.h"
#include "base/digest.h"
#include "host/fd.h"
#include "host/file.h"
#include "net/fetch.h"

enum { NAME_MAX_BYTES = 200, STAGE_SECONDS = 4 * 3600, STAGE_STALL = 60 };
#define STAGE_BYTES ((uint64_t)4 << 30)

/* ---- names -------------------------------------------------------------------------------------
 */

static bool check_name(struct str name, struct err *e)
{
    bool ok = name.len > 0 && name.len <= NAME_MAX_BYTES && name.ptr[0] != '.';
    for (size_t i = 0; i < name.len && ok; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        ok = c >= 0x20 && c != 0x7F && !strchr("/\\:*?\"<>|", c);
    }
    return ok || err_set(e, ERR_USAGE, 0, "a package is named by a plain file name");
}

static bool check_digest(struct str text, char out[SHA256_HEX], struct err *e)
{
    bool ok = text.len == SHA256_HEX - 1;
    for (size_t i = 0; i < text.len && ok; i++) {
        char c = text.ptr[i];
        out[i] = c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c;
        ok = (out[i] >= '0' && out[i] <= '9') || (out[i] >= 'a' && out[i] <= 'f');
    }
    if (!ok)
        return err_set(e, ERR_USAGE, 0, "a SHA-256 is 64 hexadecimal digits");
    out[SHA256_HEX - 1] = 0;
    return true;
}

static struct str below(struct str folder, struct str name, struct arena *a)
{
    return str_fmt(a, STR_FMT "/" STR_FMT, STR_ARG(folder), STR_ARG(name));
}

/* RFC 3986: everything but unreserved characters as %XX. */
static struct str escaped(struct str name, struct arena *a)
{
    struct sb b;
    sb_init(&b, 4 * NAME_MAX_BYTES);
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool plain =
            (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || strchr("-._~", c);
        if (plain)
            sb_putc(&b, (char)c);
        else
            sb_printf(&b, "%%%02X", c);
    }
    struct str out = str_dup(a, (struct str){b.ptr ? b.ptr : "", b.len});
    sb_done(&b);
    return out;
}

/* ---- what is staged ----------------------------------------------------------------------------
 */

static bool digest_of(const struct file_map *m, char hex[SHA256_HEX], struct err *e)
{
    return sha256_hex(m->bytes, hex, e) &&
           (file_intact(m) || err_set(e, ERR_IO, 0, "a part of it cannot be read"));
}

bool upgrade_is_staged(struct str stage, struct str package, struct str sha256, bool *out,
                       struct err *e)
{
    char want[SHA256_HEX], have[SHA256_HEX];
    struct file_map m;
    struct arena a;
    struct err why = {0};
    if (!check_name(package, e) || !check_digest(sha256, want, e))
        return false;
    arena_init(&a, 64 * 1024);
    struct str path = below(stage, package, &a);
    bool ok = path.ptr || err_set(e, ERR_LIMIT, 0, "a path that is too long");
    *out = false;
    if (ok && file_map_path(path.ptr, &m, &why)) {
        ok = digest_of(&m, have, e);
        *out = ok && strcmp(have, want) == 0;
        file_unmap(&m);
    } else if (ok && why.kind != ERR_NOT_FOUND) {
        ok = err_set(e, why.kind, why.at, "%.100s: %s", path.ptr, why.text);
    }
    arena_done(&a);
    return ok;
}

/* ---- the signature -----------------------------------------------------------------------------
 */

static bool is_image(struct span bytes)
{
    return bytes.len > 64 && bytes.ptr[0] == 'M' && bytes.ptr[1] == 'Z';
}

static bool counts(const struct trust_verdict *v)
{
    return v->word == TRUST_TRUSTED ||
           (v->word == TRUST_ROOT_OBTAINABLE && v->decided && v->decided->updates_on);
}

static bool check_signature(struct trust *t, struct span bytes, struct arena *a, struct str *out,
                            struct err *e)
{
    struct trust_verdict v;
    if (!is_image(bytes)) {
        *out = STR("none looked at: not a PE file; the policy's SHA-256 vouches for it");
        return true;
    }
    if (!t)
        return err_set(e, ERR_UNSUPPORTED, 0, "no target to judge its signature by");
    if (!trust_bytes(t, bytes, a, &v, e))
        return false;
    if (!counts(&v))
        return err_set(e, ERR_DENIED, 0, "the target does not trust its signature: %s%s" STR_FMT,
                       trust_word_name(v.word), v.reason.len ? ", " : "", STR_ARG(v.reason));
    const struct trust_certificate *leaf =
        v.decided && v.decided->chain_count ? &v.decided->chain[0] : NULL;
    struct str who = leaf ? leaf->organisation.len ? leaf->organisation : leaf->common_name
                          : STR("a catalog's signer");
    *out = str_fmt(a, "%s: signed by " STR_FMT, trust_word_name(v.word), STR_ARG(who));
    return out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}

/* ---- getting it --------------------------------------------------------------------------------
 */

static bool sink_restart(void *context, uint64_t total, struct err *e)
{
    (void)total;
    return disk_truncate("stage.truncate", context, 0, e);
}

static bool sink_put(void *context, struct span bytes, struct err *e)
{
    return disk_write("stage.write", context, bytes.ptr, bytes.len, e);
}

static bool download(const struct upgrade_staging *s, struct disk_file *f, struct arena *a,
                     struct err *e)
{
    const struct fetch_limits limits = {
        .bytes = STAGE_BYTES, .seconds = STAGE_SECONDS, .stall_seconds = STAGE_STALL, .tries = 5};
    const struct fetch_sink sink = {sink_restart, sink_put, f};
    struct fetch *fetch = NULL;
    struct str url = fetch_below(s->source, escaped(s->package, a), a);
    bool ok =
        fetch_open(s->limits ? s->limits : &limits, &fetch, e) && fetch_to(fetch, url, 0, &sink, e);
    fetch_close(fetch);
    return ok;
}

static bool copy(const struct upgrade_staging *s, struct disk_file *f, struct arena *a,
                 struct err *e)
{
    struct file_map m;
    struct str path = below(s->source, s->package, a);
    if (!path.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!file_map_path(path.ptr, &m, e))
        return err_prefix(e, path.ptr);
    uint64_t size = m.bytes.len;
    bool ok = size <= STAGE_BYTES ||
              err_set(e, ERR_LIMIT, 0, "more than %d GiB", (int)(STAGE_BYTES >> 30));
    ok = ok &&
         disk_write("stage.write", f, m.bytes.ptr ? (const void *)m.bytes.ptr : "", m.bytes.len, e);
    ok = ok && (file_intact(&m) || err_set(e, ERR_IO, 0, "a part of it cannot be read"));
    file_unmap(&m);
    return ok || err_prefix(e, path.ptr);
}

/* Hash and signature of the very file that will be renamed. */
static bool verify(const struct upgrade_staging *s, int fd, struct arena *a,
                   struct upgrade_staged *out, struct err *e)
{
    char want[SHA256_HEX], have[SHA256_HEX];
    struct file_map m;
    if (!check_digest(s->sha256, want, e) || !file_map_fd(fd, &m, e))
        return false;
    bool ok = digest_of(&m, have, e);
    if (ok && strcmp(have, want) != 0)
        ok = err_set(e, ERR_DENIED, 0, "its SHA-256 is %s, the policy's is %s", have, want);
    ok = ok && check_signature(s->trust, m.bytes, a, &out->signature, e);
    out->size = m.bytes.len;
    file_unmap(&m);
    return ok;
}

static bool fill(const struct upgrade_staging *s, struct disk_dir *d, const char *temporary,
                 const char *name, struct arena *a, struct upgrade_staged *out, struct err *e)
{
    struct disk_file f = {0};
    /* What a run that was ended left behind. */
    if (!disk_unlink("stage.clean", d, temporary, e) ||
        !disk_create("stage.create", d, temporary, &f, e))
        return false;
    bool ok = (fetch_is_url(s->source) ? download(s, &f, a, e) : copy(s, &f, a, e)) &&
              verify(s, f.fd, a, out, e) && folder_share(&f, e) && disk_sync("stage.sync", &f, e);
    disk_close(&f);
    ok = ok && disk_rename("stage.rename", d, temporary, name, e) &&
         disk_sync_dir("stage.sync_dir", d, e);
    if (!ok)
        (void)disk_unlink("stage.clean", d, temporary, NULL);
    return ok;
}

/* A package that is there: its signature is judged again, its target may trust otherwise now. */
static bool look_again(const struct upgrade_staging *s, struct arena *a, struct upgrade_staged *out,
                       struct err *e)
{
    struct file_map m;
    if (!file_map_path(out->path.ptr, &m, e))
        return false;
    out->size = m.bytes.len;
    bool ok = check_signature(s->trust, m.bytes, a, &out->signature, e);
    file_unmap(&m);
    return ok;
}

static bool stage(const struct upgrade_staging *s, struct arena *a, struct upgrade_staged *out,
                  struct err *e)
{
    struct disk_dir *d = NULL;
    struct str folder = str_dup(a, s->stage), name = str_dup(a, s->package);
    struct str temporary = str_fmt(a, "." STR_FMT ".part", STR_ARG(s->package));
    out->path = below(s->stage, s->package, a);
    if (!folder.ptr || !name.ptr || !temporary.ptr || !out->path.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!upgrade_is_staged(s->stage, s->package, s->sha256, &out->present, e))
        return false;
    if (out->present)
        return look_again(s, a, out, e);
    bool ok = folder_make(folder.ptr, e) && disk_dir_open(folder.ptr, &d, e) &&
              fill(s, d, temporary.ptr, name.ptr, a, out, e);
    disk_dir_close(d);
    return ok;
}

bool upgrade_stage(const struct upgrade_staging *s, struct arena *a, struct upgrade_staged *out,
                   struct err *e)
{
    struct upgrade_staged got = {0};
    struct err why = {0};
    char digest[SHA256_HEX];
    if (!check_name(s->package, e) || !check_digest(s->sha256, digest, e))
        return false;
    if (!s->source.len || !s->stage.len)
        return err_set(e, ERR_USAGE, 0, "upgrade.source and upgrade.stage must both be named");
    if (!stage(s, a, &got, &why))
        return err_set(e, why.kind, why.at, STR_FMT ": %s", STR_ARG(s->package), why.text);
    *out = got;
    return true;
}
