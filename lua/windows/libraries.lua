-- Windows' own DLLs that services and tray programs of the time load, McAfee's among them.  msi.dll
-- is the one that KB71083 names: 4.5.6001.22159 on XP and Server 2003.
local files = {}
for _, name in ipairs {
  "ntdll", "kernel32", "kernelbase", "user32", "gdi32", "advapi32", "rpcrt4", "msvcrt", "ole32",
  "oleaut32", "combase", "sechost", "shell32", "shlwapi", "comctl32", "version", "ws2_32",
  "mswsock", "crypt32", "cryptsp", "wintrust", "msasn1", "imagehlp", "psapi", "userenv", "netapi32",
  "wtsapi32", "secur32", "sspicli", "setupapi", "iphlpapi", "winhttp", "wininet", "msi",
} do
  table.insert(files, [[%SystemRoot%\System32\]] .. name .. ".dll")
end
return files
