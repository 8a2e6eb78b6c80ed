"""A security key without a body: it answers what a page asks with real bytes and signatures."""

import hashlib
import json
import struct
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode

PRESENT: Final = 0x01
VERIFIED: Final = 0x04
_ATTESTED: Final = 0x40


class Authenticator:
    """It counts its signatures, keeps one credential, and knows its person by a PIN unless ``has_pin`` is False."""

    def __init__(self, origin: str, *, has_pin: bool = True, counts: bool = True) -> None:
        self.origin, self.counts = origin, counts
        self.flags = PRESENT | (VERIFIED if has_pin else 0)
        self.counter = 0
        self.credential_id = uuid4().bytes
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: Mapping[str, Any], **differently: Any) -> str:
        """Return what the page sends after ``navigator.credentials.create``."""
        asked = options["publicKey"]
        point = self._key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}  # RFC 9053, 7.1
        length = struct.pack(">H", len(self.credential_id))
        data = self._data(asked["rp"]["id"], _ATTESTED) + bytes(16) + length + self.credential_id + cbor.encode(public)
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", asked["challenge"], **differently),
            attestationObject=cbor.encode({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def get(self, options: Mapping[str, Any], **differently: Any) -> str:
        """Return what the page sends after ``navigator.credentials.get``."""
        asked = options["publicKey"]
        assert self.credential_id in {websafe_decode(one["id"]) for one in asked["allowCredentials"]}
        client_data = self._client_data("webauthn.get", asked["challenge"], **differently)
        data = self._data(asked["rpId"])
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def _data(self, rp_id: str, more_flags: int = 0) -> bytes:
        self.counter += self.counts
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", self.flags | more_flags, self.counter)

    def _client_data(self, kind: str, challenge: str, **differently: Any) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **differently}
        return json.dumps(said).encode()

    def _answer(self, **response: bytes) -> str:
        texts = {name: websafe_encode(value) for name, value in response.items()}
        return json.dumps({"id": websafe_encode(self.credential_id), "type": "public-key", "response": texts})
