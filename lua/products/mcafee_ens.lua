-- Endpoint Security Threat Prevention, the successor of VirusScan Enterprise.  Only named, so that
-- a host that was migrated is told apart from one without protection.
return product {
  id = "mcafee.ens",
  name = "McAfee Endpoint Security",

  sources = {
    -- Microsoft's documentation of Defender for Cloud reads this value.
    source.registry { label = "vendor key", role = "primary",
                      key = [[HKLM\SOFTWARE\McAfee\Endpoint\AV]], value = "ProductVersion" },
    source.uninstall { label = "uninstall entry", role = "trace",
                       text = "McAfee Endpoint Security Threat Prevention" },
  },
}
