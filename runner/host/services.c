/* Services and drivers of the current control set. */
#include "base/utf16.h"
#include "host/host_ops.h"

#define SERVICES "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"

enum { TYPE_KERNEL_DRIVER = 1, TYPE_FILE_SYSTEM_DRIVER = 2 };

static bool starts(struct str text, const char *front)
{
    size_t n = strlen(front);
    return text.len >= n && str_ieq((struct str){text.ptr, n}, str_of(front));
}

/* End of the program's name in an unquoted command line: behind the first .exe, .sys or .dll that
 * a blank or the end follows, else the first blank. */
static size_t program_end(struct str line)
{
    for (size_t i = 0; i + 4 <= line.len; i++) {
        struct str tail = {line.ptr + i, 4};
        if ((str_ieq(tail, STR(".exe")) || str_ieq(tail, STR(".sys")) ||
             str_ieq(tail, STR(".dll"))) &&
            (i + 4 == line.len || line.ptr[i + 4] == ' '))
            return i + 4;
    }
    const char *blank = memchr(line.ptr, ' ', line.len);
    return blank ? (size_t)(blank - line.ptr) : line.len;
}

static struct str program_of(struct str line)
{
    while (line.len && line.ptr[0] == ' ')
        line = (struct str){line.ptr + 1, line.len - 1};
    if (line.len && line.ptr[0] == '"') {
        line = (struct str){line.ptr + 1, line.len - 1};
        const char *quote = memchr(line.ptr, '"', line.len);
        return (struct str){line.ptr, quote ? (size_t)(quote - line.ptr) : line.len};
    }
    if (line.len)
        line.len = program_end(line);
    return line;
}

struct str services_image(struct arena *a, struct str name, struct str image_path, uint32_t type)
{
    struct str program = program_of(image_path);
    if (program.len == 0) {
        if (type != TYPE_KERNEL_DRIVER && type != TYPE_FILE_SYSTEM_DRIVER)
            return (struct str){NULL, 0};
        return str_fmt(a, "%%SystemRoot%%\\System32\\drivers\\" STR_FMT ".sys", STR_ARG(name));
    }
    if (starts(program, "\\SystemRoot\\"))
        return str_fmt(a, "%%SystemRoot%%" STR_FMT, (int)program.len - 11, program.ptr + 11);
    /* Drivers are named relative to %SystemRoot%. */
    if (program.ptr[0] != '\\' && program.ptr[0] != '%' &&
        !(program.len > 1 && program.ptr[1] == ':'))
        return str_fmt(a, "%%SystemRoot%%\\" STR_FMT, STR_ARG(program));
    return program;
}

/* A value of the service; a failure to read it makes the service's state unreadable. */
static bool read_value(struct host *h, struct str key, const char *name, struct arena *a,
                       struct service_fact *out, struct reg_value *v)
{
    registry_value(h, key, str_of(name), VIEW_NATIVE, a, v);
    if ((v->state == FACT_UNREADABLE || v->state == FACT_NOT_COLLECTED) &&
        out->state == FACT_FOUND) {
        out->state = v->state;
        out->reason = v->reason;
    }
    return v->state == FACT_FOUND;
}

void services_fact(struct host *h, struct str name, struct arena *a, struct service_fact *out)
{
    struct str path = str_fmt(a, SERVICES STR_FMT, STR_ARG(name));
    struct reg_key key;
    struct reg_value v;
    memset(out, 0, sizeof *out);
    out->name = name;
    if (name.len == 0 || memchr(name.ptr, '\\', name.len)) {
        out->state = FACT_UNREADABLE;
        out->reason = STR("not the name of a service");
        return;
    }
    registry_key(h, path, VIEW_NATIVE, false, a, &key);
    out->state = key.state;
    out->reason = key.reason;
    out->evidence = key.evidence;
    if (key.state != FACT_FOUND)
        return;
    if (read_value(h, path, "Start", a, out, &v) && v.has_number) {
        out->start = (uint32_t)v.number;
        out->has_start = true;
        out->evidence = v.evidence;
        (void)sha256_hex(v.data, out->evidence.sha256, NULL);
    }
    if (read_value(h, path, "Type", a, out, &v) && v.has_number)
        out->type = (uint32_t)v.number;
    if (read_value(h, path, "ImagePath", a, out, &v))
        out->image_path = v.text;
    if (read_value(h, path, "DisplayName", a, out, &v))
        out->display_name = v.text;
}

void host_service(struct host *h, struct str name, struct arena *a, struct service_fact *out)
{
    services_fact(h, name, a, out);
    host_count(h, out->state);
}
