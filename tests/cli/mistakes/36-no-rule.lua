return policy { id = "p", title = "T" }
