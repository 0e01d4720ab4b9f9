/* The backend of tests: facts set one by one, searched linearly. */
#include "base/utf16.h"
#include "host/host_memory.h"
#include "host/host_ops.h"
#include "host/wow64.h"

struct fact {
    struct fact *next;
    struct str path, name; /* registry: key and value; file: path; log: channel */
    bool has_value, has_state;
    uint32_t type;
    struct span data;
    enum fact_state state;
    struct str reason;
    bool value_state; /* of one value, not of the key */
    const struct told_file *file;
    const struct told_certificate *certificate;
    const struct told_list *list;
    struct str *modules; /* of a process */
    size_t module_count;
};

struct memory {
    struct arena mem;
    struct fact *keys, *files, *logs, *processes; /* newest first */
    memory_opinion *opinion;
    void *opinion_context;
};

static struct memory *memory_of(struct host *h)
{
    return h->backend;
}

static struct fact *add(struct host *h, struct fact **list, struct str path)
{
    struct memory *m = memory_of(h);
    struct fact *f = ARENA_NEW(&m->mem, struct fact);
    BUG_ON(!f);
    f->path = str_dup(&m->mem, path);
    f->next = *list;
    *list = f;
    host_forget(h);
    return f;
}

static struct span keep(struct memory *m, struct span bytes)
{
    void *copy = arena_copy(&m->mem, bytes.ptr, bytes.len);
    BUG_ON(bytes.len && !copy);
    return span_of(copy, bytes.len);
}

static void memory_value(struct host *h, struct str key, struct str name, struct arena *a,
                         struct reg_value *out);

/* --- setting --- */

/* Keys are stored at their physical place; control set 1 is the current one unless set. */
static struct str key_place(struct host *h, const char *key)
{
    struct memory *m = memory_of(h);
    enum fact_state state;
    struct str reason, place = {NULL, 0}, below;
    if (wow64_below(str_of(key), STR("HKLM\\SYSTEM\\CurrentControlSet"), &below)) {
        struct reg_value current = {0};
        memory_value(h, STR("HKLM\\SYSTEM\\Select"), STR("Current"), &m->mem, &current);
        uint32_t number = current.data.len == 4 ? load_u32(current.data.ptr) : 1;
        return str_fmt(&m->mem, "HKLM\\SYSTEM\\ControlSet%03u%s" STR_FMT, (unsigned)number,
                       below.len ? "\\" : "", STR_ARG(below));
    }
    h->bits = BITS_32; /* paths are meant as they are written */
    bool ok = registry_resolve(h, str_of(key), VIEW_NATIVE, &m->mem, &place, &state, &reason);
    h->bits = BITS_UNASKED;
    BUG_ON(!ok);
    return place;
}

void memory_set_value(struct host *h, const char *key, const char *name, uint32_t type,
                      struct span data)
{
    struct memory *m = memory_of(h);
    struct fact *f = add(h, &m->keys, key_place(h, key));
    f->name = str_dup(&m->mem, str_of(name));
    f->has_value = true;
    f->type = type;
    f->data = keep(m, data);
}

void memory_set_sz(struct host *h, const char *key, const char *name, const char *text)
{
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    /* With its NUL, as Windows stores it. */
    struct span units = utf8_to_utf16(&a, (struct str){text, strlen(text) + 1});
    memory_set_value(h, key, name, REGF_SZ, units);
    arena_done(&a);
}

void memory_set_dword(struct host *h, const char *key, const char *name, uint32_t number)
{
    uint8_t raw[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                      (uint8_t)(number >> 24)};
    memory_set_value(h, key, name, REGF_DWORD, span_of(raw, 4));
}

void memory_tell_value(struct host *h, const char *key, const char *name, struct span data,
                       const struct told_certificate *certificate, const struct told_list *list)
{
    memory_set_value(h, key, name, REGF_BINARY, data);
    memory_of(h)->keys->certificate = certificate;
    memory_of(h)->keys->list = list;
}

static void set_state(struct host *h, struct fact *f, enum fact_state state, const char *reason)
{
    f->has_state = true;
    f->state = state;
    f->reason = str_dup(&memory_of(h)->mem, str_of(reason ? reason : ""));
}

void memory_set_state(struct host *h, const char *key, enum fact_state state, const char *reason)
{
    set_state(h, add(h, &memory_of(h)->keys, key_place(h, key)), state, reason);
}

