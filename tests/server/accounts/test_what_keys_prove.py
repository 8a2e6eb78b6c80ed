"""Answers of security keys: the standard's own, and everything that must prove nothing."""

import json
from uuid import UUID

import pytest
from fido2.utils import websafe_encode
from hypothesis import given
from hypothesis import strategies as st

from server.accounts.relying_party import RelyingParty, configured_party, party_at
from server.accounts.webauthn import (
    ANSWER_LENGTH,
    KnownKey,
    NewKey,
    NotProven,
    creation_options,
    read_registration,
    read_signature,
    request_options,
)
from tests.server.accounts.authenticator import PRESENT, VERIFIED, Authenticator

HERE = RelyingParty("tiepdon.benhvien.vn", "https://tiepdon.benhvien.vn")
CHALLENGE = bytes(range(32))
USER = UUID(int=7)

# Web Authentication Level 3, 16.2 "ES256 Credential with No Attestation"
EXAMPLE = RelyingParty("example.org", "https://example.org")
ID = bytes.fromhex("f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4")
CREATED = {
    "challenge": "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130",
    "clientDataJSON": (
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878475453746e"
        "63647134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f6578616d"
        "706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a"
        "534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e2074686520667574"
        "7572652c207375636820617320746869733a20426b5165446a646354427258426941774a544c453551227d"
    ),
    "attestationObject": (
        "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd465"
        "92a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba612"
        "2b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61"
        "225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220"
    ),
}
SIGNED = {
    "challenge": "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408",
    "authenticatorData": "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000",
    "clientDataJSON": (
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a55"
        "58543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c65"
        "2e6f7267222c2263726f73734f726967696e223a66616c73657d"
    ),
    "signature": (
        "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11"
        "a1dd5d78c6e486013f937295ea13653e331e87"
    ),
}


def answer(vector: dict[str, str], **changed: str) -> str:
    given = {name: bytes.fromhex(value) for name, value in {**vector, **changed}.items() if name != "challenge"}
    texts = {name: websafe_encode(value) for name, value in given.items()}
    return json.dumps({"id": websafe_encode(ID), "type": "public-key", "response": texts})


def registered() -> NewKey:
    return read_registration(EXAMPLE, answer(CREATED), challenge=bytes.fromhex(CREATED["challenge"]))


def known(key: NewKey) -> KnownKey:
    return KnownKey(key.credential_id, key.credential, key.transports)


def added(authenticator: Authenticator) -> KnownKey:
    options = creation_options(HERE, user_id=USER, username="le.tan", full_name="Lê", known=[], challenge=CHALLENGE)
    return known(read_registration(HERE, authenticator.create(options), challenge=CHALLENGE))


def test_the_standards_example_is_a_key_that_neither_counts_nor_knows_its_person() -> None:
    key = registered()
    assert (key.credential_id, key.sign_count, key.verifies_person) == (ID, 0, False)
    signed = read_signature(
        EXAMPLE, answer(SIGNED), known=[known(key)], challenge=bytes.fromhex(SIGNED["challenge"]), verified=False
    )
    assert (signed.credential_id, signed.sign_count) == (ID, 0)


@pytest.mark.parametrize(
    ("party", "changed", "verified"),
    [
        (RelyingParty("example.com", "https://example.com"), {}, False),  # another name's key
        (RelyingParty("example.org", "https://shop.example.org"), {}, False),  # another page below the same name
        (EXAMPLE, {"challenge": CREATED["challenge"]}, False),  # asked for something else
        (EXAMPLE, {"clientDataJSON": CREATED["clientDataJSON"]}, False),  # the answer to being added
        (EXAMPLE, {"signature": SIGNED["signature"][:-2] + "88"}, False),
        (EXAMPLE, {"authenticatorData": SIGNED["authenticatorData"][:-2] + "07"}, False),  # a counter nobody signed
        (EXAMPLE, {"authenticatorData": SIGNED["authenticatorData"].replace("b519", "b518")}, False),  # nobody touched
        (EXAMPLE, {}, True),  # a touch alone, where a PIN was asked for
    ],
)
def test_what_differs_from_the_standards_example_proves_nothing(
    party: RelyingParty, changed: dict[str, str], verified: bool
) -> None:
    challenge = bytes.fromhex({**SIGNED, **changed}["challenge"])
    with pytest.raises(NotProven):
        read_signature(
            party, answer(SIGNED, **changed), known=[known(registered())], challenge=challenge, verified=verified
        )


