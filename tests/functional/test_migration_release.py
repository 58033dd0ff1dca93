# SPDX-License-Identifier: GPL-2.0-or-later
"""release-ram and postcopy-blocktime: post-copy's source gives its memory back, also when the link was cut meanwhile; the destination says how
long its processors waited, in the peer's form. Between two of ours and with Debian's QEMU 7.2 in both directions.
"""
import re, time
from postcopy import HERE, Move, PAIRS, name
from qmp import wait

RELEASE, TIMES = "release-ram", "postcopy-blocktime"


def resident(guest):
    """MiB of memory that the emulator holds, guest memory being either shared or not."""
    status = open(f"/proc/{guest.emulator.p.pid}/status").read()
    return sum(int(re.search(rf"^{k}:\s*(\d+) kB", status, re.M)[1]) for k in ("RssAnon", "RssShmem")) >> 10


def release(pair, cut=False, preempt=False):
    caps = ("postcopy-ram", RELEASE, TIMES, *(["postcopy-preempt"] if preempt else []))
    with Move(pair, *caps, max_bandwidth=64 << 20, max_postcopy_bandwidth=32 << 20) as m:
        before = resident(m.source)
        assert before > 180, f"the guest's memory is not there: {before} MiB"
        m.post_copy()
        if pair[0] is HERE:
            wait(f"memory to go while it is sent, {resident(m.source)} of {before} MiB", lambda: resident(m.source) < before - 32
                 or m.states()[0] == "completed")
        if cut and m.states() == ("postcopy-active", "postcopy-active"):
            m.proxy.cut()
            m.recover()
            m.until("postcopy-active", "completed")
        m.source.emulator.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 0})
        m.arrived()
        after = resident(m.source)
        assert pair[0] or after < 64, f"{after} MiB of {before} are still there"
        told = m.target.emulator.command("query-migrate")
        assert set(told) == {"status", "postcopy-blocktime", "postcopy-vcpu-blocktime"}, told
        each = told["postcopy-vcpu-blocktime"]
        assert len(each) == 2 and max(each) > 0 and told["postcopy-blocktime"] <= min(each) + 100, told     # 7.2 takes its times apart
        text = m.target.emulator.command("human-monitor-command", **{"command-line": "info migrate"})
        assert re.search(rf"postcopy blocktime: {told['postcopy-blocktime']}\r?\npostcopy vcpu blocktime: \d+,\d+", text), text
    print(name(pair), f"by post-copy{' with preempt' if preempt else ''}{', cut and mended' if cut else ''}: the source holds {after} of {before} MiB, "
          f"processors waited {each} ms, both at once {told['postcopy-blocktime']} ms")


def only_then():
    """Without post-copy there is nothing to tell."""
    with Move((HERE, HERE), RELEASE, TIMES, max_bandwidth=0, downtime_limit=20000) as m:
        m.start()
        m.arrived()
        assert m.target.emulator.command("query-migrate") == {"status": "completed"}, m.target.emulator.command("query-migrate")


if __name__ == "__main__":
    only_then()
    for pair in PAIRS:
        release(pair)
    release((HERE, HERE), cut=True, preempt=True)
