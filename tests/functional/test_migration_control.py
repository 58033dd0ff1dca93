# SPDX-License-Identifier: GPL-2.0-or-later
"""What a migration can be told and what it tells: states and events, the pause before the switch, cancelling, a second try, what both sides
have to agree on, with Debian's QEMU 7.2 on either side.
"""
import json, os, pathlib, re, socket, tempfile, time
from moving import Payload, port as free_port
from qmp import Emulator, PEER, build, wait

UUIDS = ["11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555556"]
MACHINE, CPU = "pseries-2.6,cap-htm=off", "POWER8"
PAYLOAD = str(build() / "tests/guest/payload.bin")
SIDES = [None, PEER] if os.path.exists(PEER) else [None]


def guest(*args, binary=None):
    return Emulator("-M", MACHINE, "-cpu", CPU, "-m", "256", "-bios", PAYLOAD, *args, binary=binary)


def name(binary):
    return "peer" if binary else "ours"


def switch_on(g, *capabilities):
    g.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in capabilities])


def status(g):
    return g.command("query-migrate").get("status")


def reaches(g, *states):
    return wait(f"status {states}", lambda: status(g) if status(g) in states else None)


def error(g, command, **arguments):
    return g.ask(json.dumps({"execute": command, "arguments": arguments}))["error"]["desc"]


def states(g):
    g.command("query-status")
    return [e["data"]["status"] for e in g.told if e["event"] == "MIGRATION"]


def pause_before_switchover():
    """Stops for a client before the switch; the guest goes on if that client cancels, and goes over if it continues."""
    for binary in SIDES:
        with guest(binary=binary) as g, tempfile.TemporaryDirectory() as d:
            switch_on(g, "events", "pause-before-switchover")
            assert error(g, "migrate-continue", state="pre-switchover") == "Migration not in expected state: none"
            g.command("migrate", uri=f"exec:cat > {d}/a")
            reaches(g, "pre-switchover")
            assert g.command("query-status") == {"status": "finish-migrate", "singlestep": False, "running": False}
            assert "ram" in g.command("query-migrate") and "Migration status: pre-switchover" in hmp(g, "info migrate")
            assert error(g, "migrate-continue", state="device") == "Migration not in expected state: pre-switchover"
            assert error(g, "migrate", uri="tcp:x:1") == "There's a migration process in progress"
            assert error(g, "cont") == "Migration is not finalized yet" and hmp(g, "cont") == "Error: Migration is not finalized yet\r\n"
            g.command("stop")
            assert g.command("query-status")["status"] == "finish-migrate"
            assert error(g, "migrate-set-capabilities", capabilities=[]) == "There's a migration process in progress"
            assert "not in expected state" in hmp(g, "migrate_continue device") and "invalid" in hmp(g, "migrate_continue x")
            if not binary:      # the peer's guest stays where it is stopped, and cannot be moved any more
                g.command("migrate_cancel")
                reaches(g, "cancelled")
                wait("the guest to run", lambda: g.command("query-status")["running"])
                g.command("migrate", uri=f"exec:cat > {d}/a")
                reaches(g, "pre-switchover")
            g.command("migrate-continue", state="pre-switchover")
            reaches(g, "completed")
            assert states(g)[-5:] == ["setup", "active", "pre-switchover", "device", "completed"], states(g)
            assert g.command("query-status")["status"] == "postmigrate"
            for other in SIDES:
                with guest("-incoming", f"exec:cat {d}/a", binary=other) as h:
                    wait("the guest to run", lambda: h.command("query-status")["running"])
        print(name(binary), "waits before the switch")


def hmp(g, line):
    return g.command("human-monitor-command", **{"command-line": line})


