# SPDX-License-Identifier: GPL-2.0-or-later
"""Saved state without a guest: what -dump-vmstate says of each device type, and what streams say of themselves (names, types, sizes, versions and
subsections of all fields), are the peer's, but for what the tables below list.

    test_migration_static.py BUILD [all] [VERSION=BINARY...]

`all`: every machine version that both have on POWER7 to POWER10, not some. Other binaries also from the environment: QEMU_TEST_PEERS="6.2=/opt/qemu-6.2".
"""
import json, os, re, subprocess, sys, tempfile
from guest import skip
from qmp import Emulator, PEER, build

OURS = str(build() / "qemu-system-ppc64")

# ---- what may differ: (place, ours, the peer's, why), each a pattern ----
DUMP = (
    (r"icp|powerpc64-cpu|spapr-tce-table", "only here", "", "registered beside the type on the peers from 2.6 on: not in their dumps, but in streams"),
    (r"spapr-pci-host-bridge fields", r".*'mig_liobn'.*", r".*'dma_liobn'.*", "2.5 has other names for what is sent in its place since"),
    (r"spapr-wdt/timer size", "8", "48", "the wire has 8 bytes; the peer shows its struct"),
)
STREAM = (
    (r"(9|1\d)\..*: globalstate fields", ".*'size', 'runstate'.", ".*'vm_was_suspended'.*", "from 9.0 on: bytes of what is one text here"),
    (r"sections 2\.11 2\.[1-6]", r".*spapr_iommu', 2147483648\), \('spapr_pci'.*", r".*\('spapr_iommu', 2147483649\).*", "2.11 sends the window that these do not have"),
    (r".*: spapr/spapr_dtb/fdt_blob size", r"\d+", r"\d+", "a tree holds paths and random numbers"),
)


# Names of fields in other releases: (theirs, ours). The bytes are the same.
RENAMED = dict((
    ("env.hflags_nmsr", "env.hflags_compat_nmsr"),      # up to 5.2
    ("unused[0]", "unused"), ("unused[1]", "env.reserve_addr"),     # from 8.2 on a reservation is not sent
    ("dummy", "unused"),
    ("env.msr_mask", "mig_msr_mask"), ("env.insns_flags", "mig_insns_flags"), ("env.insns_flags2", "mig_insns_flags2"), ("env.nb_BATs", "mig_nb_BATs"),
    ("env.avr", "env.vsr"), ("env.fpr", "env.vsr"), ("env.vscr", "vscr"), ("env.slb_nr", "mig_slb_nr"), ("nb_table", "mig_nb_table"), ("table", "mig_table"),
    ("dma_liobn", "mig_liobn"), ("mem_win_addr", "mig_mem_win_addr"), ("mem_win_size", "mig_mem_win_size"), ("io_win_addr", "mig_io_win_addr"),
    ("io_win_size", "mig_io_win_size")))


def expected(rows, place, ours, theirs, met):
    for row in rows:
        if re.fullmatch(row[0], place) and re.fullmatch(row[1], str(ours)) and re.fullmatch(row[2], str(theirs)):
            met.add(row)
            return True
    return False


