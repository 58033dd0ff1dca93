# SPDX-License-Identifier: GPL-2.0-or-later
"""Migration over TLS: certificates, keys and nothing at all, on every channel, to and from Debian's QEMU 7.2; what does not fit is refused in its words,
and the guest goes on where it was; who stalls holds nobody up. "all": everything in every direction, the peer with itself, too.
"""
import json, os, socket, sys, tempfile, time
from moving import port as free_port
from qmp import Emulator, PEER, build, wait
from tls import Authority, PASSWORD

MACHINE, CPU = "pseries-2.6,cap-htm=off", "POWER8"
PAYLOAD = str(build() / "tests/guest/payload.bin")
ALL = "all" in sys.argv
HAVE_PEER = os.path.exists(PEER)
EDGES = [(None, None)] + [(None, PEER), (PEER, None)] * HAVE_PEER + [(PEER, PEER)] * (HAVE_PEER and ALL)


def guest(*args, binary=None):
    return Emulator("-M", MACHINE, "-cpu", CPU, "-m", "256", "-bios", PAYLOAD, *args, binary=binary)


def name(binary):
    return "peer" if binary else "ours"


def error(g, command, **arguments):
    return g.ask(json.dumps({"execute": command, "arguments": arguments})).get("error", {}).get("desc")


def switch_on(g, *capabilities):
    g.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in capabilities])


def pair(edge, source, target, creds=("t", "t"), capabilities=(), authz=None, hostname=None):
    """A guest that counts, and where it is to go; both with credentials."""
    s = guest(*source, binary=edge[0])
    d = guest("-incoming", "defer", *target, binary=edge[1])
    for g, c in ((s, creds[0]), (d, creds[1])):
        switch_on(g, *capabilities)
        if c:
            g.command("migrate-set-parameters", **{"tls-creds": c})
    if authz:
        d.command("migrate-set-parameters", **{"tls-authz": authz})
    if hostname:
        s.command("migrate-set-parameters", **{"tls-hostname": hostname})
    return s, d


def tcp(d, host="localhost"):
    """Listens, and says where to go."""
    p = free_port()
    d.command("migrate-incoming", uri=f"tcp:127.0.0.1:{p}")
    return f"tcp:{host}:{p}"


def runs(g):
    return g.command("query-status")["running"]


def runs_still(d):
    try:
        return runs(d)
    except (OSError, AssertionError):       # it has ended
        return False


def arrives(s, d, uri, what):
    s.command("migrate", uri=uri)
    r = s.migrated()
    assert r["status"] == "completed", (what, r, d.log.read_text())
    wait("the guest to run", lambda: runs(d))
    before = len(d.text())
    wait("the guest to say something", lambda: len(d.text()) > before)


def moves(a):
    anon = [["-object", f"tls-creds-anon,id=t,endpoint={e}"] for e in ("client", "server")]
    x509 = a.x509("t", "client", "both"), a.x509("t", "server", "both")
    cases = {
        "x509": (*x509, {}), "x509, multifd": (*x509, {"capabilities": ["multifd"]}), "x509, return path": (*x509, {"capabilities": ["return-path"]}),
        "x509, named host, client allowed": (a.x509("t", "client", "both"), a.x509("t", "server", "elsewhere")
                                             + ["-object", '{"qom-type":"authz-list","id":"z","rules":[{"match":"O=Here,CN=*","policy":"allow","format":"glob"}]}'],
                                             {"hostname": "other.example", "authz": "z"}),
        "x509, nobody verified": (a.x509("t", "client", "foreign", ",verify-peer=off"), a.x509("t", "server", "noclient", ",verify-peer=off"), {}),
        "x509, a key with a password": (a.x509("t", "client", "both"), ["-object", f"secret,id=s,data={PASSWORD}", *a.x509("t", "server", "encrypted", ",passwordid=s")], {}),
        "psk": (a.psk("t", "client", "psk"), a.psk("t", "server", "psk"), {}),
        "psk, multifd": (a.psk("t", "client", "psk", ",username=alice"), a.psk("t", "server", "psk"), {"capabilities": ["multifd"]}),
        "anonymous": (*anon, {}),
    }
    for n, (what, (source, target, more)) in enumerate(cases.items()):
        edges = EDGES if ALL or what in ("x509", "x509, multifd", "psk") else EDGES[n % len(EDGES):][:1]
        for edge in edges:
            s, d = pair(edge, source, target, **more)
            with s, d:
                arrives(s, d, tcp(d, "127.0.0.1" if what == "x509" else "localhost"), what)
        print(what, "arrives on", len(edges), "edge" + "s" * (len(edges) > 1))


