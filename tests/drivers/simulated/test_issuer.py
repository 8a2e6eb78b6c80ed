"""EF.SOD against OpenSSL, which knows nothing of our own code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import cms

from drivers.simulated.chip.issuer import csca_certificate, master_list
from drivers.simulated.chip.personalise import personalise
from drivers.simulated.chip.profile import ChipProfile, Issuance, SignatureScheme, Tampering
from drivers.simulated.people import get_person
from drivers.smartcard import tlv

PERSON = get_person("duc")  # issued on 25 April 2021
SIGNED_AT = "1619337600"


def verify_by_openssl(tmp_path: Path, profile: ChipProfile) -> str:
    sod = tlv.parse_one(personalise(PERSON, profile).application["EF.SOD"], "EF.SOD").value
    (tmp_path / "sod.der").write_bytes(sod)
    (tmp_path / "csca.der").write_bytes(csca_certificate(profile.issuance))
    subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", "csca.der", "-out", "csca.pem"], cwd=tmp_path, check=True
    )
    verify = "openssl cms -verify -inform DER -in sod.der -CAfile csca.pem -purpose any -out content.der -attime"
    done = subprocess.run([*verify.split(), SIGNED_AT], cwd=tmp_path, capture_output=True, text=True)
    return done.stderr


@pytest.mark.parametrize(
    "issuance",
    [
        Issuance(),
        Issuance(csca=SignatureScheme("RSA-3072", "sha512", "pss"), document_signer=SignatureScheme("RSA-2048")),
        Issuance(document_signer=SignatureScheme("RSA-2048", "sha384", "pss"), digest="sha512"),
        Issuance(document_signer=SignatureScheme("RSA-2048", "sha1"), digest="sha1"),
        Issuance(document_signer=SignatureScheme("secp521r1", "sha512"), digest="sha384", lds_version=1),
        Issuance(document_signer=SignatureScheme("brainpoolP512r1", "sha224"), digest="sha224"),
    ],
    ids=["default", "RSA", "PSS", "SHA-1", "P-521", "brainpoolP512r1"],
)
def test_sound_security_object_verifies(tmp_path: Path, issuance: Issuance) -> None:
    assert "Verification successful" in verify_by_openssl(tmp_path, ChipProfile(issuance=issuance))


@pytest.mark.parametrize(
    ("tampering", "complaint"),
    [
        (Tampering.SIGNATURE, "CMS_SignerInfo_verify:verification failure"),
        (Tampering.SIGNED_DIGEST, "content verify error"),
        (Tampering.DS_FORGED, "certificate signature failure"),
        (Tampering.UNKNOWN_CSCA, "unable to get local issuer certificate"),
        (Tampering.DS_EXPIRED_AT_SIGNING, "certificate has expired"),
    ],
)
def test_tampered_security_object_is_refused_for_the_reason_it_claims(
    tmp_path: Path, tampering: Tampering, complaint: str
) -> None:
    assert complaint in verify_by_openssl(tmp_path, ChipProfile(tampering=frozenset({tampering})))


def test_explicit_curve_parameters_describe_the_named_curve(tmp_path: Path) -> None:
    scheme = SignatureScheme("brainpoolP256r1", "sha256", explicit_parameters=True)
    (tmp_path / "csca.der").write_bytes(csca_certificate(Issuance(csca=scheme)))
    text = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", "csca.der", "-noout", "-text", "-certopt", "no_sigdump"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    prime = re.search(r"Prime:\s*((?:[0-9a-f]{2}:?\s*)+)", text)
    assert prime
    assert re.sub(r"[\s:]", "", prime[1]) == "00a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377"


def test_the_issuer_is_the_same_in_another_process() -> None:
    program = "from drivers.simulated.chip.issuer import csca_certificate; print(csca_certificate().hex())"
    other = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert bytes.fromhex(other) == csca_certificate()


def test_master_list_carries_the_certificates_it_was_given() -> None:
    known, other = csca_certificate(), csca_certificate(Issuance(csca=SignatureScheme("secp384r1", "sha384")))
    signed = cms.ContentInfo.load(master_list([known, other]))["content"]
    assert signed["encap_content_info"]["content_type"].dotted == "2.23.136.1.1.2"
    content = bytes(signed["encap_content_info"]["content"])
    assert known in content
    assert other in content
