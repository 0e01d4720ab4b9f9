#include "cli/log_csv.h"

#include "base/utf16.h"
#include "formats/binxml_text.h"
#include "report/report.h"

enum { TEXT_MAX = 1 << 20 };

/* Fields up to LEVEL are columns of the index; those behind them need the record's text. */
enum field { TIME, RECORD_ID, CHANNEL, PROVIDER, ID, LEVEL, FILE_PATH, SYSTEM, STRINGS, DATA };

static const struct {
    const char *name;
    enum field field;
    const char *element, *attribute; /* SYSTEM; no attribute: the element's text */
} fields[] = {
    {"time", TIME, NULL, NULL},
    {"record_id", RECORD_ID, NULL, NULL},
    {"channel", CHANNEL, NULL, NULL},
    {"provider", PROVIDER, NULL, NULL},
    {"id", ID, NULL, NULL},
    {"level", LEVEL, NULL, NULL},
    {"file", FILE_PATH, NULL, NULL},
    {"computer", SYSTEM, "Computer", NULL},
    {"user", SYSTEM, "Security", "UserID"},
    {"process_id", SYSTEM, "Execution", "ProcessID"},
    {"thread_id", SYSTEM, "Execution", "ThreadID"},
    {"qualifiers", SYSTEM, "EventID", "Qualifiers"},
    {"version", SYSTEM, "Version", NULL},
    {"task", SYSTEM, "Task", NULL},
    {"opcode", SYSTEM, "Opcode", NULL},
    {"keywords", SYSTEM, "Keywords", NULL},
    {"strings", STRINGS, NULL, NULL},
};

enum { KNOWN = sizeof fields / sizeof *fields };

static bool parse_field(struct str name, struct log_field *out)
{
    struct str data = STR("data.");
    for (size_t i = 0; i < KNOWN; i++)
        if (str_eq(name, str_of(fields[i].name))) {
            *out = (struct log_field){name, i};
            return true;
        }
    *out = (struct log_field){name, KNOWN};
    return name.len > data.len && memcmp(name.ptr, data.ptr, data.len) == 0;
}

bool log_csv_fields(struct log_query *q, const char *text)
{
    q->fields = 0;
    for (const char *p = text;; p++) {
        size_t len = strcspn(p, ",");
        if (q->fields == LOG_FIELDS_MAX ||
            !parse_field((struct str){p, len}, &q->field[q->fields++]))
            return false;
        p += len;
        if (!*p)
            return true;
    }
}

void log_csv_default(struct log_query *q)
{
    (void)log_csv_fields(q, q->several
                                ? "time,record_id,channel,provider,id,level,computer,strings,file"
                                : "time,record_id,channel,provider,id,level,computer,strings");
}

void log_csv_header(struct sb *b, const struct log_query *q)
{
    for (size_t i = 0; i < q->fields; i++) {
        if (i)
            sb_putc(b, ',');
        sb_csv(b, q->field[i].name);
    }
    sb_puts(b, "\r\n");
}

/* ---- cells ---- */

struct line {
    struct sb *b;
    const struct log_query *q;
    const struct log_csv_row *row;
    const struct evtx_tree *tree; /* EVTX, where it could be read */
    const struct evlog_payload *payload;
};

static enum field kind_of(const struct log_field *f)
{
    return f->known < KNOWN ? fields[f->known].field : DATA;
}

static bool needs_text(const struct log_query *q)
{
    for (size_t i = 0; i < q->fields; i++)
        if (kind_of(&q->field[i]) >= SYSTEM)
            return true;
    return false;
}

static void number(struct sb *b, uint64_t v)
{
    sb_printf(b, "%llu", (unsigned long long)v);
}

static void text_cell(struct sb *b, const struct bx_node *list)
{
    struct sb text;
    sb_init(&text, TEXT_MAX);
    sb_bx_text(&text, list);
    sb_csv(b, (struct str){text.ptr ? text.ptr : "", text.len});
    sb_done(&text);
}

static void system_cell(const struct line *l, size_t known)
{
    const struct bx_node *system = l->tree ? l->tree->system : NULL;
    const struct bx_node *n = system ? bx_find(system->child, fields[known].element) : NULL;
    const struct bx_attr *a = NULL;
    if (n && fields[known].attribute)
        a = bx_attr_find(n, fields[known].attribute);
    if (n && !fields[known].attribute)
        text_cell(l->b, n->child);
    else if (a)
        text_cell(l->b, a->value);
    else if (l->payload && strcmp(fields[known].name, "computer") == 0)
        sb_csv(l->b, l->payload->computer);
}

