# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests whose memory is of several backends (-numa node,memdev=, as libvirt starts them) move whole, here and with 7.2, in every form: each backend is a
block of its own in the stream. The guest (memory.c) writes around the nodes' borders and checks. What does not fit is refused, with names and numbers.

Arguments behind the build folder: QEMUs since 9.0 to trade with, as BINARY[:MACHINE] (7.2 is traded with if it is installed).
"""
import os, pathlib, re, struct, subprocess, sys, tempfile
from laps import GUEST, PLAIN, laps, lives
from moving import port
from postcopy import Move, PAIRS, interrupted, name
from qmp import Emulator, PEER, build, wait

OURS = None
MIB = 1 << 20
SIZES = [256, 512, 256]             # MiB of the nodes
WORK = "f16g200d16g496s16z8t8"      # what lies where, from 32 MiB on: memory that changes is around each border
LIVE = {
    "plain": ([], {}),
    "xbzrle": (["xbzrle"], {"xbzrle-cache-size": 64 << 20}),
    "multifd": (["multifd"], {"multifd-channels": 3}),
    "multifd zstd": (["multifd"], {"multifd-channels": 2, "multifd-compression": "zstd"}),
}


def backend(i, size, kind="ram", more=""):
    """As libvirt writes it."""
    return ["-object", f'{{"qom-type":"memory-backend-{kind}","id":"ram-node{i}","size":{size * MIB}{more}}}']


def nodes(sizes=SIZES, made=None, **other):
    """made: in which order the backends are; other: arguments of backend() for number N, as nN."""
    args = []
    for i in made or range(len(sizes)):
        args += backend(i, sizes[i], **other.get(f"n{i}", {}))
    for i in range(len(sizes)):
        args += ["-numa", f"node,nodeid={i},memdev=ram-node{i}" + ("" if i else ",cpus=0")]
    return args


class Guest:
    """Of several nodes; what post-copy's Move wants of one."""

    def __init__(self, *args, machine="pseries-7.2", binary=None, memory=None, sizes=SIZES):
        self.emulator = Emulator("-M", machine if "," in machine else f"{machine},{PLAIN}", "-cpu", "power9_v2.0", "-m", str(sum(sizes)), "-name", WORK,
                                 "-bios", GUEST, *(nodes(sizes) if memory is None else memory), *args, binary=binary)
        self.command, self.migrated, self.p, self.log = self.emulator.command, self.emulator.migrated, self.emulator.p, self.emulator.log

    def laps(self):
        return laps(self.emulator)

    def lives(self, ticks=False, before=0):
        return lives(self.emulator, before)

    def switch(self, *capabilities, **parameters):
        if capabilities:
            self.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in capabilities])
        if parameters:
            self.command("migrate-set-parameters", **{k.replace("_", "-"): v for k, v in parameters.items()})

    def close(self):
        self.emulator.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def start(binary, *args, **more):
    return Guest(*args, binary=binary, **more)


def in_passes(way, here, there, total):
    """`here` goes to `there` in this way, not before memory was sent twice; the destination's laps."""
    capabilities, parameters = LIVE[way]
    uri = f"tcp:127.0.0.1:{port()}"
    here.switch(*capabilities, **parameters, downtime_limit=100)
    there.switch(*capabilities, **parameters)
    there.command("migrate-incoming", uri=uri)
    here.lives()
    here.switch(max_bandwidth=48 * MIB)
    here.command("migrate", uri=uri)
    wait("a second pass", lambda: here.command("query-migrate").get("ram", {}).get("dirty-sync-count", 0) > 2)
    here.switch(max_bandwidth=2 << 30, downtime_limit=2000)
    result = here.migrated()
    assert result["status"] == "completed", (way, result, there.log.read_text())
    assert result["ram"]["total"] == total, result
    return there.lives()


def live(way, source, target, **where):
    with start(source, **where) as here, start(target, "-incoming", "defer", **where) as there:
        return in_passes(way, here, there, sum(SIZES) * MIB)


def save(here, path, *capabilities, scheme="exec:cat >", still=False):
    here.switch(*capabilities)
    laps = here.lives()
    if still:
        here.command("stop")
    here.command("migrate", uri=scheme + str(path))
    result = here.migrated()
    assert result["status"] == "completed", (result, here.log.read_text())
    return laps, result


def load(there, path, *capabilities, scheme="exec:cat ", before=0, still=False):
    there.switch(*capabilities)
    there.command("migrate-incoming", uri=scheme + str(path))
    if still:
        wait("the guest to come", lambda: there.command("query-status")["status"] == "paused")
        there.command("cont")
    there.lives(before=before)


