return polcy { id = "p", title = "T" }
