-- Builds of McAfee Agent that are known, ascending: sightings, not a history (no entry is exact), so
-- no newest build is told from them, and builds in between are unknown.  Unknown is also the first
-- build with correctly signed cryptocme2.dll and ccme_base.dll (KB74177 names 4.5).
--
-- known   "sourced": a source names it; "inferred": it follows from dates or from use as a minimum;
--         "seen": met in the field, the name is no more than its own number.
local rows <const> = {
  { from = "4.0.0.1421", name = "4.0.0 Patch 2", known = "inferred" },
  { from = "4.5.0.1499", name = "4.5.0",         known = "seen" },
  { from = "4.5.0.1810", name = "4.5.0",         known = "seen" },
  { from = "4.6.0.2292", name = "4.6.0 Patch 1", known = "sourced" },   -- 2012-03
  { from = "4.6.0.2935", name = "4.6.0 Patch 2", known = "sourced" },   -- 2012-10
  { from = "4.6.0.3122", name = "4.6.0 Patch 3", known = "inferred" },  -- 2013-02
  { from = "4.8.0.1938", name = "4.8.0 Patch 3", known = "sourced" },   -- PD25667
  { from = "5.0.0.2620", name = "5.0.0",         known = "sourced" },
  { from = "5.0.2.132",  name = "5.0.2",         known = "sourced" },
  { from = "5.0.2.333",  name = "5.0.2 HF1110392", known = "sourced" },
  { from = "5.0.4.283",  name = "5.0.4",         known = "inferred" },
  { from = "5.0.4.449",  name = "5.0.4 HF1174804", known = "sourced" },
  { from = "5.0.5.658",  name = "5.0.5",         known = "seen" },
  { from = "5.0.6.220",  name = "5.0.6",         known = "seen" },
  { from = "5.6.1.308",  name = "5.6.1",         known = "seen" },
}

local builds = {}
for i, row in ipairs(rows) do
  local mark = row.known == "inferred" and ", inferred" or ""
  builds[i] = { from = row.from, name = row.name .. mark, exact = false }
end

return builds
