/* One failure, owned by the caller.
 *
 * A function that can fail returns bool and takes `struct err *` last.  The first failure is kept,
 * because the deepest function knows best: a second err_set() on the same object changes nothing.
 * Absence is an answer, not an error.  A bug in this program is neither: it stops it (BUG_ON).
 * Text: one line, lower case, no full stop, what was found and what was expected; never what the
 * caller already knows (the path of the artefact is added by whoever opened it). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum err_kind {
    ERR_NONE,
    ERR_FORMAT,      /* bytes that do not follow their format */
    ERR_IO,          /* the system could not read or write */
    ERR_DENIED,      /* permission, links out of the root, devices */
    ERR_LIMIT,       /* a limit of ours was reached */
    ERR_NOMEM,       /* memory, or the cap of an arena */
    ERR_UNSUPPORTED, /* valid, but not understood by this version */
    ERR_USAGE,       /* the command line or a policy is wrong */
    ERR_NOT_FOUND,   /* something named on the command line does not exist */
    ERR_DRIFTED      /* the target holds neither what was planned from nor what was planned */
};

struct err {
    enum err_kind kind;
    uint64_t at; /* byte offset in the artefact, 0 where there is none */
    char text[256];
};

#if defined(__MINGW32__) && !defined(__clang__)
#define PRINTF_LIKE(fmt, first) __attribute__((format(gnu_printf, fmt, first)))
#elif defined(__GNUC__)
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define PRINTF_LIKE(fmt, first)
#endif

/* Records the failure unless one is recorded already; `e` may be NULL. */
void err_record(struct err *e, enum err_kind kind, uint64_t at, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

static inline bool err_false(void)
{
    return false;
}

/* err_record() that is always false, so that `return err_set(...)` reads as what it is and the
 * compiler knows that nothing was produced: err_set(e, kind, at, fmt, ...). */
#define err_set(...) (err_record(__VA_ARGS__), err_false())

/* Puts "prefix: " before the recorded text (a path, say). Always returns false. */
bool err_prefix(struct err *e, const char *prefix);

/* Short word for a kind: "format", "io", ... */
const char *err_kind_name(enum err_kind kind);

/* A condition that only a bug of ours can make true.  Always compiled in. */
#define BUG_ON(cond)                                                                               \
    do {                                                                                           \
        if (cond) {                                                                                \
            fprintf(stderr, "rectify: bug at %s:%d: %s\n", __FILE__, __LINE__, #cond);             \
            abort();                                                                               \
        }                                                                                          \
    } while (0)
