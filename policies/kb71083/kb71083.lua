-- McAfee KB71083: events 514, 516 and 519 of mfehidk, "process ... contains signed but untrusted
-- code".  Is the fix installed, do the events occur, can the log hold them, does the validation
-- service run, and which of the article's three causes applies: DLLs of the Agent without McAfee's
-- signature, a third party's hook, Microsoft files that this host does not trust?  On a running host
-- also: what have McAfee's processes loaded?
local accepted <const> = use "mcafee.accepted"
local files <const> = use "mcafee.files"
local hooks <const> = use "mcafee.hooks"
local libraries <const> = use "windows.libraries"
local mcafee <const> = use "mcafee.publishers"
local mcafee_roots <const> = use "mcafee.roots"
local microsoft <const> = use "windows.publishers"
local microsoft_roots <const> = use "windows.roots"

local WINDOW <const> = input "window_days"

local AGENT <const> = manual(
  "KB74177: McAfee Agent 4.5 loads DLLs without the McAfee signature that VirusScan Enterprise "
  .. "8.8 asks for: upgrade the Agent where it is that old.")
local THIRD_PARTY <const> = manual(
  "KB74176: a DLL that is neither McAfee's nor Microsoft's in the named process (a hook, an "
  .. "add-on, or malware): find it, then update or remove the product that it belongs to.")
local CERTIFICATES <const> = manual(
  "KB74174: a Microsoft DLL that does not validate on this host: bring root certificates and "
  .. "Windows updates up to date.")

