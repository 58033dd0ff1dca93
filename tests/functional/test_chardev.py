# SPDX-License-Identifier: GPL-2.0-or-later
"""Character devices: what a mux does, who gets Ctrl-C, sockets that come and go, terminals, files; compared with the peer where
both can be asked the same."""
import json, os, pathlib, random, re, select, socket, subprocess, sys, tempfile, threading, time
from guest import emulator, skip
from terminal import MACHINE, PEER, Terminal, plain

IMAGE = pathlib.Path(sys.argv[1]) / "tests/guest/hello.bin"
if not IMAGE.exists():
    skip("hello.bin was not built: powerpc64-linux-gnu-gcc is missing")
BOTH = [emulator()] + ([PEER] if os.path.exists(PEER) else [])
where = tempfile.TemporaryDirectory()
PROMPT = "(qemu) "


def alike(name, fn):
    results = [fn(b) for b in BOTH]
    assert all(r == results[0] for r in results), f"{name}:\nours: {results[0]!r}\nthe peer: {results[1]!r}"
    print(name)
    return results[0]


def path(name):
    return os.path.join(where.name, name)


def connect(name, timeout=60):
    end = time.time() + timeout
    while True:
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(path(name))
            return s
        except OSError:
            s.close()
            assert time.time() < end, name
            time.sleep(0.05)


def read_until(s, text, timeout=60):
    out = b""
    while text.encode() not in out:
        assert select.select([s], [], [], timeout)[0], (text, out)
        data = s.recv(4096) if isinstance(s, socket.socket) else os.read(s, 4096)
        assert data, (text, out)
        out += data
    return out.decode("utf-8", "replace")


def mux(binary):
    with Terminal(binary, "-S", "-serial", "mon:stdio", "-name", "m") as t:
        t.send("\x01h")
        t.wait_for("sends C-a\n\r")
        t.send("\x01c")
        t.wait_for(PROMPT)
        t.command("info name")
        t.send("\x01c\x01c")
        t.wait_for(PROMPT, len(t.out))
        status = t.command("info status")
        t.send("\x01x")
        code = t.finish()
        said = plain(t.out)
        return said[:said.index("QEMU 7")], status, said[said.index("QEMU: Term"):], code


help_text = alike("mux: help, focus, quit", mux)[0]
assert "switch between console and monitor" in help_text


def info_chardev(binary):
    args = ["-chardev", "stdio,id=a,mux=on", "-mon", "a", "-serial", "chardev:a", "-chardev", f"socket,id=s,path={path('ic')},server=on,wait=off",
            "-chardev", f"file,id=f,path={path('f')}", "-chardev", "null,id=n", "-chardev", f"socket,id=cs,path={path('ic')}",
            "-chardev", "pty,id=p", "-chardev", "socket,id=t,host=127.0.0.1,port=0,server=on,wait=off", "-chardev", "vc,id=v"]
    with Terminal(binary, "-S", *args) as t:
        t.wait_for("(label p)")
        t.send("\x01c")
        t.wait_for(PROMPT)
        time.sleep(0.2)
        text = plain(t.command("info chardev"))
        return sorted(re.sub(r"pts/\d+|127.0.0.1:\d+", "N", text).split("\n"))


alike("info chardev", info_chardev)


def interrupt(args, binary):
    with Terminal(binary, "-S", *args, pty=True) as t:
        t.send("\x01h" if "mon:stdio" in args else "")
        time.sleep(1.5 if binary == PEER else 0.5)
        t.send("\x03")
        time.sleep(0.5)
        ended = t.p.poll() is not None
        if not ended and "mon:stdio" in args:
            t.send("\x01x")
        if not ended and "signal=off" in " ".join(args):
            t.p.terminate()
        return ended, t.finish(), re.sub(r"pid \d+ \(.*\)", "pid", t.out.replace("\r", "").split("\n\n")[-1].split("C-a\n")[-1])


alike("Ctrl-C on stdio ends the emulator", lambda b: interrupt(["-serial", "stdio"], b)[:2])
assert not alike("Ctrl-C on mon:stdio is the guest's", lambda b: interrupt(["-serial", "mon:stdio"], b)[:2])[0]
alike("signal=off", lambda b: interrupt(["-chardev", "stdio,id=a,signal=off", "-serial", "chardev:a"], b)[:2])


