/* `rectify facts`: what is known of a host, for the reports. */
#pragma once

#include "model/product.h"
#include "model/result.h"

struct service_fact {
    struct str name;
    enum fact_state state;
    struct str reason;
    struct str display_name, image_path;
    uint32_t start, type; /* Windows' numbers: 0 boot, 1 system, 2 auto, 3 demand, 4 disabled */
    bool has_start;
    struct evidence evidence;
};

/* "boot", "system", "automatic", "manual", "disabled", "unknown" */
const char *service_start_name(uint32_t start);

struct log_fact {
    struct str channel;
    enum fact_state state;
    struct str reason;
    struct str artefact;
    uint64_t records, bytes, first, last;
    uint64_t configured_size; /* bytes, 0 = not known */
    bool dirty;
    uint64_t damaged; /* damaged places */
    struct coverage coverage;
};

struct facts_report {
    struct run_report run; /* target, reference time; no results */
    struct product_fact *products;
    size_t product_count;
    struct service_fact *services;
    size_t service_count;
    struct log_fact *logs;
    size_t log_count;
};
