#include "host/locale.h"

#include <locale.h>
#include <stddef.h>

void locale_enter_utf8(struct locale_saved *saved)
{
    *saved = (struct locale_saved){NULL, NULL};
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8) {
        saved->mine = utf8;
        saved->previous = uselocale(utf8);
    }
}

void locale_leave(struct locale_saved *saved)
{
    if (saved->mine) {
        uselocale((locale_t)saved->previous);
        freelocale((locale_t)saved->mine);
    }
}
