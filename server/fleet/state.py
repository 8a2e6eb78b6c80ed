"""How the kiosks are: taking their reports, and the list the desk looks at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import feed
from server.contract.fleet import KioskCommand, KioskCommands, KioskReport
from server.db import Database
from server.domain.kiosk_care import Care, DeviceWord, KioskWord, care_for
from server.fleet.commands import forget_secrets, message_of, note_results, open_commands
from server.fleet.hand_overs import forget_expired
from server.fleet.models import Kiosk, KioskState, StaffCall
from server.fleet.service import Device

WRITE_EVERY: Final = timedelta(seconds=10)
"""A report that says nothing new is written no more often: thirty kiosks are no load then."""

_CLOCK_STEP_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class FleetEntry:
    """One kiosk (or a desk's own devices) as the desk sees it; ``state`` is None when it never said how it is."""

    kiosk_id: UUID
    name: str
    letter: str
    state: KioskState | None
    care: list[Care]
    open_calls: int
    last_seen_at: datetime | None = None

    @property
    def is_urgent(self) -> bool:
        return self.open_calls > 0 or any(one.is_urgent for one in self.care)


def take_report(database: Database, report: KioskReport, *, device: Device, now: datetime) -> KioskCommands:
    """Keep how a kiosk is and return what it is to do; nothing is written while nothing is new."""
    with database.reading() as session:
        state = session.get(KioskState, device.id)
        commands = [message_of(one) for one in open_commands(session, device.id, now=now)]
    if report.results or state is None or _is_news(state, report, now) or now - state.received_at >= WRITE_EVERY:
        commands = database.transact(lambda session: _keep(session, report, device, now))
    return KioskCommands(commands=tuple(commands), as_of=now)


def list_fleet(session: Session, *, facility: str, now: datetime, server_version: str) -> list[FleetEntry]:
    """Return the facility's kiosks that may speak: those that need somebody first, then by name."""
    calls = (
        sa.select(sa.func.count())
        .where(StaffCall.kiosk_id == Kiosk.id, StaffCall.answered_at.is_(None))
        .correlate(Kiosk)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Kiosk, KioskState, calls)
        .outerjoin(KioskState, KioskState.kiosk_id == Kiosk.id)
        .where(Kiosk.facility_code == facility, Kiosk.revoked_at.is_(None))
        .order_by(Kiosk.name, Kiosk.id)
    )
    entries = [
        FleetEntry(
            kiosk_id=kiosk.id,
            name=kiosk.name,
            letter=kiosk.letter,
            state=state,
            care=care_for(word_of(state), now=now, server_version=server_version) if state is not None else [],
            open_calls=open_calls,
            last_seen_at=kiosk.last_seen_at,
        )
        for kiosk, state, open_calls in rows
    ]
    return sorted(entries, key=lambda entry: not entry.is_urgent)


def word_of(state: KioskState) -> KioskWord:
    return KioskWord(
        heard_at=state.received_at,
        step=state.step,
        since=state.since,
        failures=state.failures,
        is_desk=state.is_desk,
        out_of_service=state.out_of_service,
        devices=tuple(DeviceWord(one["kind"], one["state"], one["code"]) for one in state.devices),
        warnings=tuple(state.warnings),
        clock_ahead_s=state.clock_ahead_s,
        version=state.version,
        waiting_visits=state.waiting_visits,
        dead_letters=state.dead_letters,
        uncertain_papers=state.uncertain_papers,
    )


def _keep(session: Session, report: KioskReport, device: Device, now: datetime) -> list[KioskCommand]:
    forget_expired(session, now=now)
    forget_secrets(session, now=now)
    note_results(session, report.results, kiosk_id=device.id, facility=device.facility, now=now)
    state = session.get(KioskState, device.id, with_for_update=True)
    is_news = state is None or _is_news(state, report, now)
    if state is None:
        state = KioskState(kiosk_id=device.id)
        session.add(state)
    for name, value in _columns(report, state, now).items():
        setattr(state, name, value)
    if is_news:
        feed.publish(session, facility_code=device.facility, topic="kiosk", subject_id=device.id, at=now)
    session.flush()
    return [message_of(one) for one in open_commands(session, device.id, now=now)]


def _is_news(state: KioskState, report: KioskReport, now: datetime) -> bool:
    new = _columns(report, state, now)
    if abs(new["clock_ahead_s"] - state.clock_ahead_s) >= _CLOCK_STEP_S:
        return True
    return any(getattr(state, name) != value for name, value in new.items() if name not in _PASSING)


_PASSING: Final = frozenset({"received_at", "clock_ahead_s", "since"})


def _columns(report: KioskReport, state: KioskState | None, now: datetime) -> dict[str, Any]:
    """Return the row's new values. A page that stands still keeps its first ``since``: the way here takes time."""
    page = (report.session, report.step, report.problem)
    is_same_page = state is not None and (state.session, state.step, state.problem) == page
    age = max(report.reported_at - report.since, timedelta(0))
    return {
        "received_at": now,
        "clock_ahead_s": round((report.reported_at - now).total_seconds(), 1),
        "version": report.version,
        "is_desk": report.place == "desk",
        "session": report.session,
        "step": report.step,
        "since": state.since if state is not None and is_same_page else now - age,
        "language": report.language,
        "problem": report.problem,
        "failures": report.failures,
        "card_wants": report.card_wants,
        "out_of_service": report.out_of_service,
        "warnings": list(report.warnings),
        "devices": [{"kind": one.kind, "state": one.state, "code": one.code} for one in report.devices],
        "waiting_visits": report.waiting_visits,
        "dead_letters": report.dead_letters,
        "uncertain_papers": report.uncertain_papers,
        "papers": [one.model_dump(mode="json") for one in report.papers],
        "refused": [one.model_dump(mode="json") for one in report.refused],
    }
