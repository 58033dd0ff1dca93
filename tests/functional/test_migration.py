# SPDX-License-Identifier: GPL-2.0-or-later
"""Genuine recordings of QEMU 2.6, 2.7 and 7.2 resume here; running guests trade places with Debian's QEMU 7.2; what is no machine
is refused.

The guest is payload.S. Its lines say C<laps> T<ticks> B<mask of what is not as it should be> V<unexpected vector>.
"""
import json, lzma, os, pathlib, re, struct, subprocess, tempfile
from moving import LINE, Payload, move_live
from qmp import Emulator, PEER, build, wait

RECORDINGS = pathlib.Path(__file__).resolve().parent.parent / "migration-compat" / "recordings"
PAYLOAD = str(build() / "tests/guest/payload.bin")


def machine(version, cpu, smp=1, props=""):
    return ["-M", version + props, "-cpu", cpu, "-m", "256", "-smp", str(smp), "-bios", PAYLOAD]


def laps(guest):
    """(laps, ticks) of the last line; everything so far has to be well."""
    lines = LINE.findall(guest.text())
    for line in lines:
        assert int(line[2], 16) == 0 and int(line[3], 16) == 0 and int(line[4], 16) == 0, (line, guest.text()[-500:])
    return (int(lines[-1][0], 16), int(lines[-1][1], 16)) if lines else (0, 0)


def lives(guest, ticks=True):
    """It counts on, with its clock ticking."""
    first = wait("the guest's first line", lambda: laps(guest)[0] and laps(guest))
    wait("the guest to count on", lambda: laps(guest)[0] > first[0] and (not ticks or laps(guest)[1] > first[1] + 3))


def sections(stream):
    """{(name, instance): bytes} of the device sections, with 2.4's framing and newer."""
    found, at = {}, 0
    for m in re.finditer(rb"\x04\0\0..([\x03-\x40])", stream, re.S):
        n, p = m[1][0], m.end()
        name = stream[p:p + n]
        if len(name) == n and re.fullmatch(rb"[\w/@.\-]+", name):
            section, (instance, version) = stream[m.start() + 1:m.start() + 5], struct.unpack(">II", stream[p + n:p + n + 8])
            end = stream.find(b"\x7e" + section, p + n + 8)
            if version < 64 and end > 0:
                found[name.decode(), instance] = stream[p + n + 8:end]
    return found


def recordings():
    index = [line.split("\t") for line in (RECORDINGS / "INDEX.tsv").read_text().splitlines()]
    for row in index[1:]:
        row = dict(zip(index[0], row))
        path = RECORDINGS / row["file"]
        options = dict(re.findall(r" -(M|smp) (\S+)", row["cmdline"]))
        dialect = f",x-destination-dialect={row['producer']}"       # whoever sent it could take it back
        with Emulator(*machine(options["M"], row["cpu"], options.get("smp", 1), dialect), "-incoming", f"exec:xz -dc {path}") as g:
            wait("the recording to be loaded", lambda: g.command("query-status")["status"] != "inmigrate")
            paused = g.command("query-status")["status"] == "paused"
            if paused:          # not run yet: what goes out again is what came in
                with tempfile.NamedTemporaryFile() as out:
                    g.command("migrate", uri=f"file:{out.name}")
                    assert g.migrated()["status"] == "completed"
                    compare(path.name, lzma.open(path).read(), pathlib.Path(out.name).read_bytes())
                g.command("cont")
            lives(g)
        print(path.name, "resumed and counts on", "" if paused else "(at once)")


def compare(name, came, went):
    """Equal but for the clock, which is this process's, and SDR1, where 2.6 and 2.7 sent a pointer of theirs."""
    a, b = sections(came), sections(went)
    assert list(a) == list(b), (name, set(a) ^ set(b), list(a), list(b))
    for key in a:
        if key[0] == "timer":
            assert len(a[key]) == len(b[key]), (name, key)
        elif a[key] != b[key]:
            places = [i for i in range(min(len(a[key]), len(b[key]))) if a[key][i] != b[key][i]]
            first = 8 + 256 + 32 + 8        # in section cpu, version 5: unused, gpr, crf, nip, then spr
            sdr1 = range(first + 25 * 8, first + 26 * 8)
            left = [i for i in places if not (key[0] == "cpu" and i in sdr1)]
            assert len(a[key]) == len(b[key]) and not left, (name, key, len(a[key]), len(b[key]), left[:10])


