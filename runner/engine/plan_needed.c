/* Roots that the wants of a rule need and this host does not have, by thumbprint. */
#include "engine/plan_part.h"
#include "trust/words.h"

static bool add(struct needed_roots *out, const char *sha1)
{
    for (size_t i = 0; i < out->count; i++)
        if (str_eq(out->items[i], str_of(sha1)))
            return true;
    if (out->count == NEEDED_ROOTS)
        return true;
    out->items[out->count] = str_dup(out->a, str_of(sha1));
    return out->items[out->count++].ptr != NULL;
}

static bool add_thumbprints(const struct evaluation *v, const struct want *w, const char *name,
                            struct needed_roots *out)
{
    struct texts list = want_texts(v, w, name);
    char sha1[THUMBPRINT];
    struct str called;
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].kind == VALUE_TEXT &&
            rule_thumbprint(list.items[i].text, sha1, &called) && !add(out, sha1))
            return false;
    return true;
}

/* Where a chain ends without its root only a list can tell which one that is. */
static bool add_root_of(const struct judged_file *f, struct needed_roots *out, size_t *told)
{
    const struct trust_verdict *t = &f->verdict;
    const struct trust_certificate *top = trust_top(t);
    *told += top != NULL;
    if (!top || (t->word != TRUST_UNTRUSTED_ROOT && t->word != TRUST_ROOT_OBTAINABLE))
        return true;
    out->incomplete++;
    if (t->decided->obtainable[0])
        return add(out, t->decided->obtainable);
    return !str_eq(trust_root_name(t), top->common_name) || add(out, top->sha1);
}

static bool add_files(const struct evaluation *v, const struct want *w, const char *name,
                      struct needed_roots *out, size_t *told)
{
    struct evidence_list evidence = {.mem = v->mem};
    struct named_files names = {.state = FACT_FOUND, .evidence = &evidence};
    struct str view = want_text(v, w, "view");
    want_paths(v, want_texts(v, w, name), view.len ? view : STR("native"), &names);
    for (size_t i = 0; i < names.count; i++) {
        struct judged_file f = {0};
        judge_file(v, &names.items[i], &f);
        if (f.state == FACT_FOUND && !add_root_of(&f, out, told))
            return false;
    }
    return true;
}

bool needed_of(const struct evaluation *v, const struct want *w, struct needed_roots *out)
{
    size_t told = 0;
    for (size_t i = 0; i < w->child_count; i++)
        if (!needed_of(v, w->children[i], out))
            return false;
    out->lists = out->lists || w->kind == WANT_CERTIFICATE_PRESENT || w->kind == WANT_CTL_FRESH ||
                 w->kind == WANT_CTL_PRESENT;
    if (w->kind == WANT_FILE_SIGNED)
        return add_files(v, w, "path", out, &told) && add_files(v, w, "paths", out, &told);
    if (w->kind != WANT_CERTIFICATE_PRESENT)
        return true;
    return add_thumbprints(v, w, "sha1", out) && add_files(v, w, "needed_by", out, &told) &&
           (told || add_thumbprints(v, w, "otherwise", out));
}
