"""Passive authentication over certificates and CMS made by openssl: what we check and what they signed must meet."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.certificate import parse_certificate
from drivers.icao9303.passive_authentication import SignatureFindings, check_signature, parse_security_object
from drivers.icao9303.signatures import HASHES, UnsupportedAlgorithm
from drivers.icao9303.trust import EMPTY_TRUST_STORE, TrustStore, load_trust_store
from drivers.icao9303.verdict import judge
from drivers.smartcard import tlv
from tests.drivers.icao9303.openssl import MASTER_LIST, Issuer, make_key, run

NOW = datetime.now(UTC)
FILES = {1: b"data group one", 2: b"data group two" * 100, 13: "Nguyễn Văn Đức".encode()}
OIDS = {name: oid for oid, name in HASHES.items()}


def lds_security_object(hash_name: str = "sha256", files: dict[int, bytes] | None = None) -> bytes:
    """ICAO 9303-10 appendix D: version, hash algorithm, one hash per data group."""
    groups = b"".join(
        tlv.encode(0x30, der.encode_integer(number), tlv.encode(4, hashlib.new(hash_name, content).digest()))
        for number, content in (files or FILES).items()
    )
    algorithm = tlv.encode(0x30, der.encode_object_identifier(OIDS[hash_name]))
    return tlv.encode(0x30, der.encode_integer(0), algorithm, tlv.encode(0x30, groups))


def sod(signed_data: bytes) -> bytes:
    return tlv.encode(0x77, signed_data)


def trust_in(issuer: Issuer) -> TrustStore:
    folder = issuer.folder / "trust"
    folder.mkdir(exist_ok=True)
    (folder / "csca.pem").write_bytes(issuer.ca.read_bytes())
    return load_trust_store(folder)


def findings(issuer: Issuer, signed_data: bytes, trust: TrustStore | None = None) -> SignatureFindings:
    security_object = parse_security_object(sod(signed_data))
    assert security_object.hash_reasons(FILES) == ()
    return check_signature(security_object.signed, trust_in(issuer) if trust is None else trust, NOW)


@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    ("ca_key", "signer_key", "pss"),
    [
        ("RSA-2048", "RSA-2048", False),
        ("RSA-2048", "RSA-2048", True),
        ("brainpoolP384r1", "prime256v1", False),
        ("brainpoolP256r1 explicit", "brainpoolP224r1 explicit", False),
    ],
)
def test_what_openssl_signs_is_trusted(ca_key: str, signer_key: str, pss: bool, hash_name: str, tmp_path: Path) -> None:
    issuer = Issuer(tmp_path, ca_key, signer_key, hash_name, pss)
    found = findings(issuer, issuer.sign(lds_security_object(hash_name)))
    assert found == SignatureFindings(("pa.trusted",), "C=VN, O=Invented, CN=Invented CSCA", sound=True)


@pytest.mark.parametrize("curve", ["secp224r1", "secp384r1", "secp521r1", "brainpoolP320r1", "brainpoolP512r1"])
def test_every_family_of_curves_signs(curve: str, tmp_path: Path) -> None:
    issuer = Issuer(tmp_path, curve, curve)
    assert findings(issuer, issuer.sign(lds_security_object())).reasons == ("pa.trusted",)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def signed(issuer: Issuer) -> bytes:
    return issuer.sign(lds_security_object())


class TestTheSignature:
    def test_a_signer_named_by_its_key_is_found(self, issuer: Issuer) -> None:
        assert findings(issuer, issuer.sign(lds_security_object(), "-keyid")).reasons == ("pa.trusted",)

    def test_without_signed_attributes_the_content_itself_is_signed(self, issuer: Issuer) -> None:
        found = findings(issuer, issuer.sign(lds_security_object(), "-noattr"))
        assert found.reasons == ("pa.signing_time_unknown", "pa.trusted")

    def test_another_content_under_the_same_signature_is_found_out(self, signed: bytes) -> None:
        other = {**FILES, 13: "Trần Thị Hoa".encode()}
        changed = signed.replace(lds_security_object(), lds_security_object(files=other))
        security_object = parse_security_object(sod(changed))
        assert check_signature(security_object.signed, EMPTY_TRUST_STORE, NOW).reasons == ("pa.digest_wrong",)

    def test_without_signed_attributes_too(self, issuer: Issuer) -> None:
        signed = issuer.sign(lds_security_object(), "-noattr")
        changed = signed.replace(lds_security_object(), lds_security_object(files={**FILES, 1: b"other"}))
        security_object = parse_security_object(sod(changed))
        assert check_signature(security_object.signed, EMPTY_TRUST_STORE, NOW).reasons == ("pa.signature_wrong",)

    def test_changed_signed_attributes_are_found_out(self, signed: bytes) -> None:
        # Another signing time, all lengths as before: only the signature can tell.
        at = signed.rindex(b"\x17\x0d") + 2
        earlier = signed[:at] + b"200101000000Z" + signed[at + 13 :]
        found = check_signature(parse_security_object(sod(earlier)).signed, EMPTY_TRUST_STORE, NOW)
        assert found.reasons == ("pa.signature_wrong",)
        assert found.sound is False

    def test_a_signer_whose_certificate_stayed_at_home_proves_nothing(self, issuer: Issuer) -> None:
        found = findings(issuer, issuer.sign(lds_security_object(), "-nocerts"))
        assert found.reasons == ("pa.no_signer_certificate",)

    def test_signed_content_of_another_kind_is_no_security_object(self, issuer: Issuer) -> None:
        signed = issuer.sign(lds_security_object(), content_type="1.2.840.113549.1.7.1")
        with pytest.raises(MalformedData, match="another kind"):
            parse_security_object(sod(signed))


class TestTheHashes:
    def test_a_changed_and_an_added_file_are_named(self, signed: bytes) -> None:
        security_object = parse_security_object(sod(signed))
        assert security_object.hash_reasons({1: b"changed", 2: FILES[2]}) == ("pa.hash_wrong.dg1",)
        assert security_object.hash_reasons({14: b"added"}) == ("pa.not_signed.dg14",)

    def test_files_that_were_not_read_are_no_trouble(self, signed: bytes) -> None:
        assert parse_security_object(sod(signed)).hash_reasons({}) == ()

    def test_a_digest_nobody_should_use_any_more_proves_nothing(self, issuer: Issuer) -> None:
        md5 = tlv.encode(0x30, der.encode_object_identifier("1.2.840.113549.2.5"))
        content = tlv.encode(0x30, der.encode_integer(0), md5, tlv.encode(0x30))
        with pytest.raises(UnsupportedAlgorithm):
            parse_security_object(sod(issuer.sign(content)))

    def test_a_data_group_listed_twice_is_refused(self, issuer: Issuer) -> None:
        group = tlv.encode(0x30, der.encode_integer(1), tlv.encode(4, bytes(32)))
        algorithm = tlv.encode(0x30, der.encode_object_identifier(OIDS["sha256"]))
        twice = tlv.encode(0x30, der.encode_integer(0), algorithm, tlv.encode(0x30, group, group))
        with pytest.raises(MalformedData, match="twice"):
            parse_security_object(sod(issuer.sign(twice)))


class TestTheIssuer:
    def test_an_empty_trust_store_leaves_the_issuer_unknown(self, issuer: Issuer, signed: bytes) -> None:
        found = findings(issuer, signed, EMPTY_TRUST_STORE)
        assert found.reasons == ("pa.csca_unknown",)
        assert found.sound is True

    def test_a_ca_of_the_same_name_and_another_key_is_another_ca(
        self, issuer: Issuer, signed: bytes, tmp_path: Path
    ) -> None:
        assert findings(issuer, signed, trust_in(Issuer(tmp_path, "prime256v1"))).reasons == ("pa.csca_unknown",)

    def test_a_signer_that_names_our_cas_key_without_its_signature_is_forged(
        self, issuer: Issuer, signed: bytes
    ) -> None:
        certificate = parse_certificate(run("x509", "-in", issuer.signer, "-outform", "DER"))
        forged = signed.replace(
            certificate.signature, bytes([certificate.signature[0] ^ 1]) + certificate.signature[1:]
        )
        assert forged != signed
        assert findings(issuer, forged).reasons == ("pa.ds_forged",)

    def test_a_signer_without_identifiers_is_matched_by_name(self, tmp_path: Path) -> None:
        issuer = Issuer(tmp_path, signer_section="signer_without_identifiers")
        assert findings(issuer, issuer.sign(lds_security_object())).reasons == ("pa.trusted",)

    def test_a_certificate_that_is_no_ca_issues_nothing(self, tmp_path: Path) -> None:
        issuer = Issuer(tmp_path, ca_section="not_a_ca")
        assert findings(issuer, issuer.sign(lds_security_object())).reasons == ("pa.csca_usage",)

    def test_a_ca_that_expired_since_still_counts(self, tmp_path: Path) -> None:
        issuer = Issuer(tmp_path, ca_days=(-1000, -10))
        assert findings(issuer, issuer.sign(lds_security_object())).reasons == ("pa.trusted",)

    def test_a_ca_not_yet_valid_when_it_issued_does_not(self, tmp_path: Path) -> None:
        issuer = Issuer(tmp_path, ca_days=(-100, 4000))
        assert findings(issuer, issuer.sign(lds_security_object())).reasons == ("pa.csca_expired_at_issuance",)


class TestTheSigner:
    def test_a_key_that_is_not_for_signing_is_not_believed(self, tmp_path: Path) -> None:
        issuer = Issuer(tmp_path, signer_section="wrong_usage")
        found = findings(issuer, issuer.sign(lds_security_object()))
        assert found.reasons == ("pa.ds_usage", "pa.trusted")
        assert judge(found.reasons)[0] == "read"

    def test_signed_after_the_signers_end_is_not_believed(self, tmp_path: Path) -> None:
        issuer = Issuer(tmp_path, signer_days=(-400, -1))
        found = findings(issuer, issuer.sign(lds_security_object()))
        assert found.reasons == ("pa.ds_expired_at_signing", "pa.ds_expired", "pa.trusted")

    def test_a_signer_that_expired_since_still_counts(self, issuer: Issuer, signed: bytes) -> None:
        security_object = parse_security_object(sod(signed))
        in_ten_years = NOW + timedelta(days=3650)
        found = check_signature(security_object.signed, trust_in(issuer), in_ten_years)
        assert found.reasons == ("pa.ds_expired", "pa.trusted")


class TestTheTrustStore:
    def test_der_pem_and_master_list_hold_the_same_certificates(self, issuer: Issuer, tmp_path: Path) -> None:
        certificate = run("x509", "-in", issuer.ca, "-outform", "DER")
        other = run("x509", "-in", Issuer(tmp_path / "other", "prime256v1").ca, "-outform", "DER")
        listed = tlv.encode(0x30, der.encode_integer(0), tlv.encode(0x31, certificate, other))
        stores = {
            "a.cer": certificate,
            "b.pem": b"a comment\n" + issuer.ca.read_bytes(),
            "c.ml": issuer.sign(listed, content_type=MASTER_LIST),
        }
        for name, content in stores.items():
            folder = tmp_path / name
            folder.mkdir()
            (folder / name).write_bytes(content)
            (folder / "README.txt").write_text("not a certificate")
            assert certificate in [one.raw for one in load_trust_store(folder).certificates]
        assert len(load_trust_store(tmp_path / "c.ml").certificates) == 2

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("text.cer", b"not a certificate"),
            ("empty.der", b""),
            ("empty.pem", b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
            ("base64.pem", b"-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_named(self, name: str, content: bytes, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(MalformedData, match=name):
            load_trust_store(tmp_path)

    def test_signed_data_of_another_kind_is_no_master_list(self, signed: bytes, tmp_path: Path) -> None:
        (tmp_path / "list.ml").write_bytes(signed)
        with pytest.raises(MalformedData, match=r"list\.ml"):
            load_trust_store(tmp_path)


@pytest.mark.parametrize("kind", ["RSA-1024", "RSA-3072", "secp521r1", "brainpoolP192r1 explicit", "prime192v1"])
def test_a_self_signed_certificate_of_any_key_checks(kind: str, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key.pem", kind)
    made = run("req", "-x509", "-new", "-key", key, "-subj", "/C=VN/CN=Tự ký", "-utf8", "-outform", "DER")
    certificate = parse_certificate(made)
    assert certificate.is_signed_by(certificate)
    assert certificate.subject_name == "C=VN, CN=Tự ký"
    assert certificate.is_valid_at(NOW + timedelta(days=1))


@pytest.mark.parametrize("kind", ["ED25519", "DSA"])
def test_a_key_of_another_kind_is_unsupported_not_wrong(kind: str, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    if kind == "DSA":
        run("genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-out", tmp_path / "p")
        run("genpkey", "-paramfile", tmp_path / "p", "-out", key)
    else:
        run("genpkey", "-algorithm", kind, "-out", key)
    certificate = parse_certificate(run("req", "-x509", "-new", "-key", key, "-subj", "/CN=x", "-outform", "DER"))
    with pytest.raises(UnsupportedAlgorithm):
        certificate.is_signed_by(certificate)
