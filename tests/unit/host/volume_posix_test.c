/* What only a POSIX file system holds: links, odd names, twins, devices, and what is denied. */
#include "host/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "volume_case.h"

static void fixture_link(const char *target, const char *path)
{
    if (symlink(target, fixture_path(path)) != 0) {
        perror(path);
        exit(1);
    }
}

TEST(layouts_with_colons_are_found)
{
    check_layout("C:/", "C:", 'C');
    check_layout("fs/C:/", "fs/C:", 'C');
}

TEST(names_are_escaped_in_errors)
{
    fixture_begin();
    fixture_put("music/song.mp3", "x");
    fixture_put("evil\033[2Jname", "x");
    check_refused(fixture_root, ERR_NOT_FOUND, "seen: evil\\u{1b}[2Jname, music");
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

TEST(a_pipe_is_no_archive)
{
    struct volume *v = NULL;
    struct err e = {0};
    fixture_begin();
    CHECK(mkfifo(fixture_path("fifo.zip"), 0600) == 0);
    CHECK(!volume_open_archive(fixture_path("fifo.zip"), COMPLETE_DETECT, NULL, &v, &e));
    CHECK(e.kind == ERR_DENIED && strstr(e.text, "not a regular file"));
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

TEST(listing_leaves_out_links_that_lead_away)
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
    CHECK(volume_list(v, STR("C:\\out"), STR("*"), &a, &list, &e) == FACT_UNREADABLE);
    CHECK(strncmp(e.text, "link:", 5) == 0);
    arena_done(&a);
    volume_close(v);
    fixture_end();
}

TEST(a_file_that_becomes_a_link_is_not_absent)
{
    fixture_begin();
    fixture_windows("", true);
    fixture_put("dir/x", "x");
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_FOUND(v, "C:\\dir\\x", "x");
    CHECK(remove(fixture_path("dir/x")) == 0);
    fixture_link("/etc/passwd", "dir/x");
    CHECK_STATE(v, "C:\\dir\\x", FACT_UNREADABLE, "link: became a link");
    volume_close(v);
    fixture_end();
}

TEST_MAIN()
