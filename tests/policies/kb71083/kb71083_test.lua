-- Every rule of kb71083 against hosts that are made up: what passes, fails, does not apply, and what
-- cannot be known.  Hosts are Windows 7 x64 unless they say otherwise; VirusScan Enterprise is a
-- 32-bit program, so its keys lie below Wow6432Node.
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

-- Microsoft's and McAfee's roots in their stores, and a list that was last fetched then.
local function roots(options)
  return {
    at = NOW,
    certificates = { ROOT = { windows_roots.needed[1], windows_roots.needed[2] },
                     AuthRoot = vendor_roots },
    lists = { EncodedCtl = { this_update = "2019-01-01T00:00:00Z", last_sync = options.sync } },
    files = { [KERNEL32] = WINDOWS_FILE },
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
  { "microsoft-files-trusted", given = {}, expect = "not_applicable" },
  { "microsoft-files-trusted", given = { files = { [KERNEL32] = denied() } }, expect = "unknown" },

  ---- root-certificates-current -----------------------------------------------------------------
  { "root-certificates-current", given = roots { sync = "2019-05-01T00:00:00Z" }, expect = "pass" },
  { "root-certificates-current", given = roots { sync = "2019-03-01T00:00:00Z" }, expect = "fail",
    says = "want at most 90 days old" },
  { "root-certificates-current", given = { registry = { [ [[HKLM\SOFTWARE]] ] = denied() } },
    expect = "unknown" },

  ---- system-log-capacity -----------------------------------------------------------------------
  { "system-log-capacity", given = capacity { MaxSize = 20 * 1024 * 1024 }, expect = "pass" },
  { "system-log-capacity", given = capacity { MaxSize = 65536 }, expect = "fail",
    says = "want 30 days or more" },
  { "system-log-capacity", given = {}, expect = "unknown" },
}
