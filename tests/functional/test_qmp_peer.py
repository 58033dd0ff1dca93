# SPDX-License-Identifier: GPL-2.0-or-later
"""QMP as Debian's QEMU 7.2 speaks it: the same inputs to both, answers, error classes, descriptions and events compared.

Each input is a row of CONVERSATIONS. What has to differ is a row of DIFFERENT with its reason, and has to differ still. The table at the end
stands in docs/devel/qmp-peer.rst, too.
"""
import json, os, pathlib, re, socket, subprocess, sys, tempfile
from guest import skip
from qmp import PEER, build, wait

if not os.path.exists(PEER):
    skip("no qemu-system-ppc64 to compare with")

RST = pathlib.Path(__file__).resolve().parents[2] / "docs/devel/qmp-peer.rst"
UUID = "11111111-2222-3333-4444-555555555555"


class Side:
    """One of the two emulators; a connection to it at a time."""

    def __init__(self, binary, folder, machine):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.where = f"{folder}/qmp"
        self.sink = socket.socket(socket.AF_UNIX)       # takes a connection and reads nothing
        self.sink.bind(f"{folder}/sink")
        self.sink.listen()
        self.p = subprocess.Popen([binary, "-M", machine, "-cpu", "POWER8", "-m", "256", "-smp", "2", "-nodefaults", "-nographic", "-vga", "none", "-S",
                                   "-bios", str(pathlib.Path(build() / "tests/guest/payload.bin").resolve()), "-name", "conformance", "-uuid", UUID,
                                   "-chardev", "null,id=console", "-serial", "chardev:console", "-chardev", "null,id=spare", "-chardev", "ringbuf,id=ring,size=16",
                                   "-qmp", f"unix:{self.where},server=on,wait=off"],
                                  cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(f"{folder}/log", "w"))
        self.connect()

    def connect(self):
        def connected():
            assert self.p.poll() is None, (self.folder / "log").read_text()
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(60)
            try:
                self.socket.connect(self.where)
                return True
            except OSError:
                return False
        wait("the QMP socket", connected)
        self.lines, self.syncs = self.socket.makefile("rb"), 0
        return self.next()

    def disconnect(self):
        self.lines.close()
        self.socket.close()

    def next(self):
        try:
            line = self.lines.readline()
        except ConnectionResetError:
            return None
        try:
            return json.loads(line.decode(errors="backslashreplace")) if line else None
        except ValueError:
            return {"no JSON": repr(line)}

    def say(self, text, until=None):
        """What comes back, up to the answer to a command sent behind it and the event `until`; "settled": no migration runs any more."""
        said, seen = [], until is None
        self.send(text if isinstance(text, bytes) else text.encode())
        while True:
            self.syncs += 1
            self.send(b'{"execute": "query-migrate", "id": "sync %d"}' % self.syncs)
            while True:
                answer = self.next()
                if answer is None:
                    return said + ["closed"]
                if answer.get("id") == f"sync {self.syncs}":
                    break
                said.append(answer)
            settled = answer.get("return", {}).get("status") not in ("setup", "active", "cancelling", "device")
            if seen or any(until in (a.get("event"), a.get("data", {}).get("status")) for a in said) or (until == "settled" and settled):
                return said

    def send(self, line):
        try:
            self.socket.sendall(line + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            pass            # it ended: what it said before is still to be read

    def close(self):
        self.p.kill()
        self.p.wait()
        self.sink.close()
        self.disconnect()


def cmd(name, **arguments):
    return json.dumps({"execute": name, **({"arguments": arguments} if arguments else {})})


def hmp(line, **more):
    return cmd("human-monitor-command", **{"command-line": line}, **more)


def ring(verb, device="ring", **arguments):
    return cmd("ringbuf-" + verb, device=device, **arguments)


def query(name, *members):
    return '{"execute": "%s", %s}' % (name, ", ".join(members))


def echo(value):
    """An input whose id is `value` as it stands."""
    return query("query-name", '"id": ' + value)


SPEED, CAPS = "migrate-set-parameters", "migrate-set-capabilities"
NO_ARGUMENTS = "stop cont quit system_reset system_powerdown inject-nmi query-status query-version query-name query-commands query-cpus-fast query-hotpluggable-cpus query-machines " \
    "query-cpu-definitions query-chardev query-migrate query-migrate-capabilities query-migrate-parameters migrate_cancel"

# name: inputs. Before negotiation; the syntax of inputs; commands. A pair: the input and the event that is waited for.
NEGOTIATION = [
    query("query-status", '"id": 1'), cmd("nonsense"), "garbage", "[]", '{"exec-oob": "query-status"}', '{"exec-oob": "qmp_capabilities"}',
    cmd("qmp_capabilities", enable=["bogus"]), cmd("qmp_capabilities", enable="oob"), cmd("qmp_capabilities", enable=[1]),
    cmd("qmp_capabilities", x=1), cmd("qmp_capabilities", enable=["oob"]), cmd("qmp_capabilities"), '{"exec-oob": "query-status"}',
    '{"exec-oob": "nonsense"}', '{"exec-oob": 1}', '{"exec-oob": "query-status", "execute": "query-status"}',
]
SYNTAX = [
    "[]", "1", '"x"', "null", "true", "{}", '{"execute": 1}', '{"execute": null}', '{"arguments": {}}', query("query-status", '"arguments": 1'),
    query("query-status", '"arguments": []'), query("query-status", '"arguments": null'), query("query-status", '"foo": 1'),
    query("nonsense", '"id": 7'), '{"execute": 1, "id": 7}', '{"id": 7}', query("query-name", '"id": 1', '"id": 2'),
    query("query-name", '"execute": "query-status"'), query("query-name", ""), "{'execute': 'query-name'}", "{'execute': 'query-\\'name'}",
    '{"execute": "query-name"}{"execute": "query-status"}', "{}[]1", '{"execute" "x"}', '{"execute"}', '{"execute":}', "{1:2}", '{"a":1 "b":2}',
    "[1 2]", "[1,]", "[,1]", "[1,,2]", "[1:2]", '{"a"::1}', '{"a":,}', "{,}", "{null:1}", "{[]:1}", "{{}]", '{"a":1:2}', '{"execute": "x"]', "[}", "[[}]]",
    '[1,{"a":[}]]', "}", "]", "}}}", ":", ",", '{"execute": "query-name"}}', "nul", "TRUE", "truefalse", "null1", "a-b", "abc_d", '{"a":nope}', "query-status",
    "+1", "-", "01", "-01", "-0", "1.", ".5", "1e", "1e+", "1e5x", "0x10", "[1.x]", "[-]", "&", "& x", "&x:y", "&,y", "& \"x\"", "& 5 [1]", "&{}", "&}",
    "[&,1]", "[&[],1]", "[1,&\n2]", "&\tx", "&\rx", "&\x7fx", "&\x01x y", "({})", "%s", "/* x */", '"a\nb', '"a\nb"', '{"a\n":1}', "'a\n", '"\\', b"\xff",
    b'\xff{"execute": "query-name"}', b'{"execute": "\xff"}', b'{"execute": "\xc3("}', b'{"execute": "a\tb"}', b'{"execute": "a\x01b"}',
    b'{"execute": "a\x7fb"}', b'{"execute": "\xc3\xa9"}', "\x00", "a\x00b", "é", " \t\r",
    *(echo(v) for v in ('null', '"s"', "-1.5", "true", '[1,{"a":null}]', "18446744073709551615", "18446744073709551616", "-9223372036854775809", "1e3", "0.1",
                        "1e22", "100.0", "1.23456789012345678", "1e400", '"é"', '"\U0001F600"', '"\\u00e9 \\/ \\" \\\\ \\n\\b\\f\\r\\t"',
                        '"\\ud83d\\ude00"', '"\\udc00"', '"\\ud800\\u0041"', '"\\uffff"', '"\\ufdd0"', '"\\udbff\\udfff"', '"\\u0000"', '"\\u000"',
                        '"\\uzzzz"', '"\\a"', '"\\\'"', "'a\"b'", '"\\U0041"')),
    *(echo('"X"').encode().replace(b"X", v) for v in (b"\xed\xa0\x80", b"\xc0\x80", b"\xef\xbf\xbf", b"\xf4\x90\x80\x80", b"\xfe", b"\xe2\x82", b"\x80", b"\xc1\x81")),
    "[" * 1024 + "]" * 1024, "[" * 1025 + "]" * 1025, '{"a":' * 1025 + "1" + "}" * 1025,
    echo('"' + "x" * (1 << 20) + '"'), "[" + "1," * 100000 + "1]", '{"execute": "' + "y" * 100000 + '"}',
]
COMMANDS = [
    *(cmd(c, x=1) for c in NO_ARGUMENTS.split()), *(query(c, '"arguments": []') for c in NO_ARGUMENTS.split()), cmd("nonsense"),
    *(cmd(c) for c in NO_ARGUMENTS.split() if c.startswith("query-")),
    cmd("memsave"), cmd("memsave", val=0, size=16), cmd("memsave", val=0, size=16, filename=3), cmd("memsave", val=1.5, size=2, filename="x"),
    cmd("memsave", val=1.0, size=2, filename="x"), cmd("memsave", val=1 << 63, size=2, filename="x"), cmd("memsave", val=None, size=2, filename="x"),
    cmd("memsave", val="0", size=2, filename="x"), cmd("memsave", val=True, size=2, filename="x"), cmd("memsave", val=0, size=2, filename="x", zzz=1),
    cmd("memsave", val=0, size=2, filename="x", yyy=1, zzz=1),
    cmd("memsave", val=0, size=16, filename="m1"), cmd("memsave", val=0, size=0, filename="m2"), cmd("memsave", val=-1, size=16, filename="m3"),
    cmd("memsave", val=1 << 40, size=16, filename="m4"), cmd("memsave", val=0xfffff00, size=512, filename="m5"),
    cmd("memsave", val=0x100, size=70000, filename="m6", **{"cpu-index": 1}), cmd("memsave", val=0, size=16, filename="m7", **{"cpu-index": 2}),
    cmd("memsave", val=0, size=16, filename="m7", **{"cpu-index": -1}), cmd("memsave", val=0, size=16, filename="/nonexistent/x"),
    cmd("memsave", val=0, size=16, filename=""), cmd("pmemsave"), cmd("pmemsave", val=0, size=16, filename="p1"), cmd("pmemsave", val=1 << 40, size=16, filename="p2"),
    cmd("pmemsave", val=0xfffff00, size=512, filename="p3"), cmd("pmemsave", val=0, size=0, filename="p4"), cmd("pmemsave", val=0, size=100000, filename="p5"),
    cmd("pmemsave", val=0, size=16, filename="/nonexistent/x"), cmd("pmemsave", val=0, size=16, filename="x", **{"cpu-index": 0}),
    cmd("human-monitor-command"), hmp("info status"), hmp("info status\n"), hmp("  info   status  "), hmp("info name"), hmp("info uuid"), hmp("nonsense"), hmp(""),
    hmp("info nonsense"), hmp("info version"), hmp("info hotpluggable-cpus"), hmp("x"), hmp("print 1+1"), hmp("p %"), hmp("é"), hmp("help nonsense"), hmp("xp /4xw 0x100"),
    hmp("info status", **{"cpu-index": 1}), hmp("info status", **{"cpu-index": 2}), hmp("info status", **{"cpu-index": -1}), hmp("info cpus", **{"cpu-index": 1}),
    cmd("human-monitor-command", **{"command-line": 1}),
    cmd("stop"), cmd("query-status"), cmd("system_reset"), cmd("query-status"), (cmd("cont"), "RESUME"), cmd("query-status"), cmd("cont"),
    (cmd("stop"), "STOP"), cmd("stop"), cmd("query-status"), (cmd("system_reset"), "RESET"), cmd("query-status"), cmd("cont"),
    (cmd("system_reset"), "RESET"), cmd("query-status"), (cmd("system_powerdown"), "POWERDOWN"), hmp("stop"), cmd("system_powerdown"), cmd("system_wakeup"),
    cmd(CAPS), cmd(CAPS, capabilities=1), cmd(CAPS, capabilities=[]), cmd(CAPS, capabilities=[1]), cmd(CAPS, capabilities=[{}]),
    *(cmd(CAPS, capabilities=[c]) for c in ({"capability": "events"}, {"state": True}, {"capability": "events", "state": 1}, {"capability": 1, "state": True},
                                            {"capability": "nonsense", "state": True}, {"capability": "events", "state": True, "z": 1})),
    cmd(SPEED), cmd(SPEED, zzz=1), *(cmd(SPEED, **{"max-bandwidth": v}) for v in ("x", 1.5, None, 0, 1 << 62, 1 << 30, -1)),
    *(cmd(SPEED, **{"downtime-limit": v}) for v in (-1, 2000001, 2000000, True, 300)), cmd("migrate"), cmd("migrate", uri=1), cmd("migrate", uri="exec:cat", zzz=1),
    cmd("migrate", uri="exec:cat", detach=1), cmd("migrate", uri="exec:cat", blk="x"), cmd("migrate", uri="exec:cat", resume=True), cmd("migrate_cancel"),
    *(cmd("migrate", uri=u) for u in ("", "foo", "foo:bar", "fd:nosuch", "fd:", "tcp:", "tcp:x", "tcp:127.0.0.1:", "unix:")), cmd("query-migrate"),
    cmd("migrate-incoming"), cmd("migrate-incoming", uri="tcp:127.0.0.1:1"), cmd("migrate-incoming", uri="nonsense"),
    (cmd("migrate", uri="unix:/nonexistent/s"), "settled"), cmd("query-migrate"), (cmd("migrate", uri="tcp:127.0.0.1:1"), "settled"), cmd("query-migrate"),
    (cmd("migrate", uri="exec:exit 3"), "settled"), cmd("query-migrate"),
    (cmd("cont"), "RESUME"), cmd(CAPS, capabilities=[{"capability": "events", "state": True}]), (cmd("migrate", uri="exec:cat > s1"), "settled"), cmd("query-status"),
    cmd("query-migrate"), cmd("migrate", uri="exec:cat"), cmd("cont"), cmd("query-status"), cmd("stop"), (cmd("migrate", uri="unix:sink", detach=True), "active"),
    cmd("migrate", uri="exec:cat"), cmd(CAPS, capabilities=[{"capability": "events", "state": False}]), (cmd("migrate_cancel"), "settled"), cmd("query-migrate"),
    *(cmd("qom-list", path=v) for v in ("/machine", "/machine/unattached", "/nonexistent", "", "device[0]")), cmd("qom-list"), cmd("qom-list", path=1),
    *(cmd("qom-get", path=o, property=v) for o, v in (("/machine", "type"), ("/machine", "vsmt"), ("/machine", "nosuch"), ("/nosuch", "x"), ("/machine", "unattached"),
                                                      ("/machine", "cap-dfp"), ("/machine", "kernel"), ("/machine/unattached/device[0]", "core-id"),
                                                      ("/machine/unattached/device[0]", "realized"))),
    *(cmd("device-list-properties", typename=v) for v in ("spapr-vty", "nosuch", "pseries-6.0-machine", "device")),
    *(cmd("qom-list-properties", typename=v) for v in ("spapr-vty", "nosuch", "pseries-6.0-machine")),
    cmd("object-add", **{"qom-type": "secret", "id": "sec", "data": "x"}), cmd("object-add", **{"qom-type": "authz-simple", "id": "who", "identity": "me"}),
    cmd("object-add", **{"qom-type": "authz-list", "id": "list"}), cmd("object-add", **{"qom-type": "memory-backend-ram", "id": "mem", "size": 1 << 20}),
    *(cmd("qom-set", path=p, property=n, value=v) for p, n, v in (
        ("/nope", "x", 1), ("", "x", 1), ("/machine", "nope", 1), ("/machine", "usb", 1), ("/machine", "usb", None), ("/machine", "usb", False), ("/machine", "append", 1),
        ("/machine", "suppress-vmdesc", True), ("/machine", "suppress-vmdesc", False), ("/machine", "peripheral", "x"), ("/machine", "type", "x"), ("/machine/rtc", "date", "x"),
        ("/machine/rtc", "realized", 1), ("/machine/rtc", "realized", True), ("/machine/rtc", "hotplugged", True), ("/machine/rtc", "nope", True),
        ("/machine/unattached", "x", 1), ("/objects", "sec", "x"), ("/objects/sec", "data", 1), ("/objects/sec", "data", "xyz"), ("/objects/sec", "format", "foo"),
        ("/objects/sec", "format", "base64"), ("/objects/sec", "loaded", True), ("/objects/who", "identity", "you"), ("who", "identity", 1), ("/objects/list", "policy", "allow"),
        ("/objects/list", "policy", "maybe"), ("/objects/list", "rules", 1), ("/objects/list", "rules", [{}]), ("/objects/list", "rules", [{"match": "x", "policy": "allow"}]),
        ("/objects/mem", "size", 1), ("/objects/mem", "share", True), ("/objects/mem", "share", "x"), ("/objects/mem", "dump", False), ("/objects/mem", "reserve", False))),
    *(cmd("qom-get", path=p, property=n) for p, n in (("/objects/who", "identity"), ("/objects/list", "policy"), ("/objects/list", "rules"), ("/objects/mem", "dump"))),
    '{"execute": "qom-set", "arguments": {"path": "/machine", "property": "usb"}}', '{"execute": "qom-set", "arguments": {"path": "/machine", "value": 1}}',
    *(cmd("object-del", id=i) for i in ("sec", "who", "list", "mem")),
    *(cmd("query-command-line-options", option=o) for o in "rtc action smp-opts boot-opts memory mon overcommit global accel device object numa nosuch".split()),
    *(cmd(c) for c in "query-block query-blockstats query-named-block-nodes query-block-jobs query-jobs query-iothreads".split()),
    cmd("query-blockstats", **{"query-nodes": 1}), cmd("query-named-block-nodes", flat=True), cmd("query-command-line-options", option=1),
    *(cmd("qom-list-types", **v) for v in ({"implements": "nosuch"}, {"implements": "spapr-vty"}, {"implements": "machine", "abstract": True}, {"abstract": 1})),
    ring("read", size=10), *(ring("write", data=d, format="base64") for d in ("aGVsbG8=", "aG!VsbG8", "abc", "aGk==", "=", "aG=k")), ring("write", data="\u00e9x\n"),
    ring("read", size=3), ring("read", size=3, format="base64"), ring("read", size=0), ring("read", size=-1), ring("read", "spare", size=3),
    ring("read", "nosuch", size=3), ring("write", "spare", data="x"), ring("write", data="x", format="x"), hmp("ringbuf_write ring hello"),
    hmp("ringbuf_read ring 100"), hmp("ringbuf_read ring 0"), hmp("ringbuf_read spare 9"), hmp("ringbuf_write nosuch x"), hmp("help ringbuf_read"),
    hmp("help ringbuf_write"), ring("write", data="gIH/AAE=", format="base64"), ring("read", size=100), ring("write", data="gIH/AAE=", format="base64"),
    hmp("ringbuf_read ring 100"), ring("write", data="MDEyMzQ1Njc4OWFiY2RlZmdo", format="base64"), ring("read", size=100),
    ring("write", data="AVwJfwpBDQ==", format="base64"), hmp("ringbuf_read ring 100"),
    cmd("quit"),
]


def name_of(text):
    try:
        return json.loads(text).get("execute", "syntax")
    except (ValueError, AttributeError):
        return "syntax"


def plain(said, folder, command=""):
    """Without what is this run's own: times, thread ids, paths, how much a migration moved and how often it went through memory."""
    if isinstance(said, dict):
        return {k: "TIME" if k == "timestamp" else "N" if k == "thread-id" or (command == "query-migrate" and isinstance(v, (int, float))) else
                plain(v, folder, command) for k, v in said.items()}
    if isinstance(said, list):
        said = [plain(v, folder, command) for v in said if v != "closed" and not (isinstance(v, dict) and v.get("data", {}).get("pass", 1) > 1)]
        key = next((k for k in ("label", "name") if said and isinstance(said[0], dict) and k in said[0]), None)
        return sorted(said, key=lambda c: c[key]) if key else said
    return re.sub(r"thread_id=\d+", "thread_id=N", said.replace(folder, "FOLDER")) if isinstance(said, str) else said


NEWER_CAPABILITIES = r"(switchover-ack|dirty-limit|mapped-ram)$"
NEWER_PARAMETERS = r"(avail-switchover-bandwidth|zero-page-detection|x-vcpu-dirty-limit-period|vcpu-dirty-limit|mode|direct-io|multifd-qatzip-level|x-rdma-chunk-size|x-destination-dialect)$"

# Answers of which ours has a part: what names an entry (None: the keys of one object), which of ours the peer has not, why.
PARTS = {
    "query-commands": ("name", r"(migrate-check|query-migration-manifest|query-cpu-model-expansion)$", "the commands that there are; two of our own, one newer than 7.2"),
    "query-machines": ("name", r"pseries-(8|9|10|11)\.", "pseries alone; versions newer than 7.2, of which the newest is `pseries` and the default"),
    "query-cpu-definitions": ("name", r"(?i)power11|power9_v2\.2|power8e?_v1|power[57]p_v2", "64-bit server processors, newer ones, two of QEMU up to 2.5; the typename of a version, which 7.2 leaves empty"),
    "qom-list": ("name", r"cap-ail-mode-3|kernel-irqchip", "what there is; two properties of /machine that 7.2 has on no list"),
    "qom-list-properties": ("name", r"cap-ail-mode-3|kernel-irqchip", "what there is; two properties of machines that 7.2 has on no list"),
    "qom-list-types": ("name", r"pseries-(8|9|10|11)\.", "what there is"),
    "query-migrate-capabilities": ("capability", NEWER_CAPABILITIES, "some newer than 7.2"),
    "query-migrate-parameters": (None, NEWER_PARAMETERS, "some newer than 7.2"),
}


def part(command, ours, theirs):
    """Theirs, cut down to what ours has."""
    key, more, _ = PARTS[command]
    if "return" not in ours[0] or "return" not in theirs[0]:
        return theirs
    o, t = ours[0]["return"], theirs[0]["return"]
    if key is None:
        return [{"return": {k: o[k] if k not in t and re.match(more, k) else t.get(k) for k in o}}]
    known, result = {e[key]: e for e in t}, []
    for e in o:
        if e[key] not in known and re.match(more, e[key]):
            result.append(e)
        elif e[key] in known:
            result.append({k: v or e.get(k) if k == "typename" else v for k, v in known[e[key]].items()
                           if k not in ("alias", "is-default")})
    return [{"return": result}]


# input: why the answers are not the same.
ORDER = "of several faults of one input the peer names another: its tables have no order"
PACKAGE = "the package is this one"
DIFFERENT = {
    echo("1e400"): "a number that is too large is refused; the peer answers `inf`, which is no JSON",
    cmd("memsave", val=0, size=2, filename="x", yyy=1, zzz=1): ORDER,
    cmd("qom-list", path="/machine"): "x-vof has words, not a bool",
    cmd("qom-list-properties", typename="pseries-6.0-machine"): "properties that the object adds have no description here; x-vof has words, not a bool",
    cmd("query-version"): PACKAGE, hmp("info version"): PACKAGE,
    cmd(SPEED, **{"max-bandwidth": -1}): "a bandwidth below 0 is refused; the peer takes it for 2^64 - 1",
    cmd("migrate", uri="exec:cat > s1"): "there is the status `device` while devices are saved, as newer QEMUs have it",
}


def says_more(ours, theirs):
    """The peer's words, and a remedy."""
    def descriptions(said):
        answers = [a for a in said if isinstance(a, dict)]
        returns = [a.get("return") for a in answers]
        return [a.get("error", {}).get("desc") or (r.get("error-desc") if isinstance(r, dict) else None) for a, r in zip(answers, returns)]
    a, b = descriptions(ours), descriptions(theirs)
    return len(a) == len(b) and all(x and y and x.startswith(y) for x, y in zip(a, b))


def command_lists(said):
    return len(said) == 1 and isinstance(said[0], dict) and isinstance(said[0].get("return"), list)


class Table:
    def __init__(self):
        self.rows, self.bad, self.used = {}, [], set()

    def add(self, group, text, ours, theirs):
        row = self.rows.setdefault(group, [0, []])
        row[0] += 1
        if ours == theirs:
            return
        reason = DIFFERENT.get(text) or ("the peer's words, and what to do" if says_more(ours, theirs) else None)
        if not reason:
            if command_lists(ours) and command_lists(theirs):
                o, t = ours[0]["return"], theirs[0]["return"]
                ours, theirs = [e for e in o if e not in t], [e for e in t if e not in o]
            self.bad.append(f"{text[:200]!r}\n  ours {json.dumps(ours)[:1500]}\n  peer {json.dumps(theirs)[:1500]}")
            return
        self.used.add(text)
        if reason not in row[1]:
            row[1].append(reason)


def main():
    table = Table()
    with tempfile.TemporaryDirectory() as d:
        sides = [Side(str(pathlib.Path(build() / "qemu-system-ppc64").resolve()), d + "/ours", "pseries-2.6"), Side(PEER, d + "/peer", "pseries-2.6,cap-htm=off")]
        try:
            for side in sides:
                side.disconnect()
            for group, inputs in (("negotiation", NEGOTIATION), ("syntax", SYNTAX), (None, COMMANDS)):
                greetings = [side.connect() for side in sides]
                for g in greetings:
                    g["QMP"]["version"].pop("package")
                table.add("negotiation", "greeting", *greetings)
                if group != "negotiation":
                    for side in sides:
                        side.say(cmd("qmp_capabilities", enable=["oob"]))
                for row in inputs:
                    text, until = row if isinstance(row, tuple) else (row, None)
                    command = group or name_of(text)
                    said = [plain(side.say(text, until), str(side.folder), command) for side in sides]
                    for side in sides:
                        ended = side.p.poll()
                        assert ended is None or ended >= 0, f"{side.where}: signal {-ended} at {text!r}: {(side.folder / 'log').read_text()}"
                    if command in ("migrate", "migrate_cancel"):        # a thread's events: before the answer or behind it
                        said = [sorted(a, key=lambda v: "event" in v) for a in said]
                    if command in PARTS:
                        said[1] = part(command, *said)
                    table.add(command, text, *said)
                for side in sides:
                    side.disconnect()
            for side in sides:
                side.p.wait(60)
            for f in sorted({f.name for side in sides for f in side.folder.iterdir() if re.fullmatch(r"[mp]\d", f.name)}):
                contents = [(side.folder / f).read_bytes() if (side.folder / f).exists() else None for side in sides]
                table.add("memsave" if f[0] == "m" else "pmemsave", f, *contents)
        finally:
            for side in sides:
                side.close()
    report(table)


def report(table):
    lines = ["   * - " + g + "\n     - " + str(n) + "\n     - " + ("; ".join(why + ([PARTS[g][2]] if g in PARTS else [])) or "alike")
             for g, (n, why) in sorted(table.rows.items())]
    text = "\n".join(lines) + "\n"
    print(text)
    assert not table.bad, "\n" + "\n".join(table.bad) + f"\n{len(table.bad)} answers differ"
    assert set(DIFFERENT) == table.used & set(DIFFERENT), ("no longer different", set(DIFFERENT) - table.used)
    if "--write" in sys.argv:
        RST.write_text(re.sub(r"     - Answers\n[^$]*", "     - Answers\n", RST.read_text()) + text)
    assert text in RST.read_text(), "docs/devel/qmp-peer.rst is of another day: run with --write"


if __name__ == "__main__":
    main()
