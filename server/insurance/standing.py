"""How the insurance gateway is today, for those who must mend what no single visit shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.domain.card_check import Alarm, verdict_of
from server.domain.days import local_day
from server.insurance.errors import ACCOUNT_REFUSED
from server.insurance.models import CardCheck

PATIENCE: Final = timedelta(minutes=1)
"""One question without an answer is nothing yet: the next may have one."""


class GatewayState(StrEnum):
    ANSWERS = "answers"
    SILENT = "silent"  # no usable answer: asked again by itself
    REFUSES_ACCOUNT = "refuses-account"
    REFUSES_OFFICER = "refuses-officer"  # or what we send: the answer itself says that the set-up is wrong


@dataclass(frozen=True, slots=True)
class GatewayStanding:
    """``code``: the gateway's, or why there was no answer. ``waiting``: visits whose card is asked about again."""

    state: GatewayState
    answered_at: datetime | None
    code: str = ""
    waiting: int = 0


def gateway_standing(session: Session, *, facility: str, now: datetime) -> GatewayStanding | None:
    """Return how the gateway is for a facility today, None while nothing was asked."""
    of_today = CardCheck.facility_code == facility, CardCheck.local_day == local_day(now)
    answer = session.execute(
        sa.select(CardCheck.answered_at, CardCheck.result_code)
        .where(*of_today, CardCheck.answered_at.is_not(None))
        .order_by(CardCheck.answered_at.desc(), CardCheck.id)
        .limit(1)
    ).one_or_none()
    failure = session.execute(
        sa.select(CardCheck.asked_at, CardCheck.error)
        .where(*of_today, CardCheck.error.is_not(None), CardCheck.asked_at.is_not(None))
        .order_by(CardCheck.asked_at.desc(), CardCheck.id)
        .limit(1)
    ).one_or_none()
    waiting = session.scalar(
        sa.select(sa.func.count()).where(*of_today, CardCheck.next_attempt_at.is_not(None), CardCheck.attempts > 0)
    )
    return judge(
        answered_at=answer.answered_at if answer else None,
        result_code=answer.result_code if answer else None,
        failed_at=failure.asked_at if failure else None,
        error=failure.error if failure else None,
        waiting=waiting or 0,
        now=now,
    )


def judge(
    *, answered_at: datetime | None, result_code: str | None, failed_at: datetime | None, error: str | None,
    waiting: int, now: datetime,
) -> GatewayStanding | None:  # fmt: skip
    """Return what the day's last answer and the day's last failure say together."""
    is_failing = failed_at is not None and (answered_at is None or failed_at > answered_at)
    if is_failing and error is not None and error.startswith(ACCOUNT_REFUSED):
        code = error.removeprefix(ACCOUNT_REFUSED)
        return GatewayStanding(GatewayState.REFUSES_ACCOUNT, answered_at, code, waiting)
    if is_failing and (answered_at is None or now - answered_at >= PATIENCE):
        return GatewayStanding(GatewayState.SILENT, answered_at, error or "", waiting)
    if answered_at is None or result_code is None:
        return None
    if verdict_of(result_code).alarm is Alarm.TECHNICIAN:
        return GatewayStanding(GatewayState.REFUSES_OFFICER, answered_at, result_code, waiting)
    return GatewayStanding(GatewayState.ANSWERS, answered_at, waiting=waiting)
