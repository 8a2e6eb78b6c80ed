"""What is known of one visit's insurance put to the rules, and the papers shown at the desk noted with the visit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from server import audit, feed
from server.appointments.service import encounters_by_appointment
from server.coverage.models import InsurancePapers
from server.domain.card_check import CardStatus
from server.domain.catalogue import Payer
from server.domain.coverage import FacilityStanding, LivingArea
from server.domain.encounter import EncounterStatus
from server.domain.identity import PartialDate
from server.domain.listed_diseases import ShownDisease, find_row, list_of, read_disease, rows_named, rows_of
from server.domain.papers import TransferPaper
from server.domain.priority import PriorityGround
from server.domain.visit_coverage import Circumstance, VisitCoverage, VisitFacts, cover_visit
from server.errors import Refused, StaleVersion
from server.facilities.load import holidays_of
from server.facilities.models import Facility
from server.facilities.queries import prices_of
from server.insurance.models import CardCheck
from server.queues.models import Ticket
from server.registration.corrections import Act
from server.registration.models import Encounter, Override
from server.registration.overrides import get_encounter

FIELDS: Final = ("transfer_paper", "circumstance", "disease", "living_area", "is_admitted")
"""What of the papers stands in the trail."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What staff were shown. ``living_area`` as the card says; None leaves it to the gateway."""

    transfer_paper: TransferPaper | None = None
    circumstance: Circumstance | None = None
    disease: ShownDisease | None = None
    living_area: LivingArea | None = None
    is_admitted: bool = False


def coverage_of(session: Session, encounter: Encounter) -> VisitCoverage | None:
    """Return what a visit's insurance comes to; None while the facility's standing is not known."""
    return coverages_of(session, [encounter])[encounter.id]


def coverages_of(session: Session, encounters: Sequence[Encounter]) -> dict[UUID, VisitCoverage | None]:
    """Return what ``coverage_of`` does of each visit; as many statements for a page of visits as for one.

    Beside them a few for each facility, and one for each service and day among the visits.
    """
    known = _known_of(session, [encounter.id for encounter in encounters])
    facilities = {code: session.get_one(Facility, code) for code in {one.facility_code for one in encounters}}
    found: dict[UUID, VisitCoverage | None] = {}
    for encounter in encounters:
        standing = facilities[encounter.facility_code].standing
        found[encounter.id] = cover_visit(_facts_of(session, encounter, standing, known)) if standing else None
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands beside some visits, by encounter, and what several of them share."""

    papers: Mapping[UUID, Papers]
    checks: Mapping[UUID, sa.Row[UUID, CardStatus | None, date | None, str | None]]
    by_appointment: Collection[UUID]
    emergencies: Collection[UUID]
    prices: dict[tuple[UUID, date], dict[Payer, int]] = field(default_factory=dict)
    holidays: dict[str, Collection[date]] = field(default_factory=dict)


def _known_of(session: Session, ids: Collection[UUID]) -> _Known:
    papers = session.scalars(sa.select(InsurancePapers).where(InsurancePapers.encounter_id.in_(ids)))
    checks = session.execute(
        sa.select(CardCheck.encounter_id, CardCheck.status, CardCheck.five_years_on, CardCheck.living_area).where(
            CardCheck.encounter_id.in_(ids)
        )
    )
    emergencies = session.scalars(
        sa.select(Ticket.encounter_id).where(
            Ticket.encounter_id.in_(ids),
            Ticket.superseded_at.is_(None),
            Ticket.priority == PriorityGround.EMERGENCY,
        )
    )
    return _Known(
        papers={row.encounter_id: _papers_from(row) for row in papers},
        checks={row.encounter_id: row for row in checks},
        by_appointment=encounters_by_appointment(session, ids),
        emergencies=set(emergencies),
    )


def _facts_of(session: Session, encounter: Encounter, standing: FacilityStanding, known: _Known) -> VisitFacts:
    patient, check = encounter.patient, known.checks.get(encounter.id)
    papers = known.papers.get(encounter.id, Papers())
    priced = encounter.service_id, encounter.local_day
    if priced not in known.prices:
        known.prices[priced] = prices_of(session, encounter.service_id, on=encounter.local_day)
    if encounter.facility_code not in known.holidays:
        known.holidays[encounter.facility_code] = holidays_of(session, encounter.facility_code)
    return VisitFacts(
        on=encounter.local_day,
        facility=encounter.facility_code,
        standing=standing,
        born_on=PartialDate.parse(patient.born_on) if patient.born_on else None,
        payer=encounter.payer,
        price_vnd=encounter.price_vnd,
        prices=known.prices[priced],
        card_number=encounter.insurance_card,
        card_from=encounter.insurance_from,
        card_to=encounter.insurance_to,
        primary_facility=encounter.insurance_facility,
        card_refused=check is not None and check.status is CardStatus.NOT_INSURED,
        five_years_on=check.five_years_on if check else None,
        appointment=encounter.id in known.by_appointment,
        emergency=encounter.id in known.emergencies,
        transfer_paper=papers.transfer_paper,
        circumstance=papers.circumstance,
        disease=papers.disease,
        living_area=papers.living_area or _area_of(check.living_area if check else None),
        admitted=papers.is_admitted,
        holidays=known.holidays[encounter.facility_code],
    )


def papers_of(session: Session, encounter_id: UUID) -> Papers:
    """Return what staff noted of a visit's papers, empty when nothing was shown."""
    row = session.get(InsurancePapers, encounter_id)
    return _papers_from(row) if row else Papers()


