#include "host/volume.h"

#include "volume_case.h"

/* ---- finding the volume -------------------------------------------------------------------- */

TEST(every_layout_is_found)
{
    check_layout("", "", 'C');
    check_layout("C/", "C", 'C');
    check_layout("c/", "c", 'C');
    check_layout("C%3A/", "C%3A", 'C');
    check_layout("C_/", "C_", 'C');
    check_layout("D/", "D", 'D');
    check_layout("uploads/auto/C%3A/", "uploads/auto/C%3A", 'C');
    check_layout("uploads/ntfs/%5C%5C.%5CC%3A/", "uploads/ntfs/%5C%5C.%5CC%3A", 'C');
    check_layout("HOST01/C/", "HOST01/C", 'C');
    check_layout("2019-05-20T090000_HOST01/C/", "2019-05-20T090000_HOST01/C", 'C');
    check_layout("out/HOST01/C/", "out/HOST01/C", 'C');
    check_layout("collection/uploads/auto/C%3A/", "collection/uploads/auto/C%3A", 'C');
}

TEST(windows_folder_in_any_spelling)
{
    static const char *const names[] = {"WINDOWS", "windows", "WINNT", "winnt"};
    for (size_t i = 0; i < 4; i++) {
        fixture_begin();
        char path[64];
        snprintf(path, sizeof path, "%s/SYSTEM32/x.dll", names[i]);
        fixture_put(path, "dll");
        struct volume *v = open_root(COMPLETE_DETECT);
        CHECK_STR(volume_windows(v), names[i]);
        CHECK_FOUND(v, "\\SystemRoot\\System32\\X.DLL", "dll");
        volume_close(v);
        fixture_end();
    }
}

TEST(no_volume_is_one_clear_error)
{
    fixture_begin();
    check_refused(fixture_root, ERR_NOT_FOUND, "nothing in it");
    fixture_put("music/song.mp3", "x");
    check_refused(fixture_root, ERR_NOT_FOUND, "seen: music");
    check_refused(fixture_path("music/song.mp3"), ERR_NOT_FOUND, "a file, not a folder");
    check_refused(fixture_path("nowhere"), ERR_NOT_FOUND, "no such folder");
    check_refused("", ERR_NOT_FOUND, "no such folder");
    fixture_put("Windows/notes.txt", "no System32");
    check_refused(fixture_root, ERR_NOT_FOUND, "no Windows volume");
    fixture_put("a/b/c/d/C/Windows/System32/x", "too deep");
    check_refused(fixture_root, ERR_NOT_FOUND, "no Windows volume");
    fixture_put("disk1/Windows/System32/x", "stands for no drive");
    check_refused(fixture_root, ERR_NOT_FOUND, "there is one in disk1");
    fixture_end();
}

TEST(several_volumes_are_named)
{
    fixture_begin();
    fixture_windows("HOST1/C/", false);
    fixture_windows("HOST2/C/", false);
    check_refused(fixture_root, ERR_NOT_FOUND,
                  "several Windows volumes, choose one: HOST1/C, HOST2/C");
    fixture_end();
}

TEST(shadow_copies_are_not_a_second_volume)
{
    fixture_begin();
    fixture_windows("C/", false);
    fixture_windows("VSS1/C/", false);
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STR(volume_info(v)->volume, "C");
    volume_close(v);
    fixture_end();
}

/* ---- full or collection -------------------------------------------------------------------- */