def by_file(folder, source, target, capabilities=(), machine="pseries-7.2", both=(), scheme=("exec:cat >", "exec:cat "), still=False, **memory):
    path = folder / "stream"
    path.unlink(missing_ok=True)
    with start(source, machine=machine, **memory) as here:
        before, result = save(here, path, *capabilities, *both, scheme=scheme[0], still=still)
    with start(target, "-incoming", "defer", machine=machine, **memory) as there:
        load(there, path, *both, scheme=scheme[1], before=before, still=still)
    return result, path


def ram_start(path):
    """The blocks as a stream's section "ram" begins: (name, size[, place])."""
    stream = path.read_bytes()[:1 << 16]
    placed = b"x-ignore-shared" in stream
    at = stream.index(b"\3ram") + 12
    left, = struct.unpack(">Q", stream[at:at + 8])
    left, at, found = left & ~0xfff, at + 8, []
    while left:
        n = stream[at] + 1
        form = ">QQ" if placed else ">Q"
        found.append((stream[at + 1:at + n].decode(), *struct.unpack_from(form, stream, at + n)))
        at, left = at + n + struct.calcsize(form), left - found[-1][1]
    return found


def human(guest, line):
    return guest.command("human-monitor-command", **{"command-line": line}).replace("\r", "")


def what_there_is(binary, folder, machine, args, *capabilities):
    """How a machine that stands still tells of its memory, and begins a stream."""
    with Emulator("-M", machine, "-cpu", "POWER8", "-S", "-name", "x", *args, binary=binary) as g:
        told = [human(g, line) for line in ("info ramblock", "info numa", "info memory-devices", "info memory_size_summary")]
        told += [g.command("query-memory-devices"), g.command("query-memory-size-summary"), sorted(g.command("query-memdev"), key=lambda m: m["id"])]
        told.append(sorted(part.strip() for part in human(g, "info memdev").split("memory backend: ")))
        told.append(sorted((o["name"], o["type"]) for o in g.command("qom-list", path="/objects")))
        told.append([line.strip() for line in human(g, "info mtree -f").splitlines() if "ram)" in line])
        told.append(re.sub(" is 0x.*", "", human(g, "gpa2hva 0x10000010")))
        g.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in capabilities])
        g.command("migrate", uri=f"exec:cat > {folder}/start")
        assert g.migrated()["status"] == "completed"
        return told, ram_start(folder / "start")


def as_the_peer(folder):
    """Names and order of blocks are 7.2's, whatever version and backends."""
    file = {"kind": "file", "more": f',"mem-path":"{folder}","share":true'}
    path = ',"x-use-canonical-path-for-ramblock-id":true'
    new, old = "pseries-7.2," + PLAIN, "pseries-3.1,cap-htm=off"
    cases = [
        (new, nodes(), SIZES), (new, nodes(made=[2, 1, 0]), SIZES), (new, nodes([256, 256, 256, 256], made=[3, 0, 2, 1]), [1024]),
        (old, nodes(n0=file, n1={"kind": "memfd"}), SIZES), (new, nodes(n0=file, n1={"kind": "memfd", "more": path}), SIZES),
        (old, nodes([512, 256], n0={"kind": "memfd", "more": path.replace("true", "false")}), [768]),
        ("pseries-2.6,cap-htm=off", ["-numa", "node,mem=256", "-numa", "node,mem=256"], [512]),
        (new + ",dump-guest-core=off,mem-merge=off", ["-object", "memory-backend-ram,id=a,size=1G,host-nodes=0-0,policy=bind,prealloc-threads=2", "-numa", "node,memdev=a",
         "-smp", "3"], [1024]),
        (old + ",memory-backend=ram-node0", backend(0, 512, "memfd"), [512]), (new, backend(0, 512) + ["-numa", "node,cpus=0", "-numa", "node,memdev=ram-node0"], [512]),
    ]
    for machine, args, sizes in cases:
        capabilities = ["x-ignore-shared"] * any("share" in a for a in args)
        ours, theirs = (what_there_is(b, folder, machine, ["-m", str(sum(sizes)), *args], *capabilities) for b in (OURS, PEER))
        assert ours == theirs, (machine, args, capabilities, ours, theirs)
    print(len(cases), "kinds of memory begin a stream as the peer's do")


