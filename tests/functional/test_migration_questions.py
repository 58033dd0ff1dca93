# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands around migration that measure, announce or ask for what this machine has not: their answers are 7.2's, and what is measured is true."""
import json, os, pathlib, tempfile
from guest import skip
from qmp import Emulator, PEER, build, wait

GUEST = str(build() / "tests/guest/memory.bin")
ARGS = ("-cpu", "power9_v2.0", "-m", "256")
PLAIN = "cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off,ic-mode=xics"
ANNOUNCE = {"initial": 50, "max": 550, "rounds": 5, "step": 50}
QUESTIONS = [
    ("query-dirty-rate", {}), "info dirty_rate", ("calc-dirty-rate", {}),
    *(("calc-dirty-rate", {"calc-time": t}) for t in (0, 61, -1, 1.5, "1")),
    *(("calc-dirty-rate", {"calc-time": 1, "sample-pages": n}) for n in (127, 16385, -5)),
    *(("calc-dirty-rate", {"calc-time": 1} | m) for m in ({"mode": "x"}, {"mode": "dirty-ring"}, {"mode": "dirty-ring", "sample-pages": 128})),
    ("calc-dirty-rate", {"calc-time": 0, "sample-pages": 1, "mode": "dirty-ring"}), ("calc-dirty-rate", {"calc-time": 1, "sample-pages": 1, "mode": "dirty-ring"}),
    "calc_dirty_rate", "calc_dirty_rate x", "calc_dirty_rate 0", "calc_dirty_rate 61", "calc_dirty_rate 1 100", "calc_dirty_rate -r 1", "calc_dirty_rate -r 1 200",
    "calc_dirty_rate -r -b 1", "help calc_dirty_rate", "calc_dirty_rate -b 2 200", "measuring", ("calc-dirty-rate", {"calc-time": 1}), ("calc-dirty-rate", {"calc-time": 0}),
    "measured", ("query-dirty-rate", {}), "info dirty_rate", "calc_dirty_rate 1", "measured", ("query-dirty-rate", {}), "info dirty_rate",
    *(("set-vcpu-dirty-limit", a) for a in ({"dirty-rate": 5}, {"cpu-index": 9, "dirty-rate": 5}, {}, {"dirty-rate": "x"})),
    ("cancel-vcpu-dirty-limit", {}), ("cancel-vcpu-dirty-limit", {"cpu-index": 9}), ("query-vcpu-dirty-limit", {}), "info vcpu_dirty_limit",
    "set_vcpu_dirty_limit 5", "set_vcpu_dirty_limit 5 9", "set_vcpu_dirty_limit", "cancel_vcpu_dirty_limit", "cancel_vcpu_dirty_limit 9",
    "help set_vcpu_dirty_limit", "help cancel_vcpu_dirty_limit",
    *(("announce-self", a) for a in ({}, {"initial": 50}, ANNOUNCE, ANNOUNCE | {"initial": 200000, "step": 0}, ANNOUNCE | {"interfaces": ["nope"], "id": "x"},
                                     ANNOUNCE | {"initial": -50}, ANNOUNCE | {"interfaces": [1]}, ANNOUNCE | {"interfaces": []})),
    "announce_self", "announce_self a,b x", "announce_self a,b x z", "help announce_self",
    ("x-colo-lost-heartbeat", {}), ("query-colo-status", {}), "x_colo_lost_heartbeat", "help x_colo_lost_heartbeat",
    ("xen-colo-do-checkpoint", {}), ("xen-load-devices-state", {}), ("xen-load-devices-state", {"filename": "/nope"}), ("xen-save-devices-state", {}),
    ("xen-save-devices-state", {"filename": "/nope/x"}), ("xen-set-global-dirty-log", {"enable": True}), ("xen-set-global-dirty-log", {"enable": 1}),
    *(("xen-set-replication", a) for a in ({"enable": True}, {"enable": True, "primary": True}, {"enable": False, "primary": False, "failover": True})),
    ("query-xen-replication-status", {}), ("cont", {}), ("xen-load-devices-state", {"filename": "/nope"}), ("xen-save-devices-state", {"filename": "/nope/x"}),
    ("query-status", {}), ("xen-save-devices-state", {"filename": "/dev/null", "live": False}), ("query-status", {}),
]