def trade(version, cpu, props, rounds=2):
    """From the peer to us and back, over TCP, while it runs."""
    here = Payload(version + props, cpu, 1, binary=PEER)
    try:
        last = here.lives()
        for i in range(2 * rounds):
            to_us = i % 2 == 0
            here, _ = move_live(here, lambda *a: Payload(version + props, cpu, 1, *a, binary=None if to_us else PEER))
            last = here.lives(before=last)
        print(version, cpu, rounds, "round trips with the peer")
    finally:
        here.close()


def refusals():
    stream = lzma.open(RECORDINGS / "2.6-pseries-2.6-POWER8.mig.xz").read()

    def refused(bytes_, words, *args):
        with tempfile.NamedTemporaryFile() as f:
            f.write(bytes_)
            f.flush()
            p = subprocess.run([str(build() / "qemu-system-ppc64"), "-nodefaults", "-nographic", "-vga", "none", "-serial", "null", "-monitor", "none",
                                *(args or machine("pseries-2.6", "POWER8")), "-incoming", f"file:{f.name}"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        assert p.returncode == 1, (words, p.returncode, p.stderr)
        for w in words:
            assert w in p.stderr, (w, p.stderr)

    refused(b"", ["load of migration failed", "ends at byte 0"])
    refused(b"#!/bin/sh\n" * 10, ["Not a migration stream", "QEVM"])
    refused(stream[:4] + b"\0\0\0\2" + stream[8:], ["version 2"])
    refused(stream, ["Machine type received is 'pseries-2.6' and local is 'pseries-2.7'", "-machine pseries-2.6"], *machine("pseries-2.7", "POWER8"))
    refused(stream, ["ppc_spapr.ram", "-m 256"], *machine("pseries-2.6", "POWER8")[:-4], "-m", "512", "-bios", PAYLOAD)
    for cut in (9, 60, 100, 3000, len(stream) // 2, len(stream) - 9000):
        refused(stream[:cut], ["load of migration failed", "ends at byte"])
    cpu = stream.find(b"\x03cpu\0\0\0\0\0\0\0\5")
    refused(stream[:cpu] + b"\x03cpx" + stream[cpu + 4:], ["'cpx'", "setup"])
    refused(stream[:cpu + 8] + b"\0\0\0\x63" + stream[cpu + 12:], ["cpu", "99"])
    refused(stream, ["env.spr[PVR]", "0x004d0200 (power8_v2.0)", "0x003f0203 (power7_v2.3)", "-cpu power8_v2.0"], *machine("pseries-2.6", "POWER7"))
    print("refusals say what is wrong")


def options():
    """A stream behind other bytes of a file; parameters by the human monitor."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(b"x" * 4096)
        f.flush()
        with Emulator(*machine("pseries-2.6", "POWER8")) as g:
            lives(g)
            hmp = lambda line: g.command("human-monitor-command", **{"command-line": line})
            assert hmp("migrate_set_parameter downtime-limit 500") == "", "downtime-limit"
            assert g.command("query-migrate-parameters")["downtime-limit"] == 500
            assert "expects a non-negative number" in hmp("migrate_set_parameter downtime-limit soon")
            bad = g.ask(json.dumps({"execute": "migrate", "arguments": {"uri": f"file:{f.name},offset=x"}}))
            assert "offset" in bad["error"]["desc"], bad
            assert g.command("query-status")["running"]
            g.command("migrate", uri=f"file:{f.name},offset=0x1000")
            assert g.migrated()["status"] == "completed"
        assert pathlib.Path(f.name).read_bytes()[:4100] == b"x" * 4096 + b"QEVM"
        with Emulator(*machine("pseries-2.6", "POWER8"), "-incoming", f"file:{f.name},offset=4096") as g:
            lives(g)
    print("file offsets, parameters")


options()
recordings()
if os.path.exists(PEER):
    trade("pseries-2.6", "POWER8", ",cap-htm=off")
    trade("pseries-2.6", "POWER7", "")
    trade("pseries-7.2", "POWER9", ",cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off")
    trade("pseries-7.2", "POWER10", ",ic-mode=xive,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off")
    trade("pseries-7.2", "POWER9", ",ic-mode=xics,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off")
refusals()
