/* libarchive converts names through the locale of the calling thread; this puts a UTF-8 one there
 * for the while, so that a run under LANG=C reads the same names. */
#pragma once

struct locale_saved {
    void *previous, *mine;
};

void locale_enter_utf8(struct locale_saved *saved);
void locale_leave(struct locale_saved *saved);
