# SPDX-License-Identifier: GPL-2.0-or-later
"""The self-checking guest: every register, SPR, SLB entry and page as it should be (B = 0), and ticks arriving."""
import pathlib, re, sys
from guest import Guest, skip

image = pathlib.Path(sys.argv[1]) / "tests/guest/payload.bin"
if not image.exists():
    skip("payload.bin was not built: powerpc64-linux-gnu-gcc is missing")
LINE = re.compile(r"C([0-9a-f]{8}) T([0-9a-f]{5}) B([0-9a-f]{8}) V([0-9a-f]{4})")
for accel in ("tcg,interpreter=on", "tcg"):
    for machine, cpu, smp in (("pseries-2.6", "POWER8", 1), ("pseries-2.6", "POWER8", 4), ("pseries-2.6", "POWER7", 1),
                              ("pseries-7.2", "POWER9", 1)):
        with Guest("-M", machine, "-cpu", cpu, "-accel", accel, "-m", "256", "-smp", str(smp), "-bios", str(image)) as g:
            lines = []
            while len(lines) < 2 or int(lines[-1][1], 16) <= int(lines[0][1], 16):      # until ticks have arrived
                g.wait_for("V", 300, len(g.out))
                lines = LINE.findall(g.out)
                assert len(lines) < 1000, ("no ticks", accel, machine, cpu, smp, g.out[-2000:])
                assert all(int(b, 16) == 0 for _, _, b, _ in lines), (accel, machine, cpu, smp, g.out[-2000:])
