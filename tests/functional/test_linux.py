# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's installer kernel reaches its shell and runs commands there.

usage: test_linux.py BUILD-FOLDER [all|MACHINE/CPU/SMP/FIRMWARE...]; without cases, a few, for every day. `all` (or
QEMU_TEST_LINUX=all) is the whole matrix, each case compared with the peer's boot, line by line of the kernel's log at
loglevel 8, where Debian's qemu-system-ppc64 can run it. FIRMWARE is vof (the built-in one) or slof.
"""
import collections, os, re, sys
from guest import Guest, NETBOOT, skip

PEER, SLOF = "/usr/bin/qemu-system-ppc64", "/usr/share/qemu/slof.bin"
EVERY_DAY = ["pseries-2.12/POWER8/1/vof", "pseries-2.6/POWER8/4/vof", "pseries-7.2/POWER9/1/slof", "pseries/POWER10/4,threads=4/vof",
             "pseries,ic-mode=xive/power11/2/slof", "pseries,ic-mode=xics/POWER9/2/vof"]
MATRIX = [f"{m}/{c}/{n}/{f}" for m, c in (("pseries-2.6", "POWER8"), ("pseries-2.12", "POWER8"), ("pseries-7.2", "POWER9"),
                                          ("pseries-7.2", "POWER10"), ("pseries", "power11"), ("pseries", "POWER9"))
          for n in ("1", "4", "4,threads=2", "8,threads=8") for f in ("vof", "slof")]
MATRIX += [f"pseries{v},ic-mode={m}/{c}/{n}/{f}" for v, c in (("-7.2", "POWER9"), ("", "POWER10"), ("", "power11")) for m in ("xics", "xive", "dual")
           for n in ("1", "4", "8,threads=4") for f in ("vof", "slof")]
MATRIX += ["pseries-7.2,max-cpu-compat=power8/POWER9/4/vof", "pseries-7.2,max-cpu-compat=power9/POWER10/1/vof"]
BAD = ("Oops", "BUG:", "WARNING: CPU", "Call Trace", "Kernel panic")
# What differs from boot to boot, or between the interrupt controllers that the two have, and is no matter
NOISE = [r"(?i)\bmem\b|memory:|bytes|clocksource|sched_clock|bogomips|lpj=|crng|random:|audit: type|setting system clock|deferred pages",
         r"xive|pic: no ISA|firmware_features|NUMA|vas: API|initcall|rcu|kfence|#1 SMP|hrtimer: interrupt took|Linux ppc64le|\[6n|^\s*$",
         r"nvram|^Device tree str|^SLOF|Populating|^C0|OF stdout|prom_hold|copying OF|Building dt|Quiescing|Booting Linux|memory layout",
         r"alloc_|memory_limit|EEH: pSeries|rmo_top|ram_top|instantiating|Press|Welcome|Copyright|license|terms|available|FW Version|Build Date|QEMU Starting|USB",
         r"Preparing to boot|Detected|command line|Max number of cores|Calling ibm|Open Firmware|Hardware name|TCG doesn't support",
         r"Using default console|Booting from memory|can't access tty|BusyBox|Enter 'help'|\(none\)|~ #|\*\*\*\*|Hash tables|hash table",
         r"Scanning|This program"]
EXPECTED = {}       # line -> reason for showing in one boot only; none so far


def boot(case, binary=None):
    machine, cpu, smp, firmware = case.split("/")
    options = machine
    if binary:
        if re.fullmatch(r"pseries-2\.([1-9]|1[01])", machine):
            options += ",cap-htm=off"
        options += ",x-vof=on" if firmware == "vof" else ""
    with Guest("-M", options, "-cpu", cpu, "-m", "1G", "-smp", smp, "-kernel", str(NETBOOT / "vmlinux"), "-initrd", str(NETBOOT / "initrd.gz"),
               "-append", "console=hvc0 rdinit=/bin/sh loglevel=8 printk.time=0", *(["-bios", SLOF] if firmware == "slof" else []),
               binary=binary) as g:
        g.wait_for("# ", 600)
        g.send("echo sum=$((20+22)); uname -m; mount -t proc p /proc; echo cpus=$(grep -c ^processor /proc/cpuinfo); "
               "cat /proc/interrupts; md5sum /bin/busybox | md5sum; echo done=$?\n")
        return g.wait_for("done=0", 300)


def kernel_log(out):
    """How often each line comes, without what may differ."""
    lines = (re.sub(r"^\[ *\d+\.\d+\] ", "", line.strip("\r")) for line in out.split("mount -t proc")[0].split("\n"))
    lines = (line for line in lines if not any(re.search(n, line) for n in NOISE))
    return collections.Counter(re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+ms|\d+ usecs", "N", line) for line in lines)


def check(case, compare):
    machine, cpu, smp, firmware = case.split("/")
    out = boot(case)
    assert "sum=42" in out and "ppc64le" in out, out
    assert f"cpus={smp.split(',')[0]}\r" in out, (f"not {smp} processors", out[-1500:])
    xive = not re.match(r"POWER8", cpu) and "ic-mode=xics" not in machine and "max-cpu-compat=power8" not in machine
    assert ("XIVE-IRQ" if xive else "    XICS") in out and ("XICS" if xive else "XIVE") not in out.split("echo sum=")[1], (case, out[-2000:])
    for word in BAD:
        assert word not in out, (case, word, out)
    print(case, "reached the shell")
    if not compare or "threads" in smp or machine.split(",")[0] == "pseries" or not os.path.exists(PEER):
        return []
    ours, theirs = kernel_log(out), kernel_log(boot(case, PEER))
    return [f"{case}: only {who}: {line}" for who, odd in (("here", ours - theirs), ("in the peer's boot", theirs - ours))
            for line in odd if line not in EXPECTED]


def resize_reboot_power_off():
    """The hash table grows and shrinks under the kernel, then the machine restarts and goes off."""
    with Guest("-M", "pseries-2.12", "-cpu", "POWER8", "-m", "1G", "-smp", "2", "-kernel", str(NETBOOT / "vmlinux"), "-initrd",
               str(NETBOOT / "initrd.gz"), "-append", "console=hvc0 rdinit=/bin/sh quiet") as g:
        g.wait_for("# ", 600)
        g.send("mount -t proc p /proc; mount -t sysfs s /sys; mount -t debugfs d /sys/kernel/debug; cd /sys/kernel/debug/powerpc; "
               "for n in 24 22 23; do echo $n > hpt_order; echo order=$(cat hpt_order); md5sum /bin/busybox; done; echo done=$?\n")
        out = g.wait_for("done=0", 300)
        assert all(f"order={n}\r" in out for n in (24, 22, 23)) and not any(w in out for w in BAD), out
        g.send("reboot -f\n")
        g.wait_for("Preparing to boot", 300, out.index("done=0"))
        g.wait_for("# ", 600, g.out.rindex("Preparing to boot"))
        g.send("poweroff -f\n")
        assert g.finish(120) == 0, g.out
    print("the hash table was resized, the machine restarted and went off")


if not (NETBOOT / "vmlinux").exists():
    skip("debian-installer-12-netboot-ppc64el is not installed")
cases = sys.argv[2:] or ([os.environ["QEMU_TEST_LINUX"]] if os.environ.get("QEMU_TEST_LINUX") else [])
differences = []
for case in MATRIX if cases == ["all"] else cases or EVERY_DAY:
    if case.endswith("slof") and not os.path.exists(SLOF):
        print(case, "left out: no", SLOF)
        continue
    differences += check(case, bool(cases))
if not cases or cases == ["all"]:
    resize_reboot_power_off()
print("\n".join(differences))
assert not differences
