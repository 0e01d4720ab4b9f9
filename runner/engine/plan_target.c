/* What tells one Windows from another. */
#include "base/digest.h"
#include "engine/plan.h"

enum { SID_BYTES = 24 };

#define NT "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

static void add_line(struct sb *b, const char *name, struct str text)
{
    sb_printf(b, "%s %zu ", name, text.len);
    sb_str(b, text);
    sb_putc(b, '\n');
}

static struct reg_value read_value(struct host *h, const char *key, const char *name,
                                   struct arena *a)
{
    struct reg_value v;
    host_reg_value(h, str_of(key), str_of(name), VIEW_NATIVE, a, &v);
    return v;
}

/* The end of SAM's V value is the machine's SID without its prefix. */
static void add_sid(struct sb *b, struct host *h, struct arena *a)
{
    struct reg_value v = read_value(h, "HKLM\\SAM\\SAM\\Domains\\Account", "V", a);
    struct span sid;
    if (v.state != FACT_FOUND || v.data.len < SID_BYTES ||
        !span_from(v.data, v.data.len - SID_BYTES, &sid))
        return;
    sb_puts(b, "sid ");
    sb_hex(b, sid.ptr, sid.len);
    sb_putc(b, '\n');
}

bool plan_target_id(struct host *host, struct arena *a, char out[65], struct err *e)
{
    const struct target_info *info = host_info(host);
    struct reg_value guid =
        read_value(host, "HKLM\\SOFTWARE\\Microsoft\\Cryptography", "MachineGuid", a);
    struct reg_value build = read_value(host, NT, "CurrentBuildNumber", a);
    struct reg_value installed = read_value(host, NT, "InstallDate", a);
    struct sb b;
    sb_init(&b, 1 << 16);
    sb_puts(&b, "rectify.target/1\n");
    add_line(&b, "computer", info->computer_name);
    add_line(&b, "guid", guid.text);
    add_line(&b, "build", build.text);
    sb_printf(&b, "installed %llu\n", (unsigned long long)installed.number);
    add_sid(&b, host, a);
    bool ok = !b.bad && sha256_hex(span_of(b.ptr, b.len), out, e);
    sb_done(&b);
    return ok || err_set(e, ERR_NOMEM, 0, "no memory for the target's id");
}
