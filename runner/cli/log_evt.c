/* Legacy logs: rows of the index, payload decoded where it is shown. */
#include "base/json.h"
#include "base/wtime.h"
#include "cli/log_csv.h"
#include "cli/log_query.h"
#include "formats/binxml_text.h"
#include "formats/evtx_escape.h"

enum { OUTPUT_MAX = 1 << 30, FLUSH_AT = 1 << 20 };

struct dump {
    const struct log_query *q;
    const char *path;
    const struct evlog *log;
    struct sb out;
    struct arena mem;
    uint64_t partial;
};

void log_tsv_row(struct sb *lines, const struct log_query *q, const char *path, uint64_t time,
                 uint64_t record_id, struct str channel, struct str provider, uint16_t id,
                 uint8_t level)
{
    char text[BX_SCALAR_MAX];
    sb_put(lines, text, bx_time(time, text));
    sb_printf(lines, "\t%llu\t", (unsigned long long)record_id);
    sb_tsv(lines, channel);
    sb_putc(lines, '\t');
    sb_tsv(lines, provider);
    sb_printf(lines, "\t%u\t%u", id, level);
    if (q->several) {
        sb_putc(lines, '\t');
        sb_tsv(lines, str_of(path));
    }
    sb_putc(lines, '\n');
}

/* The upper half of the 32-bit event id, where the record lies in one piece. */
static bool qualifiers(const struct evlog *log, size_t row, uint16_t *out)
{
    enum { EVENT_ID_AT = 20 };
    struct span id;
    if (!span_sub(log->bytes, log->offset[row] + EVENT_ID_AT, 4, &id))
        return false;
    *out = load_u16(id.ptr + 2);
    return true;
}

static void hex(struct sb *b, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        sb_printf(b, "%02X", s.ptr[i]);
}

static void json_row(struct dump *d, size_t row, const struct evlog_payload *p, const char *error)
{
    struct sb *b = &d->out;
    char time[BX_SCALAR_MAX];
    uint16_t high;
    sb_putc(b, '{');
    if (d->q->several) {
        sb_puts(b, "\"file\":");
        sb_json(b, str_of(d->path));
        sb_putc(b, ',');
    }
    sb_printf(b, "\"record_id\":%llu,\"time\":\"", (unsigned long long)d->log->record_id[row]);
    sb_put(b, time, bx_time(d->log->time[row], time));
    sb_puts(b, "\",\"channel\":\"\",\"provider\":");
    sb_json(b, d->log->names[d->log->provider[row]]);
    sb_printf(b, ",\"id\":%u,", d->log->event_id[row]);
    if (qualifiers(d->log, row, &high))
        sb_printf(b, "\"qualifiers\":%u,", high);
    sb_printf(b, "\"level\":%u", d->log->level[row]);
    if (error) {
        sb_puts(b, ",\"error\":");
        sb_json(b, str_of(error));
    } else {
        sb_puts(b, ",\"computer\":");
        sb_json(b, p->computer);
        sb_puts(b, ",\"event_data\":[");
        for (size_t i = 0; i < p->count; i++) {
            if (i)
                sb_putc(b, ',');
            sb_json(b, p->string[i]);
        }
        sb_putc(b, ']');
        if (p->binary.len) {
            sb_puts(b, ",\"binary\":\"");
            hex(b, p->binary);
            sb_putc(b, '"');
        }
    }
    sb_puts(b, "}\n");
}

