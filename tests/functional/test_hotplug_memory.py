# SPDX-License-Identifier: GPL-2.0-or-later
"""
Memory that the command line plugs (-device pc-dimm): where it lies, what the tree and the monitors say of it and what is refused are compared with the
peer; what a guest has in it moves, with gaps below it and without, by file and live, both ways.
"""
import os, pathlib, re, subprocess, tempfile
from asking import NEW_TREE, Ask, loaded, memory, negotiate
from fdt_compare import compare, drc_sets, parse
from postcopy import Move, interrupted
from qmp import PEER, build
from test_migration_blocks import LIVE, MIB, PLAIN, Guest, in_passes, load, name, save, what_there_is

OURS = None
PAIRS = [(OURS, OURS)] + [(OURS, PEER), (PEER, OURS)] * os.path.exists(PEER)
MACHINE, CPU = "pseries-7.2," + PLAIN, "power9_v2.0"
ROOM = ["-m", "size=512M,slots=4,maxmem=4G"]


def backend(name, size="256M", more=""):
    return ["-object", f"memory-backend-ram,id={name},size={size}{more}"]


def dimm(what):
    return ["-device", "pc-dimm," + what]


SMALL = [*backend("m0"), *dimm("memdev=m0,id=d0")]
TWO = [*SMALL, *backend("m1", "512M"), *dimm("memdev=/objects/m1,slot=3")]
APART = [*backend("m0"), *backend("m1", "512M"), *dimm("memdev=m1,addr=0x80000000,id=high"), *dimm("memdev=m0,slot=2")]
NODES = [*backend("a"), *backend("b"), "-numa", "node,memdev=a,cpus=0", "-numa", "node,memdev=b", *backend("m0"), *backend("m1"), *dimm("memdev=m1,node=1,id=y"),
         *dimm("memdev=m0,id=x")]


def monitors(folder):
    """What a machine says of its memory, and how its stream begins."""
    old = "pseries-3.1,cap-htm=off"
    path = ",share=on,x-use-canonical-path-for-ramblock-id=on"
    for machine, args in ((MACHINE, SMALL), (MACHINE, TWO), (MACHINE, APART), (MACHINE, NODES), (old, TWO), ("pseries-2.5,cap-htm=off", SMALL), (MACHINE, []),
                          (MACHINE, [*backend("unused"), *backend("m0", "256M", path), *dimm("memdev=m0")])):
        ours, theirs = (what_there_is(b, folder, machine, [*ROOM, *args]) for b in (OURS, PEER))
        theirs[0][0] = re.sub(r"(?m)^ {24} +4 KiB.*\n", "", theirs[0][0])      # a backend that nothing uses is among them
        for a, b in zip((*ours[0], ours[1]), (*theirs[0], theirs[1]), strict=True):
            assert a == b, (machine, args, a, b)
    print("monitors, names and order of blocks")


def trees():
    """What negotiation makes of it."""
    class Small(Ask):
        memory = "512,slots=4,maxmem=3G"

    def tree(binary, options, args):
        with Small(MACHINE, CPU, 2, *args, binary=binary) as g:
            assert negotiate(g, options) == 0
            nodes = parse(memory(g, NEW_TREE, int.from_bytes(memory(g, NEW_TREE + 4, 4), "big")))
            for n in nodes.values():
                drc_sets(n)
            return nodes
    for options in ({2: 0x20}, {2: 0x20, 5: 0xa0, 22: 0x80}, {}):
        for args in (SMALL, APART, NODES):
            bad = [d for d in compare(tree(OURS, options, args), tree(PEER, options, args))
                   if d[1] != "rng-seed" and not (d[0] == "/chosen" and d[2].endswith("the peer's absent"))]
            assert not bad, (options, args, bad)
    print("negotiated trees")


def hash_tables():
    """Who cannot make another one has one for all that may be plugged; who can may have one for what there is, and twice that."""
    class Small(Ask):
        memory = "512,slots=4,maxmem=3G"
    more = [*backend("m0", "2G"), *dimm("memdev=m0")]
    for machine, options in ((MACHINE, {}), (MACHINE, {6: 1}), (MACHINE, {24: 0x40}), (MACHINE + ",resize-hpt=disabled", {})):
        said = []
        for binary in (OURS, PEER):
            with Small(machine, CPU, 1, *(more if options else ()), binary=binary) as g:
                assert negotiate(g, options) == 0
                most = max((n for n in (22, 23, 24, 25, 26) if g.hcall(0x36c, 0, n)[0] in (0, 9902)), default=None)       # H_RESIZE_HPT_PREPARE; the peer's takes a while
                stream = g.save()
                said.append((most, stream[stream.index(b"spapr/htab") + 18:][:4].hex()))
        assert said[0] == said[1], (machine, options, said)
    print("hash tables")


