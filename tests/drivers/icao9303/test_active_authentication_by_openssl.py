"""Active authentication answers made by the openssl command: ECDSA over every curve, RSA by ISO/IEC 9796-2 blocks."""

import hashlib
from pathlib import Path

import pytest

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.active_authentication import parse_dg15, signature_length, verify_active_authentication
from drivers.icao9303.security_infos import ActiveAuthenticationInfo
from drivers.icao9303.signatures import EcKey, PublicKey, RsaKey, UnsupportedAlgorithm
from drivers.smartcard import tlv
from tests.drivers.icao9303.openssl import make_key, public_key_info, run

CHALLENGE = bytes.fromhex("F173589974BF40C6")
PLAIN_SHA256 = ActiveAuthenticationInfo("0.4.0.127.0.7.1.1.4.1.3")
PLAIN_SHA1 = ActiveAuthenticationInfo("0.4.0.127.0.7.1.1.4.1.1")


def dg15_key(key: Path) -> PublicKey:
    return parse_dg15(tlv.encode(0x6F, public_key_info(key)))


def ecdsa(key: Path, hash_name: str, tmp_path: Path) -> bytes:
    """Return a DER signature over the challenge."""
    (tmp_path / "challenge").write_bytes(CHALLENGE)
    return run("dgst", f"-{hash_name}", "-sign", key, tmp_path / "challenge")


def plain(signature: bytes, size: int) -> bytes:
    r, s = (der.integer(one, "test") for one in der.sequence(tlv.parse_one(signature, "test"), "test"))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@pytest.mark.parametrize(
    "curve",
    [
        "prime192v1",
        "secp224r1",
        "prime256v1",
        "secp384r1",
        "secp521r1",
        "brainpoolP192r1",
        "brainpoolP224r1",
        "brainpoolP256r1",
        "brainpoolP320r1 explicit",
        "brainpoolP384r1",
        "brainpoolP512r1",
    ],
)
def test_an_ecdsa_answer_of_any_curve_holds(curve: str, tmp_path: Path) -> None:
    file = make_key(tmp_path / "key.pem", curve)
    key = dg15_key(file)
    assert isinstance(key, EcKey)
    der_form = ecdsa(file, "sha256", tmp_path)
    answer = plain(der_form, key.curve.size)
    assert signature_length(key) == len(answer)
    assert verify_active_authentication(key, CHALLENGE, answer, PLAIN_SHA256)
    assert verify_active_authentication(key, CHALLENGE, answer, None)  # a chip that does not name its hash
    assert verify_active_authentication(key, CHALLENGE, der_form, PLAIN_SHA256)  # a chip that answers in DER
    assert not verify_active_authentication(key, CHALLENGE, answer, PLAIN_SHA1)
    assert not verify_active_authentication(key, bytes(8), answer, PLAIN_SHA256)
    assert not verify_active_authentication(key, CHALLENGE, answer[:-1] + bytes([answer[-1] ^ 1]), PLAIN_SHA256)


@pytest.mark.parametrize("answer", [b"", b"\x00", bytes(64), b"\xff" * 64, bytes(63), b"\x30" + bytes(63), bytes(1000)])
def test_nonsense_is_no_ecdsa_answer(answer: bytes, tmp_path: Path) -> None:
    key = dg15_key(make_key(tmp_path / "key.pem", "prime256v1"))
    assert not verify_active_authentication(key, CHALLENGE, answer, None)


def test_a_signature_algorithm_of_another_kind_is_unsupported(tmp_path: Path) -> None:
    key = dg15_key(make_key(tmp_path / "key.pem", "prime256v1"))
    with pytest.raises(UnsupportedAlgorithm):
        verify_active_authentication(key, CHALLENGE, bytes(64), ActiveAuthenticationInfo("1.2.3"))


TRAILERS = {"sha1": "BC", "sha224": "38CC", "sha256": "34CC", "sha384": "36CC", "sha512": "35CC"}


