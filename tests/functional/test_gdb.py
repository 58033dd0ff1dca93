# SPDX-License-Identifier: GPL-2.0-or-later
"""The debugger's server: raw packets answered as the peer answers them, nonsense survived, sessions of gdb-multiarch.

usage: test_gdb.py BUILD-FOLDER [peer|nonsense|sessions|linux]; all of them by default
"""
import os, pathlib, random, re, shutil, socket, subprocess, sys, tempfile, threading, time
from gdb import Remote
from guest import NETBOOT, Guest, skip
from qmp import PEER, Emulator, build, wait

DEBUGGER = shutil.which("gdb-multiarch")
IMAGES = {order: (build() / f"tests/guest/debug-{order}.{{}}").resolve() for order in ("big", "little")}
MACHINE = ["-M", "pseries-2.12,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off", "-m", "256", "-smp", "2"]


def image(order, kind):
    return str(IMAGES[order]).format(kind)


class Debugged(Emulator):
    def __init__(self, *args, order="big", cpu="POWER8", binary=None):
        self.sockets = tempfile.TemporaryDirectory()
        self.address = self.sockets.name + "/gdb"
        super().__init__(*MACHINE, "-cpu", cpu, "-bios", image(order, "bin"), "-gdb", f"unix:{self.address},server=on,wait=off", *args,
                         binary=binary)

    def status(self):
        return self.command("query-status")["status"]

    def close(self):
        super().close()
        self.sockets.cleanup()


def symbols(order):
    with open(image(order, "elf"), "rb") as f:
        elf = f.read()
    end = "big" if elf[5] == 2 else "little"

    def num(at, n):
        return int.from_bytes(elf[at:at + n], end)
    sections = [num(40, 8) + i * num(58, 2) for i in range(num(60, 2))]
    for s in sections:
        if num(s + 4, 4) == 2:
            table, size, strings = num(s + 24, 8), num(s + 32, 8), num(sections[num(s + 40, 4)] + 24, 8)
            return {elf[strings + num(e, 4):elf.index(b"\0", strings + num(e, 4))].decode(): num(e + 8, 8)
                    for e in range(table, table + size, 24)}
    raise AssertionError("no symbols")


def features(g):
    """What the description says: (name, number, bits, type, group), in order."""
    def file(name):
        text = ""
        while True:
            part = g.ask(f"qXfer:features:read:{name}:{len(text):x},7f0")
            text += part[1:]
            if part[0] != "m":
                return text
    target = file("target.xml")
    found, n = [], 0
    for name in re.findall('href="([^"]*)"', target):
        text = re.sub(r"<!--.*?-->", "", file(name), flags=re.S)
        found.append(re.search('feature name="[^"]*"', text).group())
        found += re.findall(r"<(?:vector|union|field) [^>]*>", text)
        for r in re.findall(r"<reg ([^/]*)/>", text):
            a = dict(re.findall(r'(\w+)="([^"]*)"', r))
            n = int(a.get("regnum", n))
            found.append((a["name"], n, a["bitsize"], a.get("type"), a.get("group")))
            n += 1
    return [target] + found


# ---- the peer ----

