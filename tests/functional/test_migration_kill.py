# SPDX-License-Identifier: GPL-2.0-or-later
"""Either side of a migration is killed (SIGKILL) at a random moment of pre-copy or post-copy, in each way that memory can go. Afterwards at most
one side runs, the guest is well where it runs, and the source's guest runs on unless it was given away.

test_migration_kill.py [BUILD [N [SEED]]]: N kills (4); 200 are the long form. Between two of ours.
"""
import random, sys, time
from moving import Churn, port
from qmp import wait

CAPS = ",ic-mode=xics,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"
MACHINE = ("pseries-7.2" + CAPS, "POWER9", 2)
N = int(sys.argv[2]) if len(sys.argv) > 2 else 4
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
MODES = {"pre-copy": (), "pre-copy with multifd": ("multifd",), "pre-copy with xbzrle": ("xbzrle",), "post-copy": ("postcopy-ram",),
         "post-copy with preempt": ("postcopy-ram", "postcopy-preempt"), "post-copy with multifd": ("postcopy-ram", "multifd")}


def status(guest):
    return guest.emulator.command("query-migrate").get("status"), guest.emulator.command("query-status")["status"]


def survivor(guest, was_source):
    """What became of it, once that is settled: ("dead"), or (migration's state, run state)."""
    def settled():
        if guest.emulator.p.poll() is not None:
            return "dead", "dead"
        try:
            s = status(guest)
        except (AssertionError, OSError):
            return None         # it is just ending
        if s == ("setup", "inmigrate") and not was_source:
            time.sleep(1)           # killed before it connected: this side waits on
            return s if status(guest) == s else None
        moving = ("setup", "active", "device", "postcopy-active", "postcopy-recover", "cancelling", "none")
        return None if s[0] in moving and not (s[0] == "none" and s[1] == "running") else s
    return wait(f"the {'source' if was_source else 'destination'} to settle", settled, 60)


def one(rng, count):
    mode, kill_source = rng.choice(list(MODES)), rng.random() < 0.5
    post = mode.startswith("post")
    source, target = Churn(*MACHINE), None
    try:
        target = Churn(*MACHINE, "-incoming", "defer")
        uri = f"tcp:127.0.0.1:{port()}"
        for g in (source, target):
            g.emulator.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in ("return-path", *MODES[mode])])
        target.emulator.command("migrate-incoming", uri=uri)
        before = source.lives()
        late = rng.random() < 0.5       # in the moments in which it changes hands, which have to come
        source.emulator.command("migrate-set-parameters", **{"max-bandwidth": (2048 if late else rng.choice([64, 2048])) << 20,
                                                             "downtime-limit": 20000 if late else rng.choice([100, 20000])})
        source.emulator.command("migrate", uri=uri)
        if post:
            time.sleep(rng.uniform(0, 0.3))
            source.emulator.command("migrate-start-postcopy")
        if late:
            early = ("setup", "active", "none")
            wait("it to change hands", lambda: source.emulator.command("query-migrate").get("status", "none") not in early, 60)
            time.sleep(rng.choice([0, rng.uniform(0, 0.03), rng.uniform(0, 0.5)]))
        else:
            time.sleep(rng.uniform(0, rng.choice([0.05, 0.3, 1.0])))
        killed, left = (source, target) if kill_source else (target, source)
        killed.emulator.p.kill()
        killed.emulator.p.wait()
        state, run = survivor(left, not kill_source)
        what = f"{mode}, {'source' if kill_source else 'destination'} killed: {state}, {run}"
        count[what] = count.get(what, 0) + 1
        if not kill_source:
            if run == "running":                    # not given away: it goes on where it was
                assert state == "failed", what
                left.lives(before=before)
                assert not target.looks()[0], f"{what}: it had run there, too: {target.emulator.text()[:200]}"
            else:                                   # given away; here it never runs again
                assert (state, run) in (("completed", "postmigrate"), ("postcopy-paused", "finish-migrate")), what
                time.sleep(0.3)
                assert status(left)[1] == run, what
        elif run == "running":
            assert state in ("completed", "postcopy-paused"), what
            if state == "completed":
                left.lives(ticks=False, before=before)
        elif run == "paused":                       # whole, but nobody said that the source does not run: a person does
            assert state == "completed", what
            left.emulator.command("cont")
            left.lives(ticks=False, before=before)
        elif run != "inmigrate":
            assert run == "dead" and left.emulator.p.returncode == 1, (what, left.emulator.p.returncode, left.emulator.log.read_text())
    finally:
        source.close()
        if target:
            target.close()


if __name__ == "__main__":
    print("seed", SEED)
    rng, count = random.Random(SEED), {}
    for i in range(N):
        try:
            one(rng, count)
        except BaseException:
            print("kill", i, "of seed", SEED, count)
            raise
    for what, n in sorted(count.items()):
        print(f"{n:4d} {what}")
