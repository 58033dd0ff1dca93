# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests in compatibility modes: a few rows of the matrix of tests/migration-compat/run --modes all, whose whole is a heavier check.

Their PCR and what problem state of each processor may do stay the mode's, whoever set it; on machines up to 2.9 the stream does not name the mode.
"""
import os, pathlib, subprocess, sys
from guest import skip
from qmp import PEER

if not os.path.exists(PEER):
    skip("no qemu-system-ppc64 to trade with")
run = pathlib.Path(__file__).resolve().parent.parent / "migration-compat/run"
for machine, cpu, modes in (("2.6", "POWER9", "max:power7,cas:power8"), ("7.2", "POWER10", "max:power8,cas:power9")):
    if subprocess.run([run, sys.argv[1], "--machines", machine, "--cpus", cpu, "--modes", modes]).returncode:
        sys.exit(1)
