"""Password authenticated connection establishment (ICAO 9303-11 clause 4.4) with the generic mapping.

Chip authentication mapping runs as the generic mapping does. The chip's extra proof is kept for
``verify_chip_mapping``: the static key it rests on is believed only once passive authentication has covered it.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from drivers.errors import MalformedData, ProtocolViolation, StatusWordError
from drivers.icao9303 import der
from drivers.icao9303.bac import refuses_password
from drivers.icao9303.chip import Chip
from drivers.icao9303.curves import Curve, Point, curve_by_parameter_id
from drivers.icao9303.dh_groups import DH_GROUPS, DhGroup
from drivers.icao9303.keys import PASSWORD_COUNTER, CipherSuite, unpad
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.icao9303.security_infos import PaceInfo
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CLA_CHAINED, EXTENDED_LE_MAX, SHORT_LE_MAX, SW_OK, CommandApdu

_WHAT = "PACE"
_DYNAMIC_DATA = 0x7C
_PUBLIC_KEY = 0x7F49
SET_TEMPLATE: Final = "MSE:Set AT"
"""Command of a StatusWordError that refuses the protocol before any password is used."""

_SHORT_DH_BYTES = 128
"""Length of a public key that a short command carries with its templates around it."""

Random = Callable[[int], int]
"""Returns an integer of 1..n-1 for a group order n."""


class PasswordKind(IntEnum):
    """Reference of the password in MSE:Set AT (ICAO 9303-11, 4.4.4.1)."""

    MRZ = 1
    CAN = 2


@dataclass(frozen=True, slots=True)
class PacePassword:
    """``secret``: SHA-1 of the MRZ information (20 bytes), or the CAN's characters."""

    kind: PasswordKind
    secret: bytes


@dataclass(frozen=True, slots=True)
class ChipMapping:
    """The extra proof of chip authentication mapping: ``proof``·(static key) must be ``map_public``."""

    curve: Curve
    map_public: Point
    proof: int


@dataclass(frozen=True, slots=True)
class PaceSession:
    session: SecureMessaging
    chip_mapping: ChipMapping | None


def random_scalar(order: int) -> int:
    return secrets.randbelow(order - 1) + 1


def is_supported(info: PaceInfo, *, extended: bool) -> bool:
    """Whether this reader speaks ``info``: ECDH with GM or CAM on a standard curve, DH with GM.

    Keys of the groups of 2048 bits need ``extended`` length, which their chips have to have for it (ICAO 9303-10,
    3.6.4). Command chaining is no way round it: here the bit links the steps of the protocol (ICAO 9303-11, 4.4.4.3),
    and a chip that knows it so would take a piece of a step for the whole.
    """
    without_aes = info.mapping == "CAM" and info.suite is CipherSuite.TRIPLE_DES  # the standard knows no such pair
    if info.mapping == "IM" or info.parameter_id is None or without_aes:
        return False
    if info.agreement == "ECDH":
        return info.parameter_id in range(8, 19)
    return info.parameter_id < len(DH_GROUPS) and (extended or DH_GROUPS[info.parameter_id].size <= _SHORT_DH_BYTES)


def usable_pace(infos: tuple[PaceInfo, ...], *, extended: bool) -> tuple[PaceInfo, ...]:
    """Return the ways to take, best first: those that prove the chip on the way, then elliptic curves, then AES."""
    return tuple(
        sorted(
            (info for info in infos if is_supported(info, extended=extended)),
            key=lambda info: (info.mapping != "CAM", info.agreement != "ECDH", info.suite is CipherSuite.TRIPLE_DES),
        )
    )


