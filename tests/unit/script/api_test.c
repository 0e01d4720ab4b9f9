/* The catalogue of the API and the stubs say what the field tables say: the same fields, which of
 * them are required, and the same choices. */
#include "script/api.h"

#include "check.h"

static bool in_type(struct str type, const char *name, const char *mark)
{
    char word[96];
    int n = snprintf(word, sizeof word, "%s%s: ", name, mark);
    for (size_t i = 0; n > 0 && i + (size_t)n <= type.len; i++)
        if (memcmp(type.ptr + i, word, (size_t)n) == 0 && i &&
            (type.ptr[i - 1] == '{' || type.ptr[i - 1] == ' '))
            return true;
    return false;
}

/* "{a: x, b?: y}" at the outer level: how many members it names; [integer] is for list elements. */
static size_t members_of(struct str type)
{
    size_t count = 0;
    int depth = 0;
    for (size_t i = 0; i < type.len; i++) {
        char c = type.ptr[i];
        if (strchr("{[(<", c))
            depth++;
        else if (strchr("}])>", c))
            depth--;
        if (depth == 1 && c == ':' && i && type.ptr[i - 1] != ']' && type.ptr[i - 1] != ')')
            count++;
    }
    return count;
}

/* The parameter that takes the table: the last one whose type is braces. */
static const struct api_parameter *table_of(const struct api_entry *e)
{
    for (size_t i = e->parameter_count; i-- > 0;)
        if (e->parameters[i].type.len && e->parameters[i].type.ptr[0] == '{')
            return &e->parameters[i];
    return NULL;
}

static void check_choices(const struct api_entry *e, const struct field *f, struct str type)
{
    char word[96];
    for (size_t i = 0; f->type == FIELD_CHOICE && f->allowed[i]; i++) {
        bool found = false;
        int n = snprintf(word, sizeof word, "\"%s\"", f->allowed[i]);
        for (size_t k = 0; k + (size_t)n <= type.len && !found; k++)
            found = memcmp(type.ptr + k, word, (size_t)n) == 0;
        if (!found) {
            fprintf(stderr, STR_FMT ": lua/api does not name %s of %s\n", STR_ARG(e->name), word,
                    f->name);
            test_failures++;
        }
    }
}

static void check_table(const struct api_entry *e, const struct schema *s)
{
    const struct api_parameter *p = table_of(e);
    if (!p) {
        fprintf(stderr, STR_FMT ": lua/api has no table of fields\n", STR_ARG(e->name));
        test_failures++;
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];
        if (!in_type(p->type, f->name, f->flags & FIELD_REQUIRED ? "" : "?")) {
            fprintf(stderr, STR_FMT ": lua/api lacks %s%s\n", STR_ARG(e->name), f->name,
                    f->flags & FIELD_REQUIRED ? "" : "?");
            test_failures++;
        }
        check_choices(e, f, p->type);
    }
    if (members_of(p->type) != s->count) {
        fprintf(stderr, STR_FMT ": lua/api names %zu fields, the table has %zu\n", STR_ARG(e->name),
                members_of(p->type), s->count);
        test_failures++;
    }
}

TEST(field_tables_and_stubs_agree)
{
    struct arena a;
    struct api api;
    struct err e = {0};
    size_t tables = 0;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(script_api(&a, &api, &e));
    for (size_t i = 0; i < api.count; i++)
        /* Of two tables for one name the second is that of `repair`, told in words. */
        if (api.entries[i].schema[0] && api.entries[i].schema[0]->count) {
            check_table(&api.entries[i], api.entries[i].schema[0]);
            tables++;
        }
    CHECK(tables > 25);
    arena_done(&a);
}

TEST(every_name_is_documented)
{
    struct arena a;
    struct api api;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(script_api(&a, &api, &e));
    CHECK(api.count > 150);
    for (size_t i = 0; i < api.count; i++) {
        const struct api_entry *n = &api.entries[i];
        bool typed = n->kind == API_FIELD ? n->type.len != 0 : true;
        if (!n->text.len || !n->file.len || !typed) {
            fprintf(stderr, STR_FMT ": lua/api does not say what it is\n", STR_ARG(n->name));
            test_failures++;
        }
    }
    arena_done(&a);
}

TEST(a_signature_is_read_whole)
{
    struct arena a;
    struct api api;
    struct err e = {0};
    const struct api_entry *value = NULL;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(script_api(&a, &api, &e));
    for (size_t i = 0; i < api.count; i++)
        if (str_eq(api.entries[i].name, STR("registry.value")))
            value = &api.entries[i];
    CHECK(value != NULL);
    if (value) {
        CHECK(value->kind == API_FUNCTION);
        CHECK(value->phases & 1);
        CHECK(value->parameter_count == 4);
        CHECK(str_eq(value->parameters[0].name, STR("key")));
        CHECK(str_eq(value->parameters[0].type, STR("string")));
        CHECK(value->parameters[0].text.len > 0);
        CHECK(value->parameters[3].optional);
        CHECK(str_eq(value->returns, STR("Want")));
    }
    arena_done(&a);
}

TEST_MAIN()
