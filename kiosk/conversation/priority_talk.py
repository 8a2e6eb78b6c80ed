"""Who must not wait: signs that call staff at once, and grounds for priority that the person names."""

from kiosk.conversation.stage import Stage
from kiosk.session import (
    PriorityAsked,
    PriorityNamed,
    RedFlagNamed,
    RedFlagsAsked,
    ReturnedToChoosing,
    StartedOver,
    State,
)
from server.domain.priority import AT_THE_KIOSK, PriorityGround

URGENT = "urgent."
"""Begins the problem of a call that cannot wait; the sign's code follows."""


class PriorityTalk:
    """What the touches on these two pages do. Callers hold the lock."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def ask_red_flags(self) -> None:
        self._stage.fire(RedFlagsAsked())

    def name_red_flag(self, code: str) -> None:
        """Ring at reception with the sign that was touched; nobody takes a number now."""
        stage = self._stage
        if code not in {flag.code for flag in stage.red_flags}:
            return
        problem = f"{URGENT}{code}"
        step, handed = stage.state, stage.handed_over(stage.state, problem)
        stage.fire(RedFlagNamed())
        stage.screen.urgent = True
        stage.ring(step, problem, handed)

    def no_red_flag(self) -> None:
        """Go on where the person was; who took the card away meanwhile begins anew."""
        stage, talk = self._stage, self._stage.conversation
        has_left = talk.card is not None and talk.card is not stage.card
        goes_on = stage.state is State.RED_FLAGS_ASIDE and not has_left
        stage.fire(ReturnedToChoosing() if goes_on else StartedOver())

    def ask_priority(self) -> None:
        self._stage.fire(PriorityAsked())

    def name_priority(self, ground: str) -> None:
        """Keep the ground for the registration; an empty one says that there is none after all."""
        stage = self._stage
        if ground and ground not in AT_THE_KIOSK:
            return
        stage.conversation.declared = (PriorityGround(ground),) if ground else ()
        if stage.state is State.DECLARING:
            stage.fire(PriorityNamed())
