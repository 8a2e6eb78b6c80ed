"""What the desk asks of the person's page: take over, end the session, show a code; and what is handed over."""

from datetime import datetime
from typing import Final
from uuid import UUID

from kiosk.conversation.stage import Stage
from kiosk.session import StaffCalled, StartedOver, State, is_legal
from server.contract.fleet import HandOver

DONE: Final = "done"
SESSION_GONE: Final = "session.gone"
"""Somebody else stands there now, or nobody: what was meant for one person is not done to the next."""

SESSION_EMPTY: Final = "session.empty"
"""The kiosk knew nobody yet, or had forgotten them; the person was asked to come to the desk all the same."""


class DeskTalk:
    """What the desk's orders do to the conversation; every method takes the lock itself.

    An answer of None means: not now, ask again in a moment.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def end_session(self, session: UUID) -> str | None:
        """Forget the person and welcome the next one."""
        stage = self._stage
        with stage.lock:
            if stage.stay.id != session:
                return SESSION_GONE
            if not is_legal(stage.state, StartedOver()):
                return None  # being registered: the number comes in a moment, and must be seen
            stage.fire(StartedOver())
            return DONE

    def hand_over(self, session: UUID, command_id: UUID) -> HandOver | str | None:
        """Ask the person to the desk and forget them; return what was known of them, for the desk."""
        stage = self._stage
        with stage.lock:
            if stage.stay.id != session:
                return SESSION_GONE
            if stage.state is State.REGISTERING:
                return None
            handed = stage.handed_over(stage.state, stage.screen.problem)
            if is_legal(stage.state, StaffCalled()):
                stage.fire(StaffCalled())
            stage.screen.invited = True
            stage.set_deadline()
            stage.publish()
            return SESSION_EMPTY if handed is None else handed.model_copy(update={"command_id": command_id})

    def read_for_desk(self) -> HandOver | None:
        """At a desk: return the person just identified and make room for the next; None while there is none."""
        stage = self._stage
        with stage.lock:
            if stage.state is not State.CONFIRMING or stage.conversation.proving:
                return None
            handed = stage.handed_over(stage.state, None)
            stage.fire(StartedOver())
            return handed

    def reload_screen(self) -> str:
        """Have the browser load the whole page anew, whatever state its scripts are in."""
        stage = self._stage
        with stage.lock:
            stage.page_epoch += 1
            stage.publish()
        return DONE

    def show_pairing_code(self, code: str, until: datetime) -> str:
        """Show on the welcome page the code that proves that a browser stands at this desk."""
        stage = self._stage
        with stage.lock:
            stage.pairing = (code, until)
            stage.publish()
        return DONE
