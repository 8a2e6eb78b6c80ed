"""Any bytes at all: a value of the promised type, or MalformedData and nothing else; never long, never large."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import MalformedData, ProtocolViolation
from drivers.icao9303.active_authentication import parse_dg15, verify_active_authentication
from drivers.icao9303.certificate import parse_certificate
from drivers.icao9303.data_groups import parse_additional_details, parse_com, parse_dg1, parse_dg2
from drivers.icao9303.dg13 import parse_dg13
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.mrz import birth_date, expiry_date, parse_mrz
from drivers.icao9303.passive_authentication import check_signature, parse_security_object
from drivers.icao9303.proving import parse_dg14
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.icao9303.security_infos import parse_security_infos
from drivers.icao9303.signatures import UnsupportedAlgorithm
from drivers.icao9303.trust import EMPTY_TRUST_STORE, parse_master_list
from drivers.simulated.chip.issuer import csca_certificate, master_list
from drivers.simulated.chip.personalise import personalise
from drivers.simulated.chip.profile import ActiveAuthentication, ChipProfile, Issuance, SignatureScheme
from drivers.simulated.people import get_person
from drivers.smartcard.apdu import CommandApdu

NOW = datetime(2025, 3, 1, tzinfo=UTC)


def check_sod(data: bytes) -> object:
    security_object = parse_security_object(data)
    security_object.hash_reasons({1: b"x"})
    return check_signature(security_object.signed, EMPTY_TRUST_STORE, NOW)


def check_dg15(data: bytes) -> object:
    return verify_active_authentication(parse_dg15(data), bytes(8), bytes(64), None)


def check_dg1(data: bytes) -> object:
    mrz = parse_dg1(data)
    return birth_date(mrz, date(2025, 3, 1)), expiry_date(mrz)


def check_certificate(data: bytes) -> object:
    certificate = parse_certificate(data)
    return certificate.is_signed_by(certificate)


PARSERS: dict[str, Callable[[bytes], object]] = {
    "EF.COM": parse_com,
    "EF.DG1": check_dg1,
    "EF.DG2": parse_dg2,
    "EF.DG11": lambda data: parse_additional_details(data, data),
    "EF.DG13": parse_dg13,
    "EF.DG14": parse_dg14,
    "EF.DG15": check_dg15,
    "EF.SOD": check_sod,
    "EF.CardAccess": lambda data: parse_security_infos(data, "EF.CardAccess"),
    "certificate": check_certificate,
    "master list": parse_master_list,
}


@cache
def genuine(name: str) -> tuple[bytes, ...]:
    """Files of simulated cards, to be spoilt; the photo is a small one."""
    rsa = ChipProfile(
        active_authentication=ActiveAuthentication("RSA-1024", "sha1"),
        issuance=Issuance(document_signer=SignatureScheme("RSA-2048", padding="pss")),
        optional_groups=frozenset({"EF.DG11", "EF.DG12"}),
    )
    certificate = csca_certificate()
    if name == "certificate":
        return (certificate,)
    if name == "master list":
        return (master_list([certificate]),)
    contents = [personalise(get_person("duc"), profile) for profile in (ChipProfile(), rsa)]
    files = [{**one.application, **one.master_file} for one in contents]
    return tuple(one[name][:3000] for one in files if name in one)


def refuses_or_reads(parser: Callable[[bytes], object], data: bytes) -> None:
    with suppress(MalformedData, UnsupportedAlgorithm):
        parser(data)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    refuses_or_reads(PARSERS[name], data)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150)
@given(data=st.data())
def test_a_genuine_file_with_bytes_changed_cut_or_put_in_is_read_or_refused(name: str, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(genuine(name))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        kind = data.draw(st.sampled_from(["change", "cut", "insert", "repeat"]))
        if kind == "change":
            content[at : at + 1] = data.draw(st.binary(min_size=1, max_size=1))
        elif kind == "cut":
            del content[at : at + data.draw(st.integers(1, 40))]
        elif kind == "insert":
            content[at:at] = data.draw(st.binary(max_size=8))
        else:
            content[at:at] = content[at : at + 30]
    refuses_or_reads(PARSERS[name], bytes(content))


@pytest.mark.parametrize("name", PARSERS)
def test_a_genuine_file_cut_short_or_with_one_bit_changed_is_read_or_refused(name: str) -> None:
    for content in genuine(name):
        for end in range(0, len(content), max(1, len(content) // 300)):
            refuses_or_reads(PARSERS[name], content[:end])
        for bit in range(0, 8 * min(len(content), 1200), 13):
            changed = bytearray(content)
            changed[bit // 8] ^= 1 << bit % 8
            refuses_or_reads(PARSERS[name], bytes(changed))


@given(st.text(alphabet="AZ09<12 /\n", max_size=100))
def test_any_text_is_an_mrz_or_a_refusal(text: str) -> None:
    try:
        mrz = parse_mrz(text)
    except MalformedData:
        return
    assert mrz.form in ("TD1", "TD3")


@pytest.mark.parametrize("suite", CipherSuite)
@given(data=st.binary(max_size=300), sw=st.integers(0, 0xFFFF))
def test_no_bytes_are_believed_as_a_protected_answer(suite: CipherSuite, data: bytes, sw: int) -> None:
    session = SecureMessaging(suite, *suite.session_keys(b"secret"))
    session.wrap_command(CommandApdu(0, 0xB0, 0, 0, le=4))
    with pytest.raises(ProtocolViolation):
        session.unwrap_response(data, sw)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("EF.DG13", b"\x6d\x82\xff\xff" + b"\x30\x80" * 32767 + b"\x00"),
        ("EF.DG13", b"\x6d\x83\x01\x00\x00" + b"\x30\x00" * 32768),
        ("EF.DG14", b"\x6e\x82\xff\xff\x31\x82\xff\xfb" + b"\x30\x00" * 32765 + b"\x00"),
        ("EF.SOD", b"\x77\x84\xff\xff\xff\xff" + bytes(60000)),
        ("EF.CardAccess", b"\x31\x84\x7f\xff\xff\xff"),
    ],
    ids=["deep", "many", "many infos", "huge", "announced only"],
)
def test_bombs_are_refused_at_once(name: str, data: bytes) -> None:
    with pytest.raises(MalformedData):
        PARSERS[name](data)


def test_a_group_listed_a_thousand_times_counts_once() -> None:
    assert parse_com(b"\x60\x82\x04\x04\x5c\x82\x04\x00" + b"\x61" * 1024) == {1}
