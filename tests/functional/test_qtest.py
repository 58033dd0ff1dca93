#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The qtest protocol: the same lines for us and the peer; what the peer ends itself on; the clock; clients that misbehave."""
import pathlib, random, select, socket, subprocess, tempfile, time
from qmp import PEER, Emulator, build, wait

OURS = str(build() / "qemu-system-ppc64")
MACHINE = ["-M", "pseries-7.2,cap-htm=off", "-cpu", "POWER8", "-m", "256"]
CPU = "/machine/unattached/device[0]/thread[0]"


class Qtest:
    """An emulator (QMP beside) and its qtest connection."""

    def __init__(self, *args, binary=None):
        self.dir = tempfile.TemporaryDirectory()
        self.log = pathlib.Path(self.dir.name) / "log"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.dir.name + "/qtest")
        self.listener.listen(1)
        self.listener.settimeout(60)
        self.emulator = Emulator(*MACHINE, "-qtest", f"unix:{self.dir.name}/qtest", "-qtest-log", str(self.log), *args, binary=binary)
        self.socket, _ = self.listener.accept()
        self.socket.settimeout(60)
        self.lines = self.socket.makefile("rb")

    def ask(self, line):
        """The events before the answer, and that."""
        self.socket.sendall((line if isinstance(line, bytes) else line.encode()) + b"\n")
        return self.answer()

    def answer(self):
        got = []
        while not got or got[-1].startswith("IRQ "):
            text = self.lines.readline()
            assert text, ("the emulator ended", got, self.emulator.log.read_text()[-500:])
            got.append(text.decode("latin-1").rstrip("\n"))
        return got

    def ok(self, line):
        got = self.ask(line)
        assert got[-1].split()[0] == "OK", (line, got)
        return got[-1][3:]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.emulator.close()
        self.dir.cleanup()


BOTH = f"""endianness
endianness x y
writeq 0 0x1122334455667788
readb 0
readw 1
readl 2
readq 3
writeb 0 300
writew 2 0x12345
writel 4 -2
readq 0
writeb 010 7
writeb +9 1
readb 8
writel -1 0x01020304
readl -1
readq 0
readb 0x10 0x20
write 0x100 4 aabbccdd
read 0x100 4
write 0x100 4 0xaa
read 0x100 0x4
write 0x100 2 0xaabbccdd
write 0x104 4 0x1zz12z11
read 0x100 8
write 0x100 4 0xabc
read 0x100 4
write 0 0 0x
write 0 1 0x
write 0x100 1 x
memset 0x200 16 0x15a
read 0x200 17
memset 0x200 0 1
b64write 0x300 4 AAECAw==
b64read 0x300 4
b64write 0x300 3 AAECAw==
b64write 0x300 0 AAAA
b64read 0x300 3
b64read 0x300 0
b64write 0 4 
read 0xffffffe 4
readl 0x100000000000
read 0x100000000000 4
writel 0x100000000000 1
memset 0x100000000000 4 1
inb 0x3f8
inw 0
inl 0xfffd
inl 0xffff
inw 0xffff
inb 0xffff
outb 0 1
outw 0 -1
outl 0xffff 1
clock_step
clock_step 1000
clock_set 5
foo
READB 0
 readb 0
endianness\r
module_load x y
irq_intercept_in /machine/foo
irq_intercept_in foo
set_irq_in /machine/foo x 0 1
irq_intercept_in {CPU}
irq_intercept_in {CPU}
irq_intercept_out {CPU}
irq_intercept_in thread[0]
irq_intercept_in rtc
irq_intercept_out ics
set_irq_in {CPU} unnamed-gpio-in 0 1
set_irq_in {CPU} unnamed-gpio-in 0 1
set_irq_in thread[0] unnamed-gpio-in 0 0
set_irq_in thread[0] unnamed-gpio-in 0 0
rtas foo 0 0 8 0x1000
rtas get-time-of-day 4294967296 0 0 0x1000
rtas display-character 0 0 0 0
rtas ibm,set-xive 3 0x2000 1 0x3000
readl 0x3000
writeq 0x2000 0x100000000000
writel 0x2008 5
rtas ibm,set-xive 3 0x2000 1 0x3000
readl 0x3000
rtas ibm,get-xive 1 0x2000 3 0x3000
read 0x3000 12
rtas ibm,int-off 1 0x2000 1 0x3000
rtas ibm,get-xive 1 0x2000 3 0x3000 7
read 0x3000 12
rtas get-time-of-day 0 0 8 0xffffff0000000
rtas ibm,get-system-parameter 3 0x2000 1 0x3000
readl 0x3000
rtas query-cpu-stopped-state 1 0x5000 2 0x3000
readq 0x3000
rtas nvram-fetch 3 0x6000 2 0x3000
readl 0x3000
rtas event-scan 4 0x6000 1 0x3000
readl 0x3000""".split("\n")

