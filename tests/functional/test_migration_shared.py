# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that others have, too: backends, what they are refused for, and migration that leaves such memory where it is (x-ignore-shared), here and with
7.2. The guest (memory.c) finds all of its memory as it was.
"""
import json, os, pathlib, shutil, subprocess, tempfile
from laps import GUEST, PLAIN, lives
from qmp import Emulator, PEER, build, wait

sides = [None, PEER] if os.path.exists(PEER) else [None]


def start(backend, *args, binary=None):
    return Emulator("-M", f"pseries-7.2,{PLAIN},memory-backend=mem", "-object", backend + ",id=mem,size=256M", "-cpu", "power9_v2.0", "-name", "f16d4s4", "-bios",
                    GUEST, *args, binary=binary)


def switch_on(guest, *capabilities):
    guest.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in capabilities])


def move(folder, source, target, ignore, snapshot=False):
    """By a file of the stream and the file of memory; how large the stream was."""
    backend, stream = f"memory-backend-file,share=on,mem-path={folder}/memory", f"{folder}/stream"
    capabilities = ["x-ignore-shared"] * ignore + ["background-snapshot"] * snapshot
    with start(backend, binary=source) as here:
        switch_on(here, *capabilities)
        before = lives(here)
        if snapshot:
            here.command("stop")        # memory stays where it is: a guest that ran on would change it
        here.command("migrate", uri=f"exec:cat > {stream}")
        result = here.migrated()
        assert result["status"] == "completed" and (result["ram"]["total"] == 0) == ignore, result
    with start(backend, "-incoming", "defer", binary=target) as there:
        switch_on(there, *["x-ignore-shared"] * ignore)
        there.command("migrate-incoming", uri=f"exec:cat {stream}")
        if snapshot:
            wait("the snapshot to be loaded", lambda: there.command("query-status")["status"] == "paused")
            there.command("cont")
        assert lives(there) >= before
    size = os.stat(stream).st_size
    assert (size < 4 << 20) == ignore, size
    os.unlink(f"{folder}/memory")
    return size


def reboot():
    """The mode cpr-reboot: a guest stands still while it is saved, with its memory left in a file if that is shared, and goes on from there."""
    with tempfile.TemporaryDirectory() as folder:
        backend = f"memory-backend-file,share=on,mem-path={folder}/memory"
        with start(backend) as here:
            lives(here)
            here.command("migrate-set-parameters", mode="cpr-reboot")
            for capability, words in (("postcopy-ram", "postcopy"), ("background-snapshot", "background snapshot")):
                answer = here.ask(json.dumps({"execute": "migrate-set-capabilities", "arguments": {"capabilities": [{"capability": capability, "state": True}]}}))
                if "error" not in answer:       # the host may not be able to
                    assert here.ask('{"execute": "migrate", "arguments": {"uri": "file:%s/no"}}' % folder)["error"]["desc"] == f"Cannot use {words} with CPR"
                here.command("migrate-set-capabilities", capabilities=[{"capability": capability, "state": False}])
            # what cannot be written to does not stop the guest for long
            here.command("migrate", uri=f"unix:{folder}/nobody")
            assert here.migrated()["status"] == "failed" and "STOP" not in here.events
            here.command("migrate", uri="exec:exit 1")
            assert here.migrated()["status"] == "failed"
            wait("the guest to run", lambda: here.command("query-status")["running"])
            switch_on(here, "x-ignore-shared", "events")
            before, told = lives(here), len(here.told)
            here.command("migrate", uri=f"file:{folder}/stream")
            result = here.migrated()
            assert result["status"] == "completed" and result["ram"]["total"] == 0, result
            here.command("query-status")
            events = [e["data"].get("status", e["event"]) if e["event"] == "MIGRATION" else e["event"] for e in here.told[told:]]
            assert [e for e in events if e != "MIGRATION_PASS"] == ["setup", "STOP", "active", "device", "completed"], events
            assert here.ask('{"execute": "query-status"}')["return"]["status"] == "postmigrate"
        for binary in sides:
            shutil.copy(f"{folder}/memory", f"{folder}/copy")
            with start(backend.replace("/memory", "/copy"), "-incoming", "defer", binary=binary) as there:
                switch_on(there, "x-ignore-shared")
                there.command("migrate-incoming", uri=f"exec:cat {folder}/stream")
                assert lives(there) >= before
    with start("memory-backend-ram") as here:
        answer = here.ask('{"execute": "migrate-set-parameters", "arguments": {"mode": "cpr-transfer"}}')
        assert "The mode 'cpr-transfer' is not built" in answer["error"]["desc"], answer
    print("cpr-reboot")


def moves():
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        for source in sides:
            for target in sides:
                if source == target == PEER:
                    continue
                print(source or "ours", "to", target or "ours", [move(folder, source, target, ignore) for ignore in (True, False)], "bytes")
        print("a snapshot of a guest that stands still:", move(folder, None, None, True, snapshot=True), "bytes")
        with start(f"memory-backend-file,share=on,mem-path={folder}/memory") as here:
            switch_on(here, "x-ignore-shared")
            lives(here)
            here.command("migrate", uri=f"exec:cat > {folder}/stream")
            assert here.migrated()["status"] == "completed"
        with start("memory-backend-ram", "-incoming", "defer") as there:
            switch_on(there, "x-ignore-shared")
            there.command("migrate-incoming", uri=f"exec:cat {folder}/stream")
            there.p.wait(60)
            assert there.p.returncode == 1 and "share=on" in there.log.read_text(), there.log.read_text()


def private():
    """A file that is not shared is read and stays as it is."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = pathlib.Path(folder) / "memory"
        with open(path, "wb") as f:
            f.truncate(256 << 20)
            f.seek(200 << 20)
            f.write(b"what was there")
        for binary in sides:
            with start(f"memory-backend-file,mem-path={path}", binary=binary) as g:
                lives(g)
                g.command("pmemsave", val=200 << 20, size=14, filename=f"{folder}/part")
                assert pathlib.Path(f"{folder}/part").read_bytes() == b"what was there"
            with open(path, "rb") as f:
                assert f.read(1 << 20) == bytes(1 << 20) and f.seek(200 << 20) and f.read(14) == b"what was there"
    with start("memory-backend-memfd,share=on") as g:
        lives(g)
        assert " mem " in g.command("human-monitor-command", **{"command-line": "info ramblock"})
    print("private and anonymous memory")


