# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests that move while an interrupt waits in their XICS presenter, and they let none in: no QEMU brings it to the processor, and while it
stays in the presenter no later one comes either. From us it goes as one still to be presented, which every QEMU from 2.11 on does.
"""
import os
from asking import Ask
from moving import move_by_file, move_live
from qmp import PEER

MACHINES = [("pseries-2.6", "POWER7"), ("pseries-7.2,ic-mode=xics", "POWER9")]
H_CPPR, H_IPI, H_XIRR = 0x68, 0x6c, 0x74
EXTERNAL, IPI = 0x500, 0xff000002


def waiting(machine, cpu, binary=None):
    g = Ask(machine, cpu, 1, binary=binary)
    assert g.hcall(H_CPPR, 0xff)[0] == 0 and g.hcall(H_IPI, 0, 4)[0] == 0
    return g


def comes(g):
    """Does it reach the processor?"""
    vector = g.ask("e")
    assert vector in ([0], [EXTERNAL]), vector
    return vector == [EXTERNAL]


def moved(machine, cpu, move, source, there):
    g, _ = move(waiting(machine, cpu, source), lambda *a: Ask(machine, cpu, 1, *a, binary=there))
    try:
        first = comes(g)
        assert g.hcall(H_IPI, 0, 4)[0] == 0
        return first, comes(g), g.hcall(H_XIRR, outs=1) == (0, IPI)
    finally:
        g.close()


def goes_on_here(machine, cpu):
    """Saved, it runs on where it is: nothing is lost."""
    g = waiting(machine, cpu)
    try:
        g.save()
        g.emulator.command("cont")
        assert comes(g) and g.hcall(H_XIRR, outs=1) == (0, IPI)
    finally:
        g.close()


for machine, cpu in MACHINES:
    for move in (move_live, move_by_file):
        assert moved(machine, cpu, move, None, None) == (True, True, True), (machine, move)
        if os.path.exists(PEER):
            assert moved(machine, cpu, move, PEER, None) == (True, True, True), (machine, move, "from the peer")
            assert moved(machine, cpu, move, None, PEER) == (True, True, True), (machine, move, "to the peer")
    goes_on_here(machine, cpu)
    if os.path.exists(PEER):        # else nothing here would have to be as it is
        assert moved(machine, cpu, move_by_file, PEER, PEER) == (False, False, True), (machine, "from the peer to the peer")
    print(machine, cpu, "an interrupt that waits holds up none")
