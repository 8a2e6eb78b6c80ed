"""How the chip proves that it is no copy: Active Authentication and Chip Authentication (ICAO 9303-11 clause 6)."""

import hashlib
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from drivers.errors import MalformedData
from drivers.icao9303.curves import CurveKey
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.simulated.chip import status
from drivers.simulated.chip.dh import DhKey
from drivers.simulated.chip.keys import PrivateKey, sign
from drivers.simulated.chip.profile import ActiveAuthentication, ChipAuthentication, HashName, SignatureScheme
from drivers.simulated.chip.randomness import Randomness
from drivers.simulated.chip.security_infos import chip_authentication_oid, encoded_oid
from drivers.simulated.chip.status import Refused
from drivers.smartcard import tlv

_CHALLENGE_BYTES: Final = 8
# ISO/IEC 10118-3 identifiers of the hash, before CC; SHA-1 alone may be implied by BC (ISO/IEC 9796-2 clause 8.1).
_TRAILERS: Final[dict[HashName, bytes]] = {
    "sha1": b"\xbc",
    "sha224": b"\x38\xcc",
    "sha256": b"\x34\xcc",
    "sha384": b"\x36\xcc",
    "sha512": b"\x35\xcc",
}


def internal_authenticate(
    challenge: bytes, protocol: ActiveAuthentication, key: PrivateKey, randomness: Randomness
) -> bytes:
    """Return the signature over the reader's 8 random bytes: r || s for ECDSA, one block for RSA."""
    if len(challenge) != _CHALLENGE_BYTES:
        raise Refused(status.WRONG_LENGTH)
    if isinstance(key, rsa.RSAPrivateKey):
        return _recoverable_signature(challenge, protocol.hash_name, key, randomness)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(sign(challenge, key, SignatureScheme(protocol.key, protocol.hash_name)))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _recoverable_signature(
    challenge: bytes, hash_name: HashName, key: rsa.RSAPrivateKey, randomness: Randomness
) -> bytes:
    """Return an ISO/IEC 9796-2 scheme 1 signature: a chip-chosen part is recovered, the challenge is not."""
    numbers = key.private_numbers()
    size = (key.key_size + 7) // 8
    trailer = _TRAILERS[hash_name]
    chosen = randomness.octets(size - 1 - hashlib.new(hash_name).digest_size - len(trailer))
    block = b"\x6a" + chosen + hashlib.new(hash_name, chosen + challenge).digest() + trailer
    return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


class ChipAuthenticator:
    """The chip's end of Chip Authentication; its answer still goes out under the keys of the running session."""

    def __init__(self, protocol: ChipAuthentication, key: CurveKey | DhKey) -> None:
        self._protocol = protocol
        self._key = key
        self._chosen = False

    def set_key_agreement_template(self, data: bytes) -> SecureMessaging:
        """Take MSE:Set KAT with the reader's key (91): one command, for 3DES only. Return the new session."""
        if self._protocol.cipher != "3DES":
            raise Refused(status.WRONG_DATA)
        objects = _parsed(data)
        self._check_key_id(objects)
        return self._agree(objects.get(0x91))

    def set_authentication_template(self, data: bytes) -> None:
        """Take MSE:Set AT with the mechanism (80); the key follows by GENERAL AUTHENTICATE."""
        self._chosen = False
        objects = _parsed(data)
        if objects.get(0x80) != encoded_oid(chip_authentication_oid(self._protocol)):
            raise Refused(status.WRONG_DATA)
        self._check_key_id(objects)
        self._chosen = True

    def general_authenticate(self, data: bytes) -> tuple[bytes, SecureMessaging]:
        """Return the answer and the new session."""
        if not self._chosen:
            raise Refused(status.CONDITIONS_NOT_SATISFIED)
        self._chosen = False
        template = _parsed(data).get(0x7C)
        if template is None:
            raise Refused(status.WRONG_DATA)
        return tlv.encode(0x7C), self._agree(_parsed(template).get(0x80))

    def _check_key_id(self, objects: dict[int, bytes]) -> None:
        named, own = objects.get(0x84), self._protocol.key_id
        # One key may be left unnamed; naming a key that is not there is refused.
        if named is not None and (own is None or int.from_bytes(named, "big") != own):
            raise Refused(status.REFERENCE_NOT_FOUND)

    def _agree(self, public: bytes | None) -> SecureMessaging:
        try:
            secret = self._secret(public or b"")
        except (MalformedData, ValueError) as error:
            raise Refused(status.WRONG_DATA) from error
        cipher = CipherSuite(self._protocol.cipher)
        return SecureMessaging(cipher, *cipher.session_keys(secret))

    def _secret(self, public: bytes) -> bytes:
        if isinstance(self._key, DhKey):
            return self._key.agree(public)
        return self._key.agree(self._key.curve.decode(public))


def _parsed(data: bytes) -> dict[int, bytes]:
    try:
        return {one.tag: one.value for one in tlv.parse(data, "chip authentication data")}
    except MalformedData as error:
        raise Refused(status.WRONG_DATA) from error
