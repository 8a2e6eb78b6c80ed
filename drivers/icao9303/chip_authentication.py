"""Chip authentication (ICAO 9303-11 clause 6.2): key agreement with the chip's static key, then new session keys.

A copy cannot follow into the new session: whether it holds shows at the first command under the new keys.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from drivers.errors import MalformedData, StatusWordError
from drivers.icao9303 import der
from drivers.icao9303.chip import Chip
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.icao9303.security_infos import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKey,
    SecurityInfos,
    chip_authentication_protocol,
)
from drivers.icao9303.signatures import EcKey, UnsupportedAlgorithm, parse_algorithm, parse_public_key
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CommandApdu
from drivers.smartcard.capabilities import card_capabilities

_WHAT: Final = "chip authentication key"
_DH_ALGORITHMS: Final = ("1.2.840.113549.1.3.1", "1.2.840.10046.2.1")
_DH_BITS: Final = range(1024, 4097)
_DH_EXPONENT_BITS: Final = 512


class NeedsExtendedLength(Exception):
    """The public key does not fit a protected short command, and the chip takes neither pieces nor longer ones."""


@dataclass(frozen=True, slots=True)
class ChipAuthenticationChoice:
    info: ChipAuthenticationInfo
    key: ChipAuthenticationPublicKey


def choose_chip_authentication(infos: SecurityInfos) -> ChipAuthenticationChoice | None:
    """Return a key with the protocol that goes with it, elliptic curves and AES first; None when there is no key."""
    pairs = [
        ChipAuthenticationChoice(info, key)
        for key in infos.chip_authentication_keys
        for info in infos.chip_authentication or (_default_info(key),)
        if info.agreement == key.agreement and info.key_id in (None, key.key_id)
    ]
    return min(
        pairs,
        key=lambda pair: (pair.info.agreement != "ECDH", pair.info.suite is CipherSuite.TRIPLE_DES),
        default=None,
    )


def _default_info(key: ChipAuthenticationPublicKey) -> ChipAuthenticationInfo:
    """A chip with a key and no protocol speaks 3DES (ICAO 9303-11, 9.2.6)."""
    suite = CipherSuite.TRIPLE_DES
    protocol = chip_authentication_protocol(key.agreement, suite)
    return ChipAuthenticationInfo(protocol, 1, key.key_id, key.agreement, suite)


def authenticate_chip(
    chip: Chip, choice: ChipAuthenticationChoice, *, extended: bool, long_keys: bool
) -> SecureMessaging:
    """Return the session under the new keys, for the caller to take over and to try with one command.

    ``extended``: the chip has shown that it takes extended length. ``long_keys``: it says that it does, at least for
    keys. Raises StatusWordError when the chip refuses, UnsupportedAlgorithm, MalformedData, NeedsExtendedLength.
    """
    public, secret = _agree(choice.key)
    key_id = choice.key.key_id
    reference = b"" if key_id is None else tlv.encode(0x84, key_id.to_bytes(2 if key_id > 0xFF else 1, "big"))
    in_one_command = choice.info.suite is CipherSuite.TRIPLE_DES
    if in_one_command:
        name, carrier = "MSE:Set KAT", CommandApdu(0, 0x22, 0x41, 0xA6, tlv.encode(0x91, public) + reference)
    else:
        template = tlv.encode(0x7C, tlv.encode(0x80, public))
        name, carrier = "GENERAL AUTHENTICATE", CommandApdu(0, 0x86, 0, 0, template, le=256)
    assert chip.session
    piece = chip.session.short_data_max
    is_long = len(carrier.data) > piece
    # A chip that does not keep its word refuses a piece inside the session, and breaks off at an extended command.
    in_pieces = is_long and not extended and card_capabilities(chip.connection.atr).command_chaining
    if is_long and not in_pieces and not long_keys:
        raise NeedsExtendedLength
    if not in_one_command:
        protocol = tlv.encode(0x80, der.encode_object_identifier(choice.info.protocol)[2:])
        chip.send("MSE:Set AT", CommandApdu(0, 0x22, 0x41, 0xA4, protocol + reference))
    if in_pieces:
        chip.send_chained(name, carrier, piece)
    else:
        chip.send(name, carrier)
    return SecureMessaging(choice.info.suite, *choice.info.suite.session_keys(secret))


def refuses_chip_authentication(error: StatusWordError) -> bool:
    """Whether the chip said that it will not, as against a link that broke."""
    return error.sw >> 8 in (0x63, 0x67, 0x68, 0x69, 0x6A, 0x6D, 0x6E)  # 68, 6E: pieces it promised and does not take


def _agree(key: ChipAuthenticationPublicKey) -> tuple[bytes, bytes]:
    """Return our ephemeral public key and the shared secret."""
    if key.agreement == "DH":
        return _agree_dh(key.key_info)
    public = parse_public_key(key.key_info)
    if not isinstance(public, EcKey):
        raise MalformedData(_WHAT, "no elliptic curve key")
    own = public.curve.key()
    return public.curve.encode(own.public), own.agree(public.point)


def _agree_dh(key_info: tlv.Tlv) -> tuple[bytes, bytes]:
    algorithm_object, key_object = der.sequence(key_info, _WHAT, at_least=2)[:2]
    algorithm = parse_algorithm(algorithm_object, _WHAT)
    if algorithm.oid not in _DH_ALGORITHMS or algorithm.parameters is None:
        raise UnsupportedAlgorithm(algorithm.oid)
    p, g = (der.integer(one, _WHAT) for one in der.sequence(algorithm.parameters, _WHAT, at_least=2)[:2])
    theirs = der.integer(tlv.parse_one(der.bit_string(key_object, _WHAT), _WHAT), _WHAT)
    if p.bit_length() not in _DH_BITS or not p & 1:
        raise UnsupportedAlgorithm("a modular group of unusual size")
    if not (1 < g < p - 1 and 1 < theirs < p - 1):
        raise MalformedData(_WHAT, "numbers outside the group")
    size = (p.bit_length() + 7) // 8
    own = secrets.randbits(_DH_EXPONENT_BITS) | 1 << (_DH_EXPONENT_BITS - 1)
    return pow(g, own, p).to_bytes(size, "big"), pow(theirs, own, p).to_bytes(size, "big")
