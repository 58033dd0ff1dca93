# SPDX-License-Identifier: GPL-2.0-or-later
"""Each processor before its first instruction: what `info registers -a` and PCR show, on ours and on the peer."""
import os, re, sys
from guest import skip
from qmp import Emulator, PEER, build

# (machine, -cpu)
CASES = [("pseries-2.1", "970"), ("pseries-2.6", "POWER7"), ("pseries-2.12,cap-htm=off", "POWER8"), ("pseries-7.2", "POWER5+"),
         ("pseries-7.2", "POWER8"), ("pseries-7.2", "POWER9"), ("pseries-7.2", "POWER10"), ("pseries-7.2,max-cpu-compat=power8", "POWER9"),
         ("pseries-7.2,max-cpu-compat=power7", "POWER10"), ("pseries-7.2,max-cpu-compat=power6", "POWER8"), ("pseries-7.2,max-cpu-compat=power6", "POWER7")]
# The peer's word of translation flags means nothing to others.
MEANINGLESS = re.compile(r" HF [0-9a-f]+")
# The built-in firmware enters the client itself, where the peer's small one still has its own first instructions to run:
# where it is, in which mode, with which stack and entry point.
FIRMWARE = re.compile(r"NIP \w+|MSR \w+|(?<=GPR00 )\w+ \w+|(?<=GPR04 )\w+ \w+")


def state(binary, *args):
    e = Emulator("-m", "256", "-smp", "2", "-S", *args, binary=binary)
    try:
        text = "".join(e.command("human-monitor-command", **{"command-line": c}).replace("\r", "") for c in ("info registers -a", "print $pcr"))
        return MEANINGLESS.sub("", text)
    finally:
        e.command("quit")
        e.p.wait(30)


if not os.path.exists(PEER):
    skip("the peer is not installed")
guests = build() / "tests/guest"
if not (guests / "client.elf").exists():
    skip("the guests were not built: powerpc64-linux-gnu-gcc is missing")
for machine, cpu in CASES:
    for how, path, vof in (("-bios", guests / "hash.bin", ""), ("-kernel", guests / "client.elf", ",x-vof=on")):
        ours, theirs = state(None, "-M", machine, "-cpu", cpu, how, str(path)), state(PEER, "-M", machine + vof, "-cpu", cpu, how, str(path))
        assert "DECR" in theirs and theirs.count("CPU#1") > 0, theirs
        if vof:
            first = ours.index("CPU#1")         # the other processor waits for start-cpu on both
            ours, theirs = (FIRMWARE.sub("", t[:first]) + t[t.index("CPU#1"):] for t in (ours, theirs))
        differing = [(a, b) for a, b in zip(ours.splitlines(), theirs.splitlines()) if a != b]
        assert ours == theirs, (machine, cpu, how, differing or (ours, theirs))
        print(machine, cpu, how, ours.count("\n"), "lines equal")
