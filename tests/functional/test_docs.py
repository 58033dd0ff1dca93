# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual builds without a warning, and names every option, monitor command, functional test and guest."""
import pathlib, re, shutil, subprocess, sys, tempfile
from guest import skip
from qmp import Emulator, build

ROOT = pathlib.Path(__file__).resolve().parents[2]
docs = ROOT / "docs"
manual = "\n".join(p.read_text() for p in sorted((docs / "manual").glob("*.rst")))
testing = (docs / "devel/testing.rst").read_text()


def untold(names, text, mark="``{}"):
    return [n for n in sorted(names) if not re.search(re.escape(mark.format(n)) + r"(?![\w-])", text)]


options = re.findall(r"^(-[a-zA-Z][\w-]*)", subprocess.run([str(build() / "qemu-system-ppc64"), "-help"], capture_output=True, text=True).stdout, re.M)
assert len(options) > 40, options
assert not untold(options, manual), ("options", untold(options, manual))
with Emulator("-M", "pseries-7.2", "-S") as e:
    for command, where in (("help", r"^([\w-]+)[^\n]* -- "), ("help info", r"^info ([\w-]+) ")):
        names = re.findall(where, e.command("human-monitor-command", **{"command-line": command}).replace("\r", ""), re.M)
        assert len(names) > 15, names
        assert not untold(names, manual), (command, untold(names, manual))
tests = [p.name for p in (ROOT / "tests/functional").glob("test_*.py")]
assert not untold(tests, testing), ("tests", untold(tests, testing))
guests = [p.stem for p in (ROOT / "tests/guest").iterdir() if p.suffix in (".c", ".S")]
assert not untold(guests, testing), ("guests", untold(guests, testing))
targets = [p.stem for p in (ROOT / "tests/fuzz").glob("fuzz-*.c")]
assert not untold(targets, testing), ("fuzz targets", untold(targets, testing))
print(len(options), "options,", len(tests), "tests,", len(guests), "guests are named")

if not shutil.which("sphinx-build"):
    skip("sphinx-build is not installed (python3-sphinx)")
with tempfile.TemporaryDirectory() as out:
    p = subprocess.run(["sphinx-build", "-W", "-q", "-d", out + "/doctrees", str(docs), out + "/html"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
print(p.stdout)
sys.exit(p.returncode)
