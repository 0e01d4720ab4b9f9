#include "host/locale.h"

#include <stddef.h>

/* libarchive is asked for UTF-8 (libarchive_win.c). */
void locale_enter_utf8(struct locale_saved *saved)
{
    *saved = (struct locale_saved){NULL, NULL};
}

void locale_leave(struct locale_saved *saved)
{
    (void)saved;
}
