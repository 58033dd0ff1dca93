# SPDX-License-Identifier: GPL-2.0-or-later
"""DMA windows that guests open: calls about them answer as the peer's, and windows with what is mapped in them come along when the guest moves."""
import os
from asking import Ask, PEER, loaded, sections
from guest import compare_answers, skip

BRIDGE = (0, 0x8000000, 0x20000000)
DEFAULT, SECOND, START, RAM = 0x80000000, 0x80000001, 0x800000000000000, 0x801000
GET, PUT, INDIRECT, STUFF = 0x1c, 0x20, 0x138, 0x13c
MACHINES = [("pseries-7.2", "POWER9"), ("pseries-4.1", "POWER8"), ("pseries-2.7,cap-htm=off", "POWER8"), ("pseries-2.6,cap-htm=off", "POWER8"),
            ("pseries-7.2", "POWER9", "dma_win_addr=0x10000000", "dma_win_size=0x20000000", "dma64_win_addr=0x100000000000", "pgsz=0x1010000")]


def properties(*props):
    return [x for p in props for x in ("-global", "spapr-pci-host-bridge." + p)]


def answers(binary, machine, cpu, *props):
    """[(question, answer)]"""
    found = []
    with Ask(machine, cpu, 1, *properties(*props), binary=binary) as g:
        def rtas(name, nrets, *args):
            found.append((f"{name} {args}", g.rtas(name, nrets, *args)))

        def hcall(name, *args, outs=0):
            found.append((name, g.hcall(*args, outs=outs)))
        rtas("ibm,query-pe-dma-window", 5, *BRIDGE)
        # sizes that the peer refuses as too large would be its end
        for page, window in ((12, 20), (12, 30), (16, 28), (16, 29), (21, 30), (24, 30), (24, 24), (34, 40), (16, 16), (12, 11), (13, 20)):
            rtas("ibm,create-pe-dma-window", 4, *BRIDGE, page, window)
            rtas("ibm,query-pe-dma-window", 5, *BRIDGE)
            rtas("ibm,remove-pe-dma-window", 1, SECOND)
        for words in ((3, 0, 1, 2), (4, 0x8000000, 0x20000000)):
            rtas("ibm,create-pe-dma-window", 4, 0, *words[1:], 16)
        start = int(props[2].split("=")[1], 0) if len(props) > 2 else START
        rtas("ibm,create-pe-dma-window", 4, *BRIDGE, 16, 28)
        rtas("ibm,create-pe-dma-window", 4, *BRIDGE, 16, 28)
        for offset, value in ((0, 0x800003), (0x10000, 0x810001), (0x20001, 0x823002), (0xfffffff, 0x830003), (0x10000000, 3), (-1, 3)):
            hcall(f"put {offset:x}", PUT, SECOND, start + offset, value)
            hcall(f"get {offset:x}", GET, SECOND, start + offset, outs=1)
        for n, value in enumerate((0x900003, 0x911001, 0)):
            g.ask("s", RAM + 8 * n, value)
        hcall("indirect", INDIRECT, SECOND, start + 0x40000, RAM, 3)
        for n in range(4):
            hcall("get indirect", GET, SECOND, start + 0x40000 + 0x10000 * n, outs=1)
        for n in (1, 0x10, 0x11, 513):
            hcall(f"stuff {n:x}", STUFF, SECOND, start + 0xff00000, 0, n)
        hcall("get stuffed", GET, SECOND, start + 0xfffffff, outs=1)
        for address in (0, 0x10000000, 0x2ffff000, 0x3ffff000):
            hcall(f"put default {address:x}", PUT, DEFAULT, address, 0x833003)
            hcall(f"get default {address:x}", GET, DEFAULT, address, outs=1)
        for window in (DEFAULT, DEFAULT, SECOND):
            rtas("ibm,remove-pe-dma-window", 1, window)
            rtas("ibm,query-pe-dma-window", 5, *BRIDGE)
            hcall("put into none", PUT, window, start, 3)
        rtas("ibm,remove-pe-dma-window", 1, DEFAULT)
        for again in range(3):
            rtas("ibm,create-pe-dma-window", 4, *BRIDGE, 16, 24)
        for address in (0, 0x10000000, start, start + 0xff0000, start + 0x1000000):
            hcall(f"put into new {address:x}", PUT, DEFAULT, address, 3)
            hcall(f"put into newer {address:x}", PUT, SECOND, address, 3)
        rtas("ibm,reset-pe-dma-window", 1, *BRIDGE)
        hcall("put after reset", PUT, SECOND, start, 3)
        hcall("get after reset", GET, DEFAULT, 0x10000000, outs=1)
        rtas("ibm,query-pe-dma-window", 5, *BRIDGE)
    return found


