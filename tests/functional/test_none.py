# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine `none` answers as Debian's QEMU 7.2 has it: QMP and monitor without a processor and with one, command lines that it refuses."""
import json, os, re, subprocess
from guest import skip
from qmp import PEER, Emulator, build

if not os.path.exists(PEER):
    skip("no qemu-system-ppc64 to compare with")


def hmp(line):
    return "human-monitor-command", {"command-line": line}


def qom(path):
    return "qom-list", {"path": path}


WITHOUT = [("query-status", {}), ("query-cpus-fast", {}), ("query-hotpluggable-cpus", {}), ("query-kvm", {}), ("query-target", {}), qom("/machine/peripheral"),
           ("query-block", {}), ("memsave", {"val": 0, "size": 4, "filename": "none"}), ("query-chardev", {}),
           *map(hmp, ("info registers", "info registers -a", "info registers 0", "info tlb", "info cpus", "info status", "info hotpluggable-cpus", "info qtree", "info roms",
                      "x 0", "xp 0", "x/i 0", "xp/i 0", "gva2gpa 0", "gpa2hva 0", "cpu 0", "print $r1", "print 1+1", "sum 0 1", "singlestep on", "singlestep off", "gdbserver")),
           ("cont", {}), ("query-status", {}), ("system_reset", {}), ("stop", {}), ("query-status", {}), hmp("system_reset"), hmp("info status")]
WITH = [("query-cpus-fast", {}), ("query-hotpluggable-cpus", {}), *map(hmp, ("info cpus", "cpu 0", "cpu 1", "info registers 1", "gpa2hva 0", "xp 0"))]


def plain(answer):
    """An answer without what is another each time."""
    text = re.sub(r'("thread-id": |thread_id=)\d+|/tmp/\w+/qmp', r"\g<1>0", json.dumps(answer))
    return json.loads(re.sub(r"((Host virtual address for 0x0 \(ram\) is) \w+)", r"\2", text))


def answers(binary, questions, *args):
    with Emulator("-S", "-no-user-config", "-machine", "none,accel=tcg", *args, binary=binary) as e:
        return [(q, plain(e.ask(json.dumps({"execute": q[0], "arguments": q[1]})))) for q in questions]


ours, count = str(build() / "qemu-system-ppc64"), 0
for questions, args in ((WITHOUT, ()), (WITH, ("-cpu", "POWER8")), (WITH, ("-cpu", "power9", "-m", "64"))):
    for (q, mine), (_, its) in zip(answers(ours, questions, *args), answers(PEER, questions, *args)):
        assert mine == its, (args, q, mine, its)
        count += 1
print(count, "answers alike")

LINES = ["-smp 2", "-smp 2 -cpu POWER8", "-smp 1,maxcpus=2", "-smp cores=2", "-machine none,foo=1", "-device spapr-vty", "-cpu foo", "-numa node", "-append x", "-initrd x",
         "-device power8_v2.0-spapr-cpu-core,core-id=0", "-gdb tcp::0", "-machine none,memory-backend=x", "-device spapr-rtc", "-overcommit x=1",
         "-audiodev id=a", "-audiodev driver=none", "-audiodev id=a,driver=foo", "-add-fd fd=2", "-add-fd set=1", "-add-fd fd=9,set=1", "-add-fd set=x,fd=3"]


def refusal(binary, line):
    p = subprocess.run([binary, "-machine", "none", "-nodefaults", "-nographic", "-S", *line.split()], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    return p.returncode, p.stderr


for line in LINES:
    mine, its = refusal(ours, line), refusal(PEER, line)
    assert mine == its and mine[0] == 1, (line, mine, its)
for line in ("-kernel /dev/null", "-device spapr-pci-host-bridge,index=1"):     # our own words: this build has no other way to load a kernel; it has fixed types of devices
    assert refusal(ours, line)[0] == refusal(PEER, line)[0] == 1, line
print(len(LINES), "refusals alike")

for option in ("boot", "rtc", "accel", "smp", "action", "overcommit", "global"):
    out = [subprocess.run([b, "-" + option, "help"], capture_output=True, text=True).stdout for b in (ours, PEER)]
    assert out[0] == out[1] and out[0], (option, out)
print("lists of what options take alike")

with Emulator("-S", "-M", "none") as e:
    for command in ("query-migration-manifest", "migrate-check"):
        answer = e.ask(json.dumps({"execute": command, **({"arguments": {"manifest": {}}} if command == "migrate-check" else {})}))
        assert "error" in answer, answer
    e.command("migrate", uri="exec:cat >/dev/null")
    assert e.migrated()["status"] == "completed"
