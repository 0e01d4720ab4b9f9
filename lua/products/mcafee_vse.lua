-- VirusScan Enterprise 8.8 (and older, which the same keys show).  A 32-bit program: on x64 its
-- keys lie in the 32-bit view.
local DESKTOP <const> = [[HKLM\SOFTWARE\McAfee\DesktopProtection]]
local PLUGIN <const> =
  [[HKLM\SOFTWARE\Network Associates\ePolicy Orchestrator\Application Plugins\VIRUSCAN8800]]
local FOLDER <const> = "<" .. DESKTOP .. ":szInstallDir>"

return product {
  id = "mcafee.vse",
  name = "VirusScan Enterprise",
  successor = "mcafee.ens",

  sources = {
    source.registry { label = "vendor key", role = "primary", key = DESKTOP, value = "szProductVer" },
    source.registry { label = "agent plug-in key", role = "corroborates", key = PLUGIN,
                      value = "Version" },

    -- Installers also write versions of another shape ("8.8.04001"): only 8.8.0.* is comparable.
    source.msi { label = "installed package", role = "corroborates", prefix = "8.8.0",
                 code = "{CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FF}" },
    source.uninstall { label = "uninstall entry", role = "corroborates", prefix = "8.8.0",
                       code = "{CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FF}" },
    source.uninstall { label = "uninstall entry by name", role = "corroborates", prefix = "8.8.0",
                       text = "McAfee VirusScan Enterprise" },
    source.file { label = "shstat.exe", role = "corroborates", prefix = "8.8.0",
                  path = FOLDER .. [[\shstat.exe]] },

    -- Hotfixes that change files and not the registry: HF1123565 on Patch 6 and 7 (coptcpl.dll
    -- 8.8.0.1546), HF116778 on Patch 14 (mfeann.exe 20.3.0.179), HF778101 on Patch 2
    -- (mfeapconfig.dll 15.0.0.537).
    source.file { label = "coptcpl.dll", role = "hotfix", path = FOLDER .. [[\coptcpl.dll]] },
    source.file { label = "mfeann.exe", role = "hotfix", path = FOLDER .. [[\mfeann.exe]] },
    source.file { label = "mfeapconfig.dll", role = "hotfix",
                  path = [[<HKLM\SOFTWARE\McAfee\SystemCore:szInstallDir32>\mfeapconfig.dll]] },

    source.registry { label = "product name", role = "trace", key = DESKTOP, value = "Product" },
    source.registry { label = "installed patches", role = "trace", key = PLUGIN,
                      value = "HotFixVersions" },
    source.registry { label = "advertised package", role = "trace", value = "ProductName",
                      key = [[HKCR\Installer\Products\6B1D51EC6B91D4D4F834FCD5C23365FF]] },
    source.uninstall { label = "uninstall entry of 8.7i", role = "trace",
                       code = "{147BCE03-C0F1-4C9F-8157-6A89B6D2D973}" },
    source.uninstall { label = "uninstall entry of 8.5i", role = "trace",
                       code = "{35C03C04-3F1F-42C2-A989-A757EE691F65}" },
    source.service { label = "McAfee Task Manager", role = "trace", name = "McTaskManager" },
    source.service { label = "McAfee engine service", role = "trace",
                     name = "McAfeeEngineService" },
    source.file { label = "VsTskMgr.exe", role = "trace",
                  path = [[%ProgramFiles%\McAfee\VirusScan Enterprise\VsTskMgr.exe]] },
    source.file { label = "VsTskMgr.exe (x86)", role = "trace",
                  path = [[%ProgramFiles(x86)%\McAfee\VirusScan Enterprise\VsTskMgr.exe]] },
  },

  builds = use "mcafee.vse_builds",
}
