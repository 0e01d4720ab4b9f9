#include "base/utf16.h"
#include "host/volume.h"

enum { LONGEST = 32767 };

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_slash(char c)
{
    return c == '\\' || c == '/';
}

static struct str tail(struct str s, size_t n)
{
    return (struct str){s.ptr + n, s.len - n};
}

/* Case and kind of slash do not matter. */
static bool take(struct str *s, const char *prefix)
{
    size_t n = strlen(prefix);
    if (s->len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = s->ptr[i];
        if (prefix[i] == '\\' ? !is_slash(c)
                              : upcase16((uint16_t)(uint8_t)c) != (uint16_t)(uint8_t)prefix[i])
            return false;
    }
    *s = tail(*s, n);
    return true;
}

/* The path inside quotes, or all of it less the blanks around it. */
static struct str unquote(struct str s)
{
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = tail(s, 1);
    if (s.len && s.ptr[0] == '"') {
        s = tail(s, 1);
        const char *end = s.len ? memchr(s.ptr, '"', s.len) : NULL;
        if (end)
            s.len = (size_t)(end - s.ptr);
    }
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Takes prefixes of the object manager off; refuses what names something else than a file on a
 * local drive.  `named` is set where a drive letter must follow. */
static bool take_namespace(struct str *s, bool *named, struct err *e)
{
    struct str whole = *s;
    if (take(s, "\\\\.\\") || take(s, "\\DEVICE\\") || take(s, "\\??\\GLOBALROOT") ||
        take(s, "\\\\?\\GLOBALROOT"))
        return err_set(e, ERR_DENIED, 0, "device path " STR_FMT, STR_ARG(whole));
    if (take(s, "\\??\\UNC\\") || take(s, "\\\\?\\UNC\\"))
        return err_set(e, ERR_DENIED, 0, "remote path " STR_FMT, STR_ARG(whole));
    *named = take(s, "\\??\\") || take(s, "\\\\?\\") || take(s, "\\DOSDEVICES\\") ||
             take(s, "\\GLOBAL??\\");
    if (!*named && take(s, "\\\\"))
        return err_set(e, ERR_DENIED, 0, "remote path " STR_FMT, STR_ARG(whole));
    return true;
}

static bool take_drive(struct str *s, char drive, bool named, struct err *e)
{
    if (s->len < 2 || !is_letter(s->ptr[0]) || s->ptr[1] != ':')
        return !named || err_set(e, ERR_DENIED, 0, "device path " STR_FMT, STR_ARG(*s));
    char letter = (char)(s->ptr[0] & ~0x20);
    if (s->len > 2 && !is_slash(s->ptr[2]))
        return err_set(e, ERR_DENIED, 0, "path relative to drive %c:", letter);
    if (letter != (drive & ~0x20))
        return err_set(e, ERR_NOT_FOUND, 0, "on drive %c:", letter);
    *s = tail(*s, 2);
    return true;
}

/* CON, NUL, COM1 and their like are devices in every folder, whatever their extension. */
static bool is_device_name(struct str part)
{
    static const char *const names[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    size_t n = 0;
    while (n < part.len && part.ptr[n] != '.')
        n++;
    while (n && part.ptr[n - 1] == ' ')
        n--;
    struct str base = {part.ptr, n};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(base, str_of(names[i])))
            return true;
    return base.len == 4 && base.ptr[3] >= '0' && base.ptr[3] <= '9' &&
           (str_ieq((struct str){base.ptr, 3}, STR("COM")) ||
            str_ieq((struct str){base.ptr, 3}, STR("LPT")));
}

static bool check_component(struct str part, struct err *e)
{
    if (!part.len)
        return err_set(e, ERR_DENIED, 0, "name of dots and spaces only");
    if (memchr(part.ptr, ':', part.len))
        return err_set(e, ERR_DENIED, 0, "stream or device in " STR_FMT, STR_ARG(part));
    if (memchr(part.ptr, '\0', part.len))
        return err_set(e, ERR_DENIED, 0, "NUL in a name");
    if (is_device_name(part))
        return err_set(e, ERR_DENIED, 0, "device name " STR_FMT, STR_ARG(part));
    return true;
}

/* Appends one component to `out`, or takes the last one off for "..". */
static bool put_component(char *out, size_t *len, struct str part, struct err *e)
{
    if (!part.len || str_eq(part, STR(".")))
        return true;
    if (str_eq(part, STR(".."))) {
        if (!*len)
            return err_set(e, ERR_DENIED, 0, "\"..\" above the root");
        while (*len && out[--*len] != '\\')
            ;
        return true;
    }
    while (part.len && (part.ptr[part.len - 1] == '.' || part.ptr[part.len - 1] == ' '))
        part.len--;
    if (!check_component(part, e))
        return false;
    if (*len)
        out[(*len)++] = '\\';
    memcpy(out + *len, part.ptr, part.len);
    *len += part.len;
    return true;
}

bool winpath_normalise(struct str path, char drive, struct arena *a, struct str *out, struct err *e)
{
    if (path.len > LONGEST)
        return err_set(e, ERR_LIMIT, 0, "path of %zu bytes", path.len);
    struct str s = unquote(path);
    bool named = false;
    if (!take_namespace(&s, &named, e) || !take_drive(&s, drive, named, e))
        return false;
    char *text = arena_alloc(a, s.len + 1);
    if (!text)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    size_t len = 0;
    for (size_t i = 0; i < s.len;) {
        size_t start = i;
        while (i < s.len && !is_slash(s.ptr[i]))
            i++;
        if (!put_component(text, &len, (struct str){s.ptr + start, i - start}, e))
            return false;
        i++;
    }
    text[len] = '\0';
    *out = (struct str){text, len};
    return true;
}
