# SPDX-License-Identifier: GPL-2.0-or-later
"""yank and query-yank: the instances that there are, what is refused, and that yanked connections break, as on Debian's QEMU 7.2 if it is there."""
import json, os, socket, tempfile
from guest import skip
from qmp import PEER, Emulator, build, wait

GUEST = build() / "tests/guest/churn.bin"
if not GUEST.exists():
    skip("churn.bin was not built: powerpc64-linux-gnu-gcc is missing")
MIGRATION = {"type": "migration"}


def listener(path):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen()
    s.settimeout(30)
    return s


def yank(e, *instances):
    return e.ask(json.dumps({"execute": "yank", "arguments": {"instances": list(instances)}}))


def answers(binary):
    """Every answer, in a fixed order; what has to happen is waited for."""
    said = []
    with tempfile.TemporaryDirectory() as d:
        there, sink = listener(f"{d}/client"), listener(f"{d}/sink")
        with Emulator("-M", "pseries-7.2", "-cpu", "POWER9", "-m", "256", "-bios", str(GUEST.resolve()), "-chardev", f"socket,id=server,path={d}/server,server=on,wait=off",
                      "-chardev", f"socket,id=client,path={d}/client", "-chardev", "null,id=null", "-monitor", "chardev:client", "-mon", "chardev=server", binary=binary) as e:
            def list_them():        # the order is that in which options are carried out
                said.append(sorted(e.command("query-yank"), key=str))

            list_them()
            for text in ('{"execute": "yank"}', *(json.dumps({"execute": "yank", "arguments": {"instances": i}}) for i in (
                    [], 1, [{}], [{"type": "foo"}], [MIGRATION], [{"type": "chardev"}], [{"type": "chardev", "id": "null"}], [{"type": "chardev", "id": "nope"}],
                    [{"type": "block-node"}], [{"type": "block-node", "node-name": "x"}], [{**MIGRATION, "id": "x"}]))):
                said.append(e.ask(text))
            # all or none
            conn, _ = there.accept()
            said.append(yank(e, {"type": "chardev", "id": "client"}, {"type": "chardev", "id": "nope"}))
            conn.settimeout(0.3)
            try:
                while conn.recv(4096):
                    pass
                raise AssertionError("a connection was torn off that should not have been")
            except socket.timeout:
                pass
            conn.settimeout(30)
            said.append(yank(e, {"type": "chardev", "id": "client"}))
            while conn.recv(4096):
                pass
            # a server listens again
            for _ in range(2):
                with socket.socket(socket.AF_UNIX) as c:
                    c.settimeout(30)
                    c.connect(f"{d}/server")
                    assert c.recv(4096)
                    said.append(yank(e, {"type": "chardev", "id": "server"}))
                    while c.recv(4096):
                        pass
            list_them()
            # a destination that reads nothing
            e.command("migrate", uri=f"unix:{d}/sink")
            stalled, _ = sink.accept()
            wait("the migration", lambda: e.command("query-migrate")["status"] == "active")
            list_them()
            said.append(yank(e, MIGRATION))
            said.append(e.migrated(30)["status"])
            stalled.close()
            wait("the instance to go", lambda: MIGRATION not in e.command("query-yank"))
            said.append(e.command("query-status")["status"])
        # a source that says nothing more
        with Emulator("-M", "pseries-7.2", "-cpu", "POWER9", "-m", "256", "-incoming", "defer", binary=binary) as e:
            said.append(e.command("query-yank"))
            e.command("migrate-incoming", uri=f"unix:{d}/incoming")
            said.append(e.command("query-yank"))
            said.append(yank(e, MIGRATION))
            with socket.socket(socket.AF_UNIX) as c:
                c.connect(f"{d}/incoming")
                c.sendall(b"QEVM")
                wait("the stream", lambda: e.command("query-migrate").get("status") == "active")
                said.append(yank(e, MIGRATION))
                said.append(e.p.wait(30))
    return said


ours = answers(str(build() / "qemu-system-ppc64"))
assert ours[-1] == 1 and ours[-7:-5] == ["failed", "running"], ours
if os.path.exists(PEER):
    theirs = answers(PEER)
    for n, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        assert mine == its, (n, mine, its)
    print(len(ours), "answers alike")
else:
    print(len(ours), "answers")
