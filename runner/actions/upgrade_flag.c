/* Telling a receiver that a patch is due. */
#include "actions/upgrade.h"
#include "base/digest.h"
#include "base/json.h"
#include "net/fetch.h"

enum { DOCUMENT_MAX = 1 << 20 };

static struct str detail(const struct action *a, const char *name)
{
    const struct value *v = value_get(&a->details, name);
    return v && v->kind == VALUE_TEXT ? v->text : (struct str){NULL, 0};
}

static bool key_of(const struct plan *p, const struct action *a, char key[SHA256_HEX],
                   struct err *e)
{
    struct sb b;
    struct str product = detail(a, "product"), to = detail(a, "to");
    sb_init(&b, DOCUMENT_MAX);
    sb_printf(&b, "%s\n%s\n", p->digest, action_kind_name(a->kind));
    sb_str(&b, product);
    sb_putc(&b, '\n');
    sb_str(&b, to);
    bool ok = b.bad ? err_set(e, ERR_NOMEM, 0, "out of memory")
                    : sha256_hex(span_of(b.ptr, b.len), key, e);
    sb_done(&b);
    return ok;
}

static void text_or_null(struct json *j, const char *name, struct str s)
{
    json_key(j, name);
    if (s.ptr)
        json_str(j, s);
    else
        json_nil(j);
}

static void target(struct json *j, const struct plan *p)
{
    const struct target_info *t = &p->now.target;
    json_key(j, "target");
    json_open_object(j);
    text_or_null(j, "computer_name", t->computer_name);
    json_key(j, "id");
    json_cstr(j, p->target_id);
    text_or_null(j, "os", t->os_product);
    text_or_null(j, "build", t->os_build);
    json_close_object(j);
}

bool upgrade_document(const struct plan *p, const struct action *action, struct sb *json,
                      char key[65], struct err *e)
{
    struct json j;
    if (!key_of(p, action, key, e))
        return false;
    json_init(&j, json, 0);
    json_open_object(&j);
    json_key(&j, "schema");
    json_cstr(&j, "rectify.upgrade/1");
    json_key(&j, "plan");
    json_cstr(&j, p->digest);
    target(&j, p);
    text_or_null(&j, "product", detail(action, "product"));
    text_or_null(&j, "have", detail(action, "have"));
    text_or_null(&j, "to", detail(action, "to"));
    json_key(&j, "rules");
    json_open_array(&j);
    for (size_t i = 0; i < action->rule_count; i++)
        json_str(&j, action->rules[i]->qualified);
    json_close_array(&j);
    json_key(&j, "reference_time");
    json_time(&j, p->now.reference_time);
    json_close_object(&j);
    return !json->bad || err_set(e, ERR_NOMEM, 0, "out of memory");
}

bool upgrade_post(struct str url, const struct plan *p, const struct action *action, struct err *e)
{
    struct sb json;
    struct fetch *fetch = NULL;
    char key[SHA256_HEX];
    sb_init(&json, DOCUMENT_MAX);
    bool ok = upgrade_document(p, action, &json, key, e) && fetch_open(NULL, &fetch, e) &&
              fetch_post_json(fetch, url, span_of(json.ptr, json.len), str_of(key), e);
    fetch_close(fetch);
    sb_done(&json);
    return ok;
}
