"""How long somebody must wait after wrong passwords: growing delays, never a lock.

Three counts run side by side, because a lock on the account alone would let a stranger shut staff out, and a lock on
the address alone would shut out a whole hospital behind one router:

* the account from one address: the guesser at one machine; grows steeply
* the address: one machine trying many names; lenient, a ward's staff may share it
* the account from anywhere: many machines guessing one name; stays short

Only the first keeps somebody waiting who comes from where the account has signed in before: whatever strangers do, from
elsewhere or behind the same router, staff at their own desk get in.

Source: OWASP ASVS 5.0, 6.3.1.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    ACCOUNT_AT_ADDRESS = "account-at-address"
    ADDRESS = "address"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Rule:
    """``free`` failures cost nothing, the next one ``first_s``, each further one twice the last, up to ``longest_s``.

    A count that has not grown for ``forget_after`` starts again.
    """

    free: int
    first_s: float
    longest_s: float
    forget_after: timedelta

    def delay(self, failures: int) -> timedelta:
        if failures <= self.free:
            return timedelta(0)
        doublings = min(failures - self.free - 1, 32)
        return timedelta(seconds=min(self.first_s * 2**doublings, self.longest_s))


RULES: Final = {
    Scope.ACCOUNT_AT_ADDRESS: Rule(free=3, first_s=2, longest_s=900, forget_after=timedelta(hours=12)),
    Scope.ADDRESS: Rule(free=30, first_s=1, longest_s=300, forget_after=timedelta(hours=1)),
    Scope.ACCOUNT: Rule(free=20, first_s=1, longest_s=10, forget_after=timedelta(hours=1)),
}


def failures_after(scope: Scope, failures: int, *, last_failed_at: datetime, now: datetime) -> int:
    """Return the count after one more failure."""
    forgotten = now - last_failed_at >= RULES[scope].forget_after
    return 1 if forgotten else failures + 1


def waits_until(scope: Scope, failures: int, *, last_failed_at: datetime) -> datetime:
    """Return the instant from which the next attempt is listened to."""
    return last_failed_at + RULES[scope].delay(failures)
