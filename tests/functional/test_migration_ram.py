# SPDX-License-Identifier: GPL-2.0-or-later
"""Guest memory moves whole in every form it can travel in, between us and with the peers, while the guest (memory.c) writes on and checks it.

Arguments behind the build folder: other QEMUs to trade with, as BINARY[:MACHINE] (7.2 is, if it is installed); those from 9.0 on for mapped-ram, too.
"""
import os, pathlib, re, socket, struct, sys, tempfile, time
from laps import GUEST, PLAIN, laps, lives
from moving import port
from qmp import Emulator, PEER, build, wait

OURS = None
LIVE = {
    "plain": ([], {}),
    "xbzrle": (["xbzrle"], {"xbzrle-cache-size": 16 << 20}),
    "compress": (["compress"], {}),
    "multifd": (["multifd"], {"multifd-channels": 3}),
    "multifd zero-copy": (["multifd", "zero-copy-send"], {"multifd-channels": 2}),
    "multifd zlib": (["multifd"], {"multifd-channels": 2, "multifd-compression": "zlib"}),
    "multifd zstd": (["multifd"], {"multifd-channels": 2, "multifd-compression": "zstd"}),
}


def start(binary, *args, machine="pseries-7.2", name="f12t8z8d2s6"):
    return Emulator("-M", f"{machine},{PLAIN}", "-cpu", "power9_v2.0", "-m", "256", "-name", name, "-bios", GUEST, *args, binary=binary)


def tell(guest, capabilities, parameters):
    guest.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in capabilities])
    if parameters:
        guest.command("migrate-set-parameters", **parameters)


def move(way, source, target, machine="pseries-7.2", limits=(24 << 20, 100), name="f12t8z8d2s6"):
    """limits: bytes a second and milliseconds of downtime that keep it from ending before a second pass."""
    capabilities, parameters = LIVE[way]
    if source == PEER and way == "compress":
        parameters = parameters | {"compress-threads": 2}
    uri = f"tcp:127.0.0.1:{port()}"
    with start(source, machine=machine, name=name) as here, start(target, "-incoming", "defer", machine=machine, name=name) as there:
        tell(here, capabilities, parameters | {"downtime-limit": limits[1]})
        tell(there, capabilities, parameters)
        there.command("migrate-incoming", uri=uri)
        lives(here)
        here.command("migrate-set-parameters", **{"max-bandwidth": limits[0]})
        here.command("migrate", uri=uri)
        wait("a second pass", lambda: here.command("query-migrate").get("ram", {}).get("dirty-sync-count", 0) > 2)
        here.command("migrate-set-parameters", **{"max-bandwidth": 1 << 30, "downtime-limit": 2000})
        result = here.migrated()
        assert result["status"] == "completed", (way, result, there.log.read_text())
        if source is OURS:
            ram = result["ram"]
            assert ram["duplicate"] > 10000 and ram["remaining"] == 0, result
            assert way != "xbzrle" or result["xbzrle-cache"]["pages"] > 0, result
            assert way != "compress" or 0 < result["compression"]["compressed-size"] < ram["normal-bytes"], result
            assert ("multifd" in way) == (ram["multifd-bytes"] > 0), result
            assert (way == "multifd zero-copy") == (ram["dirty-sync-missed-zero-copy"] > 0), ("the loopback device copies", result)
        lives(there)
        return laps(there)


def resident(guest):
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{guest.p.pid}/status").read_text())[1]) << 10