def _papers_from(row: InsurancePapers) -> Papers:
    return Papers(row.transfer_paper, row.circumstance, row.disease, row.living_area, row.is_admitted)


def read_shown_disease(session: Session, encounter_id: UUID, text: str, grounds: str, act: Act) -> ShownDisease | None:
    """Return the disease typed for a visit, None for nothing; ``grounds`` is empty where staff do not vouch for it.

    Raises NotFound, and Refused where several diseases have that name, or where no list known here names it for this
    person and staff do not vouch for it.
    """
    encounter = get_encounter(session, encounter_id, facility=act.facility)
    standing = session.get_one(Facility, encounter.facility_code).standing
    appendix = list_of(standing.level) if standing else None
    if not text or appendix is None:
        return None
    rows = rows_of(appendix, on=encounter.local_day)
    disease = read_disease(text, rows)
    if grounds:
        return replace(disease, grounds=grounds)
    if disease.code is None and len(rows_named(disease.name, rows)) > 1:
        raise Refused("papers.disease_several", "several diseases of the list have this name")
    born_on = encounter.patient.born_on
    known = PartialDate.parse(born_on) if born_on else None
    if find_row(disease, appendix, born_on=known, on=encounter.local_day) is None:
        raise Refused("papers.disease_unlisted", "no list known here names this disease for this person")
    return disease


def note_papers(session: Session, encounter_id: UUID, papers: Papers, act: Act) -> None:
    """Note what papers were shown, in place of what was noted before; ``act.reason`` may be empty.

    A paper that no longer stands is noted all the same: it was shown, and the page says what is wrong with it. Raises
    NotFound, StaleVersion, and Refused when the visit has ended or nothing changes.
    """
    encounter = get_encounter(session, encounter_id, facility=act.facility)
    if encounter.version != act.version:
        raise StaleVersion("encounter")
    if encounter.status is not EncounterStatus.ARRIVED:
        raise Refused("encounter.ended", "the visit has ended or was taken back")
    before = papers_of(session, encounter_id)
    if before == papers:
        raise Refused("override.same", "these papers are noted already")
    _store(session, encounter_id, papers)
    flag_modified(encounter, "status")  # the visit's version tells whoever has the page open
    changed = [name for name in FIELDS if getattr(before, name) != getattr(papers, name)]
    grounds = papers.disease.grounds if papers.disease and "disease" in changed else None
    for name in changed:
        session.add(
            Override(
                encounter_id=encounter_id, field=name, old_value=_written(getattr(before, name)),
                new_value=_written(getattr(papers, name)), reason=grounds or act.reason, by=act.by,
                at=act.now,
            )
        )  # fmt: skip
    audit.record(
        session, at=act.now, actor=f"staff:{act.by}", action="encounter.papers-noted", subject_type="encounter",
        subject_id=encounter_id, details={"fields": " ".join(changed)},
    )  # fmt: skip
    feed.publish(session, facility_code=act.facility, topic="encounter", subject_id=encounter_id, at=act.now)
    session.flush()


def _store(session: Session, encounter_id: UUID, papers: Papers) -> None:
    row, paper = session.get(InsurancePapers, encounter_id), papers.transfer_paper
    if row is None:
        row = InsurancePapers(encounter_id=encounter_id)
        session.add(row)
    row.transfer_number = paper.number if paper else None
    row.transfer_from = paper.from_facility if paper else None
    row.transfer_to = paper.to_facility if paper else None
    row.transfer_signed_on = paper.signed_on if paper else None
    row.transfer_is_one_year = paper.one_year if paper else False
    row.circumstance = papers.circumstance
    disease = papers.disease
    row.disease_code = disease.code if disease else None
    row.disease_name = (disease.name or None) if disease else None
    row.disease_grounds = disease.grounds if disease else None
    row.living_area = papers.living_area
    row.is_admitted = papers.is_admitted


def _written(value: TransferPaper | Circumstance | ShownDisease | LivingArea | bool | None) -> str | None:
    """Return one side of a change; a paper as number, from, to, its day and ``1y`` for that kind, with semicolons."""
    if isinstance(value, bool):
        return "yes" if value else None
    if isinstance(value, ShownDisease):
        return " ".join(filter(None, (value.code, value.name)))
    if isinstance(value, TransferPaper):
        kind = "1y" if value.one_year else ""
        return ";".join([value.number, value.from_facility, value.to_facility, value.signed_on.isoformat(), kind])
    return value


def _area_of(code: str | None) -> LivingArea | None:
    """Return the area the gateway names; what is none of the three says nothing."""
    return LivingArea(code) if code in set(LivingArea) else None
