import re

import pytest

from drivers.icao9303.reading import Assurance
from drivers.icao9303.verdict import POLICY, judge, policy_of

PROVED = ("pa.trusted", "aa.valid")


@pytest.mark.parametrize(
    ("reasons", "assurance", "why"),
    [
        (PROVED, "trusted", "signed by an issuer we know, and no copy"),
        (("pa.trusted", "ca.valid"), "trusted", "either proof against copies will do"),
        (("pa.trusted", "cam.valid", "ca.absent", "aa.absent"), "trusted", "the proof made while opening as well"),
        (("pa.trusted", "ca.absent", "aa.absent"), "consistent", "signed, but any copy would say the same"),
        (("pa.trusted", "ca.refused", "aa.unsupported"), "consistent", "a proof that was not made is none"),
        (("pa.csca_unknown", "aa.valid"), "consistent", "signed and whole, issuer unknown"),
        (("pa.csca_usage", "aa.valid"), "consistent", "the certificate in the store is no CA's"),
        (("pa.csca_expired_at_issuance", "aa.valid"), "consistent", "nor was it valid"),
        (("pa.algorithm_unknown", "aa.valid"), "read", "cannot be checked is not the same as wrong"),
        (("pa.no_sod", "aa.valid"), "read", "nothing says whose key answered"),
        (("pa.skipped",), "read", "not asked for"),
        (("pa.ds_usage", *PROVED), "read", "a signer that must not sign"),
        (("pa.ds_expired_at_signing", *PROVED), "read", "a signer past its time"),
        (("pa.ds_expired", *PROVED), "trusted", "expired since: cards outlive their signer's certificate"),
        (("pa.hash_wrong.dg13", *PROVED), "contradicted", "a changed name"),
        (("pa.not_signed.dg13", *PROVED), "contradicted", "an added file"),
        (("pa.signature_wrong", "aa.valid"), "contradicted", "a broken signature"),
        (("pa.ds_forged", "aa.valid"), "contradicted", "a forged signer"),
        (("pa.trusted", "aa.invalid", "ca.valid"), "contradicted", "one failed proof is enough"),
        (("pa.trusted", "ca.invalid"), "contradicted", "a copy"),
        (("dg13.contradicts_dg1.full_name", *PROVED), "contradicted", "two names on one chip"),
        (("code.differs.personal_number", *PROVED), "contradicted", "the code of another person"),
        (("pace.downgraded", *PROVED), "contradicted", "another way in than the one signed"),
        (
            ("document.expired", "dg13.absent", "photo.absent", *PROVED),
            "trusted",
            "what is missing does no harm",
        ),
        ((), "consistent", "no reason at all is not trust"),
    ],
)
def test_the_gravest_reason_decides_the_assurance(reasons: tuple[str, ...], assurance: str, why: str) -> None:
    assert judge(reasons)[0] == assurance


@pytest.mark.parametrize("reason", POLICY)
def test_no_reason_ever_raises_the_verdict(reason: str) -> None:
    ladder = [Assurance.CONTRADICTED, Assurance.READ, Assurance.CONSISTENT, Assurance.TRUSTED]
    for others in (PROVED, ("pa.csca_unknown", "aa.valid"), ("pa.hash_wrong.dg1",)):
        if reason not in ("pa.trusted", "cam.valid", "ca.valid", "aa.valid"):
            assert ladder.index(judge((*others, reason))[0]) <= ladder.index(judge(others)[0])


def test_a_missing_proof_against_copies_is_told() -> None:
    assert judge(("pa.trusted", "aa.absent"))[1] == ("pa.trusted", "aa.absent", "copy.unchecked")
    assert judge(PROVED)[1] == PROVED


def test_reasons_stand_once_and_in_order() -> None:
    assert judge(("pa.trusted", "aa.valid", "pa.trusted"))[1] == PROVED


def test_a_reason_nobody_wrote_down_stops_us() -> None:
    with pytest.raises(KeyError):
        judge(("pa.trusted", "aa.maybe"))


def test_every_reason_fits_the_contracts_code() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9._:/-]{1,64}", reason) for reason in POLICY)
    assert policy_of("pa.hash_wrong.dg13") == POLICY["pa.hash_wrong"]
