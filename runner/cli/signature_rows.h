/* Rows of `facts signatures`: one a file, as a table for people, JSON lines or CSV. */
#pragma once

#include "report/layout.h"
#include "trust/trust.h"

struct signature_row {
    struct str path;
    enum fact_state state; /* not FOUND: reason says why, the rest is empty */
    enum trust_word word;
    uint32_t code;
    struct str reason;
    enum trust_source source;
    struct str catalog, signer, organisation, root, decided_by, digest_algorithm;
    bool root_in_program;
    uint64_t signed_at, judged_at;
    struct trust_opinion windows;
    bool windows_differs;
};

struct signature_rows {
    const struct signature_row *rows;
    size_t count;
    uint64_t at; /* reference time */
};

/* Copies what is shown of a verdict into `a`. */
void signature_row_fill(struct signature_row *row, struct str path, enum fact_state state,
                        struct str reason, const struct trust_verdict *v, struct arena *a);

void signature_rows_jsonl(const struct signature_rows *r, struct sb *out);
void signature_rows_csv(const struct signature_rows *r, struct sb *out);
void signature_rows_terminal(const struct signature_rows *r, const struct report_style *style,
                             struct sb *out);
