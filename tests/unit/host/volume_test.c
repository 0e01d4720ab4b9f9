#include "host/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "fixture.h"

static struct volume *open_root(enum complete_choice complete)
{
    struct volume *v = NULL;
    struct err e = {0};
    if (!volume_open_tree(fixture_root, complete, &v, &e)) {
        fprintf(stderr, "open: %s\n", e.text);
        test_failures++;
        fixture_end();
        exit(1);
    }
    return v;
}

static void check_refused(const char *dir, enum err_kind kind, const char *part)
{
    struct volume *v = NULL;
    struct err e = {0};
    CHECK(!volume_open_tree(dir, COMPLETE_DETECT, &v, &e));
    CHECK(e.kind == kind);
    if (!strstr(e.text, part)) {
        fprintf(stderr, "%s: \"%s\" lacks \"%s\"\n", dir, e.text, part);
        test_failures++;
    }
}

/* ---- finding the volume -------------------------------------------------------------------- */

static void check_layout(const char *prefix, const char *volume, char drive)
{
    fixture_begin();
    fixture_put("notes.txt", "x");
    fixture_windows(prefix, false);
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STR(volume_info(v)->volume, volume);
    CHECK(volume_drive(v) == drive);
    CHECK_STR(volume_windows(v), "Windows");
    char path[64];
    snprintf(path, sizeof path, "%c:\\windows\\SYSTEM32\\config\\system", drive);
    CHECK_FOUND(v, path, "system hive");
    volume_close(v);
    fixture_end();
}