def mapped(source, target, machine="pseries-7.2", offset=0, multifd=False):
    capabilities = ["mapped-ram"] + ["multifd"] * multifd
    direct = {"direct-io": True} if multifd else {}
    with tempfile.NamedTemporaryFile(dir=build()) as f:
        uri = f"file:{f.name}" + (f",offset={offset}" if offset else "")
        with start(source, machine=machine) as here:
            tell(here, capabilities, direct)
            lives(here)
            before = resident(here)
            here.command("migrate", uri=uri)
            result = here.migrated()
            assert result["status"] == "completed", result
            assert source is not OURS or resident(here) < before + (32 << 20), "looking for zeros gave memory to pages that had none"
        size = os.stat(f.name)
        assert size.st_blocks * 512 < 64 << 20 < size.st_size, "zero pages are holes"
        with start(target, "-incoming", "defer", machine=machine) as there:
            tell(there, capabilities, direct)
            there.command("migrate-incoming", uri=uri)
            lives(there)
        return f.name


def goes_on():
    """A guest that runs on after each save: what it wrote since the last one is in the next. (7.2 loses most of it: docs/devel/migration-regressions.rst.)"""
    with tempfile.NamedTemporaryFile(dir=build()) as f, start(OURS, name="f4z8d24") as here:
        for _ in range(3):
            lives(here)
            here.command("migrate-set-parameters", **{"max-bandwidth": 24 << 20, "downtime-limit": 100})
            here.command("migrate", uri=f"file:{f.name}")
            wait("a second pass", lambda: here.command("query-migrate").get("ram", {}).get("dirty-sync-count", 0) > 2)
            here.command("migrate-set-parameters", **{"max-bandwidth": 1 << 30, "downtime-limit": 2000})
            assert here.migrated()["status"] == "completed"
            with start(OURS, "-incoming", f"file:{f.name}", name="f4z8d24") as there:
                lives(there)
            here.command("cont")


def refused(words, capabilities, parameters, uri):
    """A target that is told what does not go with the stream ends, and says so; a source goes on."""
    with start(OURS, "-incoming", "defer") as there:
        tell(there, capabilities, parameters)
        there.command("migrate-incoming", uri=uri)
        there.p.wait(60)
        text = there.log.read_text()
        assert there.p.returncode == 1 and all(w in text for w in words), (words, text)


def lies():
    """Files that do not say the truth about memory."""
    with tempfile.NamedTemporaryFile(dir=build()) as f:
        with start(OURS) as here:
            tell(here, ["mapped-ram"], {})
            lives(here)
            here.command("migrate", uri=f"exec:cat >{f.name}")
            assert "mapped-ram" in here.migrated()["error-desc"]
            lives(here)
            here.command("migrate", uri=f"file:{f.name}")
            assert here.migrated()["status"] == "completed"
        whole = pathlib.Path(f.name).read_bytes()
        head = whole.index(b"\x0dppc_spapr.ram") + 14 + 8

        def changed(at, form, value):
            with open(f.name, "r+b") as g:
                g.write(whole[:1 << 20])
                g.seek(at)
                g.write(struct.pack(form, value))
        refused(["mapped-ram", "alike on both sides"], [], {}, f"file:{f.name}")
        changed(head, ">I", 2)
        refused(["mapped-ram", "version 2"], ["mapped-ram"], {}, f"file:{f.name}")
        changed(head + 4, ">Q", 65536)
        refused(["pages of 65536 bytes"], ["mapped-ram"], {}, f"file:{f.name}")
        changed(head + 20, ">Q", 1 << 62)
        refused(["do not follow the head"], ["mapped-ram"], {}, f"file:{f.name}")
        changed(head + 20, ">Q", 1 << 40)
        for capabilities, parameters in ((["mapped-ram"], {}), (["mapped-ram", "multifd"], {"multifd-channels": 4}), (["mapped-ram", "multifd"], {"direct-io": True})):
            refused(["the file has not the"], capabilities, parameters, f"file:{f.name}")


