"""Finite-field Diffie-Hellman of the chip, in the standardised groups of ICAO 9303-11 table 7 (RFC 5114)."""

from typing import Final

from asn1crypto import core

from drivers.errors import MalformedData
from drivers.icao9303.dh_groups import DH_GROUPS, DhGroup
from drivers.smartcard import tlv

_NAMES: Final = ("modp-1024-160", "modp-2048-224", "modp-2048-256")


def is_dh_group(name: str) -> bool:
    return name in _NAMES


def dh_group_named(name: str) -> DhGroup:
    """Return the group of ``"modp-<bits of p>-<bits of q>"``; raises ValueError."""
    return DH_GROUPS[_NAMES.index(name)]


class DhKey:
    """A private exponent, 1 .. q - 1."""

    def __init__(self, group: DhGroup, exponent: int) -> None:
        self.group = group
        self._exponent = exponent
        self.public: Final = pow(group.g, exponent, group.p)

    def agree(self, public: bytes) -> bytes:
        """Return the shared secret, as long as the prime. Raises MalformedData for a key outside the subgroup."""
        if not public:
            raise MalformedData("DH public key", "empty")
        group = self.group
        return group.encode(pow(group.decode(public), self._exponent, group.p))


def dh_public_key_info(key: DhKey) -> bytes:
    """Return the SubjectPublicKeyInfo with the algorithm dhKeyAgreement (PKCS #3 clause 9)."""
    parameters = tlv.encode(0x30, core.Integer(key.group.p).dump(), core.Integer(key.group.g).dump())
    algorithm = tlv.encode(0x30, core.ObjectIdentifier("1.2.840.113549.1.3.1").dump(), parameters)
    return tlv.encode(0x30, algorithm, tlv.encode(0x03, b"\x00", core.Integer(key.public).dump()))
