# SPDX-License-Identifier: GPL-2.0-or-later
"""Out-of-band commands are answered while the main loop is held: post-copy's link breaks, and a monitor reads memory that is still missing, so that nothing
but a new link lets it go on. With ours on both sides and with Debian's QEMU 7.2 in both directions.
"""
import json, select, socket, tempfile, time
from moving import port
from postcopy import MACHINE, Move, PAIRS, name, wire
from qmp import wait


class Client:
    """A QMP connection of its own that may send before it has read."""

    def __init__(self, path):
        self.socket, self.held, self.answers = socket.socket(socket.AF_UNIX), b"", {}
        self.socket.settimeout(60)
        self.socket.connect(path)
        while not self.line().get("QMP"):
            pass
        self.send("qmp_capabilities", id="enabled", enable=["oob"])
        assert "return" in self.answer("enabled")

    def line(self):
        while b"\n" not in self.held:
            more = self.socket.recv(65536)
            assert more, "the emulator ended"
            self.held += more
        line, self.held = self.held.split(b"\n", 1)
        return json.loads(line)

    def send(self, command, how="execute", id=None, **arguments):
        self.socket.sendall(json.dumps({how: command, "arguments": arguments, "id": id}).encode() + b"\n")

    def answer(self, id):
        while id not in self.answers:
            line = self.line()
            if "event" not in line:
                self.answers[line["id"]] = line
        return self.answers.pop(id)

    def quiet(self, id, seconds):
        """Nothing is heard of `id` yet."""
        end = time.time() + seconds
        while time.time() < end and b"\n" not in self.held and select.select([self.socket], [], [], end - time.time())[0]:
            self.held += self.socket.recv(65536)
            while b"\n" in self.held:
                line = self.line()
                if "event" not in line:
                    self.answers[line["id"]] = line
        return id not in self.answers

    def close(self):
        self.socket.close()


def source_is(m, *status):
    """The destination's main loop answers nobody meanwhile."""
    wait(f"the source to be {status}", lambda: m.source.emulator.command("query-migrate")["status"] in status)


def recovered(m, client):
    """A new link, made by `client` alone, as the destination's other commands wait; how often it was refused because the pause was still to come."""
    at, tries = port(), 0
    while True:
        client.send("migrate-recover", "exec-oob", id=f"recover {tries}", uri=f"tcp:127.0.0.1:{at}")
        answer = client.answer(f"recover {tries}")
        if "return" in answer:
            break
        assert "only be run when postcopy is paused" in answer["error"]["desc"] and tries < 200, answer
        tries += 1
        time.sleep(0.1)
    m.proxy.close()
    m.proxy = wire.Proxy(at)
    m.start(resume=True)
    source_is(m, "postcopy-active", "completed")


def held(pair, first, way, tls=False):
    """`first`: the main loop is held before the link breaks, or after it. `tls`: both links are encrypted."""
    creds = [["-object", f"tls-creds-anon,id=t,endpoint={end}"] if tls else [] for end in ("client", "server")]
    with tempfile.TemporaryDirectory() as folder, \
            Move(pair, "postcopy-ram", machine=(*MACHINE, *creds[0]), there=(*MACHINE, *creds[1], "-qmp", f"unix:{folder}/more,server=on,wait=off"),
                 max_bandwidth=64 << 20, max_postcopy_bandwidth=1 << 20) as m:
        client = Client(f"{folder}/more")
        for g in (m.source, m.target) if tls else ():
            g.emulator.command("migrate-set-parameters", **{"tls-creds": "t"})
        m.post_copy()
        wait("the guest to run there", lambda: m.runs() == (False, True))
        if first:
            client.send("pmemsave", id="held", val=0, size=256 << 20, filename=f"{folder}/memory")
            client.send("query-status", id="behind")
        if way == "pause":
            client.send("migrate-pause", "exec-oob", id="pause")
            assert "return" in client.answer("pause")
        else:
            m.proxy.cut()
        source_is(m, "postcopy-paused")
        if not first:
            client.send("pmemsave", id="held", val=0, size=256 << 20, filename=f"{folder}/memory")
            client.send("query-status", id="behind")
        assert client.quiet("held", 0.5), "memory was read that had not come"
        assert client.quiet("behind", 0), "the order of answers changed"
        recovered(m, client)
        m.source.emulator.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 0})
        for id in ("held", "behind"):
            assert "return" in client.answer(id), id
        m.arrived()
        client.close()
    print(name(pair), "recovered while the main loop was held", "before" if first else "after", way, "encrypted" if tls else "", flush=True)


if __name__ == "__main__":
    for pair in PAIRS:
        held(pair, True, "cut")
        held(pair, False, "cut")
    held(PAIRS[0], True, "pause")
    held(PAIRS[0], True, "cut", tls=True)
