/* mkhosts: writes sample hosts, and large artefacts for benchmarks. */
#include "mkhosts.h"
#include "sample_hosts.h"

#include <errno.h>
#include <string.h>

static const char usage[] =
    "usage: mkhosts [--lists DIR] OUTDIR [NAME...]\n"
    "       mkhosts --list\n"
    "       mkhosts --evtx FILE --records N [--record-bytes B] [--days D]\n"
    "       mkhosts --hive FILE --megabytes N\n"
    "       mkhosts --signed DIR --files N --megabytes M\n"
    "       mkhosts --signatures\n"
    "\n"
    "Writes whole Windows volumes as OUTDIR/NAME (all of them without a NAME), or one large event\n"
    "log or registry hive, or a volume with many signed files.  Same arguments, same bytes, but "
    "for\n"
    "certificates and signatures: their keys are new each time.  --signatures lists what the "
    "files\n"
    "of the sample hosts are worth.  --lists writes Microsoft's lists too, as mirrors have\n"
    "them: current, older, distrusting, forged; list-root.der is who signs them.\n";

static int fail(const struct err *e)
{
    fprintf(stderr, "mkhosts: %s\n", e->text);
    return e->kind == ERR_USAGE ? 64 : 1;
}

static int list(void)
{
    const char *name, *story;
    for (size_t i = 0; (name = sample_host_name(i, &story)) != NULL; i++)
        printf("%-12s %s\n", name, story);
    return 0;
}

static int signatures(void)
{
    size_t count;
    const struct sample_signature *s = sample_signatures(&count);
    puts("host\tpath\tword\tsource\tsigner");
    for (size_t i = 0; i < count; i++)
        printf("%s\t%s\t%s\t%s\t%s\n", s[i].host, s[i].path, s[i].word,
               s[i].source ? s[i].source : "", s[i].signer ? s[i].signer : "");
    return 0;
}

static bool write_host(const char *out, const char *name, struct err *e)
{
    char dir[4096];
    int n = snprintf(dir, sizeof dir, "%s/%s", out, name);
    if (n < 0 || (size_t)n >= sizeof dir)
        return err_set(e, ERR_USAGE, 0, "path too long");
    return sample_host_write(name, dir, e) || err_prefix(e, name);
}

static int write_hosts(int argc, char **argv)
{
    struct err e = {0};
    const char *name;
    for (int i = 2; i < argc; i++)
        if (!write_host(argv[1], argv[i], &e))
            return fail(&e);
    for (size_t i = 0; argc == 2 && (name = sample_host_name(i, NULL)) != NULL; i++)
        if (!write_host(argv[1], name, &e))
            return fail(&e);
    return 0;
}

static bool number(const char *flag, const char *text, uint64_t *out, struct err *e)
{
    char *end;
    errno = 0;
    unsigned long long v = text ? strtoull(text, &end, 10) : 0;
    if (!text || errno || end == text || *end || v == 0)
        return err_set(e, ERR_USAGE, 0, "%s needs a number", flag);
    *out = v;
    return true;
}

static int write_large(int argc, char **argv)
{
    struct err e = {0};
    struct large_log log = {.days = 30};
    struct signed_volume volume = {0};
    uint64_t megabytes = 0, *to;
    bool hive = strcmp(argv[1], "--hive") == 0, many = strcmp(argv[1], "--signed") == 0;
    for (int i = 3; i < argc; i += 2) {
        const char *flag = argv[i];
        to = strcmp(flag, "--records") == 0        ? &log.records
             : strcmp(flag, "--record-bytes") == 0 ? &log.record_bytes
             : strcmp(flag, "--days") == 0         ? &log.days
             : strcmp(flag, "--megabytes") == 0    ? &megabytes
             : strcmp(flag, "--files") == 0        ? &volume.files
                                                   : NULL;
        if (!to)
            err_set(&e, ERR_USAGE, 0, "unknown option %s", flag);
        if (!to || !number(flag, i + 1 < argc ? argv[i + 1] : NULL, to, &e))
            return fail(&e);
    }
    volume.megabytes = megabytes;
    if (hive ? !megabytes : many ? !megabytes || !volume.files : !log.records) {
        fputs(usage, stderr);
        return 64;
    }
    bool ok = hive   ? large_hive(argv[2], megabytes, &e)
              : many ? signed_volume(argv[2], &volume, &e)
                     : large_evtx(argv[2], &log, &e);
    return ok ? 0 : fail(&e);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    if (argc == 2 && strcmp(argv[1], "--signatures") == 0)
        return signatures();
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc > 3 && (strcmp(argv[1], "--evtx") == 0 || strcmp(argv[1], "--hive") == 0 ||
                     strcmp(argv[1], "--signed") == 0))
        return write_large(argc, argv);
    if (argc < 2 || (argv[1][0] == '-' && (strcmp(argv[1], "--lists") != 0 || argc < 4))) {
        fputs(usage, stderr);
        return 64;
    }
    if (strcmp(argv[1], "--lists") == 0) {
        struct err e = {0};
        if (!sample_lists(argv[2], &e))
            return fail(&e);
        argv += 2;
        argc -= 2;
    }
    return write_hosts(argc, argv);
}
