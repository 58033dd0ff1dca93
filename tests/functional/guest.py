# SPDX-License-Identifier: GPL-2.0-or-later
"""Starting the emulator under test and talking to its console."""
import os, pathlib, re, select, subprocess, sys, time

NETBOOT = pathlib.Path("/usr/lib/debian-installer/images/12/ppc64el/text/debian-installer/ppc64el")


def emulator():
    return str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build") / "qemu-system-ppc64")


def skip(why):
    print(why)
    sys.exit(77)


def compare_answers(rows, expected):
    """rows: (where, question, our answer, the peer's). `expected`: (pattern of the question, pattern of where, reason) of answers that differ."""
    bad, met = [], set()
    for where, call, ours, theirs in rows:
        if ours != theirs:
            why = next((r for c, w, r in expected if re.match(c, call) and re.search(w, where)), None)
            if why:
                met.add((call, why))
            else:
                bad.append(f"{where}: {call}: ours {ours}, the peer's {theirs}")
    for call, why in sorted(met):
        print(f"expected: {call}: {why}")
    print("\n".join(bad))
    assert not bad


class Guest:
    """A running guest; its console is on stdio."""

    def __init__(self, *args, binary=None):
        cmd = [binary or emulator(), "-nographic", "-vga", "none", "-nodefaults", "-serial", "stdio", "-monitor", "none",
               *args]
        self.out = ""
        self.p = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def wait_for(self, text, timeout, start=0):
        end = time.time() + timeout
        while text not in self.out[start:]:
            left = end - time.time()
            if left <= 0:
                raise AssertionError(f"no {text!r} within {timeout} s; console so far:\n{self.out}")
            if select.select([self.p.stdout], [], [], left)[0]:
                data = os.read(self.p.stdout.fileno(), 4096)
                if not data:
                    raise AssertionError(f"the emulator ended (status {self.p.wait()}) before {text!r}:\n{self.out}")
                self.out += data.decode(errors="replace")
        return self.out

    def send(self, text):
        """Types slowly enough for a 16-byte console buffer."""
        for i in range(0, len(text), 8):
            self.p.stdin.write(text[i:i + 8].encode())
            self.p.stdin.flush()
            time.sleep(0.02)

    def finish(self, timeout=30):
        rest, _ = self.p.communicate(timeout=timeout)
        self.out += rest.decode(errors="replace")
        return self.p.returncode

    def close(self):
        if self.p.poll() is None:
            self.p.kill()
        self.p.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
