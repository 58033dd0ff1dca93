# SPDX-License-Identifier: GPL-2.0-or-later
"""What a machine version pins of the instruction set: the words in the stream of a fresh machine are those of the genuine recording in the
dialect of its producer, and an instruction that is pinned off is an illegal one, until its property turns it on. What it promises (cap-*) is what
the peer's promises, with each processor and each mode.
"""
import json, lzma, os, pathlib, struct, subprocess, tempfile
from qmp import Emulator, PEER, build, wait

RECORDINGS = pathlib.Path(__file__).resolve().parent.parent / "migration-compat" / "recordings"
NAMES = ("msr_mask", "insns_flags", "insns_flags2", "nb_BATs")
FLAGS_AT = 8 + 32 * 8 + 8 * 4 + 8 + 1024 * 8 + 4 * 8        # unused, gpr, crf, nip, spr, spe_acc, reserve_addr, msr, hflags

def words(stream):
    """The four words of each processor in a stream of a machine up to 2.7."""
    found, at = [], 0
    while (at := stream.find(b"\x03cpu", at)) >= 0:
        if stream[at + 8:at + 12] == b"\0\0\0\5":
            found.append(dict(zip(NAMES, struct.unpack_from(">QQQI", stream, at + 12 + FLAGS_AT))))
        at += 1
    return found


def fresh(version, dialect, cpu, smp):
    with tempfile.NamedTemporaryFile() as out, Emulator("-M", f"{version},x-destination-dialect={dialect}", "-cpu", cpu, "-smp", str(smp), "-m", "256", "-S") as g:
        g.command("migrate", uri=f"file:{out.name}")
        assert g.migrated()["status"] == "completed"
        return words(pathlib.Path(out.name).read_bytes())


def streams():
    index = [line.split("\t") for line in (RECORDINGS / "INDEX.tsv").read_text().splitlines()]
    for row in (dict(zip(index[0], r)) for r in index[1:]):
        version = row["machine"].split(",")[0]
        if tuple(map(int, version[8:].split("."))) > (2, 7):
            continue        # newer versions do not send them
        theirs = words(lzma.open(RECORDINGS / row["file"]).read())
        ours = fresh(version, row["producer"], row["cpu"], len(theirs))
        assert theirs and len(ours) == len(theirs), row["file"]
        for a, b in zip(ours, theirs):
            for name in NAMES:
                assert a[name] == b[name], (row["file"], name, hex(a[name]), hex(b[name]))
        born = version[8:] if tuple(map(int, version[8:].split("."))) >= (2, 6) else "2.6"
        assert fresh(version, "", row["cpu"], 1) == fresh(version, born, row["cpu"], 1), (version, "what its own program sent")
        print(row["file"], "the same words")


ILLEGAL, PRIVILEGED, EXECUTED = 0x80000, 0x40000, 1         # SRR1 of the program interrupt (Book III, 7.5.9), or none came
SEEN = 0x900


def guest(instruction):
    """Runs one instruction, with r4 pointing into memory; leaves at SEEN what came of it."""
    image = bytearray(b"\x48\0\0\0" * 0x400)                # everywhere `b .`

    def put(at, *code):
        image[at:at + 4 * len(code)] = struct.pack(f">{len(code)}I", *code)
    # li r4,0x800; the instruction; li r3,1; std r3,SEEN(0)        at 0x700: mfsrr1 r3; std r3,SEEN(0)
    put(0x100, 0x38800800, instruction, 0x38600001, 0xf8600000 | SEEN)
    put(0x700, 0x7c7b02a6, 0xf8600000 | SEEN)
    put(SEEN, 0, 0)
    return bytes(image)


def outcome(instruction, version, cpu, binary=None):
    with tempfile.NamedTemporaryFile() as f:
        f.write(guest(instruction))
        f.flush()
        with Emulator("-M", version, "-cpu", cpu, "-m", "256", "-bios", f.name, binary=binary) as g:
            return wait(f"what comes of {instruction:08x}", lambda: int(
                g.command("human-monitor-command", **{"command-line": f"xp /1gx {SEEN}"}).split(":")[1], 16))


