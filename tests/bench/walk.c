/* The least that a reader of event logs must do, to compare with: every chunk's checksums, every
 * record's header.  Nothing is decoded, nothing is kept, no length is doubted more than the walk
 * needs.  usage: walk FILE */
#include <libdeflate.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 65536, HEADER = 4096, RECORDS = 512, RECORD_MIN = 28 };

static uint32_t u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static int sums_fit(const uint8_t *c, uint32_t end)
{
    uint32_t head = libdeflate_crc32(0, c, 120);
    head = libdeflate_crc32(head, c + 128, RECORDS - 128);
    return head == u32(c + 124) && libdeflate_crc32(0, c + RECORDS, end - RECORDS) == u32(c + 52);
}

int main(int argc, char **argv)
{
    static uint8_t chunk[CHUNK];
    uint64_t records = 0, bad = 0, ids = 0;
    FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!f || setvbuf(f, NULL, _IONBF, 0) != 0 || fread(chunk, 1, HEADER, f) != HEADER) {
        fprintf(stderr, "usage: walk FILE\n");
        return 1;
    }
    while (fread(chunk, 1, CHUNK, f) == CHUNK) {
        uint32_t end = u32(chunk + 48), at = RECORDS;
        if (memcmp(chunk, "ElfChnk", 8) != 0 || end < RECORDS || end > CHUNK)
            continue;
        bad += !sums_fit(chunk, end);
        while (at + RECORD_MIN <= end && u32(chunk + at) == 0x2A2A) {
            uint32_t size = u32(chunk + at + 4);
            if (size < RECORD_MIN || size > CHUNK - at || u32(chunk + at + size - 4) != size)
                break;
            ids += u32(chunk + at + 8);
            records++;
            at += size;
        }
    }
    fclose(f);
    printf("%llu records, %llu bad chunks, sum of ids %llu\n", (unsigned long long)records,
           (unsigned long long)bad, (unsigned long long)ids);
    return 0;
}