# The peer ends itself on each of these: here the request fails, in words that name what is wrong, and the next one is answered.
REFUSED = ["", "readb", "readb zz", "readb  0", "writeb 0", "writeb 0x10zz 1", "writeb 0 1zz", "writeq 0 18446744073709551616", "read 0",
           "read 0 0", "read 0 -1", "read 0 0x7fffffff", "write 0 4", "write 0 0xffffffffffff 0xaa", "b64write 0 4", "b64write 0 zz AA==", "memset 0 4",
           "memset zz 4 1", "memset 0 zz 1", "memset 0 4 zz", "inb", "inb zz", "inb 0x10000", "outb 0", "outb 70000 1", "outb 0 zz", "module_load",
           "rtas", "rtas get-time-of-day 0 0 8", "rtas get-time-of-day zz 0 8 0", "irq_intercept_in", "irq_intercept_out", "set_irq_in",
           "irq_intercept_in /machine", "irq_intercept_in /", f"set_irq_in {CPU} unnamed-gpio-in 1 0", f"set_irq_in {CPU} foo 0 1",
           f"set_irq_in {CPU} unnamed-gpio-in zz 1", f"set_irq_in {CPU} unnamed-gpio-in 0 zz", "set_irq_in rtc unnamed-gpio-in 0 1",
           b"\xff\xfe", b"read\0b 0", b"\0"]


def random_lines(n):
    r = random.Random(2)
    for _ in range(n):
        at, size = r.choice([r.randrange(0x1000, 0x3000), r.randrange(0xfffffe0, 0x10000000)]), r.choice("bwlq")
        data = r.randbytes(r.randrange(1, 40))
        yield r.choice([f"read{size} {at}", f"write{size} {at:#x} {r.getrandbits(64)}", f"write {at} {len(data)} 0x{data.hex()}",
                        f"read {at} {len(data)}", f"memset {at} {len(data)} {data[0]}", f"b64read {at} {len(data)}"])


def compare():
    lines = BOTH + ["memset 0x1000 0x2000 0"] + list(random_lines(3000))
    with Qtest("-S") as ours, Qtest("-S", binary=PEER) as peer:
        for line in lines:
            a, b = ours.ask(line), peer.ask(line)
            assert a == b, (line, "ours", a, "peer", b)
        # the peer's log has an ERR without its time, and tells of base64 that does not fit
        logs = [[l.split("] ", 1)[-1] for l in q.log.read_bytes().decode().split("\n") if "b64write: data" not in l] for q in (ours, peer)]
        n = len(logs[1]) - 1        # its end is not written yet
        assert n > 1000 and logs[0][:n] == logs[1][:n], (n, [x for x in zip(*logs) if x[0] != x[1]][:3])
        assert logs[0][:3] == ["OPENED", "endianness", "OK big"], logs[0][:3]
        # a client that goes is noted, and the machine goes on
        for q in (ours, peer):
            q.lines.close()
            q.socket.close()
            if q is ours:
                wait("the end of the connection in the log", lambda: "CLOSED" in q.log.read_text())
            assert q.emulator.command("query-status")["status"] == "prelaunch"


def refused():
    with Qtest("-accel", "qtest") as q:
        for line in REFUSED:
            got = q.ask(line)
            assert len(got) == 1 and got[0].startswith("FAIL ") and len(got[0]) > 8, (line, got)
        assert q.ok("endianness") == "big"
        # many in one piece, one in many pieces
        q.socket.sendall(b"readb 0x8000000\n" * 500 + b"endi")
        time.sleep(0.1)
        q.socket.sendall(b"anness\n")
        assert all(q.answer() == ["OK 0x0000000000000000"] for _ in range(500)) and q.answer() == ["OK big"]
        data = random.Random(1).randbytes(4 << 20)
        q.ok(f"write 0x100000 {len(data)} 0x{data.hex()}")
        assert q.ok(f"read 0x100000 {len(data)}") == "0x" + data.hex()
        # a line without an end is not kept for ever
        chunk = b"x" * (1 << 20)
        for _ in range(130):
            q.socket.sendall(chunk)
        q.socket.sendall(b"\n")
        assert q.answer()[0].startswith("FAIL a request is at most"), q.answer()
        assert q.ok("endianness") == "big"


