# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux takes a processor and memory that are plugged while it runs, moves with them to the peer and back, live, and gives both back."""
import os, re
from guest import skip
from moving import Linux, move_live
from qmp import PEER, wait

MEMORY = ["-object", "memory-backend-ram,id=m,size=512M", "-device", "pc-dimm,memdev=m,id=d"]
ROOMS = (("pseries-7.2", "POWER9"), ("pseries-3.0,cap-htm=off", "POWER8"))      # by radix and by hash table, with events of their own for this


class Guest(Linux):
    memory = "512,slots=4,maxmem=2G"

    def has(self):
        """How many processors, and MiB of memory."""
        self.count += 1
        text = self.run(f"grep -c ^processor /proc/cpuinfo; grep MemTotal /proc/meminfo; echo counted=$(({self.count}+100))", f"counted={self.count + 100}")
        memory = re.search(r"MemTotal: +(\d+) kB", text)
        return int(re.findall(r"(?m)^(\d+)\r?$", text)[-1]), int(memory[1]) >> 10

    def becomes(self, processors, memory):
        def it_is():
            now = self.has()
            return now[0] == processors and abs(now[1] - memory) < 64
        wait(f"{processors} processors and {memory} MiB", it_is, 60)


def comes_and_goes(machine, cpu):
    here = Guest(machine, cpu, "1,maxcpus=2")
    try:
        before = here.has()
        command = here.emulator.command
        command("object-add", **{"qom-type": "memory-backend-ram", "id": "m", "size": 512 << 20})
        command("device_add", driver="pc-dimm", memdev="m", id="d")
        core = [c for c in command("query-hotpluggable-cpus") if "qom-path" not in c][0]
        command("device_add", driver=core["type"], id="c", **core["props"])
        here.becomes(2, before[1] + 512)
        plugged = [*MEMORY, "-device", f"{core['type']},id=c," + ",".join(f"{k}={v}" for k, v in core["props"].items())]
        for binary in [PEER, None] if os.path.exists(PEER) else [None]:
            here, _ = move_live(here, lambda *a: Guest(machine, cpu, "1,maxcpus=2", *plugged, *a, binary=binary))
            here.becomes(2, before[1] + 512)
        for name in "c", "d":
            here.emulator.command("device_del", id=name)
        gone = lambda: {e["data"].get("device") for e in here.emulator.told if e["event"] == "DEVICE_DELETED"} >= {"c", "d"}
        wait("both to go", lambda: here.emulator.command("query-status") and gone(), 60)
        here.becomes(*before)
    finally:
        here.close()
    print(machine, cpu, "takes, moves and gives back")


if __name__ == "__main__":
    if not os.path.exists(Linux.kernel):
        skip("Debian's kernel is not installed")
    for room in ROOMS:
        comes_and_goes(*room)
