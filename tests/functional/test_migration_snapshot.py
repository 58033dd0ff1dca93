# SPDX-License-Identifier: GPL-2.0-or-later
"""A background snapshot is memory and devices of one moment, though the guest (memory.c) writes on while it is saved; it loads here and in 7.2, and so
does 7.2's here.

The guest writes a part of memory in order of address, lap after lap, each word with the lap's number: at any moment there is one address below
which all words are of the lap it is in, and above which all are of the one before. A page of any other moment breaks that. What excludes what, states,
events and errors are compared with 7.2.
"""
import json, os, pathlib, socket, struct, subprocess, tempfile
from laps import GUEST, PLAIN, laps, lives
from moving import port
from qmp import Emulator, PEER, build, wait

START, FILL, DIRTY = 32 << 20, 12 << 20, 8 << 20         # in this order
M64 = (1 << 64) - 1
peers = [PEER] if os.path.exists(PEER) else []


def start(*args, binary=None, machine="pseries-7.2"):
    return Emulator("-M", f"{machine},{PLAIN}", "-cpu", "power9_v2.0", "-m", "256", "-name", f"f{FILL >> 20}d{DIRTY >> 20}", "-bios", GUEST, *args, binary=binary)


def switch(guest, *capabilities, state=True):
    return guest.ask(json.dumps({"execute": "migrate-set-capabilities", "arguments": {"capabilities": [{"capability": c, "state": state} for c in capabilities]}}))


def mix(v):
    v = v * 0x9e3779b97f4a7c15 & M64
    return v ^ v >> 29


def check_moment(guest):
    """The memory of a guest that was loaded and not run: of one moment."""
    with tempfile.NamedTemporaryFile(dir=build()) as f:
        guest.command("pmemsave", val=START + FILL, size=DIRTY, filename=os.path.abspath(f.name))
        words = struct.unpack(f">{DIRTY // 8}Q", pathlib.Path(f.name).read_bytes())
    at = START + FILL
    lap = next(n for n in range(1 << 16) if mix(at ^ n << 40) == words[0])
    edge = next((i for i, w in enumerate(words) if w != mix(at + 8 * i ^ lap << 40)), len(words))
    for i in range(edge, len(words)):
        assert words[i] == mix(at + 8 * i ^ lap - 1 << 40), f"lap {lap} up to word {edge}, and word {i} is not of the lap before"
    return lap, edge


def load(uri, binary=None, more=()):
    with start("-incoming", "defer", "-S", binary=binary) as there:
        switch(there, "events", *more)
        there.command("migrate-incoming", uri=uri)
        wait("the snapshot to be loaded", lambda: there.command("query-status")["status"] not in ("inmigrate", "finish-migrate"))
        lap, edge = check_moment(there)
        there.command("cont")
        lives(there)
        assert laps(there) < lap + 100000
        return f"lap {lap}, word {edge}"


def save(binary, uri, more=(), bandwidth=16 << 20):
    """How many laps the guest made meanwhile."""
    with start(binary=binary) as here:
        switch(here, "events", "background-snapshot", *more)
        here.command("migrate-set-parameters", **{"max-bandwidth": bandwidth})
        lives(here)
        before, seen = laps(here), len(here.told)
        here.command("migrate", uri=uri)
        result = here.migrated()
        assert result["status"] == "completed" and result["downtime"] < 5000, (result, here.log.read_text())
        after = laps(here)
        assert here.command("query-status")["status"] == "running"
        states = [(e["event"], (e["data"] or {}).get("status")) if "data" in e else e["event"] for e in here.told[seen:]]
        assert states == [("MIGRATION", "setup"), ("MIGRATION", "active"), "STOP", "RESUME", ("MIGRATION", "completed")], states
        assert result["ram"]["dirty-sync-count"] == 0 and result["ram"]["remaining"] == 0, result
        lives(here)
        return after - before


def by_file(folder):
    for binary in [None] + peers:
        path = f"{folder}/s"
        n = save(binary, f"exec:cat > {path}")
        assert n > 2 or binary, "the guest was to run on"
        for other in [None] + ([] if binary else peers):
            print("saved by", binary or "ours", "in", n, "laps, loaded by", other or "ours:", load(f"exec:cat {path}", other), flush=True)
    for more in ((), ("mapped-ram",)):
        n = save(None, f"file:{folder}/f", more)
        print("file", *more, n, "laps:", load(f"file:{folder}/f", more=more))


