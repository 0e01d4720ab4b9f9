#!/usr/bin/env python3
"""import_audit.py EXE ALLOWED [--write]: what a Windows build asks of the system that loads it.

Wine links a stub for a function that it does not have and goes on; the oldest Windows that is
supported (7 SP1, Server 2008 R2: NT 6.1) refuses to start the program.  So each imported function
must be in ALLOWED ("dll function" a line), which is held to what NT 6.1 documents and exports.
Besides: nothing exported, hardening bits, required version, no time stamp, version and manifest resources, size.
--write makes the list from the executable, for a person to read line by line."""
import struct
import sys

SIZE_LIMIT = 8_000_000
AMD64, I386 = 0x8664, 0x14C
HIGH_ENTROPY, DYNAMIC_BASE, NX = 0x20, 0x40, 0x100
EXPORTS, IMPORTS, RESOURCES, RELOCATIONS, DELAYED = 0, 1, 2, 5, 13
RT_VERSION, RT_MANIFEST = 16, 24


class Image:
    def __init__(self, data):
        self.data = data
        at = self.u32(0x3C)
        assert data[:2] == b'MZ' and data[at:at + 4] == b'PE\0\0', 'not a PE file'
        self.machine, sections = struct.unpack_from('<HH', data, at + 4)
        self.time = self.u32(at + 8)
        self.wide = self.machine == AMD64
        optional = at + 24
        self.os_version = struct.unpack_from('<HH', data, optional + 40)
        self.subsystem_version = struct.unpack_from('<HH', data, optional + 48)
        self.characteristics = struct.unpack_from('<H', data, optional + 70)[0]
        table = optional + (112 if self.wide else 96)
        count = self.u32(table - 4)
        self.folders = [struct.unpack_from('<II', data, table + 8 * i) for i in range(count)]
        first = optional + struct.unpack_from('<H', data, at + 20)[0]
        self.sections = [struct.unpack_from('<8sIIII12xI', data, first + 40 * i)
                         for i in range(sections)]

    def u32(self, at):
        return struct.unpack_from('<I', self.data, at)[0]

    def offset(self, rva):
        for _, size, start, stored, place, _ in self.sections:
            if start <= rva < start + max(size, stored):
                return place + rva - start
        raise ValueError(f'{rva:#x} lies in no section')

    def text(self, rva):
        at = self.offset(rva)
        return self.data[at:self.data.index(b'\0', at)].decode('ascii')

    def imports(self):
        at = self.offset(self.folders[IMPORTS][0])
        step, form, ordinal = (8, '<Q', 1 << 63) if self.wide else (4, '<I', 1 << 31)
        while True:
            names, _, _, dll, table = struct.unpack_from('<5I', self.data, at)
            if not dll:
                return
            place = self.offset(names or table)
            while entry := struct.unpack_from(form, self.data, place)[0]:
                name = (f'#{entry & 0xFFFF}' if entry & ordinal
                        else self.text((entry & 0x7FFFFFFF) + 2))
                yield f'{self.text(dll).lower()} {name}'
                place += step
            at += 20

    def resource_types(self):
        if not self.folders[RESOURCES][0]:
            return set()
        at = self.offset(self.folders[RESOURCES][0])
        named, numbered = struct.unpack_from('<HH', self.data, at + 12)
        return {self.u32(at + 16 + 8 * (named + i)) for i in range(numbered)}


def mistakes(image, allowed):
    found = set(image.imports())
    if not found:
        yield 'it imports nothing: not read right'
    for name in sorted(found - allowed):
        yield f'not in the list: {name}'
    if image.folders[EXPORTS][0]:
        yield 'it exports functions: a library was built to be a DLL'
    if image.folders[DELAYED][0]:
        yield 'it has imports that are bound later, which this does not read'
    if max(image.os_version, image.subsystem_version) > (6, 1):
        yield f'it wants Windows {image.os_version} {image.subsystem_version}, newer than 6.1'
    wanted = DYNAMIC_BASE | NX | (HIGH_ENTROPY if image.wide else 0)
    if image.characteristics & wanted != wanted:
        yield f'hardening bits {image.characteristics:#x} lack some of {wanted:#x}'
    if not image.folders[RELOCATIONS][0]:
        yield 'it cannot be moved: no relocations'
    if image.time:
        yield 'it has a time stamp'
    for missing in {RT_VERSION, RT_MANIFEST} - image.resource_types():
        yield f'it has no resource of type {missing}'
    for name, *_, flags in image.sections:
        if flags & 0xA0000000 == 0xA0000000:
            yield f'section {name.rstrip(bytes(1)).decode()} can be written and run'
    if len(image.data) >= SIZE_LIMIT:
        yield f'{len(image.data)} bytes are more than 8 MB'


def main():
    exe, path = sys.argv[1:3]
    with open(exe, 'rb') as f:
        image = Image(f.read())
    if '--write' in sys.argv:
        with open(path, 'w', encoding='ascii') as f:
            f.writelines(line + '\n' for line in sorted(set(image.imports())))
        return 0
    with open(path, encoding='ascii') as f:
        allowed = {line.split('#')[0].strip() if ' #' in line else line.strip() for line in f}
    if image.machine not in (AMD64, I386):
        print(f'{exe}: machine {image.machine:#x}')
        return 1
    wrong = list(mistakes(image, allowed - {''}))
    for line in wrong:
        print(f'{exe}: {line}')
    if not wrong:
        print(f'{exe}: {len(set(image.imports()))} imports, all of NT 6.1; '
              f'{len(image.data)} bytes')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
