# manual.ps1: what Wine cannot show, checked on a real Windows by a person (docs/design.md, section 10).
#
#   powershell -ExecutionPolicy Bypass -File manual.ps1 -Exe C:\...\rectify.exe [-Exe32 C:\...\x86\rectify.exe]
#
# Start it from a prompt that is NOT elevated: the first half shows the refusals, then it asks for
# elevation for the second half (the window may be another one), and prints one table of both. Exit
# code 0: nothing failed. PowerShell 2.0 (Windows 7) is enough. It makes a folder rectify-manual-test
# in Program Files, a key rectify-manual-test in HKLM\SOFTWARE, a task \rectify\manual-test and files
# below %ProgramData%\rectify, and removes all of them; an entry in the Application log stays.
param(
    [string]$Exe = '',
    [string]$Exe32 = '',
    [string]$Phase = 'plain',
    [string]$Work = ''
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$script:Rows = @()
$script:Signed = @()
$Self = $MyInvocation.MyCommand.Path
if ($Exe -eq '') { $Exe = Join-Path (Split-Path -Parent $Self) 'rectify.exe' }
$Place = Join-Path $env:ProgramFiles 'rectify-manual-test'
$Data = Join-Path $env:ProgramData 'rectify'
$Key = 'HKLM:\SOFTWARE\rectify-manual-test'
$Wide = Test-Path (Join-Path $env:SystemRoot 'SysWOW64')
$AdministratorsSid = 'S-1-5-32-544'
$SystemSid = 'S-1-5-18'
$OwnerRightsSid = 'S-1-3-4'

$Policy = @'
return policy {
  id = "manual", title = "Manual test of rectify", references = { "manual.ps1" },
  rule {
    id = "log", title = "The System log is read", severity = "low", references = { "manual.ps1" },
    want = eventlog.at_most { channel = "System", window_days = 1, at_most = 100000000 },
  },
  rule {
    id = "closed", title = "A file in a folder for administrators", severity = "low", references = { "manual.ps1" },
    want = file.present [[%SystemRoot%\System32\config\SAM]],
  },
  rule {
    id = "value", title = "A value of the test's own", severity = "low", references = { "manual.ps1" },
    want = registry.value([[HKLM\SOFTWARE\rectify-manual-test]], "Value", dword(7)),
    repair = enforce(),
  },
  rule {
    id = "roots", title = "Never so: asks for new lists", severity = "low", references = { "manual.ps1" },
    want = registry.value([[HKLM\SOFTWARE\rectify-manual-test]], "Never", dword(1)),
    repair = roots.refresh {},
  },
  rule {
    id = "protected", title = "What csrss.exe has loaded", severity = "low", references = { "manual.ps1" },
    want = module.signed { processes = { "csrss.exe" } },
  },
  rule {
    id = "signed", title = "Windows' own library is trusted", severity = "low", references = { "manual.ps1" },
    want = file.signed { path = [[%SystemRoot%\System32\ntdll.dll]] },
  },
}
'@

function IsElevated {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object System.Security.Principal.WindowsPrincipal $identity
    return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

function AddRow([string]$Name, [string]$Result, [string]$Detail) {
    $script:Rows += New-Object PSObject -Property @{ Name = $Name; Result = $Result; Detail = $Detail }
    Write-Host ('{0,-5} {1}  {2}' -f $Result, $Name, $Detail)
}

# The body returns '' (pass), 'skip: why', or what is wrong; an exception is wrong too.
function Check([string]$Name, [scriptblock]$Body) {
    try {
        $answer = @(& $Body)
        $text = ''
        if ($answer.Count -gt 0) { $text = [string]$answer[$answer.Count - 1] }
        if ($text -eq '') { AddRow $Name 'PASS' '' }
        elseif ($text.StartsWith('skip: ')) { AddRow $Name 'SKIP' $text.Substring(6) }
        else { AddRow $Name 'FAIL' $text }
    } catch {
        AddRow $Name 'FAIL' $_.Exception.Message
    }
}

# A line of the command interpreter, whose words take longer paths than PowerShell's.
function Shell([string]$Line) {
    $info = New-Object System.Diagnostics.ProcessStartInfo
    $info.FileName = $env:ComSpec
    $info.Arguments = '/d /s /c "' + $Line + ' >nul 2>nul"'
    $info.UseShellExecute = $false
    [System.Diagnostics.Process]::Start($info).WaitForExit()
}

# Runs a program to its end: exit code, standard output, standard error.
function Run([string]$Program, [string]$Arguments) {
    $out = Join-Path $Work 'out.txt'
    $err = Join-Path $Work 'err.txt'
    $info = New-Object System.Diagnostics.ProcessStartInfo
    $info.FileName = $env:ComSpec
    $info.Arguments = '/d /s /c ""' + $Program + '" ' + $Arguments + ' <nul >"' + $out + '" 2>"' + $err + '""'
    $info.UseShellExecute = $false
    $process = [System.Diagnostics.Process]::Start($info)
    if (-not $process.WaitForExit(1200000)) {
        $process.Kill()
        throw ('not done after 20 minutes: ' + $Arguments)
    }
    return New-Object PSObject -Property @{
        Code = $process.ExitCode
        Out = [System.IO.File]::ReadAllText($out)
        Err = [System.IO.File]::ReadAllText($err).Trim()
    }
}

# 'exit code 3, want 0: what it said', or '' where the code is among those wanted.
function Wrong($Done, [int[]]$Wanted) {
    if ($Wanted -contains $Done.Code) { return '' }
    return ('exit code {0}, want {1}: {2}' -f $Done.Code, ($Wanted -join ' or '), $Done.Err)
}

function ParseJson([string]$text) {
    if ($PSVersionTable.PSVersion.Major -ge 6) { return ConvertFrom-Json $text }
    Add-Type -AssemblyName System.Web.Extensions
    $reader = New-Object System.Web.Script.Serialization.JavaScriptSerializer
    $reader.MaxJsonLength = 1073741824
    return $reader.DeserializeObject($text)
}

function ReadJson([string]$Path) {
    return (ParseJson ([System.IO.File]::ReadAllText($Path)))
}

# A member of a JSON object, $null where there is none.
function Member($Object, [string]$Name) {
    if ($Object.PSObject.Methods['ContainsKey']) {
        if ($Object.ContainsKey($Name)) { return $Object[$Name] }
        return $null
    }
    $found = $Object.PSObject.Properties[$Name]
    if ($found) { return $found.Value }
    return $null
}

# What is said of the signatures of files: ours, and Windows' own answer in `windows`.
function Signatures([string]$Glob) {
    $file = Join-Path $Work 'signatures.jsonl'
    if (Test-Path $file) { Remove-Item $file }
    $done = Run $Exe ('facts signatures "{0}" --format "jsonl:{1}"' -f $Glob, $file)
    if (-not (Test-Path $file)) { throw ('facts signatures: ' + $done.Err) }
    $rows = @()
    foreach ($line in [System.IO.File]::ReadAllLines($file)) {
        if ($line -ne '') { $rows += , (ParseJson $line) }
    }
    return $rows
}

# The result of one rule of the policy above, checked live.
function Rule([string]$Folder, [string]$Id) {
    $report = Join-Path $Work 'rule.json'
    if (Test-Path $report) { Remove-Item $report }
    $done = Run $Exe ('check --policy "{0}\manual.lua" --only manual.{1} --format "json:{2}"' -f $Folder, $Id, $report)
    $wrong = Wrong $done @(0, 2, 3)
    if ($wrong -ne '') { throw $wrong }
    $results = @((ReadJson $report).results)
    if ($results.Count -ne 1) { throw ('{0} results' -f $results.Count) }
    return $results[0]
}

function Plan([string]$Folder, [string]$Id, [string]$More) {
    return Run $Exe ('plan --policy "{0}\manual.lua" --only manual.{1} {2} --format "json:{0}\manual-{1}.json"' -f $Folder, $Id, $More)
}

function WritePolicy([string]$Folder) {
    [System.IO.File]::WriteAllText((Join-Path $Folder 'manual.lua'), $Policy)
}

# What is longer than 260 characters, or not, is gone.
function RemoveTree([string]$Path) {
    if (-not (Test-Path $Path)) { return }
    Shell ('rd /s /q "\\?\' + $Path + '"')
}

# '' where only SYSTEM and Administrators may anything.
function Closed([string]$Path, [bool]$OwnerRights) {
    $acl = Get-Acl $Path
    $sid = [System.Security.Principal.SecurityIdentifier]
    $owner = $acl.GetOwner($sid).Value
    $allowed = @($AdministratorsSid, $SystemSid)
    if ($OwnerRights) { $allowed += $OwnerRightsSid }
    elseif ($allowed -notcontains $owner) { return ('owned by ' + $owner) }
    foreach ($rule in $acl.GetAccessRules($true, $true, $sid)) {
        if ($allowed -notcontains $rule.IdentityReference.Value) {
            return ('{0} may {1}' -f $rule.IdentityReference.Value, $rule.FileSystemRights)
        }
    }
    if (-not $OwnerRights -and -not $acl.AreAccessRulesProtected) { return 'inherits' }
    return ''
}

# ---- not elevated -------------------------------------------------------------------------------

function PlainHalf {
    WritePolicy $Work
    Check 'starts' {
        $done = Run $Exe '--version'
        if ($done.Out -notmatch '^rectify \d') { return ('said: ' + $done.Out) }
        return (Wrong $done @(0))
    }
    Check 'x86-starts' {
        if ($Exe32 -eq '') { return 'skip: no -Exe32' }
        $done = Run $Exe32 '--version'
        if ($done.Out -notmatch '^rectify \d') { return ('said: ' + $done.Out) }
        return (Wrong $done @(0))
    }
    Check 'x86-refuses-on-x64' {
        if ($Exe32 -eq '') { return 'skip: no -Exe32' }
        if (-not $Wide) { return 'skip: this is a 32-bit Windows' }
        $done = Run $Exe32 'check'
        if ($done.Err -notmatch 'x64') { return ('said: ' + $done.Err) }
        return (Wrong $done @(1))
    }
    Check 'unelevated-is-unknown' {
        $rule = Rule $Work 'closed'
        if ($rule.verdict -ne 'unknown') { return ('verdict ' + $rule.verdict) }
        if ([string]$rule.message -eq '') { return 'no reason' }
        return ''
    }
    Check 'unelevated-says-how-many' {
        $done = Run $Exe ('check --policy "{0}\manual.lua" --only manual.closed' -f $Work)
        if ($done.Out -notmatch 'run elevated for \d+ more facts') { return 'the report does not say so' }
        return (Wrong $done @(3))
    }
    Check 'unelevated-apply-refused' {
        $wrong = Wrong (Plan $Work 'value' '') @(4)
        if ($wrong -ne '') { return ('plan: ' + $wrong) }
        $done = Run $Exe ('apply "{0}\manual-value.json" --allow registry' -f $Work)
        if (Test-Path $Key) { return 'the key was made' }
        if ($done.Err -notmatch 'elevated') { return ('said: ' + $done.Err) }
        return (Wrong $done @(1))
    }
    Check 'unelevated-schedule-prints' {
        $done = Run $Exe 'schedule install --name manual-test -- --profile quick'
        if ($done.Err -match 'may write') { return 'skip: put rectify.exe where only administrators can write' }
        if ($done.Code -eq 1 -and $done.Err -match 'Administrators') {
            return 'skip: others may write the program: put it into Program Files'
        }
        if ($done.Out -notmatch '<Task ') { return 'no task on standard output' }
        return (Wrong $done @(1))
    }
    # Every user may make this folder first: the elevated half must refuse to use it.
    if (-not (Test-Path $Data)) {
        New-Item -ItemType Directory $Data | Out-Null
        [System.IO.File]::WriteAllText((Join-Path $Work 'planted'), '')
    }
}

# ---- elevated -----------------------------------------------------------------------------------

function Prepare {
    if ((Test-Path $Place) -or (Test-Path $Key)) { throw ($Place + ' or ' + $Key + ' is there already') }
    New-Item -ItemType Directory $Place | Out-Null
    Copy-Item $Exe (Join-Path $Place 'rectify.exe')
    $script:Exe = Join-Path $Place 'rectify.exe'
    WritePolicy $Place
}

function ChecksOfFacts {
    Check 'elevated-reads-all' {
        $rule = Rule $Place 'closed'
        if ($rule.verdict -ne 'pass') { return ($rule.verdict + ': ' + $rule.message) }
        return ''
    }
    Check 'events-snapshot' {
        $rule = Rule $Place 'log'
        $where = @($rule.evidence | ForEach-Object { $_.artefact })
        if (-not ($where -contains 'event log System')) { return ('read from ' + ($where -join ', ')) }
        return ''
    }
    Check 'modules-of-protected-process' {
        $rule = Rule $Place 'protected'
        if ($rule.verdict -ne 'unknown') { return ($rule.verdict + ': ' + $rule.message) }
        if ([string]$rule.message -eq '') { return 'no reason' }
        return ''
    }
    Check 'second-opinion' {
        $rows = @(Signatures ($env:SystemRoot + '\System32\n*.dll'))
        $asked = 0
        $differ = @()
        foreach ($row in $rows) {
            $windows = Member $row 'windows'
            if ($windows -eq $null) { continue }
            $asked++
            if (Member $windows 'differs') { $differ += ('{0}: {1}, Windows {2}' -f $row.path, $row.word, (Member $windows 'code')) }
        }
        $script:Signed = $rows
        if ($asked -lt 20) { return ('asked of {0} of {1} files' -f $asked, $rows.Count) }
        if ($differ.Count -gt 0) { return ('{0} of {1} differ: {2}' -f $differ.Count, $asked, ($differ -join '; ')) }
        return ''
    }
    Check 'second-opinion-tampered' {
        $own = @($script:Signed | Where-Object { (Member $_ 'source') -eq 'embedded' -and $_.word -eq 'trusted' })
        if ($own.Count -eq 0) { return 'skip: all of them are signed by catalogs' }
        $copy = Join-Path $Place 'tampered.dll'
        $bytes = [System.IO.File]::ReadAllBytes($own[0].path)
        $bytes[1500] = $bytes[1500] -bxor 1
        [System.IO.File]::WriteAllBytes($copy, $bytes)
        $row = @(Signatures $copy)[0]
        $code = Member (Member $row 'windows') 'code'
        if ($row.word -ne 'bad_digest' -or $code -ne '0x80096010') { return ('{0}: {1}, Windows {2}' -f $own[0].path, $row.word, $code) }
        return ''
    }
    Check 'long-paths' {
        $first = Join-Path $Place ('a' * 120)
        $deep = Join-Path $first ('b' * 120)
        foreach ($folder in @($first, $deep)) { Shell ('mkdir "\\?\' + $folder + '"') }
        $file = $deep + '\kernel32.dll'
        Shell ('copy /b "' + $env:SystemRoot + '\System32\kernel32.dll" "\\?\' + $file + '"')
        return (Wrong (Run $Exe ('inspect pe "' + $file + '"')) @(0))
    }
}

function ChecksOfChanges {
    if (Test-Path (Join-Path $Work 'planted')) {
        Check 'planted-folder-refused' {
            $wrong = Wrong (Plan $Place 'value' '') @(4)
            if ($wrong -ne '') { return ('plan: ' + $wrong) }
            $done = Run $Exe ('apply "{0}\manual-value.json" --allow registry' -f $Place)
            if (Test-Path $Key) { return 'the key was made' }
            return (Wrong $done @(1))
        }
        RemoveTree $Data
    } else {
        AddRow 'planted-folder-refused' 'SKIP' ($Data + ' was there, or this was started elevated')
    }
    Check 'apply' {
        $wrong = Wrong (Plan $Place 'value' '') @(4)
        if ($wrong -ne '') { return ('plan: ' + $wrong) }
        $wrong = Wrong (Run $Exe ('apply "{0}\manual-value.json" --allow registry' -f $Place)) @(0)
        if ($wrong -ne '') { return $wrong }
        $value = (Get-ItemProperty $Key).Value
        if ($value -ne 7) { return ('the value is ' + $value) }
        return ''
    }
    Check 'programdata-acl' { return (Closed $Data $false) }
    Check 'journal-acl' { return (Closed (Join-Path $Data 'manual-value.journal') $true) }
    Check 'undo' {
        $wrong = Wrong (Run $Exe ('undo "' + (Join-Path $Data 'manual-value.journal') + '"')) @(0)
        if ($wrong -ne '') { return $wrong }
        if (Test-Path $Key) { return 'the key is still there' }
        return ''
    }
    Check 'roots-refresh-dry-run' {
        $done = Plan $Place 'roots' '--set roots.source=windows-update'
        if ($done.Code -ne 4) {
            $wrong = Wrong $done @(0, 2, 3)
            if ($wrong -ne '') { return ('plan: ' + $wrong) }
            $why = @((ReadJson (Join-Path $Place 'manual-roots.json')).manual | ForEach-Object { $_.why })
            return ('skip: nothing to refresh: ' + ($why -join '; '))
        }
        $wrong = Wrong (Run $Exe ('apply "{0}\manual-roots.json" --dry-run' -f $Place)) @(0)
        if ($wrong -ne '') { return $wrong }
        if (Test-Path (Join-Path $Data 'manual-roots.journal')) { return 'a journal was made' }
        return ''
    }
    Check 'delete-while-open' {
        $results = Join-Path $Place 'results'
        $arguments = 'schedule run --name manual-test --keep 1 --results "' + $results + '" -- --profile quick'
        $wrong = Wrong (Run $Exe $arguments) @(0, 2, 3)
        if ($wrong -ne '') { return $wrong }
        $old = @(Get-ChildItem $results -Filter *.json)[0].FullName
        $share = [System.IO.FileShare]'ReadWrite, Delete'
        $held = [System.IO.File]::Open($old, 'Open', 'Read', $share)
        try { $wrong = Wrong (Run $Exe $arguments) @(0, 2, 3) } finally { $held.Close() }
        if ($wrong -ne '') { return $wrong }
        if (Test-Path $old) { return 'the old result is still there once it is closed' }
        if (@(Get-ChildItem $results -Filter *.json).Count -ne 1) { return 'not one result' }
        return ''
    }
}

function ChecksOfSchedules {
    $open = Join-Path $Place 'open'
    Check 'schedule-refuses-writable' {
        New-Item -ItemType Directory $open | Out-Null
        Copy-Item $Exe (Join-Path $open 'rectify.exe')
        & icacls.exe $open /grant '*S-1-5-32-545:(OI)(CI)M' /T | Out-Null
        return (Wrong (Run (Join-Path $open 'rectify.exe') 'schedule install --name manual-test -- --profile quick') @(1))
    }
    $start = Get-Date
    Check 'schedule-install' {
        return (Wrong (Run $Exe 'schedule install --name manual-test --random-delay 0 -- --profile quick') @(0))
    }
    Check 'schedule-task' {
        $done = Run 'schtasks.exe' '/Query /TN \rectify\manual-test /XML'
        $wrong = Wrong $done @(0)
        if ($wrong -ne '') { return $wrong }
        foreach ($part in @('S-1-5-18', 'schedule run', 'StartWhenAvailable', 'IgnoreNew')) {
            if (-not $done.Out.Contains($part)) { return ('the task has no ' + $part) }
        }
        return ''
    }
    Check 'schedule-show' {
        $done = Run $Exe 'schedule show --name manual-test'
        if ($done.Out -notmatch 'next run +20') { return ('said: ' + $done.Out + $done.Err) }
        return (Wrong $done @(0))
    }
    Check 'schedule-runs-as-system' {
        $wrong = Wrong (Run 'schtasks.exe' '/Run /TN \rectify\manual-test') @(0)
        if ($wrong -ne '') { return $wrong }
        $results = Join-Path $Data 'results\manual-test'
        for ($i = 0; $i -lt 600; $i++) {
            if ((Test-Path $results) -and @(Get-ChildItem $results -Filter *.json).Count -gt 0) { return (Closed $results $false) }
            Start-Sleep -Seconds 1
        }
        return 'no result after ten minutes'
    }
    Check 'event-log-entry' {
        for ($i = 0; $i -lt 30; $i++) {
            $found = @(Get-WinEvent -LogName Application -MaxEvents 1 -FilterXPath "*[System[Provider[@Name='rectify']]]" -ErrorAction SilentlyContinue)
            if ($found.Count -gt 0 -and $found[0].TimeCreated -gt $start) { break }
            Start-Sleep -Seconds 1
        }
        if ($found.Count -eq 0 -or $found[0].TimeCreated -le $start) { return 'no entry of source rectify' }
        if (@(100, 101, 102) -notcontains $found[0].Id) { return ('event id {0}' -f $found[0].Id) }
        if ($found[0].Message -notmatch '^rectify manual-test: exit \d') { return ('its text: ' + $found[0].Message) }
        return ''
    }
    Check 'schedule-remove' {
        $wrong = Wrong (Run $Exe 'schedule remove --name manual-test') @(0)
        if ($wrong -ne '') { return $wrong }
        if ((Run 'schtasks.exe' '/Query /TN \rectify\manual-test').Code -eq 0) { return 'the task is still there' }
        return ''
    }
}

function CleanUp([bool]$HadData) {
    if ((Run 'schtasks.exe' '/Query /TN \rectify\manual-test').Code -eq 0) {
        Run $Exe 'schedule remove --name manual-test' | Out-Null
    }
    if (Test-Path $Key) { Remove-Item $Key -Recurse }
    if ($HadData) {
        Get-ChildItem $Data -Filter 'manual-*.journal' | ForEach-Object { Remove-Item $_.FullName }
        RemoveTree (Join-Path $Data 'results\manual-test')
    } else {
        RemoveTree $Data
    }
    RemoveTree $Place
    Check 'nothing-is-left' {
        foreach ($path in @($Place, $Key)) { if (Test-Path $path) { return ($path + ' is still there') } }
        if (-not $HadData -and (Test-Path $Data)) { return ($Data + ' is still there') }
        return ''
    }
}

function ElevatedHalf {
    $hadData = (Test-Path $Data) -and -not (Test-Path (Join-Path $Work 'planted'))
    Prepare
    try {
        ChecksOfFacts
        ChecksOfChanges
        ChecksOfSchedules
    } finally {
        CleanUp $hadData
    }
}

# ---- both ---------------------------------------------------------------------------------------

function SaveRows([string]$Path) {
    $script:Rows | Export-Clixml $Path
}

# Another PowerShell, elevated; its rows come back in a file, which says that it is done.
function RunElevated {
    $rows = Join-Path $Work 'elevated.xml'
    $done = Join-Path $Work 'elevated.done'
    $arguments = '-NoProfile -ExecutionPolicy Bypass -File "{0}" -Phase elevated -Work "{1}" -Exe "{2}" -Exe32 "{3}"' -f $Self, $Work, $Exe, $Exe32
    if ($Exe32 -eq '') { $arguments = $arguments.Replace(' -Exe32 ""', '') }
    try {
        $process = Start-Process 'powershell.exe' -ArgumentList $arguments -Verb RunAs -PassThru
    } catch {
        AddRow 'elevated-half' 'FAIL' ('not run: ' + $_.Exception.Message)
        return
    }
    while (-not (Test-Path $done)) {
        Start-Sleep -Seconds 1
        if ($process.HasExited) { break }
    }
    if (Test-Path $rows) { $script:Rows += @(Import-Clixml $rows) }
    if (-not (Test-Path $done)) { AddRow 'elevated-half' 'FAIL' 'ended early' }
}

function Main {
    if ($Wide -and [IntPtr]::Size -eq 4) { throw 'this is the 32-bit PowerShell: start the 64-bit one' }
    if (-not (Test-Path $Exe)) { throw ('no ' + $Exe + ': name the program with -Exe') }
    # The elevated half starts in another folder.
    $script:Exe = (Resolve-Path $Exe).ProviderPath
    if ($Exe32 -ne '') { $script:Exe32 = (Resolve-Path $Exe32).ProviderPath }
    $script:Exe = (Resolve-Path $Exe).Path
    if ($Exe32 -ne '') { $script:Exe32 = (Resolve-Path $Exe32).Path }
    if ($Phase -eq 'elevated') {
        try { ElevatedHalf } catch { AddRow 'elevated-half' 'FAIL' $_.Exception.Message }
        SaveRows (Join-Path $Work 'elevated.xml')
        [System.IO.File]::WriteAllText((Join-Path $Work 'elevated.done'), '')
        return
    }
    $script:Work = Join-Path ([System.IO.Path]::GetTempPath()) ('rectify-manual-' + [Guid]::NewGuid().ToString('N'))
    New-Item -ItemType Directory $Work | Out-Null
    if (IsElevated) {
        AddRow 'unelevated-half' 'SKIP' 'started elevated: start it from a prompt that is not'
        try { ElevatedHalf } catch { AddRow 'elevated-half' 'FAIL' $_.Exception.Message }
    } else {
        PlainHalf
        RunElevated
    }
    RemoveTree $Work
    $failed = @($script:Rows | Where-Object { $_.Result -eq 'FAIL' }).Count
    $script:Rows | Select-Object Result, Name, Detail | Format-Table -AutoSize -Wrap | Out-String -Width 150 | Write-Host
    Write-Host ('{0} checked, {1} failed; Windows {2}, PowerShell {3}' -f $script:Rows.Count, $failed, [Environment]::OSVersion.Version, $PSVersionTable.PSVersion)
    if ($failed -gt 0) { exit 1 }
    exit 0
}

Main
