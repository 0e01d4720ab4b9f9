/* Three-valued logic, as tables, and wants made by hand. */
#include "engine_case.h"

#include "engine/evaluate.h"

#define P VERDICT_PASS
#define F VERDICT_FAIL
#define U VERDICT_UNKNOWN
#define C VERDICT_CONFLICT
#define E VERDICT_ERROR
#define N VERDICT_NOT_APPLICABLE

static const enum verdict order[6] = {P, F, U, C, E, N};

static const enum verdict all_table[6][6] = {
    /*        P  F  U  C  E  N */
    /* P */ {P, F, U, C, E, P},
    /* F */ {F, F, F, F, F, F},
    /* U */ {U, F, U, C, E, U},
    /* C */ {C, F, C, C, E, C},
    /* E */ {E, F, E, E, E, E},
    /* N */ {P, F, U, C, E, N},
};

static const enum verdict any_table[6][6] = {
    /*        P  F  U  C  E  N */
    /* P */ {P, P, P, P, P, P},
    /* F */ {P, F, U, C, E, F},
    /* U */ {P, U, U, C, E, U},
    /* C */ {P, C, C, C, E, C},
    /* E */ {P, E, E, E, E, E},
    /* N */ {P, F, U, C, E, N},
};

TEST(tables)
{
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < 6; k++) {
            enum verdict two[2] = {order[i], order[k]};
            CHECK_U64(verdicts_all(two, 2), all_table[i][k]);
            CHECK_U64(verdicts_any(two, 2), any_table[i][k]);
        }
    CHECK_U64(verdicts_all(NULL, 0), N);
    CHECK_U64(verdicts_any(NULL, 0), N);
}

/* ---- wants: leaves are values under one key ----------------------------------------------------
 */

static const char key_path[] = "HKLM\\SOFTWARE\\Test";

struct hand {
    struct engine_case base;
    struct policy policy;
    struct rule rule;
    struct product_fact products[1];
    struct evaluation v;
};

static void hand_open(struct hand *h)
{
    case_open(&h->base);
    h->policy = (struct policy){.id = STR("test")};
    h->rule = (struct rule){.policy = &h->policy, .id = STR("r"), .qualified = STR("test.r")};
    h->v = (struct evaluation){.catalogue = &h->base.catalogue,
                               .host = h->base.host,
                               .rule = &h->rule,
                               .mem = &h->base.mem,
                               .products = h->products};
    memory_set_dword(h->base.host, key_path, "one", 1);
    memory_set_dword(h->base.host, key_path, "two", 2);
    memory_set_state(h->base.host, "HKLM\\SOFTWARE\\Closed", FACT_UNREADABLE, "closed");
}

static struct want *leaf(struct hand *h, const char *key, const char *name, int64_t equals)
{
    struct arena *a = &h->base.mem;
    struct want *w = ARENA_NEW(a, struct want);
    w->kind = WANT_REGISTRY_VALUE;
    w->args = value_map(a, 2);
    w->args.map.members[0] = (struct value_member){STR("key"), value_text(str_of(key))};
    w->args.map.members[1] = (struct value_member){STR("name"), value_text(str_of(name))};
    w->predicate = (struct predicate){.kind = PRED_EQUALS, .a = value_int(equals)};
    return w;
}

static struct want *group(struct hand *h, enum want_kind kind, struct want *x, struct want *y)
{
    struct want *w = ARENA_NEW(&h->base.mem, struct want);
    w->kind = kind;
    w->children = ARENA_ARRAY(&h->base.mem, 2, struct want *);
    w->children[0] = x;
    w->children[1] = y;
    w->child_count = y ? 2 : x ? 1 : 0;
    return w;
}

static struct result evaluated(struct hand *h, const struct want *w)
{
    struct result r = result_new(&h->v);
    want_evaluate(&h->v, w, 0, &r);
    return r;
}

