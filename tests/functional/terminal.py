# SPDX-License-Identifier: GPL-2.0-or-later
"""An emulator whose stdin and stdout are a monitor or a terminal, ours or the peer's."""
import os, re, select, subprocess, time

PEER = "/usr/bin/qemu-system-ppc64"
# What the peer warns of with default capabilities, and every difference from them, is not what these tests are about.
MACHINE = ["-M", "pseries-2.12,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off", "-cpu", "POWER8",
           "-m", "256", "-display", "none", "-vga", "none", "-nodefaults"]


class Terminal:
    def __init__(self, binary, *args, pty=False):
        self.out, self.master = "", None
        if pty:
            self.master, slave = os.openpty()
            self.p = subprocess.Popen([binary, *MACHINE, *args], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                      preexec_fn=lambda: __import__("fcntl").ioctl(0, 0x540e, 0))   # TIOCSCTTY
            os.close(slave)
            self.r = self.w = self.master
        else:
            self.p = subprocess.Popen([binary, *MACHINE, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
            self.r, self.w = self.p.stdout.fileno(), self.p.stdin.fileno()

    def send(self, text):
        os.write(self.w, text.encode("latin1"))

    def wait_for(self, text, start=0, timeout=120):
        end = time.time() + timeout
        while text not in self.out[start:]:
            if not select.select([self.r], [], [], max(0, end - time.time()))[0]:
                raise AssertionError(f"no {text!r} in {self.out[start:]!r}")
            try:
                data = os.read(self.r, 65536)
            except OSError:
                data = b""
            if not data:
                raise AssertionError(f"ended (status {self.p.wait()}) before {text!r} in {self.out[start:]!r}")
            self.out += data.decode("utf-8", "replace")
        return self.out[start:]

    def command(self, line):
        """What a monitor command prints."""
        start = len(self.out)
        self.send(line + "\n")
        # the echo (with whatever the editor draws) ends with the first newline, the output with the next prompt
        self.wait_for("\n", start)
        return self.wait_for("(qemu) ", self.out.index("\n", start) + 1).split("(qemu) ")[0].replace("\r", "").replace("\x1b[K", "")

    def finish(self, timeout=60):
        end = time.time() + timeout
        while time.time() < end:
            if not select.select([self.r], [], [], 0.2)[0]:
                if self.p.poll() is not None:
                    break
                continue
            try:
                data = os.read(self.r, 65536)
            except OSError:
                break
            if not data:
                break
            self.out += data.decode("utf-8", "replace")
        return self.p.wait(timeout)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.p.poll() is None:
            self.p.kill()
        self.p.wait()
        if self.master is not None:
            os.close(self.master)


def plain(text):
    return re.sub(r"\x1b\[[0-9]*[A-Z]", "", text)
