"""Signing in and out, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from server.accounts import service, sessions, signing_in
from server.accounts.limits import USUAL, SessionLimits
from server.accounts.models import FailedSignIns, StaffSession, User
from server.accounts.passwords import PasswordRefused
from server.accounts.roles import Role
from server.accounts.sessions import SignedIn
from server.accounts.signing_in import Closed, SignInDelayed, SignInRefused
from server.audit import AuditLine
from server.db import Database
from server.errors import Conflict, NotFound, Refused
from tests.server.hospital import FACILITY, MORNING
from tests.server.staff import PASSWORD, add_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")

HERE = "10.0.0.7"


def attempt(
    database: Database, username: str = "le.tan", password: str = PASSWORD, address: str = HERE, now: datetime = MORNING
) -> SignedIn | SignInRefused | SignInDelayed:
    return signing_in.sign_in(database, username=username, password=password, address=address, now=now)


def signed_in(database: Database, address: str = HERE) -> SignedIn:
    outcome = attempt(database, address=address)
    assert isinstance(outcome, SignedIn)
    return outcome


def staff_of(database: Database, token: str, now: datetime = MORNING) -> sessions.Staff | None:
    with database.reading() as session:
        return sessions.find_staff(session, token, now=now)


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(AuditLine.action).order_by(AuditLine.sequence)))


@pytest.fixture
def desk(hospital: Database) -> Database:
    add_staff(hospital)
    return hospital


def test_the_right_password_gives_a_session_that_names_the_person(desk: Database) -> None:
    outcome = signed_in(desk)
    staff = staff_of(desk, outcome.token)
    assert staff == outcome.staff
    assert (staff.username, staff.role, staff.facility) == ("le.tan", Role.RECEPTION, FACILITY)
    assert actions(desk) == ["staff.signed-in"]


def test_the_user_name_is_taken_in_capitals_and_with_spaces_around_it(desk: Database) -> None:
    assert isinstance(attempt(desk, username="  Le.Tan "), SignedIn)


def test_the_token_is_nowhere_in_the_database(desk: Database) -> None:
    token = signed_in(desk).token
    with desk.reading() as session:
        row = session.scalars(sa.select(StaffSession)).one()
    assert len(token) >= 43  # 256 bits
    assert token.encode() not in row.token_hash
    assert staff_of(desk, token[:-1] + ("A" if token[-1] != "A" else "B")) is None


def test_wrong_password_unknown_name_and_disabled_account_look_alike(desk: Database) -> None:
    add_staff(desk, "nghi.viec")
    with desk.begin() as session:
        service.disable_user(session, service.get_user(session, "nghi.viec"), now=MORNING)
    assert attempt(desk, password="sai mật khẩu rồi") == SignInRefused()
    assert attempt(desk, username="khong.co") == SignInRefused()
    assert attempt(desk, username="nghi.viec", password="sai mật khẩu rồi") == SignInRefused()
    assert actions(desk) == ["staff.disabled", *["staff.sign-in-refused"] * 3]


def test_whoever_knows_the_password_of_a_closed_account_is_told_so(desk: Database) -> None:
    with desk.begin() as session:
        service.disable_user(session, service.get_user(session, "le.tan"), now=MORNING)
    assert attempt(desk) == SignInRefused(Closed.ACCOUNT)
    assert actions(desk) == ["staff.disabled", "staff.sign-in-refused"]


def test_after_three_mistakes_even_the_right_password_must_wait_and_then_is_taken(desk: Database) -> None:
    for _ in range(4):
        assert attempt(desk, password="sai mật khẩu rồi") == SignInRefused()
    delayed = attempt(desk)
    assert delayed == SignInDelayed(MORNING + timedelta(seconds=2))
    assert isinstance(attempt(desk, now=MORNING + timedelta(seconds=2)), SignedIn)


def test_success_clears_the_mistakes_made_before(desk: Database) -> None:
    for _ in range(3):
        attempt(desk, password="sai mật khẩu rồi")
    signed_in(desk)
    for _ in range(3):
        assert attempt(desk, password="sai mật khẩu rồi") == SignInRefused()
    assert isinstance(attempt(desk), SignedIn)


def test_a_stranger_elsewhere_cannot_keep_the_owner_out(desk: Database) -> None:
    signed_in(desk)  # the desk's address becomes familiar
    for number in range(60):
        attempt(desk, password="sai mật khẩu rồi", address=f"203.0.113.{number}")
    assert isinstance(attempt(desk, address="203.0.113.99"), SignInDelayed)
    assert isinstance(attempt(desk), SignedIn)


def test_one_address_that_tries_many_names_is_slowed_down(desk: Database) -> None:
    for number in range(31):
        assert attempt(desk, username=f"nguoi.{number}") == SignInRefused()
    assert isinstance(attempt(desk, username="nguoi.khac"), SignInDelayed)


def test_a_neighbour_behind_the_same_router_cannot_keep_out_who_has_signed_in_there_before(desk: Database) -> None:
    signed_in(desk)
    add_staff(desk, "moi.den")
    for number in range(60):
        attempt(desk, username=f"nguoi.{number}", now=MORNING + timedelta(minutes=5) * number)
    end = MORNING + timedelta(minutes=5) * 59
    assert isinstance(attempt(desk, username="moi.den", now=end), SignInDelayed)
    assert isinstance(attempt(desk, now=end), SignedIn)


def test_a_new_password_from_the_administrator_ends_the_wait(desk: Database) -> None:
    for _ in range(4):
        attempt(desk, password="sai mật khẩu rồi")
    assert isinstance(attempt(desk), SignInDelayed)
    with desk.begin() as session:
        user = service.get_user(session, "le.tan")
        service.set_password(session, user, "một câu khác hẳn", now=MORNING + timedelta(seconds=1), one_time=True)
    assert isinstance(attempt(desk, password="một câu khác hẳn", now=MORNING + timedelta(seconds=1)), SignedIn)


def test_guesses_sent_at_once_are_counted_before_they_are_looked_at(desk: Database) -> None:
    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(lambda _: attempt(desk, password="sai mật khẩu rồi"), range(12)))
    assert sum(outcome == SignInRefused() for outcome in outcomes) == 4
    assert sum(isinstance(outcome, SignInDelayed) for outcome in outcomes) == 8


def test_a_password_kept_with_older_parameters_is_kept_anew_at_sign_in(desk: Database) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(PASSWORD)
    with desk.begin() as session:
        service.get_user(session, "le.tan").password_hash = older
    signed_in(desk)
    with desk.reading() as session:
        renewed = service.get_user(session, "le.tan").password_hash
    assert renewed != older
    assert isinstance(attempt(desk), SignedIn)


def test_an_idle_session_ends_and_a_used_one_lives_until_the_shift_is_over(desk: Database) -> None:
    outcome = signed_in(desk)
    assert staff_of(desk, outcome.token, MORNING + USUAL.idle) is None
    now = MORNING
    while now < MORNING + USUAL.longest - USUAL.idle:
        now += USUAL.idle / 2
        staff = sessions.touch(desk, outcome.staff, now=now)
        assert staff.ends_at == min(now + USUAL.idle, MORNING + USUAL.longest)
    assert staff_of(desk, outcome.token, now) == outcome.staff
    sessions.touch(desk, outcome.staff, now=MORNING + USUAL.longest - timedelta(seconds=1))
    assert staff_of(desk, outcome.token, MORNING + USUAL.longest) is None


@pytest.mark.parametrize(
    ("role", "minutes", "is_there"),
    [
        (Role.RECEPTION, 6, True),
        (Role.RECEPTION, 7, False),
        (Role.CLINICIAN, 19, True),  # examines somebody between two calls
        (Role.CLINICIAN, 20, False),
    ],
)
def test_the_hospital_says_how_long_an_idle_session_lasts(
    desk: Database, role: Role, minutes: int, is_there: bool
) -> None:
    limits = SessionLimits(idle=timedelta(minutes=7), idle_at_clinic=timedelta(minutes=20))
    add_staff(desk, "ai.do", role)
    outcome = attempt(desk, username="ai.do")
    assert isinstance(outcome, SignedIn)
    with desk.reading() as session:
        now = MORNING + timedelta(minutes=minutes)
        staff = sessions.find_staff(session, outcome.token, now=now, limits=limits)
    assert (staff is not None) is is_there


def test_signing_out_ends_this_session_and_no_other(desk: Database) -> None:
    here, there = signed_in(desk), signed_in(desk, address="10.0.0.8")
    with desk.begin() as session:
        signing_in.sign_out(session, here.staff, now=MORNING)
    assert staff_of(desk, here.token) is None
    assert staff_of(desk, there.token) is not None


def test_disabling_an_account_ends_its_sessions_at_once(desk: Database) -> None:
    outcome = signed_in(desk)
    with desk.begin() as session:
        service.disable_user(session, service.get_user(session, "le.tan"), now=MORNING)
    assert staff_of(desk, outcome.token) is None


def test_one_changes_ones_own_password_with_the_current_one_and_must_sign_in_again(desk: Database) -> None:
    outcome = signed_in(desk)
    new = "mưa rơi trên mái tôn"

    def change(current: str, to: str = new) -> SignInRefused | SignInDelayed | None:
        return signing_in.change_own_password(
            desk, outcome.staff, current=current, new=to, address=HERE, now=MORNING
        )  # fmt: skip

    assert change("sai mật khẩu rồi") == SignInRefused()
    with pytest.raises(PasswordRefused):
        change(PASSWORD, to="ngắn")
    assert staff_of(desk, outcome.token) is not None
    assert change(PASSWORD) is None
    assert staff_of(desk, outcome.token) is None
    assert attempt(desk) == SignInRefused()
    assert isinstance(attempt(desk, password=new), SignedIn)


def test_a_user_name_is_given_once_also_after_the_account_was_closed(desk: Database) -> None:
    with desk.begin() as session:
        service.disable_user(session, service.get_user(session, "le.tan"), now=MORNING)
    with pytest.raises(Conflict), desk.begin() as session:
        add_by_service(session, "LE.TAN")


def test_an_account_is_added_with_its_name_tidied(desk: Database) -> None:
    with desk.begin() as session:
        add_by_service(session, "truong.quay")
    with desk.reading() as session:
        user = service.get_user(session, "truong.quay")
    assert (user.full_name, user.role) == ("Phạm Thị Trưởng", Role.RECEPTION_LEAD)
    assert isinstance(attempt(desk, username="truong.quay"), SignedIn)


@pytest.mark.parametrize("username", ["", "a", "lễ.tân", "le tan", "-le", "x" * 64, "le\ntan"])
def test_an_odd_user_name_is_refused(desk: Database, username: str) -> None:
    with pytest.raises(Refused), desk.begin() as session:
        add_by_service(session, username)


def test_an_unknown_account_cannot_be_had(desk: Database) -> None:
    with pytest.raises(NotFound), desk.reading() as session:
        service.get_user(session, "khong.co")


def test_what_has_ended_is_cleared_away_at_the_next_sign_in(desk: Database) -> None:
    attempt(desk, username="khong.co")
    signed_in(desk)
    later = MORNING + timedelta(days=2)
    assert isinstance(attempt(desk, now=later), SignedIn)
    with desk.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 1
        oldest = session.scalar(sa.select(sa.func.min(FailedSignIns.last_failed_at)))
    assert oldest == later


def add_by_service(session: sa.orm.Session, username: str) -> User:
    return service.add_user(
        session, username=username, full_name=" Phạm Thị  Trưởng ", role=Role.RECEPTION_LEAD, password=PASSWORD,
        facility=FACILITY, now=MORNING,
    )  # fmt: skip
