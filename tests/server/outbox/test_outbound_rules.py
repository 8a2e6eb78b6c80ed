"""What an answer of another system means for a message: the table, row by row, and the waits."""

from datetime import timedelta

import pytest

from server.domain.outbound import LONGEST_WAIT, TRIES, OutboundState, Verdict, next_of, verdict_of

TAKEN, UNREACHABLE, FAILED, REFUSED = Verdict.TAKEN, Verdict.UNREACHABLE, Verdict.FAILED, Verdict.REFUSED


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, TAKEN),
        (201, TAKEN),
        (202, TAKEN),
        (None, UNREACHABLE),  # no answer: nobody knows whether it was taken, the key will tell
        (301, UNREACHABLE),  # our address of it is old; a redirect would carry the token elsewhere
        (400, REFUSED),
        (401, UNREACHABLE),  # our token ran out: no fault of the message
        (403, UNREACHABLE),
        (404, UNREACHABLE),  # wrong path in config.yaml
        (405, UNREACHABLE),
        (408, UNREACHABLE),
        (409, FAILED),
        (410, REFUSED),
        (413, REFUSED),
        (422, REFUSED),
        (423, FAILED),
        (429, UNREACHABLE),
        (500, FAILED),
        (501, FAILED),
        (503, UNREACHABLE),
        (504, UNREACHABLE),
    ],
)
def test_the_status_of_an_answer_tells_what_became_of_the_message(status: int | None, verdict: Verdict) -> None:
    assert verdict_of(status) is verdict


@pytest.mark.parametrize(
    ("verdict", "tries", "state"),
    [
        (TAKEN, 1, OutboundState.SENT),
        (REFUSED, 1, OutboundState.DEAD),  # a person looks at once
        (FAILED, TRIES - 1, OutboundState.WAITING),
        (FAILED, TRIES, OutboundState.DEAD),  # and after hours of failures too
        (UNREACHABLE, 10_000, OutboundState.WAITING),  # a weekend without the other system costs no message
    ],
)
def test_what_became_of_a_message_decides_what_follows(verdict: Verdict, tries: int, state: OutboundState) -> None:
    after = next_of(verdict, tries=tries, jitter=0.5)
    assert after.state is state
    assert (after.wait is not None) is (state is OutboundState.WAITING)


def test_waits_double_up_to_a_quarter_of_an_hour_and_are_spread() -> None:
    spans = [next_of(UNREACHABLE, tries=tries, jitter=1.0).wait for tries in range(1, 14)]
    assert spans[:4] == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
    assert spans[-1] == LONGEST_WAIT
    assert next_of(UNREACHABLE, tries=3, jitter=0.0).wait == timedelta(seconds=4)


def test_the_other_systems_wish_to_wait_is_kept_within_reason() -> None:
    assert next_of(UNREACHABLE, tries=1, jitter=0, at_least=timedelta(seconds=90)).wait == timedelta(seconds=90)
    assert next_of(UNREACHABLE, tries=1, jitter=0, at_least=timedelta(days=9)).wait == LONGEST_WAIT
