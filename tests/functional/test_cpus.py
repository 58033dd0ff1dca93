# SPDX-License-Identifier: GPL-2.0-or-later
"""Processors as monitors list them: those that there are, those that may be plugged, with the peer; and what a model expands to."""
import json, os, re, subprocess, tempfile
from qmp import Emulator, PEER, build, wait

SMP = ("1", "4", "2,maxcpus=4", "3,maxcpus=5", "2,sockets=2,cores=2,maxcpus=4")
NUMA = ("-m", "1G", "-object", "memory-backend-ram,id=a,size=512M", "-object", "memory-backend-ram,id=b,size=512M",
        "-numa", "node,nodeid=0,memdev=a,cpus=0-1", "-numa", "node,nodeid=1,memdev=b,cpus=2-3")
MACHINES = ("2.1", "2.6", "2.7", "2.12", "4.0", "4.1", "6.1", "7.2")


def monitor(e, line):
    return e.command("human-monitor-command", **{"command-line": line}).replace("\r", "")


def lists(binary, version, cpu, smp, *more):
    """What is listed; or, of a machine that is refused, nothing: test_badargs_peer.py compares the words."""
    machine = f"pseries-{version}" + ",cap-htm=off" * (version in ("2.1", "2.6", "2.7") and cpu != "POWER7")
    args = ["-M", machine, "-cpu", cpu, "-smp", smp, "-S", *(more or ("-m", "256"))]
    p = subprocess.run([binary or str(build() / "qemu-system-ppc64"), *args, "-nodefaults", "-nographic", "-qmp", "stdio"],
                       input='{"execute":"qmp_capabilities"}{"execute":"query-hotpluggable-cpus"}{"execute":"query-cpus-fast"}{"execute":'
                             '"human-monitor-command","arguments":{"command-line":"info hotpluggable-cpus"}}{"execute":"quit"}',
                       capture_output=True, text=True, timeout=60)
    answers = [json.loads(line) for line in p.stdout.splitlines()]
    answers = [a for a in answers if "return" in a or "error" in a]
    for a in answers[2]["return"] if len(answers) > 2 else []:
        a["thread-id"] = "N"
    return p.returncode, answers


if os.path.exists(PEER):
    cases = [(v, c, s) for v in MACHINES for c in ("POWER8", "POWER9") for s in SMP if v > "2.6" or c == "POWER8"]
    more = [("7.2", "POWER8", "4", *NUMA), ("2.12", "POWER9", "2,maxcpus=4", *NUMA), ("7.2", "POWER9", "2,maxcpus=4", *NUMA, "-device", "power9_v2.0-spapr-cpu-core,core-id=3"),
            ("7.2", "POWER8", "1,maxcpus=4", "-m", "256", "-device", "power8_v2.0-spapr-cpu-core,core-id=2,id=plugged")]
    refused = 0
    for case in cases + more:
        ours, theirs = lists(None, *case), lists(PEER, *case)
        assert ours == theirs, (case, ours, theirs)
        refused += ours[0] != 0
    print(len(cases + more), "machines list the same,", refused, "of them do not start")

# Threads are cores' parts: 7.2's translator has one thread a core.
with Emulator("-M", "pseries-7.2", "-cpu", "POWER8", "-smp", "4,threads=2,cores=2,sockets=2,maxcpus=8", "-m", "256", "-S") as e:
    listed = e.command("query-hotpluggable-cpus")
    assert [(c["props"]["core-id"], c["vcpus-count"], "qom-path" in c) for c in listed] == [(6, 2, False), (4, 2, False), (2, 2, True), (0, 2, True)], listed
    assert [c["props"]["core-id"] for c in e.command("query-cpus-fast")] == [0, 0, 2, 2]
    assert monitor(e, "info hotpluggable-cpus").count('vcpus_count: "2"') == 4


# ---- sections are numbered by the place of a core, not by when it came ----
SECTION = re.compile(rb"\x04\0\0..([\x03-\x0a])(cpu_common|cpu|icp/server|xive-tctx|spapr_cpu)\0\0\0(.)\0\0\0.", re.S)
ICP = re.compile(rb"\x04\0\0..\x0aicp/server.{14}\x7e\0\0..", re.S)


def plugged(binary, version, cpu, *more):
    """With cores 0 and 1, then 3 and 2."""
    machine = f"pseries-{version}" + ",cap-htm=off" * (version < "2.a" and version != "2.12")
    model = cpu.lower() + "_v2.0"
    return Emulator("-M", machine, "-cpu", cpu, "-smp", "2,maxcpus=5", "-m", "256", "-S", "-device", f"{model}-spapr-cpu-core,core-id=3",
                    "-device", f"{model}-spapr-cpu-core,core-id=2", *more, binary=binary)


def save(e, path):
    e.command("migrate", uri=f"exec:cat >{path}")
    assert e.migrated()["status"] == "completed"
    with open(path, "rb") as f:
        return f.read()


