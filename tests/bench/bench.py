#!/usr/bin/env python3
"""Cost of rectify beside its peers, on files made by the project, in one run.

usage: tests/bench/bench.py BUILD [--log-mb N] [--hive-mb N] [--runs N] [--plots DIR] [--only PART,..]

Parts: logs, rules, cache, start, hives, signatures, plots.  Prints CPU seconds (user and system, median of
the runs), wall seconds, throughput, peak private memory (RssAnon: mapped files, which the page cache holds,
do not count), then what is promised beside what was measured.  Peers that are not installed are SKIPPED;
those that would take hours read a smaller log, scaled, and the line says so.  Figures of different machines
mean nothing; ratios within one run do.  Files are kept in BUILD/bench.  --plots writes bench-size.svg and
bench-rules.svg.
"""
import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plot import plot  # noqa: E402

PARTS = ["logs", "rules", "cache", "start", "hives", "signatures", "plots"]
KEY = r"McAfee\DesktopProtection"
PYTHON_EVTX = """
import sys, Evtx.Evtx
with Evtx.Evtx.Evtx(sys.argv[1]) as log:
    for record in log.records():
        record.xml()
"""


def used():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime, r.ru_minflt


class Result:
    def __init__(self, runs):
        self.cpu = statistics.median(r[0] for r in runs)
        self.wall = statistics.median(r[1] for r in runs)
        self.memory = max(r[2] for r in runs)
        self.faults = statistics.median(r[3] for r in runs)
        self.code = runs[0][4]


def once(command, sample):
    before, faults = used()
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while sample and child.poll() is None:
        try:
            with open(f"/proc/{child.pid}/status") as f:
                peak = max([peak] + [int(line.split()[1]) for line in f if line.startswith("RssAnon:")])
        except OSError:
            pass
        time.sleep(0.002)
    child.wait()
    wall = time.monotonic() - started
    after, faults_after = used()
    return after - before, wall, peak / 1024, faults_after - faults, child.returncode


def run(command, runs, ok=(0,), sample=True):
    """None when it cannot be had; why, then."""
    if shutil.which(command[0]) is None:
        return None, f"SKIPPED: {os.path.basename(command[0])} is not installed"
    result = Result([once(command, sample) for _ in range(runs)])
    if result.code not in ok:
        return None, f"FAILED: exit code {result.code}"
    return result, ""


def job(name, command, size=0, runs=1, ok=(0,), scale=1, sample=True):
    result, why = run(command, runs, ok, sample)
    if result is None:
        print(f"{name:52} {why}")
    else:
        result.cpu *= scale
        result.wall *= scale
        speed = f"{size * scale / 1e6 / result.cpu:10.0f}" if size and result.cpu > 0.002 else f"{'':10}"
        print(f"{name:52} {result.cpu:9.4f} {result.wall:9.4f} {speed} {result.memory:9.1f}")
    sys.stdout.flush()
    return result


class Bounds:
    """What is promised, beside what was measured."""

    def __init__(self):
        self.lines = []

    def add(self, what, value, limit, unit="", least=False):
        held = value >= limit if least else value <= limit
        word = "at least" if least else "at most"
        self.lines.append((what, f"{value:.3g}{unit}", f"{word} {limit:g}{unit}", "holds" if held else "OVER"))

    def ratio(self, what, ours, peer, limit, least=False):
        if ours and peer and ours.cpu > 0:
            self.add(what, ours.cpu / peer.cpu, limit, "x", least)

    def show(self):
        print("\n| what | measured | promised | |\n|---|---|---|---|")
        for line in self.lines:
            print("| " + " | ".join(line) + " |")


def generate(bench, name, arguments):
    path = f"{bench.dir}/{name}"
    if not os.path.exists(path):
        subprocess.run([bench.mkhosts, arguments[0], path + ".part", *arguments[1:]], check=True)
        os.replace(path + ".part", path)
    return path


