/* Edits of real hives, read by independent programs: hivex (hivexml, hivexget) and libregf
 * (regfexport) see what was written, and after the reverse edits what was there before. */
#include "corpus_file.h"
#include "formats/regf_edit.h"
#include "hive_writer.h"
#include "system.h"
#include "truth_tsv.h"

#define NOW UINT64_C(132000000000000000)
#define JAPANESE "\xe6\x97\xa5\xe6\x9c\xac"
#define KEY "rectify test\\" JAPANESE

static uint8_t big[50000];
enum { MANY = 520 };
static char folder[64];

static void write_hive(const char *name, struct span bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len);
    if (f)
        CHECK(fclose(f) == 0);
}

/* Output of a program about a file of ours; NULL when it failed. */
static char *output_of(const char *program, const char *file, const char *key, const char *name)
{
    char in[256];
    struct sb out;
    snprintf(in, sizeof in, "%s/%s", folder, file);
    const char *const argv[] = {program, in, key, name, NULL};
    sb_init(&out, 256 << 20);
    bool ok = program_output(argv, &out);
    char *text = ok ? malloc(out.len + 1) : NULL;
    if (text) {
        if (out.len)
            memcpy(text, out.ptr, out.len);
        text[out.len] = '\0';
    }
    sb_done(&out);
    return text;
}

/* Without the places of cells and the times of keys, which an edit changes. */
static void strip(char *text)
{
    static const char *const tags[][2] = {{"<mtime>", "</mtime>"}, {"<byte_run ", "/>"}};
    char *to = text;
    for (const char *p = text; *p;) {
        const char *end = NULL;
        for (int i = 0; i < 2 && !end; i++)
            if (strncmp(p, tags[i][0], strlen(tags[i][0])) == 0) {
                end = strstr(p, tags[i][1]);
                end = end ? end + strlen(tags[i][1]) : NULL;
            }
        if (end)
            p = end;
        else
            *to++ = *p++;
    }
    *to = '\0';
}

static bool edit(struct regf_edit *ed, struct err *e)
{
    bool ok = regf_edit_set(ed, STR(KEY), STR("number"), 4, span_of("\7\0\0\0", 4), e) &&
              regf_edit_set(ed, STR(KEY), STR(JAPANESE), 1, span_of("a\0b\0\0\0", 6), e) &&
              regf_edit_set(ed, STR("rectify test"), STR("big"), 3, span_of(big, sizeof big), e) &&
              regf_edit_set(ed, STR("rectify test"), STR(""), 3, span_of("", 0), e);
    for (int i = 0; ok && i < MANY; i++) {
        char key[64];
        snprintf(key, sizeof key, "rectify test\\many\\k%d", i * 7919 % MANY);
        ok = regf_edit_set(ed, str_of(key), STR("n"), 4, span_of(&i, 4), e);
    }
    return ok;
}

static bool reverse(struct regf_edit *ed, struct err *e)
{
    bool ok = true;
    for (int i = 0; ok && i < MANY; i++) {
        char key[64];
        snprintf(key, sizeof key, "rectify test\\many\\k%d", i);
        ok = regf_edit_delete(ed, str_of(key), STR("n"), e) &&
             regf_edit_drop_key(ed, str_of(key), e);
    }
    return ok && regf_edit_drop_key(ed, STR("rectify test\\many"), e) &&
           regf_edit_delete(ed, STR(KEY), STR("number"), e) &&
           regf_edit_delete(ed, STR(KEY), STR(JAPANESE), e) &&
           regf_edit_drop_key(ed, STR(KEY), e) &&
           regf_edit_delete(ed, STR("rectify test"), STR("big"), e) &&
           regf_edit_delete(ed, STR("rectify test"), STR(""), e) &&
           regf_edit_drop_key(ed, STR("rectify test"), e);
}

/* A program's answer about two hives is the same. */
static void same_output(const char *program, const char *one, const char *two, bool xml)
{
    if (!program_there(program))
        return;
    char *x = output_of(program, one, NULL, NULL), *y = output_of(program, two, NULL, NULL);
    /* Some hives of the corpus are beyond some of the programs. */
    CHECK((x != NULL) == (y != NULL));
    if (x && y) {
        if (xml) {
            strip(x);
            strip(y);
        }
        CHECK(strcmp(x, y) == 0);
    }
    free(x);
    free(y);
}

