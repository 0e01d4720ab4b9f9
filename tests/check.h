/* Unit tests: TEST(name) { CHECK(...); } then TEST_MAIN().  A failed check prints where and what
 * and fails the program at the end, so that one run shows every failure.  SKIP(reason) counts the
 * test as skipped; when all tests of a program skipped it exits 77.
 *
 * Where a crash may end with exit code 0 (Wine), RECTIFY_TEST_TALLY names a file that says, a line
 * a test, how each ended (passed, failed, left out, or why it was skipped), and as the program's
 * last act how many there were; tests named in RECTIFY_TEST_LEFT_OUT (separated by commas) are not
 * run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_case {
    const char *name;
    void (*run)(void);
    int line;
    struct test_case *next;
};

static struct test_case *test_first;
static int test_failures, test_skips;
static const char *test_skip_why;

/* In the order of the file, whatever that of the constructors is. */
static inline void test_add(struct test_case *t)
{
    struct test_case **at = &test_first;
    while (*at && (*at)->line < t->line)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
}

#define TEST(id)                                                                                   \
    static void test_##id(void);                                                                   \
    static struct test_case case_##id = {#id, test_##id, __LINE__, NULL};                          \
    __attribute__((constructor)) static void add_##id(void)                                        \
    {                                                                                              \
        test_add(&case_##id);                                                                      \
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
        test_skip_why = reason;                                                                    \
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

static bool test_left_out(const char *name)
{
    const char *all = getenv("RECTIFY_TEST_LEFT_OUT");
    size_t len = strlen(name);
    for (const char *p = all ? all : ""; *p; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == len && memcmp(p, name, len) == 0)
            return true;
    return false;
}

static void test_tally(const char *mode, const char *name, const char *end)
{
    const char *path = getenv("RECTIFY_TEST_TALLY");
    FILE *f = path ? fopen(path, mode) : NULL;
    if (f)
        fprintf(f, "%s\t%s\n", name, end);
    if (path && (!f || fclose(f) != 0)) {
        perror(path);
        exit(1);
    }
}

static void test_run(const struct test_case *t)
{
    int failures = test_failures, skips = test_skips;
    t->run();
    if (test_failures != failures)
        fprintf(stderr, "FAILED: %s\n", t->name);
    test_tally("ab", t->name,
               test_failures != failures ? "failed"
               : test_skips != skips     ? test_skip_why
                                         : "passed");
}

static int test_run_all(void)
{
    int run = 0;
    char count[32];
    test_tally("wb", "test", "end");
    for (struct test_case *t = test_first; t; t = t->next) {
        if (test_left_out(t->name)) {
            test_tally("ab", t->name, "left out");
        } else {
            test_run(t);
            run++;
        }
    }
    printf("%d tests, %d failures, %d skipped\n", run, test_failures, test_skips);
    fflush(NULL);
    snprintf(count, sizeof count, "%d", run);
    test_tally("ab", "all", count);
    return test_failures ? 1 : run && run == test_skips ? 77 : 0;
}

#define TEST_MAIN()                                                                                \
    int main(void)                                                                                 \
    {                                                                                              \
        return test_run_all();                                                                     \
    }
