"""Active Authentication, Chip Authentication and its mapping against the public keys in the chip's own files."""

import hashlib

import pytest
from asn1crypto import cms
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from drivers.icao9303.chip import Chip as OpenChip
from drivers.icao9303.curves import Point
from drivers.icao9303.dh_groups import DH_GROUPS
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.pace import PacePassword, PasswordKind, open_pace, verify_chip_mapping
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.icao9303.security_infos import pace_info, parse_security_infos
from drivers.simulated.chip import keys
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.dh import DhKey
from drivers.simulated.chip.personalise import personalise
from drivers.simulated.chip.profile import (
    ActiveAuthentication,
    ChipAuthentication,
    ChipProfile,
    HashName,
    PaceSuite,
    Tampering,
)
from drivers.simulated.chip.security_infos import chip_authentication_oid, encoded_oid
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CommandApdu
from tests.drivers.simulated.terminal import PERSON, READ_DG1, DirectConnection, Terminal, opened

CHALLENGE = bytes.fromhex("0102030405060708")
CLONED = frozenset({Tampering.CLONED_KEYS})


def public_key_in_dg15(profile: ChipProfile) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    info = tlv.parse_one(personalise(PERSON, profile).application["EF.DG15"], "EF.DG15", 0x6F).value
    key = serialization.load_der_public_key(info)
    assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
    return key


def signature_of(profile: ChipProfile) -> bytes:
    # 256 bytes of signature do not fit a protected short answer
    signature, sw = opened(profile).secured(CommandApdu(0, 0x88, 0, 0, CHALLENGE, le=65536))
    assert sw == 0x9000
    return signature


def verify_plain_ecdsa(signature: bytes, key: ec.EllipticCurvePublicKey, algorithm: hashes.HashAlgorithm) -> None:
    half = len(signature) // 2
    der = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    key.verify(der, CHALLENGE, ec.ECDSA(algorithm))


@pytest.mark.parametrize(
    ("protocol", "algorithm"),
    [
        (ActiveAuthentication("secp256r1", "sha256"), hashes.SHA256()),
        (ActiveAuthentication("brainpoolP384r1", "sha384"), hashes.SHA384()),
        (ActiveAuthentication("secp521r1", "sha512"), hashes.SHA512()),
    ],
    ids=["P-256", "brainpoolP384r1", "P-521"],
)
def test_an_ecdsa_signature_verifies_with_the_key_of_dg15(
    protocol: ActiveAuthentication, algorithm: hashes.HashAlgorithm
) -> None:
    profile = ChipProfile(active_authentication=protocol)
    key = public_key_in_dg15(profile)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    verify_plain_ecdsa(signature_of(profile), key, algorithm)


