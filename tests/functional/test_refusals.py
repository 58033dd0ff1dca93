# SPDX-License-Identifier: GPL-2.0-or-later
"""Which guests are not taken, and what is said: the processor, the compatibility mode, a feature, a capability. Debian's 7.2 gets the same
stream; its words are in docs/devel/migration-refusals.rst, which --write renews.
"""
import os, pathlib, re, subprocess, sys, tempfile
from qmp import Emulator, PEER, build

TABLE = pathlib.Path(__file__).resolve().parents[2] / "docs/devel/migration-refusals.rst"
NO_XIVE = ",ic-mode=xics"

# what, (machine, cpu) of the source, those of the destination, status, what ours says; None: it is taken
CASES = (
    ("another processor", ("pseries-2.6", "POWER8"), ("pseries-2.6", "POWER7"), 1,
     ("cpu 0: env.spr[PVR]", "0x004d0200 (power8_v2.0)", "0x003f0203 (power7_v2.3)", "use -cpu power8_v2.0")),
    ("another of its family", ("pseries-7.2", "POWER8"), ("pseries-7.2", "POWER8E"), 1,
     ("cpu 0: env.spr[PVR]", "0x004d0200 (power8_v2.0)", "0x004b0201 (power8e_v2.1)", "use -cpu power8_v2.0")),
    ("another, in a mode that it offers", ("pseries-7.2,max-cpu-compat=power8" + NO_XIVE, "POWER9"), ("pseries-7.2,max-cpu-compat=power8", "POWER8"), 0, None),
    ("a mode that it does not offer", ("pseries-7.2,max-cpu-compat=power9" + NO_XIVE, "POWER9"), ("pseries-7.2", "POWER8"), 1,
     ("cpu 0: compat_pvr", "0x0f000005 (power9)", "0x004d0200 (power8_v2.0) offers up to 0x0f000004 (power8)", "use -cpu power9_v2.0")),
    ("a mode, which its machine does not send", ("pseries-2.9,max-cpu-compat=power7", "POWER8"), ("pseries-2.9,max-cpu-compat=power7", "POWER7"), 0, None),
    ("a mode, which its machine does not send, not offered", ("pseries-2.9,max-cpu-compat=power8", "POWER9"), ("pseries-2.9", "POWER7"), 1,
     ("cpu 0: compat_pvr", "0x0f000004 (power8)", "0x003f0203 (power7_v2.3) offers up to 0x0f100003 (power7+)", "use -cpu power9_v2.0")),
    ("in no mode, where one is the most", ("pseries-7.2" + NO_XIVE, "POWER9"), ("pseries-7.2,max-cpu-compat=power8" + NO_XIVE, "POWER9"), 0, None),
    ("in no mode, where another processor offers one", ("pseries-7.2" + NO_XIVE, "POWER9"), ("pseries-7.2,max-cpu-compat=power8", "POWER8"), 1,
     ("cpu 0: env.spr[PVR]", "0x004e1200 (power9_v2.0)", "use -cpu power9_v2.0")),
    ("a newer mode than the most here", ("pseries-7.2,max-cpu-compat=power9" + NO_XIVE, "POWER10"), ("pseries-7.2,max-cpu-compat=power8" + NO_XIVE, "POWER10"), 0, None),
    ("a missing feature", ("pseries-2.6", "POWER8"), ("pseries-2.6", "POWER8,isa-vsx=off"), 1,
     ("cpu 0: env.insns_flags2", "isa-vsx (VSX of ISA 2.06)", "0x000000000003fff6", "use -cpu power8_v2.0,isa-vsx=on")),
    ("a missing capability", ("pseries-7.2", "POWER8"), ("pseries-7.2,cap-vsx=off", "POWER8"), 1,
     ("spapr 0: cap-vsx higher level (0x1 = on) in incoming stream than on destination (0x0 = off)", "use -machine cap-vsx=on")),
    ("a lower mitigation here", ("pseries-7.2,cap-cfpc=fixed", "POWER8"), ("pseries-7.2,cap-cfpc=broken", "POWER8"), 1,
     ("spapr 0: cap-cfpc higher level (0x2 = fixed) in incoming stream than on destination (0x0 = broken)", "use -machine cap-cfpc=fixed")),
    ("no decimal floating point here", ("pseries-7.2", "POWER8"), ("pseries-7.2,cap-dfp=off", "POWER8"), 1,
     ("spapr 0: cap-dfp higher level (0x1 = on) in incoming stream than on destination (0x0 = off)", "use -machine cap-dfp=on")),
    ("smaller pages here", ("pseries-7.2,cap-hpt-max-page-size=16M", "POWER8"), ("pseries-7.2,cap-hpt-max-page-size=64K", "POWER8"), 1,
     ("spapr 0: cap-hpt-max-page-size higher level (0x18 = 16777216)", "(0x10 = 65536)", "use -machine cap-hpt-max-page-size=16777216")),
    ("a smaller decrementer here", ("pseries-7.2", "POWER9"), ("pseries-7.2,cap-large-decr=off", "POWER9"), 1,
     ("spapr 0: cap-large-decr higher level (0x1 = on)", "use -machine cap-large-decr=on")),
    ("no machine-check handlers here", ("pseries-7.2", "POWER9"), ("pseries-7.2,cap-fwnmi=off", "POWER9"), 1,
     ("spapr 0: cap-fwnmi higher level (0x1 = on)", "use -machine cap-fwnmi=on")),
    ("no safe branches here", ("pseries-7.2,cap-ibs=workaround", "POWER8"), ("pseries-7.2,cap-ibs=broken", "POWER8"), 1,
     ("spapr 0: cap-ibs higher level (0x1 = workaround)", "use -machine cap-ibs=workaround")),
    ("no barriers here", ("pseries-7.2,cap-sbbc=workaround", "POWER8"), ("pseries-7.2,cap-sbbc=broken", "POWER8"), 1,
     ("spapr 0: cap-sbbc higher level (0x1 = workaround)", "use -machine cap-sbbc=workaround")),
    ("two missing capabilities", ("pseries-7.2", "POWER8"), ("pseries-7.2,cap-vsx=off,cap-dfp=off", "POWER8"), 1, ("use -machine cap-vsx=on", "use -machine cap-dfp=on")),
    ("a higher mitigation here", ("pseries-7.2,cap-cfpc=broken", "POWER8"), ("pseries-7.2,cap-cfpc=fixed", "POWER8"), 0, None),
    ("another machine version", ("pseries-2.6", "POWER8"), ("pseries-2.7", "POWER8"), 1,
     ("Machine type received is 'pseries-2.6' and local is 'pseries-2.7'", "-machine pseries-2.6")),
)


