# SPDX-License-Identifier: GPL-2.0-or-later
"""libvirt manages guests on this emulator: it probes it, starts, saves, restores and moves them, also from and to Debian's QEMU 7.2.

Each libvirtd here is a session's, with folders, sockets and a configuration of its own in a temporary folder; the system's are not touched. What both
emulators answer while they are probed is taken from its log and compared. A number as argument: so many rounds of saving and moving, with two processors.
"""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile
from guest import skip
from qmp import PEER, build, wait

missing = [p for p in ("libvirtd", "virsh", "setpriv", "unshare") if not shutil.which(p, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
if missing:
    skip(f"{', '.join(missing)} not installed")
if not os.path.exists("/sys/class"):
    skip("/sys is not mounted, and libvirtd wants to see the host there")
GUEST = build() / "tests/guest/churn.bin"
if not GUEST.exists():
    skip("churn.bin was not built: powerpc64-linux-gnu-gcc is missing")

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
UUID = "aaaaaaaa-0000-4000-8000-00000000000%d"
NOBODY = 65534
LINE = re.compile(r"M([0-9a-f]{16}) B([0-9a-f]{16})")
root = os.geteuid() == 0
top = tempfile.TemporaryDirectory(prefix="lv", dir="/tmp")      # paths of sockets have to be short
TOP = pathlib.Path(top.name)
OURS = str(TOP / "qemu-system-ppc64")
shutil.copy(build() / "qemu-system-ppc64", OURS)
shutil.copy(GUEST, TOP / "guest.bin")


class Libvirtd:
    """One libvirtd; as root it runs as nobody, on a host of a name of its own, because it refuses to move guests to the same host."""

    def __init__(self, number):
        self.dir = TOP / f"d{number}"
        for sub in ("run", "config/libvirt", "cache", "data", "home"):
            (self.dir / sub).mkdir(parents=True)
        (self.dir / "config/libvirt/qemu.conf").write_text('stdio_handler = "file"\nsecurity_driver = "none"\n')
        (self.dir / "libvirtd.conf").write_text(f'host_uuid = "{UUID % (5 + number)}"\n')
        self.log = self.dir / "log"
        self.env = {**os.environ, "HOME": f"{self.dir}/home", "LC_ALL": "C", "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
                    "LIBVIRT_LOG_FILTERS": "1:qemu.qemu_monitor", "LIBVIRT_LOG_OUTPUTS": f"1:file:{self.log}",
                    **{f"XDG_{n}": f"{self.dir}/{d}" for n, d in (("RUNTIME_DIR", "run"), ("CONFIG_HOME", "config"), ("CACHE_HOME", "cache"), ("DATA_HOME", "data"))}}
        self.command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if root else []
        if root:
            for p in (TOP, self.dir, *self.dir.rglob("*")):
                os.chown(p, NOBODY, NOBODY)
        run = " ".join([*self.command, "libvirtd", "-f", f"{self.dir}/libvirtd.conf", "-t", "120"])
        host = ["unshare", "--uts", "sh", "-c", f"hostname host{number}.example; exec {run}"] if root else ["sh", "-c", "exec " + run]
        self.p = subprocess.Popen(host, env=self.env, stdin=subprocess.DEVNULL, stdout=open(self.dir / "out", "w"), stderr=subprocess.STDOUT)
        self.socket = f"{self.dir}/run/libvirt/libvirt-sock"

        def there():
            assert self.p.poll() is None, (self.dir / "out").read_text()
            return os.path.exists(self.socket)
        wait("libvirtd", there)

    def virsh(self, *words, ok=True):
        p = subprocess.run([*self.command, "virsh", "-q", "-c", "qemu:///session", *words], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert not ok or p.returncode == 0, f"virsh {' '.join(words)}: {p.stdout}{p.stderr}"
        return p.stdout

    def state(self, name):
        return self.virsh("domstate", name, ok=False).strip()

    def close(self):
        for name in self.virsh("list", "--name", ok=False).split():
            self.virsh("destroy", name, ok=False)
        self.p.terminate()
        self.p.wait()


class Domain:
    """A guest that writes all of its memory and looks after it, its console in a file."""

    def __init__(self, name, number, machine, cpu, numa):
        """`numa`: its memory is that of a node, a backend of its own, and more can be plugged."""
        count = 2 if ROUNDS > 1 else 1
        nodes = f"<numa><cell id='0' cpus='0-{count - 1}' memory='256' unit='MiB'/></numa>" if numa else ""
        room = "<maxMemory slots='2' unit='MiB'>1024</maxMemory>" if numa else ""
        self.name, self.console = name, TOP / f"console{number}"
        self.xml = f"""<domain type='qemu'><name>{name}</name><uuid>{UUID % number}</uuid>{room}<memory unit='MiB'>256</memory><vcpu>{count}</vcpu>
            <os><type arch='ppc64' machine='{machine}'>hvm</type><loader type='rom'>{TOP}/guest.bin</loader></os>
            <cpu mode='custom'><model>{cpu}</model>{nodes}</cpu>
            <devices><emulator>%s</emulator><controller type='usb' model='none'/><memballoon model='none'/>
            <serial type='file'><source path='{self.console}'/><target type='spapr-vio-serial'/></serial></devices></domain>"""

    def file(self, emulator):
        path = TOP / f"{self.name}-{pathlib.Path(emulator).parent.name}.xml"
        path.write_text(self.xml % emulator)
        return str(path)

    def looks(self):
        lines = LINE.findall(self.console.read_text(errors="replace")) if self.console.exists() else []
        assert all(int(bad, 16) == 0 for _, bad in lines), f"the guest found damage: {lines}"
        return int(lines[-1][0], 16) if lines else 0

    def lives(self):
        """The guest goes on from where it was; libvirt begins its file anew when it starts an emulator."""
        first = wait("the guest's line", self.looks)
        wait("the guest to go on", lambda: self.looks() > first)
        return first


# ---- what both answer to the probe ----

def conversation(log):
    """[(command, its arguments, the answer)] of the log since `log` was emptied."""
    text, asked, result = log.read_text(errors="replace"), {}, []
    for line in re.findall(r"QEMU_MONITOR_(?:SEND_MSG|RECV_REPLY): mon=\w+ (?:msg|reply)=(\{.*\})", text):
        said = json.loads(line)
        if "execute" in said:
            asked[said["id"]] = (said["execute"], json.dumps(said.get("arguments", {}), sort_keys=True))
        elif said.get("id") in asked:
            result.append((*asked.pop(said["id"]), said))
    assert not asked, f"never answered: {asked}"
    return result


def by(key, entries):
    return {e[key]: e for e in entries}


def compare_lists(what, ours, theirs, members, apart=()):
    """Entries that both have agree in `members`; how many those are."""
    both = sorted(set(ours) & set(theirs))
    bad = [f"{what} {n} {m}: ours {ours[n].get(m)}, the peer's {theirs[n].get(m)}" for n in both for m in members if ours[n].get(m) != theirs[n].get(m) and (n, m) not in apart]
    assert not bad, "\n".join(bad)
    return len(both)


def parameters(option):
    return {(p["name"], p["type"]) for p in option["parameters"]}


def compare_probes(ours, theirs):
    ours, theirs = ({(c, a): r for c, a, r in talk} for talk in (ours, theirs))
    for key, answer in ours.items():
        command = key[0]
        # libvirt gives up on other classes of errors, but for this command's, which the peer has not: it asks for the model `host` of KVM
        assert "return" in answer or answer["error"]["class"] in ("DeviceNotFound", "CommandNotFound") or command == "query-cpu-model-expansion", (key, answer)
        peer = theirs.get(key)
        if "return" not in answer or peer is None:
            continue
        assert "return" in peer, (key, answer, peer)        # what the peer does not have, ours has not
        mine, its = answer["return"], peer["return"]
        if command == "query-machines":
            n = compare_lists(command, by("name", mine), by("name", its), ("cpu-max", "hotpluggable-cpus", "numa-mem-supported", "default-cpu-type", "default-ram-id", "deprecated"))
        elif command == "query-cpu-definitions":
            named = {name: e for name, e in by("name", its).items() if e["typename"]}       # the peer has none for what is no alias
            n = compare_lists(command, by("name", mine), named, ("typename", "static", "deprecated"))
        elif command == "query-command-line-options":
            mine, its = by("option", mine), by("option", its)
            n = compare_lists(command, mine, its, ())
            more = {o: parameters(mine[o]) - parameters(its[o]) for o in set(mine) & set(its)}
            assert not any(more.values()) and n > 15, more
            assert set(mine) <= set(its), set(mine) - set(its)
        elif command in ("device-list-properties", "qom-list-properties"):
            n = compare_lists(key, by("name", mine), by("name", its), ("type",))
        elif command == "qom-list-types":
            n = len(set(by("name", mine)) & set(by("name", its)))
        elif command in ("query-commands", "query-qmp-schema", "query-version", "query-migrate-capabilities", "query-tpm-models", "query-tpm-types"):
            n = len(mine)       # compared elsewhere (test_qmp_schema.py, test_migration_options.py), or another program's name
        else:
            n = mine == its
            assert n, (key, mine, its)
        print(f"{command} {key[1] if key[1] != '{}' else ''}: {n} in common")


one = Libvirtd(1)
two = None
try:
    def probe(emulator):
        seen = len(conversation(one.log)) if one.log.exists() else 0
        caps = one.virsh("domcapabilities", "--emulatorbin", emulator, "--arch", "ppc64", "--machine", "pseries-7.2", "--virttype", "qemu")
        return caps, conversation(one.log)[seen:]

    caps, ours = probe(OURS)
    assert f"<path>{OURS}</path>" in caps and "<machine>pseries-7.2</machine>" in caps, caps
    for model in ("POWER7", "POWER8", "POWER9", "POWER10"):
        assert f">{model}</model>" in caps, caps
    print(len(ours), "questions of the probe answered")
    if os.path.exists(PEER):
        compare_probes(ours, probe(PEER)[1])

    # ---- a guest's life ----
    plain = Domain("plain", 2, "pseries-2.12", "POWER8", False)
    one.virsh("define", plain.file(OURS))
    one.virsh("start", "plain")
    plain.lives()
    one.virsh("destroy", "plain")
    g = Domain("g", 1, "pseries-7.2", "POWER9", True)
    one.virsh("define", g.file(OURS))
    one.virsh("start", "g")
    g.lives()
    one.virsh("suspend", "g")
    assert one.state("g") == "paused"
    one.virsh("resume", "g")
    before = g.lives()
    one.virsh("managedsave", "g")
    assert one.state("g") == "shut off"
    one.virsh("start", "g")
    assert g.lives() >= before
    print("defined, started, suspended, resumed, saved, started from there")

    def through_file(emulator):
        before, image = g.lives(), str(TOP / "image")
        one.virsh("save", "g", image)
        one.virsh("restore", image, "--xml", g.file(emulator))
        assert g.lives() >= before
        assert emulator in one.virsh("dumpxml", "g")

    for emulator in ((PEER, OURS) if os.path.exists(PEER) else (OURS,)) * ROUNDS:
        through_file(emulator)
    print("saved and restored, on the peer and back")

    # ---- between two hosts ----
    if root:
        two = Libvirtd(2)

        def move(source, destination, emulator, to, *more, still=False):
            before = g.lives()
            if still:
                source.virsh("suspend", "g")
            source.virsh("migrate", "g", f"qemu+unix:///session?socket={destination.socket}", "--live", "--persistent", "--undefinesource", "--xml", g.file(emulator),
                         "--migrateuri", to, *more)
            assert destination.state("g") == ("paused" if still else "running")
            if still:
                destination.virsh("resume", "g")
            assert "g" not in source.virsh("list", "--all", "--name").split()
            assert g.lives() >= before

        for n in range(ROUNDS):
            move(one, two, OURS, "tcp://127.0.0.1")
            move(two, one, PEER if os.path.exists(PEER) else OURS, f"unix://{one.dir}/run/move{n}", "--auto-converge")
            move(one, two, OURS, "tcp://127.0.0.1", still=os.path.exists(PEER))     # 7.2 may lose what a guest writes meanwhile (compare-memory)
            if n + 1 < ROUNDS:
                move(two, one, OURS, f"unix://{one.dir}/run/back{n}")
        print("live migrations between two libvirtd, one of them from the peer")
    else:
        print("no live migration between two libvirtd: only root may give them names of hosts")
finally:
    for daemon in (one, two):
        if daemon:
            daemon.close()
    top.cleanup()
