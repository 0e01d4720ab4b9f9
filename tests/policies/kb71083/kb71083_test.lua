-- Every rule of kb71083 against hosts that are made up: what passes, fails, does not apply, and what
-- cannot be known.  Hosts are Windows 7 x64 unless they say otherwise; VirusScan Enterprise is a
-- 32-bit program, so its keys lie below Wow6432Node.
local accepted <const> = use "mcafee.accepted"
local files <const> = use "mcafee.files"
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

-- A file that any active injection point may name.
local EVIL <const> = SYSTEM32 .. [[\evil.dll]]
local CONTROL <const> = [[HKLM\SYSTEM\CurrentControlSet\Control]]
local WINSOCK <const> = [[HKLM\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters]]
local NT <const> = [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]]
local NT32 <const> = [[HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion]]

local function hook(registry, file, path)
  return { registry = registry, files = { [path or EVIL] = file or THIRD } }
end

-- PackedCatalogItem: the path in MAX_PATH bytes, then WSAPROTOCOL_INFOW with its chain's length.
local function packed(path, chain, less)
  local bytes = {}
  for i = 1, 260 do table.insert(bytes, i <= #path and string.byte(path, i) or 0) end
  for i = 1, 40 do table.insert(bytes, 0xEE) end
  for i = 0, 3 - (less or 0) do table.insert(bytes, (chain >> 8 * i) & 255) end
  local hex = {}
  for _, byte in ipairs(bytes) do table.insert(hex, string.format("%02x", byte)) end
  return binary(table.concat(hex))
end

local function protocol(catalog, path, chain)
  return { [WINSOCK .. [[\Protocol_Catalog9\]] .. catalog .. [[\000000000001]] ] =
             { PackedCatalogItem = packed(path, chain) } }
end

local function namespace(catalog, values)
  return { [WINSOCK .. [[\NameSpace_Catalog5\]] .. catalog .. [[\000000000001]] ] = values }
end

local function app_init(values, file)
  return { registry = { [WINDOWS_KEY] = values },
           files = { [ [[C:\Windows\System32\evil.dll]] ] = file } }
end

-- McShield.exe runs and has loaded itself, kernel32.dll and one more file.
local SHIELD <const> = VSE_FOLDER .. [[\McShield.exe]]
local EXTRA <const> = VSE_FOLDER .. [[\extra.dll]]
local function loaded(extra, image)
  return {
    modules = { [image or "McShield.exe"] = { SHIELD, KERNEL32, extra and EXTRA } },
    files = { [SHIELD] = GOOD, [KERNEL32] = WINDOWS_FILE, [EXTRA] = extra },
  }
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
    expect = "unknown", says = { "evil.dll", "is unreadable: access is denied" } },
  { "third-party-hooks", title = "not collected",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, not_collected()),
    expect = "unknown", says = "is not collected" },
  -- AppInit_DLLs, told apart by its separators and marks.
  each({ "good.dll evil.dll", "good.dll,evil.dll", "good.dll\tevil.dll", '"evil.dll"',
         " evil.dll ", [[C:\Windows\System32\evil.dll]], "C:/Windows/System32/evil.dll" },
    function(text)
      return { "third-party-hooks", given = {
          registry = { [WINDOWS_KEY] = { AppInit_DLLs = text, LoadAppInit_DLLs = 1 } },
          files = { [EVIL] = THIRD, [SYSTEM32 .. [[\good.dll]]] = GOOD } },
        expect = "fail", says = "evil.dll: trusted" }
    end),
  { "third-party-hooks", title = "a list where one text belongs is looked at all the same",
    given = hook { [WINDOWS_KEY] = { AppInit_DLLs = multi_sz { "x.dll", "evil.dll" }, LoadAppInit_DLLs = 1 } },
    expect = "fail", says = "evil.dll: trusted" },
  { "third-party-hooks", title = "a number in text", given =
      app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = "1" }, THIRD), expect = "fail" },
  { "third-party-hooks", title = "no number: not loaded",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = "yes" }, THIRD),
    expect = "pass", says = "1 inactive" },
  { "third-party-hooks", title = "no whole number",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = "1.5" }, THIRD),
    expect = "pass", says = "1 inactive" },
  { "third-party-hooks", title = "nothing is named: LoadAppInit_DLLs does not matter",
    given = { registry = { [WINDOWS_KEY] = { LoadAppInit_DLLs = denied() } } }, expect = "pass",
    message = "0 active injection points, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "in the root of the drive",
    given = hook({ [WINDOWS_KEY] = { AppInit_DLLs = [[\evil.dll]], LoadAppInit_DLLs = 1 } }, THIRD,
                 [[C:\evil.dll]]), expect = "fail", says = [[AppInit_DLLs: \evil.dll: trusted]] },
  { "third-party-hooks", title = "without a backslash",
    given = hook { [WINDOWS_KEY] = { AppInit_DLLs = "/Windows/System32/evil.dll", LoadAppInit_DLLs = 1 } },
    expect = "fail", says = "AppInit_DLLs: /Windows/System32/evil.dll: trusted" },
  { "third-party-hooks", title = "by its drive alone",
    given = hook({ [WINDOWS_KEY] = { AppInit_DLLs = "C:evil.dll", LoadAppInit_DLLs = 1 } }, THIRD,
                 [[C:\evil.dll]]), expect = "fail", says = "AppInit_DLLs: C:evil.dll: trusted" },
  { "third-party-hooks", title = "without LoadAppInit_DLLs",
    given = app_init({ AppInit_DLLs = "evil.dll" }, THIRD), expect = "pass",
    message = "0 active injection points, all of McAfee or Microsoft; 1 inactive" },
  { "third-party-hooks", title = "what 32-bit programs load",
    given = hook({ [NT32 .. [[\Windows]] ] = { AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 } },
                 THIRD, [[C:\Windows\SysWOW64\evil.dll]]),
    expect = "fail", says = NT .. [[\Windows\AppInit_DLLs: %SystemRoot%\System32\evil.dll]] },
  { "third-party-hooks", title = "both of two views",
    given = { registry = { [WINDOWS_KEY] = { AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                           [NT32 .. [[\Windows]] ] = { AppInit_DLLs = "evil.dll",
                                                      LoadAppInit_DLLs = 1 } },
              files = { [EVIL] = THIRD, [ [[C:\Windows\SysWOW64\evil.dll]] ] = GOOD } },
    expect = "fail",
    message = NT .. [[\Windows\AppInit_DLLs: %SystemRoot%\System32\evil.dll: trusted (embedded, signed by Somebody Else Ltd., root VeriSign Class 3 Public Primary CA), neither McAfee's nor Microsoft's]] },
  { "third-party-hooks", title = "the whole of what is said of good ones",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, GOOD), expect = "pass",
    message = "1 active injection point, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "a root of no verified Microsoft list",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                     with(GOOD, { root_in_program = false })),
    expect = "pass",
    message = "1 active injection point, all of McAfee or Microsoft, 1 by a root of no verified Microsoft list" },
  each(windows_roots.all, function(root)
    return { "third-party-hooks", set = { pin_vendor_roots = true },
      given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                       with(WINDOWS_FILE, { root = root })), expect = "pass" }
  end),
  each(vendor_roots, function(root)
    return { "third-party-hooks", set = { pin_vendor_roots = true },
      given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, with(GOOD, { root = root })),
      expect = "pass" }
  end),
  { "third-party-hooks", title = "McAfee's below a root of Microsoft's",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                     with(WINDOWS_FILE, { root = VENDOR_ROOT })),
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },
  { "third-party-hooks", title = "which does not matter unless the input says so",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                     with(GOOD, { root = WINDOWS_ROOT })), expect = "pass" },
  { "third-party-hooks", title = "a chain without its root",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, { signer = MCAFEE }),
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },
  { "third-party-hooks", title = "nobody's, and not even signed",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 }, { version = "1.0" }),
    expect = "fail", message = NT .. [[\Windows\AppInit_DLLs: %SystemRoot%\System32\evil.dll: unsigned 0x800B0100]] },
  { "third-party-hooks", title = "Microsoft's by name, but it does not validate",
    given = app_init({ AppInit_DLLs = "evil.dll", LoadAppInit_DLLs = 1 },
                     with(WINDOWS_FILE, { signature = "expired" })),
    expect = "fail", says = "Microsoft Corporation's, see KB74174" },

  { "third-party-hooks", title = "AppCertDlls",
    given = hook { [CONTROL .. [[\Session Manager\AppCertDlls]] ] =
                     { Some = expand_sz [[%SystemRoot%\System32\evil.dll]] } },
    expect = "fail", says = [[AppCertDlls\Some]] },
  { "third-party-hooks", title = "an empty one, and a number",
    given = hook { [CONTROL .. [[\Session Manager\AppCertDlls]] ] = { Some = "", Number = 5 } },
    expect = "pass", message = "0 active injection points, all of McAfee or Microsoft" },

  -- Winsock: 32-bit programs have Catalog_Entries, on x64 the others Catalog_Entries64.
  { "third-party-hooks", title = "a protocol of a third party",
    given = hook(protocol("Catalog_Entries64", [[%SystemRoot%\System32\evil.dll]], 2)),
    expect = "fail", says = { "Catalog_Entries64", "evil.dll" } },
  { "third-party-hooks", title = "a 32-bit protocol",
    given = hook(protocol("Catalog_Entries", [[%SystemRoot%\System32\evil.dll]], 2), THIRD,
                 [[C:\Windows\SysWOW64\evil.dll]]),
    expect = "fail", says = [[Catalog_Entries\000000000001]] },
  { "third-party-hooks", title = "on x86 there is one catalog",
    given = with(hook(protocol("Catalog_Entries", [[%SystemRoot%\System32\evil.dll]], 3)),
                 { os = "6.1 x86" }),
    expect = "fail" },
  each({ 0, 2, 256, 65536, 16777216, 257, 65537, 16777217 }, function(chain)
    return { "third-party-hooks", title = "no base provider: chain of " .. chain,
      given = hook(protocol("Catalog_Entries64", [[%SystemRoot%\System32\evil.dll]], chain)),
      expect = "fail" }
  end),
  { "third-party-hooks", title = "a base provider is only mentioned",
    given = hook(protocol("Catalog_Entries64", [[%SystemRoot%\System32\evil.dll]], 1)),
    expect = "pass",
    message = [[0 active injection points, all of McAfee or Microsoft; %SystemRoot%\System32\evil.dll by another vendor (a base provider)]] },
  { "third-party-hooks", title = "whose root does not matter there",
    given = hook(protocol("Catalog_Entries64", [[%SystemRoot%\System32\evil.dll]], 1),
                 with(GOOD, { root = WINDOWS_ROOT })),
    set = { pin_vendor_roots = true }, expect = "pass",
    message = "0 active injection points, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "even where it cannot be read",
    given = hook(protocol("Catalog_Entries64", [[%SystemRoot%\System32\evil.dll]], 1), denied()),
    expect = "pass", message = "0 active injection points, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "nor where it was not collected",
    given = hook(protocol("Catalog_Entries64", [[%SystemRoot%\System32\evil.dll]], 1),
                 not_collected()),
    expect = "pass", message = "0 active injection points, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "an entry that is too short",
    given = hook { [WINSOCK .. [[\Protocol_Catalog9\Catalog_Entries64\000000000001]] ] =
                     { PackedCatalogItem = binary "00 01 02" } },
    expect = "unknown", says = "PackedCatalogItem has 3 bytes" },
  { "third-party-hooks", title = "one by a single byte",
    given = hook { [WINSOCK .. [[\Protocol_Catalog9\Catalog_Entries64\000000000001]] ] =
                     { PackedCatalogItem = packed(EVIL, 2, 1) } },
    expect = "unknown", says = "PackedCatalogItem has 303 bytes" },
  { "third-party-hooks", title = "no path at all",
    given = hook(protocol("Catalog_Entries64", "", 2)), expect = "pass",
    message = [[0 active injection points, all of McAfee or Microsoft; %SystemRoot%\System32\ is named, but not there]] },
  { "third-party-hooks", title = "a protocol of Windows' own that was not collected",
    given = hook(protocol("Catalog_Entries64", [[%SystemRoot%\System32\mswsock.dll]], 2),
                 not_collected(), SYSTEM32),
    expect = "pass", says = "1 by the path of Windows' own DLLs" },
  { "third-party-hooks", title = "an entry without its item",
    given = hook { [WINSOCK .. [[\Protocol_Catalog9\Catalog_Entries64\000000000001]] ] = {} },
    expect = "unknown", says = "PackedCatalogItem has 0 bytes" },
  { "third-party-hooks", title = "a path as long as its place",
    given = hook(protocol("Catalog_Entries64", string.rep("a", 260), 2)),
    expect = "pass", says = [[System32\]] .. string.rep("a", 260) .. " is named, but not there" },
  { "third-party-hooks", title = "a namespace provider",
    given = hook(namespace("Catalog_Entries64", { LibraryPath = EVIL })), expect = "fail",
    says = "NameSpace_Catalog5" },
  { "third-party-hooks", title = "enabled",
    given = hook(namespace("Catalog_Entries64", { LibraryPath = EVIL, Enabled = 1 })),
    expect = "fail" },
  { "third-party-hooks", title = "not enabled",
    given = hook(namespace("Catalog_Entries64", { LibraryPath = EVIL, Enabled = 0 })),
    expect = "pass", says = "1 inactive" },
  { "third-party-hooks", title = "a namespace without a library",
    given = hook(namespace("Catalog_Entries64", { LibraryPath = "" })), expect = "pass",
    message = "0 active injection points, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "a 32-bit namespace",
    given = hook(namespace("Catalog_Entries", { LibraryPath = [[%SystemRoot%\System32\evil.dll]] }),
                 THIRD, [[C:\Windows\SysWOW64\evil.dll]]),
    expect = "fail" },
  -- Windows' own pass by their path where they were not collected.
  each({ "mswsock.dll", "rsvpsp.dll", "winrnr.dll", "napinsp.dll", "pnrpnsp.dll", "nlaapi.dll",
         "wshbth.dll" }, function(name)
    return { "third-party-hooks",
      given = hook(namespace("Catalog_Entries64", { LibraryPath = [[%SystemRoot%\System32\]] .. name }),
                   not_collected(), SYSTEM32),
      expect = "pass",
      message = "1 active injection point, all of McAfee or Microsoft, 1 by the path of Windows' own DLLs, which were not collected" }
  end),
  each({ [[%windir%\System32\mswsock.dll]], [[C:\Windows\System32\mswsock.dll]], "mswsock.dll" },
    function(path)
      return { "third-party-hooks",
        given = hook(namespace("Catalog_Entries64", { LibraryPath = path }), not_collected(), SYSTEM32),
        expect = "pass", says = "1 by the path of Windows' own DLLs" }
    end),
  each({ [[%SystemRoot%\mswsock.dll]], [[C:\Temp\System32\mswsock.dll]],
         [[%SystemRoot%\System32\evil.dll]], [[%SystemRoot%\System32\sub\mswsock.dll]] },
    function(path)
      return { "third-party-hooks",
        given = { registry = namespace("Catalog_Entries64", { LibraryPath = path }),
                  files = { [ [[C:\Windows]] ] = not_collected(), [ [[C:\Temp]] ] = not_collected() } },
        expect = "unknown", says = "is not collected" }
    end),
  { "third-party-hooks", title = "Windows on another drive", given = hook(
      with(namespace("Catalog_Entries64", { LibraryPath = [[D:\WINNT\System32\mswsock.dll]] }),
           { [NT] = { SystemRoot = [[D:\WINNT]] } }), not_collected(), [[D:\WINNT]]),
    expect = "pass", says = "1 by the path of Windows' own DLLs" },
  { "third-party-hooks", title = "their path is no excuse where they cannot be read",
    given = hook(namespace("Catalog_Entries64", { LibraryPath = "mswsock.dll" }), denied(), SYSTEM32 .. [[\mswsock.dll]]),
    expect = "unknown", says = "is unreadable" },
  { "third-party-hooks", title = "nor elsewhere than in Winsock",
    given = hook({ [WINDOWS_KEY] = { AppInit_DLLs = "mswsock.dll", LoadAppInit_DLLs = 1 } },
                 not_collected(), SYSTEM32), expect = "unknown" },
  { "third-party-hooks", title = "when they were collected their signature decides",
    given = hook(namespace("Catalog_Entries64", { LibraryPath = "mswsock.dll" }), THIRD,
                 SYSTEM32 .. [[\mswsock.dll]]), expect = "fail" },

  -- Image File Execution Options of McAfee's processes.
  each(files.processes, function(name)
    return { "third-party-hooks",
      given = hook { [NT .. [[\Image File Execution Options\]] .. name] =
                       { Debugger = [["C:\Windows\System32\evil.dll" -x]] } },
      expect = "fail", says = name .. [[\Debugger: ]] }
  end),
  each({ [[C:\Windows\System32\evil.dll]], [[C:\Windows\System32\evil.dll /a /b]],
         [["C:\Windows\System32\evil.dll]] }, function(command)
    return { "third-party-hooks",
      given = hook { [NT .. [[\Image File Execution Options\MCSHIELD.exe]] ] = { Debugger = command } },
      expect = "fail", says = [[C:\Windows\System32\evil.dll: trusted]] }
  end),
  { "third-party-hooks", title = "other programs do not matter",
    given = hook { [NT .. [[\Image File Execution Options\notepad.exe]] ] = { Debugger = EVIL } },
    expect = "pass", message = "0 active injection points, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "nor those without anything",
    given = hook { [NT .. [[\Image File Execution Options\mcshield.exe]] ] = {} },
    expect = "pass", message = "0 active injection points, all of McAfee or Microsoft" },
  { "third-party-hooks", title = "a 32-bit debugger value",
    given = with(hook { [NT32 .. [[\Image File Execution Options\mcshield.exe]] ] = { Debugger = EVIL } },
                 { os = "6.0 x64" }),
    expect = "fail" },
  each({ 0x100, 0x300, 0x101 }, function(flags)
    return { "third-party-hooks", given = hook { [NT .. [[\Image File Execution Options\mcshield.exe]] ] =
        { VerifierDlls = "evil.dll", GlobalFlag = flags } },
      expect = "fail", says = [[mcshield.exe\VerifierDlls: ]] }
  end),
  each({ 0, 0x200, 0x0FF, 0x001 }, function(flags)
    return { "third-party-hooks", given = hook { [NT .. [[\Image File Execution Options\mcshield.exe]] ] =
        { VerifierDlls = "evil.dll", GlobalFlag = flags } },
      expect = "pass", says = "2 inactive" }
  end),

  -- Shims: databases of compatibility fixes.
  { "third-party-hooks", title = "a shim database with its path",
    given = hook { [NT .. [[\AppCompatFlags\Custom\mcshield.exe]] ] = { ["{ab}.sdb"] = "" },
                   [NT .. [[\AppCompatFlags\InstalledSDB\{ab}]] ] = { DatabasePath = EVIL } },
    expect = "fail", says = [[AppCompatFlags\Custom\mcshield.exe]] },
  { "third-party-hooks", title = "one by its usual place",
    given = hook({ [NT .. [[\AppCompatFlags\Custom\mcshield.exe]] ] = { ["{ab}.sdb"] = "" } }, THIRD,
                 [[C:\Windows\AppPatch\Custom\{ab}.sdb]]),
    expect = "fail", says = [[%SystemRoot%\AppPatch\Custom\{ab}.sdb: trusted]] },
  { "third-party-hooks", title = "no database",
    given = hook { [NT .. [[\AppCompatFlags\Custom\mcshield.exe]] ] = { Other = EVIL } },
    expect = "pass", says = "0 active" },

  -- Listed, but no way into McAfee's processes.
  each({ "Notification Packages", "Authentication Packages", "Security Packages" }, function(name)
    return { "third-party-hooks",
      given = hook { [CONTROL .. [[\Lsa]] ] = { [name] = { "evil", "evil.dll" } } }, expect = "pass",
      message = [[0 active injection points, all of McAfee or Microsoft; %SystemRoot%\System32\evil.dll by another vendor (lsass.exe only)]] }
  end),
  { "third-party-hooks", title = "one package as a text, and empty ones",
    given = hook { [CONTROL .. [[\Lsa]] ] = { ["Security Packages"] = "evil",
                     ["Notification Packages"] = { '""' } } }, expect = "pass",
    says = "evil.dll by another vendor" },
  each({ "", '""' }, function(name)
    return { "third-party-hooks", title = "a package without a name",
      given = hook({ [CONTROL .. [[\Lsa]] ] = { ["Security Packages"] = name } }, THIRD,
                   SYSTEM32 .. "\\" .. name .. ".dll"),
      expect = "pass", message = "0 active injection points, all of McAfee or Microsoft" }
  end),
  { "third-party-hooks", title = "a package with its extension",
    given = hook { [CONTROL .. [[\Lsa]] ] = { ["Security Packages"] = { "evil.dll" } } },
    expect = "pass", says = "evil.dll by another vendor" },
  { "third-party-hooks", title = "KnownDlls",
    given = hook { [CONTROL .. [[\Session Manager\KnownDlls]] ] = { evil = "evil.dll", DllDirectory = SYSTEM32, number = 5 } },
    expect = "pass", says = "evil.dll by another vendor (taken from System32)" },
  { "third-party-hooks", title = "Microsoft's are not worth a word",
    given = hook({ [CONTROL .. [[\Session Manager\KnownDlls]] ] = { evil = "evil.dll" } }, WINDOWS_FILE),
    expect = "pass", message = "0 active injection points, all of McAfee or Microsoft" },

  { "third-party-hooks", title = "two findings and what is not known: the findings count",
    given = { registry = { [WINDOWS_KEY] = { AppInit_DLLs = "evil.dll other.dll gone.dll", LoadAppInit_DLLs = 1 } },
              files = { [EVIL] = THIRD, [SYSTEM32 .. [[\other.dll]]] = THIRD,
                        [SYSTEM32 .. [[\gone.dll]]] = not_collected() } },
    expect = "fail", says = "and 1 more" },
  { "third-party-hooks", title = "at most four of a kind are named",
    given = { registry = { [WINDOWS_KEY] = { AppInit_DLLs = "1.dll 2.dll 3.dll 3.dll 4.dll 5.dll", LoadAppInit_DLLs = 1 } } },
    expect = "pass",
    message = [[0 active injection points, all of McAfee or Microsoft; %SystemRoot%\System32\1.dll is named, but not there; %SystemRoot%\System32\2.dll is named, but not there; %SystemRoot%\System32\3.dll is named, but not there; %SystemRoot%\System32\4.dll is named, but not there]] },
  { "third-party-hooks", title = "nor of those that are not known",
    given = { registry = { [WINDOWS_KEY] = { AppInit_DLLs = "1.dll 2.dll 3.dll 4.dll 5.dll", LoadAppInit_DLLs = 1 } },
              files = { [SYSTEM32] = not_collected "no" } },
    expect = "unknown",
    message = [[%SystemRoot%\System32\1.dll (]] .. WINDOWS_KEY .. [[\AppInit_DLLs) is not collected: no; %SystemRoot%\System32\2.dll (]] .. WINDOWS_KEY .. [[\AppInit_DLLs) is not collected: no; %SystemRoot%\System32\3.dll (]] .. WINDOWS_KEY .. [[\AppInit_DLLs) is not collected: no; %SystemRoot%\System32\4.dll (]] .. WINDOWS_KEY .. [[\AppInit_DLLs) is not collected: no]] },
  { "third-party-hooks", title = "two points",
    given = { registry = { [WINDOWS_KEY] = { AppInit_DLLs = "evil.dll other.dll", LoadAppInit_DLLs = 1 } },
              files = { [EVIL] = GOOD, [SYSTEM32 .. [[\other.dll]]] = WINDOWS_FILE } },
    expect = "pass", message = "2 active injection points, all of McAfee or Microsoft" },
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
  { "microsoft-files-trusted", title = "nor that, where the Agent's folder tells",
    given = { registry = { [DESKTOP] = { szInstallDir = VSE_FOLDER },
                           [FRAMEWORK] = { ["Installed Path"] = AGENT_FOLDER } },
              files = { [AGENT_FOLDER .. [[\msvcr80.dll]]] = WINDOWS_FILE,
                        [VSE_FOLDER] = not_collected() } },
    expect = "pass" },
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

  ---- loaded-modules ----------------------------------------------------------------------------
  { "loaded-modules", title = "nothing of McAfee's runs", given = {}, expect = "not_applicable",
    message = 'no process named "VsTskMgr.exe" or one of 18 other names is running' },
  { "loaded-modules", given = loaded(), expect = "pass",
    message = '2 of 2 loaded modules as wanted, in 1 process, want signed by "McAfee, Inc." or one of 6 other names, trusted by this host' },
  { "loaded-modules", title = "a third party's, signed or not", given = loaded(THIRD), expect = "fail",
    says = { EXTRA .. " (in McShield.exe): trusted (embedded, signed by Somebody Else Ltd.",
             "its signer is none of those wanted" } },
  { "loaded-modules", given = loaded { version = "1.0" }, expect = "fail",
    says = EXTRA .. " (in McShield.exe): unsigned 0x800B0100" },
  { "loaded-modules", title = "McAfee's by name, but it does not validate",
    given = loaded(with(GOOD, { signature = "untrusted_root" })), expect = "fail",
    says = "untrusted_root" },
  { "loaded-modules", title = "a file that is gone", given = loaded(absent), expect = "unknown",
    says = "loaded, but its file is gone" },
  { "loaded-modules", given = loaded(denied()), expect = "unknown", says = "access is denied" },
  { "loaded-modules", title = "a process that cannot be opened",
    given = { modules = { ["mfevtps.exe"] = denied() } }, expect = "unknown",
    says = "mfevtps.exe (process 1000): its modules are unreadable (access is denied)" },
  { "loaded-modules", title = "a process without any", given = { modules = { ["McShield.exe"] = {} } },
    expect = "unknown", says = "McShield.exe (process 1000): its modules do not even name its program" },
  { "loaded-modules", title = "beside one that is good",
    given = with(loaded(), { modules = { ["mfevtps.exe"] = {}, ["McShield.exe"] = { SHIELD } } }),
    expect = "unknown" },
  { "loaded-modules", title = "which hides nothing of the others",
    given = with(loaded(THIRD), { modules = { ["mfevtps.exe"] = denied(), ["McShield.exe"] = { EXTRA } } }),
    expect = "fail", says = "in McShield.exe" },
  { "loaded-modules", title = "nor makes it good what they have loaded",
    given = with(loaded(), { modules = { ["mfevtps.exe"] = denied(), ["McShield.exe"] = { SHIELD } } }),
    expect = "unknown" },
  { "loaded-modules", title = "one file, several processes",
    given = with(loaded(THIRD), { modules = {
      ["McShield.exe"] = { EXTRA }, ["scan32.exe"] = { EXTRA }, ["shstat.exe"] = { EXTRA } } }),
    expect = "fail", says = "(in McShield.exe, shstat.exe and 1 more)" },
  { "loaded-modules", title = "a root of no verified Microsoft list",
    given = loaded(with(GOOD, { root_in_program = false })), expect = "pass",
    says = "1 by a root of no verified Microsoft list" },
  { "loaded-modules", title = "in a program of nobody's",
    given = { modules = { ["notepad.exe"] = { EXTRA } }, files = { [EXTRA] = THIRD } },
    expect = "not_applicable" },
  each(files.processes, function(image)
    return { "loaded-modules", given = loaded(THIRD, image), expect = "fail", says = "in " .. image }
  end),
  each(accepted.signers, function(name)
    return { "loaded-modules", given = loaded(with(GOOD, { signer = name })), expect = "pass",
             says = "3 of 3" }
  end),
  each(accepted.roots, function(root)
    return { "loaded-modules", given = loaded(with(GOOD, { root = root })),
             set = { pin_vendor_roots = true }, expect = "pass" }
  end),
  { "loaded-modules", given = loaded(with(GOOD, { root = STRANGE_ROOT })), expect = "pass" },
  { "loaded-modules", given = loaded(with(GOOD, { root = STRANGE_ROOT })),
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },

  ---- loaded-microsoft-files --------------------------------------------------------------------
  { "loaded-microsoft-files", given = {}, expect = "not_applicable", says = "is running" },
  { "loaded-microsoft-files", given = loaded(THIRD), expect = "pass",
    message = "1 of 1 loaded module as wanted, in 1 process, 2 of others passed over, want all trusted by this host" },
  { "loaded-microsoft-files", given = loaded(with(WINDOWS_FILE, { signature = "expired" })),
    expect = "fail", says = EXTRA .. " (in McShield.exe): expired" },
  { "loaded-microsoft-files", title = "by its version resource",
    given = loaded { version = "6.1.7601.1", company = MICROSOFT }, expect = "fail",
    says = "unsigned" },
  { "loaded-microsoft-files", title = "none of them",
    given = { modules = { ["McShield.exe"] = { SHIELD } }, files = { [SHIELD] = GOOD } },
    expect = "not_applicable", message = 'no loaded module names "Microsoft Corporation" as its maker' },
  { "loaded-microsoft-files", given = { modules = { ["McShield.exe"] = denied() } },
    expect = "unknown" },
  each(files.processes, function(image)
    return { "loaded-microsoft-files",
      given = loaded(with(WINDOWS_FILE, { signature = "untrusted_root" }), image), expect = "fail",
      says = "in " .. image }
  end),
  each(windows_roots.all, function(root)
    return { "loaded-microsoft-files", given = loaded(with(WINDOWS_FILE, { root = root })),
             set = { pin_vendor_roots = true }, expect = "pass", says = "2 of 2" }
  end),
  { "loaded-microsoft-files", given = loaded(with(WINDOWS_FILE, { root = STRANGE_ROOT })),
    expect = "pass" },
  { "loaded-microsoft-files", given = loaded(with(WINDOWS_FILE, { root = STRANGE_ROOT })),
    set = { pin_vendor_roots = true }, expect = "fail", says = "none of the vendor's" },
}
