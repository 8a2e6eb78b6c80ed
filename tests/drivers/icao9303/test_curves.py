"""Points and keys on the eleven standardized curves; values of ICAO 9303-11 appendix G.1."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from drivers.errors import MalformedData
from drivers.icao9303.curves import CURVES, Curve, Point, _multiply, curve_by_oid, curve_by_parameter_id, verify_ecdsa

BRAINPOOL = curve_by_parameter_id(13)


def test_appendix_g1_mapping_gives_the_generator_of_the_session() -> None:
    terminal = BRAINPOOL.key(0x7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99)
    chip = BRAINPOOL.decode(
        bytes.fromhex(
            "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
            "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
        )
    )
    shared = terminal.multiply(chip)
    assert shared == Point(
        0x60332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5,
        0x0840CA7415BAF3E43BD414D35AA4608B93A2CAF3A4E3EA4E82C9C13D03EB7181,
    )
    generator = BRAINPOOL.map_generator(0x3F00C4D39D153F2B2A214A078D899B22, shared)
    assert generator == Point(
        0x8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2,
        0x8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522,
    )
    ephemeral = BRAINPOOL.key(0xA73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595)
    assert BRAINPOOL.encode(ephemeral.multiply(generator)).hex().upper() == (
        "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
        "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
    )


def test_the_eleven_ids_of_the_standard_are_there() -> None:
    assert [curve.parameter_id for curve in CURVES] == list(range(8, 19))
    assert curve_by_oid("1.2.840.10045.3.1.7").name == "secp256r1"


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
class TestEveryCurve:
    def test_generator_has_the_order_it_claims(self, curve: Curve) -> None:
        assert curve.contains(curve.g)
        with pytest.raises(ValueError, match="infinity"):
            _multiply(curve, curve.n, curve.g)

    def test_the_librarys_and_our_own_multiplication_agree(self, curve: Curve) -> None:
        key, point = curve.key(), curve.key().public
        assert key.multiply(point) == _multiply(curve, key.scalar, point)
        assert key.public == _multiply(curve, key.scalar, curve.g)
        assert key.agree(point) == curve.encode_x(_multiply(curve, key.scalar, point).x)

    def test_both_sides_agree_on_one_point(self, curve: Curve) -> None:
        one, other = curve.key(), curve.key()
        assert one.multiply(other.public) == other.multiply(one.public)

    def test_generator_and_its_negative_are_no_special_trouble(self, curve: Curve) -> None:
        key = curve.key(5)
        assert key.multiply(curve.g) == key.public
        assert key.multiply(curve.negate(curve.g)) == curve.negate(key.public)
        assert curve.key(1).multiply(curve.key(2).public) == curve.key(2).public

    def test_a_zero_nonce_maps_to_the_shared_point(self, curve: Curve) -> None:
        shared = curve.key().public
        assert curve.map_generator(0, shared) == shared
        assert curve.map_generator(curve.n, shared) == shared

    def test_points_off_the_curve_are_refused(self, curve: Curve) -> None:
        good = curve.encode(curve.g)
        for bad in (good[:-1], good + b"\0", b"\x02" + good[1:], good[:-1] + bytes([good[-1] ^ 1]), b"", b"\x00"):
            with pytest.raises(MalformedData):
                curve.decode(bad)
        assert curve.decode(good) == curve.g


@pytest.mark.parametrize("curve", [c for c in CURVES if c.library], ids=lambda curve: curve.name)
def test_own_signature_check_agrees_with_the_library(curve: Curve) -> None:
    assert curve.library
    key = ec.generate_private_key(curve.library)
    numbers = key.public_key().public_numbers()
    public = Point(numbers.x, numbers.y)
    digest = hashlib.sha512(b"message").digest()
    r, s = decode_dss_signature(key.sign(b"message", ec.ECDSA(hashes.SHA512())))
    assert verify_ecdsa(curve, public, digest, r, s)
    assert not verify_ecdsa(curve, public, hashlib.sha512(b"other").digest(), r, s)
    assert not verify_ecdsa(curve, public, digest, s, r)
    assert not verify_ecdsa(curve, public, digest, 0, s)
