# SPDX-License-Identifier: GPL-2.0-or-later
"""seeds.py BUILD TARGET FOLDER: what fuzz-pages, fuzz-ram, fuzz-replies and fuzz-commands begin with: one of each form, and pieces of the conversations
between two emulators of BUILD, which are recorded (the guest is small and does not run).
"""
import pathlib, re, struct, subprocess, sys, zlib

build, target, folder = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
root = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(root / "functional"), str(root / "migration-compat")]
import wire
from moving import port
from qmp import Emulator

RAM = b"\x0dppc_spapr.ram"
BLOCKS = ((b"\2n1", 2), (RAM, 1), (b"\2n2", 1))     # and their sizes, in SIZE: machine.h
SIZE = 256 << 20
PAGE = bytes(range(256)) * 16
PIECE = 6000


def q(*values):
    return b"".join(struct.pack(">Q", v) for v in values)


def message(kind, data=b""):
    return struct.pack(">HH", kind, len(data)) + data


ADVICE = message(3, q(4096, 4096))


def packet(flags=0, pages=(0,), zeros=(), data=PAGE):
    return struct.pack(">6IQI28x256s", 0x11223344, 1, flags, 128, len(pages), len(data), 2, len(zeros), RAM[1:]) + q(*pages, *zeros).ljust(1024, b"\0") + data


def forms():
    z = zlib.compress(PAGE)
    bomb = zlib.compress(bytes(1 << 20))
    if target == "fuzz-pages":
        yield from (b"\x29" + packet(), b"\x29" + packet(2, data=z), b"\x29" + packet(1, (), (4096, 8192), b""), b"\x29" + packet(2, range(0, 128 * 4096, 4096), (), bomb))
        yield from (b"\x06" + struct.pack(">HB", len(d), n) + d for d, n in ((z, 0), (bomb, 127)))
        yield b"\x0d" + struct.pack(">II16sB39x", 0x11223344, 1, bytes.fromhex("11111111222233334444555555555555"), 0)
        yield from (b"\x11" + bytes([5, 3, 1, 2, 3, 0x80, 1, 2, 9, 9]), b"\0" + PAGE[:777], b"\1" + PAGE[:777])
    elif target == "fuzz-ram":
        sizes = q(4 * SIZE | 4) + b"".join(name + q(n * SIZE) for name, n in BLOCKS)
        yield from (b"\x04" + sizes + q(0x10), b"\x06" + sizes + q(0, 0x10))
        yield b"\x05" + q(4 * SIZE | 4) + RAM + q(SIZE) + struct.pack(">IQQQ", 1, 4096, 64, 64 + 8192) + bytes(2000) + b"\1" + bytes(6191) + PAGE
        yield b"\0" + q(8) + RAM + PAGE + q(0x1028) + PAGE + q(0x2002) + b"\2n1" + b"\0" + q(0x3022) + b"\7" + q(0x10)
        yield b"\0" + q(0x40) + RAM + b"\1\0\6" + bytes([5, 4, 1, 2, 3, 4]) + q(0x10)
        yield b"\0" + q(0x100) + RAM + struct.pack(">I", len(z)) + z + q(0x10)
        yield from (b"\x08" + struct.pack(">IIHH", 0, 5, 1, 2) + bytes(24), b"\x0c" + struct.pack(">I", 21), b"\x0c\xff\xff\xff\xff")
    elif target == "fuzz-replies":
        yield (message(2, b"\0\0\0\1") + message(3, q(0x1000) + b"\0\0\x10\0" + RAM) + message(4, q(0x2000) + b"\0\0\x40\0") + message(7) + message(0x7070, b"\1")
               + message(6, b"\0\0\0\1") + message(1, bytes(4)))
        yield from (message(5, RAM) + q(64) + bytes(64) + q(0x0123456789abcdef), message(0x7070, b"\0because"))
    elif target == "fuzz-commands":
        def commands(*all):
            return b"\1" + b"".join(b"\x08" + c for c in all)
        yield commands(message(1), message(2, b"\0\0\0\1"), ADVICE, message(6, b"\0" + RAM + b"\0" + q(0, 0x4000)))
        inner = commands(message(4), message(2, b"\0\0\0\3"))[1:]
        yield commands(ADVICE, message(7, struct.pack(">I", len(inner))) + inner, message(10, RAM), message(9))


def conversation(capabilities, parameters=None, postcopy=False):
    """[(forth, back)] of each connection."""
    at = port()
    binary, options = str(build / "qemu-system-ppc64"), ("-M", "pseries-2.6", "-cpu", "POWER8", "-m", "256", "-S")
    proxy = wire.Proxy(at)
    try:
        with Emulator(*options, binary=binary) as here, Emulator(*options, "-incoming", "defer", binary=binary) as there:
            for g in (here, there):
                g.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in capabilities])
                if parameters:
                    g.command("migrate-set-parameters", **parameters)
            there.command("migrate-incoming", uri=f"tcp:127.0.0.1:{at}")
            here.command("migrate", uri=f"tcp:127.0.0.1:{proxy.port}")
            if postcopy:
                here.command("migrate-start-postcopy")
            assert here.migrated()["status"] == "completed"
            return [(bytes(a), bytes(b)) for a, b in proxy.links]
    finally:
        proxy.close()


def captured():
    if target == "fuzz-pages":
        for method in ("none", "zlib", "zstd"):
            for forth, _ in conversation(["multifd"], {"multifd-channels": 1, "multifd-compression": method})[1:]:
                yield b"\x0d" + forth[:64]
                heads = [m.start() for m in re.finditer(b"\x11\x22\x33\x44\0\0\0\1", forth)][1:]
                yield from (b"\x29" + forth[at:at + PIECE] for at in heads[:12])
    elif target == "fuzz-ram":
        for capability in ("return-path", "xbzrle", "compress"):
            forth = conversation([capability])[0][0]
            first = forth.index(b"\x02\0\0\0\x01") + 5
            yield b"\0" + forth[first:first + PIECE]
            yield b"\x04" + forth[forth.index(b"\x03ram") + 12:first - 5]
    else:
        forth, back = conversation(["postcopy-ram"], postcopy=True)[0]
        if target == "fuzz-replies":
            yield back[:PIECE]
        else:
            head = forth[forth.index(b"pseries-2.6") + 11:forth.index(b"\x03ram") - 5]
            yield from (b"\1" + head, b"\1\x08" + ADVICE + forth[forth.index(b"\x08\x00\x06"):][:PIECE])
            package = forth.index(b"\x08\0\7\0\4")
            yield b"\1\x08" + ADVICE + forth[package:package + 5] + struct.pack(">I", PIECE) + forth[package + 9:][:PIECE]


for kind, seeds in (("form", forms()), ("captured", captured())):
    for i, seed in enumerate(seeds):
        (folder / f"{kind}-{i}").write_bytes(seed)
