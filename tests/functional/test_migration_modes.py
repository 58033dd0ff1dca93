# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests in compatibility modes: a few rows of the matrix of tests/migration-compat/run --modes all, whose whole is a heavier check, and moves to
other processors.

Their PCR and what problem state of each processor may do stay the mode's, whoever set it; on machines up to 2.9 the stream does not name the mode.
"""
import os, pathlib, subprocess, sys, tempfile
from guest import skip
from moving import Payload
from qmp import Emulator, PEER, wait

# machine, mode, processors that the guest comes from and goes to
ACROSS = [(m, mode, *way) for m in ("2.9", "7.2") for mode, way in (("power7", ("POWER7", "POWER9")), ("power7", ("POWER8", "POWER10")), ("power7", ("POWER10", "POWER8")),
                                                                    ("power8", ("POWER8", "POWER9")), ("power8", ("POWER9", "POWER8")))]
PCR = {"POWER8": {"power7": 1 << 61 | 4, "power8": 0}, "POWER9": {"power7": 0xc, "power8": 8}, "POWER10": {"power7": 0x1c}}


def machine(version, mode):
    return f"pseries-{version},max-cpu-compat={mode}," + ("ic-mode=xics" if version == "7.2" else "cap-htm=off")


def pcr(emulator):
    return int(emulator.command("human-monitor-command", **{"command-line": "print/x $pcr"}), 16)


def loaded(emulator):
    wait("the stream to be loaded", lambda: emulator.command("query-status")["status"] != "inmigrate")


def across(version, mode, source, here):
    """The same mode on another processor, whose PCR has other bits: those that 7.2 sets, and they count."""
    with tempfile.NamedTemporaryFile() as f:
        g = Payload(machine(version, mode), source, 2)
        try:
            g.has_level(mode)
            g.emulator.command("migrate", uri=f"exec:cat >{f.name}")
            assert g.emulator.migrated()["status"] == "completed"
        finally:
            g.close()
        g = Payload(machine(version, mode), here, 2, "-incoming", f"exec:cat {f.name}")
        try:
            loaded(g.emulator)
            assert pcr(g.emulator) == PCR[here][mode], f"{pcr(g.emulator):#x}"
            g.has_level(mode)
        finally:
            g.close()
        with Emulator("-M", machine(version, mode), "-cpu", here, "-m", "256", "-smp", "2", "-S", "-incoming", f"exec:cat {f.name}", binary=PEER) as e:
            loaded(e)
            assert pcr(e) == PCR[here][mode], f"7.2: {pcr(e):#x}"
    print(f"pseries-{version}, {mode}: {source} to {here}")


if not os.path.exists(PEER):
    skip("no qemu-system-ppc64 to trade with")
for a in ACROSS:
    across(*a)
run = pathlib.Path(__file__).resolve().parent.parent / "migration-compat/run"
for version, cpu, modes in (("2.6", "POWER9", "max:power7,cas:power8"), ("7.2", "POWER10", "max:power7,max:power8,cas:power9")):
    if subprocess.run([run, sys.argv[1], "--machines", version, "--cpus", cpu, "--modes", modes]).returncode:
        sys.exit(1)
