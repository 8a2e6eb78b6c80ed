"""An identity proved after its arrival was registered: it rises, or is contradicted, and reception hears of it."""

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.contract.v1 import IdentityHeld, IdentityProved, RegisterEncounter
from server.db import Database
from server.domain.identity import IdentityAssurance, replaces
from server.errors import NotFound
from server.feed import Change, changes_after
from server.fleet.service import Device
from server.registration.evidence import take_proof
from server.registration.models import Encounter, EncounterIssue
from tests.server.hospital import MORNING, add_kiosk, arrival, register

READ, CONSISTENT, TRUSTED, CONTRADICTED = (
    IdentityAssurance.CHIP_READ,
    IdentityAssurance.CHIP_CONSISTENT,
    IdentityAssurance.CHIP_TRUSTED,
    IdentityAssurance.CHIP_CONTRADICTED,
)


def early(assurance: IdentityAssurance = READ) -> RegisterEncounter:
    """Return the arrival of a patient who was faster than the proof."""
    return arrival(evidence={"assurance": assurance, "reasons": ["proof.pending"]})


def proof(command: RegisterEncounter, assurance: IdentityAssurance, *reasons: str) -> IdentityProved:
    evidence = command.evidence.model_copy(update={"assurance": assurance, "reasons": reasons})
    return IdentityProved(request_key=command.request_key, evidence=evidence, proved_at=MORNING)


def take(database: Database, message: IdentityProved, device: Device) -> IdentityHeld:
    return database.transact(lambda session: take_proof(session, message, device=device, now=MORNING))


def traces(database: Database) -> tuple[list[Change], int, list[str]]:
    """Return the feed, how many audit lines there are, and the issues' codes."""
    with database.reading() as session:
        lines = session.scalar(sa.select(sa.func.count()).select_from(AuditLine)) or 0
        return (
            list(changes_after(session, 0)),
            lines,
            [str(code) for code in session.scalars(sa.select(EncounterIssue.code))],
        )


def test_proof_that_comes_later_raises_the_assurance_and_reception_hears_of_it(
    hospital: Database, kiosk: Device
) -> None:
    command = early()
    encounter_id = register(hospital, command, kiosk).answer.encounter_id
    changes, lines, _ = traces(hospital)
    held = take(hospital, proof(command, TRUSTED), kiosk)
    assert held == IdentityHeld(encounter_id=encounter_id, assurance=TRUSTED, reasons=())
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
        assert (encounter.assurance, encounter.reasons, encounter.unverified) == (TRUSTED, [], [])
        line = session.scalars(sa.select(AuditLine).order_by(AuditLine.sequence.desc()).limit(1)).one()
        assert (line.actor, line.action, line.subject_id) == (kiosk.actor, "encounter.proved", str(encounter_id))
    later, lines_later, issues = traces(hospital)
    assert [(c.topic, c.subject_id) for c in later[len(changes) :]] == [("encounter", str(encounter_id))]
    assert (lines_later, issues) == (lines + 1, [])


@pytest.mark.parametrize(
    ("before", "later"),
    [
        (TRUSTED, READ),  # an old message that came late
        (CONTRADICTED, TRUSTED),  # a person must look at it first
        (CONTRADICTED, CONTRADICTED),
    ],
)
def test_proof_that_is_no_stronger_changes_nothing(
    hospital: Database, kiosk: Device, before: IdentityAssurance, later: IdentityAssurance
) -> None:
    command = early(before)
    register(hospital, command, kiosk)
    traced = traces(hospital)
    held = take(hospital, proof(command, later, "pa.csca_unknown"), kiosk)
    assert (held.assurance, held.reasons) == (before, ("proof.pending",))
    assert traces(hospital) == traced


def test_a_proof_that_left_the_verdict_as_it_was_ends_the_wait_for_it_once(hospital: Database, kiosk: Device) -> None:
    command = early(READ)
    encounter_id = register(hospital, command, kiosk).answer.encounter_id
    changes, lines, _ = traces(hospital)
    for _ in range(2):
        held = take(hospital, proof(command, READ, "pa.no_sod"), kiosk)
        assert (held.assurance, held.reasons) == (READ, ("pa.no_sod",))
    later, lines_later, issues = traces(hospital)
    assert (len(later), lines_later, issues) == (len(changes) + 1, lines + 1, [])
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
        assert (encounter.reasons, encounter.unverified) == (["pa.no_sod"], ["identity"])


def test_contradicted_chip_is_an_issue_for_staff_once_however_often_it_is_told(
    hospital: Database, kiosk: Device
) -> None:
    command = early(TRUSTED)
    encounter_id = register(hospital, command, kiosk).answer.encounter_id
    before = traces(hospital)
    for _ in range(2):
        take(hospital, proof(command, CONTRADICTED, "pa.hash_differs"), kiosk)
    changes, lines, issues = traces(hospital)
    assert (len(changes), lines, issues) == (len(before[0]) + 1, before[1] + 1, ["identity.contradicted"])
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
        assert (encounter.assurance, encounter.unverified) == (CONTRADICTED, ["identity"])


def test_repeated_registration_after_the_proof_keeps_what_was_proved(hospital: Database, kiosk: Device) -> None:
    command = early()
    encounter_id = register(hospital, command, kiosk).answer.encounter_id
    take(hospital, proof(command, TRUSTED), kiosk)
    assert not register(hospital, command, kiosk).is_new
    with hospital.reading() as session:
        assert session.get_one(Encounter, encounter_id).assurance is TRUSTED


def test_only_the_kiosk_that_registered_an_arrival_may_prove_it(hospital: Database, kiosk: Device) -> None:
    command = early()
    register(hospital, command, kiosk)
    other, _ = add_kiosk(hospital, "M")
    for message, device in ((proof(command, TRUSTED), other), (proof(early(), TRUSTED), kiosk)):
        with pytest.raises(NotFound) as raised:
            take(hospital, message, device)
        assert raised.value.code == "encounter.unknown"


@pytest.mark.parametrize("later", list(IdentityAssurance))
def test_nothing_replaces_a_contradiction_and_a_contradiction_everything_else(later: IdentityAssurance) -> None:
    assert not replaces(later, CONTRADICTED)
    assert replaces(CONTRADICTED, later) is (later is not CONTRADICTED)