def left_where_it_is(folder):
    """Of three nodes the second is shared: it stays in its file, the others travel."""
    memory = nodes(n1={"kind": "file", "more": f',"mem-path":"{folder}/memory","share":true'})
    for pair in PAIRS:
        result, path = by_file(folder, *pair, both=["x-ignore-shared"], memory=memory)
        assert result["ram"]["total"] == 512 * MIB, result
        os.unlink(folder / "memory")
    with start(OURS, memory=memory) as here:
        save(here, path, "x-ignore-shared", "background-snapshot", still=True)      # else what is in the file goes on
    with start(OURS, "-incoming", "defer", memory=memory) as there:
        load(there, path, "x-ignore-shared", still=True)
    with start(OURS, "-incoming", "defer") as there:
        there.switch("x-ignore-shared")
        there.command("migrate-incoming", uri=f"exec:cat {path}")
        there.p.wait(60)
        assert "does not share 'ram-node1'" in there.log.read_text(), there.log.read_text()
    print("what is shared stays where it is, node by node")


def refused(folder):
    """Blocks that are not the same: which, both sizes, and what to do. A destination of 7.2 takes none of them either, bar the one that it cannot see."""
    with start(OURS) as here:
        save(here, folder / "stream")
    memory = lambda sizes, names: sum((["-object", f"memory-backend-ram,id={n},size={s}M", "-numa", f"node,memdev={n}"] for s, n in zip(sizes, names)), [])
    cases = [
        (SIZES, memory(SIZES, ["ram-node0", "memory", "ram-node2"]), ['Unknown ramblock "ram-node1"', "'memory' of 0x20000000 bytes", "memdev="]),
        ([256, 256, 512], memory([256, 256, 512], ["ram-node0", "ram-node1", "ram-node2"]),
         ["ram-node1", "0x20000000 bytes in the stream", "0x10000000 here", "size=536870912"]),
        ([256, 512, 256, 256], memory([256, 512, 256, 256], ["ram-node0", "ram-node1", "ram-node2", "ram-node3"]),
         ["'ram-node3' of 0x10000000 bytes is here and not in the stream"]),
        ([1024], [], ['Unknown ramblock "ram-node1"', "'ppc_spapr.ram' of 0x40000000 bytes"]),
    ]
    for sizes, args, words in cases:
        with start(OURS, "-incoming", "defer", sizes=sizes, memory=args) as there:
            there.command("migrate-incoming", uri=f"exec:cat {folder}/stream")
            there.p.wait(60)
            text = there.log.read_text()
            assert there.p.returncode == 1 and all(w in text for w in words), (words, text)
        tool = subprocess.run([build() / "tools/qemu-migration", "check", folder / "stream", "--", "-M", "pseries-7.2," + PLAIN, "-cpu", "power9_v2.0", "-m", str(sum(sizes)),
                               "-name", WORK, *args], capture_output=True, text=True, timeout=60)
        assert tool.returncode == 1 and all(w in tool.stdout + tool.stderr for w in words), (words, tool)
        if os.path.exists(PEER):
            with start(PEER, "-incoming", "defer", sizes=sizes, memory=args) as there:
                there.command("migrate-incoming", uri=f"exec:cat {folder}/stream")
                if len(sizes) > len(SIZES):     # it does not notice
                    there.lives()
                else:
                    there.p.wait(60)
                    assert there.p.returncode == 1, there.log.read_text()
    tool = subprocess.run([build() / "tools/qemu-migration", "inspect", folder / "stream"], capture_output=True, text=True, timeout=60)
    assert all(f"ram-node{i}" in tool.stdout for i in range(3)), tool
    for args, words in (
        (["-object", "memory-backend-ram,id=a,size=256M", "-numa", "node,memdev=a", "-numa", "node,memdev=a"], "memory backend a can't be used multiple times."),
        (["-object", "memory-backend-ram,id=a,size=256M", "-numa", "node,memdev=a", "-numa", "node,mem=256"], "mem= or memdev=,mixing both is not allowed"),
        (["-object", "memory-backend-ram,id=a,size=512M", "-numa", "node,memdev=a", "-M", "memory-backend=a"], "mutually exclusive"),
        (["-object", "memory-backend-ram,id=a,size=512M", "-numa", "node,memdev=b"], "memdev=b"),
        (["-object", "memory-backend-ram,id=a,size=256M", "-numa", "node,memdev=a"], "should equal RAM size"),
        (["-object", "memory-backend-ram,id=ppc_spapr.ram,size=512M"], "reserved for the default RAM backend"),
        (["-object", "memory-backend-ram,id=a,size=512M,host-nodes=200,policy=bind"], "Invalid host-nodes value: 200"),
        (["-object", "memory-backend-ram,id=a,size=512M,host-nodes=0,host-nodes=2-1,policy=bind"], "expects a uint64 value or range"),
        (["-object", "memory-backend-ram,id=a,size=512M,host-nodes=127,policy=bind", "-M", "memory-backend=a"], "cannot bind memory to host NUMA nodes"),
        (["-object", "memory-backend-ram,id=a,size=512M,host-nodes=0"], "specify a policy other than default"),
        (["-object", "memory-backend-ram,id=a,size=512M,policy=bind"], "host-nodes must be set for policy bind"),
        (["-object", "memory-backend-ram,id=a,size=512M,prealloc-threads=0"], "prealloc-threads"),
    ):
        for binary in (OURS, PEER) if os.path.exists(PEER) else (OURS,):
            p = subprocess.run([binary or build() / "qemu-system-ppc64", "-M", "pseries-7.2," + PLAIN, "-m", "512", "-display", "none", "-S", *args], stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, timeout=60)
            assert p.returncode == 1 and words in p.stderr, (binary, args, p)
    print("memory that is not the guest's is refused")


