/* Time is a FILETIME everywhere: 100 ns ticks since 1601-01-01 UTC, 0 = not known. */
#pragma once

#include "base/str.h"

#define WTIME_SECOND UINT64_C(10000000)
#define WTIME_HOUR (3600 * WTIME_SECOND)
#define WTIME_DAY (24 * WTIME_HOUR)
#define WTIME_UNIX_EPOCH (UINT64_C(11644473600) * WTIME_SECOND)

/* Seconds since 1970 (negative allowed back to 1601); 0 when before 1601 or past year 9999. */
uint64_t wtime_from_unix(int64_t seconds);
int64_t wtime_to_unix(uint64_t t);

uint64_t wtime_now(void);

/* Room for "2012-03-14T04:17:36.1234567Z" and its NUL. */
enum { WTIME_TEXT = 32 };

/* RFC 3339 UTC; seconds only when the fraction is zero, else seven digits.  Times past year 9999
 * are written as "0x%016x" so that nothing is lost; 0 as "". Returns `out`. */
const char *wtime_format(uint64_t t, char out[WTIME_TEXT]);

/* RFC 3339 ("2012-03-14T04:17:36Z", with fraction or +09:00 offset), or a date alone (midnight
 * UTC). */
bool wtime_parse(struct str text, uint64_t *out);

/* Year, month (1..12), day, hour, minute, second of `t`, UTC. */
struct wtime_civil {
    int year, month, day, hour, minute, second;
    uint32_t ticks; /* 100 ns within the second */
};
bool wtime_civil(uint64_t t, struct wtime_civil *out);

/* The reverse; false for impossible dates and years outside 1601..9999. */
bool wtime_from_civil(const struct wtime_civil *c, uint64_t *out);
