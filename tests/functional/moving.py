# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests that are moved between emulators, and how one says that it is alive: the counting payload, Linux with Debian's shell or our own.

A guest object is the guest on one emulator. `there = Kind(..., binary, "-incoming", uri)` is the same guest elsewhere.
"""
import pathlib, re, select, socket, sys, tempfile, time
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
import initrd
from guest import NETBOOT
from qmp import Emulator, build, wait

LINE = re.compile(r"C([0-9a-f]{8}) T([0-9a-f]{5}) B([0-9a-f]{8}) V([0-9a-f]{4}) S[0-9a-f]{8}/([0-9a-f]{4})")
PROBES = re.compile(r" P([0-9a-f]{4})([0-9a-f]{4})")
LEVELS = ("power7", "power8", "power9", "power10")      # what has as many of the payload's probes, and one more


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Payload:
    """
    payload.S, which checks registers, SPRs, SLB and pages each lap; C: laps, T: ticks, B, V, S/: what is not as it should be, P: which of its probes
    problem state has and which it has not. `negotiates`: a compatibility mode, that of a variant of its own.
    """
    memory, name = "256", "payload"

    def __init__(self, machine, cpu, smp, *args, binary=None, flaws=(), negotiates=None):
        self.flaws = {0, *flaws}        # values of B that an emulator on the way is known to make
        image = build() / f"tests/guest/payload{f'-{negotiates}' if negotiates else ''}.bin"
        self.emulator = Emulator("-M", machine, "-cpu", cpu, "-m", self.memory, "-smp", str(smp), "-bios", str(image), *args, binary=binary)

    def laps(self):
        """(laps, ticks) of the last line; everything so far has to be well."""
        lines = LINE.findall(self.emulator.text())
        for line in lines:
            assert int(line[2], 16) in self.flaws and int(line[3], 16) == 0 and int(line[4], 16) in {f & 0xffff for f in self.flaws}, \
                f"the guest found damage: {line}"
        return (int(lines[-1][0], 16), int(lines[-1][1], 16)) if lines else (0, 0)

    def lives(self, ticks=True, before=None):
        """It counts on, with its clock ticking (`ticks`)."""
        first = wait("the guest's first line", lambda: self.laps()[0] and self.laps())
        assert not before or first[0] >= before[0], f"it went back from lap {before[0]} to {first[0]}"
        wait("the guest to count on", lambda: self.laps()[0] > first[0])
        if ticks:
            wait("the guest's clock to tick", lambda: self.laps()[1] > first[1] + 3)
        return self.laps()

    def has_level(self, level):
        """Problem state of each processor has what `level` has, and no more."""
        ran = (2 << LEVELS.index(level)) - 1

        def said():
            found = PROBES.findall(self.emulator.text())
            return found and tuple(int(n, 16) for n in found[-1])
        try:
            wait(f"problem state to have what {level} has", lambda: said() == (ran, ran ^ 15), 20)
        except AssertionError as e:
            raise AssertionError(f"{e}: {said()}") from None

    def close(self):
        self.emulator.close()


class Churn:
    """churn.c, which writes and checks all of its memory for ever: M: looks of all processors, B: bad words, S: of the laziest, G: writes."""
    memory, name = "256", "churn"
    LINE = re.compile(r"M([0-9a-f]{16}) B([0-9a-f]{16}) S([0-9a-f]{16}) G([0-9a-f]{16})")

    def __init__(self, machine, cpu, smp, *args, binary=None, flaws=(), negotiates=None):
        self.emulator = Emulator("-M", machine, "-cpu", cpu, "-m", self.memory, "-smp", str(smp), "-bios", str(build() / f"tests/guest/{self.name}.bin"),
                                 *args, binary=binary)

    def looks(self):
        """(of all, of the laziest processor) of the last line; everything so far has to be well."""
        lines = self.LINE.findall(self.emulator.text())
        for line in lines:
            assert int(line[1], 16) == 0, f"the guest found damage: {line}: {self.emulator.text()[-1000:]}"
        return (int(lines[-1][0], 16), int(lines[-1][2], 16)) if lines else (0, 0)

    def lives(self, ticks=True, before=None):
        first = wait("the guest's first line", lambda: self.looks()[0] and self.looks())
        assert not before or first[0] >= before[0], f"it went back from look {before[0]} to {first[0]}"
        wait("every processor of the guest to count on", lambda: self.looks()[0] > first[0] and self.looks()[1] > first[1])
        return self.looks()

    def close(self):
        self.emulator.close()


class Calls(Churn):
    """calls.c, whose RTAS calls are the first to touch pages."""
    name = "calls"


class Linux:
    """Linux with a shell; it answers, its time goes on, sleep ends, nothing is wrong in its log. Debian's by default, whose programs want a POWER8."""
    memory, name = "512", "linux"
    kernel, initrd, least = NETBOOT / "vmlinux", NETBOOT / "initrd.gz", "POWER8"
    WORDS = ("lockup", "Oops", "BUG:", "Call Trace", "stall")

    def __init__(self, machine, cpu, smp, *args, binary=None, flaws=(), negotiates=None):
        self.dir = tempfile.TemporaryDirectory()
        path = self.dir.name + "/console"
        self.emulator = Emulator("-M", machine, "-cpu", cpu, "-m", self.memory, "-smp", str(smp), "-kernel", str(self.kernel), "-initrd",
                                 str(self.initial()), "-append", "console=hvc0 rdinit=/bin/sh loglevel=4", *args, binary=binary,
                                 serial=f"unix:{path},server=on,wait=off")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.out, self.count = "", 0
        if "-incoming" not in args:
            self.until("# ")
            self.run("mount -t proc p /proc; echo ready=$((1+1))", "ready=2")
            self.begin(smp)

    def initial(self):
        """What holds /bin/sh."""
        return self.initrd

    def begin(self, smp):
        """What it does besides answering."""

    def until(self, text, timeout=240, start=0):
        end = time.time() + timeout
        while text not in self.out[start:]:
            assert time.time() < end, f"no {text!r} in {timeout} s: {self.out[-2000:]}"
            if select.select([self.socket], [], [], 1)[0]:
                self.out += self.socket.recv(65536).decode(errors="replace")

    def run(self, command, answer):
        start = len(self.out)
        for i in range(0, len(command) + 1, 8):
            self.socket.sendall((command + "\n")[i:i + 8].encode())
            time.sleep(0.03)
        self.until(answer, start=start)
        return self.out[start:]

    def uptime(self):
        self.count += 1
        text = self.run(f"cat /proc/uptime; echo here=$(({self.count}+100))", f"here={self.count + 100}")
        found = re.search(r"^(\d+\.\d\d) \d+\.\d\d\r?$", text, re.M)
        assert found, text
        return float(found[1])

    def lives(self, ticks=True, before=None):
        now = self.uptime()
        assert not before or now > before, f"time went back from {before} to {now}"
        self.run(f"sleep 1; echo slept=$(({self.count}+200))", f"slept={self.count + 200}")
        last = self.uptime()
        assert last > now + 1, f"a second's sleep took {last - now} s"
        for word in self.WORDS:
            assert word not in self.out, self.out
        return last

    def has_level(self, level):
        """It runs in the mode of that name, on each processor."""
        self.count += 1
        text = self.run(f"grep ^cpu /proc/cpuinfo; echo here=$(({self.count}+300))", f"here={self.count + 300}")
        found = re.findall(r"^cpu\s*: ([^\r\n]*)", text, re.M)
        assert found and all(f.startswith(level.upper() + " (architected)") for f in found), f"in place of {level}: {found or text}"

    def close(self):
        self.emulator.close()
        self.socket.close()
        self.dir.cleanup()


