"""Encrypting a copy to a public key, so that the server, and whoever steals its backups, cannot read them.

The file is an age file: where this program is gone, ``age --decrypt --identity KEYFILE`` opens it all the same.
Source: age-encryption.org/v1 (C2SP age.md); X25519 recipients only.
"""

import base64
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.backup import bech32
from server.errors import Refused

SUFFIX: Final = ".age"
_RECIPIENT: Final = "age"
_IDENTITY: Final = "age-secret-key-"
_INTRO: Final = b"age-encryption.org/v1\n"
_STANZA: Final = b"-> X25519 "
_END: Final = b"--- "
_LONGEST_LINE: Final = 128
_FILE_KEY_BYTES: Final = 16
_NONCE_BYTES: Final = 16
_TAG_BYTES: Final = 16
_CHUNK: Final = 64 * 1024
_MOST_HEADER_LINES: Final = 64
_ONE_USE: Final = bytes(12)  # a nonce of zeros: each wrapping key is used once


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key, ``age1...``: whom a backup is encrypted to."""

    key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``age1...``; raises ValueError."""
        return cls(_exactly_32(bech32.decode(_RECIPIENT, text.strip())))

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT, self.key)


@dataclass(frozen=True, slots=True)
class Identity:
    """A secret key, ``AGE-SECRET-KEY-1...``: who can open what was encrypted to its recipient."""

    key: bytes = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``AGE-SECRET-KEY-1...``; raises ValueError."""
        return cls(_exactly_32(bech32.decode(_IDENTITY, text.strip())))

    @property
    def recipient(self) -> Recipient:
        return Recipient(X25519PrivateKey.from_private_bytes(self.key).public_key().public_bytes_raw())

    def text(self) -> str:
        return bech32.encode(_IDENTITY, self.key).upper()


def read_recipients(path: Path) -> list[Recipient]:
    """Return the public keys in a file, one a line, ``#`` begins a comment; raises Refused."""
    try:
        found = [Recipient.parse(line) for line in _lines_of(path)]
    except ValueError as error:
        raise Refused("backup.recipients", f"{path} holds a line that is no public key (age1...)") from error
    if not found:
        raise Refused("backup.recipients", f"{path} holds no public key (age1...)")
    return found


def read_identity(path: Path) -> Identity:
    """Return the secret key in a file; raises Refused."""
    try:
        (line,) = _lines_of(path)
        return Identity.parse(line)
    except ValueError as error:
        raise Refused("backup.key_file", f"{path} does not hold one secret key (AGE-SECRET-KEY-1...)") from error


def write_identity(path: Path) -> Identity:
    """Make a new secret key in a new file that only its owner can read; raises Refused when the file is there."""
    identity = Identity.make()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refused("backup.key_file", f"{path} is there already; a key is never overwritten") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"# public key: {identity.recipient}\n{identity.text()}\n")
        file.flush()
        os.fsync(file.fileno())
    return identity


def seal(plain: Path, sealed: Path, recipients: Sequence[Recipient]) -> None:
    """Encrypt a file to everybody in ``recipients``: each of them alone can open it."""
    file_key, nonce = os.urandom(_FILE_KEY_BYTES), os.urandom(_NONCE_BYTES)
    header = _INTRO + b"".join(_stanza(file_key, recipient) for recipient in recipients) + _END.rstrip()
    cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    descriptor = os.open(sealed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with plain.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        target.write(header + b" " + _base64(_header_mac(file_key, header).finalize()) + b"\n" + nonce)
        for number, (chunk, is_last) in enumerate(_chunks(source, _CHUNK)):
            target.write(cipher.encrypt(_chunk_nonce(number, is_last), chunk, None))
        target.flush()
        os.fsync(target.fileno())


def unseal(sealed: Path, plain: Path, identity: Identity) -> None:
    """Decrypt a file; raises Refused for another key's file and for a changed or shortened one."""
    descriptor = os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with sealed.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        try:
            file_key = _read_header(source, identity)
            cipher = ChaCha20Poly1305(_derived(file_key, source.read(_NONCE_BYTES), b"payload"))
            for number, (chunk, is_last) in enumerate(_chunks(source, _CHUNK + _TAG_BYTES)):
                target.write(cipher.decrypt(_chunk_nonce(number, is_last), chunk, None))
        except (InvalidSignature, InvalidTag, ValueError) as error:
            raise Refused("backup.damaged", f"{sealed} was changed or is not whole: take another backup") from error


def _read_header(source: BinaryIO, identity: Identity) -> bytes:
    """Return the file's key; the header is proved to be the one it was made with."""
    if source.read(len(_INTRO)) != _INTRO:
        raise ValueError("not an age file")
    header, file_key = _INTRO, None
    for _ in range(_MOST_HEADER_LINES):
        line = _read_line(source)
        if line.startswith(_END):
            break
        header += line + b"\n"
        if line.startswith(_STANZA):
            body = _read_line(source)
            header += body + b"\n"
            file_key = file_key or _unwrapped(line.removeprefix(_STANZA), body, identity)
    else:
        raise ValueError("no end of the header")
    if file_key is None:
        raise Refused("backup.wrong_key", f"this key ({identity.recipient}) does not open the backup")
    _header_mac(file_key, header + _END.rstrip()).verify(_unbase64(line.removeprefix(_END)))
    return file_key


def _read_line(source: BinaryIO) -> bytes:
    line = source.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise ValueError("a line of the header does not end")
    return line[:-1]


def _stanza(file_key: bytes, recipient: Recipient) -> bytes:
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient.key))
    wrapped = _wrapping(shared, share, recipient).encrypt(_ONE_USE, file_key, None)
    return _STANZA + _base64(share) + b"\n" + _base64(wrapped) + b"\n"


def _unwrapped(share_text: bytes, body: bytes, identity: Identity) -> bytes | None:
    """Return the file's key, None when it was wrapped for somebody else."""
    share, wrapped = _unbase64(share_text), _unbase64(body)
    shared = X25519PrivateKey.from_private_bytes(identity.key).exchange(X25519PublicKey.from_public_bytes(share))
    try:
        return _wrapping(shared, share, identity.recipient).decrypt(_ONE_USE, wrapped, None)
    except InvalidTag:
        return None


def _wrapping(shared: bytes, share: bytes, recipient: Recipient) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(_derived(shared, share + recipient.key, b"age-encryption.org/v1/X25519"))


def _header_mac(file_key: bytes, header: bytes) -> HMAC:
    mac = HMAC(_derived(file_key, b"", b"header"), SHA256())
    mac.update(header)
    return mac


def _derived(key: bytes, salt: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salt, info=use).derive(key)


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Return the pieces of a file and whether each is the last one; an empty file is one empty piece."""
    chunk = source.read(size)
    while following := source.read(size):
        yield chunk, False
        chunk = following
    yield chunk, True


def _chunk_nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if _base64(data) != text:
        raise ValueError("two texts must not stand for the same bytes")
    return data


def _exactly_32(key: bytes) -> bytes:
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key


def _lines_of(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError as error:
        raise Refused("backup.key_file", f"{path} cannot be read ({error.strerror})") from error
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