def mixed_log(bench, megabytes):
    """Records of 280 to 750 bytes, 400 on the average."""
    return generate(bench, f"mixed-{megabytes}.evtx", ["--evtx", "--records", str((megabytes << 20) // 400)])


def even_log(bench, megabytes, days=30):
    return generate(bench, f"even-{megabytes}-{days}.evtx",
                    ["--evtx", "--records", str((megabytes << 20) // 770), "--record-bytes", "750", "--days", str(days)])


def host_with(bench, name, log):
    """The sample host "healthy" with that System log."""
    root = f"{bench.dir}/{name}"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run([bench.mkhosts, root, "healthy"], check=True)
    system = f"{root}/healthy/Windows/System32/winevt/Logs/System.evtx"
    os.remove(system)
    os.link(log, system)
    return f"{root}/healthy"


def records_of(bench, log):
    out = subprocess.run([bench.walk, log], check=True, capture_output=True, text=True).stdout
    return int(out.split()[0])


def count_by(bench, log, jobs=1):
    return [bench.rectify, "inspect", "evtx", "--jobs", str(jobs), "--count-by", "channel,provider,id", log]


def dump(bench, log, form):
    return [bench.rectify, "inspect", "evtx", "--jobs", "1", "--format", form, log]


def logs(bench, bounds):
    for what, log in (("mixed records", mixed_log(bench, bench.log_mb)), ("750-byte records", even_log(bench, bench.log_mb))):
        size = os.path.getsize(log)
        bench.head(f"{size / 1e6:.0f} MB log, {records_of(bench, log)} records, {what}")
        cat = job("cat log > /dev/null", ["cat", log], size, bench.runs)
        walk = job("bare record walk with CRC (bench_walk)", [bench.walk, log], size, bench.runs)
        count = job("rectify count by channel, provider, id, 1 thread", count_by(bench, log), size, bench.runs)
        both = job("  the same, 2 threads", count_by(bench, log, 2), size, bench.runs)
        json = job("rectify JSON lines, 1 thread", dump(bench, log, "jsonl"), size, bench.runs)
        xml = job("rectify XML, 1 thread", dump(bench, log, "xml"), size, bench.runs)
        bounds.add(f"count, {what}", size / 1e9 / count.cpu, 2.5, " GB/s", least=True)
        if what.startswith("750"):
            bounds.ratio("count to bare walk, 750-byte records", count, walk, 1.6)
        bounds.add(f"two threads to one, wall, {what}", count.wall / both.wall, 1.7, "x", least=True)
        bounds.add(f"JSON lines, {what}", size / 1e6 / json.cpu, 800, " MB/s", least=True)
        bounds.ratio(f"XML to JSON lines, {what}", xml, json, 1.2)
        bench.ratio("count to cat", count, cat)
        bench.ratio("count to bare walk", count, walk)
    small = mixed_log(bench, 16)
    scale = size / os.path.getsize(small)
    peer = job("evtxexport (XML), 16 MB, scaled", ["evtxexport", "-f", "xml", small], os.path.getsize(small), 1, scale=scale)
    bench.ratio("evtxexport to our XML", peer, xml)
    tiny = mixed_log(bench, 1)
    scale = size / os.path.getsize(tiny)
    if subprocess.run(["/usr/bin/python3", "-c", "import Evtx"], capture_output=True).returncode:
        print(f"{'python3-evtx':52} SKIPPED: not installed")
    else:
        peer = job("python3-evtx (XML), 1 MB, scaled", ["/usr/bin/python3", "-c", PYTHON_EVTX, tiny],
                   os.path.getsize(tiny), 1, scale=scale)
        bench.ratio("python3-evtx to our XML", peer, xml)


def policy_files(bench, rules):
    """Files of at most 2,000 rules, each another event query."""
    arguments = []
    for first in range(1, rules + 1, 2000):
        last = min(first + 1999, rules)
        path = f"{bench.dir}/rules-{rules}-{first}.lua"
        with open(path, "w") as f:
            f.write(f"""local p = {{ id = "bench-{first}", title = "Many event queries" }}
local ids <const> = {{ 516, 514, 7036, 19, 20003 }}
for i = {first}, {last} do
  p[#p + 1] = rule {{
    id = "r" .. i, title = "Query " .. i, severity = "low",
    want = eventlog.none {{
      channel = "System", providers = {{ i % 2 == 0 and "mfehidk" or "Service Control Manager" }},
      ids = {{ ids[i % 5 + 1], i }}, window_days = 1 + i % 3000,
    }},
  }}
end
return policy(p)
""")
        arguments += ["--policy", path]
    return arguments


def check(bench, root, *more):
    return [bench.rectify, "check", "--root", root, "--quiet", *more]


def rules(bench, bounds):
    log = even_log(bench, bench.log_mb)
    root = host_with(bench, "rules", log)
    size, records = os.path.getsize(log), records_of(bench, log)
    bench.head(f"event queries on the log of 750-byte records ({size / 1e6:.0f} MB)")
    found = {}
    for count in (1, 10, 100, 1000, 10000):
        command = check(bench, root, "--jobs", "1", *policy_files(bench, count))
        found[count] = job(f"rectify check, {count} queries, 1 thread", command, size, bench.runs, ok=(0, 2, 3))
    bounds.ratio("10,000 queries to one", found[10000], found[1], 2)
    bounds.add("peak memory less 40 bytes a record", found[10000].memory - 40 * records / (1 << 20), 64, " MB")
    return found


def append_chunks(log, chunks):
    """The log grown by copies of its last chunks with new record numbers."""
    import struct
    import zlib
    with open(log, "r+b") as f:
        header = bytearray(f.read(4096))
        f.seek(-65536, 2)
        chunk = bytearray(f.read(65536))
        last, = struct.unpack_from("<Q", chunk, 32)
        first, = struct.unpack_from("<Q", chunk, 24)
        end, = struct.unpack_from("<I", chunk, 48)
        for k in range(1, chunks + 1):
            step = k * (last - first + 1)
            new = bytearray(chunk)
            for at in (8, 16, 24, 32):
                struct.pack_into("<Q", new, at, struct.unpack_from("<Q", chunk, at)[0] + step)
            at = 512
            while at + 28 <= end:
                struct.pack_into("<Q", new, at + 8, struct.unpack_from("<Q", chunk, at + 8)[0] + step)
                at += struct.unpack_from("<I", chunk, at + 4)[0]
            struct.pack_into("<I", new, 52, zlib.crc32(new[512:end]))
            struct.pack_into("<I", new, 124, zlib.crc32(new[128:512], zlib.crc32(new[:120])))
            f.seek(0, 2)
            f.write(new)
        count = (os.path.getsize(log) - 4096) // 65536
        struct.pack_into("<Q", header, 16, count - 1)
        struct.pack_into("<Q", header, 24, last + chunks * (last - first + 1) + 1)
        struct.pack_into("<H", header, 42, count & 0xFFFF)
        struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
        f.seek(0)
        f.write(header)


def cache(bench, bounds):
    """The whole policy pack, on a log whose window is a small part of it."""
    log = f"{bench.dir}/grows.evtx"
    shutil.copyfile(even_log(bench, bench.log_mb, 3650), log)
    root, kept = host_with(bench, "cache", log), f"{bench.dir}/kept"
    shutil.rmtree(kept, ignore_errors=True)
    subprocess.run([bench.mkhosts, f"{bench.dir}/small", "healthy"], check=True)
    time.sleep(3)  # a log that changed within two seconds is never taken for unchanged
    bench.head(f"rectify check (kb71083), System log of {os.path.getsize(log) / 1e6:.0f} MB")
    few = dict(runs=4 * bench.runs, ok=(0, 2, 3), sample=False)
    pack = ["--only", "kb71083.*"]
    job("a host with a log of 68 KB, no cache", check(bench, f"{bench.dir}/small/healthy", *pack), **few)
    job("no cache", check(bench, root, *pack), runs=bench.runs, ok=(0, 2, 3))
    with_cache = check(bench, root, "--cache", kept, *pack)
    job("first run with a cache", with_cache, ok=(0, 2, 3))
    same = job("unchanged log", with_cache, **few)
    append_chunks(log, 10)
    grown = job("10 new chunks", with_cache, **few)
    bounds.add("cached check, unchanged log", same.cpu * 1000, 20, " ms")
    bounds.add("cached check, 10 new chunks", grown.cpu * 1000, 25, " ms")
    shutil.rmtree(f"{bench.dir}/cache")
    shutil.rmtree(f"{bench.dir}/small")
    os.remove(log)


def start(bench, bounds):
    hive = generate(bench, "hive-1", ["--hive", "--megabytes", "1"])
    bench.head("start")
    few = dict(runs=8 * bench.runs, sample=False)
    job("rectify --version", [bench.rectify, "--version"], **few)
    first = job("rectify inspect hive --key (1 MB hive)", [bench.rectify, "inspect", "hive", "--key", KEY, hive], **few)
    bounds.add("start to first fact", first.cpu * 1000, 5, " ms")


def hives(bench, bounds):
    hive = generate(bench, f"hive-{bench.hive_mb}", ["--hive", "--megabytes", str(bench.hive_mb)])
    tiny = generate(bench, "hive-1", ["--hive", "--megabytes", "1"])
    size = os.path.getsize(hive)
    bench.head(f"{size / 1e6:.0f} MB hive")
    few = dict(runs=4 * bench.runs, sample=False)
    small = job("one key of a 1 MB hive", [bench.rectify, "inspect", "hive", "--key", KEY, tiny], **few)
    one = job("rectify inspect hive --key (one key)", [bench.rectify, "inspect", "hive", "--key", KEY, hive], **few)
    peer = job("hivexget (one key)", ["hivexget", hive, KEY], runs=bench.runs)
    bounds.add("one key of the large hive, page faults more than of 1 MB", one.faults - small.faults, 64)
    bench.ratio("hivexget to ours", peer, one)
    whole = job("rectify inspect hive --recursive", [bench.rectify, "inspect", "hive", "--recursive", hive], size)
    peer = job("regfexport", ["regfexport", hive], size)
    bench.ratio("regfexport to ours", peer, whole)


def signatures(bench, bounds):
    """3,000 signed files (400 MB) against the host's own stores, beside hashing the same bytes."""
    root = generate(bench, "signed", ["--signed", "--files", "3000", "--megabytes", "400"])
    folder = f"{root}/Windows/System32/Signed"
    files = sorted(os.path.join(d, f) for d, _, names in os.walk(folder) for f in names)
    size = sum(os.path.getsize(f) for f in files)
    bench.head(f"{len(files)} signed files, {size / 1e6:.0f} MB")
    verify = [bench.rectify, "facts", "--root", root, "signatures", r"C:\Windows\System32\Signed\**", "--format", "csv"]
    hashed = job("openssl dgst -sha256, all files", ["openssl", "dgst", "-sha256", *files], size, bench.runs)
    one = job("rectify facts signatures, 1 thread", verify + ["--jobs", "1"], size, bench.runs)
    job("rectify facts signatures, all cores", verify, size, bench.runs)
    if hashed and one:
        bounds.add("signatures: CPU to twice hashing + 0.2 ms a file", one.cpu / (2 * hashed.cpu + 0.0002 * len(files)), 1, "x")
    if shutil.which("osslsigncode") is None:
        print(f"{'osslsigncode':52} SKIPPED: not installed")
        return
    some, before = files[::50], used()[0]
    for f in some:
        subprocess.run(["osslsigncode", "verify", f], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    spent = (used()[0] - before) * len(files) / len(some)
    print(f"{'osslsigncode, one process a file, of some, scaled':52} {spent:9.4f}")
    print(f"  osslsigncode to ours: {spent / one.cpu:.1f}")


def plots(bench, bounds):
    if not bench.plots:
        return
    os.makedirs(bench.plots, exist_ok=True)
    bench.head("cost against size (mixed records)")
    series = {}
    for megabytes in [m for m in (1, 4, 16, 64, 256, 1024) if m <= bench.log_mb]:
        log = mixed_log(bench, megabytes)
        size = os.path.getsize(log)
        jobs = {"cat": ["cat", log], "bare walk": [bench.walk, log], "rectify count": count_by(bench, log),
                "rectify JSON lines": dump(bench, log, "jsonl")}
        if megabytes <= 64:
            jobs["evtxexport"] = ["evtxexport", "-f", "xml", log]
        if megabytes <= 4:
            jobs["python3-evtx"] = ["/usr/bin/python3", "-c", PYTHON_EVTX, log]
        for name, command in jobs.items():
            slow = name in ("evtxexport", "python3-evtx")
            result = job(f"{name}, {size / 1e6:.0f} MB", command, size, 1 if slow else bench.runs, sample=False)
            if result:
                series.setdefault(name, []).append((size / 1e6, result.cpu))
    plot(f"{bench.plots}/bench-size.svg", "Reading an event log", "size of the log, MB", "CPU seconds", series)
    found = bench.rules or rules(bench, bounds)
    plot(f"{bench.plots}/bench-rules.svg", f"Event queries on one log of {bench.log_mb} MB", "number of queries", "CPU seconds",
         {"rectify check": [(count, result.cpu) for count, result in found.items()]})


class Bench:
    def __init__(self, args):
        build = os.path.abspath(args.build)
        self.rectify, self.mkhosts, self.walk = (f"{build}/{p}" for p in ("rectify", "mkhosts", "bench_walk"))
        self.dir = f"{build}/bench"
        self.log_mb, self.hive_mb, self.runs, self.plots = args.log_mb, args.hive_mb, args.runs, args.plots
        self.rules = None
        os.makedirs(self.dir, exist_ok=True)

    @staticmethod
    def head(title):
        print(f"\n{title}\n{'job':52} {'CPU s':>9} {'wall s':>9} {'MB/CPU s':>10} {'peak MB':>9}")

    @staticmethod
    def ratio(what, one, other):
        if one and other and other.cpu > 0:
            print(f"  {what}: {one.cpu / other.cpu:.2f}")


def machine():
    model = "unknown processor"
    try:
        with open("/proc/cpuinfo") as f:
            info = f.read()
        model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), model)
        if " hypervisor" in info:
            model += ", virtual machine"
        with open("/etc/os-release") as f:
            system = next(line.split("=", 1)[1].strip().strip('"') for line in f if line.startswith("PRETTY_NAME"))
    except (OSError, StopIteration):
        system = platform.system()
    return f"{time.strftime('%Y-%m-%d')}, {model}, {os.cpu_count()} cores, {system}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--log-mb", type=int, default=1024)
    parser.add_argument("--hive-mb", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--plots", metavar="DIR")
    parser.add_argument("--only", default=",".join(PARTS))
    args = parser.parse_args()
    bench, bounds = Bench(args), Bounds()
    parts = {"logs": logs, "cache": cache, "start": start, "hives": hives, "signatures": signatures, "plots": plots}
    print(f"{machine()}; median of {bench.runs}")
    for part in PARTS:
        if part not in args.only.split(","):
            continue
        if part == "rules":
            bench.rules = rules(bench, bounds)
        else:
            parts[part](bench, bounds)
    bounds.show()


if __name__ == "__main__":
    main()