EXPECTED = [(r"get indirect", ".", "LoPAPR 14.5.4.2: the entries of the list; the peer takes the address of the list for each")]


def ask_both():
    rows = []
    for machine in MACHINES:
        ours, theirs = answers(None, *machine), answers(PEER, *machine)
        rows += [(" ".join(machine), a[0], a[1], b[1]) for a, b in zip(ours, theirs, strict=True)]
    compare_answers(rows, EXPECTED)
    print(len(rows), "answers are the peer's")


def on(binary, machine):
    """The machine's name for a program: what ours sends is for the peer."""
    return machine if binary else machine + ",x-destination-dialect=7.2"


def tables(stream):
    return {k: v for k, v in sections(stream).items() if k[0] in ("spapr_iommu", "spapr_pci")}


def move(route, machine, cpu, *args):
    """Along the binaries of `route`; everything is mapped as before at each of them, and the last one closes the window."""
    g = Ask(on(route[0], machine), cpu, 1, *args, binary=route[0])
    try:
        assert g.rtas("ibm,create-pe-dma-window", 4, *BRIDGE, 16, 30) == (0, SECOND, START >> 32, 0)
        mapped = {(t, at): 0x100003 + 0x10000 * i for i, (t, at) in enumerate(
            [(DEFAULT, 0), (DEFAULT, 0x3ffff000), (SECOND, START), (SECOND, START + 0x3fff0000), (SECOND, START + 0x50000)])}
        for (t, at), v in mapped.items():
            assert g.hcall(PUT, t, at, v) == (0,)
        first = None
        for binary in route[1:]:
            stream = g.save()
            g.close()
            first = first or tables(stream)
            assert tables(stream) == first, "the tables changed on the way"
            g = loaded(stream, on(binary, machine), cpu, 1, *(args if binary else ()), binary=binary)
            for (t, at), v in mapped.items():
                assert g.hcall(GET, t, at, outs=1) == (0, v), (hex(t), hex(at))
            assert g.rtas("ibm,query-pe-dma-window", 5, *BRIDGE)[:2] == (0, 0), "the window is open: no other can be had"
        assert g.rtas("ibm,remove-pe-dma-window", 1, SECOND) == (0,)
        assert g.hcall(GET, SECOND, START) == (-4,)
        assert g.rtas("ibm,create-pe-dma-window", 4, *BRIDGE, 12, 20)[0] == 0
        assert g.hcall(GET, SECOND, START, outs=1) == (0, 0)
    finally:
        g.close()
    print(machine, cpu, "->".join("the peer" if b else "ours" for b in route))


def promised():
    """A machine without second windows gets one from a stream: Ubuntu's 2.11 has it in pseries-2.6; here the peer with ddw=on stands for it."""
    machine, cpu, more = "pseries-2.6,cap-htm=off", "POWER8", properties("ddw=on")
    move((PEER, None, None, PEER), machine, cpu, *more)
    with Ask(machine, cpu, 1, *more, binary=PEER) as g:
        closed = g.save()
    with loaded(closed, machine, cpu, 1) as g:
        assert g.rtas("ibm,query-pe-dma-window", 5, *BRIDGE)[:2] == (0, 1), "what the guest was told it may do"
        assert ("spapr_iommu", SECOND) not in sections(g.save()), "a closed window is no other program's business"
        g.emulator.command("system_reset")
        g.emulator.command("cont")
        assert g.rtas("ibm,query-pe-dma-window", 5, *BRIDGE)[0] == -3, "a new start has a tree without them"


if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
ask_both()
move((PEER, None, PEER, None), "pseries-7.2", "POWER9")
move((None, None, PEER, None), "pseries-2.7,cap-htm=off", "POWER8")
promised()
print("windows of a program that promises them where no other does")