TEST(every_layout_is_found)
{
    check_layout("", "", 'C');
    check_layout("C/", "C", 'C');
    check_layout("c/", "c", 'C');
    check_layout("C:/", "C:", 'C');
    check_layout("C%3A/", "C%3A", 'C');
    check_layout("C_/", "C_", 'C');
    check_layout("D/", "D", 'D');
    check_layout("uploads/auto/C%3A/", "uploads/auto/C%3A", 'C');
    check_layout("uploads/ntfs/%5C%5C.%5CC%3A/", "uploads/ntfs/%5C%5C.%5CC%3A", 'C');
    check_layout("HOST01/C/", "HOST01/C", 'C');
    check_layout("2019-05-20T090000_HOST01/C/", "2019-05-20T090000_HOST01/C", 'C');
    check_layout("out/HOST01/C/", "out/HOST01/C", 'C');
    check_layout("fs/C:/", "fs/C:", 'C');
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
    fixture_put("evil\033[2Jname", "x");
    check_refused(fixture_root, ERR_NOT_FOUND, "seen: evil\\u{1b}[2Jname, music");
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

TEST(a_link_is_no_way_to_a_volume)
{
    fixture_begin();
    fixture_put("x", "");
    fixture_link("/", "C");
    fixture_link("/", "HOST");
    check_refused(fixture_root, ERR_NOT_FOUND, "no Windows volume");
    fixture_link("/usr", "Windows");
    check_refused(fixture_root, ERR_DENIED, "link: absolute target /usr");
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
    unlink(fixture_path("Windows/System32/ntdll.dll"));
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

/* ---- hostile trees ------------------------------------------------------------------------- */

static void make_links(void)
{
    fixture_windows("", true);
    fixture_put("Users/me/NTUSER.DAT", "user hive");
    fixture_put("outside.txt", "inside the target's root");
    fixture_link("Users", "Documents and Settings");
    fixture_link("../Users/me", "Windows/me");
    fixture_link("C:\\Windows\\System32", "junction");
    fixture_link("\\??\\c:\\Users\\me", "nt");
    fixture_link("\\Users", "rooted");
    fixture_link("D:\\x", "other drive");
    fixture_link("\\\\server\\share", "unc");
    fixture_link("\\??\\Volume{0}\\x", "guid");
    fixture_link("/etc", "absolute");
    fixture_link("../../../../../../../../etc", "up");
    fixture_link("loop", "loop");
    fixture_link("ping", "pong");
    fixture_link("pong", "ping");
    fixture_link("nowhere", "dangling");
}

static void check_links(struct volume *v)
{
    CHECK_FOUND(v, "C:\\Documents and Settings\\me\\ntuser.dat", "user hive");
    CHECK_FOUND(v, "C:\\Windows\\me\\ntuser.dat", "user hive");
    CHECK_FOUND(v, "C:\\junction\\ntdll.dll", "ntdll");
    CHECK_FOUND(v, "C:\\nt\\ntuser.dat", "user hive");
    CHECK_FOUND(v, "C:\\rooted\\me\\ntuser.dat", "user hive");
    CHECK_STATE(v, "C:\\other drive\\x", FACT_UNREADABLE, "link: leads to drive D:");
    CHECK_STATE(v, "C:\\unc\\x", FACT_UNREADABLE, "link: ");
    CHECK_STATE(v, "C:\\guid\\x", FACT_UNREADABLE, "link: ");
    CHECK_STATE(v, "C:\\absolute\\passwd", FACT_UNREADABLE, "link: absolute target /etc");
    CHECK_STATE(v, "C:\\absolute", FACT_UNREADABLE, "link: absolute target /etc");
    CHECK_STATE(v, "C:\\up\\passwd", FACT_UNREADABLE, "link: leads out of the volume");
    CHECK_STATE(v, "C:\\loop", FACT_UNREADABLE, "link: more than 40");
    CHECK_STATE(v, "C:\\ping\\x", FACT_UNREADABLE, "link: more than 40");
    CHECK_STATE(v, "C:\\dangling", FACT_ABSENT, "");
}

TEST(links_never_lead_out)
{
    fixture_begin();
    make_links();
    struct volume *v = open_root(COMPLETE_DETECT);
    check_links(v);
    volume_close(v);
    fixture_end();
}

TEST(links_never_lead_out_of_the_volume_folder)
{
    fixture_begin();
    fixture_put("secret.txt", "of another host");
    fixture_windows("C/", false);
    fixture_link("../secret.txt", "C/leak");
    fixture_link("../C/Windows", "C/back");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STATE(v, "C:\\leak", FACT_UNREADABLE, "link: leads out of the volume");
    CHECK_STATE(v, "C:\\back\\x", FACT_UNREADABLE, "link: leads out of the volume");
    volume_close(v);
    fixture_end();
}

/* Makes openat2 fail as it does on kernels before 5.6, for this process only. */
static bool forbid_openat2(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = 4, .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Runs `run` in a child, so that what it gives up stays given up there; 77 = could not. */
static int in_child(int (*run)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(run());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int links_without_openat2(void)
{
    if (!forbid_openat2())
        return 77;
    struct volume *v = open_root(COMPLETE_DETECT);
    check_links(v);
    volume_close(v);
    return test_failures ? 1 : 0;
}

TEST(links_never_lead_out_without_openat2)
{
    fixture_begin();
    make_links();
    int code = in_child(links_without_openat2);
    fixture_end();
    if (code == 77)
        SKIP("no seccomp here");
    CHECK(code == 0);
}

static int read_denied(void)
{
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 77;
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STATE(v, "C:\\closed\\x.dll", FACT_UNREADABLE, "denied: ");
    CHECK_STATE(v, "C:\\closed\\nope.dll", FACT_UNREADABLE, "denied: ");
    CHECK_STATE(v, "C:\\closed.txt", FACT_UNREADABLE, "denied: ");
    CHECK_STATE(v, "C:\\unsearchable\\x.dll", FACT_UNREADABLE, "denied: ");
    volume_close(v);
    check_refused(fixture_path("closed"), ERR_DENIED, "ermission denied");
    return test_failures ? 1 : 0;
}

TEST(denied_is_never_absent)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("closed/x.dll", "x");
    fixture_put("unsearchable/x.dll", "x");
    fixture_put("closed.txt", "x");
    chmod(fixture_root, 0755);
    chmod(fixture_path("closed"), 0);
    chmod(fixture_path("closed.txt"), 0);
    chmod(fixture_path("unsearchable"), 0444);
    int code = in_child(read_denied);
    chmod(fixture_path("closed"), 0755);
    chmod(fixture_path("unsearchable"), 0755);
    fixture_end();
    if (code == 77)
        SKIP("cannot become another user");
    CHECK(code == 0);
}

TEST(only_regular_files_are_read)
{
    fixture_begin();
    fixture_windows("", true);
    CHECK(mkfifo(fixture_path("fifo"), 0644) == 0);
    CHECK(mknod(fixture_path("socket"), S_IFSOCK | 0644, 0) == 0);
    bool device = mknod(fixture_path("device"), S_IFCHR | 0644, makedev(1, 5)) == 0;
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STATE(v, "C:\\fifo", FACT_UNREADABLE, "device: ");
    CHECK_STATE(v, "C:\\socket", FACT_UNREADABLE, "device: ");
    if (device)
        CHECK_STATE(v, "C:\\device", FACT_UNREADABLE, "device: ");
    CHECK_STATE(v, "C:\\Windows", FACT_UNREADABLE, "a folder");
    CHECK_STATE(v, "C:\\", FACT_UNREADABLE, "a folder");
    struct arena a;
    arena_init(&a, 1 << 20);
    struct volume_list list;
    CHECK(volume_list(v, STR("C:\\"), STR("*"), &a, &list, NULL) == FACT_FOUND);
    CHECK_U64(list.count, 1);
    CHECK_U64(list.refused, device ? 3 : 2);
    arena_done(&a);
    volume_close(v);
    fixture_end();
}

TEST(case_twins_are_ambiguous)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("Windows/System32/twin.dll", "one");
    fixture_put("Windows/System32/TWIN.dll", "two");
    fixture_put("dir/x", "one");
    fixture_put("DIR/x", "two");
    fixture_put("\xC3\xA9t\xC3\xA9", "one");
    fixture_put("\xC3\x89T\xC3\x89", "two");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STATE(v, "C:\\Windows\\System32\\twin.dll", FACT_UNREADABLE, "ambiguous: ");
    CHECK_STATE(v, "C:\\Windows\\System32\\TWIN.dll", FACT_UNREADABLE, "ambiguous: ");
    CHECK_STATE(v, "C:\\dir\\x", FACT_UNREADABLE, "ambiguous: ");
    CHECK_STATE(v, "C:\\\xC3\xA9T\xC3\xA9", FACT_UNREADABLE, "ambiguous: ");
    volume_close(v);
    fixture_end();
}

TEST(a_windows_folder_with_a_twin_is_refused)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("WINDOWS/System32/x", "twin");
    check_refused(fixture_root, ERR_DENIED, "ambiguous");
    fixture_end();
}

TEST(odd_names_do_no_harm)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("bell\007\nname.txt", "control");
    fixture_put("bad\xFF\xFE.txt", "not UTF-8");
    fixture_put("back\\slash.txt", "one name on this system, two on Windows");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_FOUND(v, "C:\\BELL\007\nname.txt", "control");
    CHECK_FOUND(v, "C:\\bad\xFF\xFE.TXT", "not UTF-8");
    CHECK_STATE(v, "C:\\back\\slash.txt", FACT_ABSENT, "");
    struct arena a;
    arena_init(&a, 1 << 20);
    struct volume_list list;
    CHECK(volume_list(v, STR("C:\\"), STR("*.TXT"), &a, &list, NULL) == FACT_FOUND);
    CHECK_U64(list.count, 2);
    CHECK_U64(list.refused, 1);
    arena_done(&a);
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
        int fd = open(fixture_path(path), O_CREAT | O_WRONLY, 0644);
        if (fd >= 0)
            close(fd);
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
    fixture_link("/etc", "out");
    fixture_link("Windows", "in");
    struct volume *v = open_root(COMPLETE_DETECT);
    struct arena a;
    arena_init(&a, 1 << 20);
    struct volume_list list;
    struct err e = {0};
    CHECK(volume_list(v, STR("C:\\"), STR("*"), &a, &list, &e) == FACT_FOUND);
    CHECK_U64(list.count, 2);
    CHECK_U64(list.refused, 1);
    CHECK(list.entries[0].directory && list.entries[1].directory);
    CHECK(volume_list(v, STR("C:\\nope"), STR("*"), &a, &list, &e) == FACT_ABSENT);
    CHECK(volume_list(v, STR("C:\\out"), STR("*"), &a, &list, &e) == FACT_UNREADABLE);
    CHECK(strncmp(e.text, "link:", 5) == 0);
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
    unlink(fixture_path("dir/x"));
    CHECK_STATE(v, "C:\\dir\\x", FACT_UNREADABLE, "cannot open");
    fixture_link("/etc/passwd", "dir/x");
    CHECK_STATE(v, "C:\\dir\\x", FACT_UNREADABLE, "link: became a link");
    volume_close(v);
    fixture_end();
}

TEST_MAIN()
