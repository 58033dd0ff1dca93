# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest memory.c, which writes its memory lap after lap and checks it: what it is started with and what it says, here and on the peers."""
import re
from qmp import build, wait

GUEST = str(build() / "tests/guest/memory.bin")
PLAIN = "cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off,ic-mode=xics"
LAP = re.compile(r"LAP ([0-9a-f]{16}) BAD ([0-9a-f]{16})\n")


def laps(guest):
    """How many it says; all memory was as it should be until then."""
    lines = LAP.findall(guest.text())
    for lap, bad in lines:
        assert int(bad, 16) == 0, guest.text()[-1500:]
    return int(lines[-1][0], 16) if lines else 0


def lives(guest, before=0):
    """It goes on, from `before` or later."""
    first = wait("the guest's first lap", lambda: laps(guest))
    assert first >= before, (first, before)
    wait("the guest to go on", lambda: laps(guest) > first + 2)
    return laps(guest)
