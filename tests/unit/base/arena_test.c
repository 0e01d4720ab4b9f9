#include "base/arena.h"
#include "check.h"

TEST(allocations_are_zeroed_and_aligned)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t size = 0; size < 300; size += 7) {
        uint8_t *p = arena_alloc(&a, size);
        CHECK(p && (uintptr_t)p % _Alignof(max_align_t) == 0);
        for (size_t i = 0; p && i < size; i++)
            CHECK(p[i] == 0);
        if (p)
            memset(p, 0xAA, size);
    }
    arena_done(&a);
}

TEST(reset_gives_zeroes_again)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    for (int round = 0; round < 3; round++) {
        uint8_t *p = arena_alloc(&a, 100);
        for (size_t i = 0; p && i < 100; i++)
            CHECK(p[i] == 0);
        if (p)
            memset(p, 0xAA, 100);
        arena_reset(&a);
    }
    CHECK(arena_alloc(&a, 1 << 19) != NULL);
    arena_reset(&a);
    CHECK(arena_alloc(&a, 1 << 19) != NULL);
    arena_done(&a);
}

TEST(cap_is_kept)
{
    struct arena a;
    size_t got = 0;
    arena_init(&a, 10000);
    while (arena_alloc(&a, 100) && got < 1000)
        got++;
    CHECK(got > 60 && got <= 100);
    CHECK(a.full && a.used <= a.cap);
    CHECK(!arena_alloc(&a, 1 << 20));
    arena_reset(&a);
    CHECK(!a.full && arena_alloc(&a, 100));
    arena_done(&a);
    CHECK_U64(a.cap, 10000);
}

TEST(sizes_that_overflow_are_refused)
{
    struct arena a;
    arena_init(&a, SIZE_MAX);
    CHECK(!arena_alloc(&a, SIZE_MAX) && a.full);
    CHECK(!arena_alloc(&a, SIZE_MAX - 20));
    CHECK(!arena_array(&a, SIZE_MAX / 2, 3));
    CHECK(!ARENA_ARRAY(&a, SIZE_MAX, uint64_t));
    arena_done(&a);
}

TEST(copies)
{
    struct arena a;
    arena_init(&a, 1 << 16);
    char *s = arena_strdup(&a, "abcdef", 3);
    CHECK(s && strcmp(s, "abc") == 0);
    CHECK(arena_copy(&a, NULL, 0) != NULL || !a.full);
    void *p = arena_copy(&a, "xyz", 3);
    CHECK(p && memcmp(p, "xyz", 3) == 0);
    arena_done(&a);
}

TEST_MAIN()
