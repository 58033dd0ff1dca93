# SPDX-License-Identifier: GPL-2.0-or-later
"""The return path, post-copy and its recovery: between two of ours, and with Debian's QEMU 7.2 in both directions, with a guest that keeps
writing and checking its memory on two processors.

Arguments behind the build: ROUNDS (1) of every move, each cut at ROUNDS random moments; "linux" as the third moves Debian's kernel, too.
"""
import os, shutil, subprocess, sys, tempfile
from guest import NETBOOT
from moving import Churn, Linux, port
from postcopy import CAPS, HERE, MACHINE, Move, PAIRS, interrupted, name, wire
from qmp import build, wait

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 1


def return_path(pair):
    with Move(pair, "return-path", max_bandwidth=1 << 31, downtime_limit=20000) as m:
        m.start()
        m.arrived()
        forth, back = wire.forth(m.proxy.links[0][0]), wire.back(m.proxy.links[0][1])
        opened = next(i for i, line in enumerate(forth) if "OPEN_RETURN_PATH" in line)
        assert forth[opened + 1].startswith("COMMAND PING 4: 00000001"), forth[:8]
        assert "PONG 0x1" in back and "SHUT 0x0" in back, back
        two_steps = pair == (HERE, HERE)
        assert (forth[-1].startswith("COMMAND PING")) == two_steps, forth[-3:]
    print(name(pair), "with a return path")


def refusal(pair):
    """The destination's guest memory has another size: it says no, and the source's guest runs on."""
    class Big(Churn):
        memory = "512"
    source = Churn(*MACHINE, binary=pair[0])
    target = Big(*MACHINE, "-incoming", "defer", binary=pair[1])
    try:
        for g in (source, target):
            g.emulator.command("migrate-set-capabilities", capabilities=[{"capability": "return-path", "state": True}])
        uri = f"tcp:127.0.0.1:{port()}"
        target.emulator.command("migrate-incoming", uri=uri)
        before = source.lives()
        source.emulator.command("migrate", uri=uri)
        result = source.emulator.migrated()
        assert result["status"] == "failed" and result["error-desc"], result
        assert source.emulator.command("query-status")["running"]
        source.lives(before=before)
        target.emulator.p.wait(30)
    finally:
        source.close()
        target.close()
    print(name(pair), "refused:", result["error-desc"][:100])


def post_copy(pair, *caps):
    with Move(pair, "postcopy-ram", *caps, max_bandwidth=64 << 20) as m:
        m.post_copy()
        result = m.arrived()
        forth = wire.forth(m.proxy.links[0][0])
        order = [line.split()[1] for line in forth if line.startswith("COMMAND")] + [line.split()[1] for line in forth if line.startswith("  COMMAND")]
        for one in ("POSTCOPY_ADVISE", "POSTCOPY_RAM_DISCARD", "PACKAGED", "POSTCOPY_LISTEN", "POSTCOPY_RUN"):
            assert one in order, (one, order)
        assert pair[0] or result["ram"]["postcopy-bytes"] > 0, result
    print(name(pair), "by post-copy", *caps, result["ram"]["postcopy-requests"], "pages asked for, downtime", result["downtime"], "ms")


def not_permitted():
    """An ordinary user without userfaultfd hears why at once; the source's guest goes on."""
    if os.getuid() or open("/proc/sys/vm/unprivileged_userfaultfd").read().strip() != "0":
        print("whether userfaultfd is not permitted: skipped, it is")
        return
    source = Churn(*MACHINE)
    folder = tempfile.TemporaryDirectory()      # the tree may lie where others cannot look
    os.chmod(folder.name, 0o755)
    emulator, image = (shutil.copy(build() / f, folder.name) for f in ("qemu-system-ppc64", "tests/guest/churn.bin"))
    try:
        at = port()
        p = subprocess.Popen(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", emulator, "-M",
                              MACHINE[0], "-cpu", MACHINE[1], "-smp", "2", "-m", "256", "-bios", image, "-nodefaults", "-nographic",
                              "-vga", "none", "-serial", "null", "-monitor", "none", "-incoming", f"tcp:127.0.0.1:{at}"], stdin=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        source.emulator.command("migrate-set-capabilities", capabilities=[{"capability": "postcopy-ram", "state": True}])
        before = source.lives()

        def taken():
            assert p.poll() is None or p.returncode == 1
            source.emulator.command("migrate", uri=f"tcp:127.0.0.1:{at}")
            result = source.emulator.migrated()
            assert result["status"] == "failed", result
            return "refused" in result["error-desc"] or "closed" in result["error-desc"] or p.poll() is not None
        wait("the refusal", taken)
        err = p.communicate(timeout=30)[1]
        assert "userfaultfd" in err and "vm.unprivileged_userfaultfd" in err, err
        source.lives(before=before)
    finally:
        source.close()
        folder.cleanup()
    print("without userfaultfd:", err.strip()[:150])


def linux():
    """With a radix tree in memory, and with a hash table that is sent before the guest goes."""
    for machine in (("pseries-2.6,cap-htm=off", "POWER8", 2), ("pseries-7.2" + CAPS, "POWER9", 2)):
        for pair in PAIRS:
            with Move(pair, "postcopy-ram", kind=Linux, machine=machine, max_bandwidth=64 << 20) as m:
                m.post_copy()
                result = m.arrived()
            print(name(pair), "Debian's kernel on", machine[0].split(",")[0], "by post-copy, downtime", result["downtime"], "ms", flush=True)


if __name__ == "__main__":
    for _ in range(ROUNDS):
        for pair in PAIRS:
            return_path(pair)
            post_copy(pair)
            interrupted(pair, pause=0, rounds=ROUNDS)
        for pair in PAIRS[:1] + PAIRS[2:]:
            refusal(pair)
    not_permitted()
    if "linux" in sys.argv and (NETBOOT / "vmlinux").exists():
        linux()
