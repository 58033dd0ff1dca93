# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernel, started under Debian's QEMU 7.2, moves to us over TCP while it runs, and back; at each stop its shell answers,
time goes on and the clock ticks. On a POWER7, and in its mode, the shell is our own, under load. Argument 2: round trips (1); behind it, numbers
of the cases (all).
"""
import os, sys
from guest import NETBOOT, skip
from moving import Linux, Shell, move_live
from qmp import PEER

NO_CAPS = ",cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
CASES = [(Linux, "pseries-2.6,cap-htm=off", "POWER8"), (Linux, "pseries-7.2" + NO_CAPS, "POWER9"), (Linux, "pseries-7.2,ic-mode=xics" + NO_CAPS, "POWER9"),
         (Shell, "pseries-2.6", "POWER7"), (Shell, "pseries-7.2,max-cpu-compat=power7" + NO_CAPS, "POWER9")]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 1

if not os.path.exists(PEER) or not (NETBOOT / "vmlinux").exists():
    skip("Debian's qemu-system-ppc or debian-installer-12-netboot-ppc64el is not installed")
for kind, machine, cpu in [CASES[int(n)] for n in sys.argv[3:]] or CASES:
    here = kind(machine, cpu, 2, binary=PEER)
    try:
        last = here.lives()
        for i in range(2 * ROUNDS):
            to_us = i % 2 == 0
            here, result = move_live(here, lambda *a: kind(machine, cpu, 2, *a, binary=None if to_us else PEER))
            last = here.lives(before=last)
            print(machine.split(",cap")[0], cpu, here.name, "moved", "here" if to_us else "to the peer", f"within {result['downtime']} ms", flush=True)
            if "power7" in machine:
                here.has_level("power7")
        assert here.emulator.command("query-status")["status"] == "running"
    finally:
        here.close()
