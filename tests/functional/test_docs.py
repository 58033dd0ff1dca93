# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual builds without a warning."""
import pathlib, shutil, subprocess, sys, tempfile
from guest import skip

if not shutil.which("sphinx-build"):
    skip("sphinx-build is not installed (python3-sphinx)")
docs = pathlib.Path(__file__).resolve().parent.parent.parent / "docs"
with tempfile.TemporaryDirectory() as out:
    p = subprocess.run(["sphinx-build", "-W", "-q", "-d", out + "/doctrees", str(docs), out + "/html"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
print(p.stdout)
sys.exit(p.returncode)
