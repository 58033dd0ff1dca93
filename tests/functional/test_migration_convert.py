# SPDX-License-Identifier: GPL-2.0-or-later
"""qemu-migration convert: every recording in the form of 2.6, 2.7.0 and 7.2, which ours and, for its own, QEMU 7.2 have to load; and back, where it is the
original again, byte for byte, if its processors were to stay as they are.
"""
import json, lzma, os, pathlib, subprocess, tempfile
from qmp import PEER
from saved import FLAGS, RECORDINGS, emulator_loads, field, recordings, tool

with tempfile.TemporaryDirectory() as folder:
    there, back = pathlib.Path(folder) / "there", pathlib.Path(folder) / "back"
    for r in recordings():
        machine = r["machine"].split(",")[0]
        if machine == "pseries-7.2":
            continue
        own = ["--", *r["options"]] if r["config_section"] == "none" else []
        age = tuple(map(int, machine.split("-")[1].split(".")))
        original = lzma.open(r["path"]).read()
        for to in ("2.6", "2.7.0", "7.2"):
            if tuple(map(int, to.split(".")[:2])) < age:
                _, said = tool("convert", r["path"], "--to", to, "-o", there, *own, status=2)
                assert "older than the machine" in said and not there.exists(), said
                continue
            tool("convert", r["path"], "--to", to, "--as-it-is", "-o", there, *own)
            changed = there.read_bytes()
            assert (changed == original) == (to[:3] == r["producer"]), (r["file"], to)
            if age < (2, 8):
                flags = field(json.loads(tool("inspect", "--json", there, *own)[0]), "cpu", "insns_flags")["value"]
                assert flags == "0x" + FLAGS[to[:3], r["cpu"]], (r["file"], to, flags)
            options = r["options"]
            loads, said = emulator_loads(there, options)
            assert loads, (r["file"], to, said)
            if to == "7.2" and os.path.exists(PEER):
                htm = ",cap-htm=off" if r["cpu"] == "POWER8" and age < (2, 12) and "cap-htm" not in options[1] else ""
                loads, said = emulator_loads(there, ["-M", options[1] + htm, *options[2:]], PEER)
                assert loads, (r["file"], to, said)
            tool("convert", there, "--to", r["producer"], "--as-it-is", "-o", back, *own)
            assert back.read_bytes() == original, (r["file"], to)       # nothing else was touched
            there.unlink()
        print(r["file"], "goes there and back")
    a = RECORDINGS / "2.6-pseries-2.6-POWER8.mig.xz"
    for args, words in (((a, "--to", "1.0", "-o", there), "no version of QEMU"), ((a, "--to", "2.7.0"), "-o OUT"),
                        (("/nonexistent", "--to", "2.7.0", "-o", there), "nonexistent")):
        assert words in tool("convert", *args, status=2)[1], args
        assert not there.exists() and not pathlib.Path(str(there) + ".part").exists()
    # What is no file stays what it is.
    os.mkfifo(there)
    with back.open("wb") as out, subprocess.Popen(["cat", there], stdout=out):
        tool("convert", a, "--to", "2.6", "--as-it-is", "-o", there)
    assert back.read_bytes() == lzma.open(a).read() and there.is_fifo()
