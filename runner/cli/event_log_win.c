#include "cli/event_log.h"

#include <stdlib.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/event_source_win.h"
#include "cli/events.h"
#include "cli/schedule.h"

static const wchar_t source[] = L"rectify";
static const wchar_t source_key[] =
    L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\rectify";

static const struct {
    WORD type;
    DWORD id;
} events[] = {
    [RUN_PASSED] = {EVENTLOG_INFORMATION_TYPE, EVENT_RUN_PASSED},
    [RUN_FAILED] = {EVENTLOG_WARNING_TYPE, EVENT_RUN_FAILED},
    [RUN_UNKNOWN] = {EVENTLOG_WARNING_TYPE, EVENT_RUN_UNKNOWN},
    [RUN_COULD_NOT] = {EVENTLOG_ERROR_TYPE, EVENT_RUN_COULD_NOT},
    [RUN_STILL_GOING] = {EVENTLOG_WARNING_TYPE, EVENT_RUN_STILL_GOING},
};

bool event_log_write(enum run_outcome outcome, const char *text, struct err *e)
{
    struct sb shown;
    sb_init(&shown, 1 << 18);
    sb_event_text(&shown, str_of(text));
    wchar_t *wide = shown.bad ? NULL : wide_text(shown.ptr ? shown.ptr : "");
    sb_done(&shown);
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    const wchar_t *strings[] = {wide};
    HANDLE log = RegisterEventSourceW(NULL, source);
    bool ok = log && ReportEventW(log, events[outcome].type, 0, events[outcome].id, NULL, 1, 0,
                                  strings, NULL);
    DWORD code = GetLastError();
    if (log)
        DeregisterEventSource(log);
    free(wide);
    return ok || wide_fail(e, code, "the Windows event log");
}

static LSTATUS set_text(HKEY key, const wchar_t *name, const wchar_t *text)
{
    return RegSetValueExW(key, name, 0, REG_EXPAND_SZ, (const BYTE *)text,
                          (DWORD)((wcslen(text) + 1) * sizeof *text));
}

static LSTATUS set_types(HKEY key)
{
    const DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
    return RegSetValueExW(key, L"TypesSupported", 0, REG_DWORD, (const BYTE *)&types, sizeof types);
}

bool event_source_register(const char *program, struct err *e)
{
    HKEY key = NULL;
    wchar_t *wide = wide_text(program);
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    LSTATUS code = RegCreateKeyExW(HKEY_LOCAL_MACHINE, source_key, 0, NULL, 0,
                                   KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, NULL);
    if (!code)
        code = set_text(key, L"EventMessageFile", wide);
    if (!code)
        code = set_types(key);
    if (key)
        RegCloseKey(key);
    free(wide);
    return !code || wide_fail(e, (DWORD)code, "the source of the Windows event log");
}

bool event_source_remove(bool *there, struct err *e)
{
    LSTATUS code = RegDeleteKeyExW(HKEY_LOCAL_MACHINE, source_key, KEY_WOW64_64KEY, 0);
    *there = code == ERROR_SUCCESS;
    return *there || code == ERROR_FILE_NOT_FOUND ||
           wide_fail(e, (DWORD)code, "the source of the Windows event log");
}
