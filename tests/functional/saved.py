# SPDX-License-Identifier: GPL-2.0-or-later
"""Running qemu-migration, and the emulators on what it says, for its tests."""
import json, pathlib, re, subprocess
from qmp import build

RECORDINGS = pathlib.Path(__file__).resolve().parent.parent / "migration-compat" / "recordings"
FLAGS = {("2.6", "POWER7"): "8000600fe1ff3a21", ("2.6", "POWER8"): "8000600fe1ff3a61", ("2.7", "POWER7"): "8000600fe1ff7ae1",
         ("2.7", "POWER8"): "8000600fe1ff7ae1", ("7.2", "POWER7"): "8000600fe1ff3a61", ("7.2", "POWER8"): "8000600fe1ff3a61"}


def tool(*args, status=0, stdin=None):
    p = subprocess.run([str(build() / "tools/qemu-migration"), *map(str, args)], input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert p.returncode == status, (args, p.returncode, p.stdout[-2000:], p.stderr)
    return p.stdout.decode(), p.stderr.decode()


def recordings():
    index = [line.split("\t") for line in (RECORDINGS / "INDEX.tsv").read_text().splitlines()]
    for row in index[1:]:
        row = dict(zip(index[0], row))
        options = dict(re.findall(r" -(M|smp) (\S+)", row["cmdline"]))
        row["options"] = ["-M", options["M"], "-cpu", row["cpu"], "-m", "256", "-smp", options.get("smp", "1")]
        row["path"] = RECORDINGS / row["file"]
        yield row


def emulator_loads(path, options, binary=None):
    """Does the emulator itself load it with these options? If not, what it says."""
    p = subprocess.Popen([binary or str(build() / "qemu-system-ppc64"), "-nodefaults", "-nographic", "-vga", "none", "-serial", "null", "-S", "-qmp", "stdio",
                          *options, "-incoming", f"exec:xz -dcf {path}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        p.stdin.write('{"execute": "qmp_capabilities"}')
        p.stdin.flush()
        while True:
            p.stdin.write('{"execute": "query-status"}')
            p.stdin.flush()
            line = p.stdout.readline()
            if not line:
                p.wait()
                break
            if "return" in line and "status" in line and json.loads(line)["return"]["status"] != "inmigrate":
                return True, ""
    except BrokenPipeError:
        pass
    finally:
        p.kill()
        p.wait()
    return False, p.stderr.read()


def field(d, section, name):
    s = next(s for s in d["sections"] if s["name"] == section)
    return next(f for f in s["fields"] if f["name"].split(".")[-1].replace("mig_", "") == name)