def by_socket(folder):
    """To a destination that loads it at once; both then run."""
    for uri in (f"tcp:127.0.0.1:{port()}", f"unix:{folder}/u"):
        with start("-incoming", "defer", "-S") as there:
            there.command("migrate-incoming", uri=uri)
            save(None, uri)
            wait("the snapshot to be loaded", lambda: there.command("query-status")["status"] not in ("inmigrate", "finish-migrate"))
            print(uri.partition(":")[0], *check_moment(there))
            there.command("cont")
            lives(there)


def stalls(folder):
    """Nobody reads: the guest and the monitors go on, cancelling helps, and the next one is whole."""
    with start() as here, socket.socket(socket.AF_UNIX) as sink:
        sink.bind(f"{folder}/sink")
        sink.listen()
        switch(here, "background-snapshot")
        lives(here)
        here.command("migrate", uri=f"unix:{folder}/sink")
        wait("the stream to begin", lambda: here.command("query-migrate")["status"] == "active")
        lives(here)
        lives(here)
        here.command("migrate_cancel")
        assert here.migrated()["status"] == "cancelled"
        lives(here)
        here.command("stop")
        here.command("migrate", uri=f"exec:cat > {folder}/s")
        assert here.migrated()["status"] == "completed" and here.command("query-status")["status"] == "paused"
        here.command("cont")
        lives(here)
        here.command("migrate", uri="exec:head -c 1000000 > /dev/null; exit 1")
        assert here.migrated()["status"] == "failed"
        lives(here)
    load(f"exec:cat {folder}/s")
    print("a reader that stalls, cancelling, a guest that is stopped, a channel that breaks")


def exclusions():
    """Each pair of capabilities, in both orders."""
    if not peers:
        return
    sides = [start(), start(binary=PEER)]
    try:
        names = [c["capability"] for c in sides[1].command("query-migrate-capabilities")]
        ours = [c["capability"] for c in sides[0].command("query-migrate-capabilities")]
        names = [n for n in names if n in ours and "not built" not in str(switch(sides[0], n)) and not switch(sides[0], n, state=False).get("error")]
        for name in names:
            answers = []
            for g in sides:
                a = []
                for first, second in ((name, "background-snapshot"), ("background-snapshot", name)):
                    a += [switch(g, first), switch(g, second)]
                    switch(g, first, second, state=False)
                answers.append(a)
            assert answers[0] == answers[1], (name, answers)
    finally:
        for g in sides:
            g.close()
    print(len(names), "capabilities beside it, answers as 7.2's")


def not_permitted():
    if os.getuid() or open("/proc/sys/vm/unprivileged_userfaultfd").read().strip() != "0":
        print("whether userfaultfd is not permitted: skipped, it is")
        return
    with tempfile.TemporaryDirectory() as d:
        ours = f"{d}/qemu"
        pathlib.Path(ours).write_bytes((build() / "qemu-system-ppc64").read_bytes())
        os.chmod(d, 0o755)
        os.chmod(ours, 0o755)
        said = []
        for binary in [ours] + peers:
            ask = [{"execute": "qmp_capabilities"}, {"execute": "migrate-set-capabilities", "arguments": {"capabilities": [
                {"capability": c, "state": True} for c in ("xbzrle", "background-snapshot")]}}, {"execute": "quit"}]
            p = subprocess.run([binary, "-nodefaults", "-display", "none", "-M", "pseries-7.2,cap-htm=off", "-S", "-qmp", "stdio"], user=65534, group=65534,
                               extra_groups=[], cwd="/", input="\n".join(map(json.dumps, ask)), capture_output=True, text=True, timeout=60)
            said.append(next(a["error"]["desc"] for a in map(json.loads, p.stdout.splitlines()) if "error" in a))
        assert all(s.startswith("Background-snapshot is not supported by host kernel") for s in said) and "unprivileged_userfaultfd" in said[0], said
    print("without userfaultfd:", said[0][:90])


def main():
    with tempfile.TemporaryDirectory(dir=build()) as folder:
        exclusions()
        not_permitted()
        by_file(folder)
        by_socket(folder)
        stalls(folder)


main()
