# SPDX-License-Identifier: GPL-2.0-or-later
"""Each -serial is a console of its own: output goes to the right one and input comes from it, here and on the peer."""
import os, pathlib, socket, sys, tempfile
from guest import Guest, emulator, skip
from terminal import PEER

image = pathlib.Path(sys.argv[1]) / "tests/guest/consoles.bin"
if not image.exists():
    skip("the guests were not built: powerpc64-linux-gnu-gcc is missing")
for binary in (emulator(), *([PEER] if os.path.exists(PEER) else [])):
    with tempfile.TemporaryDirectory() as where:
        path, third = os.path.join(where, "second"), pathlib.Path(where, "third")
        with Guest("-M", "pseries-2.12,cap-htm=off", "-cpu", "POWER8", "-m", "256", "-bios", str(image), "-serial",
                   f"unix:{path},server=on,wait=on", "-serial", f"file:{third}", binary=binary) as g:
            g.wait_for("waiting for connection", 60)
            with socket.socket(socket.AF_UNIX) as second:
                second.settimeout(120)
                second.connect(path)
                heard = b""
                while len(heard) < 8:
                    heard += second.recv(8)
                second.send(b"echo me")
                while len(heard) < 15:
                    heard += second.recv(15)
                status = g.finish(120)
        assert status == 0 and "CONSOLE0" in g.out and "FAIL" not in g.out and "RESULT: PASS" in g.out, (binary, status, g.out)
        assert heard == b"CONSOLE1echo me" and third.read_bytes() == b"CONSOLE2", (binary, heard, third.read_bytes())
    print(binary, "three consoles")