def measured(g, status="measured"):
    return wait(f"the dirty rate to be {status}", lambda: (lambda r: r if r["status"] == status else None)(g.command("query-dirty-rate")))


def ask(g, q):
    if q in ("measuring", "measured"):      # the peer's thread says so itself, when it runs
        return bool(measured(g, q))
    name, arguments = q if isinstance(q, tuple) else ("human-monitor-command", {"command-line": q})
    answer = g.ask(json.dumps({"execute": name, "arguments": arguments}))
    if isinstance(answer.get("return"), dict):
        answer["return"].pop("start-time", None)
    elif isinstance(q, str):
        answer["return"] = [line for line in answer["return"].splitlines() if not line.startswith("Start Time")]
    return answer


def as_the_peer():
    with Emulator("-M", f"pseries-7.2,{PLAIN}", *ARGS, "-S", "-bios", GUEST, "-name", "f1") as ours, \
            Emulator("-M", f"pseries-7.2,{PLAIN}", *ARGS, "-S", "-bios", GUEST, "-name", "f1", binary=PEER) as theirs:
        bad = []
        for q in QUESTIONS:
            a, b = ask(ours, q), ask(theirs, q)
            if a != b:
                bad.append(f"{q}\n  ours {a}\n  peer {b}")
        assert not bad, "\n" + "\n".join(bad)
        assert ours.events == theirs.events, (ours.events, theirs.events)
    print(len(QUESTIONS), "questions, answers and events as the peer's")


def sections(stream):
    """Names and sizes of what xen-save-devices-state wrote: sections of one piece, each with its footer."""
    assert stream[:8] == b"QEVM\0\0\0\3"
    at, found = 8, []
    while stream[at] == 4:
        foot, n = b"\x7e" + stream[at + 1:at + 5], stream[at + 5]
        body = end = at + 6 + n + 8
        while stream[(end := stream.index(foot, end)) + 5] not in (0, 4):
            end += 1
        found.append((stream[at + 6:at + 6 + n].decode(), end - body))
        at = end + 5
    assert stream[at:] == b"\0", stream[at:at + 100]
    return found


def saved_devices():
    """What xen-save-devices-state writes has the peer's sections; `spapr` has the device tree, whose size is each one's own."""
    found = []
    for binary in (None, PEER):
        with tempfile.TemporaryDirectory() as d, Emulator("-M", f"pseries-7.2,{PLAIN}", *ARGS, "-S", "-bios", GUEST, binary=binary) as g:
            g.command("xen-save-devices-state", filename=f"{d}/s")
            found.append([(n, size if n != "spapr" else None) for n, size in sections(pathlib.Path(f"{d}/s").read_bytes())])
    assert found[0] == found[1], found
    print("saved devices:", *(n for n, _ in found[0]))


def rates():
    """A guest that goes through 64 MiB again and again, during a migration, too; one that stands still writes nothing."""
    with Emulator("-M", f"pseries-7.2,{PLAIN}", *ARGS, "-bios", GUEST, "-name", "d64") as g:
        wait("the guest's first lap", lambda: "LAP" in g.text())
        g.command("migrate-set-parameters", **{"max-bandwidth": 1 << 20})
        for moving in (False, True):
            if moving:
                g.command("migrate", uri="exec:cat > /dev/null")
                wait("the migration to run", lambda: g.command("query-migrate")["status"] == "active")
            for mode in ("page-sampling", "dirty-bitmap"):
                g.command("calc-dirty-rate", **{"calc-time": 2, "mode": mode})
                r = measured(g)
                assert 1 <= r["dirty-rate"] <= 64 and r["mode"] == mode and r["calc-time"] == 2, r
                print("while it moves," if moving else "", mode, r["dirty-rate"], "MB/s")
        g.command("stop")
        for mode in ("page-sampling", "dirty-bitmap"):
            g.command("calc-dirty-rate", **{"calc-time": 1, "mode": mode})
            assert measured(g)["dirty-rate"] == 0
        g.command("cont")
        g.command("migrate-set-parameters", **{"max-bandwidth": 1 << 40, "downtime-limit": 10000})
        assert g.migrated()["status"] == "completed"


rates()
if not os.path.exists(PEER):
    skip("no qemu-system-ppc64 to compare with")
as_the_peer()
saved_devices()
