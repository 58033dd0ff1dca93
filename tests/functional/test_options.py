# SPDX-License-Identifier: GPL-2.0-or-later
"""Options of the translator, the log and the process do what they say."""
import os, pathlib, re, signal, subprocess, sys, tempfile, time
from guest import emulator, skip
from terminal import MACHINE, Terminal

IMAGE = pathlib.Path(sys.argv[1]) / "tests/guest/hello.bin"
if not IMAGE.exists():
    skip("hello.bin was not built: powerpc64-linux-gnu-gcc is missing")
where = tempfile.TemporaryDirectory()
jit = "#define CONFIG_TCG_X86_64" in (pathlib.Path(sys.argv[1]) / "config-host.h").read_text()


def path(name):
    return os.path.join(where.name, name)


def run(*args, image=True):
    p = subprocess.Popen([emulator(), *MACHINE, *(["-bios", str(IMAGE)] if image else []), "-serial", "stdio", *args],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = p.communicate(timeout=300)
    assert p.returncode == 0 and "says hello" in out, (args, p.returncode, out, err)
    return p.pid, err


def log_of(items, *args):
    pid, _ = run("-d", items, "-D", path("log-%d"), *args)
    return open(path(f"log-{pid}")).read()


# ---- the log ----
text = log_of("in_asm,op,op_opt,out_asm,exec,nochain,cpu,int,mmu,guest_errors,unimp,cpu_reset")
assert re.search(r"^IN: \n0x00000100:  48000f00  b        0x1000$", text, re.M), text[:2000]
assert "\nOP:\n" in text and "\nOP after optimization" in text
assert text.count("\nTrace 0: ") > 20 and "NIP 0000000000000100" in text and "FPR00" not in text
assert "CPU Reset (CPU 0)\n" in text
if jit:
    assert re.search(r"^OUT: \[size=\d+\] for 0000000000000100\n0x[0-9a-f]+:  \w+ +", text, re.M), text[:3000]
assert "FPR00" in log_of("cpu,fpu")
assert log_of("all,-cpu,-fpu,-exec,-op,-op_opt,-out_asm,-mmu,-cpu_reset").count("IN: \n") == text.count("IN: \n")
entered = re.findall(r"^Trace 0: (\w+)", log_of("exec,nochain", "-dfilter", "0x1000..0x10ff,0x1100+0x20"), re.M)
assert entered and all(0x1000 <= int(a, 16) < 0x1120 for a in entered), entered
assert not log_of("in_asm,exec,cpu", "-dfilter", "0x7000000+1")
one = log_of("exec", "-singlestep")
assert one.count("Trace 0: ") > 500 and one.count("Trace 0: ") == log_of("exec", "-accel", "tcg,one-insn-per-tb=on").count("Trace 0: ")
print("log items, -dfilter, -D %d, -singlestep")

# ---- translator ----
for args in (["-accel", "tcg,tb-size=1"], ["-accel", "tcg,tb-size=64,thread=single"], ["-accel", "tcg,thread=multi"]):
    run(*args)
if jit:
    pid, _ = run("-perfmap")
    lines = open(f"/tmp/perf-{pid}.map").read().splitlines()
    os.unlink(f"/tmp/perf-{pid}.map")
    assert any(line.endswith(" guest-0x100") for line in lines) and all(re.fullmatch(r"[0-9a-f]+ [0-9a-f]+ guest-0x[0-9a-f]+", x) for x in lines)
print("-accel, -perfmap")


def ticks(*args):
    """The time base when the guest has powered off."""
    with Terminal(emulator(), "-S", "-no-shutdown", "-bios", str(IMAGE), "-serial", "null", "-monitor", "stdio", *args) as t:
        t.wait_for("(qemu) ")
        t.command("cont")
        while "shutdown" not in t.command("info status"):
            time.sleep(0.05)
        tb = int(t.command("p/d $tbl"))
        t.send("q\n")
        assert t.finish() == 0
        return tb


for args in (["shift=0"], ["shift=7,align=on"], ["shift=auto"], ["shift=5,sleep=off"], ["3"]):
    run("-icount", *args)
same = {ticks("-icount", "shift=4,sleep=off") for _ in range(3)}
assert len(same) == 1, same
assert ticks("-icount", "shift=8,sleep=off") > 8 * same.copy().pop(), "2^8 ns an instruction are 16 times 2^4"
print("-icount")

# ---- the process ----
pidfile = path("pid")
p = subprocess.run([emulator(), *MACHINE, "-S", "-bios", str(IMAGE), "-serial", "null", "-daemonize", "-pidfile", pidfile, "-monitor",
                    f"unix:{path('mon')},server=on,wait=off", "-name", "guest=g,process=named"], timeout=120)
assert p.returncode == 0
pid = int(open(pidfile).read())
assert open(f"/proc/{pid}/comm").read() == "named\n" and os.path.exists(path("mon"))
assert os.readlink(f"/proc/{pid}/cwd") == "/" and os.getsid(pid) != os.getsid(0)
again = subprocess.run([emulator(), *MACHINE, "-S", "-serial", "null", "-pidfile", pidfile], capture_output=True, text=True, timeout=120)
assert again.returncode == 1 and "cannot create PID file" in again.stderr, again
os.kill(pid, signal.SIGTERM)
end = time.time() + 60
while os.path.exists(f"/proc/{pid}") and open(f"/proc/{pid}/stat").read().split()[2] != "Z":
    assert time.time() < end
    time.sleep(0.05)
assert not os.path.exists(pidfile) and not os.path.exists(path("mon"))
failed = subprocess.run([emulator(), *MACHINE, "-daemonize", "-serial", "null", "-bios", "/nonexistent"], capture_output=True, text=True,
                        timeout=120)
assert failed.returncode == 1 and "/nonexistent" in failed.stderr, failed
print("-daemonize, -pidfile, -name process=")

with open(path("config"), "w") as f:
    f.write('# a comment\n[machine]\n  type = "pseries-2.12"\n[memory]\n  size = "512"\n[name]\n  guest = "from,file"\n\n'
            f'[chardev "out"]\n  backend = "file"\n  path = "{path("console")}"\n')
with Terminal(emulator(), "-S", "-readconfig", path("config"), "-serial", "chardev:out", "-bios", str(IMAGE), "-monitor", "stdio") as t:
    t.wait_for("(qemu) ")
    assert t.command("info name") == "from,file\n" and "536870912" in t.command("info memory_size_summary")
    assert "out: filename=file" in t.command("info chardev")
    t.send("cont\n")
    assert t.finish() == 0
assert "says hello" in open(path("console")).read()
for text, want in (("[nosuch]\nx = \"1\"\n", "no option group 'nosuch'"), ("x = \"1\"\n", "no group defined"), ("[name]\nrubbish\n", "config:2: parse error")):
    open(path("config"), "w").write(text)
    p = subprocess.run([emulator(), "-readconfig", path("config")], capture_output=True, text=True, timeout=120)
    assert p.returncode == 1 and want in p.stderr, p
print("-readconfig")

os.mkfifo(path("pipe"))
reader = subprocess.Popen(["cat", path("pipe")], stdout=subprocess.PIPE)
p = subprocess.run([emulator(), *MACHINE, "-M", f"dumpdtb={path('pipe')}"], capture_output=True, text=True, timeout=120)
assert p.returncode == 0 and reader.communicate(timeout=60)[0][:4] == b"\xd0\x0d\xfe\xed" and pathlib.Path(path("pipe")).is_fifo(), p
p = subprocess.run([emulator(), *MACHINE, "-M", f"dumpdtb={path('no/such')}"], capture_output=True, text=True, timeout=120)
assert p.returncode == 1 and "no/such: No such file" in p.stderr, p
print("dumpdtb")
