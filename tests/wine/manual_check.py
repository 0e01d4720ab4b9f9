#!/usr/bin/env python3
"""manual_check.py MANUAL_PS1 DESIGN_MD: what can be said of manual.ps1 where no PowerShell is: it is
ASCII, its brackets and quotes are closed, it uses nothing that PowerShell 2.0 lacks, the policy in it
is one here-string (written to standard output, for `rectify policy lint`), and the rows that it prints
are those that docs/design.md lists."""
import re
import sys

NOT_IN_2 = {
    'operators': r'(?<![\w-])-(?:not)?in\b(?!\S)', 'ordered': r'\[ordered\]', 'class': r'^\s*class\s',
    'ternary': r'\?\?|\?\.', 'PSScriptRoot': r'\$PSScriptRoot', 'new()': r'\]::new\(',
    'file hash': r'Get-FileHash', 'async': r'Async\(', 'chains': r'&&|\|\|',
    'without a script block': r'Where-Object\s+\w|ForEach-Object\s+\w',
}
CLOSES = {')': '(', ']': '[', '}': '{'}


def code_of(text):
    """The text without comments and with empty strings; brackets must fit."""
    out, stack, at, line = [], [], 0, 1
    while at < len(text):
        c, start = text[at], at
        if text.startswith("@'\n", at):
            at = text.index("\n'@", at) + 3
        elif c == '#':
            at = text.index('\n', at)
        elif c == "'":
            at += 1
            while text[at] != "'" or text[at + 1] == "'":
                at += 2 if text[at] == "'" else 1
            at += 1
        elif c == '"':
            at = text.index('"', at + 1) + 1
        else:
            if c in '([{':
                stack.append((c, line))
            elif c in ')]}' and (not stack or stack.pop()[0] != CLOSES[c]):
                raise ValueError(f'line {line}: {c} closes nothing')
            out.append(c)
            at += 1
        if c in '\'"' and '\n' in text[start:at]:
            raise ValueError(f'line {line}: a string goes on in the next line')
        line += text.count('\n', start, at)
    if stack:
        raise ValueError(f'line {stack[-1][1]}: {stack[-1][0]} is not closed')
    return ''.join(out)


def main():
    with open(sys.argv[1], encoding='ascii') as f:
        script = f.read()
    with open(sys.argv[2], encoding='utf-8') as f:
        design = f.read()
    code = code_of(script)
    wrong = [f'{what} are not in PowerShell 2.0: {found[0]}' for what, pattern in NOT_IN_2.items()
             if (found := re.search(pattern, code, re.M))]
    rows = set(re.findall(r"\bCheck '([a-z0-9-]+)'", script))
    table = design[design.index('| what | why not under Wine |'):design.index('## 11.')]
    listed = {name for line in table.splitlines() if line.startswith('|')
              for name in re.findall(r'`([a-z0-9-]+)`', line.split('|')[3])}
    wrong += [f'only in the script: {name}' for name in sorted(rows - listed)]
    wrong += [f'only in the table: {name}' for name in sorted(listed - rows)]
    if len(rows) < 20:
        wrong.append(f'{len(rows)} rows: not read right')
    for line in wrong:
        print(line, file=sys.stderr)
    print(re.search(r"@'\n(.*?)\n'@", script, re.S)[1])
    return 1 if wrong else 0


sys.exit(main())
