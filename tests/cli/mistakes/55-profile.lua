return profile { title = "T" }