def clock():
    with Qtest("-accel", "qtest", "-rtc", "base=2020-02-29T23:59:50,clock=vm", "-smp", "2") as q:
        command = q.emulator.command
        assert command("query-status")["status"] == "running"
        assert [c["thread-id"] > 0 for c in command("query-cpus-fast")] == [True, True]

        def decrementer(cpu=0):
            text = command("human-monitor-command", **{"command-line": f"info registers", "cpu-index": cpu})
            return int(text.split("DECR ")[1].split()[0]), int(text.split("TB ")[1].split()[1])

        def time_of_day():
            q.ok("rtas get-time-of-day 0 0 8 0x3000")
            raw = bytes.fromhex(q.ok("read 0x3000 28")[2:])
            return [int.from_bytes(raw[i:i + 4], "big") for i in range(0, 28, 4)]

        assert q.ok("clock_step 0") == "0"
        assert time_of_day() == [0, 2020, 2, 29, 23, 59, 50]
        time.sleep(0.2)
        assert q.ok("clock_step 0") == "0", "the clock moved by itself"
        before = decrementer()
        assert q.ok("clock_step 1000000") == "1000000"
        after = decrementer()
        assert before[0] - after[0] == 512000 and after[1] - before[1] == 512000, (before, after)      # 512 MHz
        assert q.ok("clock_set 15000000000") == "15000000000"
        assert time_of_day() == [0, 2020, 3, 1, 0, 0, 5]
        assert q.ok("clock_set 5") == "15000000000", "a clock does not go back"
        assert q.ask("clock_step -1")[0].startswith("FAIL") and q.ask("clock_step zz")[0].startswith("FAIL")
        assert q.ask("clock_set")[0].startswith("FAIL")
        assert q.ok("clock_step") == "15000000000", "no timer is pending"
        at = 15000000000
        # run states: the clock goes on where the client says, timers wait
        command("stop")
        assert command("query-status")["status"] == "paused"
        assert q.ok("clock_step 1000") == str(at + 1000)
        command("cont")
        assert command("query-status")["status"] == "running"
        command("system_reset")
        assert q.ok("clock_step 1") == str(at + 1001)
        q.emulator.ask('{"execute": "quit"}')
        assert q.emulator.p.wait(60) == 0


