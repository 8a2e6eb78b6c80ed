"""Growing delays: nobody is ever locked out, and guessing becomes slow."""

from datetime import UTC, datetime, timedelta

import pytest

from server.accounts.throttle import RULES, Scope, failures_after, waits_until

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scope", "failures", "delay_s"),
    [
        (Scope.ACCOUNT_AT_ADDRESS, 3, 0),  # three mistakes are free
        (Scope.ACCOUNT_AT_ADDRESS, 4, 2),
        (Scope.ACCOUNT_AT_ADDRESS, 5, 4),
        (Scope.ACCOUNT_AT_ADDRESS, 12, 512),
        (Scope.ACCOUNT_AT_ADDRESS, 13, 900),  # a quarter of an hour is the longest
        (Scope.ACCOUNT_AT_ADDRESS, 1_000_000, 900),
        (Scope.ADDRESS, 30, 0),  # a whole ward behind one address
        (Scope.ADDRESS, 31, 1),
        (Scope.ADDRESS, 1_000_000, 300),
        (Scope.ACCOUNT, 20, 0),
        (Scope.ACCOUNT, 1_000_000, 10),  # strangers everywhere delay the owner by seconds, not more
    ],
)
def test_the_delay_grows_by_doubling_up_to_a_limit(scope: Scope, failures: int, delay_s: int) -> None:
    assert waits_until(scope, failures, last_failed_at=NOW) - NOW == timedelta(seconds=delay_s)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_count_that_rested_long_enough_starts_again(scope: Scope) -> None:
    rest = RULES[scope].forget_after
    assert failures_after(scope, 7, last_failed_at=NOW - rest, now=NOW) == 1
    assert failures_after(scope, 7, last_failed_at=NOW - rest + timedelta(seconds=1), now=NOW) == 8


@pytest.mark.parametrize("scope", list(Scope))
def test_no_delay_outlasts_its_own_memory(scope: Scope) -> None:
    assert RULES[scope].delay(1_000_000) < RULES[scope].forget_after