def agreements():
    """UUID and capabilities travel in the head of the stream; what does not agree is refused, whoever sent it."""
    with tempfile.TemporaryDirectory() as d:
        for binary in SIDES:
            for which, capability in (("uuid", "validate-uuid"), ("shared", "x-ignore-shared"), ("plain", "events")):
                with guest("-S", "-uuid", UUIDS[0], binary=binary) as g:
                    switch_on(g, capability)
                    g.command("migrate", uri=f"exec:cat > {d}/{name(binary)}-{which}")
                    reaches(g, "completed")
        def head(stream):
            """What stands before the first section, and how "ram" starts, without the sections' numbers; their order is another matter."""
            ram = stream.index(b"\x03ram")
            return stream[:min(ram, stream.index(b"\nspapr/htab")) - 5], stream[ram:stream.index(b"\x7e", ram)]
        heads = {n: head((pathlib.Path(d) / n).read_bytes()) for n in os.listdir(d)}
        for which in ("uuid", "shared", "plain"):
            assert len({heads[f"{name(b)}-{which}"] for b in SIDES}) == 1, (which, heads)

        def load(file, binary, *capabilities, uuid=UUIDS[0]):
            """What it says, or None: it has it."""
            with guest("-S", "-incoming", "defer", *(("-uuid", uuid) if uuid else ()), binary=binary) as g:
                if capabilities:
                    switch_on(g, *capabilities)
                g.command("migrate-incoming", uri=f"exec:cat {d}/{file}")
                try:
                    reaches(g, "completed")
                    return None
                except (AssertionError, OSError, ValueError):
                    g.p.wait(60)
                    assert g.p.returncode == 1, (file, g.p.returncode)
                    return g.log.read_text()
        for source in SIDES:
            for binary in SIDES:
                n = name(source)
                assert load(n + "-uuid", binary) is None and load(n + "-uuid", binary, uuid=None) is None
                said = load(n + "-uuid", binary, uuid=UUIDS[1])
                assert UUIDS[0] in said and UUIDS[1] in said, said
                assert load(n + "-shared", binary, "x-ignore-shared") is None
                assert "Capability x-ignore-shared is off, but received capability is on" in load(n + "-shared", binary)
                assert "Capability x-ignore-shared is on, but received capability is off" in load(n + "-plain", binary, "x-ignore-shared")
    print("UUID and capabilities have to agree")


def cancelling():
    """Whatever it is at: connecting, sending to one that does not read, waiting for a command. The guest runs on, and can be moved afterwards."""
    sink = socket.socket()
    sink.bind(("127.0.0.1", 0))
    sink.listen()
    with guest() as g, tempfile.TemporaryDirectory() as d:
        switch_on(g, "events")
        for uri, at in ((f"tcp:127.0.0.1:{sink.getsockname()[1]}", "active"), ("exec:sleep 1000", "active"), ("exec:cat >/dev/null; sleep 1000", "device")):
            g.command("migrate-set-parameters", **{"max-bandwidth": 100000 if at == "active" else 0})
            g.command("migrate", uri=uri)
            reaches(g, at)
            g.command("migrate_cancel")
            reaches(g, "cancelled")
            wait("the guest to run", lambda: g.command("query-status")["running"])
        for uri, said in (("tcp:127.0.0.1:1", "refused"), ("exec:exit 3", ""), ("exec:head -c 100000 >/dev/null; exit 1", ""), ("unix:/nonexistent/x", "No such file")):
            g.command("migrate", uri=uri)
            reaches(g, "failed")
            assert said in g.command("query-migrate")["error-desc"], g.command("query-migrate")
            wait("the guest to run", lambda: g.command("query-status")["running"])
        g.command("migrate", uri=f"exec:cat > {d}/a")
        reaches(g, "completed")
        g.command("cont")       # the other side was never started
        g.command("migrate", uri=f"exec:cat > {d}/a")
        reaches(g, "completed")
        assert "[" + "#" * 30 + "] 100%" in hmp(g, "info migrate")
        assert "Can't migrate the vm that was paused" in error(g, "migrate", uri=f"exec:cat > {d}/a")
    sink.close()
    print("cancelled in three states, failed in four ways, moved again")