STOPPED = """?
qSupported:multiprocess+;swbreak+
qC
vCont?
vMustReplyEmpty
QStartNoAckMode
qOffsets
qSymbol::
qTStatus
qfThreadInfo
qsThreadInfo
qsThreadInfo
qsThreadInfo
qThreadExtraInfo,p1.1
qThreadExtraInfo,p01.02
qThreadExtraInfo,zz
qAttached
qAttached:1
qXfer:features:read:nofile.xml:0,10
qXfer:features:read:power64-core.xml
qXfer:features:read:power64-core.xml:zz,10
qXfer:features:read:power64-core.xml:0,0
qXfer:features:read:power64-core.xml:100000,10
qXfer:memory-map:read::0,10
Hg0
Hgp0.0
Hgp1.1
Hgp1.2
Hgp1.3
Hgp2.1
Hgp1.-1
Hgp-1.-1
Hc-1
Hc0
Hc2
Hc3
Hc1
Hx1
H
Hg
Hgzz
Hg1
T1
T2
T3
Tp1.1
Tp1.3
T
Tzz
p0
p1f
p20
p40
p46
p47
pzz
p
pfff
P0=0102030405060708
p0
P0
P=1
g
m100,10
m100
m
m0,0
m100,800
m100,801
mffffffffffff,4
m10000000,4
mfffffff,4
m20000000,4
m8000000000000100,4
M5000,4:01020304
m5000,4
M5000,2:01
M5000,1
X5000,0:
Z0,5000,4
z0,5000,4
z0,5000,4
Z1,5000,4
z1,5000,4
Z2,5000,0
Z2,ffffffffffffffff,2
Z2,5000,1
Z3,5000,4
Z4,5000,8
z2,5000,1
z3,5000,4
z3,5000,4
z4,5000,4
z4,5000,8
Z5,5000,4
Z0,5000
Z0
Z
Zx,5000,4
Z0,zz,4
Z0,1000000000000,4
z0,1000000000000,4
qqemu.sstepbits
qqemu.sstep
Qqemu.sstep=1
qqemu.sstep
qqemu.sstep=zz
Qqemu.sstep=0x7
qqemu.sstep
Qqemu.sstep=17
qqemu.Supported
qqemu.PhyMemMode
Qqemu.PhyMemMode:1
m5000,4
qqemu.PhyMemMode
Qqemu.PhyMemMode:0
Qqemu.PhyMemMode:
qqemu.PhyMemMode
qRcmd,
qRcmd,6
qRcmd
vCont;x
vCont;
vCont;s:p1.3
vCont;c:p2.1
vCont;t:p1.1
vAttach
vAttach;1
vAttach;2
vKill
vFile:open:00
!
R
R0
F
i
qFoo
QFoo

szz
D
?""".split("\n")
# Where we answer otherwise: what the peer says, why we do not.
ELSEWHERE = {
    "F": "the peer takes this answer to a question that it never asked for a continue",
}


def step_around(g):
    """Steps over whatever an instruction can do; where each ends."""
    def write(at, *words):
        text = "".join(f"{w:08x}" for w in words)
        answer = g.ask(f"M{at:x},{len(text) // 2:x}:{text}")
        assert answer == "OK", (at, answer)
    said = []
    write(0x700, 0x4c000024)
    write(0xc00, 0x60000000, 0x60000000)
    # illegal, sc, trap, ld, li, sc 1, b ., then li 3,H_CEDE; sc 1
    write(0x5000, 0, 0x44000002, 0x7fe00008, 0xe8600000, 0x38600001, 0x44000022, 0x48000000, 0x386000e0, 0x44000022)
    for i in range(7):
        g.ask(f"P40={0x5000 + 4 * i:016x}")
        said += [g.ask("s"), g.ask("p40"), g.ask("p41"), g.ask("pb3")]
    # a step ignores a breakpoint at its own address, and nothing else does
    for packet in ("Z0,5018,4", "s", "p40", "P40=0000000000005010", "c", "p40", "c", "p40", "z0,5018,4", "Z1,c00,4", "P40=0000000000005004", "c", "p40",
                   "P40=0000000000005004", "s", "p40", "s", "p40", "z1,c00,4", "s5010", "p40", "P40=000000000000501c", "s", "s", "p40",
                   "qThreadExtraInfo,1"):
        said.append((packet, g.ask(packet)))
    # byte order follows MSR[LE]
    for packet in ("P41=8000000000000003", "p41", "P0=0102030405060708", "p0", "P42=01020304", "p42", "P68=000102030405060708090a0b0c0d0e0f", "p68",
                   "P8a=0102030405060708", "P67=00000010", "p67", "g", "P41=0200000000000080", "p41", "p0", "p42", "p68", "p8a", "p67",
                   "P41=ffffffffffffffff", "p41", "P41=0200000000000080"):
        said.append((packet, g.ask(packet)))
    return said


