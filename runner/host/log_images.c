#include "host/log_images.h"

#include <stdlib.h>

#include "base/utf16.h"
#include "formats/evlog_strings.h"
#include "host/image.h"

enum { IMAGES_MAX = UINT16_MAX - 1, IMAGES_CAP = 64 << 20, FIRST_CAP = 256 };

/* Names that differ in case only fall into one place, one behind the other. */
static void put(struct log_images *x, size_t number)
{
    size_t mask = x->cap * 2 - 1, at = str_ihash(x->image[number]) & mask;
    while (x->slot[at])
        at = (at + 1) & mask;
    x->slot[at] = (uint32_t)number + 1;
}

static bool grow(struct log_images *x)
{
    size_t cap = x->cap ? x->cap * 2 : FIRST_CAP;
    struct str *image = realloc(x->image, cap * sizeof *image);
    if (image)
        x->image = image;
    uint32_t *slot = image ? calloc(cap * 2, sizeof *slot) : NULL;
    if (!slot)
        return false;
    free(x->slot);
    x->slot = slot;
    x->cap = cap;
    for (size_t i = 0; i < x->count; i++)
        put(x, i);
    return true;
}

/* More than a log of one machine has: all further ones count as the last. */
static bool number_of(struct log_images *x, struct str image, uint16_t *out)
{
    size_t mask = x->cap * 2 - 1, at = str_ihash(image) & mask;
    for (; x->slot[at]; at = (at + 1) & mask)
        if (str_eq(x->image[x->slot[at] - 1], image)) {
            *out = (uint16_t)(x->slot[at] - 1);
            return true;
        }
    *out = (uint16_t)(x->count - 1);
    if (x->count == IMAGES_MAX)
        return true;
    struct str copy = str_dup(&x->mem, image);
    if (!copy.ptr || (x->count == x->cap && !grow(x)))
        return false;
    x->image[x->count] = copy;
    put(x, x->count);
    *out = (uint16_t)x->count++;
    return true;
}

bool log_images_open(const struct evlog *log, struct log_images *out)
{
    uint16_t none;
    *out = (struct log_images){.strings = evlog_strings_new(log)};
    arena_init(&out->mem, IMAGES_CAP);
    if (out->strings && grow(out) && (out->count = 1)) {
        out->image[0] = STR("");
        put(out, 0);
        return number_of(out, STR(""), &none);
    }
    log_images_close(out);
    return false;
}

void log_images_close(struct log_images *x)
{
    evlog_strings_free(x->strings);
    free(x->image);
    free(x->slot);
    arena_done(&x->mem);
    *x = (struct log_images){0};
}

struct looking {
    struct log_images *images;
    uint16_t number;
    bool failed;
};

static bool take(void *ctx, struct str string)
{
    struct looking *l = ctx;
    struct str image;
    if (!image_token(string, &image))
        return false;
    l->failed = !number_of(l->images, image, &l->number);
    return true;
}

bool log_images_look(struct log_images *x, const struct log_rows *r, struct log_bucket *b,
                     size_t from, size_t to)
{
    if (!b->image)
        b->image = calloc(b->count + 1, sizeof *b->image);
    for (size_t i = from; b->image && i < to; i++) {
        uint16_t *known = &b->image[i - b->first];
        struct looking l = {.images = x};
        if (*known)
            continue;
        (void)evlog_strings_paths(x->strings, r->row[i], take, &l);
        if (l.failed)
            return false;
        *known = (uint16_t)(l.number + 1);
    }
    return b->image != NULL;
}
