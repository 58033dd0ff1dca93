# SPDX-License-Identifier: GPL-2.0-or-later
"""The monitors while post-copy's link is broken: out of band, here and with Debian's QEMU 7.2, and when the platform itself waits for a page."""
import json, socket, tempfile, time
from moving import Calls, port
from postcopy import HERE, MACHINE, Move, PAIRS, name, wire
from qmp import wait


class OutOfBand:
    """A monitor that has the capability "oob"."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        assert self.ask(execute="qmp_capabilities", arguments={"enable": ["oob"]}) == {"return": {}}

    def ask(self, **what):
        self.socket.sendall(json.dumps(what).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline())
            if "event" not in answer:
                return answer


def out_of_band(pair):
    """The link is cut and mended by exec-oob, on either side, and the same answers come where it does not fit."""
    with tempfile.TemporaryDirectory() as d:
        source, target = (MACHINE + ("-qmp", f"unix:{d}/{n},server=on,wait=off") for n in "st")
        with Move(pair, "postcopy-ram", machine=source, there=target, max_bandwidth=64 << 20, max_postcopy_bandwidth=24 << 20) as m:
            monitors = [OutOfBand(f"{d}/{n}") for n in "st"]
            for o in monitors:
                answer = o.ask(**{"exec-oob": "migrate-pause", "id": 1})
                assert answer == {"error": {"class": "GenericError", "desc": "migrate-pause is currently only supported during postcopy-active state"},
                                  "id": 1}, answer
            m.post_copy()
            wait("the guest to run there", lambda: m.runs() == (False, True))
            assert monitors[0].ask(**{"exec-oob": "migrate-pause"}) == {"return": {}}
            wait("both sides to notice", lambda: m.states() == ("postcopy-paused", "postcopy-paused"))
            m.proxy.close()
            at = port()
            answer = monitors[1].ask(**{"exec-oob": "migrate-recover", "arguments": {"uri": f"tcp:127.0.0.1:{at}"}})
            assert answer == {"return": {}}, answer
            m.proxy = wire.Proxy(at)
            m.start(resume=True)
            m.until("postcopy-active", "completed")         # it may be paused for another moment
            m.source.emulator.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 0})
            m.arrived()
    print(name(pair), "cut and mended out of band")


def platform_waits():
    """The link is cut while a hypercall waits for a page: the monitor has to be there to hear of a new one."""
    with Move((HERE, HERE), "postcopy-ram", kind=Calls, machine=MACHINE[:2] + (1,), max_bandwidth=64 << 20, max_postcopy_bandwidth=4 << 20) as m:
        m.target.emulator.socket.settimeout(60)
        m.post_copy()
        wait("the guest to run there", lambda: m.runs() == (False, True))
        for _ in range(3):
            if m.states() == ("postcopy-active", "postcopy-active"):
                m.proxy.cut()
                time.sleep(0.3)
                m.recover()
                m.until("postcopy-active", "completed")
                time.sleep(0.2)
        m.source.emulator.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 0})
        m.arrived()
    print("cut and mended while the platform waits for pages")


if __name__ == "__main__":
    for pair in PAIRS:
        out_of_band(pair)
    platform_waits()