TERMINATED = "TLS handshake failed: The TLS connection was non-properly terminated."
DENIED = "TLS x509 authz check for O=Here,CN=the client is denied"


def refusals(a):
    """(source's objects, destination's, more, the source's words, the destination's)"""
    client, server = a.x509("t", "client", "both"), a.x509("t", "server", "both")
    nobody = ["-object", "authz-simple,id=z,identity=CN=nobody"]
    cases = {
        "another CA": (a.x509("t", "client", "foreign"), server, {}, "The certificate hasn't got a known issuer", "Verify failed: No certificate was found."),
        "an expired certificate": (client, a.x509("t", "server", "expired", ",sanity-check=off"), {}, "The certificate is not trusted", ""),
        "another host": (client, a.x509("t", "server", "elsewhere"), {}, "Certificate does not match the hostname localhost", ""),
        "another named host": (client, server, {"hostname": "no.example"}, "Certificate does not match the hostname no.example", ""),
        "a client without certificate": (a.x509("t", "client", "noclient"), server, {}, "", "Verify failed: No certificate was found."),
        "a client that may not": (client, server + nobody, {"authz": "z"}, "", DENIED),
        "nobody to ask": (client, server, {"authz": "z"}, "", "Cannot find QAuthZ object ID z"),
        "something else to ask": (client, server, {"authz": "t"}, "", "Object 't' is not a QAuthZ subclass"),
        "another key": (a.psk("t", "client", "psk"), a.psk("t", "server", "otherpsk"), {}, TERMINATED, "TLS handshake failed: An illegal parameter has been received."),
        "an unknown user": (a.psk("t", "client", "psk", ",username=alice"), a.psk("t", "server", "otherpsk"), {}, TERMINATED,
                            "TLS handshake failed: An illegal parameter has been received."),
        "no credentials": ([], server, {}, "No TLS credentials with id 't'", "TLS handshake failed: "),
        "no credentials there": (client, [], {}, "TLS handshake failed: ", "No TLS credentials with id 't'"),
        "no credentials at all": (nobody, nobody, {"creds": ("z", "z")}, "Object with id 'z' is not TLS credentials", "Object with id 'z' is not TLS credentials"),
        "the wrong end's": (a.x509("t", "server", "both"), a.x509("t", "client", "both"), {}, "Expected TLS credentials for a client endpoint",
                            "Expected TLS credentials for a server endpoint"),
        "priorities": (a.psk("t", "client", "psk", ",priority=garbage"), a.psk("t", "server", "psk"), {},
                       "Unable to set TLS session priority garbage:+ECDHE-PSK:+DHE-PSK:+PSK: The request is invalid.", "TLS handshake failed: "),
        "a source in clear": ([], server, {"creds": (None, "t")}, "", "TLS handshake failed: An unexpected TLS packet was received."),
        "a destination in clear": (client, [], {"creds": ("t", None)}, "TLS handshake failed: ", ""),
    }
    mixed = EDGES[1:] or EDGES
    for n, (what, (source, target, more, here, there)) in enumerate(cases.items()):
        for edge in EDGES if ALL else mixed[n % len(mixed):][:1]:
            s, d = pair(edge, source, target, **more)
            with s, d:
                uri = tcp(d)
                s.command("migrate", uri=uri)
                r = s.migrated()
                assert r["status"] == "failed" and here in r["error-desc"] and r["error-desc"], (what, edge, r)
                assert runs(s), what
                wait(f"{there!r} of {name(edge[1])} ({what})", lambda: there in d.log.read_text())
                assert not runs_still(d), what
                if what == "an unknown user":     # it waits for the right one
                    s.command("object-add", **{"qom-type": "tls-creds-psk", "id": "u", "dir": a.at("otherpsk"), "endpoint": "client"})
                    s.command("migrate-set-parameters", **{"tls-creds": "u"})
                    arrives(s, d, uri, what)
        print(what, "is refused, and the guest goes on")


