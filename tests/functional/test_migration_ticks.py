# SPDX-License-Identifier: GPL-2.0-or-later
"""qemu-migration convert, for QEMU 7.2, which does not load the decrementer: the guest's clock ticks there, and only what that takes is changed."""
import json, os, pathlib, tempfile
from moving import Payload
from qmp import PEER, wait
from saved import recordings, tool

TICKING = {"2.6-pseries-2.6-POWER8.mig.xz", "2.6-pseries-2.6-POWER8-smp4.mig.xz", "2.6-pseries-2.1-POWER8.mig.xz", "7.2-pseries-7.2-POWER9.mig.xz"}


def ticks(path, machine, cpu, smp):
    g = Payload(machine, cpu, smp, "-incoming", f"exec:cat {path}", binary=PEER)
    try:
        wait("the guest to be loaded", lambda: g.emulator.command("query-status")["status"] in ("paused", "running"))
        g.emulator.command("cont")
        g.lives()
    finally:
        g.close()


def differences(a, b):
    """The fields of processors that are not the same; nothing else may differ."""
    where = [d["where"] for d in json.loads(tool("diff", "--json", a, b, status=1)[0])]
    assert where and all(w.startswith("cpu ") for w in where), where
    return {w.split("/")[-1].strip() for w in where}


def goes_on_ticking():
    """Saved guests of programs that lose the decrementer, and one that has it in its stream."""
    with tempfile.TemporaryDirectory() as folder:
        there, same, saved = (pathlib.Path(folder) / n for n in ("there", "same", "saved"))
        for r in recordings():
            if r["file"] not in TICKING:
                continue
            own = ["--", *r["options"]] if r["config_section"] == "none" else []
            tool("convert", r["path"], "--to", "7.2", "-o", there, *own)
            tool("convert", r["path"], "--to", "7.2", "--as-it-is", "-o", same, *own)
            changed = differences(same, there)
            assert changed <= {"env.nip", "env.msr", "env.hflags_compat_nmsr", "env.spr[SRR0]", "env.spr[SRR1]"} and "env.nip" in changed, changed
            htm = ",cap-htm=off" if r["cpu"] == "POWER8" else ""
            if os.path.exists(PEER):
                ticks(there, r["options"][1] + htm, r["cpu"], int(r["options"][-1]))
            print(r["file"], "ticks on", *sorted(changed))
        machine = "pseries-7.2,ic-mode=xics,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
        g = Payload(machine, "POWER9", 2)
        try:
            g.lives()
            g.emulator.command("migrate-set-parameters", **{"x-destination-dialect": "8.2"})
            g.emulator.command("migrate", uri=f"file:{saved}")
            assert g.emulator.migrated()["status"] == "completed"
        finally:
            g.close()
        tool("convert", saved, "--to", "7.2", "-o", there, "--", "-M", machine, "-cpu", "POWER9", "-m", "256", "-smp", "2")
        if os.path.exists(PEER):
            ticks(there, machine, "POWER9", 2)
        print("so does a guest whose stream has the decrementer")


goes_on_ticking()
