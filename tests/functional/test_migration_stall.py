# SPDX-License-Identifier: GPL-2.0-or-later
"""Either side of a migration dies or stalls in the middle of it, by every way memory goes: the source's guest runs on or can be had back, the destination says
what is missing, who answers goes on answering, and a side that only slept goes on. Random moments: test_migration_kill.py.
"""
import json, pathlib, signal, subprocess, tempfile, time
from moving import Churn, port
from qmp import build, wait
from saved import tool

MACHINE = ("pseries-7.2,ic-mode=xics,cap-htm=off,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off", "POWER9", 1)
WAYS = {"pre-copy": ([], {}), "with a return path": (["return-path"], {}), "multifd": (["return-path", "multifd"], {"multifd-channels": 2}),
        "multifd zstd": (["multifd"], {"multifd-channels": 3, "multifd-compression": "zstd"}), "post-copy": (["postcopy-ram"], {})}
SLOW, FAST = {"max-bandwidth": 8 << 20, "downtime-limit": 1}, {"max-bandwidth": 4 << 30, "downtime-limit": 60000}


class Pair:
    def __init__(self, way):
        self.here, self.there = Churn(*MACHINE), None
        try:
            self.there = Churn(*MACHINE, "-incoming", "defer")
            uri = f"tcp:127.0.0.1:{port()}"
            self.before = self.here.lives()
            for g in (self.here.emulator, self.there.emulator):
                g.command("migrate-set-capabilities", capabilities=[{"capability": c, "state": True} for c in WAYS[way][0]])
                if WAYS[way][1]:
                    g.command("migrate-set-parameters", **WAYS[way][1])
            self.there.emulator.command("migrate-incoming", uri=uri)
            self.here.emulator.command("migrate-set-parameters", **SLOW)
            self.here.emulator.command("migrate", uri=uri)
            wait("memory to go", lambda: self.figure("ram").get("transferred", 0) > 1 << 20)
        except BaseException:
            self.close()
            raise

    def figure(self, name):
        return self.here.emulator.command("query-migrate").get(name, {})

    def stays(self):
        """The guest goes on where it was."""
        wait("the guest to run", lambda: self.here.emulator.command("query-status")["running"])
        self.here.lives(before=self.before)

    def refused(self):
        """The destination has ended, without a word of success or a crash."""
        assert self.there.emulator.p.wait(60) == 1, (self.there.emulator.p.returncode, self.there.emulator.log.read_text())
        said = self.there.emulator.log.read_text()
        assert "load of migration failed" in said, said

    def arrives(self):
        self.here.emulator.command("migrate-set-parameters", **FAST)
        result = self.here.emulator.migrated()
        assert result["status"] == "completed", (result, self.there.emulator.log.read_text())
        self.there.lives(before=self.before)

    def close(self):
        for g in (self.here, self.there):
            if g:
                g.emulator.p.send_signal(signal.SIGCONT)
                g.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def destination_dies(way):
    with Pair(way) as p:
        p.there.emulator.p.kill()
        result = p.here.emulator.migrated()
        assert result["status"] == "failed" and result["error-desc"], result
        p.stays()


def source_dies(way):
    with Pair(way) as p:
        p.here.emulator.p.kill()
        p.refused()


def destination_stalls(way):
    """Who waits for it may give up, at once."""
    with Pair(way) as p:
        p.there.emulator.p.send_signal(signal.SIGSTOP)
        p.here.emulator.command("migrate-set-parameters", **FAST)
        time.sleep(0.3)             # what is on its way fills up
        p.here.emulator.command("migrate_cancel")
        assert p.here.emulator.migrated(20)["status"] == "cancelled"
        p.stays()
        p.there.emulator.p.send_signal(signal.SIGCONT)
        p.refused()


def source_stalls(way):
    with Pair(way) as p:
        p.here.emulator.p.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        assert p.there.emulator.command("query-status")["status"] == "inmigrate"
        p.here.emulator.p.send_signal(signal.SIGCONT)
        p.arrives()


def start_postcopy(p):
    p.here.emulator.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 8 << 20})
    p.here.emulator.command("migrate-start-postcopy")
    wait("the guest to be there", lambda: p.there.emulator.command("query-status")["running"])


def pauses(g):
    wait("the pause", lambda: g.emulator.command("query-migrate")["status"] == "postcopy-paused")


def recovers(p):
    """Both sides are paused: on a new link the rest goes over, and the guest lives there."""
    uri = f"tcp:127.0.0.1:{port()}"
    p.there.emulator.command("migrate-recover", uri=uri)
    p.here.emulator.command("migrate", uri=uri, resume=True)
    p.here.emulator.command("migrate-set-parameters", **{"max-postcopy-bandwidth": 4 << 30})
    assert p.here.emulator.migrated()["status"] == "completed"
    p.there.lives(before=p.before)