void memory_set_value_state(struct host *h, const char *key, const char *name,
                            enum fact_state state, const char *reason)
{
    struct fact *f = add(h, &memory_of(h)->keys, key_place(h, key));
    f->name = str_dup(&memory_of(h)->mem, str_of(name));
    f->has_value = true;
    f->value_state = true;
    f->state = state;
    f->reason = str_dup(&memory_of(h)->mem, str_of(reason ? reason : ""));
}

/* A path without drive, with single backslashes, below \Windows where \SystemRoot is meant. */
static struct str file_place(struct arena *a, struct str path)
{
    struct str rest;
    if (path.len > 4 && memcmp(path.ptr, "\\??\\", 4) == 0)
        path = (struct str){path.ptr + 4, path.len - 4};
    if (path.len >= 2 && path.ptr[1] == ':')
        path = (struct str){path.ptr + 2, path.len - 2};
    if (wow64_below(path, STR("\\SystemRoot"), &rest))
        path = str_fmt(a, "\\Windows\\" STR_FMT, STR_ARG(rest));
    char *text = arena_alloc(a, path.len + 2);
    if (!text)
        return (struct str){NULL, 0};
    size_t n = 0;
    text[n++] = '\\';
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i] == '/' ? '\\' : path.ptr[i];
        if (c != '\\' || text[n - 1] != '\\')
            text[n++] = c;
    }
    while (n > 1 && text[n - 1] == '\\')
        n--;
    return (struct str){text, n};
}

void memory_set_file(struct host *h, const char *winpath, struct span bytes)
{
    struct memory *m = memory_of(h);
    struct fact *f = add(h, &m->files, file_place(&m->mem, str_of(winpath)));
    f->has_value = true;
    f->data = keep(m, bytes);
}

void memory_tell_file(struct host *h, const char *winpath, const struct told_file *told)
{
    static const uint8_t bytes[] = {'M', 'Z'};
    memory_set_file(h, winpath, span_of(bytes, sizeof bytes));
    memory_of(h)->files->file = told;
}

void memory_set_file_state(struct host *h, const char *winpath, enum fact_state state,
                           const char *reason)
{
    struct memory *m = memory_of(h);
    set_state(h, add(h, &m->files, file_place(&m->mem, str_of(winpath))), state, reason);
}

void memory_set_log(struct host *h, const char *channel, struct span bytes)
{
    struct memory *m = memory_of(h);
    struct fact *f = add(h, &m->logs, str_of(channel));
    f->has_value = true;
    f->data = keep(m, bytes);
}

void memory_set_log_state(struct host *h, const char *channel, enum fact_state state,
                          const char *reason)
{
    set_state(h, add(h, &memory_of(h)->logs, str_of(channel)), state, reason);
}

void memory_set_modules(struct host *h, const char *image, const struct str *paths, size_t count)
{
    struct memory *m = memory_of(h);
    struct fact *f = add(h, &m->processes, str_of(image));
    f->has_value = true;
    f->state = FACT_FOUND;
    f->modules = ARENA_ARRAY(&m->mem, count, struct str);
    BUG_ON(count && !f->modules);
    for (size_t i = 0; i < count; i++)
        f->modules[f->module_count++] = str_dup(&m->mem, paths[i]);
}

void memory_set_modules_state(struct host *h, const char *image, enum fact_state state,
                              const char *reason)
{
    set_state(h, add(h, &memory_of(h)->processes, str_of(image)), state, reason);
}

void memory_set_opinion(struct host *h, memory_opinion *opinion, void *context)
{
    memory_of(h)->opinion = opinion;
    memory_of(h)->opinion_context = context;
}

/* --- reading --- */

/* The newest state set on the path or above it; NULL when none was, or FOUND. */
static const struct fact *state_of(const struct fact *list, struct str path)
{
    struct str rest;
    for (const struct fact *f = list; f; f = f->next) {
        if (f->has_value && str_ieq(f->path, path))
            return NULL;
        if (f->has_state && wow64_below(path, f->path, &rest))
            return f->state == FACT_FOUND ? NULL : f;
    }
    return NULL;
}

