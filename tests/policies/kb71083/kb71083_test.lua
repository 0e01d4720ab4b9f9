-- Every rule of kb71083 against hosts that are made up: what passes, fails, does not apply, and what
-- cannot be known.  Hosts are Windows 7 x64 unless they say otherwise; VirusScan Enterprise is a
-- 32-bit program, so its keys lie below Wow6432Node.
local libraries <const> = use "windows.libraries"
local publishers <const> = use "mcafee.publishers"
local vendor_roots <const> = use "mcafee.roots"
local windows_roots <const> = use "windows.roots"

local MCAFEE <const> = "McAfee, Inc."
local MICROSOFT <const> = "Microsoft Corporation"
local VENDOR_ROOT <const> = vendor_roots[1]
local WINDOWS_ROOT <const> = windows_roots.needed[1]

local DESKTOP <const> = [[HKLM\SOFTWARE\Wow6432Node\McAfee\DesktopProtection]]
local PLUGIN <const> =
  [[HKLM\SOFTWARE\Wow6432Node\Network Associates\ePolicy Orchestrator\Application Plugins\VIRUSCAN8800]]
local FRAMEWORK <const> =
  [[HKLM\SOFTWARE\Wow6432Node\Network Associates\TVD\Shared Components\Framework]]
local AGENT_FOLDER <const> = [[C:\Program Files (x86)\McAfee\Common Framework]]
local VSE_FOLDER <const> = [[C:\Program Files (x86)\McAfee\VirusScan Enterprise]]

local SYSTEM32 <const> = [[C:\Windows\System32]]
local STRANGE_ROOT <const> = "00112233445566778899AABBCCDDEEFF00112233 Some Root"

-- One case for each element of a list: make(element, index) gives it.
local function each(list, make)
  local made = {}
  for index, element in ipairs(list) do table.insert(made, make(element, index)) end
  return made
end

-- A list without its element number `index`.
local function without(list, index)
  local left = {}
  for i, element in ipairs(list) do
    if i ~= index then table.insert(left, element) end
  end
  return left
end

-- The name of the file at the end of a path.
local function file_name(path)
  for i = #path, 1, -1 do
    if string.sub(path, i, i) == "\\" then return string.sub(path, i + 1) end
  end
  return path
end

-- A table with the members of both.
local function with(first, second)
  local both = {}
  for name, value in pairs(first) do both[name] = value end
  for name, value in pairs(second) do both[name] = value end
  return both
end

local function vse(version)
  return { registry = { [DESKTOP] = { szProductVer = version } } }
end

local function agent(version)
  return { registry = { [FRAMEWORK] = { Version = version } } }
end

-- The Agent in its folder with these two DLLs.
local function agent_with(first, second)
  return {
    registry = {
      [FRAMEWORK] = { Version = "4.8.0.1938", ["Installed Path"] = AGENT_FOLDER },
    },
    files = {
      [AGENT_FOLDER .. [[\cryptocme2.dll]]] = first,
      [AGENT_FOLDER .. [[\ccme_base.dll]]] = second,
    },
  }
end

local GOOD <const> = { version = "4.8.0.1", signer = MCAFEE, root = VENDOR_ROOT }

local NOW <const> = "2019-05-30T12:00:00Z"

-- A System log that covers the window, with some records.
local function whole_month(records)
  records.from = "2019-04-01T00:00:00Z"
  records.to = NOW
  return records
end

local function untrusted(id, image, count)
  return { at = "2019-05-20T10:00:00Z", provider = "mfehidk", id = id, count = count,
           strings = { [[**\]] .. image, "contains signed but untrusted code" } }
end

-- Third party's, McAfee's and Microsoft's files.
local THIRD <const> = { signer = "Somebody Else Ltd.", root = VENDOR_ROOT }
local WINDOWS_FILE <const> =
  { version = "6.1.7601.1", company = MICROSOFT, signer = MICROSOFT, root = WINDOWS_ROOT }
local WINDOWS_KEY <const> = [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows]]
local KERNEL32 <const> = [[C:\Windows\System32\kernel32.dll]]