def open_pace(chip: Chip, info: PaceInfo, password: PacePassword, random: Random = random_scalar) -> PaceSession | None:
    """Return the session that ``password`` opens, None when the chip refuses it (seen at the last step only).

    Raises StatusWordError where the chip refuses the protocol, ProtocolViolation when it breaks it, MalformedData
    for answers of another form.
    """
    agreement: _Agreement = _Ecdh(info, random) if info.agreement == "ECDH" else _Dh(info, random)
    _set_authentication_template(chip, info, password)
    nonce = _decrypt_nonce(info, password, _general_authenticate(chip, b"", 0x80))
    chip_map = _general_authenticate(chip, tlv.encode(0x81, agreement.map_public()), 0x82)
    agreement.map(nonce, chip_map)
    own_public = agreement.public()
    chip_public = _general_authenticate(chip, tlv.encode(0x83, own_public), 0x84)
    if chip_public == own_public:
        raise ProtocolViolation("the chip sends our own key back")
    encryption, mac = info.suite.session_keys(agreement.agree(chip_public))
    token = info.suite.mac(mac, token_input(info, chip_public))
    template, sw = _exchange_token(chip, token)
    if refuses_password(sw):
        return None
    if sw != SW_OK:
        raise StatusWordError("GENERAL AUTHENTICATE", sw)
    objects = tlv.parse_one(template, _WHAT, _DYNAMIC_DATA).children(_WHAT)
    expected = info.suite.mac(mac, token_input(info, own_public))
    if not hmac.compare_digest(tlv.get(objects, 0x86, _WHAT).value, expected):
        raise ProtocolViolation("the chip does not prove that it knows the password")
    mapping = _open_chip_mapping(info, agreement, encryption, objects) if info.mapping == "CAM" else None
    return PaceSession(SecureMessaging(info.suite, encryption, mac), mapping)


def verify_chip_mapping(mapping: ChipMapping, static_key: Point) -> bool:
    """Whether the holder of ``static_key`` made the mapping (9303-11, 4.4.3.5): the chip is no copy."""
    return mapping.curve.key(mapping.proof).multiply(static_key) == mapping.map_public


def token_input(info: PaceInfo, public_key: bytes) -> bytes:
    """Return what an authentication token authenticates: the other side's ephemeral public key (4.4.3.4)."""
    tag = 0x86 if info.agreement == "ECDH" else 0x84
    return tlv.encode(_PUBLIC_KEY, der.encode_object_identifier(info.protocol), tlv.encode(tag, public_key))


def _set_authentication_template(chip: Chip, info: PaceInfo, password: PacePassword) -> None:
    protocol = tlv.encode(0x80, der.encode_object_identifier(info.protocol)[2:])
    base = protocol + tlv.encode(0x83, bytes([password.kind]))
    assert info.parameter_id is not None
    full = base + tlv.encode(0x84, bytes([info.parameter_id]))
    _, sw = chip.exchange(CommandApdu(0, 0x22, 0xC1, 0xA4, full))
    if sw in (0x6A80, 0x6A88):  # the parameter id is needed only where it is ambiguous; some chips want it left out
        _, sw = chip.exchange(CommandApdu(0, 0x22, 0xC1, 0xA4, base))
    # 63Cx tells how many tries are left; the password at hand is still worth its one try.
    if sw != SW_OK and sw >> 4 != 0x63C:
        raise StatusWordError(SET_TEMPLATE, sw)


def _decrypt_nonce(info: PaceInfo, password: PacePassword, encrypted: bytes) -> int:
    if not 16 <= len(encrypted) <= 64 or len(encrypted) % info.suite.block_size:
        raise MalformedData(_WHAT, "a nonce of no possible length")
    key = info.suite.derive_key(password.secret, PASSWORD_COUNTER)
    return int.from_bytes(info.suite.decrypt(key, encrypted), "big")


def _general_authenticate(chip: Chip, content: bytes, answer_tag: int) -> bytes:
    data = tlv.encode(_DYNAMIC_DATA, content)
    # The answer is about as long as the command: 256 bytes are too few for a group of 2048 bits.
    le = SHORT_LE_MAX if len(data) < SHORT_LE_MAX else EXTENDED_LE_MAX
    command = CommandApdu(CLA_CHAINED, 0x86, 0, 0, data, le=le)
    template = chip.send("GENERAL AUTHENTICATE", command)
    objects = tlv.parse_one(template, _WHAT, _DYNAMIC_DATA).children(_WHAT)
    return tlv.get(objects, answer_tag, _WHAT).value


