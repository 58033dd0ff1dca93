# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects that users make (-object, object-add, object_add): what they are told, what they say of themselves and what is wrong with them, as
Debian's QEMU 7.2 has it.
"""
import json, os, pathlib, subprocess, tempfile
from qmp import Emulator, PEER, build, has_gnutls

ADDED = [
    {"qom-type": "authz-simple", "id": "z0", "identity": "CN=x"}, {"qom-type": "authz-simple", "id": "z1"}, {"qom-type": "authz-list", "id": "z2"},
    {"qom-type": "authz-list", "id": "z3", "policy": "allow", "rules": [{"match": "fred", "policy": "allow", "format": "exact"},
                                                                       {"match": "b*b", "policy": "deny", "format": "glob"}, {"match": "x", "policy": "deny"}]},
    {"qom-type": "authz-list", "id": "z4", "policy": "foo"}, {"qom-type": "authz-list", "id": "z5", "rules": [{"match": "fred"}]},
    {"qom-type": "authz-list", "id": "z6", "rules": [{"match": "fred", "policy": "deny", "format": "regex"}]},
    {"qom-type": "authz-list", "id": "z7", "rules": "x"}, {"qom-type": "authz-list", "id": "z8", "rules": [3]},
    {"qom-type": "bogus", "id": "q"}, {"id": "q"}, {"qom-type": "secret"}, {"qom-type": 3, "id": "a"},
    {"qom-type": "secret", "id": "s0", "data": "sesame"}, {"qom-type": "secret", "id": "s0", "data": "sesame"}, {"qom-type": "secret", "id": "1s", "data": "a"},
    {"qom-type": "secret", "id": "s2"}, {"qom-type": "secret", "id": "s3", "data": "a", "file": "b"}, {"qom-type": "secret", "id": "s4", "file": "/nonexist"},
    {"qom-type": "secret", "id": "s5", "data": "!!!", "format": "base64"}, {"qom-type": "secret", "id": "s6", "data": "c2VzYW1l", "format": "base64"},
    {"qom-type": "secret", "id": "s7", "data": "c2VzYW1l", "format": "foo"}, {"qom-type": "secret", "id": "s8", "data": "c2VzYW1l", "keyid": "s0"},
    {"qom-type": "secret", "id": "s9", "data": "c2VzYW1l", "iv": "AAAA"}, {"qom-type": "secret", "id": "s10", "data": 3},
    {"qom-type": "secret", "id": "s11", "data": "a", "bogus": 1}, {"qom-type": "secret", "id": "s12", "data": "a", "keyid": "none"},
    {"qom-type": "secret", "id": "key", "data": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "format": "base64"},
    {"qom-type": "secret", "id": "s13", "data": "c2VzYW1l", "keyid": "key"},
    {"qom-type": "secret", "id": "s15", "data": "sswZal0h4JviE7V1YUMr8Q==", "keyid": "key", "iv": "MDAwMDAwMDAwMDAwMDAwMA==", "format": "base64"},
    {"qom-type": "memory-backend-ram", "id": "m0"}, {"qom-type": "memory-backend-ram", "id": "m0", "size": 0},
    {"qom-type": "memory-backend-ram", "id": "m0", "size": 1 << 20, "merge": False}, {"qom-type": "memory-backend-ram", "id": "m1", "size": "1M"},
]
GONE = ["z0", "z0", "", "/machine", "nobody"]
LINES = [
    "object_add authz-simple,id=h0,identity=a", "object_add authz-simple,id=h0,identity=a", "object_add authz-simple,identity=a", "object_add bogus,id=h1",
    "object_add authz-simple,id=h1,identity=a,bogus=1", "object_add authz-list,id=h1,policy=maybe", "object_add secret,id=h1", "object_add secret,help",
    "object_add authz-list,id=h2,policy=deny,rules.0.match=f*,rules.0.policy=allow,rules.0.format=glob", "object_add authz-list,help",
    'object_add {"qom-type":"authz-list","id":"h3","policy":"deny"}', "object_del h0", "object_del h0", "object_del", "help object_add", "help object_del",
]
# With -object; what runs on is asked what it has.
OPTIONS = [
    ["authz-simple,id=x"], ["authz-list,id=x,policy=fo"], ["authz-simple,id=x,identity=a", "authz-simple,id=x,identity=a"], ["authz-simple,id=9,identity=a"],
    ["authz-simple,id=a,identity=b,bogus=1"], ['{"qom-type":"authz-simple","id":"a","identity":3}'], ['{"qom-type":"authz-simple"}'], ["secret,id=s"], [""],
    ["bogus,id=x"], ["secret,id=x,data=a,loaded=on"], ["secret,id=s,file=/nonexist"], ["memory-backend-ram,id=m,size=0"], ["memory-backend-ram,id=m,size=1X"],
    ["memory-backend-ram,id=m,size=1M,merge=maybe"], ["secret,?"], ["authz-list,help"], ["authz-simple,help"], ["authz-list-file,help"], ["secret_keyring,help"], ["tls-cipher-suites,help"],
    ["secret_keyring,id=x"], ["secret_keyring,id=x,serial=1"], ["secret_keyring,id=x,serial=foo"], ["secret_keyring,id=x,serial=0"], ["secret_keyring,id=x,serial=99999999999"],
    ["tls-cipher-suites,id=x"], ["tls-cipher-suites,id=x,priority=NORMAL,foo=1"],
]


if not has_gnutls():            # then nothing is decrypted, and there are no credentials
    ADDED = [o for o in ADDED if "keyid" not in o]
    OPTIONS = [o for o in OPTIONS if not o[0].startswith("tls-")]


def everything(binary):
    """[(what was asked, the answer)]"""
    told = []
    with Emulator("-M", "pseries-7.2", "-S", "-object", '{"qom-type":"authz-list","id":"j","policy":"allow"}', "-object", "secret,id=t,data=a,,b",
                  binary=binary) as g:
        def ask(command, **arguments):
            answer = g.ask(json.dumps({"execute": command, "arguments": arguments}))
            told.append((command, arguments, answer.get("return", answer.get("error"))))
            return answer.get("return")
        for o in ADDED:
            ask("object-add", **o)
        for line in LINES:
            ask("human-monitor-command", **{"command-line": line})
        for name in ("z2", "z3", "h2", "h3", "j", "s0", "s6", "s15", "t", "z0"):
            for p in sorted(ask("qom-list", path="/objects/" + name) or [], key=lambda p: p["name"]):
                ask("qom-get", path="/objects/" + name, property=p["name"])
        ask("qom-get", path="/objects/m0", property="size")
        for name in ("authz-simple", "authz-list", "secret", "authz"):
            ask("qom-list-properties", typename=name)
        for name in GONE:
            ask("object-del", id=name)
        ask("human-monitor-command", **{"command-line": "info qom-tree /objects"})
    return told


def same(answer):
    """In an order that does not matter."""
    if isinstance(answer, list):
        return sorted(map(same, answer), key=lambda v: json.dumps(v, sort_keys=True))
    if isinstance(answer, dict):
        return {k: same(v) for k, v in answer.items()}
    return answer


def without_children(answer):
    """The peer's memory is an object, and has a region in it; ours is not."""
    return [line for line in answer.split("\r\n") if "memory-region" not in line and "ppc_spapr.ram" not in line] if isinstance(answer, str) else answer


