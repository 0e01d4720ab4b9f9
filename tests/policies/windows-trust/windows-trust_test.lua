-- Every rule of windows-trust against hosts that are made up: what passes, what fails, what cannot
-- be known.  Hosts are Windows 7 x64 unless they say otherwise.
local NOW <const> = "2023-05-30T12:00:00Z"
local SYNC <const> = "2023-05-20T12:00:00Z"
local LONG_AGO <const> = "2021-05-20T12:00:00Z"

local POLICY <const> = [[HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot]]
local AUTO_UPDATE <const> = [[HKLM\SOFTWARE\Microsoft\SystemCertificates\AuthRoot\AutoUpdate]]
local APP_INIT <const> = [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows]]
local APP_INIT_32 <const> = [[HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\Windows]]
local APP_CERT <const> = [[HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\AppCertDlls]]
local OPTIONS <const> =
  [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options]]
local LOGS <const> = [[HKLM\SYSTEM\CurrentControlSet\Services\EventLog\]]

local LISTED <const> = "A43489159A520F0D93D032CCAF37E7FE20A8B419"
local OWN <const> = "0123456789abcdef0123456789abcdef01234567"

local function with_list(name, fields)
  return { at = NOW, lists = { [name] = fields } }
end

-- A host that keeps a list with one root, and has it and one more in ROOT.
local function with_root(root)
  return {
    at = NOW,
    lists = { EncodedCtl = { this_update = SYNC, last_sync = SYNC, roots = { LISTED } } },
    certificates = { ROOT = { LISTED .. " Microsoft Root Authority", root } },
  }
end

local function own(fields)
  local root = { sha1 = OWN, common_name = "Example Root", not_after = "2030-01-01T00:00:00Z",
                 key_bits = 4096 }
  for name, value in pairs(fields) do root[name] = value end
  return root
end

local function policy_value(name, value)
  return { registry = { [POLICY] = { [name] = value } } }
end

local function log(channel, size)
  return { registry = { [LOGS .. channel] = { MaxSize = size } } }
end

local DLL <const> = [[C:\Windows\System32\example.dll]]

-- AppInit_DLLs names a DLL and is switched on.
local function loaded(file)
  return {
    registry = { [APP_INIT] = { AppInit_DLLs = DLL, LoadAppInit_DLLs = 1 } },
    files = { [DLL] = file },
  }
end

