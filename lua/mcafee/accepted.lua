-- Whose code mfehidk accepts in McAfee processes: McAfee's and Microsoft's (KB74176), each with the
-- roots that their certificates chain to.
local mcafee <const> = use "mcafee.publishers"
local mcafee_roots <const> = use "mcafee.roots"
local microsoft <const> = use "windows.publishers"
local microsoft_roots <const> = use "windows.roots"

local function both(first, second)
  local all = {}
  for _, list in ipairs { first, second } do
    for _, each in ipairs(list) do table.insert(all, each) end
  end
  return all
end

return { signers = both(mcafee, microsoft), roots = both(mcafee_roots, microsoft_roots.all) }
