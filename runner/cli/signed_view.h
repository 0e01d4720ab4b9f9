/* What `inspect pe|cat|ctl` say of signed messages: read once, shown as JSON or for people. */
#pragma once

#include "cli/artefact.h"
#include "formats/authenticode.h"

struct signature_view {
    struct str index; /* "0"; "0.1" is nested in it; "1" is the next entry of a PE's table */
    bool nested;
    struct str problem; /* why it is no intact signature over its content; empty = it is */
    /* What it says of the file; empty for lists and catalogs. */
    struct str digest_algorithm;
    struct span digest;
    bool digest_matches;
    enum authenticode_pages pages;
    struct str page_algorithm;
    /* Its signer. */
    bool has_certificate;
    struct trust_certificate certificate;
    struct str signer_algorithm;
    struct str program_name, program_url;
    size_t certificates;
    enum cms_timestamp_kind timestamp;
    bool timestamp_intact, has_timestamper;
    uint64_t timestamp_time;
    struct str timestamp_problem, timestamp_algorithm;
    struct trust_certificate timestamper;
    const struct trust_signature *judged; /* NULL without --root */
};

enum { SIGNED_VIEWS = 64, SIGNED_DEPTH = 4 };

struct signed_views {
    struct signature_view *items;
    size_t count;
    bool more; /* SIGNED_VIEWS were not enough */
};

/* Signatures of a message and of those nested in it; `pe` is NULL for catalogs and lists. */
void signed_read(struct signed_views *v, struct span der, const struct pe *pe, struct str index,
                 struct arena *a);

/* Joins what trust/ says, when it saw the same signatures in the same order. */
void signed_judge(struct signed_views *v, const struct trust_verdict *verdict);

/* A certificate's names, hashes and times. */
void certificate_view(X509 *x, struct arena *a, struct trust_certificate *out);

/* "signatures": [...] of an opened object; paragraphs of the terminal. */
void signed_json(const struct artefact *a, const struct signed_views *v);
void signed_terminal(const struct artefact *a, const struct signed_views *v);

void certificate_json(struct json *j, const struct trust_certificate *c);
/* "Contoso Ltd (O=Contoso), issued by ..., 2010-01-01 to 2012-01-01" */
struct str certificate_line(const struct trust_certificate *c, struct arena *a);
struct str certificate_name(const struct trust_certificate *c);

/* A member that is null where the text is empty. */
void json_member(struct json *j, const char *key, struct str text);
