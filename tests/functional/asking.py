# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest (ask.c) that puts a test's questions to the platform, before and after it moved; ours or the peer's."""
import json, pathlib, re, select, socket, struct, tempfile, time
from qmp import Emulator, PEER, build, wait


class Ask:
    """As the guests of moving.py: `Ask(machine, cpu, smp, ..., "-incoming", uri)` is the same guest elsewhere."""
    memory, name = "256", "ask"

    def __init__(self, machine, cpu, smp, *args, binary=None):
        self.dir = tempfile.TemporaryDirectory()
        path = self.dir.name + "/console"
        self.emulator = Emulator("-M", machine, "-cpu", cpu, "-m", self.memory, "-smp", str(smp), "-bios", str(build() / "tests/guest/ask.bin"), *args,
                                 binary=binary, serial=f"unix:{path},server=on,wait=off")
        self.socket, self.out = socket.socket(socket.AF_UNIX), ""
        try:
            self.socket.connect(path)
        except OSError:             # it refused what came
            self.emulator.p.wait(60)
            raise AssertionError(f"the emulator ended: {self.emulator.log.read_text()}") from None
        if "-incoming" not in args:
            assert self.ask("x") == ["what?"]

    def _until(self, pattern, timeout=60):
        end = time.time() + timeout
        while not (m := re.search(pattern, self.out)):
            assert time.time() < end, f"no {pattern!r} from the guest in {timeout} s, but {self.out!r}; {self.emulator.log.read_text()}"
            if select.select([self.socket], [], [], 1)[0]:
                got = self.socket.recv(65536)
                assert got, f"the emulator ended: {self.emulator.log.read_text()}"
                self.out += got.decode(errors="replace").replace("\r", "")
        self.out = self.out[m.end():]
        return m

    def ask(self, *words):
        line = " ".join(w if isinstance(w, str) else f"{w & (1 << 64) - 1:x}" for w in words) + "\n"
        for i in range(0, len(line), 8):        # the console's buffer has 16 bytes
            self.socket.sendall(line[i:i + 8].encode())
            time.sleep(0.002)
        words = self._until(r"=([^\n]*)\n")[1].split()
        return [w if w in ("trap", "what?") else int(w, 16) for w in words]

    def hcall(self, op, *args, outs=0):
        """Its status, as a signed number, and `outs` of what it returned."""
        rc, *more = self.ask("h", op, *args)
        return (rc - (1 << 64) if rc >> 63 else rc, *more[:outs])

    def rtas(self, name, nrets, *args):
        """All results, the status as a signed number."""
        rc, *more = self.ask("r", name, nrets, *args)
        return (rc - (1 << 32) if rc >> 31 else rc, *more)

    def save(self):
        """The stream, the guest stopped."""
        with tempfile.TemporaryDirectory() as d:
            self.emulator.command("migrate", uri=f"exec:cat >{d}/part && mv {d}/part {d}/whole")
            result = self.emulator.migrated()
            assert result["status"] == "completed", (result, self.emulator.log.read_text())
            whole = pathlib.Path(d) / "whole"           # cat may have some left to write
            wait("the whole stream", whole.exists)
            return whole.read_bytes()

    def close(self):
        self.emulator.close()
        self.socket.close()
        self.dir.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def loaded(stream, *args, make=Ask, **more):
    """The guest of a stream that was saved."""
    f = tempfile.NamedTemporaryFile()
    f.write(stream)
    f.flush()
    g = make(*args, "-incoming", f"exec:cat {f.name}", **more)
    try:
        end = time.time() + 60
        while g.emulator.command("query-status")["status"] == "inmigrate":
            assert time.time() < end, "loading does not end"
            time.sleep(0.02)
    except (AssertionError, OSError) as e:
        log = g.emulator.log.read_text()
        g.close()
        raise AssertionError(f"{e}: {log}") from None
    f.close()
    return g


# ---- streams by their own description ----

def _values(data, at, fields, out, path):
    for f in fields:
        for k in range(f.get("array_len", 1)):
            name = path + f["name"] + (f"[{f.get('index', k)}]" if "index" in f or "array_len" in f else "")
            if "struct" in f:
                at = _section(data, at, f["struct"], out, name + ".")
            else:
                out[name] = data[at:at + f["size"]].hex()
                at += f["size"]
    return at


def _section(data, at, d, out, path=""):
    at = _values(data, at, d.get("fields", []), out, path)
    for s in d.get("subsections", []):
        name = s["vmsd_name"].encode()
        assert data[at:at + 2 + len(name)] == bytes([5, len(name)]) + name, (path, name, data[at:at + 40])
        out[path + s["vmsd_name"]] = ""
        at = _section(data, at + 2 + len(name) + 4, s, out, path + s["vmsd_name"] + ":")
    return at


def sections(stream):
    """{(name, instance): {field: its bytes in hex}}; a subsection is a field without bytes, its own are "name:field"."""
    at = next(m.start() for m in re.finditer(rb"\x06(?=(....)\{)", stream, re.S) if int.from_bytes(m[1], "big") == len(stream) - m.start() - 5)
    result = {}
    for d in json.loads(stream[at + 5:])["devices"]:
        instance = d["instance_id"] & 0xffffffff
        name = d["name"].encode()
        start = stream.rfind(bytes([len(name)]) + name + struct.pack(">I", instance), 0, at)
        if "fields" in d and start >= 0:
            fields = result[d["name"], instance] = {}
            _section(stream, start + 1 + len(name) + 8, d, fields)
    return result


# ---- what guests do in many steps ----

NEW_TREE = 0x610004         # where negotiate() has it put


def negotiate(g, options, processors=((0xffffffff, 0x0f000005), (0xffffffff, 0x0f000004), (0xfffffffe, 0x0f000001)), versions3=0x80):
    """
    ibm,client-architecture-support with {byte: bits} of option vector 5, as firmware calls it; its status. `versions3`: of vector 1, the versions
    from ISA 3.0 on that the client knows.
    """
    vectors, tree = 0x600000, NEW_TREE - 4
    data = b"".join(struct.pack(">2I", *p) for p in processors)
    data += bytes([4, 2, 0, 0xff, versions3] + [0] * 6 + [26] + [options.get(i, 0) for i in range(1, 27)])
    data += bytes(-len(data) % 8)
    for i in range(0, len(data), 8):
        g.ask("s", vectors + i, int.from_bytes(data[i:i + 8], "big"))
    return g.hcall(0xf002, vectors, tree, 0x80000)[0]


def memory(g, address, size):
    return b"".join(w.to_bytes(8, "big") for w in g.ask("l", address, (size + 7) // 8))[:size]
