#!/usr/bin/env python3
"""Runs the samples of a Markdown document: samples.py DOCUMENT [--update]

A fenced block whose first line is ```LANGUAGE FILE is written to FILE in the working folder.  A block
that begins with ```console holds commands behind "$ " and what they print (both streams); a line of
three dots stands for any lines.  Commands run in the order of the document, in one folder, by bash.
--update writes what was printed into the document, between lines of dots that are there already.
"""
import re
import subprocess
import sys


def blocks(lines):
    """(info, first line of the content, line behind it) of each fenced block."""
    start = None
    for i, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = i
        else:
            yield lines[start][3:].split(), start + 1, i
            start = None
    if start is not None:
        sys.exit(f"line {start + 1}: a block without an end")


def run(command):
    done = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, timeout=60)
    return [line.rstrip() for line in done.stdout.splitlines()]


def fits(wanted, have):
    """Lines against lines; "..." stands for any number of them."""
    if not wanted:
        return not have
    if wanted[0] == "...":
        return any(fits(wanted[1:], have[k:]) for k in range(len(have) + 1))
    return bool(have) and wanted[0] == have[0] and fits(wanted[1:], have[1:])


def console(lines):
    """[(command, expected lines)]; a command goes on behind a backslash."""
    steps = []
    for line in lines:
        line = line.rstrip()
        if line.startswith("$ "):
            steps.append([[line[2:]], []])
        elif steps and not steps[-1][1] and steps[-1][0][-1].endswith("\\"):
            steps[-1][0].append(line)
        elif steps:
            steps[-1][1].append(line)
        else:
            sys.exit(f"output without a command: {line}")
    return steps


def main():
    path, update = sys.argv[1], "--update" in sys.argv[2:]
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    out, at, failed, ran = [], 0, 0, 0
    for info, first, end in blocks(lines):
        content = lines[first:end]
        out += lines[at:first]
        if info[:1] == ["console"]:
            shown = []
            for command, wanted in console(content):
                have = run("\n".join(command))
                while wanted and not wanted[-1]:
                    wanted.pop()
                while have and not have[-1]:
                    have.pop()
                ran += 1
                shown += ["$ " + command[0]] + command[1:]
                if fits(wanted, have):
                    shown += wanted
                    continue
                failed += 1
                shown += have
                if not update:
                    print(f"{path}:{first}: {command[0]}", *("  wanted " + w for w in wanted),
                          *("  have   " + h for h in have), sep="\n", file=sys.stderr)
            out += shown
        else:
            if len(info) == 2:
                with open(info[1], "w", encoding="utf-8") as f:
                    f.write("\n".join(content) + "\n")
            out += content
        at = end
    out += lines[at:]
    if update:
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(out))
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if (failed and not update) or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
