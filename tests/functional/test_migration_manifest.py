# SPDX-License-Identifier: GPL-2.0-or-later
"""Before anything moves: a running guest's manifest, and what machines that wait for it say to it; then the guest moves, or not, as they said."""
import base64, copy, json, time, zlib
from qmp import Emulator, build, wait

PAYLOAD = str(build() / "tests/guest/payload.bin")


def machine(version="pseries-2.6", cpu="POWER8", memory="256", *more):
    return ["-M", version, "-cpu", cpu, "-m", memory, "-bios", PAYLOAD, *more]


def check(manifest, *options):
    with Emulator(*machine(*options), "-incoming", "defer") as there:
        answer = there.command("migrate-check", manifest=manifest)
        assert answer["loads"] == (not answer["reasons"]), answer
        assert there.command("query-status")["status"] == "inmigrate"
        return answer


with Emulator(*machine()) as here:
    wait("the guest", lambda: "C0" in here.text())
    start = time.time()
    m = here.command("query-migration-manifest")
    took = time.time() - start
    assert here.command("query-status")["status"] == "running"
    laps = here.text().count("C")
    wait("the guest to go on", lambda: here.text().count("C") > laps)
    assert m["machine"] == "pseries-2.6" and m["named"] and m["footers"] and m["cpu-model"] == "power8_v2.0" and m["pvr"] == 0x4d0200, m["machine"]
    assert m["memory"] == [{"name": "ppc_spapr.ram", "size": 256 << 20}] and m["hash-table-shift"] == 21
    assert "isa-vsx" in m["features"] and "isa-cildst" not in m["features"]
    assert {"name": "cap-vsx", "value": "true"} in m["capabilities"] or {"name": "cap-vsx", "value": "on"} in m["capabilities"], m["capabilities"]
    names = {(s["name"], s["instance"]): s["version"] for s in m["sections"]}
    assert names["cpu", 0] == 5 and names["spapr", 0] == 3 and names["spapr_iommu", 0x80000000] in (2, 3)
    print(f"a manifest of {len(json.dumps(m))} bytes in {1000 * took:.0f} ms")

    # what fits, and the guest moves there: the check left nothing behind
    uri = f"unix:{here.dir.name}/move"
    with Emulator(*machine(), "-incoming", uri) as there:
        start = time.time()
        answer = there.command("migrate-check", manifest=m)
        print(f"checked in {1000 * (time.time() - start):.0f} ms")
        assert answer == {"loads": True, "reasons": [], "notes": []}, answer
        assert here.ask(json.dumps({"execute": "migrate-check", "arguments": {"manifest": m}}))["error"]["desc"].startswith("migrate-check asks a machine")
        here.command("migrate", uri=uri)
        assert here.migrated()["status"] == "completed"
        wait("the guest to go on there", lambda: "B00000000" in there.text())

# what does not
for options, reasons in ((("pseries-2.7", "POWER7", "512"), ("Machine type received", "Size mismatch", "env.spr[PVR]")),
                         (("pseries-2.6", "POWER8", "256", "-nodefaults", "-serial", "null"), ("vty@71000001",)),
                         (("pseries-2.1", "POWER8", "256"), ("",))):
    if "vty@71000001" in reasons:
        with Emulator(*machine(), "-serial", "null", "-S") as two:
            answer = check(two.command("query-migration-manifest"))
    else:
        answer = check(m, *options)
    for words in reasons:
        assert any(words in r for r in answer["reasons"]), (words, answer)

# what is no manifest, or a damaged one, is refused in words
with Emulator(*machine(), "-incoming", "defer") as there:
    def ask(m):
        return there.ask(json.dumps({"execute": "migrate-check", "arguments": {"manifest": m}}))
    assert "error" in ask({}) and "error" in ask(7) and "error" in ask({**m, "memory": 5})
    for state in ("", "AAAA", "!", base64.b64encode(b"x" * 100).decode(), base64.b64encode(zlib.compress(b"")).decode(),
                  base64.b64encode(zlib.compress(bytes(700 << 20), 9)).decode()):
        bad = copy.deepcopy(m)
        bad["sections"][4]["state"] = state
        answer = ask(bad)["return"]
        assert not answer["loads"] and len(answer["reasons"]) == 1, (state[:40], answer)
    assert ask(m)["return"]["loads"]        # none of it stuck
print("reasons and damage")
