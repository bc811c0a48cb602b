#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Linux 6.1 would refuse and this kernel lets through: tests/bpf/old_kernels.py OBJECT.bpf.o

No chain of calls may take more than eight frames, nor, each frame rounded up to 32 octets as 6.1 does it, more than 512 octets of
stack. It takes an emulated machine to see that otherwise (make test-vm); tools/lint/globals looks for what else 6.1 refuses.
"""

import pathlib
import struct
import sys

FRAMES_MAX = 8
STACK_MAX = 512
STACK_UNIT = 32
FRAME_POINTER = 10
CALL, PSEUDO_CALL, PSEUDO_FUNC = 0x85, 1, 4
LOAD_IMMEDIATE, MOVE, ADD_IMMEDIATE = 0x18, 0xBF, 0x07


class Object:
    """The functions of a BPF object file: how much stack each takes, and which it calls."""

    def __init__(self, path):
        self.data = pathlib.Path(path).read_bytes()
        offset, size, count, names = struct.unpack_from("<Q10xHHH", self.data, 0x28)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, offset + i * size) for i in range(count)]
        self.symbols = self.read_symbols()
        self.relocations = self.read_relocations()
        self.stack, self.calls = {}, {}
        for name, (section, start, length) in self.functions().items():
            self.read_function(name, section, start, length)

    def string(self, table, offset):
        start = self.sections[table][4] + offset
        return self.data[start : self.data.index(b"\0", start)].decode()

    def entries(self, kind, layout):
        for index, section in enumerate(self.sections):
            if section[1] == kind:
                for offset in range(section[4], section[4] + section[5], struct.calcsize(layout)):
                    yield index, section, struct.unpack_from(layout, self.data, offset)

    def read_symbols(self):
        return [
            (self.string(section[6], name), info & 15, home, value, size)
            for _, section, (name, info, _, home, value, size) in self.entries(2, "<IBBHQQ")
        ]

    def read_relocations(self):
        found = {}
        for _, section, (offset, info) in self.entries(9, "<QQ"):
            found[section[7], offset // 8] = self.symbols[info >> 32]
        return found

    def functions(self):
        return {name: (home, value // 8, size // 8) for name, kind, home, value, size in self.symbols if kind == 2}

    def function_at(self, section, index):
        for name, (home, start, length) in self.functions().items():
            if home == section and start <= index < start + length:
                return name
        raise SystemExit(f"no function at instruction {index} of section {section}")

    def target(self, section, index, immediate):
        if (section, index) not in self.relocations:
            return self.function_at(section, index + immediate + 1)
        name, kind, home, _, _ = self.relocations[section, index]
        return name if kind == 2 else self.function_at(home, immediate + 1)

    def read_function(self, name, section, start, length):
        self.stack[name], self.calls[name] = 1, set()
        base, copied = self.sections[section][4], None
        for index in range(start, start + length):
            op, registers, offset, immediate = struct.unpack_from("<BBhi", self.data, base + index * 8)
            target, source = registers & 15, registers >> 4
            is_access = (op & 7 in (2, 3) and target == FRAME_POINTER) or (op & 7 == 1 and source == FRAME_POINTER)
            if is_access:
                self.take(name, -offset)
            if op == ADD_IMMEDIATE and target == copied:
                self.take(name, -immediate)
            copied = target if op == MOVE and source == FRAME_POINTER else None
            if op == CALL and source == PSEUDO_CALL:
                self.calls[name].add(self.target(section, index, immediate))
            if op == LOAD_IMMEDIATE and (section, index) in self.relocations and self.is_code(section, index):
                # The function that bpf_loop() or a timer calls: its place in the section is the value.
                self.calls[name].add(self.callback(section, index, immediate))

    def is_code(self, section, index):
        _, kind, home, _, _ = self.relocations[section, index]
        return kind in (2, 3) and home < len(self.sections) and self.sections[home][2] & 4

    def callback(self, section, index, immediate):
        name, kind, home, _, _ = self.relocations[section, index]
        return name if kind == 2 else self.function_at(home, immediate // 8)

    def take(self, name, octets):
        self.stack[name] = max(self.stack[name], octets)

    def chains(self, name):
        """The deepest chain from @name by stack, and by frames."""
        below = [self.chains(callee) for callee in self.calls[name]] or [((0, []), (0, []))]
        own = -(-self.stack[name] // STACK_UNIT) * STACK_UNIT
        deep, long = max(pair[0] for pair in below), max(pair[1] for pair in below)
        return (deep[0] + own, [f"{name}:{self.stack[name]}"] + deep[1]), (long[0] + 1, [name] + long[1])


def check_chains(code):
    faults = []
    for name in code.functions():
        stack, frames = code.chains(name)
        if stack[0] > STACK_MAX:
            faults.append(f"{stack[0]} octets of stack: {' > '.join(stack[1])}")
        if frames[0] > FRAMES_MAX:
            faults.append(f"{frames[0]} frames: {' > '.join(frames[1])}")
    return faults


def main():
    code = Object(sys.argv[1])
    faults = check_chains(code)
    for name in sorted(code.functions()):
        if name.startswith("hp_"):
            stack, frames = code.chains(name)
            print(f"{name}: {stack[0]} octets of stack, {frames[0]} frames")
    for fault in faults:
        print(f"FAILED: {fault}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
