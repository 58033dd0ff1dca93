# SPDX-License-Identifier: GPL-2.0-or-later
"""corpus.py BUILD TARGET FOLDER: what fuzz-section, fuzz-stream and fuzz-saved begin with, cut from the recordings as qemu-migration finds its way in
them: each section alone; streams of the head, a few of them and the end, for fuzz-saved with their description. Short inputs are tried, and changed, fast.
"""
import json, lzma, os, pathlib, subprocess, sys

LONG, SOME = 20000, 3
build, target, corpus = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
env = dict(os.environ, FUZZ_LIST="1", ASAN_OPTIONS="detect_leaks=0")
order = [line.rsplit(" ", 1)[0] for line in
         subprocess.run([str(build / "tests/fuzz/fuzz-section")], env=env, capture_output=True, text=True).stdout.splitlines()]
assert order or target != "fuzz-section"


def with_some(d, stream, kept):
    """With these sections only."""
    device = [s for s in d["sections"] if "parts" not in s]
    first = stream.find(b"\x02\0\0\0", stream.find(b"\x03ram"))         # the first part
    last = device[-1]["offset"] + device[-1]["size"]
    description = b""
    if d["description"] == "stream":
        v = json.loads(stream[last + 6:])
        names = {(s["name"], s["instance"]) for s in kept}
        v["devices"] = [e for e in v["devices"] if (e["name"], e["instance_id"] & 0xffffffff) in names]
        text = json.dumps(v).encode()
        description = b"\6" + len(text).to_bytes(4, "big") + text
    return stream[:first] + b"".join(stream[s["offset"]:s["offset"] + s["size"]] for s in kept) + b"\0" + description


def short(d, stream):
    """Streams of the head, one section or two, and the end."""
    first = next(s["offset"] for s in d["sections"])
    device = [stream[s["offset"]:s["offset"] + s["size"]] for s in d["sections"] if "parts" not in s and s["size"] < LONG]
    ram = stream.find(b"\x03ram")
    starts = [stream[at - 5:stream.find(b"\x7e" + stream[at - 4:at], at) + 5] for at in (ram, stream.find(b"\x0aspapr/htab")) if at > 0]
    yield stream[:first] + b"".join(starts) + b"\0"
    for i, section in enumerate(device):
        yield stream[:first] + section + b"\0"
        yield stream[:first] + device[i - 1] + section + b"\0"


for path in pathlib.Path("tests/migration-compat/recordings").glob("*.mig.xz"):
    stream = lzma.open(path).read()
    d = json.loads(subprocess.run([str(build / "tools/qemu-migration"), "inspect", "--json", str(path)], env=env, capture_output=True, text=True).stdout)
    if target == "fuzz-saved":
        device = [s for s in d["sections"] if "parts" not in s and s["size"] < LONG]
        for i in range(0, len(device), SOME):
            (corpus / f"{path.name}.{i}").write_bytes(b"\0" + with_some(d, stream, device[i:i + SOME]))
        (corpus / (path.name + ".pages")).write_bytes(b"\xf1" + stream[:5000])
        continue
    if target == "fuzz-stream":
        if d["footers"] and path.name.startswith("2.6-pseries-2.6-POWER8."):
            for i, piece in enumerate(short(d, stream)):
                (corpus / f"{path.name}.{i}").write_bytes(piece)
        continue
    for s in d["sections"]:
        begin, end = s["offset"] + 5 + 1 + len(s["name"]) + 8, s["offset"] + s["size"] - (5 if d["footers"] else 0)
        if "fields" in s and s["name"] in order and end - begin < LONG:
            name = f"{path.name}.{s['name'].replace('/', '_')}.{s['instance']}"
            (corpus / name).write_bytes(order.index(s["name"]).to_bytes(2, "big") + bytes([s["version"]]) + stream[begin:end])
