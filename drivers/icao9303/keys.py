"""Symmetric keys of ICAO 9303-11: derivation (9.7), session ciphers and their message authentication (9.8.6).

3DES keys are two single DES keys (16 bytes) with adjusted parity. No padding here is secret-dependent: everything
authenticated is compared in constant time by the caller through ``hmac.compare_digest``.
"""

import hashlib
from enum import Enum
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC

MAC_LENGTH: Final = 8

ENCRYPTION_COUNTER: Final = 1
MAC_COUNTER: Final = 2
PASSWORD_COUNTER: Final = 3


class CipherSuite(Enum):
    """A block cipher with its MAC as ICAO 9303-11 pairs them; the value is the name used in reports."""

    TRIPLE_DES = "3DES"
    AES_128 = "AES-128"
    AES_192 = "AES-192"
    AES_256 = "AES-256"

    @property
    def key_length(self) -> int:
        return {"3DES": 16, "AES-128": 16, "AES-192": 24, "AES-256": 32}[self.value]

    @property
    def block_size(self) -> int:
        return 8 if self is CipherSuite.TRIPLE_DES else 16

    def derive_key(self, secret: bytes, counter: int) -> bytes:
        """Return the key derived from ``secret`` (9.7.1): SHA-1 for 3DES and AES-128, SHA-256 for the longer ones."""
        hash_name = "sha1" if self.key_length == 16 else "sha256"
        # The standard fixes SHA-1 here; it derives keys and carries no signature.
        digest = hashlib.new(hash_name, secret + counter.to_bytes(4, "big"), usedforsecurity=False).digest()
        key = digest[: self.key_length]
        return with_des_parity(key) if self is CipherSuite.TRIPLE_DES else key

    def session_keys(self, secret: bytes) -> tuple[bytes, bytes]:
        """Return (KSenc, KSmac) of a shared secret."""
        return self.derive_key(secret, ENCRYPTION_COUNTER), self.derive_key(secret, MAC_COUNTER)

    def encrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        """Return ``data`` (whole blocks) in CBC mode; without ``iv`` it is zero."""
        return _run(self._cbc(key, iv).encryptor(), data)

    def decrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        """Return the plain text of whole blocks in CBC mode; without ``iv`` it is zero."""
        return _run(self._cbc(key, iv).decryptor(), data)

    def encrypt_block(self, key: bytes, block: bytes) -> bytes:
        """Return one block in ECB mode (the IV of AES secure messaging, 9.8.6.2)."""
        return _run(Cipher(_algorithm(self, key), ECB()).encryptor(), block)  # noqa: S305 - one block, as specified

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return the 8-byte MAC of ``data``: retail MAC over the padded data for 3DES, truncated CMAC for AES."""
        if self is CipherSuite.TRIPLE_DES:
            return retail_mac(key, pad(data, 8))
        mac = CMAC(AES(key))
        mac.update(data)
        return mac.finalize()[:MAC_LENGTH]

    def _cbc(self, key: bytes, iv: bytes | None) -> Cipher[CBC]:
        return Cipher(_algorithm(self, key), CBC(iv or bytes(self.block_size)))


def pad(data: bytes, block_size: int) -> bytes:
    """Return ``data`` with 80 00.. up to a whole block (ISO/IEC 9797-1 padding method 2); one byte at least."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block_size)


def unpad(data: bytes) -> bytes:
    """Return ``data`` without its 80 00.. padding; raises ValueError when there is none."""
    bare = data.rstrip(b"\x00")
    if not bare.endswith(b"\x80"):
        raise ValueError("no padding")
    return bare[:-1]


def with_des_parity(key: bytes) -> bytes:
    """Return ``key`` with the lowest bit of every byte set so that its number of ones is odd."""
    return bytes((byte & 0xFE) | (((byte >> 1).bit_count() + 1) & 1) for byte in key)


def retail_mac(key: bytes, padded: bytes) -> bytes:
    """Return the ISO/IEC 9797-1 MAC algorithm 3 of whole blocks: DES-CBC with the first key, then D(K2), E(K1).

    The last block's E(K1) D(K2) E(K1) is one triple DES, so two cipher contexts do instead of three.
    """
    first = key[:8]
    head, last = padded[:-8], padded[-8:]
    chained = _run(Cipher(TripleDES(first * 3), CBC(bytes(8))).encryptor(), head)[-8:] if head else bytes(8)
    return _run(Cipher(TripleDES(key[:16] + first), CBC(chained)).encryptor(), last)


def mrz_information(document_number: str, born_on: str, expires_on: str) -> bytes:
    """Return the MRZ information of 9.7.2: number (padded to 9 with ``<``), YYMMDD, YYMMDD, each with check digit."""
    fields = (document_number.ljust(9, "<"), born_on, expires_on)
    return "".join(field + check_digit(field) for field in fields).encode("ascii")


def check_digit(text: str) -> str:
    """Return the MRZ check digit of ``text`` (ICAO 9303-3 clause 4.9): weights 7 3 1, letters 10..35, ``<`` 0."""
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10)


def mrz_secret(information: bytes) -> bytes:
    """Return SHA-1 of the MRZ information, 20 bytes: the secret of PACE with MRZ; its first 16 are Kseed of BAC."""
    return hashlib.sha1(information, usedforsecurity=False).digest()  # fixed by the standard, no signature


def _algorithm(suite: CipherSuite, key: bytes) -> TripleDES | AES:
    if len(key) != suite.key_length:
        raise ValueError(f"a key of {suite.value} has {suite.key_length} bytes")
    # 16-byte keys of TripleDES are deprecated in the library: K1 K2 K1 written out is the same cipher.
    return TripleDES(key + key[:8]) if suite is CipherSuite.TRIPLE_DES else AES(key)


def _run(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()
