-- Where Windows lets other vendors' code into processes.  points(host, processes) lists what the
-- registry of a host names:
--
--   where   key and value
--   file    path or bare name of a DLL, as written
--   view    "native" or "32": which processes load it
--   active  Windows loads it as the host is configured
--   hook    false: no way into the named processes (a base provider, lsass.exe only); listed only
--   why     what makes it inactive or no hook
--   socket  a Winsock entry: Windows' own DLLs pass by their path when they were not collected
--
-- Reading the registry may end the check as unknown.
local CURRENT <const> = [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]]
local CONTROL <const> = [[HKLM\SYSTEM\CurrentControlSet\Control]]
local WINSOCK <const> = [[HKLM\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters]]

-- Namespace and base providers of Windows itself.
local OWN <const> = {
  ["mswsock.dll"] = true, ["rsvpsp.dll"] = true, ["winrnr.dll"] = true, ["napinsp.dll"] = true,
  ["pnrpnsp.dll"] = true, ["nlaapi.dll"] = true, ["wshbth.dll"] = true,
}

local FLAG_APPLICATION_VERIFIER <const> = 0x100

local function add(points, point)
  if point.active == nil then point.active = true end
  if point.hook == nil then point.hook = true end
  table.insert(points, point)
end

-- Words of a list that separates by blanks and commas, as AppInit_DLLs does: its paths hold no
-- blanks, which is why they are often 8.3 names.
local function words(text)
  local found, word = {}, ""
  for i = 1, #text + 1 do
    local c = i <= #text and string.sub(text, i, i) or " "
    if c == " " or c == "," or c == "\t" or c == "\0" then
      if word ~= "" then table.insert(found, word) end
      word = ""
    elseif c ~= '"' then
      word = word .. c
    end
  end
  return found
end

-- The program of a command line.
local function program(command)
  local quoted = string.sub(command, 1, 1) == '"'
  for i = quoted and 2 or 1, #command do
    local c = string.sub(command, i, i)
    if c == '"' or (not quoted and c == " ") then
      return string.sub(command, quoted and 2 or 1, i - 1)
    end
  end
  return quoted and string.sub(command, 2) or command
end

-- Both views, or the one there is.
local function views(host)
  return host.is_64bit and { "native", "32" } or { "native" }
end

local function number(value)
  local data = value:or_default(0)
  return math.tointeger(tonumber(data) or 0) or 0
end

-- What stands for one text; a list, which Windows may or may not read there, is looked at as well.
local function text(value)
  local data = value:or_default("")
  return type(data) == "table" and table.concat(data, " ") or tostring(data)
end

local function app_init(host, points)
  local key <const> = CURRENT .. [[\Windows]]
  local always <const> = host.nt_version < "6.0"
  for _, view in ipairs(views(host)) do
    local value = host.registry:value(key, "AppInit_DLLs", view)
    local names = words(text(value))
    local active = always
    if #names > 0 and not always then
      active = number(host.registry:value(key, "LoadAppInit_DLLs", view)) ~= 0
    end
    for _, name in ipairs(names) do
      add(points, { where = key .. [[\AppInit_DLLs]], file = name, view = view, active = active,
                    why = "LoadAppInit_DLLs is 0" })
    end
  end
end

local function app_cert(host, points)
  local key <const> = CONTROL .. [[\Session Manager\AppCertDlls]]
  for value in host.registry:values(key) do
    local where <const>, data <const> = key .. "\\" .. value.name, value.data
    for _, file in ipairs(type(data) == "table" and data or { data }) do
      if type(file) == "string" and file ~= "" then
        add(points, { where = where, file = file, view = "native" })
      end
    end
  end
end

local function u32(bytes, at)
  local a, b, c, d = string.byte(bytes, at + 1, at + 4)
  return a + b * 256 + c * 65536 + d * 16777216
end

-- The path before the first NUL.
local function ansi(bytes, most)
  for i = 1, most do
    if string.byte(bytes, i) == 0 then return string.sub(bytes, 1, i - 1) end
  end
  return string.sub(bytes, 1, most)
end

-- WSAPROTOCOL_INFOW behind MAX_PATH bytes of path: ProtocolChain.ChainLen follows four service
-- flags, the provider's flags, its GUID and the entry's id.
local MAX_PATH <const> = 260
local AT_CHAIN <const> = MAX_PATH + 40

