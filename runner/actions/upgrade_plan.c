/* upgrade.flag and upgrade.stage as actions: what is due is written down, nothing is installed. */
#include "actions/kinds.h"
#include "actions/upgrade.h"
#include "base/utf16.h"
#include "base/version.h"

#define FLAGS "HKLM\\SOFTWARE\\rectify\\UpgradesDue"

static struct value text_or_null(struct str s)
{
    return s.len ? value_text(s) : value_null();
}

static struct value details_of(const struct action_request *q, struct str to)
{
    struct value map = value_map(q->a, 5);
    const struct value_member members[] = {
        {STR("product"), value_text(q->remedy->product)},
        {STR("have"), text_or_null(q->have)},
        {STR("to"), value_text(to)},
        {STR("package"), text_or_null(request_text(q, "package"))},
        {STR("sha256"), text_or_null(request_text(q, "sha256"))},
    };
    if (map.map.count)
        memcpy(map.map.members, members, sizeof members);
    return map;
}

static struct str target_version(const struct action_request *q)
{
    const struct value *to = policy_value(q->rule->policy, &q->remedy->to);
    return to->kind == VALUE_TEXT ? to->text : STR("");
}

/* Another rule's flag may ask for more. */
static bool asks_for_more(const struct action_request *q, const struct reg_image *flag,
                          struct str to)
{
    struct version there, wanted;
    return flag->present && flag->type == REGF_SZ &&
           version_parse(utf16z_to_utf8(q->a, flag->data), &there) && version_parse(to, &wanted) &&
           version_cmp(there, wanted) >= 0;
}

bool action_upgrade_flag(const struct action_request *q, struct action_list *out)
{
    struct str to = target_version(q), name = q->product.len ? q->product : q->remedy->product;
    struct reg_image after = image_sz(q->a, to);
    struct change c;
    bool same;
    if (!change_make(q, STR(FLAGS), q->remedy->product, VIEW_NATIVE, &after, &c, &same, out) ||
        same || asks_for_more(q, &c.before, to))
        return !q->a->full;
    struct str title =
        str_fmt(q->a, "record that " STR_FMT "%s" STR_FMT " is to be brought to " STR_FMT,
                STR_ARG(name), q->have.len ? " " : "", STR_ARG(q->have), STR_ARG(to));
    struct action *x = action_add(q, out, ACTION_UPGRADE_FLAG, &c, title);
    if (!x)
        return false;
    x->note = STR("installs nothing: the rule passes once the upgrade is made");
    x->details = details_of(q, to);
    return !q->a->full;
}

static bool counts_as_unstaged(const struct action_request *q, struct str package)
{
    for (size_t i = 0; i < q->unstaged_count; i++)
        if (str_eq(q->unstaged[i], package))
            return true;
    return false;
}

bool action_upgrade_stage(const struct action_request *q, struct action_list *out)
{
    struct str to = target_version(q), package = request_text(q, "package");
    struct err e = {0};
    bool staged = false;
    if (!q->stage.len || !q->source.len) {
        action_refuse(out, q->stage.len ? STR("no source of packages is named (--set "
                                              "upgrade.source=DIR or URL)")
                                        : STR("no folder to stage into is named (--set "
                                              "upgrade.stage=DIR)"));
        return true;
    }
    if (!upgrade_is_staged(q->stage, package, request_text(q, "sha256"), &staged, &e)) {
        action_refuse(out, str_dup(q->a, str_of(e.text)));
        return !q->a->full;
    }
    if (staged && !counts_as_unstaged(q, package))
        return true;
    struct str title =
        str_fmt(q->a, "stage " STR_FMT " into " STR_FMT, STR_ARG(package), STR_ARG(q->stage));
    struct action *x = action_add(q, out, ACTION_UPGRADE_STAGE, NULL, title);
    if (!x)
        return false;
    x->note = STR("fetched and verified when applied; nothing is executed");
    x->details = details_of(q, to);
    return !q->a->full;
}