TEST(what_is_missing_depends_on_completeness)
{
    fixture_begin();
    fixture_windows("", true);
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK(!volume_info(v)->collection);
    CHECK_STATE(v, "C:\\Windows\\nope.dll", FACT_ABSENT, "");
    CHECK_STATE(v, "C:\\Windows\\System32\\ntdll.dll\\x", FACT_ABSENT, "");
    CHECK_STATE(v, "D:\\x", FACT_NOT_COLLECTED, "on drive D:");
    volume_close(v);
    v = open_root(COMPLETE_NO);
    CHECK(volume_info(v)->collection);
    CHECK_STR(volume_info(v)->collection_why, "--collection");
    CHECK_STATE(v, "C:\\Windows\\nope.dll", FACT_NOT_COLLECTED, "");
    volume_close(v);
    CHECK(remove(fixture_path("Windows/System32/ntdll.dll")) == 0);
    v = open_root(COMPLETE_DETECT);
    CHECK(volume_info(v)->collection);
    CHECK_STR(volume_info(v)->collection_why, "no ntdll.dll in System32");
    volume_close(v);
    v = open_root(COMPLETE_YES);
    CHECK_STATE(v, "C:\\Windows\\nope.dll", FACT_ABSENT, "");
    volume_close(v);
    fixture_end();
}

TEST(drive_letter_can_be_told)
{
    fixture_begin();
    fixture_windows("", true);
    struct volume *v = open_root(COMPLETE_DETECT);
    volume_set_drive(v, 'e');
    CHECK_FOUND(v, "E:\\Windows\\System32\\ntdll.dll", "ntdll");
    CHECK_STATE(v, "C:\\Windows\\System32\\ntdll.dll", FACT_NOT_COLLECTED, "on drive C:");
    volume_close(v);
    fixture_end();
}

/* ---- names --------------------------------------------------------------------------------- */

TEST(escaped_names_of_collections)
{
    fixture_begin();
    fixture_windows("uploads/auto/C%3A/", false);
    fixture_put("uploads/auto/C%3A/Windows/System32/CatRoot/%7BF750%7D/a%2Bb.cat", "catalog");
    fixture_put("uploads/auto/C%3A/Windows/x%41.txt", "encoded");
    fixture_put("uploads/auto/C%3A/Windows/y%41.txt", "twin");
    fixture_put("uploads/auto/C%3A/Windows/yA.txt", "plain");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_FOUND(v, "C:\\Windows\\System32\\CatRoot\\{f750}\\A+B.CAT", "catalog");
    CHECK_FOUND(v, "C:\\Windows\\xa.txt", "encoded");
    CHECK_FOUND(v, "C:\\Windows\\ya.txt", "plain");
    struct arena a;
    arena_init(&a, 1 << 20);
    struct volume_list list;
    CHECK(volume_list(v, STR("C:\\Windows\\System32\\catroot\\{F750}"), STR("*+*.cat"), &a, &list,
                      NULL) == FACT_FOUND);
    CHECK_U64(list.count, 1);
    if (list.count)
        CHECK_STR(list.entries[0].name, "a+b.cat");
    arena_done(&a);
    volume_close(v);
    fixture_end();
}

TEST(plain_trees_are_not_decoded)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("x%41.txt", "plain");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STATE(v, "C:\\xA.txt", FACT_ABSENT, "");
    CHECK_FOUND(v, "C:\\X%41.txt", "plain");
    volume_close(v);
    fixture_end();
}

TEST(short_names_where_they_are_certain)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("Program Files/McAfee/x.dll", "x");
    fixture_put("Program Files (x86)/McAfee/x.dll", "x86");
    fixture_put("ProgramData/y", "y");
    fixture_put("Common Framework/z.dll", "z");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_FOUND(v, "C:\\PROGRA~1\\McAfee\\x.dll", "x");
    CHECK_STATE(v, "C:\\PROGRA~2\\McAfee\\x.dll", FACT_UNREADABLE, "8.3 name");
    CHECK_FOUND(v, "C:\\COMMON~1\\z.dll", "z");
    CHECK_STATE(v, "C:\\COMMON~2\\z.dll", FACT_UNREADABLE, "8.3 name");
    CHECK_STATE(v, "C:\\PROGRA~1\\MCAFEE~1\\x.dll", FACT_ABSENT, "");
    CHECK_STATE(v, "C:\\OTHERN~1\\x.dll", FACT_ABSENT, "");
    volume_close(v);
    v = open_root(COMPLETE_NO);
    CHECK_STATE(v, "C:\\COMMON~1\\z.dll", FACT_UNREADABLE, "8.3 name");
    CHECK_STATE(v, "C:\\OTHERN~1\\x.dll", FACT_NOT_COLLECTED, "");
    volume_close(v);
    fixture_end();
}

