# SPDX-License-Identifier: GPL-2.0-or-later
"""The link is reset in the last moments of a migration: never do both sides run, and the source's guest runs on wherever it is sure that the other
does not. Between two of ours and to Debian's QEMU 7.2, with a return path and without.
"""
import time
from moving import Payload
from postcopy import HERE, Move, PAIRS, name
from qmp import wait

OURS = [pair for pair in PAIRS if pair[0] is HERE]
ASKED = b"\x08\0\2\0\4\x72\0\0\1"         # a PING behind everything but the end
SHUT = b"\0\1\0\4\0\0\0\0"


def asked(forth, last, ended):
    return forth and last.endswith(ASKED)


def shut(forth, last, ended):
    return not forth and SHUT in last


def all_sent(forth, last, ended):
    return forth and ended


def running(guest):
    return guest.emulator.p.poll() is None and guest.emulator.command("query-status")["running"]


def reset(pair, when, *caps):
    """(does the source run, does the destination run, the source's migration)"""
    with Move(pair, *caps, kind=Payload, max_bandwidth=0, downtime_limit=20000) as m:
        m.proxy.cut_when = when
        m.start()
        m.until("completed", "failed")
        result = m.source.emulator.command("query-migrate")
        time.sleep(1)           # who is to run does by then
        try:
            there = running(m.target)
        except AssertionError:
            there = False       # it ended just now
        here = running(m.source)
        assert not (here and there), f"{name(pair)}, {when.__name__}: both run: {result}"
        if here:
            m.source.lives(before=m.before)
        elif there:
            m.target.lives(before=m.before)
        if result["status"] == "failed" and not here:
            assert "may run it" in result["error-desc"] and "'cont'" in result["error-desc"], result
            assert m.source.emulator.command("query-status")["status"] == "postmigrate"
        return here, there, result["status"]


def expect(pair, when, caps, *results):
    got = reset(pair, when, *caps)
    assert got in results, (name(pair), when.__name__, caps, got, results)
    print(name(pair), *caps, f"reset when {when.__name__}: source {'runs' if got[0] else 'waits'}, destination {'runs' if got[1] else 'does not'}, {got[2]}")


if __name__ == "__main__":
    for pair in OURS:
        peer = pair[1] is not HERE
        # Everything was sent, then a reset: nobody but the destination can know whether it came, so the source waits for a person.
        expect(pair, all_sent, (), *((False, there, status) for there in (True, False) for status in ("failed", "completed")))
        if peer:
            expect(pair, asked, ("return-path",), (True, False, "failed"))
        # 7.2 runs once it has said so; ours waits for the word that the source does not, and is paused.
        expect(pair, shut, ("return-path",), (False, True, "failed") if peer else (True, False, "failed"))
