# SPDX-License-Identifier: GPL-2.0-or-later
"""A few rows of the matrix of tests/migration-compat/run, whose whole is a heavier check."""
import os, pathlib, subprocess, sys
from guest import skip
from qmp import PEER

if not os.path.exists(PEER):
    skip("no qemu-system-ppc64 to trade with")
run = pathlib.Path(__file__).resolve().parent.parent / "migration-compat/run"
sys.exit(subprocess.run([run, sys.argv[1], "--machines", "2.1,2.12-sxxm,4.0,7.2", "--cpus", "POWER8"]).returncode
         or subprocess.run([run, sys.argv[1], "--machines", "2.6", "--cpus", "POWER7,POWER10"]).returncode)