def test_a_key_of_somebody_else_proves_nothing() -> None:
    ours, theirs = Authenticator(HERE.origin), Authenticator(HERE.origin)
    options = request_options(HERE, known=[added(theirs)], challenge=CHALLENGE, verified=False)
    with pytest.raises(NotProven):
        read_signature(HERE, theirs.get(options), known=[added(ours)], challenge=CHALLENGE, verified=False)


@pytest.mark.parametrize("flags", [PRESENT, PRESENT | VERIFIED])
def test_a_key_shows_whether_it_knows_its_person(flags: int) -> None:
    authenticator = Authenticator(HERE.origin)
    authenticator.flags = flags
    options = creation_options(HERE, user_id=USER, username="le.tan", full_name="Lê", known=[], challenge=CHALLENGE)
    key = read_registration(HERE, authenticator.create(options), challenge=CHALLENGE)
    assert key.verifies_person is (flags != PRESENT)


def test_an_algorithm_nobody_asked_for_is_not_taken() -> None:
    # the example's key, said to be of ES512 (-36)
    changed = CREATED["attestationObject"].replace("a50102032620", "a5010203382320")
    assert changed != CREATED["attestationObject"]
    longer = changed.replace("58a4", "58a5", 1)
    with pytest.raises(NotProven):
        read_registration(
            EXAMPLE, answer(CREATED, attestationObject=longer), challenge=bytes.fromhex(CREATED["challenge"])
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '{"id": "+/", "type": "public-key", "response": {}}',
        '{"id": "AA", "type": "password", "response": {"clientDataJSON": "AA"}}',
        '{"id": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "gYGB"}}',
        '{"id": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "'
        + websafe_encode(b"\x81" * 4000)  # lists in lists
        + '"}}',
        " " * (ANSWER_LENGTH + 1),
    ],
)
def test_what_no_key_ever_said_proves_nothing_and_breaks_nothing(text: str) -> None:
    with pytest.raises(NotProven):
        read_registration(EXAMPLE, text, challenge=CHALLENGE)
    with pytest.raises(NotProven):
        read_signature(EXAMPLE, text, known=[known(registered())], challenge=CHALLENGE, verified=False)


@given(at=st.integers(0, len(CREATED["attestationObject"]) // 2 - 1), value=st.integers(0, 255))
def test_one_changed_byte_never_breaks_the_reader(at: int, value: int) -> None:
    data = bytearray.fromhex(CREATED["attestationObject"])
    data[at] = value
    try:
        key = read_registration(
            EXAMPLE, answer(CREATED, attestationObject=data.hex()), challenge=bytes.fromhex(CREATED["challenge"])
        )
    except NotProven:
        return
    assert key.credential_id == ID


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://tiepdon.benhvien.vn", "tiepdon.benhvien.vn"),
        ("https://tiepdon.benhvien.vn:8443/kham", "tiepdon.benhvien.vn"),
        ("http://localhost:8000", "localhost"),  # browsers trust this machine
        ("http://tiepdon.benhvien.vn", None),  # no secure page
        ("https://192.168.1.10", None),  # no name
        ("https://[fd00::10]", None),
        ("https://[fd00", None),
        (None, None),
    ],
)
def test_keys_are_made_for_names_on_secure_pages(address: str | None, name: str | None) -> None:
    party = configured_party(address)
    assert (party.id if party else None) == name


@pytest.mark.parametrize(
    ("origin", "is_offered"),
    [
        ("https://tiepdon.benhvien.vn", True),
        ("https://tiepdon.benhvien.vn:8443", False),  # another program may answer there
        ("https://xyz.benhvien.vn", False),  # what the request claims is not what was configured
        ("http://tiepdon.benhvien.vn", False),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
    ],
)
def test_keys_are_asked_for_at_the_configured_address_and_on_this_machine(origin: str, is_offered: bool) -> None:
    assert (party_at(origin, configured=configured_party("https://tiepdon.benhvien.vn")) is not None) is is_offered
