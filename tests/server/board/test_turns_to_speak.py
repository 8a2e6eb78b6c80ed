"""One display of an area speaks at a time, in the order of the calls, and another one takes over when it vanishes."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from server.domain.speaking import (
    ASK_AGAIN,
    FORGOTTEN_AFTER,
    TAKEN_OVER_AFTER,
    TURN_LIMIT,
    AskAgain,
    OpenCall,
    Speak,
    Turn,
    next_turn,
)
from tests.server.hospital import MORNING

FIRST, SECOND = UUID(int=2), UUID(int=1)  # the order is that of the calls, not of their ids
S = timedelta(seconds=1)


def called(ago: timedelta, call_id: UUID = FIRST) -> OpenCall:
    return OpenCall(call_id, MORNING - ago)


def turn(display: str, *, began: timedelta, ended: timedelta | None) -> Turn:
    return Turn(display, MORNING - began, None if ended is None else MORNING - ended)


HALL = turn("hall", began=60 * S, ended=40 * S)
SPEAKS = turn("hall", began=5 * S, ended=None)
VANISHED = turn("hall", began=TURN_LIMIT, ended=None)


@pytest.mark.parametrize(
    ("calls", "last", "display", "expected"),
    [
        ([], HALL, "hall", None),  # nothing to say
        ([called(0 * S)], None, "door", Speak(FIRST)),  # the first call of the day: whoever asks first
        ([called(0 * S)], HALL, "hall", Speak(FIRST)),  # who spoke last goes on
        ([called(0 * S)], HALL, "door", AskAgain(TAKEN_OVER_AFTER)),  # the other one listens
        ([called(3 * S)], HALL, "door", AskAgain(1 * S)),  # and is told when it may take over
        ([called(TAKEN_OVER_AFTER)], HALL, "door", Speak(FIRST)),  # the one that spoke last lets it lie
        ([called(9 * S, SECOND), called(10 * S, FIRST)], HALL, "hall", Speak(FIRST)),  # in the order of the calls
        ([called(1 * S)], SPEAKS, "door", AskAgain(ASK_AGAIN)),  # one at a time
        ([called(30 * S)], SPEAKS, "door", AskAgain(ASK_AGAIN)),  # however long a call has waited for its turn
        ([called(1 * S)], SPEAKS, "hall", Speak(FIRST)),  # the display that speaks was loaded anew
        ([called(30 * S)], turn("hall", began=20 * S, ended=1 * S), "door", AskAgain(3 * S)),  # it may go on first
        ([called(30 * S)], turn("hall", began=TURN_LIMIT - S, ended=None), "door", AskAgain(1 * S)),  # nearly given up
        ([called(30 * S)], VANISHED, "door", AskAgain(TAKEN_OVER_AFTER)),  # given up: its turn ends now
        ([called(30 * S)], turn("hall", began=TURN_LIMIT + 4 * S, ended=None), "door", Speak(FIRST)),  # and it is gone
        ([called(FORGOTTEN_AFTER)], HALL, "hall", None),  # nobody waits for that call any more
        ([called(FORGOTTEN_AFTER), called(1 * S, SECOND)], HALL, "hall", Speak(SECOND)),  # it holds up no other
    ],
)  # fmt: skip
def test_whose_turn_it_is(
    calls: list[OpenCall], last: Turn | None, display: str, expected: Speak | AskAgain | None
) -> None:
    assert next_turn(calls, last, display=display, now=MORNING) == expected


@pytest.mark.parametrize(("behind", "is_rush"), [(0, False), (2, False), (3, True), (9, True)])
def test_a_call_with_three_others_behind_it_is_spoken_once(behind: int, is_rush: bool) -> None:
    others = [called(S, UUID(int=10 + n)) for n in range(behind)]
    assert next_turn([called(9 * S), *others], HALL, display="hall", now=MORNING) == Speak(FIRST, is_rush=is_rush)


def test_a_call_that_nobody_waits_for_any_more_makes_no_rush() -> None:
    old = [called(FORGOTTEN_AFTER, UUID(int=10 + n)) for n in range(5)]
    assert next_turn([*old, called(9 * S)], HALL, display="hall", now=MORNING) == Speak(FIRST)


def test_with_any_number_of_displays_each_call_is_spoken_once_and_none_at_the_same_time() -> None:
    """Three displays, the speaking one of which is switched off in the middle; time goes in steps of half a second."""
    calls = {UUID(int=n): MORNING + n * 7 * S for n in range(1, 7)}
    spoken: list[tuple[UUID, str, datetime]] = []
    last: Turn | None = None
    on = ["hall", "door", "stairs"]
    for step in range(300):
        now = MORNING + step * S / 2
        if now == MORNING + 18 * S:
            on.remove("hall")  # while it speaks: the call it was speaking was heard in part
        if last is not None and last.ended_at is None and last.display in on and now - last.began_at >= 10 * S:
            last = Turn(last.display, last.began_at, now)
        for display in on:
            open_calls = [
                OpenCall(one, at) for one, at in calls.items() if at <= now and one not in {done for done, *_ in spoken}
            ]
            if last is not None and last.display == display and last.ended_at is None:
                continue  # it is speaking, and does not ask
            answer = next_turn(open_calls, last, display=display, now=now)
            if isinstance(answer, Speak):
                assert last is None or last.ended_at is not None or now - last.began_at >= TURN_LIMIT
                spoken.append((answer.call_id, display, now))
                last = Turn(display, now, None)
    assert [call for call, *_ in spoken] == list(calls)
    speakers = [display for _, display, _ in spoken]
    assert speakers == ["hall", "hall", *["door"] * 4]  # one goes on until it is gone, then another one does