def refused(folder):
    """The peer's words; what it takes and no guest could ever be told of is refused here."""
    small = ["-m", "512,slots=2,maxmem=2G"]
    a, b = backend("a"), backend("b")
    cases = [
        (["-m", "512"], [*a, *dimm("memdev=a")]), (["-m", "512,maxmem=2G"], [*a, *dimm("memdev=a")]), (small, dimm("id=d")), (small, dimm("memdev=no")),
        (small, [*a, *dimm("memdev=a"), *dimm("memdev=a")]), (small, [*backend("a", "100M"), *dimm("memdev=a")]), (small, [*backend("a", "2G"), *dimm("memdev=a")]),
        (small, [*backend("a", "1G"), *backend("b", "1G"), *dimm("memdev=a"), *dimm("memdev=b")]),
        (small, [*a, *b, *backend("c"), *dimm("memdev=a"), *dimm("memdev=b"), *dimm("memdev=c")]), (small, [*a, *dimm("memdev=a,slot=2")]),
        (small, [*a, *dimm("memdev=a,slot=-2")]), (small, [*a, *b, *dimm("memdev=a,slot=1"), *dimm("memdev=b,slot=1")]), (small, [*a, *dimm("memdev=a,node=1")]),
        (small, [*a, *dimm("memdev=a,addr=0x100000000")]), (small, [*a, *b, *dimm("memdev=a,addr=0x50000000,id=x"), *dimm("memdev=b,addr=0x50000000")]),
        (small, [*backend("a", "512M"), *b, *dimm("memdev=b,addr=0x50000000"), *dimm("memdev=a,addr=0x40000000")]),
        (small, [*backend("a", "1G"), *b, *dimm("memdev=b,addr=0x70000000"), *dimm("memdev=a")]), (small, [*a, *dimm("memdev=a,size=256M")]),
        (small, [*a, *b, *dimm("memdev=a,id=d"), *dimm("memdev=b,id=d")]), (small, [*a, *dimm("memdev=a,more=1")]),
        (small, ["-M", "memory-backend=a", *backend("a", "512M"), *dimm("memdev=a")]), (small, ["-M", "pseries-2.4", *a, *dimm("memdev=a")]),
        (small, ["-object", "secret,id=s,data=x", *dimm("memdev=s")]), (small, [*backend("a", "256M", ",host-nodes=100,policy=bind"), *dimm("memdev=a")]),
    ]
    def said(binary, args):
        p = subprocess.run([binary or build() / "qemu-system-ppc64", "-M", f"{MACHINE},dumpdtb={folder}/dtb", "-display", "none", "-nodefaults", *args],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return p.returncode, re.sub(r"^.*?: (-device [^:]*: )?", "", p.stderr.strip())
    for room, args in cases:
        ours = said(OURS, room + args)
        assert ours[0] == 1 and ours[1], (args, ours)
        if os.path.exists(PEER):
            theirs = said(PEER, room + args)
            assert ours == theirs, (args, ours, theirs)
    for where in ("0x1000", "0x48000000"):
        assert said(OURS, [*small, *a, *dimm("memdev=a,addr=" + where)]) == (1, "address must be aligned to 0x10000000 bytes")
    print(len(cases) + 2, "that do not fit")


class Big(Ask):
    """With a gap between what is there from the start and what is plugged, and another above."""
    memory = "512,slots=4,maxmem=4G"


WORDS = [0x1f000000, 0x80000000, 0x8ffffff8, 0x9fff0000, 0x9ffffff8, 0x40000000, 0x4ffffff8]       # of RAM and of both devices


def by_file():
    """Words at both ends of each; where nothing is, nothing answers."""
    args = [*APART]
    for route in ((OURS, OURS, OURS),) + ((PEER, OURS, PEER, OURS),) * os.path.exists(PEER):
        g = Big(MACHINE, CPU, 1, *args, binary=route[0])
        try:
            for n, at in enumerate(WORDS):
                g.ask("s", at, 0x1234567800000000 + n)
            for step, binary in enumerate(route[1:]):
                stream = g.save()
                g.close()
                g = loaded(stream, MACHINE, CPU, 1, *args, make=Big, binary=binary)
                g.emulator.command("cont")
                found = [g.ask("l", at, 1)[0] for at in WORDS]
                assert found == [0x1234567800000000 + n + step for n in range(len(WORDS))], (route, step, [hex(w) for w in found])
                for n, at in enumerate(WORDS):
                    g.ask("s", at, 0x1234567800000001 + n + step)
            with tempfile.NamedTemporaryFile() as f:        # what is behind a hole keeps its place in the file
                g.emulator.command("pmemsave", val=0x1ffff000, size=0x20002000, filename=f.name)
                data = f.read()
            assert len(data) == 0x20002000 and data[0x1000:0x2000] == bytes(0x1000), len(data)
            assert int.from_bytes(data[0x20001000:0x20001008], "big") == 0x1234567800000000 + 5 + len(route) - 1
        finally:
            g.close()
    print("by file")


def other_machines():
    """A destination that lacks a device of memory, or has one too many, says so."""
    with Big(MACHINE, CPU, 1, *TWO) as g:
        stream = g.save()
    for args, words in ((SMALL, ['Unknown ramblock "m1"', "-device pc-dimm"]), ([*TWO, *backend("m2"), *dimm("memdev=m2")], ["'m2'", "and not in the stream", "-device pc-dimm"]),
                        ([*backend("m0", "512M"), *backend("m1", "512M"), *dimm("memdev=m0"), *dimm("memdev=m1")], ["m0", "0x10000000 bytes in the stream", "0x20000000 here"])):
        try:
            loaded(stream, MACHINE, CPU, 1, *args, make=Big).close()
            raise SystemExit(f"{args} took it")
        except AssertionError as e:
            assert all(w in str(e) for w in words), (words, e)
    print("other machines")


PLUGGED = ["-m", "slots=2,maxmem=4G", *backend("m0")]
ACROSS = ("-name", "f16g900d32g176s16z8t8"), [*PLUGGED, *dimm("memdev=m0,id=d0")]       # across the border between what was there and what is plugged
BEHIND = ("-name", "f16g2000d16s16z8t8"), [*PLUGGED, *dimm("memdev=m0,id=d0,addr=0x80000000")]      # 1 GiB behind what was there


class Across(Guest):
    """The guest of test_migration_blocks.py."""
    work, plugged = ACROSS

    def __init__(self, *args, **more):
        super().__init__(*self.work, *args, **{"memory": self.plugged} | more)


class Behind(Across):
    work, plugged = BEHIND


def live():
    for way in LIVE:
        for source, target in PAIRS if way != "xbzrle" else PAIRS[:1]:
            with Across(binary=source) as here, Across("-incoming", "defer", binary=target) as there:
                print(name((source, target)), way, in_passes(way, here, there, 1280 * MIB), "laps", flush=True)


def by_other_ways():
    """With a gap below what is plugged, which takes no place on the way and is missed by nobody."""
    for pair in PAIRS:
        with Move(pair, "postcopy-ram", kind=Behind, machine=(), max_bandwidth=48 * MIB) as m:
            m.post_copy()
            m.arrived()
        interrupted(pair, "postcopy-preempt", kind=Behind, machine=())
    interrupted(PAIRS[0], "release-ram", kind=Behind, machine=())
    with tempfile.TemporaryDirectory(dir="/dev/shm") as d:
        path = pathlib.Path(d) / "stream"
        file = "file:", "file:"
        for source, target, capabilities, both, scheme in ((OURS, OURS, [], ["mapped-ram"], file), (OURS, OURS, [], ["mapped-ram", "multifd"], file),
                                                           *((OURS, b, ["background-snapshot"], [], ("exec:cat >", "exec:cat ")) for b in [OURS, PEER][:len(PAIRS)])):
            with Behind(binary=source) as here:
                before, result = save(here, path, *capabilities, *both, scheme=scheme[0])
            assert result["ram"]["total"] == 1280 * MIB and path.stat().st_blocks * 512 < 200 * MIB, (both, result, path.stat())
            with Behind("-incoming", "defer", binary=target) as there:
                load(there, path, *both, scheme=scheme[1], before=before)
            path.unlink()
    print("post-copy, mapped-ram and snapshots")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as d:
        refused(d)                      # the tree goes to a file of ours: 7.2, as root, puts one in the place of /dev/null
        if os.path.exists(PEER):
            monitors(pathlib.Path(d))
    by_file()
    other_machines()
    if os.path.exists(PEER):
        trees()
        hash_tables()
    live()
    by_other_ways()
