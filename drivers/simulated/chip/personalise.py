"""Personalisation: a person and a profile in, the chip's files and private keys out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from drivers.icao9303.curves import CurveKey
from drivers.simulated.chip import data_groups, security_infos
from drivers.simulated.chip.dh import DhKey, dh_group_named, dh_public_key_info, is_dh_group
from drivers.simulated.chip.file_system import APPLICATION_IDS, MASTER_FILE_IDS
from drivers.simulated.chip.issuer import card_security, security_object
from drivers.simulated.chip.keys import (
    PrivateKey,
    curve_named,
    ec_public_key_info,
    private_key,
    private_scalar,
    public_key_info,
)
from drivers.simulated.chip.profile import ChipAuthentication, ChipProfile, Tampering
from drivers.simulated.people import InventedPerson
from drivers.smartcard import tlv

ALTERED_NAME: Final = "Nguyễn Văn Giả"


@dataclass(frozen=True, slots=True)
class ChipContents:
    """``master_file`` and ``application`` map file names (``"EF.CardAccess"``, ``"EF.DG1"``) to whole files."""

    master_file: Mapping[str, bytes]
    application: Mapping[str, bytes]
    active_authentication_key: PrivateKey | None
    chip_authentication_key: CurveKey | DhKey | None
    cam_key: CurveKey | None


def personalise(person: InventedPerson, profile: ChipProfile) -> ChipContents:
    """Return what the issuer, and then whoever tampered with it, wrote into a chip."""
    # How a chip behaves later is no part of what is written: chips that differ in it alone share their contents.
    written = replace(profile, faults=(), latency_ms=0.0, bits_per_second=None, failure_delay_s=0.0)
    return _personalise(person, written)


@lru_cache(maxsize=64)
def _personalise(person: InventedPerson, profile: ChipProfile) -> ChipContents:
    groups = _data_groups(person, profile)
    application = {"EF.COM": data_groups.ef_com(_listed_in_com(groups, profile)), **groups}
    if Tampering.NO_SOD not in profile.tampering:
        application["EF.SOD"] = security_object(
            groups, issuance=profile.issuance, tampering=profile.tampering, issued_on=person.issued_on
        )
    if Tampering.DATA_GROUP in profile.tampering:
        application |= _data_groups_about_somebody_else(person, profile, groups)
    planted = dict(profile.planted_files)
    master_file = _master_file(person, profile)
    master_file |= {name: data for name, data in planted.items() if name in MASTER_FILE_IDS}
    application |= {name: data for name, data in planted.items() if name in APPLICATION_IDS}
    label = "clone" if Tampering.CLONED_KEYS in profile.tampering else "chip"
    active, chip = profile.active_authentication, profile.chip_authentication
    return ChipContents(
        master_file=master_file,
        application=application,
        active_authentication_key=private_key(active.key, f"{label} AA {person.key}") if active else None,
        chip_authentication_key=_agreement_key(chip, f"{label} CA {person.key}") if chip else None,
        cam_key=_cam_key(person, profile, label),
    )


def _data_groups(person: InventedPerson, profile: ChipProfile) -> dict[str, bytes]:
    groups = {"EF.DG1": data_groups.dg1(person)}
    if person.has_photo:
        groups["EF.DG2"] = data_groups.dg2(person, photo=profile.photo, photo_bytes=profile.photo_bytes)
    groups["EF.DG3"] = data_groups.dg3()
    if "EF.DG11" in profile.optional_groups:
        groups["EF.DG11"] = data_groups.dg11(person)
    if "EF.DG12" in profile.optional_groups:
        groups["EF.DG12"] = data_groups.dg12(person)
    if person.personal_number and Tampering.NO_DG13 not in profile.tampering:
        groups["EF.DG13"] = data_groups.dg13(person, descending=profile.dg13_reversed)
    if infos := _dg14_infos(person, profile):
        groups["EF.DG14"] = tlv.encode(0x6E, security_infos.security_infos(infos))
    if active := profile.active_authentication:
        key = private_key(active.key, f"chip AA {person.key}")
        info = public_key_info(key, explicit_parameters=active.explicit_parameters)
        groups["EF.DG15"] = tlv.encode(0x6F, info)
    return groups


def _data_groups_about_somebody_else(
    person: InventedPerson, profile: ChipProfile, groups: Mapping[str, bytes]
) -> dict[str, bytes]:
    altered = replace(person, full_name=ALTERED_NAME)
    if "EF.DG13" in groups:
        return {"EF.DG13": data_groups.dg13(altered, descending=profile.dg13_reversed)}
    return {"EF.DG1": data_groups.dg1(altered)}


def _listed_in_com(groups: Mapping[str, bytes], profile: ChipProfile) -> list[str]:
    absent = ["EF.DG11"] if Tampering.COM_LISTS_ABSENT in profile.tampering and "EF.DG11" not in groups else []
    return [*groups, *absent]


def _dg14_infos(person: InventedPerson, profile: ChipProfile) -> list[bytes]:
    infos = _pace_infos(profile)
    if chip := profile.chip_authentication:
        infos += security_infos.chip_authentication_infos(chip, _agreement_info(chip, f"chip CA {person.key}"))
    active = profile.active_authentication
    if active and not active.key.startswith("RSA-"):
        infos.append(security_infos.active_authentication_info(active))
    return infos


def _pace_infos(profile: ChipProfile) -> list[bytes]:
    return [security_infos.pace_info(suite) for suite in profile.pace]


def _master_file(person: InventedPerson, profile: ChipProfile) -> dict[str, bytes]:
    files = {"EF.ATR/INFO": _atr_info(profile)}
    if profile.pace:
        files["EF.CardAccess"] = security_infos.security_infos(_pace_infos(profile))
    if mapped := _cam_protocol(profile):
        infos = _pace_infos(profile)
        infos += security_infos.chip_authentication_infos(mapped, _agreement_info(mapped, f"chip CAM {person.key}"))
        files["EF.CardSecurity"] = card_security(
            security_infos.security_infos(infos), issuance=profile.issuance, issued_on=person.issued_on
        )
    return files


def _atr_info(profile: ChipProfile) -> bytes:
    """Return EF.ATR/INFO (ISO/IEC 7816-4 clause 12.7.1): extended length limits, card capabilities."""
    capabilities = tlv.encode(0x47, b"\x80\x21" + (b"\xc0" if profile.extended_length else b"\x80"))
    if not profile.extended_length:
        return capabilities
    limit = tlv.encode(0x02, b"\xff\xff"), tlv.encode(0x02, profile.max_answer_bytes.to_bytes(2, "big"))
    return capabilities + tlv.encode(0x7F66, *limit)


def _cam_protocol(profile: ChipProfile) -> ChipAuthentication | None:
    suite = next((suite for suite in profile.pace if suite.mapping == "CAM"), None)
    return ChipAuthentication(suite.cipher, suite.group) if suite else None


def _cam_key(person: InventedPerson, profile: ChipProfile, label: str) -> CurveKey | None:
    mapped = _cam_protocol(profile)
    if mapped is None:
        return None
    key = _agreement_key(mapped, f"{label} CAM {person.key}")
    assert isinstance(key, CurveKey)
    return key


def _agreement_key(protocol: ChipAuthentication, label: str) -> CurveKey | DhKey:
    if is_dh_group(protocol.group):
        group = dh_group_named(protocol.group)
        return DhKey(group, private_scalar(label, group.q))
    curve = curve_named(protocol.group)
    return curve.key(private_scalar(label, curve.n))


def _agreement_info(protocol: ChipAuthentication, label: str) -> bytes:
    key = _agreement_key(protocol, label)
    if isinstance(key, DhKey):
        return dh_public_key_info(key)
    point = key.curve.encode(key.public)
    return ec_public_key_info(key.curve.name, point, explicit_parameters=protocol.explicit_parameters)
