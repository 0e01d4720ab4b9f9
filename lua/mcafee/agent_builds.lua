-- Builds of McAfee Agent whose name a source gives, ascending: sightings, not a history (no entry is
-- exact), so no newest build is told from them.  Builds in between are unknown; so
-- is the first build with correctly signed cryptocme2.dll and ccme_base.dll (KB74177 names 4.5).
local rows <const> = {
  { from = "4.6.0.2292", name = "4.6.0 Patch 1", known = "sourced" },   -- 2012-03
  { from = "4.6.0.2935", name = "4.6.0 Patch 2", known = "sourced" },   -- 2012-10
  { from = "4.6.0.3122", name = "4.6.0 Patch 3", known = "inferred" },  -- 2013-02
  { from = "4.8.0.1938", name = "4.8.0 Patch 3", known = "sourced" },   -- PD25667
  { from = "5.0.0.2620", name = "5.0.0",         known = "sourced" },
  { from = "5.0.2.132",  name = "5.0.2",         known = "sourced" },
  { from = "5.0.2.333",  name = "5.0.2 HF1110392", known = "sourced" },
  { from = "5.0.4.283",  name = "5.0.4",         known = "inferred" },
  { from = "5.0.4.449",  name = "5.0.4 HF1174804", known = "sourced" },
}

local builds = {}
for i, row in ipairs(rows) do
  local mark = row.known == "inferred" and ", inferred" or ""
  builds[i] = { from = row.from, name = row.name .. mark, exact = false }
end

return builds
