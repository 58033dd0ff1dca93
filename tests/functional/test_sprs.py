# SPDX-License-Identifier: GPL-2.0-or-later
"""Which special purpose registers a processor has: what its guest can read in privileged state, on ours and on the peer."""
import os, pathlib, re, sys
from guest import Guest, skip

PEER = "/usr/bin/qemu-system-ppc64"
CPUS = ["POWER8", "POWER9", "POWER10"]
# What 7.2 does not have and the book does, or the other way round. `trap`: a hypervisor's, which reads as an interrupt.
OURS = {3: "DSCR in problem state (book III, Data Stream Control Register)", 898: "PPR32", 823: "PSSCR", 855: "PSSCR: trap", 852: "PMSR: trap", 853: "PMCR: trap",
        339: "HEIR: trap", 312: "RMOR: trap", 25: "SDR1: trap", 1009: "HID1: trap", 1012: "HID4: trap", 1014: "HID5: trap"}
OURS_OF_POWER10 = {181: "DAWR1: trap", 189: "DAWRX1: trap", 736: "SIER2", 737: "SIER3", 738: "MMCR3", 752: "SIER2", 753: "SIER3", 754: "MMCR3"}
PEERS = {316: "of no book: trap", 317: "of no book: trap", 921: "TSCR: trap"}

image = pathlib.Path(sys.argv[1]) / "tests/guest/sprs.bin"


def readable(binary, cpu):
    with Guest("-M", "pseries-7.2", "-cpu", cpu, "-m", "256", "-bios", str(image), binary=binary) as g:
        status = g.finish(60)
        assert status == 0 and "PASS done" in g.out, (cpu, binary, status, g.out[-1000:])
        return {int(n, 16): what for n, what in re.findall(r"^spr ([0-9a-f]+)( trap)?\r?$", g.out, re.M)}


if not image.exists():
    skip("the guests were not built: powerpc64-linux-gnu-gcc is missing")
if not os.path.exists(PEER):
    skip("the peer is not installed")
for cpu in CPUS:
    ours, theirs = readable(None, cpu), readable(PEER, cpu)
    more = OURS | (OURS_OF_POWER10 if cpu == "POWER10" else {})
    assert set(ours) - set(theirs) <= set(more), (cpu, "ours alone", sorted(set(ours) - set(theirs) - set(more)))
    assert set(theirs) - set(ours) <= set(PEERS), (cpu, "the peer alone", sorted(set(theirs) - set(ours) - set(PEERS)))
    assert all(ours[n] == theirs[n] for n in ours if n in theirs), cpu
    assert len(set(ours) & set(theirs)) > 100, (cpu, len(ours), len(theirs))
    print(cpu, len(set(ours) & set(theirs)), "registers on both")
