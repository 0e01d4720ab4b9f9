/* A folder of lists and certificates under any names. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "actions/folder.h"
#include "actions/roots_part.h"
#include "base/utf16.h"
#include "formats/certstore.h"
#include "formats/cms.h"
#include "host/cabinet.h"

/* ---- certificates ------------------------------------------------------------------------------
 */

static bool add(struct roots_source *s, struct span der, struct err *e)
{
    struct err ignored = {0};
    X509 *x = der.len <= CERT_SIZE ? cert_parse(der, &ignored) : NULL;
    if (!x)
        return true;
    X509_free(x);
    if (s->certificate_count == s->certificate_cap) {
        size_t cap = s->certificate_cap ? s->certificate_cap * 2 : 1024;
        struct roots_certificate *grown =
            cap > ROOTS_CERTIFICATES ? NULL : ARENA_ARRAY(&s->mem, cap, struct roots_certificate);
        if (!grown)
            return err_set(e, ERR_LIMIT, 0, "more than %d certificates", ROOTS_CERTIFICATES);
        if (s->certificate_count)
            memcpy(grown, s->certificates, s->certificate_count * sizeof *grown);
        s->certificates = grown;
        s->certificate_cap = cap;
    }
    struct roots_certificate *c = &s->certificates[s->certificate_count];
    void *copy = arena_copy(&s->mem, der.ptr, der.len);
    if (!copy || EVP_Digest(der.ptr, der.len, c->sha1, NULL, EVP_sha1(), NULL) != 1)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    c->der = span_of(copy, der.len);
    s->certificate_count++;
    return true;
}

/* Every certificate of a PEM file; what else is in it is passed over. */
static bool add_pem(struct roots_source *s, struct span file, struct err *e)
{
    BIO *in = BIO_new_mem_buf(file.ptr, (int)file.len);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    bool ok = true;
    while (ok && in && PEM_read_bio(in, &name, &header, &data, &len) == 1) {
        if (strcmp(name, PEM_STRING_X509) == 0 && len > 0)
            ok = add(s, span_of(data, (size_t)len), e);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    BIO_free(in);
    ERR_clear_error();
    return ok;
}

static int by_hash(const void *x, const void *y)
{
    const struct roots_certificate *a = x, *b = y;
    return memcmp(a->sha1, b->sha1, sizeof a->sha1);
}

static bool add_store(struct roots_source *s, struct span file, struct arena *a, struct err *e)
{
    struct sst store;
    struct err damage = {0};
    if (!sst_parse(file, a, &store, &damage))
        return true;
    for (size_t i = 0; i < store.count; i++)
        if (store.elements[i].certificate.len && !add(s, store.elements[i].certificate, e))
            return false;
    return true;
}

/* ---- lists -------------------------------------------------------------------------------------
 */

/* Why the newest candidate of a kind did not count, for when none does. */
struct attempts {
    struct str why;
    bool any;
};

static bool is_other_usage(const struct err *e)
{
    return strncmp(e->text, "a list for another usage", 24) == 0;
}

static bool add_list(struct roots_source *s, struct str name, struct span file, struct arena *a,
                     struct attempts *tried, struct err *e)
{
    struct list_file *list;
    struct err why[2] = {{0}, {0}};
    for (int kind = LIST_ROOTS; kind <= LIST_DISALLOWED; kind++)
        if (roots_read_list(s, file, (enum list_kind)kind, a, &list, &why[kind])) {
            void *raw = arena_copy(&s->mem, file.ptr, file.len);
            if (!raw) {
                list_file_close(list);
                return err_set(e, ERR_NOMEM, 0, "out of memory");
            }
            roots_take_list(s, (enum list_kind)kind, list, span_of(raw, file.len),
                            str_dup(&s->mem, name));
            return true;
        }
    /* Of the two answers, the one that is not about the usage says what is wrong; a list for
     * something else (pinrulesstl.cab) is nothing of ours. */
    bool other = is_other_usage(&why[0]);
    if (other && is_other_usage(&why[1]))
        return true;
    struct str text =
        str_fmt(&s->mem, STR_FMT " does not count: %s", STR_ARG(name), why[other].text);
    roots_note(s, text);
    if (!tried->any)
        *tried = (struct attempts){text, true};
    return true;
}

static bool looks_like_list(struct span file)
{
    struct err ignored = {0};
    struct cms *message = NULL;
    if (cabinet_is(file))
        return true;
    if (file.len == 0 || file.ptr[0] != 0x30 || !cms_open(file, &message, &ignored))
        return false;
    bool yes = str_eq(cms_content_type(message), STR("1.3.6.1.4.1.311.10.1"));
    cms_close(message);
    return yes;
}

static bool is_list_name(struct str name)
{
    return glob_imatch(STR("*.stl"), name) || glob_imatch(STR("*.cab"), name);
}

static bool take(struct roots_source *s, struct str name, struct span file, struct arena *a,
                 struct attempts *tried, struct err *e)
{
    static const uint8_t store[] = {0, 0, 0, 0, 'C', 'E', 'R', 'T'};
    if (file.len >= sizeof store && memcmp(file.ptr, store, sizeof store) == 0)
        return add_store(s, file, a, e);
    /* What is called a list is told of even when it is damaged. */
    if (is_list_name(name) || looks_like_list(file))
        return add_list(s, name, file, a, tried, e);
    return file.len && file.ptr[0] == 0x30 ? add(s, file, e) : add_pem(s, file, e);
}

static bool read_files(struct roots_source *s, const struct folder_file *files, size_t count,
                       struct attempts *tried, struct err *e)
{
    struct arena a;
    uint64_t total = 0;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct span file;
        if (files[i].size > ROOTS_FILE_BYTES)
            continue;
        total += files[i].size;
        if (total > ROOTS_FOLDER_BYTES)
            return err_set(e, ERR_LIMIT, 0, "more than %d MiB of files", ROOTS_FOLDER_BYTES >> 20);
        arena_init(&a, ARENA_DEFAULT_CAP);
        ok = folder_read(s->base.ptr, files[i].name.ptr, ROOTS_FILE_BYTES, &a, &file, e) &&
             take(s, files[i].name, file, &a, tried, e);
        if (!ok)
            (void)err_prefix(e, files[i].name.ptr);
        arena_done(&a);
    }
    return ok;
}

bool roots_read_folder(struct roots_source *s, struct err *e)
{
    struct folder_file *files;
    struct attempts tried = {0};
    size_t count;
    if (!folder_list(s->base.ptr, &s->mem, &files, &count, e) ||
        !read_files(s, files, count, &tried, e))
        return err_prefix(e, s->base.ptr);
    if (s->certificate_count)
        qsort(s->certificates, s->certificate_count, sizeof *s->certificates, by_hash);
    if (!s->roots.file) {
        (void)(tried.any ? err_set(e, ERR_FORMAT, 0, STR_FMT, STR_ARG(tried.why))
                         : err_set(e, ERR_NOT_FOUND, 0, "no list of roots (authroot.stl, %s)",
                                   ROOTS_CAB));
        return err_prefix(e, s->base.ptr);
    }
    if (!s->disallowed.file)
        roots_note(s, STR("the source has no list of disallowed certificates"));
    return true;
}
