# SPDX-License-Identifier: GPL-2.0-or-later
"""
Processors and memory that come and go while the machine is there (device_add, device_del): what QMP answers and tells, what a guest is told and finds in each
step of taking and giving back, compared with the peer. test_connectors.py moves guests in the middle of that.
"""
import json, os, time
from asking import Ask, negotiate
from moving import move_live
from qmp import PEER, wait
from test_connectors import ALLOCATION, CORE, CORE_TYPE, EPOW, HOTPLUG, HOTPLUG_EVENTS, ISOLATION, SENSE, check_configured, configure, fetch

OURS = None
MACHINE, CPU = "pseries-7.2,ic-mode=xics", "POWER9"
BLOCKS = 0x80000004, 0x80000005         # connectors of the memory that is plugged
TOLD = "DEVICE_DELETED", "DEVICE_UNPLUG_GUEST_ERROR", "MEM_UNPLUG_ERROR"


class Guest(Ask):
    memory = "512,slots=4,maxmem=3G"

    def __init__(self, binary, *args, machine=MACHINE):
        super().__init__(machine, CPU, "1,maxcpus=3", *args, binary=binary)
        self.facts = []
        self.command("object-add", **{"qom-type": "memory-backend-ram", "id": "m", "size": 512 << 20})

    def command(self, name, **arguments):
        """What it answers is a fact; order of members and numbers of threads mean nothing."""
        answer = self.emulator.ask(json.dumps({"execute": name, "arguments": arguments}))
        self.facts.append((name, arguments, answer))
        return answer

    def fact(self, *what):
        self.facts.append(what)

    def events(self):
        """Logs that wait, of both kinds."""
        for mask in (HOTPLUG, EPOW):
            while (log := fetch(self, mask))[0] == 0:
                self.fact(mask, log)

    def set(self, kind, index, value):
        self.fact("set", kind, hex(index), value, self.rtas("set-indicator", 1, kind, index, value), self.rtas("get-sensor-state", 2, SENSE, index))

    def take(self, *indexes):
        for i in indexes:
            self.set(ALLOCATION, i, 1)
            self.set(ISOLATION, i, 1)
            self.fact(configure(self, i))

    def give_back(self, *indexes):
        for i in indexes:
            self.set(ISOLATION, i, 0)
            self.set(ALLOCATION, i, 0)
            self.set(ALLOCATION, i, 1)

    def told(self, *names):
        """All of these have come, and what they said; the peer says some twice."""
        def came():
            self.emulator.command("query-status")
            return set(names) <= {e["event"] for e in self.emulator.told}
        wait(f"{names} in {self.emulator.told}", came, 20)
        self.fact(sorted({(e["event"], json.dumps(e.get("data"), sort_keys=True)) for e in self.emulator.told if e["event"] in TOLD}))
        self.emulator.told.clear()


def add_memory(g, **more):
    return g.command("device_add", driver="pc-dimm", id="d", memdev="m", **more)


def add_core(g, **more):
    return g.command("device_add", driver=CORE_TYPE, id="c", **{"core-id": 1, **more})


def memory_of(g):
    add_memory(g)
    g.events()
    g.take(*BLOCKS)
    for name in ("query-memory-devices", "query-memory-size-summary"):
        g.command(name)
    for at in (0x40000000, 0x5ffffff8):
        g.ask("s", at, at)
        g.fact(g.ask("l", at, 1))
    g.command("object-del", id="m")
    g.command("device_del", id="d")
    g.command("device_del", id="d")
    g.events()
    g.set(ISOLATION, BLOCKS[0], 1)
    g.told("MEM_UNPLUG_ERROR", "DEVICE_UNPLUG_GUEST_ERROR")
    g.command("device_del", id="d")
    g.events()
    g.give_back(*BLOCKS)
    g.told("DEVICE_DELETED")
    for name in ("query-memory-devices", "query-memory-size-summary"):
        g.command(name)
    add_memory(g, addr=0x50000000, slot=2)
    g.command("device_del", id="d")         # nobody has taken it
    g.told("DEVICE_DELETED")
    g.events()
    g.command("object-del", id="m")


