# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS on sockets of character devices: monitors that listen and that connect, spoken to by Python's own TLS and by Debian's QEMU 7.2; who is let in and
who is not; and the words for what does not fit, which are the peer's.
"""
import json, os, pathlib, socket, ssl, subprocess, tempfile, time
from moving import port
from qmp import PEER, Emulator, build, wait
from tls import Authority

top = tempfile.TemporaryDirectory()
authority = Authority(top.name)
SIDES = [None, PEER] if os.path.exists(PEER) else [None]
NAME = "O=Here,CN=the client"
CREDS = {"s": authority.x509("s", "server", "both"), "c": authority.x509("c", "client", "both"), "noclient": authority.x509("noclient", "client", "noclient"),
         "open": authority.x509("open", "server", "both", ",verify-peer=no"), "foreign": authority.x509("foreign", "client", "foreign"),
         "psks": ["-object", f"tls-creds-psk,id=psks,endpoint=server,dir={top.name}/psk"], "pskc": ["-object", f"tls-creds-psk,id=pskc,endpoint=client,dir={top.name}/psk"],
         "pskx": ["-object", f"tls-creds-psk,id=pskx,endpoint=client,dir={top.name}/otherpsk"], "secret": ["-object", "secret,id=secret,data=x"],
         "yes": ["-object", f"authz-simple,id=yes,identity={NAME.replace(',', ',,')}"]}


def objects(*ids):
    return [word for i in ids for word in CREDS[i]]


def emulator(ids, *args, binary=None):
    return Emulator("-M", "none", "-S", *objects(*ids), *args, binary=binary)


def context(server, folder):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    end = "server" if server else "client"
    c.load_verify_locations(f"{top.name}/{folder}/ca-cert.pem")
    if os.path.exists(f"{top.name}/{folder}/{end}-cert.pem"):
        c.load_cert_chain(f"{top.name}/{folder}/{end}-cert.pem", f"{top.name}/{folder}/{end}-key.pem")
    c.verify_mode = ssl.CERT_REQUIRED
    return c


def converse(s, large=False):
    """A QMP monitor is at the other end; `large`: more than a record each way."""
    s.settimeout(30)
    lines = s.makefile("r")
    assert "QMP" in json.loads(lines.readline())
    s.sendall(b'{"execute": "qmp_capabilities"}\n')
    assert json.loads(lines.readline()) == {"return": {}}
    text = "x" * (100000 if large else 10)
    s.sendall(json.dumps({"execute": "query-name", "id": text}).encode() + b"\n")
    assert json.loads(lines.readline()) == {"return": {}, "id": text}
    s.sendall(b'{"execute": "query-qmp-schema"}\n{"execute": "query-name"}\n')
    assert len(json.loads(lines.readline())["return"]) > 100 and json.loads(lines.readline()) == {"return": {}}


def connect(p, folder, host="localhost"):
    return context(False, folder).wrap_socket(socket.create_connection(("127.0.0.1", p), 30), server_hostname=host)


def refused(p, folder):
    """With TLS 1.3 a client hears of its refusal when it reads."""
    try:
        with connect(p, folder) as s:
            s.settimeout(30)
            return not s.recv(1)
    except OSError:             # ssl's errors are such
        return True


def server():
    p = port()
    with emulator(["s", "yes"], "-chardev", f"socket,id=m,host=127.0.0.1,port={p},server=on,wait=off,tls-creds=s,tls-authz=yes", "-mon", "chardev=m,mode=control") as e:
        for n in range(3):
            with connect(p, "both") as s:
                converse(s, n == 1)
                assert wait("the connection to be told of", lambda: [c for c in e.command("query-chardev") if c["label"] == "m" and "<->" in c["filename"]])
        with socket.create_connection(("127.0.0.1", p), 30) as s:       # no TLS at all
            s.sendall(b"GET / HTTP/1.0\n\n")
            s.settimeout(30)
            try:
                while s.recv(4096):
                    pass
            except ConnectionResetError:
                pass
        for folder in ("foreign", "noclient"):
            assert refused(p, folder), folder
        with connect(p, "both") as s:
            converse(s)
            e.command("yank", instances=[{"type": "chardev", "id": "m"}])
            try:
                while s.recv(4096):
                    pass
            except (OSError, ssl.SSLError):
                pass
        e.command("qom-set", path="/objects/yes", property="identity", value="somebody else")
        assert refused(p, "both")
        e.command("qom-set", path="/objects/yes", property="identity", value=NAME)
        with connect(p, "both") as s:
            converse(s)
        # who may, by a file that changes
        rules = pathlib.Path(top.name) / "rules.json"
        rules.write_text(json.dumps({"rules": [{"match": "*the client", "policy": "allow", "format": "glob"}]}))
        e.command("object-del", id="yes")
        e.command("object-add", **{"qom-type": "authz-list-file", "id": "yes", "filename": str(rules)})
        with connect(p, "both") as s:
            converse(s)
        for text in ('{"policy": "deny"}', '{"policy": "al', '{"policy": "maybe"}', '{"rules": [{"match": "x"}]}', "[]", None):
            rules.unlink() if text is None else rules.write_text(text)
            assert refused(p, "both"), text
        rules.write_text('{"policy": "allow"}')
        with connect(p, "both") as s:
            converse(s)
        # one that begins a handshake and does nothing more does not keep it from ending
        stalled = socket.create_connection(("127.0.0.1", p), 30)
        e.command("query-name")
        stalled.close()
    print("a server")


def client():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        p = listening.getsockname()[1]
        listening.settimeout(30)
        with emulator(["c"], "-chardev", f"socket,id=m,host=localhost,port={p},reconnect=1,tls-creds=c", "-mon", "chardev=m,mode=control") as e:
            for folder in ("both", "foreign", "elsewhere", "both"):
                raw, _ = listening.accept()
                raw.settimeout(30)
                if folder != "both":
                    try:
                        with context(True, folder).wrap_socket(raw, server_side=True) as s:
                            assert not s.recv(1), folder
                    except OSError:
                        pass
                    continue
                with context(True, folder).wrap_socket(raw, server_side=True) as s:
                    converse(s, True)
                    name = ", ".join("=".join(pair) for part in s.getpeercert()["subject"] for pair in part)
                    assert "the client" in name, name
            e.command("query-name")
    print("a client, which comes again")


def with_each_other():
    cases = [("s", "c", True), ("s", "noclient", False), ("open", "noclient", True), ("s", "foreign", False), ("psks", "pskc", True), ("psks", "pskx", False)]
    for here in SIDES:
        for there in SIDES if here is None else [None]:
            for at_server, at_client, good in cases if here is None and there is None else cases[:2] + cases[4:5]:
                p = port()
                with emulator([at_server], "-chardev", f"socket,id=m,host=127.0.0.1,port={p},server=on,wait=off,tls-creds={at_server}", "-mon", "chardev=m", binary=here) as a, \
                        emulator([at_client], "-chardev", f"socket,id=m,host=localhost,port={p},ipv4=on,reconnect=1,tls-creds={at_client}", "-mon", "chardev=m", binary=there) as b:
                    def connected(e):
                        return "<->" in next(c["filename"] for c in e.command("query-chardev") if c["label"] == "m")
                    if good:
                        wait(f"{at_client} to reach {at_server}", lambda: connected(a) and connected(b), 30)
                    else:
                        time.sleep(0.3)
                        for _ in range(5):      # it may seem to be there until the refusal has come
                            assert not (connected(a) and connected(b) and time.sleep(0.2) is None and connected(a)), (at_server, at_client)
            print("server", here or "ours", "client", there or "ours")


def lists_in_files():
    """What is no such list, which the peers since 6.0 have no way to make."""
    for text, why in (('{"policy": "foo"}', "does not accept value 'foo'"), ("x", "JSON parse error"), ("[]", "must contain a JSON object"), ("", "JSON parse error"),
                      ('{"rules": [{"match": 1, "policy": "allow"}]}', "'rules[0].match', expected: string"), ('{"x": 1}', "'x' is unexpected")):
        path = pathlib.Path(top.name) / "list.json"
        path.write_text(text)
        for spec, what in ((f"filename={path}", why), (f"filename={path}x", "Unable to read"), ("", "'filename' is missing")):
            p = subprocess.run([str(build() / "qemu-system-ppc64"), "-M", "none", "-display", "none", "-nodefaults", "-S", "-object", "authz-list-file,id=x," + spec],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            assert p.returncode == 1 and what in p.stderr, (text, spec, p.stderr)
    path.write_text("{}")
    p = subprocess.run([str((build() / "qemu-system-ppc64").resolve()), "-M", "none", "-display", "none", "-nodefaults", "-S", "-object", "authz-list-file,id=x,filename=list.json"],
                       stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd=top.name)
    assert p.returncode == 1 and "absolute path" in p.stderr, p.stderr
    print("lists in files")


def words():
    listening = "host=127.0.0.1,port=0,server=on,wait=off"
    specs = [f"path={top.name}/u,server=on,wait=off,tls-creds=s", f"{listening},tls-creds=nope", f"{listening},tls-creds=c", "host=127.0.0.1,port=1,tls-creds=s",
             f"{listening},tls-creds=secret", f"{listening},tls-authz=yes", "host=127.0.0.1,port=1,tls-authz=yes", "host=127.0.0.1,port=1,tls-creds=c", "fd=0,tls-creds=c",
             f"{listening},tls-creds="]
    for spec in specs:
        said = []
        for binary in SIDES:
            p = subprocess.run([binary or str(build() / "qemu-system-ppc64"), "-M", "none", "-display", "none", "-nodefaults", "-S", *objects("s", "c", "secret", "yes"), "-chardev", "socket,id=x," + spec],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            said.append((p.returncode, p.stderr))
        assert said[0][0] == 1 and said.count(said[0]) == len(said), said
    print(len(specs), "refusals", "alike" if len(SIDES) > 1 else "")


words()
lists_in_files()
server()
client()
with_each_other()
