# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest in a transaction, as hosts with KVM send it: what the transaction began with comes along (subsection cpu/tm) and goes on."""
import os, re
from asking import Ask, PEER, loaded, sections
from guest import skip

MACHINES = [("pseries-7.2,cap-htm=off", "POWER8"), ("pseries-2.7,cap-htm=off", "POWER8")]
FIELDS = re.compile(r"cpu/tm(:env\.tm_\w+)?")


def on(binary, machine):
    return machine if binary else machine + ",x-destination-dialect=7.2"


def checkpoint(stream):
    return {k: v for k, v in sections(stream)["cpu", 0].items() if FIELDS.match(k)}


def with_values(stream):
    """A checkpoint of which every byte is told from the others."""
    at = stream.index(b"\x05\x06cpu/tm\0\0\0\x01") + 12
    size = 32 * 8 + 64 * 16 + 7 * 8 + 4 + 2 * 8
    return stream[:at] + bytes((i * 7 + i // 256) & 0xff for i in range(size)) + stream[at + size:]


if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
for machine, cpu in MACHINES:
    with Ask(machine, cpu, 1, binary=PEER) as g:
        g.ask("t", 2)
        there = with_values(g.save())
    assert len(checkpoint(there)) == 107, "the peer sends it"
    with loaded(there, on(None, machine), cpu, 1) as g:
        here = g.save()
        assert checkpoint(here) == checkpoint(there), "as it came"
        g.emulator.command("cont")
        msr, = g.ask("t", 0)
        assert not msr >> 33 & 3
        assert not checkpoint(g.save()), "not without a transaction"
    with loaded(here, machine, cpu, 1) as g:        # not at the peer, which dies of these streams, its own too
        assert checkpoint(g.save()) == checkpoint(there), "once more"
    print(machine, cpu, len(checkpoint(there)), "fields")
