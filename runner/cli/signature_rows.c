#include "cli/signature_rows.h"

#include "base/json.h"
#include "base/wtime.h"
#include "cli/signed_view.h"
#include "trust/words.h"

static void fill_decided(struct signature_row *row, const struct trust_signature *s,
                         struct arena *a)
{
    row->decided_by = str_dup(a, s->decided_by);
    row->digest_algorithm = str_dup(a, s->digest_algorithm);
    row->root_in_program = s->root_in_program;
    row->signed_at = s->signed_at;
    row->judged_at = s->judged_at;
    if (s->chain_count == 0)
        return;
    const struct trust_certificate *leaf = &s->chain[0], *end = &s->chain[s->chain_count - 1];
    row->signer = str_dup(a, certificate_name(leaf));
    row->organisation = str_dup(a, leaf->organisation);
    /* A chain that lacks its root ends in somebody who did not issue himself. */
    if (str_eq(end->issuer, certificate_name(end)))
        row->root = str_dup(a, certificate_name(end));
}

void signature_row_fill(struct signature_row *row, struct str path, enum fact_state state,
                        struct str reason, const struct trust_verdict *v, struct arena *a)
{
    *row = (struct signature_row){.path = path, .state = state};
    if (state != FACT_FOUND) {
        row->reason = str_dup(a, reason);
        return;
    }
    row->word = v->word;
    row->code = v->code;
    row->reason = str_dup(a, v->reason);
    row->source = v->source;
    row->catalog = str_dup(a, v->catalog);
    row->judged_at = v->at;
    row->windows = v->windows;
    row->windows_differs = trust_differs(v);
    if (v->decided)
        fill_decided(row, v->decided, a);
}

static const char *source_name(enum trust_source s)
{
    return s == TRUST_SOURCE_EMBEDDED ? "embedded" : s == TRUST_SOURCE_CATALOG ? "catalog" : NULL;
}

static void code_text(const struct signature_row *row, char out[16])
{
    out[0] = 0;
    if (row->state == FACT_FOUND)
        snprintf(out, 16, "0x%08X", row->code);
}

/* The word, or the state of a file that could not be judged at all. */
static const char *word_of(const struct signature_row *row)
{
    return row->state == FACT_FOUND ? trust_word_name(row->word) : fact_state_name(row->state);
}

/* Only where a Windows ran that could be asked. */
static void windows_json(struct json *j, const struct signature_row *row)
{
    char code[16];
    snprintf(code, sizeof code, "0x%08X", (unsigned)row->windows.code);
    json_key(j, "windows");
    json_open_object(j);
    json_member(j, "code", str_of(code));
    json_key(j, "differs");
    json_bool(j, row->windows_differs);
    json_close_object(j);
}

void signature_rows_jsonl(const struct signature_rows *r, struct sb *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct signature_row *row = &r->rows[i];
        struct json j;
        char code[16];
        code_text(row, code);
        json_init(&j, out, 0);
        json_open_object(&j);
        json_member(&j, "path", row->path);
        json_key(&j, "state");
        json_cstr(&j, fact_state_name(row->state));
        json_key(&j, "word");
        json_cstr(&j, row->state == FACT_FOUND ? trust_word_name(row->word) : NULL);
        json_member(&j, "code", str_of(code));
        json_member(&j, "reason", row->reason);
        json_key(&j, "source");
        json_cstr(&j, source_name(row->source));
        json_member(&j, "catalog", row->catalog);
        json_member(&j, "signer", row->signer);
        json_member(&j, "organisation", row->organisation);
        json_member(&j, "root", row->root);
        json_key(&j, "root_in_program");
        if (row->decided_by.len)
            json_bool(&j, row->root_in_program);
        else
            json_nil(&j);
        json_member(&j, "decided_by", row->decided_by);
        json_member(&j, "digest_algorithm", row->digest_algorithm);
        json_key(&j, "signed_at");
        json_time(&j, row->signed_at);
        json_key(&j, "judged_at");
        json_time(&j, row->judged_at);
        if (row->windows.asked)
            windows_json(&j, row);
        json_close_object(&j);
        sb_putc(out, '\n');
    }
}

static void cell(struct sb *out, struct str s)
{
    sb_putc(out, ',');
    sb_csv(out, s);
}

