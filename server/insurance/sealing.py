"""Keeping the gateway's answers as they came: evidence for the fund, with a patient's history in it, so encrypted."""

import os
import zlib
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.audit import read_or_make_key

KEY_FILE: Final = "insurance.key"
_NONCE_BYTES: Final = 12
_LONGEST: Final = 4 * 1024 * 1024


class Seal:
    """AES-256-GCM under one key of the data directory; an answer opens for its own check only."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def of(cls, data_dir: Path) -> "Seal":
        """Return the seal of an installation; makes its key at the first call."""
        return cls(read_or_make_key(data_dir, KEY_FILE))

    def close(self, check_id: UUID, answer: bytes) -> bytes:
        """Return an answer encrypted for the database."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, zlib.compress(answer), check_id.bytes)

    def open(self, check_id: UUID, sealed: bytes) -> bytes:
        """Return the answer as it came; raises cryptography's InvalidTag for another key, check or content."""
        compressed = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], check_id.bytes)
        return zlib.decompressobj().decompress(compressed, _LONGEST)