return policy {
  id = "kb71083",
  title = "McAfee KB71083: untrusted code in McAfee processes",
  references = { "KB71083", "KB74177", "KB74176", "KB74174" },

  inputs = {
    latest_patch = input.version {
      default = "8.8.0.1982",
      title = "VirusScan Enterprise build to be installed (the article's: Patch 11)",
    },
    agent_version = input.version {
      default = "4.6",
      title = "oldest McAfee Agent that is outside KB74177 (which names 4.5 only)",
    },
    window_days = input.int {
      default = 30, minimum = 1, maximum = 3650,
      title = "days before the reference time in which events count, and which the log must hold",
    },
    trust_list_days = input.int {
      default = 90, minimum = 1, maximum = 36500,
      title = "days since this host last synchronised Microsoft's list of trusted roots",
    },
    needed_roots = input.list {
      default = {},
      title = "thumbprints (SHA-1) of roots that must be there whatever the host's files need",
    },
    pin_vendor_roots = input.bool {
      default = false,
      title = "accept McAfee's and Microsoft's signatures only below roots known to be theirs",
    },
  },

  diagnosis = diagnosis {
    symptom = "untrusted-code-events", article = "KB71083",
    cause {
      title = "McAfee Agent loads DLLs without McAfee's signature", article = "KB74177",
      rules = { "agent-dlls-signed" }, hints = { "agent-version" },
    },
    cause {
      title = "A third party's DLL is loaded into McAfee processes", article = "KB74176",
      rules = { "third-party-hooks", "loaded-modules" },
    },
    cause {
      title = "Microsoft files are not trusted by this host", article = "KB74174",
      rules = {
        "microsoft-files-trusted", "root-certificates-current", "loaded-microsoft-files",
      },
    },
  },

  rule {
    id = "vse-fixed-patch",
    title = "VirusScan Enterprise 8.8 has Patch 2 or later",
    severity = "high",
    rationale = "Patch 2 (8.8.0.975) is the article's fix.",
    references = { "KB71083" },
    want = product.version("mcafee.vse", at_least "8.8.0.975"),
    repair = upgrade { product = "mcafee.vse", to = input "latest_patch" },
  },

  rule {
    id = "vse-latest-patch",
    title = "VirusScan Enterprise 8.8 has the latest patch of the article",
    severity = "medium",
    rationale = "Later patches fix security holes as well (Patch 6: SB10142).",
    references = { "KB71083" },
    want = product.version("mcafee.vse", at_least(input "latest_patch")),
    repair = upgrade { product = "mcafee.vse", to = input "latest_patch" },
  },

  rule {
    id = "agent-version",
    title = "McAfee Agent is later than 4.5",
    severity = "medium",
    rationale = "Agent 4.5 loads cryptographic DLLs without a McAfee signature.",
    references = { "KB74177", "KB71083" },
    want = product.version("mcafee.agent", at_least(input "agent_version")),
    repair = {
      upgrade { product = "mcafee.agent", to = input "agent_version" },
      manual "KB74177: look for the event again; which build first signs its DLLs is not published.",
    },
  },

  rule {
    id = "agent-dlls-signed",
    title = "The Agent's cryptographic DLLs are signed by McAfee",
    severity = "high",
    rationale = "VirusScan Enterprise 8.8 asks for McAfee's signature on what McAfee processes load.",
    references = { "KB74177", "KB71083" },
    want = file.signed {
      paths = files.agent_dlls,
      signers = mcafee,
      roots = mcafee_roots,
      pin = input "pin_vendor_roots",
      optional = true,
      when_product = "mcafee.agent",
    },
    repair = { AGENT, manual "Repair or reinstall the Agent where its files were changed." },
  },

  rule {
    id = "untrusted-code-events",
    title = "No events about untrusted code in McAfee processes",
    severity = "high",
    rationale = "Foreign code in a McAfee process can get round Access Protection.",
    references = { "KB71083", "KB74177", "KB74176", "KB74174" },
    want = eventlog.none {
      channel = "System",
      providers = { "mfehidk" },
      ids = { 514, 516, 519 },
      window_days = WINDOW,
      group_by = "image",
    },
    repair = {
      manual "KB71083: bring VirusScan Enterprise 8.8 to Patch 2 or later first.",
      AGENT, THIRD_PARTY, CERTIFICATES,
    },
  },

  rule {
    id = "third-party-hooks",
    title = "No third party's DLL is injected into McAfee processes",
    severity = "high",
    rationale = "Foreign code in a McAfee process raises the events even when it is validly signed.",
    references = { "KB74176", "KB71083" },
    needs = { "registry", "signature" },
    check = hooks.check,
    repair = THIRD_PARTY,
  },

  rule {
    id = "microsoft-files-trusted",
    title = "This host trusts the Microsoft files that McAfee processes load",
    severity = "high",
    rationale = "A Microsoft DLL whose signature does not validate raises the events.",
    references = { "KB74174", "KB71083" },
    want = all {
      file.signed {
        paths = libraries, claims = microsoft, roots = microsoft_roots.all,
        pin = input "pin_vendor_roots", optional = true, partial = true, view = "both",
      },
      file.signed {
        paths = files.libraries, claims = microsoft, roots = microsoft_roots.all,
        pin = input "pin_vendor_roots", optional = true, partial = true,
      },
    },
    repair = {
      CERTIFICATES,
      roots.refresh {},
      manual "Replace files whose digest is wrong: sfc /scannow, or reinstall what they belong to.",
      manual(
        "Windows Installer 4.5 on XP and Server 2003 (msi.dll 4.5.6001.22159) is a file that the "
        .. "article names: install its update where that is the file."),
    },
  },

  rule {
    id = "root-certificates-current",
    title = "Needed root certificates are there and kept current",
    severity = "medium",
    rationale = "A missing Microsoft or VeriSign root makes good files untrusted.",
    references = { "KB74174", "KB71083" },
    want = all {
      certificate.present {
        sha1 = input "needed_roots", needed_by = libraries, otherwise = microsoft_roots.needed,
        obtainable = true,
      },
      certificate.present {
        needed_by = files.programs, otherwise = mcafee_roots, obtainable = true,
      },
      ctl.fresh { name = "EncodedCtl", days = input "trust_list_days" },
    },
    repair = {
      CERTIFICATES,
      roots.refresh {},
      manual(
        "Let Windows update its roots (policy DisableRootAutoUpdate), or distribute them by group "
        .. "policy or from a mirror (certutil -syncWithWU)."),
    },
  },

  rule {
    id = "system-log-capacity",
    title = "The System log holds the whole window",
    severity = "low",
    rationale = "A log that the events fill pushes out, or keeps out, what is needed to judge.",
    references = { "KB71083" },
    want = eventlog.capacity { channel = "System", window_days = WINDOW },
    repair = {
      manual "KB71083: remove the cause of the events first; they are what makes the log grow.",
      enforce(),
    },
  },

  rule {
    id = "validation-service",
    title = "McAfee's validation service and driver are enabled",
    severity = "high",
    rationale = "Without mfevtp and mfehidk nobody looks at code in McAfee processes, and no event "
      .. "is no good sign.",
    references = { "KB71083" },
    want = all {
      service.enabled { name = "mfevtp", when_product = "mcafee.vse" },
      service.enabled { name = "mfehidk", when_product = "mcafee.vse" },
    },
    repair = manual(
      "KB71083: enable the service again, or repair the installation of VirusScan Enterprise if "
      .. "it is missing; find out who switched it off."),
  },

  rule {
    id = "loaded-modules",
    title = "McAfee processes have loaded nobody's code but McAfee's and Microsoft's",
    severity = "high",
    rationale = "What is loaded now is what the driver looks at, however it got there.",
    references = { "KB74176", "KB74177", "KB71083" },
    want = module.signed {
      processes = files.processes, signers = accepted.signers, roots = accepted.roots,
      pin = input "pin_vendor_roots",
    },
    repair = { THIRD_PARTY, AGENT, CERTIFICATES },
  },

  rule {
    id = "loaded-microsoft-files",
    title = "This host trusts the Microsoft files that McAfee processes have loaded",
    severity = "high",
    rationale = "A Microsoft DLL whose signature does not validate raises the events.",
    references = { "KB74174", "KB71083" },
    want = module.signed {
      processes = files.processes, claims = microsoft, roots = microsoft_roots.all,
      pin = input "pin_vendor_roots",
    },
    repair = { CERTIFICATES, roots.refresh {} },
  },
}
