return policy { id = "p", title = "T",
  rule { id = "r", title = "T", severity = "low",
    want = product.version("mcafee.vse", at_least(8.8)) },
}
