#include <openssl/evp.h>

#include "formats/authenticode.h"

/* The table has a row `u32 file offset, digest` for the header, for each page of each section in
 * the order of the section table, and a last one for the end of the sections with a digest of
 * zeroes.  A page is SectionAlignment bytes, filled up with zeroes; the header is hashed without
 * CheckSum and the certificate table's directory entry ("Windows Authenticode Portable Executable
 * Signature Format", SpcPeImagePageHashes). */
enum {
    SECTION = 40,
    RAW_SIZE = 16,
    RAW_AT = 20,
    SECTION_ALIGNMENT_BEFORE_CHECKSUM = 32,
    SMALLEST_PAGE = 512,
    LARGEST_PAGE = 64 * 1024
};

struct pages {
    const struct pe *pe;
    const EVP_MD *md;
    EVP_MD_CTX *ctx;
    struct reader table;
    uint32_t page, digest_size;
    uint64_t budget; /* bytes that may still be hashed */
    enum authenticode_pages answer;
};

static bool stop(struct pages *p, enum authenticode_pages answer)
{
    p->answer = answer;
    return false;
}

static bool begin(struct pages *p)
{
    return EVP_DigestInit_ex(p->ctx, p->md, NULL) == 1 || stop(p, PAGES_MALFORMED);
}

static bool feed(struct pages *p, uint64_t from, uint64_t to)
{
    struct span s;
    if (to < from || !span_sub(p->pe->bytes, from, to - from, &s) || s.len > p->budget)
        return stop(p, PAGES_MALFORMED);
    p->budget -= s.len;
    return EVP_DigestUpdate(p->ctx, s.ptr, s.len) == 1 || stop(p, PAGES_MALFORMED);
}

static bool fill(struct pages *p, uint64_t count)
{
    static const uint8_t zeroes[LARGEST_PAGE];
    if (count > sizeof zeroes || count > p->budget)
        return stop(p, PAGES_MALFORMED);
    p->budget -= count;
    return EVP_DigestUpdate(p->ctx, zeroes, (size_t)count) == 1 || stop(p, PAGES_MALFORMED);
}

/* The next row is of the page at `at` and says what was hashed. */
static bool row(struct pages *p, uint64_t at)
{
    uint8_t have[EVP_MAX_MD_SIZE];
    uint64_t stated = rd_u32(&p->table);
    struct span want = rd_bytes(&p->table, p->digest_size);
    if (p->table.bad || EVP_DigestFinal_ex(p->ctx, have, NULL) != 1 || stated != at ||
        !span_eq(want, span_of(have, p->digest_size)))
        return stop(p, PAGES_DIFFER);
    return true;
}

static bool header(struct pages *p)
{
    const struct pe *pe = p->pe;
    uint64_t end = pe->header_size;
    if (!pe->certificate_at || end > p->page || end < pe->certificate_at + 8)
        return stop(p, PAGES_MALFORMED);
    return begin(p) && feed(p, 0, pe->checksum_at) &&
           feed(p, pe->checksum_at + 4, pe->certificate_at) &&
           feed(p, pe->certificate_at + 8, end) && fill(p, p->page - end) && row(p, 0);
}

static bool section(struct pages *p, uint64_t at, uint64_t size)
{
    for (uint64_t done = 0; done < size; done += p->page) {
        uint64_t len = size - done < p->page ? size - done : p->page;
        if (!begin(p) || !feed(p, at + done, at + done + len) || !fill(p, p->page - len) ||
            !row(p, at + done))
            return false;
    }
    return true;
}

static bool sections(struct pages *p)
{
    const struct pe *pe = p->pe;
    struct span table;
    uint64_t end = pe->header_size;
    if (!span_sub(pe->bytes, pe->sections_at, (uint64_t)pe->section_count * SECTION, &table))
        return stop(p, PAGES_MALFORMED);
    for (uint32_t i = 0; i < pe->section_count; i++) {
        const uint8_t *s = table.ptr + (size_t)i * SECTION;
        uint64_t size = load_u32(s + RAW_SIZE), at = load_u32(s + RAW_AT);
        if (size == 0)
            continue;
        if (!section(p, at, size))
            return false;
        end = at + size;
    }
    if (rd_u32(&p->table) != end)
        return stop(p, PAGES_DIFFER);
    struct span zero = rd_bytes(&p->table, p->digest_size);
    for (size_t i = 0; i < zero.len; i++)
        if (zero.ptr[i])
            return stop(p, PAGES_DIFFER);
    return (!p->table.bad && rd_left(&p->table) == 0) || stop(p, PAGES_DIFFER);
}

enum authenticode_pages authenticode_pages(const struct pe *pe, const struct spc_indirect *s)
{
    if (!s->page_hashes.len)
        return PAGES_NONE;
    struct span alignment;
    if (!span_sub(pe->bytes, pe->checksum_at - SECTION_ALIGNMENT_BEFORE_CHECKSUM, 4, &alignment))
        return PAGES_MALFORMED;
    bool sha1 = str_eq(s->page_hash_algorithm, STR("sha1"));
    struct pages p = {
        .pe = pe,
        .md = sha1 ? EVP_sha1() : EVP_sha256(),
        .digest_size = sha1 ? 20 : 32,
        .table = reader_of(s->page_hashes),
        .page = load_u32(alignment.ptr),
        .answer = PAGES_MATCH,
    };
    if (p.page < SMALLEST_PAGE || p.page > LARGEST_PAGE || (p.page & (p.page - 1)) != 0)
        return PAGES_MALFORMED;
    /* Sections may overlap; honest ones do not, and fill up one page each. */
    p.budget = pe->bytes.len + ((uint64_t)pe->section_count + 1) * p.page;
    p.ctx = EVP_MD_CTX_new();
    bool ok = p.ctx && header(&p) && sections(&p);
    EVP_MD_CTX_free(p.ctx);
    return ok ? PAGES_MATCH : p.answer == PAGES_MATCH ? PAGES_MALFORMED : p.answer;
}