static void time_cell(struct sb *out, uint64_t t)
{
    char text[WTIME_TEXT];
    cell(out, str_of(wtime_format(t, text)));
}

void signature_rows_csv(const struct signature_rows *r, struct sb *out)
{
    sb_puts(out, "path,word,code,reason,source,catalog,signer,organisation,root,root_in_program,"
                 "decided_by,digest_algorithm,signed_at,judged_at\r\n");
    for (size_t i = 0; i < r->count; i++) {
        const struct signature_row *row = &r->rows[i];
        char code[16];
        code_text(row, code);
        sb_csv(out, row->path);
        cell(out, str_of(word_of(row)));
        cell(out, str_of(code));
        cell(out, row->reason);
        cell(out, str_of(source_name(row->source)));
        cell(out, row->catalog);
        cell(out, row->signer);
        cell(out, row->organisation);
        cell(out, row->root);
        cell(out, !row->decided_by.len   ? STR("")
                  : row->root_in_program ? STR("true")
                                         : STR("false"));
        cell(out, row->decided_by);
        cell(out, row->digest_algorithm);
        time_cell(out, row->signed_at);
        time_cell(out, row->judged_at);
        sb_puts(out, "\r\n");
    }
}

/* ---- for people ------------------------------------------------------------------------------ */

enum { WORD_COLUMN = 17, PATH_MOST = 48 };

static enum colour colour_of(const struct signature_row *row)
{
    if (row->state != FACT_FOUND || row->word == TRUST_CANNOT_TELL)
        return YELLOW;
    if (row->word == TRUST_TRUSTED)
        return GREEN;
    return row->word == TRUST_ROOT_OBTAINABLE ? CYAN : RED;
}

static size_t path_column(const struct signature_rows *r)
{
    size_t widest = 0;
    for (size_t i = 0; i < r->count; i++) {
        size_t n = terminal_columns(r->rows[i].path);
        if (n > widest && n <= PATH_MOST)
            widest = n;
    }
    return widest;
}

static void show_row(const struct layout *l, const struct signature_row *row, size_t path_width)
{
    const char *word = word_of(row);
    lay_colour(l, colour_of(row), str_of(word));
    lay_pad(l, strlen(word), WORD_COLUMN);
    sb_terminal(l->out, row->path);
    size_t at = terminal_columns(row->path);
    struct str text = row->reason;
    if (row->state == FACT_FOUND && row->word == TRUST_TRUSTED)
        text = row->organisation.len ? row->organisation : row->signer;
    else if (row->state == FACT_FOUND && row->word == TRUST_UNSIGNED)
        text = STR(""); /* the word says it all */
    if (!text.len) {
        sb_putc(l->out, '\n');
        return;
    }
    unsigned indent = (unsigned)(WORD_COLUMN + path_width + 2);
    if (indent + 24 > l->style->width || at > path_width) {
        indent = WORD_COLUMN + 2;
        sb_printf(l->out, "\n%*s", (int)indent, "");
    } else {
        lay_pad(l, WORD_COLUMN + at, indent);
    }
    lay_wrap(l, text, indent);
}

static void summary(const struct signature_rows *r, const struct layout *l)
{
    size_t words[TRUST_CANNOT_TELL + 1] = {0}, unread = 0;
    char text[WTIME_TEXT];
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].state == FACT_FOUND)
            words[r->rows[i].word]++;
        else
            unread++;
    sb_putc(l->out, '\n');
    lay_colour(l, BOLD, STR("files"));
    sb_printf(l->out, " %zu at %s:", r->count, wtime_format(r->at, text));
    const char *comma = "";
    for (size_t i = 0; i <= TRUST_CANNOT_TELL; i++) {
        if (!words[i])
            continue;
        sb_printf(l->out, "%s %zu %s", comma, words[i], trust_word_name((enum trust_word)i));
        comma = ",";
    }
    if (unread)
        sb_printf(l->out, "%s %zu not read", comma, unread);
    sb_puts(l->out, "; revocation is never checked\n");
}

void signature_rows_terminal(const struct signature_rows *r, const struct report_style *style,
                             struct sb *out)
{
    struct layout l = {out, style};
    size_t path_width = path_column(r);
    for (size_t i = 0; i < r->count; i++)
        show_row(&l, &r->rows[i], path_width);
    summary(r, &l);
}
