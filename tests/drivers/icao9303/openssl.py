"""Certificates, signed data and signatures made by the openssl command: vectors no line of ours had a part in."""

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
MASTER_LIST = "2.23.136.1.1.2"

_CONFIG = """
[req]
distinguished_name = dn
[dn]
[ca]
default_ca = issuing
[issuing]
database = database.txt
new_certs_dir = .
rand_serial = yes
policy = anything
unique_subject = no
[anything]
countryName = optional
organizationName = optional
commonName = supplied
[ca_extensions]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[not_a_ca]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
[signer]
keyUsage = critical,digitalSignature
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[signer_without_identifiers]
keyUsage = critical,digitalSignature
authorityKeyIdentifier = none
subjectKeyIdentifier = none
[wrong_usage]
keyUsage = critical,keyEncipherment
authorityKeyIdentifier = keyid
"""


def run(*arguments: str | Path, data: bytes | None = None, folder: Path | None = None) -> bytes:
    command = ["openssl", *map(str, arguments)]
    finished = subprocess.run(command, input=data, capture_output=True, check=False, cwd=folder)
    assert finished.returncode == 0, finished.stderr.decode()
    return finished.stdout


@cache
def _rsa_key(bits: str, role: str) -> bytes:
    """RSA keys take long to find: one for each role serves all tests."""
    return run("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")


def make_key(path: Path, kind: str) -> Path:
    """``kind``: ``RSA-2048``, a curve's name, or a curve's name and ``explicit``. RSA keys differ by file name only."""
    name, _, form = kind.partition(" ")
    if name.startswith("RSA-"):
        path.write_bytes(_rsa_key(name[4:], path.stem))
    else:
        encoding = "explicit" if form == "explicit" else "named_curve"
        options = ["-pkeyopt", f"ec_paramgen_curve:{name}", "-pkeyopt", f"ec_param_enc:{encoding}"]
        run("genpkey", "-algorithm", "EC", *options, "-out", path)
    return path


def public_key_info(key: Path) -> bytes:
    return run("pkey", "-in", key, "-pubout", "-outform", "DER")


@dataclass
class Issuer:
    """A CA and a document signer in ``folder``; every attribute may be changed before the first use."""

    folder: Path
    ca_key: str = "RSA-2048"
    signer_key: str = "prime256v1"
    hash_name: str = "sha256"
    pss: bool = False
    ca_section: str = "ca_extensions"
    signer_section: str = "signer"
    ca_days: tuple[int, int] = (-1000, 4000)
    signer_days: tuple[int, int] = (-400, 3000)
    _made: bool = field(default=False, init=False)

    @property
    def ca(self) -> Path:
        self._make()
        return self.folder / "ca.pem"

    @property
    def signer(self) -> Path:
        self._make()
        return self.folder / "signer.pem"

    def sign(self, content: bytes, *options: str, content_type: str = LDS_SECURITY_OBJECT) -> bytes:
        """Return CMS SignedData (DER) with ``content`` inside."""
        self._make()
        file = self.folder / "content.bin"
        file.write_bytes(content)
        padding = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"] if self._signs_pss else []
        key = ["-signer", str(self.signer), "-inkey", str(self.folder / "signer.key"), *padding]
        kind = ["-binary", "-nodetach", "-econtent_type", content_type, "-md", self.hash_name, "-nosmimecap"]
        return run("cms", "-sign", "-in", file, *key, *kind, *options, "-outform", "DER")

    @property
    def _signs_pss(self) -> bool:
        return self.pss and self.signer_key.startswith("RSA")

    def _make(self) -> None:
        if self._made:
            return
        self._made = True
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "openssl.cnf"
        config.write_text(_CONFIG)
        ca_key = make_key(self.folder / "ca.key", self.ca_key)
        signer_key = make_key(self.folder / "signer.key", self.signer_key)
        (self.folder / "database.txt").touch()
        self._issue("ca", "Invented CSCA", ca_key, ["-selfsign", "-keyfile", "ca.key"], self.ca_section, self.ca_days)
        by_ca = ["-cert", "ca.pem", "-keyfile", "ca.key"]
        self._issue("signer", "Invented Signer", signer_key, by_ca, self.signer_section, self.signer_days)

    def _issue(
        self, name: str, subject: str, key: Path, issuer: list[str], extensions: str, days: tuple[int, int]
    ) -> None:
        request = ["-config", "openssl.cnf", "-subj", f"/C=VN/O=Invented/CN={subject}", f"-{self.hash_name}"]
        run("req", "-new", "-key", key.name, *request, "-out", f"{name}.csr", folder=self.folder)
        padding = ["-sigopt", "rsa_padding_mode:pss"] if self.pss and self.ca_key.startswith("RSA") else []
        dates = [f"{datetime.now(UTC) + timedelta(days=one):%Y%m%d%H%M%SZ}" for one in days]
        validity = ["-startdate", dates[0], "-enddate", dates[1], "-md", self.hash_name]
        output = ["-in", f"{name}.csr", "-extensions", extensions, "-out", f"{name}.pem", "-notext", "-batch"]
        run("ca", "-config", "openssl.cnf", *issuer, *validity, *padding, *output, folder=self.folder)