def libvirt(folder):
    """The options of guests that libvirt 9.0 starts, as it writes them."""
    m = "usb=off,dump-guest-core=off"
    forms = [
        (f"pseries-7.2,{m},memory-backend=ppc_spapr.ram,{PLAIN}", ["-m", "1024", "-object", '{"qom-type":"memory-backend-ram","id":"ppc_spapr.ram","size":1073741824}']),
        (f"pseries-2.12,{m},memory-backend=ppc_spapr.ram,cap-htm=off", ["-m", "1024", "-object", '{"qom-type":"memory-backend-memfd","id":"ppc_spapr.ram","share":true,'
         '"x-use-canonical-path-for-ramblock-id":false,"size":1073741824}']),
        (f"pseries-7.2,{m},{PLAIN}", ["-m", "size=1048576k,slots=4,maxmem=4194304k", "-overcommit", "mem-lock=off", *backend(0, 512), "-numa",
         "node,nodeid=0,cpus=0-1,memdev=ram-node0", *backend(1, 512), "-numa", "node,nodeid=1,cpus=2-3,memdev=ram-node1", "-smp", "1,maxcpus=4,sockets=4,cores=1,threads=1"]),
        (f"pseries-2.12,{m},cap-htm=off", ["-m", "size=1048576k,slots=4,maxmem=4194304k", "-numa", "node,nodeid=0,cpus=0-3,mem=1024", "-smp",
         "1,maxcpus=4,sockets=4,cores=1,threads=1"]),
    ]
    for machine, args in forms:
        for pair in PAIRS[1:] or PAIRS:
            by_file(folder, *pair, machine=machine, memory=args)
    print(len(forms), "forms of libvirt's")


def main():
    peers = [(a.partition(":")[0], a.partition(":")[2] or "pseries-7.2") for a in sys.argv[2:]]
    with tempfile.TemporaryDirectory(dir="/dev/shm") as d:
        folder = pathlib.Path(d)
        if os.path.exists(PEER):
            as_the_peer(folder)
        for pair in PAIRS:
            print(name(pair), "live", {way: live(way, *pair) for way in LIVE if way != "xbzrle" or pair == PAIRS[0]}, "laps; by file", flush=True)
            by_file(folder, *pair)
            with Move(pair, "postcopy-ram", kind=Guest, machine=(), max_bandwidth=48 * MIB) as m:
                m.post_copy()
                m.arrived()
            interrupted(pair, "postcopy-preempt", kind=Guest, machine=(), rounds=1)
        interrupted(PAIRS[0], "release-ram", kind=Guest, machine=())
        for more in ([], ["multifd"]):
            by_file(folder, OURS, OURS, both=["mapped-ram", *more], scheme=("file:", "file:"))
        for target in (OURS, PEER) if os.path.exists(PEER) else (OURS,):
            by_file(folder, OURS, target, ["background-snapshot"])
        print("mapped-ram, snapshots")
        for binary, machine in peers:
            machine += "," + PLAIN.replace("sbbc=broken", "sbbc=workaround")        # 10.0's default, which it does not send
            file = {"machine": machine, "scheme": ("file:", "file:")}
            for more in ([], ["mapped-ram"], ["mapped-ram", "multifd"]):
                by_file(folder, OURS, binary, both=more, **file)
                # 10.0 and 11.1 end with an assertion when they look what such a guest wrote: it stands still
                by_file(folder, binary, OURS, both=more, still=True, **file)
            print(binary, "by file, mapped-ram,", {way: live(way, OURS, binary, machine=machine) for way in LIVE}, flush=True)
        left_where_it_is(folder)
        refused(folder)
        libvirt(folder)


if __name__ == "__main__":
    main()
