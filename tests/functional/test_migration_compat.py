# SPDX-License-Identifier: GPL-2.0-or-later
"""A few rows of the matrix of tests/migration-compat/run, and a few saves of compare-memory there, whose whole are heavier checks."""
import os, pathlib, subprocess, sys
from guest import skip
from qmp import PEER

if not os.path.exists(PEER):
    skip("no qemu-system-ppc64 to trade with")
here = pathlib.Path(__file__).resolve().parent.parent / "migration-compat"
sys.exit(any(subprocess.run([here / program, sys.argv[1], *args]).returncode for program, *args in (
    ("run", "--machines", "2.1,2.12-sxxm,4.0,7.2", "--cpus", "POWER8"), ("run", "--machines", "2.6", "--cpus", "POWER7,POWER10"),
    ("compare-memory", "--saves", "2", "--target", PEER))))
