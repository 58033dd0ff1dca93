# SPDX-License-Identifier: GPL-2.0-or-later
"""The hand-written guests of tests/guest, in every mode of ours and on the peer; each prints PASS or FAIL a check."""
import os, pathlib, sys
from guest import Guest, skip

PEER = "/usr/bin/qemu-system-ppc64"
# (guest, -smp, -cpu and max-cpu-compat, runs on the peer)
GUESTS = [
    ("interrupts", 1, "POWER8", True),
    ("trace", 1, "POWER8", True),
    ("trace", 1, "POWER10", True),
    ("problem", 1, "POWER8 as power6", False),      # the peer sets PCR and decodes as before
    ("problem", 1, "POWER9 as power8", False),
    ("problem", 1, "POWER10 as power7", False),
    ("problem", 1, "POWER10 as power9", False),
    ("problem", 1, "POWER10", True),
    ("resize", 3, "POWER8", False),     # threads of the peer that walk meanwhile miss the page
    ("hash", 1, "POWER8", True),
    ("smp", 1, "POWER8", True),
    ("smp", 4, "POWER8", True),
    ("smp", 4, "POWER9", True),
    ("smp", "4,threads=4", "POWER9", False),    # the peer has one thread a core
    ("smp", "4,threads=2", "POWER8", False),
    ("code", 1, "POWER8", True),
    ("code", 2, "POWER9", True),
    ("returns", 1, "POWER8", True),
    ("returns", 1, "POWER9", True),
    ("endian", 1, "POWER8", True),
    ("endian", 1, "POWER9", True),
    ("radix", 1, "POWER9", True),
    ("decimal", 1, "POWER8", True),
    ("decimal", 1, "POWER10", True),
    ("wild", 1, "POWER8", False),       # the peer dies of it
    ("wild", 1, "POWER9", False),
]
MODES = ["tcg,interpreter=on", "tcg", "tcg,x-random-regalloc=7", "tcg,one-insn-per-tb=on", "tcg,thread=single"]
# Checks that the peer (7.2) fails where the book is plain: it runs code in a segment with N=1, keeps translations that an
# AMR no longer allows, takes a leaf at a level that has no page size, and says nothing in SRR1 of what was traced, and has
# no DSCR in problem state. It skips what its platform does not offer: breakpoints by H_SET_MODE.
PEER_FAILS = {"trace": ["FAIL   SRR1: got 0000000000000000"], "problem": ["FAIL mfspr DSCR"],
              "hash": ["FAIL fetch in a no-execute segment", "FAIL   SRR1"],
              "radix": ["FAIL AMR closed", "FAIL a leaf too high", "FAIL   DSISR: got 0000000040000000", "FAIL   DAR: got 0000000040000000"]}

folder = pathlib.Path(sys.argv[1]) / "tests/guest"
if not (folder / "smp.bin").exists():
    skip("the guests were not built: powerpc64-linux-gnu-gcc is missing")
for name, smp, cpu, on_peer in GUESTS:
    runs = [(None, m) for m in MODES] + ([(PEER, "tcg")] if on_peer and os.path.exists(PEER) else [])
    model, compat = (cpu.split(" as ") + [None])[:2]
    machine = "pseries-7.2,cap-htm=off" + (f",max-cpu-compat={compat}" if compat else "")
    for binary, mode in runs:
        with Guest("-M", machine, "-cpu", model, "-accel", mode, "-m", "256", "-smp", str(smp), "-bios",
                   str(folder / (name + ".bin")), binary=binary) as g:
            status = g.finish(300)
            fails = [line.strip() for line in g.out.splitlines() if line.startswith("FAIL")]
            known = [w.strip() for w in PEER_FAILS.get(name, [])] if binary else []
            fails = [f for f in fails if not any(f.startswith(k) for k in known)]
            where = f"{name} {cpu} -smp {smp} {mode}{' (the peer)' if binary else ''}"
            assert not fails and status == 0 and "RESULT:" in g.out, (where, status, fails, g.out[-3000:])
            assert binary or "SKIP" not in g.out, (where, g.out)
            assert g.out.count("PASS ") > 3, (where, g.out)
            print(where, g.out.count("PASS "), "checks")