def refusing_destination():
    """It says no when memory has gone already: the source's guest goes on."""
    for binary in SIDES:
        port = free_port()
        with guest() as g, guest("-incoming", f"tcp:127.0.0.1:{port}", binary=binary) as bad:
            g.command("migrate-set-parameters", **{"max-bandwidth": 1 << 20})
            g.command("migrate", uri=f"tcp:127.0.0.1:{port}")
            reaches(g, "active")
            bad.p.kill()
            bad.p.wait()
            reaches(g, "failed")
            wait("the guest to run", lambda: g.command("query-status")["running"])
        with guest() as g, Emulator("-M", MACHINE, "-cpu", "POWER7", "-m", "256", "-bios", PAYLOAD, "-incoming", f"tcp:127.0.0.1:{port}", binary=binary) as bad:
            g.command("migrate", uri=f"tcp:127.0.0.1:{port}")
            reaches(g, "failed")
            bad.p.wait(60)
            wait("the guest to run", lambda: g.command("query-status")["running"])
    print("the guest goes on when the destination dies or refuses")


def forms_of_addresses():
    """URIs, the same as channels, descriptors that a client passed, a file from an offset on: each way there and back again."""
    with tempfile.TemporaryDirectory() as d, guest() as g:
        def main(**addr):
            return [{"channel-type": "main", "addr": addr}]
        for given in (dict(uri=f"file:{d}/f,offset=0x1000"), dict(channels=main(transport="file", filename=f"{d}/f", offset=0x2000)), dict(uri="fd:it"),
                      dict(channels=main(transport="socket", type="fd", str="it")), dict(uri="file:/dev/fdset/3"),
                      dict(channels=main(transport="exec", args=["/bin/sh", "-c", f"cat > {d}/f"])), dict(uri=f"unix:{d}/s"),
                      dict(channels=main(transport="socket", type="unix", path=f"{d}/s"))):
            live = f"{d}/s" in json.dumps(given)
            pathlib.Path(d, "f").write_bytes(b"x" * 0x3000)
            with guest("-S", "-incoming", f"unix:{d}/s" if live and "uri" not in given else "defer") as h:
                if live and "uri" in given:
                    h.command("migrate-incoming", channels=main(transport="socket", type="unix", path=f"{d}/s"))
                passed = '"it"' in json.dumps(given) or "fd:" in json.dumps(given) or "fdset" in json.dumps(given)
                if passed:
                    hand_over(g, f"{d}/f", os.O_WRONLY)
                g.command("migrate", **given)
                result = g.migrated()
                assert result["status"] == "completed", (given, result)
                assert live or "offset" not in json.dumps(given) or pathlib.Path(d, "f").read_bytes()[:0x1000] == b"x" * 0x1000
                if not live:
                    if passed:
                        hand_over(h, f"{d}/f", os.O_RDONLY)
                    back = json.loads(json.dumps(given).replace("cat >", "cat "))
                    h.command("migrate-incoming", **back)
                reaches(h, "completed")
            g.command("cont")
        for given, said in ((dict(uri="fd:other"), "File descriptor named 'other' has not been found"), (dict(), "'uri' is missing"),
                            (dict(uri="fd:x", channels=[]), "both say where"), (dict(channels=[]), "no entry"), (dict(uri="nonsense:x"), "valid migration protocol"),
                            (dict(channels=main(transport="file")), "'addr.filename' is missing"), (dict(channels=main(transport="rdma")), "does not accept value"),
                            (dict(channels=main(transport="socket", type="inet", host="x", port="y")), "HOST:PORT is wanted")):
            assert said in error(g, "migrate", **given), (given, error(g, "migrate", **given))
    with guest("-S", "-incoming", '{"channel-type": "main", "addr": {"transport": "exec", "args": ["/bin/sleep", "5"]}}') as h:
        h.p.wait(60)
        assert "the stream ended" in h.log.read_text() or "load of migration failed" in h.log.read_text(), h.log.read_text()
    with guest() as g:
        g.command("migrate-set-parameters", **{"tls-creds": "it"})
        g.command("migrate", uri="exec:cat >/dev/null")
        reaches(g, "failed")
        assert g.command("query-migrate")["error-desc"].startswith("No TLS credentials with id 'it'"), "in clear"
        g.command("migrate-set-parameters", **{"tls-creds": ""})
        g.command("migrate", uri="exec:cat >/dev/null")
        reaches(g, "completed")
    print("URIs and channels")


