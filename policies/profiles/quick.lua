-- What can be told without deciding signatures: hives and event logs alone.
return profile {
  title = "Rules that need no signature to be decided",
  rules = {
    skip = {
      "kb71083.agent-dlls-signed",
      "kb71083.third-party-hooks",
      "kb71083.microsoft-files-trusted",
      "kb71083.root-certificates-current",
      "kb71083.loaded-modules",
      "kb71083.loaded-microsoft-files",
      "windows-trust.entry-points-trusted",
    },
  },
}
