"""SecurityInfos: what a chip says of its protocols in EF.CardAccess, EF.CardSecurity and EF.DG14.

Source: ICAO 9303-11 clause 9.2 (structures), 9.1 (object identifiers of 9.2.1 to 9.2.8), BSI TR-03110-3 A.1.
"""

from collections.abc import Sequence
from typing import Final

from asn1crypto import core

from drivers.simulated.chip.dh import dh_group_named, is_dh_group
from drivers.simulated.chip.keys import curve_named
from drivers.simulated.chip.profile import ActiveAuthentication, ChipAuthentication, Cipher, HashName, PaceSuite
from drivers.smartcard import tlv

_BSI: Final = "0.4.0.127.0.7"
_CIPHER_ARC: Final[dict[Cipher, int]] = {"3DES": 1, "AES-128": 2, "AES-192": 3, "AES-256": 4}
_PLAIN_ECDSA: Final[dict[HashName, str]] = {
    "sha1": f"{_BSI}.1.1.4.1.1",
    "sha224": f"{_BSI}.1.1.4.1.2",
    "sha256": f"{_BSI}.1.1.4.1.3",
    "sha384": f"{_BSI}.1.1.4.1.4",
    "sha512": f"{_BSI}.1.1.4.1.5",
}


def encoded_oid(dotted: str) -> bytes:
    """Return the content bytes of an OBJECT IDENTIFIER, without tag and length."""
    return bytes(core.ObjectIdentifier(dotted).contents)


def pace_oid(suite: PaceSuite) -> str:
    variant = 6 if suite.mapping == "CAM" else 1 if is_dh_group(suite.group) else 2
    return f"{_BSI}.2.2.4.{variant}.{_CIPHER_ARC[suite.cipher]}"


def chip_authentication_oid(protocol: ChipAuthentication) -> str:
    return f"{_BSI}.2.2.3.{1 if is_dh_group(protocol.group) else 2}.{_CIPHER_ARC[protocol.cipher]}"


def parameter_id(suite: PaceSuite) -> int:
    group = dh_group_named(suite.group) if is_dh_group(suite.group) else curve_named(suite.group)
    return group.parameter_id


def pace_info(suite: PaceSuite) -> bytes:
    return _info(pace_oid(suite), _integer(2), _integer(parameter_id(suite)))


def chip_authentication_infos(protocol: ChipAuthentication, public_key_info: bytes) -> tuple[bytes, bytes]:
    """Return ChipAuthenticationInfo and ChipAuthenticationPublicKeyInfo."""
    key_id = () if protocol.key_id is None else (_integer(protocol.key_id),)
    key_oid = f"{_BSI}.2.2.1.{1 if is_dh_group(protocol.group) else 2}"
    return (
        _info(chip_authentication_oid(protocol), _integer(1), *key_id),
        _info(key_oid, public_key_info, *key_id),
    )


def active_authentication_info(protocol: ActiveAuthentication) -> bytes:
    """Return ActiveAuthenticationInfo, which names the hash of ECDSA."""
    return _info("2.23.136.1.1.5", _integer(1), _oid(_PLAIN_ECDSA[protocol.hash_name]))


def security_infos(infos: Sequence[bytes]) -> bytes:
    """Return the SET OF in DER order."""
    return tlv.encode(0x31, *sorted(infos))


def _info(protocol: str, *members: bytes) -> bytes:
    return tlv.encode(0x30, _oid(protocol), *members)


def _oid(dotted: str) -> bytes:
    return tlv.encode(0x06, encoded_oid(dotted))


def _integer(value: int) -> bytes:
    return tlv.encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))