def hand_over(g, path, way):
    """The file as the descriptor "it", and in the set 3."""
    for command in ({"execute": "getfd", "arguments": {"fdname": "it"}}, {"execute": "add-fd", "arguments": {"fdset-id": 3}}):
        fd = os.open(path, way | (os.O_TRUNC if way == os.O_WRONLY else 0))
        if command["execute"] == "add-fd" and g.command("query-fdsets"):
            g.command("remove-fd", **{"fdset-id": 3})
        socket.send_fds(g.socket, [json.dumps(command).encode() + b"\n"], [fd])
        os.close(fd)
        while "return" not in (answer := json.loads(g.lines.readline())):
            assert "event" in answer, answer


def descriptors():
    """The same questions about descriptors to both."""
    said = []
    for binary in SIDES:
        with guest("-S", binary=binary) as g:
            answers = []

            def ask(command, count=0, **arguments):
                message = json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n"
                with open("/dev/null") as null:
                    socket.send_fds(g.socket, [message], [null.fileno()] * count) if count else g.socket.sendall(message)
                while "event" in (answer := json.loads(g.lines.readline())):
                    pass
                if isinstance(answer.get("return"), dict):
                    answer["return"].pop("fd", None)
                answers.append((command, arguments, answer))
            for n in (0, 1, 1):
                ask("getfd", n, fdname="x")
            ask("getfd", 1, fdname="9x")
            ask("getfd", 0, fdname="z")
            ask("getfd", 2, fdname="y")
            ask("query-name", 1)
            ask("getfd", 0, fdname="z")
            for n in "xxq":
                ask("closefd", fdname=n)
            ask("add-fd")
            ask("add-fd", 1)
            ask("add-fd", 1, **{"fdset-id": 3, "opaque": "hi"})
            ask("add-fd", 1, **{"fdset-id": -1})
            ask("add-fd", 1, opaque="x")
            ask("remove-fd", **{"fdset-id": 9})
            ask("remove-fd", **{"fdset-id": 3, "fd": 999})
            said.append(answers)
    assert len(said) == 1 or said[0] == said[1], [(a, b) for a, b in zip(*said) if a != b]
    print(len(said[0]), "questions about descriptors")


def auto_converge():
    """A guest that writes faster than may be sent: its processors are slowed down until it is over, and run as fast as ever afterwards."""
    watched = str((build() / "tests/guest/memory.bin").resolve())
    with Emulator("-M", MACHINE, "-cpu", CPU, "-m", "256", "-bios", watched, "-name", "d16") as g:
        def laps():
            return g.text().count("LAP")

        def rate():
            """Laps a second of real time."""
            first, start = laps(), time.time()
            time.sleep(1.5)
            return (laps() - first) / (time.time() - start)
        wait("the guest to begin", lambda: laps() > 5)
        switch_on(g, "auto-converge")
        g.command("migrate-set-parameters", **{"max-bandwidth": 8 << 20, "downtime-limit": 1, "cpu-throttle-initial": 95, "cpu-throttle-increment": 2,
                                               "cpu-throttle-tailslow": True, "max-cpu-throttle": 97})
        before = rate()
        g.command("migrate", uri="exec:cat >/dev/null")
        seen = wait("the guest to be slowed down", lambda: g.command("query-migrate").get("cpu-throttle-percentage") if status(g) in ("setup", "active") else 1)
        assert 95 <= seen <= 97, (seen, g.command("query-migrate"))
        during = rate()
        text = hmp(g, "info migrate")
        assert "cpu throttle percentage: 9" in text and "MiB/s" in text and re.search(r"progress: \[[#.]{30}\] \d+%, pass \d+", text), text
        g.command("migrate_cancel")
        reaches(g, "cancelled")
        assert "cpu-throttle-percentage" not in g.command("query-migrate")
        after = rate()
        assert during < before / 2 and after > 1.5 * during, (before, during, after)
        assert "BAD 0000000000000000" in g.text() and not re.search(r"BAD 0*[1-9a-f]", g.text())
    print(f"slowed down from {before:.1f} to {during:.1f} laps a second, then {after:.1f}")


