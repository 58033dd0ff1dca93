# SPDX-License-Identifier: GPL-2.0-or-later
"""The remote serial protocol of gdb, a packet at a time."""
import socket


class Remote:
    def __init__(self, address):
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        self.socket = socket.socket(family)
        self.socket.connect(address)
        self.socket.settimeout(60)
        self.buffer = b""

    def raw(self, data):
        self.socket.sendall(data)

    def byte(self):
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise EOFError
        b, self.buffer = self.buffer[:1], self.buffer[1:]
        return b

    def quiet(self, seconds=0.3):
        """Whatever comes within that time."""
        self.socket.settimeout(seconds)
        try:
            while True:
                data = self.socket.recv(65536)
                if not data:
                    break
                self.buffer += data
        except (TimeoutError, socket.timeout):
            pass
        self.socket.settimeout(60)
        out, self.buffer = self.buffer, b""
        return out

    def receive(self):
        """The next packet, acknowledged; with acknowledgements before it left out."""
        while True:
            b = self.byte()
            if b == b"$":
                break
            assert b in b"+-", b
        body = b""
        while (b := self.byte()) != b"#":
            body += b
        check = int(self.byte() + self.byte(), 16)
        assert check == sum(body) & 255, (body, check)
        try:
            self.raw(b"+")
        except OSError:         # it was the last one
            pass
        return body

    def send(self, body):
        body = body.encode("latin1") if isinstance(body, str) else body
        self.raw(b"$" + body + b"#%02x" % (sum(body) & 255))

    def ask(self, body):
        self.send(body)
        return self.receive().decode("latin1")

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