static void seen_by_others(const char *file)
{
    const char *get = "/usr/bin/hivexget", *export = "/usr/bin/regfexport";
    if (program_there(get)) {
        char *number = output_of(get, file, KEY, "number");
        char *last = output_of(get, file, "rectify test\\many\\k519", "n");
        CHECK(number && strcmp(number, "7\n") == 0);
        CHECK(last);
        free(number);
        free(last);
    }
    char *all = program_there(export) ? output_of(export, file, NULL, NULL) : NULL;
    if (all) {
        size_t keys = 0;
        for (const char *p = all; (p = strstr(p, "\\many\\k")); p++)
            keys++;
        CHECK_U64(keys, MANY);
        CHECK(strstr(all, "Data size: 50000"));
    }
    free(all);
}

/* False: the hive was refused, for the reason in `e`. */
static bool there_and_back(struct span hive, struct err *e)
{
    struct regf_edit ed, back;
    struct span out, undone;
    bool ok = regf_edit_begin(&ed, hive, NOW, e) && edit(&ed, e) && regf_edit_finish(&ed, &out, e);
    if (ok) {
        write_hive("before", hive);
        write_hive("after", out);
        seen_by_others("after");
        bool taken = regf_edit_begin(&back, out, NOW, e) && reverse(&back, e) &&
                     regf_edit_finish(&back, &undone, e);
        CHECK(taken);
        if (taken) {
            write_hive("undone", undone);
            same_output("/usr/bin/hivexml", "before", "undone", true);
            /* Its dump of the largest takes long; hivex has seen those whole. */
            if (hive.len < (4 << 20))
                same_output("/usr/bin/regfexport", "before", "undone", false);
        }
        regf_edit_done(&back);
    }
    regf_edit_done(&ed);
    return ok;
}

static void start(void)
{
    snprintf(folder, sizeof folder, "%s", "/tmp/rectify-edit-XXXXXX");
    CHECK(temp_folder(folder));
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 31);
}

static void stop(void)
{
    CHECK(remove_all(folder));
}

/* Clean hives of versions 1.3 to 1.5 are edited; these few are not, each for its reason. */
static const struct {
    const char *path, *why;
} refusals[] = {
    {"hive/yarp/TruncatedHive", "not whole"},
    {"hive/damaged/corrupt_sub_key_list.hiv", "not allocated"},
    {"hive/odd/SAMBadHBinHeader", "no hive bin where one must follow"},
};

static const char *refusal(const char *path)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (strcmp(refusals[i].path, path) == 0)
            return refusals[i].why;
    return NULL;
}

static void corpus_hive(const char *path, size_t *edited)
{
    char full[4096];
    size_t size = 0;
    struct regf r;
    struct err e = {0};
    snprintf(full, sizeof full, "%s/%s", test_corpus(), path);
    char *file = read_whole(full, &size);
    CHECK(file);
    if (file && regf_open(span_of(file, size), &r, &e) && !r.info.dirty && r.info.minor >= 3 &&
        r.info.minor <= 5) {
        const char *why = refusal(path);
        bool ok = there_and_back(span_of(file, size), &e);
        CHECK(ok == !why);
        CHECK(ok || (why && strstr(e.text, why)));
        if (ok == (why != NULL))
            fprintf(stderr, "%s: %s\n", path, e.text);
        *edited += ok;
    }
    free(file);
}

TEST(corpus_hives_there_and_back)
{
    if (!test_corpus())
        SKIP("no corpus");
    char truth[4096], *text, *line, *next;
    size_t size = 0, edited = 0;
    snprintf(truth, sizeof truth, "%s/truth-hive-files.tsv", test_corpus());
    text = read_whole(truth, &size);
    CHECK(text);
    start();
    for (line = text; line && *line; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        line[strcspn(line, "\t\n")] = '\0';
        if (strncmp(line, "hive/", 5) == 0)
            corpus_hive(line, &edited);
    }
    CHECK(edited >= 30);
    stop();
    free(text);
}

TEST(generated_hives_there_and_back)
{
    if (!program_there("/usr/bin/hivexml") && !program_there("/usr/bin/regfexport"))
        SKIP("neither hivex nor libregf");
    static const struct {
        uint32_t minor;
        enum hive_list list;
    } kinds[] = {{3, HIVE_LF}, {3, HIVE_LI}, {5, HIVE_LH}};
    start();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct hive h;
        struct sb image;
        struct err e = {0};
        hive_init(&h, "TEST", kinds[i].minor, NOW - 1);
        h.list = kinds[i].list;
        hive_sz(&h, hive_key(&h, NULL, "A\\" JAPANESE), "v", "text");
        hive_sz(&h, hive_key(&h, NULL, "Z"), "v", "text");
        sb_init(&image, 1 << 24);
        hive_image(&h, &image);
        CHECK(there_and_back(span_of(image.ptr, image.len), &e));
        if (e.kind)
            fprintf(stderr, "1.%u: %s\n", kinds[i].minor, e.text);
        sb_done(&image);
        hive_done(&h);
    }
    stop();
}

TEST_MAIN()