local function app_init(values, file)
  return { registry = { [WINDOWS_KEY] = values },
           files = { [ [[C:\Windows\System32\evil.dll]] ] = file } }
end

-- Microsoft's and McAfee's roots in their stores, and a list that is recent, unless `o` says otherwise.
local function roots(o)
  local list = { this_update = "2019-01-01T00:00:00Z", last_sync = o.sync or "2019-05-01T00:00:00Z",
                 roots = o.listed or {} }
  local registry = o.registry or {}
  registry[ [[HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot]] ] =
    { DisableRootAutoUpdate = o.off }
  return {
    at = NOW,
    registry = registry,
    certificates = { ROOT = o.root or windows_roots.needed, AuthRoot = o.authroot or vendor_roots,
                     Disallowed = o.disallowed or {} },
    lists = { EncodedCtl = not o.no_list and list or absent },
    files = o.files or { [KERNEL32] = WINDOWS_FILE },
  }
end

-- A System log of about 50 records a day.
local function capacity(values)
  return {
    registry = { [ [[HKLM\SYSTEM\CurrentControlSet\Services\EventLog\System]] ] = values },
    events = { System = whole_month {
      { at = "2019-05-05T00:00:00Z", provider = "Service Control Manager", id = 7036, count = 3000,
        strings = { "some service", "running" } },
    } },
  }
end

local function agent_place(place)
  for i = 1, #place do
    if string.sub(place, i, i) == ":" then
      return [[HKLM\SOFTWARE\]] .. string.sub(place, 1, i - 1), string.sub(place, i + 1)
    end
  end
end

