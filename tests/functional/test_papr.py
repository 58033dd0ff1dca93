# SPDX-License-Identifier: GPL-2.0-or-later
"""Hypercalls and RTAS calls answer as the peer's do, with good and with bad arguments; a power-down reaches the guest."""
import os, pathlib, re, socket, subprocess, sys, tempfile, time
from guest import compare_answers, emulator, skip

PEER = "/usr/bin/qemu-system-ppc64"
folder = pathlib.Path(sys.argv[1]) / "tests/guest"
# (call pattern, machine pattern, reason): where our answer is meant to be another
EXPECTED = [
    (r"CALL h_(read|remove)", ".", "the peer shows its own bit 0x40 (changed since the last migration round) in the entry"),
    (r"CALL h_put_tce_indirect (unaligned|too many)", ".", "LoPAPR 14.5.4.2: H_PARAMETER; the peer takes it"),
    (r"CALL h_confer to all", ".", "the peer leaves the number of the call as its result"),
    (r"CALL h_set_mode (ciabr|dawr)", ".", "QEMU 7.2 has no breakpoints; newer ones do"),
    (r"CALL h_set_mode ail 4", ".", "LoPAPR 14.5.4.9.1: unsupported flag; the peer ignores all but two bits"),
    (r"CALL h_random", ".", "the peer wants a -device spapr-rng"),
    (r"CALL h_watchdog stop all", ".", "the peer stops them and says that there were none"),
    (r"CALL h_register_process_table", "POWER[78]", "no processor before POWER9 has process tables: H_FUNCTION"),
    (r"CALL h_scm_read_metadata", ".", "no persistent memory here: H_FUNCTION"),
    (r"RTAS (nvram-fetch|ibm,get-system-parameter) .*fffff000", ".", "the buffer is outside memory: parameter error"),
]
CASES = [("pseries-2.6,cap-htm=off", "POWER8"), ("pseries-2.12", "POWER8"), ("pseries-7.2", "POWER7"), ("pseries-7.2", "POWER8"), ("pseries-7.2", "POWER9"),
         ("pseries-7.2", "POWER10"), ("pseries-5.0", "POWER9"), ("pseries-7.2,cap-cfpc=broken,cap-ibs=broken,cap-fwnmi=off", "POWER9"),
         ("pseries-7.2,cap-cfpc=fixed,cap-sbbc=fixed,cap-ibs=fixed-ccd,cap-ccf-assist=off", "POWER9"),
         ("pseries-7.2,cap-sbbc=broken,cap-ibs=fixed-ibs,resize-hpt=disabled", "POWER9"),
         ("pseries-7.2,cap-hpt-max-page-size=16M", "POWER8")]


def command(binary, machine, cpu, guest):
    return [binary, "-M", machine, "-cpu", cpu, "-m", "256", "-display", "none", "-vga", "none", "-nodefaults", "-serial", "stdio",
            "-bios", str(folder / (guest + ".bin"))]


def answers(binary, machine, cpu):
    p = subprocess.run([*command(binary, machine, cpu, "papr"), "-monitor", "none"], capture_output=True, text=True, timeout=120,
                       stdin=subprocess.DEVNULL)
    assert "RESULT: PASS" in p.stdout, (binary, machine, cpu, p.stdout[-500:], p.stderr[-500:])
    found = {}
    for line in p.stdout.splitlines():
        if line.startswith(("CALL ", "RTAS ")):
            what, answer = line.replace("00000000", "").split(" -> ")
            n = 0
            while (what, n) in found:
                n += 1
            found[what, n] = answer
    return found


def power_down(binary):
    """The guest's report of a power-down that the monitor asked for; the time of day masked."""
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "monitor")
        p = subprocess.Popen([*command(binary, "pseries-7.2", "POWER9", "events"), "-monitor", f"unix:{path},server=on,wait=off"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
        out, monitor = "", socket.socket(socket.AF_UNIX)
        for line in p.stdout:
            out += line
            if "WAITING" in line:
                monitor.connect(path)
                monitor.send(b"system_powerdown\n")
        p.wait(60)
        monitor.close()
    assert "RESULT: PASS" in out, (binary, out)
    log = re.search(r"^LOG (.*)$", out, re.M)[1].replace("00000000000000", "").split()
    assert log[32:34] == [time.strftime("20", time.gmtime()), time.strftime("%y", time.gmtime())], log
    return log[:32] + log[40:]


if not (folder / "papr.bin").exists():
    skip("the guests were not built: powerpc64-linux-gnu-gcc is missing")
if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
rows = []
for machine, cpu in CASES:
    ours, theirs = answers(emulator(), machine, cpu), answers(PEER, machine, cpu)
    assert len(ours) > 300 and ours.keys() == theirs.keys(), (machine, cpu, len(ours), len(theirs))
    rows += [(f"{machine} {cpu}", call[0], answer or 0, theirs[call] or 0) for call, answer in ours.items()]
    print(machine, cpu, len(ours), "calls")
compare_answers(rows, EXPECTED)
assert power_down(emulator()) == power_down(PEER)
