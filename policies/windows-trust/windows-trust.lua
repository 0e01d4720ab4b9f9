-- Is a host's idea of whom to trust in order, and can it show what happened to it?  Are Microsoft's
-- lists of trusted and of forbidden roots current, does Windows still update them, which roots were
-- added beside them, what gets into every process, do the logs hold what is needed.
local added_roots <const> = use "windows.added_roots"
local entry_points <const> = use "windows.entry_points"

local AUTO_UPDATE <const> = [[HKLM\SOFTWARE\Microsoft\SystemCertificates\AuthRoot\AutoUpdate]]
local POLICY <const> = [[HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot]]
local APP_INIT <const> = [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows]]

local LISTS <const> = manual(
  "Let the host reach Windows Update or an internal mirror (certutil -syncWithWU), or distribute "
  .. "the lists by group policy.")
local REMOVE_POLICY <const> = manual(
  "Take the setting out of group policy, and delete the value: it stays behind when the policy "
  .. "object goes.")

return policy {
  id = "windows-trust",
  title = "Whom this Windows trusts, and what gets into its processes",
  references = { "Microsoft: Configure trusted roots and disallowed certificates" },

  inputs = {
    root_list_days = input.int {
      default = 90, minimum = 1, maximum = 36500,
      title = "days since this host last synchronised Microsoft's list of trusted roots",
    },
    disallowed_list_days = input.int {
      default = 90, minimum = 1, maximum = 36500,
      title = "days since it last synchronised the list of forbidden certificates",
    },
    mirrors = input.list {
      default = {},
      title = "places (RootDirUrl) from which hosts may take the lists instead of Windows Update",
    },
    expected_roots = input.list {
      default = {},
      title = "thumbprints (SHA-1, lower case) of your own roots, which are in no list of Microsoft's",
    },
    key_bits = input.int {
      default = 2048, minimum = 512, maximum = 16384,
      title = "shortest RSA key that a root may have",
    },
    system_log_bytes = input.int {
      default = 16777216, minimum = 65536, maximum = 4294901760,
      title = "least maximum size of the System log",
    },
    security_log_bytes = input.int {
      default = 16777216, minimum = 65536, maximum = 4294901760,
      title = "least maximum size of the Security log",
    },
    application_log_bytes = input.int {
      default = 16777216, minimum = 65536, maximum = 4294901760,
      title = "least maximum size of the Application log",
    },
  },

  rule {
    id = "root-list-fresh",
    title = "Microsoft's list of trusted roots is current",
    severity = "medium",
    rationale = "Windows looks for a newer list every seven days; an old one misses roots that good "
      .. "files need, and restrictions of roots that went bad.",
    references = { "Microsoft: Configure trusted roots and disallowed certificates" },
    want = ctl.fresh { name = "EncodedCtl", days = input "root_list_days" },
    repair = LISTS,
  },

  rule {
    id = "disallowed-list-fresh",
    title = "Microsoft's list of forbidden certificates is current",
    severity = "medium",
    rationale = "Windows looks for a newer list every day; what it names is never trusted again.",
    references = {
      "Microsoft: Configure trusted roots and disallowed certificates", "KB2677070", "KB2813430",
    },
    want = ctl.fresh {
      name = "DisallowedCertEncodedCtl", days = input "disallowed_list_days",
    },
    repair = LISTS,
  },

  rule {
    id = "root-updates-on",
    title = "Windows may update its trusted roots",
    severity = "medium",
    rationale = "Roots are fetched when a chain needs them; with updates off a missing root makes "
      .. "good files untrusted.",
    references = { "Microsoft: Configure trusted roots and disallowed certificates" },
    want = registry.value(POLICY, "DisableRootAutoUpdate", equals(0), { if_absent = "pass" }),
    repair = REMOVE_POLICY,
  },

  rule {
    id = "disallowed-updates-on",
    title = "Windows may update its list of forbidden certificates",
    severity = "high",
    rationale = "Stolen and wrongly issued certificates stay trusted where the list does not come.",
    references = { "Microsoft: Configure trusted roots and disallowed certificates" },
    want = any {
      registry.value(POLICY, "DisableRootAutoUpdate", equals(0), { if_absent = "pass" }),
      all {
        windows.version(at_least "6.3"),
        registry.value(POLICY, "EnableDisallowedCertAutoUpdate", equals(1)),
      },
    },
    repair = {
      REMOVE_POLICY,
      manual "Or set EnableDisallowedCertAutoUpdate to 1, which Windows 8.1 and later heed.",
    },
  },

  rule {
    id = "list-source",
    title = "The lists come from Windows Update or a mirror of yours",
    severity = "low",
    rationale = "RootDirUrl replaces Windows Update; whoever runs that place can hold lists back.",
    references = { "Microsoft: Configure trusted roots and disallowed certificates" },
    want = registry.value(AUTO_UPDATE, "RootDirUrl", one_of(input "mirrors"), { if_absent = "pass" }),
    repair = manual "Find out who set RootDirUrl; name the place in the input mirrors if it is yours.",
  },

  rule {
    id = "expected-roots",
    title = "Every root of the machine is in Microsoft's list, or expected",
    severity = "low",
    rationale = "Whoever adds a root can vouch for any site and any program on the host.  Those that "
      .. "group policy and the enterprise's directory bring are somebody's decision, and not counted.",
    references = { "attack:T1553.004" },
    needs = { "certificates", "lists" },
    check = function(host)
      local expected <const> = {}
      for _, sha1 in ipairs(host.inputs.expected_roots) do
        expected[string.lower(string.sub(sha1, 1, 40))] = true
      end
      return added_roots.check(host, false, function(root)
        return not expected[root.sha1] and "is in no list of Microsoft's that this host keeps" or nil
      end)
    end,
    repair = manual(
      "Find out who added each of them (Windows' own setup brings some as well, old ones above all), "
      .. "remove what nobody needs, and name the others in the input expected_roots."),
  },

  rule {
    id = "sound-roots",
    title = "Added roots are neither expired nor weak",
    severity = "medium",
    rationale = "Nobody looks after a root that has expired, and a short key can be broken.",
    references = { "Microsoft: Trusted Root Program requirements" },
    needs = { "certificates", "lists" },
    check = function(host)
      local now <const>, least <const> = host.reference_time, host.inputs.key_bits
      return added_roots.check(host, true, function(root)
        if root.not_after and root.not_after < now then return "has expired" end
        if root.key_algorithm == "RSA" and root.key_bits > 0 and root.key_bits < least then
          return "has an RSA key of " .. root.key_bits .. " bits, want " .. least
        end
        if root.key_bits == 0 then return nil, "its key" end
        return nil, not root.not_after and "the end of its validity" or nil
      end)
    end,
    repair = manual "Replace the root, then remove it from the place that distributes it.",
  },

  rule {
    id = "appinit-idle",
    title = "No DLL is loaded into every program by AppInit_DLLs",
    severity = "medium",
    rationale = "AppInit_DLLs puts a DLL into every program with a window; Windows before Vista "
      .. "always loads them, later ones only with LoadAppInit_DLLs.",
    references = { "Microsoft: AppInit DLLs and Secure Boot", "attack:T1546.010" },
    want = any {
      registry.value(APP_INIT, "AppInit_DLLs", matches [[^[\s,]*$]],
        { view = "both", if_absent = "pass" }),
      all {
        windows.version(at_least "6.0"),
        registry.value(APP_INIT, "LoadAppInit_DLLs", equals(0),
          { view = "both", if_absent = "pass" }),
      },
    },
    repair = manual(
      "Find out which product each DLL belongs to, update or remove it; then set LoadAppInit_DLLs "
      .. "to 0."),
  },

  rule {
    id = "entry-points-trusted",
    title = "This host trusts the DLLs that are loaded into every process",
    severity = "high",
    rationale = "AppInit_DLLs, AppCertDlls and Winsock bring code into programs that never asked "
      .. "for it.",
    references = {
      "Microsoft: AppInit DLLs and Secure Boot", "attack:T1546.009", "attack:T1546.010",
    },
    needs = { "registry", "signature" },
    check = entry_points.trusted,
    repair = manual "Find out which product the DLL belongs to, update or remove it; it may be malware.",
  },

  rule {
    id = "no-debuggers",
    title = "No program is replaced by a debugger",
    severity = "high",
    rationale = "Image File Execution Options start another program in place of the named one.",
    references = { "attack:T1546.012" },
    needs = { "registry" },
    check = entry_points.debuggers,
    repair = manual "Find out who set the Debugger value, and delete it unless somebody debugs.",
  },

  rule {
    id = "system-log-size",
    title = "The System log may grow to its wanted size",
    severity = "low",
    rationale = "A small log loses the events of an incident before anybody looks.",
    references = { "Microsoft: Eventlog Key" },
    want = eventlog.size { channel = "System", bytes = input "system_log_bytes" },
    repair = enforce(),
  },

  rule {
    id = "security-log-size",
    title = "The Security log may grow to its wanted size",
    severity = "low",
    rationale = "A small log loses the events of an incident before anybody looks.",
    references = { "Microsoft: Eventlog Key" },
    want = eventlog.size { channel = "Security", bytes = input "security_log_bytes" },
    repair = enforce(),
  },

  rule {
    id = "application-log-size",
    title = "The Application log may grow to its wanted size",
    severity = "low",
    rationale = "A small log loses the events of an incident before anybody looks.",
    references = { "Microsoft: Eventlog Key" },
    want = eventlog.size { channel = "Application", bytes = input "application_log_bytes" },
    repair = enforce(),
  },
}
