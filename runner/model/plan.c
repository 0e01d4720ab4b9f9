#include "model/plan.h"

static const struct {
    const char *name;
    enum authority authority;
} kinds[ACTION_KINDS] = {
    [ACTION_REGISTRY_SET] = {"registry.set", AUTHORITY_REGISTRY},
    [ACTION_REGISTRY_DELETE_VALUE] = {"registry.delete_value", AUTHORITY_REGISTRY},
    [ACTION_CERTIFICATE_ADD] = {"certificate.add", AUTHORITY_CERTIFICATES},
    [ACTION_CERTIFICATE_REMOVE] = {"certificate.remove", AUTHORITY_CERTIFICATES},
    [ACTION_ROOTS_REFRESH] = {"roots.refresh", AUTHORITY_CERTIFICATES},
    [ACTION_EVENTLOG_SIZE] = {"eventlog.size", AUTHORITY_EVENTLOG},
    [ACTION_SERVICE_START] = {"service.start", AUTHORITY_SERVICES},
    [ACTION_UPGRADE_FLAG] = {"upgrade.flag", AUTHORITY_UPGRADES},
    [ACTION_UPGRADE_STAGE] = {"upgrade.stage", AUTHORITY_UPGRADES},
};

static const char *const authorities[AUTHORITIES] = {"registry", "certificates", "eventlog",
                                                     "services", "upgrades"};

const char *action_kind_name(enum action_kind k)
{
    return kinds[k].name;
}

enum authority action_authority(enum action_kind k)
{
    return kinds[k].authority;
}

const char *authority_name(enum authority a)
{
    for (unsigned i = 0; i < AUTHORITIES; i++)
        if (a == (enum authority)(1u << i))
            return authorities[i];
    return "?";
}

bool authority_parse(struct str word, unsigned *bits)
{
    for (unsigned i = 0; i < AUTHORITIES; i++)
        if (str_eq(word, str_of(authorities[i]))) {
            *bits |= 1u << i;
            return true;
        }
    for (unsigned k = 0; k < ACTION_KINDS; k++)
        if (str_eq(word, str_of(kinds[k].name))) {
            *bits |= kinds[k].authority;
            return true;
        }
    return false;
}