/* The element of that name below EventData or UserData, or the Data that bears it. */
static const struct bx_node *named(const struct bx_node *list, struct str name, unsigned depth)
{
    for (; list && depth < BX_DEPTH; list = list->next) {
        if (list->kind != BX_ELEMENT)
            continue;
        const struct bx_attr *a =
            bx_name_is(list->name, "Data") ? bx_attr_find(list, "Name") : NULL;
        struct sb b;
        sb_init(&b, 1 << 10);
        if (a)
            sb_bx_text(&b, a->value);
        else
            sb_bx_value(&b, BX_STRING, list->name);
        bool same = !b.bad && str_ieq((struct str){b.ptr ? b.ptr : "", b.len}, name);
        sb_done(&b);
        const struct bx_node *inner = same ? list : named(list->child, name, depth + 1);
        if (inner)
            return inner;
    }
    return NULL;
}

static void data_cell(const struct line *l, struct str name)
{
    struct str wanted = {name.ptr + 5, name.len - 5}; /* behind "data." */
    if (!l->tree)
        return;
    for (const struct bx_node *n = l->tree->root->child; n; n = n->next) {
        if (n->kind != BX_ELEMENT || n == l->tree->system)
            continue;
        const struct bx_node *found = named(n->child, wanted, 0);
        if (found) {
            text_cell(l->b, found->child);
            return;
        }
    }
}

static void strings_cell(const struct line *l)
{
    struct sb all;
    sb_init(&all, TEXT_MAX);
    for (size_t i = 0; l->payload && i < l->payload->count; i++) {
        if (i)
            sb_putc(&all, '\n');
        sb_str(&all, l->payload->string[i]);
    }
    sb_csv(l->b, (struct str){all.ptr ? all.ptr : "", all.len});
    sb_done(&all);
}

static void cell(const struct line *l, const struct log_field *f)
{
    char time[BX_SCALAR_MAX];
    switch (kind_of(f)) {
    case TIME:
        sb_put(l->b, time, bx_time(l->row->time, time));
        break;
    case RECORD_ID:
        number(l->b, l->row->record_id);
        break;
    case CHANNEL:
        sb_csv(l->b, l->row->channel);
        break;
    case PROVIDER:
        sb_csv(l->b, l->row->provider);
        break;
    case ID:
        number(l->b, l->row->id);
        break;
    case LEVEL:
        number(l->b, l->row->level);
        break;
    case FILE_PATH:
        sb_csv(l->b, str_of(l->row->path));
        break;
    case SYSTEM:
        system_cell(l, f->known);
        break;
    case STRINGS:
        strings_cell(l);
        break;
    case DATA:
        data_cell(l, f->name);
        break;
    }
}

static void line(const struct line *l)
{
    for (size_t i = 0; i < l->q->fields; i++) {
        if (i)
            sb_putc(l->b, ',');
        cell(l, &l->q->field[i]);
    }
    sb_puts(l->b, "\r\n");
}

bool log_csv_evtx(struct sb *b, const struct log_query *q, const struct log_csv_row *row,
                  const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem)
{
    struct line l = {.b = b, .q = q, .row = row};
    struct evtx_tree tree;
    struct evlog_payload payload;
    bool whole = true;
    arena_reset(mem);
    if (needs_text(q)) {
        whole = evtx_tree_read(c, r, mem, &tree, NULL) && evtx_tree_payload(&tree, mem, &payload);
        l.tree = whole ? &tree : NULL;
        l.payload = whole ? &payload : NULL;
    }
    line(&l);
    return whole;
}

bool log_csv_evt(struct sb *b, const struct log_query *q, const struct log_csv_row *row,
                 const struct evlog *log, size_t number_of_row, struct arena *mem)
{
    struct line l = {.b = b, .q = q, .row = row};
    struct evlog_payload payload;
    bool whole = true;
    arena_reset(mem);
    if (needs_text(q)) {
        whole = evlog_payload(log, number_of_row, mem, &payload, NULL);
        l.payload = whole ? &payload : NULL;
    }
    line(&l);
    return whole;
}
