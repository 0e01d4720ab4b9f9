/* Unit tests: TEST(name) { CHECK(...); } then TEST_MAIN().  A failed check prints where and what
 * and fails the program at the end, so that one run shows every failure.  SKIP(reason) counts the
 * test as skipped; when all tests of a program skipped it exits 77. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_case {
    const char *name;
    void (*run)(void);
    struct test_case *next;
};

static struct test_case *test_first, **test_last = &test_first;
static int test_failures, test_skips;

#define TEST(id)                                                                                   \
    static void test_##id(void);                                                                   \
    static struct test_case case_##id = {#id, test_##id, NULL};                                    \
    __attribute__((constructor)) static void add_##id(void)                                        \
    {                                                                                              \
        *test_last = &case_##id;                                                                   \
        test_last = &case_##id.next;                                                               \
    }                                                                                              \
    static void test_##id(void)

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #cond);               \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)

#define CHECK_U64(have, want)                                                                      \
    do {                                                                                           \
        unsigned long long h_ = (unsigned long long)(have), w_ = (unsigned long long)(want);       \
        if (h_ != w_) {                                                                            \
            fprintf(stderr, "%s:%d: %s is %llu, want %llu\n", __FILE__, __LINE__, #have, h_, w_);  \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)

/* A `struct str` against a C string. */
#define CHECK_STR(have, want)                                                                      \
    do {                                                                                           \
        struct str h_ = (have);                                                                    \
        const char *w_ = (want);                                                                   \
        if (h_.len != strlen(w_) || (h_.len && memcmp(h_.ptr, w_, h_.len) != 0)) {                 \
            fprintf(stderr, "%s:%d: %s is \"%.*s\", want \"%s\"\n", __FILE__, __LINE__, #have,     \
                    (int)h_.len, h_.ptr ? h_.ptr : "", w_);                                        \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)

#define SKIP(reason)                                                                               \
    do {                                                                                           \
        printf("SKIPPED: %s: %s\n", __func__ + 5, reason);                                         \
        test_skips++;                                                                              \
        return;                                                                                    \
    } while (0)

/* Path of the real artefacts, or NULL where they are missing. */
static inline const char *test_corpus(void)
{
    const char *dir = getenv("RECTIFY_CORPUS");
    char probe[4096];
    if (!dir)
        return NULL;
    snprintf(probe, sizeof probe, "%s/MANIFEST.tsv", dir);
    FILE *f = fopen(probe, "rb");
    if (!f)
        return NULL;
    fclose(f);
    return dir;
}

static int test_run_all(void)
{
    int run = 0;
    for (struct test_case *t = test_first; t; t = t->next, run++) {
        int before = test_failures;
        t->run();
        if (test_failures != before)
            fprintf(stderr, "FAILED: %s\n", t->name);
    }
    printf("%d tests, %d failures, %d skipped\n", run, test_failures, test_skips);
    return test_failures ? 1 : run && run == test_skips ? 77 : 0;
}

#define TEST_MAIN()                                                                                \
    int main(void)                                                                                 \
    {                                                                                              \
        return test_run_all();                                                                     \
    }