return cases "windows-trust" {
  -- Lists.
  { "root-list-fresh", expect = "pass", says = "10 days ago",
    given = with_list("EncodedCtl", { this_update = SYNC, last_sync = SYNC }) },
  { "root-list-fresh", expect = "fail", says = "740 days ago",
    given = with_list("EncodedCtl", { this_update = LONG_AGO, last_sync = LONG_AGO }) },
  { "root-list-fresh", title = "a host that never had one", expect = "not_applicable",
    given = { at = NOW, certificates = { ROOT = { LISTED } } } },
  { "root-list-fresh", expect = "unknown", given = with_list("EncodedCtl", denied()) },
  { "disallowed-list-fresh", expect = "pass",
    given = with_list("DisallowedCertEncodedCtl", { this_update = SYNC, last_sync = SYNC }) },
  { "disallowed-list-fresh", expect = "fail",
    given = with_list("DisallowedCertEncodedCtl", { this_update = LONG_AGO, last_sync = LONG_AGO }) },
  { "disallowed-list-fresh", expect = "unknown",
    given = with_list("DisallowedCertEncodedCtl", damaged()) },

  -- Updates.
  { "root-updates-on", expect = "pass", given = {} },
  { "root-updates-on", expect = "pass", given = policy_value("DisableRootAutoUpdate", 0) },
  { "root-updates-on", expect = "fail", says = "is 1, want 0",
    given = policy_value("DisableRootAutoUpdate", 1) },
  { "root-updates-on", expect = "unknown", given = { registry = { [POLICY] = denied() } } },
  { "disallowed-updates-on", expect = "pass", given = {} },
  { "disallowed-updates-on", expect = "fail", given = policy_value("DisableRootAutoUpdate", 1) },
  { "disallowed-updates-on", title = "a switch of their own, from Windows 8.1 on", expect = "pass",
    given = {
      os = "10.0.19045 x64",
      registry = { [POLICY] = { DisableRootAutoUpdate = 1, EnableDisallowedCertAutoUpdate = 1 } },
    } },
  { "disallowed-updates-on", title = "which Windows 7 does not know", expect = "fail",
    given = {
      registry = { [POLICY] = { DisableRootAutoUpdate = 1, EnableDisallowedCertAutoUpdate = 1 } },
    } },
  { "disallowed-updates-on", expect = "unknown", given = { registry = { [POLICY] = denied() } } },
  { "list-source", expect = "pass", given = {} },
  { "list-source", expect = "fail",
    given = { registry = { [AUTO_UPDATE] = { RootDirUrl = "http://mirror.example/roots" } } } },
  { "list-source", expect = "pass", set = { mirrors = { "http://mirror.example/roots" } },
    given = { registry = { [AUTO_UPDATE] = { RootDirUrl = "http://mirror.example/roots" } } } },
  { "list-source", expect = "unknown", given = { registry = { [AUTO_UPDATE] = denied() } } },

  -- Roots.
  { "expected-roots", expect = "pass", says = "0 roots",
    given = with_root(LISTED .. " the same again") },
  { "expected-roots", expect = "fail", says = { "Example Root", "in no list of Microsoft's" },
    given = with_root(own {}) },
  { "expected-roots", expect = "pass", set = { expected_roots = { OWN } }, given = with_root(own {}) },
  { "expected-roots", expect = "not_applicable",
    given = { at = NOW, certificates = { ROOT = { OWN .. " Example Root" } } } },
  { "expected-roots", expect = "unknown",
    given = { at = NOW, lists = { EncodedCtl = damaged() },
              certificates = { ROOT = { OWN .. " Example Root" } } } },
  { "sound-roots", expect = "pass", says = "1 root", given = with_root(own {}) },
  { "sound-roots", expect = "fail", says = "has expired",
    given = with_root(own { not_after = "2020-01-01T00:00:00Z" }) },
  { "sound-roots", expect = "fail", says = "1024 bits, want 2048",
    given = with_root(own { key_bits = 1024 }) },
  { "sound-roots", expect = "pass", set = { key_bits = 1024 },
    given = with_root(own { key_bits = 1024 }) },
  { "sound-roots", title = "a key that cannot be read", expect = "unknown", says = "its key",
    given = with_root { sha1 = OWN, common_name = "Example Root",
                        not_after = "2030-01-01T00:00:00Z" } },
  { "sound-roots", title = "no end of its validity", expect = "unknown", says = "validity",
    given = with_root { sha1 = OWN, common_name = "Example Root", key_bits = 4096 } },
  { "sound-roots", expect = "unknown",
    given = { at = NOW, lists = { EncodedCtl = damaged() },
              certificates = { ROOT = { own {} } } } },

  -- Code in every process.
  { "appinit-idle", expect = "pass", given = {} },
  { "appinit-idle", title = "named, but not loaded", expect = "pass",
    given = { registry = { [APP_INIT] = { AppInit_DLLs = DLL, LoadAppInit_DLLs = 0 } } } },
  { "appinit-idle", expect = "fail",
    given = { registry = { [APP_INIT] = { AppInit_DLLs = DLL, LoadAppInit_DLLs = 1 } } } },
  { "appinit-idle", title = "programs of 32 bits", expect = "fail",
    given = { registry = { [APP_INIT_32] = { AppInit_DLLs = DLL, LoadAppInit_DLLs = 1 } } } },
  { "appinit-idle", title = "XP always loads them", expect = "fail",
    given = { os = "5.1 x86", registry = { [APP_INIT] = { AppInit_DLLs = DLL } } } },
  { "appinit-idle", expect = "unknown", given = { registry = { [APP_INIT] = denied() } } },
  { "entry-points-trusted", expect = "pass", says = "0 DLLs", given = {} },
  { "entry-points-trusted", expect = "pass", says = "1 DLL at",
    given = loaded { version = "1.0", signer = "Example Ltd" } },
  { "entry-points-trusted", expect = "fail", says = "unsigned", given = loaded { version = "1.0" } },
  { "entry-points-trusted", expect = "fail",
    given = {
      registry = { [APP_CERT] = { example = DLL } },
      files = { [DLL] = { version = "1.0", signer = "Example Ltd", signature = "untrusted_root" } },
    } },
  { "entry-points-trusted", title = "a list of DLLs", expect = "fail", says = "unsigned",
    given = { registry = { [APP_CERT] = { example = { DLL } } },
              files = { [DLL] = { version = "1.0" } } } },
  { "entry-points-trusted", expect = "unknown", given = loaded(denied()) },
  { "no-debuggers", expect = "pass", given = {} },
  { "no-debuggers", expect = "pass", says = "none a debugger",
    given = { registry = { [OPTIONS .. [[\notepad.exe]]] = { GlobalFlag = 0 } } } },
  { "no-debuggers", expect = "fail", says = "starts evil.exe instead",
    given = { registry = { [OPTIONS .. [[\sethc.exe]]] = { Debugger = "evil.exe" } } } },
  { "no-debuggers", title = "an example that names no program", expect = "pass",
    given = { registry = { [OPTIONS .. [[\Your Image File Name Here without a path]]] =
      { Debugger = "ntsd -d" } } } },
  { "no-debuggers", expect = "unknown", given = { registry = { [OPTIONS] = denied() } } },

  -- Logs.
  { "system-log-size", expect = "pass", given = log("System", 20971520) },
  { "system-log-size", expect = "fail", given = log("System", 524288) },
  { "system-log-size", expect = "pass", set = { system_log_bytes = 524288 },
    given = log("System", 524288) },
  { "system-log-size", expect = "unknown",
    given = { registry = { [LOGS .. "System"] = { MaxSize = denied() } } } },
  { "security-log-size", expect = "pass", given = log("Security", 20971520) },
  { "security-log-size", expect = "fail", given = log("Security", 1048576) },
  { "security-log-size", expect = "unknown",
    given = { registry = { [LOGS .. "Security"] = { MaxSize = denied() } } } },
  { "application-log-size", expect = "pass", given = log("Application", 20971520) },
  { "application-log-size", expect = "fail", given = log("Application", 1048576) },
  { "application-log-size", expect = "unknown",
    given = { registry = { [LOGS .. "Application"] = { MaxSize = denied() } } } },
}
