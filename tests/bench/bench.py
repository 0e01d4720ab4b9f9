#!/usr/bin/env python3
"""Cost of rectify beside its peers, on files made by the project, in one run.

usage: tests/bench/bench.py BUILD [--log-mb N] [--hive-mb N] [--runs N] [--no-slow-peers]

Prints CPU seconds (median), throughput, and peak private memory (RssAnon: mapped files, which the
page cache holds, do not count).  Figures of different machines mean nothing; ratios within one run
do.  Files are kept in BUILD/bench and made again when their size differs.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time


def measure(command, stdout=subprocess.DEVNULL):
    """CPU seconds, wall seconds, peak RssAnon in MB, exit code."""
    before = os.times()
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
    peak = 0
    status = f"/proc/{child.pid}/status"
    while child.poll() is None:
        try:
            with open(status) as f:
                for line in f:
                    if line.startswith("RssAnon:"):
                        peak = max(peak, int(line.split()[1]))
        except OSError:
            pass
        time.sleep(0.002)
    wall = time.monotonic() - started
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return cpu, wall, peak / 1024, child.returncode


def job(name, command, size, runs, ok=(0,)):
    if shutil.which(command[0]) is None:
        print(f"{name:44} SKIPPED: {command[0]} is not installed")
        return None
    results = [measure(command) for _ in range(runs)]
    if results[0][3] not in ok:
        print(f"{name:44} FAILED: exit code {results[0][3]}")
        return None
    cpu = statistics.median(r[0] for r in results)
    wall = statistics.median(r[1] for r in results)
    memory = max(r[2] for r in results)
    speed = size / 1e6 / cpu if cpu > 0.005 else float("inf")
    print(f"{name:44} {cpu:9.3f} {wall:9.3f} {speed:10.0f} {memory:9.1f}")
    sys.stdout.flush()
    return cpu


def generate(mkhosts, path, size, arguments):
    if os.path.exists(path) and abs(os.path.getsize(path) - size) < size * 0.25:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    subprocess.run([mkhosts, *arguments], check=True)


def signatures(rectify, mkhosts, bench, runs):
    """3,000 signed files (400 MB) against the host's own stores, beside hashing the same bytes."""
    root = f"{bench}/signed"
    if not os.path.isdir(root):
        subprocess.run([mkhosts, "--signed", root, "--files", "3000", "--megabytes", "400"], check=True)
    folder = f"{root}/Windows/System32/Signed"
    files = sorted(os.path.join(d, f) for d, _, names in os.walk(folder) for f in names)
    size = sum(os.path.getsize(f) for f in files)
    print(f"{len(files)} signed files, {size / 1e6:.0f} MB")
    verify = [rectify, "facts", "--root", root, "signatures", r"C:\Windows\System32\Signed\**", "--format", "csv"]
    hashed = job("openssl dgst -sha256, all files", ["openssl", "dgst", "-sha256", *files], size, runs)
    one = job("rectify facts signatures, 1 thread", verify + ["--jobs", "1"], size, runs)
    job("rectify facts signatures, all cores", verify, size, runs)
    some = files[::50]
    peer = None
    if shutil.which("osslsigncode"):
        before = os.times()
        for f in some:
            subprocess.run(["osslsigncode", "verify", f], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = os.times()
        spent = after.children_user - before.children_user + after.children_system - before.children_system
        peer = spent * len(files) / len(some)
        print(f"{'osslsigncode, one process a file':44} {peer:9.3f}   (from {len(some)} files)")
    else:
        print(f"{'osslsigncode':44} SKIPPED: not installed")
    if one and hashed:
        limit = 2 * hashed + 0.0002 * len(files)
        print(f"  twice hashing + 0.2 ms a file: {limit:.3f} CPU s, ours {one:.3f}: {'within' if one <= limit else 'OVER'}")
    ratio("osslsigncode to ours", one, peer)


def ratio(what, ours, peer):
    if ours and peer:
        print(f"  {what}: {peer / ours:.1f} times")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--log-mb", type=int, default=1024)
    parser.add_argument("--hive-mb", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-slow-peers", action="store_true")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    rectify, mkhosts = build + "/rectify", build + "/mkhosts"
    bench = build + "/bench"

    record = 500
    log = f"{bench}/System-{args.log_mb}.evtx"
    hive = f"{bench}/SOFTWARE-{args.hive_mb}"
    generate(mkhosts, log, args.log_mb << 20,
             ["--evtx", log, "--records", str((args.log_mb << 20) // record), "--record-bytes", str(record)])
    generate(mkhosts, hive, args.hive_mb << 20, ["--hive", hive, "--megabytes", str(args.hive_mb)])
    demo = f"{bench}/demo"
    shutil.rmtree(demo, ignore_errors=True)
    subprocess.run([mkhosts, demo, "unpatched", "healthy"], check=True)
    large = f"{bench}/large/healthy"
    shutil.rmtree(f"{bench}/large", ignore_errors=True)
    subprocess.run([mkhosts, f"{bench}/large", "healthy"], check=True)
    os.replace(f"{large}/Windows/System32/winevt/Logs/System.evtx", f"{bench}/small.evtx")
    os.link(log, f"{large}/Windows/System32/winevt/Logs/System.evtx")

    log_size, hive_size = os.path.getsize(log), os.path.getsize(hive)
    print(f"log {log_size / 1e6:.0f} MB, hive {hive_size / 1e6:.0f} MB, median of {args.runs}, {os.cpu_count()} cores")
    print(f"{'job':44} {'CPU s':>9} {'wall s':>9} {'MB/CPU s':>10} {'peak MB':>9}")
    job("cat log > /dev/null", ["cat", log], log_size, args.runs)
    ours = job("rectify inspect evtx --count-by, 1 thread",
               [rectify, "inspect", "evtx", "--jobs", "1", "--count-by", "channel,provider,id", log], log_size, args.runs)
    job("rectify inspect evtx --count-by, all cores",
        [rectify, "inspect", "evtx", "--count-by", "channel,provider,id", log], log_size, args.runs)
    dump = job("rectify inspect evtx (JSON lines), 1 thread",
               [rectify, "inspect", "evtx", "--jobs", "1", log], log_size, 1)
    job("rectify inspect evtx --format xml, 1 thread",
        [rectify, "inspect", "evtx", "--jobs", "1", "--format", "xml", log], log_size, 1)
    peer = None
    if not args.no_slow_peers:
        peer = job("evtxexport (XML)", ["evtxexport", "-f", "xml", log], log_size, 1)
    ours_hive = job("rectify inspect hive --recursive", [rectify, "inspect", "hive", "--recursive", hive], hive_size, 1)
    one = job("rectify inspect hive --key (one key)",
              [rectify, "inspect", "hive", "--key", r"McAfee\DesktopProtection", hive], hive_size, args.runs)
    one_peer = job("hivexget (one key)", ["hivexget", hive, r"McAfee\DesktopProtection"], hive_size, args.runs)
    hive_peer = None
    if not args.no_slow_peers:
        hive_peer = job("regfexport", ["regfexport", hive], hive_size, 1)
    job("rectify check, demo host", [rectify, "check", "--root", demo + "/unpatched"], 1, args.runs, ok=(2,))
    job("rectify check, large log, 1 thread", [rectify, "check", "--jobs", "1", "--root", large], log_size, args.runs, ok=(0, 2, 3))
    signatures(rectify, mkhosts, bench, args.runs)
    print("peer's CPU over ours:")
    ratio("one key of a large hive, hivexget", one, one_peer)
    ratio("whole hive, regfexport", ours_hive, hive_peer)
    ratio("whole log, evtxexport to our JSON lines", dump, peer)
    ratio("whole log, evtxexport to our count", ours, peer)


if __name__ == "__main__":
    main()