def core(g):
    add_core(g)
    g.events()
    g.take(CORE)
    g.fact(g.rtas("query-cpu-stopped-state", 2, 1))
    g.command("device_del", id="c")
    g.events()
    g.set(ISOLATION, CORE, 1)
    g.told("DEVICE_UNPLUG_GUEST_ERROR")
    g.command("device_del", id="c")
    g.events()
    g.give_back(CORE)
    g.told("DEVICE_DELETED")
    g.fact(g.rtas("query-cpu-stopped-state", 2, 1)[0])
    g.command("query-hotpluggable-cpus")
    g.command("device_del", id="/machine/unattached/device[0]")


def reset(g):
    """What is wanted back goes with a reset; what nobody has taken is there after it."""
    add_memory(g)
    add_core(g)
    g.take(*BLOCKS)
    g.command("device_del", id="d")
    g.command("system_reset")
    g.told("DEVICE_DELETED", "RESET")
    g.out = ""
    wait("the guest to begin anew", lambda: g.ask("x") == ["what?"])
    g.fact([g.rtas("get-sensor-state", 2, SENSE, i) for i in (CORE, *BLOCKS)])
    g.command("query-memory-devices")


def refused(g):
    """
    The peer's words. A core that is there already is left to ours, since the peer does not survive it. The guest stands still: the peer waits
    for the processors when it refuses to plug something, and one that runs does not always let it go on.
    """
    g.command("stop")
    for arguments in ({"driver": CORE_TYPE, "core-id": 9}, {"driver": "power8_v2.0-spapr-cpu-core", "core-id": 2}, {"driver": "no"},
                      {"id": "e"}, {}, {"driver": "spapr-rtc"}, {"driver": "spapr-vty"}, {"driver": "spapr-nvram"}, {"driver": "device"}, {"driver": "memory-backend-ram"},
                      {"driver": "pc-dimm", "memdev": "no"}, {"driver": "pc-dimm", "id": "x"}, {"driver": "pc-dimm", "memdev": "m", "slot": "a"},
                      {"driver": "pc-dimm", "memdev": "m", "id": "1x"}, {"driver": "pc-dimm", "memdev": "m", "bus": "pci.0"}, {"driver": "pc-dimm", "memdev": "m", "bus": "no"},
                      {"driver": "pc-dimm", "memdev": "m", "node": 7}, {"driver": CORE_TYPE, "core-id": 2, "nr-threads": 2}):
        g.command("device_add", **arguments)
    add_memory(g, slot="1")
    g.command("device_add", driver="pc-dimm", memdev="m")
    g.command("device_add", **{"driver": CORE_TYPE, "id": "d", "core-id": 2})
    for arguments in ({}, {"id": "no"}, {"id": "/machine/unattached"}, {"id": "/machine/unattached/device[0]"}):
        g.command("device_del", **arguments)


def alike(script, options):
    facts = []
    for binary in (OURS, PEER) if os.path.exists(PEER) else (OURS,):
        with Guest(binary) as g:
            assert negotiate(g, options) == 0
            script(g)
            facts.append(g.facts)
    for a, b in zip(*facts, strict=True) if len(facts) == 2 else ():
        if isinstance(a[0], list) and len(a[0]) > 1 and isinstance(a[0][0], tuple) and len(a[0][0]) == 3:      # a tree, as configure() has it
            check_configured(a[0], b[0], script.__name__)
        else:
            assert a == b, (script.__name__, options, a, b)
    print(script.__name__, "with" if options else "without", "events of its own:", len(facts[0]), "facts")


def early():
    """Plugged before the client has negotiated: as if it had been there from the start."""
    facts = []
    for binary in (OURS, PEER) if os.path.exists(PEER) else (OURS,):
        with Guest(binary) as g:
            add_memory(g)
            add_core(g)
            assert negotiate(g, HOTPLUG_EVENTS) == 0
            g.events()
            g.fact([g.rtas("get-sensor-state", 2, SENSE, i) for i in (CORE, *BLOCKS)])
            facts.append(g.facts)
    assert facts[0] == facts[-1], facts
    print("before negotiation")