def drive(binary, order):
    """Continue, stop, break, watch; with the run state and the events after each."""
    s = symbols(order)
    said = []
    with Debugged("-S", order=order, binary=binary) as e, Remote(e.address) as g:
        def note(*what):
            state = e.status()
            said.append((*what, state, e.events[:]))
            e.events.clear()
        for packet in ("qSupported:multiprocess+", "?", "qXfer:features:read:target.xml:0,ffb", "Hc1", "s", "vCont;s:p1.1"):
            note(packet, g.ask(packet))
        g.ask(f"Z0,{s['first_main'] + 8:x},4")          # where only one processor is
        note("c", g.ask("c"), g.ask("p40"))
        g.ask(f"z0,{s['first_main'] + 8:x},4")
        second = s["second_main"] + 8
        g.ask(f"Z1,{second:x},4")
        note("c to the second", g.ask("vCont;c"), g.ask("p40"), g.ask("qC"))
        g.ask(f"z1,{second:x},4")
        for kind, at, length in (("2", "watched", 8), ("3", "watched", 8), ("4", "watched", 8), ("2", "watched", 1), ("3", "read_only", 4)):
            point = f"{kind},{s[at]:x},{length}"
            g.ask("Z" + point)
            note(point, g.ask("vCont;c"), g.ask("p40"), g.ask("vCont;c"), g.ask("p40"))
            g.ask("z" + point)
        g.ask("Hc1")
        note("step one, the other goes on", g.ask("vCont;s:p1.1;c"))
        note("step the second", g.ask("vCont;s:p1.2"))
        for stop in (b"\3", b"x"):
            g.ask("Hc1")
            g.send("c")
            wait("running", lambda: e.status() == "running")
            g.raw(stop)
            note(stop, g.receive())
        g.ask("Hc1")
        g.send("c")
        wait("running", lambda: e.status() == "running")
        e.command("stop")
        note("QMP stop", g.receive())
        e.command("cont")
        note("QMP cont")
        e.command("system_reset")
        wait("the event", lambda: e.status() and "RESET" in e.events)
        note("reset")
        g.raw(b"\3")
        note("stop", g.receive())
        # each processor alone
        for n in (1, 2):
            g.ask("Hc1")
            before = g.ask(f"m{s['counter']:x},10")
            g.send(f"vCont;c:p1.{n}")
            wait("running", lambda: e.status() == "running")
            time.sleep(0.3)
            g.raw(b"\3")
            g.receive()
            after = g.ask(f"m{s['counter']:x},10")
            assert before[16 * (2 - n):16 * (3 - n)] == after[16 * (2 - n):16 * (3 - n)], (binary, n, before, after)
        e.events.clear()
        note("D", g.ask("D;1"))
        g.raw(b"x")
        wait("paused", lambda: e.status() == "paused")
        note("attached again", g.ask("vAttach;1"))
        g.send("vKill;1")
        said.append([g.receive(), g.receive(), e.p.wait(30)])
    return said


def compare(ours, theirs, what):
    assert len(ours) == len(theirs), (what, len(ours), len(theirs))
    bad = [(a, b) for a, b in zip(ours, theirs) if a != b]
    assert not bad, (what, bad)
    print(what, len(ours), "alike")


def ask_stopped(binary):
    with Debugged("-S", binary=binary) as e, Remote(e.address) as g:
        said = [features(g)] + [(p, g.ask(p)) for p in STOPPED if p not in ELSEWHERE]
        said += step_around(g)
        lines = []
        for c in ("info status", "info registers", "nonsense", "cpu 1"):
            g.send("qRcmd," + c.encode().hex())
            while (r := g.receive().decode()) != "OK":
                lines.append(bytes.fromhex(r[1:]).decode())
        text = [line for line in lines if not re.match(r"\s*$|MSR|TB|GPR|FPR|CR |NIP|.*HID0", line)]
        return said, text


