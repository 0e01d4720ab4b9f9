/* `rectify policy SUBVERB`: one file a sub-verb, policy_NAME.c; argv[0] is the sub-verb. */
#pragma once

int policy_list(int argc, char **argv);
int policy_show(int argc, char **argv);
int policy_lint(int argc, char **argv);
int policy_explain(int argc, char **argv);
int policy_test(int argc, char **argv);
int policy_api(int argc, char **argv);
int policy_new(int argc, char **argv);