# ---- dumps ----
def dump(binary, machine):
    with tempfile.NamedTemporaryFile("r") as f:
        p = subprocess.run([binary, "-M", machine, "-dump-vmstate", f.name, "-nodefaults", "-nographic"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if binary not in (OURS, PEER) and (p.returncode or not f.read(1)):
            return None         # some builds of QEMU crash, or look at the machine first
        f.seek(0)
        assert p.returncode == 0, (binary, machine, p.stderr)
        return json.load(f)


def compare_description(a, b, place):
    """Yields (place, ours, theirs). The size of a struct is everybody's own affair."""
    for key in ("name", "version_id", "minimum_version_id"):
        if a[key] != b[key]:
            yield f"{place} {key}", a[key], b[key]
    mine, other = ([f["field"] for f in d.get("Fields", [])] for d in (a, b))
    if mine != other:
        yield f"{place} fields", mine, other
        return
    for f, g in zip(a.get("Fields", []), b.get("Fields", [])):
        at = f"{place}/{f['field']}"
        for key in ("version_id", "field_exists", "size"):
            if f[key] != g[key] and (key != "size" or "Description" not in f):
                yield f"{at} {key}", f[key], g[key]
        if ("Description" in f) != ("Description" in g):
            yield f"{at} struct", "Description" in f, "Description" in g
        elif "Description" in f:
            yield from compare_description(f["Description"], g["Description"], at)
    subs, others = ({s["name"]: s for s in d.get("Subsections", [])} for d in (a, b))
    if list(subs) != list(others):
        yield f"{place} subsections", list(subs), list(others)
    for name in subs.keys() & others.keys():
        yield from compare_description(subs[name], others[name], f"{place}/{name}")


def compare_dumps(program, ours, theirs, met):
    assert ours["vmschkmachine"] == theirs["vmschkmachine"]
    count = 0
    for name, t in ours.items():
        if name == "vmschkmachine":
            continue
        if name not in theirs:
            assert number(program) < (7, 2) or expected(DUMP, name, "only here", "", met), name
            continue
        count += 1
        for place, a, b in compare_description(t["Description"], theirs[name]["Description"], name):
            assert expected(DUMP, place, a, b, met), (place, a, b)
        assert (t["Name"], t["version_id"], t["minimum_version_id"]) == (name, theirs[name]["version_id"], theirs[name]["minimum_version_id"])
    return count


# ---- streams ----
def described(binary, machine, cpu, dialect=None):
    with tempfile.NamedTemporaryFile() as out, Emulator("-M", machine, "-cpu", cpu, "-smp", "2", "-m", "256", "-S", binary=binary) as e:
        if dialect:
            e.command("migrate-set-parameters", **{"x-destination-dialect": dialect})
        e.command("migrate", uri=f"exec:cat >{out.name}")
        assert e.migrated()["status"] == "completed"
        stream = out.read()
    at = next((m.start() for m in re.finditer(rb"\x06(....)\{", stream, re.S) if int.from_bytes(m[1], "big") == len(stream) - m.start() - 5), None)
    return at and json.loads(stream[at + 5:])       # up to 2.2 nothing is described


def whole(fields):
    """Fields of one name that follow each other, as some programs describe a long array in pieces, are one."""
    out = []
    for f in fields:
        f = {k: f.get(k) for k in ("name", "type", "size", "array_len", "version", "struct") if k in f} | {"array_len": f.get("array_len", 1)}
        if out and "index" in f and out[-1]["name"] == f["name"] and out[-1].get("struct") == f.get("struct"):
            out[-1]["array_len"] += f["array_len"]
        else:
            out.append(f)
    return out


def compare_fields(a, b, place, exact):
    if a.get("version") != b.get("version") or a.get("vmsd_name") != b.get("vmsd_name"):
        yield f"{place} head", (a.get("vmsd_name"), a.get("version")), (b.get("vmsd_name"), b.get("version"))
    mine, other = whole(a.get("fields", [])), whole(b.get("fields", []))
    here, there = ([f["name"] for f in d] for d in (mine, other))
    if here != there and (exact or here != [RENAMED.get(n, n) for n in there]):
        yield f"{place} fields", here, there
        return
    for f, g in zip(mine, other):
        at = f"{place}/{f['name']}"
        for key in ("type", "size", "array_len") if exact else ("size", "array_len"):       # a type says who reads it, too
            if f[key] != g[key] and "struct" not in f:
                yield f"{at} {key}", f[key], g[key]
        if ("struct" in f) != ("struct" in g):
            yield f"{at} struct", f, g
        elif "struct" in f:
            yield from compare_fields(f["struct"], g["struct"], at, exact)
    subs, others = ({s["vmsd_name"]: s for s in d.get("subsections", [])} for d in (a, b))
    if list(subs) != list(others):
        yield f"{place} subsections", list(subs), list(others)
    for name in subs.keys() & others.keys():
        yield from compare_fields(subs[name], others[name], f"{place}/{name}", exact)


def number(version):
    return tuple(map(int, re.findall(r"\d+", version)[:2]))


def compare_streams(program, binary, version, cpu, met):
    if number(program) == (8, 2) and number(version) <= (2, 3):
        return 0        # 8.2.2 ends with an assertion when it saves these
    machine = f"pseries-{version}" + (",ic-mode=xics" if number(version) > (4, 0) and cpu not in ("POWER9", "POWER10") else "")
    needs_htm_off = number(version) <= (2, 11) and number(program) >= (2, 11) and cpu != "POWER7"
    theirs = described(binary, machine + ",cap-htm=off" * needs_htm_off, cpu)
    ours = described(None, machine, cpu, program)
    if theirs is None or ours is None:
        assert theirs is ours, (version, cpu)
        return 0
    assert ours["page_size"] == theirs["page_size"]
    mine, other = ([(s["name"], s["instance_id"] & 0xffffffff) for s in d["devices"]] for d in (ours, theirs))
    if mine != other and not expected(STREAM, f"sections {program} {version}", mine, other, met):
        bad.add(f"{program}, pseries-{version} with {cpu}: sections: ours {mine}, the peer's {other}")
        return 0
    there = {(s["name"], s["instance_id"] & 0xffffffff): s for s in theirs["devices"]}
    for a, b in ((s, there[s["name"], s["instance_id"] & 0xffffffff]) for s in ours["devices"]):
        for place, x, y in compare_fields(a, b, f"{a['name']}", program == "7.2"):
            if not expected(STREAM, f"{program}: {place}", x, y, met):
                bad.add(f"{program}, pseries-{version} with {cpu}: {place}: ours {x}, the peer's {y}")
    return len(mine)


peers = dict(a.split("=", 1) for a in sys.argv[2:] + os.environ.get("QEMU_TEST_PEERS", "").split() if "=" in a)
if os.path.exists(PEER):
    peers.setdefault("7.2", PEER)
if not peers:
    skip("the peer is not installed")
met, bad = set(), set()
p = subprocess.run([OURS, "-dump-vmstate", "/nonexistent/x"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
assert p.returncode == 1 and p.stderr == "qemu-system-ppc64: -dump-vmstate /nonexistent/x: open /nonexistent/x: No such file or directory\n", p.stderr
for program, binary in peers.items():
    have, ours = (re.findall(r"^pseries-(\S+)", subprocess.run([b, "-M", "help"], capture_output=True, text=True).stdout, re.M) for b in (binary, OURS))
    both = sorted((v for v in set(have) & set(ours) if number(v) <= number(program)), key=number)
    first, count = dump(binary, f"pseries-{both[0]}"), 0
    for version in (both if "all" in sys.argv else both[::8]) if first else ():
        theirs = dump(binary, f"pseries-{version}")
        if not theirs:
            continue
        count = compare_dumps(program, dump(OURS, f"pseries-{version}"), theirs, met)
        assert {k: v for k, v in theirs.items() if k != "vmschkmachine"} == {k: v for k, v in first.items() if k != "vmschkmachine"}
    print(f"{program}: {count or 'no'} types of devices are described alike on {len(both)} machines")
    cases = [(v, c) for v in both for c in ("POWER7", "POWER8", "POWER9", "POWER10")]
    if "all" not in sys.argv:
        cases = [(v, c) for v, c in cases if (v, c) in (("2.3", "POWER7"), ("2.6", "POWER8"), ("2.12", "POWER9"), ("4.1", "POWER9"), ("6.1", "POWER8"), ("7.2", "POWER10"))]
    sections = sum(compare_streams(program, binary, v, c, met) for v, c in cases)
    print(f"{program}: {sections} sections of {len(cases)} streams are described alike")
print("\n".join(sorted(bad)))
assert not bad
for row in sorted(met):
    print("expected:", row[0], "-", row[3])
