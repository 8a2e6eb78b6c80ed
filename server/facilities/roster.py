"""Who is on duty where: read from a table as spreadsheets write it, set by hand on the page, asked for by day."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.catalogue import DutySession
from server.errors import NotFound, Refused
from server.facilities.description import LONGEST_FILE, DescriptionError
from server.facilities.models import Clinic, Duty, Practitioner, Room

COLUMNS: Final = ("day", "session", "room", "doctor")
_SESSIONS: Final = {
    "morning": DutySession.MORNING,
    "sáng": DutySession.MORNING,
    "afternoon": DutySession.AFTERNOON,
    "chiều": DutySession.AFTERNOON,
}


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line: a doctor's code and a room's name, as the file has them; ``line`` counts from 1."""

    line: int
    day: date
    session: DutySession
    room: str
    doctor: str


def read_roster(path: Path) -> tuple[RosterRow, ...]:
    """Return the rows of a CSV file; raises DescriptionError naming every mistake.

    Comma or semicolon, with or without a byte order mark; days as 2026-11-23 or 23/11/2026; sessions in either
    language.
    """
    data = path.read_bytes()
    if len(data) > LONGEST_FILE:
        raise DescriptionError([f"{path}: longer than {LONGEST_FILE >> 20} MB, this is no roster"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DescriptionError([f"{path}: not UTF-8 at byte {error.start}; save it as 'CSV UTF-8'"]) from error
    lines = text.splitlines()
    head = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=";" if head.count(";") > head.count(",") else ",")
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise DescriptionError([f"{path}, line 1: no column {', '.join(missing)}; there must be {', '.join(COLUMNS)}"])
    rows: list[RosterRow] = []
    mistakes: list[str] = []
    for fields in reader:
        try:
            rows.append(_row(reader.line_num, fields))
        except ValueError as error:
            mistakes.append(f"{path}, line {reader.line_num}: {error}")
    if mistakes:
        raise DescriptionError(mistakes)
    return tuple(rows)


def import_roster(session: Session, rows: Sequence[RosterRow], *, facility: str, by: str, now: datetime) -> list[str]:
    """Give each day that ``rows`` name exactly its rows, and return a sentence for each change.

    Raises Refused naming every line whose room or doctor the facility does not have, or that puts one doctor in two
    rooms at once.
    """
    wanted = _resolved(session, rows, facility)
    changes: list[str] = []
    for day in sorted({row.day for row in rows}):
        of_day = {key: duty for key, duty in wanted.items() if key[1] == day}
        changes += _set_day(session, facility, day, of_day)
    if changes:
        _note(session, facility, "roster.imported", {"changes": len(changes)}, by=by, now=now)
    return changes


def set_duty(
    session: Session, *, facility: str, room_id: UUID, day: date, on_duty: DutySession, doctors: Iterable[UUID],
    by: str, now: datetime,
) -> None:  # fmt: skip
    """Put exactly ``doctors`` on duty in a room for one session. Raises NotFound; Refused for one who is elsewhere."""
    room = get_room(session, room_id, facility=facility)
    wanted = set(doctors)
    known = set(
        session.scalars(
            sa.select(Practitioner.id).where(Practitioner.facility_code == facility, Practitioner.id.in_(wanted))
        )
    )
    if known != wanted:
        raise NotFound("doctor.unknown", "the facility has no such doctor")
    stored = {
        duty.practitioner_id: duty
        for duty in session.scalars(sa.select(Duty).where(Duty.local_day == day, Duty.session == on_duty))
    }
    elsewhere = [stored[one] for one in wanted if one in stored and stored[one].room_id != room.id]
    if elsewhere:
        raise Refused("duty.elsewhere", "the doctor is on duty in another room in this session")
    for practitioner_id, duty in stored.items():
        if duty.room_id == room.id and practitioner_id not in wanted:
            session.delete(duty)
    for practitioner_id in wanted - stored.keys():
        session.add(Duty(practitioner_id=practitioner_id, room_id=room.id, local_day=day, session=on_duty))
    details = {"room": room.name, "day": day.isoformat(), "session": on_duty.value, "doctors": len(wanted)}
    _note(session, facility, "duty.set", details, by=by, now=now)


def get_room(session: Session, room_id: UUID, *, facility: str) -> Room:
    """Return a room of the facility; raises NotFound, for another facility's too."""
    room = session.scalar(
        sa.select(Room)
        .join(Clinic, Clinic.id == Room.clinic_id)
        .where(Room.id == room_id, Clinic.facility_code == facility)
    )
    if room is None:
        raise NotFound("room.unknown", "the facility has no such room")
    return room


_Key = tuple[UUID, date, DutySession]


def _row(line: int, fields: dict[str, str]) -> RosterRow:
    day, on_duty, room, doctor = ((fields.get(name) or "").strip() for name in COLUMNS)
    if on_duty.casefold() not in _SESSIONS:
        raise ValueError(f"session '{on_duty}' is neither morning (sáng) nor afternoon (chiều)")
    if not room or not doctor:
        raise ValueError("room and doctor must both be named")
    return RosterRow(line, _day(day), _SESSIONS[on_duty.casefold()], room, doctor)


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no time zone
        except ValueError:
            continue
    raise ValueError(f"day '{text}' is not of the form 2026-11-23 or 23/11/2026")


def _resolved(session: Session, rows: Sequence[RosterRow], facility: str) -> dict[_Key, UUID]:
    """Return the room of each doctor, day and session; raises Refused with every mistake."""
    rooms: dict[str, list[UUID]] = {}
    for row in session.execute(
        sa.select(Room.name, Room.id).join(Clinic, Clinic.id == Room.clinic_id).where(Clinic.facility_code == facility)
    ):
        rooms.setdefault(row.name, []).append(row.id)
    doctors = {
        row.code: row.id
        for row in session.execute(
            sa.select(Practitioner.code, Practitioner.id).where(
                Practitioner.facility_code == facility, Practitioner.withdrawn_on.is_(None)
            )
        )
    }
    found: dict[_Key, UUID] = {}
    mistakes: list[str] = []
    for one in rows:
        named = rooms.get(one.room, [])
        if len(named) != 1:
            why = "no room" if not named else "more than one room"
            mistakes.append(f"line {one.line}: the facility has {why} named '{one.room}'")
        elif one.doctor not in doctors:
            mistakes.append(f"line {one.line}: the facility has no doctor with the code '{one.doctor}'")
        elif found.setdefault((doctors[one.doctor], one.day, one.session), named[0]) != named[0]:
            mistakes.append(f"line {one.line}: doctor '{one.doctor}' is in another room in this session already")
    if mistakes:
        raise Refused("import.invalid", "\n".join(mistakes))
    return found


def _set_day(session: Session, facility: str, day: date, wanted: dict[_Key, UUID]) -> list[str]:
    stored = {
        (duty.practitioner_id, duty.local_day, duty.session): duty
        for duty in session.scalars(
            sa.select(Duty)
            .join(Room, Room.id == Duty.room_id)
            .join(Clinic, Clinic.id == Room.clinic_id)
            .where(Clinic.facility_code == facility, Duty.local_day == day)
        )
    }
    gone = [duty for key, duty in stored.items() if wanted.get(key) != duty.room_id]
    new = [(key, room_id) for key, room_id in wanted.items() if key not in stored or stored[key].room_id != room_id]
    for duty in gone:
        session.delete(duty)
    session.flush()  # a doctor who moves leaves the index before entering it again
    for (practitioner_id, local_day, on_duty), room_id in new:
        session.add(Duty(practitioner_id=practitioner_id, room_id=room_id, local_day=local_day, session=on_duty))
    session.flush()
    return [f"{day}: {len(new)} added, {len(gone)} removed"] if new or gone else []


def _note(
    session: Session, facility: str, action: str, details: dict[str, str | int], *, by: str, now: datetime
) -> None:
    audit.record(
        session, at=now, actor=by, action=action, subject_type="facility", subject_id=facility, details=details
    )
    feed.publish(session, facility_code=facility, topic="facility", subject_id=facility, at=now)
