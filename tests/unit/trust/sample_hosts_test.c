/* Every signature of the sample hosts gets its word, and a host's own hive decides: the same files
 * on hosts whose stores differ. */
#include "check.h"
#include "sample_hosts.h"
#include "sample_pki.h"

#include "base/wtime.h"
#include "host/offline.h"
#include "trust/trust.h"

#include <stdlib.h>

#include "system.h"

static char scratch[64] = "/tmp/rectify-trust-XXXXXX";

struct sample {
    const char *name;
    struct host *host;
    struct trust *trust;
};

static void close_sample(struct sample *s)
{
    trust_close(s->trust);
    host_close(s->host);
    *s = (struct sample){0};
}

static bool open_sample(const char *name, bool with_list_roots, struct sample *s)
{
    char dir[256];
    struct err e = {0};
    if (strstr(scratch, "XXXXXX") && !temp_folder(scratch))
        return false;
    struct volume *volume = NULL;
    struct host_options options = {.jobs = 1};
    X509 *const roots[] = {pki(PKI_LIST_ROOT)->x509};
    const struct trust_options trust = {.list_roots = roots, .list_root_count = 1};
    snprintf(dir, sizeof dir, "%s/%s", scratch, name);
    (void)wtime_parse(str_of(SAMPLE_HOST_NOW), &options.now);
    s->name = name;
    bool ok = sample_host_write(name, dir, &e) &&
              volume_open_tree(dir, COMPLETE_DETECT, &volume, &e) &&
              host_offline(volume, &options, &s->host, &e) &&
              trust_open(s->host, with_list_roots ? &trust : NULL, &s->trust, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", name, e.text);
    CHECK(ok);
    return ok;
}

static void judge(struct sample *s, const struct sample_signature *want)
{
    struct arena mem;
    struct trust_verdict v = {0};
    struct str reason = {0};
    char path[256];
    snprintf(path, sizeof path, "C:\\%s", want->path);
    for (char *p = path; *p; p++)
        *p = *p == '/' ? '\\' : *p;
    arena_init(&mem, ARENA_DEFAULT_CAP);
    enum fact_state state = trust_file(s->trust, str_of(path), VIEW_NATIVE, &mem, &v, &reason);
    CHECK_U64(state, FACT_FOUND);
    if (strcmp(trust_word_name(v.word), want->word) != 0) {
        fprintf(stderr, "%s %s: %s, want %s: " STR_FMT "\n", s->name, path, trust_word_name(v.word),
                want->word, STR_ARG(v.reason));
        test_failures++;
    }
    CHECK_U64(v.source, !want->source                           ? TRUST_SOURCE_NONE
                        : strcmp(want->source, "embedded") == 0 ? TRUST_SOURCE_EMBEDDED
                                                                : TRUST_SOURCE_CATALOG);
    if (want->signer && v.decided && v.decided->chain_count)
        CHECK_STR(v.decided->chain[0].organisation, want->signer);
    arena_done(&mem);
}

TEST(every_signature_gets_its_word)
{
    size_t count;
    const struct sample_signature *all = sample_signatures(&count);
    struct sample s = {0};
    for (size_t i = 0; i < count; i++) {
        if (!s.name || strcmp(s.name, all[i].host) != 0) {
            if (s.name)
                close_sample(&s);
            if (!open_sample(all[i].host, true, &s))
                return;
        }
        judge(&s, &all[i]);
    }
    close_sample(&s);
}

/* The very same bytes, judged by two hosts that differ in one certificate of one store. */
TEST(root_in_the_hive_decides)
{
    struct sample healthy = {0}, noroot = {0};
    struct arena mem;
    struct trust_verdict v = {0};
    struct err e = {0};
    char path[256];
    static uint8_t bytes[1 << 20];
    if (!open_sample("healthy", true, &healthy) || !open_sample("noroot", true, &noroot))
        return;
    snprintf(path, sizeof path,
             "%s/healthy/Program Files (x86)/McAfee/VirusScan Enterprise/msvcr90.dll", scratch);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    size_t len = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        fclose(f);
    arena_init(&mem, ARENA_DEFAULT_CAP);
    CHECK(trust_bytes(healthy.trust, span_of(bytes, len), &mem, &v, &e));
    CHECK_U64(v.word, TRUST_TRUSTED);
    CHECK_STR(v.decided->decided_by, "ROOT");
    CHECK(trust_bytes(noroot.trust, span_of(bytes, len), &mem, &v, &e));
    CHECK_U64(v.word, TRUST_UNTRUSTED_ROOT);
    arena_done(&mem);
    close_sample(&healthy);
    close_sample(&noroot);
}

/* Without the sample list root, the same host has no list and no disallowed publisher. */
TEST(lists_count_only_with_their_root)
{
    static const struct sample_signature without[] = {
        {"lists", "Program Files/Contoso/listed.dll", "untrusted_root", "embedded", "Northwind"},
        {"lists", "Program Files/Contoso/contoso.dll", "trusted", "embedded", "Contoso Ltd"},
    };
    struct sample s = {0};
    if (!open_sample("lists", false, &s))
        return;
    CHECK_U64(trust_state(s.trust)->authroot.state, FACT_UNREADABLE);
    judge(&s, &without[0]);
    judge(&s, &without[1]);
    close_sample(&s);
}

TEST(forged_list_is_unreadable_and_missing_root_is_named)
{
    struct sample s = {0};
    if (!open_sample("forged", true, &s))
        return;
    CHECK_U64(trust_state(s.trust)->authroot.state, FACT_UNREADABLE);
    CHECK_U64(trust_state(s.trust)->disallowed.state, FACT_UNREADABLE);
    close_sample(&s);
    if (!open_sample("noroot", true, &s))
        return;
    struct str by = {0};
    CHECK(!trust_state(s.trust)->updates_on);
    CHECK_U64(trust_root(s.trust, pki(PKI_MS_ROOT)->sha1_hex, &by), TRUST_UNTRUSTED_ROOT);
    CHECK_U64(trust_root(s.trust, pki(PKI_VS_ROOT)->sha1_hex, &by), TRUST_TRUSTED);
    close_sample(&s);
    CHECK(remove_all(scratch));
}

TEST_MAIN()