def refusals():
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "small").write_bytes(b"x")
        cases = [
            (["memory-backend-ram,id=r,size=128M"], "r"), (["memory-backend-ram,id=r,size=256M"], "nope"), (["memory-backend-file,id=r,size=256M"], "r"),
            (["memory-backend-file,id=r,size=256M,mem-path=/nope/x"], "r"), ([f"memory-backend-file,id=r,size=256M,share=on,mem-path={folder}/small"], "r"),
            ([f"memory-backend-file,id=r,size=256M,mem-path={folder}/small"], "r"), (["memory-backend-memfd,id=r,size=0"], "r"),
            ([f"memory-backend-file,id=r,size=0,mem-path={folder}/x"], "r"), (["memory-backend-memfd,id=r"], "r"),
            (["memory-backend-ram,id=r,size=256M,mem-path=/x"], "r"), (["memory-backend-memfd,id=r,size=256M,foo=1"], "r"),
        ]
        for objects, named in cases:
            said = []
            for binary in sides:
                p = subprocess.run([binary or str(build() / "qemu-system-ppc64"), "-M", f"pseries-7.2,{PLAIN},memory-backend={named}", "-m", "256", "-display", "none",
                                    "-nodefaults", "-S", *(a for o in objects for a in ("-object", o))], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
                lines = [line for line in p.stderr.splitlines() if "warning" not in line]
                assert p.returncode == 1 and len(lines) == 1, (binary, objects, p)
                said.append(lines[0].partition(": ")[2])
            assert all(said[0].startswith(s.partition(": ")[0] if s.startswith("-object") else s) for s in said), said
            assert all(s.rpartition(": ")[2] in said[0] for s in said), said
    print(len(cases), "refusals, in the peer's words")


private()
refusals()
reboot()
moves()
