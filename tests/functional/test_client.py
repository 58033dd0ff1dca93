# SPDX-License-Identifier: GPL-2.0-or-later
"""A client tries the Open Firmware client interface: the built-in firmware's, SLOF's, and SLOF's on the peer."""
import os, pathlib, sys
from guest import Guest, emulator, skip

PEER, SLOF = "/usr/bin/qemu-system-ppc64", "/usr/share/qemu/slof.bin"
client = pathlib.Path(sys.argv[1]) / "tests/guest/client.elf"
if not client.exists():
    skip("the client was not built: powerpc64-linux-gnu-gcc is missing")
# SLOF alone, nothing to boot: to its prompt, where it calculates, reads what -prom-env left, and powers off
if os.path.exists(SLOF):
    with Guest("-M", "pseries-7.2", "-cpu", "POWER9", "-m", "512", "-prom-env", "use-nvramrc?=false", "-prom-env", "boot-file=somewhere") as g:
        g.wait_for("0 > ", 120)
        g.send("6 7 * .\r")
        g.wait_for("2a ", 60)
        g.send("printenv boot-file\r")
        g.wait_for("somewhere", 60)
        g.send("power-off\r")
        assert g.finish(60) == 0, g.out
    print("SLOF reached its prompt")
RUNS = [(emulator(), [], "tcg"), (emulator(), [], "tcg,interpreter=on"), (emulator(), ["-bios", SLOF], "tcg"), (PEER, ["-bios", SLOF], "tcg")]
for binary, firmware, _ in (RUNS[0], *RUNS[2:]):
    if os.path.exists(binary) and (not firmware or os.path.exists(SLOF)):
        with Guest("-M", "pseries-7.2", "-cpu", "POWER9", "-m", "512", "-kernel", str(client.parent / "client32.elf"), *firmware,
                   binary=binary) as g:
            g.wait_for("hello 32-bit", 300)
for binary, firmware, accel in RUNS:
    if not os.path.exists(binary) or (firmware and not os.path.exists(SLOF)):
        print("left out:", binary, *firmware)
        continue
    for machine, cpu in (("pseries-7.2", "POWER9"), ("pseries-2.12", "POWER8")):
        with Guest("-M", machine, "-cpu", cpu, "-m", "512", "-accel", accel, "-kernel", str(client), *firmware, binary=binary) as g:
            out = g.wait_for("RESULT: ", 300)
            out = g.wait_for("\n", 60, out.index("RESULT: "))
            assert "FAIL" not in out and out.count("PASS ") > 40, (binary, machine, firmware, out)
            if not firmware:        # SLOF takes "exit" for a way back to its prompt
                assert g.finish(60) == 0, g.out
        print(binary, machine, cpu, *firmware, out.count("PASS "), "checks")
