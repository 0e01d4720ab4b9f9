-- Ways into every process, and what stands there.
local injection <const> = use "windows.injection"

local OPTIONS <const> =
  [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options]]

local function join(lines, most)
  local kept = {}
  for i, line in ipairs(lines) do
    if i <= most then table.insert(kept, line) end
  end
  if #lines > most then table.insert(kept, (#lines - most) .. " more") end
  return table.concat(kept, "; ")
end

-- DLLs that Windows loads into every process (AppInit_DLLs, AppCertDlls, Winsock): does this host
-- trust them?
local function trusted(host)
  local bag <const> = findings()
  local open, seen, bad, good = {}, {}, 0, 0
  local function judge(point)
    local path <const> = injection.full_path(point.file)
    local key <const> = point.view .. " " .. string.lower(path)
    if seen[key] then return end
    seen[key] = true
    local signature <const> = host.signature(path, point.view)
    if signature.state == "absent" then return end
    if signature.state == "not_collected" and point.socket and injection.own(host, point.file) then
      signature:excuse "Windows' own DLL by its path"
      good = good + 1
    elseif signature.state ~= "found" then
      table.insert(open, path .. " (" .. point.where .. ") is not known: " .. signature.state
        .. (signature.reason ~= "" and ", " .. signature.reason or ""))
    elseif signature.trusted then
      good = good + 1
    else
      bag:add(point.where, path .. ": " .. signature.text)
      bad = bad + 1
    end
  end
  for _, point in ipairs(injection.points(host, {})) do
    if point.broken then
      table.insert(open, point.where .. ": " .. point.broken)
    elseif point.active and point.hook then
      judge(point)
    end
  end
  if bad > 0 then return bag end
  if #open > 0 then return unknown(join(open, 4)) end
  return pass(good .. (good == 1 and " DLL" or " DLLs")
    .. " at active injection points, all trusted by this host")
end

-- Programs that Windows starts another program instead of.
local function debuggers(host)
  local bag <const> = findings()
  local bad, programs = 0, 0
  for _, view in ipairs(host.is_64bit and { "native", "32" } or { "native" }) do
    for name in host.registry:keys(OPTIONS, view) do
      local key <const> = OPTIONS .. "\\" .. name
      local debugger <const> = host.registry:value(key, "Debugger", view):or_default("")
      programs = programs + 1
      -- A key that is named like no program is an example of Windows' own.
      if debugger ~= "" and string.glob(name, "*.exe") then
        bag:add(key, "starts " .. tostring(debugger) .. " instead")
        bad = bad + 1
      end
    end
  end
  if bad > 0 then return bag end
  return pass(programs .. (programs == 1 and " program has" or " programs have")
    .. " execution options, none a debugger")
end

return { trusted = trusted, debuggers = debuggers }
