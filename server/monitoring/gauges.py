"""What a monitor is told of the database: queues, checks, kiosks, open questions; nothing of a person."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Final

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from server.audit import AuditHead
from server.auditing.checks import standing
from server.db import Database
from server.domain.days import local_day
from server.domain.outbound import OutboundState
from server.errors import Unavailable
from server.fleet.models import Kiosk, StaffCall
from server.insurance.models import CardCheck
from server.outbox.models import OutboundMessage
from server.queues.models import Queue, Ticket
from server.registration.models import Encounter, EncounterIssue

Row = tuple[list[str], float]
_DESK: Final = "desk"


class DatabaseGauges(Collector):
    """Reads the gauges in one view of the data; a database that does not answer is a gauge too."""

    def __init__(self, database: Database, now: datetime, *, facility: str | None = None) -> None:
        self._database = database
        self._now = now
        self._facility = facility  # whose figures are told; None: everybody's

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("tiepdon", "The running program.", {"version": version("tiepdon")})
        up = GaugeMetricFamily("tiepdon_database_up", "Whether the database answers.")
        try:
            with self._database.reading() as session:
                found = list(self._found(session))
        except Unavailable:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: the registry would ask the database for it."""
        return []

    def _found(self, session: Session) -> Iterator[Metric]:
        day = local_day(self._now)
        yield self._gauge(
            "tiepdon_visits_today", "Visits registered today.", ("facility", "source"),
            (([facility, letter or _DESK], number) for facility, letter, number in session.execute(
                sa.select(Encounter.facility_code, Kiosk.letter, sa.func.count())
                .outerjoin(Kiosk, Kiosk.id == Encounter.kiosk_id)
                .where(Encounter.local_day == day)
                .group_by(Encounter.facility_code, Kiosk.letter)
            )),
        )  # fmt: skip
        yield self._gauge(
            "tiepdon_queue_tickets", "Today's numbers by queue and state.", ("facility", "queue", "status"),
            (([facility, queue, status.value], number) for facility, queue, status, number in session.execute(
                sa.select(Queue.facility_code, Queue.code, Ticket.status, sa.func.count())
                .join(Ticket, Ticket.queue_id == Queue.id)
                .where(Ticket.local_day == day, Ticket.superseded_at.is_(None))
                .group_by(Queue.facility_code, Queue.code, Ticket.status)
            )),
        )  # fmt: skip
        yield from self._card_checks(session)
        yield self._gauge(
            "tiepdon_kiosk_seen_seconds", "How long ago a kiosk was heard of last.", ("facility", "kiosk"),
            (([facility, letter], self._since(seen)) for facility, letter, seen in session.execute(
                sa.select(Kiosk.facility_code, Kiosk.letter, Kiosk.last_seen_at)
                .where(Kiosk.revoked_at.is_(None), Kiosk.last_seen_at.is_not(None))
            )),
        )  # fmt: skip
        yield self._gauge(
            "tiepdon_staff_calls_open", "Calls for help at kiosks that nobody has answered.", ("facility",),
            (([facility], number) for facility, number in session.execute(
                sa.select(StaffCall.facility_code, sa.func.count())
                .where(StaffCall.answered_at.is_(None))
                .group_by(StaffCall.facility_code)
            )),
        )  # fmt: skip
        yield self._gauge(
            "tiepdon_issues_open", "Questions about today's visits that nobody has settled.", ("facility",),
            (([facility], number) for facility, number in session.execute(
                sa.select(Encounter.facility_code, sa.func.count())
                .join(EncounterIssue, EncounterIssue.encounter_id == Encounter.id)
                .where(Encounter.local_day == day, EncounterIssue.settled_at.is_(None))
                .group_by(Encounter.facility_code)
            )),
        )  # fmt: skip
        yield from self._outbox(session)
        yield from self._audit(session)

    def _card_checks(self, session: Session) -> Iterator[Metric]:
        kind = sa.case(
            (CardCheck.next_attempt_at.is_(None), "settled"), (CardCheck.next_attempt_at <= self._now, "due"),
            else_="later",
        )  # fmt: skip
        since = sa.func.min(CardCheck.next_attempt_at)
        rows = session.execute(
            sa.select(CardCheck.facility_code, kind.label("kind"), sa.func.count(), since)
            .where(CardCheck.local_day == local_day(self._now))
            .group_by(CardCheck.facility_code, "kind")
        ).all()
        yield self._gauge(
            "tiepdon_card_checks", "Today's insurance checks: due, to be asked later, settled.", ("facility", "state"),
            (([facility, state], number) for facility, state, number, _ in rows),
        )  # fmt: skip
        yield self._gauge(
            "tiepdon_card_check_overdue_seconds", "How long the oldest due check has waited.", ("facility",),
            (([facility], self._since(due)) for facility, state, _, due in rows if state == "due"),
        )  # fmt: skip

    def _outbox(self, session: Session) -> Iterator[Metric]:
        rows = session.execute(
            sa.select(
                OutboundMessage.facility_code, OutboundMessage.state, sa.func.count(),
                sa.func.min(OutboundMessage.written_at),
            )
            .where(OutboundMessage.state != OutboundState.SENT)  # they only grow
            .group_by(OutboundMessage.facility_code, OutboundMessage.state)
        ).all()  # fmt: skip
        yield self._gauge(
            "tiepdon_outbox_messages", "Messages to the hospital's system not sent yet.", ("facility", "state"),
            (([facility, state.value], number) for facility, state, number, _ in rows),
        )  # fmt: skip
        yield self._gauge(
            "tiepdon_outbox_oldest_seconds", "How long the oldest of them has waited.", ("facility", "state"),
            (([facility, state.value], self._since(since)) for facility, state, _, since in rows),
        )  # fmt: skip

    def _audit(self, session: Session) -> Iterator[Metric]:
        lines = session.scalar(sa.select(AuditHead.sequence)) or 0
        newest = standing(session).newest
        yield self._gauge("tiepdon_audit_lines", "Lines of the audit log.", (), [([], lines)])
        yield self._gauge(
            "tiepdon_audit_check_age_seconds", "How long ago the audit log was checked last.", (),
            [([], self._since(newest.at))] if newest else [],
        )  # fmt: skip
        yield self._gauge(
            "tiepdon_audit_faults", "Places where the last check found the audit log changed, cut or filled in.", (),
            [([], newest.faults)] if newest else [],
        )  # fmt: skip

    def _since(self, instant: datetime | None) -> float:
        return (self._now - (instant or self._now)).total_seconds()

    def _gauge(self, name: str, what: str, labels: tuple[str, ...], rows: Iterable[Row]) -> Metric:
        family = GaugeMetricFamily(name, what, labels=labels)
        for values, number in rows:
            if self._facility is None or not values or values[0] == self._facility:  # the first label is the facility
                family.add_metric(values, number)
        return family
