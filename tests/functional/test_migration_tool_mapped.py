# SPDX-License-Identifier: GPL-2.0-or-later
"""qemu-migration on guests whose memory does not go with the stream: in a file of mapped-ram, read as a file, as a pipe and packed; by multifd's channels, whose
main one was recorded. The same guest saved plainly is what they are compared with.
"""
import json, lzma, pathlib, struct, subprocess, sys, tempfile
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "migration-compat"))
import wire
from moving import Payload, port
from qmp import Emulator, build, wait
from saved import tool

MACHINE = ["-M", "pseries-7.2,ic-mode=xics,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off,cap-htm=off", "-cpu", "POWER9", "-m", "256"]


def saved_in_both_forms(folder):
    for form, *args in ("plain",), ("mapped", "-incoming", f"file:{folder / 'plain'}"):
        g = Payload(MACHINE[1], MACHINE[3], 1, *args)
        try:
            if args:
                wait("the guest", lambda: g.emulator.command("query-status")["status"] == "paused")
            else:
                g.lives()
                g.emulator.command("stop")
            g.emulator.command("migrate-set-capabilities", capabilities=[{"capability": "mapped-ram", "state": form == "mapped"}])
            g.emulator.command("migrate", uri=f"file:{folder / form}")
            assert g.emulator.migrated()["status"] == "completed"
        finally:
            g.close()
    return folder / "plain", folder / "mapped"


def block(path, *args, **more):
    d = json.loads(tool("inspect", "--json", path, *args, **more)[0])
    return d, d["memory"][0]


def differences(a, b, **more):
    p = subprocess.run([str(build() / "tools/qemu-migration"), "diff", "--json", str(a), str(b)], stdout=subprocess.PIPE, **more)
    found = json.loads(p.stdout)
    assert p.returncode == bool(found), (p.returncode, found)
    return found


def reads(folder, plain, mapped):
    p, m = block(plain)[1], block(mapped)[1]
    assert m["size"] == p["size"] == 256 << 20 and m["mapped-at"] % (1 << 20) == 0 and m["mapped-at"] and not p["mapped-at"], m
    assert m["whole"] == m["pages"] == p["whole"] > 10 and not m["zero"], (m, p)
    d = block(mapped)[0]
    assert [s["name"] for s in d["sections"]] == [s["name"] for s in block(plain)[0]["sections"]] and d["description"] == "stream"
    assert "at their places from byte" in tool("inspect", mapped)[0]
    data = mapped.read_bytes()
    assert block("-", stdin=data)[0] == d
    packed = folder / "mapped.xz"
    packed.write_bytes(lzma.compress(data, preset=0))
    assert block(packed)[0] == d
    # the same pages, whatever the form; one that is changed is found
    assert all(f["where"].split(" ")[0] not in ("ram", "cpu") for f in differences(plain, mapped))      # a clock of the host may have gone on
    changed = folder / "changed"
    changed.write_bytes(data)
    with open(changed, "r+b") as f:
        f.seek(m["mapped-at"] + 0x3000)
        f.write(b"\x5a")
    found = differences(mapped, changed)
    assert len(found) == 1 and found[0]["where"] == "ram / ppc_spapr.ram" and "1 pages differ" in found[0]["b"] and "0x3000" in found[0]["b"], found
    assert "loads" in tool("check", mapped, "--", *MACHINE)[0]
    assert "Size mismatch" in tool("check", mapped, "--", *MACHINE[:-1], "512", status=1)[0]
    print("mapped-ram is inspected, compared and checked")


