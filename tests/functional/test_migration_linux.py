# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernel, started under Debian's QEMU 7.2, moves to us over TCP while it runs, and back; at each stop its shell answers,
time goes on and the clock ticks. Argument 2: round trips (1).
"""
import os, re, select, socket, sys, tempfile, time
from guest import NETBOOT, skip
from qmp import Emulator, PEER, wait

NO_CAPS = ",cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
CASES = [("pseries-2.6,cap-htm=off", "POWER8"), ("pseries-7.2,ic-mode=xics" + NO_CAPS, "POWER9")]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 1


class Linux:
    def __init__(self, machine, cpu, *args, binary=None):
        self.dir = tempfile.TemporaryDirectory()
        path = self.dir.name + "/console"
        self.emulator = Emulator("-M", machine, "-cpu", cpu, "-m", "512", "-smp", "2", "-kernel", str(NETBOOT / "vmlinux"), "-initrd",
                                 str(NETBOOT / "initrd.gz"), "-append", "console=hvc0 rdinit=/bin/sh loglevel=4", *args, binary=binary,
                                 serial=f"unix:{path},server=on,wait=off")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.out = ""

    def until(self, text, timeout=240, start=0):
        end = time.time() + timeout
        while text not in self.out[start:]:
            assert time.time() < end, (text, self.out[-2000:])
            if select.select([self.socket], [], [], 1)[0]:
                self.out += self.socket.recv(65536).decode(errors="replace")

    def run(self, command, answer):
        start = len(self.out)
        for i in range(0, len(command) + 1, 8):
            self.socket.sendall((command + "\n")[i:i + 8].encode())
            time.sleep(0.03)
        self.until(answer, start=start)
        return self.out[start:]

    def close(self):
        self.emulator.close()
        self.socket.close()
        self.dir.cleanup()


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def uptime(guest, n):
    text = guest.run(f"cat /proc/uptime; echo here=$(({n}+100))", f"here={n + 100}")
    found = re.search(r"^(\d+\.\d\d) \d+\.\d\d\r?$", text, re.M)
    assert found, text
    return float(found[1])


if not os.path.exists(PEER) or not (NETBOOT / "vmlinux").exists():
    skip("Debian's qemu-system-ppc or debian-installer-12-netboot-ppc64el is not installed")
for machine, cpu in CASES:
    here = Linux(machine, cpu, binary=PEER)
    try:
        here.until("# ")
        here.run("mount -t proc p /proc; echo ready=$((1+1))", "ready=2")
        last = 0
        for i in range(2 * ROUNDS):
            to_us, uri = i % 2 == 0, f"tcp:127.0.0.1:{port()}"
            there = Linux(machine, cpu, "-incoming", uri, binary=None if to_us else PEER)
            here.emulator.command("migrate", uri=uri)
            result = here.emulator.migrated()
            assert result["status"] == "completed", (machine, cpu, i, result, there.emulator.log.read_text())
            here.close()
            here = there
            # what is typed while it still loads would be overwritten by the console's saved buffer
            wait("the destination", lambda: here.emulator.command("query-status")["status"] == "running")
            now = uptime(here, i)
            assert now > last, (last, now)      # time goes on
            here.run(f"sleep 1; echo slept=$(({i}+200))", f"slept={i + 200}")   # and ticks
            last = uptime(here, i)
            assert last > now + 1, (now, last)
            for word in ("lockup", "Oops", "BUG:", "Call Trace", "stall"):
                assert word not in here.out, here.out
            print(machine.split(",")[0], cpu, "moved", "here" if to_us else "to the peer", f"within {result['downtime']} ms", flush=True)
        assert here.emulator.command("query-status")["status"] == "running"
    finally:
        here.close()
