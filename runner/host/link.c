#include "host/link.h"

#include "base/utf16.h"

static bool take_prefix(struct str *s, struct str prefix)
{
    if (s->len < prefix.len || !str_ieq((struct str){s->ptr, prefix.len}, prefix))
        return false;
    *s = (struct str){s->ptr + prefix.len, s->len - prefix.len};
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_slash(char c)
{
    return c == '\\' || c == '/';
}

bool link_parse(struct str target, char drive, bool *rooted, struct str *rest, struct err *e)
{
    struct str s = target;
    if (!s.len)
        return err_set(e, ERR_DENIED, 0, "link: empty target");
    if (s.ptr[0] == '/')
        return err_set(e, ERR_DENIED, 0, "link: absolute target " STR_FMT, STR_ARG(target));
    bool nt = take_prefix(&s, STR("\\??\\")) || take_prefix(&s, STR("\\\\?\\"));
    if (s.len >= 2 && is_letter(s.ptr[0]) && s.ptr[1] == ':' &&
        (s.len == 2 || is_slash(s.ptr[2]))) {
        if ((s.ptr[0] & ~0x20) != drive)
            return err_set(e, ERR_DENIED, 0, "link: leads to drive %c:", s.ptr[0] & ~0x20);
        *rooted = true;
        *rest = (struct str){s.ptr + 2, s.len - 2};
        return true;
    }
    if (nt || take_prefix(&s, STR("\\\\")) || memchr(s.ptr, ':', s.len))
        return err_set(e, ERR_DENIED, 0, "link: leads out of the volume to " STR_FMT,
                       STR_ARG(target));
    *rooted = s.ptr[0] == '\\';
    *rest = s;
    return true;
}