def switchover_ack():
    """The guest is not stopped before the destination said that it may be."""
    for says in (True, False):
        uri = f"tcp:127.0.0.1:{free_port()}"
        with guest() as g, guest("-incoming", "defer") as there:
            switch_on(g, "return-path", "switchover-ack")
            switch_on(there, "return-path", *["switchover-ack"] * says)
            there.command("migrate-incoming", uri=uri)
            g.command("migrate", uri=uri)
            if says:
                assert g.migrated()["status"] == "completed"
                continue
            wait("all of memory to be sent", lambda: g.command("query-migrate").get("ram", {}).get("dirty-sync-count", 0) > 3)
            assert status(g) == "active" and g.command("query-status")["running"]
            g.command("migrate_cancel")
            reaches(g, "cancelled")
            assert g.command("query-status")["running"]
    print("waits for the destination's word before it stops the guest")


def slow_command():
    """Who the stream was given to may take a while over it: complete is the move when he is done, but that is not counted as its time."""
    for binary in SIDES:
        with guest(binary=binary) as g:
            began = time.monotonic()
            g.command("migrate", uri="exec:cat >/dev/null; sleep 3")
            result = g.migrated()
            waited = time.monotonic() - began
            assert result["status"] == "completed" and result["total-time"] <= 1000 * waited - 2500, (name(binary), waited, result)
            assert result["downtime"] <= result["total-time"], result
    print("a command that takes its time is waited for, and its time not counted")


def stopped_meanwhile(rounds=60):
    """The machine is stopped and let go on while it is being stopped for the last part: no processor runs where it is thought to stand still."""
    g = Payload(MACHINE, CPU, 4)
    try:
        g.lives()
        for _ in range(rounds):
            g.emulator.command("migrate", uri="exec:cat >/dev/null")
            while status(g.emulator) not in ("completed", "failed"):
                for name in ("stop", "cont") * 3:           # refused at the very end
                    g.emulator.ask(json.dumps({"execute": name}))
            assert status(g.emulator) == "completed"
            g.emulator.ask(json.dumps({"execute": "cont"}))

        def laps():
            return [g.emulator.command("human-monitor-command", **{"command-line": f"xp/1gx {0x20000 + 0x8000 * i:#x}"}) for i in range(4)]
        before = laps()
        wait("all processors to go on", lambda: all(a != b for a, b in zip(before, laps())))
        g.lives()
    finally:
        g.close()
    print("stopped while being stopped,", rounds, "times")


def zero_copy():
    """Where the host cannot, the peer's words; what does not go with it is a matter of test_migration_options.py."""
    for binary in SIDES:
        with guest(binary=binary) as g, tempfile.TemporaryDirectory() as d, guest("-incoming", f"unix:{d}/s"):
            switch_on(g, "multifd", "zero-copy-send")
            assert error(g, "migrate-set-parameters", **{"multifd-compression": "zlib"}) == "Zero copy only available for non-compressed non-TLS multifd migration"
            g.command("migrate", uri=f"unix:{d}/s")
            why = g.migrated()["error-desc"]
            assert why.startswith("Zero copy send feature not detected in host kernel"), why
    print("zero-copy-send over unix: is refused:", why)


if __name__ == "__main__":
    pause_before_switchover()
    agreements()
    cancelling()
    refusing_destination()
    forms_of_addresses()
    descriptors()
    switchover_ack()
    slow_command()
    stopped_meanwhile()
    zero_copy()
    auto_converge()
