# SPDX-License-Identifier: GPL-2.0-or-later
"""XIVE answers as the peer's: hypercalls, pages, thread contexts (tests/guest/xive.c); what is saved is the same to the byte, and so are
`info pic` and the tree that the guest negotiated; what cannot be negotiated ends the machine with the peer's words."""
import os, pathlib, re, subprocess, sys, tempfile
from fdt_compare import parse
from guest import compare_answers, emulator, skip
from qmp import Emulator, PEER, wait

GUEST = pathlib.Path(sys.argv[1]) / "tests/guest/xive.bin"
# (call pattern, reason): where our answer is meant to be another
EXPECTED = [
    (r"CALL get source$", "the peer says the queue's target and priority, which are odd numbers while there is no queue"),
    (r"CALL esb, o", "LoPAPR: H_P3 for an offset that is no doubleword of the page; the peer reaches for other sources' pages"),
    (r"CALL esb", "the peer's value comes with its bytes turned round"),
    (r"CALL load phys ring", "a page of the hypervisor's, which a partition has no business in"),
    (r"CALL (load )?after reset", "LoPAPR: H_INT_RESET forgets what was configured; the peer keeps it"),
]
MODES = [("pseries-7.2,ic-mode=xive", "POWER9"), ("pseries-7.2", "POWER9"), ("pseries-4.0,ic-mode=dual", "POWER9"), ("pseries-7.2", "POWER10"),
         ("pseries-7.2,ic-mode=xics", "POWER9"), ("pseries-7.2", "POWER8")]
REFUSED = [("xics", "4"), ("xics", "8"), ("xive", "0"), ("xive", "8"), ("dual", "8"), ("dual", "<")]


def run(binary, machine, cpu, *args):
    """The guest's lines up to WAITING, its standard error."""
    p = subprocess.Popen([binary, "-M", machine, "-cpu", cpu, "-m", "256", "-display", "none", "-vga", "none", "-nodefaults", "-serial", "stdio",
                          "-monitor", "none", "-bios", str(GUEST), *args],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    lines = []
    for line in p.stdout:
        lines.append(line.rstrip())
        if "WAITING" in line:
            p.kill()
    errors = p.stderr.read()
    return lines, errors, p.wait(60)


def answers(binary, machine, cpu):
    lines, errors, _ = run(binary, machine, cpu)
    assert "WAITING" in lines, (binary, machine, cpu, lines[-3:], errors)
    return [line.split(" -> ") for line in lines if " -> " in line], lines[0]


def compare_questions():
    rows = []
    for machine, cpu in MODES:
        (ours, offered), (theirs, offered_there) = answers(emulator(), machine, cpu), answers(PEER, machine, cpu)
        assert offered == offered_there and [a[0] for a in ours] == [a[0] for a in theirs], (machine, cpu)
        assert len(ours) > 400, len(ours)
        rows += [(f"{machine} {cpu} question {n}", a[0], a[1], b[1]) for n, (a, b) in enumerate(zip(ours, theirs))]
        print(machine, cpu, len(ours), "answers")
    compare_answers(rows, [(call, ".", why) for call, why in EXPECTED])


def section(stream, name):
    return [stream[m.end() + 8:stream.find(b"\x7e", m.end() + 8 + 64)] if name == b"xive-tctx" else stream[m.end() + 8:]
            for m in re.finditer(b"\x04\0\0..%c%s" % (len(name), name), stream, re.S)]


def tree(blob):
    """{path: {property: bytes}} of the interrupt controllers, the root and /rtas."""
    return {p: {k: v for k, v in n.items() if "drc" not in k} for p, n in parse(blob).items() if "interrupt-c" in p or p in ("/", "/rtas")}


def left_behind(binary, machine, cpu, choice, *args):
    """What the guest left: info pic, the saved sections, the negotiated tree."""
    with tempfile.TemporaryDirectory() as d, Emulator("-M", machine, "-cpu", cpu, "-m", "256", "-bios", str(GUEST), "-name", choice + "s", *args,
                                                      binary=binary) as g:
        wait("the guest", lambda: "WAITING" in g.text())
        g.command("stop")
        pic = re.sub(r"0x[0-9a-f]{6,}", "POINTER", g.command("human-monitor-command", **{"command-line": "info pic"}))
        pic = re.sub(r" XIRR=[0-9a-f]{2}", " XIRR=..", pic) if choice == "4" else pic
        g.command("pmemsave", val=0xa00000, size=0x100000, filename=d + "/tree")
        g.command("migrate", uri=f"exec:cat > {d}/stream")
        assert g.migrated()["status"] == "completed"
        stream, cas = (pathlib.Path(d, n).read_bytes() for n in ("stream", "tree"))
    source, table = section(stream, b"xive-source"), section(stream, b"spapr-xive")
    return {"info pic": pic.replace("\r", ""), "source": [s[:4 + 0x2000] for s in source],
            "table": [t[:4 + 8 * 0x2000 + 4 * 8 * 8 * 4] for t in table],
            "threads": [t[:64] for t in section(stream, b"xive-tctx")], "tree": tree(cas[4:])}


def compare_left_behind():
    for machine, choice in (("pseries-7.2,ic-mode=xive", "4"), ("pseries-7.2,ic-mode=dual", "4"), ("pseries-7.2,ic-mode=dual", "0"),
                            ("pseries-7.2,ic-mode=xics", "0")):
        ours, theirs = (left_behind(b, machine, "POWER9", choice, "-smp", "2,maxcpus=4") for b in (None, PEER))
        # while the guest uses XICS, XIVE's pages do not answer here; there they do, until XIVE was used once
        for what in set(ours) - ({"source", "threads"} if choice == "0" else set()):
            assert ours[what] == theirs[what], f"{machine} {choice}: {what}:\nours {ours[what]}\nthe peer's {theirs[what]}"
        assert len(ours["threads"]) == (0 if "xics" in machine else 2), len(ours["threads"])
        print(machine, "the guest chose", "XIVE" if choice == "4" else "XICS", "same state, same tree")


def compare_refusals():
    for mode, choice in REFUSED:
        found = []
        for binary in (emulator(), PEER):
            lines, errors, status = run(binary, "pseries-7.2,ic-mode=" + mode, "POWER9", "-name", choice)
            assert "WAITING" not in lines, (binary, mode, choice)
            found.append((status, [e for e in errors.splitlines() if "TCG" not in e]))
        assert found[0] == found[1] and found[0][0] == 1, (mode, choice, found)
    print("what the machine has not cannot be negotiated")


if not GUEST.exists():
    skip("the guests were not built: powerpc64-linux-gnu-gcc is missing")
if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
compare_questions()
compare_left_behind()
compare_refusals()
