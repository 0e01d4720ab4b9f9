/* Rows of `inspect hive`: every type in both formats, and what is escaped. */
#include "cli/hive_rows.h"

#include "check.h"

static void check_row(enum hive_format format, uint32_t type, const char *bytes, size_t len,
                      const char *want)
{
    struct hive_rows rows;
    struct arena a;
    struct err e = {0};
    struct hive_row row = {STR("n"), type, span_of(bytes, len)};
    arena_init(&a, 1 << 20);
    hive_rows_begin(&rows, format);
    rows.out.len = 0;
    hive_rows_key(&rows, STR("K"), 0);
    CHECK(hive_rows_value(&rows, &row, &a, &e));
    CHECK(rows.out.ptr && strstr(rows.out.ptr, want));
    if (rows.out.ptr && !strstr(rows.out.ptr, want))
        fprintf(stderr, "%s in %s", want, rows.out.ptr);
    rows.out.len = 0;
    CHECK(hive_rows_end(&rows));
    arena_done(&a);
}

TEST(data_by_type)
{
    static const struct {
        uint32_t type;
        const char *bytes;
        size_t len;
        const char *json, *tsv;
    } t[] = {
        {REGF_SZ, "a\0\"\0\0\0x\0", 8, "\"data\":\"a\\\"\",", "\ta\"\t"},
        {REGF_SZ, "a\0\n\0\\\0", 6, "\"data\":\"a\\n\\\\\",", "\ta\\n\\\\\t"},
        {REGF_EXPAND_SZ, "", 0, "\"data\":\"\",", "\t\t"},
        {REGF_LINK, "\x3b\x04", 2, "\"data\":\"\xD0\xBB\",", "\t\xD0\xBB\t"},
        {REGF_SZ, "\x00\xD8z", 3, "\"data\":\"\xEF\xBF\xBD\",", "\t\\xED\\xA0\\x80\t"},
        {REGF_SZ, "\x1b\0\x7f\0\t\0", 6, "\\u001b", "\t\\x1B\\x7F\\t\t"},
        {REGF_DWORD, "\x01\x02\x03\x80", 4, "\"data\":2147680769,", "\t2147680769\t"},
        {REGF_DWORD, "\x01\x02", 2, "\"data\":\"0102\",", "\t0102\t"},
        {REGF_DWORD_BIG_ENDIAN, "\0\0\1\2", 4, "\"data\":258,", "\t258\t"},
        {REGF_QWORD, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "\"data\":18446744073709551615,",
         "\t18446744073709551615\t"},
        {REGF_MULTI_SZ, "a\0\0\0b\0\0\0\0\0c\0", 12, "\"data\":[\"a\",\"b\"],", "\ta\\x00b\t"},
        {REGF_MULTI_SZ, "a\0b\0", 4, "\"data\":[\"ab\"],", "\tab\t"},
        {REGF_MULTI_SZ, "\0\0", 2, "\"data\":[],", "\t\t"},
        {REGF_MULTI_SZ, "", 0, "\"data\":[],", "\t\t"},
        {REGF_BINARY, "\xAB\x00", 2, "\"data\":\"ab00\",", "\tab00\t"},
        {REGF_NONE, "", 0, "\"type\":\"REG_NONE\",\"size\":0", "\tREG_NONE\t0\t"},
        {0xFFFF0012, "\1", 1, "\"type\":4294901778,\"size\":1", "\t4294901778\t1\t"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        check_row(HIVE_JSONL, t[i].type, t[i].bytes, t[i].len, t[i].json);
        check_row(HIVE_TSV, t[i].type, t[i].bytes, t[i].len, t[i].tsv);
    }
}

TEST(whole_rows)
{
    check_row(HIVE_JSONL, REGF_DWORD, "\1\0\0\0", 4,
              "{\"key\":\"K\",\"name\":\"n\",\"type\":\"REG_DWORD\",\"size\":4,\"sha256\":"
              "\"67abdd721024f0ff4e0b3f4c2fc13bc5bad42d0b7851d456d88d203d15aaa450\",\"data\":1,"
              "\"written\":null}\n");
    check_row(HIVE_TSV, REGF_DWORD, "\1\0\0\0", 4,
              "K\tn\tREG_DWORD\t4\t"
              "67abdd721024f0ff4e0b3f4c2fc13bc5bad42d0b7851d456d88d203d15aaa450\t1\t\n");
}

TEST_MAIN()
