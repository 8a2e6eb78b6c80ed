"""``tiepdon-server user``: accounts from the command line. A password is asked for or made, never an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import click

from server.accounts import administration, second_factor, service, sessions
from server.accounts.passwords import (
    MAXIMUM_LENGTH,
    MINIMUM_LENGTH,
    PasswordFault,
    PasswordRefused,
    make_password,
)
from server.accounts.roles import Role
from server.db import Database
from server.errors import Refused

pass_database = click.make_pass_decorator(Database)

_ask = click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")


@click.group(help="Accounts of the staff.")
def user() -> None:
    pass


@user.command("add")
@click.argument("username")
@click.option("--full-name", required=True, help="As it shall stand in the trail of who did what.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--facility", required=True, help="The facility's 5-character code.")
@_ask
@pass_database
def add(database: Database, username: str, full_name: str, role: str, facility: str, ask: bool) -> None:
    """Add an account and show its password once."""
    password = _new_password(ask)
    with _password_judged(), database.begin() as session:
        service.add_user(
            session,
            username=username,
            full_name=full_name,
            role=Role(role),
            password=password,
            facility=facility,
            now=datetime.now(UTC),
        )
    _show_password(username, password, ask)


@user.command("list", short_help="Show all accounts, one a line.")
@pass_database
def list_(database: Database) -> None:
    """Show all accounts, one a line: facility, user name, role, state, full name."""
    with database.reading() as session:
        for row in service.list_users(session):
            state = f"disabled {row.disabled_at:%Y-%m-%d}" if row.disabled_at else "active"
            click.echo("\t".join((row.facility_code, row.username, row.role.value, state, row.full_name)))


@user.command("disable")
@click.argument("username")
@pass_database
def disable(database: Database, username: str) -> None:
    """Close an account and end its sessions at once."""
    with database.begin() as session:
        service.disable_user(session, service.get_user(session, username), now=datetime.now(UTC))
    click.echo(f"'{username}' is disabled.")


@user.command("enable")
@click.argument("username")
@pass_database
def enable(database: Database, username: str) -> None:
    """Open a closed account again."""
    with database.begin() as session:
        administration.enable_user(session, service.get_user(session, username), now=datetime.now(UTC))
    click.echo(f"'{username}' is enabled.")


@user.command("move", short_help="Have an account belong to another facility.")
@click.argument("username")
@click.option("--facility", required=True, help="The other facility's 5-character code.")
@pass_database
def move(database: Database, username: str, facility: str) -> None:
    """Have an account belong to another facility; closed, without a password, until it is opened there."""
    with database.begin() as session:
        administration.move_user(session, service.get_user(session, username), facility, now=datetime.now(UTC))
    click.echo(f"'{username}' belongs to {facility} and is disabled until it is opened, and given a password, there.")


@user.command("reset-password", short_help="Give an account a new password.")
@click.argument("username")
@_ask
@pass_database
def reset_password(database: Database, username: str, ask: bool) -> None:
    """Give an account a new password, shown once, and end its sessions."""
    password = _new_password(ask)
    with _password_judged(), database.begin() as session:
        service.set_password(session, service.get_user(session, username), password, now=datetime.now(UTC))
    _show_password(username, password, ask)


@user.command("remove-second-factor", short_help="Take a lost second factor away.")
@click.argument("username")
@pass_database
def remove_second_factor(database: Database, username: str) -> None:
    """Take the second factor of a lost phone away; the person sets up a new one after signing in."""
    with database.begin() as session:
        account = service.get_user(session, username)
        second_factor.remove(session, account, by="system", now=datetime.now(UTC))
        sessions.end_sessions(session, account)
    click.echo(f"'{username}' has no second factor now.")


_FAULTS: Final = {
    PasswordFault.TOO_SHORT: f"a password has at least {MINIMUM_LENGTH} characters",
    PasswordFault.TOO_LONG: f"a password has at most {MAXIMUM_LENGTH} characters",
    PasswordFault.CONTAINS_NAME: "the password contains the person's name, the user name or the facility",
    PasswordFault.TOO_COMMON: "the password is too easy to guess",
}


@contextmanager
def _password_judged() -> Iterator[None]:
    try:
        yield
    except PasswordRefused as error:
        raise Refused(error.code, _FAULTS[error.fault]) from error


def _new_password(ask: bool) -> str:
    if not ask:
        return make_password()
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _show_password(username: str, password: str, was_asked: bool) -> None:
    if not was_asked:
        click.echo(f"{username}: {password}")