/* As newer Windows shows a classic event. */
static void xml_row(struct dump *d, size_t row, const struct evlog_payload *p, bool damaged)
{
    struct sb *b = &d->out;
    char time[BX_SCALAR_MAX];
    uint16_t high;
    sb_puts(b, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
               "<Provider Name='");
    evtx_escape_utf8(b, d->log->names[d->log->provider[row]], EVTX_XML);
    sb_puts(b, "'/><EventID");
    if (qualifiers(d->log, row, &high))
        sb_printf(b, " Qualifiers='%u'", high);
    sb_printf(b, ">%u</EventID><Level>%u</Level><TimeCreated SystemTime='", d->log->event_id[row],
              d->log->level[row]);
    sb_put(b, time, bx_time(d->log->time[row], time));
    sb_printf(b, "'/><EventRecordID>%llu</EventRecordID><Channel></Channel><Computer>",
              (unsigned long long)d->log->record_id[row]);
    if (damaged) {
        sb_puts(b, "</Computer></System></Event>\n");
        return;
    }
    evtx_escape_utf8(b, p->computer, EVTX_XML);
    sb_puts(b, "</Computer></System><EventData>");
    for (size_t i = 0; i < p->count; i++) {
        sb_puts(b, "<Data>");
        evtx_escape_utf8(b, p->string[i], EVTX_XML);
        sb_puts(b, "</Data>");
    }
    if (p->binary.len) {
        sb_puts(b, "<Binary>");
        hex(b, p->binary);
        sb_puts(b, "</Binary>");
    }
    sb_puts(b, "</EventData></Event>\n");
}

static bool csv_row(struct dump *d, size_t row)
{
    const struct evlog *log = d->log;
    struct log_csv_row r = {
        d->path,
        log->time[row],
        log->record_id[row],
        log->names[log->channel[row]],
        log->names[log->provider[row]],
        log->event_id[row],
        log->level[row],
    };
    return log_csv_evt(&d->out, d->q, &r, log, row, &d->mem);
}

static bool one_row(struct dump *d, size_t row, struct sb *lines, struct err *e)
{
    const struct evlog *log = d->log;
    if (d->q->format == LOG_TSV) {
        log_tsv_row(lines, d->q, d->path, log->time[row], log->record_id[row],
                    log->names[log->channel[row]], log->names[log->provider[row]],
                    log->event_id[row], log->level[row]);
        return !lines->bad || err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    struct evlog_payload p = {0};
    struct err why = {0};
    arena_reset(&d->mem);
    bool ok =
        d->q->format == LOG_CSV ? csv_row(d, row) : evlog_payload(log, row, &d->mem, &p, &why);
    d->partial += !ok;
    if (d->q->format == LOG_JSONL)
        json_row(d, row, &p, ok ? NULL : why.text);
    else if (d->q->format == LOG_XML)
        xml_row(d, row, &p, !ok);
    if (d->out.len < FLUSH_AT)
        return !d->out.bad || err_set(e, ERR_NOMEM, 0, "out of memory");
    ok = log_write(d->out.ptr, d->out.len, e);
    d->out.len = 0;
    return ok;
}

static bool rows(struct dump *d, struct log_counts *c, struct sb *lines, struct err *e)
{
    const struct evlog *log = d->log;
    for (size_t i = 0; i < log->count; i++) {
        if (!log_query_row(d->q, log->time[i], log->event_id[i]) ||
            (d->q->providers && !log_query_provider(d->q, log->names[log->provider[i]])))
            continue;
        if (!d->q->count) {
            if (!one_row(d, i, lines, e))
                return false;
        } else if (!log_counts_add(c, log->names[log->channel[i]], log->names[log->provider[i]],
                                   log->event_id[i], 1)) {
            return err_set(e, ERR_NOMEM, 0, "out of memory");
        }
    }
    return !d->out.len || log_write(d->out.ptr, d->out.len, e);
}

bool log_evt(const struct log_query *q, struct span file, const char *path, struct log_counts *c,
             struct sb *lines, void (*damage)(const char *path, const struct log_damage *d),
             struct err *e)
{
    struct evlog log;
    if (!evlog_open(file, q->jobs, &log, e))
        return false;
    struct dump d = {.q = q, .path = path, .log = &log};
    sb_init(&d.out, OUTPUT_MAX);
    arena_init(&d.mem, ARENA_DEFAULT_CAP);
    bool ok = log.kind == EVLOG_EVT ? rows(&d, c, lines, e)
                                    : err_set(e, ERR_FORMAT, 0, "not a legacy event log");
    if (ok)
        damage(path, &(struct log_damage){.undecodable = log.records_undecodable,
                                          .partial = d.partial,
                                          .total = log.damage_total,
                                          .listed = log.damage,
                                          .count = log.damage_count});
    sb_done(&d.out);
    arena_done(&d.mem);
    evlog_close(&log);
    return ok;
}
