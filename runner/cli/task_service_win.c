#include "cli/task_service_win.h"

#include <stdlib.h>
#include <windows.h>

#define COBJMACROS
#include <initguid.h>

#include <objbase.h>
#include <oleauto.h>
#include <taskschd.h>

#include "base/library.h"
#include "base/wide_win.h"

static const wchar_t folder_path[] = L"\\rectify";

/* Loaded by the first who asks: they bring a dozen others, for which no check should wait. */
static struct {
    HRESULT(WINAPI *initialize)(LPVOID, DWORD);
    HRESULT(WINAPI *create)(REFCLSID, LPUNKNOWN, DWORD, REFIID, LPVOID *);
    void(WINAPI *uninitialize)(void);
    BSTR(WINAPI *text)(const OLECHAR *);
    void(WINAPI *free_text)(BSTR);
} com;

static bool load(struct err *e)
{
    const struct library_function ole[] = {{"CoInitializeEx", &com.initialize},
                                           {"CoCreateInstance", &com.create},
                                           {"CoUninitialize", &com.uninitialize}};
    const struct library_function automation[] = {{"SysAllocString", &com.text},
                                                  {"SysFreeString", &com.free_text}};
    return library_load("ole32.dll", ole, sizeof ole / sizeof *ole, e) &&
           library_load("oleaut32.dll", automation, sizeof automation / sizeof *automation, e);
}

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
    BSTR text = wide ? com.text(wide) : NULL;
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
    HRESULT code = com.initialize(NULL, COINIT_MULTITHREADED);
    s->began = SUCCEEDED(code);
    if (s->began)
        code = com.create(&CLSID_TaskScheduler, NULL, CLSCTX_INPROC_SERVER, &IID_ITaskService,
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
        com.uninitialize();
}

/* NULL without an error where there is no such folder. */
static bool open_folder(struct scheduler *s, const wchar_t *path, ITaskFolder **out, struct err *e)
{
    BSTR name = com.text(path);
    *out = NULL;
    HRESULT code = name ? ITaskService_GetFolder(s->service, name, out) : E_OUTOFMEMORY;
    com.free_text(name);
    return SUCCEEDED(code) || is_absent(code) || failed(code, "its folder", e);
}

/* ---- folder -----------------------------------------------------------------------------------
 */

/* Everybody may make folders and tasks of his own: one that was there before us keeps the rights
 * that its maker gave it, unless it is made anew or told otherwise. */
static const wchar_t rights[] = L"O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

static HRESULT remove_folder(ITaskFolder *root)
{
    BSTR name = com.text(folder_path + 1);
    HRESULT code = name ? ITaskFolder_DeleteFolder(root, name, 0) : E_OUTOFMEMORY;
    com.free_text(name);
    return is_absent(code) ? S_OK : code;
}

static HRESULT make_folder(ITaskFolder *root, ITaskFolder **out)
{
    VARIANT sddl = {.vt = VT_BSTR};
    BSTR name = com.text(folder_path + 1);
    sddl.bstrVal = com.text(rights);
    HRESULT code =
        name && sddl.bstrVal ? ITaskFolder_CreateFolder(root, name, sddl, out) : E_OUTOFMEMORY;
    com.free_text(sddl.bstrVal);
    com.free_text(name);
    return code;
}

static HRESULT protect_folder(ITaskFolder *folder)
{
    BSTR sddl = com.text(rights);
    HRESULT code = sddl ? ITaskFolder_SetSecurityDescriptor(folder, sddl, 0) : E_OUTOFMEMORY;
    com.free_text(sddl);
    return code;
}

/* Our folder with our rights, made anew where no other task lies in it. */
static bool own_folder(struct scheduler *s, ITaskFolder *root, ITaskFolder **out, struct err *e)
{
    *out = NULL;
    if (SUCCEEDED(remove_folder(root))) {
        HRESULT code = make_folder(root, out);
        return SUCCEEDED(code) || failed(code, "cannot make the folder \\rectify", e);
    }
    if (!open_folder(s, folder_path, out, e))
        return false;
    HRESULT code = *out ? protect_folder(*out) : E_UNEXPECTED;
    return SUCCEEDED(code) || failed(code, "cannot set the rights of the folder \\rectify", e);
}

/* ---- register ---------------------------------------------------------------------------------
 */

static HRESULT register_in(ITaskFolder *folder, BSTR name, BSTR xml, LONG how)
{
    const VARIANT none = {.vt = VT_EMPTY};
    VARIANT sddl = {.vt = VT_BSTR};
    IRegisteredTask *task = NULL;
    sddl.bstrVal = com.text(L"O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)");
    HRESULT code = sddl.bstrVal ? ITaskFolder_RegisterTask(folder, name, xml, how, none, none,
                                                           TASK_LOGON_SERVICE_ACCOUNT, sddl, &task)
                                : E_OUTOFMEMORY;
    if (task)
        IRegisteredTask_Release(task);
    com.free_text(sddl.bstrVal);
    return code;
}

/* Updating a task would leave it the rights that it has: the old one goes, but not before Task
 * Scheduler has said that it understands the new one. */
static bool replace(struct scheduler *s, ITaskFolder *root, BSTR name, BSTR xml, struct err *e)
{
    ITaskFolder *folder = NULL;
    HRESULT code = register_in(root, name, xml, TASK_VALIDATE_ONLY);
    if (FAILED(code))
        return failed(code, "it refuses the task", e);
    if (!open_folder(s, folder_path, &folder, e))
        return false;
    if (folder) {
        code = ITaskFolder_DeleteTask(folder, name, 0);
        ITaskFolder_Release(folder);
        folder = NULL;
        if (FAILED(code) && !is_absent(code))
            return failed(code, "cannot remove the old task", e);
    }
    bool ok = own_folder(s, root, &folder, e);
    if (ok) {
        code = register_in(folder, name, xml, TASK_CREATE);
        ok = SUCCEEDED(code) || failed(code, "cannot register the task", e);
    }
    if (folder)
        ITaskFolder_Release(folder);
    return ok;
}

bool task_register(struct str name, struct str xml, struct err *e)
{
    if (!load(e))
        return false;
    struct scheduler s;
    ITaskFolder *root = NULL;
    BSTR wide_name = text_of(name), wide_xml = text_of(xml);
    bool ok = begin(&s, e) && open_folder(&s, L"\\", &root, e) &&
              ((root && wide_name && wide_xml) || err_set(e, ERR_NOMEM, 0, "out of memory")) &&
              replace(&s, root, wide_name, wide_xml, e);
    if (root)
        ITaskFolder_Release(root);
    com.free_text(wide_name);
    com.free_text(wide_xml);
    end(&s);
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
    com.free_text(text);
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
    if (!load(e))
        return false;
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
    com.free_text(wide);
    end(&s);
    return ok;
}

/* ---- remove -----------------------------------------------------------------------------------
 */

bool task_remove(struct str name, bool *there, bool *last, struct err *e)
{
    if (!load(e))
        return false;
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
    ITaskFolder *root = NULL;
    /* Task Scheduler removes no folder that has tasks. */
    if (ok && folder && open_folder(&s, L"\\", &root, e) && root)
        *last = SUCCEEDED(remove_folder(root));
    if (root)
        ITaskFolder_Release(root);
    com.free_text(wide);
    end(&s);
    return ok;
}
