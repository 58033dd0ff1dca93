# SPDX-License-Identifier: GPL-2.0-or-later
"""Monitor commands print what the peer's print, before the guest started and after it has run and powered off."""
import os, pathlib, re, sys, time
from guest import emulator, skip
from terminal import PEER, Terminal, plain

IMAGE = pathlib.Path(sys.argv[1]) / "tests/guest/hello.bin"
if not IMAGE.exists():
    skip("hello.bin was not built: powerpc64-linux-gnu-gcc is missing")
if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
COMMANDS = """info registers|info registers -a|info registers 0|info registers 0x0|info registers -b|info status|info status -a
info tlb|info roms|info name|info name foo|info uuid|info foo|foo|x|x 0x100|x/4xw 0x100|x/3xg 0x100|x/5xh 0x100|x/9xb 0x100
x/3gx 0x100|x/4dw 0x100|x/4uw 0x100|x/4ow 0x100|x/4dg 0x1000|x/4uh 0x1000|x/4ob 0x1000|x/10cb 0x100|x/2i 0x100|x/20i 0x1000
xp/2i 0x100|xp/4xw 0x100|x/4xw 0x10000000000|xp/4xw 0x10000000000|xp/9xb 0xffffff8|x/3xb 0xffffffe|x/2i 0xffffffc|x/s 0x100|x/2xw
x/zz 0x100|x/4xw foo|x/4xw $pc|x/i $nip|p $pc|p $r1|p/x $r1|p 1+2*3|p/d 0x10|p/c 65|p/o 8|p/x -1|print 5|p|p (1|p 1 +|p foo
p $foo|sum 0x100 0x100|sum 0x1000 0x1000|sum|sum 0x100|gva2gpa 0x100|gva2gpa 0xc000000000000000|gva2gpa|cpu 0|cpu 5|cpu|cpu x
log|log none|logfile|stop now|stop|help stop|help x|help xp|help print|help cpu|help sum|help quit
help info status|help info registers|help foo|? stop|singlestep|info status|singlestep on|singlestep foo|singlestep off
info chardev|p $lr|p $ctr|p $cr|p $xer|p $pir|p $srr0|p $sdr1|p $f0|p $pvr|p $asr|p $vr0|p $SRR1|p $hsrr0|p $vrsave|p $dar
p $lpcr|p $fpscr|x/2xw $r1+8|p 1<<4|p 7%4|p 1/0|p 1%0|p ~1|p 'A'|p 'A|p 1 & 3 \\| 4 ^ 1|p 2+3&1|p -(2-5)|x/4xwfoo 0x100
x /4xw 0x100|  stop|stop;cont|info mtree -z|p/i 5|p/xw 0x100|p/5x 1|p/c 10|p/c 39|p/c 92|p/c 255|p -1|p/d -1|p/u -1|quit now
p $r31 + ($r1 - 1) * 2|p 0xffffffffffffffffff|p 08|p 1 2|p/x $r3|xp/2xh $nip|info cpus foo|p $r32|p $|p $r|x/2ix 0x100|x/b 0x200
x/b|x/i|x/h 0x200|x/w 0x200|x/c 0x200|info memory_size_summary|info ramblock|info kvm|gpa2hva 0x10000000000|chardev-send-break x
chardev-remove x|chardev-add null,id=zz|chardev-remove zz|system_wakeup"""
LINES = [c.replace("\0", "|") for line in COMMANDS.split("\n") for c in line.replace("\\|", "\0").split("|")]
# The time and internals; the list of log items; MSR, with which firmware starts (0 on the peer, SF and ME on ours).
VOLATILE = [(r"MSR \w+", "MSR"), (r"\bHF \S+ iidx \d+ didx \d+", ""), (r"^TB .*\n", ""), (r"^(?:none|[a-z_:A-Z]+) {2,}\S.*\n", "")]


def said(t, line):
    text = plain(t.command(line))
    for pattern, by in VOLATILE:
        text = re.sub(pattern, by, text, flags=re.M)
    return sorted(text.split("\n")) if line == "info chardev" else text


def collect(binary):
    with Terminal(binary, "-S", "-no-shutdown", "-bios", str(IMAGE), "-serial", "null", "-monitor", "stdio", "-name", "hello", "-uuid",
                  "11111111-2222-3333-4444-555555555555") as t:
        t.wait_for("(qemu) ")
        all_said = [(line, said(t, line)) for line in LINES]
        t.command("cont")
        while "shutdown" not in t.command("info status"):
            time.sleep(0.1)
        all_said += [("after: " + line, said(t, line)) for line in LINES]
        t.send("quit\n")
        assert t.finish() == 0, t.out
    return all_said


ours, theirs = collect(emulator()), collect(PEER)
bad = [(line, a, b) for (line, a), (_, b) in zip(ours, theirs) if a != b]
for line, a, b in bad:
    print(f"(qemu) {line}\nours:\n{a}\nthe peer's:\n{b}")
assert not bad, f"{len(bad)} of {len(ours)} commands differ"
print(len(ours), "commands alike")

# What has no counterpart on the peer, or another one.
with Terminal(emulator(), "-S", "-smp", "2", "-bios", str(IMAGE), "-serial", "null", "-monitor", "stdio") as t:
    t.wait_for("(qemu) ")
    cpus = t.command("info cpus")
    assert re.fullmatch(r"\* CPU #0: thread_id=\d+\n  CPU #1: thread_id=\d+\n", plain(cpus)), cpus
    t.command("cpu 1")
    assert "* CPU #1" in t.command("info cpus")
    assert "ppc_spapr.ram" in t.command("info mtree") and "FlatView" in t.command("info mtree -f")
    # the peer says this, too, and goes on trying at each "log"
    assert t.command("logfile /nonexistent/x") == "Error opening logfile /nonexistent/x: No such file or directory\n"
    assert "Regions" in t.command("info jit")
    assert "drive_add" not in t.command("help") and "system_reset" in t.command("help")
    start = len(t.out)
    t.send("inf\t sta\t\n")                         # completion
    t.wait_for("VM status: paused (prelaunch)", start)
    t.wait_for("(qemu) ", t.out.index("VM status", start))
    start = len(t.out)
    t.send("\x1b[A\x01\x0bcpu 9\x1b[D1\n")          # history, start of line, kill, insert before the last character
    t.wait_for("invalid CPU index", start)
    t.wait_for("(qemu) ", t.out.index("invalid CPU index", start))
    assert "cpu 19" in t.command("info history"), t.out
    t.send("q\n")
    assert t.finish() == 0