def raw_terminal(binary):
    """The terminal is given back as it was."""
    import termios
    m, s = os.openpty()
    before = termios.tcgetattr(s)
    p = subprocess.Popen([binary, *MACHINE, "-S", "-serial", "mon:stdio"], stdin=s, stdout=s, stderr=s)
    end = time.time() + 60
    while termios.tcgetattr(s)[3] & termios.ICANON:
        assert time.time() < end
        time.sleep(0.05)
    during = termios.tcgetattr(s)
    os.write(m, b"\x01x")
    code = p.wait(60)
    return code, [during[i] for i in range(4)], termios.tcgetattr(s) == before


assert alike("terminal settings", raw_terminal)[2]


def unix_server(binary):
    p = subprocess.Popen([binary, *MACHINE, "-S", "-chardev", f"socket,id=m,path={path('us')},server=on,wait=off", "-mon", "m",
                          "-serial", "null"], stderr=subprocess.PIPE)
    said = []
    for _ in range(2):          # the second after the first has gone
        s = connect("us")
        said.append(plain(read_until(s, PROMPT)))
        s.sendall(b"info status\n")
        read_until(s, "VM status: paused (prelaunch)")
        s.close()
    p.terminate()
    err = p.communicate()[1].decode()
    return said, p.returncode, re.sub(r"pid \d+ \(.*\)", "pid", err), os.path.exists(path("us"))


alike("UNIX server, two clients one after the other, SIGTERM", unix_server)


def waits(binary):
    p = subprocess.Popen([binary, *MACHINE, "-bios", str(IMAGE), "-serial", f"unix:{path('w')},server"], stderr=subprocess.PIPE)
    line = p.stderr.readline().decode()
    s = connect("w")
    out = b""
    while True:
        data = s.recv(4096)
        if not data:
            break
        out += data
    return line, out, p.wait(60)


assert b"says hello" in alike("server=on waits, the guest's output arrives whole", waits)[1]


def reconnect(binary):
    p = subprocess.Popen([binary, *MACHINE, "-S", "-chardev", f"socket,id=m,path={path('r')},reconnect=1", "-mon", "m", "-serial", "null"])
    counted = 0
    for _ in range(2):
        if os.path.exists(path("r")):
            os.unlink(path("r"))
        l = socket.socket(socket.AF_UNIX)
        l.bind(path("r"))
        l.listen()
        l.settimeout(60)
        s, _ = l.accept()
        counted += PROMPT in read_until(s, PROMPT)
        l.close()
        s.close()
    p.terminate()
    return counted, p.wait(60)


assert alike("reconnect=1", reconnect) == (2, 0)


def telnet(binary):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    p = subprocess.Popen([binary, *MACHINE, "-S", "-monitor", f"telnet:127.0.0.1:{port},server,nowait", "-serial", "null"])
    s, end = None, time.time() + 60
    while s is None:
        try:
            s = socket.create_connection(("127.0.0.1", port))
        except OSError:
            assert time.time() < end
            time.sleep(0.05)
    first = read_until(s, PROMPT).encode("utf-8", "replace")
    s.sendall(b"\xff\xfd\x03\xff\xfa\x18\x00xterm\xff\xf0info na\xff\xf1me\r\n")
    out = plain(read_until(s, PROMPT))
    s.sendall(b"q\r\n")
    return b"monitor" in first, "unknown" in out, p.wait(60)


assert telnet(emulator()) == (True, False, 0)
print("telnet")

# A pseudo-terminal: nobody there, somebody, nobody, somebody.
with Terminal(emulator(), "-S", "-monitor", "pty", "-serial", "null") as t:
    name = re.search(r"redirected to (\S+) \(label compat_monitor0\)", t.wait_for("(label compat_monitor0)")).group(1)
    for _ in range(2):
        fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
        os.write(fd, b"info status\n")
        read_until(fd, "prelaunch)")
        os.close(fd)
print("pty")

# A guest whose console is a pseudo-terminal that nobody opens gets to its end.
for serial in ("pty", f"file:{path('out')}", "null", "vc"):
    p = subprocess.run([emulator(), *MACHINE, "-bios", str(IMAGE), "-serial", serial], capture_output=True, timeout=120)
    assert p.returncode == 0, p
assert b"says hello" in open(path("out"), "rb").read()
args = ["-chardev", f"null,id=n,logfile={path('log')},logappend=on", "-serial", "chardev:n"]
for _ in range(2):
    assert subprocess.run([emulator(), *MACHINE, "-bios", str(IMAGE), *args], timeout=120).returncode == 0
assert open(path("log"), "rb").read().count(b"says hello") == 2
print("file, logfile, logappend")

for end in ("in", "out"):
    os.mkfifo(path("fifo." + end))