def goes_elsewhere(folder, mapped):
    there = folder / "there"
    assert "whose presenters" in tool("convert", mapped, "--to", "9.2", "-o", there, "--", *MACHINE, status=2)[1] and not there.exists()
    tool("convert", mapped, "--to", "10.2", "-o", there, "--", *MACHINE)
    assert there.stat().st_blocks * 512 < 32 << 20, "the gaps were written"
    assert all(f["where"].split(" ")[0] != "ram" for f in differences(mapped, there)) and differences(mapped, there)
    with open(mapped, "rb") as f:
        through = subprocess.run([str(build() / "tools/qemu-migration"), "convert", "-", "--to", "10.2", "-o", "-", "--", *MACHINE], stdin=f, check=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    whole = there.read_bytes()
    assert len(through) == len(whole)
    pages = block(there)[1]
    assert through[:pages["mapped-at"]] == whole[:pages["mapped-at"]] and through[pages["mapped-at"] + (256 << 20):] == whole[pages["mapped-at"] + (256 << 20):]
    assert not differences(there, "-", input=through)
    with Emulator(*MACHINE, "-bios", str(build() / "tests/guest/payload.bin"), "-incoming", "defer") as g:
        g.command("migrate-set-capabilities", capabilities=[{"capability": "mapped-ram", "state": True}])
        g.command("migrate-incoming", uri=f"file:{there}")
        wait("the guest", lambda: g.command("query-migrate").get("status") == "completed")
        g.command("cont")
        wait("the guest to count on", lambda: " B00000000" in g.text())
    print("mapped-ram is converted, and loads")


def damaged(folder, mapped):
    data = mapped.read_bytes()
    head = data.index(b"\x0dppc_spapr.ram") + 14 + 8
    bad = folder / "bad"
    for at, form, value, words in ((0, ">I", 2, "version 2"), (4, ">Q", 65536, "pages of 65536"), (12, ">Q", 0, "do not follow"), (12, ">Q", 1 << 63, "do not follow"),
                                   (20, ">Q", 1 << 40, "ends at byte"), (20, ">Q", (1 << 64) - 1, "do not follow"), (20, ">Q", head + 28, "do not follow")):
        with open(bad, "wb") as f:
            f.write(data[:4 << 20])
            f.seek(head + at)
            f.write(struct.pack(form, value))
        for source in (bad, "-"):
            said = tool("inspect", source, status=2, stdin=bad.read_bytes() if source == "-" else None)[1]
            assert words in said or "behind the end" in said or "cannot be read" in said, (at, value, said)
    for n in (head, head + 10, head + 28 + 100, (1 << 20) + 5000):
        bad.write_bytes(data[:n])
        assert "ends at byte" in tool("diff", bad, bad, status=2)[1]
    print("heads that lie and files that end are refused")


def by_channels(folder):
    """The main channel's recording: the stream is whole, and says that no page is in it."""
    at = port()
    proxy = wire.Proxy(at)
    try:
        with Emulator(*MACHINE, "-S") as here, Emulator(*MACHINE, "-S", "-incoming", "defer") as there:
            for g in (here, there):
                g.command("migrate-set-capabilities", capabilities=[{"capability": "multifd", "state": True}])
            there.command("migrate-incoming", uri=f"tcp:127.0.0.1:{at}")
            here.command("migrate", uri=f"tcp:127.0.0.1:{proxy.port}")
            assert here.migrated()["status"] == "completed"
        main = folder / "main"
        main.write_bytes(next(bytes(a) for a, _ in proxy.links if a[:4] == b"QEVM"))
        channels = [bytes(a) for a, _ in proxy.links if a[:4] == b"\x11\x22\x33\x44"]
    finally:
        proxy.close()
    d, m = block(main)
    assert m["whole"] == 0 and d["description"] == "stream" and any(s["name"] == "cpu" for s in d["sections"]), m
    if not m["pages"]:
        assert "went another way" in tool("inspect", main)[0]
    assert "loads" in tool("check", main, "--", *MACHINE)[0]
    tool("convert", main, "--to", "10.2", "-o", folder / "elsewhere", "--", *MACHINE)
    pages = 0
    for data in channels:
        d = json.loads(tool("inspect", "--json", "-", stdin=data)[0])
        assert "of multifd" in d["note"] and not d["sections"], d
        pages += sum(m["whole"] for m in d["memory"])
        assert "no stream" in tool("check", "-", "--", *MACHINE, status=1, stdin=data)[0]
        assert "no stream" in tool("convert", "-", "--to", "10.2", "-o", folder / "x", "--", *MACHINE, status=2, stdin=data)[1]
        assert "ends at byte" in tool("inspect", "-", status=2, stdin=data[:-1])[1]
    assert len(channels) == 2 and pages > 10, pages
    print("multifd's channels")



with tempfile.TemporaryDirectory(dir=build()) as name:
    folder = pathlib.Path(name)
    plain, mapped = saved_in_both_forms(folder)
    reads(folder, plain, mapped)
    goes_elsewhere(folder, mapped)
    damaged(folder, mapped)
    by_channels(folder)
