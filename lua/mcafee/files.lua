-- Files and processes of VirusScan Enterprise and McAfee Agent.
local FRAMEWORK <const> =
  [[<HKLM\SOFTWARE\Network Associates\TVD\Shared Components\Framework:Installed Path>]]
local ORCHESTRATOR <const> =
  [[<HKLM\SOFTWARE\Network Associates\ePolicy Orchestrator\Agent:Installed Path>]]
local AGENT <const> = [[<HKLM\SOFTWARE\McAfee\Agent:InstallPath>]]
local TRELLIX <const> = [[<HKLM\SOFTWARE\Trellix\Agent:InstallPath>]]
local VSE <const> = [[<HKLM\SOFTWARE\McAfee\DesktopProtection:szInstallDir>]]

-- KB74177: by the Agent's own folder, because other products ship files of the same names.
local agent_dlls = {}
for _, folder in ipairs { FRAMEWORK, ORCHESTRATOR, AGENT, TRELLIX } do
  for _, name in ipairs { "cryptocme2.dll", "ccme_base.dll" } do
    table.insert(agent_dlls, folder .. "\\" .. name)
  end
end

return {
  agent_dlls = agent_dlls,

  -- Signed by McAfee; their chains tell which roots the host needs.
  programs = {
    VSE .. [[\shstat.exe]],
    VSE .. [[\VsTskMgr.exe]],
    VSE .. [[\scan32.exe]],
    FRAMEWORK .. [[\FrameworkService.exe]],
    FRAMEWORK .. [[\naPrdMgr.exe]],
    [[%SystemRoot%\System32\mfevtps.exe]],
    [[%SystemRoot%\System32\drivers\mfehidk.sys]],
  },

  -- DLLs beside McAfee's programs; Microsoft's runtime libraries are among them.
  libraries = { VSE .. [[\*.dll]], FRAMEWORK .. [[\*.dll]] },

  processes = {
    -- Named by the events (KB71083, and a published screenshot of event 516).
    "VsTskMgr.exe", "naPrdMgr.exe",
    -- Services of VirusScan Enterprise and of the Agent, by name or by where they are registered.
    "McShield.exe", "mfevtps.exe", "EngineServer.exe", "FrameworkService.exe", "mfefire.exe",
    "mfemms.exe", "masvc.exe", "macmnsvc.exe",
    -- Programs of the same folders that vendor texts and scanners' checks name.
    "shstat.exe", "scan32.exe", "mfeann.exe",
    -- Inferred: known as parts of these products, no text about the events names them.
    "scan64.exe", "mcconsol.exe", "UdaterUI.exe", "McTray.exe", "macompatsvc.exe",
    "McScript_InUse.exe",
  },
}
