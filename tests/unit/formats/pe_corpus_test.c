/* Real executables; the expected versions are those of the bytes that follow the only
 * VS_FIXEDFILEINFO signature in each file's .rsrc section, the checksums those of osslsigncode. */
#include "check.h"
#include "formats/pe.h"
#include "host/file.h"

static const struct {
    const char *name, *machine, *file, *company, *original;
    uint32_t checksum;
} files[] = {
    {"DXCore.dll", "x64", "10.0.26100.4768", "Microsoft Corporation", "DXCore.DLL", 0x55DEC},
    {"SoftwareUpdate.exe", "x86", "2.1.1.116", "Apple Inc.", "SoftwareUpdate.exe", 0x94B53},
    {"WindowsFormsApplication1.exe", "x86", "1.0.0.0", "", "WindowsFormsApplication1.exe", 0xA87F},
    {"atapi.sys", "x64", "6.1.7600.16385", "Microsoft Corporation", "atapi.sys", 0x65BB},
    {"dpinst-amd64.exe", "x64", "2.1.0.0", "Microsoft Corporation", "DPInst.exe", 0x10F1D6},
    {"kdbazis.dll", "x64", "2021.0.0.0", "VirtualKD-Redux", "kdvm.dll", 0x101FE},
    {"libusb0-amd64.sys", "x64", "1.2.6.0", "http://libusb-win32.sourceforge.net", "libusb0.sys",
     0x11368},
    {"sigcheck.exe", "x86", "2.60.0.0", "Sysinternals - www.sysinternals.com", "sigcheck.exe",
     0x5EE46},
    {"spotify_sample.exe", "x86", "0.9.11.27", "Spotify Ltd", "SpotifyInstaller.exe", 0x25F2C},
    {"listComPorts.exe", "x86", NULL, NULL, NULL, 0xBAFC},
    {"pegoat32.exe", "x86", NULL, NULL, NULL, 0},
    {"pegoat64-authenticode.exe", "x64", NULL, NULL, NULL, 0xC214},
};

static void check_file(const char *corpus, size_t i)
{
    char path[4096], text[VERSION_TEXT], buf[8];
    struct file_map map;
    struct pe pe;
    struct arena a;
    struct pe_version v;
    struct err e = {0};
    snprintf(path, sizeof path, "%s/pe/%s", corpus, files[i].name);
    arena_init(&a, 1 << 20);
    bool mapped = file_map_path(path, &map, &e);
    bool ok = mapped && pe_open(map.bytes, &pe, &e) && pe_version(&pe, &a, &v, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, e.text);
    CHECK(ok);
    if (ok) {
        CHECK_STR(str_of(pe_machine_name(pe.machine, buf)), files[i].machine);
        CHECK_U64(pe.checksum, files[i].checksum);
        CHECK(v.has_version == (files[i].file != NULL));
    }
    if (ok && v.has_version && files[i].file) {
        CHECK_STR(str_of(version_format(v.file, text)), files[i].file);
        CHECK_STR(v.company, files[i].company);
        CHECK_STR(v.original_name, files[i].original);
    }
    arena_done(&a);
    if (mapped)
        file_unmap(&map);
}

TEST(versions_of_real_files)
{
    const char *corpus = test_corpus();
    if (!corpus)
        SKIP("no corpus");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        check_file(corpus, i);
}

TEST_MAIN()
