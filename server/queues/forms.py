"""What the forms on queues may say; anything else is refused before a service sees it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from server.domain.no_shows import NoShowRule
from server.domain.priority import MixingRule, PriorityGround
from server.forms import Form, Line
from server.queues.priorities import Decision

_Share = Annotated[int, Field(ge=1, le=9)]


class ChangeForm(Form):
    """A rule of the queues changed by staff, who say why, and which one they saw in force."""

    reason: Line = ""
    seen: UUID | Literal[""] = ""  # empty: nobody had set a rule


class RuleForm(ChangeForm):
    priority: _Share
    ordinary: _Share
    counts_declared: bool = False
    walk_ins: _Share | Literal[""] = ""  # for one with a booked time; empty: booked times change nothing

    @property
    def rule(self) -> MixingRule:
        return MixingRule(self.priority, self.ordinary, self.counts_declared, self.walk_ins or None)


class NoShowForm(ChangeForm):
    minutes: Annotated[int, Field(ge=1, le=120)] | Literal[""] = ""  # empty: staff alone decide
    calls: Annotated[int, Field(ge=1, le=9)]

    @property
    def rule(self) -> NoShowRule:
        return NoShowRule(self.minutes or None, self.calls)


class UsualGapForm(Form):
    queue_id: UUID
    minutes: Annotated[int, Field(ge=1, le=120)] | Literal[""] = ""


class PriorityForm(Form):
    ground: PriorityGround
    decision: Decision
    reason: Line = ""
    seen: Annotated[str, Field(max_length=20)] = ""
    is_from_visit: bool = False