@pytest.mark.parametrize(
    ("key_kind", "hash_name", "trailer"),
    [("RSA-1024", "sha1", "bc"), ("RSA-2048", "sha256", "34cc"), ("RSA-2048", "sha512", "35cc")],
)
def test_rsa_signature_recovers_to_the_hash_of_both_parts(key_kind: str, hash_name: HashName, trailer: str) -> None:
    profile = ChipProfile(active_authentication=ActiveAuthentication(key_kind, hash_name))
    signature, key = signature_of(profile), public_key_in_dg15(profile)
    assert isinstance(key, rsa.RSAPublicKey)
    numbers = key.public_numbers()
    block = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(len(signature), "big")
    assert block[0] == 0x6A
    assert block.endswith(bytes.fromhex(trailer))
    body = block[1 : -len(trailer) // 2]
    size = hashlib.new(hash_name).digest_size
    assert hashlib.new(hash_name, body[:-size] + CHALLENGE).digest() == body[-size:]


def test_clone_signs_with_another_key() -> None:
    key = public_key_in_dg15(ChipProfile())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    with pytest.raises(InvalidSignature):
        verify_plain_ecdsa(signature_of(ChipProfile(tampering=CLONED)), key, hashes.SHA256())


def chip_public_key(protocol: ChipAuthentication) -> Point:
    curve = keys.curve_named(protocol.group)
    return curve.key(keys.private_scalar(f"chip CA {PERSON.key}", curve.n)).public


def agreed_session(
    terminal: Terminal, protocol: ChipAuthentication, *, by_one_command: bool = False
) -> SecureMessaging:
    """Run Chip Authentication as a reader does; return the session that follows."""
    if protocol.group.startswith("modp-"):
        group = DH_GROUPS[1]
        ours = DhKey(group, 0x1234567)
        theirs = DhKey(group, keys.private_scalar(f"chip CA {PERSON.key}", group.q)).public
        public, secret = group.encode(ours.public), ours.agree(group.encode(theirs))
    else:
        key = keys.curve_named(protocol.group).key()
        public, secret = key.curve.encode(key.public), key.agree(chip_public_key(protocol))
    if by_one_command:
        assert terminal.secured(CommandApdu(0, 0x22, 0x41, 0xA6, tlv.encode(0x91, public)))[1] == 0x9000
    else:
        oid = tlv.encode(0x80, encoded_oid(chip_authentication_oid(protocol)))
        assert terminal.secured(CommandApdu(0, 0x22, 0x41, 0xA4, oid)) == (b"", 0x9000)
        send = CommandApdu(0, 0x86, 0, 0, tlv.encode(0x7C, tlv.encode(0x80, public)), le=256)
        assert terminal.secured(send) == (b"\x7c\x00", 0x9000)
    suite = CipherSuite(protocol.cipher)
    return SecureMessaging(suite, *suite.session_keys(secret))


@pytest.mark.parametrize(
    ("protocol", "by_one_command"),
    [
        (ChipAuthentication("AES-128", "brainpoolP256r1"), False),
        (ChipAuthentication("AES-256", "secp521r1", explicit_parameters=True), False),
        (ChipAuthentication("AES-192", "brainpoolP320r1"), False),
        (ChipAuthentication("3DES", "secp224r1"), False),
        (ChipAuthentication("3DES", "secp224r1"), True),
        (ChipAuthentication("AES-128", "modp-2048-224"), False),
    ],
    ids=["AES-128", "AES-256", "curve beyond the library", "3DES by two commands", "3DES by one", "DH"],
)
def test_session_goes_on_under_the_agreed_keys(protocol: ChipAuthentication, by_one_command: bool) -> None:
    terminal = opened(ChipProfile(chip_authentication=protocol))
    terminal.session = agreed_session(terminal, protocol, by_one_command=by_one_command)
    assert terminal.secured(READ_DG1)[1] == 0x9000


def test_old_keys_are_dead_after_the_agreement() -> None:
    protocol = ChipAuthentication()
    terminal = opened(ChipProfile(chip_authentication=protocol))
    agreed_session(terminal, protocol)
    assert terminal.session
    assert terminal.plain(terminal.session.wrap_command(READ_DG1)) == (b"", 0x6988)


def test_clone_does_not_understand_the_next_command() -> None:
    protocol = ChipAuthentication()
    terminal = opened(ChipProfile(chip_authentication=protocol, tampering=CLONED))
    session = agreed_session(terminal, protocol)
    assert terminal.plain(session.wrap_command(READ_DG1)) == (b"", 0x6988)


class TestRefusedAgreement:
    def test_point_off_the_curve_leaves_the_session_as_it_was(self) -> None:
        protocol = ChipAuthentication()
        terminal = opened(ChipProfile(chip_authentication=protocol))
        oid = tlv.encode(0x80, encoded_oid(chip_authentication_oid(protocol)))
        terminal.secured(CommandApdu(0, 0x22, 0x41, 0xA4, oid))
        point = b"\x04" + bytes(63) + b"\x01"
        send = CommandApdu(0, 0x86, 0, 0, tlv.encode(0x7C, tlv.encode(0x80, point)), le=256)
        assert terminal.secured(send) == (b"", 0x6A80)
        assert terminal.secured(READ_DG1)[1] == 0x9000

    @pytest.mark.parametrize(
        ("data", "sw", "reason"),
        [
            ("800A04007F00070202030204", 0x6A80, "a suite the chip does not have"),
            ("800A04007F00070202030202840107", 0x6A88, "a key it does not have"),
        ],
    )
    def test_wrong_template_is_refused(self, data: str, sw: int, reason: str) -> None:
        terminal = opened()
        assert terminal.secured(CommandApdu(0, 0x22, 0x41, 0xA4, bytes.fromhex(data)))[1] == sw, reason

    def test_one_command_agreement_is_for_3des_only(self) -> None:
        assert opened().secured(CommandApdu(0, 0x22, 0x41, 0xA6, tlv.encode(0x91, bytes(65))))[1] == 0x6A80

    def test_nothing_is_agreed_before_access_control(self) -> None:
        terminal = Terminal(Chip(PERSON))
        assert terminal.plain(CommandApdu(0, 0x22, 0x41, 0xA4, b"\x80\x01\x00"))[1] == 0x6982


def key_in_card_security(profile: ChipProfile) -> Point:
    signed = cms.ContentInfo.load(personalise(PERSON, profile).master_file["EF.CardSecurity"])["content"]
    infos = parse_security_infos(bytes(signed["encap_content_info"]["content"]), "EF.CardSecurity")
    (one,) = infos.chip_authentication_keys
    key = serialization.load_der_public_key(one.key_info.raw)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return Point(key.public_numbers().x, key.public_numbers().y)


@pytest.mark.parametrize(("tampering", "genuine"), [(frozenset(), True), (CLONED, False)], ids=["genuine", "clone"])
def test_mapping_proves_the_key_in_card_security(tampering: frozenset[Tampering], genuine: bool) -> None:
    profile = ChipProfile(pace=(PaceSuite("AES-128", "CAM", "secp256r1"),), tampering=tampering)
    assert PERSON.can
    info = pace_info("ECDH", "CAM", CipherSuite.AES_128, 12)
    password = PacePassword(PasswordKind.CAN, PERSON.can.encode())
    session = open_pace(OpenChip(DirectConnection(Chip(PERSON, profile))), info, password)
    assert session
    assert session.chip_mapping
    assert verify_chip_mapping(session.chip_mapping, key_in_card_security(profile)) is genuine
