# SPDX-License-Identifier: GPL-2.0-or-later
"""QMP's description of itself: query-qmp-schema has a shape for every command and event, answers have the shape it says, and where Debian's
QEMU 7.2 knows a command, its shape has every member of ours.
"""
import os
from qmp import Emulator, PEER, build

ARGS = ("-M", "pseries-2.7", "-cpu", "POWER8", "-m", "256", "-S", "-bios", str(build() / "tests/guest/payload.bin"), "-name", "schema")
# Members and words that are newer than 7.2, by the place where they stand.
NEWER = {"query-migrate-capabilities[].capability": {"switchover-ack", "dirty-limit", "mapped-ram"},
         "query-migrate-parameters": {"avail-switchover-bandwidth", "zero-page-detection", "x-vcpu-dirty-limit-period", "vcpu-dirty-limit", "mode", "direct-io",
                                      "multifd-qatzip-level", "x-rdma-chunk-size",
                                      "x-destination-dialect"}}
NEWER["migrate-set-capabilities.capabilities[].capability"] = NEWER["query-migrate-capabilities[].capability"]
NEWER["migrate"] = NEWER["migrate-incoming"] = {"channels"}
OPTIONAL = {("migrate", "uri"), ("migrate-incoming", "uri")}         # since there are channels
NEWER["object-add.qom-type"] = {"authz-list-file"}      # which the peer has by another name and does not take
NEWER["migrate-set-parameters"] = NEWER["query-migrate-parameters"]
OURS = {"query-migration-manifest", "migrate-check", "query-cpu-model-expansion"}    # commands that the peer does not have
OUR_TYPES = {("query-qmp-schema", "ret")}               # a union there, one object with all members here
ANSWERED = {"qom-list": {"path": "/machine"}, "qom-get": {"path": "/machine", "property": "type"}, "device-list-properties": {"typename": "spapr-vty"},
            "qom-list-properties": {"typename": "spapr-vty"}, "human-monitor-command": {"command-line": "info status"},
            "query-cpu-model-expansion": {"type": "full", "model": {"name": "POWER8"}}}


def by_name(g):
    return {e["name"]: e for e in g.command("query-qmp-schema")}


def fits(schema, kind, v, where):
    """v has the shape `kind`."""
    t = schema[kind]
    if t["meta-type"] == "builtin":
        want = {"string": str, "int": int, "number": (int, float), "boolean": bool, "value": object}[t["json-type"]]
        assert isinstance(v, want) and (want is not int or not isinstance(v, bool)), (where, v, t)
    elif t["meta-type"] == "array":
        assert isinstance(v, list), (where, v)
        for i, e in enumerate(v):
            fits(schema, t["element-type"], e, f"{where}[{i}]")
    elif t["meta-type"] == "enum":
        assert v in t["values"] and [m["name"] for m in t["members"]] == t["values"], (where, v)
    else:
        case = next((c["type"] for c in t.get("variants", []) if c["case"] == v[t["tag"]]), None)
        members = {m["name"]: m for m in t["members"] + (schema[case]["members"] if case else [])}
        assert set(v) <= set(members) and all("default" in m or n in v for n, m in members.items()), (where, v, t)
        for n in v:
            fits(schema, members[n]["type"], v[n], f"{where}.{n}")


def part(ours, a, theirs, b, where):
    """What `a` allows, `b` has, too."""
    t, u = ours[a], theirs[b]
    assert t["meta-type"] == u["meta-type"], (where, t, u)
    if t["meta-type"] == "builtin":
        assert t["json-type"] == u["json-type"], (where, t, u)
    elif t["meta-type"] == "array":
        part(ours, t["element-type"], theirs, u["element-type"], where + "[]")
    elif t["meta-type"] == "enum":
        assert set(t["values"]) - set(u["values"]) <= NEWER.get(where, set()), (where, set(t["values"]) - set(u["values"]))
    elif t["meta-type"] == "alternate":
        assert len(t["members"]) == len(u["members"]), (where, t, u)
        for mine, other in zip(t["members"], u["members"]):
            part(ours, mine["type"], theirs, other["type"], where)
    else:
        members = {m["name"]: m for m in u["members"]}
        assert {m["name"] for m in t["members"]} - set(members) <= NEWER.get(where, set()), where
        for m in (m for m in t["members"] if m["name"] in members):
            assert ("default" in m) == ("default" in members[m["name"]] or (where, m["name"]) in OPTIONAL), (where, m, u)
            part(ours, m["type"], theirs, members[m["name"]]["type"], f"{where}.{m['name']}")
        assert t.get("tag") in (None, u.get("tag")), (where, t, u)
        cases = {v["case"]: v["type"] for v in u.get("variants", [])}
        for v in t.get("variants", []):
            if v["case"] not in NEWER.get(f"{where}.{t['tag']}", ()):
                part(ours, v["type"], theirs, cases[v["case"]], f"{where}({v['case']})")


with Emulator(*ARGS) as g:
    ours = by_name(g)
    commands = {c["name"] for c in g.command("query-commands")}
    assert commands == {n for n, e in ours.items() if e["meta-type"] == "command"}
    for e in ours.values():             # nothing is named that is not there
        for key in ("arg-type", "ret-type", "element-type"):
            assert key not in e or e[key] in ours, e
        assert all(m["type"] in ours for m in e.get("members", []) if e["meta-type"] == "object"), e
    asked = 0
    for name in sorted(commands):
        required = [m for m in ours[ours[name]["arg-type"]]["members"] if "default" not in m]
        if name.startswith("query-") and not required or name == "qom-list-types" or name in ANSWERED:
            fits(ours, ours[name]["ret-type"], g.command(name, **ANSWERED.get(name, {})), name)
            asked += 1
    print(len(commands), "commands,", asked, "answers fit what the schema says")

if os.path.exists(PEER):
    with Emulator("-M", "pseries-2.6,cap-htm=off", *ARGS[2:], binary=PEER) as g:
        theirs, compared = by_name(g), 0
        for name, e in ours.items():
            if e["meta-type"] in ("command", "event"):
                assert (name in theirs) != (name in OURS), f"{name} is none of the peer's"
                for kind in ("arg", "ret"):
                    if kind + "-type" in e and name not in OURS and (name, kind) not in OUR_TYPES:
                        part(ours, e[kind + "-type"], theirs, theirs[name][kind + "-type"], name)
                        compared += 1
        print(compared, "shapes are parts of the peer's")
