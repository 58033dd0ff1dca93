# SPDX-License-Identifier: GPL-2.0-or-later
"""postcopy-preempt: pages that are asked for on a connection of their own, between two of ours and with Debian's QEMU 7.2 in both directions,
over links that are cut: all of them, and only that connection. Argument behind the build: ROUNDS (1).
"""
import re, sys
from postcopy import HERE, Move, PAIRS, interrupted, name, wire

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 1


def preempt(pair, *caps):
    """Both connections hold what they should: every page that was asked for in time has gone on the second, none of them on the first."""
    with Move(pair, "postcopy-ram", "postcopy-preempt", *caps, max_bandwidth=64 << 20, max_postcopy_bandwidth=24 << 20) as m:
        m.post_copy()
        result = m.arrived()
        pages, replies = wire.page_channel(m.proxy.links[-1][0]), wire.back(m.proxy.links[0][1])
        asked = sum(line.startswith("REQ_PAGES") for line in replies)
        assert len(pages) == 1 and asked, (pages, asked)
        sent = sum(int(n) for n in re.findall(r"'(?:page|zero)': (\d+)", pages[0]))
        assert 0 < sent <= asked, (pages, asked)
        assert bytes(m.proxy.links[-1][0][-8:]) == b"\0\0\0\0\0\0\0\x10", m.proxy.links[-1][0][-16:]
        assert all(not back for _, back in m.proxy.links[1:]), "something came back where nobody listens"
    print(name(pair), "by post-copy with preempt", *caps, asked, "pages asked for,", sent, "sent beside, downtime", result["downtime"], "ms")


if __name__ == "__main__":
    for _ in range(ROUNDS):
        for pair in PAIRS:
            preempt(pair)
            interrupted(pair, "postcopy-preempt", rounds=ROUNDS)
        preempt((HERE, HERE), "multifd")
        interrupted((HERE, HERE), "postcopy-preempt", link=1)
        interrupted((HERE, HERE), "multifd")
