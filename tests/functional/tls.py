# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates and keys, made on the fly with certtool and psktool (Debian's gnutls-bin)."""
import pathlib, shutil, subprocess
from guest import skip
from qmp import has_gnutls

DAYS = "expiration_days=30\n"
SERVER, CLIENT = "tls_www_server\nsigning_key\n", "tls_www_client\nsigning_key\n"
HERE = "dns_name=localhost\nip_address=127.0.0.1\n"
FILES = {"ca": "ca-cert.pem", "server": "server-cert.pem", "client": "client-cert.pem"}
# Folders of credentials: what they have, by the names of certificates below.
FOLDERS = {
    "both": {"ca": "ca", "server": "server", "client": "client"}, "noclient": {"ca": "ca", "server": "server"},
    "elsewhere": {"ca": "ca", "server": "elsewhere", "client": "client"}, "expired": {"ca": "ca", "server": "expired", "client": "client"},
    "foreign": {"ca": "other-ca", "server": "foreign-server", "client": "foreign-client"}, "mixed": {"ca": "ca", "server": "foreign-server", "client": "foreign-client"},
    "noca": {"server": "server", "client": "client"}, "notca": {"ca": "server", "server": "server", "client": "client"}, "empty": {},
}
CERTIFICATES = {
    "server": ("ca", "cn=localhost\n" + HERE + SERVER + DAYS), "client": ("ca", "cn=the client\norganization=Here\n" + CLIENT + DAYS),
    "elsewhere": ("ca", "cn=other.example\ndns_name=other.example\n" + SERVER + DAYS),
    "expired": ("ca", "cn=localhost\n" + HERE + SERVER + 'activation_date="2020-01-01 00:00:00"\nexpiration_date="2020-02-01 00:00:00"\n'),
    "foreign-server": ("other-ca", "cn=localhost\n" + HERE + SERVER + DAYS), "foreign-client": ("other-ca", "cn=the client\n" + CLIENT + DAYS),
}
PASSWORD = "sesame"


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """Everything, in a folder that is there: self.folder/NAME is the `dir` of credentials (FOLDERS, and "encrypted", "psk", "otherpsk")."""

    def __init__(self, folder):
        if not has_gnutls():
            skip("this build has no GnuTLS")
        if not shutil.which("certtool") or not shutil.which("psktool"):
            skip("certtool and psktool are not installed (gnutls-bin)")
        self.folder = pathlib.Path(folder)
        for name in ("ca", "other-ca"):
            self.write(f"{name}.t", f"cn={name}\nca\ncert_signing_key\n{DAYS}")
            self.key(name)
            run("certtool", "--generate-self-signed", "--load-privkey", self.at(f"{name}.key"), "--template", self.at(f"{name}.t"), "--outfile", self.at(f"{name}.pem"))
        self.key("end")
        for name, (ca, text) in CERTIFICATES.items():
            self.certify(name, "end", ca, text)
        for name, files in FOLDERS.items():
            (self.folder / name).mkdir()
            for what, certificate in files.items():
                shutil.copy(self.at(f"{certificate}.pem"), self.folder / name / FILES[what])
                if what != "ca":
                    shutil.copy(self.at("end.key"), self.folder / name / f"{what}-key.pem")
        self.encrypted()
        for name, users in (("psk", ("qemu", "alice")), ("otherpsk", ("qemu",))):
            (self.folder / name).mkdir()
            for user in users:
                run("psktool", "-u", user, "-p", self.at(f"{name}/keys.psk"))

    def at(self, name):
        return str(self.folder / name)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def key(self, name, *more):
        run("certtool", "--generate-privkey", "--key-type=ecdsa", *more, "--outfile", self.at(f"{name}.key"))

    def certify(self, name, key, ca, text, *more):
        self.write(f"{name}.t", text)
        run("certtool", "--generate-certificate", "--load-privkey", self.at(f"{key}.key"), *more, "--load-ca-certificate", self.at(f"{ca}.pem"),
            "--load-ca-privkey", self.at(f"{ca}.key"), "--template", self.at(f"{name}.t"), "--outfile", self.at(f"{name}.pem"))

    def encrypted(self):
        """A server's key that a password protects."""
        self.key("protected", "--pkcs8", f"--password={PASSWORD}")
        self.certify("protected", "protected", "ca", CERTIFICATES["server"][1], f"--password={PASSWORD}")
        shutil.copytree(self.folder / "both", self.folder / "encrypted")
        shutil.copy(self.at("protected.pem"), self.at("encrypted/server-cert.pem"))
        shutil.copy(self.at("protected.key"), self.at("encrypted/server-key.pem"))

    def x509(self, id, endpoint, folder, more=""):
        return ["-object", f"tls-creds-x509,id={id},endpoint={endpoint},dir={self.folder}/{folder}{more}"]

    def psk(self, id, endpoint, folder, more=""):
        return ["-object", f"tls-creds-psk,id={id},endpoint={endpoint},dir={self.folder}/{folder}{more}"]
