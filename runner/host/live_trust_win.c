/* Windows' own answer about a file: WinVerifyTrust, generic verification, without windows,
 * revocation or network.  A signature inside of the file is asked about by the file; one in a
 * catalog by the catalog and the digest that our own search found, because WinVerifyTrust looks for
 * no catalogs itself. */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <wincrypt.h>

#include <softpub.h>
#include <wintrust.h>

#include "base/library.h"
#include "base/wide_win.h"
#include "host/live_win.h"

enum { TAG_MOST = 130 };

/* Failures of Windows itself (the file cannot be opened, no memory): no word about trust. */
#define FILE_ERROR 0x80092003u /* CRYPT_E_FILE_ERROR */

typedef LONG(WINAPI *verify_trust)(HWND, GUID *, LPVOID);

struct asking {
    wchar_t *file, *catalog;
    wchar_t tag[TAG_MOST];
    WINTRUST_FILE_INFO by_file;
    WINTRUST_CATALOG_INFO by_catalog;
};

static BOOL CALLBACK open_library(INIT_ONCE *once, void *live, void **unused)
{
    struct live *l = live;
    struct err e = {0};
    const struct library_function list[] = {{"WinVerifyTrust", &l->verify_trust}};
    (void)once;
    (void)unused;
    (void)library_load("wintrust.dll", list, 1, &e); /* without it nobody is asked */
    return TRUE;
}

/* A path below the volume, as files are found: "Windows/System32/x.dll".  Long ones need their
 * prefix. */
static wchar_t *file_path(const struct live *l, struct str path)
{
    char *text = malloc(path.len + 8);
    if (!text)
        return NULL;
    text[0] = l->drive;
    memcpy(text + 1, ":\\", 2);
    for (size_t i = 0; i < path.len; i++)
        text[3 + i] = path.ptr[i] == '/' ? '\\' : path.ptr[i];
    text[3 + path.len] = 0;
    wchar_t *wide = path.len + 3 < MAX_PATH ? wide_text(text) : wide_path(text);
    free(text);
    return wide;
}

static bool is_answer(uint32_t code)
{
    return HRESULT_FACILITY(code) != FACILITY_WIN32 && code != FILE_ERROR;
}

static wchar_t *catalog_path(struct str path)
{
    char *text = malloc(path.len + 1);
    if (!text)
        return NULL;
    memcpy(text, path.ptr, path.len);
    text[path.len] = 0;
    wchar_t *wide = wide_text(text);
    free(text);
    return wide;
}

/* The member of a catalog that holds a digest goes by its digits. */
static void member_tag(struct span digest, wchar_t tag[TAG_MOST])
{
    static const wchar_t digits[] = L"0123456789ABCDEF";
    size_t n = 0;
    for (size_t i = 0; i < digest.len && n + 2 < TAG_MOST; i++) {
        tag[n++] = digits[digest.ptr[i] >> 4];
        tag[n++] = digits[digest.ptr[i] & 15];
    }
    tag[n] = 0;
}

static void choose(struct asking *q, const struct opinion_query *query, WINTRUST_DATA *data)
{
    if (!q->catalog) {
        q->by_file = (WINTRUST_FILE_INFO){.cbStruct = sizeof q->by_file, .pcwszFilePath = q->file};
        data->dwUnionChoice = WTD_CHOICE_FILE;
        data->pFile = &q->by_file;
        return;
    }
    member_tag(query->digest, q->tag);
    q->by_catalog = (WINTRUST_CATALOG_INFO){.cbStruct = sizeof q->by_catalog};
    q->by_catalog.pcwszCatalogFilePath = q->catalog;
    q->by_catalog.pcwszMemberTag = q->tag;
    q->by_catalog.pcwszMemberFilePath = q->file;
    q->by_catalog.pbCalculatedFileHash = (BYTE *)(INT_PTR)query->digest.ptr;
    q->by_catalog.cbCalculatedFileHash = (DWORD)query->digest.len;
    data->dwUnionChoice = WTD_CHOICE_CATALOG;
    data->pCatalog = &q->by_catalog;
}

static uint32_t ask(const struct live *l, struct asking *q, const struct opinion_query *query)
{
    GUID action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
    verify_trust verify = (verify_trust)(void (*)(void))l->verify_trust;
    WINTRUST_DATA data = {.cbStruct = sizeof data, .dwUIChoice = WTD_UI_NONE};
    data.fdwRevocationChecks = WTD_REVOKE_NONE;
    data.dwProvFlags = WTD_CACHE_ONLY_URL_RETRIEVAL | WTD_REVOCATION_CHECK_NONE;
    data.dwStateAction = WTD_STATEACTION_VERIFY;
    choose(q, query, &data);
    LONG answer = verify(INVALID_HANDLE_VALUE, &action, &data);
    data.dwStateAction = WTD_STATEACTION_CLOSE;
    (void)verify(INVALID_HANDLE_VALUE, &action, &data);
    return (uint32_t)answer;
}

bool live_opinion(const struct host *h, const struct opinion_query *query, uint32_t *code)
{
    struct live *l = h->backend;
    struct asking q = {0};
    if (!InitOnceExecuteOnce(&l->trust_once, open_library, l, NULL) || !l->verify_trust)
        return false;
    q.file = file_path(l, query->path);
    q.catalog = query->catalog.len ? catalog_path(query->catalog) : NULL;
    bool ok = q.file && (q.catalog || !query->catalog.len);
    if (ok)
        *code = ask(l, &q, query);
    free(q.file);
    free(q.catalog);
    return ok && is_answer(*code);
}
