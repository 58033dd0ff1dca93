# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's installer kernel reaches its shell and runs commands there."""
from guest import Guest, NETBOOT, skip

if not (NETBOOT / "vmlinux").exists():
    skip("debian-installer-12-netboot-ppc64el is not installed")
BAD = ("Oops", "BUG:", "WARNING: CPU", "Call Trace", "Kernel panic")
for machine, cpu, smp in (("pseries-2.12", "POWER8", 1), ("pseries-2.6", "POWER8", 4), ("pseries-7.2", "POWER9", 1)):
    with Guest("-M", machine, "-cpu", cpu, "-m", "1G", "-smp", str(smp), "-kernel", str(NETBOOT / "vmlinux"), "-initrd",
               str(NETBOOT / "initrd.gz"), "-append", "console=hvc0 rdinit=/bin/sh") as g:
        g.wait_for("# ", 600)
        g.send("echo sum=$((20+22)); uname -m; grep -c ^processor /proc/cpuinfo 2>/dev/null; mount -t proc p /proc; "
               "grep -c ^processor /proc/cpuinfo; md5sum /bin/busybox | md5sum; echo done=$?\n")
        out = g.wait_for("done=0", 600)
        assert "sum=42" in out and "ppc64le" in out, out
        assert f"\n{smp}\r" in out, (f"not {smp} processors", out[-1500:])
        for word in BAD:
            assert word not in out, (machine, cpu, smp, word, out)
        print(machine, cpu, smp, "reached the shell")
