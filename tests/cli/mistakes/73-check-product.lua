return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low", needs = { "product" },
    check = function(host)
      return fail(host.product("mcafee.vsee").state)
    end },
}
