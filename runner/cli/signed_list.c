#include "cli/signed_list.h"

#include "base/utf16.h"
#include "host/cabinet.h"

bool signed_list_open(const struct artefact *a, bool cabinets, struct signed_list *out,
                      struct err *e)
{
    struct span der = a->bytes;
    *out = (struct signed_list){0};
    out->in_cabinet = cabinets && cabinet_is(der);
    if (out->in_cabinet && !cabinet_member(der, "*.stl", a->mem, &der, e))
        return false;
    if (!cms_open(der, &out->message, e) ||
        !ctl_parse(cms_content_element(out->message), a->mem, &out->ctl, e))
        return false;
    signed_read(&out->signatures, der, NULL, STR("0"), a->mem);
    if (a->mem->full)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    return true;
}

void signed_list_close(struct signed_list *l)
{
    cms_close(l->message);
    l->message = NULL;
}

/* "DisallowedCert_AutoUpdate_1" is UTF-16 with its NUL; catalogs have sixteen random bytes. */
struct str signed_list_id(const struct signed_list *l, struct arena *a)
{
    struct span id = l->ctl.list_id;
    bool text = id.len >= 4 && id.len % 2 == 0 && load_u16(id.ptr + id.len - 2) == 0;
    for (size_t i = 0; i + 2 < id.len && text; i += 2)
        text = id.ptr[i] >= 0x20 && id.ptr[i] < 0x7F && id.ptr[i + 1] == 0;
    return text ? utf16z_to_utf8(a, id) : artefact_hex(id, a);
}

void signed_list_json(const struct artefact *a, const struct signed_list *l)
{
    struct json *j = a->json;
    json_member(j, "usage", l->ctl.usage);
    json_member(j, "list_id", signed_list_id(l, a->mem));
    json_member(j, "sequence", artefact_hex(l->ctl.sequence, a->mem));
    json_key(j, "this_update");
    json_time(j, l->ctl.this_update);
    json_key(j, "next_update");
    json_time(j, l->ctl.next_update);
    json_member(j, "subject_algorithm", l->ctl.subject_algorithm);
    json_key(j, "entry_count");
    json_u64(j, l->ctl.entry_count);
    signed_json(a, &l->signatures);
}

void signed_list_terminal(const struct artefact *a, const struct signed_list *l)
{
    const struct layout *out = a->layout;
    artefact_heading(a);
    if (l->in_cabinet)
        lay_field(out, "cabinet", STR("the list was taken out of it"));
    lay_field(out, "usage", l->ctl.usage);
    lay_field(out, "list", signed_list_id(l, a->mem));
    lay_field(out, "sequence", artefact_hex(l->ctl.sequence, a->mem));
    lay_field(out, "updated", artefact_time(l->ctl.this_update, a->mem));
    lay_field(out, "next", artefact_time(l->ctl.next_update, a->mem));
    lay_field(out, "entries", str_fmt(a->mem, "%zu", l->ctl.entry_count));
    if (l->signatures.count == 0)
        lay_field(out, "signed", STR("no signature"));
    signed_terminal(a, &l->signatures);
}
