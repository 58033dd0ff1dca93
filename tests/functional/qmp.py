# SPDX-License-Identifier: GPL-2.0-or-later
"""An emulator, ours or the peer's, driven over QMP, its console in a file."""
import json, os, pathlib, socket, subprocess, sys, tempfile, time

PEER = "/usr/bin/qemu-system-ppc64"


def build():
    return pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")


def has_gnutls():
    return "#define CONFIG_GNUTLS" in (build() / "config-host.h").read_text()


def wait(what, condition, timeout=60):
    end = time.time() + timeout
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {timeout} s for {what}")


class Emulator:
    def __init__(self, *args, binary=None, serial=None):
        self.dir = tempfile.TemporaryDirectory()
        self.console, self.log = (pathlib.Path(self.dir.name) / n for n in ("console", "log"))
        sock = self.dir.name + "/qmp"
        self.p = subprocess.Popen([binary or str(build() / "qemu-system-ppc64"), "-nodefaults", "-nographic", "-vga", "none", "-monitor", "none",
                                   "-serial", serial or f"file:{self.console}", "-qmp", f"unix:{sock},server=on,wait=off", *args],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(self.log, "w"))
        self.socket = socket.socket(socket.AF_UNIX)

        def connected():
            if self.p.poll() is not None:
                raise AssertionError(f"{args} ended with {self.p.returncode}: {self.log.read_text()}")
            try:
                self.socket.connect(sock)
                return True
            except OSError:
                return False
        wait("the QMP socket", connected)
        self.lines = self.socket.makefile("r")
        self.greeting, self.events, self.told = json.loads(self._line()), [], []
        self.command("qmp_capabilities")

    def _line(self, said=b""):
        """What comes next, after that was said. (One that is gone may have left some behind, and takes not even nothing.)"""
        try:
            if said:
                self.socket.sendall(said)
            line = self.lines.readline()
        except ConnectionError:
            line = ""
        assert line, f"the emulator ended: {self.log.read_text()}"
        return line

    def ask(self, text):
        """One raw input, its answer."""
        said = text.encode() + b"\n"
        while True:
            answer, said = json.loads(self._line(said)), b""
            if "event" not in answer:
                return answer
            self.events.append(answer["event"])
            self.told.append(answer)

    def command(self, name, **arguments):
        answer = self.ask(json.dumps({"execute": name, "arguments": arguments}))
        assert "return" in answer, (name, arguments, answer)
        return answer["return"]

    def text(self):
        return self.console.read_text(errors="replace") if self.console.exists() else ""

    def migrated(self, timeout=120):
        def over():
            r = self.command("query-migrate")
            return r if r.get("status") in ("completed", "failed", "cancelled") else None
        return wait("the migration", over, timeout)

    def close(self):
        self.p.kill()
        self.p.wait()
        self.socket.close()
        self.dir.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
