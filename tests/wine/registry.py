#!/usr/bin/env python3
"""registry.py RECTIFY ROOT OUT.reg: hives SOFTWARE and SYSTEM of an offline Windows as regedit imports
them.  Every value is checked against the digest of what the hive stores."""
import hashlib
import json
import subprocess
import sys

TYPES = {'REG_NONE': 0, 'REG_SZ': 1, 'REG_EXPAND_SZ': 2, 'REG_BINARY': 3, 'REG_DWORD': 4,
         'REG_LINK': 6, 'REG_MULTI_SZ': 7, 'REG_QWORD': 11}


def raw(kind, data):
    if kind in (4, 11):
        return data.to_bytes(4 if kind == 4 else 8, 'little')
    if kind in (1, 2, 6):
        return data.encode('utf-16-le') + b'\0\0'
    if kind == 7:
        return ''.join(text + '\0' for text in data).encode('utf-16-le') + b'\0\0'
    return bytes.fromhex(data or '')


rectify, root, target = sys.argv[1:4]
# What Wine has of its own, and a host of ours does not.
lines = ['Windows Registry Editor Version 5.00', '',
         r'[-HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\SystemCertificates]',
         r'[-HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall]']
for hive in ('SOFTWARE', 'SYSTEM'):
    rows = subprocess.run([rectify, 'inspect', 'hive', f'{root}/Windows/System32/config/{hive}',
                           '--recursive'], capture_output=True, check=True, text=True).stdout
    last = None
    for row in map(json.loads, rows.splitlines()):
        kind = TYPES.get(row['type'], row['type'])
        data = raw(kind, row['data'])
        assert hashlib.sha256(data).hexdigest() == row['sha256'], row
        key = row['key']
        if hive == 'SYSTEM' and key.startswith('ControlSet001'):
            key = 'CurrentControlSet' + key[13:]
        if key != last:
            lines += ['', f'[HKEY_LOCAL_MACHINE\\{hive}\\{key}]']
            last = key
        name = row['name'].replace('\\', '\\\\').replace('"', '\\"')
        lines.append(('"' + name + '"' if name else '@') + f'=hex({kind:x}):'
                     + ','.join(f'{byte:02x}' for byte in data))
assert len(lines) > 100
with open(target, 'wb') as f:
    f.write(b'\xff\xfe' + ('\r\n'.join(lines) + '\r\n').encode('utf-16-le'))