local function protocol(host, points, key, view)
  local item = host.registry:value(key, "PackedCatalogItem")
  local bytes = item:or_default("")
  if #bytes < AT_CHAIN + 4 then
    add(points, { where = key, broken = "PackedCatalogItem has " .. #bytes .. " bytes" })
    return
  end
  add(points, { where = key, file = ansi(bytes, MAX_PATH), view = view, socket = true,
                hook = u32(bytes, AT_CHAIN) ~= 1, why = "a base provider" })
end

local function namespace(host, points, key, view)
  local file = text(host.registry:value(key, "LibraryPath"))
  if file == "" then return end
  local enabled = host.registry:value(key, "Enabled")
  local on = enabled.state == "absent" or number(enabled) ~= 0
  add(points, { where = key, file = file, view = view, socket = true, active = on,
                why = "it is not enabled" })
end

-- Catalog_Entries is what 32-bit processes use; on 64-bit Windows Catalog_Entries64 is the others'.
local function winsock(host, points)
  local first <const> = host.is_64bit and "32" or "native"
  local catalogs <const> = {
    { key = [[\Protocol_Catalog9\Catalog_Entries]], view = first, read = protocol },
    { key = [[\Protocol_Catalog9\Catalog_Entries64]], view = "native", read = protocol },
    { key = [[\NameSpace_Catalog5\Catalog_Entries]], view = first, read = namespace },
    { key = [[\NameSpace_Catalog5\Catalog_Entries64]], view = "native", read = namespace },
  }
  for _, catalog in ipairs(catalogs) do
    local key = WINSOCK .. catalog.key
    for entry in host.registry:keys(key) do
      catalog.read(host, points, key .. "\\" .. entry, catalog.view)
    end
  end
end

-- Keys below `root` that are called like one of the processes, in each view.
local function keys_of(host, root, processes, visit)
  local wanted = {}
  for _, process in ipairs(processes) do wanted[string.lower(process)] = true end
  for _, view in ipairs(views(host)) do
    for name in host.registry:keys(root, view) do
      if wanted[string.lower(name)] then visit(root .. "\\" .. name, view) end
    end
  end
end

local function execution_options(host, points, processes)
  keys_of(host, CURRENT .. [[\Image File Execution Options]], processes, function(key, view)
    local debugger = text(host.registry:value(key, "Debugger", view))
    if debugger ~= "" then
      add(points, { where = key .. [[\Debugger]], file = program(debugger), view = "native" })
    end
    for _, name in ipairs(words(text(host.registry:value(key, "VerifierDlls", view)))) do
      local on = number(host.registry:value(key, "GlobalFlag", view)) & FLAG_APPLICATION_VERIFIER
      add(points, { where = key .. [[\VerifierDlls]], file = name, view = view, active = on ~= 0,
                    why = "GlobalFlag does not ask for it" })
    end
  end)
end

local function shims(host, points, processes)
  local root <const> = CURRENT .. [[\AppCompatFlags]]
  keys_of(host, root .. [[\Custom]], processes, function(key, view)
    for value in host.registry:values(key, view) do
      if string.glob(value.name, "*.sdb") then
        local id = string.sub(value.name, 1, #value.name - 4)
        local path = host.registry:value(root .. [[\InstalledSDB\]] .. id, "DatabasePath", view)
        local file = path:or_default([[%SystemRoot%\AppPatch\Custom\]] .. value.name)
        add(points, { where = key, file = file, view = "native" })
      end
    end
  end)
end

-- lsass.exe loads packages by their name without extension.
local function packages(host, points)
  local key <const> = CONTROL .. [[\Lsa]]
  for _, name in ipairs { "Notification Packages", "Authentication Packages", "Security Packages" } do
    local value = host.registry:value(key, name)
    local data = value:or_default({})
    for _, package in ipairs(type(data) == "table" and data or { data }) do
      if package ~= "" and package ~= '""' then
        local file = string.glob(package, "*.dll") and package or package .. ".dll"
        add(points, { where = key .. "\\" .. name, file = file, view = "native", hook = false,
                      why = "lsass.exe only" })
      end
    end
  end
end

local function known_dlls(host, points)
  local key <const> = CONTROL .. [[\Session Manager\KnownDlls]]
  for value in host.registry:values(key) do
    local data = value.data
    if type(data) == "string" and string.glob(data, "*.dll") then
      add(points, { where = key .. "\\" .. value.name, file = data, view = "native", hook = false,
                    why = "taken from System32" })
    end
  end
end

local function points(host, processes)
  local found = {}
  app_init(host, found)
  app_cert(host, found)
  winsock(host, found)
  execution_options(host, found, processes)
  shims(host, found, processes)
  packages(host, found)
  known_dlls(host, found)
  return found
end

-- The path that Windows would load: bare names come from System32.
local function full_path(file)
  for i = 1, #file do
    local c = string.sub(file, i, i)
    if c == "\\" or c == "/" or c == ":" then return file end
  end
  return [[%SystemRoot%\System32\]] .. file
end

-- A DLL of Windows' own by its path alone: directly in System32, by one of the known names.
local function own(host, file)
  local path = string.lower(full_path(file))
  local root = host.registry:value(CURRENT, "SystemRoot"):or_default([[C:\Windows]])
  for _, folder in ipairs { "%systemroot%", "%windir%", string.lower(tostring(root)) } do
    local prefix = folder .. [[\system32\]]
    if string.sub(path, 1, #prefix) == prefix then
      return OWN[string.sub(path, #prefix + 1)] == true
    end
  end
  return false
end

return { points = points, full_path = full_path, own = own }