def _exchange_token(chip: Chip, token: bytes) -> tuple[bytes, int]:
    content = tlv.encode(_DYNAMIC_DATA, tlv.encode(0x85, token))
    return chip.exchange(CommandApdu(0, 0x86, 0, 0, content, le=256))


def _open_chip_mapping(
    info: PaceInfo, agreement: "_Agreement", encryption: bytes, objects: tuple[tlv.Tlv, ...]
) -> ChipMapping:
    cryptogram = tlv.get(objects, 0x8A, _WHAT).value
    if not isinstance(agreement, _Ecdh) or not cryptogram or len(cryptogram) % 16:
        raise MalformedData(_WHAT, "chip authentication data of no possible form")
    iv = info.suite.encrypt_block(encryption, b"\xff" * 16)
    try:
        proof = int.from_bytes(unpad(info.suite.decrypt(encryption, cryptogram, iv)), "big")
    except ValueError as error:
        raise ProtocolViolation("chip authentication data that cannot be opened") from error
    curve = agreement.curve
    if not 1 <= proof < curve.n:
        raise ProtocolViolation("chip authentication data out of range")
    return ChipMapping(curve, agreement.chip_map_public, proof)


class _Agreement(Protocol):
    def map_public(self) -> bytes: ...
    def map(self, nonce: int, chip_map_public: bytes) -> None: ...
    def public(self) -> bytes: ...
    def agree(self, chip_public: bytes) -> bytes: ...


class _Ecdh:
    def __init__(self, info: PaceInfo, random: Random) -> None:
        assert info.parameter_id is not None
        self.curve = curve_by_parameter_id(info.parameter_id)
        self.chip_map_public: Point = self.curve.g
        self._random = random
        self._map_key = self.curve.key(random(self.curve.n))
        self._key = self._map_key

    def map_public(self) -> bytes:
        return self.curve.encode(self._map_key.public)

    def map(self, nonce: int, chip_map_public: bytes) -> None:
        self.chip_map_public = self.curve.decode(chip_map_public)
        try:
            shared = self._map_key.multiply(self.chip_map_public)
            self._generator = self.curve.map_generator(nonce, shared)
        except ValueError as error:
            raise ProtocolViolation("the mapping leads to infinity") from error

    def public(self) -> bytes:
        self._key = self.curve.key(self._random(self.curve.n))
        return self.curve.encode(self._key.multiply(self._generator))

    def agree(self, chip_public: bytes) -> bytes:
        return self._key.agree(self.curve.decode(chip_public))


class _Dh:
    def __init__(self, info: PaceInfo, random: Random) -> None:
        assert info.parameter_id is not None
        self.group: DhGroup = DH_GROUPS[info.parameter_id]
        self._random = random
        self._map_key = random(self.group.q)
        self._generator = self.group.g
        self._key = 0

    def map_public(self) -> bytes:
        return self.group.encode(pow(self.group.g, self._map_key, self.group.p))

    def map(self, nonce: int, chip_map_public: bytes) -> None:
        shared = pow(self.group.decode(chip_map_public), self._map_key, self.group.p)
        self._generator = pow(self.group.g, nonce, self.group.p) * shared % self.group.p
        if self._generator == 1:
            raise ProtocolViolation("the mapping leads to the neutral element")

    def public(self) -> bytes:
        self._key = self._random(self.group.q)
        return self.group.encode(pow(self._generator, self._key, self.group.p))

    def agree(self, chip_public: bytes) -> bytes:
        return self.group.encode(pow(self.group.decode(chip_public), self._key, self.group.p))