def registers(binary, cpu):
    """What the description lists, and what of it can be written and read again."""
    with Debugged("-S", cpu=cpu, binary=binary) as e, Remote(e.address) as g:
        listed = features(g)
        kept = {}
        for r in listed:
            if isinstance(r, tuple) and r[0] not in ("msr",):
                old = g.ask(f"p{r[1]:x}")
                value = "0123456789abcdeffedcba9876543210"[:len(old)]
                assert g.ask(f"P{r[1]:x}={value}") == "OK", (cpu, r)
                kept[r[0], r[1]] = g.ask(f"p{r[1]:x}") == value
                g.ask(f"P{r[1]:x}={old}")
        return listed, kept


# Registers that have fewer bits than the peer lets a debugger write to them, that count on, or that are views of others
VIEWS = {"vscr", "xer", "uamr", "spr_dscr", "decr", "texasru", "spr_uctrl", "spr_ctrl", "dpdes", "tbl", "tbu", "tbu40", "tir", "bescrs", "bescrsu", "bescrr",
         "bescrru", "purr", "spurr", "vtb", "hdec", "psscr", "ppr", "fpscr", "lr", "ctr", "vrsave"}


def peer():
    if not os.path.exists(PEER):
        print("left out: the peer (Debian's qemu-system-ppc) is not installed")
        return
    (ours, our_text), (theirs, their_text) = ask_stopped(None), ask_stopped(PEER)
    compare(ours, theirs, "packets to a machine that stands still")
    compare(our_text, their_text, "lines of monitor commands")
    for cpu in ("970mp", "POWER5+", "POWER7", "POWER8", "POWER9", "POWER10"):
        (ours, kept), (theirs, _) = registers(None, cpu), registers(PEER, cpu)
        compare(ours, theirs, f"{cpu}'s description,")
        lost = {name for (name, _), ok in kept.items() if not ok} - VIEWS
        assert not lost, (cpu, lost)
    for order in IMAGES:
        compare(drive(None, order), drive(PEER, order), f"runs and stops, {order}-endian,")


# ---- nonsense ----

