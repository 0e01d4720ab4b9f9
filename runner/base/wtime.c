#include "base/wtime.h"

#define WTIME_YEAR_10000 UINT64_C(2650467744000000000)

uint64_t wtime_from_unix(int64_t seconds)
{
    const int64_t epoch = INT64_C(11644473600);
    if (seconds < -epoch || seconds >= (int64_t)(WTIME_YEAR_10000 / WTIME_SECOND) - epoch)
        return 0;
    return (uint64_t)(seconds + epoch) * WTIME_SECOND;
}

int64_t wtime_to_unix(uint64_t t)
{
    return (int64_t)(t / WTIME_SECOND) - INT64_C(11644473600);
}

/* Days since 1601-01-01 to a date and back: the proleptic Gregorian calendar, counted in eras of
 * 400 years that begin on 1 March, so that the leap day is a year's last. */
static int64_t days_from_date(int y, int m, int d)
{
    y -= m <= 2;
    int era = y / 400, yoe = y - era * 400;
    int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = (int64_t)yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (int64_t)era * 146097 + doe - 584694; /* 0000-03-01 to 1601-01-01 */
}

bool wtime_civil(uint64_t t, struct wtime_civil *out)
{
    if (t >= WTIME_YEAR_10000)
        return false;
    int64_t z = (int64_t)(t / WTIME_DAY) + 584694;
    uint64_t in_day = t % WTIME_DAY;
    int64_t era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    uint64_t secs = in_day / WTIME_SECOND;
    *out = (struct wtime_civil){
        .year = (int)(yoe + era * 400) + (month <= 2),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(secs / 3600),
        .minute = (int)(secs / 60 % 60),
        .second = (int)(secs % 60),
        .ticks = (uint32_t)(in_day % WTIME_SECOND),
    };
    return true;
}

bool wtime_from_civil(const struct wtime_civil *c, uint64_t *out)
{
    static const int days_in[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (c->year < 1601 || c->year > 9999 || c->month < 1 || c->month > 12)
        return false;
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    int last = days_in[c->month - 1] + (c->month == 2 && leap);
    if (c->day < 1 || c->day > last || c->hour < 0 || c->hour > 23 || c->minute < 0 ||
        c->minute > 59 || c->second < 0 || c->second > 60 || c->ticks >= WTIME_SECOND)
        return false;
    uint64_t days = (uint64_t)days_from_date(c->year, c->month, c->day);
    uint64_t secs = (uint64_t)(c->hour * 3600 + c->minute * 60 + c->second);
    *out = days * WTIME_DAY + secs * WTIME_SECOND + c->ticks;
    return true;
}

const char *wtime_format(uint64_t t, char out[WTIME_TEXT])
{
    struct wtime_civil c;
    if (t == 0)
        out[0] = '\0';
    else if (!wtime_civil(t, &c))
        snprintf(out, WTIME_TEXT, "0x%016llx", (unsigned long long)t);
    else if (c.ticks)
        snprintf(out, WTIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%07uZ", (unsigned)c.year % 10000,
                 (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
                 (unsigned)c.minute % 100, (unsigned)c.second % 100, c.ticks % 10000000);
    else
        snprintf(out, WTIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)c.year % 10000,
                 (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
                 (unsigned)c.minute % 100, (unsigned)c.second % 100);
    return out;
}

static bool digits(struct reader *r, int count, int *out)
{
    int v = 0;
    for (int i = 0; i < count; i++) {
        uint8_t c = rd_u8(r);
        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (c - '0');
    }
    *out = v;
    return true;
}

static bool fraction(struct reader *r, uint32_t *ticks)
{
    uint32_t v = 0, scale = 1000000;
    size_t count = 0;
    while (rd_left(r) && r->s.ptr[r->pos] >= '0' && r->s.ptr[r->pos] <= '9' && count < 12) {
        v += (uint32_t)(rd_u8(r) - '0') * scale;
        scale /= 10;
        count++;
    }
    *ticks = v;
    return count > 0;
}

/* "Z" or "+09:00"; the offset in minutes east of UTC. */
static bool zone(struct reader *r, int *minutes)
{
    uint8_t c = rd_u8(r);
    int h = 0, m = 0;
    *minutes = 0;
    if (c == 'Z' || c == 'z')
        return rd_left(r) == 0;
    if ((c != '+' && c != '-') || !digits(r, 2, &h) || rd_u8(r) != ':' || !digits(r, 2, &m) ||
        h > 23 || m > 59 || rd_left(r))
        return false;
    *minutes = (h * 60 + m) * (c == '-' ? -1 : 1);
    return true;
}

bool wtime_parse(struct str text, uint64_t *out)
{
    struct reader r = reader_of(span_of(text.ptr, text.len));
    struct wtime_civil c = {0};
    int offset = 0;
    if (!digits(&r, 4, &c.year) || rd_u8(&r) != '-' || !digits(&r, 2, &c.month) ||
        rd_u8(&r) != '-' || !digits(&r, 2, &c.day))
        return false;
    if (rd_left(&r)) {
        uint8_t sep = rd_u8(&r);
        if ((sep != 'T' && sep != 't' && sep != ' ') || !digits(&r, 2, &c.hour) ||
            rd_u8(&r) != ':' || !digits(&r, 2, &c.minute) || rd_u8(&r) != ':' ||
            !digits(&r, 2, &c.second))
            return false;
        if (rd_left(&r) && r.s.ptr[r.pos] == '.') {
            rd_skip(&r, 1);
            if (!fraction(&r, &c.ticks))
                return false;
        }
        if (!zone(&r, &offset))
            return false;
    }
    uint64_t t;
    if (!wtime_from_civil(&c, &t))
        return false;
    int64_t shifted = (int64_t)t - (int64_t)offset * 60 * (int64_t)WTIME_SECOND;
    if (shifted < 0)
        return false;
    *out = (uint64_t)shifted;
    return true;
}
