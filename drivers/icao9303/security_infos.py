"""SecurityInfos: which protocols a chip speaks (EF.CardAccess, EF.DG14; ICAO 9303-11 clauses 9.2 and 9.3)."""

from dataclasses import dataclass
from typing import Final, Literal

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.keys import CipherSuite
from drivers.smartcard import tlv

_BSI: Final = "0.4.0.127.0.7.2.2"
CHIP_AUTHENTICATION_KEY_DH: Final = f"{_BSI}.1.1"
CHIP_AUTHENTICATION_KEY_ECDH: Final = f"{_BSI}.1.2"
ACTIVE_AUTHENTICATION: Final = "2.23.136.1.1.5"

_SUITES: Final = dict(enumerate(CipherSuite, start=1))

Agreement = Literal["DH", "ECDH"]
Mapping = Literal["GM", "IM", "CAM"]

_PACE_MAPPINGS: Final[dict[int, tuple[Agreement, Mapping]]] = {
    1: ("DH", "GM"),
    2: ("ECDH", "GM"),
    3: ("DH", "IM"),
    4: ("ECDH", "IM"),
    6: ("ECDH", "CAM"),
}


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """One way of PACE. ``parameter_id`` names standardized domain parameters; None means the chip's own."""

    protocol: str
    parameter_id: int | None
    agreement: Agreement
    mapping: Mapping
    suite: CipherSuite


@dataclass(frozen=True, slots=True)
class ChipAuthenticationInfo:
    protocol: str
    version: int
    key_id: int | None
    agreement: Agreement
    suite: CipherSuite


@dataclass(frozen=True, slots=True)
class ChipAuthenticationPublicKey:
    """``key_info`` is the SubjectPublicKeyInfo as it came."""

    agreement: Agreement
    key_info: tlv.Tlv
    key_id: int | None


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationInfo:
    """``signature_algorithm`` is the ecdsa-plain OID (BSI TR-03111) that names the hash."""

    signature_algorithm: str


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    """What was understood of a SET OF SecurityInfo, in its order; unknown ones are passed over."""

    pace: tuple[PaceInfo, ...] = ()
    chip_authentication: tuple[ChipAuthenticationInfo, ...] = ()
    chip_authentication_keys: tuple[ChipAuthenticationPublicKey, ...] = ()
    active_authentication: ActiveAuthenticationInfo | None = None


def parse_security_infos(data: bytes, what: str) -> SecurityInfos:
    """Return the SecurityInfos in a DER SET (bytes behind it are a file's padding). Raises MalformedData."""
    pace: list[PaceInfo] = []
    protocols: list[ChipAuthenticationInfo] = []
    keys: list[ChipAuthenticationPublicKey] = []
    active: ActiveAuthenticationInfo | None = None
    for one in tlv.parse_first(data, what, der.SET).children(what):
        protocol_object, required, *optional = der.sequence(one, what, at_least=2)
        protocol = der.object_identifier(protocol_object, what)
        parsed = _parse_info(protocol, required, optional[0] if optional else None, what)
        match parsed:
            case PaceInfo():
                pace.append(parsed)
            case ChipAuthenticationInfo():
                protocols.append(parsed)
            case ChipAuthenticationPublicKey():
                keys.append(parsed)
            case ActiveAuthenticationInfo():
                active = parsed
    return SecurityInfos(tuple(pace), tuple(protocols), tuple(keys), active)


_Info = PaceInfo | ChipAuthenticationInfo | ChipAuthenticationPublicKey | ActiveAuthenticationInfo


def _parse_info(protocol: str, required: tlv.Tlv, optional: tlv.Tlv | None, what: str) -> _Info | None:
    if protocol in (CHIP_AUTHENTICATION_KEY_DH, CHIP_AUTHENTICATION_KEY_ECDH):
        agreement: Agreement = "DH" if protocol == CHIP_AUTHENTICATION_KEY_DH else "ECDH"
        return ChipAuthenticationPublicKey(agreement, required, _optional_integer(optional, what))
    if protocol == ACTIVE_AUTHENTICATION and optional is not None:
        return ActiveAuthenticationInfo(der.object_identifier(optional, what))
    if not protocol.startswith(f"{_BSI}."):
        return None
    arcs = [int(arc) for arc in protocol.removeprefix(f"{_BSI}.").split(".")]
    if len(arcs) != 3 or arcs[2] not in _SUITES:
        return None  # terminal authentication, explicit domain parameters, and what may come
    family, variant, suite = arcs[0], arcs[1], _SUITES[arcs[2]]
    if family == 4 and variant in _PACE_MAPPINGS:
        if der.integer(required, what) != 2:
            return None  # version 1 never left the drawing board
        return PaceInfo(protocol, _optional_integer(optional, what), *_PACE_MAPPINGS[variant], suite)
    if family == 3 and variant in (1, 2):
        version, key_id = der.integer(required, what), _optional_integer(optional, what)
        return ChipAuthenticationInfo(protocol, version, key_id, "DH" if variant == 1 else "ECDH", suite)
    return None


def _optional_integer(one: tlv.Tlv | None, what: str) -> int | None:
    if one is None:
        return None
    value = der.integer(one, what)
    if value > 0xFFFF:
        raise MalformedData(what, "an identifier of more than two bytes")
    return value


def pace_info(agreement: Agreement, mapping: Mapping, suite: CipherSuite, parameter_id: int) -> PaceInfo:
    """Return the PACEInfo of a protocol by its parts."""
    variant = next(arc for arc, parts in _PACE_MAPPINGS.items() if parts == (agreement, mapping))
    return PaceInfo(f"{_BSI}.4.{variant}.{_suite_arc(suite)}", parameter_id, agreement, mapping, suite)


def encode_pace_info(info: PaceInfo) -> bytes:
    """Return the DER SecurityInfo of one PACEInfo."""
    parameter = b"" if info.parameter_id is None else der.encode_integer(info.parameter_id)
    return tlv.encode(der.SEQUENCE, der.encode_object_identifier(info.protocol), der.encode_integer(2), parameter)


def chip_authentication_protocol(agreement: Agreement, suite: CipherSuite) -> str:
    return f"{_BSI}.3.{1 if agreement == 'DH' else 2}.{_suite_arc(suite)}"


def _suite_arc(suite: CipherSuite) -> int:
    return next(arc for arc, one in _SUITES.items() if one is suite)
