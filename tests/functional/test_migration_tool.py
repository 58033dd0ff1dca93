# SPDX-License-Identifier: GPL-2.0-or-later
"""qemu-migration on every recording: what it shows, what it says about the right and the wrong machine (and the emulator has to agree), what
differs; and that damaged streams end in a message.
"""
import html.parser, json, lzma, re, tempfile
from saved import FLAGS, RECORDINGS, emulator_loads, field, recordings, tool

def inspect(r):
    d = json.loads(tool("inspect", "--json", r["path"])[0])
    machine = r["machine"].split(",")[0]
    assert d["machine"] == (machine if r["config_section"] != "none" else None) and d["size"] == int(r["raw_size"]), (r, d["machine"])
    assert d["footers"] == (r["footers"] == "yes") and d["description"] == ("stream" if r["vmdesc"] == "yes" else "loader")
    assert d["cpu-model"].startswith(r["cpu"].lower()), d["cpu-model"]
    assert "note" not in d and "error" not in d, (d.get("note"), d.get("error"))
    ram = d["memory"][0]
    assert ram["name"] == "ppc_spapr.ram" and ram["size"] == 256 << 20 and ram["pages"] == 65536
    assert all("fields" in s or "parts" in s for s in d["sections"])
    ends = sorted((s["offset"], s["size"]) for s in d["sections"] if "parts" not in s)
    assert all(a[0] + a[1] == b[0] for a, b in zip(ends, ends[1:])), ends       # no byte of device state is left over
    if (r["producer"], r["cpu"]) in FLAGS and machine < "pseries-2.8":
        flags = field(d, "cpu", "insns_flags")
        assert flags["value"] == "0x" + FLAGS[r["producer"], r["cpu"]], flags
        words = next(iter(flags["means"].values())).split()
        assert "popcntwd" in words and ("cildst" in words) == (r["producer"] == "2.7"), words
    assert "env.spr[PVR]" in field(d, "cpu", "spr")["means"]
    text = tool("inspect", "--fields", r["path"])[0]
    assert "env.spr[PVR] = " in text and r["cpu"].lower() in text and "ppc_spapr.ram, 256 MiB" in text
    page = tool("inspect", "--html", r["path"])[0]
    assert page.startswith("<!doctype html>") and page.count("<details>") == len(d["sections"]) and "<svg" in page
    assert not re.search(r"(src|href)=", page)              # it needs nothing else
    html.parser.HTMLParser().feed(page)


def check(r):
    def both(options, *reasons):
        """The tool and the emulator agree; what the emulator ends with is one of the tool's reasons."""
        loads, said = emulator_loads(r["path"], options)
        answer = json.loads(tool("check", "--json", r["path"], "--", *options, "-nodefaults", "-serial", "null", status=0 if loads else 1)[0])
        assert answer["loads"] == loads and bool(answer["reasons"]) != loads, (r["file"], options, answer, said)
        for words in reasons:
            assert any(words in reason for reason in answer["reasons"]), (words, answer)
        if not loads:
            first = re.search(r"load of migration failed: (.*)", said)[1]
            assert any(reason.strip() in first or first in reason for reason in answer["reasons"]), (first, answer)
        return loads

    o = r["options"]
    right = both(o)
    if not right:
        print("  (the machine itself is not built yet)")
        return False
    other = "POWER7" if r["cpu"] != "POWER7" else "POWER8"
    if "7.2" not in r["machine"]:
        both([*o[:3], other, *o[4:]], "env.spr[PVR]")
    both([*o[:5], "512", *o[6:]], "Size mismatch", "-m 256")
    if r["config_section"] != "none":
        both(["-M", "pseries-2.5" + ",cap-htm=off" * ("cap-htm" in o[1]), *o[2:]], "Machine type received")
    return True


def every_reason():
    path = RECORDINGS / "2.6-pseries-2.6-POWER8.mig.xz"
    text = tool("check", path, "--", "-M", "pseries-2.7", "-cpu", "POWER7", "-m", "512", "-nodefaults", status=1)[0]
    for words in ("Machine type received", "Size mismatch", "env.spr[PVR]", "vty@71000000/spapr_vty", "spapr_pci 0 / lsi_table[0] / irq"):
        assert words in text, (words, text)
    assert "spapr_iommu' 2147483649" in text, text          # what the machine has and the guest has not
    found = json.loads(tool("check", "--json", path, "--", "-M", "pseries-2.6", "-cpu", "POWER8,isa-vsx207=off,isa-bctar207=off", "-m", "256", status=1)[0])
    assert [r.split("promised ")[1].split()[0] for r in found["reasons"]] == ["isa-vsx207", "isa-bctar207"], found
    found = json.loads(tool("check", "--json", RECORDINGS / "7.2-pseries-3.1-POWER8.mig.xz", "--", "-M", "pseries-3.1,cap-vsx=off,cap-dfp=off", "-cpu", "POWER8",
                            "-m", "256", status=1)[0])
    assert len(found["reasons"]) == 2 and all(c in r for c, r in zip(("cap-vsx", "cap-dfp"), found["reasons"])), found
    tool("check", path, "--", "-M", "nonsense", status=2)
    tool("check", path, status=2)
    tool("check", "/nonexistent", "--", "-M", "pseries-2.6", status=2)
    # a command line as it is used: nothing of it is opened
    out, _ = tool("check", path, "--", "-M", "pseries-2.6", "-cpu", "POWER8", "-m", "256", "-nodefaults", "-chardev", "socket,id=c,path=/nonexistent/s,server=on",
                  "-serial", "chardev:c", "-qmp", "unix:/nonexistent/q,server=on", "-pidfile", "/nonexistent/p", "-incoming", "defer", "-kernel", "/nonexistent/k")
    assert "loads" in out