def other_channels(a):
    """A Unix socket, which has no host's name to verify; commands; a descriptor; a file, which cannot answer."""
    both = a.x509("t", "client", "both"), a.x509("t", "server", "both")
    with tempfile.TemporaryDirectory() as folder:
        for edge in EDGES:
            s, d = pair(edge, *both)
            with s, d:
                d.command("migrate-incoming", uri=f"unix:{folder}/s")
                s.command("migrate", uri=f"unix:{folder}/s")
                r = s.migrated()
                assert r["error-desc"] == "No hostname for certificate validation" and runs(s), r
            s, d = pair(edge, *both, hostname="localhost")
            with s, d:
                d.command("migrate-incoming", uri=f"unix:{folder}/s")
                arrives(s, d, f"unix:{folder}/s", "unix")
        s, d = pair((None, None), *both, hostname="localhost")
        with s, d:
            relay = "exec:exec python3 -c 'import os,socket,threading\ns=socket.create_connection((\"127.0.0.1\",%s))\n" \
                "def go(r,w,end):\n  b=r()\n  while b:\n    w(b); b=r()\n  end()\n" \
                "t=threading.Thread(target=go,args=(lambda:s.recv(65536),lambda b:os.write(1,b),lambda:os.close(1)));t.start()\n" \
                "go(lambda:os.read(0,65536),s.sendall,lambda:s.shutdown(1));t.join()'"
            arrives(s, d, relay % tcp(d).rsplit(":", 1)[1], "exec")
        s, d = pair((None, None), *both)
        with s, d:
            for uri, words in ((f"file:{folder}/f", "TLS needs somebody who answers"), ("exec:cat >/dev/null", "TLS handshake failed")):
                s.command("migrate", uri=uri)
                r = s.migrated()
                assert words in r["error-desc"] and runs(s), r
    print("unix:, exec: and file: do what they can")


def stalls(a):
    """Who says nothing holds up neither monitor nor the one who comes after."""
    s, d = pair((None, None), a.x509("t", "client", "both"), a.x509("t", "server", "both"))
    with s, d, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        s.command("migrate", uri=f"tcp:localhost:{silent.getsockname()[1]}")
        c = silent.accept()[0]
        c.recv(1)
        assert s.command("query-migrate")["status"] == "setup" and runs(s)
        s.command("migrate_cancel")
        assert s.migrated()["status"] == "cancelled" and runs(s)
        c.close()
        uri = tcp(d)
        where = ("127.0.0.1", int(uri.rsplit(":", 1)[1]))
        idle = [socket.create_connection(where) for _ in range(5)]
        idle[0].sendall(b"GET / HTTP/1.0\r\n\r\n")
        idle[1].sendall(b"\x16\x03\x01")
        idle[2].close()
        arrives(s, d, uri, "behind those who stall")
        assert "An unexpected TLS packet was received." in d.log.read_text(), d.log.read_text()
    print("who stalls holds up nobody")


def postcopy(a):
    """The pages' way is the same; a link that broke is made anew, encrypted; with pages that are waited for on a channel of their own."""
    both = a.x509("t", "client", "both"), a.x509("t", "server", "both")
    for n, capabilities in enumerate((["postcopy-ram"], ["postcopy-ram", "postcopy-preempt"])):
        edges = EDGES if ALL else EDGES[1:][n:][:1] or EDGES
        for edge in edges:
            s, d = pair(edge, *both, capabilities=capabilities)
            with s, d:
                s.command("migrate-set-parameters", **{"max-bandwidth": 1 << 20})
                s.command("migrate", uri=tcp(d))
                wait("it to begin", lambda: s.command("query-migrate")["status"] == "active")
                s.command("migrate-start-postcopy")
                r = s.migrated()
                assert r["status"] == "completed", (edge, capabilities, r, d.log.read_text())
                wait("the guest to run", lambda: runs(d))
        print(", ".join(capabilities), "arrives on", len(edges), "edge" + "s" * (len(edges) > 1))
    s, d = pair((None, None), *both, capabilities=["postcopy-ram"])
    with s, d:
        s.command("migrate-set-parameters", **{"max-bandwidth": 1 << 20, "max-postcopy-bandwidth": 1 << 16})
        s.command("migrate", uri=tcp(d))
        wait("it to begin", lambda: s.command("query-migrate")["status"] == "active")
        s.command("migrate-start-postcopy")
        wait("post-copy", lambda: s.command("query-migrate")["status"] == "postcopy-active")
        wait("the guest to run", lambda: runs(d))
        s.command("migrate-pause")
        for g in (s, d):
            wait("the break", lambda: g.command("query-migrate")["status"] == "postcopy-paused")
        p = free_port()
        d.command("migrate-recover", uri=f"tcp:127.0.0.1:{p}")
        s.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 0})
        s.command("migrate", uri=f"tcp:localhost:{p}", resume=True)
        assert s.migrated()["status"] == "completed"
    print("a broken link is made anew, encrypted")


with tempfile.TemporaryDirectory() as folder:
    authority = Authority(folder)
    moves(authority)
    refusals(authority)
    other_channels(authority)
    stalls(authority)
    postcopy(authority)