def stream(path, machine, cpu):
    with Emulator("-M", machine, "-cpu", cpu, "-m", "256", "-S") as g:
        g.command("migrate", uri=f"file:{path}")
        assert g.migrated()["status"] == "completed"


def load(binary, path, machine, cpu):
    """(status, the last words); what is taken is asked to go."""
    args = [binary, "-M", machine, "-cpu", cpu, "-m", "256", "-S", "-nodefaults", "-nographic", "-serial", "null", "-monitor", "none", "-qmp", "stdio", "-incoming", f"exec:cat {path}"]
    p = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    p.stdin.write('{"execute":"qmp_capabilities"}\n')
    p.stdin.flush()
    for line in p.stdout:       # RESUME or the run state `paused` come with the end of loading
        if '"return"' in line:
            try:
                p.stdin.write('{"execute":"query-status"}\n')
                p.stdin.flush()
            except BrokenPipeError:
                break
            if '"status"' in line and '"inmigrate"' not in line:
                p.stdin.write('{"execute":"quit"}\n')
                p.stdin.flush()
    try:
        p.stdin.close()
    except BrokenPipeError:
        pass
    errors = p.stderr.read()
    p.stdout.close(), p.stderr.close()
    status = p.wait(60)
    lines = [re.sub(r"^\S*qemu-system-ppc64: ", "", l) for l in errors.splitlines() if "warning: TCG doesn't" not in l and "cat: " not in l and "terminating" not in l]
    return status, lines


def row(cells):
    return "".join(("   * - " if i == 0 else "     - ") + c + "\n" for i, c in enumerate(cells))


out = """.. SPDX-License-Identifier: GPL-2.0-or-later

Guests that are not taken
=========================

What this program and Debian's QEMU 7.2 say of the same stream; both end with status 1 when they refuse. Made by ``test_refusals.py BUILD --write``.

.. list-table::
   :header-rows: 1
   :widths: 16 42 42

   * - guest
     - here
     - QEMU 7.2
"""
with tempfile.TemporaryDirectory() as d:
    path = d + "/stream"
    for what, source, here, status, words in CASES:
        stream(path, *source)
        got, lines = load(str(build() / "qemu-system-ppc64"), path, *here)
        said = " ".join(l for l in lines if l) or "taken"
        if status is not None:
            assert got == status, (what, got, lines)
        for w in words or ():
            assert w in said, (what, w, said)
        print(f"{what}: {said}")
        theirs = "-"
        if os.path.exists(PEER) and "isa-" not in here[1]:
            machine = here[0] + (",cap-htm=off" if here[0] < "pseries-2.9z" and "POWER7" not in here[1] else "")
            peer, lines = load(PEER, path, machine, here[1])
            theirs = " ".join(l for l in lines if l) or "taken"
            print(f"    7.2 ({peer}): {theirs}")
        out += row((what, f"{got}: {said}", f"{peer}: {theirs}" if theirs != "-" else "has no such property"))
out = out.replace(str(build()), "BUILD")
if "--write" in sys.argv:
    TABLE.write_text(out)
elif os.path.exists(PEER):
    assert TABLE.read_text() == out, "docs/devel/migration-refusals.rst: --write renews it"
