#include "cli/task_service_win.h"

#include <stdlib.h>
#include <windows.h>

#define COBJMACROS
#include <initguid.h>

#include <objbase.h>
#include <oleauto.h>
#include <taskschd.h>

#include "base/wide_win.h"

static const wchar_t folder_path[] = L"\\rectify";

static bool failed(HRESULT code, const char *what, struct err *e)
{
    if (code == E_ACCESSDENIED)
        return err_set(e, ERR_DENIED, 0, "Task Scheduler: %s: access denied", what);
    return err_set(e, ERR_IO, 0, "Task Scheduler: %s: Windows error 0x%08lx", what,
                   (unsigned long)code);
}

static bool is_absent(HRESULT code)
{
    return code == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
           code == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

static BSTR text_of(struct str s)
{
    wchar_t *wide = wide_text(s.ptr);
    BSTR text = wide ? SysAllocString(wide) : NULL;
    free(wide);
    return text;
}

/* ---- connection -------------------------------------------------------------------------------
 */

struct scheduler {
    ITaskService *service;
    bool began; /* CoUninitialize() is due */
};

static bool begin(struct scheduler *s, struct err *e)
{
    const VARIANT none = {.vt = VT_EMPTY};
    *s = (struct scheduler){0};
    HRESULT code = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    s->began = SUCCEEDED(code);
    if (s->began)
        code = CoCreateInstance(&CLSID_TaskScheduler, NULL, CLSCTX_INPROC_SERVER, &IID_ITaskService,
                                (void **)&s->service);
    if (SUCCEEDED(code))
        code = ITaskService_Connect(s->service, none, none, none, none);
    return SUCCEEDED(code) || failed(code, "cannot connect", e);
}

static void end(struct scheduler *s)
{
    if (s->service)
        ITaskService_Release(s->service);
    if (s->began)
        CoUninitialize();
}

/* NULL without an error where there is no such folder. */
static bool open_folder(struct scheduler *s, const wchar_t *path, ITaskFolder **out, struct err *e)
{
    BSTR name = SysAllocString(path);
    *out = NULL;
    HRESULT code = name ? ITaskService_GetFolder(s->service, name, out) : E_OUTOFMEMORY;
    SysFreeString(name);
    return SUCCEEDED(code) || is_absent(code) || failed(code, "its folder", e);
}

/* ---- register ---------------------------------------------------------------------------------
 */

bool task_register(struct str name, struct str xml, struct err *e)
{
    const VARIANT none = {.vt = VT_EMPTY};
    struct scheduler s;
    struct arena a;
    ITaskFolder *root = NULL;
    IRegisteredTask *task = NULL;
    arena_init(&a, 1 << 16);
    struct str path = str_fmt(&a, "\\rectify\\" STR_FMT, STR_ARG(name));
    BSTR wide_name = path.ptr ? text_of(path) : NULL, wide_xml = text_of(xml);
    bool ok = begin(&s, e) && open_folder(&s, L"\\", &root, e) &&
              ((root && wide_name && wide_xml) || err_set(e, ERR_NOMEM, 0, "out of memory"));
    if (ok) {
        HRESULT code =
            ITaskFolder_RegisterTask(root, wide_name, wide_xml, TASK_CREATE_OR_UPDATE, none, none,
                                     TASK_LOGON_SERVICE_ACCOUNT, none, &task);
        ok = SUCCEEDED(code) || failed(code, "cannot register the task", e);
    }
    if (task)
        IRegisteredTask_Release(task);
    if (root)
        ITaskFolder_Release(root);
    SysFreeString(wide_name);
    SysFreeString(wide_xml);
    end(&s);
    arena_done(&a);
    return ok;
}

/* ---- read -------------------------------------------------------------------------------------
 */

/* Frees the text. */
static struct str taken(BSTR text, struct arena *a)
{
    char *utf8 = text ? wide_utf8(text) : NULL;
    struct str s = utf8 ? str_dup(a, str_of(utf8)) : STR("");
    free(utf8);
    SysFreeString(text);
    return s;
}

static HRESULT read_command(IExecAction *exec, struct arena *a, struct task_state *out)
{
    BSTR path = NULL, arguments = NULL;
    HRESULT code = IExecAction_get_Path(exec, &path);
    if (SUCCEEDED(code))
        code = IExecAction_get_Arguments(exec, &arguments);
    out->command = taken(path, a);
    out->arguments = taken(arguments, a);
    return code;
}

static HRESULT read_action(ITaskDefinition *definition, struct arena *a, struct task_state *out)
{
    IActionCollection *actions = NULL;
    IAction *action = NULL;
    IExecAction *exec = NULL;
    HRESULT code = ITaskDefinition_get_Actions(definition, &actions);
    if (SUCCEEDED(code))
        code = IActionCollection_get_Item(actions, 1, &action);
    if (SUCCEEDED(code))
        code = IAction_QueryInterface(action, &IID_IExecAction, (void **)&exec);
    if (SUCCEEDED(code))
        code = read_command(exec, a, out);
    if (exec)
        IExecAction_Release(exec);
    if (action)
        IAction_Release(action);
    if (actions)
        IActionCollection_Release(actions);
    return code;
}

static HRESULT read_task(IRegisteredTask *task, struct arena *a, struct task_state *out)
{
    BSTR xml = NULL;
    VARIANT_BOOL enabled = VARIANT_FALSE;
    LONG result = 0;
    ITaskDefinition *definition = NULL;
    HRESULT code = IRegisteredTask_get_Xml(task, &xml);
    out->xml = taken(xml, a);
    if (SUCCEEDED(code))
        code = IRegisteredTask_get_Enabled(task, &enabled);
    if (SUCCEEDED(code))
        code = IRegisteredTask_get_Definition(task, &definition);
    if (SUCCEEDED(code))
        code = read_action(definition, a, out);
    /* A task that never ran has neither; that is no failure. */
    (void)IRegisteredTask_get_NextRunTime(task, &out->next);
    (void)IRegisteredTask_get_LastRunTime(task, &out->last);
    (void)IRegisteredTask_get_LastTaskResult(task, &result);
    out->enabled = enabled != VARIANT_FALSE;
    out->result = result;
    if (definition)
        ITaskDefinition_Release(definition);
    return code;
}

bool task_read(struct str name, struct arena *a, bool *there, struct task_state *out, struct err *e)
{
    struct scheduler s;
    ITaskFolder *folder = NULL;
    IRegisteredTask *task = NULL;
    BSTR wide = text_of(name);
    *there = false;
    *out = (struct task_state){0};
    bool ok = begin(&s, e) && open_folder(&s, folder_path, &folder, e) &&
              (wide || err_set(e, ERR_NOMEM, 0, "out of memory"));
    if (ok && folder) {
        HRESULT code = ITaskFolder_GetTask(folder, wide, &task);
        *there = SUCCEEDED(code);
        ok = *there || is_absent(code) || failed(code, "cannot look for the task", e);
    }
    if (ok && *there) {
        HRESULT code = read_task(task, a, out);
        ok = SUCCEEDED(code) || failed(code, "cannot read the task", e);
    }
    if (task)
        IRegisteredTask_Release(task);
    if (folder)
        ITaskFolder_Release(folder);
    SysFreeString(wide);
    end(&s);
    return ok;
}

/* ---- remove -----------------------------------------------------------------------------------
 */

/* Task Scheduler refuses to remove a folder with tasks in it. */
static bool remove_folder(struct scheduler *s)
{
    ITaskFolder *root = NULL;
    BSTR name = SysAllocString(folder_path + 1);
    bool removed = false;
    if (name && open_folder(s, L"\\", &root, NULL) && root) {
        HRESULT code = ITaskFolder_DeleteFolder(root, name, 0);
        removed = SUCCEEDED(code) || is_absent(code);
        ITaskFolder_Release(root);
    }
    SysFreeString(name);
    return removed;
}

bool task_remove(struct str name, bool *there, bool *last, struct err *e)
{
    struct scheduler s;
    ITaskFolder *folder = NULL;
    BSTR wide = text_of(name);
    *there = false;
    *last = true;
    bool ok = begin(&s, e) && open_folder(&s, folder_path, &folder, e) &&
              (wide || err_set(e, ERR_NOMEM, 0, "out of memory"));
    if (ok && folder) {
        HRESULT code = ITaskFolder_DeleteTask(folder, wide, 0);
        *there = SUCCEEDED(code);
        ok = *there || is_absent(code) || failed(code, "cannot remove the task", e);
    }
    if (folder)
        ITaskFolder_Release(folder);
    if (ok && folder)
        *last = remove_folder(&s);
    SysFreeString(wide);
    end(&s);
    return ok;
}