def options(binary, arguments):
    a = [x for o in arguments for x in ("-object", o)]
    p = subprocess.run([binary or str(build() / "qemu-system-ppc64"), "-display", "none", "-nodefaults", *a], stdin=subprocess.DEVNULL, capture_output=True,
                       text=True, timeout=30)
    return p.returncode, p.stdout, p.stderr.replace(PEER, "qemu-system-ppc64")


def compare():
    ours, theirs = everything(None), everything(PEER)
    bad = 0
    for (what, arguments, answer), (_, _, other) in zip(ours, theirs):
        if same(without_children(answer)) != same(without_children(other)):
            bad += 1
            print(what, arguments, "\n  ours:", answer, "\n  the peer's:", other)
    assert len(ours) == len(theirs) and not bad, f"{bad} of {len(ours)} answers differ"
    for arguments in OPTIONS:
        a, b = options(None, arguments), options(PEER, arguments)
        assert a == b, (arguments, a, b)
    print(len(ours), "answers and", len(OPTIONS), "command lines are the peer's")


def uses():
    """A backend that a node has cannot be deleted, and memory of no size is no memory."""
    with Emulator("-M", "pseries-7.2", "-m", "512", "-S", "-object", "memory-backend-ram,id=m,size=512M", "-numa", "node,memdev=m") as g:
        answer = g.ask(json.dumps({"execute": "object-del", "arguments": {"id": "m"}}))
        assert answer["error"]["desc"] == "object 'm' is in use, can not be deleted", answer
    print("what is used stays")


uses()
if os.path.exists(PEER):
    compare()