static void memory_value(struct host *h, struct str key, struct str name, struct arena *a,
                         struct reg_value *out)
{
    struct memory *m = memory_of(h);
    const struct fact *refused = state_of(m->keys, key);
    out->evidence.artefact = STR("memory");
    out->state = FACT_ABSENT;
    if (refused) {
        out->state = refused->state;
        out->reason = refused->reason;
        return;
    }
    for (const struct fact *f = m->keys; f; f = f->next) {
        if (!f->has_value || !str_ieq(f->path, key) || !str_ieq(f->name, name))
            continue;
        out->state = f->value_state ? f->state : FACT_FOUND;
        out->reason = f->reason;
        out->type = f->type;
        out->data = span_of(arena_copy(a, f->data.ptr, f->data.len), f->data.len);
        out->certificate = f->certificate;
        out->list = f->list;
        return;
    }
    if (str_ieq(key, STR("HKLM\\SYSTEM\\Select")) && str_ieq(name, STR("Current"))) {
        static const uint8_t first[4] = {1, 0, 0, 0};
        out->state = FACT_FOUND;
        out->type = REGF_DWORD;
        out->data = span_of(first, 4);
    }
}

static void list_add(struct str **names, size_t *count, size_t max, struct str name)
{
    for (size_t i = 0; i < *count; i++)
        if (str_ieq((*names)[i], name))
            return;
    if (*count < max)
        (*names)[(*count)++] = name;
}

static void memory_key(struct host *h, struct str key, bool list, struct arena *a,
                       struct reg_key *out)
{
    struct memory *m = memory_of(h);
    const struct fact *refused = state_of(m->keys, key);
    size_t all = 0;
    struct str rest;
    out->evidence.artefact = STR("memory");
    /* The control set that is current unless a test says otherwise. */
    out->state = str_ieq(key, STR("HKLM\\SYSTEM\\ControlSet001")) ? FACT_FOUND : FACT_ABSENT;
    for (const struct fact *f = m->keys; f; f = f->next)
        all++;
    out->subkeys = list ? ARENA_ARRAY(a, all + 1, struct str) : NULL;
    out->values = list ? ARENA_ARRAY(a, all + 1, struct str) : NULL;
    for (const struct fact *f = m->keys; f; f = f->next) {
        if (!wow64_below(f->path, key, &rest) || (f->has_state && f->state == FACT_ABSENT))
            continue;
        out->state = FACT_FOUND;
        bool gone = f->value_state && f->state == FACT_ABSENT;
        if (list && rest.len == 0 && f->has_value && !gone)
            list_add(&out->values, &out->value_count, all, f->name);
        if (list && rest.len) {
            const char *end = memchr(rest.ptr, '\\', rest.len);
            if (end)
                rest.len = (size_t)(end - rest.ptr);
            list_add(&out->subkeys, &out->subkey_count, all, rest);
        }
    }
    if (refused) {
        out->state = refused->state;
        out->reason = refused->reason;
        out->subkey_count = out->value_count = 0;
    }
}

static void memory_open_file(struct host *h, struct str winpath, struct arena *a,
                             struct host_file *out)
{
    struct memory *m = memory_of(h);
    struct str path = file_place(a, winpath);
    const struct fact *refused = state_of(m->files, path);
    memset(out, 0, sizeof *out);
    out->file.fd = -1;
    out->path = path;
    out->state = refused ? refused->state : FACT_ABSENT;
    out->reason = refused ? refused->reason : (struct str){NULL, 0};
    for (const struct fact *f = m->files; f && !refused; f = f->next) {
        if (!f->has_value || !str_ieq(f->path, path))
            continue;
        out->state = FACT_FOUND;
        out->bytes = f->data;
        out->told = f->file;
        return;
    }
}

static void memory_close_file(struct host *h, struct host_file *f)
{
    (void)h;
    (void)f;
}

static bool memory_intact(const struct host *h, const struct host_file *f)
{
    (void)h;
    (void)f;
    return true;
}

static enum fact_state memory_directory(struct host *h, struct str winpath)
{
    struct memory *m = memory_of(h);
    struct arena a;
    struct str rest;
    arena_init(&a, ARENA_DEFAULT_CAP);
    struct str path = file_place(&a, winpath);
    enum fact_state state = FACT_ABSENT;
    for (const struct fact *f = m->files; f; f = f->next)
        if (f->has_value && wow64_below(f->path, path, &rest))
            state = FACT_FOUND;
    arena_done(&a);
    return state;
}

static void list_entry(struct volume_list *list, size_t max, struct str name, bool directory,
                       uint64_t size)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_ieq(list->entries[i].name, name))
            return;
    if (list->count < max)
        list->entries[list->count++] = (struct volume_entry){name, directory, size, false};
}

static int entry_order(const void *x, const void *y)
{
    const struct volume_entry *a = x, *b = y;
    return str_icmp(a->name, b->name);
}

