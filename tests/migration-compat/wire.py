# SPDX-License-Identifier: GPL-2.0-or-later
"""A man in the middle of migrations: a proxy that records both directions of every connection (and can cut them), and a reader
that says what a recording holds, one line a message.

Run by itself it moves the payload guest between two emulators and prints the conversation:
    wire.py [build] [--from peer|ours] [--to peer|ours] [--cap NAME]... [--postcopy] [--machine M] [--cpu C]
"""
import os, re, select, socket, struct, threading, time

COMMANDS = {1: "OPEN_RETURN_PATH", 2: "PING", 3: "POSTCOPY_ADVISE", 4: "POSTCOPY_LISTEN", 5: "POSTCOPY_RUN", 6: "POSTCOPY_RAM_DISCARD",
            7: "PACKAGED", 8: "ENABLE_COLO", 9: "POSTCOPY_RESUME", 10: "RECV_BITMAP", 0x7070: "MANIFEST"}
REPLIES = {1: "SHUT", 2: "PONG", 3: "REQ_PAGES_ID", 4: "REQ_PAGES", 5: "RECV_BITMAP", 6: "RESUME_ACK", 7: "SWITCHOVER_ACK", 0x7070: "VERDICT"}
TYPES = {0: "EOF", 1: "START", 2: "PART", 3: "END", 4: "FULL", 5: "SUBSECTION", 6: "DESCRIPTION", 7: "CONFIGURATION", 8: "COMMAND", 0x7e: "FOOTER"}


class Proxy:
    """Listens on .port, passes each connection on to `port`; .links: [(forth, back)] of bytes seen. cut() breaks all, or that one."""

    def __init__(self, port):
        self.to, self.links, self.sockets, self.refuse = port, [], [], False
        self.cut_when = None        # (forth, the last 64 bytes that came, has it ended): true: the link is reset instead of passing them on
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(8)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                a = self.server.accept()[0]
            except OSError:
                return
            if self.refuse:
                a.close()
                continue
            b = socket.socket()
            try:
                b.connect(("127.0.0.1", self.to))
            except OSError:
                a.close()
                continue
            link = (bytearray(), bytearray())
            self.links.append(link)
            self.sockets += [a, b]
            threading.Thread(target=self.pass_on, args=(a, b, link[0], True), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(b, a, link[1], False), daemon=True).start()

    def pass_on(self, a, b, seen, forth):
        try:
            while True:
                data = a.recv(65536)
                if self.cut_when and self.cut_when(forth, (bytes(seen[-64:]) + data)[-64:], not data):
                    for s in (a, b):
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.cut()
                    return
                if not data:
                    b.shutdown(socket.SHUT_WR)
                    return
                seen += data
                b.sendall(data)
        except OSError:             # one end is gone: so is the link
            for s in (a, b):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def cut(self, link=None):
        which = self.sockets if link is None else self.sockets[2 * link:2 * link + 2]
        for s in which:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            if link is None:
                s.close()
        if link is None:
            self.sockets = []

    def close(self):
        self.server.close()
        self.cut()


class End(Exception):
    pass


