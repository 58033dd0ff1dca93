# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest of four processors that write and check all of its memory moves on and on, each time in another way. Argument behind the build:
how many times (2); 10 is the long form.
"""
import sys
from moving import Churn, port
from qmp import wait

CAPS = ",ic-mode=xics,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
MACHINE = ("pseries-7.2" + CAPS, "POWER9", 4)
N = int(sys.argv[2]) if len(sys.argv) > 2 else 2
WAYS = [("auto-converge",), ("postcopy-ram", "postcopy-preempt"), ("multifd", "return-path", "auto-converge"), ("xbzrle", "auto-converge"),
        ("postcopy-ram", "release-ram", "multifd")]


def move(here, way):
    there = Churn(*MACHINE, "-incoming", "defer")
    try:
        uri = f"tcp:127.0.0.1:{port()}"
        for g in (here, there):
            g.emulator.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": c in way} for c in sorted({c for w in WAYS for c in w})])
        there.emulator.command("migrate-incoming", uri=uri)
        before = here.looks()
        here.emulator.command("migrate-set-parameters", **{"max-bandwidth": 0, "downtime-limit": 1000})
        here.emulator.command("migrate", uri=uri)
        if "postcopy-ram" in way:
            wait("memory to go", lambda: here.emulator.command("query-migrate").get("ram", {}).get("transferred", 0) > 32 << 20)
            here.emulator.command("migrate-start-postcopy")
        result = here.emulator.migrated(180)
        assert result["status"] == "completed", (result, here.emulator.log.read_text(), there.emulator.log.read_text())
        wait("the destination", lambda: there.emulator.command("query-migrate").get("status") == "completed")
        assert not here.emulator.command("query-status")["running"] and there.emulator.command("query-status")["running"]
        there.lives(before=before)
        return there, result
    except BaseException:
        there.close()
        raise


if __name__ == "__main__":
    here = Churn(*MACHINE)
    try:
        here.lives()
        for i in range(N):
            way = WAYS[i % len(WAYS)]
            there, result = move(here, way)
            here.close()
            here = there
            ram = result["ram"]
            print(f"move {i + 1}, {' '.join(way)}: {result['total-time']} ms, downtime {result['downtime']} ms, {ram['transferred'] >> 20} MiB in "
                  f"{ram['dirty-sync-count']} passes, looks {here.looks()}", flush=True)
    finally:
        here.close()
