# SPDX-License-Identifier: GPL-2.0-or-later
"""Handlers of the client's own for resets and machine checks: registering them, injecting an NMI, and moves with a machine check half handled, both ways
between us and the peer. QEMU's translator makes no machine checks; that one is being handled is put into the stream, as a host with KVM would send it.
"""
import os, struct
from asking import Ask, PEER, loaded, memory, sections
from guest import skip
from qmp import wait

MACHINE, CPU, SMP = "pseries-7.2,ic-mode=xics,vsmt=8", "POWER8", 2      # threads 0 and 8
RTAS, CHECK, RESET, CODE, OUT, TREE, BLOCK = 0x700000, 0xa00000, 0xa00800, 0xa02000, 0xa01000, 0x680000, 0xa03000
NAMES = ("fwnmi_system_reset_addr", "fwnmi_machine_check_addr", "fwnmi_machine_check_interlock")
# r3, SRR0, SRR1, MSR to OUT + 64 a thread, and stay: lis ori rlwinm add std mfsrr0 std mfsrr1 std mfmsr std b
CATCH = (0x3c8000a0, 0x60841000, 0x546515ba, 0x7c842a14, 0xf8640000, 0x7cba02a6, 0xf8a40008, 0x7cbb02a6, 0xf8a40010, 0x7ca000a6, 0xf8a40018, 0x48000000)
STAY = (0x48000000,)
# ibm,nmi-interlock by the block at BLOCK, and stay with 0x1234 in R3: li ori lis ori sc li b
GIVE_UP = (0x38600000, 0x6063f000, 0x3c8000a0, 0x60843000, 0x44000022, 0x38601234, 0x48000000)


def on(binary):
    return MACHINE if binary else MACHINE + ",x-destination-dialect=7.2"


def place(g, at, words):
    words = list(words) + [0x60000000] * (len(words) % 2)
    for i in range(0, len(words), 2):
        g.ask("s", at + 4 * i, words[i] << 32 | words[i + 1])


def tell_rtas(g):
    """H_UPDATE_DT with a tree of /rtas only, as firmware tells where it has put RTAS."""
    node = lambda name, body: struct.pack(">I", 1) + name.ljust(len(name) + 4 - len(name) % 4, b"\0") + body + struct.pack(">I", 2)
    body = node(b"", node(b"rtas", struct.pack(">4I", 3, 4, 0, RTAS))) + struct.pack(">I", 9)
    strings = b"linux,rtas-base\0"
    tree = struct.pack(">10I", 0xd00dfeed, 56 + len(body) + len(strings), 56, 56 + len(body), 40, 17, 16, 0, len(strings), len(body)) + bytes(16) + body + strings
    tree += bytes(-len(tree) % 4)
    place(g, TREE, struct.unpack(f">{len(tree) // 4}I", tree))
    return g.hcall(0xf003, TREE)


def register(g, reset=RESET, check=CHECK):
    return g.rtas("ibm,nmi-register", 1, reset, check)[0]


def state(stream):
    """What of it is in the stream."""
    found = sections(stream)["spapr", 0]
    return tuple(found["spapr_fwnmi:" + n] for n in NAMES) if "spapr_fwnmi" in found else None


def answers(binary):
    with Ask(on(binary), CPU, SMP, binary=binary) as g:
        found = [register(g), g.rtas("ibm,nmi-interlock", 1), state(g.save())]
        g.emulator.command("cont")
        found.append(tell_rtas(g))
        for a in ((RESET, 0xfffffff0), (0xfffffff0, CHECK), (RESET, 0x10000000), (0x10000000, CHECK), (0, 0), (RESET, 0), (RESET, CHECK)):
            found += [register(g, *a), g.rtas("ibm,nmi-interlock", 1), state(g.save())]
            g.emulator.command("cont")
        g.emulator.command("system_reset")
        wait("the guest to begin anew", lambda: state_after_reset(g, found))
        return found


def state_after_reset(g, found):
    stream = g.save()
    g.emulator.command("cont")
    if state(stream) is None:
        found.append(None)
    return state(stream) is None


def handlers(g):
    place(g, CHECK, STAY)
    place(g, RESET, CATCH)
    place(g, BLOCK, (0x202c, 0, 1, 0))
    assert tell_rtas(g) == (0,) and register(g) == 0


def caught(g):
    """An NMI to both threads, of which 8 stays where it is: what that one's handler finds, R3 as it was, and where the other's was put."""
    g.emulator.command("inject-nmi")
    there = lambda a, n: [int(w, 16) for line in g.emulator.command("human-monitor-command", **{"command-line": f"xp /{n}gx {a:#x}"}).splitlines() for w in line.split(":")[1].split()]
    wait("the handler", lambda: there(OUT + 64, 4)[3] and there(OUT, 4)[3])
    return there(OUT + 64, 4), there(RTAS + 0x810, 2), there(OUT, 4)[0]


def half_way(route):
    """Thread 8 handles a machine check when the guest goes from one emulator to the next; there it gives up the interlock."""
    with Ask(on(route[0]), CPU, SMP, binary=route[0]) as g:
        handlers(g)
        stream = g.save()
    plain = struct.pack(">QQI", RESET, CHECK, 0xffffffff)
    assert stream.count(plain) == 1
    for holder in (8, 1):
        with loaded(stream.replace(plain, struct.pack(">QQi", RESET, CHECK, holder)), on(route[1]), CPU, SMP, binary=route[1]) as g:
            again = g.save()
            assert state(again) == ("%016x" % RESET, "%016x" % CHECK, "%08x" % holder), state(again)
            assert "machine check is being handled" in g.emulator.log.read_text().replace("\n", " ")
        with loaded(again, on(route[2]), CPU, SMP, binary=route[2]) as g:
            g.emulator.command("cont")
            assert g.rtas("ibm,nmi-interlock", 1) == (0,)
            assert state(g.save())[2] == "%08x" % holder     # of another thread
            g.emulator.command("cont")
            assert register(g, RESET, CHECK + 0x100) == 0       # it knows where RTAS is
            place(g, CODE, GIVE_UP)
            g.rtas("start-cpu", 1, 8, CODE, 0)

            def given_up():
                now = state(g.save())
                g.emulator.command("cont")
                return now == ("%016x" % RESET, "%016x" % (CHECK + 0x100), "ffffffff" if holder == 8 else "%08x" % holder)
            wait("the interlock to be given up", given_up)
            if holder == 8:
                result = caught(g)
    print("half way:", " to ".join("7.2" if b else "ours" for b in route))
    return result


if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
ours, theirs = answers(None), answers(PEER)
assert ours == theirs, (ours, theirs)
print("registered")
found = [half_way(route) for route in ((PEER, None, PEER), (None, PEER, None), (None, None, None), (PEER, PEER, PEER))]
assert found[0] == ([RTAS + 0x810, CODE + 24, 0x8000000000001000, 0x8000000000001000], [0x1234, 0], RTAS + 0x800), [hex(n) for n in found[0][0]]
assert all(f == found[0] for f in found), found
