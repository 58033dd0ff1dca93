# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom a stream is for: sections, their order, versions, subsections and sizes are those of the program's own stream of the same machine.

    test_dialects.py BUILD [VERSION=BINARY...] [+MACHINE/CPU[/PROPERTY...]...]

compares with other programs than Debian's 7.2, too (also from the environment: QEMU_TEST_PEERS="10.0=/opt/qemu-10.0 11.1=..."), on other
machines than those that the program has of `CASES`.
"""
import json, os, re, subprocess, sys, tempfile, pathlib
from qmp import Emulator, PEER, build, wait

CASES = ("2.1/POWER8", "2.3/POWER7", "2.6/POWER8", "2.7/POWER8", "2.7/POWER9", "2.9/POWER8", "2.10/POWER8", "2.12/POWER8", "2.12-sxxm/POWER8", "3.0/POWER8",
         "3.1/POWER8", "4.0/POWER9", "4.1/POWER9/ic-mode=xics", "4.2/POWER9/ic-mode=xics", "5.0/POWER9/ic-mode=xics", "6.1/POWER9/ic-mode=xics",
         "7.1/POWER10/ic-mode=xics", "7.2/POWER9/ic-mode=xics", "7.2/POWER7/cap-cfpc=workaround", "7.2/POWER7/cap-cfpc=broken", "7.2/POWER9/ic-mode=xics,cap-sbbc=workaround",
         "7.2/POWER8/cap-sbbc=broken", "8.1/POWER9/ic-mode=xics", "8.2/POWER9", "9.0/POWER10/ic-mode=xics", "9.1/POWER8", "9.2/POWER10/cap-sbbc=workaround",
         "10.0/POWER10/ic-mode=xics", "10.1/POWER9/ic-mode=xics", "10.2/POWER10/ic-mode=xics", "11.1/POWER11/ic-mode=xics")


def fields(list_):
    """(bytes, [subsections]) of a description's fields."""
    size, subs = 0, []
    for f in list_:
        if f["name"] == "fdt_blob":
            continue            # a tree holds paths and random numbers
        one = f["size"]
        if "struct" in f:
            one, more = whole(f["struct"])
            subs += more
        size += one * f.get("array_len", 1)
    return size, subs


def whole(d):
    size, subs = fields(d.get("fields", []))
    for s in d.get("subsections", []):
        more, deeper = whole(s)
        subs += [(s["vmsd_name"], s["version"], more)] + deeper
    return size, subs


def shape(stream):
    """[(section, instance, version, bytes, subsections)] in the order of the stream, by its own description."""
    at = next(m.start() for m in re.finditer(rb"\x06(....)\{", stream, re.S) if int.from_bytes(m[1], "big") == len(stream) - m.start() - 5)
    d = json.loads(stream[at + 5:])
    return [(s["name"], s["instance_id"] & 0xffffffff, s.get("version"), *whole(s)) for s in d["devices"]]


def capabilities(stream):
    """{capability: value} of those that are said; sections of `shape` have their sizes only."""
    return {name.decode(): value[0] for name, value in re.findall(rb"\x05.spapr/cap/([a-z_0-9]+)\0\0\0\x01(.)", stream, re.S)}


def take(binary, machine, cpu):
    with tempfile.NamedTemporaryFile() as out, Emulator("-M", machine, "-cpu", cpu, "-smp", "2", "-m", "256", "-S", binary=binary) as g:
        g.command("migrate", uri=f"exec:cat >{out.name}")
        assert g.migrated()["status"] == "completed"
        return pathlib.Path(out.name).read_bytes()


def number(version):
    return tuple(map(int, version.split("-")[0].split(".")[:2]))


def compare(program, binary, case):
    version, cpu, *props = case.split("/")
    # a program that knows the capability does not start machines that promise transactional memory
    needs_htm_off = number(version) <= (2, 11) and number(program) >= (2, 11) and cpu != "POWER7"
    machine = ",".join([f"pseries-{version}", *props])
    theirs, ours = take(binary, machine + ",cap-htm=off" * needs_htm_off, cpu), take(None, f"{machine},x-destination-dialect={program}", cpu)
    if b"vmsd_name" not in theirs:      # up to 2.2 nothing is described
        assert b"vmsd_name" not in ours, case
        a, b = (re.findall(rb"\x04\0\0\0.([\x03-\x20])([\w/@.\-]+)(\0\0\0.|\x80\0..)(\0\0\0.)", s[-4 << 20:], re.S) for s in (theirs, ours))
        assert a == b and a, (case, a, b)
        return
    a, b = shape(theirs), shape(ours)
    assert [s[:3] for s in a] == [s[:3] for s in b], (program, case, "sections", [s[:3] for s in a], [s[:3] for s in b])
    assert capabilities(theirs) == capabilities(ours), (program, case, capabilities(theirs), capabilities(ours))
    for x, y in zip(a, b):
        assert x == y, (program, case, "theirs", x, "ours", y)
    if number(program) == number(version):
        own, first = shape(take(None, machine, cpu)), shape(take(None, f"{machine},x-destination-dialect={'.'.join(map(str, number(version)))}.0", cpu))
        assert [s for s in own if s[0] != "icp/server"] == [s for s in first if s[0] != "icp/server"], (case, "what is sent by default")
        assert any(s[0] == "icp/server" for s in own) == ("ic-mode=xive" not in case), (case, "presenters by default")


