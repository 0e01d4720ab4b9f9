-- Roots that McAfee's signing certificates of the time of VirusScan Enterprise 8.8 chain to.
-- "THUMBPRINT name": SHA-1 as in Microsoft's list of roots.
return {
  "742C3192E607E424EB4549542BE1BBC53E6174E2 VeriSign Class 3 Public Primary CA",
  "4EB6D578499B1CCF5F581EAD56BE3D9B6744A5E5 VeriSign Class 3 Public Primary CA - G5",
}