def differences():
    a, b = (RECORDINGS / f"{v}-pseries-2.6-POWER8.mig.xz" for v in ("2.6", "2.7"))
    assert tool("diff", a, a)[0] == ""
    found = {d["where"]: (d["a"], d["b"]) for d in json.loads(tool("diff", "--json", a, b, status=1)[0])}
    flags = found["cpu 0 / env.insns_flags"]
    assert "8000600fe1ff3a61" in flags[0] and "8000600fe1ff7ae1" in flags[1] and "cildst" in flags[1] and "cildst" not in flags[0], flags
    assert "cpu 0 / env.spr[SDR1]" in found and re.match(r"\d+ pages differ", found["ram / ppc_spapr.ram"][1])
    # names that changed between programs are the same field
    found = {d["where"] for d in json.loads(tool("diff", "--json", a, RECORDINGS / "7.2-pseries-2.6-POWER8.mig.xz", status=1)[0])}
    assert not any("nb_table" in w or "nmsr" in w for w in found), found
    assert "spapr_iommu 2147483648 / version" in found and "spapr 0 / spapr/cap/htm" in found, found
    # a page
    stream = bytearray(lzma.open(a).read())
    at = stream.find(b"\0\0\0\0\0\0\0\x08\x0dppc_spapr.ram")
    assert at > 0
    stream[at + 8 + 14 + 100] ^= 1
    with tempfile.NamedTemporaryFile() as f:
        f.write(stream)
        f.flush()
        found = json.loads(tool("diff", "--json", a, f.name, status=1)[0])
        assert [d["where"] for d in found] == ["ram / ppc_spapr.ram"] and found[0]["b"].startswith("1 pages differ, in 1 ranges: 0x0..0xfff"), found
        assert "loads" not in tool("diff", f.name, "/nonexistent", status=2)[0]


def damaged():
    path = RECORDINGS / "2.6-pseries-2.6-POWER8.mig.xz"
    stream = lzma.open(path).read()
    assert json.loads(tool("inspect", "--json", "-", stdin=stream)[0])["machine"] == "pseries-2.6"
    assert json.loads(tool("inspect", "--json", "-", stdin=path.read_bytes())[0])["machine"] == "pseries-2.6"

    def bad(stream, words):
        out, said = tool("inspect", "--json", "-", status=2, stdin=stream)
        assert words in said and json.loads(out)["error"] in said, (words, said)
    bad(b"", "ends at byte 0")
    bad(b"#!/bin/sh\n" * 10, "Not a migration stream")
    bad(path.read_bytes()[:20000], "ends at byte")
    bad(stream[:3000], "ends at byte 3000")
    ram = stream.find(b"\x03ram")
    bad(stream[:ram + 12] + b"\xff" * 8 + stream[ram + 20:], "flags 0xfff")
    bad(stream[:ram + 20] + b"\x03abc" + stream[ram + 24:], "memory block")
    cpu = stream.find(b"\x03cpu\0\0\0\0\0\0\0\5")
    again = stream[cpu - 5:cpu - 5 + 10698]
    bad(stream[:cpu - 5] + again + stream[cpu - 5:], "and then 'cpu'")
    bad(stream[:cpu - 5] + b"\x09" + stream[cpu - 4:], "Unknown savevm section type 9")
    # what nobody knows is shown as such, and the rest all the same
    strange = json.loads(tool("inspect", "--json", "-", stdin=stream[:cpu] + b"\x03cpx" + stream[cpu + 4:])[0])
    assert "cpx" in strange["note"] and [s["name"] for s in strange["sections"] if "fields" not in s and "parts" not in s] == ["cpx"]


right = 0
for r in recordings():
    inspect(r)
    right += check(r)
    print(r["file"], "is shown and checked", flush=True)
assert right >= 12
every_reason()
differences()
damaged()
print("reasons, differences and damage")