static void memory_list(struct host *h, struct str windir, struct str glob, struct arena *a,
                        struct host_listing *out)
{
    struct memory *m = memory_of(h);
    struct str path = file_place(a, windir), rest;
    const struct fact *refused = state_of(m->files, path);
    size_t all = 0;
    for (const struct fact *f = m->files; f; f = f->next)
        all++;
    out->state = refused ? refused->state : FACT_ABSENT;
    out->reason = refused ? refused->reason : (struct str){NULL, 0};
    out->list.entries = ARENA_ARRAY(a, all + 1, struct volume_entry);
    for (const struct fact *f = m->files; f && !refused; f = f->next) {
        /* What may not be read has a name all the same. */
        bool there = f->has_value || (f->has_state && f->state == FACT_UNREADABLE);
        if (!there || !wow64_below(f->path, path, &rest) || rest.len == 0)
            continue;
        out->state = FACT_FOUND;
        const char *end = memchr(rest.ptr, '\\', rest.len);
        struct str name = {rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len};
        if (glob_imatch(glob, name))
            list_entry(&out->list, all, name, end != NULL, end ? 0 : f->data.len);
    }
    if (out->list.count)
        qsort(out->list.entries, out->list.count, sizeof *out->list.entries, entry_order);
}

static void memory_open_log(struct host *h, struct str channel, struct arena *a,
                            struct log_source *out)
{
    (void)a;
    memset(out, 0, sizeof *out);
    out->file.file.fd = -1;
    out->state = FACT_ABSENT;
    out->reason = STR("no such log");
    for (const struct fact *f = memory_of(h)->logs; f; f = f->next) {
        if (!str_ieq(f->path, channel))
            continue;
        out->state = f->has_state ? f->state : FACT_FOUND;
        out->reason = f->reason;
        out->file.state = out->state;
        out->file.bytes = f->data;
        out->file.path = f->path;
        return;
    }
}

/* Processes are numbered from 1000, in the order in which they were set. */
static void memory_modules(struct host *h, struct str image, struct arena *a,
                           struct modules_fact *out)
{
    struct memory *m = memory_of(h);
    size_t all = 0, at = 0;
    for (const struct fact *f = m->processes; f; f = f->next)
        all++;
    out->state = FACT_ABSENT;
    out->processes = ARENA_ARRAY(a, all, struct process_fact);
    BUG_ON(all && !out->processes);
    for (const struct fact *f = m->processes; f; f = f->next, at++) {
        if (!str_ieq(f->path, image) || f->state == FACT_ABSENT)
            continue;
        out->state = FACT_FOUND;
        out->processes[out->process_count++] =
            (struct process_fact){.state = f->state,
                                  .reason = f->reason,
                                  .image = f->path,
                                  .pid = 1000 + (uint32_t)(all - 1 - at),
                                  .modules = f->modules,
                                  .module_count = f->module_count};
    }
}

static bool memory_opinion_of(const struct host *h, const struct opinion_query *q, uint32_t *code)
{
    const struct memory *m = h->backend;
    return m->opinion && m->opinion(m->opinion_context, q, code);
}

static size_t memory_write_times(struct host *h, struct arena *a, struct write_time *out,
                                 size_t max)
{
    (void)h;
    (void)a;
    (void)out;
    (void)max;
    return 0;
}

static void memory_close(struct host *h)
{
    struct memory *m = memory_of(h);
    arena_done(&m->mem);
    free(m);
}

static const struct host_ops memory_ops = {
    .value = memory_value,
    .key = memory_key,
    .open_file = memory_open_file,
    .close_file = memory_close_file,
    .intact = memory_intact,
    .directory = memory_directory,
    .list = memory_list,
    .open_log = memory_open_log,
    .modules = memory_modules,
    .opinion = memory_opinion_of,
    .write_times = memory_write_times,
    .close = memory_close,
};

bool host_memory(const struct host_options *options, struct host **out, struct err *e)
{
    struct memory *m = calloc(1, sizeof *m);
    if (!m)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    arena_init(&m->mem, ARENA_DEFAULT_CAP);
    if (!host_new(&memory_ops, m, options, out, e)) {
        arena_done(&m->mem);
        free(m);
        return false;
    }
    (*out)->info.kind = TARGET_MEMORY;
    (*out)->info.location = STR("memory");
    (*out)->windows = STR("Windows");
    return true;
}
