# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong command lines end with status 1 and one line that names the culprit; nothing crashes or hangs."""
import os, subprocess, tempfile
from guest import emulator

with tempfile.TemporaryDirectory() as d:
    junk, cut = os.path.join(d, "junk"), os.path.join(d, "cut")
    open(junk, "wb").write(b"not a kernel" * 100)
    open(cut, "wb").write(b"\x7fELF\x02\x02\x01" + bytes(9) + b"\0\x02\0\x15" + b"\xff" * 200)
    cases = [
        (["-bogus"], "-bogus: invalid option"),
        (["-M", "nosuch"], "unsupported machine type"),
        (["-M", "pseries-2.6,nosuch=1"], "nosuch"),
        (["-cpu", "nosuch"], "unable to find CPU model 'nosuch'"),
        (["-cpu", "POWER8,nosuch=on"], "nosuch"),
        (["-m", "12x"], "size"),
        (["-m", "64"], "64 MiB"),
        (["-m", "300"], "Memory size 0x12c00000 is not aligned to 256 MiB"),
        (["-m", "1G,slots=1,maxmem=1300M"], "Maximum memory size 0x51400000 is not aligned to 256 MiB"),
        (["-smp", "2", "-numa", "node,mem=1G"], "is not supported by this machine type"),
        (["-numa", "node,memdev=nosuch"], "memdev=nosuch"),
        (["-object", "memory-backend-ram,id=m0,size=512M", "-smp", "2", "-numa", "node,cpus=0-9,memdev=m0"], "should be smaller than maxcpus (2)"),
        (["-object", "memory-backend-ram,id=m0,size=256M", "-numa", "node,memdev=m0"], "should equal RAM size"),
        (["-M", "pseries-7.2,cap-rpt-invalidate=on"], "No H_RPT_INVALIDATE support"),
        (["-M", "pseries-7.2,cap-large-decr=on", "-cpu", "POWER8"], "Large decrementer only supported on POWER9"),
        (["-M", "pseries-7.2,cap-vsx=on", "-cpu", "970"], "VSX support not available"),
        (["-M", "pseries-7.2,max-cpu-compat=power10", "-cpu", "POWER9"], "not valid for CPU"),
        (["-M", "pseries-7.2,cap-hpt-max-page-size=1000"], "power of 2"),
        (["-M", "pseries-7.2,ic-mode=xive", "-cpu", "POWER8"], "XIVE-only machines require a POWER9 CPU"),
        (["-M", "pseries-7.2,ic-mode=xive,max-cpu-compat=power8", "-cpu", "POWER9"], "XIVE-only machines require a POWER9 CPU"),
        (["-M", "pseries-3.0,ic-mode=xics"], "This machine only uses the legacy XICS backend, don't pass ic-mode"),
        (["-dtb", "/nonexistent"], "/nonexistent"),
        (["-dtb", junk], "not a device tree blob"),
        (["-prom-env", "novalue"], "NAME=VALUE"),
        (["-prom-env", "a=" + "b" * 3000], "need more than"),
        (["-boot", "once=z"], "Invalid boot device 'z'"),
        (["-m", "900000T"], "ppc_spapr.ram"),
        (["-smp", "0"], "greater than zero"),
        (["-smp", "3,threads=2"], "product of the hierarchy"),
        (["-smp", "3,maxcpus=4,threads=2"], "multiple of threads"),
        (["-smp", "8,threads=8", "-cpu", "POWER7"], "a core of power7_v2.3 has at most 4"),
        (["-smp", "16,threads=16"], "threads per core: 16"),
        (["-smp", "4294967296"], "'smp.cpus' expects integer"),
        (["-smp", "1,sockets=65536,cores=65536,threads=1"], "Invalid SMP CPUs 65536"),
        (["-m", "64"], "requires >= 128MiB"),
        (["-m", "1G,slots=4,maxmem=17T"], "at most 16384 GiB can be plugged"),
        (["-m", "1G,slots=4,maxmem=1E"], "at most 16384 GiB can be plugged"),
        (["-smp", "9999"], "Invalid SMP CPUs 9999"),
        (["-kernel", "/nonexistent"], "/nonexistent"),
        (["-kernel", junk], "not an ELF"),
        (["-kernel", cut], "cut"),
        (["-initrd", junk], "-initrd only allowed with -kernel"),
        (["-bios", "/nonexistent"], "/nonexistent"),
        (["-serial", "nosuch"], "nosuch"),
        (["-serial"], "requires an argument"),
        (["-d", "nosuch"], "nosuch"),
        (["-accel", "nosuch"], "nosuch"),
        (["-accel", "tcg,thread=many"], "many"),
        (["-uuid", "nosuch"], "nosuch"),
        (["-chardev", "null,id=a", "-chardev", "null,id=a"], "Duplicate ID 'a' for chardev"),
        (["-chardev", "file,id=a"], "no filename given"),
        (["-chardev", "socket,id=a"], "neither path nor port"),
        (["-mon", "nosuch"], 'chardev "nosuch" not found'),
        (["-drive", "file=x"], "this build has no disks"),
        (["-pidfile", "/nonexistent/pid"], "cannot create PID file"),
    ]
    for args, want in cases:
        p = subprocess.run([emulator(), "-nodefaults", "-display", "none", *args], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, timeout=120)
        assert p.returncode == 1, (args, p.returncode, p.stderr)
        assert want in p.stderr and p.stderr.startswith("qemu-system-ppc64: "), (args, want, p.stderr)
for args, want in ((["-version"], "QEMU emulator version"), (["-help"], "usage:"), (["-M", "help"], "pseries-2.6"),
                   (["-cpu", "help"], "power8_v2.0"), (["-d", "help"], "in_asm")):
    p = subprocess.run([emulator(), *args], capture_output=True, text=True, timeout=120)
    assert p.returncode == 0 and want in p.stdout, (args, p)
