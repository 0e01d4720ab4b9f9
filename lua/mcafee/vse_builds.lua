-- Builds of VirusScan Enterprise 8.8, ascending.  A version belongs to the last entry that is not
-- above it, because builds of hotfixes lie between those of patches.
--
-- known     "sourced": a vendor text or a scanner's check names build and patch together;
--           "inferred": the build is seen and lies between its neighbours, no source names it.
-- exact     no other patch can lie between this entry and the next.  Where it is not set, a build
--           in between is unknown: Patch 10 (between .1804 and .1982) and Patch 12 (between .1982
--           and .2114) have no known build, and nothing is known above the last entry.
local rows <const> = {
  { from = "8.8.0.777",  name = "no patch", exact = true, known = "sourced" },
  { from = "8.8.0.849",  name = "Patch 1",  exact = true, known = "sourced" },  -- 2011-10
  -- One source maps this build to Patch 2 too, but it is below the build that carries the fix.
  { from = "8.8.0.948",  name = "early Patch 2", exact = true, known = "inferred" },
  { from = "8.8.0.975",  name = "Patch 2",  exact = true, known = "sourced" },  -- 2012-10
  { from = "8.8.0.1128", name = "Patch 3",  exact = true, known = "sourced" },
  { from = "8.8.0.1247", name = "Patch 4",  exact = true, known = "sourced" },
  { from = "8.8.0.1385", name = "Patch 5",  exact = true, known = "sourced" },
  { from = "8.8.0.1445", name = "Patch 6",  exact = true, known = "sourced" },  -- SB10142
  { from = "8.8.0.1528", name = "Patch 7",  exact = true, known = "sourced" },  -- PD26382
  { from = "8.8.0.1599", name = "Patch 8",  exact = true, known = "inferred" },
  { from = "8.8.0.1804", name = "Patch 9",                known = "sourced" },  -- 2017-04
  { from = "8.8.0.1982", name = "Patch 11",               known = "sourced" },  -- PD27441
  { from = "8.8.0.2114", name = "Patch 13", exact = true, known = "sourced" },
  { from = "8.8.0.2190", name = "Patch 14", exact = true, known = "sourced" },
  { from = "8.8.0.2232", name = "Patch 15", exact = true, known = "sourced" },  -- 2020-06
  { from = "8.8.0.2300", name = "Patch 16",               known = "sourced" },  -- 2020-12
}

local builds = {}
for i, row in ipairs(rows) do
  local mark = row.known == "inferred" and ", inferred" or ""
  builds[i] = { from = row.from, name = row.name .. mark, exact = row.exact or false }
end

return builds
