/* Version 5.00 of regedit's text format: a header, [KEY] sections, "name"=data lines; "name"=-
 * deletes a value, [-KEY] a key with all that is in it.  Long hexadecimal lines end in a backslash.
 */
#include "base/utf16.h"
#include "report/plan_report.h"

enum { LINE_MOST = 76, REG_SZ = 1, REG_BINARY = 3, REG_DWORD = 4 };

struct reg {
    struct sb text; /* UTF-8 */
    struct arena a;
};

/* Strings of a .reg file know two escapes only. */
static void put_quoted(struct reg *r, struct str s)
{
    sb_putc(&r->text, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\')
            sb_putc(&r->text, '\\');
        sb_putc(&r->text, s.ptr[i]);
    }
    sb_putc(&r->text, '"');
}

static bool printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7E)
            return false;
    return true;
}

static void put_hex(struct reg *r, size_t column, const struct reg_image *image)
{
    size_t start = r->text.len;
    if (image->type == REG_BINARY)
        sb_puts(&r->text, "hex:");
    else
        sb_printf(&r->text, "hex(%lx):", (unsigned long)image->type);
    column += r->text.len - start;
    for (size_t i = 0; i < image->data.len; i++) {
        bool last = i + 1 == image->data.len;
        sb_printf(&r->text, "%02x%s", image->data.ptr[i], last ? "" : ",");
        column += 3;
        if (!last && column > LINE_MOST) {
            sb_puts(&r->text, "\\\r\n  ");
            column = 2;
        }
    }
}

/* A string of printable ASCII with one NUL, at its end: what regedit reads back the same. */
static bool plain_text(struct reg *r, const struct reg_image *image, struct str *text)
{
    if (image->type != REG_SZ || image->data.len < 2 || image->data.len % 2)
        return false;
    *text = utf16z_to_utf8(&r->a, image->data);
    return printable(*text) && image->data.len == 2 * (text->len + 1);
}

static void put_value(struct reg *r, const struct change *c)
{
    struct str text;
    size_t start = r->text.len;
    if (c->name.len)
        put_quoted(r, c->name);
    else
        sb_putc(&r->text, '@');
    sb_putc(&r->text, '=');
    if (!c->after.present)
        sb_putc(&r->text, '-');
    else if (c->after.type == REG_DWORD && c->after.data.len == 4)
        sb_printf(&r->text, "dword:%08lx", (unsigned long)load_u32(c->after.data.ptr));
    else if (plain_text(r, &c->after, &text))
        put_quoted(r, text);
    else
        put_hex(r, r->text.len - start, &c->after);
    sb_puts(&r->text, "\r\n");
}

/* A key or a name that the format cannot hold would be read as another. */
static bool writable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '\r' || s.ptr[i] == '\n' || s.ptr[i] == 0)
            return false;
    return true;
}

static void put_key(struct reg *r, struct str key, const char *before)
{
    static const struct {
        const char *place, *root;
    } roots[] = {{"HKLM\\", "HKEY_LOCAL_MACHINE\\"}, {"HKU\\", "HKEY_USERS\\"}};
    sb_printf(&r->text, "[%s", before);
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t n = strlen(roots[i].place);
        if (key.len > n && memcmp(key.ptr, roots[i].place, n) == 0) {
            sb_puts(&r->text, roots[i].root);
            key = (struct str){key.ptr + n, key.len - n};
        }
    }
    sb_str(&r->text, key);
    sb_puts(&r->text, "]\r\n");
}

static void put_change(struct reg *r, const struct change *c, const struct change *before)
{
    if (!writable(c->key) || !writable(c->name)) {
        sb_puts(&r->text,
                "\r\n; a key or value whose name this format cannot hold is left out\r\n");
        return;
    }
    bool whole = c->drop_key && !c->after.present;
    if (whole || !before || !str_eq(before->key, c->key)) {
        sb_puts(&r->text, "\r\n");
        put_key(r, c->key, whole ? "-" : "");
    }
    if (!whole)
        put_value(r, c);
}

void report_plan_reg(const struct plan *plan, struct sb *out)
{
    struct reg r;
    const struct change *before = NULL;
    sb_init(&r.text, (size_t)1 << 29);
    arena_init(&r.a, ARENA_DEFAULT_CAP);
    sb_puts(&r.text, "Windows Registry Editor Version 5.00\r\n");
    for (size_t i = 0; i < plan->action_count; i++)
        for (size_t k = 0; k < plan->actions[i].change_count; k++) {
            const struct change *c = &plan->actions[i].changes[k];
            put_change(&r, c, before);
            before = c->drop_key && !c->after.present ? NULL : c;
        }
    sb_puts(&r.text, "\r\n");
    struct span units = utf8_to_utf16(&r.a, (struct str){r.text.ptr, r.text.len});
    sb_put(out, "\xFF\xFE", 2);
    sb_put(out, units.ptr, units.len);
    if (r.text.bad || r.a.full)
        out->bad = true;
    sb_done(&r.text);
    arena_done(&r.a);
}
