/* `rectify policy test`: what the tests of policies gave. */
#pragma once

#include "model/policy_test.h"
#include "report/report.h"

void report_tests_terminal(const struct test_report *r, const struct report_style *style,
                           struct sb *out);
void report_tests_json(const struct test_report *r, struct sb *out); /* rectify.policy_tests/1 */
void report_tests_junit(const struct test_report *r, struct sb *out);

/* A run's JSON report without what differs from run to run. */
void report_tests_run(const struct run_report *run, struct sb *out);
