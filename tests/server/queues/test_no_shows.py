"""Numbers that nobody came for: missed by the rule, closed by the end of the day, on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.audit import AuditLine
from server.board.service import find_area, read_display
from server.db import Database
from server.domain.catalogue import Hours
from server.domain.days import day_bounds
from server.domain.no_shows import NoShowRule, is_no_show
from server.domain.queue import TicketStatus
from server.errors import Refused, StaleVersion
from server.fleet.service import Device
from server.outbox.fhir import _status
from server.queues.keeper import Duty, QueueKeeper
from server.queues.lines import line_of
from server.queues.models import Queue, Ticket, TicketMove
from server.queues.no_shows import no_show_rule_in_force, set_no_show_rule
from server.queues.slips import show_slip
from server.queues.standing import newcomers
from server.queues.undoing import undo
from server.registration.models import Encounter
from server.reports.figures import group
from server.reports.visits import visits_of
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, register
from tests.server.queues.counters import NOW, act, arrive, line, press_next, room_of
from tests.server.queues.nights import keep_hours
from tests.server.staff import Browser, add_staff

MIDNIGHT, _ = day_bounds(DAY + timedelta(days=1))
SEVEN = MIDNIGHT + timedelta(hours=7)
RULE = NoShowRule(after_min=10, after_calls=3)


def minutes(*after: float) -> list[datetime]:
    return [NOW + timedelta(minutes=one) for one in after]


@pytest.mark.parametrize(
    ("rule", "calls", "denied", "after_min", "is_missed"),
    [
        (RULE, (0, 2, 4), None, 14, True),  # three calls, ten minutes behind the last
        (RULE, (0, 2, 4), None, 13.9, False),  # the last call is what counts
        (RULE, (0, 2), None, 60, False),  # called twice only: somebody may sit inside
        (RULE, (0, 2, 4), 15, 60, False),  # staff said that the person is there
        (RULE, (0, 2, 4, 20), 15, 30, True),  # and called again since
        (RULE, (), None, 60, False),  # nothing that could have been heard
        (NoShowRule(1, 1), (0,), None, 1, True),
        (NoShowRule(None, 1), (0,), None, 600, False),  # switched off
    ],
)
def test_the_rule_counts_calls_and_minutes_since_the_last(
    rule: NoShowRule, calls: Sequence[int], denied: int | None, after_min: float, is_missed: bool
) -> None:
    [now] = minutes(after_min)
    denied_at = minutes(denied)[0] if denied is not None else None
    assert is_no_show(rule, minutes(*calls), now=now, denied_at=denied_at) is is_missed


@pytest.mark.parametrize(("after_min", "after_calls"), [(0, 3), (121, 3), (10, 0), (10, 10)])
def test_a_rule_without_sense_cannot_be_made(after_min: int, after_calls: int) -> None:
    with pytest.raises(ValueError, match="1 to"):
        NoShowRule(after_min, after_calls)


def look(database: Database, now: datetime) -> None:
    QueueKeeper(database, now=lambda: now).look()


def call_three_times(database: Database, room: UUID) -> Ticket:
    """Call the first number at minutes 0, 2 and 4."""
    ticket = press_next(database, room)
    for at in (2, 4):
        act(database, ticket, "recall", room=room, minutes=at)
    assert ticket is not None
    return ticket


def status_of(database: Database, ticket_id: UUID) -> TicketStatus:
    with database.reading() as session:
        return session.get_one(Ticket, ticket_id).status


@pytest.fixture
def room(hospital: Database) -> UUID:
    return room_of(hospital)


def test_a_number_nobody_comes_for_is_missed_by_itself_and_everybody_sees_by_what(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 2)
    ticket = call_three_times(hospital, room)
    look(hospital, *minutes(13))
    assert status_of(hospital, ticket.id) is TicketStatus.CALLED
    look(hospital, *minutes(14))
    at = minutes(14)[0]
    now = line(hospital, room)
    assert now.current is None
    assert [(one.label, one.missed_by_rule_at) for one in now.missed] == [("A001", at)]
    with hospital.reading() as session:
        display = read_display(session, find_area(session, "all", None), now=at)
        written = session.scalars(sa.select(AuditLine).where(AuditLine.action == "ticket.miss")).one()
    assert (display.calls, display.missed) == ([], ["A001"])
    assert (written.actor, written.details) == ("system", {"ticket": "A001", "rule": "3 calls, 10 min"})


def test_who_missed_the_call_by_the_rule_rejoins_after_three_others(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 6)
    ticket = call_three_times(hospital, room)
    [at] = minutes(14)
    look(hospital, at)
    with hospital.begin() as session:
        code = session.get_one(Encounter, ticket.encounter_id).visit_code
        shown = show_slip(session, code, facility=FACILITY, by="kiosk K", actor=kiosk.actor, now=at)
    assert shown.rejoined
    assert [one.label for one in line(hospital, room).waiting] == ["A002", "A003", "A004", "A001", "A005", "A006"]


def test_a_counter_takes_the_rules_act_back_and_the_rule_leaves_that_number_alone(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 2)
    ticket = call_three_times(hospital, room)
    look(hospital, *minutes(14))
    with hospital.begin() as session:
        queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
        [at] = minutes(15)
        last = line_of(session, queue, room, now=at).last_press
        assert last is not None
        assert (last.act, last.label) == ("miss", "A001")
        undo(session, last.press_id, facility=FACILITY, by="bac.si", now=at)
    look(hospital, *minutes(60))
    assert status_of(hospital, ticket.id) is TicketStatus.CALLED
    act(hospital, ticket, "recall", room=room, minutes=61)
    look(hospital, *minutes(71))
    assert status_of(hospital, ticket.id) is TicketStatus.MISSED


def test_two_processes_that_look_at_once_move_a_number_once(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 1)
    call_three_times(hospital, room)
    [at] = minutes(14)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: look(hospital, at), range(4)))
    with hospital.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(TicketMove.act == "miss")) == 1


def test_one_process_keeps_the_queues_and_another_one_goes_on_when_it_ends(tmp_path: Path) -> None:
    first, second = Duty(tmp_path / "keeper.lock"), Duty(tmp_path / "keeper.lock")
    assert (first.is_mine(), second.is_mine(), first.is_mine()) == (True, False, True)
    first.give_up()
    assert (second.is_mine(), first.is_mine()) == (True, False)
    second.give_up()


class TestEndOfDay:
    @pytest.fixture
    def evening(self, hospital: Database, kiosk: Device, room: UUID) -> dict[str, UUID]:
        """Numbers in every state that a day may end in, of a clinic that works by day."""
        keep_hours(hospital, [Hours(DAY.isoweekday(), time(7), time(16, 30))])
        arrive(hospital, kiosk, 6)
        served = press_next(hospital, room)
        act(hospital, served, "start", room=room)
        act(hospital, served, "hold", room=room)
        missed = press_next(hospital, room, minutes=1)
        act(hospital, missed, "miss", room=room, minutes=1)
        started = press_next(hospital, room, minutes=2)
        act(hospital, started, "start", room=room, minutes=2)
        with hospital.begin() as session:  # a second room, to have one called beside the one under way
            other = session.scalars(sa.select(Ticket).where(Ticket.label == "A004")).one()
            other.status, other.room_id = TicketStatus.CALLED, room
        with hospital.reading() as session:
            return {one.label: one.id for one in session.scalars(sa.select(Ticket))}

    def test_nothing_is_closed_before_midnight_in_viet_nam(self, hospital: Database, evening: dict[str, UUID]) -> None:
        look(hospital, MIDNIGHT - timedelta(seconds=1))
        assert status_of(hospital, evening["A006"]) is TicketStatus.WAITING

    @pytest.mark.parametrize("now", [MIDNIGHT, SEVEN, SEVEN + timedelta(days=2)], ids=["midnight", "seven", "off"])
    def test_what_waits_is_closed_whenever_the_server_is_there_again(
        self, hospital: Database, evening: dict[str, UUID], now: datetime
    ) -> None:
        look(hospital, now)
        assert {label: status_of(hospital, one) for label, one in evening.items()} == {
            "A001": TicketStatus.NOT_SEEN,  # held
            "A002": TicketStatus.MISSED,
            "A003": TicketStatus.DONE,  # was being served
            "A004": TicketStatus.NOT_SEEN,  # called
            "A005": TicketStatus.NOT_SEEN,
            "A006": TicketStatus.NOT_SEEN,
        }
        with hospital.reading() as session:
            figures = group(visits_of(session, facility=FACILITY, day=DAY))
            acts = session.execute(
                sa.select(AuditLine.actor, AuditLine.at).where(AuditLine.action == "ticket.close")
            ).all()
            waiting = session.get_one(Ticket, evening["A006"])
            told = _status(waiting.encounter, waiting)
        assert (figures.waiting, figures.under_way, figures.not_seen) == (0, 0, 4)
        assert acts == [("system", now)] * 5
        assert told == "cancelled"  # FHIR R4: ended before it has begun

    def test_the_next_day_starts_clean_while_it_is_left_alone(
        self, hospital: Database, kiosk: Device, room: UUID, evening: dict[str, UUID]
    ) -> None:
        register(hospital, arrival("034190000102", arrived_at=SEVEN), kiosk, now=SEVEN)
        look(hospital, SEVEN)
        with hospital.reading() as session:
            queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
            today = line_of(session, queue, room, now=SEVEN)
            display = read_display(session, find_area(session, "all", None), now=SEVEN)
            standing = newcomers(session, [queue.id], facility=FACILITY, now=SEVEN)[queue.id]
        assert ([one.label for one in today.waiting], today.missed, today.held) == (["A001"], [], [])
        assert (display.calls, display.missed, standing.before) == ([], [], 1)

    def test_a_visit_uploaded_after_its_day_is_closed_by_the_next_round(
        self, hospital: Database, kiosk: Device
    ) -> None:
        look(hospital, SEVEN)
        late = arrival("034190000301", arrived_at=MIDNIGHT - timedelta(seconds=1))
        ticket = register(hospital, late, kiosk, now=SEVEN).answer.ticket
        assert status_of(hospital, ticket.id) is TicketStatus.WAITING
        look(hospital, SEVEN + timedelta(seconds=10))
        assert status_of(hospital, ticket.id) is TicketStatus.NOT_SEEN


class TestSettingTheRule:
    def put(self, database: Database, rule: NoShowRule, seen: UUID | None = None, reason: str = "Buổi đông") -> None:
        with database.begin() as session:
            set_no_show_rule(session, rule, facility=FACILITY, seen=seen, reason=reason, by="truong", now=MORNING)

    def test_three_calls_and_ten_minutes_hold_until_somebody_sets_another(self, hospital: Database) -> None:
        with hospital.reading() as session:
            assert no_show_rule_in_force(session, FACILITY).rule == NoShowRule(10, 3)
        self.put(hospital, NoShowRule(None, 3))
        with hospital.reading() as session:
            assert no_show_rule_in_force(session, FACILITY).rule.after_min is None
            written = session.scalars(sa.select(AuditLine).where(AuditLine.action == "queue.no-show-rule-set")).one()
        assert written.details == {"old": "3 calls, 10 min", "new": "off"}

    def test_a_change_needs_a_reason_a_difference_and_a_look_at_the_rule_in_force(self, hospital: Database) -> None:
        with pytest.raises(Refused):
            self.put(hospital, NoShowRule(5, 2), reason="")
        with pytest.raises(Refused):
            self.put(hospital, NoShowRule(10, 3))
        self.put(hospital, NoShowRule(5, 2))
        with pytest.raises(StaleVersion):
            self.put(hospital, NoShowRule(6, 2))

    def test_the_lead_changes_it_on_the_page_of_the_rules(self, browser: Browser, hospital: Database) -> None:
        browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
        page = browser.get("/queues/rule").text
        assert "vắng mặt khi đã gọi ít nhất 3 lần và quá 10 phút từ lần gọi cuối." in page
        refused = browser.send("/queues/no-shows", calls="2", minutes="5", reason="", seen="")
        assert (refused.status_code, 'name="minutes" type="number" min="1" max="120" value="5"' in refused.text) == (
            422,
            True,
        )
        assert browser.send("/queues/no-shows", calls="2", minutes="", reason="Thử", seen="").status_code == 303
        assert "chỉ nhân viên ghi vắng mặt." in browser.get("/queues/rule").text
        assert browser.send("/queues/no-shows", calls="2", minutes="5", reason="Thử", seen="").status_code == 409
