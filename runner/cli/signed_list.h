/* A signed list opened from a file: what `inspect cat` and `inspect ctl` share. */
#pragma once

#include "cli/signed_view.h"
#include "formats/ctl.h"

struct signed_list {
    struct cms *message;
    struct ctl ctl;
    struct signed_views signatures;
    bool in_cabinet;
};

/* A cabinet is unpacked where `cabinets` says so.  Close it also on failure. */
bool signed_list_open(const struct artefact *a, bool cabinets, struct signed_list *out,
                      struct err *e);
void signed_list_close(struct signed_list *l);

/* The list's own identifier as text where it is UTF-16, else hex. */
struct str signed_list_id(const struct signed_list *l, struct arena *a);

/* "this_update", ...: members and lines that both kinds have. */
void signed_list_json(const struct artefact *a, const struct signed_list *l);
void signed_list_terminal(const struct artefact *a, const struct signed_list *l);