return cases "kb71083" {
  ---- vse-fixed-patch ---------------------------------------------------------------------------
  { "vse-fixed-patch", given = vse "8.8.0.975", expect = "pass", says = "8.8.0.975 (Patch 2)" },
  { "vse-fixed-patch", given = vse "8.8.0.1982", expect = "pass", says = "Patch 11" },
  { "vse-fixed-patch", given = vse "8.8.0.974", expect = "fail", says = "want 8.8.0.975 (Patch 2) or later" },
  { "vse-fixed-patch", given = vse "8.7.0.570", expect = "fail" },
  { "vse-fixed-patch", given = {}, expect = "not_applicable", says = "is not installed" },
  { "vse-fixed-patch", given = { products = { ["mcafee.ens"] = "10.7.0.1" } },
    expect = "not_applicable", says = "McAfee Endpoint Security 10.7.0.1 is there instead" },
  { "vse-fixed-patch", given = { registry = { [DESKTOP] = denied() } }, expect = "unknown" },
  { "vse-fixed-patch", title = "two sources on both sides of the limit",
    given = { registry = { [DESKTOP] = { szProductVer = "8.8.0.849" },
                           [PLUGIN] = { Version = "8.8.0.1982" } } },
    expect = "conflict", says = { "8.8.0.849 (vendor key", "8.8.0.1982 (agent plug-in key" } },
  { "vse-fixed-patch", title = "two sources on the same side of it",
    given = { registry = { [DESKTOP] = { szProductVer = "8.8.0.1445" },
                           [PLUGIN] = { Version = "8.8.0.1982" } } },
    expect = "pass", says = "sources disagree" },
  { "vse-fixed-patch", title = "a service without a version is a trace",
    given = { services = { McTaskManager = { start = "automatic" } } },
    expect = "unknown", says = "McAfee Task Manager" },

  ---- vse-latest-patch --------------------------------------------------------------------------
  { "vse-latest-patch", given = vse "8.8.0.1982", expect = "pass" },
  { "vse-latest-patch", given = vse "8.8.0.1981", expect = "fail",
    says = { "8.8.0.1982 (Patch 11)", "newest known build" } },
  { "vse-latest-patch", given = vse "8.8.0.1982", set = { latest_patch = "8.8.0.2024" },
    expect = "fail" },
  { "vse-latest-patch", given = {}, expect = "not_applicable" },
  { "vse-latest-patch", given = { registry = { [DESKTOP] = denied() } }, expect = "unknown" },

  ---- agent-version -----------------------------------------------------------------------------
  { "agent-version", given = agent "4.6.0.1694", expect = "pass" },
  { "agent-version", title = "the limit itself", given = agent "4.6.0.0", expect = "pass" },
  { "agent-version", given = agent "4.5.65535.65535", expect = "fail" },
  { "agent-version", given = agent "4.5.0.1852", expect = "fail", says = "4.5.0.1852" },
  { "agent-version", given = agent "4.8.0.1938", set = { agent_version = "5.0" }, expect = "fail" },
  { "agent-version", given = {}, expect = "not_applicable" },
  { "agent-version", given = { registry = { [FRAMEWORK] = denied() } }, expect = "unknown" },

  ---- agent-dlls-signed -------------------------------------------------------------------------
  { "agent-dlls-signed", given = agent_with(GOOD, GOOD), expect = "pass", says = "2 of 2 files" },
  { "agent-dlls-signed", given = agent_with(GOOD, { version = "2.1.0.0" }), expect = "fail",
    says = "ccme_base.dll: unsigned" },
  { "agent-dlls-signed", given = agent_with({ signer = "RSA Security Inc.", root = VENDOR_ROOT }, GOOD),
    expect = "fail", says = "its signer is none of those wanted" },
  { "agent-dlls-signed", given = agent_with(GOOD, with(GOOD, { signature = "bad_digest" })),
    expect = "fail", says = "bad_digest" },
  { "agent-dlls-signed", given = agent_with(GOOD, denied()), expect = "unknown",
    says = "ccme_base.dll" },
  { "agent-dlls-signed", given = agent_with(GOOD, not_collected()), expect = "unknown" },
  { "agent-dlls-signed", given = agent_with(GOOD, absent), expect = "pass", says = "1 of 1 file" },
  { "agent-dlls-signed", given = {}, expect = "not_applicable", says = "not installed" },
  { "agent-dlls-signed", given = agent_with(with(GOOD, { root = WINDOWS_ROOT }), GOOD),
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },
  { "agent-dlls-signed", given = agent_with(GOOD, GOOD), set = { pin_vendor_roots = true },
    expect = "pass" },

  each(publishers, function(name)
    return { "agent-dlls-signed", given = agent_with(with(GOOD, { signer = name }), GOOD),
             expect = "pass", says = "2 of 2 files" }
  end),
  each(vendor_roots, function(root)
    return { "agent-dlls-signed", given = agent_with(with(GOOD, { root = root }), GOOD),
             set = { pin_vendor_roots = true }, expect = "pass" }
  end),
  { "agent-dlls-signed", title = "any root will do unless the input says otherwise",
    given = agent_with(with(GOOD, { root = WINDOWS_ROOT }), GOOD), expect = "pass" },
  -- Each of the Agent's folders, through the value that names it.
  each({
    [[Wow6432Node\Network Associates\TVD\Shared Components\Framework:Installed Path]],
    [[Wow6432Node\Network Associates\ePolicy Orchestrator\Agent:Installed Path]],
    [[McAfee\Agent:InstallPath]], [[Trellix\Agent:InstallPath]],
  }, function(place)
    local key, value = agent_place(place)
    return { "agent-dlls-signed",
      given = {
        registry = {
          [ [[HKLM\SOFTWARE\Wow6432Node\Network Associates\ePolicy Orchestrator\Application Plugins\EPOAGENT3000]] ] =
            { Version = "4.8.0.1938" },
          [key] = { [value] = AGENT_FOLDER },
        },
        files = { [AGENT_FOLDER .. [[\cryptocme2.dll]]] = with(GOOD, { signature = "expired" }),
                  [AGENT_FOLDER .. [[\ccme_base.dll]]] = with(GOOD, { signature = "disallowed" }) },
      },
      expect = "fail", says = { "cryptocme2.dll: expired", "ccme_base.dll: disallowed" } }
  end),
  { "agent-dlls-signed", title = "the Agent is there, its folder is not named",
    given = agent "4.8.0.1938", expect = "unknown", says = "the registry names no folder of it" },
  { "agent-dlls-signed", title = "files of an Agent that is not installed",
    given = { registry = { [ [[HKLM\SOFTWARE\McAfee\Agent]] ] = { InstallPath = AGENT_FOLDER } },
              files = { [AGENT_FOLDER .. [[\ccme_base.dll]]] = { version = "1.0" } } },
    expect = "not_applicable", says = "McAfee Agent is not installed" },

  ---- validation-service ------------------------------------------------------------------------
  { "validation-service", given = with(vse "8.8.0.975", { services = {
      mfevtp = { start = "automatic" }, mfehidk = { start = "system", type = "driver" } } }),
    expect = "pass" },
  { "validation-service", given = with(vse "8.8.0.975", { services = {
      mfevtp = { start = "disabled" }, mfehidk = { start = "system", type = "driver" } } }),
    expect = "fail", says = "mfevtp disabled" },
  { "validation-service", given = with(vse "8.8.0.975", { services = {
      mfevtp = { start = "automatic" } } }),
    expect = "fail", says = "mfehidk missing" },
  { "validation-service", given = with(vse "8.8.0.975", { services = {
      mfevtp = denied(), mfehidk = { start = "system", type = "driver" } } }),
    expect = "unknown" },
  { "validation-service", given = {}, expect = "not_applicable" },

  ---- untrusted-code-events ---------------------------------------------------------------------
  { "untrusted-code-events", given = { events = { System = whole_month {} } }, expect = "pass",
    says = "no event of mfehidk 514/516/519 in System in the last 30 days" },
  { "untrusted-code-events", title = "each of the three numbers counts",
    given = { events = { System = whole_month {
      untrusted(514, "VSTSKMGR.EXE", 1), untrusted(516, "NAPRDMGR.EXE", 2),
      untrusted(519, "SHSTAT.EXE", 3) } } },
    expect = "fail",
    says = { "6 events", "514 VSTSKMGR.EXE 1", "516 NAPRDMGR.EXE 2", "519 SHSTAT.EXE 3" } },
  { "untrusted-code-events", title = "other numbers, and other sources, do not",
    given = { events = { System = whole_month {
      untrusted(515, "VSTSKMGR.EXE", 1),
      { at = "2019-05-20T10:00:00Z", provider = "mfeavfk", id = 516 } } } },
    expect = "pass" },
  { "untrusted-code-events", title = "before the window",
    given = { events = { System = { from = "2019-03-01T00:00:00Z", to = NOW,
      { at = "2019-04-30T11:59:59Z", provider = "mfehidk", id = 516 } } } },
    expect = "pass" },
  { "untrusted-code-events", title = "a longer window",
    given = { events = { System = { from = "2019-03-01T00:00:00Z", to = NOW,
      { at = "2019-04-30T11:59:59Z", provider = "mfehidk", id = 516 } } } },
    set = { window_days = 60 }, expect = "fail", says = "in 60 days" },
  { "untrusted-code-events", title = "a log that begins within the window",
    given = { events = { System = { from = "2019-05-10T00:00:00Z", to = NOW } } },
    expect = "unknown", says = "does not cover all 30 days" },
  { "untrusted-code-events", title = "it does not matter where there are events",
    given = { events = { System = { from = "2019-05-10T00:00:00Z", to = NOW,
                                    untrusted(516, "VSTSKMGR.EXE", 1) } } },
    expect = "fail", says = "the log does not cover the whole window" },
  { "untrusted-code-events", title = "records are missing",
    given = { events = { System = { from = "2019-04-01T00:00:00Z", to = NOW, lost = 5 } } },
    expect = "unknown" },
  { "untrusted-code-events", given = { events = { System = damaged() } }, expect = "unknown" },
  { "untrusted-code-events", given = {}, expect = "unknown" },

  ---- third-party-hooks -------------------------------------------------------------------------
  { "third-party-hooks", given = {}, expect = "pass", says = "0 active injection points" },
  { "third-party-hooks", title = "AppInit_DLLs of a third party",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, THIRD), expect = "fail",
    says = { "AppInit_DLLs", "neither McAfee's nor Microsoft's" } },
  { "third-party-hooks", title = "named, but not loaded: LoadAppInit_DLLs is 0",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 0 }, THIRD), expect = "pass",
    says = "1 inactive" },
  { "third-party-hooks", title = "before Vista LoadAppInit_DLLs says nothing",
    given = with(app_init({ AppInit_DLLs = "evil.dll" }, THIRD), { os = "5.1 x86" }),
    expect = "fail" },
  { "third-party-hooks", title = "Vista itself asks LoadAppInit_DLLs",
    given = with(app_init({ AppInit_DLLs = "evil.dll" }, THIRD), { os = "6.0 x86" }),
    expect = "pass", says = "1 inactive" },
  { "third-party-hooks", title = "McAfee's own",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, GOOD), expect = "pass",
    says = "1 active injection point, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "Microsoft's",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, WINDOWS_FILE),
    expect = "pass" },
  { "third-party-hooks", title = "McAfee's by name, but it does not validate",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                     with(GOOD, { signature = "untrusted_root" })),
    expect = "fail", says = { "counts as nobody's", "McAfee, Inc.'s, see KB74174" } },
  { "third-party-hooks", title = "below a root that is not McAfee's",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                     with(GOOD, { root = WINDOWS_ROOT })),
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },
  { "third-party-hooks", title = "not there",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, absent), expect = "pass",
    says = "is named, but not there" },
  { "third-party-hooks", title = "cannot be read",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, denied()),
    expect = "unknown", says = { "evil.dll", "is unreadable" } },
  { "third-party-hooks", title = "not collected",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, not_collected()),
    expect = "unknown", says = "is not collected" },
  { "third-party-hooks", title = "the key cannot be read",
    given = { registry = { [WINDOWS_KEY] = denied() } }, expect = "unknown" },

  ---- microsoft-files-trusted -------------------------------------------------------------------
  { "microsoft-files-trusted", given = { files = { [KERNEL32] = WINDOWS_FILE } }, expect = "pass",
    says = "1 of 1 file" },
  { "microsoft-files-trusted",
    given = { files = { [KERNEL32] = with(WINDOWS_FILE, { signature = "untrusted_root" }) } },
    expect = "fail", says = { "kernel32.dll", "untrusted_root" } },
  each(libraries, function(path)
    local name = file_name(path)
    return { "microsoft-files-trusted",
      given = { files = { [SYSTEM32 .. "\\" .. name] =
                            with(WINDOWS_FILE, { signature = "untrusted_root" }) } },
      expect = "fail", says = { [[C:\Windows\System32\]] .. name, "untrusted_root" } }
  end),
  { "microsoft-files-trusted", title = "what 32-bit processes load",
    given = { files = { [KERNEL32] = WINDOWS_FILE, [ [[C:\Windows\SysWOW64\kernel32.dll]] ] =
                          with(WINDOWS_FILE, { signature = "bad_digest" }) } },
    expect = "fail", says = "(32-bit)" },
  { "microsoft-files-trusted", title = "Microsoft's by its company alone",
    given = { files = { [KERNEL32] = { version = "6.1.7601.1", company = MICROSOFT } } },
    expect = "fail", says = "unsigned" },
  { "microsoft-files-trusted", title = "Microsoft's by its signer alone",
    given = { files = { [KERNEL32] = { signer = MICROSOFT, root = WINDOWS_ROOT,
                                       signature = "expired" } } },
    expect = "fail", says = "expired" },
  { "microsoft-files-trusted", title = "nobody's: passed over",
    given = { files = { [KERNEL32] = WINDOWS_FILE,
                        [SYSTEM32 .. [[\user32.dll]]] = { version = "1.0" } } },
    expect = "pass", says = "1 of others passed over" },
  { "microsoft-files-trusted", title = "one file, the others were not collected",
    given = { files = { [SYSTEM32] = not_collected(), [ [[C:\Windows\SysWOW64]] ] = not_collected(),
                        [KERNEL32] = WINDOWS_FILE } },
    expect = "pass", says = "more not collected" },
  { "microsoft-files-trusted", title = "nothing was collected",
    given = { files = { [SYSTEM32] = not_collected(), [ [[C:\Windows\SysWOW64]] ] = not_collected() } },
    expect = "unknown", says = "none of the files was collected" },
  each(windows_roots.all, function(root)
    return { "microsoft-files-trusted", set = { pin_vendor_roots = true },
      given = { registry = { [DESKTOP] = { szInstallDir = VSE_FOLDER } },
                files = { [KERNEL32] = with(WINDOWS_FILE, { root = root }),
                          [VSE_FOLDER .. [[\msvcr80.dll]]] = with(WINDOWS_FILE, { root = root }) } },
      expect = "pass" }
  end),
  { "microsoft-files-trusted", title = "below a root that is not Microsoft's",
    given = { files = { [KERNEL32] = with(WINDOWS_FILE, { root = STRANGE_ROOT }) } },
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },
  { "microsoft-files-trusted", title = "which does not matter unless the input says so",
    given = { registry = { [DESKTOP] = { szInstallDir = VSE_FOLDER } },
              files = { [KERNEL32] = with(WINDOWS_FILE, { root = STRANGE_ROOT }),
                        [VSE_FOLDER .. [[\msvcr80.dll]]] = with(WINDOWS_FILE, { root = STRANGE_ROOT }) } },
    expect = "pass" },
  -- Libraries beside McAfee's programs.
  each({ { DESKTOP, "szInstallDir", VSE_FOLDER }, { FRAMEWORK, "Installed Path", AGENT_FOLDER } },
    function(place)
      return { "microsoft-files-trusted",
        given = { registry = { [place[1] ] = { [place[2] ] = place[3] } },
                  files = { [place[3] .. [[\msvcr80.dll]]] =
                              with(WINDOWS_FILE, { signature = "untrusted_root" }) } },
        expect = "fail", says = "msvcr80.dll: untrusted_root" }
    end),
  { "microsoft-files-trusted", title = "McAfee's own are passed over",
    given = { registry = { [DESKTOP] = { szInstallDir = VSE_FOLDER } },
              files = { [VSE_FOLDER .. [[\mine.dll]]] = with(GOOD, { signature = "expired" }),
                        [VSE_FOLDER .. [[\msvcr80.dll]]] = WINDOWS_FILE } },
    expect = "pass", says = "1 of others passed over" },
  { "microsoft-files-trusted", title = "a root of Microsoft's for the one beside McAfee's programs",
    given = { registry = { [DESKTOP] = { szInstallDir = VSE_FOLDER } },
              files = { [VSE_FOLDER .. [[\msvcr80.dll]]] = with(WINDOWS_FILE, { root = STRANGE_ROOT }) } },
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },
  { "microsoft-files-trusted", title = "one of them cannot be read",
    given = { registry = { [DESKTOP] = { szInstallDir = VSE_FOLDER } },
              files = { [VSE_FOLDER .. [[\msvcr80.dll]]] = denied() } },
    expect = "unknown", says = "msvcr80.dll" },
  { "microsoft-files-trusted", title = "McAfee's folder was not collected",
    given = { registry = { [DESKTOP] = { szInstallDir = VSE_FOLDER } },
              files = { [KERNEL32] = WINDOWS_FILE, [VSE_FOLDER] = not_collected() } },
    expect = "unknown" },
  { "microsoft-files-trusted", given = {}, expect = "not_applicable" },
  { "microsoft-files-trusted", given = { files = { [KERNEL32] = denied() } }, expect = "unknown" },

  ---- root-certificates-current -----------------------------------------------------------------
  { "root-certificates-current", given = roots {}, expect = "pass",
    says = "1 of 1 root there" },
  { "root-certificates-current", title = "a list that is 90 days old",
    given = roots { sync = "2019-03-01T12:00:00Z" }, expect = "pass", says = "90 days ago" },
  { "root-certificates-current", title = "and a second more",
    given = roots { sync = "2019-03-01T11:59:59Z" }, expect = "fail",
    says = "want at most 90 days old" },
  { "root-certificates-current", given = roots { sync = "2019-03-01T11:59:59Z" },
    set = { trust_list_days = 120 }, expect = "pass" },
  -- Each file tells which root it needs.
  each(libraries, function(path)
    return { "root-certificates-current",
      given = roots { files = { [SYSTEM32 .. "\\" .. file_name(path)] =
                        with(WINDOWS_FILE, { root = STRANGE_ROOT, signature = "untrusted_root" }) } },
      expect = "fail", says = { "Some Root", file_name(path), "neither present nor obtainable" } }
  end),
  each({
    { DESKTOP, "szInstallDir", VSE_FOLDER, "shstat.exe" },
    { DESKTOP, "szInstallDir", VSE_FOLDER, "VsTskMgr.exe" },
    { DESKTOP, "szInstallDir", VSE_FOLDER, "scan32.exe" },
    { FRAMEWORK, "Installed Path", AGENT_FOLDER, "FrameworkService.exe" },
    { FRAMEWORK, "Installed Path", AGENT_FOLDER, "naPrdMgr.exe" },
    { DESKTOP, "szInstallDir", SYSTEM32, "mfevtps.exe" },
    { DESKTOP, "szInstallDir", SYSTEM32, [[drivers\mfehidk.sys]] },
  }, function(place)
    return { "root-certificates-current",
      given = roots { registry = { [place[1] ] = { [place[2] ] = place[3] } },
                      files = { [KERNEL32] = WINDOWS_FILE, [place[3] .. "\\" .. place[4] ] =
                        with(GOOD, { root = STRANGE_ROOT, signature = "untrusted_root" }) } },
      expect = "fail", says = { "Some Root", place[4] } }
  end),
  -- Where no file tells, the roots of the time are wanted.
  each(windows_roots.needed, function(root, index)
    return { "root-certificates-current",
      given = roots { root = without(windows_roots.needed, index),
                      files = { [SYSTEM32] = not_collected() } },
      expect = "fail", says = string.sub(root, 42) }
  end),
  each(vendor_roots, function(root, index)
    return { "root-certificates-current",
      given = roots { authroot = without(vendor_roots, index),
                      files = { [KERNEL32] = WINDOWS_FILE,
                                [SYSTEM32 .. [[\mfevtps.exe]]] = not_collected() } },
      expect = "fail", says = string.sub(root, 42) }
  end),
  { "root-certificates-current", title = "a root that Windows fetches when it needs it",
    given = roots { files = { [KERNEL32] = WINDOWS_FILE,
                              [SYSTEM32 .. [[\mfevtps.exe]]] = not_collected() },
                    authroot = {}, listed = vendor_roots }, expect = "pass" },
  { "root-certificates-current", title = "unless updates are switched off",
    given = roots { files = { [KERNEL32] = WINDOWS_FILE,
                              [SYSTEM32 .. [[\mfevtps.exe]]] = not_collected() },
                    authroot = {}, listed = vendor_roots, off = 1 },
    expect = "fail", says = "automatic updates of roots are off" },
  { "root-certificates-current", title = "the same for Microsoft's",
    given = roots { root = {}, listed = windows_roots.needed,
                    files = { [SYSTEM32] = not_collected() } },
    expect = "pass" },
  { "root-certificates-current", title = "a root that is wanted whatever the files need",
    given = roots {}, set = { needed_roots = { STRANGE_ROOT } }, expect = "fail",
    says = "Some Root" },
  { "root-certificates-current", title = "a root that was withdrawn",
    given = roots { disallowed = { windows_roots.needed[1] } }, expect = "fail",
    says = "is disallowed" },
  { "root-certificates-current", title = "stores that cannot be read",
    given = roots { disallowed = denied() }, expect = "unknown" },
  { "root-certificates-current", title = "a list that was never fetched, and nothing is missing",
    given = roots { no_list = true }, expect = "pass" },
  { "root-certificates-current", given = { registry = { [ [[HKLM\SOFTWARE]] ] = denied() } },
    expect = "unknown" },

  ---- system-log-capacity -----------------------------------------------------------------------
  { "system-log-capacity", given = capacity { MaxSize = 20 * 1024 * 1024 }, expect = "pass" },
  { "system-log-capacity", given = capacity { MaxSize = 65536 }, expect = "fail",
    says = "want 30 days or more" },
  { "system-log-capacity", given = {}, expect = "unknown" },
}