def timers():
    """A guest as QEMU 2.6 saved it: its decrementer was armed when it arrived, and fires at its time and never before."""
    recording = pathlib.Path(__file__).resolve().parent.parent / "migration-compat/recordings/2.6-pseries-2.6-POWER8.mig.xz"
    payload = str(build() / "tests/guest/payload.bin")
    with Qtest("-accel", "qtest", "-M", "pseries-2.6", "-cpu", "POWER8", "-bios", payload, "-incoming", f"exec:xz -dc {recording}") as q:
        wait("the machine to be loaded", lambda: q.emulator.command("query-status")["status"] != "inmigrate")
        if q.emulator.command("query-status")["status"] == "paused":
            q.emulator.command("cont")

        def decrementer():
            text = q.emulator.command("human-monitor-command", **{"command-line": "info registers"})
            return int(text.split("DECR ")[1].split()[0])

        start, left = int(q.ok("clock_step 0")), decrementer()
        assert 0 < left < 1 << 31, left
        q.ok("clock_step 1000")
        assert decrementer() == left - 512
        end = int(q.ok("clock_step"))
        assert abs((end - start) * 512 // 1000 - left) <= 1 and decrementer() == (1 << 32) - 1, (start, end, left, decrementer())
        assert int(q.ok("clock_step")) == end, "a second timer"


def carried():
    """What only the platform knows goes from the peer to us and back: isolated connectors, a lit slot, events that nobody fetched."""
    def set_indicator(q, kind, index, value):
        for i, v in enumerate([kind, index, value]):
            q.ok(f"writel {0x2000 + 4 * i} {v}")
        q.ok("rtas set-indicator 3 0x2000 1 0x3000")
        assert int(q.ok("readl 0x3000"), 16) == 0, (kind, index, value)

    def look(q):
        """Sensors of connectors; whether another event is pending, fetching it."""
        answers = []
        for index in (0x10000000, 0x20000000, 0x20000001, 0x40000007):
            q.ok("writel 0x2000 9003")
            q.ok(f"writel 0x2004 {index}")
            q.ok("rtas get-sensor-state 2 0x2000 2 0x3000")
            answers.append(q.ok("read 0x3000 8"))
        for i, v in enumerate([0, 0x1000, 0xffffffff, 0, 0x4000, 128]):
            q.ok(f"writel {0x2000 + 4 * i} {v}")
        for _ in range(4):
            q.ok("memset 0x4000 128 0")
            q.ok("rtas check-exception 6 0x2000 1 0x3000")
            answers.append((q.ok("readl 0x3000"), q.ok("read 0x4000 128")))
        assert [int(a, 16) for a, _ in answers[-4:]] == [0, 0, 0, 1], answers
        return answers

    def save(q, path):
        q.emulator.command("migrate", uri=f"exec:cat > {path}")
        assert q.emulator.migrated()["status"] == "completed"

    def arrived(q):
        wait("the machine to arrive", lambda: q.emulator.command("query-status")["status"] not in ("inmigrate", "running"))

    with tempfile.TemporaryDirectory() as d:
        with Qtest("-S", binary=PEER) as peer:
            set_indicator(peer, 9001, 0x10000000, 0)
            set_indicator(peer, 9001, 0x20000000, 0)
            set_indicator(peer, 9003, 0x20000000, 0)
            set_indicator(peer, 9002, 0x40000007, 2)
            for _ in range(3):
                peer.emulator.command("system_powerdown")
            wait("three events", lambda: peer.emulator.command("query-status") and peer.emulator.events.count("POWERDOWN") == 3)
            save(peer, d + "/1")
            want = look(peer)
        with Qtest("-S", "-accel", "qtest", "-incoming", f"exec:cat {d}/1") as ours:
            arrived(ours)
            save(ours, d + "/2")
            assert look(ours) == want, (look(ours), want)
        with Qtest("-S", "-incoming", f"exec:cat {d}/2", binary=PEER) as peer:
            arrived(peer)
            assert look(peer) == want


def sources():
    """An extension: the lines that end in the source controller."""
    with Qtest("-accel", "qtest") as q:
        assert q.ask("irq_intercept_in /machine/ics") == ["OK"]
        assert q.ask("set_irq_in /machine/ics unnamed-gpio-in 7 1") == ["IRQ raise 7", "OK"]
        assert q.ask("set_irq_in /machine/ics unnamed-gpio-in 7 0") == ["IRQ lower 7", "OK"]
        q.emulator.command("system_powerdown")          # an event, its log fetched once
        assert [q.lines.readline() for _ in range(2)] == [b"IRQ raise 0\n", b"IRQ lower 0\n"]
        for i, v in enumerate([0, 0x1000, 0xffffffff, 0, 0x4000, 128]):
            q.ok(f"writel {0x2000 + 4 * i} {v}")
        for status in (0, 1):
            q.ok("rtas check-exception 6 0x2000 1 0x3000")
            assert int(q.ok("readl 0x3000"), 16) == status


def options():
    def says(*args):
        p = subprocess.run([OURS, "-nodefaults", "-display", "none", "-S", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=60)
        return p.returncode, p.stderr.strip().replace("qemu-system-ppc64: ", "")

    for args, want in [(["-qtest", "foo"], "'foo' is not a valid char driver\nFailed to initialize device for qtest: \"foo\""),
                       (["-qtest", "unix:/nowhere/x"], "Failed to connect to '/nowhere/x': No such file or directory\n"
                        "Failed to initialize device for qtest: \"unix:/nowhere/x\""),
                       (["-qtest", "chardev:a"], "Failed to initialize device for qtest: \"chardev:a\""),
                       (["-accel", "kvm"], "-accel kvm: invalid accelerator kvm"),
                       (["-machine", "accel=foo:bar"], "invalid accelerator foo\ninvalid accelerator bar"),
                       (["-machine", "accel="], "no accelerator found"),
                       (["-machine", "accel=tcg", "-accel", "tcg"], 'The -accel and "-machine accel=" options are incompatible'),
                       (["-accel", "foo,bar=1"], "-accel foo,bar=1: invalid accelerator foo"),
                       (["-accel", "tcg,foo=1"], "-accel tcg,foo=1: Property 'tcg-accel.foo' not found")]:
        assert says(*args) == (1, want), (args, says(*args))
        binary = subprocess.run([PEER, "-nodefaults", "-display", "none", "-S", *args], stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=60)
        assert want == "\n".join(l for l in binary.stderr.strip().replace("qemu-system-ppc64: ", "").split("\n") if "TCG doesn't" not in l), args
    assert says("-accel", "qtest,foo=1")[0] == 1
    assert "-icount" in says("-accel", "qtest", "-icount", "1")[1]
    for args in (["-machine", "pseries,accel=kvm:tcg"], ["-accel", "kvm", "-accel", "tcg"], ["-machine", "pseries,accel=kvm:qtest"]):
        with Emulator(*args) as e:
            assert e.command("query-status")["running"]
            assert f"falling back to {args[-1][-3:] if 'tcg' in args[-1] else 'qtest'}" in e.log.read_text()


for test in (compare, refused, clock, timers, carried, sources, options):
    print(test.__name__, flush=True)
    test()
