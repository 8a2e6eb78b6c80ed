"""``tiepdon-server user``, as an administrator types it."""

from collections.abc import Callable
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner, Result

from server.accounts import sessions, signing_in
from server.accounts.commands import user
from server.accounts.sessions import SignedIn
from server.accounts.signing_in import SignInRefused
from server.db import Database
from server.errors import Conflict, NotFound, Refused
from tests.server.hospital import FACILITY, MORNING, build_hospital
from tests.server.staff import PASSWORD, add_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")

ADD = ("add", "le.tan", "--full-name", "Trần Thị Lễ", "--role", "reception", "--facility", FACILITY)
Run = Callable[..., Result]


@pytest.fixture
def run(hospital: Database) -> Run:
    """Run one command with what is typed at its prompts; an error of ours is raised."""

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(user, words, obj=hospital, input=typed, catch_exceptions=False)

    return run


def can_sign_in(database: Database, password: str, username: str = "le.tan") -> bool:
    outcome = signing_in.sign_in(database, username=username, password=password, address="10.0.0.7", now=MORNING)
    assert isinstance(outcome, SignedIn | SignInRefused)
    return isinstance(outcome, SignedIn)


def test_an_added_account_gets_a_password_that_is_shown_once_and_works(run: Run, hospital: Database) -> None:
    added = run(*ADD)
    assert added.exit_code == 0
    username, password = added.output.strip().split(": ")
    assert username == "le.tan"
    assert can_sign_in(hospital, password)
    assert password not in run("list").output


def test_a_password_may_be_typed_and_is_then_not_shown(run: Run, hospital: Database) -> None:
    added = run(*ADD, "--ask", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert added.exit_code == 0
    assert PASSWORD not in added.output
    assert can_sign_in(hospital, PASSWORD)


def test_a_typed_password_that_is_too_weak_is_refused_with_the_reason(run: Run, hospital: Database) -> None:
    with pytest.raises(Refused, match="at least 12 characters"):
        run(*ADD, "--ask", typed="ngắn quá\nngắn quá\n")
    assert run("list").output == ""


def test_no_command_takes_a_password_as_an_argument() -> None:
    for name, command in user.commands.items():
        for parameter in command.params:
            assert "password" not in parameter.opts, name
            assert isinstance(parameter, click.Argument) or "--password" not in parameter.opts, name
    assert {len([p for p in c.params if isinstance(p, click.Argument)]) for c in user.commands.values()} <= {0, 1}


def test_the_list_shows_who_may_do_what_and_who_no_longer(run: Run, hospital: Database) -> None:
    run(*ADD)
    add_staff(hospital, "nghi.viec")
    assert run("disable", "nghi.viec").exit_code == 0
    assert run("list").output.splitlines() == [
        f"{FACILITY}\tle.tan\treception\tactive\tTrần Thị Lễ",
        f"{FACILITY}\tnghi.viec\treception\tdisabled {datetime.now(UTC):%Y-%m-%d}\tNhân viên nghi.viec",
    ]
    assert not can_sign_in(hospital, PASSWORD, "nghi.viec")


def test_a_reset_password_replaces_the_old_one_and_ends_open_sessions(run: Run, hospital: Database) -> None:
    add_staff(hospital)
    outcome = signing_in.sign_in(hospital, username="le.tan", password=PASSWORD, address="10.0.0.7", now=MORNING)
    assert isinstance(outcome, SignedIn)
    new = run("reset-password", "le.tan").output.strip().split(": ")[1]
    with hospital.reading() as session:
        assert sessions.find_staff(session, outcome.token, now=MORNING) is None
    assert not can_sign_in(hospital, PASSWORD)
    assert can_sign_in(hospital, new)


def test_what_cannot_be_is_refused(run: Run) -> None:
    run(*ADD)
    with pytest.raises(Conflict):
        run(*ADD)
    with pytest.raises(NotFound):
        run("disable", "khong.co")
    with pytest.raises(NotFound):
        run("reset-password", "khong.co")
    with pytest.raises(NotFound):
        run("add", "noi.khac", "--full-name", "Ai", "--role", "cashier", "--facility", "00000")
    assert run("add", "ai", "--full-name", "Ai", "--role", "owner", "--facility", FACILITY).exit_code == 2


def test_an_account_moved_by_the_operator_is_opened_where_there_is_no_administrator_yet(
    run: Run, hospital: Database
) -> None:
    build_hospital(hospital, "79999")
    add_staff(hospital)
    assert "79999" in run("move", "le.tan", "--facility", "79999").output
    assert run("list").output.startswith("79999\tle.tan\treception\tdisabled")
    run("enable", "le.tan")
    password = run("reset-password", "le.tan").output.strip().split(": ")[1]
    assert can_sign_in(hospital, password)
