# SPDX-License-Identifier: GPL-2.0-or-later
"""The hash page table is replaced by another: calls answer as the peer's, and what a moved guest finds is the table that it made last."""
import os, time
from asking import Ask, PEER, loaded
from guest import compare_answers, skip
from moving import port
from qmp import wait

PREPARE, COMMIT, ENTER, READ, REMOVE = 0x36c, 0x370, 0x08, 0x0c, 0x04
EXACT, BOLTED, CLOSED, BUSY = 1 << 39, 0x10, 2, 1
EA, VSID, REAL, WORD = 0x30000000, 0x1234, 0x300000, 0x1122334455667788
MACHINE, CPU, ORDER = "pseries-7.2,cap-htm=off", "POWER8", 21       # of the first table for 256 MiB


def prepare(g, order, flags=0):
    """Asks again as long as it is said to take a while."""
    answer, = g.hcall(PREPARE, flags, order)
    while 9900 <= answer <= 9905:
        time.sleep(0.05)
        answer, = g.hcall(PREPARE, flags, order)
    return answer


def commit(g, order, flags=0):
    answer, = g.hcall(COMMIT, flags, order)
    while answer == BUSY:
        time.sleep(0.05)
        answer, = g.hcall(COMMIT, flags, order)
    return answer


def resize(g, order):
    assert prepare(g, order) == 0 and commit(g, order) == 0, order


def enter(g, order, ea, bolted):
    """Its place."""
    group = (VSID ^ (ea & 0xfffffff) >> 12) & (1 << order - 7) - 1
    rc, at = g.hcall(ENTER, 0, group * 8, VSID << 12 | (ea & 0xfffffff) >> 23 << 7 | bolted | 1, REAL | 0x12, outs=1)
    assert rc == 0
    return at


def mapped(g, order):
    """One entry that outlives another table, one that does not, and the word behind both."""
    g.ask("s", REAL, WORD)
    places = enter(g, order, EA, BOLTED), enter(g, order, EA + 0x5000, 0)
    assert g.ask("m", EA) == [WORD] and g.ask("m", EA + 0x5000) == [WORD]
    return places


def answers(binary, machine):
    """[(question, answer)]"""
    found = []
    with Ask(machine, CPU, 1, binary=binary) as g:
        def note(what, answer):
            found.append((f"{len(found)} {what}", answer))
        for order in (0, 1, 17, 18, 22, 23, 24, 28, 46, 47, 1 << 32):
            note(f"prepare {order}", prepare(g, order))
        for how in ("prepare 19", "commit 20", "prepare 47", "prepare 46", "commit 19 1", "prepare 19 1", "commit 19", "commit 19", "prepare 20", "prepare 0",
                    "commit 20", "prepare 20", "prepare 18", "commit 20", "commit 18", "commit 0", "prepare 20"):
            call, order, flags = (how + " 0").split()[:3]
            note(how, (prepare if call == "prepare" else commit)(g, int(order), int(flags)))
        if "disabled" in machine or "2.9" in machine:
            return found
        note("where", mapped(g, 18))
        note("commit with entries", commit(g, 20))
        note("the bolted one", g.ask("m", EA))
        note("the other", g.ask("m", EA + 0x5000))
        note("read past the end", g.hcall(READ, 0, 1 << 20 - 4))
        for n in range(8):          # as many bolted entries as a group has, then one more that a smaller table puts there too
            note("fill", g.hcall(ENTER, EXACT, 0x100 + n, (n + 16) << 12 | BOLTED | 1, REAL | 0x12, outs=1))
        note("fill", g.hcall(ENTER, EXACT, 0x100 + (1 << 18 - 4), (1 << 18 - 7 | 0x20) << 12 | BOLTED | 1, REAL | 0x12, outs=1))
        note("prepare smaller", prepare(g, 18))
        note("commit smaller", commit(g, 18))
        note("the bolted one", g.ask("m", EA))
    return found


