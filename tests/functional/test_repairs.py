# SPDX-License-Identifier: GPL-2.0-or-later
"""Streams as programs with a known fault made them: cut out of sound ones. The guest lives, its interrupts too, and each repair is told once."""
import re, struct, tempfile
from moving import Payload
from qmp import wait

ICP = re.compile(rb"\x04(\0\0..)\x0aicp/server.{14}\x7e\1", re.S)
SPR = 8 + 32 * 8 + 8 * 4 + 8        # of section cpu: unused, gpr, crf, nip


def save(guest):
    with tempfile.NamedTemporaryFile() as f:
        guest.emulator.command("migrate", uri=f"file:{f.name}")
        assert guest.emulator.migrated()["status"] == "completed"
        return f.read()


def load(stream, *machine):
    """Until it lives; what the emulator said."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(stream)
        f.flush()
        g = Payload(*machine, "-incoming", f"exec:cat {f.name}")
        try:
            wait("it to be loaded", lambda: g.emulator.command("query-status")["status"] == "running")
            g.lives()
            return g.emulator.log.read_text()
        finally:
            g.close()


def without_icp(stream):
    cut, n = ICP.subn(b"", stream)
    assert n == 2, n
    return cut


def with_spr(stream, number, value):
    out, at = bytearray(stream), 0
    while (at := stream.find(b"\x03cpu\0\0\0", at)) >= 0:
        struct.pack_into(">Q", out, at + 12 + SPR + number * 8, value)
        at += 1
    return bytes(out)


def sdr1(stream):
    """The pointer that 2.6 and 2.7 sent."""
    return with_spr(stream, 25, 0x00007f48b3400003)


def no_decrementer(stream):
    return with_spr(stream, 22, 0)


STOPPED = re.compile(rb"\x05\x10cpu/rtas_stopped\0\0\0\x01.", re.S)


def without_stopped(stream):
    cut, n = STOPPED.subn(b"", stream)
    assert n == 2, n
    return cut


def quiet():
    """Made up presenters: the source of hot-plug events is not presented when there is no event, which Linux does not survive."""
    guest = Payload("pseries-9.2,ic-mode=xics", "POWER9", 2)
    try:
        guest.lives()
        out = bytearray(without_icp(save(guest)))
    finally:
        guest.close()
    head = re.search(rb"\x04\0\0..\x03ics\0\0\0\0\0\0\0\x01\0\0..", out, re.S).end()
    struct.pack_into(">IBB", out, head + 1 * 8, 0, 5, 5)        # interrupt 0x1001: server, priority, saved priority
    with tempfile.NamedTemporaryFile() as f:
        f.write(out)
        f.flush()
        g = Payload("pseries-9.2,ic-mode=xics", "POWER9", 2, "-S", "-incoming", f"exec:cat {f.name}")
        try:
            wait("it to be loaded", lambda: g.emulator.command("query-status")["status"] != "inmigrate")
            pic = g.emulator.command("human-monitor-command", **{"command-line": "info pic"})
        finally:
            g.close()
    assert re.search(r"^ +1001 MSI 05 00", pic, re.M) and not re.search(r"XIRR=..001001", pic), pic
    print("a source of events that are not there is left alone")


CASES = (
    ("9.2.0 to 10.1.0: no icp/server", ("pseries-9.2,ic-mode=xics", "POWER9", 2), without_icp, "no icp/server for 2 of the processors"),
    ("2.6, 2.7: a pointer in SDR1", ("pseries-2.6", "POWER8", 2), sdr1, ""),
    ("before 8.2: no decrementer", ("pseries-9.2,ic-mode=xics", "POWER9", 2), no_decrementer, "the stream has no decrementer"),
    ("up to 10.2: no cpu/rtas_stopped", ("pseries-11.1,ic-mode=xics", "POWER10", 2), without_stopped, ""),
)
for what, machine, spoil, words in CASES:
    guest = Payload(*machine)
    try:
        guest.lives()
        stream = save(guest)
    finally:
        guest.close()
    log = load(spoil(stream), *machine)
    assert not words or log.count(words) == 1, (what, log)
    log = load(stream, *machine)
    assert not words or words not in log, (what, log)
    print(what + ":", "repaired" + (", and told" if words else ""))
quiet()