def mode():
    """A core that comes has the compatibility mode of those that are there."""
    for binary in (OURS, PEER) if os.path.exists(PEER) else (OURS,):
        with Guest(binary, machine=MACHINE + ",max-cpu-compat=power8") as g:
            assert negotiate(g, HOTPLUG_EVENTS) == 0
            add_core(g)
            g.take(CORE)
            pcr = [g.emulator.command("human-monitor-command", **{"command-line": "print/x $pcr", "cpu-index": i}).strip() for i in (0, 1)]
            assert pcr == ["0x8", "0x8"], (binary, pcr)
    print("a mode")


def waiting():
    """What is plugged into a destination that waits is there as if from the start, and becomes what it was where the guest comes from."""
    for source, target in [(OURS, OURS)] + [(OURS, PEER), (PEER, OURS)] * os.path.exists(PEER):
        def plugged(incoming, uri):
            there = Guest(target, incoming, "defer")
            add_memory(there)
            add_core(there)
            there.emulator.command("migrate-incoming", uri=uri)
            return there

        with Guest(source) as here:
            assert negotiate(here, HOTPLUG_EVENTS) == 0
            add_memory(here)
            add_core(here)
            here.take(CORE, *BLOCKS)
            before = [here.rtas("get-sensor-state", 2, SENSE, i) for i in (CORE, *BLOCKS)]
            there, _ = move_live(here, plugged)
        with there:
            assert [there.rtas("get-sensor-state", 2, SENSE, i) for i in (CORE, *BLOCKS)] == before
            there.command("device_del", id="c")
            there.give_back(CORE)
            there.told("DEVICE_DELETED")
    print("into what waits")


def over_and_over():
    """Ours, many times: threads and memory come back, and so does what is in the way of a move."""
    with Guest(OURS) as g:
        assert negotiate(g, HOTPLUG_EVENTS) == 0
        for n in range(20):
            assert "return" in add_memory(g) and "return" in add_core(g)
            assert "already populated" in g.command("device_add", driver=CORE_TYPE, **{"core-id": 1})["error"]["desc"]
            g.take(CORE, *BLOCKS)
            assert g.ask("l", 0x40000000, 1) == [0], "what was in it before"
            g.ask("s", 0x40000000, n + 1)
            g.command("device_del", id="d")
            g.command("device_del", id="c")
            g.give_back(*BLOCKS, CORE)
            def gone():
                return [e["data"].get("device") for e in g.emulator.told if e["event"] == "DEVICE_DELETED"].count("c") and g.emulator.command("query-memory-devices") == []
            wait("both to go", lambda: g.emulator.command("query-status") and gone(), 20)
            g.emulator.told.clear()
            g.events()
            assert g.ask("l", 0x40000000, 1) in (["trap"], [0])
        g.save()
        g.emulator.command("cont")
        assert g.ask("x") == ["what?"]
    print("over and over")


def moving():
    """Nothing comes or goes while the machine moves; what the guest gives back meanwhile goes when the move was nothing."""
    with Guest(OURS) as g:
        assert negotiate(g, HOTPLUG_EVENTS) == 0
        add_memory(g)
        g.take(*BLOCKS)
        g.command("device_del", id="d")
        g.emulator.command("migrate-set-parameters", **{"max-bandwidth": 4096})
        g.emulator.command("migrate", uri="exec:cat > /dev/null")
        wait("a migration", lambda: g.emulator.command("query-migrate").get("status") == "active")
        assert "while migrating" in add_core(g)["error"]["desc"] and "while migrating" in g.command("device_del", id="d")["error"]["desc"]
        g.give_back(*BLOCKS)
        time.sleep(0.3)
        assert len(g.emulator.command("query-memory-devices")) == 1 and g.emulator.command("query-migrate")["status"] == "active"
        g.emulator.command("migrate_cancel")
        g.told("DEVICE_DELETED")
        assert g.emulator.command("query-memory-devices") == []
    print("while moving")


if __name__ == "__main__":
    for options in (HOTPLUG_EVENTS, {}):
        for script in (core, memory_of):
            alike(script, options)
    for script in (reset, refused):
        alike(script, HOTPLUG_EVENTS)
    early()
    mode()
    waiting()
    over_and_over()
    moving()
