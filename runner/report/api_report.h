/* `rectify policy api`. */
#pragma once

#include "model/api.h"
#include "report/report.h"

/* Signatures with what they do; `pattern` (a glob, empty = all) chooses names. */
void report_api_terminal(const struct api *api, struct str pattern,
                         const struct report_style *style, struct sb *out);
void report_api_json(const struct api *api, struct str pattern, struct sb *out); /* rectify.api/1 */