def nonsense():
    """Whatever a client sends: the emulator lives, and answers the next packet."""
    rng = random.Random(7)
    with Debugged("-S") as e:
        with Remote(e.address) as g:
            for raw, answer in ((b"$g#00", b"-"), (b"$g#zz", b""), (b"$p1$?#3f", b"+$T05thread:01;#07"), (b"garbage", b""), (b"+-+-", b""), (b"\3", b"")):
                g.raw(raw)
                said = g.quiet(0.2)
                assert said == answer, (raw, said)
                g.raw(b"+")
            body = b"m0," + b"0" * 100000
            g.raw(b"$" + body + b"#%02x" % (sum(body) & 255))
            assert g.receive() == b"E22"
            for packet in ("G00", "G" + "0" * 592, "G" + "z" * 592, "P0=1", "P0=" + "0" * 100, "P68=00", "M5000,1:zz", "M5000,1:0102", "M20000000,1:00", "vCont", "D;2",
                           "D;zz", "b", "qRcmd,zz", "qThreadExtraInfo,p1.3", "m" + "f" * 40 + ",1", "Z2,0," + "f" * 16, "z2,0," + "f" * 16, "p" + "f" * 16):
                assert re.fullmatch(r"E\d\d|OK|", g.ask(packet)), packet
            g.send("qRcmd," + b"gdbserver none".hex())
            while g.receive() != b"OK":
                pass
            letters = "?!cCsDHTgGpPmMZzqQvkXxRbBiIaA"
            flood = b""
            for i in range(3000):
                text = rng.choice(STOPPED) if i % 2 else rng.choice(letters) + "".join(rng.choice("0123456789abcdef,;:=p.-$#}*\0\xff") for _ in range(rng.randrange(30)))
                text = "".join(c for c in text if rng.random() > 0.1)
                if text[:1] in ("k", "c", "C", "s", "D") or text.startswith(("vKill;", "vCont;", "qRcmd")):
                    continue
                body = text.encode("latin1")
                flood += b"$" + body + b"#%02x" % (sum(body) & 255) + b"+"
            writer = threading.Thread(target=g.raw, args=(flood,))
            writer.start()
            while writer.is_alive():
                g.quiet(0.1)
            writer.join()
            g.quiet(0.5)
            g.raw(b"+")
            assert g.ask("T1") == "OK" and e.status() == "prelaunch"
        for part in (b"$m10", b"$", b"$m0,4#", b"$M5000,4:0102", b"}"):
            with Remote(e.address) as g:
                g.raw(part)
        with Remote(e.address) as g:                    # nothing of them is left
            assert g.ask("?") == "T05thread:01;"
            assert g.ask("m100,4") == "39600001"
            g.send("c")
        wait("it goes on without the debugger", lambda: e.status() == "running")
        text = e.command("human-monitor-command", **{"command-line": "gdbserver none"})
        assert text == "Disabled gdbserver\r\n", text
        e.command("human-monitor-command", **{"command-line": f"gdbserver unix:{e.address}2,server=on,wait=off"})
        with Remote(e.address + "2") as g:
            assert g.receive() == b"T02thread:01;"
            text = e.command("human-monitor-command", **{"command-line": "gdbserver unix:/nonexistent/x,server=on"})
            assert "Could not open gdbserver on device" in text, text
    for args, words in ((["-gdb", "foo"], "-gdb foo: 'foo' is not a valid char driver"), (["-gdb", "chardev:nope"], "there is no chardev"),
                        (["-gdb", "tcp:foo"], "HOST:PORT"), (["-gdb"], "requires an argument"),
                        (["-chardev", "null,id=x", "-serial", "chardev:x", "-gdb", "chardev:x"], "Device 'x' is in use")):
        p = subprocess.run([str(build() / "qemu-system-ppc64"), *MACHINE, "-cpu", "POWER8", "-S", "-nodefaults", "-display", "none", *args], capture_output=True,
                           text=True, timeout=60)
        assert p.returncode == 1 and words in p.stderr, (args, p)
    print("nonsense")


# ---- gdb-multiarch ----

def session(address, *commands, program=None, timeout=300):
    args = [DEBUGGER, "-nx", "-batch", "-ex", "set pagination off", "-ex", "set confirm off", "-ex", "set remotetimeout 60",
            "-ex", "set architecture powerpc:common64", *([program] if program else [])]
    for c in (f"target remote {address}", *commands):
        args += ["-ex", c]
    p = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout)
    return p.stdout


def expect(out, *patterns):
    at = 0
    for p in patterns:
        m = re.search(p, out[at:], re.S)
        assert m, (p, out)
        at += m.end()


CLASSES = ["set $r25 = 0x1122334455667788", "set $f3 = 1.5", "set $vr7.v4_int32 = {1, 2, 3, 4}", "set $vs9h = 77", "set $vrsave = 0x55",
           "set $sprg0 = 0x4242", "set $cr = 0x12345678", "set $fpscr = 3",
           "printf \"regs %lx %g %x %lu %lx %x %x %x\\n\", $r25, $f3, $vr7.v4_int32[2], $vs9h, $sprg0, $vrsave, $cr, $fpscr"]
CLASSES_READ = r"regs 1122334455667788 1\.5 3 77 4242 55 12345678 3"


