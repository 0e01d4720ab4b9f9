-- Roots of the machine that Microsoft's list does not know: brought by group policy, by the
-- enterprise's directory, or put into the store ROOT by hand or by a program.
--
-- A host that keeps no list of Microsoft's cannot tell which roots of ROOT came with Windows: there
-- only those of policy and enterprise count.  A list that does not verify ends the check as unknown.
local function keeps_list(host)
  local list <const> = host.lists "EncodedCtl"
  if list.state == "absent" then return false end
  return list.entries > 0
end

local function added(host, known, distributed)
  local found, damaged = {}, nil
  for _, root in ipairs(host.certificates { store = "ROOT" }) do
    local shared = root.location == "policy" or root.location == "enterprise"
    local own = known and root.location == "machine" and not root.in_program
    if root.damage ~= "" then
      damaged = root.sha1 .. " in " .. root.location .. ": " .. root.damage
    elseif own or (shared and distributed) then
      table.insert(found, root)
    end
  end
  return found, damaged
end

-- What people see of one.
local function name(root)
  local words = root.common_name ~= "" and root.common_name or root.organisation
  return (words ~= "" and words or "a root without a name") .. " (" .. string.sub(root.sha1, 1, 8)
    .. "..., " .. root.location .. ")"
end

-- The check of a rule about them: fault(root) is nil, or what is wrong with one, or nil and what about
-- it could not be read.  `distributed`: also about those that group policy and enterprise brought.
local function check(host, distributed, fault)
  local known <const> = keeps_list(host)
  local roots <const>, damaged = added(host, known, distributed)
  local bag <const>, bad = findings(), 0
  for _, root in ipairs(roots) do
    local wrong, unread = fault(root)
    if wrong then
      bag:add(name(root), wrong)
      bad = bad + 1
    elseif unread then
      damaged = name(root) .. ": " .. unread
    end
  end
  if bad > 0 then return bag end
  if damaged then return unknown("a root could not be read: " .. damaged) end
  if #roots == 0 and not known then
    return not_applicable "this host keeps no list of Microsoft's that tells which roots were added"
  end
  return pass(#roots .. (#roots == 1 and " root" or " roots") .. " beside Microsoft's list"
    .. (known and "" or ", of group policy and enterprise alone: this host keeps no such list"))
end

return { check = check }