class Shell(Linux):
    """The kernel with shell.c, which a POWER7 runs, too; one process more than there are processors works, and checks what it finds."""
    name, least = "shell", "POWER7"
    LAPS = re.compile(r"laps=(\d+) least=(\d+) bad=(\d+) where=(\d+)")

    def initial(self):
        return initrd.write(self.dir.name + "/initrd.gz", initrd.basics() | {
            "bin": (0o040755, b""), "bin/sh": (0o100755, (build() / "tests/guest/shell.elf").read_bytes())})

    def begin(self, smp):
        self.run(f"load {smp + 1}; echo working=$((2+2))", "working=4")

    def laps(self):
        """What the laziest process has done; nothing may have been wrong so far."""
        self.count += 1
        text = self.run(f"laps; echo here=$(({self.count}+400))", f"here={self.count + 400}")
        found = self.LAPS.search(text)
        assert found and found[3] == "0", f"the guest found damage: {text}"
        return int(found[2])

    def lives(self, ticks=True, before=None):
        first = self.laps()
        last = super().lives(ticks, before)
        wait("every process of the guest to work on", lambda: self.laps() > first)
        return last


def move_live(here, make):
    """make("-incoming", uri) starts the destination, which is returned, with the source's last word; the source is closed."""
    uri = f"tcp:127.0.0.1:{port()}"
    there = make("-incoming", uri)
    try:
        result = _send(here, uri, there)
    except BaseException:
        there.close()
        raise
    here.close()
    return _arrived(there), result


def move_by_file(here, make):
    with tempfile.NamedTemporaryFile() as f:
        result = _send(here, f"exec:cat >{f.name}")
        here.close()
        return _arrived(make("-incoming", f"exec:cat {f.name}")), result


def _send(here, uri, there=None):
    here.emulator.command("migrate", uri=uri)
    result = here.emulator.migrated()
    assert result["status"] == "completed", f"the source says {result}; the destination: {there.emulator.log.read_text() if there else '-'}"
    return result


def _arrived(there):
    """What is typed while it still loads would be overwritten by the console's saved buffer."""
    def running():
        assert there.emulator.p.poll() is None, f"the destination ended: {there.emulator.log.read_text()}"
        return there.emulator.command("query-status")["status"] == "running"
    try:
        wait("the destination", running)
    except BaseException as e:
        log = there.emulator.log.read_text()
        there.close()
        raise AssertionError(f"{e}: {log}") from None
    return there