def postcopy_stalls():
    """After the switch nobody can take the guest back; a side that slept goes on, and one that does not wake up is left by migrate-pause."""
    for side in ("source", "destination"):
        with Pair("post-copy") as p:
            start_postcopy(p)
            sleeper, other = (p.here, p.there) if side == "source" else (p.there, p.here)
            sleeper.emulator.p.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            assert other.emulator.command("query-migrate")["status"] == "postcopy-active"
            other.emulator.command("migrate-pause")
            pauses(other)
            sleeper.emulator.p.send_signal(signal.SIGCONT)
            pauses(sleeper)
            recovers(p)


def recovery_stalls():
    """A destination that sleeps when the new link asks what it has: the source can leave it."""
    with Pair("post-copy") as p:
        start_postcopy(p)
        p.here.emulator.command("migrate-pause")
        for g in (p.here, p.there):
            pauses(g)
        uri = f"tcp:127.0.0.1:{port()}"
        p.there.emulator.command("migrate-recover", uri=uri)
        p.there.emulator.p.send_signal(signal.SIGSTOP)
        p.here.emulator.command("migrate", uri=uri, resume=True)
        wait("the new link", lambda: p.here.emulator.command("query-migrate")["status"] == "postcopy-recover")
        time.sleep(0.2)
        p.here.emulator.command("migrate-pause")
        pauses(p.here)
        p.there.emulator.p.send_signal(signal.SIGCONT)
        pauses(p.there)
        recovers(p)


def mapped():
    """A file that was being written when its writer died, slept or gave up, and one that is cut anywhere."""
    def load(path):
        g = Churn(*MACHINE, "-incoming", "defer")
        try:
            g.emulator.command("migrate-set-capabilities", capabilities=[{"capability": "mapped-ram", "state": True}])
            g.emulator.command("migrate-incoming", uri=f"file:{path}")
            ended = wait("an end", lambda: g.emulator.p.poll() is not None or g.looks()[0])
            return g.emulator.log.read_text() if g.emulator.p.poll() is not None else ended and None
        except (AssertionError, OSError, json.JSONDecodeError):
            g.emulator.p.wait(60)
            return g.emulator.log.read_text()
        finally:
            g.close()

    with tempfile.TemporaryDirectory(dir=build()) as folder:
        path = pathlib.Path(folder) / "saved"
        for how in ("dies", "gives up", "sleeps"):
            here = Churn(*MACHINE)
            try:
                before = here.lives()
                here.emulator.command("migrate-set-capabilities", capabilities=[{"capability": "mapped-ram", "state": True}])
                here.emulator.command("migrate-set-parameters", **SLOW)
                here.emulator.command("migrate", uri=f"file:{path}")
                wait("memory to go", lambda: here.emulator.command("query-migrate").get("ram", {}).get("transferred", 0) > 1 << 20)
                if how == "dies":
                    here.emulator.p.kill()
                    here.emulator.p.wait()
                elif how == "gives up":
                    here.emulator.command("migrate_cancel")
                    assert here.emulator.migrated(20)["status"] == "cancelled"
                    here.lives(before=before)
                else:
                    here.emulator.p.send_signal(signal.SIGSTOP)
                    time.sleep(0.3)
                    here.emulator.p.send_signal(signal.SIGCONT)
                    here.emulator.command("migrate-set-parameters", **FAST)
                    assert here.emulator.migrated()["status"] == "completed"
            finally:
                here.close()
            said = load(path)
            assert (said is None) == (how == "sleeps") and (said is None or "load of migration failed" in said), (how, said)
            if said:
                tool("inspect", path, status=2)
        sections = [s for s in json.loads(tool("inspect", "--json", path)[0])["sections"] if "parts" not in s]
        end = sections[-1]["offset"] + sections[-1]["size"]             # only a description follows
        for n in (end, end - 1, sections[0]["offset"] + 30, 200 << 20, 1 << 20, 5000, 100, 0):
            subprocess.run(["truncate", "-s", str(n), str(path)], check=True)
            said = load(path)
            assert said and "load of migration failed" in said, (n, said)


if __name__ == "__main__":
    for way in WAYS:
        destination_dies(way)
        source_dies(way)
        destination_stalls(way)
        source_stalls(way)
        print(way, flush=True)
    postcopy_stalls()
    recovery_stalls()
    print("post-copy after the switch")
    mapped()
    print("mapped-ram")
