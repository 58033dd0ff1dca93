# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration guest: reads its device tree, says what it runs on, powers off."""
import pathlib, sys
from guest import Guest, skip

image = pathlib.Path(sys.argv[1]) / "tests/guest/hello.bin"
if not image.exists():
    skip("hello.bin was not built: powerpc64-linux-gnu-gcc is missing")
for accel in ("tcg,interpreter=on", "tcg", "tcg,one-insn-per-tb=on", "tcg,thread=single"):
    for machine, cpu, pvr in (("pseries-2.6", "POWER8", "004d0200"), ("pseries-7.2", "POWER9", "004e1200"),
                              ("pseries", "POWER10", "00801200"), ("pseries-2.1", "POWER7", "003f0203")):
        with Guest("-M", machine, "-cpu", cpu, "-accel", accel, "-m", "256", "-bios", str(image)) as g:
            status = g.finish(300)
            for want in ("says hello", "machine: IBM pSeries (emulated by qemu)", f"processor version: {pvr}", "Powering off"):
                assert want in g.out, (accel, machine, want, g.out)
            assert status == 0, (accel, machine, status, g.out)
