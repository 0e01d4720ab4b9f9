#!/usr/bin/env python3
"""Time and memory of large rule sets: loading, listing, evaluating.

usage: policies_bench.py BUILD_DIR [--json FILE] [--keep DIR]

Generates its policies, and one sample host with BUILD_DIR/mkhosts.  Cases and what they must stay
below (docs/design.md section 6):

  list      10,000 registry rules in 2,000 files: `policy list`        2 s, 200 MB
  check     the same, evaluated on one host by one thread              3 s
  checks    10,000 check functions in 2,000 files, evaluated
  one-file  2,500 check functions in one file, evaluated: linear, not quadratic
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SETTING = r"""  rule {{ id = "r{n}", title = "Setting {n} of file {f} is 5", severity = "medium",
    references = {{ "BENCH-{f}-{n}" }}, rationale = "A line of text that says why it matters.",
    want = registry.value(KEY, "Value{n}", dword({n}), {{ if_absent = "pass" }}),
    repair = manual "Set it." }},
"""
CHECK = r"""  rule {{ id = "r{n}", title = "Setting {n} of file {f} is 5", severity = "medium",
    needs = {{ "registry" }}, check = function(host)
      local bad = findings()
      local v = host.registry:value(KEY, "Value{n}")
      if v.state == "found" and not names[v.name] then bad:add(v, "unknown") end
      return bad
    end }},
"""
HEAD = r"""local KEY <const> = [[HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion]]
local names = {{ ProductName = true, CurrentBuild = true }}
return policy {{ id = "bench.f{f}", title = "Generated file {f}",
"""


def generate(folder, files, rules, text):
    folder.mkdir()
    for f in range(files):
        body = "".join(text.format(f=f, n=n) for n in range(rules))
        (folder / f"f{f}.lua").write_text(HEAD.format(f=f) + body + "}\n")


def run(command):
    """Seconds of wall clock, of CPU, peak resident memory in MB, exit code."""
    start = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    return (time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
            os.waitstatus_to_exitcode(status))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    rectify = str(options.build / "rectify")
    work = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="rectify-bench-"))
    os.umask(0o022)
    work.mkdir(exist_ok=True)
    work.chmod(0o755)
    subprocess.run([options.build / "mkhosts", work / "hosts", "unpatched"], check=True,
                   stdout=subprocess.DEVNULL)
    host = ["--root", str(work / "hosts" / "unpatched"), "--format", "json"]
    generate(work / "settings", 2000, 5, SETTING)
    generate(work / "checks", 2000, 5, CHECK)
    generate(work / "one", 1, 2500, CHECK)
    cases = [
        ("list", 10000, 2.0, 200, [rectify, "policy", "list", "--policy", str(work / "settings")]),
        ("check", 10000, 3.0, None, [rectify, "check", "--policy", str(work / "settings"), *host]),
        ("checks", 10000, None, None, [rectify, "check", "--policy", str(work / "checks"), *host]),
        ("one-file", 2500, None, None, [rectify, "check", "--policy", str(work / "one"), *host]),
    ]
    rows, failed = [], False
    print(f"{'case':10} {'rules':>7} {'seconds':>8} {'CPU s':>7} {'MB':>7} {'CPU us/rule':>12}")
    for name, rules, seconds_most, mb_most, command in cases:
        best = min(run(command) for _ in range(3))
        seconds, cpu, mb, code = best
        late = (seconds_most and seconds > seconds_most) or (mb_most and mb > mb_most)
        failed = failed or bool(late) or code not in (0, 2, 3)
        print(f"{name:10} {rules:7} {seconds:8.2f} {cpu:7.2f} {mb:7.0f} {cpu / rules * 1e6:12.1f}"
              f"{'  over its limit' if late else ''}{f'  exit {code}' if code == 1 else ''}")
        rows.append({"case": name, "rules": rules, "seconds": seconds, "cpu": cpu, "mb": mb, "exit": code})
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
