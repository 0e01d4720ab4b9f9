return cases "t" { { "r", given = { regsitry = {} }, expect = "pass" } }
