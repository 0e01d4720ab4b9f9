#!/usr/bin/env python3
"""hklm.py: HKEY_LOCAL_MACHINE as other programs than rectify see it.

  hklm.py differ DUMP DUMP [RE=WHY...]     what differs, a line each, but for keys that match an RE
  hklm.py planned PLAN DUMP DUMP [RE=WHY...]  the same: "as planned" if it is what the plan names
  hklm.py value FILE KEY NAME              a value as it lies in Wine's own file, or "absent"

DUMP is what probe.c says of `values`: a line a key, then key, name, type and data, tab-separated."""
import json
import re
import sys

ESCAPE = re.compile(r'\\(x[0-9a-f]{1,4}|.)', re.S)
VALUE = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|@)=(.*)', re.S)


def read(path):
    with open(path, encoding='ascii') as f:
        lines = f.read().splitlines()
    assert len(lines) > 20000, f'{path}: only {len(lines)} lines'
    return set(lines)


def difference(a, b, but):
    allowed = [re.compile(x.split('=', 1)[0], re.I) for x in but]
    return [line for line in sorted(read(a) ^ read(b))
            if not any(x.match(line.split('\t')[0]) for x in allowed)]


def wide(name):
    """As probe.c prints it."""
    units = name.encode('utf-16-le')
    units = [units[i] | units[i + 1] << 8 for i in range(0, len(units), 2)]
    return ''.join(chr(u) if 32 <= u < 127 else f'\\x{u:04x}' for u in units)


def row(change, image):
    """What probe.c says of the value, in capitals; None where it is not there."""
    if change[image] is None:
        return None
    return '\t'.join([wide(change['key'][5:]), wide(change['name']), str(change[image]['type']),
                      change[image]['data']]).upper()


def planned(plan, a, b, but):
    """Every value was as the plan says and is what the plan says; else only keys were made or dropped
    that lead to one."""
    with open(plan, encoding='utf-8') as f:
        changes = [c for action in json.load(f)['actions'] for c in action['changes']]
    lines = {line.upper() for line in difference(a, b, but)}
    values = {line for line in lines if '\t' in line}
    want = {row(c, image) for c in changes for image in ('before', 'after')} - {None}
    for line in sorted(want - values):
        print('not changed as planned:', line[:200])
    for line in sorted(values - want):
        print('changed too:', line[:200])
    places = [wide(c['key'][5:]).upper() + '\\' for c in changes]
    others = [key for key in lines - values if not any(p.startswith(key + '\\') for p in places)]
    for key in others:
        print('made or dropped too:', key)
    print('as planned' if want and want == values and not others else 'not as planned')


def value(path, key, name):
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        text = f.read().replace('\\\n  ', '')
    assert text.startswith('WINE REGISTRY Version 2\n'), path
    found, at = set(), None
    for line in text.split('\n'):
        if line.startswith('['):
            at = plain(line[1:line.rindex(']')])
        elif (m := VALUE.match(line)) and at.lower() == key.lower():
            if plain(m[1] or '').lower() == name.lower():
                found.add(m[2])
    assert len(found) < 2, found
    print(found.pop() if found else 'absent')


def plain(text):
    return ESCAPE.sub(lambda m: chr(int(m[1][1:], 16)) if len(m[1]) > 1 else m[1], text)


def main():
    verb, args = sys.argv[1], sys.argv[2:]
    if verb == 'differ':
        print('\n'.join(line[:300] for line in difference(*args[:2], args[2:])) or 'nothing')
    elif verb == 'planned':
        planned(*args[:3], args[3:])
    elif verb == 'value':
        value(*args)
    else:
        sys.exit(__doc__)


main()
