# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares our device tree with the peer's, node by node, over machine versions, processors, topologies and sizes.

usage: fdt_compare.py BUILD-FOLDER [VERSION-CPU...]; without cases, a matrix. The peer is Debian's qemu-system-ppc64.
Each difference that is meant to be is a row of EXPECTED with its reason; any other fails the test.
"""
import re, struct, subprocess, sys, tempfile, os
from guest import emulator, skip

PEER = "/usr/bin/qemu-system-ppc64"
# (path pattern, property pattern, reason)
EXPECTED = [
    (r"/chosen$", r"rng-seed$", "random by nature"),
]
VERSIONS = ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.12-sxxm", "3.0", "3.1", "4.0",
            "4.1", "4.2", "5.0", "5.1", "5.2", "6.0", "6.1", "6.2", "7.0", "7.1", "7.2"]
CASES = [(v, c, []) for v in VERSIONS for c in ("POWER8", "POWER9")]
CASES += [(v, c, []) for v in ("2.6", "2.12", "7.2") for c in ("POWER7", "POWER10", "power8e_v2.1", "power7+_v2.1", "970", "POWER5+")]
CASES += [(v, c, x) for v, c in (("2.6", "POWER8"), ("2.7", "POWER8"), ("3.1", "POWER8"), ("7.2", "POWER9"))
          for x in (["-smp", "4"], ["-smp", "2,maxcpus=6"], ["-m", "256"], ["-m", "3G"], ["-m", "1G,slots=4,maxmem=4G"],
                    ["-smp", "4,sockets=2,cores=2,threads=1"], ["-uuid", "11111111-2222-3333-4444-555555555555", "-name", "g1"],
                    ["-smp", "3,sockets=1,cores=3", "-m", "1536"])]
BACKENDS = ["-object", "memory-backend-ram,id=m0,size=512M", "-object", "memory-backend-ram,id=m1,size=256M",
            "-object", "memory-backend-ram,id=m2,size=256M"]
NUMA = [[*BACKENDS, "-smp", "4", "-numa", "node,memdev=m0", "-numa", "node,memdev=m1", "-numa", "node,memdev=m2"],
        [*BACKENDS, "-smp", "4", "-numa", "node,memdev=m0,cpus=0-1", "-numa", "node,memdev=m1,cpus=2", "-numa", "node,memdev=m2,cpus=3"],
        [*BACKENDS, "-smp", "4,sockets=2,cores=2", "-numa", "node,memdev=m0", "-numa", "node,memdev=m1", "-numa", "node,memdev=m2",
         "-numa", "dist,src=0,dst=1,val=40", "-numa", "dist,src=0,dst=2,val=80", "-numa", "dist,src=1,dst=2,val=20"],
        [*BACKENDS, "-smp", "2", "-numa", "node,memdev=m0,cpus=0-1", "-numa", "node,nodeid=1,memdev=m1", "-numa", "node,nodeid=2,memdev=m2",
         "-numa", "dist,src=0,dst=1,val=160", "-numa", "dist,src=0,dst=2,val=25", "-numa", "dist,src=1,dst=2,val=55"],
        ["-object", "memory-backend-ram,id=m0,size=1G", "-numa", "node,memdev=m0"],
        [*BACKENDS[:2], "-object", "memory-backend-ram,id=m3,size=512M", "-smp", "2,maxcpus=4", "-m", "1G,slots=2,maxmem=2G",
         "-numa", "node,memdev=m0", "-numa", "node,memdev=m3"]]
CASES += [(v, c, x) for v, c in (("5.0", "POWER9"), ("5.1", "POWER9"), ("6.1", "POWER9"), ("7.2", "POWER9"), ("2.12", "POWER8")) for x in NUMA]
# machine properties, as part of the version
CASES += [("7.2," + p, c, []) for p in ("cap-vsx=off", "cap-dfp=off", "cap-large-decr=off", "cap-hpt-max-page-size=16M", "cap-fwnmi=off",
                                        "cap-hpt-max-page-size=16G", "resize-hpt=disabled", "max-cpu-compat=power8", "vsmt=4", "vsmt=16",
                                        "host-model=a,host-serial=b", "ic-mode=xics", "ic-mode=dual", "ic-mode=xive", "kernel-addr=0x800000", "usb=off") for c in ("POWER8", "POWER9")]
CASES += [(v + ",ic-mode=xive", c, x) for v in ("3.1", "4.0", "7.2") for c in ("POWER9", "POWER10") for x in ([], ["-smp", "2,maxcpus=6"])]
CASES += [("4.0,ic-mode=dual", "POWER9", []), ("7.2,ic-mode=xive,vsmt=4", "POWER9", ["-smp", "2,maxcpus=6"])]
CASES += [("7.2,max-cpu-compat=" + m, "POWER10", []) for m in ("power7", "power8", "power9", "power10")]
CASES += [("7.2", "POWER9", ["-serial", "null"] * 3), ("2.6", "POWER8", ["-serial", "null"] * 2),
          ("7.2", "POWER9", ["-serial", "null", "-serial", "none", "-serial", "null"]), ("7.2", "POWER9", ["-serial", "none", "-serial", "null"])]
CASES += [("7.2", "POWER9", x) for x in (["-boot", "menu=on"], ["-boot", "order=cd,once=n"], ["-boot", "order=n"], ["-prom-env", "a=b"],
                                         ["-smp", "16,maxcpus=32"], ["-m", "5G,slots=8,maxmem=9G"], ["-smp", "1,maxcpus=1024"])]
# consoles (the first is always there), of which the ones after -serial none have no port
NULL = ["-chardev", "null,id=b", "-device", "spapr-vty,chardev=b"]
CASES += [(v, "POWER8", x) for v in ("2.6", "7.2") for x in (
    ["-serial", "null"], ["-serial", "null"] * 3, ["-serial", "null"] * 40, ["-serial", "none", "-serial", "null"], [*NULL, "-serial", "null"],
    [*NULL[:3], NULL[3] + ",reg=0x30000000", "-serial", "null"], [*NULL[:3], NULL[3] + ",reg=0x2000"],
    [*NULL[:3], NULL[3] + ",reg=0x71000005", "-serial", "null"])]
# host bridges: their windows, and the memory node that they are near to
CASES += [("7.2", "POWER9", ["-global", "spapr-pci-host-bridge." + p]) for p in (
    "dma_win_addr=0x10000000", "dma_win_size=0x20000000", "dma64_win_addr=0x100000000000", "ddw=off", "pgsz=0x1000", "dynamic-reconfiguration=off",
    "numa_node=0", "mem_win_size=0x40000000", "mem64_win_size=0x4000000000", "io_win_size=0x8000")]
CASES += [(v, "POWER8", ["-device", "spapr-pci-host-bridge,index=1"]) for v in ("2.6", "2.7", "3.1", "4.1", "5.0", "5.1")]
CASES += [(v, "POWER8", [*n, "-device", "spapr-pci-host-bridge,index=1,numa_node=2"]) for v in ("2.7", "5.0", "5.1", "5.2", "7.2") for n in (NUMA[0], NUMA[2])]


def parse(blob):
    """{path: {property: bytes}}"""
    magic, total, struct_at, strings_at = struct.unpack(">4I", blob[:16])
    assert magic == 0xd00dfeed
    at, path, nodes = struct_at, [], {}
    while True:
        tag, = struct.unpack_from(">I", blob, at)
        at += 4
        if tag == 1:
            end = blob.index(b"\0", at)
            path.append(blob[at:end].decode())
            nodes["/".join(path) or "/"] = {}
            at = (end + 4) & ~3
        elif tag == 2:
            path.pop()
        elif tag == 3:
            size, name = struct.unpack_from(">2I", blob, at)
            name = blob[strings_at + name:blob.index(b"\0", strings_at + name)].decode()
            nodes["/".join(path) or "/"][name] = blob[at + 8:at + 8 + size]
            at = (at + 8 + size + 3) & ~3
        elif tag == 9:
            return nodes


def drc_sets(p):
    """Connector lists come in the order of a hash: only which entries there are means something."""
    idx, names, types = (p.get("ibm,drc-" + k) for k in ("indexes", "names", "types"))
    if not idx:
        return
    rows = zip(struct.unpack(f">{len(idx) // 4}I", idx)[1:], names[4:].split(b"\0"), types[4:].split(b"\0"))
    p["ibm,drc-*"] = b" ".join(b"%x=%s=%s" % r for r in sorted(rows))
    for k in ("indexes", "names", "types"):
        del p["ibm,drc-" + k]


def tree(binary, version, cpu, extra, where):
    f = os.path.join(where, "t.dtb")
    old = re.match(r"2\.([1-9]|10|11)$", version)
    p = subprocess.run([binary, "-M", f"pseries-{version}{',cap-htm=off' if old else ''},dumpdtb={f}", "-cpu", cpu, "-nodefaults",
                        "-display", "none", "-serial", "null", "-m", "1G", *extra], capture_output=True, text=True, timeout=300)
    if p.returncode:
        return p.stderr
    with open(f, "rb") as g:
        nodes = parse(g.read())
    os.unlink(f)
    for n in nodes.values():
        drc_sets(n)
    return nodes


def show(v):
    if v is None:
        return "absent"
    if v and len(v) < 400 and re.fullmatch(rb"[ -~\0]+\0", v) and v[0]:
        return repr(v[:-1].decode())
    return v[:240].hex(" ", -4) or "(empty)"


def compare(ours, theirs):
    for path in sorted(set(ours) | set(theirs)):
        if path not in ours or path not in theirs:
            yield path, "", "only in the peer's tree" if path in theirs else "only in our tree"
            continue
        a, b = ours[path], theirs[path]
        for name in sorted(set(a) | set(b)):
            if a.get(name) != b.get(name):
                yield path, name, f"ours {show(a.get(name))}, the peer's {show(b.get(name))}"


def main():
    if not os.path.exists(PEER):
        skip("the peer (Debian's qemu-system-ppc) is not installed")
    only = [a.split("-", 1) if a[:2] != "2.1" or "sxxm" not in a else ("2.12-sxxm", a.split("-")[-1]) for a in sys.argv[2:]]
    cases = [(v, c, []) for v, c in only] or CASES
    bad, seen = {}, {}
    with tempfile.TemporaryDirectory() as where:
        for version, cpu, extra in cases:
            ours, theirs = (tree(b, version, cpu, extra, where) for b in (emulator(), PEER))
            label = " ".join([version, cpu, *extra])
            if isinstance(theirs, str):
                print(f"{label}: the peer does not start: {theirs.splitlines()[-1]}")
                continue
            assert not isinstance(ours, str), (label, ours)
            for path, name, what in compare(ours, theirs):
                why = next((r for p, n, r in EXPECTED if re.search(p, path) and re.match(n, name)), None)
                (seen if why else bad).setdefault((path, name, why or what), []).append(label)
    for (path, name, why), labels in seen.items():
        print(f"expected: {path} {name}: {why} ({len(labels)} cases)")
    for (path, name, what), labels in bad.items():
        print(f"{path} {name}: {what}\n    in {len(labels)}: {'; '.join(labels[:12])}")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
