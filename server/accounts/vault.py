"""Keeps secrets sealed in the database; the key lies beside it in a file only we can read.

The second factors' secrets, and what kiosks hand over to the desk.
"""

import hashlib
import hmac
import os
from functools import cached_property
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.audit import read_or_make_key

KEY_FILE: Final = "accounts.key"
_NONCE_BYTES: Final = 12


class Vault:
    """AES-256-GCM, bound to the row: a sealed secret moved to another row does not open. One key for each use."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    @cached_property
    def _key(self) -> bytes:
        return read_or_make_key(self._data_dir, KEY_FILE)

    def _derived(self, use: bytes) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=use).derive(self._key)

    def seal(self, row: UUID, secret: bytes, *, use: bytes = b"second factor") -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._derived(use)).encrypt(nonce, secret, row.bytes)

    def unseal(self, row: UUID, sealed: bytes, *, use: bytes = b"second factor") -> bytes:
        """Return the secret; raises cryptography's InvalidTag when row, use or key is not what it was sealed with."""
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(self._derived(use)).decrypt(nonce, text, row.bytes)

    def code_hash(self, user_id: UUID, code: str) -> bytes:
        """Return what is kept of a recovery code: without the key nobody can try all of them against it."""
        return hmac.new(self._derived(b"recovery code"), user_id.bytes + code.encode(), hashlib.sha256).digest()
