-- Microsoft's roots for code.  "THUMBPRINT name": SHA-1 as in Microsoft's list of roots.
return {
  -- What Windows up to 7, and the programs of that time, chain to.
  needed = {
    "A43489159A520F0D93D032CCAF37E7FE20A8B419 Microsoft Root Authority",
    "CDD4EEAE6000AC7F40C3802C171E30148030C072 Microsoft Root Certificate Authority",
  },
  all = {
    "A43489159A520F0D93D032CCAF37E7FE20A8B419 Microsoft Root Authority",
    "CDD4EEAE6000AC7F40C3802C171E30148030C072 Microsoft Root Certificate Authority",
    "3B1EFD3A66EA28B16697394703A72CA340A05BD5 Microsoft Root Certificate Authority 2010",
    "8F43288AD272F3103B6FB1428485EA3014C0BCFE Microsoft Root Certificate Authority 2011",
    "F40042E2E5F7E8EF8189FED15519AECE42C3BFA2 Microsoft Identity Verification Root CA 2020",
  },
}