def iso9796_2(
    key: Path, hash_name: str, size: int, *, header: bytes = b"\x6a", trailer: str = "", challenge: bytes = CHALLENGE
) -> bytes:
    """The block of ISO/IEC 9796-2 scheme 1 with partial recovery, raised to the private exponent by openssl."""
    end = bytes.fromhex(trailer or TRAILERS[hash_name])
    digest_length = hashlib.new(hash_name).digest_size
    chosen = bytes(range(1, 256))[: size - 1 - digest_length - len(end)].ljust(
        size - 1 - digest_length - len(end), b"\x55"
    )
    block = header + chosen + hashlib.new(hash_name, chosen + challenge).digest() + end
    # "decrypt" is the bare private operation; "sign" wants a hash
    return run("pkeyutl", "-decrypt", "-inkey", key, "-pkeyopt", "rsa_padding_mode:none", data=block)


@pytest.fixture(scope="module")
def rsa_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_key(tmp_path_factory.mktemp("rsa") / "aa.pem", "RSA-1024")


@pytest.mark.parametrize("hash_name", TRAILERS)
def test_an_rsa_answer_of_any_hash_holds(hash_name: str, rsa_key: Path) -> None:
    key = dg15_key(rsa_key)
    answer = iso9796_2(rsa_key, hash_name, 128)
    assert verify_active_authentication(key, CHALLENGE, answer, None)
    assert not verify_active_authentication(key, bytes(8), answer, None)


def test_sha1_may_be_named_in_the_long_trailer(rsa_key: Path) -> None:
    assert verify_active_authentication(
        dg15_key(rsa_key), CHALLENGE, iso9796_2(rsa_key, "sha1", 128, trailer="33CC"), None
    )


def test_the_smaller_of_both_roots_is_the_same_signature(rsa_key: Path) -> None:
    key = dg15_key(rsa_key)
    assert isinstance(key, RsaKey)
    other = key.n - int.from_bytes(iso9796_2(rsa_key, "sha256", 128), "big")
    assert verify_active_authentication(key, CHALLENGE, other.to_bytes(128, "big"), None)


@pytest.mark.parametrize(
    ("header", "trailer", "why"),
    [
        (b"\x4b", "34CC", "another header"),
        (b"\x6a", "31CC", "a hash nobody names"),
        (b"\x6a", "34CB", "another end"),
        (b"\x6a", "36CC", "another hash than the one used"),
    ],
)
def test_a_block_of_another_form_does_not_hold(header: bytes, trailer: str, why: str, rsa_key: Path) -> None:
    answer = iso9796_2(rsa_key, "sha256", 128, header=header, trailer=trailer)
    assert not verify_active_authentication(dg15_key(rsa_key), CHALLENGE, answer, None)


@pytest.mark.parametrize("answer", [b"", bytes(127), bytes(128), b"\xff" * 128, bytes(129)])
def test_nonsense_is_no_rsa_answer(answer: bytes, rsa_key: Path) -> None:
    assert not verify_active_authentication(dg15_key(rsa_key), CHALLENGE, answer, None)


@pytest.mark.parametrize("bits", [512, 768])
def test_an_rsa_key_too_short_to_mean_anything_is_unsupported(bits: int, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedAlgorithm):
        dg15_key(make_key(tmp_path / "key.pem", f"RSA-{bits}"))


def test_a_curve_of_ones_own_making_is_unsupported(tmp_path: Path) -> None:
    """secp256k1 spelled out: a curve, but none that a passport has; a made-up generator would look the same."""
    with pytest.raises(UnsupportedAlgorithm):
        dg15_key(make_key(tmp_path / "key.pem", "secp256k1 explicit"))
    with pytest.raises(UnsupportedAlgorithm):
        dg15_key(make_key(tmp_path / "key2.pem", "secp256k1"))


def test_a_known_curve_with_another_generator_is_unsupported(tmp_path: Path) -> None:
    info = public_key_info(make_key(tmp_path / "key.pem", "prime256v1 explicit"))
    generator = bytes.fromhex("046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")
    at = info.index(generator)
    forged = info[: at + 40] + bytes([info[at + 40] ^ 1]) + info[at + 41 :]
    with pytest.raises(UnsupportedAlgorithm):
        parse_dg15(tlv.encode(0x6F, forged))


def test_a_key_off_its_curve_is_malformed(tmp_path: Path) -> None:
    info = public_key_info(make_key(tmp_path / "key.pem", "prime256v1"))
    with pytest.raises(MalformedData):
        parse_dg15(tlv.encode(0x6F, info[:-1] + bytes([info[-1] ^ 1])))