def load(binary, version, cpu, path):
    with plugged(binary, version, cpu, "-incoming", f"exec:cat {path}") as e:
        def over():
            assert e.p.poll() is None, (version, cpu, e.log.read_text())
            return e.command("query-status")["status"] != "inmigrate"
        wait("the guest to be loaded", over)


with tempfile.TemporaryDirectory() as d:
    path = d + "/stream"
    for version, cpu in (("7.2", "POWER8"), ("7.2", "POWER9"), ("2.9", "POWER8"), ("2.7", "POWER8")):
        with plugged(None, version, cpu) as e:
            e.command("migrate-set-parameters", **{"x-destination-dialect": "7.2"})
            ours = [(m[2].decode(), m[3][0]) for m in SECTION.finditer(save(e, path))]
        assert [n for name, n in ours if name == "cpu"] == [0, 1, 3, 2] and [n for name, n in ours if name == "icp/server"] == [0, 1, 3, 2], ours
        if os.path.exists(PEER):
            load(PEER, version, cpu, path)
            with plugged(PEER, version, cpu) as e:
                theirs = [(m[2].decode(), m[3][0]) for m in SECTION.finditer(save(e, path))]
            assert ours == theirs, (version, cpu, ours, theirs)
        load(None, version, cpu, path)
    # QEMU up to 2.9 sent presenters of all processors that there may be; their machines have to take them, newer ones never see any.
    for version, taken in (("2.9", True), ("2.10", False)):
        with plugged(None, version, "POWER8") as e:
            stream = save(e, path)
        icp = ICP.search(stream)
        more = b"".join(b"\x04\0\0\1" + bytes([n]) + b"\x0aicp/server\0\0\0" + bytes([n]) + b"\0\0\0\1\0\0\0\0\xff\xff\x7e\0\0\1" + bytes([n]) for n in (4, 9))
        with open(path, "wb") as f:
            f.write(stream[:icp.end()] + more + stream[icp.end():])
        for binary in (None, *([PEER] if os.path.exists(PEER) and version == "2.9" else [])):
            try:
                load(binary, version, "POWER8", path)
                assert taken, version
            except (AssertionError, OSError):
                assert not taken, (binary, version)
print("cores are numbered by their place")


# ---- models ----
def expand(e, name, how="full", **props):
    return e.command("query-cpu-model-expansion", type=how, model={"name": name, **({"props": {k.replace("_", "-"): v for k, v in props.items()}} if props else {})})["model"]


def refuses(e, words, **arguments):
    answer = e.ask(json.dumps({"execute": "query-cpu-model-expansion", "arguments": arguments}))
    assert words in answer["error"]["desc"], (arguments, answer)


PINS = {"isa-64h", "isa-cildst", "isa-pm206"}
with Emulator("-M", "pseries-2.6", "-cpu", "POWER8,isa-dfp=off", "-m", "256", "-S") as old, Emulator("-M", "pseries-7.2", "-cpu", "POWER9", "-m", "256", "-S") as new:
    for name in ("POWER7", "power8", "power8_v2.0", "POWER9", "POWER10", "970"):
        a, b = expand(old, name), expand(new, name)
        assert a["name"] == b["name"] and a["props"].keys() == b["props"].keys() and len(a["props"]) > 45, (a, b)
        changed = {p for p in a["props"] if a["props"][p] != b["props"][p]}
        expected = PINS | {"isa-64bx"} if name == "POWER7" else PINS | {"isa-dfp"} if name.startswith(("power8", "POWER8")) else PINS
        assert changed == {p for p in expected if b["props"][p]}, (name, changed)
        assert expand(new, name, "static") == b
    assert expand(new, "POWER9")["name"] == "power9_v2.0" and expand(new, "POWER9", isa_vsx=False, isa_dfp="off")["props"]["isa-vsx"] is False
    # what it expands to is what a machine with that -cpu has
    with_h = expand(old, "POWER8", isa_64h=True)["props"]
    assert with_h["isa-64h"] and not with_h["isa-cildst"] and not with_h["isa-dfp"]
    assert {p for p, on in expand(old, "POWER8")["props"].items() if on} == set(old.command("query-migration-manifest")["features"]) - {"isa-lwsync"}, old.command("query-migration-manifest")
    refuses(new, "unable to find CPU model 'max'", type="full", model={"name": "max"})
    refuses(new, "CPU model 'power8_v2.0' does not have 'isa-310'", type="full", model={"name": "POWER8", "props": {"isa-310": True}})
    refuses(new, "'power8_v2.0-powerpc64-cpu.nosuch' not found", type="full", model={"name": "POWER8", "props": {"nosuch": True}})
    refuses(new, "does not accept value 'x'", type="x", model={"name": "POWER8"})
    refuses(new, "Parameter 'model.name' is missing", type="full", model={})
    refuses(new, "expected: object", type="full", model={"name": "POWER8", "props": [1]})
    refuses(new, "", type="full", model={"name": "POWER8", "props": {"isa-vsx": None}})
    refuses(new, "", type="full", model={"name": "POWER8", "props": {"isa-vsx": {}}})
    assert len(new.command("query-cpus-fast")) == 1
print("models expand")
