/* `rectify facts` of a sample host. */
#include "check.h"
#include "sample_hosts.h"

#include "base/wtime.h"
#include "engine/engine.h"

#include "system.h"

static void check_facts(const struct facts_report *f)
{
    char text[VERSION_TEXT];
    bool vse = false, service = false, log = false;
    for (size_t i = 0; i < f->product_count; i++) {
        const struct product_fact *p = &f->products[i];
        if (!str_eq(p->def->id, STR("mcafee.vse")))
            continue;
        vse = true;
        CHECK(p->state == PRODUCT_INSTALLED);
        CHECK(strcmp(version_format(p->version, text), "8.8.0.2300") == 0);
        CHECK_STR(p->patch, "Patch 16");
    }
    for (size_t i = 0; i < f->service_count; i++)
        if (str_eq(f->services[i].name, STR("mfevtp")))
            service = f->services[i].state == FACT_FOUND && f->services[i].start == 2;
    for (size_t i = 0; i < f->log_count; i++)
        if (str_eq(f->logs[i].channel, STR("System")))
            log = f->logs[i].state == FACT_FOUND && f->logs[i].records > 0;
    CHECK(vse && service && log);
    CHECK_U64(f->product_count, 3);
    CHECK(f->log_count >= 3);
    CHECK_U64(f->run.run_id.len, 32);
    CHECK_U64(f->run.result_count, 0);
    CHECK(f->run.target.computer_name.len > 0 && f->run.reference_time > 0);
}

TEST(facts_of_the_healthy_host)
{
    char dir[] = "/tmp/rectify-facts-XXXXXX", host_dir[64];
    struct engine_options options = {0};
    struct catalogue c;
    struct volume *volume = NULL;
    struct host *host = NULL;
    struct host_options opened = {.jobs = 1};
    struct facts_report report = {0};
    struct arena mem;
    struct err e = {0};
    arena_init(&mem, ARENA_DEFAULT_CAP);
    CHECK(wtime_parse(str_of(SAMPLE_HOST_NOW), &opened.now));
    CHECK(temp_folder(dir));
    snprintf(host_dir, sizeof host_dir, "%s/healthy", dir);
    CHECK(catalogue_load(&options, &c, &e));
    bool ok = sample_host_write("healthy", host_dir, &e) &&
              volume_open_tree(host_dir, COMPLETE_DETECT, &volume, &e) &&
              host_offline(volume, &opened, &host, &e) && engine_facts(&c, host, &mem, &report, &e);
    CHECK(ok);
    if (ok)
        check_facts(&report);
    host_close(host);
    catalogue_done(&c);
    arena_done(&mem);
    CHECK(remove_all(dir));
}

TEST_MAIN()
