# SPDX-License-Identifier: GPL-2.0-or-later
"""Message interrupts of the peer's PCI functions: their numbers come here and go on, and are free again after a reset.

There are no PCI functions here, so the function is gone by the time the guest moves: the guest lets it be unplugged and keeps its interrupts.
"""
import os, time
from asking import Ask, PEER, loaded, sections
from guest import compare_answers, skip

BRIDGE, FUNCTION, SLOT = (0x8000000, 0x20000000), 0x1800, 0x40000018
MSIX = 4
MACHINES = [("pseries-7.2,ic-mode=xics", "POWER9"), ("pseries-7.2", "POWER9"), ("pseries-3.0", "POWER8"), ("pseries-2.6,cap-htm=off", "POWER8")]


def on(binary, machine):
    return machine if binary else machine + ",x-destination-dialect=7.2"


def numbers(stream):
    """The sections that say who has which interrupt."""
    found = {k: v for k, v in sections(stream).items() if k[0] in ("spapr_pci", "ics", "spapr-xive", "xive-source")}
    found["map"] = {k: v for k, v in sections(stream)["spapr", 0].items() if "irq_map" in k}
    return found


def same(a, b, what):
    bad = [(k, f, v.get(f), b[k].get(f)) for k, v in a.items() for f in v.keys() | b[k].keys() if v.get(f) != b[k].get(f)]
    assert not bad, (what, bad[:10])


def restart(g):
    g.emulator.command("system_reset")
    g.emulator.command("cont")
    time.sleep(0.5)
    assert g.ask("x") == ["what?"]


def move(machine, cpu):
    g = Ask(machine, cpu, 1, "-device", "nec-usb-xhci,addr=3,id=usb", binary=PEER)
    try:
        status, count, sequence, kind = g.rtas("ibm,change-msi", 4, FUNCTION, *BRIDGE, MSIX, 11, 0)
        assert (status, count, kind) == (0, 11, 2), "the peer's answer"
        assert g.rtas("ibm,change-msi", 4, FUNCTION, *BRIDGE, MSIX, 5, sequence)[:2] == (0, 5)
        first = g.rtas("ibm,query-interrupt-source-number", 3, FUNCTION, *BRIDGE, 0)[1]
        if "xive" not in machine and g.rtas("ibm,set-xive", 1, first + 1, 0, 5) != (0,):
            raise AssertionError("ibm,set-xive")
        g.emulator.command("device_del", id="usb")
        assert g.rtas("set-indicator", 1, 9001, SLOT, 0) == (0,)
        there = g.save()
        g.emulator.command("cont")
        restart(g)
        after = numbers(g.save())
    finally:
        g.close()
    assert numbers(there)["spapr_pci", 0]["msi_devs.value.num"] == "00000005"
    with loaded(there, on(None, machine), cpu, 1) as g:
        here = g.save()
        same(numbers(there), numbers(here), "as it came")
        g.emulator.command("cont")
        assert g.rtas("ibm,query-interrupt-source-number", 3, FUNCTION, *BRIDGE, 0)[0] == -3, "there is no such function"
        assert g.rtas("ibm,change-msi", 4, FUNCTION, *BRIDGE, MSIX, 0, 0)[0] == -3
        assert g.rtas("ibm,get-xive", 3, first + 1)[:3] == (0, 0, 5), "the interrupt has its server and priority"
        restart(g)
        assert g.rtas("ibm,get-xive", 3, first + 1)[0] == -3, "nobody has it after a reset"
        same(after, numbers(g.save()), "after a reset")
    with loaded(here, machine, cpu, 1, binary=PEER) as g:
        same(numbers(there), numbers(g.save()), "back at the peer")
    print(machine, cpu, f"numbers from {first:#x} on")


def answers(binary, machine, cpu):
    """Of functions that are not there."""
    with Ask(machine, cpu, 1, binary=binary) as g:
        return [(f"{name} {args}", g.rtas(name, nrets, *args)) for name, nrets, args in
                [("ibm,change-msi", n, (a, *b, f, 4, 0)[:k]) for a in (0, FUNCTION, 0xff0800) for b in (BRIDGE, (1, 2)) for f in (0, 1, 2, 3, 4, 9)
                 for n, k in ((4, 6), (3, 6), (2, 5), (4, 5))]
                + [("ibm,query-interrupt-source-number", n, (a, *b, i)[:k]) for a in (0, FUNCTION) for b in (BRIDGE, (1, 2)) for i in (0, 7)
                   for n, k in ((3, 4), (2, 4), (3, 3), (4, 4))]]


if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
rows = [(machine, q, a, b) for machine, cpu in MACHINES[1::2] for (q, a), (_, b) in zip(answers(None, machine, cpu), answers(PEER, machine, cpu), strict=True)]
compare_answers(rows, [])
print(len(rows), "answers are the peer's")
for machine in MACHINES:
    move(*machine)