/* ---- listing, large folders, private copies ------------------------------------------------ */

TEST(folder_of_ten_thousand)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("Windows/many/", "");
    for (int i = 0; i < 10000; i++) {
        char path[64];
        snprintf(path, sizeof path, "Windows/many/File%05d.%s", i, i % 4 ? "dat" : "CAT");
        FILE *f = fopen(fixture_path(path), "wb");
        if (f)
            fclose(f);
    }
    fixture_put("Windows/many/File00004.CAT", "four");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_FOUND(v, "C:\\Windows\\MANY\\FILE00004.cat", "four");
    CHECK_FOUND(v, "C:\\Windows\\MANY\\FILE09999.dat", "");
    struct arena a;
    arena_init(&a, 64 << 20);
    struct volume_list list;
    CHECK(volume_list(v, STR("Windows\\many"), STR("*.cat"), &a, &list, NULL) == FACT_FOUND);
    CHECK_U64(list.count, 2500);
    if (list.count == 2500) {
        CHECK_STR(list.entries[1].name, "File00004.CAT");
        CHECK_U64(list.entries[1].size, 4);
        CHECK_STR(list.entries[2499].name, "File09996.CAT");
    }
    arena_done(&a);
    volume_close(v);
    fixture_end();
}

TEST(listing_states)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("folder/x", "x");
    struct volume *v = open_root(COMPLETE_DETECT);
    struct arena a;
    arena_init(&a, 1 << 20);
    struct volume_list list;
    struct err e = {0};
    CHECK(volume_list(v, STR("C:\\"), STR("*"), &a, &list, &e) == FACT_FOUND);
    CHECK_U64(list.count, 2);
    CHECK_U64(list.refused, 0);
    CHECK(list.entries[0].directory && list.entries[1].directory);
    CHECK(volume_list(v, STR("C:\\nope"), STR("*"), &a, &list, &e) == FACT_ABSENT);
    CHECK(volume_list(v, STR("C:\\Windows\\System32\\ntdll.dll"), STR("*"), &a, &list, NULL) ==
          FACT_UNREADABLE);
    CHECK(volume_list(v, STR("\\\\server\\x"), STR("*"), &a, &list, NULL) == FACT_UNREADABLE);
    arena_done(&a);
    volume_close(v);
    fixture_end();
}

TEST(private_copy_leaves_the_file_alone)
{
    fixture_begin();
    fixture_windows("", true);
    struct volume *v = open_root(COMPLETE_DETECT);
    struct volume_file f;
    struct err e = {0};
    CHECK(volume_open(v, STR("Windows\\System32\\config\\SYSTEM"), &f, &e) == FACT_FOUND);
    CHECK_STR(f.path, "Windows/System32/config/SYSTEM");
    CHECK(volume_make_private(&f, 20000, &e));
    CHECK_U64(f.map.bytes.len, 20000);
    CHECK(memcmp(f.map.private_copy, "system hive", 12) == 0);
    f.map.private_copy[0] = 'X';
    f.map.private_copy[19999] = 'Y';
    volume_close_file(&f);
    volume_close_file(&f);
    CHECK_FOUND(v, "Windows\\System32\\config\\SYSTEM", "system hive");
    volume_close(v);
    fixture_end();
}

TEST(a_tree_that_changes_is_not_absent)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("dir/x", "x");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_FOUND(v, "C:\\dir\\x", "x");
    CHECK(remove(fixture_path("dir/x")) == 0);
    CHECK_STATE(v, "C:\\dir\\x", FACT_UNREADABLE, "cannot open");
    volume_close(v);
    fixture_end();
}

TEST_MAIN()
