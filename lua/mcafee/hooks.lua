-- The check of third-party hooks (KB74176): active injection points whose DLL is signed by neither
-- McAfee nor Microsoft.  A valid signature of anyone else is no excuse: the driver's trusted signers
-- are these two.
local files <const> = use "mcafee.files"
local injection <const> = use "windows.injection"
local mcafee <const> = use "mcafee.publishers"
local mcafee_roots <const> = use "mcafee.roots"
local microsoft <const> = use "windows.publishers"
local microsoft_roots <const> = use "windows.roots"

local function among(list, text)
  for _, each in ipairs(list) do
    if each == text then return true end
  end
  return false
end

local function pinned(roots, sha1)
  for _, root in ipairs(roots) do
    if sha1 ~= "" and string.lower(string.sub(root, 1, 40)) == sha1 then return true end
  end
  return false
end

-- Nothing where the signature is McAfee's or Microsoft's; else what is wrong with it.
local function fault(signature, pin)
  local signer <const> = signature.signer
  if not signature.trusted then
    local text = signature.text
    if among(mcafee, signer) or among(microsoft, signer) then
      text = text .. "; while it does not validate here it counts as nobody's (if it is really "
        .. signer .. "'s, see KB74174)"
    end
    return text
  end
  local roots <const> = among(mcafee, signer) and mcafee_roots
    or among(microsoft, signer) and microsoft_roots.all
  if not roots then return signature.text .. ", neither McAfee's nor Microsoft's" end
  if pin and not pinned(roots, signature.root_sha1) then
    return signature.text .. ", but its root is none of the vendor's"
  end
  return nil
end

-- One signature a file and view, however many points name it.
local function judge_all(host)
  local known = {}
  return function(point)
    local path = injection.full_path(point.file)
    local key = point.view .. " " .. string.lower(path)
    if not known[key] then known[key] = host.signature(path, point.view) end
    return known[key], path
  end
end

local function unread(signature)
  local word <const> = signature.state == "unreadable" and "unreadable" or "not collected"
  return word .. (signature.reason ~= "" and ": " .. signature.reason or "")
end

local function count(n, one, many)
  return n .. " " .. (n == 1 and one or many)
end

-- Sorts one active point into what was found.
local function weigh(host, found, point, judge)
  local signature, path = judge(point)
  if signature.state == "absent" then
    table.insert(found.notes, path .. " is named, but not there")
  elseif signature.state == "found" then
    local wrong = fault(signature, host.inputs.pin_vendor_roots)
    if wrong then
      found.bag:add(point.where, path .. ": " .. wrong)
      found.bad = found.bad + 1
    end
    found.outside = found.outside + (signature.root_in_program and 0 or 1)
    found.judged = found.judged + 1
  elseif point.socket and signature.state == "not_collected" and injection.own(host, point.file) then
    if not found.by_path[path] then signature:excuse("Windows' own DLL by its path") end
    found.by_path[path] = true
    found.own = found.own + 1
  else
    table.insert(found.open, path .. " (" .. point.where .. ") is " .. unread(signature))
  end
end

-- What is no way into McAfee processes is only mentioned, where it can be read.
local function mention(host, found, point, judge)
  local signature, path = judge(point)
  if signature.state == "unreadable" or signature.state == "not_collected" then
    signature:excuse(point.why)
  elseif signature.state == "found" and fault(signature, false) then
    table.insert(found.notes, path .. " by another vendor (" .. point.why .. ")")
  end
end

local function unique(lines, most)
  local seen, kept = {}, {}
  for _, line in ipairs(lines) do
    if not seen[line] and #kept < most then table.insert(kept, line) end
    seen[line] = true
  end
  return table.concat(kept, "; ")
end

local function summary(found)
  local text = count(found.judged + found.own, "active injection point", "active injection points")
    .. ", all of McAfee or Microsoft"
  if found.own > 0 then
    text = text .. ", " .. found.own .. " by the path of Windows' own DLLs, which were not collected"
  end
  if found.outside > 0 then
    text = text .. ", " .. found.outside .. " by a root of no verified Microsoft list"
  end
  if found.inactive > 0 then text = text .. "; " .. found.inactive .. " inactive" end
  if #found.notes > 0 then text = text .. "; " .. unique(found.notes, 4) end
  return text
end

local function check(host)
  local found = { bag = findings(), open = {}, notes = {}, by_path = {}, judged = 0, own = 0,
                  outside = 0, inactive = 0, bad = 0 }
  local judge = judge_all(host)
  local points = injection.points(host, files.processes)
  for _, point in ipairs(points) do
    if point.broken then
      table.insert(found.open, point.where .. ": " .. point.broken)
    elseif not point.active then
      found.inactive = found.inactive + 1
    elseif point.hook then
      weigh(host, found, point, judge)
    else
      mention(host, found, point, judge)
    end
  end
  if found.bad > 0 then return found.bag end
  if #found.open > 0 then return unknown(unique(found.open, 4)) end
  return pass(summary(found))
end

return { check = check }
