# SPDX-License-Identifier: GPL-2.0-or-later
"""Initial RAM disks for guests: newc archives from files, or from Debian's ppc64el packages.

Nothing of Debian is kept in the tree: packages are downloaded (with what they depend on) from the archive that this host
itself uses, checked by apt against Debian's keyring, and unpacked into a folder that later runs use again.
"""
import gzip, os, pathlib, re, shutil, stat, subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
NOT_WANTED = re.compile(r"^usr/share/(doc|man|locale|info|lintian|bug|bash-completion)(/|$)")


def cpio(files):
    """A newc archive: {path: (mode, contents)}; a symbolic link's contents are its target."""
    out = bytearray()
    for i, (path, (mode, data)) in enumerate([*files.items(), ("TRAILER!!!", (0, b""))]):
        rdev = (5, 1) if path == "dev/console" else (0, 0)
        fields = [i + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(path) + 1, 0]
        out += b"070701" + b"".join(b"%08x" % f for f in fields) + path.encode() + b"\0"
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def basics():
    """What every initrd here begins with."""
    folders = {name: (0o040755, b"") for name in ("dev", "proc", "sys", "tmp")}
    return folders | {"dev/console": (0o020600, b"")}


def write(path, files):
    pathlib.Path(path).write_bytes(gzip.compress(cpio(files), 1))
    return str(path)


def tree(folder):
    """{path: (mode, contents)} of an unpacked folder."""
    files = {}
    for where, folders, names in os.walk(folder):
        for name in sorted(folders + names):
            full = os.path.join(where, name)
            path = os.path.relpath(full, folder)
            s = os.lstat(full)
            if NOT_WANTED.search(path):
                continue
            if stat.S_ISLNK(s.st_mode):
                files[path] = (s.st_mode, os.readlink(full).encode())
            elif stat.S_ISDIR(s.st_mode):
                files[path] = (s.st_mode, b"")
            elif stat.S_ISREG(s.st_mode):
                files[path] = (s.st_mode, pathlib.Path(full).read_bytes())
    return files


def debian(cache, packages, arch="ppc64el"):
    """The files of these packages and of what they depend on; `cache` is a folder for downloads."""
    cache = pathlib.Path(cache).resolve()
    root, done = cache / "root", cache / "packages"
    wanted = " ".join(sorted(packages))
    if not (done.exists() and done.read_text() == wanted):
        shutil.rmtree(root, ignore_errors=True)
        for d in ("state/lists/partial", "cache/archives/partial", "root"):
            (cache / d).mkdir(parents=True, exist_ok=True)
        (cache / "status").write_text("")
        repos = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
                               check=True, capture_output=True, text=True).stdout.splitlines()
        main = [r.split() for r in repos if re.fullmatch(r"\S*/debian/? bookworm main", r)]
        if not main:
            raise RuntimeError("apt has no Debian bookworm archive among its sources; add one to fetch " + wanted)
        (cache / "sources.list").write_text(f"deb [signed-by={KEYRING}] {main[0][0]} bookworm main\n")
        apt = ["apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={cache}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null",
               "-o", f"APT::Architecture={arch}", "-o", f"APT::Architectures::={arch}", "-o", f"Dir::State={cache}/state",
               "-o", f"Dir::State::status={cache}/status", "-o", f"Dir::Cache={cache}/cache", "-o", "APT::Install-Recommends=false",
               "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root"]
        subprocess.run([*apt, "update"], check=True)
        subprocess.run([*apt, "install", "--download-only", "-y", *packages], check=True, stdout=subprocess.DEVNULL)
        for deb in sorted((cache / "cache/archives").glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True)
        done.write_text(wanted)
    return tree(root)
