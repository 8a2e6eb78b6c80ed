"""Personal data in the journal are sealed: a stolen disk without its key tells nothing.

AES-256-GCM with a random 96-bit nonce before each ciphertext. The place a box stands in is authenticated with it, so a
row cannot be moved under another key.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.journal.errors import JournalUnusable

KEY_VARIABLE: Final = "TIEPDON_JOURNAL_KEY"
KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class Seal:
    """Closes and opens boxes with one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise JournalUnusable(f"the journal's key must have {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)

    def close(self, content: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, box: bytes, place: str) -> bytes:
        """Return what was closed at ``place``; raises JournalUnusable for another key, place or content."""
        try:
            return self._cipher.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], place.encode())
        except InvalidTag as error:
            raise JournalUnusable(f"the sealed row {place} does not open with this key") from error


def load_key(path: Path, *, environment: Mapping[str, str], may_create: bool) -> bytes:
    """Return the key from the environment (base64) or from ``path``, made there on the first start.

    ``may_create`` is False once a journal exists: a new key would make its rows unreadable for ever, silently.
    """
    if text := environment.get(KEY_VARIABLE):
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise JournalUnusable(f"{KEY_VARIABLE} is not base64") from error
    try:
        _refuse_if_readable_by_others(path)
        return path.read_bytes()
    except FileNotFoundError:
        if not may_create:
            raise JournalUnusable(f"the journal is there and its key {path} is not; put the key back") from None
    key = os.urandom(KEY_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    _sync_directory(path.parent)
    return key


def _refuse_if_readable_by_others(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise JournalUnusable(f"{path} may be read by others (mode {mode:03o}); chmod 600 it")


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
