"""Helping a person who is stuck at a kiosk to open the card; the pages belong to the kiosks' area."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.contract.fleet import CommandKind
from server.domain.days import local_day
from server.errors import NotFound
from server.fleet.card_help import StuckCard, announce_help, find_stuck_card, send_password
from server.fleet.commands import DONE, get_command, outcome
from server.fleet.forms import CardForm, read_card_form
from server.fleet.refused_views import bp
from server.forms import read_form, read_id
from server.pages import texts
from server.security import signed_in

__all__ = ["bp"]

_ASK_AGAIN_S: Final = 1


@dataclass(frozen=True, slots=True)
class _Page:
    """What stands on the page. ``result``: what became of the last try; None without one, and while ``waits``."""

    kiosk_id: UUID
    person: UUID
    card: StuckCard
    waits: bool = False
    result: str | None = None
    form: CardForm | None = None
    wrong: dict[str, str] | None = None

    @property
    def is_open(self) -> bool:
        return self.result == DONE

    @property
    def says(self) -> str | None:
        """The code of the words about the last try."""
        if self.waits:
            return "opening.wait"
        if self.result is None:
            return None if self.card.wants else "opening.card.not_wanted"
        return f"opening.{self.result}" if texts().has(f"opening.{self.result}") else "opening.failed"


@bp.post("/<uuid:kiosk_id>/help")
def help_open(kiosk_id: UUID) -> ResponseReturnValue:
    """Tell the person at the kiosk that the desk opens their card, and ask for what opens it."""
    staff, now = signed_in(), clock().now()
    person = read_id(request.form.get("session", ""))
    with database().begin() as session:
        announce_help(session, kiosk_id, person=person, facility=staff.facility, by=staff.username, now=now)
    return redirect(url_for("fleet.card", kiosk_id=kiosk_id, session=person), HTTPStatus.SEE_OTHER)


@bp.get("/<uuid:kiosk_id>/card")
def card(kiosk_id: UUID) -> ResponseReturnValue:
    person = read_id(request.args.get("session", ""))
    return _show(_Page(kiosk_id, person, _find(kiosk_id, person)))


@bp.post("/<uuid:kiosk_id>/card")
def open_card(kiosk_id: UUID) -> ResponseReturnValue:
    staff, now = signed_in(), clock().now()
    form = read_form(CardForm, request.form.to_dict())
    person = read_id(form.session)
    typed = read_card_form(form, today=local_day(now))
    if typed.password is None:
        page = _Page(kiosk_id, person, _find(kiosk_id, person), form=form, wrong=typed.wrong)
        return _show(page), HTTPStatus.UNPROCESSABLE_ENTITY
    with database().begin() as session:
        order = send_password(
            session, kiosk_id, typed.password, person=person, facility=staff.facility,
            vault=current_app.extensions["vault"], by=staff.username, now=now,
        )  # fmt: skip
    return redirect(url_for("fleet.card_opening", opening_id=order), HTTPStatus.SEE_OTHER)


@bp.get("/commands/<uuid:opening_id>/card")
def card_opening(opening_id: UUID) -> ResponseReturnValue:
    """Tell what came of a password; while that is not known the page asks again by itself, without scripts."""
    with database().reading() as session:
        command = get_command(session, opening_id, facility=signed_in().facility)
        result = outcome(command, now=clock().now())
    if command.kind != CommandKind.OPEN_CARD:
        raise NotFound("command.unknown", "this order opens no card")
    person = UUID(command.arguments["session"])
    waits = result is None
    page = _Page(command.kiosk_id, person, _find(command.kiosk_id, person), waits=waits, result=result)
    return _show(page), HTTPStatus.OK, {"Refresh": str(_ASK_AGAIN_S)} if waits else {}


def _find(kiosk_id: UUID, person: UUID) -> StuckCard:
    with database().reading() as session:
        return find_stuck_card(session, kiosk_id, person=person, facility=signed_in().facility)


def _show(page: _Page) -> str:
    return render_template("fleet/card.html", page=page, wrong=page.wrong or {})