def channels_lie():
    """A multifd source that does not keep to the wire."""
    hello = struct.pack(">II16sB39x", 0x11223344, 1, bytes(16), 0)
    head = lambda flags=0, normal=1, size=4096, block=b"ppc_spapr.ram", page=0, magic=0x11223344: (
        struct.pack(">6IQ32x256s", magic, 1, flags, 128, normal, size, 2, block) + struct.pack(">Q", page) + bytes(8 * 127))
    bomb = __import__("zlib").compress(bytes(1 << 20))
    cases = [
        (hello[:24] + b"\x07" + hello[25:], b"", ["channel 7", "multifd-channels is 1"]),
        (b"\x11\x22\x33\x44\0\0\0\2" + hello[8:], b"", ["version 2", "reads 1"]),
        (hello[:8] + b"\x99" * 16 + hello[24:], b"", ["uuid 99999999-9999", "-uuid"]),
        (hello, head(magic=0x1234), ["0x00001234"]),
        (hello, head(flags=8), ["flags 0x8", "multifd-compression"]),
        (hello, head(normal=129), ["129 pages", "at most 128"]),
        (hello, head(size=8192), ["8192 bytes of data for 1 pages"]),
        (hello, head(block=b"vga.vram"), ['"vga.vram"']),
        (hello, head(page=256 << 20), ["Illegal RAM offset 0x10000000"]),
        (hello, head(page=8), ["Illegal RAM offset 0x8"]),
        (hello, head(flags=2, size=1 << 30), ["1073741824 bytes", "at most"]),
        (hello, head(flags=2, size=len(bomb)) + bomb, ["more than the 4096 bytes"]),
        (hello, head(flags=2, size=100) + bytes(100), ["zlib data do not decompress"]),
        (hello, head(flags=4, size=100) + bytes(100), ["zstd data do not decompress"]),
        (hello, head()[:200], ["channel ends"]),
    ]
    with tempfile.NamedTemporaryFile() as f:
        with start(OURS) as here:
            lives(here)
            here.command("migrate", uri=f"file:{f.name}")
            assert here.migrated()["status"] == "completed"
        stream = pathlib.Path(f.name).read_bytes()[:4096]
    for first, packet, words in cases:
        at = port()
        with start(OURS, "-incoming", "defer") as there:
            tell(there, ["multifd"], {"multifd-channels": 1})
            there.command("migrate-incoming", uri=f"tcp:127.0.0.1:{at}")
            with socket.create_connection(("127.0.0.1", at)) as main, socket.create_connection(("127.0.0.1", at)) as channel:
                main.sendall(stream)
                channel.sendall(first + packet)
                channel.shutdown(socket.SHUT_WR)
                there.p.wait(60)
            text = there.log.read_text()
            assert there.p.returncode == 1 and all(w in text for w in words), (words, text)


def main():
    peers = [(a.partition(":")[0], a.partition(":")[2] or "pseries-7.2") for a in sys.argv[2:]]
    for way in LIVE:
        print(way, "ours to ours,", move(way, OURS, OURS), "laps")
    if os.path.exists(PEER):
        for way in LIVE:
            print(way, "ours to 7.2 and back", move(way, OURS, PEER), move(way, PEER, OURS))
    mapped(OURS, OURS)
    mapped(OURS, OURS, offset=0x3000, multifd=True)
    move("multifd", OURS, OURS, machine="pseries-10.0")
    for machine in ("pseries-7.2", "pseries-10.0"):     # much more than the host's sockets hold, between one sync and the next
        move("multifd", OURS, OURS, machine, (100 << 30, 1), "f96d96z8")
    goes_on()
    print("mapped-ram; multifd of newer machines; as fast as it goes; saved again and again")
    for binary, machine in peers:
        for way in (w for w in LIVE if w != "compress"):
            print(way, binary, machine, move(way, OURS, binary, machine), move(way, binary, OURS, machine), flush=True)
        for multifd in (False, True):
            for offset in (0, 0x3000):
                mapped(OURS, binary, machine, offset, multifd)
                mapped(binary, OURS, machine, offset, multifd)
        print("mapped-ram", binary, machine)
    lies()
    channels_lie()
    print("what is not so is refused")


main()