class Reader:
    def __init__(self, data, out, depth=0):
        self.d, self.p, self.out, self.indent, self.names = bytes(data), 0, out, "  " * depth, {}

    def get(self, n):
        if self.p + n > len(self.d):
            raise End
        self.p += n
        return self.d[self.p - n:self.p]

    def be(self, n):
        return int.from_bytes(self.get(n), "big")

    def say(self, text):
        self.out.append(f"{self.indent}{text}")

    def replies(self):
        try:
            while self.p < len(self.d):
                kind, n = self.be(2), self.be(2)
                data = self.get(n)
                name = REPLIES.get(kind, str(kind))
                if name in ("SHUT", "PONG", "RESUME_ACK") and n == 4:
                    self.say(f"{name} {int.from_bytes(data, 'big'):#x}")
                elif name in ("REQ_PAGES_ID", "REQ_PAGES"):
                    start, length = struct.unpack(">QI", data[:12])
                    self.say(f"{name} {start:#x} {length:#x} {data[12:]}")
                else:
                    self.say(f"{name} {n}: {data[:64]}")
                    if name == "RECV_BITMAP":
                        size = self.be(8)
                        self.say(f"  bitmap of {size} bytes: {self.get(size)[:16].hex()}..., then {self.be(8):#x}")
        except End:
            self.say("... ends in the middle")

    def stream(self, header=True):
        try:
            if header:
                self.say(f"header {self.get(8).hex()}")
            while self.p < len(self.d):
                if not self.message():
                    break
        except End:
            self.say("... ends in the middle")
        if self.p < len(self.d):
            self.say(f"left: {len(self.d) - self.p} bytes: {self.d[self.p:self.p + 32].hex()}")

    def message(self):
        kind = TYPES.get(self.be(1), None)
        if kind == "CONFIGURATION":
            self.say(f"CONFIGURATION {self.get(self.be(4)).decode()}")
        elif kind == "SUBSECTION":      # of the configuration
            name, version = self.get(self.be(1)).decode(), self.be(4)
            if name.endswith("capabilities"):
                caps = [self.get(self.be(1)).decode() for _ in range(self.be(4))]
                self.say(f"  {name} v{version} {caps}")
            elif name.endswith("target-page-bits"):
                self.say(f"  {name} v{version} {self.be(4)}")
            else:
                self.say(f"  {name} v{version} uuid {self.get(16).hex()}")
        elif kind in ("START", "FULL", "PART", "END"):
            n = self.be(4)
            if kind in ("START", "FULL"):
                self.names[n] = (self.get(self.be(1)).decode(), self.be(4), self.be(4))
            name = self.names[n][0]
            if name == "ram":
                what = self.ram()
            elif name == "spapr/htab":
                what = self.htab(kind == "START")
            else:
                end = self.footer(n)
                what = f"{self.names[n][1:]} {end - self.p} bytes"
                if end < 0:
                    raise End
                self.p = end
            assert self.be(1) == 0x7e and self.be(4) == n, (name, self.p)
            self.say(f"{kind} {n} {name} {what}")
        elif kind == "COMMAND":
            self.command()
        elif kind == "EOF":
            self.say("EOF")
        elif kind == "DESCRIPTION":
            self.say(f"DESCRIPTION {len(self.get(self.be(4)))} bytes")
        else:
            self.p -= 1
            return False
        return True

    def footer(self, n):
        """Where section n's is: contents may look like one, but what follows would hardly look like a message."""
        at = self.p - 1
        while (at := self.d.find(b"\x7e" + struct.pack(">I", n), at + 1)) >= 0:
            rest = self.d[at + 5:at + 267]
            kind = TYPES.get(rest[0]) if rest else None
            if (not rest or kind == "COMMAND" or (kind == "EOF" and (not rest[1:] or TYPES.get(rest[1]) in ("DESCRIPTION", "COMMAND")))
                    or (kind in ("START", "FULL") and rest[5:6] and rest[6:6 + rest[5]].isascii() and rest[6:6 + rest[5]].decode().isprintable())):
                break
        return at

    def command(self):
        number, n = self.be(2), self.be(2)
        data, name = self.get(n), COMMANDS.get(number, str(number))
        self.say(f"COMMAND {name} {n}: {data[:80].hex()}{'...' if n > 80 else ''} {data[:24] if name in ('RECV_BITMAP', 'POSTCOPY_RAM_DISCARD') else ''}")
        if name == "MANIFEST":
            self.get(int.from_bytes(data, "big"))
        elif name == "PACKAGED":
            inner = self.get(int.from_bytes(data, "big"))
            r = Reader(inner, self.out, len(self.indent) // 2 + 1)
            r.names = self.names
            r.stream(header=False)

    def ram(self):
        counts, order = {}, []
        while True:
            word = self.be(8)
            flags, addr = word & 0xfff, word & ~0xfff
            if flags & 0x10:
                break
            if flags & 4:
                names = []
                left = addr
                while left > 0:
                    n, size = self.get(self.be(1)).decode(), self.be(8)
                    names.append((n, size))
                    left -= size
                # post-copy adds the host's page size where it differs
                counts[f"sizes {names}"] = counts.get("sizes", 0) + 1
                continue
            block = "" if flags & 0x20 else self.get(self.be(1)).decode()
            if flags & 2:
                self.get(1)
                what = "zero"
            elif flags & 8:
                self.get(4096)
                what = "page"
            elif flags & 0x40:
                self.get(1)
                self.get(self.be(2))
                what = "xbzrle"
            else:
                what = f"flags {flags:#x}"
            if len(order) < 3:
                order.append(f"{addr:#x}/{flags:#x}{block and ' ' + block}")
            counts[what] = counts.get(what, 0) + 1
        return f"{counts} {order}"

    def htab(self, start):
        head = self.be(4)
        if start or head:
            return f"shift {head:#x}"
        chunks = valid = invalid = 0
        while True:
            index, v, i = self.be(4), self.be(2), self.be(2)
            if not index and not v and not i:
                return f"{chunks} chunks, {valid} valid, {invalid} invalid"
            self.get(16 * v)
            chunks, valid, invalid = chunks + 1, valid + v, invalid + i


def forth(data):
    """The lines of what a source said."""
    out = []
    Reader(data, out).stream()
    return out


def page_channel(data):
    """... on post-copy's channel of its own."""
    out = []
    r = Reader(data, out)
    try:
        while r.p < len(r.d):
            r.say(r.ram())
    except End:
        r.say("... ends in the middle")
    return out


def back(data):
    """... of what a destination said."""
    out = []
    Reader(data, out).replies()
    return out


def squeeze(lines, keep=1):
    """Runs of the same kind of message as one line."""
    out, run, last = [], 0, None
    for line in lines + [None]:
        kind = line and re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{9,}.*|\d+|b['\"].*|\{.*", "#", line)
        if kind != last or line is None:
            if run > keep:
                out.append(f"    ... and {run - keep} more")
            run, last = 0, kind
        run += 1
        if line is not None and run <= keep:
            out.append(line)
    return out