def instructions():
    """The instructions of the four features; all but lq are the hypervisor's, so a partition that has them gets another interrupt."""
    table = (("isa-64h", "hrfid", 0x4c000224, PRIVILEGED), ("isa-cildst", "ldcix r3,0,r4", 0x7c6026ea, PRIVILEGED),
             ("isa-pm206", "nap", 0x4c000364, PRIVILEGED), ("isa-64bx", "lq r6,0x800(0)", 0xe0c00800, EXECUTED))
    for prop, name, word, there in table:
        for cpu in ("POWER7", "POWER8"):
            pinned = ILLEGAL if prop != "isa-64bx" or cpu == "POWER7" else there
            assert outcome(word, "pseries-2.6", cpu) == pinned, (name, cpu)
            assert outcome(word, "pseries-2.1", cpu) == pinned, (name, cpu)
            assert outcome(word, "pseries-2.6", f"{cpu},{prop}=on") == there, (name, cpu, "on")
            assert outcome(word, "pseries-2.7", cpu) == there, (name, cpu, "2.7")
            assert outcome(word, "pseries-2.7", f"{cpu},{prop}=off") == ILLEGAL, (name, cpu, "off")
        if os.path.exists(PEER):
            assert outcome(word, "pseries-2.7,cap-htm=off", "POWER8", PEER) == there, (name, "peer")
        print(name, "is illegal where the version pins", prop)


def promises():
    """A guest whose stream has a feature that its machine version has is not run without it."""
    with tempfile.NamedTemporaryFile() as out:
        machine = ("-M", "pseries-2.6", "-m", "256", "-S")
        with Emulator(*machine, "-cpu", "POWER8") as g:
            g.command("migrate", uri=f"file:{out.name}")
            assert g.migrated()["status"] == "completed"
        with open(os.devnull) as nothing:
            p = subprocess.run([str(build() / "qemu-system-ppc64"), *machine, "-nodefaults", "-nographic", "-cpu", "POWER8,isa-vsx=off",
                                "-incoming", f"file:{out.name}"], stdin=nothing, capture_output=True, text=True, timeout=60)
        assert p.returncode == 1, p
        for word in ("cpu 0: env.insns_flags2", "isa-vsx (VSX of ISA 2.06)", "-cpu power8_v2.0,isa-vsx=on", "0x000000000003fff6"):
            assert word in p.stderr, (word, p.stderr)
        # switched off on both sides, nothing was promised
        with Emulator(*machine, "-cpu", "POWER8,isa-vsx=off") as g:
            g.command("migrate", uri=f"file:{out.name}")
            assert g.migrated()["status"] == "completed"
        with Emulator(*machine, "-cpu", "POWER8,isa-vsx=off", "-incoming", f"file:{out.name}") as g:
            wait("the stream to be loaded", lambda: g.command("query-status")["status"] != "inmigrate")
    print("what was promised is not taken away")


CAPS = [f"cap-{n}" for n in "htm vsx dfp cfpc sbbc ibs hpt-max-page-size nested-hv large-decr ccf-assist fwnmi rpt-invalidate".split()]
PROMISED = [("pseries-7.2", c) for c in ("970", "POWER5+", "POWER7", "POWER7+", "POWER8", "POWER9", "POWER10")]
PROMISED += [(f"pseries-7.2,max-cpu-compat={m}", c) for m, c in (("power6", "POWER7"), ("power7", "POWER7"), ("power7+", "POWER7"), ("power6", "POWER9"),
                                                                 ("power7", "POWER9"), ("power7+", "POWER9"), ("power8", "POWER9"), ("power9", "POWER10"))]
PROMISED += [(f"pseries-{v},max-cpu-compat=power7", "POWER8") for v in ("2.11", "2.12", "4.0")]
PROMISED += [(f"pseries-7.2,{x}", c) for x, c in (("cap-vsx=on,max-cpu-compat=power6", "POWER8"), ("cap-cfpc=workaround", "POWER7"),
                                                  ("cap-sbbc=workaround,max-cpu-compat=power6", "POWER9"), ("cap-large-decr=on,max-cpu-compat=power8", "POWER9"))]


def promised(machine, cpu, binary=None):
    try:
        with Emulator("-M", machine, "-cpu", cpu, "-m", "256", "-S", binary=binary) as g:
            return {n: g.ask(json.dumps({"execute": "qom-get", "arguments": {"path": "/machine", "property": n}}))["return"] for n in CAPS}
    except (AssertionError, OSError):
        p = subprocess.run([binary or str(build() / "qemu-system-ppc64"), "-M", machine, "-cpu", cpu, "-m", "256", "-S", "-display", "none", "-nodefaults"],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return p.returncode, [line for line in p.stderr.splitlines() if "warning" not in line]


def defaults():
    for machine, cpu in PROMISED if os.path.exists(PEER) else []:
        ours, theirs = promised(machine, cpu), promised(machine, cpu, PEER)
        assert ours == theirs, (machine, cpu, ours, theirs)
        print(machine, cpu, "promises the same")


streams()
promises()
defaults()
instructions()
