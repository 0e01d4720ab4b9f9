/* Where changes are made: physical places and what is there. */
#include "check.h"

#include "base/utf16.h"
#include "host/host_memory.h"
#include "host/place.h"

struct target {
    struct host *h;
    struct arena a;
    struct str place, why;
};

static void begin(struct target *t)
{
    struct host_options options = {.now = 1};
    *t = (struct target){0};
    arena_init(&t->a, ARENA_DEFAULT_CAP);
    CHECK(host_memory(&options, &t->h, NULL));
    memory_set_sz(t->h, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentVersion",
                  "6.1");
}

static void end(struct target *t)
{
    host_close(t->h);
    arena_done(&t->a);
}

static bool place(struct target *t, const char *key, enum reg_view view)
{
    return host_place(t->h, str_of(key), view, &t->a, &t->place, &t->why);
}

TEST(names_of_roots_and_views)
{
    struct target t;
    begin(&t);
    CHECK(place(&t, "HKEY_LOCAL_MACHINE\\\\SOFTWARE\\X\\", VIEW_32));
    CHECK_STR(t.place, "HKLM\\SOFTWARE\\X");
    memory_set_sz(t.h, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
                  "PROCESSOR_ARCHITECTURE", "AMD64");
    CHECK(place(&t, "HKLM\\SOFTWARE\\X", VIEW_32));
    CHECK_STR(t.place, "HKLM\\SOFTWARE\\Wow6432Node\\X");
    CHECK(place(&t, "HKLM\\SOFTWARE\\X", VIEW_NATIVE));
    CHECK_STR(t.place, "HKLM\\SOFTWARE\\X");
    CHECK(!place(&t, "HKCU\\Software", VIEW_NATIVE) && t.why.len);
    end(&t);
}

TEST(control_sets)
{
    struct target t;
    begin(&t);
    CHECK(place(&t, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\x", VIEW_NATIVE));
    CHECK_STR(t.place, "HKLM\\SYSTEM\\ControlSet001\\Services\\x");
    memory_set_dword(t.h, "HKLM\\SYSTEM\\Select", "Default", 3);
    CHECK(!place(&t, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\x", VIEW_NATIVE));
    CHECK_STR(t.why, "control set 3, which the next boot uses, is missing");
    memory_set_dword(t.h, "HKLM\\SYSTEM\\ControlSet003\\Services\\y", "Start", 1);
    CHECK(place(&t, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\x", VIEW_NATIVE));
    CHECK_STR(t.place, "HKLM\\SYSTEM\\ControlSet003\\Services\\x");
    memory_set_dword(t.h, "HKLM\\SYSTEM\\Select", "Default", 5000);
    CHECK(!place(&t, "HKLM\\SYSTEM\\CurrentControlSet", VIEW_NATIVE));
    end(&t);
}

static void link_to(struct target *t, const char *key, const char *target)
{
    memory_set_value(t->h, key, "SymbolicLinkValue", REGF_LINK,
                     utf8_to_utf16(&t->a, str_of(target)));
}

TEST(links_are_followed)
{
    struct target t;
    begin(&t);
    link_to(&t, "HKLM\\SOFTWARE\\Link", "\\REGISTRY\\MACHINE\\SOFTWARE\\Real\\Deep");
    CHECK(place(&t, "HKLM\\SOFTWARE\\Link\\Sub", VIEW_NATIVE));
    CHECK_STR(t.place, "HKLM\\SOFTWARE\\Real\\Deep\\Sub");
    CHECK(place(&t, "HKLM\\SOFTWARE\\Link", VIEW_NATIVE));
    CHECK_STR(t.place, "HKLM\\SOFTWARE\\Real\\Deep");
    link_to(&t, "HKLM\\SOFTWARE\\Out", "\\Device\\X");
    CHECK(!place(&t, "HKLM\\SOFTWARE\\Out\\Sub", VIEW_NATIVE) && t.why.len);
    link_to(&t, "HKLM\\SOFTWARE\\A", "\\REGISTRY\\MACHINE\\SOFTWARE\\B");
    link_to(&t, "HKLM\\SOFTWARE\\B", "\\REGISTRY\\MACHINE\\SOFTWARE\\A");
    CHECK(!place(&t, "HKLM\\SOFTWARE\\A", VIEW_NATIVE));
    CHECK_STR(t.why, "registry links lead in a circle");
    end(&t);
}

TEST(images_and_missing_keys)
{
    struct target t;
    struct reg_image image;
    size_t missing;
    begin(&t);
    memory_set_dword(t.h, "HKLM\\SOFTWARE\\T", "n", 7);
    CHECK(host_image(t.h, STR("HKLM\\SOFTWARE\\T"), STR("N"), &t.a, &image, &missing, &t.why));
    CHECK(image.present && image.type == REGF_DWORD && load_u32(image.data.ptr) == 7);
    CHECK_U64(missing, 0);
    CHECK(host_image(t.h, STR("HKLM\\SOFTWARE\\T"), STR("m"), &t.a, &image, &missing, &t.why));
    CHECK(!image.present && missing == 0);
    CHECK(
        host_image(t.h, STR("HKLM\\SOFTWARE\\T\\A\\B"), STR("m"), &t.a, &image, &missing, &t.why));
    CHECK(!image.present && missing == 2);
    memory_set_state(t.h, "HKLM\\SOFTWARE\\Closed", FACT_UNREADABLE, "bad sector");
    CHECK(!host_image(t.h, STR("HKLM\\SOFTWARE\\Closed\\A"), STR("m"), &t.a, &image, &missing,
                      &t.why));
    CHECK_STR(t.why, "bad sector");
    end(&t);
}

TEST_MAIN()
