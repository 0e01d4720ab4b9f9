#include "cli/schedule_command.h"

#include "cli/absolute.h"
#include "cli/trusted_path.h"
#include "engine/policy_file.h"

enum { ARGUMENTS = 1024, WRITES = OUTPUTS_MAX + 1 };

enum path_kind { NOT_A_PATH, TARGET, WRITTEN_FOLDER, WRITTEN_FILE, BELIEVED, BELIEVED_POLICY };

static enum path_kind kind_of(const struct args *a)
{
    static const struct {
        const char *name;
        enum path_kind kind;
    } kinds[] = {
        {"root", TARGET},         {"archive", TARGET},         {"cache", WRITTEN_FOLDER},
        {"format", WRITTEN_FILE}, {"inputs", BELIEVED},        {"waivers", BELIEVED},
        {"profile", BELIEVED},    {"policy", BELIEVED_POLICY},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (args_is(a, kinds[i].name))
            return kinds[i].kind;
    return NOT_A_PATH;
}

/* "json:out.json" becomes "json:/here/out.json". */
static struct str output(const char *value, struct schedule *s, struct arena *a)
{
    const char *colon = strchr(value, ':');
    if (!colon)
        return str_dup(a, str_of(value));
    struct str file = absolute_name(colon + 1, a);
    size_t folder = file.len;
    while (folder > 1 && file.ptr[folder - 1] != '/' && file.ptr[folder - 1] != '\\')
        folder--;
    if (folder > 1)
        folder--;
    s->writes[s->write_count++] = str_dup(a, (struct str){file.ptr, folder});
    return str_fmt(a, "%.*s:" STR_FMT, (int)(colon - value), value, STR_ARG(file));
}

/* Every file of a folder of policies, since each is asked for its owner again when it is loaded. */
static bool believed_policy(struct str path, struct arena *a, struct err *e)
{
    struct policy_files files = {0};
    struct str real;
    if (!policy_files_read(path, a, &files, e))
        return false;
    for (size_t i = 0; i < files.count; i++)
        if (!trusted_path(files.items[i].path.ptr, TRUSTED_FILE, a, &real, e))
            return false;
    return true;
}

static bool absolute(const struct args *a, struct schedule *s, struct arena *mem, struct str *out,
                     struct err *e)
{
    switch (kind_of(a)) {
    case TARGET:
        *out = s->target = absolute_name(a->value, mem);
        return true;
    case WRITTEN_FOLDER:
        *out = s->writes[s->write_count++] = absolute_name(a->value, mem);
        return true;
    case WRITTEN_FILE:
        *out = output(a->value, s, mem);
        return true;
    case BELIEVED_POLICY:
        return trusted_path(a->value, TRUSTED_FILE, mem, out, e) && believed_policy(*out, mem, e);
    case BELIEVED:
        if (args_is(a, "profile") && profile_is_name(str_of(a->value)))
            break;
        return trusted_path(a->value, TRUSTED_FILE, mem, out, e);
    case NOT_A_PATH:
        break;
    }
    *out = str_dup(mem, str_of(a->value));
    return true;
}

static bool add(struct schedule *s, struct str word, struct err *e)
{
    if (!word.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (s->argument_count == ARGUMENTS)
        return err_set(e, ERR_USAGE, 0, "more than %d arguments", ARGUMENTS);
    if (!schedule_text_fits(word))
        return err_set(e, ERR_USAGE, 0,
                       "an argument with control characters, or that is not UTF-8, cannot be "
                       "scheduled: %s",
                       word.ptr);
    s->arguments[s->argument_count++] = word;
    return true;
}

bool schedule_command(int argc, char **argv, struct schedule *s, struct arena *a, struct err *e)
{
    struct args args;
    s->arguments = ARENA_ARRAY(a, ARGUMENTS, struct str);
    s->writes = ARENA_ARRAY(a, WRITES, struct str);
    if (!s->arguments || !s->writes)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    args_begin(&args, &check_spec, argc, argv);
    while (args_next(&args) == ARGS_OPTION) {
        const struct args_option *o = &check_spec.options[args.option];
        struct str value = {NULL, 0};
        if (o->value && !absolute(&args, s, a, &value, e))
            return false;
        if (!add(s, str_fmt(a, "--%s", o->name), e) || (o->value && !add(s, value, e)))
            return false;
    }
    return true;
}