def pending(route):
    """A table that was prepared does not travel: who asks to have it is told that there is none, prepares anew, and nothing is lost."""
    machine = lambda b: MACHINE if b else MACHINE + ",x-destination-dialect=7.2"
    g = Ask(machine(route[0]), CPU, 1, binary=route[0])
    order, other = ORDER, 20
    try:
        mapped(g, order)
        for binary in route[1:]:
            assert prepare(g, other) == 0
            stream = g.save()
            g.close()
            g = loaded(stream, machine(binary), CPU, 1, binary=binary)
            assert g.ask("m", EA) == [WORD]
            assert g.hcall(COMMIT, 0, other) == (CLOSED,)
            resize(g, other)
            order, other = other, order
            assert g.ask("m", EA) == [WORD]
            assert g.ask("m", EA + 0x5000) == ["trap", 0x300]
    finally:
        g.close()
    print("prepared, then moved:", "->".join("the peer" if b else "ours" for b in route))


def replaced(what, do, there, order, alive):
    """While its memory is on the way, the guest gets another table."""
    uri = f"tcp:127.0.0.1:{port()}"
    here, target = Ask(MACHINE + ",x-destination-dialect=7.2", CPU, 1), Ask(MACHINE, CPU, 1, "-incoming", uri, binary=there)
    try:
        _, at = mapped(here, ORDER)
        here.emulator.command("migrate-set-parameters", **{"max-bandwidth": 100000})
        here.emulator.command("migrate", uri=uri)
        wait("some of its memory to be sent", lambda: here.emulator.command("query-migrate").get("ram", {}).get("transferred", 0) > 200000)
        do(here)
        assert here.emulator.command("query-migrate")["status"] == "active", "it went too soon"
        here.emulator.command("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        assert here.emulator.migrated()["status"] == "completed"
        wait("the destination", lambda: target.emulator.command("query-status")["status"] == "running")
        rc, v, r = target.hcall(READ, 0, at, outs=2)
        assert (rc, v & ~0x40, r) == (0, 0, 0), f"what was gone before it moved is there again: {v:x} {r:x}"     # 0x40: of the peer's own
        assert target.hcall(READ, 0, (1 << order - 4) - 1)[0] == 0 and target.hcall(READ, 0, 1 << order - 4)[0] == -4
        if alive:
            assert target.ask("m", EA) == [WORD] and target.ask("m", EA + 0x5000) == ["trap", 0x300]
    finally:
        here.close()
        target.close()
    print(what, "while it moves to", "the peer" if there else "ours")


def restart(g):
    g.emulator.command("system_reset")
    time.sleep(0.5)
    assert g.ask("x") == ["what?"]


def forgotten():
    """A new start forgets what was prepared."""
    with Ask(MACHINE, CPU, 1) as g:
        assert prepare(g, 20) == 0
        restart(g)
        assert g.hcall(COMMIT, 0, 20) == (CLOSED,)


forgotten()
for there in (None, PEER) if os.path.exists(PEER) else (None,):
    replaced("another table as large", lambda g: resize(g, ORDER), there, ORDER, True)
    replaced("a smaller table", lambda g: resize(g, 20), there, 20, True)
    replaced("a new start", restart, there, ORDER, False)
if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
rows = []
for machine in (MACHINE, *(MACHINE + ",resize-hpt=" + how for how in ("disabled", "required")), "pseries-2.9,cap-htm=off", "pseries-2.10,cap-htm=off"):
    rows += [(machine, q, a, b) for (q, a), (_, b) in zip(answers(None, machine), answers(PEER, machine), strict=True)]
compare_answers(rows, [(r"10 prepare 4294967296", ".", "LoPAPR 14.5.4.3: a shift that is out of range; the peer looks at its lower half")])
print(len(rows), "answers are the peer's")
pending((PEER, None, PEER, None, None))
