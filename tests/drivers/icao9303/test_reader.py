"""One reading from the outside: what is told when, what it costs in exchanges, and what each option leaves out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drivers.codec.recognise import IdCardCode
from drivers.config import SimulatedReaderOptions
from drivers.icao9303.certificate import parse_certificate
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import (
    AccessOpened,
    Assurance,
    BytesRead,
    Check,
    ChipPasswords,
    ChipReading,
    IdentityAvailable,
    ProofAvailable,
    ReadingEvent,
)
from drivers.icao9303.trust import EMPTY_TRUST_STORE, TrustStore
from drivers.simulated.chip.issuer import csca_certificate
from drivers.simulated.chip.profile import ChipProfile, PaceSuite, Tampering
from drivers.simulated.deck import SimulatedCard
from drivers.simulated.people import InventedPerson, get_person
from drivers.simulated.reader import SimulatedCardReader
from drivers.smartcard.base import CardConnection

DUC = get_person("duc")
TRUST = TrustStore((parse_certificate(csca_certificate()),))
FULL_CARD = ChipProfile(photo_bytes=20_480)


def connect(profile: ChipProfile, person: InventedPerson = DUC) -> CardConnection:
    card = SimulatedCard("card", person, profile, "", "", "", "")
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), deck=(card,))
    reader.insert("card")
    return reader.connect()


def read(profile: ChipProfile, options: ReadOptions | None = None) -> tuple[ChipReading, list[ReadingEvent]]:
    told: list[ReadingEvent] = []
    passwords = ChipPasswords(DUC.can, DUC.document_number, "900815", ("300815",))
    reading = read_chip(connect(profile), passwords, options=options or ReadOptions(trust=TRUST), observer=told.append)
    return reading, told


def test_the_person_comes_first_then_the_proof_then_the_photo() -> None:
    _, told = read(FULL_CARD)
    milestones = [type(event) for event in told if not isinstance(event, BytesRead)]
    assert milestones == [AccessOpened, IdentityAvailable, ProofAvailable]
    behind_the_proof = told[[type(event) for event in told].index(ProofAvailable) + 1 :]
    assert behind_the_proof  # the photo is still to come
    assert all(isinstance(event, BytesRead) for event in behind_the_proof)


def test_progress_never_falls_and_ends_at_the_whole() -> None:
    for options in (ReadOptions(), ReadOptions(photo=False), ReadOptions(prove=False), ReadOptions(extended=False)):
        _, told = read(FULL_CARD, options)
        progress = [event for event in told if isinstance(event, BytesRead)]
        fractions = [event.done / event.total for event in progress]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0


@pytest.mark.parametrize(
    ("profile", "options", "at_most", "why"),
    [
        (FULL_CARD, ReadOptions(trust=TRUST), 30, "extended length, everything"),
        (FULL_CARD, ReadOptions(trust=TRUST, extended=False), 122, "short length on our side"),
        (replace(FULL_CARD, extended_length=False), ReadOptions(trust=TRUST), 122, "short length on the chip's side"),
        (FULL_CARD, ReadOptions(photo=False, prove=False), 14, "the identity alone"),
        (replace(FULL_CARD, pace=()), ReadOptions(trust=TRUST), 30, "BAC"),
    ],
)
def test_a_reading_costs_few_exchanges(profile: ChipProfile, options: ReadOptions, at_most: int, why: str) -> None:
    reading, _ = read(profile, options)
    assert reading.apdus <= at_most


def test_without_photo_it_stays_on_the_chip() -> None:
    reading, _ = read(FULL_CARD, ReadOptions(trust=TRUST, photo=False))
    assert reading.photo is None
    assert "EF.DG2" not in reading.files
    assert reading.assurance is Assurance.TRUSTED


def test_without_proof_the_chip_was_merely_read() -> None:
    reading, told = read(FULL_CARD, ReadOptions(trust=TRUST, prove=False))
    assert (reading.assurance, reading.reasons) == (Assurance.READ, ("pa.skipped",))
    assert reading.proof.passive_authentication is Check.SKIPPED
    assert not any(isinstance(event, ProofAvailable) for event in told)


def test_the_proof_before_the_photo_is_the_verdict_of_a_sound_card() -> None:
    reading, told = read(FULL_CARD)
    (proof,) = (event for event in told if isinstance(event, ProofAvailable))
    assert (proof.assurance, proof.reasons) == (reading.assurance, reading.reasons)


def test_a_changed_photo_is_found_out_after_the_proof() -> None:
    genuine, _ = read(FULL_CARD)
    photo = genuine.files["EF.DG2"]
    forged = photo[:-100] + bytes([photo[-100] ^ 1]) + photo[-99:]
    reading, told = read(replace(FULL_CARD, planted_files=(("EF.DG2", forged),)))
    (proof,) = (event for event in told if isinstance(event, ProofAvailable))
    assert proof.assurance is Assurance.TRUSTED
    assert (reading.assurance, reading.proof.passive_authentication) == (Assurance.CONTRADICTED, Check.INVALID)
    assert "pa.hash_wrong.dg2" in reading.reasons


@pytest.mark.parametrize("file", ["EF.DG14", "EF.DG15"])
def test_a_copy_that_keeps_its_proof_back_is_never_trusted(file: str) -> None:
    reading, _ = read(replace(FULL_CARD, planted_files=((file, b""),)))
    assert (reading.assurance, "copy.withheld" in reading.reasons) == (Assurance.CONSISTENT, True)


def test_a_chip_that_signs_another_way_in_was_tampered_with_on_the_way() -> None:
    weaker = ChipProfile(pace=(PaceSuite("3DES"),))
    genuine = ChipProfile(pace=(PaceSuite("AES-256"),))
    signed_infos, _ = read(genuine)
    planted = tuple((name, signed_infos.files[name]) for name in ("EF.DG14", "EF.SOD"))
    reading, _ = read(replace(weaker, planted_files=planted, chip_authentication=None))
    assert "pace.downgraded" in reading.reasons
    assert reading.assurance is Assurance.CONTRADICTED


@pytest.mark.parametrize(
    ("trust", "tampering", "reason", "assurance"),
    [
        (TRUST, frozenset(), "cam.valid", Assurance.TRUSTED),
        (TRUST, frozenset({Tampering.CLONED_KEYS}), "cam.invalid", Assurance.CONTRADICTED),
        # The mapping's key is signed by somebody we do not know: no proof, and no contradiction either.
        (EMPTY_TRUST_STORE, frozenset(), "cam.unsupported", Assurance.CONSISTENT),
    ],
)
def test_the_mapping_proves_what_its_signed_key_proves(
    trust: TrustStore, tampering: frozenset[Tampering], reason: str, assurance: Assurance
) -> None:
    mapping = ChipProfile(pace=(PaceSuite("AES-128", "CAM"),), chip_authentication=None, active_authentication=None)
    reading, _ = read(replace(mapping, tampering=tampering), ReadOptions(trust=trust))
    assert reason in reading.reasons
    assert reading.assurance is assurance


def test_the_code_of_another_person_contradicts() -> None:
    code = IdCardCode("036148000018", None, "Trần Thị Hoà", "1948-03-03", "female", None, None)
    reading, _ = read(FULL_CARD, ReadOptions(trust=TRUST, code=code))
    assert reading.assurance is Assurance.CONTRADICTED
    assert reading.proof.differences == ("personal_number", "full_name", "born_on", "sex")
    assert reading.reasons[:2] == ("code.differs.personal_number", "code.differs.full_name")


# (the moment, whether a card that is good to 15 August 2030 is out of date)
MOMENTS = [
    (datetime(2030, 8, 15, 16, 59, tzinfo=UTC), False),  # a minute to midnight in Viet Nam
    (datetime(2030, 8, 15, 23, 30, tzinfo=UTC), True),  # 06:30 on the 16th, when the doors open
    (datetime(2031, 1, 1, tzinfo=UTC), True),
]


@pytest.mark.parametrize(("moment", "is_expired"), MOMENTS)
def test_an_expired_card_still_names_its_holder(moment: datetime, is_expired: bool) -> None:
    reading, _ = read(FULL_CARD, ReadOptions(trust=TRUST, photo=False, clock=lambda: moment))
    assert (reading.identity.expires_on, "document.expired" in reading.reasons) == ("2030-08-15", is_expired)
    assert reading.assurance is Assurance.TRUSTED


def test_a_card_without_dg13_is_named_by_its_mrz() -> None:
    reading, _ = read(replace(FULL_CARD, tampering=frozenset({Tampering.NO_DG13})))
    assert (reading.identity.full_name, reading.identity.name_from) == ("NGUYEN VAN DUC", "DG1")


def test_timings_divide_into_waiting_and_computing() -> None:
    reading, _ = read(FULL_CARD)
    timings = reading.timings_ms
    assert timings["total"] == pytest.approx(timings["exchanges"] + timings["computing"], abs=0.01)
    assert {"opening", "identity", "proof_files", "passive_authentication", "copy_check", "photo"} <= timings.keys()


def test_no_personal_data_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(1):
        read(FULL_CARD)
    assert caplog.records  # the traffic level is on
    text = caplog.text.upper()
    for secret in ("NGUYEN", "001090123456", "123456", "5F1F", DUC.full_name.upper()):
        assert secret not in text
