return profile { title = "t", rules = { olny = "x" } }
