-- McAfee Agent 4.x and 5.x, later Trellix Agent.  4.x is a 32-bit program; 5.x writes both views.
local FRAMEWORK <const> = [[HKLM\SOFTWARE\Network Associates\TVD\Shared Components\Framework]]
local ORCHESTRATOR <const> = [[HKLM\SOFTWARE\Network Associates\ePolicy Orchestrator]]

return product {
  id = "mcafee.agent",
  name = "McAfee Agent",

  sources = {
    source.registry { label = "framework key", role = "primary", key = FRAMEWORK,
                      value = "Version" },
    source.registry { label = "agent key", role = "primary", key = [[HKLM\SOFTWARE\McAfee\Agent]],
                      value = "AgentVersion" },
    source.registry { label = "Trellix agent key", role = "primary",
                      key = [[HKLM\SOFTWARE\Trellix\Agent]], value = "AgentVersion" },
    source.registry { label = "agent plug-in key", role = "corroborates", value = "Version",
                      key = ORCHESTRATOR .. [[\Application Plugins\EPOAGENT3000]] },
    source.uninstall { label = "uninstall entry", role = "corroborates", text = "McAfee Agent" },

    source.registry { label = "agent folder", role = "trace", key = ORCHESTRATOR .. [[\Agent]],
                      value = "Installed Path" },
    source.uninstall { label = "uninstall entry (Trellix)", role = "trace",
                       text = "Trellix Agent" },
    source.file { label = "FrameworkService.exe", role = "trace",
                  path = "<" .. FRAMEWORK .. [[:Installed Path>\FrameworkService.exe]] },
    source.file { label = "FrameworkService.exe, default folder", role = "trace",
                  path = [[%ProgramFiles%\McAfee\Common Framework\FrameworkService.exe]] },
    source.file { label = "FrameworkService.exe, default folder (x86)", role = "trace",
                  path = [[%ProgramFiles(x86)%\McAfee\Common Framework\FrameworkService.exe]] },
    source.service { label = "McAfee Framework Service", role = "trace",
                     name = "McAfeeFramework" },
    source.service { label = "McAfee Agent Service", role = "trace", name = "masvc" },
    source.service { label = "McAfee Agent Common Services", role = "trace", name = "macmnsvc" },
  },

  builds = use "mcafee.agent_builds",
}
