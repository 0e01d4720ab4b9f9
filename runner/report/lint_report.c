#include "report/lint_report.h"

#include "base/json.h"
#include "report/layout.h"

static const char *const levels[LINT_LEVELS] = {"error", "warning"};

void report_lint_terminal(const struct lint_report *lint, const struct report_style *style,
                          struct sb *out)
{
    struct layout l = {out, style};
    for (size_t i = 0; i < lint->count && !out->bad; i++) {
        const struct lint_finding *f = &lint->findings[i];
        sb_terminal(out, f->file);
        if (f->line)
            sb_printf(out, ":%d", f->line);
        sb_puts(out, ": ");
        lay_colour(&l, f->level == LINT_ERROR ? RED : YELLOW, str_of(levels[f->level]));
        sb_puts(out, ": ");
        sb_terminal(out, f->text);
        sb_printf(out, " [%s]\n", f->code);
    }
}

void report_lint_json(const struct lint_report *lint, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    json_key(&j, "schema");
    json_cstr(&j, "rectify.lint/1");
    json_key(&j, "files");
    json_u64(&j, lint->files);
    json_key(&j, "findings");
    json_open_array(&j);
    for (size_t i = 0; i < lint->count; i++) {
        const struct lint_finding *f = &lint->findings[i];
        json_open_object(&j);
        json_key(&j, "file");
        json_str(&j, f->file);
        json_key(&j, "line");
        json_i64(&j, f->line);
        json_key(&j, "level");
        json_cstr(&j, levels[f->level]);
        json_key(&j, "code");
        json_cstr(&j, f->code);
        json_key(&j, "text");
        json_str(&j, f->text);
        json_close_object(&j);
    }
    json_close_array(&j);
    json_key(&j, "summary");
    json_open_object(&j);
    for (size_t i = 0; i < LINT_LEVELS; i++) {
        json_key(&j, levels[i]);
        json_u64(&j, lint->by_level[i]);
    }
    json_close_object(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}