p = subprocess.Popen([emulator(), *MACHINE, "-S", "-monitor", f"pipe:{path('fifo')}", "-serial", "null"])
w, r = os.open(path("fifo.in"), os.O_RDWR), os.open(path("fifo.out"), os.O_RDWR)
os.write(w, b"info status\n")
read_until(r, "prelaunch)")
os.write(w, b"q\n")
assert p.wait(60) == 0
print("pipe")

# Nobody reads what the guest writes: SIGTERM still ends it.
p = subprocess.Popen([emulator(), *MACHINE, "-bios", str(IMAGE), "-chardev", f"socket,id=s,path={path('full')},server=on,wait=on",
                      "-serial", "chardev:s"], stderr=subprocess.DEVNULL)
s = connect("full")
time.sleep(0.5)
p.terminate()
assert p.wait(60) == 0
print("a client that does not read")

# A QMP client that reads no events holds nobody up, and finds them all when it reads; one that reads no answers has to wait with its questions.
p = subprocess.Popen([emulator(), *MACHINE, "-S", "-bios", str(IMAGE.with_name("payload.bin")), "-serial", "null", "-monitor", "none",
                      "-qmp", f"unix:{path('idle')},server=on,wait=off", "-qmp", f"unix:{path('busy')},server=on,wait=off"])
idle, busy = (connect(n).makefile("rwb") for n in ("idle", "busy"))


def ask(f, text):
    f.write(text)
    f.flush()


for f in (idle, busy):
    f.readline()
    ask(f, b'{"execute": "qmp_capabilities"}')
    f.readline()
ROUNDS = 4000
for _ in range(ROUNDS):
    for command in (b"cont", b"stop"):
        ask(busy, b'{"execute": "%s"}' % command)
        while b"return" not in busy.readline():
            pass
seen = [json.loads(idle.readline())["event"] for _ in range(2 * ROUNDS)]
assert seen == ["RESUME", "STOP"] * ROUNDS, seen[:10]
questions = b'{"execute": "query-commands", "id": 0}' * 2000
writer = threading.Thread(target=ask, args=(idle, questions))
writer.start()
ask(busy, b'{"execute": "query-status"}')
while b"return" not in busy.readline():
    pass
answers = [json.loads(idle.readline()) for _ in range(2000)]
assert all(a == answers[0] and a["id"] == 0 for a in answers)
writer.join()
ask(busy, b'{"execute": "quit"}')
assert p.wait(60) == 0
print("a QMP client that does not read")


# Clients that come and go, some without hearing what they asked for, while others make events: each hears its own answers and no other's, in order.
def come_and_go(name, seed, bad):
    r = random.Random(seed)
    try:
        for _ in range(CLIENTS):
            s = connect(name)
            with s, s.makefile("rb") as f:
                assert "QMP" in json.loads(f.readline())
                oob = r.random() < 0.7
                s.sendall(json.dumps({"execute": "qmp_capabilities", "arguments": {"enable": ["oob"] * oob}, "id": "caps"}).encode())
                assert json.loads(f.readline()) == {"return": {}, "id": "caps"}
                asked = [("exec-oob", "query-yank") if oob and r.random() < 0.3 else ("execute", r.choice(["query-status", "stop", "cont", "nonsense"]))
                         for _ in range(r.randrange(60))]
                s.sendall(b"".join(json.dumps({how: command, "id": [how, i]}).encode() for i, (how, command) in enumerate(asked)))
                heard = []
                while r.random() < 0.98 and len(heard) < len(asked):
                    line = json.loads(f.readline())
                    if "event" not in line:
                        heard.append(line["id"])
                for kind in ("execute", "exec-oob"):
                    wanted = [[how, i] for i, (how, _) in enumerate(asked) if how == kind]
                    of_kind = [h for h in heard if h[0] == kind]
                    assert of_kind == wanted[:len(of_kind)], (of_kind, wanted)
    except BaseException as e:
        bad.append((name, repr(e)))


CLIENTS, bad = 100, []
p = subprocess.Popen([emulator(), *MACHINE, "-S", "-bios", str(IMAGE.with_name("payload.bin")), "-serial", "null", "-monitor", "none",
                      *(a for n in range(3) for a in ("-qmp", f"unix:{path(f'many{n}')},server=on,wait=off"))])
threads = [threading.Thread(target=come_and_go, args=(f"many{n}", n, bad)) for n in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert not bad and p.poll() is None, (bad, p.poll())
p.kill()
p.wait()
print("QMP clients that come and go")