def machines(binary):
    return set(re.findall(r"^pseries-(\S+)", subprocess.run([binary, "-M", "help"], capture_output=True, text=True).stdout, re.M))


def parameter():
    with Emulator("-M", "pseries-2.6", "-cpu", "POWER8", "-m", "256", "-S") as g:
        hmp = lambda line: g.command("human-monitor-command", **{"command-line": line}).strip()
        choose = lambda name: g.ask(json.dumps({"execute": "migrate-set-parameters", "arguments": {"x-destination-dialect": name}}))
        words = lambda answer: answer["error"]["desc"]
        assert "no version of QEMU" in words(choose("2.66")) and "no version of QEMU" in words(choose("new"))
        assert "older than the machine pseries-2.6" in words(choose("2.5"))
        assert "no machine pseries-2.6 any more" in words(choose("9.2.0"))
        assert g.command("query-migrate-parameters")["x-destination-dialect"] == ""
        assert choose("2.7.0") == {"return": {}}
        assert "x-destination-dialect: '2.7.0'" in hmp("info migrate_parameters")
        assert hmp("migrate_set_parameter x-destination-dialect 7.2") == ""
        assert g.command("query-migrate-parameters")["x-destination-dialect"] == "7.2"

        def sent():
            with tempfile.NamedTemporaryFile() as out:
                g.command("migrate", uri=f"file:{out.name}")
                assert g.migrated()["status"] == "completed"
                g.command("cont"), g.command("stop")
                return pathlib.Path(out.name).read_bytes()
        assert b"spapr/cap/htm" in sent()
        assert choose("2.6") == {"return": {}} and b"spapr/cap/htm" not in sent()
    p = subprocess.run([str(build() / "qemu-system-ppc64"), "-M", "pseries-2.7,x-destination-dialect=2.6", "-S", "-display", "none"], capture_output=True,
                       text=True, stdin=subprocess.DEVNULL, timeout=60)
    assert p.returncode == 1 and "QEMU 2.6 is older than the machine pseries-2.7" in p.stderr, p
    print("the parameter and the property are checked")


def unsaid():
    """What a stream leaves out is what its sender means by that: 9.2 changed cap-sbbc, and cpu/slb tells."""
    def said(dialect, value=""):
        return take(None, f"pseries-7.2,ic-mode=xics,x-destination-dialect={dialect}" + (f",cap-sbbc={value}" if value else ""), "POWER9")
    values = {(d, v): capabilities(said(d, v)).get("sbbc") for d in ("7.2", "9.1", "9.2", "11.0") for v in ("", "broken", "workaround")}
    old, new = {"": None, "broken": 0, "workaround": None}, {"": None, "broken": None, "workaround": 1}
    assert values == {(d, v): (new if d in ("9.2", "11.0") else old)[v] for d, v in values}, values
    for d, v, here, taken in (("7.2", "", "broken", False), ("9.2", "broken", "broken", True), ("9.2", "", "broken", True), ("9.2", "workaround", "broken", False),
                              ("9.2", "workaround", "workaround", True)):
        with tempfile.NamedTemporaryFile() as f:
            f.write(said(d, v))
            f.flush()
            there = Emulator("-M", f"pseries-7.2,ic-mode=xics,cap-sbbc={here}", "-cpu", "POWER9", "-smp", "2", "-m", "256", "-S", "-incoming", "defer")
            try:
                there.command("migrate-incoming", uri=f"exec:cat {f.name}")
                wait("the end of loading", lambda: there.p.poll() is not None or there.command("query-status")["status"] != "inmigrate")
            except (AssertionError, OSError):
                there.p.wait(20)        # it ended while it was asked
            log = there.log.read_text()
            assert ("cap-sbbc higher level" not in log) == taken and (there.p.poll() is None) == taken, (d, v, here, log)
            there.close()
    print("what a stream leaves out is as its sender has it")


peers = {"7.2": PEER} if os.path.exists(PEER) else {}
arguments = os.environ.get("QEMU_TEST_PEERS", "").split() + sys.argv[2:]
peers.update(a.split("=", 1) for a in arguments if not a.startswith("+"))
cases = [a[1:] for a in arguments if a.startswith("+")] or CASES
parameter()
unsaid()
for program, binary in peers.items():
    there = machines(binary)
    todo = [c for c in cases if c.split("/")[0] in there and (number(program) != (8, 2) or number(c.split("/")[0]) > (2, 3))]   # 8.2.2 ends saving these
    for case in todo:
        compare(program, binary, case)
    print(program, len(todo), "machines: the same sections, order, versions and sizes")