def sessions():
    for order in IMAGES:
        with Debugged(order=order, cpu="POWER8") as e:
            wait("both count", lambda: int(e.command("human-monitor-command", **{"command-line": f"xp/1gx {symbols(order)['counter'] + 8}"}).split(":")[1], 16))
            out = session(e.address, "info threads", "break bump if n == 1", "continue", "info threads", "stepi", "x/i $pc", "bt 1", "finish", "delete", *CLASSES,
                          "watch watched", "continue", "print watched == counter[0]", "delete", "rwatch read_only", "continue", "delete",
                          "set wide_too = 1", "awatch wide", "continue", "info registers pc", "delete", "thread 2", "stepi", "monitor info status", "detach",
                          program=image(order, "elf"))
            expect(out, r"Thread 1\.1 \(CPU#0 \[running\]\)", r"Thread 1\.2 \(CPU#1", r"Thread 2 hit Breakpoint 1, bump \(n=n@entry=1\)", r"\* 2 ", r"=> 0x\w+ <bump",
                   r"#0  ", CLASSES_READ, r"Thread 1 hit Hardware watchpoint 2: watched", "Old value = ", "New value = ", r"\$1 = 1", "hit Hardware read watchpoint 3: read_only",
                   r"hit Hardware access \(read/write\) watchpoint 4: wide", r"pc .*<touch_wide", r"Switching to thread 2", r"VM status: paused \(debug\)")
            assert e.status() == "running"
        print("gdb-multiarch,", order)


def linux():
    """Break in a kernel that boots, at an address that an earlier boot told."""
    if not (NETBOOT / "vmlinux").exists():
        print("left out: debian-installer-12-netboot-ppc64el is not installed")
        return
    with tempfile.TemporaryDirectory() as d, Guest(
            "-M", "pseries-7.2", "-cpu", "POWER9", "-m", "1G", "-smp", "2", "-kernel", str(NETBOOT / "vmlinux"), "-initrd", str(NETBOOT / "initrd.gz"),
            "-append", "console=hvc0 rdinit=/bin/sh quiet", "-gdb", f"unix:{d}/gdb,server=on,wait=off") as g:
        g.wait_for("# ", 600)
        names = ("start_kernel", "start_secondary")
        g.send("mount -t proc p /proc; grep -E ' (" + "|".join(names) + ")$' /proc/kallsyms; echo done=$?\n")
        out = g.wait_for("done=0", 300)
        # callers within the kernel skip the two instructions that set r2 up
        at = {name: int(value, 16) + 8 for value, name in re.findall(r"(c\w{15}) \w (\w+)", out)}
        said = session(f"{d}/gdb", "set endian little", f"hbreak *{at['start_kernel']}", "monitor system_reset", "continue", "info registers pc msr",
                       "set *(unsigned long *)($r1 + 16) = 1", "watch -l *(unsigned long *)($r1 + 16)", "continue", "x/2i $pc - 8", "delete", "stepi", "x/i $pc", "set $old = $r25", *CLASSES[:6], CLASSES[8], "set $r25 = $old", "info all-registers", "delete",
                       f"hbreak *{at['start_secondary']}", "continue", "info threads", "stepi", "x/i $pc", "delete", "detach", timeout=600)
        expect(said, r"Thread 1 hit Breakpoint 1, 0x0*%x" % at["start_kernel"], r"pc +0x%x" % at["start_kernel"], r"hit Hardware watchpoint 2: ",
               r"Old value = 1\s+New value = \d+", r"std +r0,16\(r1\)", CLASSES_READ[:-11], r"vs31 ", r"Thread 2 hit Breakpoint 3, 0x0*%x" % at["start_secondary"],
               r"\* 2 ", r"=> 0x%x" % (at["start_secondary"] + 4))
        start = len(g.out)
        g.wait_for("# ", 600, start)
        g.send("echo sum=$((20+22)) cpus=$(grep -c . /sys/nothing 2>/dev/null; mount -t proc p /proc; grep -c ^processor /proc/cpuinfo)\n")
        out = g.wait_for("sum=42", 300, start)
        assert not any(w in out[start:] for w in ("Oops", "BUG:", "Kernel panic")), out
    print("Linux")


if not pathlib.Path(image("big", "bin")).exists():
    skip("the guests were not built: powerpc64-linux-gnu-gcc is missing")
wanted = sys.argv[2:] or ["peer", "nonsense", "sessions", "linux"]
if not DEBUGGER and wanted != ["peer"]:
    print("left out: gdb-multiarch is not installed")
    wanted = [w for w in wanted if w in ("peer", "nonsense")]
for w in wanted:
    globals()[w]()
