-- Every function and field that checks have, a rule for each kind of fact.
local KEY <const> = [[HKLM\SOFTWARE\A]]
local DLL <const> = [[C:\Program Files\x.dll]]
local function r(id, needs, check)
  return rule { id = id, title = id, severity = "low", needs = needs, check = check }
end
local function say(...)
  local all = {}
  for i = 1, select("#", ...) do all[i] = tostring((select(i, ...))) end
  return table.concat(all, " ")
end

return policy { id = "every", title = "Every fact",
  inputs = { days = input.int { default = 30 }, names = input.list { default = { "a", "b" } } },
  r("registry", { "registry" }, function(host)
    local bag = findings()
    for v in host.registry:values(KEY) do bag:add(v, say(v.name, v.type, v.state, v.data)) end
    for k in host.registry:keys([[HKLM\SOFTWARE]]) do bag:add(k, "key") end
    local five = host.registry:value(KEY, "Five", "32")
    bag:add(five.path, say(five.number, five.reason, host.registry:value(KEY, "Text").text))
    bag:add("none", host.registry:value(KEY, "None"):or_default(host.inputs.days))
    for i, n in ipairs(host.inputs.names) do bag:add(n, i) end
    return bag
  end),
  r("host", { "registry" }, function(host)
    return fail(say(host.reference_time, host.is_64bit, host.nt_version >= "6.0"),
                { observed = { a = { 1, 2 } }, expected = version("1.2") })
  end),
  r("product", { "product" }, function(host)
    local p = host.product("mcafee.vse")
    return fail(say(p.id, p.name, p.version, p.patch, p.patch_known, p.state, p.reason, p.path))
  end),
  r("service", { "service" }, function(host)
    local s = host.service("svc")
    return fail(say(s.name, s.display_name, s.image_path, s.start, s.state, s.reason, s.path))
  end),
  r("file", { "file" }, function(host)
    local f = host.file(DLL)
    return fail(say(f.size, f.sha256, f.machine, f.version, f.product_version, f.company, f.product_name,
                    f.original_name, f.state, f.reason, f.path))
  end),
  r("excuses", { "file", "signature", "lists" }, function(host)
    host.file([[C:\closed]]):excuse("known")
    host.signature([[C:\closed]]):excuse("known")
    return pass(host.file([[C:\closed2]]).state)
  end),
  r("events", { "events" }, function(host)
    local e = host.events { channel = "System", providers = { "p" }, ids = { 514, 516 }, window_days = 30,
                            group_by = "image" }
    local groups = {}
    for _, g in ipairs(e.groups) do table.insert(groups, say(g.id, g.image, g.count, g.first, g.last)) end
    return fail(say(e.count, e.first, e.last, e.covered, e.state, e.reason, e.path, #groups))
  end),
  r("signature", { "signature" }, function(host)
    local s = host.signature(DLL)
    return fail(say(s.word, s.code, s.trusted, s.text, s.reason, s.signer, s.root, s.root_sha1,
                    s.root_in_program, s.decided_by, s.source, s.catalog, s.sha256, s.company, s.version,
                    s.state, s.path))
  end),
  r("certificates", { "certificates" }, function(host)
    local c = host.certificates { store = "ROOT" }
    return fail(say(#c, c[1].store, c[1].sha1))
  end),
  r("lists", { "lists" }, function(host)
    local l = host.lists("EncodedCtl")
    return fail(say(l.last_sync, l.state, l.reason, l.path))
  end),
  r("entries", { "lists" }, function(host) return fail(say(host.lists("EncodedCtl").entries)) end),
  r("update", { "lists" }, function(host) return fail(say(host.lists("EncodedCtl").this_update)) end),
  r("sequence", { "lists" }, function(host) return fail(say(host.lists("EncodedCtl").sequence)) end),
  r("list-excuse", { "lists" }, function(host) host.lists("EncodedCtl"):excuse("x") end),
  r("text", { "registry" }, function(host)
    local t = host.registry:value(KEY, "Text").text
    local c = text.capture(t, "(h)(e)(x)?") or {}
    return fail(say(text.matches(t, "^h"), c[1], c[2], c[3], ("x"):rep(3), t:upper(), t:glob("H*")))
  end),
  r("unknown", { "registry" }, function(host) return unknown(host.registry:value(KEY, "Text").text) end),
  r("not-applicable", { "registry" }, function(host)
    return not_applicable(host.registry:value(KEY, "Text").text)
  end),
  r("pass", { "registry" }, function(host) return pass(host.registry:value(KEY, "Text").text) end),
}
