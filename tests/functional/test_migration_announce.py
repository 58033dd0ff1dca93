# SPDX-License-Identifier: GPL-2.0-or-later
"""A source tells a destination of ours what comes, and hears every reason for which it would not be taken before memory moves. Emulators of others
see what they always saw: the conversations with Debian's QEMU 7.2 (and those named) are recorded and compared with their own.

test_migration_announce.py [BUILD [EMULATOR:MACHINE:CPU...]]
"""
import os, pathlib, signal, sys
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "migration-compat"))
import wire
from moving import Payload, port
from qmp import PEER, wait

MACHINE, CPU = "pseries-2.6,cap-htm=off", "POWER8"
FLAWS = {0x80, 0x1f0008, 0x1f0088} if sys.argv[2:] else ()      # others know fewer registers (tests/migration-compat/run)
OTHERS = ([(PEER, MACHINE, CPU)] if os.path.exists(PEER) else []) + [tuple(a.split(":")) for a in sys.argv[2:]]


def switch_on(g, names):
    """An emulator too old for return-path opens one for post-copy, which 2.5 has under a name of its own."""
    known = capabilities_of(g)
    for name in names:
        name = next(n for n in (name, "postcopy-ram", "x-postcopy-ram") if n in known)
        g.command("migrate-set-capabilities", capabilities=[{"capability": name, "state": True}])


def capabilities_of(g):
    return {c["capability"] for c in g.command("query-migrate-capabilities")}


class Move:
    """A guest on its way through a recording proxy; .forth, .back: the conversation."""

    def __init__(self, capabilities, source=None, target=None, machine=MACHINE, target_machine=None, cpu=CPU, target_cpu=None,
                 memory=None, more=(), stall=False):
        at = port()
        self.here, self.there, self.proxy = Payload(machine, cpu, 1, binary=source, flaws=FLAWS), None, wire.Proxy(at)
        try:
            self.before = self.here.lives()
            Sized = type("Sized", (Payload,), {"memory": memory or Payload.memory})
            self.there = Sized(target_machine or machine, target_cpu or cpu, 1, *more, "-incoming", "defer", binary=target, flaws=FLAWS)
            for g in (self.here, self.there):
                switch_on(g.emulator, capabilities)
            self.there.emulator.command("migrate-incoming", uri=f"tcp:127.0.0.1:{at}")
            if stall:
                self.there.emulator.p.send_signal(signal.SIGSTOP)
            self.here.emulator.command("migrate", uri=f"tcp:127.0.0.1:{self.proxy.port}")
        except BaseException:
            self.close()
            raise

    @property
    def forth(self):
        return wire.forth(self.proxy.links[0][0])

    @property
    def back(self):
        return wire.back(self.proxy.links[0][1])

    def close(self):
        self.proxy.close()
        self.here.close()
        if self.there:
            self.there.emulator.p.send_signal(signal.SIGCONT)
            self.there.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def taken():
    for capabilities in (["return-path"], ["postcopy-ram"], ["return-path", "multifd"]):
        with Move(capabilities) as m:
            result = m.here.emulator.migrated()
            assert result["status"] == "completed", (result, m.there.emulator.log.read_text())
            m.there.lives(before=m.before)
            forth = m.forth
            told = [i for i, line in enumerate(forth) if line.startswith("COMMAND MANIFEST")]
            assert len(told) == 1 and told[0] < min(i for i, line in enumerate(forth) if "START" in line), forth[:8]
            assert sum(line.startswith("VERDICT") for line in m.back) == 1, m.back
    print("announced and taken")


def refused():
    """With all reasons, at once: the guest was not stopped, no memory moved, the destination ended."""
    for capabilities in (["return-path"], ["postcopy-ram"], ["return-path", "multifd"]):
        for options, reasons in ((dict(target_machine="pseries-2.7", target_cpu="POWER7", memory="512"), ("Machine type received is 'pseries-2.6'", "Size mismatch",
                                                                                                   "env.spr[PVR]", "-m 256")),
                                 (dict(more=("-nodefaults", "-global", "spapr-vty.reg=0x71000005")), ("vty@71000000",))):
            with Move(capabilities, **options) as m:
                m.here.emulator.command("query-status")
                result = m.here.emulator.migrated()
                assert result["status"] == "failed", result
                for words in reasons:
                    assert words in result["error-desc"], (words, result, m.there.emulator.log.read_text())
                assert "would not take the guest" in result["error-desc"], result
                m.there.emulator.p.wait(60)
                said = m.there.emulator.log.read_text()
                assert m.there.emulator.p.returncode == 1 and all(words in said for words in reasons), said
                assert not any("START" in line for line in m.forth) and len(m.proxy.links[0][0]) < 1 << 20, m.forth
                assert m.here.emulator.command("query-status")["status"] == "running"
                assert not {"STOP", "RESUME"} & set(m.here.emulator.events), m.here.emulator.events
                m.here.lives(before=m.before)
    print("refused with every reason")


def cancelled():
    """The destination does not answer."""
    with Move(["return-path"], stall=True) as m:
        wait("the head", lambda: m.proxy.links and len(m.proxy.links[0][0]) > 8)
        assert m.here.emulator.command("query-migrate")["status"] == "setup"
        m.here.emulator.command("migrate_cancel")
        assert m.here.emulator.migrated()["status"] == "cancelled"
        m.here.lives(before=m.before)
    print("cancelled while the destination is silent")


def head(lines):
    """Up to the first section; how one program names its sections is another matter."""
    return lines[:next(i for i, line in enumerate(lines) if line.startswith("START"))]


def others():
    """Both ways, by one channel and by several: what was said before the first section is the same whoever says it, and to whomever."""
    for other, machine, cpu in OTHERS:
        probe = Payload(machine, cpu, 1, "-S", binary=other)
        known = capabilities_of(probe.emulator)
        probe.close()
        for capabilities in (["return-path"], ["postcopy-ram"], ["return-path", "multifd"]) if "return-path" in known else (["postcopy-ram"],):
            heads = {}
            for way, source, target in (("from", other, None), ("to", None, other)):
                with Move(capabilities, source, target, machine, cpu=cpu) as m:
                    result = m.here.emulator.migrated()
                    assert result["status"] == "completed", (other, way, capabilities, result, m.there.emulator.log.read_text())
                    m.there.lives(ticks=way == "from", before=m.before)
                    heads[way] = head(m.forth)
                    if way == "to":
                        assert not any("MANIFEST" in line or "VERDICT" in line or "0x707063" in line for line in m.forth + m.back), (m.forth, m.back)
            assert heads["from"] == heads["to"], (other, capabilities, heads)
            print(other, capabilities, heads["to"])


if __name__ == "__main__":
    taken()
    refused()
    cancelled()
    others()
