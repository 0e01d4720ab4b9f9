/* Verbs of a verb: rectify policy list, rectify schedule show. */
#pragma once

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
};

struct verbs {
    const char *of, *about; /* "policy", and a line on what its verbs do */
    const struct verb *verb;
    unsigned count;
};

/* Runs the one that argv[1] names, with it as argv[0]; else usage, or one line with the nearest. */
int verbs_run(const struct verbs *v, int argc, char **argv);