TEST(groups_of_wants)
{
    struct hand h;
    hand_open(&h);
    struct want *pass = leaf(&h, key_path, "one", 1), *fail = leaf(&h, key_path, "two", 1);
    struct want *closed = leaf(&h, "HKLM\\SOFTWARE\\Closed", "x", 1);
    CHECK_U64(evaluated(&h, group(&h, WANT_ALL, pass, pass)).verdict, P);
    CHECK_U64(evaluated(&h, group(&h, WANT_ALL, closed, fail)).verdict, F);
    CHECK_U64(evaluated(&h, group(&h, WANT_ALL, closed, pass)).verdict, U);
    CHECK_U64(evaluated(&h, group(&h, WANT_ANY, closed, pass)).verdict, P);
    CHECK_U64(evaluated(&h, group(&h, WANT_ANY, closed, fail)).verdict, U);
    CHECK_U64(evaluated(&h, group(&h, WANT_ALL, NULL, NULL)).verdict, N);
    CHECK_U64(evaluated(&h, group(&h, WANT_ANY, NULL, NULL)).verdict, N);
    struct result r = evaluated(&h, group(&h, WANT_ALL, fail, pass));
    CHECK_STR(r.message, "HKLM\\SOFTWARE\\Test two is 2, want 1");
    CHECK_STR(r.observed.text, "2; 1");
    CHECK_U64(r.observed.value.list.count, 2);
    CHECK_U64(r.evidence.count, 2);
    case_close(&h.base);
}

TEST(conditions)
{
    struct hand h;
    hand_open(&h);
    struct want *pass = leaf(&h, key_path, "one", 1), *fail = leaf(&h, key_path, "two", 1);
    struct want *closed = leaf(&h, "HKLM\\SOFTWARE\\Closed", "x", 1);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, pass, pass)).verdict, P);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, pass, fail)).verdict, F);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, pass, closed)).verdict, U);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, fail, fail)).verdict, N);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, closed, pass)).verdict, U);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, closed, fail)).verdict, U);
    case_close(&h.base);
}

/* "At least 5" of a text is false, and so is its contrary: no combinator makes a pass of it, nor
 * "does not concern this host". */
TEST(no_comparing)
{
    struct hand h;
    hand_open(&h);
    memory_set_sz(h.base.host, key_path, "text", "many");
    struct want *text = leaf(&h, key_path, "text", 5), *pass = leaf(&h, key_path, "one", 1);
    struct want *fail = leaf(&h, key_path, "two", 1);
    text->predicate.kind = PRED_AT_LEAST;
    CHECK_U64(evaluated(&h, text).verdict, F);
    CHECK_U64(evaluated(&h, group(&h, WANT_NONE, text, NULL)).verdict, U);
    CHECK_U64(evaluated(&h, group(&h, WANT_NONE, text, fail)).verdict, U);
    CHECK_U64(evaluated(&h, group(&h, WANT_NONE, text, pass)).verdict, F);
    struct want *both = group(&h, WANT_ALL, text, fail), *either = group(&h, WANT_ANY, text, fail);
    CHECK_U64(evaluated(&h, group(&h, WANT_NONE, both, NULL)).verdict, P);
    CHECK_U64(evaluated(&h, group(&h, WANT_NONE, either, NULL)).verdict, U);
    CHECK_U64(evaluated(&h, either).verdict, F);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, text, pass)).verdict, U);
    CHECK_U64(evaluated(&h, group(&h, WANT_WHEN, either, fail)).verdict, U);
    case_close(&h.base);
}

TEST(depth_is_bounded)
{
    struct hand h;
    hand_open(&h);
    struct want *w = leaf(&h, key_path, "one", 1);
    for (int i = 0; i < WANT_DEPTH; i++)
        w = group(&h, WANT_ALL, w, NULL);
    CHECK_U64(evaluated(&h, w).verdict, P);
    CHECK_U64(evaluated(&h, group(&h, WANT_ALL, w, NULL)).verdict, E);
    case_close(&h.base);
}

TEST(many_parts_give_a_bounded_message)
{
    enum { PARTS = 600 };
    struct hand h;
    hand_open(&h);
    struct want w = {.kind = WANT_ALL, .child_count = PARTS};
    w.children = ARENA_ARRAY(&h.base.mem, PARTS, struct want *);
    for (int i = 0; i < PARTS; i++)
        w.children[i] = leaf(&h, key_path, i % 2 ? "one" : "two", 100 + i);
    struct result r = evaluated(&h, &w);
    CHECK_U64(r.verdict, F);
    CHECK(r.message.len < 2000 && r.observed.text.len < 2000);
    CHECK(has_text(r.message, "and 592 more"));
    CHECK(!h.base.mem.full);
    case_close(&h.base);
}

TEST_MAIN()
