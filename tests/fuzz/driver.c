/* Replays a fuzz corpus without libFuzzer: every file as it is, cut at a spread of lengths, and
 * with single bits flipped at a spread of places.  Deterministic, so that a failure can be
 * repeated. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 4 << 20, CUTS = 64, FLIPS = 192 };

/* An exact-size copy, so that a sanitizer sees the first byte read past the end. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void replay(uint8_t *data, size_t size)
{
    feed(data, size);
    for (size_t i = 0; i < CUTS; i++)
        feed(data, size * i / CUTS);
    uint64_t seed = 88172645463325252u;
    for (size_t i = 0; size && i < FLIPS; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        size_t at = (size_t)(seed % size);
        uint8_t bit = (uint8_t)(1u << (seed >> 60 & 7));
        data[at] ^= bit;
        feed(data, size);
        data[at] ^= bit;
    }
}

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(LARGEST);
    if (!f || !data) {
        perror(path);
        free(data);
        if (f)
            fclose(f);
        return 1;
    }
    size_t size = fread(data, 1, LARGEST, f);
    fclose(f);
    replay(data, size);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    size_t files = 0;
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        if (!dir) {
            printf("SKIPPED: no corpus at %s\n", argv[i]);
            continue;
        }
        for (struct dirent *d; (d = readdir(dir));) {
            char path[4096];
            if (d->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], d->d_name);
            if (replay_file(path))
                return 1;
            files++;
        }
        closedir(dir);
    }
    printf("%zu corpus files replayed\n", files);
    return files ? 0 : 77;
}
