# SPDX-License-Identifier: GPL-2.0-or-later
"""What the names of processors mean. The list, and the PVR by each name, are the peer's; guests begun by a release that means another revision by
the name keep it, are told once, and go on to that release; an exact name takes no other.

    test_models.py BUILD [VERSION=BINARY...]

moves guests from and to other releases, too (also from the environment: QEMU_TEST_PEERS="10.0=/opt/qemu-10.0 ...").
"""
import os, re, struct, subprocess, sys, tempfile
from qmp import Emulator, PEER, build, wait

OURS = str(build() / "qemu-system-ppc64")
SPR = 8 + 32 * 8 + 8 * 4 + 8        # of section cpu: unused, gpr, crf, nip
PVR = 287
# Names of ours that 7.2 has not on its list: from newer releases, and two of 2.5.
MORE = r"power11|power9_v2\.2|power8e?_v1|power[57]p_v2"


def names_of(binary, machine):
    """{name: PVR, or the model that it is an alias of} of 64-bit servers."""
    out = subprocess.run([binary, "-M", machine, "-cpu", "help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout
    rows = re.findall(r"^(?:PowerPC)? +?(\S+) +(?:PVR (\w+)|\(alias for (\S+)\))", out, re.M)
    return {n.lower(): (pvr or of.lower()) for n, pvr, of in rows if re.match(r"(?i)power\d|970|ppc64$", n)}


def registers(e):
    """The PVRs; programs up to 2.9 have no -a."""
    shown = (e.command("human-monitor-command", **{"command-line": c}) for c in ("info registers -a", "info registers"))
    return next({int(x, 16) for x in re.findall(r"PVR (\w+)", text)} for text in shown if "PVR" in text)


def number(version):
    """Of "pseries-7.2,property=value", "7.2" or "pseries"."""
    return tuple(map(int, re.findall(r"\d+", version.split(",")[0])[:2])) or (99, 0)


def start(binary, machine, cpu, *more):
    promised = number(machine) <= (2, 11) and "POWER7" not in (cpu or "POWER7") and binary_knows_htm(binary)
    return Emulator("-M", machine + ",cap-htm=off" * promised, *(["-cpu", cpu] if cpu else []), "-smp", "2", "-m", "256", "-S", *more, binary=binary)


def binary_knows_htm(binary):
    return binary in (None, OURS) or not re.search(r"version 2\.([0-9]|10)\.", subprocess.run([binary, "-version"], capture_output=True, text=True).stdout)


def save(e, path):
    e.command("migrate", uri=f"exec:cat >{path}")
    assert e.migrated()["status"] == "completed"


def pvrs(path):
    """Of all processors in a stream."""
    stream, at, found = open(path, "rb").read(), 0, []
    while (at := stream.find(b"\x03cpu\0\0\0", at)) >= 0:
        found.append(struct.unpack_from(">Q", stream, at + 12 + SPR + PVR * 8)[0])
        at += 1
    return found


def with_pvr(path, pvr):
    stream, at = bytearray(open(path, "rb").read()), 0
    while (at := stream.find(b"\x03cpu\0\0\0", at)) >= 0:
        struct.pack_into(">Q", stream, at + 12 + SPR + PVR * 8, pvr)
        at += 1
    open(path, "wb").write(stream)


def load(binary, machine, cpu, path):
    e = start(binary, machine, cpu, "-incoming", f"exec:cat {path}")
    try:
        def over():
            assert e.p.poll() is None, e.log.read_text()
            return e.command("query-status")["status"] != "inmigrate"
        wait("the guest to be loaded", over)
        return e
    except BaseException:
        e.close()
        raise


def refused(machine, cpu, path, *words):
    try:
        load(None, machine, cpu, path).close()
    except (AssertionError, OSError) as said:
        text = str(said)
        if not isinstance(said, AssertionError) or all(w in text for w in words):
            return
        raise
    raise AssertionError(f"{cpu} on {machine} took it")


def taken(machine, cpu, path, pvr, told):
    """Loads it; reset keeps the PVR; what goes out has it. `told`: that it is another revision."""
    with load(None, machine, cpu, path) as e:
        assert registers(e) == {pvr}, (machine, cpu, hex(pvr), registers(e))
        log = e.log.read_text()
        assert log.count("the guest's processor stays") == told and log.count(f"0x{pvr:08x}") >= told, log
        save(e, path)
        assert pvrs(path) == [pvr, pvr]
        e.command("system_reset")
        wait("the reset", lambda: "RESET" in e.events or not e.command("query-status"))
        assert registers(e) == {pvr}


def machines(binary):
    return set(re.findall(r"^pseries-(\S+)", subprocess.run([binary, "-M", "help"], capture_output=True, text=True).stdout, re.M))


peers = dict(a.split("=", 1) for a in sys.argv[2:] + os.environ.get("QEMU_TEST_PEERS", "").split())
if os.path.exists(PEER):
    peers.setdefault("7.2", PEER)

# ---- lists and registers ----
if os.path.exists(PEER):
    ours, theirs = names_of(OURS, "pseries-7.2"), names_of(PEER, "pseries-7.2")
    differing = {n: (ours.get(n), theirs.get(n)) for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n) and not re.match(MORE, n)}
    assert not differing and len(theirs) > 25, differing
    for cpu in ("POWER8", "POWER9", "POWER10", "power9_v1.0", "power10_v1.0", None):
        with start(None, "pseries-7.2", cpu) as a, start(PEER, "pseries-7.2", cpu) as b:
            assert registers(a) == registers(b), (cpu, registers(a), registers(b))
    print(len(theirs), "names mean what 7.2 means")
assert names_of(OURS, "pseries-8.0")["power9"] == "power9_v2.2" and names_of(OURS, "pseries")["power10_v2.0"] == "00801200"
for machine, cpu, pvr in (("pseries-7.2", "POWER9", 0x4e1200), ("pseries-8.0", "POWER9", 0x4e1202), ("pseries-7.2", "POWER10", 0x800200), ("pseries-8.0", "power10_v2.0", 0x801200),
                          ("pseries-7.2", None, 0x4e1200), ("pseries-8.2", None, 0x4e1202), ("pseries-11.0", None, 0x801200), ("pseries", None, 0x821200),
                          ("pseries-2.7", None, 0x3f0203), ("pseries-3.1", None, 0x4d0200), ("pseries-7.2", "power7p_v2.1", 0x4a0201)):
    with start(None, machine, cpu) as e:
        assert registers(e) == {pvr}, (machine, cpu, registers(e))
        kinds = {m["name"]: m.get("default-cpu-type") for m in e.command("query-machines")}
        assert kinds["pseries-7.2"] == "power9_v2.0-powerpc64-cpu" and kinds["pseries-8.2"] == "power9_v2.2-powerpc64-cpu", kinds

# ---- a core by the name that another release has for it ----
with start(None, "pseries-7.2", "POWER9", "-smp", "2,maxcpus=4", "-device", "power9_v2.2-spapr-cpu-core,core-id=2") as e:
    assert registers(e) == {0x4e1200} and len(e.command("query-cpus-fast")) == 3
p = subprocess.run([OURS, "-M", "pseries-7.2", "-cpu", "power9_v2.0", "-smp", "2,maxcpus=4", "-display", "none", "-S", "-device", "power9_v2.2-spapr-cpu-core,core-id=2"],
                   stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
assert p.returncode == 1 and "CPU core type should be power9_v2.0-spapr-cpu-core" in p.stderr, p.stderr

# ---- -cpu X,compat=Y: up to 5.2 ----
def compat(binary, machine, cpu):
    """(PCR, or None if it does not start; what was said)."""
    htm = ",cap-htm=off" * (number(machine) <= (2, 11) and "POWER7" not in cpu)
    p = subprocess.run([binary or OURS, "-M", machine + htm, "-cpu", cpu, "-m", "256", "-S", "-nodefaults", "-nographic", "-monitor", "stdio"],
                       input="print $pcr\nquit\n", capture_output=True, text=True, timeout=60)
    pcr = re.search(r"^(0x\w+|0)\r?$", p.stdout, re.M)
    return pcr and pcr[1], [line for line in re.findall(r"qemu-system-ppc64: (.*)", p.stderr) if "TCG doesn't" not in line]


DEPRECATED = "warning: CPU 'compat' property is deprecated; use max-cpu-compat machine property instead"
for machine, cpu, want in (("pseries-2.6", "POWER8,compat=power7", "0x2000000000000004"), ("pseries-5.2", "POWER8,compat=power6", "0x2000000000000006"),
                           ("pseries-2.11,max-cpu-compat=power8", "POWER8,compat=power7", "0x2000000000000004"), ("pseries-2.9", "POWER8,compat=", "0"),
                           ("pseries-2.6", "POWER8,compat=power12", 'Invalid compatibility mode "power12"'),
                           ("pseries-2.6", "POWER7,compat=power8", "Compatibility PVR 0x0f000004 not valid for CPU")):
    pcr, log = compat(None, machine, cpu)
    assert log[0] == DEPRECATED and (pcr == want if pcr else log[1] == want), (machine, cpu, pcr, log)
    if "5.2" in peers and machine[8:11] in machines(peers["5.2"]):
        assert compat(peers["5.2"], machine, cpu) == (pcr, log), (machine, cpu, pcr, log, compat(peers["5.2"], machine, cpu))
for binary in [None, *(p for v, p in peers.items() if v == "7.2")]:
    pcr, log = compat(binary, "pseries-7.2", "POWER8,compat=power7")
    assert pcr is None and log == ["can't apply global power8_v2.0-powerpc64-cpu.compat=power7: Property 'power8_v2.0-powerpc64-cpu.compat' not found"], log

# ---- guests of other releases ----
with tempfile.TemporaryDirectory() as d:
    path = d + "/stream"
    for machine, begun, pvr, alias, exact in (
            ("pseries-7.2", "power9_v2.2", 0x4e1202, "POWER9", "power9_v2.0"), ("pseries-7.2", "power9_v1.0", 0x4e0100, None, "power9_v2.0"),
            ("pseries-10.0", "power9_v2.0", 0x4e1200, "Power9", "power9_v2.2"), ("pseries-7.2", "POWER10", 0x801200, "power10", "power10_v1.0"),
            ("pseries-7.2", "POWER10", 0x801200, "power10_v2.0", None), ("pseries-10.0", "POWER10", 0x800200, "POWER10", "power10_v1.0"),
            ("pseries-5.2", "power10_v1.0", 0x800100, "POWER10", "power10_v2.0"), ("pseries-2.5", "power8_v1.0", 0x4d0100, "POWER8", "power8_v2.0"),
            ("pseries-2.5", "power8e_v1.0", 0x4b0100, "POWER8E", "POWER8"), ("pseries-7.2", "POWER9", 0x4e1200, "POWER9", "POWER10")):
        with start(None, machine, begun) as e:
            own = registers(e)
            save(e, path)
        if own != {pvr}:
            assert begun == "POWER10", (begun, own)     # two PVRs of one name
            with_pvr(path, pvr)
        with start(None, machine, alias) as e:
            here = registers(e)
        if exact:
            refused(machine, exact, path, "env.spr[PVR]", f"the stream has 0x{pvr:08x}", "use -cpu ")
        taken(machine, alias, path, pvr, here != {pvr})
        print(f"{machine} with {begun}, 0x{pvr:08x}, goes on as {alias or 'the default'}")

    # A mode: the PVR of the source stays, as on the peer, until a reset.
    with start(None, "pseries-7.2,max-cpu-compat=power8,ic-mode=xics", "POWER9") as e:
        save(e, path)
    with load(None, "pseries-7.2,max-cpu-compat=power8", "POWER8", path) as e:
        assert registers(e) == {0x4e1200}
        e.command("system_reset")
        wait("the reset", lambda: registers(e) == {0x4d0200})

    # ---- to and from programs that mean something else ----
    moved = 0
    for program, binary in peers.items():
        have = machines(binary)
        for version, alias, theirs in (("2.5", "POWER8", "POWER8"), ("2.5", "POWER8E", "POWER8E"), ("5.2", "POWER10", "POWER10"), ("7.2", "POWER9", "POWER9"),
                                       ("7.2", "POWER10", "POWER10"), ("7.2", "POWER9", "power9_v1.0"), ("7.2", "POWER10", "power10_v1.0"),
                                       ("10.0", "POWER9", "POWER9"), ("10.0", "POWER10", "POWER10")):
            if version not in have or theirs.lower() not in names_of(binary, f"pseries-{version}"):
                continue
            machine = f"pseries-{version}" + (",ic-mode=xics" if number(version) > (4, 0) else "")
            with start(binary, machine, theirs) as e:
                pvr = registers(e)
                save(e, path)
            with load(None, machine, alias, path) as e:
                assert registers(e) == pvr, (program, machine, alias, pvr, registers(e))
                e.command("migrate-set-parameters", **{"x-destination-dialect": program})
                save(e, path)
            with load(binary, machine, theirs, path) as e:
                assert registers(e) == pvr, (program, machine, theirs, pvr, registers(e))
            moved += 1
            print(f"{program}: pseries-{version} with {theirs}, {' '.join(f'0x{p:08x}' for p in pvr)}, there and back")
print(moved, "ways there and back")
