# SPDX-License-Identifier: GPL-2.0-or-later
"""A move of a guest that may become post-copy, with a proxy on the link that records and cuts it: what the tests of post-copy have in common."""
import os, pathlib, random, sys, time
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "migration-compat"))
import wire
from moving import Churn, port
from qmp import PEER, wait

CAPS = ",ic-mode=xics,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
MACHINE = ("pseries-7.2" + CAPS, "POWER9", 2)
HERE, THERE = None, PEER
PAIRS = [(HERE, HERE)] + ([(THERE, HERE), (HERE, THERE)] if os.path.exists(PEER) else [])


def name(pair):
    return " to ".join("the peer" if p else "us" for p in pair)


class Move:
    """A guest with a destination that waits, and a proxy between them; `caps` on both sides."""

    def __init__(self, pair, *caps, kind=Churn, source=None, machine=MACHINE, there=(), **parameters):
        self.pair, self.port = pair, port()
        self.source = source or kind(*machine, binary=pair[0])
        self.target, self.recovered = None, 0
        try:
            self.target = kind(*(there or machine), "-incoming", "defer", binary=pair[1])
            for g in (self.source, self.target):
                g.emulator.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in ("events", *caps)])
            self.target.emulator.command("migrate-incoming", uri=f"tcp:127.0.0.1:{self.port}")
            self.proxy = wire.Proxy(self.port)
            if parameters:
                self.source.emulator.command("migrate-set-parameters", **{k.replace("_", "-"): v for k, v in parameters.items()})
            self.before = self.source.lives()
        except BaseException:
            self.close()
            raise

    def start(self, **more):
        self.source.emulator.command("migrate", uri=f"tcp:127.0.0.1:{self.proxy.port}", **more)

    def states(self):
        return tuple(g.emulator.command("query-migrate").get("status") for g in (self.source, self.target))

    def runs(self):
        return tuple(g.emulator.command("query-status")["running"] for g in (self.source, self.target))

    def until(self, *status):
        return wait(f"{status}, now {self.states()}", lambda: self.source.emulator.command("query-migrate").get("status") in status, 120)

    def arrived(self):
        """The guest is there and well; nothing runs here. It is what is left open."""
        for _ in range(3):
            self.until("completed", "failed", "postcopy-paused")
            if not (self.pair[0] and self.recovered and self.states()[0] == "postcopy-paused"):
                break
            self.recover()      # 7.2 with preempt may end after a recovery without having sent everything
        assert self.states()[0] == "completed", (self.source.emulator.command("query-migrate"), self.source.emulator.log.read_text(),
                                                 self.target.emulator.log.read_text())
        wait("the destination", lambda: self.states()[1] == "completed")
        assert self.runs() == (False, True), self.runs()
        self.target.lives(ticks=False, before=self.before)
        return self.source.emulator.command("query-migrate")

    def post_copy(self):
        """Memory is on its way; the guest goes."""
        self.start()
        for _ in range(3):
            self.until("active", "failed")
            if not (self.pair[0] and self.states()[0] == "failed"):
                break
            self.start()        # 7.2 on a busy host writes to its second connection before that is there
        self.until("active")
        wait("some memory to go", lambda: self.source.emulator.command("query-migrate")["ram"]["transferred"] > 8 << 20)
        self.source.emulator.command("migrate-start-postcopy")
        self.until("postcopy-active", "completed", "failed")

    def recover(self):
        """After the link was cut: another."""
        self.recovered += 1
        wait(f"both sides to notice, now {self.states()}", lambda: self.states() == ("postcopy-paused", "postcopy-paused"))
        assert self.runs()[0] is False
        self.proxy.close()
        at = port()
        self.target.emulator.command("migrate-recover", uri=f"tcp:127.0.0.1:{at}")
        self.proxy = wire.Proxy(at)
        self.start(resume=True)

    def close(self, *keep):
        for g in (self.source, self.target):
            if g and g not in keep:
                g.close()
        if hasattr(self, "proxy"):
            self.proxy.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def interrupted(pair, *caps, pause=None, rounds=1, link=None, **move):
    """The link (or only the connection of that number) is cut at a random moment after the guest went over, and made anew, until it is through.
    Faults go on meanwhile."""
    with Move(pair, "postcopy-ram", *caps, max_bandwidth=64 << 20, max_postcopy_bandwidth=24 << 20, **move) as m:
        m.post_copy()
        wait("the guest to run there", lambda: m.runs() == (False, True))
        cuts = 0
        for i in range(rounds):
            time.sleep(random.uniform(0, 0.6))
            if m.states() != ("postcopy-active", "postcopy-active"):
                break
            if pause is not None and i % 2 == 0:
                (m.source, m.target)[pause].emulator.command("migrate-pause")
            else:
                m.proxy.cut(link)
            cuts += 1
            m.recover()
            m.until("postcopy-active", "completed")
        m.source.emulator.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 0})
        m.arrived()
    how = "with migrate-pause" if pause is not None else f"in connection {link}" if link is not None else ""
    print(name(pair), "by post-copy", *caps, "cut and mended", cuts, "times", how)
