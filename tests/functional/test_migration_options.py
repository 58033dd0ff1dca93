# SPDX-License-Identifier: GPL-2.0-or-later
"""Capabilities and parameters of migration as QEMU has them: every set of up to three capabilities, every parameter's shape, default and answers to
values at its edges. The peers are 7.2, if it is installed, and those named behind the build folder as BINARY; what differs from one of them is a
row of DIFFERENT with its reason.
"""
import itertools, json, os, re, sys
from guest import skip
from qmp import Emulator, PEER

ARGS = ("-M", "pseries-7.2,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off", "-m", "256", "-S")
EDGES = [0, 1, 2, 9, 10, 20, 21, 99, 100, 101, 255, 256, 1000, 1001, 4096, 4097, 10000, 10001, 100000, 100001, 1 << 20, 3 << 20, 2000000, 2000001, 1 << 30, 1 << 31,
         (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, -1, "", "x", None, True, False, 1.5]
# (question, theirs): why ours is another
DIFFERENT = [
    (r"(max|avail-switchover)-bandwidth=(9223372036854775808|18446744073709551615|-1)$", r"ok:", "more than fits is refused"),
    (r"multifd-z(lib|std)-level=\d+$", r"ok:1$", "7.2 takes any value and keeps 1"),
    (r"", r"Option ", "11.1 has new words"),
    (r"vcpu-dirty-limit=0$", r"Parameter 'vcpu-dirty-limit'", "11.1 has new words"),
    (r"mode=\"cpr-(transfer|exec)\"$", r"ok:", "not built"),
    (r"(.*\+)?multifd(\+.*)?$", r"(Multifd is not compatible with xbzrle|Postcopy is not yet compatible with multifd)", "7.2 allows it"),
    (r".*x-colo", r"Capability 'x-colo' requires capability 'return-path'", "a rule of 11.1's for x-colo, which is not built"),
]
NOT_BUILT = {"x-colo", "block", "dirty-bitmaps", "release-ram", "postcopy-blocktime"}
NOT_HERE = {"cpr-exec-command": "not built"}


def node(name, alias, *bitmaps):
    return {"node-name": name, "alias": alias, "bitmaps": [{"name": n, "alias": a} for n, a in bitmaps]}


MAPPINGS = [
    [], [node("a", "b")], [node("a", "b", ("n", "m")), node("c", "d", ("n", "m"))], [{**node("a", "b"), "bitmaps": [{"name": "n", "alias": "m", "transform": {"persistent": True}}]}],
    [{**node("a", "b"), "bitmaps": [{"name": "n", "alias": "m", "transform": {}}]}], [{**node("a", "b"), "bitmaps": [{"name": "n", "alias": "m", "transform": 1}]}],
    *([node("x" * n, "a")] for n in (0, 31, 32, 300)), *([node("a", "b" * n)] for n in (255, 256)), *([node("a", "b", ("n" * n, "m"))] for n in (0, 1023, 1024)),
    *([node("a", "b", ("n", "m" * n))] for n in (0, 255, 256)), *([node("a", alias)] for alias in ("", "9", "a b", "-b", "b-c.d_e", "B9", "\u00e9")),
    [node("a", "b"), node("a", "c")], [node("a", "b"), node("c", "b")], [node("a", "b"), node("a", "b")], [node("a", "b" * 300), node("a", "c")],
    [node("a", "b", ("n", "m"), ("o", "m"))], [node("a", "b", ("n", "m"), ("n", "o"))], [node("a", "b", ("n", "m"), ("n", "m"))], [node("x" * 32, "9")],
    [node("a", "b", ("n" * 1024, "m" * 256))], [{"node-name": "a", "alias": "b"}], [1], [{**node("a", "b"), "x": 1}],
]


def say(g, command, **arguments):
    return g.ask(json.dumps({"execute": command, "arguments": arguments})).get("error", {}).get("desc", "")


def capabilities(g, names):
    off, answers = [{"capability": n, "state": False} for n in names], {}
    for size in (1, 2, 3):
        for some in itertools.combinations(names, size):
            answers["+".join(some)] = a = say(g, "migrate-set-capabilities", capabilities=[{"capability": n, "state": True} for n in some])
            assert a or not say(g, "migrate-set-capabilities", capabilities=off)
    return answers


def shapes(g):
    types = {e["name"]: e for e in g.command("query-qmp-schema")}

    def shape(t):
        e = types[t]
        return e.get("values") or e.get("json-type") or e["meta-type"]
    return {m["name"]: shape(m["type"]) for m in types[types["migrate-set-parameters"]["arg-type"]]["members"]}


def parameters(g, names, words):
    defaults, answers = g.command("query-migrate-parameters"), {}
    for n in names:
        for v in EDGES + words[n]:
            error = say(g, "migrate-set-parameters", **{n: v})
            answers[f"{n}={json.dumps(v)}"] = error or "ok:" + json.dumps(g.command("query-migrate-parameters").get(n), sort_keys=True)
            say(g, "migrate-set-parameters", **{n: defaults.get(n)})
    return answers


def compare(binary):
    with Emulator(*ARGS) as ours, Emulator(*ARGS, binary=binary) as theirs:
        names = [[c["capability"] for c in g.command("query-migrate-capabilities")] for g in (ours, theirs)]
        assert set(names[1]) <= set(names[0]), set(names[1]) - set(names[0])
        pairs = [(capabilities(ours, names[1]), capabilities(theirs, names[1]))]
        mine, other = shapes(ours), shapes(theirs)
        assert {n for n in other if n not in mine} == {n for n in NOT_HERE if n in other}, set(other) - set(mine)
        both = [n for n in other if n in mine]
        words = {n: other[n] if isinstance(other[n], list) else MAPPINGS if n == "block-bitmap-mapping" else [] for n in both}
        for n in both:
            assert mine[n] == other[n] or set(other[n]) <= set(mine[n]), (n, mine[n], other[n])
        defaults = [g.command("query-migrate-parameters") for g in (ours, theirs)]
        assert all(defaults[0].get(n) == defaults[1].get(n) for n in both), [(n, [d.get(n) for d in defaults]) for n in both]
        pairs.append((parameters(ours, both, words), parameters(theirs, both, words)))
    total, reasons, bad = 0, {}, []
    for a, b in pairs:
        total += len(b)
        for q in b:
            if a[q] != b[q]:
                refused = re.match(r"The capability '([\w-]+)' is not built", a[q])
                why = f"{refused[1]} is not built" if refused and refused[1] in NOT_BUILT else next((w for question, answer, w in DIFFERENT if re.match(question, q) and re.match(answer, b[q])), None)
                if why:
                    reasons[why] = reasons.get(why, 0) + 1
                else:
                    bad.append(f"{q}\n  ours {a[q]}\n  peer {b[q]}")
    assert not bad, f"{len(bad)} answers differ from {binary}:\n" + "\n".join(bad[:40])
    print(binary, total, "answers alike but for", reasons or "none")


peers = ([PEER] if os.path.exists(PEER) else []) + sys.argv[2:]
if not peers:
    skip("no qemu-system-ppc64 to compare with")
for peer in peers:
    compare(peer)
